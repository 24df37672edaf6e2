/* Audits by hand: allowed steps only, dates in order, nothing held in the future, derived audits stay. */
#include "operations.h"

#include "api/civil.h"
#include "api/text.h"
#include "audit_detail.h"
#include "audit_state.h"
#include "booking.h"
#include "certifications.h"
#include "dates_given.h"
#include "plan.h"
#include "slots.h"

#include <string.h>

/* An audit while its change is judged. */
struct audit_move {
    struct request *rq;
    const struct rows *rows; /* of judgeAudit; NULL: the audit is new */
    json_t *changes;         /* columns that change */
    enum audit_status from, to;
};

static struct civil stored_date(const struct rows *rows, const char *name)
{
    const char *text = rows ? rows_text(rows, 0, name) : NULL;
    struct civil date = CIVIL_NONE;
    if (text)
        civil_parse(text, &date);
    return date;
}

static bool order_fits(struct request *rq, struct civil first, struct civil last,
                       const char *pointer)
{
    if (civil_is_none(first) || civil_is_none(last) || !civil_before(last, first))
        return true;
    return refuse_field(rq, pointer, "before_start", NULL);
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

/* ---- the status it moves to ---- */

static bool is_given(const struct request *rq, const char *name)
{
    const json_t *value = request_member(rq, name);
    return value && !json_is_null(value);
}

/* A held day means held, a report's day means reported, also where nobody says so. */
static enum audit_status wanted_status(const struct audit_move *move)
{
    enum audit_status to = move->from;
    if (audit_status_parse(json_string_value(request_member(move->rq, "status")), &to))
        return to;
    if (is_given(move->rq, "reported_on") &&
        (audit_status_took_place(to) || is_given(move->rq, "held_last_day")))
        return AUDIT_STATUS_REPORTED;
    if (is_given(move->rq, "held_last_day") && to != AUDIT_STATUS_REPORTED)
        return AUDIT_STATUS_HELD;
    return to;
}

static bool step_allowed(const struct audit_move *move)
{
    struct request *rq = move->rq;
    struct text names _text_auto_ = {0};
    if (!move->rows || audit_status_may(move->from, move->to))
        return true;
    for (int to = 0; to < AUDIT_STATUSES; to++) {
        if (to != (int)move->from && audit_status_may(move->from, (enum audit_status)to))
            text_addf(&names, "%s%s", names.len ? ", " : "",
                      audit_status_name((enum audit_status)to));
    }
    const char *from = audit_status_name(move->from);
    refuse(
        rq, PROBLEM_STATE_NOT_ALLOWED,
        arena_printf(rq->arena, "From %s an audit may go to: %s.", from, names.data),
        arena_printf(rq->arena, "%s の審査が移れる状態は %s です。", from, names.data));
    problem_add(rq->arena, &rq->problem, "body", "/status", "not_in_list", names.data);
    return false;
}

/* INI-05: what the client objects to is settled before the plan is agreed. */
static bool objections_settled(const struct audit_move *move)
{
    struct request *rq = move->rq;
    const char *who = move->rows ? rows_text(move->rows, 0, "objected") : NULL;
    if (!who || move->to != AUDIT_STATUS_CONFIRMED ||
        move->from == AUDIT_STATUS_CONFIRMED)
        return true;
    return refuse(
        rq, PROBLEM_STATE_NOT_ALLOWED,
        arena_printf(rq->arena,
                     "The client objects to %s. Answer the objection or change the team "
                     "before confirming.",
                     who),
        arena_printf(
            rq->arena,
            "依頼者が %s について異議を申し立てています。確定する前に異議に回答す"
            "るか、チームを変更してください。",
            who));
}

/* ---- what belongs to the status ---- */

static void set_date(json_t *changes, const char *name, struct civil date)
{
    json_set_date(changes, name, date);
}

static bool complete_planned(const struct audit_move *move)
{
    struct request *rq = move->rq;
    struct civil first = date_merged(rq, move->rows, "planned_first_day");
    struct civil last = date_merged(rq, move->rows, "planned_last_day");
    bool asked = request_member(rq, "status") || request_member(rq, "planned_first_day");
    if (!audit_status_needs_days(move->to) || !asked)
        return true;
    if (civil_is_none(first))
        return refuse_field(rq, "/planned_first_day", "required", NULL);
    if (civil_is_none(last))
        set_date(move->changes, "planned_last_day", first);
    return true;
}

/* An audit that did not take place (any more) has no held days and no report. */
static bool clear_outcome(const struct audit_move *move)
{
    static const char *const names[] = {"held_first_day", "held_last_day", "reported_on",
                                        "recommendation"};
    static const char *const pointers[] = {"/held_first_day", "/held_last_day",
                                           "/reported_on", "/recommendation"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (is_given(move->rq, names[i]))
            refuse_field(move->rq, pointers[i], "not_allowed_here", "status");
        json_object_set_new(move->changes, names[i], json_null());
    }
    return move->rq->problem.code == PROBLEM_NONE;
}

/* Held without its own dates means held as planned. */
static bool complete_held(const struct audit_move *move, struct civil *ret_last)
{
    struct request *rq = move->rq;
    struct civil first = date_merged(rq, move->rows, "held_first_day");
    struct civil last = date_merged(rq, move->rows, "held_last_day");
    if (civil_is_none(last))
        last = date_merged(rq, move->rows, "planned_last_day");
    if (civil_is_none(last))
        last = date_merged(rq, move->rows, "planned_first_day");
    if (civil_is_none(last))
        return refuse_field(rq, "/held_last_day", "required", NULL);
    if (civil_is_none(first))
        first = date_merged(rq, move->rows, "planned_first_day");
    if (civil_is_none(first) || civil_before(last, first))
        first = last;
    if (!date_is_past(rq, last, "/held_last_day"))
        return false;
    set_date(move->changes, "held_first_day", first);
    set_date(move->changes, "held_last_day", last);
    *ret_last = last;
    return true;
}

/* The report comes after the audit; without its own date it came today. */
static bool complete_report(const struct audit_move *move, struct civil held)
{
    struct request *rq = move->rq;
    struct civil on = date_merged(rq, move->rows, "reported_on");
    if (move->to != AUDIT_STATUS_REPORTED) {
        if (is_given(rq, "reported_on"))
            return refuse_field(rq, "/reported_on", "not_allowed_here", "status");
        json_object_set_new(move->changes, "reported_on", json_null());
        return true;
    }
    if (civil_is_none(on))
        on = plan_today(rq);
    if (civil_before(plan_today(rq), on))
        return refuse_field(rq, "/reported_on", "in_future",
                            civil_text(rq->arena, plan_today(rq)));
    if (civil_before(on, held))
        return refuse_field(rq, "/reported_on", "before_start",
                            civil_text(rq->arena, held));
    set_date(move->changes, "reported_on", on);
    return true;
}

static bool complete(const struct audit_move *move)
{
    struct civil held = CIVIL_NONE;
    json_object_set_new(move->changes, "status",
                        json_string(audit_status_name(move->to)));
    if (!audit_status_took_place(move->to))
        return clear_outcome(move) && complete_planned(move);
    return complete_held(move, &held) && complete_report(move, held);
}

/* ---- days that move ---- */

/* A plan moves with its audit when both days move alike. */
static void set_shift(const struct audit_move *move)
{
    struct request *rq = move->rq;
    struct civil first = stored_date(move->rows, "planned_first_day");
    struct civil last = stored_date(move->rows, "planned_last_day");
    struct civil new_first = date_merged(rq, move->rows, "planned_first_day");
    struct civil new_last = date_merged(rq, move->rows, "planned_last_day");
    int days = 0;
    if (!civil_is_none(first) && !civil_is_none(new_first) &&
        civil_is_none(last) == civil_is_none(new_last))
        days = civil_days_between(first, new_first);
    if (!civil_is_none(last) && !civil_is_none(new_last) &&
        civil_days_between(last, new_last) != days)
        days = 0;
    request_set_int(rq, "shift_days", days);
}

static bool judge(struct audit_move *move)
{
    struct request *rq = move->rq;
    move->from = AUDIT_STATUS_PLANNED;
    if (move->rows)
        audit_status_parse(rows_text(move->rows, 0, "status"), &move->from);
    move->to = wanted_status(move);
    if (!dates_fit(rq, move->rows) || !step_allowed(move) || !objections_settled(move) ||
        !complete(move))
        return false;
    set_shift(move);
    json_t *named = json_array();
    booking_name(named, request_member(rq, "site_ids"), "site", "", "site_ids");
    request_set_json(rq, "named", named);
    json_decref(named);
    return true;
}

static bool audit_judge(struct request *rq, const struct rows *rows)
{
    struct audit_move move = {
        .rq = rq, .rows = rows, .changes = json_deep_copy(rq->body)};
    bool fits = judge(&move);
    request_set_json(rq, "audit_changes", move.changes);
    json_decref(move.changes);
    return fits;
}

static bool audit_new(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeNewAudit");
    if (rows_count(rows) == 0)
        return refuse_field(rq, "/certification_id", "not_found_reference", NULL);
    request_set(rq, "cycle_no", rows_text(rows, 0, "cycle_no"));
    return audit_judge(rq, NULL);
}

static bool version_matches(struct request *rq, const struct rows *rows)
{
    const char *wanted = request_value(rq, "if_match", NULL);
    const char *version = rows_text(rows, 0, "version");
    if (!wanted || strcmp(wanted, version) == 0)
        return true;
    request_reply_header(rq, "ETag", arena_printf(rq->arena, "\"v%s\"", version));
    return refuse(rq, PROBLEM_PRECONDITION_FAILED, NULL, NULL);
}

static bool audit_change(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeAudit");
    return version_matches(rq, rows) && audit_judge(rq, rows);
}

static bool audit_deletable(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeAudit");
    if (!version_matches(rq, rows))
        return false;
    if (strcmp(rows_text(rows, 0, "origin"), "manual") == 0)
        return true;
    return refuse(
        rq, PROBLEM_STATE_NOT_ALLOWED,
        "The programme derives this audit. Set its status to cancelled instead.",
        "この審査は審査プログラムから導かれています。削除せず、状態を cancelled "
        "にしてください。");
}

/* The created row is selected by its own id afterwards. */
static bool name_new_audit(struct request *rq)
{
    request_set(rq, "audit_id", request_value(rq, "new_id", NULL));
    return true;
}

const struct step audit_get_steps[] = {
    {.sql = "judgeAudit"},     {.sql = "loadPlanFacts"}, {.sql = "loadAuditState"},
    {.compute = audit_detail}, {.sql = "getAudit"},      {0},
};
const struct step audit_create_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeNewAudit", .optional = true},
    {.compute = audit_new},
    STRANGER_STEPS,
    {.sql = "insertAudit"},
    {.compute = name_new_audit},
    {.sql = "storeAuditSites", .optional = true},
    BOOKING_STEPS,
    PLAN_STEPS,
    {.sql = "loadAuditState"},
    {.compute = audit_detail},
    {.sql = "getAudit"},
    {0},
};
const struct step audit_update_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeAudit"},
    {.compute = audit_change},
    STRANGER_STEPS,
    {.sql = "changeAudit"},
    {.sql = "dropAuditSites", .optional = true},
    {.sql = "storeAuditSites", .optional = true},
    {.sql = "moveSlots", .optional = true},
    {.sql = "findSlotsOutside", .optional = true},
    {.compute = slots_inside},
    BOOKING_STEPS,
    PLAN_STEPS,
    {.sql = "loadAuditState"},
    {.compute = audit_detail},
    {.sql = "getAudit"},
    {0},
};
const struct step audit_delete_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeAudit"},
    {.compute = audit_deletable},
    {.sql = "dropSlots", .optional = true},
    {.sql = "dropTeam", .optional = true},
    {.sql = "removeAudit"},
    PLAN_STEPS,
    {0},
};
