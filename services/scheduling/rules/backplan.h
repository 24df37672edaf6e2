/* Planning backwards from a wanted certificate date (PLN-01..03, section 3.3). */
#ifndef MEGURI_RULES_BACKPLAN_H
#define MEGURI_RULES_BACKPLAN_H

#include <stdbool.h>

#include "api/business_day.h"
#include "api/civil.h"

enum backplan_variant {
    BACKPLAN_IA_BEFORE_STAGE1, /* A: internal audit and review before stage 1 */
    BACKPLAN_IA_BETWEEN_STAGES /* B: between the stages */
};

/* In order of time for variant A. */
enum backplan_milestone {
    BACKPLAN_KICKOFF, /* = start of scope, issues and parties */
    BACKPLAN_ASSET_INVENTORY_START,
    BACKPLAN_RISK_ASSESSMENT_START,
    BACKPLAN_TREATMENT_START,
    BACKPLAN_DOCUMENTS_START,
    BACKPLAN_OPERATION_START,
    BACKPLAN_INTERNAL_AUDIT_START,
    BACKPLAN_INTERNAL_AUDIT_END,
    BACKPLAN_MANAGEMENT_REVIEW,
    BACKPLAN_STAGE1_FIRST,
    BACKPLAN_STAGE1_LAST,
    BACKPLAN_STAGE2_FIRST,
    BACKPLAN_STAGE2_LAST,
    BACKPLAN_CA_ACCEPTED,
    BACKPLAN_DECISION,
    BACKPLAN_CERTIFICATE,
    BACKPLAN_MILESTONES
};
extern const char *const backplan_milestone_names[BACKPLAN_MILESTONES];

#define BACKPLAN_MOST_DAYS 730
#define BACKPLAN_MOST_AUDIT_DAYS 60

/* POLICY: durations in calendar days, audits in business days. */
struct backplan_policy {
    int cert_issue_days;
    int review_days;
    int ca_days;
    int stage2_bd;
    int stage2_prep_days;
    int stage1_bd;
    int mr_buffer_days;
    int mr_days;
    int ia_days;
    int ops_days;
    int documents_days;
    int treatment_days;
    int risk_assessment_days;
    int asset_inventory_days;
    int scope_days;
    bool year_end_closed;
    bool ia_mr_required_before_stage1; /* INI-03: such a body refuses variant B */
};

#define BACKPLAN_POLICY_DEFAULT                                                          \
    {                                                                                    \
        .cert_issue_days = 21, .review_days = 14, .ca_days = 30, .stage2_bd = 2,         \
        .stage2_prep_days = 45, .stage1_bd = 1, .mr_buffer_days = 7, .mr_days = 7,       \
        .ia_days = 14, .ops_days = 30, .documents_days = 21, .treatment_days = 14,       \
        .risk_assessment_days = 21, .asset_inventory_days = 21, .scope_days = 14,        \
        .year_end_closed = true                                                          \
    }

struct backplan_facts {
    struct civil target_certificate_date;
    enum backplan_variant variant;
    struct civil today;
    struct backplan_policy policy;
    const struct holiday_change *holiday_changes; /* borrowed; may be NULL */
    size_t holiday_change_count;
};

struct backplan {
    struct civil date[BACKPLAN_MILESTONES]; /* on business days, but the certificate */
    struct civil raw[BACKPLAN_MILESTONES];  /* before rolling (CAL-04) */
    bool order_ok;
    bool feasible;
    bool
        audit_not_after_stage1; /* variant B: the internal audit would not follow stage 1 */
    bool body_refuses_variant; /* variant B with ia_mr_required_before_stage1 */
    bool kickoff_is_past;
};

/* PLN-01..03. Durations must be within 0..BACKPLAN_MOST_DAYS, audit days within
 * 1..BACKPLAN_MOST_AUDIT_DAYS. */
void backplan_make(const struct backplan_facts *facts, struct backplan *ret_plan);

/* What to offer when a plan is not feasible, in the order of section 3.3. */
enum backplan_alternative {
    BACKPLAN_TRY_VARIANT_B,
    BACKPLAN_TRY_SHORTER_BUFFERS, /* half the time between the stages and before them */
    BACKPLAN_TRY_SMALLER_SCOPE, /* half the time for inventory, risks, documents, audit */
    BACKPLAN_TRY_LATER_DATE,
    BACKPLAN_ALTERNATIVES
};
extern const char *const backplan_alternative_names[BACKPLAN_ALTERNATIVES];

/* The facts changed as the alternative says. False when it changes nothing: variant B is
 * already chosen, or no date within three years helps. */
bool backplan_alternative_facts(const struct backplan_facts *facts,
                                enum backplan_alternative alternative,
                                struct backplan_facts *ret_facts);

#endif
