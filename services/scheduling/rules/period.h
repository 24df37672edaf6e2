/* Validity periods of three years and what follows them (CAL-03, CYC-01, CYC-04). */
#ifndef MEGURI_RULES_PERIOD_H
#define MEGURI_RULES_PERIOD_H

#include "api/civil.h"

/* CYC-01 (17021-1 9.1.3.2): a cycle is three years. */
#define CYCLE_MONTHS 36

/* CAL-03: last day of the three years that begin on `start`. */
struct civil period_first_expiry(struct civil start, enum civil_convention convention);

/* CAL-03, REC-03: the expiry that follows an expiry. civil_end: the period begins the day
 * after and ends by the Civil Code (28 Feb 2025 -> 29 Feb 2028); same_day: the same day
 * three years later, so that repeated periods do not creep. */
struct civil period_next_expiry(struct civil expiry, enum civil_convention convention);

/* CYC-04, REC-05: uncertified days strictly between the old expiry and the new effective
 * date; 0 when they touch or overlap. */
int period_gap_days(struct civil old_expiry, struct civil effective);

#endif
