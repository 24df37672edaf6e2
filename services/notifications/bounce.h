/* Delivery status notifications (RFC 3464 in multipart/report of RFC 6522): which addresses did not take a mail. Pure. */
#ifndef MEGURI_NOTIFICATIONS_BOUNCE_H
#define MEGURI_NOTIFICATIONS_BOUNCE_H

#include "api/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* One recipient of a notification; strings in the arena, NULL when the field is missing. */
struct bounce {
    const char *address;  /* Final-Recipient, else Original-Recipient, without its type */
    const char *original; /* Original-Recipient: what we sent to, when it was forwarded */
    const char *action;   /* failed, delayed, delivered, relayed, expanded */
    const char *status;   /* "5.1.1" */
    const char *diagnostic;
};

enum { BOUNCES_MAX = 100 };

struct bounce_report {
    struct bounce items[BOUNCES_MAX];
    int count;
    const char *message_id; /* of the mail it is about, without <>; NULL = not told */
};

/* A report may also be a part or an attachment of the mail. false: there is none. */
bool bounce_read(struct arena *arena, const char *mail, size_t len,
                 struct bounce_report *ret);
/* The server said for good that it takes no mail for the address: action failed and a status of class 5. */
bool bounce_is_permanent(const struct bounce *bounce);

#endif
