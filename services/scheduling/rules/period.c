/* Three-year validity periods. */
#include "services/scheduling/rules/period.h"

/* CAL-03 */
struct civil period_first_expiry(struct civil start, enum civil_convention convention)
{
    return civil_period_end(start, CYCLE_MONTHS, convention);
}

/* CAL-03, REC-03 (17021-1 9.6.3.2.3) */
struct civil period_next_expiry(struct civil expiry, enum civil_convention convention)
{
    if (convention == CIVIL_END_SAME)
        return civil_add_months(expiry, CYCLE_MONTHS);
    return civil_period_end(civil_add_days(expiry, 1), CYCLE_MONTHS, convention);
}

/* CYC-04 (17021-1 8.2.2) */
int period_gap_days(struct civil old_expiry, struct civil effective)
{
    int days = civil_days_between(old_expiry, effective) - 1;

    return days > 0 ? days : 0;
}
