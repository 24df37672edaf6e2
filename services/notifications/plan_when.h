/* The part of planning that belongs to one (deadline, policy, receiver); the rules stand in plan.h. */
#ifndef MEGURI_NOTIFICATIONS_PLAN_WHEN_H
#define MEGURI_NOTIFICATIONS_PLAN_WHEN_H

#include "plan.h"

struct pairing {
    struct arena *arena;
    struct reminder_plan *plan;
    const struct reminder_facts *facts;
    const struct reminder_deadline *deadline;
    const struct reminder_policy *policy;
    const struct reminder_receiver *receiver;
    const struct reminder_mark *mark; /* NULL = he has said nothing */
    size_t first;                     /* of its items in the plan */
};

/* Appends what he wants before and after the due date, and on the day until which he put it off. */
void pair_want(const struct pairing *pair);
/* Appends the step of an escalation, unless he is told under that offset anyway. */
void pair_escalate(const struct pairing *pair, int after_days);

/* The deadline is hard or set by law and the mark is a client's: it silences nothing for good. */
bool reminder_is_protected(const struct reminder_deadline *deadline,
                           const struct reminder_mark *mark);

#endif
