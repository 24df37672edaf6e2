/* Templates of back-plans: codes that exist, dependencies that do not go round, also together with the steps. */
#include "operations.h"

#include "back_plan.h"
#include "plan.h"

#include <string.h>

struct template
{
    struct request *rq;
    json_t *stored; /* NULL for a new one */
    const json_t *tasks, *without;
    const char *variant; /* NULL: either */
};

static bool is_step(const char *code)
{
    for (size_t i = 0; back_plan_step(i); i++) {
        if (strcmp(back_plan_step(i), code) == 0)
            return true;
    }
    return false;
}

static bool is_left_out(const struct template *template, const char *code)
{
    for (size_t i = 0; i < json_array_size(template->without); i++) {
        if (strcmp(json_string_value(json_array_get(template->without, i)), code) == 0)
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

static void judge_codes(const struct template *template, size_t i)
{
    struct request *rq = template->rq;
    const json_t *tasks = template->tasks, *task = json_array_get(tasks, i);
    const char *code = json_string_value(json_object_get(task, "code"));
    const char *needed = json_string_value(json_object_get(task, "needed_by"));
    const json_t *waits = json_object_get(task, "depends_on");
    bool taken = is_step(code) && !is_left_out(template, code);
    if (taken || own_index(tasks, code) != (int)i)
        refuse_field(rq, arena_printf(rq->arena, "/tasks/%zu/code", i), "duplicate",
                     NULL);
    if (needed && own_index(tasks, needed) < 0 &&
        (!is_step(needed) || is_left_out(template, needed)))
        refuse_field(rq, arena_printf(rq->arena, "/tasks/%zu/needed_by", i),
                     "not_found_reference", NULL);
    for (size_t w = 0; w < json_array_size(waits); w++) {
        const char *other = json_string_value(json_array_get(waits, w));
        if (!is_step(other) && own_index(tasks, other) < 0)
            refuse_field(rq, arena_printf(rq->arena, "/tasks/%zu/depends_on/%zu", i, w),
                         "not_found_reference", NULL);
    }
}

static struct back_plan_order order_of(const struct template *template,
                                       enum backplan_variant variant)
{
    return (struct back_plan_order){.variant = variant,
                                    .today = plan_today(template->rq),
                                    .own = template->tasks,
                                    .without = template->without};
}

static bool goes_round(const struct template *template, enum backplan_variant variant)
{
    struct back_plan_order order = order_of(template, variant);
    return back_plan_is_round(template->rq->arena, &order);
}

/* Without a variant one of the two is enough. */
static void judge_circle(const struct template *template)
{
    bool b = template->variant && strcmp(template->variant, "ia_between_stages") == 0;
    bool round =
        goes_round(template, b ? BACKPLAN_IA_BETWEEN_STAGES : BACKPLAN_IA_BEFORE_STAGE1);
    if (round && !template->variant)
        round = goes_round(template, BACKPLAN_IA_BETWEEN_STAGES);
    if (!round)
        return;
    struct back_plan_order order =
        order_of(template, b ? BACKPLAN_IA_BETWEEN_STAGES : BACKPLAN_IA_BEFORE_STAGE1);
    for (size_t i = 0; i < json_array_size(template->tasks); i++) {
        const char *code = json_string_value(
            json_object_get(json_array_get(template->tasks, i), "code"));
        if (back_plan_is_in_circle(template->rq->arena, &order, code))
            refuse_field(template->rq,
                         arena_printf(template->rq->arena, "/tasks/%zu/depends_on", i),
                         "circular", code);
    }
}

static bool nothing_left(const struct template *template)
{
    for (size_t i = 0; back_plan_step(i); i++) {
        if (!is_left_out(template, back_plan_step(i)))
            return false;
    }
    return json_array_size(template->tasks) == 0;
}

/* What the body does not name is as stored. */
static void template_read(struct request *rq, struct template *ret)
{
    const char *names[] = {"tasks", "without_steps", "variant"};
    const json_t *values[3];
    for (size_t i = 0; i < 3; i++) {
        values[i] = request_member(rq, names[i]);
        if (!values[i])
            values[i] = json_object_get(ret->stored, names[i]);
    }
    ret->rq = rq;
    ret->tasks = values[0];
    ret->without = values[1];
    ret->variant = json_string_value(values[2]);
}

static bool template_judge(struct request *rq, struct template *template)
{
    template_read(rq, template);
    for (size_t i = 0; i < json_array_size(template->tasks); i++)
        judge_codes(template, i);
    if (nothing_left(template))
        refuse_field(rq, "/tasks", "required", NULL);
    if (rq->problem.code == PROBLEM_NONE)
        judge_circle(template);
    return rq->problem.code == PROBLEM_NONE;
}

static bool judge_new(struct request *rq)
{
    struct template template = {.stored = NULL};
    return template_judge(rq, &template);
}

static bool judge_change(struct request *rq)
{
    const char *text = rows_text(request_rows(rq, "loadPlanTemplate"), 0, "template");
    struct template template = {.stored = json_loads(text, 0, NULL)};
    bool good = template_judge(rq, &template);
    json_decref(template.stored);
    return good;
}

const struct step plan_template_create_steps[] = {
    {.compute = judge_new}, {.sql = "insertPlanTemplate"}, {0}};
const struct step plan_template_update_steps[] = {{.sql = "loadPlanTemplate"},
                                                  {.compute = judge_change},
                                                  {.sql = "changePlanTemplate"},
                                                  {0}};
