/* Gates: what is missing before each step of a certification's life. Pure: a derived plan in, gates out, all in the plan's arena.
 *
 * A gate is not applicable (and says why), passes (the step may be taken today), is not yet passed (something is still to be done, and there
 * is time), or is blocked (the step cannot be taken as things stand: an open major, a suspension, a hard limit that has passed). The gates of
 * the decision and of the recertification ask for exactly what transition_rules.c asks for. */
#ifndef MEGURI_SCHEDULING_GATES_H
#define MEGURI_SCHEDULING_GATES_H

#include "services/scheduling/plan_make.h"

enum gate_kind {
    GATE_OF_STAGE1,
    GATE_OF_STAGE2,
    GATE_OF_DECISION,
    GATE_OF_SURVEILLANCE,
    GATE_OF_RECERTIFICATION,
    GATE_KINDS
};

enum gate_status { GATE_NOT_APPLICABLE, GATE_PASS, GATE_NOT_YET, GATE_BLOCKED };

enum gate_code {
    GATE_NEEDS_SCOPE,
    GATE_NEEDS_RISK_ASSESSMENT,
    GATE_NEEDS_SOA,
    GATE_NEEDS_INTERNAL_AUDIT,
    GATE_NEEDS_MANAGEMENT_REVIEW,
    GATE_NEEDS_BOOKING,
    GATE_NEEDS_EARLIER_BOOKING,
    GATE_NEEDS_STAGE_GAP,
    GATE_NEEDS_STAGE1,
    GATE_NEEDS_STAGE1_AGAIN,
    GATE_NEEDS_CONCERN_SOLVED,
    GATE_NEEDS_STAGE2,
    GATE_NEEDS_STAGE2_AGAIN,
    GATE_NEEDS_RECOMMENDATION,
    GATE_NEEDS_MAJOR_VERIFIED,
    GATE_NEEDS_MINOR_PLAN,
    GATE_NEEDS_MINOR_CLOSED,
    GATE_NEEDS_AUDIT_IN_TIME,
    GATE_NEEDS_RECERTIFICATION_AUDIT,
    GATE_NEEDS_RESTORATION,
    GATE_NEEDS_NEW_INITIAL_AUDIT,
    GATE_NEEDS_CERTIFICATE_IN_FORCE,
    GATE_NEEDS_RENEWAL,
    GATE_NEEDS_EDITION_OPEN,
    GATE_NEEDS_ISMS,
    GATE_NEEDS_ISMS_AUDIT,
    GATE_NEEDS_ISMS_RENEWED,
    GATE_CODES
};

enum gate_why {
    GATE_APPLIES,
    GATE_AUDIT_WAS_HELD,
    GATE_BEFORE_CERTIFICATE,
    GATE_WAS_DECIDED,
    GATE_NO_SURVEILLANCE_LEFT,
    GATE_SCHEME_HAS_NONE,
    GATE_HAS_EXPIRED,
    GATE_WAS_WITHDRAWN,
    GATE_ADDED_TO_ISMS,
    GATE_WHYS
};

/* One thing that a gate asks for. */
struct gate_item {
    enum gate_code code;
    const char *rule;
    const char *entity;                  /* certification audit finding */
    const char *entity_id;               /* NULL: has no row yet */
    const char *subject_ja, *subject_en; /* which one; "" when there is only one */
    struct civil since;                  /* looked for after this day */
    struct civil done_on;                /* CIVIL_NONE: missing */
    struct civil by_when;                /* CIVIL_NONE: no day derived */
    struct civil blocks_on; /* missing on this day or later blocks; CIVIL_NONE: never */
    bool guard;             /* a limit: nothing to do until blocks_on, and then missing */
};

struct gate {
    enum gate_kind kind;
    enum gate_status status;
    enum gate_why why;
    struct civil why_date;          /* may be CIVIL_NONE */
    const struct plan_audit *audit; /* the audit before which it stands; may be NULL */
    struct gate_item *items;
    int item_count;
    int wanted, done;        /* items that are no guards */
    struct civil blocked_on; /* first day on which it blocks unless something changes */
};

struct gates {
    struct plan *plan;
    const struct plan_facts *isms; /* in force beside an add-on; may be NULL */
    struct gate gate[GATE_KINDS];
    const struct gate *next; /* the one to be passed next; NULL: none */
};

/* all: facts of every certification of the client, this one among them; an add-on stands on its ISMS. */
void gates_make(struct plan *plan, const struct plan_facts *all, size_t count,
                struct gates *ret);

/* On the day of the facts: done, or a guard whose day has not come. */
bool gate_item_done(const struct gates *gates, const struct gate_item *item);
/* Share of what the gate asks for that is done, in whole percent, rounded down; 100 when it asks for nothing. */
int gate_readiness(const struct gate *gate);

/* ---- texts (gates_text.c) ---- */

const char *gate_name(enum gate_kind kind); /* "stage1" */
const char *gate_title(enum gate_kind kind, bool japanese);
const char *gate_status_name(enum gate_status status);
const char *gate_rule(enum gate_kind kind);
const char *gate_why_text(enum gate_why why, bool japanese);
const char *gate_code_name(enum gate_code code);
const char *gate_code_rule(enum gate_code code);
/* Standard and clause, or whose choice it is. */
const char *gate_item_clause(struct arena *arena, const struct gate_item *item);
/* What is missing, with its subject. */
const char *gate_item_what(struct arena *arena, const struct gate_item *item,
                           bool japanese);
const char *gate_code_next(enum gate_code code, bool japanese);

/* ---- inside ---- */

struct gate_item *gate_ask(struct gates *gates, enum gate_kind kind, enum gate_code code,
                           struct civil done_on, struct civil by_when);
void gate_not_applicable(struct gates *gates, enum gate_kind kind, enum gate_why why,
                         struct civil date);
/* Last held day until the day of the facts; CIVIL_NONE: not held by then. */
struct civil gate_held(const struct gates *gates, const struct plan_audit *audit);
void gate_about_audit(struct gate_item *item, const struct plan_audit *audit);
/* The deadline of that kind; audit and finding NULL = any. */
const struct plan_deadline *gate_deadline(const struct gates *gates,
                                          enum plan_deadline_kind kind,
                                          const struct plan_audit *audit,
                                          const char *finding_id);
struct civil gate_due(const struct gates *gates, enum plan_deadline_kind kind,
                      const struct plan_audit *audit, const char *finding_id);
struct gate_item *gate_guard(struct gates *gates, enum gate_kind kind,
                             enum gate_code code, struct civil blocks_on);
void gate_about_finding(struct gates *gates, struct gate_item *item,
                        const struct finding_fact *finding);
/* Closed until the day of the facts, else verified; CIVIL_NONE: neither. */
struct civil gate_solved_on(const struct gates *gates,
                            const struct finding_fact *finding);
void gate_booking(struct gates *gates, enum gate_kind kind);
void gate_findings(struct gates *gates, enum gate_kind kind); /* NC-01 */
/* The last day on which the certificate is valid: a 2013 edition ended with it (TRN-01). */
struct civil gate_end_of_validity(const struct plan_certification *certification);
/* gates_addon.c (ADD-01, ADD-02) */
bool gates_addon_without_stages(const struct gates *gates);
void gates_addon_decision(struct gates *gates);
void gates_addon_in_force(struct gates *gates, enum gate_kind kind);
void gates_addon_renewal(struct gates *gates);
void gates_of_initial(struct gates *gates); /* gates_initial.c */
void gates_of_cycle(
    struct gates *gates); /* gates_cycle.c: certified, suspended, expired */

#endif
