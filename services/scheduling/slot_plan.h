/* Placing the slots of an audit's plan into its days: a proposal that a person then mends. Pure: no clock, no database.
 *
 * Times are minutes since midnight in Asia/Tokyo. Whoever takes part is a number; the first auditor_count numbers are the auditors, 0 the lead.
 * With no auditor known yet, the audit is one nameless track. */
#ifndef MEGURI_SCHEDULING_SLOT_PLAN_H
#define MEGURI_SCHEDULING_SLOT_PLAN_H

#include <stdbool.h>
#include <stddef.h>

enum { SLOT_STEP = 15, SLOT_MOST_WANTS = 200, SLOT_MOST_DAYS = 31 };

/* Which auditors a slot needs. */
enum slot_auditors {
    SLOT_ALL_AUDITORS,
    SLOT_LEAD,
    SLOT_ANY_AUDITOR /* the one with the least to do so far */
};

enum slot_order {
    SLOT_FIRST, /* before everything else */
    SLOT_BETWEEN,
    SLOT_LATE, /* after all that, as late as it can be */
    SLOT_LAST  /* after everything else */
};

/* One slot that the plan should have. */
struct slot_want {
    int most, minutes,
        least; /* when there is time to spare; wished; when the days do not suffice */
    enum slot_auditors auditors;
    enum slot_order order;
    const int *people; /* numbers of those who must be there */
    size_t people_count;
};

struct slot_busy {
    int who;
    int day; /* index of the day */
    int from, to;
};

struct slot_question {
    int day_count;            /* at most SLOT_MOST_DAYS */
    int open, close;          /* hours of each day */
    int lunch_from, lunch_to; /* equal: none */
    int auditor_count;
    const struct slot_busy *busy;
    size_t busy_count;
    const struct slot_want *wants; /* at most SLOT_MOST_WANTS */
    size_t want_count;
};

struct slot_place {
    bool placed;
    int day, from, to;
    int auditor; /* SLOT_ANY_AUDITOR and SLOT_LEAD: which; -1: all, or nobody is known */
};

/* Fills one place per want. With the longest minutes with which everything fits: most, halfway between, wished, least; what does not fit even with
 * the least is not placed.
 * Nobody is in two places at once, nor where he is busy; every place is inside the hours and not over lunch. */
void slot_plan(const struct slot_question *question, struct slot_place *ret_places);

#endif
