/* Audit time of ISO/IEC 27006-1 Annex C (AT-01..AT-08). Times are half days, so that the
 * table is exact in integers; percentages are thousandths of a percent. */
#ifndef MEGURI_RULES_AUDIT_TIME_H
#define MEGURI_RULES_AUDIT_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDIT_TIME_PERCENT 1000    /* one percent */
#define AUDIT_TIME_TABLE_END 10700 /* beyond it the table only says "follow on" */
#define AUDIT_TIME_MOST_PERSONS 10000000
#define AUDIT_TIME_MOST_GROUPS 256
#define AUDIT_TIME_FACTORS 3
#define AUDIT_TIME_ABOVE_TABLE (-1)

/* AT-04: POLICY */
enum audit_time_round { AUDIT_TIME_NEAREST_HALF, AUDIT_TIME_CEIL_HALF };

struct audit_time_facts {
    int64_t persons; /* under the organization's control in scope, 1.. */
    int64_t adjust_pct;
    int64_t min_pct; /* -30 % at most (AT-02, HARD) */
    int64_t max_pct;
    int64_t stage1_share_pct;
    enum audit_time_round round;
    /* AT-02: three factors of 1-3 each; both lists or none. They replace adjust_pct by the mild end of the matrix. */
    int64_t business[AUDIT_TIME_FACTORS];
    size_t business_count;
    int64_t it[AUDIT_TIME_FACTORS];
    size_t it_count;
    int integrated_pct; /* AT-08 */
    int remote_pct;     /* AT-07 */
    int max_remote_pct; /* AT-07: POLICY */
};

#define AUDIT_TIME_FACTS_DEFAULT                                                         \
    {                                                                                    \
        .min_pct = -30 * AUDIT_TIME_PERCENT, .max_pct = 100 * AUDIT_TIME_PERCENT,        \
        .stage1_share_pct = 34 * AUDIT_TIME_PERCENT, .round = AUDIT_TIME_NEAREST_HALF,   \
        .max_remote_pct = 30                                                             \
    }

struct audit_time {
    int table; /* half days, or AUDIT_TIME_ABOVE_TABLE and all others 0 */
    int64_t applied_pct;
    int initial;
    int surveillance;
    int recertification;
    int stage1;
    int stage2;
    int64_t bracket_from; /* the persons of the table's row (0 when above) */
    int64_t bracket_to;
};

/* AT-01: half days of the initial audit (stage 1 + stage 2) for that many persons. */
int audit_time_table(int64_t persons, int64_t *ret_from, int64_t *ret_to);

/* AT-01..04: adjusted time of all audits. Surveillance is about a third, recertification
 * about two thirds of the initial time for the organization as it is now. */
struct audit_time audit_time_estimate(const struct audit_time_facts *facts);

/* AT-02: both lists of factors are there. */
bool audit_time_has_complexity(const struct audit_time_facts *facts);

/* CHG-06: a change of the head count that crosses a bracket must be told. */
bool audit_time_bracket_changes(int64_t persons_before, int64_t persons_after);

/* AT-05 (27006-1:2024 C.3.4): the smallest whole number not below the square root. */
int64_t audit_time_square_root_up(int64_t persons);

/* AT-05: per identical activity its square root, the others in full. */
int64_t audit_time_effective_persons(const int64_t *groups, size_t count, int64_t others);

/* AT-02: informative matrix; scores 3-9 from three factors of 1-3 each. */
enum audit_time_level { AUDIT_TIME_LOW, AUDIT_TIME_MEDIUM, AUDIT_TIME_HIGH };
struct audit_time_range {
    int from_pct; /* the mild end */
    int to_pct;
};
extern const char *const audit_time_level_names[]; /* low, medium, high */
int audit_time_score(const int64_t factors[AUDIT_TIME_FACTORS]);
enum audit_time_level audit_time_level_of_score(int score);
struct audit_time_range audit_time_complexity(enum audit_time_level business,
                                              enum audit_time_level it);

/* AT-02: what the matrix says for the facts' factors. */
struct audit_time_range audit_time_range_of(const struct audit_time_facts *facts);

/* AT-06: at least 70 % on site; in half days, rounded up. */
int audit_time_on_site_minimum(int half_days);

/* AT-07: the part of an audit that is held remotely, to the nearest half day. */
int audit_time_remote(int half_days, int remote_pct);

/* AT-07: a remote share that the body's policy wants justified. */
bool audit_time_remote_needs_reason(int remote_pct, int max_remote_pct);

/* AT-08 (MD 11): reduction for an integrated audit, at most 20 %. */
int audit_time_integrated(int half_days, int reduction_pct, enum audit_time_round round);

#endif
