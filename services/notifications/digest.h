/* What a digest mail says, in Japanese or English. Pure. */
#ifndef MEGURI_NOTIFICATIONS_DIGEST_H
#define MEGURI_NOTIFICATIONS_DIGEST_H

#include "api/arena.h"

#include <jansson.h>

struct digest_text {
    const char *language; /* "en", else Japanese */
    const char *receiver_name;
    const char *consultancy_name;
    const char *sender_name;
    const char *on; /* the day, as a date */
    const json_t *counts;
    const json_t *overdue, *this_week, *next_30_days, *audits, *findings; /* lists */
};

/* One line; strings in the arena. */
const char *digest_subject(struct arena *arena, const struct digest_text *facts);
/* Several lines, each ending with \n; an empty part is left out. */
const char *digest_body(struct arena *arena, const struct digest_text *facts);

#endif
