/* What the mail about a disabled endpoint may name. */
#ifndef MEGURI_NOTIFICATIONS_WEBHOOK_NOTICE_H
#define MEGURI_NOTIFICATIONS_WEBHOOK_NOTICE_H

#include "api/db.h"

#include <jansson.h>

/* From a row with name, url, disabled_reason, last_error; a new reference. */
json_t *webhook_notice_values(const struct rows *rows, int i);

#endif
