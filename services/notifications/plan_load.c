/* Loading of the facts of planning. */
#include "plan_load.h"

#include <stdlib.h>
#include <string.h>

struct loading {
    const struct plan_source *source;
    struct reminder_facts *facts;
};

static const struct rows *query(struct loading *loading, const char *statement)
{
    return loading->source->query(loading->source->arg, statement);
}

static struct civil date_of(const char *text)
{
    struct civil date = CIVIL_NONE;
    civil_parse(text, &date);
    return date;
}

static int number_of(const char *text)
{
    return text ? (int)strtol(text, NULL, 10) : 0;
}

static bool is_true(const char *text)
{
    return text && text[0] == 't';
}

static unsigned roles_of(const char *words)
{
    unsigned roles = 0;
    for (size_t len; *words; words += len + (words[len] == ' ')) {
        len = strcspn(words, " ");
        roles |= reminder_role(words, len);
    }
    return roles;
}

static void read_offsets(struct arena *arena, struct reminder_policy *policy,
                         const char *words)
{
    int *offsets = arena_alloc(arena, (strlen(words) + 1) * sizeof *offsets);
    char *end = NULL;
    for (long value = strtol(words, &end, 10); end != words;
         value = strtol(words, &end, 10)) {
        offsets[policy->offset_count++] = (int)value;
        words = end;
    }
    policy->offsets = offsets;
}

/* "3:consultant 14:owner" */
static void read_steps(struct arena *arena, struct reminder_policy *policy,
                       const char *words)
{
    struct reminder_escalation *steps =
        arena_alloc(arena, (strlen(words) + 1) * sizeof *steps);
    for (char *end = NULL; *words; words = *end ? end + 1 : end) {
        long days = strtol(words, &end, 10);
        size_t len = strcspn(end, " ");
        if (len == 0)
            break;
        steps[policy->step_count++] =
            (struct reminder_escalation){(int)days, reminder_role(end + 1, len - 1)};
        end += len;
    }
    policy->steps = steps;
}

static bool load_policies(struct loading *loading)
{
    const struct rows *rows = query(loading, "loadReminderPolicies");
    if (!rows)
        return false;
    size_t count = (size_t)rows_count(rows);
    struct arena *arena = loading->source->arena;
    struct reminder_policy *policies = arena_alloc(arena, (count + 1) * sizeof *policies);
    for (int i = 0; i < (int)count; i++) {
        policies[i] = (struct reminder_policy){
            .id = rows_text(rows, i, "id"),
            .client_id = rows_text(rows, i, "client_id"),
            .kind = rows_text(rows, i, "deadline_kind"),
            .grade = rows_text(rows, i, "grade"),
            .hardness = rows_text(rows, i, "hardness"),
            .language = rows_text(rows, i, "language"),
            .named = rows_text(rows, i, "named"),
            .roll_after = is_true(rows_text(rows, i, "roll_after")),
            .channel = rows_text(rows, i, "channel"),
            .overdue_every_days = number_of(rows_text(rows, i, "overdue_every_days")),
            .send_hour = number_of(rows_text(rows, i, "send_hour")),
            .business_days = is_true(rows_text(rows, i, "business_days")),
            .roles = roles_of(rows_text(rows, i, "receiver_roles")),
        };
        read_offsets(arena, &policies[i], rows_text(rows, i, "offsets"));
        read_steps(arena, &policies[i], rows_text(rows, i, "steps"));
    }
    loading->facts->policies = policies;
    loading->facts->policy_count = count;
    return true;
}

static bool load_receivers(struct loading *loading)
{
    const struct rows *rows = query(loading, "loadReminderReceivers");
    if (!rows)
        return false;
    size_t count = (size_t)rows_count(rows);
    struct reminder_receiver *receivers =
        arena_alloc(loading->source->arena, (count + 1) * sizeof *receivers);
    for (int i = 0; i < (int)count; i++) {
        const char *role = rows_text(rows, i, "role");
        receivers[i] = (struct reminder_receiver){
            .id = rows_text(rows, i, "id"),
            .client_id = rows_text(rows, i, "client_id"),
            .kind = rows_text(rows, i, "kind"),
            .role = reminder_role(role, strlen(role)),
            .all_clients = is_true(rows_text(rows, i, "all_clients")),
            .email = rows_text(rows, i, "email"),
            .language = rows_text(rows, i, "locale"),
            .time_zone = rows_text(rows, i, "time_zone"),
            .today = date_of(rows_text(rows, i, "today")),
            .minute = number_of(rows_text(rows, i, "minute")),
        };
    }
    loading->facts->receivers = receivers;
    loading->facts->receiver_count = count;
    return true;
}

static bool load_assignments(struct loading *loading)
{
    const struct rows *rows = query(loading, "loadReminderAssignments");
    if (!rows)
        return false;
    size_t count = (size_t)rows_count(rows);
    struct reminder_assignment *assignments =
        arena_alloc(loading->source->arena, (count + 1) * sizeof *assignments);
    for (int i = 0; i < (int)count; i++)
        assignments[i] =
            (struct reminder_assignment){.member_id = rows_text(rows, i, "member_id"),
                                         .client_id = rows_text(rows, i, "client_id")};
    loading->facts->assignments = assignments;
    loading->facts->assignment_count = count;
    return true;
}

static bool load_marks(struct loading *loading)
{
    const struct rows *rows = query(loading, "loadReminderMarks");
    if (!rows)
        return false;
    size_t count = (size_t)rows_count(rows);
    struct reminder_mark *marks =
        arena_alloc(loading->source->arena, (count + 1) * sizeof *marks);
    for (int i = 0; i < (int)count; i++) {
        const char *until = rows_text(rows, i, "snoozed_until");
        marks[i] = (struct reminder_mark){
            .deadline_id = rows_text(rows, i, "deadline_id"),
            .receiver_id = rows_text(rows, i, "receiver_id"),
            .acknowledged = is_true(rows_text(rows, i, "acknowledged")),
            .by_client = is_true(rows_text(rows, i, "by_client")),
            .until = until ? date_of(until) : CIVIL_NONE};
    }
    loading->facts->marks = marks;
    loading->facts->mark_count = count;
    return true;
}

static bool load_quiet_days(struct loading *loading)
{
    const struct rows *rows = query(loading, "loadReminderQuietDays");
    if (!rows)
        return false;
    size_t count = (size_t)rows_count(rows);
    struct reminder_quiet_day *days =
        arena_alloc(loading->source->arena, (count + 1) * sizeof *days);
    for (int i = 0; i < (int)count; i++)
        days[i] =
            (struct reminder_quiet_day){.client_id = rows_text(rows, i, "client_id"),
                                        .day = date_of(rows_text(rows, i, "day"))};
    loading->facts->quiet_days = days;
    loading->facts->quiet_day_count = count;
    return true;
}

bool plan_read(const struct plan_source *source, struct reminder_facts *facts)
{
    struct loading loading = {source, facts};
    return load_policies(&loading) && load_receivers(&loading) &&
           load_assignments(&loading) && load_marks(&loading) &&
           load_quiet_days(&loading);
}

/* ---- in a job ---- */

struct job_source {
    struct job_run *run;
    const char *deadline_ids;
    const char *client_ids;
};

static const struct rows *query_job(void *arg, const char *statement)
{
    const struct job_source *source = arg;
    struct job_run *run = source->run;
    struct binder binder =
        job_values(run->arena, run, "deadline_ids", source->deadline_ids, "client_ids",
                   source->client_ids, NULL);
    return session_run(run->session, run->arena, statement, &binder);
}

bool plan_load(struct job_run *run, const char *deadline_ids, const char *client_ids,
               struct reminder_facts *facts)
{
    struct job_source job = {run, deadline_ids, client_ids};
    struct plan_source source = {run->arena, query_job, &job};
    return plan_read(&source, facts);
}
