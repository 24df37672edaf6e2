/* Back-plans: tasks, whether they fit, what is the earliest, and what else would do. */
#include "services/scheduling/back_plan.h"

#include "services/scheduling/certifications.h"
#include "services/scheduling/plan_facts.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_SEARCHED_DAYS = 1100, MOST_TRIES = 60 };

/* One try: tasks for one target, and what the rule says of it. */
struct made {
    json_t *tasks;
    struct backplan plan;
    struct plan_network network;
    struct civil first, certified; /* the day on which the certificate is there */
};

/* ---- what is said of it ---- */

static void add_problem(json_t *problems, const char *code, const json_t *task, int days,
                        const char *ja, const char *en)
{
    json_t *id = json_object_get(task, "id"), *step = json_object_get(task, "code");
    json_array_append_new(problems,
                          json_pack("{s:s, s:O?, s:O?, s:i, s:s, s:s}", "code", code,
                                    "task_id", id, "step", step, "business_days", days,
                                    "text_ja", ja, "text_en", en));
}

static void judge_task(const struct back_plan_order *order, const struct made *made,
                       int index, json_t *problems)
{
    struct business_calendar calendar = back_plan_calendar(order);
    const struct network_task *task = &made->network.list[index];
    const json_t *json = json_array_get(made->tasks, (size_t)index);
    if (civil_before(task->start, order->today))
        add_problem(problems, "step_in_past", json,
                    network_distance(&calendar, task->start, order->today),
                    "この手順は今日より前に始めている必要があります。",
                    "This step would have had to begin before today.");
    if (task->clash)
        add_problem(problems, "booked_audit_too_early", json,
                    network_distance(&calendar, task->start, task->ready),
                    "予約済みの審査日までに準備が終わりません。",
                    "The audit is booked before its preparation is finished.");
}

static json_t *problems_of(const struct back_plan_order *order, const struct made *made,
                           struct civil target)
{
    struct business_calendar calendar = back_plan_calendar(order);
    json_t *problems = json_array();
    for (int i = 0; i < made->network.count; i++)
        judge_task(order, made, i, problems);
    if (made->plan.audit_not_after_stage1)
        add_problem(problems, "internal_audit_not_after_stage1", NULL, 0,
                    "第一段階審査と第二段階審査の間に、内部監査とレビューが収まりません（"
                    "PLN-03）。",
                    "Internal audit and review do not fit between the stages (PLN-03).");
    if (made->plan.body_refuses_variant)
        add_problem(problems, "body_wants_internal_audit_before_stage1", NULL, 0,
                    "この認証機関は第一段階審査の前に内部監査を求めています（INI-03）。",
                    "This body wants the internal audit before stage 1 (INI-03).");
    if (civil_before(target, made->certified))
        add_problem(problems, "certificate_after_target", NULL,
                    network_distance(&calendar, target, made->certified),
                    "登録証が目標日に間に合いません。",
                    "The certificate comes after the target date.");
    return problems;
}

/* ---- trying targets ---- */

static struct backplan_facts facts_of(const struct back_plan_order *order,
                                      struct civil target)
{
    return (struct backplan_facts){
        .target_certificate_date = target,
        .variant = order->variant,
        .today = order->today,
        .policy = policies_backplan(&order->policies),
    };
}

static struct civil first_day(const struct plan_network *network)
{
    struct civil first = network->list[0].start;
    for (int i = 1; i < network->count; i++)
        first = civil_earlier(first, network->list[i].start);
    return first;
}

struct civil plan_network_certified(const struct plan_network *network)
{
    for (int i = 0; i < network->count; i++) {
        const json_t *task = json_array_get(network->tasks, (size_t)i);
        const char *code = json_string_value(json_object_get(task, "code"));
        if (code && strcmp(code, "certificate") == 0)
            return civil_is_none(network->list[i].done_on) ? network->list[i].end
                                                           : network->list[i].done_on;
    }
    return network_end(network->list, network->count);
}

/* With steps left out the order is that of the network, not that of the rule. */
static void try_facts(struct arena *arena, const struct back_plan_order *order,
                      const struct backplan_facts *facts, struct made *ret)
{
    struct back_plan_order other = *order;
    other.variant = facts->variant;
    backplan_make(facts, &ret->plan);
    ret->tasks = back_plan_tasks(&other, &ret->plan);
    back_plan_lay(arena, &other, facts, ret->tasks, &ret->network);
    if (json_array_size(order->without) > 0) {
        ret->plan.audit_not_after_stage1 = false;
        ret->plan.order_ok = !ret->plan.body_refuses_variant;
    }
    ret->first = first_day(&ret->network);
    ret->certified = plan_network_certified(&ret->network);
}

/* How many days the target is too early for a way that begins on the day; 0 when it fits. */
static int days_short(struct arena *arena, const struct back_plan_order *order,
                      struct civil target, struct civil start)
{
    struct made made;
    struct backplan_facts facts = facts_of(order, target);
    try_facts(arena, order, &facts, &made);
    int early = civil_days_between(made.first, start);
    int late = civil_days_between(target, made.certified);
    bool ok = made.plan.order_ok;
    json_decref(made.tasks);
    if (!ok)
        return MOST_SEARCHED_DAYS;
    early = early > late ? early : late;
    return early > 0 ? early : 0;
}

/* The first certificate by the rule's own steps; none when three years do not do. */
static struct civil earliest_by_rule(const struct back_plan_order *order,
                                     struct civil start)
{
    for (int days = 1; days <= MOST_SEARCHED_DAYS; days++) {
        struct backplan plan;
        struct backplan_facts facts = facts_of(order, civil_add_days(start, days));
        backplan_make(&facts, &plan);
        if (plan.order_ok && !civil_before(plan.date[BACKPLAN_KICKOFF], start))
            return facts.target_certificate_date;
    }
    return CIVIL_NONE;
}

/* The first certificate whose way, with a template's tasks and without booked days, begins on the day or later. */
static struct civil earliest(struct arena *arena, const struct back_plan_order *order,
                             struct civil start)
{
    struct back_plan_order free = *order;
    struct civil most = civil_add_days(start, MOST_SEARCHED_DAYS);
    bool laid = json_array_size(order->without) > 0;
    struct civil target =
        laid ? civil_add_days(start, 1) : earliest_by_rule(order, start);
    free.booked = NULL;
    if (!laid && json_array_size(order->own) == 0)
        return target;
    for (int i = 0; i < MOST_TRIES && !civil_is_none(target); i++) {
        int days = days_short(arena, &free, target, start);
        if (days == 0)
            break;
        target = civil_add_days(target, days);
        if (civil_before(most, target))
            return CIVIL_NONE;
    }
    for (int i = 0; i < MOST_TRIES && laid; i++) {
        struct civil before = civil_add_days(target, -1);
        if (civil_before(before, start) || days_short(arena, &free, before, start) > 0)
            break;
        target = before;
    }
    return target;
}

/* ---- the verdict ---- */

static bool fits(const struct back_plan_order *order, const struct made *made,
                 struct civil target)
{
    json_t *problems = problems_of(order, made, target);
    bool good = json_array_size(problems) == 0;
    json_decref(problems);
    return good;
}

static json_t *alternative_json(struct arena *arena, const struct back_plan_order *order,
                                const struct backplan_facts *facts, const char *kind)
{
    struct made made;
    try_facts(arena, order, facts, &made);
    json_t *item =
        json_pack("{s:s, s:s, s:b}", "kind", kind, "variant",
                  facts->variant == BACKPLAN_IA_BETWEEN_STAGES ? "ia_between_stages"
                                                               : "ia_before_stage1",
                  "feasible", fits(order, &made, facts->target_certificate_date));
    json_set_date(item, "target_date", facts->target_certificate_date);
    json_set_date(item, "begins_on", made.first);
    json_decref(made.tasks);
    return item;
}

static json_t *alternatives_of(struct arena *arena, const struct back_plan_order *order,
                               struct civil target, struct civil soonest)
{
    json_t *list = json_array();
    struct backplan_facts facts = facts_of(order, target), changed;
    for (int i = 0; i < BACKPLAN_ALTERNATIVES; i++) {
        if (i == BACKPLAN_TRY_LATER_DATE) {
            changed = facts_of(order, soonest);
            if (civil_is_none(soonest) || !civil_before(target, soonest))
                continue;
        } else if (!backplan_alternative_facts(&facts, (enum backplan_alternative)i,
                                               &changed)) {
            continue;
        }
        json_array_append_new(list, alternative_json(arena, order, &changed,
                                                     backplan_alternative_names[i]));
    }
    return list;
}

static json_t *verdict(struct arena *arena, const struct back_plan_order *order,
                       const struct made *made, struct civil target)
{
    json_t *problems = problems_of(order, made, target);
    bool feasible = json_array_size(problems) == 0;
    struct civil soonest = earliest(arena, order, order->today);
    json_t *others =
        feasible ? json_array() : alternatives_of(arena, order, target, soonest);
    json_t *json =
        json_pack("{s:b, s:b, s:o, s:o}", "feasible", feasible, "order_ok",
                  made->plan.order_ok, "problems", problems, "alternatives", others);
    json_set_date(json, "made_on", order->today);
    json_set_date(json, "begins_on", made->first);
    json_set_date(json, "ends_on", network_end(made->network.list, made->network.count));
    json_set_date(json, "earliest_certificate_on", soonest);
    return json;
}

static int by_days(const void *a, const void *b)
{
    const json_t *one = *(json_t *const *)a, *other = *(json_t *const *)b;
    const char *const names[] = {"start_on", "end_on"};
    for (size_t i = 0; i < 2; i++) {
        int order = strcmp(json_string_value(json_object_get(one, names[i])),
                           json_string_value(json_object_get(other, names[i])));
        if (order != 0)
            return order;
    }
    return 0;
}

/* A plan of a template's own steps is read in the order of its days. */
static void sort_tasks(struct arena *arena, json_t *tasks)
{
    size_t count = json_array_size(tasks);
    json_t **list = arena_alloc(arena, (count + 1) * sizeof(json_t *));
    for (size_t i = 0; i < count; i++)
        list[i] = json_incref(json_array_get(tasks, i));
    qsort(list, count, sizeof(json_t *), by_days);
    json_array_clear(tasks);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(tasks, list[i]);
}

static void keep_baseline(json_t *tasks)
{
    for (size_t i = 0; i < json_array_size(tasks); i++) {
        json_t *task = json_array_get(tasks, i);
        json_object_set(task, "baseline_start", json_object_get(task, "start_on"));
        json_object_set(task, "baseline_end", json_object_get(task, "end_on"));
        json_object_set_new(task, "position", json_integer((json_int_t)i + 1));
    }
}

static bool is_empty(const struct back_plan_order *order)
{
    struct backplan plan;
    struct backplan_facts facts = facts_of(order, order->today);
    backplan_make(&facts, &plan);
    json_t *tasks = back_plan_tasks(order, &plan);
    bool empty = json_array_size(tasks) == 0;
    json_decref(tasks);
    return empty;
}

enum back_plan_result back_plan_make(struct arena *arena,
                                     const struct back_plan_order *order,
                                     json_t **ret_tasks, json_t **ret_made,
                                     struct civil *ret_target)
{
    if (back_plan_is_round(arena, order))
        return BACK_PLAN_ROUND;
    if (is_empty(order))
        return BACK_PLAN_EMPTY;
    bool forwards = !civil_is_none(order->start);
    struct civil target = forwards ? earliest(arena, order, order->start) : order->target;
    if (civil_is_none(target))
        return BACK_PLAN_TOO_LONG;
    struct backplan_facts facts = facts_of(order, target);
    struct made made;
    try_facts(arena, order, &facts, &made);
    if (forwards && civil_before(target, made.certified))
        target = made.certified; /* an audit is booked later than the way needs */
    *ret_made = verdict(arena, order, &made, target);
    if (json_array_size(order->without) > 0)
        sort_tasks(arena, made.tasks);
    keep_baseline(made.tasks);
    *ret_tasks = made.tasks;
    *ret_target = target;
    return BACK_PLAN_MADE;
}
