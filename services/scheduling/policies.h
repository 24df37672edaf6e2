/* Every POLICY value of the certification rules: what no standard fixes, so that the consultancy, a certification body or one
 * certification may say it. One table names each value, its bounds, its default, the rule it belongs to and its meaning. */
#ifndef MEGURI_SCHEDULING_POLICIES_H
#define MEGURI_SCHEDULING_POLICIES_H

#include "services/scheduling/rules/backplan.h"
#include "services/scheduling/rules/cycle.h"

#include <jansson.h>
#include <stddef.h>

enum policy_kind { POLICY_NUMBER, POLICY_BOOL, POLICY_CHOICE, POLICY_MONTHS };

/* All values are int: a number, 0/1, the index of a choice, or a set of months (bit 0 January). Days, months or percent as the name says. */
struct policies {
    int expiry_convention; /* enum civil_convention */
    int year_end_closed;
    int anchor; /* enum cycle_anchor */
    int surv_before_months, surv_after_months;
    int recert_before_months, recert_latest_months;
    int major_closure_days, decision_days;
    int recert_year_basis; /* enum surveillance_basis */
    int max_gap_months;
    int early_threshold_months, restore_months;
    int max_suspension_months;
    int stage_gap_min_days, stage_gap_max_months;
    int ia_mr_required_before; /* 0 stage1, 1 stage2 */
    int minor_must_be_closed;
    int major_plan_days, major_evidence_days, minor_plan_days, minor_evidence_days;
    int client_verification_weeks;
    int audit_booking_days;
    int internal_audit_buffer_days, management_review_buffer_days;
    int notice_days_before, merge_within_months, special_within_months,
        allow_pull_forward;
    int move_warn_months;
    int change_audit_share_pct, change_merged_share_pct;
    int mark_removal_days;
    int busy_months;
    int min_total_months;
    int transfer_start_months;
    int min_adjust_pct, max_adjust_pct, stage1_share_pct, audit_time_round,
        max_remote_pct, quote_deviation_pct;
    int cert_issue_days, review_days, ca_days, stage2_bd, stage2_prep_days, stage1_bd;
    int mr_buffer_days, mr_days, ia_days, ops_days, documents_days, treatment_days;
    int risk_assessment_days, asset_inventory_days, scope_days;
    int appeal_days;
    int effort_stage1_days, effort_stage2_days, effort_surveillance_days,
        effort_recertification_days, effort_internal_audit_days, effort_other_audit_days;
    int effort_preparation_days, effort_capacity_days;
};

struct policy {
    const char *name; /* as in the contract */
    enum policy_kind kind;
    size_t offset;
    int fallback;
    int least, most;
    const char *const *choices; /* NULL-terminated, POLICY_CHOICE only */
    const char *rule;
    const char *meaning_ja;
    const char *meaning_en;
};

/* From weakest to strongest. */
enum policy_level {
    POLICY_DEFAULT,
    POLICY_CONSULTANCY,
    POLICY_BODY,
    POLICY_CERTIFICATION,
    POLICY_LEVELS
};
extern const char *const policy_level_names[POLICY_LEVELS];

/* The i-th row, NULL behind the last. */
const struct policy *policy_at(size_t index);
const struct policy *policy_find(const char *name);

/* What is in force: defaults under the objects of the three levels (index by policy_level; [POLICY_DEFAULT] is not read; NULL = none).
 * Values that do not fit the table are passed over: the contract refuses them before they are stored. */
void policies_effective(const json_t *const levels[POLICY_LEVELS], struct policies *ret);
/* The level one value comes from. */
enum policy_level policy_source(const struct policy *policy,
                                const json_t *const levels[POLICY_LEVELS]);

int policy_value(const struct policy *policy, const struct policies *policies);
/* The value as the contract writes it; new reference. */
json_t *policy_json(const struct policy *policy, const struct policies *policies);

/* As the rules want them. */
struct cycle_policy policies_cycle(const struct policies *policies);
struct backplan_policy policies_backplan(const struct policies *policies);

#endif
