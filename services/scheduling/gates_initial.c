/* The gates of the initial audit: stage 1, stage 2 and the decision. */
#include "services/scheduling/gates.h"

#include "services/scheduling/rules/transition.h"

#include <string.h>

static const struct plan_certification *certification(const struct gates *gates)
{
    return &gates->plan->facts->certification;
}

/* The internal audit as the step to the certificate looks for it: the recorded day, else the last one held. */
static struct civil internal_audit_on(const struct plan_facts *facts)
{
    struct civil recorded = facts->certification.internal_audit_done_on;
    return civil_is_none(recorded) ? plan_last_held(facts, "internal", facts->today)
                                   : recorded;
}

/* INI-03 */
static void ask_system(struct gates *gates, enum gate_kind kind, bool reviewed)
{
    const struct plan_certification *c = certification(gates);
    gate_ask(gates, kind, GATE_NEEDS_SCOPE, c->scope_defined_on,
             gate_due(gates, DEADLINE_SCOPE, NULL, NULL));
    gate_ask(gates, kind, GATE_NEEDS_RISK_ASSESSMENT, c->risk_assessment_done_on,
             gate_due(gates, DEADLINE_RISK_ASSESSMENT, NULL, NULL));
    gate_ask(gates, kind, GATE_NEEDS_SOA, c->soa_approved_on,
             gate_due(gates, DEADLINE_SOA, NULL, NULL));
    if (!reviewed)
        return;
    gate_ask(gates, kind, GATE_NEEDS_INTERNAL_AUDIT,
             internal_audit_on(gates->plan->facts),
             gate_due(gates, DEADLINE_INTERNAL_AUDIT, NULL, NULL))
        ->rule = "INI-03";
    gate_ask(gates, kind, GATE_NEEDS_MANAGEMENT_REVIEW, c->management_review_done_on,
             gate_due(gates, DEADLINE_MANAGEMENT_REVIEW, NULL, NULL))
        ->rule = "INI-03";
}

/* The step that follows an audit may be recorded although the audit's row is not. */
static bool was_held(struct gates *gates, enum gate_kind kind)
{
    enum certification_state state = certification(gates)->state;
    struct civil held = gate_held(gates, gates->gate[kind].audit);
    bool later = state == CERTIFICATION_STAGE2_DONE || state == CERTIFICATION_RECOMMENDED;
    if (civil_is_none(held) && !later)
        return false;
    gate_not_applicable(gates, kind, GATE_AUDIT_WAS_HELD, held);
    return true;
}

static void stage1(struct gates *gates)
{
    if (was_held(gates, GATE_OF_STAGE1))
        return;
    if (gates_addon_without_stages(gates)) {
        gate_not_applicable(gates, GATE_OF_STAGE1, GATE_ADDED_TO_ISMS, CIVIL_NONE);
        return;
    }
    if (certification(gates)->scheme == SCHEME_ISMS_2013) /* TRN-02 */
        gate_guard(gates, GATE_OF_STAGE1, GATE_NEEDS_EDITION_OPEN,
                   civil_add_days(transition_27001.last_start_initial, 1));
    ask_system(gates, GATE_OF_STAGE1,
               gates->plan->facts->policies.ia_mr_required_before == 0);
    gate_booking(gates, GATE_OF_STAGE1);
}

/* INI-04: what stage 1 remarked, whatever grade it was given. */
static void ask_concerns(struct gates *gates)
{
    const struct plan_facts *facts = gates->plan->facts;
    for (size_t i = 0; i < facts->finding_count; i++) {
        const struct finding_fact *finding = &facts->findings[i];
        bool stage1 = finding->audit && strcmp(finding->audit->kind, "stage1") == 0;
        bool grave = finding->grade == FINDING_MAJOR || finding->grade == FINDING_MINOR;
        if (finding->grade != FINDING_STAGE1_CONCERN && !(stage1 && grave))
            continue;
        const struct plan_audit *audit = gates->gate[GATE_OF_STAGE2].audit;
        gate_about_finding(gates,
                           gate_ask(gates, GATE_OF_STAGE2, GATE_NEEDS_CONCERN_SOLVED,
                                    gate_solved_on(gates, finding), audit->nominal),
                           finding);
    }
}

/* INI-02: too soon after stage 1, or so late that the body may repeat it. */
static void ask_gap(struct gates *gates, const struct plan_audit *audit)
{
    struct civil first = audit->fact ? audit->fact->planned_first_day : CIVIL_NONE;
    if (plan_is_booked(audit) && !civil_is_none(first) &&
        civil_before(first, audit->window_start))
        gate_about_audit(gate_ask(gates, GATE_OF_STAGE2, GATE_NEEDS_STAGE_GAP, CIVIL_NONE,
                                  audit->window_start),
                         audit);
    gate_guard(gates, GATE_OF_STAGE2, GATE_NEEDS_STAGE1_AGAIN,
               civil_add_days(audit->window_end, 1));
}

static void stage2(struct gates *gates)
{
    const struct plan_audit *audit = gates->gate[GATE_OF_STAGE2].audit;
    const struct plan_audit *first = gates->gate[GATE_OF_STAGE1].audit;
    struct civil before = gate_held(gates, first);
    if (was_held(gates, GATE_OF_STAGE2))
        return;
    if (gates_addon_without_stages(gates)) {
        gate_not_applicable(gates, GATE_OF_STAGE2, GATE_ADDED_TO_ISMS, CIVIL_NONE);
        return;
    }
    gate_about_audit(
        gate_ask(gates, GATE_OF_STAGE2, GATE_NEEDS_STAGE1, before, first->nominal),
        first);
    ask_system(gates, GATE_OF_STAGE2, true);
    ask_concerns(gates);
    gate_booking(gates, GATE_OF_STAGE2);
    if (!civil_is_none(audit->window_end))
        ask_gap(gates, audit);
}

/* NC-02: from when a major asks for another stage 2; a verification in time or before stage 2 asks for none. */
static struct civil stage2_again_on(const struct gates *gates,
                                    const struct finding_fact *finding)
{
    struct civil stage2 = certification(gates)->stage2_last_day;
    const struct major_facts facts = {
        .stage2_last_day = stage2,
        .verified_date = finding->verified_on,
        .today = gates->plan->facts->today,
    };
    struct civil after = civil_add_days(finding_major_initial(&facts).deadline, 1);
    bool verified = !civil_is_none(finding->verified_on);
    return verified && civil_before(finding->verified_on, after) ? CIVIL_NONE : after;
}

static void ask_recommendation(struct gates *gates)
{
    const struct plan_facts *facts = gates->plan->facts;
    const struct plan_certification *c = certification(gates);
    bool recommended = c->state == CERTIFICATION_RECOMMENDED;
    const struct plan_audit *repeat =
        plan_find(gates->plan, PLAN_STAGE2, plan_initial_cycle(facts), 2);
    gate_ask(gates, GATE_OF_DECISION, GATE_NEEDS_RECOMMENDATION,
             recommended ? c->recommended_on : CIVIL_NONE, CIVIL_NONE);
    for (size_t i = 0; i < facts->finding_count; i++) {
        if (facts->findings[i].grade != FINDING_MAJOR ||
            (c->state != CERTIFICATION_STAGE2_DONE && !recommended))
            continue;
        struct civil again = stage2_again_on(gates, &facts->findings[i]);
        if (civil_is_none(again))
            continue;
        struct gate_item *item =
            gate_guard(gates, GATE_OF_DECISION, GATE_NEEDS_STAGE2_AGAIN, again);
        if (repeat) {
            item->entity = "audit";
            item->entity_id = repeat->fact ? repeat->fact->id : NULL;
            item->by_when = repeat->nominal;
        }
    }
}

static void decision(struct gates *gates)
{
    const struct plan_audit *audit = gates->gate[GATE_OF_STAGE2].audit;
    if (certification(gates)->scheme == SCHEME_ADDON &&
        certification(gates)->state == CERTIFICATION_PREPARING) {
        gates_addon_decision(gates);
        return;
    }
    gates_addon_in_force(gates, GATE_OF_DECISION);
    ask_system(gates, GATE_OF_DECISION, true);
    gate_about_audit(gate_ask(gates, GATE_OF_DECISION, GATE_NEEDS_STAGE2,
                              gate_held(gates, audit), audit->nominal),
                     audit);
    ask_recommendation(gates);
    gate_findings(gates, GATE_OF_DECISION);
}

void gates_of_initial(struct gates *gates)
{
    int cycle = plan_initial_cycle(gates->plan->facts);
    gates->gate[GATE_OF_STAGE1].audit = plan_find(gates->plan, PLAN_STAGE1, cycle, 1);
    gates->gate[GATE_OF_STAGE2].audit = plan_find(gates->plan, PLAN_STAGE2, cycle, 1);
    gates->gate[GATE_OF_DECISION].audit = gates->gate[GATE_OF_STAGE2].audit;
    stage1(gates);
    stage2(gates);
    decision(gates);
    gate_not_applicable(gates, GATE_OF_SURVEILLANCE, GATE_BEFORE_CERTIFICATE, CIVIL_NONE);
    gate_not_applicable(gates, GATE_OF_RECERTIFICATION, GATE_BEFORE_CERTIFICATE,
                        CIVIL_NONE);
}
