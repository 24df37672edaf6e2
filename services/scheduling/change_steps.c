/* Which step may follow which, and the dates that a step brings. */
#include "services/scheduling/change_steps.h"

#include "services/scheduling/certifications.h"
#include "services/scheduling/change_advice.h"
#include "services/scheduling/plan.h"
#include "services/scheduling/version.h"

#include <string.h>

enum { MOST_STEPS = 8 };

static const struct {
    const char *from;
    bool approvable;
    const char *to[MOST_STEPS];
} steps[] = {
    {"open", true, {"notified", "done", "withdrawn", "cancelled"}},
    {"notified",
     true,
     {"open", "accepted_by_body", "rejected", "done", "withdrawn", "cancelled"}},
    {"approved", false, {"accepted_by_body", "rejected", "withdrawn", "cancelled"}},
    {"accepted_by_body", false, {"done", "cancelled"}},
    {"rejected", true, {"open", "withdrawn", "cancelled"}},
    {"withdrawn", false, {"open"}},
    {"cancelled", false, {"open"}},
    {"done", false, {NULL}},
};
enum { STATUSES = sizeof steps / sizeof *steps };

json_t *change_steps_json(void)
{
    json_t *map = json_object();
    for (int i = 0; i < STATUSES; i++) {
        json_t *list = json_array();
        if (steps[i].approvable)
            json_array_append_new(list, json_string("approved"));
        for (int step = 0; step < MOST_STEPS && steps[i].to[step]; step++)
            json_array_append_new(list, json_string(steps[i].to[step]));
        json_object_set_new(map, steps[i].from, list);
    }
    return map;
}

static int place_of(const char *status)
{
    int place = 0;
    while (place < STATUSES - 1 && strcmp(steps[place].from, status) != 0)
        place++;
    return place;
}

bool change_may_be_approved(const char *status)
{
    return steps[place_of(status)].approvable;
}

static bool may_go(const char *from, const char *to)
{
    int place = place_of(from);
    for (int step = 0; step < MOST_STEPS && steps[place].to[step]; step++) {
        if (strcmp(steps[place].to[step], to) == 0)
            return true;
    }
    return strcmp(from, to) == 0;
}

static const char *allowed_from(struct arena *arena, const char *from)
{
    int place = place_of(from);
    const char *list = steps[place].approvable ? "approve" : "";
    for (int step = 0; step < MOST_STEPS && steps[place].to[step]; step++)
        list =
            arena_printf(arena, "%s%s%s", list, *list ? ", " : "", steps[place].to[step]);
    return *list ? list : "-";
}

bool change_refuse_step(struct request *rq, const char *from, const char *to)
{
    const char *allowed = allowed_from(rq->arena, from);
    return refuse(
        rq, PROBLEM_STATE_NOT_ALLOWED,
        arena_printf(rq->arena,
                     "From %s to %s is no step. Allowed: %s (approve = POST "
                     ".../approve).",
                     from, to, allowed),
        arena_printf(rq->arena,
                     "%s から %s へは進めません。進めるのは: %s（approve は POST "
                     ".../approve）。",
                     from, to, allowed));
}

/* ---- dates ---- */

static struct civil stored_date(const struct rows *rows, const char *name)
{
    struct civil date = CIVIL_NONE;
    const char *text = rows ? rows_text(rows, 0, name) : NULL;
    if (text)
        civil_parse(text, &date);
    return date;
}

/* As it will stand: the body's, or the row's when the body does not name it. */
static struct civil merged(const struct request *rq, const struct rows *rows,
                           const char *name)
{
    return request_member(rq, name) ? json_date(rq->body, name) : stored_date(rows, name);
}

static bool is_past(struct request *rq, const char *name)
{
    struct civil today = plan_today(rq), date = json_date(rq->body, name);
    if (civil_is_none(date) || !civil_before(today, date))
        return true;
    return refuse_field(rq, arena_printf(rq->arena, "/%s", name), "in_future",
                        civil_text(rq->arena, today));
}

static bool in_order(struct request *rq, struct civil first, struct civil second,
                     const char *pointer)
{
    if (civil_is_none(first) || civil_is_none(second) || !civil_before(second, first))
        return true;
    return refuse_field(rq, pointer, "before_start", civil_text(rq->arena, first));
}

static bool dates_fit(struct request *rq, const struct rows *rows)
{
    struct civil notified = merged(rq, rows, "notified_on");
    struct civil accepted = merged(rq, rows, "accepted_on");
    struct civil reissued = merged(rq, rows, "reissued_on");
    bool past = is_past(rq, "notified_on");
    past = is_past(rq, "accepted_on") && past;
    past = is_past(rq, "reissued_on") && past;
    bool order = in_order(rq, notified, accepted, "/accepted_on");
    order = in_order(rq, accepted, reissued, "/reissued_on") && order;
    return past && order;
}

static void default_date(struct request *rq, const struct rows *rows, json_t *changes,
                         const char *name, struct civil day)
{
    if (civil_is_none(merged(rq, rows, name)))
        json_set_date(changes, name, day);
}

static void forget(json_t *changes)
{
    static const char *const names[] = {
        "notified_on", "approved_on",      "approved_variant", "accepted_on",
        "reissued_on", "scope_version_id", "scope_effective"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        json_object_set_new(changes, names[i], json_null());
}

/* CHG-01, CHG-07: telling, accepting and ending are days, today when none is named. */
static void complete(struct request *rq, const struct rows *rows, json_t *changes,
                     const char *from, const char *to)
{
    struct civil today = plan_today(rq);
    struct civil accepted = merged(rq, rows, "accepted_on");
    if (strcmp(to, "open") == 0 && strcmp(from, "open") != 0)
        forget(changes);
    if (strcmp(to, "notified") == 0 || strcmp(to, "done") == 0)
        default_date(rq, rows, changes, "notified_on",
                     civil_is_none(accepted) ? today : accepted);
    if (strcmp(to, "accepted_by_body") == 0) {
        default_date(rq, rows, changes, "accepted_on", today);
        default_date(rq, rows, changes, "notified_on",
                     civil_is_none(accepted) ? today : accepted);
    }
}

/* ---- the status that a body leads to ---- */

static bool is_date(const struct request *rq, const char *name)
{
    return json_is_string(request_member(rq, name));
}

/* A date of a step is the step. */
static const char *target(const struct request *rq, const char *from)
{
    const char *named = json_string_value(request_member(rq, "status"));
    bool waits = strcmp(from, "approved") == 0 || strcmp(from, "notified") == 0;
    if (named)
        return named;
    if (is_date(rq, "accepted_on") && waits)
        return "accepted_by_body";
    return is_date(rq, "notified_on") && strcmp(from, "open") == 0 ? "notified" : from;
}

static bool is_accepted(const char *status)
{
    return strcmp(status, "accepted_by_body") == 0 || strcmp(status, "done") == 0;
}

/* What must not be named in this state. */
static bool members_fit(struct request *rq, const struct rows *rows, const char *to)
{
    bool approved = rows && rows_text(rows, 0, "approved_on") &&
                    strcmp(to, "open") != 0 && strcmp(to, "rejected") != 0;
    bool fits = true;
    if (approved && request_member(rq, "kind"))
        fits = refuse_field(rq, "/kind", "not_allowed_here", "approved");
    if (approved && request_member(rq, "certification_id"))
        fits = refuse_field(rq, "/certification_id", "not_allowed_here", "approved");
    if (is_date(rq, "accepted_on") && !is_accepted(to))
        fits = refuse_field(rq, "/accepted_on", "not_allowed_here", to);
    if (is_date(rq, "reissued_on") && !is_accepted(to))
        fits = refuse_field(rq, "/reissued_on", "missing_fact", "accepted_on");
    return fits;
}

static bool judge(struct request *rq, const struct rows *rows, const char *from)
{
    const char *to = target(rq, from);
    if (!may_go(from, to))
        return change_refuse_step(rq, from, to);
    bool fits = members_fit(rq, rows, to);
    if (!dates_fit(rq, rows) || !fits)
        return false;
    json_t *changes = json_deep_copy(rq->body);
    json_object_set_new(changes, "status", json_string(to));
    complete(rq, rows, changes, from, to);
    request_set_json(rq, "change_changes", changes);
    json_decref(changes);
    return true;
}

bool change_create(struct request *rq)
{
    request_set(rq, "change_id", request_value(rq, "new_id", NULL));
    return judge(rq, NULL, "open");
}

bool change_step(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeChange");
    return change_version_fits(rq) && judge(rq, rows, rows_text(rows, 0, "status"));
}

bool change_version_fits(struct request *rq)
{
    return version_fits(rq, rows_text(request_rows(rq, "judgeChange"), 0, "version"));
}

/* ---- showing ---- */

static void free_json(void *json)
{
    json_decref(json);
}

bool change_ground_of(struct request *rq, struct change_ground *ret_ground)
{
    const struct rows *rows = request_rows(rq, "loadAdviceFacts");
    json_t *facts = rows && rows_count(rows)
                        ? json_loads(rows_text(rows, 0, "facts"), 0, NULL)
                        : NULL;
    if (!facts)
        return false;
    arena_defer(rq->arena, free_json, facts);
    *ret_ground = (struct change_ground){.arena = rq->arena,
                                         .language = rq->language,
                                         .today = plan_today(rq),
                                         .facts = facts};
    return true;
}

bool change_show(struct request *rq)
{
    struct change_ground ground;
    json_t *map = json_object();
    if (change_ground_of(rq, &ground)) {
        const json_t *changes = json_object_get(ground.facts, "changes");
        for (size_t i = 0; i < json_array_size(changes); i++) {
            const json_t *change = json_array_get(changes, i);
            json_object_set_new(map, json_string_value(json_object_get(change, "id")),
                                change_advice(&ground, change));
        }
    }
    json_t *allowed = change_steps_json();
    request_set_json(rq, "advice", map);
    request_set_json(rq, "steps", allowed);
    json_decref(allowed);
    json_decref(map);
    return true;
}
