/* What a reminder says, in Japanese or English: what, until when, why, what to do, for whom, from whom. Pure. */
#ifndef MEGURI_NOTIFICATIONS_TEXTS_H
#define MEGURI_NOTIFICATIONS_TEXTS_H

#include "api/arena.h"
#include "api/civil.h"

struct reminder_text {
    const char *language; /* "en", else Japanese */
    const char *client_name;
    const char *title; /* of the deadline, in that language */
    struct civil due_on;
    struct civil raw_on;  /* before it was rolled to a business day */
    struct civil today;   /* where the receiver is */
    const char *rule;     /* id of the rule it follows from; NULL = none */
    const char *hardness; /* hard, policy, law, own */
    const char *receiver_name;
    const char *consultancy_name;
    const char *sender_name;
    const char *link; /* where he acknowledges or puts it off; NULL = nowhere */
};

/* One line; strings in the arena. */
const char *reminder_subject(struct arena *arena, const struct reminder_text *facts);
/* Several lines, each ending with \n. */
const char *reminder_body(struct arena *arena, const struct reminder_text *facts);

#endif
