/* Changes of the client and the advice of the rules CHG-01 .. CHG-06. The advice is what the stateless calculations answer for the client's
 * own facts, so that a front end's what-if and the stored advice can not differ. */
#include "operations.h"

#include "calculations.h"
#include "plan.h"

#include <string.h>

static const struct policies *
policies_of(struct request *rq, const char *certification_id, struct plan_facts *facts)
{
    if (certification_id && plan_facts_of(rq, certification_id, facts, NULL))
        return &facts->policies;
    const json_t *levels[POLICY_LEVELS] = {NULL};
    policies_effective(levels, &facts->policies);
    return &facts->policies;
}

static json_t *answer(const char *op, json_t *given)
{
    struct calculation_errors errors = {0};
    json_t *result = calculate(op, given, &errors);
    json_decref(given);
    return result ? result : json_null();
}

static json_t *notice(const struct rows *rows, const struct policies *policies)
{
    return answer("change_notice",
                  json_pack("{s:s, s:s, s:{s:i, s:b}}", "change",
                            rows_text(rows, 0, "change_kind"), "change_date",
                            rows_text(rows, 0, "change_date"), "policy",
                            "notice_days_before", policies->notice_days_before,
                            "year_end_closed", policies->year_end_closed));
}

static json_t *next_audit(const struct rows *rows, int row)
{
    const char *nominal = rows_text(rows, row, "nominal_date");
    if (!nominal)
        return json_null();
    return json_pack("{s:s, s:s}", "nominal", nominal, "window_start",
                     rows_text(rows, row, "window_start"));
}

static json_t *relocation(const struct rows *rows, int row,
                          const struct policies *policies)
{
    return answer("relocation",
                  json_pack("{s:s, s:o, s:{s:i, s:i, s:b}}", "move_date",
                            rows_text(rows, row, "change_date"), "next_audit",
                            next_audit(rows, row), "policy", "merge_within_months",
                            policies->merge_within_months, "special_within_months",
                            policies->special_within_months, "allow_pull_forward",
                            policies->allow_pull_forward));
}

/* Only when stage 2 and the decision are known; before that there is nothing to fall between. */
static json_t *warning(const struct rows *rows, int row, const struct policies *policies)
{
    const char *stage1 = rows_text(rows, row, "stage1_last_day");
    const char *stage2 = rows_text(rows, row, "stage2_last_day");
    const char *decision = rows_text(rows, row, "decision_date");
    if (!stage2 || !decision)
        return json_null();
    if (!stage1)
        stage1 = stage2; /* a certificate entered with its stage 2 only */
    return answer("move_warning",
                  json_pack("{s:s, s:s, s:s, s:s, s:i}", "planned_stage1_last_day",
                            stage1, "planned_stage2_last_day", stage2, "planned_decision",
                            decision, "move_date", rows_text(rows, row, "change_date"),
                            "warn_months", policies->move_warn_months));
}

static bool is_move(const struct rows *rows)
{
    return strcmp(rows_text(rows, 0, "change_kind"), "site_relocation") == 0;
}

static json_t *certification_advice(struct request *rq, const struct rows *rows, int row)
{
    struct plan_facts facts;
    const char *id = rows_text(rows, row, "certification_id");
    const struct policies *policies = policies_of(rq, id, &facts);
    return json_pack("{s:s, s:s, s:o, s:o}", "certification_id", id, "scheme",
                     rows_text(rows, row, "scheme"), "relocation",
                     is_move(rows) ? relocation(rows, row, policies) : json_null(),
                     "move_warning",
                     is_move(rows) ? warning(rows, row, policies) : json_null());
}

static bool change_advise(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadChangeAudits");
    struct plan_facts facts;
    const struct policies *policies =
        policies_of(rq, rows_text(rows, 0, "certification_id"), &facts);
    json_t *list = json_array();
    for (int i = 0; i < rows_count(rows); i++) {
        if (rows_text(rows, i, "certification_id"))
            json_array_append_new(list, certification_advice(rq, rows, i));
    }
    json_t *advice =
        json_pack("{s:o, s:o}", "notice", notice(rows, policies), "certifications", list);
    request_set_json(rq, "advice", advice);
    json_decref(advice);
    return true;
}

/* The statements that follow name the change by :change_id. */
static bool change_new(struct request *rq)
{
    request_set(rq, "change_id", request_value(rq, "new_id", NULL));
    return true;
}

const struct step change_create_steps[] = {
    LOCK_PLAN,
    {.compute = change_new},
    {.sql = "insertChange"},
    PLAN_STEPS,
    {.sql = "loadChangeAudits"},
    {.compute = change_advise},
    {.sql = "storeAdvice"},
    {.sql = "getChange"},
    {0},
};
const struct step change_update_steps[] = {
    LOCK_PLAN,
    {.sql = "changeChange"},
    PLAN_STEPS,
    {.sql = "loadChangeAudits"},
    {.compute = change_advise},
    {.sql = "storeAdvice"},
    {.sql = "getChange"},
    {0},
};
const struct step change_delete_steps[] = {
    LOCK_PLAN,
    {.sql = "dropChangeDeadlines", .optional = true},
    {.sql = "removeChange"},
    PLAN_STEPS,
    {0},
};
