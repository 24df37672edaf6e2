/* Values to show a template with. */
#ifndef MEGURI_NOTIFICATIONS_MAIL_SAMPLES_H
#define MEGURI_NOTIFICATIONS_MAIL_SAMPLES_H

#include "api/arena.h"
#include "api/db.h"

#include <jansson.h>

/* Rows of loadPreviewReminder, loadPreviewEndpoint and getDigest; NULL or empty = there is none, which a made-up one replaces (not for the
 * digest). */
struct mail_sample_rows {
    const struct rows *reminder, *endpoint, *digest;
};

/* A new reference. */
json_t *mail_sample(struct arena *arena, const char *kind, const char *language,
                    const struct mail_sample_rows *rows);

#endif
