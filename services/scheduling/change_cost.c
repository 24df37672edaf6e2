/* Time and money of the answers to a change (AT-01, AT-03; what share a change takes is the product's policy). */
#include "services/scheduling/change_case.h"

#include "services/scheduling/estimate.h"

#include <string.h>

enum { LEAST_OWN_HALF_DAYS = 2, LEAST_MERGED_HALF_DAYS = 1 };

static int64_t number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_integer(value) ? json_integer_value(value) : 0;
}

/* AT-01..AT-04, with the adjustment that the client's own audit-day facts name (AT-02). */
static struct audit_time time_for(const struct change_ground *ground, int64_t count,
                                  const struct policies *policies)
{
    const struct audit_time_facts facts = {
        .persons = count,
        .adjust_pct = number(ground->facts, "adjust_pct") * AUDIT_TIME_PERCENT,
        .min_pct = (int64_t)policies->min_adjust_pct * AUDIT_TIME_PERCENT,
        .max_pct = (int64_t)policies->max_adjust_pct * AUDIT_TIME_PERCENT,
        .stage1_share_pct = (int64_t)policies->stage1_share_pct * AUDIT_TIME_PERCENT,
        .round = (enum audit_time_round)policies->audit_time_round,
    };
    return audit_time_estimate(&facts);
}

/* Without a word of the change itself the persons of the scope, else of the client, stay what they are. */
struct change_time change_time_of(const struct change_ground *ground,
                                  const json_t *change, const struct policies *policies)
{
    int64_t now = number(ground->facts, "headcount");
    int64_t before = number(change, "persons_before");
    int64_t after = number(change, "persons_after");
    const char *kind = json_string_value(json_object_get(change, "kind"));
    bool moves = kind && strcmp(kind, "headcount") == 0;
    struct change_time time = {.unknown = NOTE_NO_HEAD_COUNT};
    time.persons_before = before ? before : now;
    time.persons_after = after || moves ? after : time.persons_before;
    time.both_known = time.persons_before > 0 && time.persons_after > 0;
    if (time.persons_before > 0)
        time.before = time_for(ground, time.persons_before, policies);
    if (time.persons_after > 0)
        time.after = time_for(ground, time.persons_after, policies);
    time.known = time.persons_after > 0 && time.after.table != AUDIT_TIME_ABOVE_TABLE;
    if (time.persons_after > 0)
        time.unknown = NOTE_ABOVE_TABLE;
    return time;
}

/* What the next audit itself takes longer, because there are more persons: AT-03, "as it is now". */
static int longer(const struct change_case *of)
{
    const struct change_time *time = &of->time;
    const char *kind = json_string_value(json_object_get(of->next, "kind"));
    if (!time->both_known || time->before.table == AUDIT_TIME_ABOVE_TABLE || !kind)
        return 0;
    if (strcmp(kind, "surveillance") == 0)
        return time->after.surveillance - time->before.surveillance;
    if (strcmp(kind, "recertification") == 0)
        return time->after.recertification - time->before.recertification;
    return strcmp(kind, "stage1") == 0 ? time->after.initial - time->before.initial
                                       : time->after.stage2 - time->before.stage2;
}

/* A share of the initial audit in half days, rounded to the nearest. */
static int share(const struct change_case *of, int pct, int least)
{
    int half_days = (of->time.after.initial * pct + 50) / 100;
    return half_days < least ? least : half_days;
}

static int merged_time(const struct change_case *of)
{
    bool certified = of->asked.phase == PHASE_CERTIFIED;
    bool looked_at = of->kind->family != CHANGE_HEAD_COUNT &&
                     of->kind->family != CHANGE_ON_PAPER && certified;
    int pct = of->facts.policies.change_merged_share_pct;
    return longer(of) + (looked_at ? share(of, pct, LEAST_MERGED_HALF_DAYS) : 0);
}

bool change_extra_time(const struct change_case *of, enum change_variant variant,
                       int *ret_half_days, enum change_note *ret_why)
{
    bool isms = of->facts.certification.scheme == SCHEME_ISMS ||
                of->facts.certification.scheme == SCHEME_ISMS_2013;
    *ret_half_days = 0;
    if (variant == VARIANT_PAPER_NOTICE)
        return true;
    if (!isms || !of->time.known) {
        *ret_why = isms ? of->time.unknown : NOTE_WITH_ISMS;
        return false;
    }
    if (variant == VARIANT_CHANGE_AUDIT)
        *ret_half_days =
            share(of, of->facts.policies.change_audit_share_pct, LEAST_OWN_HALF_DAYS);
    else if (variant == VARIANT_REPEAT_STAGE1)
        *ret_half_days = of->time.after.stage1;
    else
        *ret_half_days = merged_time(of);
    return true;
}

/* An audit of its own is a journey of its own. */
static bool travels(enum change_variant variant)
{
    return variant == VARIANT_CHANGE_AUDIT || variant == VARIANT_REPEAT_STAGE1;
}

json_t *change_cost(const struct change_case *of, enum change_variant variant,
                    enum change_note *ret_why)
{
    const json_t *quote = json_object_get(of->row, "quote");
    int half_days;
    if (!change_extra_time(of, variant, &half_days, ret_why))
        return NULL;
    if (!json_is_object(quote)) {
        *ret_why = NOTE_NO_QUOTE;
        return NULL;
    }
    const json_t *rate = json_object_get(quote, "day_rate");
    if (!json_is_integer(rate)) {
        *ret_why = NOTE_NO_RATE;
        return NULL;
    }
    json_int_t travel = travels(variant) ? number(quote, "travel_per_audit") : 0;
    json_int_t time = (json_integer_value(rate) * half_days + (half_days > 0)) / 2;
    return json_pack("{s:O, s:I, s:O, s:o, s:I, s:O}", "currency",
                     json_object_get(quote, "currency"), "amount", time + travel,
                     "day_rate", rate, "extra_days", half_days_json(half_days), "travel",
                     travel, "quote_id", json_object_get(quote, "quote_id"));
}
