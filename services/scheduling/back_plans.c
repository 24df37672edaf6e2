/* Stored back-plans: made from a target or from a start (PLN-01..03). */
#include "operations.h"

#include "back_plan.h"
#include "certifications.h"
#include "plan.h"

#include <string.h>

struct civil member_day(struct request *rq, const char *name)
{
    struct civil day = CIVIL_NONE;
    const char *text = json_string_value(request_member(rq, name));
    if (text)
        civil_parse(text, &day);
    return day;
}

/* Durations of the request over those of the template over the certification's policies. */
static json_t *durations_of(struct request *rq, const json_t *facts)
{
    json_t *all = json_object();
    const json_t *levels[] = {
        json_object_get(facts, "certification_policies"),
        json_object_get(json_object_get(facts, "template"), "durations"),
        request_member(rq, "durations")};
    for (size_t i = 0; i < 3; i++) {
        json_t *copy = levels[i] ? json_deep_copy(levels[i]) : NULL;
        if (json_is_object(copy))
            json_object_update(all, copy);
        json_decref(copy);
    }
    return all;
}

static bool judge_order(struct request *rq, const json_t *facts)
{
    struct civil target = member_day(rq, "target_date");
    struct civil start = member_day(rq, "start_date");
    if (civil_is_none(target) == civil_is_none(start))
        refuse_field(rq, "/target_date",
                     civil_is_none(target) ? "required" : "not_allowed_here",
                     "start_date");
    if (!civil_is_none(target) && civil_before(target, plan_today(rq)))
        refuse_field(rq, "/target_date", "in_past", request_value(rq, "today", NULL));
    if (json_is_string(request_member(rq, "certification_id")) &&
        !json_is_true(json_object_get(facts, "has_certification")))
        refuse_field(rq, "/certification_id", "not_found_reference", NULL);
    if (json_is_string(request_member(rq, "plan_template_id")) &&
        !json_is_object(json_object_get(facts, "template")))
        refuse_field(rq, "/plan_template_id", "not_found_reference", NULL);
    return rq->problem.code == PROBLEM_NONE;
}

static enum backplan_variant variant_of(struct request *rq, const json_t *facts)
{
    const json_t *given = request_member(rq, "variant");
    if (!json_is_string(given))
        given = json_object_get(json_object_get(facts, "template"), "variant");
    const char *name = json_string_value(given);
    return name && strcmp(name, "ia_between_stages") == 0 ? BACKPLAN_IA_BETWEEN_STAGES
                                                          : BACKPLAN_IA_BEFORE_STAGE1;
}

static json_t *used_durations(const struct policies *policies)
{
    static const char *const names[] = {"scope_days",
                                        "asset_inventory_days",
                                        "risk_assessment_days",
                                        "treatment_days",
                                        "documents_days",
                                        "ops_days",
                                        "ia_days",
                                        "mr_days",
                                        "mr_buffer_days",
                                        "stage1_bd",
                                        "stage2_prep_days",
                                        "stage2_bd",
                                        "ca_days",
                                        "review_days",
                                        "cert_issue_days"};
    json_t *used = json_object();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        json_object_set_new(used, names[i],
                            json_integer(policy_value(policy_find(names[i]), policies)));
    return used;
}

static void set_day(struct request *rq, const char *name, struct civil day)
{
    char text[CIVIL_TEXT_SIZE];
    if (civil_is_none(day)) {
        request_set(rq, name, NULL);
        return;
    }
    civil_format(day, text);
    request_set(rq, name, text);
}

static void set_json(struct request *rq, const char *name, json_t *value)
{
    request_set_json(rq, name, value);
    json_decref(value);
}

static bool store_plan(struct request *rq, const struct back_plan_order *order)
{
    json_t *tasks, *made;
    struct civil target;
    enum back_plan_result result =
        back_plan_make(rq->arena, order, &tasks, &made, &target);
    if (result == BACK_PLAN_ROUND)
        return refuse_field(rq, "/plan_template_id", "circular", NULL);
    if (result == BACK_PLAN_EMPTY)
        return refuse_field(rq, "/plan_template_id", "out_of_range", NULL);
    if (result == BACK_PLAN_TOO_LONG)
        return refuse_field(rq, "/start_date", "out_of_range", NULL);
    bool between = order->variant == BACKPLAN_IA_BETWEEN_STAGES;
    json_t *used = used_durations(&order->policies);
    set_json(rq, "why",
             json_pack("{s:[s,s,s], s:O, s:{s:s}}", "rules", "PLN-01", "PLN-02", "PLN-03",
                       "policy", used, "inputs", "variant",
                       between ? "ia_between_stages" : "ia_before_stage1"));
    set_json(rq, "durations_used", used);
    set_json(rq, "made", made);
    set_json(rq, "plan_tasks", tasks);
    request_set(rq, "variant_used", between ? "ia_between_stages" : "ia_before_stage1");
    request_set(rq, "direction", civil_is_none(order->start) ? "backwards" : "forwards");
    request_set(rq, "back_plan_id", request_value(rq, "new_id", NULL));
    set_day(rq, "target_used", target);
    return true;
}

static bool plan_new(struct request *rq)
{
    json_t *facts =
        json_loads(rows_text(request_rows(rq, "loadBackPlanFacts"), 0, "facts"), 0, NULL);
    json_t *durations = durations_of(rq, facts);
    const json_t *levels[POLICY_LEVELS] = {
        [POLICY_CONSULTANCY] = json_object_get(facts, "consultancy_policies"),
        [POLICY_BODY] = json_object_get(facts, "body_policies"),
        [POLICY_CERTIFICATION] = durations};
    struct back_plan_order order = {
        .variant = variant_of(rq, facts),
        .today = plan_today(rq),
        .target = member_day(rq, "target_date"),
        .start = member_day(rq, "start_date"),
        .own = json_object_get(json_object_get(facts, "template"), "tasks"),
        .without = json_object_get(json_object_get(facts, "template"), "without_steps"),
        .booked = json_is_false(request_member(rq, "pin_audits"))
                      ? NULL
                      : json_object_get(facts, "booked"),
    };
    policies_effective(levels, &order.policies);
    bool good = judge_order(rq, facts) && store_plan(rq, &order);
    json_decref(durations);
    json_decref(facts);
    return good;
}

/* Steps that the plan has not, or has as a task of its own in their place. */
static json_t *steps_missing(const json_t *tasks)
{
    json_t *missing = json_array();
    for (size_t i = 0; back_plan_step(i); i++) {
        const char *code = back_plan_step(i);
        const json_t *task = back_plan_task(tasks, code, strlen(code));
        if (!json_is_string(json_object_get(task, "rule")))
            json_array_append_new(missing, json_string(code));
    }
    return missing;
}

/* Business days of each task, for a template of the plan. */
static bool measure_tasks(struct request *rq)
{
    const char *text = rows_text(request_rows(rq, "loadBackPlan"), 0, "plan");
    json_t *plan = json_loads(text, 0, NULL), *lengths = json_object();
    const json_t *tasks = json_object_get(plan, "tasks");
    struct business_calendar calendar = {
        .year_end_closed = json_is_true(json_object_get(plan, "year_end_closed"))};
    for (size_t i = 0; i < json_array_size(tasks); i++) {
        const json_t *task = json_array_get(tasks, i);
        int days = network_distance(&calendar, json_date(task, "start_on"),
                                    json_date(task, "end_on"));
        json_object_set_new(lengths, json_string_value(json_object_get(task, "id")),
                            json_integer(days + 1));
    }
    set_json(rq, "lengths", lengths);
    set_json(rq, "without_steps", steps_missing(tasks));
    json_decref(plan);
    return true;
}

const struct step back_plan_create_steps[] = {{.sql = "loadBackPlanFacts"},
                                              {.compute = plan_new},
                                              {.sql = "insertBackPlan"},
                                              {.sql = "insertPlanTasks"},
                                              {.sql = "insertPlanBaseline"},
                                              {.sql = "getBackPlan"},
                                              {0}};
const struct step back_plan_delete_steps[] = {
    {.sql = "withdrawPlanDeadlines", .optional = true}, {.sql = "removeBackPlan"}, {0}};
const struct step back_plan_baseline_steps[] = {
    {.sql = "noteBaseline"},
    {.sql = "keepBaseline", .optional = true},
    {.sql = "insertPlanBaseline", .optional = true},
    {.sql = "getBackPlan"},
    {0}};
const struct step back_plan_template_steps[] = {{.sql = "loadBackPlan"},
                                                {.compute = measure_tasks},
                                                {.sql = "insertTemplateOfPlan"},
                                                {0}};
