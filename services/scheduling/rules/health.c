/* Health colours. */
#include "services/scheduling/rules/health.h"

const int health_escalation_days[] = {180, 90, 60, 30, 14, 7, 0};

enum health health_of_audit(const struct health_facts *facts)
{
    if (facts->held)
        return HEALTH_GREEN;
    if (civil_before(facts->hard_limit, facts->today))
        return HEALTH_RED;
    if (facts->booked || civil_before(facts->today, facts->window_start))
        return HEALTH_GREEN;
    if (civil_days_between(facts->today, facts->window_end) < HEALTH_AMBER_DAYS)
        return HEALTH_AMBER;
    return HEALTH_NOTICE;
}
