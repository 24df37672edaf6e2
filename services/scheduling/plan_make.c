/* What a certification in its present state wants. */
#include "services/scheduling/plan_make.h"

#include <stdarg.h>
#include <string.h>

static void free_json(void *json)
{
    json_decref(json);
}

json_t *why_new(struct plan *plan, const char *rule, ...)
{
    json_t *rules = json_array();
    va_list list;
    va_start(list, rule);
    for (; rule; rule = va_arg(list, const char *))
        json_array_append_new(rules, json_string(rule));
    va_end(list);
    json_t *why = json_pack("{s:o, s:{}, s:{}}", "rules", rules, "inputs", "policy");
    arena_defer(plan->arena, free_json, why);
    return why;
}

void why_date(json_t *why, const char *name, struct civil date)
{
    char text[CIVIL_TEXT_SIZE];
    if (civil_is_none(date))
        return;
    civil_format(date, text);
    json_object_set_new(json_object_get(why, "inputs"), name, json_string(text));
}

void why_text(json_t *why, const char *name, const char *text)
{
    if (text)
        json_object_set_new(json_object_get(why, "inputs"), name, json_string(text));
}

void why_policy(const struct plan *plan, json_t *why, const char *name)
{
    json_object_set_new(json_object_get(why, "policy"), name,
                        policy_json(policy_find(name), &plan->facts->policies));
}

void why_backplan(const struct plan *plan, json_t *why, const char *first)
{
    static const char *const steps[] = {"cert_issue_days",
                                        "review_days",
                                        "ca_days",
                                        "stage2_bd",
                                        "stage2_prep_days",
                                        "stage1_bd",
                                        "mr_buffer_days",
                                        "mr_days",
                                        "ia_days",
                                        "ops_days",
                                        "documents_days",
                                        "treatment_days",
                                        "risk_assessment_days",
                                        "asset_inventory_days",
                                        NULL};
    why_policy(plan, why, "year_end_closed");
    for (const char *const *step = steps; *step; step++) {
        why_policy(plan, why, *step);
        if (strcmp(*step, first) == 0)
            break;
    }
}

const char *plan_key(const struct plan *plan, int cycle_no, const char *kind, int ordinal)
{
    return arena_printf(plan->arena, "%s:c%d:%s:%d", plan->facts->certification.id,
                        cycle_no, kind, ordinal);
}

struct plan_deadline *plan_add(struct plan *plan, const struct plan_deadline *deadline,
                               const char *subject_ja, const char *subject_en)
{
    struct business_calendar calendar = plan_calendar(plan->facts);
    if (civil_is_none(deadline->raw_on) || !civil_in_range(deadline->raw_on))
        return NULL;
    struct plan_deadline *added = arena_dup(plan->arena, deadline, sizeof *deadline);
    if (civil_is_none(added->due_on))
        added->due_on = business_day_roll(&calendar, added->raw_on, BUSINESS_ROLL_PREV);
    why_policy(plan, added->why, "year_end_closed");
    plan_title(plan, added, subject_ja, subject_en);
    *plan->tail = added;
    plan->tail = &added->next;
    plan->deadline_count++;
    return added;
}

int plan_initial_cycle(const struct plan_facts *facts)
{
    const struct plan_certification *c = &facts->certification;
    bool before = civil_is_none(c->decision_date);
    return before && !civil_is_none(c->original_certification_date) ? c->cycle_no + 1
                                                                    : c->cycle_no;
}

static bool is_preparing(enum certification_state state)
{
    return state == CERTIFICATION_PREPARING || state == CERTIFICATION_STAGE1_DONE ||
           state == CERTIFICATION_STAGE2_DONE || state == CERTIFICATION_RECOMMENDED;
}

void plan_make(struct arena *arena, const struct plan_facts *facts, struct plan *ret_plan)
{
    *ret_plan = (struct plan){.arena = arena, .facts = facts};
    ret_plan->tail = &ret_plan->first;
    enum certification_state state = facts->certification.state;
    if (is_preparing(state)) {
        plan_preparation_audits(ret_plan);
        plan_preparation(ret_plan);
    } else if (state != CERTIFICATION_WITHDRAWN &&
               !civil_is_none(facts->certification.expiry_date)) {
        plan_cycle_audits(ret_plan);
        plan_cycle(ret_plan);
    }
    plan_state_tasks(ret_plan);
    plan_obligations(ret_plan);
    if (state != CERTIFICATION_WITHDRAWN) {
        plan_findings(ret_plan);
        plan_changes(ret_plan);
    }
}
