/* One conversation with the mail server by libcurl; the connection is kept for the mails of a batch. One thread at a time. */
#ifndef MEGURI_NOTIFICATIONS_SMTP_H
#define MEGURI_NOTIFICATIONS_SMTP_H

#include "api/arena.h"
#include "api/config.h"

#include <stdbool.h>
#include <stddef.h>

struct smtp;

/* Once per process, before threads: checks MEGURI_MAIL_FROM, reads the password file. Ends the program when they are no good. */
void smtp_init(const struct config *config);

/* Is a mail server configured? */
bool smtp_configured(void);
/* Parts of MEGURI_MAIL_FROM. The name may be NULL. */
const char *smtp_from_address(void);
const char *smtp_from_name(void);

/* Closed with the arena. Connects at the first mail. */
struct smtp *smtp_open(struct arena *arena);

enum smtp_outcome {
    SMTP_SENT,
    SMTP_TEMPORARY, /* try again: no connection, time-out, 4xx, sign-in refused */
    SMTP_PERMANENT  /* 5xx to this mail: trying again is useless */
};

/* Sends one message; at most timeout_ms in all and 5 s to connect. ret_words (in the arena): what the server or the network said. */
enum smtp_outcome smtp_send(struct smtp *smtp, struct arena *arena, const char *to,
                            const char *data, size_t len, long timeout_ms,
                            const char **ret_words);

#endif
