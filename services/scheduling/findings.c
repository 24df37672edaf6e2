/* Findings of external audits: nothing in the future, deadlines follow. */
#include "operations.h"

#include "dates_given.h"
#include "plan.h"

static bool finding_dates_fit(struct request *rq)
{
    bool plan =
        date_is_past(rq, date_merged(rq, NULL, "plan_accepted_on"), "/plan_accepted_on");
    bool verified =
        date_is_past(rq, date_merged(rq, NULL, "verified_on"), "/verified_on");
    bool closed = date_is_past(rq, date_merged(rq, NULL, "closed_on"), "/closed_on");
    return plan && verified && closed;
}

static bool finding_new(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeFinding");
    if (rows_count(rows) == 0)
        return refuse_field(rq, "/audit_id", "not_found_reference", NULL);
    request_set(rq, "finding_certification", rows_text(rows, 0, "certification_id"));
    request_set(rq, "finding_id", request_value(rq, "new_id", NULL));
    return finding_dates_fit(rq);
}

const struct step finding_create_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeFinding", .optional = true},
    {.compute = finding_new},
    {.sql = "insertFinding"},
    PLAN_STEPS,
    {.sql = "getFinding"},
    {0},
};
const struct step finding_update_steps[] = {
    LOCK_PLAN,  {.compute = finding_dates_fit}, {.sql = "changeFinding"},
    PLAN_STEPS, {.sql = "getFinding"},          {0},
};
const struct step finding_delete_steps[] = {
    LOCK_PLAN,
    {.sql = "dropFindingDeadlines", .optional = true},
    {.sql = "removeFinding"},
    PLAN_STEPS,
    {0},
};
