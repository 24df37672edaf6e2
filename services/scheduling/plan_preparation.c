/* Deadlines on the way to the certificate, and what every external audit asks for before it. */
#include "services/scheduling/plan_make.h"

#include "services/scheduling/rules/obligation.h"

#include <string.h>

static struct civil earliest_in(struct civil best, struct civil date, struct civil since,
                                struct civil until)
{
    bool fits = !civil_is_none(date) && civil_before(since, date) &&
                (civil_is_none(until) || civil_compare(date, until) <= 0);
    if (!fits)
        return best;
    return civil_is_none(best) ? date : civil_earlier(best, date);
}

/* The first internal audit, or management review, after `since` and not after `until`. */
static struct civil prepared_on(const struct plan_facts *facts,
                                const struct obligation_fact *own, bool review,
                                struct civil since, struct civil until)
{
    const struct plan_certification *c = &facts->certification;
    struct civil from = civil_is_none(since) ? (struct civil){INT32_MIN + 1} : since;
    struct civil best = earliest_in(
        CIVIL_NONE, review ? c->management_review_done_on : c->internal_audit_done_on,
        from, until);
    for (size_t i = 0; !review && i < facts->audit_count; i++) {
        const struct audit_fact *audit = &facts->audits[i];
        if (audit->booking == AUDIT_HELD && strcmp(audit->kind, "internal") == 0)
            best = earliest_in(best, audit->held_last_day, from, until);
    }
    for (size_t i = 0; own && i < own->done_count; i++)
        best = earliest_in(best, own->done[i], from, until);
    return best;
}

struct civil plan_first_day(const struct plan_audit *audit)
{
    if (audit->fact && audit->fact->booking == AUDIT_HELD)
        return civil_is_none(audit->fact->held_first_day) ? audit->fact->held_last_day
                                                          : audit->fact->held_first_day;
    if (audit->fact && !civil_is_none(audit->fact->planned_first_day))
        return audit->fact->planned_first_day;
    if (!civil_is_none(audit->window_end) && !civil_is_none(audit->nominal))
        return civil_earlier(audit->nominal, audit->window_end);
    return audit->nominal;
}

/* The buffer of the obligation that was written down for it, else the policy's. */
static int buffer_of(const struct plan_facts *facts, const struct obligation_fact *own,
                     bool review)
{
    if (own && own->buffer_days >= 0)
        return own->buffer_days;
    return review ? facts->policies.management_review_buffer_days
                  : facts->policies.internal_audit_buffer_days;
}

/* An obligation may want it in a certain month, or more often: then only what was done in the last interval counts for the audit. */
static struct civil placed(const struct obligation_fact *own, struct civil limit,
                           struct civil *since)
{
    if (!own)
        return limit;
    const struct obligation_terms terms = {.interval_months = own->interval_months,
                                           .preferred_month = own->preferred_month};
    struct civil from = civil_is_none(*since) ? civil_add_months(limit, -12) : *since;
    struct civil day = obligation_place(&terms, from, limit);
    if (own->interval_months < 12)
        *since = civil_later(*since, civil_add_months(day, -own->interval_months));
    return day;
}

static void why_obligation(json_t *why, const struct obligation_fact *own)
{
    json_t *inputs = json_object_get(why, "inputs");
    if (!own)
        return;
    json_object_set_new(inputs, "interval_months", json_integer(own->interval_months));
    if (own->preferred_month)
        json_object_set_new(inputs, "preferred_month",
                            json_integer(own->preferred_month));
    if (own->buffer_days >= 0)
        json_object_set_new(inputs, "buffer_days", json_integer(own->buffer_days));
}

/* The audit was held and nothing tells that it was prepared: it can not be done any more, and nobody says that it was. */
static void add_prepared(struct plan *plan, const struct plan_audit *audit,
                         struct civil since, const char *rule, bool review)
{
    enum plan_deadline_kind kind =
        review ? DEADLINE_MANAGEMENT_REVIEW : DEADLINE_INTERNAL_AUDIT;
    const struct obligation_fact *own =
        plan_obligation(plan->facts, plan_deadline_name(kind));
    struct civil day = plan_first_day(audit), held = plan_held_last(audit);
    if (civil_is_none(day))
        return;
    int buffer = buffer_of(plan->facts, own, review);
    struct civil due = placed(own, civil_add_days(day, -buffer), &since);
    struct civil done = prepared_on(plan->facts, own, review, since, held);
    if (civil_is_none(done) && !civil_is_none(held))
        return;
    json_t *why = why_new(plan, rule, "CAL-04", NULL);
    why_date(why, "audit_first_day", day);
    why_policy(plan, why,
               review ? "management_review_buffer_days" : "internal_audit_buffer_days");
    why_obligation(why, own);
    plan_add(plan,
             &(struct plan_deadline){
                 .kind = kind,
                 .source_key = arena_printf(plan->arena, "%s:%s", audit->source_key,
                                            plan_deadline_name(kind)),
                 .raw_on = due,
                 .due_on = CIVIL_NONE,
                 .hardness = "policy",
                 .rule = rule,
                 .why = why,
                 .audit = audit,
                 .obligation_id = own ? own->id : NULL,
                 .fulfilled_on = done,
                 .since = since,
             },
             plan_audit_ja(audit), plan_audit_en(audit));
}

/* INI-03, SUR-08: one internal audit and one management review since the last external audit. */
void plan_audit_prepared(struct plan *plan, const struct plan_audit *audit,
                         struct civil since, const char *rule)
{
    add_prepared(plan, audit, since, rule, false);
    add_prepared(plan, audit, since, rule, true);
}

/* PLN-05: agreed before the window opens; without a window, before the nominal day. */
void plan_booking(struct plan *plan, const struct plan_audit *audit)
{
    struct civil opens =
        civil_is_none(audit->window_start) ? audit->nominal : audit->window_start;
    if (civil_is_none(opens))
        return;
    json_t *why = why_new(plan, "PLN-05", "CAL-04", NULL);
    why_date(why, "window_start", opens);
    why_policy(plan, why, "audit_booking_days");
    plan_add(
        plan,
        &(struct plan_deadline){
            .kind = DEADLINE_AUDIT_BOOKING,
            .source_key =
                arena_printf(plan->arena, "%s:audit_booking", audit->source_key),
            .raw_on = civil_add_days(opens, -plan->facts->policies.audit_booking_days),
            .due_on = CIVIL_NONE,
            .hardness = "policy",
            .rule = "PLN-05",
            .why = why,
            .audit = audit,
            .fulfilled_on = plan_is_booked(audit) ? plan->facts->today : CIVIL_NONE,
            .sticky = true,
        },
        plan_audit_ja(audit), plan_audit_en(audit));
}

/* ---- what the decision asks for, planned back from the target ---- */

static void add_milestones(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    const struct {
        enum plan_deadline_kind kind;
        enum backplan_milestone end; /* the next step begins when this one is done */
        struct civil done;
        const char *first; /* earliest duration that it was counted with */
    } milestones[] = {
        {DEADLINE_SCOPE, BACKPLAN_ASSET_INVENTORY_START, c->scope_defined_on,
         "asset_inventory_days"},
        {DEADLINE_RISK_ASSESSMENT, BACKPLAN_TREATMENT_START, c->risk_assessment_done_on,
         "treatment_days"},
        {DEADLINE_SOA, BACKPLAN_DOCUMENTS_START, c->soa_approved_on, "documents_days"},
    };
    const struct backplan_facts facts = {
        .target_certificate_date = c->target_date,
        .today = plan->facts->today,
        .policy = policies_backplan(&plan->facts->policies),
    };
    struct backplan made;
    backplan_make(&facts, &made);
    for (size_t i = 0; i < sizeof milestones / sizeof *milestones; i++) {
        json_t *why = why_new(plan, "PLN-01", "INI-03", NULL);
        why_date(why, "target_date", c->target_date);
        why_backplan(plan, why, milestones[i].first);
        plan_add(plan,
                 &(struct plan_deadline){
                     .kind = milestones[i].kind,
                     .source_key = plan_key(plan, plan_initial_cycle(plan->facts),
                                            plan_deadline_name(milestones[i].kind), 1),
                     .raw_on = made.date[milestones[i].end],
                     .due_on = CIVIL_NONE,
                     .hardness = "policy",
                     .rule = "PLN-01",
                     .why = why,
                     .fulfilled_on = milestones[i].done,
                 },
                 NULL, NULL);
    }
}

/* INI-02: later than this the body may repeat stage 1. */
static void add_stage2_latest(struct plan *plan, const struct plan_audit *stage2)
{
    json_t *why = why_new(plan, "INI-02", "CAL-04", NULL);
    why_date(why, "stage1_last_day", plan->facts->certification.stage1_last_day);
    why_policy(plan, why, "stage_gap_max_months");
    plan_add(plan,
             &(struct plan_deadline){
                 .kind = DEADLINE_STAGE2_LATEST,
                 .source_key = plan_key(plan, stage2->cycle_no, "stage2_latest", 1),
                 .raw_on = stage2->window_end,
                 .due_on = CIVIL_NONE,
                 .hardness = "policy",
                 .rule = "INI-02",
                 .why = why,
                 .audit = stage2,
                 .fulfilled_on = plan_held_last(stage2),
             },
             plan_audit_ja(stage2), plan_audit_en(stage2));
}

/* NC-02 */
static void add_new_stage2(struct plan *plan, const struct plan_audit *again)
{
    plan_add(plan,
             &(struct plan_deadline){
                 .kind = DEADLINE_NEW_STAGE2,
                 .source_key = plan_key(plan, again->cycle_no, "new_stage2", 1),
                 .raw_on = again->nominal,
                 .due_on = CIVIL_NONE,
                 .hardness = "policy",
                 .rule = "NC-02",
                 .why = again->why,
                 .audit = again,
                 .fulfilled_on = plan_held_last(again),
             },
             NULL, NULL);
}

void plan_preparation(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    int cycle = plan_initial_cycle(plan->facts);
    const struct plan_audit *stage1 = plan_find(plan, PLAN_STAGE1, cycle, 1);
    const struct plan_audit *stage2 = plan_find(plan, PLAN_STAGE2, cycle, 1);
    const struct plan_audit *again = plan_find(plan, PLAN_STAGE2, cycle, 2);
    if (!stage1 || !stage2)
        return;
    if (!civil_is_none(c->target_date))
        add_milestones(plan);
    plan_booking(plan, stage1);
    plan_booking(plan, stage2);
    bool early = plan->facts->policies.ia_mr_required_before == 0;
    plan_audit_prepared(plan, early ? stage1 : stage2, c->previous_expiry_date, "INI-03");
    if (!civil_is_none(stage2->window_end))
        add_stage2_latest(plan, stage2);
    if (again)
        add_new_stage2(plan, again);
}
