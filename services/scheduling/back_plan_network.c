/* Tasks of a back-plan as a network, and back. */
#include "services/scheduling/back_plan.h"
#include "services/scheduling/certifications.h"
#include "services/scheduling/plan_facts.h"

#include <string.h>

static int index_of(const json_t *tasks, const char *id)
{
    for (size_t i = 0; i < json_array_size(tasks); i++) {
        const json_t *own = json_object_get(json_array_get(tasks, i), "id");
        if (id && strcmp(json_string_value(own), id) == 0)
            return (int)i;
    }
    return -1;
}

static void read_task(struct arena *arena, json_t *tasks, const json_t *json,
                      struct network_task *ret)
{
    const json_t *list = json_object_get(json, "depends_on");
    int *before = arena_alloc(arena, (json_array_size(list) + 1) * sizeof *before);
    int count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int index = index_of(tasks, json_string_value(json_array_get(list, i)));
        if (index >= 0)
            before[count++] = index;
    }
    *ret = (struct network_task){
        .start = json_date(json, "start_on"),
        .end = json_date(json, "end_on"),
        .done_on = json_date(json, "done_on"),
        .fixed = json_is_true(json_object_get(json, "fixed")),
        .before = before,
        .before_count = count,
        .ready = CIVIL_NONE,
    };
}

void plan_network_read(struct arena *arena, json_t *tasks, struct plan_network *ret)
{
    size_t count = json_array_size(tasks);
    *ret = (struct plan_network){.tasks = tasks, .count = (int)count};
    ret->list = arena_alloc(arena, (count + 1) * sizeof *ret->list);
    ret->order = arena_alloc(arena, (count + 1) * sizeof *ret->order);
    for (size_t i = 0; i < count; i++)
        read_task(arena, tasks, json_array_get(tasks, i), &ret->list[i]);
    ret->round = !network_order(ret->list, ret->count, ret->order, &ret->ordered);
}

static void set_bounds(json_t *json, const struct network_task *task)
{
    json_set_date(json, "earliest_start", task->early_start);
    json_set_date(json, "earliest_finish", task->early_end);
    json_set_date(json, "latest_start", task->late_start);
    json_set_date(json, "latest_finish", task->late_end);
    json_object_set_new(json, "total_float_days", json_integer(task->room));
}

void plan_network_settle(const struct business_calendar *calendar,
                         struct plan_network *network, struct civil today)
{
    network_push(calendar, network->list, network->ordered, network->order, today);
    network_float(calendar, network->list, network->ordered, network->order);
    network_bounds(calendar, network->list, network->ordered, network->order);
    for (int i = 0; i < network->count; i++) {
        json_t *json = json_array_get(network->tasks, (size_t)i);
        json_set_date(json, "start_on", network->list[i].start);
        json_set_date(json, "end_on", network->list[i].end);
        json_object_set_new(json, "slack_days", json_integer(network->list[i].slack));
        json_object_set_new(json, "critical", json_boolean(network->list[i].critical));
        set_bounds(json, &network->list[i]);
    }
}
