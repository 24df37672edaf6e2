/* Findings and their clocks (NC-01..05, REC-02). */
#ifndef MEGURI_RULES_FINDINGS_H
#define MEGURI_RULES_FINDINGS_H

#include <stdbool.h>

#include "api/business_day.h"
#include "api/civil.h"

/* NC-05 */
enum finding_grade {
    FINDING_MAJOR,
    FINDING_MINOR,
    FINDING_OBSERVATION,
    FINDING_OPPORTUNITY,
    FINDING_STRENGTH,
    FINDING_STAGE1_CONCERN,
    FINDING_GRADES
};

/* NC-05, INI-04: only majors and minors carry deadlines; stage-1 concerns do not start
 * the six months. */
bool finding_has_deadline(enum finding_grade grade);
const char *finding_grade_name(enum finding_grade grade);

/* INI-04, NC-05: whether majors and minors of an audit of this kind are answered to a certification body by days that it gives. Not so for
 * stage 1, whose remarks are concerns, for a pre-audit, and for internal audits. */
bool finding_audit_starts_clock(const char *audit_kind);

struct major_facts {
    struct civil stage2_last_day;
    struct civil verified_date; /* CIVIL_NONE: not yet verified by the body */
    struct civil today;         /* used only while not verified */
};

struct major_result {
    struct civil deadline;
    bool new_stage2_required;
};

/* NC-02 (17021-1 9.5.3.2): verified within 6 months of the last day of stage 2,
 * inclusive, else another stage 2. */
struct major_result finding_major_initial(const struct major_facts *facts);

/* NC-02: the client's own deadline, `weeks` weeks (4-6) before the body's. */
struct civil finding_client_deadline(struct civil deadline, int weeks);

/* REC-02: a major of a recertification audit, verified on or before the expiry. */
bool finding_recert_may_recommend(struct civil expiry, struct civil verified_date);

/* NC-03: POLICY of the body; these are the most common of the days found. */
#define FINDING_PLAN_DAYS 14
#define FINDING_EVIDENCE_DAYS 60

struct finding_due {
    struct civil raw; /* counted from the closing meeting */
    struct civil due; /* rolled back to a business day (CAL-04) */
};

struct finding_due finding_due_after(const struct business_calendar *calendar,
                                     struct civil closing_meeting, int days);

#endif
