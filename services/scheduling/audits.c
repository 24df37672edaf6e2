/* Audits by hand: dates in order, nothing held in the future, derived audits stay. */
#include "operations.h"

#include "api/civil.h"
#include "dates_given.h"
#include "plan.h"

#include <string.h>

static bool order_fits(struct request *rq, struct civil first, struct civil last,
                       const char *pointer)
{
    if (civil_is_none(first) || civil_is_none(last) || !civil_before(last, first))
        return true;
    return refuse_field(rq, pointer, "before_start", NULL);
}

static void set_date(json_t *changes, const char *name, struct civil date)
{
    char text[CIVIL_TEXT_SIZE];
    civil_format(date, text);
    json_object_set_new(changes, name, json_string(text));
}

/* An audit that is not held (any more) has no held days. */
static bool clear_held(struct request *rq, json_t *changes)
{
    const json_t *last = request_member(rq, "held_last_day");
    if (last && !json_is_null(last))
        return refuse_field(rq, "/held_last_day", "not_allowed_here", "status");
    json_object_set_new(changes, "held_first_day", json_null());
    json_object_set_new(changes, "held_last_day", json_null());
    return true;
}

/* Held without its own dates means held as planned; a held date means held. */
static bool complete_held(struct request *rq, const struct rows *rows, json_t *changes)
{
    const char *status = json_string_value(request_member(rq, "status"));
    struct civil first = date_merged(rq, rows, "held_first_day");
    struct civil last = date_merged(rq, rows, "held_last_day");
    if (!status && !civil_is_none(last) && request_member(rq, "held_last_day"))
        json_object_set_new(changes, "status", json_string("held"));
    if (!status)
        return true;
    if (strcmp(status, "held") != 0)
        return clear_held(rq, changes);
    if (civil_is_none(last))
        last = date_merged(rq, rows, "planned_last_day");
    if (civil_is_none(last))
        return refuse_field(rq, "/held_last_day", "required", NULL);
    if (civil_is_none(first))
        first = date_merged(rq, rows, "planned_first_day");
    if (civil_is_none(first) || civil_before(last, first))
        first = last;
    if (!date_is_past(rq, last, "/held_last_day"))
        return false;
    set_date(changes, "held_first_day", first);
    set_date(changes, "held_last_day", last);
    return true;
}

static bool dates_fit(struct request *rq, const struct rows *rows)
{
    bool planned =
        order_fits(rq, date_merged(rq, rows, "planned_first_day"),
                   date_merged(rq, rows, "planned_last_day"), "/planned_last_day");
    bool held = order_fits(rq, date_merged(rq, rows, "held_first_day"),
                           date_merged(rq, rows, "held_last_day"), "/held_last_day");
    bool past =
        date_is_past(rq, date_merged(rq, rows, "held_last_day"), "/held_last_day");
    return planned && held && past;
}

static bool audit_change(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeAudit");
    if (rows_count(rows) == 0 && strcmp(rq->operation->id, "createAudit") == 0)
        return refuse_field(rq, "/certification_id", "not_found_reference", NULL);
    if (rows_count(rows) == 0)
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    json_t *changes = json_deep_copy(rq->body);
    bool fits = dates_fit(rq, rows) && complete_held(rq, rows, changes);
    request_set_json(rq, "audit_changes", changes);
    request_set(rq, "cycle_no", rows_text(rows, 0, "cycle_no"));
    json_decref(changes);
    return fits;
}

static bool audit_deletable(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeAudit");
    if (strcmp(rows_text(rows, 0, "origin"), "manual") == 0)
        return true;
    return refuse(
        rq, PROBLEM_STATE_NOT_ALLOWED,
        "The programme derives this audit. Set its status to cancelled instead.",
        "この審査は審査プログラムから導かれています。削除せず、状態を cancelled "
        "にしてください。");
}

/* An existing audit names its certification itself. */
static bool audit_of_path(struct request *rq)
{
    request_set(rq, "certification_id", NULL);
    return true;
}

/* The created row is selected by its own id afterwards. */
static bool name_new_audit(struct request *rq)
{
    request_set(rq, "audit_id", request_value(rq, "new_id", NULL));
    return true;
}

const struct step audit_create_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeAudit", .optional = true},
    {.compute = audit_change},
    {.sql = "insertAudit"},
    {.compute = name_new_audit},
    PLAN_STEPS,
    {.sql = "getAudit"},
    {0},
};
const struct step audit_update_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeAudit"},
    {.compute = audit_change},
    {.sql = "changeAudit"},
    PLAN_STEPS,
    {.sql = "getAudit"},
    {0},
};
const struct step audit_delete_steps[] = {
    LOCK_PLAN,
    {.compute = audit_of_path},
    {.sql = "judgeAudit"},
    {.compute = audit_deletable},
    {.sql = "removeAudit"},
    PLAN_STEPS,
    {0},
};
