/* Retention of records. */
#include "services/scheduling/rules/retention.h"

#include "services/scheduling/rules/period.h"

struct civil retention_keep_until(struct civil cycle_end)
{
    return period_next_expiry(cycle_end, CIVIL_END_BEFORE);
}
