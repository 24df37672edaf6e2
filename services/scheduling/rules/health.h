/* The colour of one planned audit or deadline on a day (section 4, product choice). */
#ifndef MEGURI_RULES_HEALTH_H
#define MEGURI_RULES_HEALTH_H

#include <stdbool.h>

#include "api/civil.h"

/* The last days of a window, in which a booking is urgent. */
#define HEALTH_AMBER_DAYS 30

enum health {
    HEALTH_GREEN,
    HEALTH_NOTICE, /* nothing booked although the window has begun */
    HEALTH_AMBER,  /* last 30 days of the window without a booking */
    HEALTH_RED     /* a HARD limit has passed */
};

struct health_facts {
    struct civil today;
    struct civil window_start;
    struct civil window_end;
    struct civil hard_limit;
    bool booked;
    bool held;
};

enum health health_of_audit(const struct health_facts *facts);

/* Section 4: days before a deadline at which somebody must hear of it, descending and
 * ended by 0. */
extern const int health_escalation_days[];

#endif
