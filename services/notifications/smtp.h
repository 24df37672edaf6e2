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

/* Where mails go. */
struct smtp_server {
    const char *url; /* smtp://host:port or smtps://host:port */
    const char *user, *password;
    const char *from_address;
    long tls; /* CURLUSESSL_* */
    bool
        guarded; /* chosen by a consultancy: only addresses that a stranger may lead us to (ssrf.h), ports 25, 465, 587, 2525 */
};

/* The operator's; its url is NULL when there is none, its from_address is always there. */
const struct smtp_server *smtp_installation(void);
/* A consultancy's own: tls "starttls" or "implicit"; strings in the arena. */
const struct smtp_server *smtp_own(struct arena *arena, const char *host,
                                   const char *port, const char *tls, const char *user,
                                   const char *password, const char *from_address);
/* Closed with the arena. Connects at the first mail; the connection is kept for the next ones. */
struct smtp *smtp_open(struct arena *arena, const struct smtp_server *server);

enum smtp_outcome {
    SMTP_SENT,
    SMTP_TEMPORARY, /* try again: no connection, time-out, 4xx, sign-in refused */
    SMTP_PERMANENT  /* 5xx to this mail: trying again is useless */
};

/* Why the last mail was not sent, as a label of metrics: none, guard, timeout, connect, tls, sign_in, 4xx, 5xx, network. */
const char *smtp_reason(const struct smtp *smtp);

/* Sends one message; at most timeout_ms in all and 5 s to connect. ret_words (in the arena): what the server or the network said. */
enum smtp_outcome smtp_send(struct smtp *smtp, struct arena *arena, const char *to,
                            const char *data, size_t len, long timeout_ms,
                            const char **ret_words);

#endif
