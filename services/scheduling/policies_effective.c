/* GET /v1/policies/effective: every value with the level it comes from. */
#include "services/scheduling/certifications.h"

static json_t *policy_entry(const struct request *rq, const struct policy *policy,
                            const json_t *const levels[POLICY_LEVELS],
                            const struct policies *values,
                            const struct policies *defaults, const json_t *notes)
{
    enum policy_level source = policy_source(policy, levels);
    json_t *note = source == POLICY_BODY ? json_object_get(notes, policy->name) : NULL;
    return json_pack(
        "{s:s, s:o, s:o, s:s, s:o, s:s, s:s}", "name", policy->name, "value",
        policy_json(policy, values), "default", policy_json(policy, defaults), "source",
        policy_level_names[source], "source_note", note ? json_incref(note) : json_null(),
        "rule", policy->rule, "meaning",
        rq->language == LANGUAGE_JA ? policy->meaning_ja : policy->meaning_en);
}

bool policies_answer(struct request *rq)
{
    static const char *const columns[POLICY_LEVELS] = {
        [POLICY_CONSULTANCY] = "consultancy_policies",
        [POLICY_BODY] = "body_policies",
        [POLICY_CERTIFICATION] = "certification_policies",
    };
    const struct rows *rows = request_rows(rq, "loadEffectivePolicies");
    json_t *levels[POLICY_LEVELS] = {NULL};
    const json_t *const none[POLICY_LEVELS] = {NULL};
    for (int level = POLICY_CONSULTANCY; level < POLICY_LEVELS; level++) {
        const char *text = rows_text(rows, 0, columns[level]);
        levels[level] = text ? json_loads(text, 0, NULL) : NULL;
    }
    const char *text = rows_text(rows, 0, "policy_sources");
    json_t *notes = text ? json_loads(text, 0, NULL) : NULL;
    struct policies values, defaults;
    policies_effective((const json_t *const *)levels, &values);
    policies_effective(none, &defaults);
    json_t *list = json_array();
    const struct policy *policy;
    for (size_t i = 0; (policy = policy_at(i)); i++)
        json_array_append_new(list,
                              policy_entry(rq, policy, (const json_t *const *)levels,
                                           &values, &defaults, notes));
    for (int level = 0; level < POLICY_LEVELS; level++)
        json_decref(levels[level]);
    json_decref(notes);
    request_reply_json(rq, json_pack("{s:o}", "data", list));
    return true;
}
