/* Consultant time: in days or minutes, never changed once it is on an invoice. */
#include "operations.h"

#include "plan.h"
#include "version.h"

#include <math.h>
#include <string.h>

enum { MINUTES_OF_A_DAY = 480 }; /* AT-06: a day is 8 hours */

/* Days and minutes are two ways to say one thing; what is stored are minutes. */
static void take_minutes(struct request *rq, json_t *body, bool required)
{
    const json_t *days = json_object_get(body, "days");
    const json_t *minutes = json_object_get(body, "minutes");
    if (days && minutes)
        refuse_field(rq, "/minutes", "inconsistent", "days");
    else if (required && !days && !minutes)
        refuse_field(rq, "/days", "required", NULL);
    if (days)
        json_object_set_new(
            body, "minutes",
            json_integer(lround(json_number_value(days) * MINUTES_OF_A_DAY)));
    json_object_del(body, "days");
}

static void judge_day(struct request *rq)
{
    const char *text = json_string_value(request_member(rq, "worked_on"));
    struct civil day;
    if (text && civil_parse(text, &day) && civil_before(plan_today(rq), day))
        refuse_field(rq, "/worked_on", "in_future", request_value(rq, "today", NULL));
}

/* Time is positive; only what corrects another record may take some away. */
static void judge_amount(struct request *rq, const json_t *body, bool corrects)
{
    const json_t *minutes = json_object_get(body, "minutes");
    if (!minutes)
        return;
    json_int_t least = corrects ? -3 * MINUTES_OF_A_DAY : 1;
    const char *pointer = request_member(rq, "days") ? "/days" : "/minutes";
    if (json_integer_value(minutes) < least || json_integer_value(minutes) == 0)
        refuse_field(rq, pointer, "too_small", corrects ? "-3" : "0");
}

static bool entry_take(struct request *rq, bool required, bool corrects)
{
    json_t *body = json_deep_copy(rq->body);
    take_minutes(rq, body, required);
    judge_day(rq);
    judge_amount(rq, body, corrects);
    request_set_json(rq, "entry", body);
    json_decref(body);
    return rq->problem.code == PROBLEM_NONE;
}

static bool entry_new(struct request *rq)
{
    return entry_take(rq, true, json_is_string(request_member(rq, "corrects_id")));
}

static bool entry_is_open(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeEffortEntry");
    if (!version_fits(rq, rows_text(rows, 0, "version")))
        return false;
    if (rows_text(rows, 0, "invoiced_on"))
        return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                      "This record is on an invoice and cannot change. Record a "
                      "correction with corrects_id instead.",
                      "この記録は請求済みのため変更できません。corrects_id "
                      "を指定して訂正の記録を追加してください。");
    return true;
}

static bool entry_change(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeEffortEntry");
    return entry_is_open(rq) &&
           entry_take(rq, false, rows_text(rows, 0, "corrects_id") != NULL);
}

const struct step effort_entry_create_steps[] = {
    {.compute = entry_new}, {.sql = "insertEffortEntry"}, {0}};
const struct step effort_entry_update_steps[] = {{.sql = "judgeEffortEntry"},
                                                 {.compute = entry_change},
                                                 {.sql = "changeEffortEntry"},
                                                 {0}};
const struct step effort_entry_delete_steps[] = {{.sql = "judgeEffortEntry"},
                                                 {.compute = entry_is_open},
                                                 {.sql = "removeEffortEntry"},
                                                 {0}};
