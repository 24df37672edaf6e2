/* NC-04: the audit that looks at findings again, and what an audit verified. */
#include "operations.h"

#include "certifications.h"
#include "dates_given.h"
#include "plan.h"

#include <string.h>

static struct civil row_date(const struct rows *rows, int row, const char *name)
{
    const char *text = rows_text(rows, row, name);
    struct civil date = CIVIL_NONE;
    if (text)
        civil_parse(text, &date);
    return date;
}

/* ---- the findings that the body names ---- */

static bool is_loaded(const struct rows *rows, const char *id)
{
    for (int i = 0; i < rows_count(rows); i++) {
        if (strcasecmp(rows_text(rows, i, "id"), id) == 0)
            return true;
    }
    return false;
}

/* Every id that is not among the rows is a wrong field of its own. */
static void check_named(struct request *rq, const struct rows *rows)
{
    const json_t *wanted = request_member(rq, "finding_ids");
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        const char *id = json_string_value(json_array_get(wanted, i));
        if (id && !is_loaded(rows, id))
            refuse_field(rq, arena_printf(rq->arena, "/finding_ids/%zu", i),
                         "not_found_reference", NULL);
    }
}

static void set_ids(struct request *rq, const char *name, const struct rows *rows)
{
    json_t *ids = json_array();
    for (int i = 0; i < rows_count(rows); i++)
        json_array_append_new(ids, json_string(rows_text(rows, i, "id")));
    request_set_json(rq, name, ids);
    json_decref(ids);
}

static void set_wanted(struct request *rq)
{
    const json_t *wanted = request_member(rq, "finding_ids");
    if (wanted)
        request_set_json(rq, "wanted", wanted);
    else
        request_set(rq, "wanted", NULL);
}

/* ---- ordering ---- */

static bool of_finding(struct request *rq)
{
    request_set(rq, "audit_id", NULL);
    json_t *only = json_pack("[s]", request_parameter(rq, "finding_id"));
    request_set_json(rq, "wanted", only);
    json_decref(only);
    return true;
}

static bool of_audit(struct request *rq)
{
    request_set(rq, "finding_id", NULL);
    set_wanted(rq);
    return true;
}

static void check_days(struct request *rq, struct civil held)
{
    struct civil first = date_merged(rq, NULL, "planned_first_day");
    struct civil last = date_merged(rq, NULL, "planned_last_day");
    if (civil_is_none(first) && !civil_is_none(last))
        refuse_field(rq, "/planned_first_day", "required_with", "planned_last_day");
    if (!civil_is_none(first) && !civil_is_none(held) && civil_before(first, held))
        refuse_field(rq, "/planned_first_day", "before_start",
                     civil_text(rq->arena, held));
    if (!civil_is_none(first) && !civil_is_none(last) && civil_before(last, first))
        refuse_field(rq, "/planned_last_day", "before_start",
                     civil_text(rq->arena, first));
    request_set(rq, "follow_up_last_day",
                civil_text(rq->arena, civil_is_none(last) ? first : last));
}

static bool order_judge(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeFollowUp");
    const char *extent = json_string_value(request_member(rq, "extent"));
    const char *kind = rows_text(rows, 0, "kind");
    if (strcmp(kind, "internal") == 0 || strcmp(kind, "stage1") == 0)
        return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                      "Follow-up audits belong to external audits after stage 1. What "
                      "stage 1 says is looked at in stage 2.",
                      "フォローアップ審査の対象は第一段階審査より後の外部審査です。"
                      "第一段階審査の懸念事項は第二段階審査で確認されます。");
    check_days(rq, row_date(rows, 0, "held_last_day"));
    request_set(rq, "followed_audit_id", rows_text(rows, 0, "id"));
    request_set(rq, "followed_certification", rows_text(rows, 0, "certification_id"));
    request_set(rq, "followed_cycle", rows_text(rows, 0, "cycle_no"));
    request_set(rq, "extent", extent ? extent : "limited_audit");
    return rq->problem.code == PROBLEM_NONE;
}

static bool still_open(const struct rows *rows, int row)
{
    const char *state = rows_text(rows, row, "state");
    return strcmp(state, "verified") != 0 && strcmp(state, "closed") != 0;
}

static bool order_findings(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadFollowUpFindings");
    bool any = rows_count(rows) > 0;
    check_named(rq, rows);
    for (int i = 0; i < rows_count(rows); i++)
        any = any && still_open(rows, i);
    if (rq->problem.code == PROBLEM_NONE && !any)
        return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                      "Nothing here waits for verification: a follow-up audit looks at "
                      "findings that are not verified yet.",
                      "検証待ちの所見がありません。フォローアップ審査は、まだ検証されてい"
                      "ない所見を対象とします。");
    json_t *why =
        json_pack("{s:[s], s:{s:s}, s:{}}", "rules", "NC-04", "inputs", "of_audit",
                  request_value(rq, "followed_audit_id", NULL), "policy");
    request_set_json(rq, "follow_up_why", why);
    json_decref(why);
    set_ids(rq, "followed", rows);
    return rq->problem.code == PROBLEM_NONE;
}

/* A reply with a Location of the audit that it made. */
static bool order_located(struct request *rq)
{
    request_reply_header(rq, "Location",
                         arena_printf(rq->arena, "/v1/clients/%s/audits/%s",
                                      request_parameter(rq, "client_id"),
                                      request_value(rq, "new_id", NULL)));
    return true;
}

#define ORDER_STEPS                                                                      \
    {.sql = "judgeFollowUp"}, {.compute = order_judge},                                  \
        {.sql = "loadFollowUpFindings", .optional = true}, {.compute = order_findings},  \
        {.sql = "insertFollowUp"}, {.sql = "linkFollowUp"}, PLAN_STEPS,                  \
        {.compute = order_located},                                                      \
    {                                                                                    \
        .sql = "getFollowUp"                                                             \
    }

const struct step follow_up_of_audit_steps[] = {
    LOCK_PLAN, {.compute = of_audit}, ORDER_STEPS, {0}};
const struct step follow_up_of_finding_steps[] = {
    LOCK_PLAN, {.compute = of_finding}, ORDER_STEPS, {0}};

/* ---- verifying ---- */

static bool verify_judge(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeVerification");
    struct civil held = row_date(rows, 0, "held_last_day");
    struct civil first = row_date(rows, 0, "held_first_day");
    struct civil given = date_merged(rq, NULL, "verified_on");
    struct civil day = civil_is_none(given) ? held : given;
    if (strcmp(rows_text(rows, 0, "kind"), "internal") == 0 || civil_is_none(held))
        return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                      "Only an external audit that was held verifies findings. Record "
                      "the days on which it was held first.",
                      "所見を検証できるのは実施済みの外部審査です。先に審査の実施日を記録"
                      "してください。");
    if (civil_before(plan_today(rq), day))
        refuse_field(rq, "/verified_on", "after_end",
                     civil_text(rq->arena, plan_today(rq)));
    if (civil_before(day, first))
        refuse_field(rq, "/verified_on", "before_start", civil_text(rq->arena, first));
    if (!request_member(rq, "finding_ids") &&
        strcmp(rows_text(rows, 0, "kind"), "follow_up") != 0)
        refuse_field(rq, "/finding_ids", "required", NULL);
    set_wanted(rq);
    request_set(rq, "verified_day", civil_text(rq->arena, day));
    request_set(rq, "verifying_certification", rows_text(rows, 0, "certification_id"));
    return rq->problem.code == PROBLEM_NONE;
}

static bool verify_findings(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadVerified");
    struct civil day = CIVIL_NONE;
    civil_parse(request_value(rq, "verified_day", NULL), &day);
    check_named(rq, rows);
    for (int i = 0; i < rows_count(rows); i++) {
        struct civil not_before = row_date(rows, i, "not_before");
        if (civil_is_none(not_before) || !civil_before(day, not_before))
            continue;
        refuse_field(rq, "/verified_on", "before_start",
                     civil_text(rq->arena, not_before));
        break;
    }
    if (rq->problem.code == PROBLEM_NONE && rows_count(rows) == 0)
        return refuse(
            rq, PROBLEM_STATE_NOT_ALLOWED,
            "No finding waits for this audit. Name the findings it verified.",
            "この審査を待っている所見がありません。検証した所見を指定してください。");
    set_ids(rq, "verified", rows);
    return rq->problem.code == PROBLEM_NONE;
}

const struct step verify_findings_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeVerification"},
    {.compute = verify_judge},
    {.sql = "loadVerified", .optional = true},
    {.compute = verify_findings},
    {.sql = "markVerified"},
    PLAN_STEPS,
    {.sql = "getVerified"},
    {0},
};
