/* Recertification: which expiry the decision brings. */
#include "services/scheduling/rules/recertification.h"

#include "services/scheduling/rules/period.h"

/* REC-04: early is measured at the audit's last day, inclusive (ASR's published case). */
static bool is_early(const struct recert_facts *facts)
{
    struct civil limit = civil_add_months(facts->expiry, -facts->early_threshold_months);

    return civil_compare(facts->audit_last_day, limit) <= 0;
}

static enum recert_status status_of(const struct recert_facts *facts,
                                    struct civil restore_until)
{
    if (facts->majors_open)
        return RECERT_NOT_ALLOWED_OPEN_MAJOR; /* REC-02 */
    if (civil_before(restore_until, facts->decision_date))
        return RECERT_STAGE2_REQUIRED; /* REC-06 */
    if (civil_before(facts->expiry, facts->decision_date))
        return RECERT_RESTORED; /* REC-05 */
    return is_early(facts) ? RECERT_RENEWED_EARLY_RESET : RECERT_RENEWED_IN_TIME;
}

/* A cycle that starts with this decision: early reset (REC-04) or too late (REC-06). */
static bool starts_anew(enum recert_status status)
{
    return status == RECERT_RENEWED_EARLY_RESET || status == RECERT_STAGE2_REQUIRED;
}

static int lost_days(const struct recert_facts *facts, struct civil new_expiry)
{
    struct civil kept = period_next_expiry(facts->expiry, facts->expiry_convention);

    return civil_days_between(new_expiry, kept);
}

/* REC-02..06 (17021-1 9.6.3.2.2-9.6.3.2.5) */
struct recert_result recert_decide(const struct recert_facts *facts)
{
    struct civil until = recert_restore_deadline(facts->expiry, facts->restore_months);
    enum recert_status status = status_of(facts, until);
    struct recert_result result = {
        .status = status,
        .effective_date = CIVIL_NONE,
        .new_expiry = CIVIL_NONE,
        .restore_until = until,
        .anchor_is_decision = starts_anew(status),
    };

    if (status == RECERT_NOT_ALLOWED_OPEN_MAJOR)
        return result;
    result.effective_date = facts->decision_date;
    result.gap_days = period_gap_days(facts->expiry, facts->decision_date);
    result.new_expiry =
        starts_anew(status)
            ? period_first_expiry(facts->decision_date, facts->expiry_convention)
            : period_next_expiry(facts->expiry, facts->expiry_convention);
    if (status == RECERT_RENEWED_EARLY_RESET)
        result.lost_days = lost_days(facts, result.new_expiry);
    return result;
}

/* REC-05 (17021-1 9.6.3.2.5) */
struct civil recert_restore_deadline(struct civil expiry, int months)
{
    return civil_add_months(expiry, months);
}
