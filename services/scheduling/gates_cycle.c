/* The gates of a running cycle: the next surveillance and the recertification. */
#include "services/scheduling/gates.h"

#include "services/scheduling/rules/recertification.h"
#include "services/scheduling/rules/transition.h"

static const struct plan_certification *certification(const struct gates *gates)
{
    return &gates->plan->facts->certification;
}

/* SUR-08: one internal audit and one management review since the last external audit. */
static void ask_prepared(struct gates *gates, enum gate_kind kind, bool review)
{
    const struct plan_audit *audit = gates->gate[kind].audit;
    const struct plan_deadline *deadline = gate_deadline(
        gates, review ? DEADLINE_MANAGEMENT_REVIEW : DEADLINE_INTERNAL_AUDIT, audit,
        NULL);
    if (!deadline)
        return;
    struct gate_item *item = gate_ask(
        gates, kind, review ? GATE_NEEDS_MANAGEMENT_REVIEW : GATE_NEEDS_INTERNAL_AUDIT,
        deadline->fulfilled_on, deadline->due_on);
    char since[CIVIL_TEXT_SIZE];
    if (civil_is_none(deadline->since))
        return;
    civil_format(deadline->since, since);
    item->since = deadline->since;
    item->subject_ja =
        arena_printf(gates->plan->arena, "前回の外部審査（%s）より後の", since);
    item->subject_en =
        arena_printf(gates->plan->arena, " since the last external audit (%s)", since);
}

static void ask_preparation(struct gates *gates, enum gate_kind kind)
{
    ask_prepared(gates, kind, false);
    ask_prepared(gates, kind, true);
    gate_booking(gates, kind);
}

/* SUS-01..03: nothing but the restoration goes on while suspended. */
static void ask_not_suspended(struct gates *gates, enum gate_kind kind)
{
    const struct plan_certification *c = certification(gates);
    if (c->state != CERTIFICATION_SUSPENDED)
        return;
    struct gate_item *item =
        gate_ask(gates, kind, GATE_NEEDS_RESTORATION, CIVIL_NONE,
                 gate_due(gates, DEADLINE_SUSPENSION_LIMIT, NULL, NULL));
    item->blocks_on =
        civil_is_none(c->suspended_on) ? gates->plan->facts->today : c->suspended_on;
}

static struct civil day_after(struct civil date)
{
    return civil_add_days(date, 1);
}

/* ---- surveillance ---- */

static const struct plan_audit *next_surveillance(const struct gates *gates)
{
    const struct plan_audit *last =
        plan_find(gates->plan, PLAN_RECERTIFICATION, certification(gates)->cycle_no, 1);
    if (last && !civil_is_none(gate_held(gates, last)))
        return NULL;
    for (int i = 0; i < gates->plan->audit_count; i++) {
        const struct plan_audit *audit = &gates->plan->audits[i];
        if (audit->kind == PLAN_SURVEILLANCE &&
            audit->cycle_no == certification(gates)->cycle_no &&
            civil_is_none(gate_held(gates, audit)))
            return audit;
    }
    return NULL;
}

static void surveillance(struct gates *gates)
{
    const enum gate_kind kind = GATE_OF_SURVEILLANCE;
    const struct plan_audit *audit = next_surveillance(gates);
    if (certification(gates)->state == CERTIFICATION_EXPIRED) {
        gate_not_applicable(gates, kind, GATE_HAS_EXPIRED,
                            certification(gates)->expiry_date);
        return;
    }
    if (!audit) {
        gate_not_applicable(gates, kind, GATE_NO_SURVEILLANCE_LEFT, CIVIL_NONE);
        return;
    }
    gates->gate[kind].audit = audit;
    ask_preparation(gates, kind);
    gate_findings(gates, kind);
    ask_not_suspended(gates, kind);
    bool first = audit->ordinal == 1 && !certification(gates)->after_recertification;
    struct gate_item *limit =
        gate_guard(gates, kind, GATE_NEEDS_AUDIT_IN_TIME, day_after(audit->hard_limit));
    gate_about_audit(limit, audit);
    limit->rule = first ? "SUR-01" : "SUR-03";
    gate_guard(gates, kind, GATE_NEEDS_CERTIFICATE_IN_FORCE,
               day_after(gate_end_of_validity(certification(gates))));
}

/* ---- recertification ---- */

/* Once the audit is held, what it stood on is no longer asked for. */
static void ask_audit(struct gates *gates)
{
    const enum gate_kind kind = GATE_OF_RECERTIFICATION;
    const struct plan_audit *audit = gates->gate[kind].audit;
    struct civil held = gate_held(gates, audit);
    if (civil_is_none(held))
        ask_preparation(gates, kind);
    struct gate_item *item =
        gate_ask(gates, kind, GATE_NEEDS_RECERTIFICATION_AUDIT, held,
                 gate_due(gates, DEADLINE_RECERTIFICATION_AUDIT, audit, NULL));
    gate_about_audit(item, audit);
    item->blocks_on = day_after(certification(gates)->expiry_date);
}

/* TRN-02: on the 2013 edition the audit had to begin by then. */
static void ask_edition(struct gates *gates)
{
    const struct plan_audit *audit = gates->gate[GATE_OF_RECERTIFICATION].audit;
    struct civil last = transition_27001.last_start_initial;
    struct civil held = gate_held(gates, audit);
    struct civil first = audit->fact ? audit->fact->held_first_day : CIVIL_NONE;
    if (civil_is_none(first))
        first = held;
    bool in_time = !civil_is_none(held) && civil_compare(first, last) <= 0;
    if (certification(gates)->scheme == SCHEME_ISMS_2013 && !in_time)
        gate_guard(gates, GATE_OF_RECERTIFICATION, GATE_NEEDS_EDITION_OPEN,
                   day_after(last));
}

/* REC-02..06: the audit held, its majors verified, and a decision not later than the restoration allows. */
static void recertification(struct gates *gates)
{
    const enum gate_kind kind = GATE_OF_RECERTIFICATION;
    const struct plan_certification *c = certification(gates);
    const struct plan_audit *audit =
        plan_find(gates->plan, PLAN_RECERTIFICATION, c->cycle_no, 1);
    if (!audit) {
        gate_not_applicable(gates, kind, GATE_SCHEME_HAS_NONE, CIVIL_NONE);
        return;
    }
    gates->gate[kind].audit = audit;
    if (c->scheme == SCHEME_ADDON) {
        gates_addon_renewal(gates);
        ask_not_suspended(gates, kind);
        return;
    }
    ask_audit(gates);
    ask_edition(gates);
    gate_findings(gates, kind);
    ask_not_suspended(gates, kind);
    gate_guard(gates, kind, GATE_NEEDS_NEW_INITIAL_AUDIT,
               day_after(recert_restore_deadline(
                   c->expiry_date, gates->plan->facts->policies.restore_months)));
}

/* PMK-01, PMK-02: the renewal is asked for in its window; a late one is a new grant. */
static void renewal(struct gates *gates)
{
    const enum gate_kind kind = GATE_OF_RECERTIFICATION;
    struct civil today = gates->plan->facts->today;
    struct civil close = gate_due(gates, DEADLINE_PMARK_CLOSE, NULL, NULL);
    struct civil expiry = certification(gates)->expiry_date;
    bool open = !civil_is_none(close) && civil_compare(today, close) <= 0;
    struct gate_item *item =
        gate_ask(gates, kind, GATE_NEEDS_RENEWAL, CIVIL_NONE, open ? close : expiry);
    item->blocks_on = day_after(expiry);
    ask_not_suspended(gates, kind);
    gate_not_applicable(gates, GATE_OF_SURVEILLANCE, GATE_SCHEME_HAS_NONE, CIVIL_NONE);
}

/* ---- the cycle ---- */

void gates_of_cycle(struct gates *gates)
{
    const struct plan_certification *c = certification(gates);
    static const enum gate_kind passed[] = {GATE_OF_STAGE1, GATE_OF_STAGE2,
                                            GATE_OF_DECISION};
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
        gate_not_applicable(gates, passed[i], GATE_WAS_DECIDED, c->decision_date);
    if (c->scheme == SCHEME_PMARK) {
        renewal(gates);
        return;
    }
    surveillance(gates);
    recertification(gates);
}
