/* A mail as RFC 5322 and MIME (RFC 2045-2047) bytes: always a plain text, and beside it (multipart/alternative) HTML when there is one, with CRLF, ready for DATA. Nothing a user typed can add a header: control bytes in
 * names and subject become spaces, addresses that are not plain are refused. */
#ifndef MEGURI_NOTIFICATIONS_MAIL_H
#define MEGURI_NOTIFICATIONS_MAIL_H

#include "api/arena.h"
#include "api/text.h"

#include <stdbool.h>
#include <stdint.h>

struct mail {
    const char *from_name; /* UTF-8; may be NULL */
    const char *from_address;
    const char *to_name; /* UTF-8; may be NULL */
    const char *to_address;
    const char *subject;     /* UTF-8 */
    const char *body;        /* UTF-8, lines end with \n */
    const char *html;        /* the same as HTML; NULL = text only */
    const char *reply_to;    /* NULL = none */
    const char *unsubscribe; /* https address of RFC 8058; NULL = none */
    const char *language;    /* "ja", "en" */
    const char *message_id;  /* without <>: "0199...@example.com" */
    int64_t date_us;
};

/* Appends the message. false (nothing appended) when an address or the message id is not plain. */
bool mail_write(struct text *out, const struct mail *mail);

/* ASCII, one @, letters, digits and .!#$%&'*+/=?^_`{|}~- before it, a host name behind it, at most 254 bytes. */
bool mail_address_valid(const char *address);

/* "Name <a@b>" or "a@b" in parts; strings in the arena, name NULL when there is none. false when the address is not plain. */
bool mail_split_address(struct arena *arena, const char *text, const char **ret_name,
                        const char **ret_address);

#endif
