/* Deadlines that findings bring. */
#include "services/scheduling/plan_make.h"

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
