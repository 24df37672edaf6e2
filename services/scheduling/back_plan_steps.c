/* The steps of the way, from the milestones of the rule (PLN-01..03) to tasks; with what a template adds or puts in their place. */
#include "services/scheduling/back_plan.h"

#include "api/id.h"
#include "services/scheduling/certifications.h"
#include "services/scheduling/plan_facts.h"

#include <string.h>

enum edge {
    ON,
    AFTER,
    BEFORE
}; /* the milestone's day, the business day after or before it */

static const struct step_of_way {
    const char *code, *rule, *ja, *en;
    enum backplan_milestone from;
    enum edge from_edge;
    enum backplan_milestone to;
    enum edge to_edge;
    const char *after_a, *after_b; /* what it waits for, by variant; comma separated */
} way[] = {
    {"scope", "PLN-01", "適用範囲・課題・利害関係者の決定",
     "Scope, issues and interested parties", BACKPLAN_KICKOFF, ON,
     BACKPLAN_ASSET_INVENTORY_START, BEFORE, "", ""},
    {"asset_inventory", "PLN-01", "資産目録とリスク基準",
     "Asset inventory and risk criteria", BACKPLAN_ASSET_INVENTORY_START, ON,
     BACKPLAN_RISK_ASSESSMENT_START, BEFORE, "scope", "scope"},
    {"risk_assessment", "PLN-02", "リスクアセスメント", "Risk assessment",
     BACKPLAN_RISK_ASSESSMENT_START, ON, BACKPLAN_TREATMENT_START, BEFORE,
     "asset_inventory", "asset_inventory"},
    {"treatment", "PLN-02", "リスク対応と適用宣言書",
     "Risk treatment and statement of applicability", BACKPLAN_TREATMENT_START, ON,
     BACKPLAN_DOCUMENTS_START, BEFORE, "risk_assessment", "risk_assessment"},
    {"documents", "PLN-02", "文書の整備と教育", "Documents and training",
     BACKPLAN_DOCUMENTS_START, ON, BACKPLAN_OPERATION_START, BEFORE, "treatment",
     "treatment"},
    {"operation", "PLN-02", "運用", "Operation", BACKPLAN_OPERATION_START, ON,
     BACKPLAN_INTERNAL_AUDIT_START, BEFORE, "documents", "documents"},
    {"internal_audit", "PLN-02", "内部監査", "Internal audit",
     BACKPLAN_INTERNAL_AUDIT_START, ON, BACKPLAN_INTERNAL_AUDIT_END, ON, "operation",
     "operation,stage1"},
    {"management_review", "PLN-02", "マネジメントレビュー", "Management review",
     BACKPLAN_INTERNAL_AUDIT_END, AFTER, BACKPLAN_MANAGEMENT_REVIEW, ON, "internal_audit",
     "internal_audit"},
    {"stage1", "INI-01", "第一段階審査", "Stage 1 audit", BACKPLAN_STAGE1_FIRST, ON,
     BACKPLAN_STAGE1_LAST, ON, "management_review", "documents"},
    {"stage1_findings", "INI-02", "第一段階審査の懸念事項への対応",
     "Settling the concerns of stage 1", BACKPLAN_STAGE1_LAST, AFTER,
     BACKPLAN_STAGE2_FIRST, BEFORE, "stage1", "stage1"},
    {"stage2", "INI-01", "第二段階審査", "Stage 2 audit", BACKPLAN_STAGE2_FIRST, ON,
     BACKPLAN_STAGE2_LAST, ON, "stage1_findings", "stage1_findings,management_review"},
    {"corrective_action", "NC-03", "不適合の是正", "Corrective action",
     BACKPLAN_STAGE2_LAST, AFTER, BACKPLAN_CA_ACCEPTED, ON, "stage2", "stage2"},
    {"decision", "INI-03", "認証の決定", "Certification decision", BACKPLAN_CA_ACCEPTED,
     AFTER, BACKPLAN_DECISION, ON, "corrective_action", "corrective_action"},
    {"certificate", "PLN-01", "登録証の受領", "Receipt of the certificate",
     BACKPLAN_DECISION, AFTER, BACKPLAN_CERTIFICATE, ON, "decision", "decision"},
};
enum { STEPS = sizeof way / sizeof *way };

const char *back_plan_step(size_t index)
{
    return index < STEPS ? way[index].code : NULL;
}

struct business_calendar back_plan_calendar(const struct back_plan_order *order)
{
    return (struct business_calendar){.year_end_closed =
                                          order->policies.year_end_closed != 0};
}

static struct civil edge_day(const struct business_calendar *calendar,
                             const struct backplan *plan, enum backplan_milestone at,
                             enum edge edge)
{
    struct civil day = business_day_roll(calendar, plan->date[at], BUSINESS_ROLL_PREV);
    return edge == ON ? day : business_day_add(calendar, day, edge == AFTER ? 1 : -1);
}

json_t *back_plan_task(const json_t *tasks, const char *code, size_t len)
{
    for (size_t i = 0; i < json_array_size(tasks); i++) {
        json_t *task = json_array_get(tasks, i);
        const char *own = json_string_value(json_object_get(task, "code"));
        if (own && strlen(own) == len && memcmp(own, code, len) == 0)
            return task;
    }
    return NULL;
}

static void wait_for(json_t *task, const json_t *other)
{
    json_t *list = json_object_get(task, "depends_on");
    const json_t *id = json_object_get(other, "id");
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (json_equal(json_array_get(list, i), id))
            return;
    }
    json_array_append(list, (json_t *)(uintptr_t)id);
}

static const struct step_of_way *find_step(const char *code, size_t len)
{
    for (size_t i = 0; i < STEPS; i++) {
        if (strlen(way[i].code) == len && memcmp(way[i].code, code, len) == 0)
            return &way[i];
    }
    return NULL;
}

/* A step that has no day of its own is passed through to what it waits for. */
static void wait_for_codes(json_t *tasks, json_t *task, const char *codes, bool b)
{
    while (*codes) {
        size_t len = strcspn(codes, ",");
        const json_t *other = back_plan_task(tasks, codes, len);
        const struct step_of_way *step = find_step(codes, len);
        if (other)
            wait_for(task, other);
        else if (step)
            wait_for_codes(tasks, task, b ? step->after_b : step->after_a, b);
        codes += len + (codes[len] == ',');
    }
}

static json_t *new_task(const char *code, const char *ja, const char *en,
                        const char *rule, struct civil start, struct civil end)
{
    char id[ID_TEXT];
    json_t *task =
        json_pack("{s:s, s:s, s:s, s:s, s:s?, s:n, s:[], s:b, s:n}", "id", id_new(id),
                  "code", code, "title_ja", ja, "title_en", en, "rule", rule,
                  "owner_role", "depends_on", "fixed", 0, "done_on");
    json_set_date(task, "start_on", start);
    json_set_date(task, "end_on", end);
    return task;
}

static bool is_left_out(const struct back_plan_order *order, const char *code)
{
    for (size_t i = 0; i < json_array_size(order->without); i++) {
        if (strcmp(json_string_value(json_array_get(order->without, i)), code) == 0)
            return true;
    }
    return false;
}

static void add_way(const struct back_plan_order *order, const struct backplan *plan,
                    json_t *tasks)
{
    struct business_calendar calendar = back_plan_calendar(order);
    for (size_t i = 0; i < STEPS; i++) {
        const struct step_of_way *step = &way[i];
        struct civil start = edge_day(&calendar, plan, step->from, step->from_edge);
        struct civil end = edge_day(&calendar, plan, step->to, step->to_edge);
        if (!civil_before(end, start) && !is_left_out(order, step->code))
            json_array_append_new(
                tasks, new_task(step->code, step->ja, step->en, step->rule, start, end));
    }
}

static void add_own(const struct back_plan_order *order, json_t *tasks)
{
    struct business_calendar calendar = back_plan_calendar(order);
    struct civil first = business_day_roll(&calendar, order->today, BUSINESS_ROLL_NEXT);
    for (size_t i = 0; i < json_array_size(order->own); i++) {
        const json_t *own = json_array_get(order->own, i);
        int days = (int)json_integer_value(json_object_get(own, "duration_days"));
        json_t *task = new_task(json_string_value(json_object_get(own, "code")),
                                json_string_value(json_object_get(own, "title_ja")),
                                json_string_value(json_object_get(own, "title_en")), NULL,
                                first, business_day_add(&calendar, first, days - 1));
        json_object_set(task, "owner_role", json_object_get(own, "owner_role"));
        json_array_append_new(tasks, task);
    }
}

static void wait_along_the_way(json_t *tasks, enum backplan_variant variant)
{
    bool b = variant == BACKPLAN_IA_BETWEEN_STAGES;
    for (size_t i = 0; i < STEPS; i++) {
        json_t *task = back_plan_task(tasks, way[i].code, strlen(way[i].code));
        if (task)
            wait_for_codes(tasks, task, b ? way[i].after_b : way[i].after_a, b);
    }
}

/* One that takes the place of a step waits for what the step waits for, unless it names something else. */
static void wait_as_own(json_t *tasks, const json_t *own, bool b)
{
    const char *code = json_string_value(json_object_get(own, "code"));
    const char *before = json_string_value(json_object_get(own, "needed_by"));
    const json_t *waits = json_object_get(own, "depends_on");
    json_t *task = back_plan_task(tasks, code, strlen(code));
    json_t *needs = before ? back_plan_task(tasks, before, strlen(before)) : NULL;
    if (needs)
        wait_for(needs, task);
    if (json_is_array(waits) && find_step(code, strlen(code)))
        json_array_clear(json_object_get(task, "depends_on"));
    for (size_t i = 0; i < json_array_size(waits); i++)
        wait_for_codes(tasks, task, json_string_value(json_array_get(waits, i)), b);
}

json_t *back_plan_tasks(const struct back_plan_order *order, const struct backplan *plan)
{
    json_t *tasks = json_array();
    add_way(order, plan, tasks);
    add_own(order, tasks);
    wait_along_the_way(tasks, order->variant);
    for (size_t i = 0; i < json_array_size(order->own); i++)
        wait_as_own(tasks, json_array_get(order->own, i),
                    order->variant == BACKPLAN_IA_BETWEEN_STAGES);
    return tasks;
}
