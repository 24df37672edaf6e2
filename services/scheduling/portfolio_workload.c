/* GET /v1/portfolio/workload: what is expected of each consultant, month by month, in days of the consultancy's own values. */
#include "services/scheduling/portfolio.h"

#include "services/scheduling/policies.h"

#include <string.h>

static const struct {
    const char *kind, *policy;
} efforts[] = {
    {"stage1", "effort_stage1_days"},
    {"stage2", "effort_stage2_days"},
    {"surveillance", "effort_surveillance_days"},
    {"recertification", "effort_recertification_days"},
    {"internal", "effort_internal_audit_days"},
    {"preparation", "effort_preparation_days"},
    {"deadline", NULL}, /* its work is in the audit that it belongs to */
};

static int days_of(const char *kind, const struct policies *policies)
{
    for (size_t i = 0; i < sizeof efforts / sizeof *efforts; i++) {
        if (strcmp(efforts[i].kind, kind) == 0)
            return efforts[i].policy
                       ? policy_value(policy_find(efforts[i].policy), policies)
                       : 0;
    }
    return policies->effort_other_audit_days;
}

struct month {
    const char *name;
    json_int_t audits, deadlines;
    double days;
};

static void count_item(struct month *month, const json_t *item,
                       const struct policies *policies)
{
    const char *kind = json_string_value(json_object_get(item, "kind"));
    json_int_t count = json_integer_value(json_object_get(item, "n"));
    double share = json_number_value(json_object_get(item, "share"));
    month->days += share * days_of(kind, policies);
    if (strcmp(kind, "deadline") == 0)
        month->deadlines += count;
    else if (strcmp(kind, "preparation") != 0)
        month->audits += count;
}

/* In tenths, as far as such a forecast is worth writing down. */
static double tenths(double days)
{
    return (double)(long long)(days * 10 + 0.5) / 10;
}

static bool in_season(const char *name, const struct policies *policies)
{
    int month = (name[5] - '0') * 10 + name[6] - '0';
    return (policies->busy_months >> (month - 1) & 1) != 0;
}

static json_t *month_json(const struct month *month, const struct policies *policies)
{
    return json_pack("{s:s, s:I, s:I, s:f, s:b, s:b}", "month", month->name, "audits",
                     month->audits, "deadlines", month->deadlines, "days",
                     tenths(month->days), "season", in_season(month->name, policies),
                     "overloaded", month->days > policies->effort_capacity_days);
}

static json_t *consultant_json(const json_t *given, const json_t *months,
                               const struct policies *policies)
{
    json_t *list = json_array();
    const json_t *items = json_object_get(given, "items");
    double total = 0;
    for (size_t m = 0; m < json_array_size(months); m++) {
        struct month month = {.name = json_string_value(json_array_get(months, m))};
        for (size_t i = 0; i < json_array_size(items); i++) {
            const json_t *item = json_array_get(items, i);
            if (strcmp(json_string_value(json_object_get(item, "month")), month.name) ==
                0)
                count_item(&month, item, policies);
        }
        total += month.days;
        json_array_append_new(list, month_json(&month, policies));
    }
    return json_pack(
        "{s:O, s:O, s:O, s:f, s:o}", "member_id", json_object_get(given, "member_id"),
        "name", json_object_get(given, "name"), "clients",
        json_object_get(given, "clients"), "days", tenths(total), "months", list);
}

static bool workload_answer(struct request *rq)
{
    json_t *given =
        json_loads(rows_text(request_rows(rq, "loadWorkload"), 0, "workload"), 0, NULL);
    const json_t *levels[POLICY_LEVELS] = {[POLICY_CONSULTANCY] =
                                               json_object_get(given, "policies")};
    const json_t *consultants = json_object_get(given, "consultants");
    struct policies policies;
    policies_effective(levels, &policies);
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(consultants); i++)
        json_array_append_new(list, consultant_json(json_array_get(consultants, i),
                                                    json_object_get(given, "months"),
                                                    &policies));
    request_reply_json(rq, json_pack("{s:O, s:i, s:o}", "on",
                                     json_object_get(given, "on"), "capacity_days",
                                     policies.effort_capacity_days, "consultants", list));
    json_decref(given);
    return true;
}

const struct step portfolio_workload_steps[] = {
    {.sql = "loadWorkload"}, {.offload = workload_answer}, {0}};
