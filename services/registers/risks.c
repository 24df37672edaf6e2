/* Risks and their criteria: what the operations do, in steps. */
#include "risks.h"

#include "checks.h"
#include "criteria.h"
#include "deadlines.h"

#include <string.h>

/* The merged criteria for the statements after it; what is wrong with them is refused field by field. */
static bool change_criteria(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadRiskCriteria");
    if (!rows)
        rows = request_rows(rq, "loadDefaultRiskCriteria");
    json_t *before = json_loads(rows_text(rows, 0, "criteria"), 0, NULL);
    struct criteria_errors errors;
    json_t *after = criteria_merge(before, rq->body, &errors);
    for (int i = 0; i < errors.count; i++) {
        const struct criteria_error *error = &errors.list[i];
        refuse_field(rq, arena_printf(rq->arena, "%s", error->pointer), error->code,
                     arena_printf(rq->arena, "%" JSON_INTEGER_FORMAT, error->limit));
    }
    request_set_json(rq, "criteria_before", before);
    request_set_json(rq, "criteria", after);
    json_decref(before);
    json_decref(after);
    return errors.count == 0;
}

static bool judge_scale(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "outsideRiskScale");
    return rows_count(rows) == 0 ||
           refuse(rq, PROBLEM_STATE_NOT_ALLOWED, rows_text(rows, 0, "detail_en"),
                  rows_text(rows, 0, "detail_ja"));
}

#define REEVALUATE                                                                       \
    {.sql = "rescaleRisks", .optional = true}, EVALUATE_RISKS,                           \
        {.sql = "riskCriteriaDeadlines", .optional = true}, STORE_DEADLINES

const struct step update_risk_criteria[] = {
    {.sql = "loadRiskCriteria"},
    {.compute = change_criteria},
    {.sql = "outsideRiskScale", .optional = true},
    {.compute = judge_scale},
    {.sql = "storeRiskCriteria"},
    REEVALUATE,
    {.sql = "getRiskCriteria"},
    {0},
};
const struct step reset_risk_criteria[] = {
    {.sql = "dropRiskCriteria"},
    EVALUATE_RISKS,
    {.sql = "riskCriteriaDeadlines", .optional = true},
    STORE_DEADLINES,
    {0},
};
const struct step preview_risk_criteria[] = {{.sql = "loadRiskCriteria"},
                                             {.compute = change_criteria},
                                             {.sql = "previewRiskCriteriaChange"},
                                             {0}};
const struct step update_default_risk_criteria[] = {
    {.sql = "loadDefaultRiskCriteria"},
    {.compute = change_criteria},
    {.sql = "outsideRiskScale", .optional = true},
    {.compute = judge_scale},
    {.sql = "storeDefaultRiskCriteria"},
    REEVALUATE,
    {.sql = "getDefaultRiskCriteria"},
    {0},
};

const struct step create_risk[] = {
    {.compute = register_new},   {.sql = "createRiskProblems", .optional = true},
    {.compute = register_judge}, {.sql = "insertRisk"},
    {.sql = "riskDeadlines"},    STORE_DEADLINES,
    {.sql = "getRisk"},          {0},
};
const struct step update_risk[] = {
    {.sql = "updateRiskProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "changeRisk"},
    {.sql = "riskDeadlines"},
    STORE_DEADLINES,
    {.sql = "getRisk"},
    {0},
};
const struct step delete_risk[] = {
    {.sql = "riskDeadlines", .optional = true},
    STORE_DEADLINES,
    {.sql = "removeRisk"},
    {0},
};
const struct step accept_risk[] = {
    {.sql = "getRisk"},          {.sql = "acceptRiskProblems", .optional = true},
    {.compute = register_judge}, {.sql = "storeRiskAcceptance"},
    {.sql = "riskDeadlines"},    STORE_DEADLINES,
    {.sql = "getRisk"},          {0},
};
const struct step withdraw_risk_acceptance[] = {
    {.sql = "getRisk"},
    {.sql = "withdrawRiskAcceptanceProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "removeRiskAcceptance"},
    {.sql = "riskDeadlines"},
    STORE_DEADLINES,
    {.sql = "getRisk"},
    {0},
};
