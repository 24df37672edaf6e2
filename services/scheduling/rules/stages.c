/* Gaps and gates of the initial audit. */
#include "services/scheduling/rules/stages.h"

const char *const gate_item_names[GATE_ITEMS] = {
    [GATE_SCOPE] = "scope",
    [GATE_RISK_ASSESSMENT] = "risk_assessment",
    [GATE_SOA] = "soa",
    [GATE_INTERNAL_AUDIT_FULL_SCOPE] = "internal_audit_full_scope",
    [GATE_MANAGEMENT_REVIEW] = "management_review",
};

static enum stage_gap_code gap_code(const struct stage_gap_facts *facts, int days)
{
    if (days < 0)
        return STAGE_GAP_STAGE2_BEFORE_STAGE1;
    if (facts->significant_change)
        return STAGE_GAP_REPEAT_STAGE1_REVIEW;
    if (days < facts->min_days)
        return STAGE_GAP_TOO_SHORT;
    if (!civil_within_months(facts->stage2_first_day, facts->stage1_last_day,
                             facts->max_months))
        return STAGE_GAP_REPEAT_STAGE1_REVIEW;
    return STAGE_GAP_OK;
}

/* INI-02 (17021-1 9.3.1.2.4) */
struct stage_gap_result stage_gap_check(const struct stage_gap_facts *facts)
{
    int days = civil_days_between(facts->stage1_last_day, facts->stage2_first_day);

    return (struct stage_gap_result){
        .code = gap_code(facts, days),
        .days = days,
        .earliest = civil_add_days(facts->stage1_last_day, facts->min_days),
        .latest = civil_add_months(facts->stage1_last_day, facts->max_months),
    };
}

static bool all_done(const bool *done, int first_left_out)
{
    for (int item = 0; item < first_left_out; item++) {
        if (!done[item])
            return false;
    }
    return true;
}

/* INI-03 (27006:2015 9.1.3), NC-01 (17021-1 9.5.2): majors verified, minors with an
 * accepted plan; closed minors only where the body says so. */
bool initial_gate_may_decide(const struct initial_gate_facts *facts)
{
    if (facts->open_majors > 0 || facts->minors_without_accepted_plan > 0)
        return false;
    if (facts->minor_must_be_closed && facts->open_minors > 0)
        return false;
    return all_done(facts->done, GATE_ITEMS);
}

/* INI-03, body flag ia_mr_required_before */
bool initial_gate_may_start_stage1(const struct initial_gate_facts *facts,
                                   bool ia_mr_required_before_stage1)
{
    if (ia_mr_required_before_stage1)
        return all_done(facts->done, GATE_ITEMS);
    return all_done(facts->done, GATE_INTERNAL_AUDIT_FULL_SCOPE);
}
