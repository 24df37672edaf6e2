/* Recurring work: what is to be done how often, the default set of a scheme, and the record of what was done. */
#include "operations.h"

#include "api/id.h"
#include "dates_given.h"
#include "obligation_kinds.h"
#include "plan.h"

#include <string.h>

/* ---- the obligation ---- */

static bool is_given(const struct request *rq, const char *name)
{
    const json_t *value = request_member(rq, name);
    return value && !json_is_null(value);
}

static bool obligation_new(struct request *rq)
{
    const char *name = json_string_value(request_member(rq, "kind"));
    const struct obligation_kind *kind = obligation_kind_find(name);
    const json_t *interval = request_member(rq, "interval_months");
    if (strcmp(name, "custom") == 0 && !is_given(rq, "title"))
        refuse_field(rq, "/title", "required", NULL);
    if (strcmp(name, "custom") != 0 && is_given(rq, "title"))
        refuse_field(rq, "/title", "not_allowed_here", "kind");
    request_set(rq, "obligation_id", request_value(rq, "new_id", NULL));
    request_set_int(rq, "kind_interval",
                    interval ? json_integer_value(interval) : kind->interval_months);
    return rq->problem.code == PROBLEM_NONE;
}

static bool obligation_change(struct request *rq)
{
    const char *kind = rows_text(request_rows(rq, "judgeObligation"), 0, "kind");
    const json_t *title = request_member(rq, "title");
    bool custom = strcmp(kind, "custom") == 0;
    if (title && custom && json_is_null(title))
        return refuse_field(rq, "/title", "required", NULL);
    if (title && !custom && !json_is_null(title))
        return refuse_field(rq, "/title", "not_allowed_here", "kind");
    return true;
}

const struct step obligation_create_steps[] = {
    LOCK_PLAN,  {.compute = obligation_new}, {.sql = "insertObligation"},
    PLAN_STEPS, {.sql = "getObligation"},    {0},
};
const struct step obligation_update_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeObligation"},
    {.compute = obligation_change},
    {.sql = "changeObligation"},
    PLAN_STEPS,
    {.sql = "getObligation"},
    {0},
};
const struct step obligation_delete_steps[] = {
    LOCK_PLAN,
    {.sql = "releaseObligationDeadlines", .optional = true},
    {.sql = "dropObligationFulfilments", .optional = true},
    {.sql = "dropObligationDeadlines", .optional = true},
    {.sql = "removeObligation"},
    PLAN_STEPS,
    {0},
};

/* ---- the default set ---- */

static bool default_set(struct request *rq)
{
    const char *name = rows_text(request_rows(rq, "judgeNewObligation"), 0, "scheme");
    enum plan_scheme scheme = plan_scheme_of(name);
    const struct obligation_kind *kind;
    json_t *list = json_array();
    for (size_t i = 0; (kind = obligation_kind_at(i)); i++) {
        char id[ID_TEXT];
        if (obligation_kind_suits(kind, scheme))
            json_array_append_new(list, json_pack("{s:s, s:s, s:i}", "id", id_new(id),
                                                  "kind", kind->name, "interval_months",
                                                  kind->interval_months));
    }
    request_set_json(rq, "default_obligations", list);
    json_decref(list);
    return true;
}

const struct step obligation_defaults_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeNewObligation"},
    {.compute = default_set},
    {.sql = "insertDefaultObligations", .optional = true},
    PLAN_STEPS,
    {.sql = "getObligationsOfCertification"},
    {0},
};

/* ---- what was done ---- */

/* Once per day. Everybody who records for this client waits for the same lock before. */
static bool fulfilment_new(struct request *rq)
{
    if (rows_text(request_rows(rq, "judgeFulfilment"), 0, "recorded")[0] == 't') {
        refuse(rq, PROBLEM_CONFLICT, NULL, NULL);
        problem_add(rq->arena, &rq->problem, "body", "/done_on", "duplicate", NULL);
        return false;
    }
    request_set(rq, "fulfilment_id", request_value(rq, "new_id", NULL));
    return date_is_past(rq, date_merged(rq, NULL, "done_on"), "/done_on");
}

const struct step fulfilment_create_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeFulfilment"},
    {.compute = fulfilment_new},
    {.sql = "insertObligationFulfilment"},
    PLAN_STEPS,
    {.sql = "getObligationFulfilment"},
    {0},
};
const struct step fulfilment_delete_steps[] = {
    LOCK_PLAN,
    {.sql = "removeObligationFulfilment"},
    PLAN_STEPS,
    {0},
};
