/* The facts of one certification as loadPlanFacts gives them: what the derivation and the state machine judge by. */
#ifndef MEGURI_SCHEDULING_PLAN_FACTS_H
#define MEGURI_SCHEDULING_PLAN_FACTS_H

#include "api/arena.h"
#include "api/civil.h"
#include "services/scheduling/policies.h"
#include "services/scheduling/rules/claims.h"
#include "services/scheduling/rules/findings.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum plan_scheme {
    SCHEME_ISMS,
    SCHEME_ISMS_2013,
    SCHEME_ADDON,
    SCHEME_PIMS,
    SCHEME_PMARK
};

enum plan_booking { AUDIT_NOT_BOOKED, AUDIT_BOOKED, AUDIT_HELD, AUDIT_CANCELLED };

struct scope_reduction {
    struct civil on;
    const char *removed;
};

struct plan_certification {
    const char *id, *client_id;
    enum plan_scheme scheme;
    const char *scheme_name;
    enum certification_state state;
    int cycle_no, anchor_cycle;
    bool after_recertification; /* SUR-05 instead of SUR-01 */
    struct civil target_date;
    struct civil stage1_last_day, stage2_last_day, recommended_on;
    struct civil decision_date, effective_date, expiry_date, previous_expiry_date;
    struct civil cycle_start, anchor_date, recertification_audit_last_day;
    struct civil suspended_on, withdrawn_on, original_certification_date;
    struct civil scope_defined_on, risk_assessment_done_on, soa_approved_on;
    struct civil internal_audit_done_on, management_review_done_on;
    struct civil accreditation_lost_on; /* TRF-02 */
    struct civil edition_changed_on;
    bool was_2013; /* before edition_changed_on */
    const struct scope_reduction *reductions;
    size_t reduction_count;
};

struct audit_fact {
    const char *id;
    const char *kind;
    const char *source_key; /* NULL: entered by hand */
    int cycle_no, ordinal;
    enum plan_booking booking;
    struct civil planned_first_day, planned_last_day, held_first_day, held_last_day;
};

struct finding_fact {
    const char *id;
    const char *reference;          /* may be NULL */
    const struct audit_fact *audit; /* may be NULL */
    enum finding_grade grade;
    struct civil plan_submitted_on, plan_accepted_on, evidence_submitted_on;
    struct civil verified_on, closed_on;
};

struct change_fact {
    const char *id;
    const char *kind;
    const char *status;
    struct civil change_date;
    struct civil notified_on, approved_on, accepted_on;
    int persons_before, persons_after; /* 0: not known */
    /* what its approval chose for this certification */
    const char *variant;            /* NULL: not approved */
    const struct audit_fact *audit; /* that looks at it; may be NULL */
    bool audit_made;                /* by the approval */
    struct civil not_before, due_by;
};

struct obligation_fact {
    const char *id, *kind;
    const char *title; /* of a custom one */
    int interval_months;
    int preferred_month; /* 0: none */
    int buffer_days;     /* -1: as the kind or the policy says */
    bool active;
    struct civil starts_on;
    const struct civil *done; /* in order */
    size_t done_count;
};

struct plan_facts {
    struct civil today;
    struct plan_certification certification;
    struct policies policies;
    const struct audit_fact *audits;
    size_t audit_count;
    const struct finding_fact *findings;
    size_t finding_count;
    const struct change_fact *changes;
    size_t change_count;
    const struct obligation_fact *obligations;
    size_t obligation_count;
};

/* Of a scheme's name; SCHEME_ISMS for one that is not known. */
enum plan_scheme plan_scheme_of(const char *name);

/* Reads one object of loadPlanFacts. Texts are borrowed from json, lists live in the arena. */
void plan_facts_read(struct arena *arena, const json_t *json, struct civil today,
                     struct plan_facts *ret);

/* A date member of a JSON object; CIVIL_NONE when absent or null. */
struct civil json_date(const json_t *object, const char *name);

/* Calendar of CAL-04 under the policies. */
struct business_calendar plan_calendar(const struct plan_facts *facts);

/* Last day of the latest held audit of that kind on or before `until` (CIVIL_NONE: any time); CIVIL_NONE when there is none. */
struct civil plan_last_held(const struct plan_facts *facts, const char *kind,
                            struct civil until);

/* The later of both; CIVIL_NONE counts as earliest. */
struct civil civil_later(struct civil a, struct civil b);

#endif
