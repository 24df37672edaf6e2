/* Deadlines that findings and changes bring. */
#include "services/scheduling/plan_make.h"

#include "services/scheduling/rules/change.h"

#include <string.h>

/* ---- findings ---- */

static const char *finding_key(const struct plan *plan,
                               const struct finding_fact *finding,
                               enum plan_deadline_kind kind)
{
    return arena_printf(plan->arena, "%s:finding:%s:%s", plan->facts->certification.id,
                        finding->id, plan_deadline_name(kind));
}

static void add_finding(struct plan *plan, const struct finding_fact *finding,
                        const struct plan_deadline *deadline)
{
    bool major = finding->grade == FINDING_MAJOR;
    const char *reference = finding->reference;
    struct plan_deadline full = *deadline;
    full.source_key = finding_key(plan, finding, deadline->kind);
    full.due_on = CIVIL_NONE;
    full.audit_fact = finding->audit;
    full.finding_id = finding->id;
    plan_add(plan, &full,
             arena_printf(plan->arena, "%s%s%s%s",
                          major ? "重大な不適合" : "軽微な不適合", reference ? "（" : "",
                          reference ? reference : "", reference ? "）" : ""),
             arena_printf(plan->arena, "%s nonconformity%s%s", major ? "major" : "minor",
                          reference ? " " : "", reference ? reference : ""));
}

/* The first of the days that is known. */
static struct civil first_known(struct civil a, struct civil b, struct civil c)
{
    if (!civil_is_none(a))
        return a;
    return civil_is_none(b) ? c : b;
}

static struct civil solved_on(const struct finding_fact *finding)
{
    return first_known(finding->verified_on, finding->closed_on, CIVIL_NONE);
}

static struct civil planned_on(const struct finding_fact *finding)
{
    return first_known(finding->plan_submitted_on, finding->plan_accepted_on,
                       solved_on(finding));
}

static struct civil evidenced_on(const struct finding_fact *finding)
{
    return first_known(finding->evidence_submitted_on, solved_on(finding), CIVIL_NONE);
}

/* NC-03: days that the body gives from the closing meeting. */
static void add_answers(struct plan *plan, const struct finding_fact *finding,
                        struct civil closing)
{
    static const char *const names[2][2] = {{"minor_plan_days", "minor_evidence_days"},
                                            {"major_plan_days", "major_evidence_days"}};
    bool major = finding->grade == FINDING_MAJOR;
    for (int evidence = 0; evidence < 2; evidence++) {
        const char *name = names[major][evidence];
        int days = policy_value(policy_find(name), &plan->facts->policies);
        json_t *why = why_new(plan, "NC-03", "CAL-04", NULL);
        why_date(why, "closing_meeting", closing);
        why_policy(plan, why, name);
        add_finding(
            plan, finding,
            &(struct plan_deadline){
                .kind = evidence ? DEADLINE_FINDING_EVIDENCE : DEADLINE_FINDING_PLAN,
                .raw_on = civil_add_days(closing, days),
                .hardness = "policy",
                .rule = "NC-03",
                .why = why,
                .fulfilled_on = evidence ? evidenced_on(finding) : planned_on(finding),
            });
    }
}

/* The last day of stage 2 that starts the six months: the audit's own, or the stage 2 that was held again since. */
static struct civil stage2_end(const struct plan *plan, const struct audit_fact *audit)
{
    return civil_later(audit->held_last_day, plan->facts->certification.stage2_last_day);
}

/* NC-02: time is left to the body, because its verification stops the clock and not what the client hands in. */
static void add_own_limit(struct plan *plan, const struct finding_fact *finding,
                          struct civil limit, const char *rule)
{
    int weeks = plan->facts->policies.client_verification_weeks;
    if (weeks == 0 || civil_is_none(limit))
        return;
    json_t *why = why_new(plan, rule, "CAL-04", NULL);
    why_date(why, "verification_limit", limit);
    why_policy(plan, why, "client_verification_weeks");
    add_finding(plan, finding,
                &(struct plan_deadline){
                    .kind = DEADLINE_FINDING_OWN_LIMIT,
                    .raw_on = finding_client_deadline(limit, weeks),
                    .hardness = "own",
                    .rule = rule,
                    .why = why,
                    .fulfilled_on = evidenced_on(finding),
                });
}

static void add_limit(struct plan *plan, const struct finding_fact *finding,
                      enum plan_deadline_kind kind, struct civil limit, const char *rule,
                      json_t *why)
{
    bool major = kind == DEADLINE_MAJOR_VERIFICATION;
    add_finding(plan, finding,
                &(struct plan_deadline){
                    .kind = kind,
                    .raw_on = limit,
                    .hardness = major ? "hard" : "policy",
                    .rule = rule,
                    .why = why,
                    .fulfilled_on = major ? finding->verified_on : solved_on(finding),
                });
}

/* NC-02: six months from the last day of stage 2. */
static void after_stage2(struct plan *plan, const struct finding_fact *finding)
{
    const struct major_facts facts = {.stage2_last_day = stage2_end(plan, finding->audit),
                                      .verified_date = finding->verified_on,
                                      .today = plan->facts->today};
    if (civil_is_none(facts.stage2_last_day) || finding->grade != FINDING_MAJOR)
        return;
    json_t *why = why_new(plan, "NC-02", NULL);
    why_date(why, "stage2_last_day", facts.stage2_last_day);
    struct civil limit = finding_major_initial(&facts).deadline;
    add_limit(plan, finding, DEADLINE_MAJOR_VERIFICATION, limit, "NC-02", why);
    add_own_limit(plan, finding, limit, "NC-02");
}

/* REC-02: before the expiry; a minor only where the body wants it closed before the decision (NC-01). */
static void after_recertification(struct plan *plan, const struct finding_fact *finding)
{
    const struct plan_certification *c = &plan->facts->certification;
    bool major = finding->grade == FINDING_MAJOR;
    struct civil expiry = finding->audit->cycle_no == c->cycle_no
                              ? c->expiry_date
                              : c->previous_expiry_date;
    if (!major && !plan->facts->policies.minor_must_be_closed)
        return;
    json_t *why = why_new(plan, major ? "REC-02" : "NC-01", NULL);
    why_date(why, "expiry_date", expiry);
    if (!major)
        why_policy(plan, why, "minor_must_be_closed");
    add_limit(plan, finding, major ? DEADLINE_MAJOR_VERIFICATION : DEADLINE_MINOR_CLOSURE,
              expiry, major ? "REC-02" : "NC-01", why);
    if (major)
        add_own_limit(plan, finding, expiry, "REC-02");
}

/* NC-05, INI-04: only majors and minors, and never from stage 1. */
void plan_findings(struct plan *plan)
{
    for (size_t i = 0; i < plan->facts->finding_count; i++) {
        const struct finding_fact *finding = &plan->facts->findings[i];
        if (!finding_has_deadline(finding->grade) || !finding->audit ||
            !finding_audit_starts_clock(finding->audit->kind))
            continue;
        struct civil closing = finding->audit->held_last_day;
        if (civil_is_none(closing))
            closing = finding->audit->planned_last_day;
        if (!civil_is_none(closing))
            add_answers(plan, finding, closing);
        if (strcmp(finding->audit->kind, "stage2") == 0)
            after_stage2(plan, finding);
        else if (strcmp(finding->audit->kind, "recertification") == 0)
            after_recertification(plan, finding);
    }
}

/* ---- changes ---- */

static const char *change_key(const struct plan *plan, const struct change_fact *change,
                              enum plan_deadline_kind kind)
{
    return arena_printf(plan->arena, "%s:change:%s:%s", plan->facts->certification.id,
                        change->id, plan_deadline_name(kind));
}

static bool is_status(const struct change_fact *change, const char *status)
{
    return change->status && strcmp(change->status, status) == 0;
}

/* CHG-01: without delay; how long before is the body's rule. Told = the change is no longer just open. */
static void add_notice(struct plan *plan, const struct change_fact *change)
{
    const struct change_kind *kind = change_kind_find(change->kind);
    const char *ja, *en;
    if (!kind || !kind->must_notify)
        return;
    json_t *why = why_new(plan, kind->rule, "CAL-04", NULL);
    why_date(why, "change_date", change->change_date);
    why_policy(plan, why, "notice_days_before");
    plan_change_subject(change->kind, &ja, &en);
    bool told = !is_status(change, "open") && !is_status(change, "planned");
    plan_add(plan,
             &(struct plan_deadline){
                 .kind = DEADLINE_CHANGE_NOTICE,
                 .source_key = change_key(plan, change, DEADLINE_CHANGE_NOTICE),
                 .raw_on = civil_add_days(change->change_date,
                                          -plan->facts->policies.notice_days_before),
                 .due_on = CIVIL_NONE,
                 .hardness = "policy",
                 .rule = kind->rule,
                 .why = why,
                 .change_id = change->id,
                 .fulfilled_on = told ? plan->facts->today : CIVIL_NONE,
                 .sticky = true,
             },
             ja, en);
}

/* The next audit as it stood before the move: not one that was held before it. */
static const struct plan_audit *next_audit(const struct plan *plan, struct civil moved)
{
    for (int i = 0; i < plan->audit_count; i++) {
        const struct plan_audit *audit = &plan->audits[i];
        struct civil held = plan_held_last(audit);
        if (audit->cycle_no >= plan->facts->certification.cycle_no &&
            (civil_is_none(held) || civil_compare(moved, held) <= 0))
            return audit;
    }
    return NULL;
}

static struct civil seen_on(const struct plan *plan, const struct change_fact *change)
{
    struct civil seen = CIVIL_NONE;
    for (size_t i = 0; i < plan->facts->audit_count; i++) {
        const struct audit_fact *audit = &plan->facts->audits[i];
        if (audit->booking != AUDIT_HELD || strcmp(audit->kind, "internal") == 0 ||
            civil_is_none(audit->held_last_day) ||
            civil_before(audit->held_last_day, change->change_date))
            continue;
        seen = civil_is_none(seen) ? audit->held_last_day
                                   : civil_earlier(seen, audit->held_last_day);
    }
    return seen;
}

static json_t *relocation_why(struct plan *plan, const struct relocation_facts *facts,
                              const struct relocation_result *result)
{
    static const char *const actions[] = {
        [RELOCATION_MERGE] = "merge",
        [RELOCATION_MERGE_PULL_FORWARD] = "merge_pull_forward",
        [RELOCATION_SPECIAL_AUDIT] = "special_audit",
    };
    json_t *why = why_new(plan, "CHG-03", NULL);
    why_date(why, "move_date", facts->move_date);
    why_date(why, "next_audit_nominal", facts->next_nominal);
    why_date(why, "next_audit_window_start", facts->next_window_start);
    why_text(why, "action", actions[result->action]);
    why_policy(plan, why, "merge_within_months");
    why_policy(plan, why, "special_within_months");
    why_policy(plan, why, "allow_pull_forward");
    return why;
}

/* CHG-03: the next audit sees the new office, or a special one does. */
static void add_relocation(struct plan *plan, const struct change_fact *change)
{
    const struct plan_audit *next = next_audit(plan, change->change_date);
    const struct policies *policies = &plan->facts->policies;
    const char *ja, *en;
    const struct relocation_facts facts = {
        .move_date = change->change_date,
        .next_nominal = next ? next->nominal : CIVIL_NONE,
        .next_window_start = next ? next->window_start : CIVIL_NONE,
        .merge_within_months = policies->merge_within_months,
        .special_within_months = policies->special_within_months,
        .allow_pull_forward = policies->allow_pull_forward,
    };
    struct relocation_result result = relocation_advise(&facts);
    bool merged = result.action != RELOCATION_SPECIAL_AUDIT;
    plan_change_subject(change->kind, &ja, &en);
    plan_add(plan,
             &(struct plan_deadline){
                 .kind = DEADLINE_CHANGE_AUDIT,
                 .source_key = change_key(plan, change, DEADLINE_CHANGE_AUDIT),
                 .raw_on = result.due_by,
                 .due_on = CIVIL_NONE,
                 .hardness = "policy",
                 .rule = "CHG-03",
                 .why = relocation_why(plan, &facts, &result),
                 .audit = merged ? next : NULL,
                 .change_id = change->id,
                 .fulfilled_on = seen_on(plan, change),
             },
             ja, en);
}

void plan_changes(struct plan *plan)
{
    enum certification_state state = plan->facts->certification.state;
    bool active = state == CERTIFICATION_CERTIFIED || state == CERTIFICATION_SUSPENDED;
    for (size_t i = 0; i < plan->facts->change_count; i++) {
        const struct change_fact *change = &plan->facts->changes[i];
        if (!active || is_status(change, "cancelled") || is_status(change, "withdrawn") ||
            !change->kind || civil_is_none(change->change_date))
            continue;
        add_notice(plan, change);
        if (strcmp(change->kind, "site_relocation") == 0 ||
            strcmp(change->kind, "relocation") == 0)
            add_relocation(plan, change);
    }
}
