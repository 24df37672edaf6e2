/* Deriving inside a request or a job: rows of facts in, JSON of audits and deadlines out. */
#include "services/scheduling/plan.h"

#include "api/clock.h"

void plan_derive_rows(struct arena *arena, const struct rows *rows, const char *today,
                      const char **ret_audits, const char **ret_deadlines)
{
    (void)arena;
    (void)rows;
    (void)today;
    *ret_audits = "[]";
    *ret_deadlines = "[]";
}

bool plan_derive(struct request *rq)
{
    const char *audits, *deadlines;
    char today[CLOCK_TEXT];
    plan_derive_rows(rq->arena, request_rows(rq, "loadPlanFacts"),
                     clock_tokyo_date(rq->now_us, today), &audits, &deadlines);
    request_set(rq, "plan_audits", audits);
    request_set(rq, "plan_deadlines", deadlines);
    return true;
}
