/* Deriving a client's programme inside an operation. Every operation that changes facts of certifications, audits, findings or changes ends with
 *
 *     static const struct step update_audit[] = {{.sql = "updateAudit"}, PLAN_STEPS, {.sql = "getAudit"}, {0}};
 *
 * The steps use the path's client_id and derive all certifications of that client: its certifications are locked, facts loaded, audits and
 * deadlines stored by source_key, the portfolio's row beside them. The same facts change nothing, not even a version. The reply's row is selected last, because storing may
 * have changed it. */
#ifndef MEGURI_SCHEDULING_PLAN_H
#define MEGURI_SCHEDULING_PLAN_H

#include "api/app.h"
#include "services/scheduling/plan_facts.h"
#include "services/scheduling/portfolio.h"

/* First of all where rows change that a derivation of the same client may be storing: everybody takes the locks in one order. */
#define LOCK_PLAN                                                                        \
    {                                                                                    \
        .sql = "lockPlan", .optional = true                                              \
    }

#define PLAN_STEPS                                                                       \
    {.sql = "lockPlan", .optional = true}, {.sql = "loadPlanFacts", .optional = true},   \
        {.compute = plan_derive}, {.sql = "storePlanAudits", .optional = true},          \
        {.sql = "storePlanDeadlines", .optional = true}, {.compute = portfolio_derive},  \
    {                                                                                    \
        .sql = "storePortfolio", .optional = true                                        \
    }

/* From the rows of loadPlanFacts to the values :plan_audits and :plan_deadlines. */
bool plan_derive(struct request *rq);

/* The same for a job: both as JSON text in the arena. */
void plan_derive_rows(struct arena *arena, const struct rows *rows, const char *today,
                      const char **ret_audits, const char **ret_deadlines);

/* Facts of one certification from the rows of loadPlanFacts; false when it is not among them. ret_json (may be NULL) is the row's object,
 * owned by the request's arena. */
bool plan_facts_of(struct request *rq, const char *certification_id,
                   struct plan_facts *ret_facts, const json_t **ret_json);

/* The same by row, for walking over all certifications of the client; false behind the last. */
bool plan_facts_at(struct request *rq, int row, struct plan_facts *ret_facts,
                   const json_t **ret_json);

/* Civil day of the request in Asia/Tokyo. */
struct civil plan_today(const struct request *rq);

extern const struct job refresh_plans_job;

#endif
