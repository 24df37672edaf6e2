/* Suspension: how long, and what follows. */
#include "services/scheduling/rules/suspension.h"

#include <stdbool.h>

static bool is_resolved(const struct suspension_facts *facts)
{
    if (civil_is_none(facts->resolved_date))
        return false;
    return civil_is_none(facts->today) ||
           civil_compare(facts->resolved_date, facts->today) <= 0;
}

/* SUS-02, SUS-03 (17021-1 9.6.5.4-5) */
struct suspension_result suspension_judge(const struct suspension_facts *facts)
{
    struct civil limit = civil_add_months(facts->start, facts->max_months);
    bool resolved = is_resolved(facts);
    struct civil judged = resolved ? facts->resolved_date : facts->today;
    struct suspension_result result = {.limit_date = limit};

    if (civil_before(limit, judged))
        result.status = SUSPENSION_WITHDRAW_OR_REDUCE;
    else
        result.status = resolved ? SUSPENSION_RESTORED : SUSPENSION_SUSPENDED;
    return result;
}
