/* Stage 1, stage 2 and the gates before them and before the decision (INI-01..04, NC-01). */
#ifndef MEGURI_RULES_STAGES_H
#define MEGURI_RULES_STAGES_H

#include <stdbool.h>

#include "api/civil.h"

enum stage_gap_code {
    STAGE_GAP_OK,
    STAGE_GAP_TOO_SHORT,
    STAGE_GAP_REPEAT_STAGE1_REVIEW,
    STAGE_GAP_STAGE2_BEFORE_STAGE1
};

/* POLICY: the standard fixes neither; practice is 2 weeks, and many bodies cap at 6
 * months. */
#define STAGE_GAP_MIN_DAYS 14
#define STAGE_GAP_MAX_MONTHS 6

struct stage_gap_facts {
    struct civil stage1_last_day;
    struct civil stage2_first_day;
    bool significant_change; /* e.g. the office moved in between (CHG-04) */
    int min_days;
    int max_months;
};

struct stage_gap_result {
    enum stage_gap_code code;
    int days;              /* from stage 1's last to stage 2's first day */
    struct civil earliest; /* first day of stage 2 that the policy allows */
    struct civil latest;   /* last one */
};

/* INI-02, CHG-04 (17021-1 9.3.1.2.4). A significant change weighs more than a short gap;
 * the same day is a gap of 0 days, not "before". */
struct stage_gap_result stage_gap_check(const struct stage_gap_facts *facts);

/* What must have happened, in the order in which it is reported as missing. */
enum gate_item {
    GATE_SCOPE,
    GATE_RISK_ASSESSMENT,
    GATE_SOA,
    GATE_INTERNAL_AUDIT_FULL_SCOPE,
    GATE_MANAGEMENT_REVIEW,
    GATE_ITEMS
};
extern const char *const gate_item_names[GATE_ITEMS];

struct initial_gate_facts {
    bool done[GATE_ITEMS];
    int open_majors;
    int minors_without_accepted_plan;
    int open_minors;           /* looked at only under the next member */
    bool minor_must_be_closed; /* POLICY of some bodies, default false */
};

/* INI-03 and NC-01: the certification decision may be taken. */
bool initial_gate_may_decide(const struct initial_gate_facts *facts);

/* INI-03: for a body that wants internal audit and management review before stage 1, all
 * items; for the others stage 1 only has to find those two planned. */
bool initial_gate_may_start_stage1(const struct initial_gate_facts *facts,
                                   bool ia_mr_required_before_stage1);

#endif
