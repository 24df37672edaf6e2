/* Recurring work between audits (SUR-08, PMK-03): when it is due, and which of its days a piece of work that was done stands for. Pure. */
#ifndef MEGURI_RULES_OBLIGATION_H
#define MEGURI_RULES_OBLIGATION_H

#include <stdbool.h>
#include <stddef.h>

#include "api/civil.h"

#define OBLIGATION_MOST_DAYS 48

struct obligation_terms {
    int interval_months; /* 1..36 */
    int preferred_month; /* 1..12; 0: none */
};

/* The time before one audit, or before one renewal. */
struct obligation_period {
    struct civil since; /* work done after it counts for this period */
    struct civil limit; /* last day for it */
    struct civil held;  /* the audit was held on this day; CIVIL_NONE: not yet */
    int place;          /* the caller's own number of the period */
};

struct obligation_day {
    struct civil due;
    struct civil after;  /* work done after it can stand for this day */
    struct civil closes; /* and until this one; CIVIL_NONE: any time */
    struct civil done;   /* CIVIL_NONE: nothing does */
    bool missed; /* nothing can any more: the audit was held, or later work was done */
    int place;   /* of its period */
    int back;    /* 0: the last day of its period, 1 the one before, ... */
};

struct obligation_plan {
    struct obligation_day days[OBLIGATION_MOST_DAYS]; /* in order */
    size_t count;
};

/* The last day of the preferred month on or before the limit; the limit itself when there is no preference or when it would lie on or before
 * `since`. */
struct civil obligation_place(const struct obligation_terms *terms, struct civil since,
                              struct civil limit);

/* Every period ends with one day of the work, placed on or before its limit; where that is longer than the interval after the period's
 * beginning the work is repeated backwards, intervals of two years and more leave out periods after which the next one still comes in time. Days before starts_on are left out. done: days on which
 * work was done, in order; each stands for one day at most: the earliest that it can. */
void obligation_plan_make(const struct obligation_terms *terms,
                          const struct obligation_period *periods, size_t period_count,
                          struct civil starts_on, const struct civil *done,
                          size_t done_count, struct obligation_plan *ret_plan);

#endif
