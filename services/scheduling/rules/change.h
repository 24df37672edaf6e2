/* Changes of the client that the body must hear of, and relocations (CHG-01..06). */
#ifndef MEGURI_RULES_CHANGE_H
#define MEGURI_RULES_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "api/business_day.h"
#include "api/civil.h"

#define CHANGE_MERGE_MONTHS 3      /* CHG-03 N, POLICY */
#define CHANGE_SPECIAL_MONTHS 3    /* CHG-03 M, POLICY */
#define CHANGE_NOTICE_DAYS 60      /* CHG-01, POLICY (product choice) */
#define CHANGE_WARN_MONTHS 6       /* CHG-05, POLICY */
#define CHANGE_AUDIT_SHARE_PCT 20  /* AT-03, POLICY (product choice) */
#define CHANGE_MERGED_SHARE_PCT 10 /* AT-03, POLICY (product choice) */

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
    MOVE_WARNING_SOON_AFTER_AUDIT,
    /* A day that is not known decides: nothing is taken for granted. */
    MOVE_WARNING_STAGE1_UNKNOWN,
    MOVE_WARNING_STAGE2_UNKNOWN,
    MOVE_WARNING_DECISION_UNKNOWN,
    MOVE_WARNINGS
};

struct move_facts {
    struct civil stage1_last_day;
    struct civil stage2_last_day;
    struct civil decision;
    struct civil move_date;
    int warn_months;
};

/* CHG-04, CHG-05: a move in (stage 1, stage 2] or in (stage 2, decision + warn_months]. Each day may be CIVIL_NONE. */
enum move_warning move_warning_judge(const struct move_facts *facts);

/* What a kind of change does to the certification: which answers of CHG-02 fit. */
enum change_family {
    CHANGE_ON_PAPER,   /* an address, a name: the body changes its papers */
    CHANGE_MOVE,       /* the certified thing itself moves (CHG-03) */
    CHANGE_GROWTH,     /* something new comes in (SPC-01, MS-03) */
    CHANGE_SHRINKING,  /* something goes out (MRK-03) */
    CHANGE_HEAD_COUNT, /* the audit time may change (AT-01, AT-03) */
    CHANGE_REVIEW,     /* the same scope works differently */
    CHANGE_INCIDENT,   /* the body may come at short notice (SPC-02) */
    CHANGE_FAMILIES
};

/* A kind of change. Names not in the table need no notice, but are reported as unknown. */
struct change_kind {
    const char *name;
    const char *rule;
    bool must_notify;
    bool needs_audit_review;
    enum change_family family;
    bool touches_scope; /* its approval makes a new version of the scope */
};

/* CHG-01, CHG-06; NULL when the name is not a notifiable change. */
const struct change_kind *change_kind_find(const char *name);

/* The i-th row of the table, NULL behind the last: for lists and tests. */
const struct change_kind *change_kind_at(size_t index);

/* The day on which the next audit can see the change: the day agreed, else its nominal day, else the first day of its window after the
 * change. CIVIL_NONE: it can not (or is not known). */
struct change_audit_days {
    struct civil nominal, window_start, window_end;
    struct civil planned_first, planned_last; /* agreed with the body */
};
struct civil change_audit_sees(const struct change_audit_days *audit,
                               struct civil change_date);

struct change_notice {
    struct civil raw;       /* notice_days before the change */
    struct civil notify_by; /* rolled back to a business day (CAL-04) */
};

struct change_notice change_notice_due(const struct business_calendar *calendar,
                                       struct civil change_date, int notice_days);

/* What the days before are counted from and how many they are: a serious incident is told on its day, or on the next business day. */
struct civil change_told_from(const struct business_calendar *calendar,
                              const struct change_kind *kind, struct civil change_date);
int change_notice_days(const struct change_kind *kind, int notice_days_before);

#endif
