/* Pairs of policy values of which one must not be greater than the other. */
#include "services/scheduling/policies_check.h"

enum { DAYS_OF_A_MONTH = 30 };

static const struct pair {
    const char *less, *more;
    int days_of_more; /* days that one of `more` counts, when the units differ; else 1 */
    bool both_given;  /* only when neither is a default of the product */
} pairs[] = {
    {"recert_latest_months", "recert_before_months", 1, false},             /* REC-01 */
    {"stage_gap_min_days", "stage_gap_max_months", DAYS_OF_A_MONTH, false}, /* INI-02 */
    {"stage_gap_min_days", "stage2_prep_days", 1, true},
    {"stage2_prep_days", "stage_gap_max_months", DAYS_OF_A_MONTH, true},
    {"major_plan_days", "major_evidence_days", 1, false}, /* NC-03 */
    {"minor_plan_days", "minor_evidence_days", 1, false},
    {"management_review_buffer_days", "internal_audit_buffer_days", 1,
     false}, /* PLN-02 */
};

static bool is_named(const struct request *rq, const char *name)
{
    return json_object_get(request_member(rq, "policies"), name) != NULL;
}

static bool is_default(const char *name, const json_t *const levels[POLICY_LEVELS])
{
    return policy_source(policy_find(name), levels) == POLICY_DEFAULT;
}

static bool contradicts(const struct pair *pair,
                        const json_t *const levels[POLICY_LEVELS])
{
    struct policies values;
    policies_effective(levels, &values);
    int less = policy_value(policy_find(pair->less), &values);
    int more = policy_value(policy_find(pair->more), &values);
    if (pair->both_given &&
        (is_default(pair->less, levels) || is_default(pair->more, levels)))
        return false;
    return less > more * pair->days_of_more;
}

static void refuse_one(struct request *rq, const char *name, const char *other)
{
    refuse_field(rq, arena_printf(rq->arena, "/policies/%s", name), "inconsistent",
                 other);
}

bool policies_check(struct request *rq, const json_t *const levels[POLICY_LEVELS],
                    enum policy_level level)
{
    const json_t *all[POLICY_LEVELS];
    bool fits = true;
    for (int i = 0; i < POLICY_LEVELS; i++)
        all[i] = levels[i];
    json_t *merged =
        levels[level] ? json_copy((json_t *)(uintptr_t)levels[level]) : json_object();
    const json_t *given = request_member(rq, "policies");
    if (json_is_object(given))
        json_object_update(merged, (json_t *)(uintptr_t)given);
    all[level] = merged;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const struct pair *pair = &pairs[i];
        if ((!is_named(rq, pair->less) && !is_named(rq, pair->more)) ||
            !contradicts(pair, all))
            continue;
        refuse_one(rq, pair->less, pair->more);
        refuse_one(rq, pair->more, pair->less);
        fits = false;
    }
    json_decref(merged);
    return fits;
}

static bool check_row(struct request *rq, enum policy_level level)
{
    static const char *const columns[POLICY_LEVELS] = {
        [POLICY_CONSULTANCY] = "consultancy_policies",
        [POLICY_BODY] = "body_policies",
    };
    const struct rows *rows = request_rows(rq, "judgePolicies");
    json_t *levels[POLICY_LEVELS] = {NULL};
    for (int i = POLICY_CONSULTANCY; i <= (int)level; i++) {
        const char *text = rows_count(rows) ? rows_text(rows, 0, columns[i]) : NULL;
        levels[i] = text ? json_loads(text, 0, NULL) : NULL;
    }
    bool fits = policies_check(rq, (const json_t *const *)levels, level);
    for (int i = 0; i < POLICY_LEVELS; i++)
        json_decref(levels[i]);
    return fits;
}

bool policies_judge(struct request *rq)
{
    request_set(rq, "judged_body_id", request_parameter(rq, "body_id"));
    return true;
}

bool policies_check_consultancy(struct request *rq)
{
    return check_row(rq, POLICY_CONSULTANCY);
}

bool policies_check_body(struct request *rq)
{
    return check_row(rq, POLICY_BODY);
}
