/* Job plan_reminders: loads a batch of deadlines whose plan is stale, computes what they want, stores the difference in one transaction. */
#include "service.h"

#include "plan_load.h"

#include "api/id.h"
#include "api/log.h"
#include "api/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BATCH "2000"

enum {
    ENOUGH = 100000
}; /* reminders in one transaction; the deadlines that are left are the next one's */

/* One run. */
struct planning {
    struct job_run *run;
    const struct rows *stale;
    int stale_count; /* of them those that this run plans */
    const struct rows *ended;
    struct reminder_facts facts;
    struct reminder_deadline *deadlines;
    struct reminder_plan plan;
    struct text deadline_ids;
    struct text client_ids;
    struct text wanted;
    struct text plans;
};

static const struct rows *query(struct planning *planning, const char *statement)
{
    struct job_run *run = planning->run;
    struct binder binder =
        job_values(run->arena, run, "batch", BATCH, "deadline_ids",
                   planning->deadline_ids.data, "client_ids", planning->client_ids.data,
                   "wanted", planning->wanted.data, "plans", planning->plans.data, NULL);
    return session_run(run->session, run->arena, statement, &binder);
}

static struct civil date_of(const char *text)
{
    struct civil date = CIVIL_NONE;
    civil_parse(text, &date);
    return date;
}

/* ---- what changed ---- */

static void add_ids(struct text *out, const struct rows *rows, int count,
                    const char *column)
{
    for (int i = 0; i < count; i++)
        text_addf(out, "%s%s", out->len > 1 ? "," : "", rows_text(rows, i, column));
}

static void name_deadlines(struct planning *planning)
{
    struct text *ids = &planning->deadline_ids;
    text_clear(ids);
    text_addc(ids, '{');
    add_ids(ids, planning->stale, planning->stale_count, "id");
    add_ids(ids, planning->ended, rows_count(planning->ended), "id");
    text_addc(ids, '}');
}

static bool find_work(struct planning *planning)
{
    planning->stale = query(planning, "findStalePlans");
    planning->ended = planning->stale ? query(planning, "findEndedPlans") : NULL;
    if (!planning->ended)
        return false;
    planning->stale_count = rows_count(planning->stale);
    name_deadlines(planning);
    text_addc(&planning->client_ids, '{');
    add_ids(&planning->client_ids, planning->stale, planning->stale_count, "client_id");
    text_addc(&planning->client_ids, '}');
    return true;
}

static bool is_idle(const struct planning *planning)
{
    return rows_count(planning->stale) == 0 && rows_count(planning->ended) == 0;
}

/* ---- the plan ---- */

static void plan_all(struct planning *planning)
{
    const struct rows *rows = planning->stale;
    struct arena *arena = planning->run->arena;
    const char *client = "";
    struct reminder_facts part = {0};
    planning->deadlines =
        arena_alloc(arena, ((size_t)rows_count(rows) + 1) * sizeof *planning->deadlines);
    int i = 0;
    for (; i < rows_count(rows) && planning->plan.count < ENOUGH; i++) {
        struct reminder_deadline *deadline = &planning->deadlines[i];
        *deadline =
            (struct reminder_deadline){.id = rows_text(rows, i, "id"),
                                       .client_id = rows_text(rows, i, "client_id"),
                                       .kind = rows_text(rows, i, "kind"),
                                       .due_on = date_of(rows_text(rows, i, "due_on")),
                                       .grade = rows_text(rows, i, "grade"),
                                       .hardness = rows_text(rows, i, "hardness")};
        if (strcmp(client, deadline->client_id) != 0)
            part = reminder_facts_of(arena, &planning->facts, deadline->client_id);
        client = deadline->client_id;
        reminder_plan_add(arena, &part, deadline, &planning->plan);
    }
    planning->stale_count = i;
    name_deadlines(planning);
}

static void add_member(struct text *out, const char *name, const char *value)
{
    text_addf(out, "\"%s\":", name);
    text_add_json(out, value, strlen(value));
    text_addc(out, ',');
}

static void add_moment(struct text *out, const struct wanted_reminder *item)
{
    char day[CIVIL_TEXT_SIZE];
    civil_format(item->send_on, day);
    add_member(out, "send_on", day);
    add_member(out, "zone", item->receiver->time_zone);
    text_addf(out, "\"send_time\":\"%02d:%02d\"", item->minute / 60, item->minute % 60);
}

/* What the statements read; only reminders to create carry an id. */
static void add_wanted(struct text *out, const struct wanted_reminder *item)
{
    char day[CIVIL_TEXT_SIZE], id[ID_TEXT];
    text_adds(out, out->len > 1 ? ",{" : "{");
    if (item->state == WANTED_CREATED)
        add_member(out, "id", id_new(id));
    add_member(out, "client", item->deadline->client_id);
    add_member(out, "policy", item->policy->id);
    add_member(out, "deadline", item->deadline->id);
    civil_format(item->deadline->due_on, day);
    add_member(out, "due", day);
    add_member(out, "channel", item->policy->channel);
    add_member(out, "member", item->receiver->id);
    add_member(out, "email", item->receiver->email);
    add_member(out, "kind", item->receiver->kind);
    add_member(out, "language",
               item->policy->language ? item->policy->language
                                      : item->receiver->language);
    add_moment(out, item);
    text_addf(out, ",\"days\":%d}", item->offset_days);
}

/* The note of one deadline, with the moments of its next overdue reminders. `from` is the first item that may be its own; answers
 * the first of the next deadline. */
static size_t add_plan(struct planning *planning, int row, size_t from)
{
    struct text *out = &planning->plans;
    const struct reminder_plan *plan = &planning->plan;
    bool first = true;
    text_adds(out, row ? ",{" : "{");
    add_member(out, "id", rows_text(planning->stale, row, "id"));
    add_member(out, "client", rows_text(planning->stale, row, "client_id"));
    add_member(out, "basis", rows_text(planning->stale, row, "basis"));
    text_adds(out, "\"overdue\":[");
    for (; from < plan->count && plan->items[from].deadline == &planning->deadlines[row];
         from++) {
        const struct wanted_reminder *item = &plan->items[from];
        if (item->offset_days >= 0 || item->state != WANTED_CREATED)
            continue;
        text_adds(out, first ? "{" : ",{");
        add_moment(out, item);
        text_addc(out, '}');
        first = false;
    }
    text_adds(out, "]}");
    return from;
}

static void write_plan(struct planning *planning)
{
    text_addc(&planning->wanted, '[');
    for (size_t i = 0; i < planning->plan.count; i++)
        add_wanted(&planning->wanted, &planning->plan.items[i]);
    text_addc(&planning->wanted, ']');
    text_addc(&planning->plans, '[');
    size_t item = 0;
    for (int i = 0; i < planning->stale_count; i++)
        item = add_plan(planning, i, item);
    text_addc(&planning->plans, ']');
}

/* The notes of ended plans are forgotten after those of the others were kept, so one list of ids serves all. */
static bool forget_ended(struct planning *planning)
{
    text_clear(&planning->deadline_ids);
    text_addc(&planning->deadline_ids, '{');
    add_ids(&planning->deadline_ids, planning->ended, rows_count(planning->ended), "id");
    text_addc(&planning->deadline_ids, '}');
    return query(planning, "forgetPlans");
}

static bool store(struct planning *planning)
{
    return query(planning, "withdrawReminders") && query(planning, "storeReminders") &&
           query(planning, "storePlans") && forget_ended(planning);
}

static bool plan_batch(struct planning *planning)
{
    if (!find_work(planning))
        return false;
    if (is_idle(planning))
        return true;
    if (!plan_load(planning->run, planning->deadline_ids.data, planning->client_ids.data,
                   &planning->facts))
        return false;
    plan_all(planning);
    write_plan(planning);
    return store(planning);
}

static void planning_free(struct planning *planning)
{
    text_free(&planning->deadline_ids);
    text_free(&planning->client_ids);
    text_free(&planning->wanted);
    text_free(&planning->plans);
}

/* True when a batch was stored: there may be another. */
static bool plan_reminders(struct job_run *run)
{
    struct planning planning = {.run = run};
    bool done = session_begin(run->session, &run->context) && plan_batch(&planning) &&
                session_commit(run->session);
    bool more = done && !is_idle(&planning);
    if (!done) {
        log_event(LOG_LEVEL_ERROR, "plan_reminders_failed", "consultancy",
                  run->consultancy, "message", session_error(run->session)->message,
                  NULL);
        session_rollback(run->session);
    }
    planning_free(&planning);
    return more;
}

static const char *const statements[] = {"findStalePlans",
                                         "findEndedPlans",
                                         "loadReminderPolicies",
                                         "loadReminderReceivers",
                                         "loadReminderAssignments",
                                         "loadReminderMarks",
                                         "loadReminderQuietDays",
                                         "withdrawReminders",
                                         "storeReminders",
                                         "storePlans",
                                         "forgetPlans",
                                         NULL};

const struct job plan_reminders_job = {.name = "plan_reminders",
                                       .every_ms = 5000,
                                       .run = plan_reminders,
                                       .statements = statements};
