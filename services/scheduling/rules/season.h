/* Busy months of the bodies and the shortest honest project (section 2.5, PLN-04, 05). */
#ifndef MEGURI_RULES_SEASON_H
#define MEGURI_RULES_SEASON_H

#include <stdbool.h>

#include "api/civil.h"

/* A set of months: bit 0 is January. */
#define SEASON_MONTH(month) (1u << ((month)-1))
#define SEASON_BUSY_MONTHS (SEASON_MONTH(12) | SEASON_MONTH(2) | SEASON_MONTH(3))

#define SEASON_MIN_TOTAL_MONTHS 4 /* PLN-04, POLICY */
#define SEASON_NOTICE_MONTHS 6    /* bodies write about half a year ahead */

/* PLN-05 */
bool season_is_busy(struct civil date, unsigned busy_months);

/* PLN-05: when to ask the body for a date in a busy month. */
struct civil season_book_by(struct civil audit_date);

/* PLN-04: the earliest certificate after that kick-off. */
struct civil season_earliest_certificate(struct civil kickoff, int min_total_months);

#endif
