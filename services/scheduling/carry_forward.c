/* Freezing the state at an audit, and marking what was looked at for the next one. */
#include "services/scheduling/operations.h"

#include "api/clock.h"
#include "services/scheduling/plan.h"

#include <string.h>

static bool is_future(const struct request *rq, const char *instant)
{
    int64_t at;
    return instant && clock_parse(instant, &at) && at > rq->now_us;
}

static bool may_freeze(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeCarryForward");
    const char *audit = rows_text(rows, 0, "audit_id");
    const char *state_at = json_string_value(request_member(rq, "state_at"));
    if (!audit && json_is_string(request_member(rq, "audit_id")))
        return refuse_field(rq, "/audit_id", "not_found_reference", NULL);
    if (!audit)
        return refuse(
            rq, PROBLEM_STATE_NOT_ALLOWED,
            "No external audit of this certification was held yet. Name the "
            "audit in audit_id.",
            "この認証の外部審査はまだ実施されていません。audit_id で審査を指定して"
            "ください。");
    if (rows_text(rows, 0, "frozen_id"))
        return refuse(
            rq, PROBLEM_STATE_NOT_ALLOWED,
            "The state at this audit is frozen already; it is never frozen anew.",
            "この審査の時点の状態はすでに凍結されています。凍結し直すことはできません。");
    if (is_future(rq, state_at))
        return refuse_field(rq, "/state_at", "in_future", NULL);
    request_set(rq, "frozen_audit", audit);
    request_set(rq, "cycle_no", rows_text(rows, 0, "cycle_no"));
    request_set(rq, "carry_forward_id", request_value(rq, "new_id", NULL));
    return true;
}

static bool found(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "findCarryForward");
    if (rows_count(rows) == 0)
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    request_set(rq, "carry_forward_id", rows_text(rows, 0, "id"));
    request_set(rq, "frozen_audit", rows_text(rows, 0, "audit_id"));
    return true;
}

/* A review is of a frozen audit, not for a later one. */
static bool of_audit(struct request *rq)
{
    request_set(rq, "for_audit_id", NULL);
    return true;
}

static bool review_fits(struct request *rq)
{
    const struct rows *strange = request_rows(rq, "findStrangeItems");
    if (!request_member(rq, "item_ids") && !request_member(rq, "change") &&
        !request_member(rq, "kind"))
        return refuse_field(rq, "/item_ids", "required", NULL);
    for (int i = 0; i < rows_count(strange); i++)
        refuse_field(
            rq, arena_printf(rq->arena, "/item_ids/%s", rows_text(strange, i, "place")),
            "not_found_reference", NULL);
    return rows_count(strange) == 0;
}

const struct step carry_freeze_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeCarryForward"},
    {.compute = may_freeze},
    {.sql = "insertCarryForward"},
    {.sql = "storeCarriedItems", .optional = true},
    {.sql = "readCarryForward"},
    {0},
};
const struct step carry_get_steps[] = {
    {.sql = "findCarryForward", .optional = true},
    {.compute = found},
    {.sql = "readCarryForward"},
    {0},
};
const struct step carry_list_steps[] = {
    {.sql = "findCarryForward", .optional = true},
    {.compute = found},
    {.sql = "listCarriedItems"},
    {0},
};
const struct step carry_review_steps[] = {
    {.compute = of_audit},
    {.sql = "findCarryForward", .optional = true},
    {.compute = found},
    {.sql = "findStrangeItems", .optional = true},
    {.compute = review_fits},
    {.sql = "storeCarriedReviews", .optional = true},
    {.sql = "dropCarriedReviews", .optional = true},
    {.sql = "readCarryForward"},
    {0},
};
