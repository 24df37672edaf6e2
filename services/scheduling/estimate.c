/* Counting the estimate. */
#include "services/scheduling/estimate.h"

#include <string.h>

/* ---- reading ---- */

struct reading {
    const json_t *facts, *overrides;
};

static const json_t *own_member(const struct reading *reading, const char *name)
{
    const json_t *value = json_object_get(reading->overrides, name);
    if (!value || json_is_null(value))
        value = json_object_get(json_object_get(reading->facts, "own"), name);
    return value;
}

static int64_t number_of(const json_t *value, int64_t fallback)
{
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

static int64_t counted_persons(const json_t *facts, const char *source)
{
    const json_t *part = json_object_get(facts, source);
    if (strcmp(source, "client") == 0)
        return number_of(json_object_get(part, "headcount"), 0);
    if (!json_is_true(json_object_get(part, "counted")))
        return 0;
    return number_of(json_object_get(part, "persons"), 0);
}

/* The finest count that is complete: departments, then sites, then the whole company; or the one that was asked for. */
static void read_headcount(const struct reading *reading, struct estimate *ret)
{
    static const char *const sources[] = {"departments", "sites", "client"};
    const char *wanted = json_string_value(own_member(reading, "headcount_source"));
    ret->headcount = number_of(own_member(reading, "headcount"), 0);
    ret->source = ret->headcount > 0 ? "own" : NULL;
    for (size_t i = 0; i < sizeof sources / sizeof *sources && !ret->source; i++) {
        if (wanted && strcmp(wanted, sources[i]) != 0)
            continue;
        ret->headcount = counted_persons(reading->facts, sources[i]);
        ret->source = ret->headcount > 0 ? sources[i] : NULL;
    }
}

/* Groups can not hold more than there are: what exceeds the head count is not counted. */
static void read_groups(const struct reading *reading, struct estimate *ret)
{
    const json_t *list = own_member(reading, "identical_groups");
    int64_t left = ret->headcount;
    for (size_t i = 0; i < json_array_size(list) && i < ESTIMATE_MOST_GROUPS; i++) {
        int64_t persons =
            number_of(json_object_get(json_array_get(list, i), "persons"), 0);
        if (persons > left)
            persons = left;
        ret->groups[ret->group_count++] = persons;
        left -= persons;
    }
    ret->others = left;
}

static size_t read_factors(const json_t *complexity, const char *name, int64_t *ret)
{
    const json_t *list = json_object_get(complexity, name);
    if (json_array_size(list) != AUDIT_TIME_FACTORS)
        return 0;
    for (size_t i = 0; i < AUDIT_TIME_FACTORS; i++)
        ret[i] = number_of(json_array_get(list, i), 2);
    return AUDIT_TIME_FACTORS;
}

static void read_adjustment(const struct reading *reading, struct audit_time_facts *ret)
{
    const json_t *complexity = own_member(reading, "complexity");
    const json_t *adjust = own_member(reading, "adjust_pct");
    if (json_is_integer(adjust)) {
        ret->adjust_pct = json_integer_value(adjust) * AUDIT_TIME_PERCENT;
        return;
    }
    ret->business_count = read_factors(complexity, "business", ret->business);
    ret->it_count = read_factors(complexity, "it", ret->it);
}

static void read_sites(const struct reading *reading, struct estimate *ret)
{
    const json_t *counted =
        json_object_get(json_object_get(reading->facts, "sites"), "count");
    const json_t *sampling = own_member(reading, "sampling");
    ret->sites = number_of(own_member(reading, "site_count"), number_of(counted, 0));
    ret->sampling = !json_is_false(sampling);
    for (int audit = 0; audit < ESTIMATE_SITE_AUDITS; audit++)
        ret->visits[audit] = ret->sampling
                                 ? sites_sample(ret->sites, (enum sites_audit)audit)
                                 : sites_unsampled(ret->sites, (enum sites_audit)audit);
}

static void read_policies(const struct policies *policies, struct audit_time_facts *ret)
{
    *ret = (struct audit_time_facts){
        .min_pct = (int64_t)policies->min_adjust_pct * AUDIT_TIME_PERCENT,
        .max_pct = (int64_t)policies->max_adjust_pct * AUDIT_TIME_PERCENT,
        .stage1_share_pct = (int64_t)policies->stage1_share_pct * AUDIT_TIME_PERCENT,
        .round = (enum audit_time_round)policies->audit_time_round,
        .max_remote_pct = policies->max_remote_pct,
    };
}

/* ---- counting ---- */

static struct audit_time time_at(const struct audit_time_facts *facts, int pct)
{
    struct audit_time_facts fixed = *facts;
    fixed.business_count = fixed.it_count = 0;
    fixed.adjust_pct = (int64_t)pct * AUDIT_TIME_PERCENT;
    return audit_time_estimate(&fixed);
}

static void count_ends(struct estimate *ret)
{
    ret->least = ret->most = ret->time;
    if (audit_time_has_complexity(&ret->facts)) {
        struct audit_time_range range = audit_time_range_of(&ret->facts);
        struct audit_time strong = time_at(&ret->facts, range.to_pct);
        *(strong.initial < ret->time.initial ? &ret->least : &ret->most) = strong;
    }
    struct audit_time_facts lowest = ret->facts;
    lowest.min_pct = -30 * AUDIT_TIME_PERCENT;
    lowest.round = AUDIT_TIME_NEAREST_HALF;
    ret->floor = time_at(&lowest, -30).initial;
}

void estimate_make(const json_t *facts, const json_t *overrides,
                   const struct policies *policies, struct estimate *ret)
{
    const struct reading reading = {.facts = facts, .overrides = overrides};
    *ret = (struct estimate){
        .remote_reason = json_string_value(own_member(&reading, "remote_reason"))};
    read_headcount(&reading, ret);
    read_groups(&reading, ret);
    read_policies(policies, &ret->facts);
    read_adjustment(&reading, &ret->facts);
    read_sites(&reading, ret);
    ret->facts.integrated_pct = (int)number_of(own_member(&reading, "integrated_pct"), 0);
    ret->facts.remote_pct = (int)number_of(own_member(&reading, "remote_pct"), 0);
    ret->facts.persons =
        audit_time_effective_persons(ret->groups, ret->group_count, ret->others);
    if (!ret->source) {
        ret->problem = "no_headcount";
        return;
    }
    ret->time = audit_time_estimate(&ret->facts);
    if (ret->time.table == AUDIT_TIME_ABOVE_TABLE)
        ret->problem = "above_table";
    else
        count_ends(ret);
}
