/* Tasks of a stored back-plan: what each change of one does to the others. */
#include "operations.h"

#include "back_plan.h"
#include "certifications.h"
#include "plan.h"

#include <string.h>

struct change {
    struct request *rq;
    json_t *plan, *tasks, *before; /* before: the tasks as stored */
    struct business_calendar calendar;
    struct plan_network network;
};

static bool change_load(struct request *rq, struct change *ret)
{
    const char *text = rows_text(request_rows(rq, "loadBackPlan"), 0, "plan");
    *ret = (struct change){.rq = rq, .plan = json_loads(text, 0, NULL)};
    ret->tasks = json_object_get(ret->plan, "tasks");
    ret->before = json_deep_copy(ret->tasks);
    ret->calendar.year_end_closed =
        json_is_true(json_object_get(ret->plan, "year_end_closed"));
    return true;
}

static void change_free(struct change *change)
{
    json_decref(change->before);
    json_decref(change->plan);
}

static json_t *task_of(const struct change *change, const char *id)
{
    for (size_t i = 0; i < json_array_size(change->tasks); i++) {
        json_t *task = json_array_get(change->tasks, i);
        if (strcmp(json_string_value(json_object_get(task, "id")), id) == 0)
            return task;
    }
    return NULL;
}

static void change_settle(struct change *change, struct civil today)
{
    plan_network_read(change->rq->arena, change->tasks, &change->network);
    if (!change->network.round)
        plan_network_settle(&change->calendar, &change->network, today);
}

static json_t *days_json(const json_t *task)
{
    return json_pack("{s:O, s:O}", "start_on", json_object_get(task, "start_on"),
                     "end_on", json_object_get(task, "end_on"));
}

static json_t *move_json(const struct change *change, const json_t *was,
                         const json_t *task)
{
    return json_pack("{s:O, s:O, s:O, s:O, s:o, s:o, s:i}", "task_id",
                     json_object_get(task, "id"), "code", json_object_get(task, "code"),
                     "title_ja", json_object_get(task, "title_ja"), "title_en",
                     json_object_get(task, "title_en"), "from", days_json(was), "to",
                     days_json(task), "business_days",
                     network_distance(&change->calendar, json_date(was, "end_on"),
                                      json_date(task, "end_on")));
}

static json_t *moves_of(const struct change *change)
{
    json_t *moved = json_array();
    for (size_t i = 0; i < json_array_size(change->before); i++) {
        const json_t *was = json_array_get(change->before, i);
        const json_t *task =
            task_of(change, json_string_value(json_object_get(was, "id")));
        if (task && !(json_equal(json_object_get(was, "start_on"),
                                 json_object_get(task, "start_on")) &&
                      json_equal(json_object_get(was, "end_on"),
                                 json_object_get(task, "end_on"))))
            json_array_append_new(moved, move_json(change, was, task));
    }
    return moved;
}

static json_t *clashes_of(const struct change *change)
{
    json_t *list = json_array();
    for (int i = 0; i < change->network.count; i++) {
        const struct network_task *task = &change->network.list[i];
        const json_t *json = json_array_get(change->tasks, (size_t)i);
        if (!task->clash)
            continue;
        json_t *clash = json_pack(
            "{s:O, s:O, s:O, s:O, s:i}", "task_id", json_object_get(json, "id"), "code",
            json_object_get(json, "code"), "title_ja", json_object_get(json, "title_ja"),
            "title_en", json_object_get(json, "title_en"), "business_days",
            network_distance(&change->calendar, task->start, task->ready));
        json_set_date(clash, "starts_on", task->start);
        json_set_date(clash, "ready_on", task->ready);
        json_array_append_new(list, clash);
    }
    return list;
}

static json_t *effect_json(const struct change *change)
{
    struct civil target = json_date(change->plan, "target_date");
    struct civil end = network_end(change->network.list, change->network.count);
    struct civil certified = plan_network_certified(&change->network);
    json_t *effect = json_pack("{s:o, s:o, s:O, s:b, s:i}", "moved", moves_of(change),
                               "clashes", clashes_of(change), "target_date",
                               json_object_get(change->plan, "target_date"), "target_met",
                               !civil_before(target, certified), "days_to_spare",
                               network_distance(&change->calendar, certified, target));
    json_set_date(effect, "ends_on", end);
    return effect;
}

static bool may_move(struct request *rq, const json_t *task)
{
    if (json_is_string(json_object_get(task, "done_on")))
        return refuse(
            rq, PROBLEM_STATE_NOT_ALLOWED,
            "A task that is done does not move. Take done_on back first.",
            "完了したタスクは動かせません。先に done_on を取り消してください。");
    if (json_is_true(json_object_get(task, "fixed")))
        return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                      "This task has fixed days. Set fixed to false first, or move the "
                      "booked audit.",
                      "このタスクの日程は固定されています。先に fixed を false にするか、"
                      "予約済みの審査を動かしてください。");
    return true;
}

/* A task that has not begun moves as a whole; one that has ends later. */
static void slip(struct change *change, json_t *task, int days)
{
    struct civil start = json_date(task, "start_on"), end = json_date(task, "end_on");
    if (!civil_before(start, plan_today(change->rq)))
        json_set_date(task, "start_on", business_day_add(&change->calendar, start, days));
    json_set_date(task, "end_on", business_day_add(&change->calendar, end, days));
}

static bool slip_task(struct change *change)
{
    struct request *rq = change->rq;
    json_t *task = task_of(change, request_parameter(rq, "plan_task_id"));
    struct civil until = member_day(rq, "ends_on");
    const json_t *given = request_member(rq, "days");
    if (!task)
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    if (json_is_integer(given) == !civil_is_none(until))
        return refuse_field(rq, "/days", given ? "not_allowed_here" : "required",
                            "ends_on");
    if (!may_move(rq, task))
        return false;
    int days = (int)json_integer_value(given);
    if (!given)
        days = network_distance(&change->calendar, json_date(task, "end_on"), until);
    if (days < 0)
        return refuse_field(rq, "/ends_on", "before_start",
                            json_string_value(json_object_get(task, "end_on")));
    slip(change, task, days);
    change_settle(change, CIVIL_NONE);
    return true;
}

static void answer_effect(struct change *change)
{
    request_set_json(change->rq, "plan_tasks", change->tasks);
    request_reply_json(change->rq, effect_json(change));
}

static bool slip_answer(struct request *rq)
{
    struct change change;
    bool good = change_load(rq, &change) && slip_task(&change);
    if (good)
        answer_effect(&change);
    change_free(&change);
    return good;
}

static bool forecast_answer(struct request *rq)
{
    struct change change;
    change_load(rq, &change);
    change_settle(&change, plan_today(rq));
    answer_effect(&change);
    change_free(&change);
    return true;
}

/* ---- tasks by hand ---- */

static json_t *find_id(const json_t *list, const char *id)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strcmp(json_string_value(json_array_get(list, i)), id) == 0)
            return json_array_get(list, i);
    }
    return NULL;
}

static void judge_waits(struct change *change, const json_t *task)
{
    struct request *rq = change->rq;
    const json_t *list = request_member(rq, "depends_on");
    const char *own = json_string_value(json_object_get(task, "id"));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = json_string_value(json_array_get(list, i));
        if (strcmp(id, own) == 0)
            refuse_field(rq, arena_printf(rq->arena, "/depends_on/%zu", i),
                         "self_reference", NULL);
        else if (!task_of(change, id))
            refuse_field(rq, arena_printf(rq->arena, "/depends_on/%zu", i),
                         "not_found_reference", NULL);
    }
}

/* A start on a closed day begins on the next open one, an end is the one before. A start alone keeps the length. */
static void take_days(struct change *change, json_t *task)
{
    struct request *rq = change->rq;
    struct civil start = member_day(rq, "start_on"), end = member_day(rq, "end_on");
    struct civil was = json_date(task, "start_on");
    int days = network_distance(&change->calendar, was, json_date(task, "end_on"));
    if (civil_is_none(start))
        start = was;
    start = business_day_roll(&change->calendar, start, BUSINESS_ROLL_NEXT);
    if (civil_is_none(end))
        end = business_day_add(&change->calendar, start, days);
    end = business_day_roll(&change->calendar, end, BUSINESS_ROLL_PREV);
    if (civil_before(end, start))
        refuse_field(rq, "/end_on", "before_start", request_value(rq, "start_on", NULL));
    json_set_date(task, "start_on", start);
    json_set_date(task, "end_on", end);
}

static void take_done(struct change *change, json_t *task)
{
    const json_t *done = request_member(change->rq, "done_on");
    struct civil day = member_day(change->rq, "done_on");
    if (!civil_is_none(day) && civil_before(plan_today(change->rq), day))
        refuse_field(change->rq, "/done_on", "in_future",
                     request_value(change->rq, "today", NULL));
    if (done)
        json_object_set(task, "done_on", (json_t *)(uintptr_t)done);
}

static bool keep_task(struct change *change, json_t *task)
{
    struct request *rq = change->rq;
    const json_t *waits = request_member(rq, "depends_on");
    judge_waits(change, task);
    if (json_is_array(waits))
        json_object_set(task, "depends_on", (json_t *)(uintptr_t)waits);
    change_settle(change, CIVIL_NONE);
    if (change->network.round && rq->problem.code == PROBLEM_NONE)
        refuse_field(rq, "/depends_on", "circular",
                     json_string_value(json_object_get(task, "title_en")));
    request_set_json(rq, "plan_task", task);
    request_set_json(rq, "plan_tasks", change->tasks);
    return rq->problem.code == PROBLEM_NONE;
}

static bool task_create(struct request *rq)
{
    struct change change;
    change_load(rq, &change);
    json_t *task = json_pack(
        "{s:s, s:n, s:O, s:O, s:b, s:[], s:n}", "id", request_value(rq, "new_id", NULL),
        "code", "title_ja", request_member(rq, "title_ja"), "title_en",
        request_member(rq, "title_en"), "fixed",
        json_is_true(request_member(rq, "fixed")), "depends_on", "done_on");
    json_set_date(task, "start_on", plan_today(rq));
    json_set_date(task, "end_on", plan_today(rq));
    json_array_append_new(change.tasks, task);
    take_days(&change, task);
    bool good = keep_task(&change, task);
    request_set(rq, "plan_task_id", request_value(rq, "new_id", NULL));
    change_free(&change);
    return good;
}

static bool moves_by_hand(struct request *rq, const json_t *task)
{
    bool moves = request_member(rq, "start_on") || request_member(rq, "end_on");
    bool opens = json_is_null(request_member(rq, "done_on")) ||
                 json_is_false(request_member(rq, "fixed"));
    return !moves || opens || may_move(rq, task);
}

static bool task_change(struct change *change)
{
    struct request *rq = change->rq;
    json_t *task = task_of(change, request_parameter(rq, "plan_task_id"));
    const json_t *fixed = request_member(rq, "fixed");
    if (!task)
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    if (!moves_by_hand(rq, task))
        return false;
    if (fixed)
        json_object_set(task, "fixed", (json_t *)(uintptr_t)fixed);
    if (request_member(rq, "start_on") || request_member(rq, "end_on"))
        take_days(change, task);
    take_done(change, task);
    return keep_task(change, task);
}

static bool task_update(struct request *rq)
{
    struct change change;
    change_load(rq, &change);
    bool good = task_change(&change);
    change_free(&change);
    return good;
}

/* Who waited for it waits for what it waited for. */
static void bridge(json_t *tasks, const json_t *gone)
{
    const char *id = json_string_value(json_object_get(gone, "id"));
    const json_t *before = json_object_get(gone, "depends_on");
    for (size_t t = 0; t < json_array_size(tasks); t++) {
        json_t *waits = json_object_get(json_array_get(tasks, t), "depends_on");
        for (size_t i = json_array_size(waits); i-- > 0;) {
            if (strcmp(json_string_value(json_array_get(waits, i)), id) != 0)
                continue;
            json_array_remove(waits, i);
            for (size_t b = 0; b < json_array_size(before); b++) {
                json_t *other = json_array_get(before, b);
                if (!find_id(waits, json_string_value(other)))
                    json_array_append(waits, other);
            }
        }
    }
}

static bool task_remove(struct request *rq)
{
    struct change change;
    change_load(rq, &change);
    json_t *task = task_of(&change, request_parameter(rq, "plan_task_id"));
    bool found = task != NULL;
    for (size_t i = json_array_size(change.tasks); found && i-- > 0;) {
        if (json_array_get(change.tasks, i) != task)
            continue;
        json_incref(task);
        json_array_remove(change.tasks, i);
        bridge(change.tasks, task);
        json_decref(task);
    }
    change_settle(&change, CIVIL_NONE);
    request_set_json(rq, "plan_tasks", change.tasks);
    change_free(&change);
    return found || refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
}

#define SETTLED                                                                          \
    {.sql = "storePlanTasks", .optional = true},                                         \
    {                                                                                    \
        .sql = "storePlanTaskDeadlines", .optional = true                                \
    }

const struct step plan_task_create_steps[] = {
    {.sql = "loadBackPlan"},   {.compute = task_create},
    {.sql = "insertPlanTask"}, SETTLED,
    {.sql = "getPlanTask"},    {0}};
const struct step plan_task_update_steps[] = {
    {.sql = "loadBackPlan"},   {.compute = task_update},
    {.sql = "changePlanTask"}, SETTLED,
    {.sql = "getPlanTask"},    {0}};
const struct step plan_task_delete_steps[] = {
    {.sql = "loadBackPlan"},
    {.compute = task_remove},
    {.sql = "withdrawTaskDeadline", .optional = true},
    {.sql = "removePlanTask"},
    SETTLED,
    {0}};

/* ---- slips ---- */

const struct step plan_slip_preview_steps[] = {
    {.sql = "loadBackPlan"}, {.compute = slip_answer}, {0}};
const struct step plan_slip_steps[] = {
    {.sql = "loadBackPlan"}, {.compute = slip_answer}, SETTLED, {0}};
const struct step plan_forecast_steps[] = {
    {.sql = "loadBackPlan"}, {.compute = forecast_answer}, {0}};
const struct step plan_replan_steps[] = {
    {.sql = "loadBackPlan"}, {.compute = forecast_answer}, SETTLED, {0}};
