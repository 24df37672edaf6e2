/* Templates of back-plans: codes that exist, dependencies that do not go round. */
#include "operations.h"

#include "back_plan.h"

#include <string.h>

static bool is_step(const char *code)
{
    for (size_t i = 0; back_plan_step(i); i++) {
        if (strcmp(back_plan_step(i), code) == 0)
            return true;
    }
    return false;
}

static int own_index(const json_t *tasks, const char *code)
{
    for (size_t i = 0; i < json_array_size(tasks); i++) {
        const json_t *own = json_object_get(json_array_get(tasks, i), "code");
        if (strcmp(json_string_value(own), code) == 0)
            return (int)i;
    }
    return -1;
}

static void judge_codes(struct request *rq, const json_t *tasks, size_t i)
{
    const json_t *task = json_array_get(tasks, i);
    const char *code = json_string_value(json_object_get(task, "code"));
    const char *needed = json_string_value(json_object_get(task, "needed_by"));
    const json_t *waits = json_object_get(task, "depends_on");
    if (is_step(code) || own_index(tasks, code) != (int)i)
        refuse_field(rq, arena_printf(rq->arena, "/tasks/%zu/code", i), "duplicate",
                     NULL);
    if (needed && !is_step(needed))
        refuse_field(rq, arena_printf(rq->arena, "/tasks/%zu/needed_by", i),
                     "not_found_reference", NULL);
    for (size_t w = 0; w < json_array_size(waits); w++) {
        const char *other = json_string_value(json_array_get(waits, w));
        if (!is_step(other) && own_index(tasks, other) < 0)
            refuse_field(rq, arena_printf(rq->arena, "/tasks/%zu/depends_on/%zu", i, w),
                         "not_found_reference", NULL);
    }
}

/* Each task as {id: code, depends_on}: what is left over by an order goes round. */
static void judge_circle(struct request *rq, const json_t *tasks)
{
    json_t *copies = json_array();
    struct plan_network network;
    for (size_t i = 0; i < json_array_size(tasks); i++) {
        const json_t *task = json_array_get(tasks, i);
        json_t *copy = json_pack("{s:O}", "id", json_object_get(task, "code"));
        json_object_set(copy, "depends_on", json_object_get(task, "depends_on"));
        json_array_append_new(copies, copy);
    }
    plan_network_read(rq->arena, copies, &network);
    for (int i = 0; network.round && i < network.count; i++) {
        bool ordered = false;
        for (int o = 0; o < network.ordered; o++)
            ordered = ordered || network.order[o] == i;
        if (!ordered)
            refuse_field(rq, arena_printf(rq->arena, "/tasks/%d/depends_on", i),
                         "circular",
                         json_string_value(
                             json_object_get(json_array_get(tasks, (size_t)i), "code")));
    }
    json_decref(copies);
}

static bool template_judge(struct request *rq)
{
    const json_t *tasks = request_member(rq, "tasks");
    for (size_t i = 0; i < json_array_size(tasks); i++)
        judge_codes(rq, tasks, i);
    judge_circle(rq, tasks);
    return rq->problem.code == PROBLEM_NONE;
}

const struct step plan_template_create_steps[] = {
    {.compute = template_judge}, {.sql = "insertPlanTemplate"}, {0}};
const struct step plan_template_update_steps[] = {
    {.compute = template_judge}, {.sql = "changePlanTemplate"}, {0}};
