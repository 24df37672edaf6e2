/* What can be done about a change, and what is advised: CHG-02 (on paper, at the next audit, by an audit of its own), CHG-03 (months), CHG-04
 * (stage 1 again), SPC-01 and MS-03 (what is new joins by its own audit or the next one), PMK-03. */
#ifndef MEGURI_RULES_CHANGE_OPTIONS_H
#define MEGURI_RULES_CHANGE_OPTIONS_H

#include "services/scheduling/rules/change.h"

enum change_variant {
    VARIANT_PAPER_NOTICE,
    VARIANT_MERGE,
    VARIANT_PULL_FORWARD,
    VARIANT_CHANGE_AUDIT,
    VARIANT_REPEAT_STAGE1,
    CHANGE_VARIANTS
};
extern const char *const change_variant_names[CHANGE_VARIANTS];
bool change_variant_parse(const char *name, enum change_variant *ret_variant);

/* Where the certification stands when the change comes. */
enum change_phase {
    PHASE_BEFORE_STAGE1,
    PHASE_BETWEEN_STAGES,
    PHASE_AFTER_STAGE2,
    PHASE_CERTIFIED,
    PHASE_PMARK
};

struct change_option_facts {
    enum change_family family;
    enum change_phase phase;
    bool bracket_stays; /* head count: known not to leave its row of AT-01 */
    struct civil change_date;
    struct change_audit_days next; /* all CIVIL_NONE: no next audit is known */
    int merge_within_months;
    int special_within_months;
    bool allow_pull_forward;
};

/* Why a variant does not fit. */
enum change_obstacle {
    OBSTACLE_NONE,
    OBSTACLE_MORE_THAN_PAPER, /* an audit must look at it */
    OBSTACLE_PAPER_IS_ENOUGH,
    OBSTACLE_NO_NEXT_AUDIT, /* none is known that can see the change */
    OBSTACLE_NOTHING_TO_PULL, /* the next audit comes soon enough, or its window opens too late */
    OBSTACLE_POLICY,          /* allow_pull_forward is off */
    OBSTACLE_NOT_CERTIFIED_YET, /* the initial audit itself looks at it */
    OBSTACLE_NOT_BETWEEN_STAGES,
    OBSTACLE_PMARK, /* no audits between the renewals (PMK-03) */
    CHANGE_OBSTACLES
};

struct change_option {
    enum change_obstacle obstacle;
    struct civil not_before; /* first day on which the audit sees the change */
    struct civil due_by;     /* last day of the audit; CIVIL_NONE: as the audit itself */
    struct civil expected;   /* day of the audit that is there already */
};

/* Why the advised one is advised. */
enum change_reason {
    REASON_PAPER_ENOUGH,
    REASON_BRACKET_STAYS,
    REASON_NEXT_AUDIT_SOON, /* within merge_within_months */
    REASON_NEXT_AUDIT_LOOKS,
    REASON_WINDOW_OPENS_SOON,
    REASON_TOO_LATE_TO_WAIT,
    REASON_NO_AUDIT_KNOWN,
    REASON_INITIAL_AUDIT,
    REASON_STAGE1_STALE,
    REASON_AFTER_STAGE2,
    REASON_PMARK,
    CHANGE_REASONS
};

struct change_options {
    struct change_option of[CHANGE_VARIANTS];
    enum change_variant advised;
    enum change_reason reason;
};

void change_options_judge(const struct change_option_facts *facts,
                          struct change_options *ret_options);

#endif
