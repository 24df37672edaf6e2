/* What the template of a digest may name. Pure. */
#ifndef MEGURI_NOTIFICATIONS_DIGEST_H
#define MEGURI_NOTIFICATIONS_DIGEST_H

#include "api/db.h"

#include <jansson.h>

/* From the row of getDigest, in that language; a new reference. */
json_t *digest_values(const struct rows *rows, const char *language);

#endif
