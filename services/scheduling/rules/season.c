/* Seasons and floors of projects. */
#include "services/scheduling/rules/season.h"

bool season_is_busy(struct civil date, unsigned busy_months)
{
    return (busy_months & SEASON_MONTH(civil_month(date))) != 0;
}

struct civil season_book_by(struct civil audit_date)
{
    return civil_add_months(audit_date, -SEASON_NOTICE_MONTHS);
}

struct civil season_earliest_certificate(struct civil kickoff, int min_total_months)
{
    return civil_add_months(kickoff, min_total_months);
}
