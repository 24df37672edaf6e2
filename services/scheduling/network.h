/* A plan as a network of tasks on business days: what depends on what, what moves when one slips, which tasks carry the end (critical path
 * method). A task begins on the business day after those it waits for have ended; nothing is ever pulled earlier. Pure. */
#ifndef MEGURI_SCHEDULING_NETWORK_H
#define MEGURI_SCHEDULING_NETWORK_H

#include "api/business_day.h"

#include <stdbool.h>

#define NETWORK_MOST_TASKS 500

struct network_task {
    struct civil start, end; /* business days, start <= end; moved by network_push */
    struct civil done_on;    /* none while open; a done task never moves */
    bool fixed;        /* has its days from elsewhere: is not moved, clashes instead */
    const int *before; /* indexes of the tasks it waits for */
    int before_count;
    /* results */
    struct civil ready; /* the first day on which it could begin; none without a wait */
    bool clash;         /* fixed, and begins before it is ready */
    int slack;          /* business days its end may slip before the plan's end does */
    bool critical;      /* open and without slack */
    struct civil early_start, early_end; /* as soon as what it waits for allows */
    struct civil late_start, late_end;   /* its days moved by its slack */
    int room; /* business days from early_end to late_end: the total float */
};

/* An order in which everybody follows whom it waits for. False when the dependencies go round: *ret_count is then how many could be ordered,
 * and the rest are in or behind a circle. order has room for count. */
bool network_order(const struct network_task *tasks, int count, int *order,
                   int *ret_count);

/* Moves what waits behind what it waits for. today: open tasks that should have ended end today at the earliest (none: as planned).
 * Applying it twice moves nothing more. */
void network_push(const struct business_calendar *calendar, struct network_task *tasks,
                  int count, const int *order, struct civil today);

/* Slack and critical path against the last end of all. */
void network_float(const struct business_calendar *calendar, struct network_task *tasks,
                   int count, const int *order);

/* Earliest and latest days, after network_float. Without a wait a task begins at the earliest as planned; fixed ones as fixed; of a done one all
 * four are the days on which it was done. */
void network_bounds(const struct business_calendar *calendar, struct network_task *tasks,
                    int count, const int *order);

/* Last end of all; of a done task the day it was done. */
struct civil network_end(const struct network_task *tasks, int count);

/* Open days after a up to b; negative when b is earlier. */
int network_distance(const struct business_calendar *calendar, struct civil a,
                     struct civil b);

#endif
