/* Correcting the facts of a certification, and deleting one entered by mistake. */
#include "services/scheduling/certifications.h"

#include "services/scheduling/certification_dates.h"
#include "services/scheduling/plan.h"
#include "services/scheduling/policies_check.h"
#include "services/scheduling/rules/period.h"

/* A date can be corrected, not invented: the step that brings it is a transition. */
static void check_correctable(struct request *rq, const json_t *row)
{
    static const struct {
        const char *member, *stands_on;
    } members[] = {
        {"stage1_last_day", "stage1_last_day"},
        {"stage2_last_day", "stage2_last_day"},
        {"recommended_on", "recommended_on"},
        {"decision_date", "decision_date"},
        {"effective_date", "decision_date"},
        {"issue_date", "decision_date"},
        {"expiry_date", "decision_date"},
        {"original_certification_date", "decision_date"},
        {"accreditation_lost_on", "decision_date"},
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (date_is_given(rq, members[i].member) &&
            civil_is_none(json_date(row, members[i].stands_on)))
            refuse_field(rq, arena_printf(rq->arena, "/%s", members[i].member),
                         "not_allowed_here",
                         json_string_value(json_object_get(row, "state")));
    }
}

/* Dates that were counted from the old decision follow the corrected one, unless they are given themselves. */
static void follow_decision(struct request *rq, const struct plan_facts *facts,
                            const json_t *row, json_t *changes)
{
    static const char *const same[] = {"effective_date", "original_certification_date",
                                       "cycle_start", "anchor_date"};
    struct civil old = facts->certification.decision_date;
    struct civil decision = json_date(rq->body, "decision_date");
    if (civil_is_none(decision) || civil_is_none(old))
        return;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct civil date = json_date(row, same[i]);
        if (!date_is_given(rq, same[i]) && !civil_is_none(date) && civil_same(date, old))
            json_set_date(changes, same[i], decision);
    }
    struct civil expiry = facts->certification.expiry_date;
    if (!date_is_given(rq, "expiry_date") && !civil_is_none(expiry) &&
        civil_same(expiry, certification_first_expiry(facts, old)))
        json_set_date(changes, "expiry_date",
                      certification_first_expiry(facts, decision));
    struct civil previous = facts->certification.previous_expiry_date;
    if (!civil_is_none(previous))
        json_object_set_new(changes, "gap_days",
                            json_integer(period_gap_days(previous, decision)));
}

static void check_policies(struct request *rq, const json_t *facts, const json_t *row)
{
    const json_t *levels[POLICY_LEVELS] = {
        [POLICY_CONSULTANCY] = json_object_get(facts, "consultancy_policies"),
        [POLICY_BODY] = json_object_get(facts, "body_policies"),
        [POLICY_CERTIFICATION] = json_object_get(row, "policies"),
    };
    policies_check(rq, levels, POLICY_CERTIFICATION);
}

bool certification_change(struct request *rq)
{
    struct plan_facts facts;
    const json_t *json;
    if (!plan_facts_of(rq, request_parameter(rq, "certification_id"), &facts, &json))
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    const json_t *row = json_object_get(json, "certification");
    json_t *changes = json_copy(rq->body);
    json_t *merged = json_copy((json_t *)(uintptr_t)row);
    follow_decision(rq, &facts, row, changes);
    json_object_update(merged, changes);
    certification_check_happened(rq);
    check_correctable(rq, row);
    certification_check_order(rq, merged);
    check_policies(rq, json, row);
    request_set_json(rq, "certification_changes", changes);
    json_decref(changes);
    json_decref(merged);
    return !date_refused(rq);
}

bool certification_deletable(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeCertificationDelete");
    if (rows_text(rows, 0, "has_history")[0] == 'f')
        return true;
    return refuse(rq, PROBLEM_STILL_REFERENCED,
                  "This certification has a history. Withdraw it instead of deleting it.",
                  "この認証には履歴があります。削除せず、取消しとして記録してください。");
}
