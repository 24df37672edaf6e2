/* The derivation: facts of one certification in, wanted audits and deadlines out. Pure: no clock but facts->today, no database. Everything
 * lives in the arena. The same facts give the same plan, but for `sticky` days, of which the first one stored stays. */
#ifndef MEGURI_SCHEDULING_PLAN_MAKE_H
#define MEGURI_SCHEDULING_PLAN_MAKE_H

#include "services/scheduling/plan_facts.h"

enum { PLAN_MOST_AUDITS = 16 };

enum plan_audit_kind {
    PLAN_STAGE1,
    PLAN_STAGE2,
    PLAN_SURVEILLANCE,
    PLAN_RECERTIFICATION,
    PLAN_AUDIT_KINDS
};

/* One audit that the programme wants. Where somebody entered it by hand, fact is that one and no row is derived. */
struct plan_audit {
    enum plan_audit_kind kind;
    int cycle_no, ordinal;
    const char *source_key; /* <certification>:c<cycle>:<kind>:<ordinal> */
    struct civil nominal, window_start, window_end, hard_limit;
    struct civil latest_day; /* REC-02, else CIVIL_NONE */
    struct civil
        held_on; /* a step says that it was held, though the audit's row does not yet */
    json_t *why;
    const struct audit_fact *fact; /* NULL: not stored yet */
    bool by_hand;
};

enum plan_deadline_kind {
    DEADLINE_TARGET_CERTIFICATE,
    DEADLINE_SCOPE,
    DEADLINE_RISK_ASSESSMENT,
    DEADLINE_SOA,
    DEADLINE_STAGE2_LATEST,
    DEADLINE_AUDIT_BOOKING,
    DEADLINE_INTERNAL_AUDIT,
    DEADLINE_MANAGEMENT_REVIEW,
    DEADLINE_SURVEILLANCE_AUDIT,
    DEADLINE_SURVEILLANCE_HARD_LIMIT,
    DEADLINE_RECERTIFICATION_AUDIT,
    DEADLINE_RECERTIFICATION_DECISION,
    DEADLINE_RESTORE,
    DEADLINE_SUSPENSION_LIMIT,
    DEADLINE_REMOVE_MARK,
    DEADLINE_REMOVE_MARK_PART,
    DEADLINE_TRANSFER,
    DEADLINE_FINDING_PLAN,
    DEADLINE_FINDING_EVIDENCE,
    DEADLINE_FINDING_OWN_LIMIT,
    DEADLINE_MAJOR_VERIFICATION,
    DEADLINE_MINOR_CLOSURE,
    DEADLINE_NEW_STAGE2,
    DEADLINE_CHANGE_NOTICE,
    DEADLINE_CHANGE_AUDIT,
    DEADLINE_PMARK_OPEN,
    DEADLINE_PMARK_CLOSE,
    DEADLINE_EDITION_END,
    DEADLINE_TRAINING,
    DEADLINE_RISK_REVIEW,
    DEADLINE_SUPPLIER_REASSESSMENT,
    DEADLINE_OBJECTIVE_REVIEW,
    DEADLINE_ACCESS_REVIEW,
    DEADLINE_ASSET_REVIEW,
    DEADLINE_CONTEXT_REVIEW,
    DEADLINE_DOCUMENT_REVIEW,
    DEADLINE_BCP_EXERCISE,
    DEADLINE_LEGAL_REVIEW,
    DEADLINE_OBLIGATION,
    DEADLINE_KINDS
};

/* Name in the contract, "surveillance_audit". */
const char *plan_deadline_name(enum plan_deadline_kind kind);

struct plan_deadline {
    enum plan_deadline_kind kind;
    const char *source_key;
    const char *title_ja, *title_en;
    struct civil raw_on, due_on;
    const char *hardness; /* hard policy law own */
    const char *rule;
    json_t *why;
    const struct plan_audit *audit;      /* may be NULL */
    const struct audit_fact *audit_fact; /* of a finding; may be NULL */
    const char *change_id, *finding_id, *obligation_id;
    struct civil fulfilled_on; /* CIVIL_NONE: open */
    bool sticky;               /* fulfilled_on is only "by today" */
    struct civil since; /* internal audit and management review: looked for after it */
    struct plan_deadline *next;
};

struct plan {
    struct arena *arena;
    const struct plan_facts *facts;
    struct plan_audit audits[PLAN_MOST_AUDITS];
    int audit_count;
    struct plan_deadline *first, **tail;
    int deadline_count;
};

void plan_make(struct arena *arena, const struct plan_facts *facts,
               struct plan *ret_plan);

/* ---- inside ---- */

/* plan_make.c. why: {"rules":[..],"inputs":{..},"policy":{..}}, owned by the arena. */
json_t *why_new(struct plan *plan, const char *rule, ...) __attribute__((sentinel));
void why_date(json_t *why, const char *name, struct civil date);
void why_text(json_t *why, const char *name, const char *text);
void why_policy(const struct plan *plan, json_t *why, const char *name);
/* The durations of the back-plan, from the last step of the plan until `first` (PLN-01). */
void why_backplan(const struct plan *plan, json_t *why, const char *first);
const char *plan_key(const struct plan *plan, int cycle_no, const char *kind,
                     int ordinal);
/* Adds a deadline whose raw day is known; rolls it back to a business day (CAL-04) and titles it. subject = what the title is about, ja and
 * en, may be NULL. Returns it for what else is to be set; NULL when raw_on is CIVIL_NONE. */
struct plan_deadline *plan_add(struct plan *plan, const struct plan_deadline *deadline,
                               const char *subject_ja, const char *subject_en);
/* Cycle number that the audits of a first certification belong to. */
int plan_initial_cycle(const struct plan_facts *facts);

/* plan_text.c */
const char *plan_audit_name(enum plan_audit_kind kind); /* "stage1" */
const char *plan_audit_ja(const struct plan_audit *audit);
const char *plan_audit_en(const struct plan_audit *audit);
void plan_title(const struct plan *plan, struct plan_deadline *deadline,
                const char *subject_ja, const char *subject_en);

/* plan_audits.c */
void plan_preparation_audits(struct plan *plan);
void plan_cycle_audits(struct plan *plan);
bool plan_is_booked(const struct plan_audit *audit);
struct civil plan_held_last(const struct plan_audit *audit); /* CIVIL_NONE: not held */
struct plan_audit *plan_find(struct plan *plan, enum plan_audit_kind kind, int cycle_no,
                             int ordinal);

/* plan_obligations.c. The certification's active obligation of that kind; NULL: there is none. */
const struct obligation_fact *plan_obligation(const struct plan_facts *facts,
                                              const char *kind);
void plan_obligations(struct plan *plan);

/* plan_preparation.c: the day before which work for an audit lies: the booked one, else the nominal one within its window */
struct civil plan_first_day(const struct plan_audit *audit);
/* plan_cycle.c: the days since which work counts for the audit after it */
struct civil plan_cycle_begins(const struct plan_certification *certification);
struct civil plan_audit_ends(const struct plan_audit *audit);

/* plan_preparation.c, plan_cycle.c, plan_findings.c, plan_change.c: deadlines */
void plan_preparation(struct plan *plan);
void plan_audit_prepared(struct plan *plan, const struct plan_audit *audit,
                         struct civil since, const char *rule);
void plan_booking(struct plan *plan, const struct plan_audit *audit);
void plan_cycle(struct plan *plan);
void plan_state_tasks(struct plan *plan);
void plan_findings(struct plan *plan);
void plan_changes(struct plan *plan);

#endif
