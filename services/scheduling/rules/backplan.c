/* The plan is a chain of steps backwards; each step names the milestone it gives, the one
 * it is counted from and the duration in between. */
#include "services/scheduling/rules/backplan.h"

#define LATER_DATE_MOST_DAYS 1100

const char *const backplan_milestone_names[BACKPLAN_MILESTONES] = {
    [BACKPLAN_KICKOFF] = "kickoff",
    [BACKPLAN_ASSET_INVENTORY_START] = "asset_inventory_start",
    [BACKPLAN_RISK_ASSESSMENT_START] = "risk_assessment_start",
    [BACKPLAN_TREATMENT_START] = "treatment_start",
    [BACKPLAN_DOCUMENTS_START] = "documents_start",
    [BACKPLAN_OPERATION_START] = "operation_start",
    [BACKPLAN_INTERNAL_AUDIT_START] = "internal_audit_start",
    [BACKPLAN_INTERNAL_AUDIT_END] = "internal_audit_end",
    [BACKPLAN_MANAGEMENT_REVIEW] = "management_review",
    [BACKPLAN_STAGE1_FIRST] = "stage1_first",
    [BACKPLAN_STAGE1_LAST] = "stage1_last",
    [BACKPLAN_STAGE2_FIRST] = "stage2_first",
    [BACKPLAN_STAGE2_LAST] = "stage2_last",
    [BACKPLAN_CA_ACCEPTED] = "ca_accepted",
    [BACKPLAN_DECISION] = "decision",
    [BACKPLAN_CERTIFICATE] = "certificate",
};

const char *const backplan_alternative_names[BACKPLAN_ALTERNATIVES] = {
    [BACKPLAN_TRY_VARIANT_B] = "variant_ia_between_stages",
    [BACKPLAN_TRY_SHORTER_BUFFERS] = "shorter_buffers",
    [BACKPLAN_TRY_SMALLER_SCOPE] = "smaller_scope",
    [BACKPLAN_TRY_LATER_DATE] = "later_date",
};

static struct business_calendar calendar_of(const struct backplan_facts *facts)
{
    return (struct business_calendar){
        .year_end_closed = facts->policy.year_end_closed,
        .changes = facts->holiday_changes,
        .change_count = facts->holiday_change_count,
    };
}

static void step_back(const struct business_calendar *calendar, struct backplan *plan,
                      enum backplan_milestone to, enum backplan_milestone from, int days)
{
    plan->raw[to] = civil_add_days(plan->date[from], -(int64_t)days);
    plan->date[to] = business_day_roll(calendar, plan->raw[to], BUSINESS_ROLL_PREV);
}

/* An audit of `audit_days` business days that ends on `last`. */
static void audit_back(const struct business_calendar *calendar, struct backplan *plan,
                       enum backplan_milestone first, enum backplan_milestone last,
                       int audit_days)
{
    plan->date[first] = business_day_add(calendar, plan->date[last], -(audit_days - 1));
    plan->raw[first] = plan->date[first];
}

static void plan_audits(const struct business_calendar *calendar,
                        const struct backplan_policy *policy, struct backplan *plan)
{
    step_back(calendar, plan, BACKPLAN_DECISION, BACKPLAN_CERTIFICATE,
              policy->cert_issue_days);
    step_back(calendar, plan, BACKPLAN_CA_ACCEPTED, BACKPLAN_DECISION,
              policy->review_days);
    step_back(calendar, plan, BACKPLAN_STAGE2_LAST, BACKPLAN_CA_ACCEPTED,
              policy->ca_days);
    audit_back(calendar, plan, BACKPLAN_STAGE2_FIRST, BACKPLAN_STAGE2_LAST,
               policy->stage2_bd);
    step_back(calendar, plan, BACKPLAN_STAGE1_LAST, BACKPLAN_STAGE2_FIRST,
              policy->stage2_prep_days);
    audit_back(calendar, plan, BACKPLAN_STAGE1_FIRST, BACKPLAN_STAGE1_LAST,
               policy->stage1_bd);
}

/* Internal audit and review before the stage that must find them done; in variant B the
 * operation has begun by stage 1 at the latest. */
static void plan_checks(const struct business_calendar *calendar,
                        const struct backplan_facts *facts, struct backplan *plan)
{
    const struct backplan_policy *policy = &facts->policy;
    bool between = facts->variant == BACKPLAN_IA_BETWEEN_STAGES;

    step_back(calendar, plan, BACKPLAN_MANAGEMENT_REVIEW,
              between ? BACKPLAN_STAGE2_FIRST : BACKPLAN_STAGE1_FIRST,
              policy->mr_buffer_days);
    step_back(calendar, plan, BACKPLAN_INTERNAL_AUDIT_END, BACKPLAN_MANAGEMENT_REVIEW,
              policy->mr_days);
    step_back(calendar, plan, BACKPLAN_INTERNAL_AUDIT_START, BACKPLAN_INTERNAL_AUDIT_END,
              policy->ia_days);
    step_back(calendar, plan, BACKPLAN_OPERATION_START, BACKPLAN_INTERNAL_AUDIT_START,
              policy->ops_days);
    if (between)
        plan->date[BACKPLAN_OPERATION_START] = civil_earlier(
            plan->date[BACKPLAN_OPERATION_START], plan->date[BACKPLAN_STAGE1_FIRST]);
}

static void plan_building(const struct business_calendar *calendar,
                          const struct backplan_policy *policy, struct backplan *plan)
{
    step_back(calendar, plan, BACKPLAN_DOCUMENTS_START, BACKPLAN_OPERATION_START,
              policy->documents_days);
    step_back(calendar, plan, BACKPLAN_TREATMENT_START, BACKPLAN_DOCUMENTS_START,
              policy->treatment_days);
    step_back(calendar, plan, BACKPLAN_RISK_ASSESSMENT_START, BACKPLAN_TREATMENT_START,
              policy->risk_assessment_days);
    step_back(calendar, plan, BACKPLAN_ASSET_INVENTORY_START,
              BACKPLAN_RISK_ASSESSMENT_START, policy->asset_inventory_days);
    step_back(calendar, plan, BACKPLAN_KICKOFF, BACKPLAN_ASSET_INVENTORY_START,
              policy->scope_days);
}

/* PLN-02, PLN-03 */
static void judge(const struct backplan_facts *facts, struct backplan *plan)
{
    bool between = facts->variant == BACKPLAN_IA_BETWEEN_STAGES;

    plan->audit_not_after_stage1 =
        between && civil_compare(plan->date[BACKPLAN_INTERNAL_AUDIT_START],
                                 plan->date[BACKPLAN_STAGE1_LAST]) <= 0;
    plan->body_refuses_variant = between && facts->policy.ia_mr_required_before_stage1;
    plan->kickoff_is_past = civil_before(plan->date[BACKPLAN_KICKOFF], facts->today);
    plan->order_ok = !plan->audit_not_after_stage1 && !plan->body_refuses_variant;
    plan->feasible = plan->order_ok && !plan->kickoff_is_past;
}

/* PLN-01 */
void backplan_make(const struct backplan_facts *facts, struct backplan *ret_plan)
{
    struct business_calendar calendar = calendar_of(facts);
    struct backplan plan = {
        .date[BACKPLAN_CERTIFICATE] = facts->target_certificate_date,
        .raw[BACKPLAN_CERTIFICATE] = facts->target_certificate_date,
    };

    plan_audits(&calendar, &facts->policy, &plan);
    plan_checks(&calendar, facts, &plan);
    plan_building(&calendar, &facts->policy, &plan);
    judge(facts, &plan);
    *ret_plan = plan;
}

static void halve(int *days)
{
    *days = (*days + 1) / 2;
}

static bool kickoff_is_future(const struct backplan_facts *facts, int days_later)
{
    struct backplan_facts later = *facts;
    struct backplan plan;

    later.target_certificate_date =
        civil_add_days(later.target_certificate_date, days_later);
    backplan_make(&later, &plan);
    return !plan.kickoff_is_past;
}

/* A later target never makes the kick-off earlier, so the first good day is found by
 * halving. */
static bool find_later_date(struct backplan_facts *facts)
{
    int low = 1;
    int high = LATER_DATE_MOST_DAYS;

    if (!kickoff_is_future(facts, high))
        return false;
    while (low < high) {
        int middle = (low + high) / 2;
        if (kickoff_is_future(facts, middle))
            high = middle;
        else
            low = middle + 1;
    }
    facts->target_certificate_date = civil_add_days(facts->target_certificate_date, low);
    return true;
}

static void shorten_buffers(struct backplan_policy *policy)
{
    halve(&policy->mr_buffer_days);
    halve(&policy->stage2_prep_days);
    halve(&policy->ca_days);
}

static void shrink_scope(struct backplan_policy *policy)
{
    halve(&policy->asset_inventory_days);
    halve(&policy->risk_assessment_days);
    halve(&policy->treatment_days);
    halve(&policy->documents_days);
    halve(&policy->ia_days);
}

bool backplan_alternative_facts(const struct backplan_facts *facts,
                                enum backplan_alternative alternative,
                                struct backplan_facts *ret_facts)
{
    struct backplan_facts changed = *facts;

    if (alternative == BACKPLAN_TRY_VARIANT_B) {
        if (facts->variant == BACKPLAN_IA_BETWEEN_STAGES)
            return false;
        changed.variant = BACKPLAN_IA_BETWEEN_STAGES;
    } else if (alternative == BACKPLAN_TRY_SHORTER_BUFFERS) {
        shorten_buffers(&changed.policy);
    } else if (alternative == BACKPLAN_TRY_SMALLER_SCOPE) {
        shrink_scope(&changed.policy);
    } else if (!find_later_date(&changed)) {
        return false;
    }
    *ret_facts = changed;
    return true;
}
