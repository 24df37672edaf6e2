/* Deadlines of the running cycle: surveillance, recertification, the P-mark's renewal, and what a state asks for. */
#include "services/scheduling/plan_make.h"

#include "services/scheduling/rules/pmark.h"
#include "services/scheduling/rules/recertification.h"
#include "services/scheduling/rules/transfer.h"
#include "services/scheduling/rules/transition.h"

/* ---- surveillance ---- */

static void add_for_audit(struct plan *plan, const struct plan_audit *audit,
                          enum plan_deadline_kind kind, struct civil raw,
                          const char *hardness, const char *rule)
{
    plan_add(plan,
             &(struct plan_deadline){
                 .kind = kind,
                 .source_key = plan_key(plan, audit->cycle_no, plan_deadline_name(kind),
                                        audit->ordinal),
                 .raw_on = raw,
                 .due_on = CIVIL_NONE,
                 .hardness = hardness,
                 .rule = rule,
                 .why = audit->why,
                 .audit = audit,
                 .fulfilled_on = plan_held_last(audit),
             },
             plan_audit_ja(audit), plan_audit_en(audit));
}

static void surveillance(struct plan *plan, const struct plan_audit *audit,
                         struct civil since)
{
    const struct plan_certification *c = &plan->facts->certification;
    bool first = audit->ordinal == 1 && !c->after_recertification;
    bool at_limit = civil_same(audit->window_end, audit->hard_limit);
    plan_booking(plan, audit);
    plan_audit_prepared(plan, audit, since, "SUR-08");
    add_for_audit(plan, audit, DEADLINE_SURVEILLANCE_AUDIT, audit->window_end,
                  at_limit ? "hard" : "policy",
                  !at_limit ? "SUR-02"
                  : first   ? "SUR-01"
                            : "SUR-03");
    if (!at_limit)
        add_for_audit(plan, audit, DEADLINE_SURVEILLANCE_HARD_LIMIT, audit->hard_limit,
                      "hard", first ? "SUR-01" : "SUR-03");
}

/* ---- recertification ---- */

/* REC-02, REC-03: everything including the decision before the expiry. */
static void add_decision(struct plan *plan, int cycle_no, struct civil expiry,
                         struct civil decided)
{
    json_t *why = why_new(plan, "REC-02", "REC-03", NULL);
    why_date(why, "expiry_date", expiry);
    plan_add(plan,
             &(struct plan_deadline){
                 .kind = DEADLINE_RECERTIFICATION_DECISION,
                 .source_key = plan_key(plan, cycle_no, "recertification_decision", 1),
                 .raw_on = expiry,
                 .due_on = CIVIL_NONE,
                 .hardness = "hard",
                 .rule = "REC-02",
                 .why = why,
                 .audit = plan_find(plan, PLAN_RECERTIFICATION, cycle_no, 1),
                 .fulfilled_on = decided,
             },
             NULL, NULL);
}

static struct civil latest_audit_day(const struct plan_audit *audit)
{
    if (civil_is_none(audit->latest_day))
        return audit->window_end;
    return civil_earlier(audit->window_end, audit->latest_day);
}

static void recertification(struct plan *plan, const struct plan_audit *audit,
                            struct civil since)
{
    plan_booking(plan, audit);
    plan_audit_prepared(plan, audit, since, "SUR-08");
    add_for_audit(plan, audit, DEADLINE_RECERTIFICATION_AUDIT, latest_audit_day(audit),
                  "policy", "REC-01");
    add_decision(plan, audit->cycle_no, plan->facts->certification.expiry_date,
                 CIVIL_NONE);
}

/* What the step into this cycle fulfilled in the one before. */
static void previous_recertification(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    const struct plan_audit *audit =
        plan_find(plan, PLAN_RECERTIFICATION, c->cycle_no - 1, 1);
    if (!audit)
        return;
    add_for_audit(plan, audit, DEADLINE_RECERTIFICATION_AUDIT, latest_audit_day(audit),
                  "policy", "REC-01");
    add_decision(plan, c->cycle_no - 1, c->previous_expiry_date, c->decision_date);
}

/* ---- the cycle ---- */

/* The day since which audit and review count for the next external audit. */
struct civil plan_audit_ends(const struct plan_audit *audit)
{
    struct civil held = plan_held_last(audit);
    return civil_is_none(held) ? audit->window_end : held;
}

struct civil plan_cycle_begins(const struct plan_certification *c)
{
    struct civil audit =
        c->after_recertification ? c->recertification_audit_last_day : c->stage2_last_day;
    if (civil_is_none(audit) || civil_before(c->decision_date, audit))
        return c->decision_date;
    return audit;
}

/* PMK-02: a close on a closed day moves forward. */
static void pmark_renewal(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    struct business_calendar calendar = plan_calendar(plan->facts);
    struct pmark_window window = pmark_renewal_window(&calendar, c->expiry_date);
    const struct {
        enum plan_deadline_kind kind;
        struct civil raw, due;
        const char *hardness;
    } rows[] = {
        {DEADLINE_PMARK_OPEN, window.open, window.open, "policy"},
        {DEADLINE_PMARK_CLOSE, window.close, window.close_rolled, "hard"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *why = why_new(plan, "PMK-02", NULL);
        why_date(why, "expiry_date", c->expiry_date);
        plan_add(plan,
                 &(struct plan_deadline){
                     .kind = rows[i].kind,
                     .source_key =
                         plan_key(plan, c->cycle_no, plan_deadline_name(rows[i].kind), 1),
                     .raw_on = rows[i].raw,
                     .due_on = rows[i].due,
                     .hardness = rows[i].hardness,
                     .rule = "PMK-02",
                     .why = why,
                     .fulfilled_on = CIVIL_NONE,
                 },
                 NULL, NULL);
    }
    add_decision(plan, c->cycle_no, c->expiry_date, CIVIL_NONE);
}

/* TRN-01; a change of edition fulfils it. */
static void edition_end(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    json_t *why = why_new(plan, "TRN-01", NULL);
    why_date(why, "edition_ends_on", transition_27001.end);
    plan_add(plan,
             &(struct plan_deadline){
                 .kind = DEADLINE_EDITION_END,
                 .source_key = plan_key(plan, 0, "edition_end", 1),
                 .raw_on = transition_27001.end,
                 .due_on = CIVIL_NONE,
                 .hardness = "hard",
                 .rule = "TRN-01",
                 .why = why,
                 .fulfilled_on = c->edition_changed_on,
             },
             NULL, NULL);
}

void plan_cycle(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    struct civil since = plan_cycle_begins(c);
    if (c->scheme == SCHEME_PMARK) {
        pmark_renewal(plan);
        return;
    }
    previous_recertification(plan);
    for (int i = 0; i < plan->audit_count; i++) {
        const struct plan_audit *audit = &plan->audits[i];
        if (audit->cycle_no != c->cycle_no)
            continue;
        if (audit->kind == PLAN_SURVEILLANCE)
            surveillance(plan, audit, since);
        else
            recertification(plan, audit, since);
        since = plan_audit_ends(audit);
    }
    if (c->scheme == SCHEME_ISMS_2013 || c->was_2013)
        edition_end(plan);
}

/* ---- what a state asks for ---- */

static void add_task(struct plan *plan, enum plan_deadline_kind kind, const char *name,
                     struct civil raw, const char *hardness, const char *rule,
                     json_t *why)
{
    plan_add(
        plan,
        &(struct plan_deadline){
            .kind = kind,
            .source_key = plan_key(plan, plan->facts->certification.cycle_no, name, 1),
            .raw_on = raw,
            .due_on = CIVIL_NONE,
            .hardness = hardness,
            .rule = rule,
            .why = why,
            .fulfilled_on = CIVIL_NONE,
        },
        NULL, NULL);
}

/* MRK-03: from the day on which the certificate stopped. */
static void remove_mark(struct plan *plan, struct civil stopped, const char *name)
{
    json_t *why = why_new(plan, "MRK-03", NULL);
    why_date(why, "stopped_on", stopped);
    why_policy(plan, why, "mark_removal_days");
    if (!civil_is_none(stopped))
        add_task(plan, DEADLINE_REMOVE_MARK, name,
                 civil_add_days(stopped, plan->facts->policies.mark_removal_days), "hard",
                 "MRK-03", why);
}

static void suspension(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    json_t *why = why_new(plan, "SUS-02", "SUS-03", NULL);
    why_date(why, "suspended_on", c->suspended_on);
    why_policy(plan, why, "max_suspension_months");
    if (!civil_is_none(c->suspended_on))
        add_task(plan, DEADLINE_SUSPENSION_LIMIT, "suspension_limit",
                 civil_add_months(c->suspended_on,
                                  plan->facts->policies.max_suspension_months),
                 "hard", "SUS-02", why);
    remove_mark(plan, c->suspended_on, "remove_mark_suspended");
}

/* TRN-01: a certificate of the 2013 edition ended with it and can not be restored. */
static struct civil end_of_validity(const struct plan_certification *c)
{
    return c->scheme == SCHEME_ISMS_2013
               ? civil_earlier(c->expiry_date, transition_27001.end)
               : c->expiry_date;
}

static void lapse(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    struct civil end = end_of_validity(c);
    json_t *why = why_new(plan, "REC-05", "REC-06", NULL);
    why_date(why, "expiry_date", c->expiry_date);
    why_policy(plan, why, "restore_months");
    if (c->scheme != SCHEME_PMARK && civil_same(end, c->expiry_date))
        add_task(
            plan, DEADLINE_RESTORE, "restore_deadline",
            recert_restore_deadline(c->expiry_date, plan->facts->policies.restore_months),
            "hard", "REC-05", why);
    remove_mark(plan, civil_add_days(end, 1), "remove_mark_expired");
}

/* MRK-03: where the scope no longer reaches, the mark goes, each time that something was taken out. */
static void reduced_scope(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    for (size_t i = 0; i < c->reduction_count; i++) {
        json_t *why = why_new(plan, "SUS-03", "MRK-03", NULL);
        why_date(why, "reduced_on", c->reductions[i].on);
        why_text(why, "removed", c->reductions[i].removed);
        why_policy(plan, why, "mark_removal_days");
        plan_add(plan,
                 &(struct plan_deadline){
                     .kind = DEADLINE_REMOVE_MARK_PART,
                     .source_key = arena_printf(plan->arena, "%s:scope_reduction:%zu",
                                                c->id, i + 1),
                     .raw_on = civil_add_days(c->reductions[i].on,
                                              plan->facts->policies.mark_removal_days),
                     .due_on = CIVIL_NONE,
                     .hardness = "hard",
                     .rule = "MRK-03",
                     .why = why,
                     .fulfilled_on = CIVIL_NONE,
                 },
                 NULL, NULL);
    }
}

/* TRF-02: the issuing body stopped trading or lost its accreditation. */
static void emergency_transfer(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    const struct transfer_facts facts = {
        .state = c->state,
        .expiry = c->expiry_date,
        .cb_lost_accreditation_on = c->accreditation_lost_on,
        .today = CIVIL_NONE,
        .next_audit = CIVIL_NONE,
    };
    json_t *why = why_new(plan, "TRF-02", NULL);
    why_date(why, "accreditation_lost_on", c->accreditation_lost_on);
    why_date(why, "expiry_date", c->expiry_date);
    add_task(plan, DEADLINE_TRANSFER, "transfer_limit", transfer_judge(&facts).deadline,
             "hard", "TRF-02", why);
}

static void target(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    bool first = c->cycle_no == 1 && !c->after_recertification;
    json_t *why = why_new(plan, "PLN-01", NULL);
    why_date(why, "target_date", c->target_date);
    if (civil_is_none(c->target_date) || !first || c->state == CERTIFICATION_WITHDRAWN)
        return;
    plan_add(plan,
             &(struct plan_deadline){
                 .kind = DEADLINE_TARGET_CERTIFICATE,
                 .source_key = plan_key(plan, 1, "target_certificate", 1),
                 .raw_on = c->target_date,
                 .due_on = CIVIL_NONE,
                 .hardness = "own",
                 .rule = "PLN-01",
                 .why = why,
                 .fulfilled_on = c->decision_date,
             },
             NULL, NULL);
}

void plan_state_tasks(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    bool active =
        c->state == CERTIFICATION_CERTIFIED || c->state == CERTIFICATION_SUSPENDED;
    target(plan);
    if (active)
        reduced_scope(plan);
    if (active && c->scheme != SCHEME_PMARK)
        emergency_transfer(plan);
    if (c->state == CERTIFICATION_SUSPENDED)
        suspension(plan);
    else if (c->state == CERTIFICATION_EXPIRED && !civil_is_none(c->expiry_date))
        lapse(plan);
    else if (c->state == CERTIFICATION_WITHDRAWN && !civil_is_none(c->decision_date))
        remove_mark(plan, c->withdrawn_on, "remove_mark_withdrawn");
}
