/* PrivacyMark as a second scheme: terms of two years and renewal windows (PMK-01, 02). */
#ifndef MEGURI_RULES_PMARK_H
#define MEGURI_RULES_PMARK_H

#include "api/business_day.h"
#include "api/civil.h"

struct pmark_window {
    struct civil open;
    struct civil close;        /* as counted */
    struct civil close_rolled; /* PMK-02: a close on a closed day moves forward */
};

struct pmark_term {
    struct civil expiry;
    struct civil next_expiry;
};

/* PMK-02: renewal application from 8 to 4 months before the expiry. */
struct pmark_window pmark_renewal_window(const struct business_calendar *calendar,
                                         struct civil expiry);

/* PMK-01: two years, and the contiguous two after them. */
struct pmark_term pmark_term_of(struct civil granted);

#endif
