/* The gates of the initial audit, and what all gates share. */
#include "services/scheduling/gates.h"

#include <string.h>

enum { ITEMS_BESIDE_FINDINGS = 20 };

static const struct plan_certification *certification(const struct gates *gates)
{
    return &gates->plan->facts->certification;
}

static bool done_by(struct civil date, struct civil today)
{
    return !civil_is_none(date) && civil_compare(date, today) <= 0;
}

bool gate_item_done(const struct gates *gates, const struct gate_item *item)
{
    struct civil today = gates->plan->facts->today;
    return item->guard ? civil_before(today, item->blocks_on)
                       : done_by(item->done_on, today);
}

struct civil gate_held(const struct gates *gates, const struct plan_audit *audit)
{
    struct civil held = plan_held_last(audit);
    return done_by(held, gates->plan->facts->today) ? held : CIVIL_NONE;
}

int gate_readiness(const struct gate *gate)
{
    return gate->wanted ? gate->done * 100 / gate->wanted : 100;
}

/* ---- asking ---- */

struct gate_item *gate_ask(struct gates *gates, enum gate_kind kind, enum gate_code code,
                           struct civil done_on, struct civil by_when)
{
    struct gate *gate = &gates->gate[kind];
    struct gate_item *item = &gate->items[gate->item_count++];
    *item = (struct gate_item){
        .code = code,
        .rule = gate_code_rule(code),
        .entity = "certification",
        .entity_id = certification(gates)->id,
        .subject_ja = "",
        .subject_en = "",
        .since = CIVIL_NONE,
        .done_on = done_on,
        .by_when = by_when,
        .blocks_on = CIVIL_NONE,
    };
    return item;
}

struct gate_item *gate_guard(struct gates *gates, enum gate_kind kind,
                             enum gate_code code, struct civil blocks_on)
{
    struct civil last = civil_add_days(blocks_on, -1);
    struct gate_item *item = gate_ask(gates, kind, code, CIVIL_NONE, last);
    item->guard = true;
    item->blocks_on = blocks_on;
    return item;
}

void gate_not_applicable(struct gates *gates, enum gate_kind kind, enum gate_why why,
                         struct civil date)
{
    struct gate *gate = &gates->gate[kind];
    gate->why = why;
    gate->why_date = date;
    gate->item_count = 0;
}

const struct plan_deadline *gate_deadline(const struct gates *gates,
                                          enum plan_deadline_kind kind,
                                          const struct plan_audit *audit,
                                          const char *finding_id)
{
    for (const struct plan_deadline *d = gates->plan->first; d; d = d->next) {
        if (d->kind == kind && (!audit || d->audit == audit) &&
            (!finding_id || (d->finding_id && strcmp(d->finding_id, finding_id) == 0)))
            return d;
    }
    return NULL;
}

struct civil gate_due(const struct gates *gates, enum plan_deadline_kind kind,
                      const struct plan_audit *audit, const char *finding_id)
{
    const struct plan_deadline *found = gate_deadline(gates, kind, audit, finding_id);
    return found ? found->due_on : CIVIL_NONE;
}

void gate_about_audit(struct gate_item *item, const struct plan_audit *audit)
{
    item->entity = "audit";
    item->entity_id = audit->fact ? audit->fact->id : NULL;
    item->subject_ja = plan_audit_ja(audit);
    item->subject_en = plan_audit_en(audit);
}

/* Booked in time; a booking behind the last possible day is none. */
void gate_booking(struct gates *gates, enum gate_kind kind)
{
    const struct plan_audit *audit = gates->gate[kind].audit;
    const struct plan_facts *facts = gates->plan->facts;
    bool booked = plan_is_booked(audit);
    struct civil by_when = gate_due(gates, DEADLINE_AUDIT_BOOKING, audit, NULL);
    gate_about_audit(gate_ask(gates, kind, GATE_NEEDS_BOOKING,
                         booked ? facts->today : CIVIL_NONE, by_when),
                audit);
    struct civil last = audit->fact ? audit->fact->planned_last_day : CIVIL_NONE;
    if (!booked || civil_is_none(last) || civil_is_none(audit->hard_limit) ||
        !civil_before(audit->hard_limit, last))
        return;
    struct gate_item *item = gate_ask(gates, kind, GATE_NEEDS_EARLIER_BOOKING, CIVIL_NONE,
                                      audit->hard_limit);
    gate_about_audit(item, audit);
    item->blocks_on = facts->today;
}

/* ---- findings ---- */

static void about_finding(struct gates *gates, struct gate_item *item,
                          const struct finding_fact *finding)
{
    const char *reference = finding->reference;
    item->entity = "finding";
    item->entity_id = finding->id;
    if (!reference)
        return;
    item->subject_ja = arena_printf(gates->plan->arena, "（%s）", reference);
    item->subject_en = arena_printf(gates->plan->arena, " %s", reference);
}

static struct civil solved_on(const struct gates *gates,
                              const struct finding_fact *finding)
{
    struct civil today = gates->plan->facts->today;
    return done_by(finding->closed_on, today) ? finding->closed_on : finding->verified_on;
}

static void ask_major(struct gates *gates, enum gate_kind kind,
                      const struct finding_fact *finding)
{
    struct civil due = gate_due(gates, DEADLINE_MAJOR_VERIFICATION, NULL, finding->id);
    if (civil_is_none(due))
        due = gate_due(gates, DEADLINE_FINDING_EVIDENCE, NULL, finding->id);
    struct gate_item *item =
        gate_ask(gates, kind, GATE_NEEDS_MAJOR_VERIFIED, finding->verified_on, due);
    about_finding(gates, item, finding);
    item->blocks_on = finding->audit ? finding->audit->held_last_day : CIVIL_NONE;
    if (civil_is_none(item->blocks_on))
        item->blocks_on = gates->plan->facts->today;
}

static void ask_minor(struct gates *gates, enum gate_kind kind,
                      const struct finding_fact *finding)
{
    bool close = gates->plan->facts->policies.minor_must_be_closed;
    struct civil today = gates->plan->facts->today;
    struct civil solved = solved_on(gates, finding);
    struct civil planned = finding->plan_accepted_on;
    struct gate_item *item = gate_ask(
        gates, kind, close ? GATE_NEEDS_MINOR_CLOSED : GATE_NEEDS_MINOR_PLAN,
        close || done_by(solved, today) ? solved : planned,
        gate_due(gates, close ? DEADLINE_FINDING_EVIDENCE : DEADLINE_FINDING_PLAN, NULL,
                 finding->id));
    about_finding(gates, item, finding);
}

/* NC-01 (17021-1 9.5.2): majors verified, minors with an accepted plan. What an earlier cycle solved is no longer counted. */
void gate_findings(struct gates *gates, enum gate_kind kind)
{
    const struct plan_facts *facts = gates->plan->facts;
    struct gate *gate = &gates->gate[kind];
    for (size_t i = 0; i < facts->finding_count; i++) {
        const struct finding_fact *finding = &facts->findings[i];
        int before = gate->item_count;
        if (finding->grade == FINDING_MAJOR)
            ask_major(gates, kind, finding);
        else if (finding->grade == FINDING_MINOR)
            ask_minor(gates, kind, finding);
        bool running =
            finding->audit && finding->audit->cycle_no >= facts->certification.cycle_no;
        if (gate->item_count > before && !running &&
            gate_item_done(gates, &gate->items[before]))
            gate->item_count = before;
    }
}

/* ---- the initial audit ---- */

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
    gate_ask(gates, kind, GATE_NEEDS_INTERNAL_AUDIT, internal_audit_on(gates->plan->facts),
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
    bool later =
        state == CERTIFICATION_STAGE2_DONE || state == CERTIFICATION_RECOMMENDED;
    if (civil_is_none(held) && !later)
        return false;
    gate_not_applicable(gates, kind, GATE_AUDIT_WAS_HELD, held);
    return true;
}

static void stage1(struct gates *gates)
{
    if (was_held(gates, GATE_OF_STAGE1))
        return;
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
        about_finding(gates,
                      gate_ask(gates, GATE_OF_STAGE2, GATE_NEEDS_CONCERN_SOLVED,
                               solved_on(gates, finding), audit->nominal),
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
    gate_ask(gates, GATE_OF_DECISION, GATE_NEEDS_RECOMMENDATION,
             recommended ? c->recommended_on : CIVIL_NONE, CIVIL_NONE);
    for (size_t i = 0; i < facts->finding_count; i++) {
        if (facts->findings[i].grade != FINDING_MAJOR ||
            c->state != CERTIFICATION_STAGE2_DONE)
            continue;
        struct civil again = stage2_again_on(gates, &facts->findings[i]);
        if (!civil_is_none(again))
            gate_guard(gates, GATE_OF_DECISION, GATE_NEEDS_STAGE2_AGAIN, again);
    }
}

static void decision(struct gates *gates)
{
    const struct plan_audit *audit = gates->gate[GATE_OF_STAGE2].audit;
    ask_system(gates, GATE_OF_DECISION, true);
    gate_about_audit(gate_ask(gates, GATE_OF_DECISION, GATE_NEEDS_STAGE2,
                         gate_held(gates, audit), audit->nominal),
                audit);
    ask_recommendation(gates);
    gate_findings(gates, GATE_OF_DECISION);
}

static void initial(struct gates *gates)
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

/* ---- judging ---- */

static void count_item(const struct gates *gates, struct gate *gate,
                       const struct gate_item *item)
{
    bool done = gate_item_done(gates, item);
    if (!item->guard) {
        gate->wanted++;
        gate->done += done;
    }
    bool blocks = !civil_is_none(item->blocks_on) && (item->guard || !done);
    if (!blocks)
        return;
    gate->blocked_on = civil_is_none(gate->blocked_on)
                           ? item->blocks_on
                           : civil_earlier(gate->blocked_on, item->blocks_on);
}

static void judge(const struct gates *gates, struct gate *gate)
{
    gate->status = GATE_NOT_APPLICABLE;
    gate->blocked_on = CIVIL_NONE;
    if (gate->why != GATE_APPLIES)
        return;
    for (int i = 0; i < gate->item_count; i++)
        count_item(gates, gate, &gate->items[i]);
    gate->status = gate->done == gate->wanted ? GATE_PASS : GATE_NOT_YET;
    if (done_by(gate->blocked_on, gates->plan->facts->today))
        gate->status = GATE_BLOCKED;
}

static void fill(struct gates *gates)
{
    const struct plan_certification *c = certification(gates);
    if (c->state == CERTIFICATION_WITHDRAWN) {
        for (int kind = 0; kind < GATE_KINDS; kind++)
            gate_not_applicable(gates, (enum gate_kind)kind, GATE_WAS_WITHDRAWN,
                                c->withdrawn_on);
    } else if (c->state == CERTIFICATION_CERTIFIED ||
               c->state == CERTIFICATION_SUSPENDED || c->state == CERTIFICATION_EXPIRED) {
        gates_of_cycle(gates);
    } else if (c->scheme == SCHEME_PMARK) {
        for (int kind = 0; kind < GATE_KINDS; kind++)
            gate_not_applicable(gates, (enum gate_kind)kind, GATE_SCHEME_HAS_NONE,
                                CIVIL_NONE);
    } else {
        initial(gates);
    }
}

void gates_make(struct plan *plan, struct gates *ret)
{
    size_t most = plan->facts->finding_count * 2 + ITEMS_BESIDE_FINDINGS;
    *ret = (struct gates){.plan = plan};
    for (int kind = 0; kind < GATE_KINDS; kind++)
        ret->gate[kind] = (struct gate){
            .kind = (enum gate_kind)kind,
            .why_date = CIVIL_NONE,
            .items = arena_alloc(plan->arena, most * sizeof(struct gate_item)),
        };
    fill(ret);
    for (int kind = GATE_KINDS - 1; kind >= 0; kind--) {
        judge(ret, &ret->gate[kind]);
        if (ret->gate[kind].why == GATE_APPLIES)
            ret->next = &ret->gate[kind];
    }
}
