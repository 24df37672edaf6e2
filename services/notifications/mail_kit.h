/* What a consultancy's mails are made with, loaded once for a batch: its server or the installation's, how it presents itself, its templates. */
#ifndef MEGURI_NOTIFICATIONS_MAIL_KIT_H
#define MEGURI_NOTIFICATIONS_MAIL_KIT_H

#include "smtp.h"

#include "api/jobs.h"
#include "api/db.h"
#include "api/text.h"

#include <jansson.h>

struct mail_kit {
    const struct smtp_server *server; /* url NULL = mails can not be sent */
    const char *consultancy;          /* its id */
    const char *consultancy_name, *sender_name, *reply_to;
    const char *brand_color, *logo_url, *footer_ja, *footer_en;
    const json_t *templates; /* {"reminder.ja": {subject, text, html}} */
    int64_t now_us;
};

/* One mail to be written. */
struct mail_letter {
    const char *kind, *language; /* which template */
    json_t *values;              /* what its kind adds; the reference is taken */
    const char *receiver_id;     /* who may end these mails; NULL = nobody */
    const char *receiver_name, *address;
    const char *message_id; /* its part before the @ */
    const char *subject;    /* set: as it was rendered; in the arena */
};

/* A rendered template; strings in the arena, html NULL when it has none. */
struct mail_content {
    const char *subject, *text, *html;
};

/* From the row of loadMailKit. NULL after logging why: the password of the server does not open. */
const struct mail_kit *mail_kit_read(struct arena *arena, const char *consultancy,
                                     const struct rows *rows, int64_t now_us);
/* The same for a job, which has its own statement loadMailKit; NULL after logging why. */
const struct mail_kit *mail_kit_load(struct job_run *run);

/* Adds to letter->values what every template may name. */
void mail_kit_add_common(struct arena *arena, const struct mail_kit *kit,
                         const struct mail_letter *letter);
/* {subject, text, html} with the values. A subject is one line. */
struct mail_content mail_kit_render(struct arena *arena, const json_t *template,
                                    const json_t *values);

/* Appends the whole message. false (nothing appended): an address is not plain. */
bool mail_kit_write(struct arena *arena, const struct mail_kit *kit,
                    struct mail_letter *letter, struct text *out);

#endif
