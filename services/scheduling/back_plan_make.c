/* From the milestones of the rule (PLN-01..03) to tasks. */
#include "services/scheduling/back_plan.h"

#include "api/id.h"
#include "services/scheduling/certifications.h"
#include "services/scheduling/plan_facts.h"

#include <string.h>

enum { MOST_SEARCHED_DAYS = 1100 };

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

static struct business_calendar calendar_of(const struct back_plan_order *order)
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

static json_t *find_task(const json_t *tasks, const char *code, size_t len)
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
        const json_t *other = find_task(tasks, codes, len);
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

static json_t *way_tasks(const struct back_plan_order *order, const struct backplan *plan)
{
    struct business_calendar calendar = calendar_of(order);
    bool b = order->variant == BACKPLAN_IA_BETWEEN_STAGES;
    json_t *tasks = json_array();
    for (size_t i = 0; i < STEPS; i++) {
        const struct step_of_way *step = &way[i];
        struct civil start = edge_day(&calendar, plan, step->from, step->from_edge);
        struct civil end = edge_day(&calendar, plan, step->to, step->to_edge);
        if (!civil_before(end, start))
            json_array_append_new(
                tasks, new_task(step->code, step->ja, step->en, step->rule, start, end));
    }
    for (size_t i = 0; i < STEPS; i++) {
        json_t *task = find_task(tasks, way[i].code, strlen(way[i].code));
        if (task)
            wait_for_codes(tasks, task, b ? way[i].after_b : way[i].after_a, b);
    }
    return tasks;
}

/* ---- a template's own tasks ---- */

static void wait_for_list(json_t *tasks, json_t *task, const json_t *codes)
{
    for (size_t i = 0; i < json_array_size(codes); i++) {
        const char *code = json_string_value(json_array_get(codes, i));
        wait_for_codes(tasks, task, code, false);
    }
}

/* It ends just before what needs it; without such a task it begins when what it waits for has ended. */
static void place_own(const struct back_plan_order *order, json_t *tasks,
                      const json_t *own)
{
    struct business_calendar calendar = calendar_of(order);
    const char *code = json_string_value(json_object_get(own, "code"));
    const char *before = json_string_value(json_object_get(own, "needed_by"));
    json_t *needs = before ? find_task(tasks, before, strlen(before)) : NULL;
    json_t *task = find_task(tasks, code, strlen(code));
    int days = (int)json_integer_value(json_object_get(own, "duration_days"));
    struct civil first = json_date(json_array_get(tasks, 0), "start_on");
    struct civil end = business_day_add(&calendar, first, days - 1);
    if (needs) {
        end = business_day_add(&calendar, json_date(needs, "start_on"), -1);
        first = business_day_add(&calendar, end, 1 - days);
        wait_for(needs, task);
    }
    json_set_date(task, "start_on", first);
    json_set_date(task, "end_on", end);
    wait_for_list(tasks, task, json_object_get(own, "depends_on"));
}

static void add_own(const struct back_plan_order *order, json_t *tasks)
{
    for (size_t i = 0; i < json_array_size(order->own); i++) {
        const json_t *own = json_array_get(order->own, i);
        json_t *task = new_task(json_string_value(json_object_get(own, "code")),
                                json_string_value(json_object_get(own, "title_ja")),
                                json_string_value(json_object_get(own, "title_en")), NULL,
                                order->today, order->today);
        json_object_set(task, "owner_role", json_object_get(own, "owner_role"));
        json_array_append_new(tasks, task);
    }
    for (size_t i = 0; i < json_array_size(order->own); i++)
        place_own(order, tasks, json_array_get(order->own, i));
}

static void pin(json_t *tasks, const char *code, const json_t *booked)
{
    json_t *task = find_task(tasks, code, strlen(code));
    if (!task || !json_is_object(booked))
        return;
    json_object_set(task, "start_on", json_object_get(booked, "first"));
    json_object_set(task, "end_on", json_object_get(booked, "last"));
    json_object_set_new(task, "fixed", json_true());
}

/* ---- what is said of it ---- */

static void add_problem(json_t *problems, const char *code, const json_t *task, int days,
                        const char *ja, const char *en)
{
    json_t *id = json_object_get(task, "id"), *step = json_object_get(task, "code");
    json_array_append_new(problems,
                          json_pack("{s:s, s:O?, s:O?, s:i, s:s, s:s}", "code", code,
                                    "task_id", id, "step", step, "business_days", days,
                                    "text_ja", ja, "text_en", en));
}

static json_t *problems_of(const struct back_plan_order *order,
                           const struct backplan *plan, const json_t *tasks,
                           const struct plan_network *network)
{
    struct business_calendar calendar = calendar_of(order);
    json_t *problems = json_array();
    for (int i = 0; i < network->count; i++) {
        const struct network_task *task = &network->list[i];
        const json_t *json = json_array_get(tasks, (size_t)i);
        if (civil_before(task->start, order->today))
            add_problem(problems, "step_in_past", json,
                        network_distance(&calendar, task->start, order->today),
                        "この手順は今日より前に始めている必要があります。",
                        "This step would have had to begin before today.");
        if (task->clash)
            add_problem(problems, "booked_audit_too_early", json,
                        network_distance(&calendar, task->start, task->ready),
                        "予約済みの審査日までに準備が終わりません。",
                        "The audit is booked before its preparation is finished.");
    }
    if (plan->audit_not_after_stage1)
        add_problem(problems, "internal_audit_not_after_stage1", NULL, 0,
                    "第一段階審査と第二段階審査の間に、内部監査とレビューが収まりません（"
                    "PLN-03）。",
                    "Internal audit and review do not fit between the stages (PLN-03).");
    if (plan->body_refuses_variant)
        add_problem(problems, "body_wants_internal_audit_before_stage1", NULL, 0,
                    "この認証機関は第一段階審査の前に内部監査を求めています（INI-03）。",
                    "This body wants the internal audit before stage 1 (INI-03).");
    return problems;
}

static struct backplan_facts facts_of(const struct back_plan_order *order,
                                      struct civil target)
{
    return (struct backplan_facts){
        .target_certificate_date = target,
        .variant = order->variant,
        .today = order->today,
        .policy = policies_backplan(&order->policies),
    };
}

/* The first certificate whose way begins on the day or later; none when three years do not do. */
static struct civil earliest(const struct back_plan_order *order, struct civil start)
{
    for (int days = 1; days <= MOST_SEARCHED_DAYS; days++) {
        struct backplan plan;
        struct backplan_facts facts = facts_of(order, civil_add_days(start, days));
        backplan_make(&facts, &plan);
        if (plan.order_ok && !civil_before(plan.date[BACKPLAN_KICKOFF], start))
            return facts.target_certificate_date;
    }
    return CIVIL_NONE;
}

static json_t *alternatives_of(const struct back_plan_order *order, struct civil target)
{
    json_t *list = json_array();
    struct backplan_facts facts = facts_of(order, target), changed;
    for (int i = 0; i < BACKPLAN_ALTERNATIVES; i++) {
        struct backplan plan;
        if (!backplan_alternative_facts(&facts, (enum backplan_alternative)i, &changed))
            continue;
        backplan_make(&changed, &plan);
        json_t *item =
            json_pack("{s:s, s:s, s:b}", "kind", backplan_alternative_names[i], "variant",
                      changed.variant == BACKPLAN_IA_BETWEEN_STAGES ? "ia_between_stages"
                                                                    : "ia_before_stage1",
                      "feasible", plan.feasible);
        json_set_date(item, "target_date", changed.target_certificate_date);
        json_set_date(item, "begins_on", plan.date[BACKPLAN_KICKOFF]);
        json_array_append_new(list, item);
    }
    return list;
}

static struct civil first_day(const struct plan_network *network)
{
    struct civil first = network->list[0].start;
    for (int i = 1; i < network->count; i++)
        first = civil_earlier(first, network->list[i].start);
    return first;
}

static json_t *verdict(const struct back_plan_order *order, const struct backplan *plan,
                       const json_t *tasks, const struct plan_network *network,
                       struct civil target)
{
    struct civil end = network_end(network->list, network->count);
    json_t *problems = problems_of(order, plan, tasks, network);
    bool late = civil_before(target, end);
    bool feasible = json_array_size(problems) == 0 && !late;
    if (late)
        add_problem(problems, "certificate_after_target", NULL, 0,
                    "登録証が目標日に間に合いません。",
                    "The certificate comes after the target date.");
    json_t *made = json_pack("{s:b, s:b, s:o, s:o}", "feasible", feasible, "order_ok",
                             plan->order_ok, "problems", problems, "alternatives",
                             feasible ? json_array() : alternatives_of(order, target));
    json_set_date(made, "made_on", order->today);
    json_set_date(made, "begins_on", first_day(network));
    json_set_date(made, "ends_on", end);
    json_set_date(made, "earliest_certificate_on", earliest(order, order->today));
    return made;
}

static void keep_baseline(json_t *tasks)
{
    for (size_t i = 0; i < json_array_size(tasks); i++) {
        json_t *task = json_array_get(tasks, i);
        json_object_set(task, "baseline_start", json_object_get(task, "start_on"));
        json_object_set(task, "baseline_end", json_object_get(task, "end_on"));
        json_object_set_new(task, "position", json_integer((json_int_t)i + 1));
    }
}

bool back_plan_make(struct arena *arena, const struct back_plan_order *order,
                    json_t **ret_tasks, json_t **ret_made, struct civil *ret_target)
{
    struct civil target =
        civil_is_none(order->start) ? order->target : earliest(order, order->start);
    struct business_calendar calendar = calendar_of(order);
    struct backplan_facts facts = facts_of(order, target);
    struct backplan plan;
    struct plan_network network;
    if (civil_is_none(target))
        return false;
    backplan_make(&facts, &plan);
    json_t *tasks = way_tasks(order, &plan);
    add_own(order, tasks);
    pin(tasks, "stage1", json_object_get(order->booked, "stage1"));
    pin(tasks, "stage2", json_object_get(order->booked, "stage2"));
    plan_network_read(arena, tasks, &network);
    plan_network_settle(&calendar, &network, CIVIL_NONE);
    *ret_made = verdict(order, &plan, tasks, &network, target);
    keep_baseline(tasks);
    *ret_tasks = tasks;
    *ret_target = target;
    return true;
}
