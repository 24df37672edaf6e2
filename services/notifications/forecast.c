/* The planner of plan.h, asked again on each day to come. */
#include "forecast.h"

#include <stdlib.h>
#include <string.h>

/* Where a forecast ends early: reminders told, reminders looked at. */
enum { TOLD_MAX = 10000, LOOKED_MAX = 5000000 };

struct forecasting {
    struct arena *arena;
    const struct rows *deadline_rows, *names;
    struct reminder_deadline *deadlines;
    size_t deadline_count;
    struct reminder_facts facts;
    struct reminder_receiver *receivers; /* of facts, to be moved through time */
    struct reminder_plan plan;           /* of one deadline; its room serves all */
    json_t *seen, *items;
    size_t looked;
};

static struct civil date_of(const char *text)
{
    struct civil date = CIVIL_NONE;
    civil_parse(text, &date);
    return date;
}

static const char *key_of(struct arena *arena, const char *policy, const char *deadline,
                          int offset, const char *channel, const char *receiver)
{
    return arena_printf(arena, "%s %s %d %s %s", policy, deadline, offset, channel,
                        receiver);
}

/* ---- loading ---- */

static void read_deadlines(struct forecasting *run)
{
    const struct rows *rows = run->deadline_rows;
    run->deadline_count = (size_t)rows_count(rows);
    run->deadlines =
        arena_alloc(run->arena, (run->deadline_count + 1) * sizeof *run->deadlines);
    for (int i = 0; i < rows_count(rows); i++)
        run->deadlines[i] =
            (struct reminder_deadline){.id = rows_text(rows, i, "id"),
                                       .client_id = rows_text(rows, i, "client_id"),
                                       .kind = rows_text(rows, i, "kind"),
                                       .due_on = date_of(rows_text(rows, i, "due_on")),
                                       .grade = rows_text(rows, i, "grade"),
                                       .hardness = rows_text(rows, i, "hardness")};
}

static void read_sent(struct forecasting *run, const struct rows *rows)
{
    for (int i = 0; i < rows_count(rows); i++) {
        int offset = (int)strtol(rows_text(rows, i, "offset_days"), NULL, 10);
        json_object_set_new(run->seen,
                            key_of(run->arena, rows_text(rows, i, "policy_id"),
                                   rows_text(rows, i, "deadline_id"), offset,
                                   rows_text(rows, i, "channel"),
                                   rows_text(rows, i, "receiver_id")),
                            json_true());
    }
}

static bool load(struct forecasting *run, const struct plan_source *source)
{
    const struct rows *sent = source->query(source->arg, "loadForecastSent");
    run->deadline_rows = source->query(source->arg, "loadForecastDeadlines");
    run->names = source->query(source->arg, "loadForecastNames");
    if (!sent || !run->deadline_rows || !run->names || !plan_read(source, &run->facts))
        return false;
    read_deadlines(run);
    read_sent(run, sent);
    if (run->deadline_count > 0)
        run->facts =
            reminder_facts_of(run->arena, &run->facts, run->deadlines[0].client_id);
    run->receivers =
        arena_alloc(run->arena, (run->facts.receiver_count + 1) * sizeof *run->receivers);
    for (size_t i = 0; i < run->facts.receiver_count; i++)
        run->receivers[i] = run->facts.receivers[i];
    run->facts.receivers = run->receivers;
    return true;
}

/* ---- the days ---- */

static const char *name_of(const struct forecasting *run, const char *sort,
                           const char *id)
{
    for (int i = 0; i < rows_count(run->names); i++) {
        if (strcmp(rows_text(run->names, i, "sort"), sort) == 0 &&
            strcmp(rows_text(run->names, i, "id"), id) == 0)
            return rows_text(run->names, i, "name");
    }
    return NULL;
}

static bool has_bounced(const struct forecasting *run, const char *address)
{
    for (int i = 0; i < rows_count(run->names); i++) {
        if (strcmp(rows_text(run->names, i, "sort"), "bounced") == 0 &&
            strcmp(rows_text(run->names, i, "name"), address) == 0)
            return true;
    }
    return false;
}

/* Why it will not be sent although it is due; NULL = it will. */
static const char *obstacle(const struct forecasting *run,
                            const struct wanted_reminder *item)
{
    const char *hardness = item->deadline->hardness;
    bool demanded = strcmp(hardness, "hard") == 0 || strcmp(hardness, "law") == 0;
    if (strcmp(item->policy->channel, "email") != 0)
        return NULL;
    if (has_bounced(run, item->receiver->email))
        return "bounced";
    if (!demanded && name_of(run, "unsubscribed", item->receiver->id))
        return "unsubscribed";
    return NULL;
}

static json_t *text_or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

static json_t *why(const struct forecasting *run, const struct wanted_reminder *item,
                   int row)
{
    return json_pack("{s:s, s:o, s:s, s:s, s:o, s:o}", "policy_id", item->policy->id,
                     "policy_name",
                     text_or_null(name_of(run, "policy", item->policy->id)), "hardness",
                     item->deadline->hardness, "deadline_kind", item->deadline->kind,
                     "rule", text_or_null(rows_text(run->deadline_rows, row, "rule")),
                     "not_sent_because", text_or_null(obstacle(run, item)));
}

static json_t *told(const struct forecasting *run, const struct wanted_reminder *item)
{
    int row = (int)(item->deadline - run->deadlines);
    const struct reminder_receiver *receiver = item->receiver;
    char day[CIVIL_TEXT_SIZE];
    civil_format(item->send_on, day);
    const char *time =
        arena_printf(run->arena, "%02d:%02d", item->minute / 60, item->minute % 60);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:i, s:o}",
        "send_on", day, "send_time", time, "time_zone", receiver->time_zone, "channel",
        item->policy->channel, "receiver_kind",
        receiver->kind ? receiver->kind : "member", "receiver_id", receiver->id,
        "receiver_name", text_or_null(name_of(run, "receiver", receiver->id)),
        "receiver_email", text_or_null(receiver->email), "language",
        item->policy->language ? item->policy->language : receiver->language,
        "deadline_id", item->deadline->id, "title_ja",
        rows_text(run->deadline_rows, row, "title_ja"), "title_en",
        rows_text(run->deadline_rows, row, "title_en"), "due_on",
        rows_text(run->deadline_rows, row, "due_on"), "offset_days", item->offset_days,
        "why", why(run, item, row));
}

static bool is_of_today(const struct wanted_reminder *item)
{
    return item->state == WANTED_CREATED &&
           civil_same(item->send_on, item->receiver->today);
}

static void add_item(struct forecasting *run, const struct wanted_reminder *item)
{
    const char *key =
        key_of(run->arena, item->policy->id, item->deadline->id, item->offset_days,
               item->policy->channel, item->receiver->id);
    if (json_object_get(run->seen, key))
        return;
    json_object_set_new(run->seen, key, json_true());
    json_array_append_new(run->items, told(run, item));
}

/* Deadline by deadline, so that the plan of one is all that memory holds. */
static void add_day(struct forecasting *run)
{
    struct reminder_plan *plan = &run->plan;
    for (size_t i = 0; i < run->deadline_count; i++) {
        plan->count = 0;
        reminder_plan_add(run->arena, &run->facts, &run->deadlines[i], plan);
        run->looked += plan->count;
        for (size_t k = 0; k < plan->count; k++) {
            if (is_of_today(&plan->items[k]))
                add_item(run, &plan->items[k]);
        }
    }
}

/* The next morning, wherever each of them is. */
static void next_day(struct forecasting *run)
{
    for (size_t i = 0; i < run->facts.receiver_count; i++) {
        run->receivers[i].today = civil_add_days(run->receivers[i].today, 1);
        run->receivers[i].minute = 0;
    }
}

static bool is_much(const struct forecasting *run)
{
    return json_array_size(run->items) >= TOLD_MAX || run->looked >= LOOKED_MAX;
}

json_t *forecast(const struct plan_source *source, const char *today, int days)
{
    struct forecasting run = {
        .arena = source->arena, .seen = json_object(), .items = json_array()};
    bool loaded = load(&run, source);
    int told = 0;
    for (; loaded && told <= days && !is_much(&run); told++) {
        add_day(&run);
        next_day(&run);
    }
    json_decref(run.seen);
    char until[CIVIL_TEXT_SIZE];
    civil_format(civil_add_days(date_of(today), told - 1), until);
    if (loaded)
        return json_pack("{s:s, s:o}", "until", until, "data", run.items);
    json_decref(run.items);
    return NULL;
}

/* ---- the operation ---- */

static bool prepare(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadForecast");
    request_set(rq, "client_ids", rows_text(rows, 0, "client_ids"));
    request_set(rq, "deadline_ids", rows_text(rows, 0, "deadline_ids"));
    return true;
}

static const struct rows *query_request(void *arg, const char *statement)
{
    return request_rows(arg, statement);
}

static bool answer(struct request *rq)
{
    struct plan_source source = {rq->arena, query_request, rq};
    const char *days = request_parameter(rq, "days");
    const char *today = rows_text(request_rows(rq, "loadForecast"), 0, "today");
    json_t *reply = forecast(&source, today, days ? (int)strtol(days, NULL, 10) : 30);
    if (!reply)
        return refuse(rq, PROBLEM_INTERNAL, NULL, NULL);
    request_reply_json(rq, reply);
    return true;
}

const struct step reminder_forecast_steps[] = {
    {.sql = "loadForecast"},
    {.compute = prepare},
    {.sql = "loadForecastDeadlines", .optional = true},
    {.sql = "loadForecastSent", .optional = true},
    {.sql = "loadForecastNames", .optional = true},
    {.sql = "loadReminderPolicies", .optional = true},
    {.sql = "loadReminderReceivers", .optional = true},
    {.sql = "loadReminderAssignments", .optional = true},
    {.sql = "loadReminderMarks", .optional = true},
    {.sql = "loadReminderQuietDays", .optional = true},
    {.offload = answer},
    {0},
};
