/* One change as it meets one certification: facts read, options judged, time and money counted. */
#ifndef MEGURI_SCHEDULING_CHANGE_CASE_H
#define MEGURI_SCHEDULING_CHANGE_CASE_H

#include "services/scheduling/change_texts.h"
#include "services/scheduling/plan_facts.h"
#include "services/scheduling/rules/audit_time.h"

/* The row of loadAdviceFacts and who reads it. */
struct change_ground {
    struct arena *arena;
    enum language language;
    struct civil today;
    const json_t *facts;
};

/* Audit time in half days before and after the change (AT-01, AT-03). */
struct change_time {
    bool known;               /* the persons after it are known, and within the table */
    enum change_note unknown; /* why not */
    bool both_known;          /* the persons before it as well */
    int64_t persons_before, persons_after;
    struct audit_time before, after;
};

struct change_case {
    const struct change_ground *ground;
    const json_t *change;
    const json_t *row; /* of the certification: certification, audits, quote */
    const struct change_kind *kind;
    struct civil change_date;
    struct plan_facts facts; /* certification and policies; no lists */
    const json_t *next;      /* the audit that can look at it; may be NULL */
    struct change_option_facts asked;
    struct change_options options;
    struct change_time time;
    struct move_facts move; /* planned days where none are recorded */
};

/* The case of one certification of the row; false when the kind is not known. */
bool change_case_read(const struct change_ground *ground, const json_t *change,
                      const json_t *certification, struct change_case *ret_case);

/* change_cost.c */
struct change_time change_time_of(const struct change_ground *ground,
                                  const json_t *change, const struct policies *policies);
/* Extra half days of the variant against what is audited anyway; false: not known, and why. */
bool change_extra_time(const struct change_case *of, enum change_variant variant,
                       int *ret_half_days, enum change_note *ret_why);
/* {currency, amount, day_rate, extra_days, travel, quote_id}, or NULL and why. Money in the smallest unit of the currency. */
json_t *change_cost(const struct change_case *of, enum change_variant variant,
                    enum change_note *ret_why);

#endif
