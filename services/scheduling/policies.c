/* Reading policy values through their table. */
#include "services/scheduling/policies.h"

#include "services/scheduling/policies_table.h"

#include <string.h>

const char *const policy_level_names[POLICY_LEVELS] = {
    [POLICY_DEFAULT] = "default",
    [POLICY_CONSULTANCY] = "consultancy",
    [POLICY_BODY] = "body",
    [POLICY_CERTIFICATION] = "certification",
};

static int *slot_of(const struct policy *policy, struct policies *policies)
{
    return (int *)(void *)((char *)policies + policy->offset);
}

static bool read_choice(const struct policy *policy, const json_t *value, int *ret)
{
    const char *text = json_string_value(value);
    for (int i = 0; text && policy->choices[i]; i++) {
        if (strcmp(policy->choices[i], text) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}

static bool read_months(const json_t *value, int *ret)
{
    size_t i;
    json_t *month;
    int set = 0;
    if (!json_is_array(value))
        return false;
    json_array_foreach(value, i, month)
    {
        json_int_t number = json_integer_value(month);
        if (number < 1 || number > 12)
            return false;
        set |= 1 << (number - 1);
    }
    *ret = set;
    return true;
}

static bool read_number(const struct policy *policy, const json_t *value, int *ret)
{
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < policy->least || number > policy->most)
        return false;
    *ret = (int)number;
    return true;
}

static bool read_value(const struct policy *policy, const json_t *value, int *ret)
{
    switch (policy->kind) {
    case POLICY_NUMBER:
        return read_number(policy, value, ret);
    case POLICY_CHOICE:
        return read_choice(policy, value, ret);
    case POLICY_MONTHS:
        return read_months(value, ret);
    case POLICY_BOOL:
        if (json_is_boolean(value))
            *ret = json_is_true(value);
        return json_is_boolean(value);
    }
    return false;
}

const struct policy *policy_at(size_t index)
{
    for (size_t i = 0; i <= index; i++) {
        if (!policy_table[i].name)
            return NULL;
    }
    return &policy_table[index];
}

const struct policy *policy_find(const char *name)
{
    for (const struct policy *policy = policy_table; policy->name; policy++) {
        if (strcmp(policy->name, name) == 0)
            return policy;
    }
    return NULL;
}

void policies_effective(const json_t *const levels[POLICY_LEVELS], struct policies *ret)
{
    for (const struct policy *policy = policy_table; policy->name; policy++) {
        int *slot = slot_of(policy, ret);
        *slot = policy->fallback;
        for (int level = POLICY_CONSULTANCY; level < POLICY_LEVELS; level++)
            read_value(policy, json_object_get(levels[level], policy->name), slot);
    }
}

enum policy_level policy_source(const struct policy *policy,
                                const json_t *const levels[POLICY_LEVELS])
{
    enum policy_level source = POLICY_DEFAULT;
    int ignored;
    for (int level = POLICY_CONSULTANCY; level < POLICY_LEVELS; level++) {
        if (read_value(policy, json_object_get(levels[level], policy->name), &ignored))
            source = (enum policy_level)level;
    }
    return source;
}

int policy_value(const struct policy *policy, const struct policies *policies)
{
    return *(const int *)(const void *)((const char *)policies + policy->offset);
}

static json_t *months_json(int set)
{
    json_t *months = json_array();
    for (int month = 1; month <= 12; month++) {
        if (set & 1 << (month - 1))
            json_array_append_new(months, json_integer(month));
    }
    return months;
}

json_t *policy_json(const struct policy *policy, const struct policies *policies)
{
    int value = policy_value(policy, policies);
    switch (policy->kind) {
    case POLICY_NUMBER:
        return json_integer(value);
    case POLICY_BOOL:
        return json_boolean(value);
    case POLICY_CHOICE:
        return json_string(policy->choices[value]);
    case POLICY_MONTHS:
        return months_json(value);
    }
    return json_null();
}

struct cycle_policy policies_cycle(const struct policies *policies)
{
    return (struct cycle_policy){
        .expiry_convention = (enum civil_convention)policies->expiry_convention,
        .anchor = (enum cycle_anchor)policies->anchor,
        .surv_before_months = policies->surv_before_months,
        .surv_after_months = policies->surv_after_months,
        .recert_before_months = policies->recert_before_months,
        .recert_latest_months = policies->recert_latest_months,
        .cycles = 2,
        .major_closure_days = policies->major_closure_days,
        .decision_days = policies->decision_days,
    };
}

struct backplan_policy policies_backplan(const struct policies *policies)
{
    return (struct backplan_policy){
        .cert_issue_days = policies->cert_issue_days,
        .review_days = policies->review_days,
        .ca_days = policies->ca_days,
        .stage2_bd = policies->stage2_bd,
        .stage2_prep_days = policies->stage2_prep_days,
        .stage1_bd = policies->stage1_bd,
        .mr_buffer_days = policies->mr_buffer_days,
        .mr_days = policies->mr_days,
        .ia_days = policies->ia_days,
        .ops_days = policies->ops_days,
        .documents_days = policies->documents_days,
        .treatment_days = policies->treatment_days,
        .risk_assessment_days = policies->risk_assessment_days,
        .asset_inventory_days = policies->asset_inventory_days,
        .scope_days = policies->scope_days,
        .year_end_closed = policies->year_end_closed,
        .ia_mr_required_before_stage1 = policies->ia_mr_required_before == 0,
    };
}
