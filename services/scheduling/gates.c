/* What all gates share: asking, findings, judging. */
#include "services/scheduling/gates.h"

#include "services/scheduling/rules/transition.h"

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

struct civil gate_end_of_validity(const struct plan_certification *c)
{
    return c->scheme == SCHEME_ISMS_2013
               ? civil_earlier(c->expiry_date, transition_27001.end)
               : c->expiry_date;
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
    struct gate_item *item =
        gate_ask(gates, kind, GATE_NEEDS_EARLIER_BOOKING, CIVIL_NONE, audit->hard_limit);
    gate_about_audit(item, audit);
    item->blocks_on = facts->today;
}

/* ---- findings ---- */

void gate_about_finding(struct gates *gates, struct gate_item *item,
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

struct civil gate_solved_on(const struct gates *gates, const struct finding_fact *finding)
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
    gate_about_finding(gates, item, finding);
    item->blocks_on = finding->audit ? finding->audit->held_last_day : CIVIL_NONE;
    if (civil_is_none(item->blocks_on))
        item->blocks_on = gates->plan->facts->today;
}

static void ask_minor(struct gates *gates, enum gate_kind kind,
                      const struct finding_fact *finding)
{
    bool close = gates->plan->facts->policies.minor_must_be_closed;
    struct civil today = gates->plan->facts->today;
    struct civil solved = gate_solved_on(gates, finding);
    struct civil planned = finding->plan_accepted_on;
    struct gate_item *item = gate_ask(
        gates, kind, close ? GATE_NEEDS_MINOR_CLOSED : GATE_NEEDS_MINOR_PLAN,
        close || done_by(solved, today) ? solved : planned,
        gate_due(gates, close ? DEADLINE_FINDING_EVIDENCE : DEADLINE_FINDING_PLAN, NULL,
                 finding->id));
    gate_about_finding(gates, item, finding);
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
        gates_of_initial(gates);
    }
}

/* The ISMS that is in force on the day. */
static const struct plan_facts *find_isms(const struct plan_facts *all, size_t count,
                                          struct civil today)
{
    for (size_t i = 0; i < count; i++) {
        const struct plan_certification *c = &all[i].certification;
        bool isms = c->scheme == SCHEME_ISMS || c->scheme == SCHEME_ISMS_2013;
        if (isms && c->state == CERTIFICATION_CERTIFIED &&
            civil_compare(today, c->expiry_date) <= 0)
            return &all[i];
    }
    return NULL;
}

void gates_make(struct plan *plan, const struct plan_facts *all, size_t count,
                struct gates *ret)
{
    size_t most = plan->facts->finding_count * 2 + ITEMS_BESIDE_FINDINGS;
    *ret =
        (struct gates){.plan = plan, .isms = find_isms(all, count, plan->facts->today)};
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
