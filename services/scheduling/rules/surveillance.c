/* Surveillance: judged over the dates that were held, not over what was planned. */
#include "services/scheduling/rules/surveillance.h"

#include <stdlib.h>

#define FIRST_LIMIT_MONTHS 12 /* SUR-01, HARD */

/* SUR-06 (17021-1 9.6.2.2) */
const char *const surveillance_contents[] = {
    "internal_audits_and_management_review",
    "action_on_earlier_findings",
    "complaints",
    "effectiveness_against_objectives",
    "progress_of_improvement",
    "operational_control",
    "changes",
    "use_of_marks",
    NULL,
};

static int compare_dates(const void *a, const void *b)
{
    const struct civil *left = a;
    const struct civil *right = b;

    return civil_compare(*left, *right);
}

static struct civil recert_date(const struct surveillance_facts *facts)
{
    switch (facts->recert_year_basis) {
    case SURVEILLANCE_BASIS_DECISION:
        return facts->recert_decision;
    case SURVEILLANCE_BASIS_AUDIT_END:
        return facts->recert_audit_end;
    case SURVEILLANCE_BASIS_EXPIRY:
        return facts->recert_expiry;
    }
    return CIVIL_NONE;
}

static bool held_in_year(const struct surveillance_facts *facts, int year)
{
    for (size_t i = 0; i < facts->surveillance_count; i++) {
        if (civil_year(facts->surveillance[i]) == year)
            return true;
    }
    return false;
}

/* SUR-03 (17021-1 9.1.3.3): one in every calendar year after that of the decision, except
 * recertification years. A surveillance in the decision's own year serves no other. */
static void find_missing_years(const struct surveillance_facts *facts,
                               struct surveillance_result *result)
{
    for (int year = civil_year(facts->decision_date) + 1; year <= facts->through_year;
         year++) {
        if (year == result->recert_year || held_in_year(facts, year))
            continue;
        if (result->missing_year_count < SURVEILLANCE_MOST_YEARS)
            result->missing_years[result->missing_year_count++] = year;
    }
}

/* SUR-01; SUR-05: no cap after a recertification. `held` is in order. */
static enum surveillance_verdict judge_first(const struct surveillance_facts *facts,
                                             const struct civil *held,
                                             struct civil deadline)
{
    if (facts->cycle_type == SURVEILLANCE_CYCLE_RECERT)
        return SURVEILLANCE_NOT_APPLICABLE;
    if (facts->surveillance_count > 0)
        return civil_compare(held[0], deadline) <= 0 ? SURVEILLANCE_KEPT
                                                     : SURVEILLANCE_BROKEN;
    return civil_year(deadline) <= facts->through_year ? SURVEILLANCE_BROKEN
                                                       : SURVEILLANCE_NOT_APPLICABLE;
}

/* SUR-04: from the decision to the first audit, from audit to audit, and to the
 * recertification audit when it is known. */
static enum surveillance_verdict judge_gaps(const struct surveillance_facts *facts,
                                            const struct civil *held,
                                            struct civil *ret_broken_after)
{
    struct civil last = facts->decision_date;

    *ret_broken_after = CIVIL_NONE;
    if (facts->max_gap_months <= 0)
        return SURVEILLANCE_NOT_APPLICABLE;
    for (size_t i = 0; i <= facts->surveillance_count; i++) {
        bool at_end = i == facts->surveillance_count;
        struct civil next = at_end ? facts->recert_audit_end : held[i];
        if (civil_is_none(next) || civil_before(next, last))
            continue;
        if (!civil_within_months(next, last, facts->max_gap_months)) {
            *ret_broken_after = last;
            return SURVEILLANCE_BROKEN;
        }
        last = next;
    }
    return SURVEILLANCE_KEPT;
}

/* SUR-01 (17021-1 9.1.3.3), inclusive */
struct civil surveillance_first_deadline(struct civil decision_date)
{
    return civil_add_months(decision_date, FIRST_LIMIT_MONTHS);
}

void surveillance_check(const struct surveillance_facts *facts,
                        struct surveillance_result *ret_result)
{
    struct civil held[SURVEILLANCE_MOST_AUDITS];
    struct civil recert = recert_date(facts);
    struct civil deadline = surveillance_first_deadline(facts->decision_date);
    struct surveillance_result result = {
        .recert_year = civil_is_none(recert) ? 0 : civil_year(recert),
        .first_deadline =
            facts->cycle_type == SURVEILLANCE_CYCLE_RECERT ? CIVIL_NONE : deadline,
    };

    for (size_t i = 0; i < facts->surveillance_count; i++)
        held[i] = facts->surveillance[i];
    qsort(held, facts->surveillance_count, sizeof held[0], compare_dates);
    find_missing_years(facts, &result);
    result.first = judge_first(facts, held, deadline);
    result.gap = judge_gaps(facts, held, &result.gap_broken_after);
    result.iso_compliant =
        result.first != SURVEILLANCE_BROKEN && result.missing_year_count == 0;
    *ret_result = result;
}

/* SUR-08 with CAL-04 */
struct civil surveillance_preparation_due(const struct business_calendar *calendar,
                                          struct civil first_day, int buffer_days)
{
    return business_day_roll(calendar, civil_add_days(first_day, -(int64_t)buffer_days),
                             BUSINESS_ROLL_PREV);
}
