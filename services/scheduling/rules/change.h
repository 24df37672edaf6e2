/* Changes of the client that the body must hear of, and relocations (CHG-01..06). */
#ifndef MEGURI_RULES_CHANGE_H
#define MEGURI_RULES_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "api/business_day.h"
#include "api/civil.h"

#define CHANGE_MERGE_MONTHS 3   /* CHG-03 N, POLICY */
#define CHANGE_SPECIAL_MONTHS 3 /* CHG-03 M, POLICY */
#define CHANGE_NOTICE_DAYS 60   /* CHG-01, POLICY (product choice) */
#define CHANGE_WARN_MONTHS 6    /* CHG-05, POLICY */

enum relocation_action {
    RELOCATION_MERGE,
    RELOCATION_MERGE_PULL_FORWARD,
    RELOCATION_SPECIAL_AUDIT
};

struct relocation_facts {
    struct civil move_date;
    struct civil next_nominal;      /* CIVIL_NONE: no next audit is known */
    struct civil next_window_start; /* CIVIL_NONE: its window is not known */
    int merge_within_months;
    int special_within_months;
    bool allow_pull_forward;
};

struct relocation_result {
    enum relocation_action action;
    struct civil due_by; /* last day by which an audit must have seen the new office */
    struct civil not_before; /* first day for it; the move, or later by the window */
};

/* CHG-03 */
struct relocation_result relocation_advise(const struct relocation_facts *facts);

enum move_warning {
    MOVE_WARNING_NONE,
    MOVE_WARNING_BETWEEN_STAGES,
    MOVE_WARNING_SOON_AFTER_AUDIT
};

struct move_facts {
    struct civil stage1_last_day;
    struct civil stage2_last_day;
    struct civil decision;
    struct civil move_date;
    int warn_months;
};

/* CHG-04, CHG-05: a move in (stage 1, stage 2] or in (stage 2, decision + warn_months]. */
enum move_warning move_warning_judge(const struct move_facts *facts);

/* A kind of change. Names not in the table need no notice, but are reported as unknown. */
struct change_kind {
    const char *name;
    const char *rule;
    bool must_notify;
    bool needs_audit_review;
};

/* CHG-01, CHG-06; NULL when the name is not a notifiable change. */
const struct change_kind *change_kind_find(const char *name);

/* The i-th row of the table, NULL behind the last: for lists and tests. */
const struct change_kind *change_kind_at(size_t index);

struct change_notice {
    struct civil raw;       /* notice_days before the change */
    struct civil notify_by; /* rolled back to a business day (CAL-04) */
};

struct change_notice change_notice_due(const struct business_calendar *calendar,
                                       struct civil change_date, int notice_days);

#endif
