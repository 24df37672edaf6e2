/* What the template of a reminder may name, in Japanese or English: what, until when, why, what to do. Pure. */
#ifndef MEGURI_NOTIFICATIONS_TEXTS_H
#define MEGURI_NOTIFICATIONS_TEXTS_H

#include "api/arena.h"
#include "api/civil.h"

#include <jansson.h>

struct reminder_text {
    const char *language; /* "en", else Japanese */
    const char *client_name;
    const char *title; /* of the deadline, in that language */
    struct civil due_on;
    struct civil raw_on;  /* before it was rolled to a business day */
    struct civil today;   /* where the receiver is */
    const char *rule;     /* id of the rule it follows from; NULL = none */
    const char *hardness; /* hard, policy, law, own */
    const char *link;     /* where he acknowledges or puts it off; NULL = nowhere */
};

/* A new reference. Names and meanings: the catalogue of templates (catalogues/mail_templates.json). */
json_t *reminder_values(struct arena *arena, const struct reminder_text *facts);

#endif
