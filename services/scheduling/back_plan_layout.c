/* Where the tasks of a back-plan lie: the rule's own days, with a template's tasks hung before what needs them; or, when a template leaves steps out,
 * every task as late as what waits for it allows. */
#include "services/scheduling/back_plan.h"

#include "services/scheduling/certifications.h"
#include "services/scheduling/plan_facts.h"

#include <string.h>

static void pin(json_t *tasks, const char *code, const json_t *booked)
{
    json_t *task = back_plan_task(tasks, code, strlen(code));
    if (!task || !json_is_object(booked))
        return;
    json_object_set(task, "start_on", json_object_get(booked, "first"));
    json_object_set(task, "end_on", json_object_get(booked, "last"));
    json_object_set_new(task, "fixed", json_true());
}

/* It ends just before what needs it; without such a task it begins when what it waits for has ended. */
static void hang_own(const struct back_plan_order *order, json_t *tasks,
                     const json_t *own)
{
    struct business_calendar calendar = back_plan_calendar(order);
    const char *code = json_string_value(json_object_get(own, "code"));
    const char *before = json_string_value(json_object_get(own, "needed_by"));
    json_t *needs = before ? back_plan_task(tasks, before, strlen(before)) : NULL;
    json_t *task = back_plan_task(tasks, code, strlen(code));
    int days = (int)json_integer_value(json_object_get(own, "duration_days"));
    struct civil first = json_date(json_array_get(tasks, 0), "start_on");
    struct civil end = business_day_add(&calendar, first, days - 1);
    if (needs) {
        end = business_day_add(&calendar, json_date(needs, "start_on"), -1);
        first = business_day_add(&calendar, end, 1 - days);
    }
    json_set_date(task, "start_on", first);
    json_set_date(task, "end_on", end);
}

static const json_t *own_of(const struct back_plan_order *order, const json_t *task)
{
    for (size_t i = 0; i < json_array_size(order->own); i++) {
        const json_t *own = json_array_get(order->own, i);
        if (json_equal(json_object_get(own, "code"), json_object_get(task, "code")))
            return own;
    }
    return NULL;
}

/* What is needed comes after what needs it has its days. */
static void hang_all(struct arena *arena, const struct back_plan_order *order,
                     json_t *tasks)
{
    struct plan_network network;
    plan_network_read(arena, tasks, &network);
    for (int i = network.ordered - 1; i >= 0; i--) {
        const json_t *own =
            own_of(order, json_array_get(tasks, (size_t)network.order[i]));
        if (own)
            hang_own(order, tasks, own);
    }
}

/* ---- without some of the steps ---- */

struct laying {
    const struct back_plan_order *order;
    const struct backplan_policy *policy;
    struct business_calendar calendar;
    struct plan_network *network;
    struct civil target;
    bool *placed; /* leads to the certificate, and has its days */
};

static bool has_code(const struct laying *laying, int index, const char *code)
{
    const json_t *json = json_array_get(laying->network->tasks, (size_t)index);
    const char *own = json_string_value(json_object_get(json, "code"));
    return own && strcmp(own, code) == 0;
}

/* The last day before one that waits for it; a management review keeps its distance from the audit (mr_buffer_days). */
static struct civil day_before(const struct laying *laying, int task, int next)
{
    struct civil start = laying->network->list[next].start;
    bool buffered =
        has_code(laying, task, "management_review") &&
        (has_code(laying, next, "stage1") || has_code(laying, next, "stage2"));
    struct civil day = business_day_add(&laying->calendar, start, -1);
    if (!buffered)
        return day;
    return civil_earlier(
        day, business_day_roll(&laying->calendar,
                               civil_add_days(start, -laying->policy->mr_buffer_days),
                               BUSINESS_ROLL_PREV));
}

/* none when nothing that leads to the certificate waits for it. */
static struct civil last_day(const struct laying *laying, int task)
{
    const struct plan_network *network = laying->network;
    struct civil last = CIVIL_NONE;
    for (int next = 0; next < network->count; next++) {
        for (int b = 0; laying->placed[next] && b < network->list[next].before_count;
             b++) {
            struct civil day = day_before(laying, task, next);
            if (network->list[next].before[b] == task &&
                (civil_is_none(last) || civil_before(day, last)))
                last = day;
        }
    }
    return last;
}

static bool is_waited_for(const struct plan_network *network, int task)
{
    for (int next = 0; next < network->count; next++) {
        for (int b = 0; b < network->list[next].before_count; b++) {
            if (network->list[next].before[b] == task)
                return true;
        }
    }
    return false;
}

/* The certificate ends on the target; in a plan without that step whatever nobody waits for. */
static struct civil own_last_day(const struct laying *laying, int task)
{
    bool named = back_plan_task(laying->network->tasks, "certificate", 11) != NULL;
    if (named ? has_code(laying, task, "certificate")
              : !is_waited_for(laying->network, task))
        return business_day_roll(&laying->calendar, laying->target, BUSINESS_ROLL_PREV);
    return last_day(laying, task);
}

static void lay_task(struct laying *laying, int index)
{
    struct network_task *task = &laying->network->list[index];
    struct civil end = own_last_day(laying, index);
    int days = network_distance(&laying->calendar, task->start, task->end);
    if (civil_is_none(end))
        return;
    laying->placed[index] = true;
    if (task->fixed)
        return;
    task->end = end;
    task->start = business_day_add(&laying->calendar, end, -days);
}

/* What does not lead to the certificate begins with the plan, and is pushed behind what it waits for. */
static void lay_rest(struct laying *laying)
{
    struct plan_network *network = laying->network;
    struct civil first = laying->target;
    for (int i = 0; i < network->count; i++) {
        if (laying->placed[i])
            first = civil_earlier(first, network->list[i].start);
    }
    first = business_day_roll(&laying->calendar, first, BUSINESS_ROLL_NEXT);
    for (int i = 0; i < network->count; i++) {
        struct network_task *task = &network->list[i];
        int days = network_distance(&laying->calendar, task->start, task->end);
        if (laying->placed[i] || task->fixed)
            continue;
        task->start = first;
        task->end = business_day_add(&laying->calendar, first, days);
    }
}

static void lay_backwards(struct arena *arena, const struct back_plan_order *order,
                          const struct backplan_facts *facts,
                          struct plan_network *network)
{
    struct laying laying = {
        .order = order,
        .policy = &facts->policy,
        .calendar = back_plan_calendar(order),
        .network = network,
        .target = facts->target_certificate_date,
        .placed = arena_alloc(arena, (size_t)network->count + 1),
    };
    for (int i = 0; i < network->count; i++)
        laying.placed[i] = false;
    for (int i = network->ordered - 1; i >= 0; i--)
        lay_task(&laying, network->order[i]);
    lay_rest(&laying);
}

void back_plan_lay(struct arena *arena, const struct back_plan_order *order,
                   const struct backplan_facts *facts, json_t *tasks,
                   struct plan_network *ret)
{
    struct business_calendar calendar = back_plan_calendar(order);
    bool laid = json_array_size(order->without) > 0;
    if (!laid)
        hang_all(arena, order, tasks);
    pin(tasks, "stage1", json_object_get(order->booked, "stage1"));
    pin(tasks, "stage2", json_object_get(order->booked, "stage2"));
    plan_network_read(arena, tasks, ret);
    if (laid && !ret->round)
        lay_backwards(arena, order, facts, ret);
    if (!ret->round)
        plan_network_settle(&calendar, ret, CIVIL_NONE);
}

/* As a network without days. */
static void read_shape(struct arena *arena, const struct back_plan_order *order,
                       json_t **ret_tasks, struct plan_network *ret)
{
    struct backplan_facts facts = {.target_certificate_date = order->today,
                                   .variant = order->variant,
                                   .today = order->today,
                                   .policy = BACKPLAN_POLICY_DEFAULT};
    struct backplan plan;
    backplan_make(&facts, &plan);
    *ret_tasks = back_plan_tasks(order, &plan);
    plan_network_read(arena, *ret_tasks, ret);
}

bool back_plan_is_round(struct arena *arena, const struct back_plan_order *order)
{
    json_t *tasks;
    struct plan_network network;
    read_shape(arena, order, &tasks, &network);
    json_decref(tasks);
    return network.round;
}

bool back_plan_is_in_circle(struct arena *arena, const struct back_plan_order *order,
                            const char *code)
{
    json_t *tasks;
    struct plan_network network;
    read_shape(arena, order, &tasks, &network);
    const json_t *task = back_plan_task(tasks, code, strlen(code));
    bool ordered = false;
    for (int o = 0; o < network.ordered; o++)
        ordered = ordered || json_array_get(tasks, (size_t)network.order[o]) == task;
    json_decref(tasks);
    return !ordered;
}
