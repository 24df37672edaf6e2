/* GET /v1/clients/{client_id}/gates: the gates of a client's certifications as JSON. */
#include "services/scheduling/gates_answer.h"

#include "services/scheduling/certifications.h"
#include "services/scheduling/plan.h"

#include <string.h>

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *item_json(const struct gates *gates, const struct gate_item *item)
{
    struct arena *arena = gates->plan->arena;
    struct civil today = gates->plan->facts->today;
    bool blocks =
        !civil_is_none(item->blocks_on) && civil_compare(item->blocks_on, today) <= 0;
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:b, s:s, s:o, s:s, s:s, s:s, s:s}", "code",
        gate_code_name(item->code), "what_ja", gate_item_what(arena, item, true),
        "what_en", gate_item_what(arena, item, false), "blocks", blocks, "entity",
        item->entity, "entity_id", text_or_null(item->entity_id), "rule", item->rule,
        "clause", gate_item_clause(arena, item), "next_ja",
        gate_code_next(item->code, true), "next_en", gate_code_next(item->code, false));
    json_set_date(json, "since", item->since);
    json_set_date(json, "by_when", item->by_when);
    return json;
}

static json_t *met_json(const struct gates *gates, const struct gate_item *item)
{
    struct arena *arena = gates->plan->arena;
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:o}", "code", gate_code_name(item->code), "what_ja",
        gate_item_what(arena, item, true), "what_en", gate_item_what(arena, item, false),
        "entity", item->entity, "entity_id", text_or_null(item->entity_id));
    json_set_date(json, "done_on", item->done_on);
    return json;
}

static void add_items(const struct gates *gates, const struct gate *gate, json_t *json)
{
    json_t *missing = json_array(), *met = json_array();
    for (int i = 0; i < gate->item_count; i++) {
        const struct gate_item *item = &gate->items[i];
        if (!gate_item_done(gates, item))
            json_array_append_new(missing, item_json(gates, item));
        else if (!item->guard)
            json_array_append_new(met, met_json(gates, item));
    }
    json_object_set_new(json, "missing", missing);
    json_object_set_new(json, "met", met);
}

static void add_audit(const struct gate *gate, json_t *json)
{
    const struct plan_audit *audit = gate->audit;
    bool applies = audit && gate->why == GATE_APPLIES;
    const char *id = applies && audit->fact ? audit->fact->id : NULL;
    json_object_set_new(json, "audit_id", text_or_null(id));
    json_set_date(json, "window_start", applies ? audit->window_start : CIVIL_NONE);
    json_set_date(json, "window_end", applies ? audit->window_end : CIVIL_NONE);
    json_set_date(json, "hard_limit", applies ? audit->hard_limit : CIVIL_NONE);
}

static json_t *gate_json(const struct gates *gates, const struct gate *gate)
{
    bool applies = gate->why == GATE_APPLIES;
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "gate", gate_name(gate->kind),
        "title_ja", gate_title(gate->kind, true), "title_en",
        gate_title(gate->kind, false), "status", gate_status_name(gate->status), "rule",
        gate_rule(gate->kind), "why_not_ja",
        text_or_null(applies ? NULL : gate_why_text(gate->why, true)), "why_not_en",
        text_or_null(applies ? NULL : gate_why_text(gate->why, false)), "readiness_pct",
        applies ? json_integer(gate_readiness(gate)) : json_null());
    json_set_date(json, "why_not_since", applies ? CIVIL_NONE : gate->why_date);
    json_set_date(json, "blocked_on", gate->blocked_on);
    add_audit(gate, json);
    add_items(gates, gate, json);
    return json;
}

static json_t *certification_json(const struct gates *gates)
{
    const struct plan_certification *c = &gates->plan->facts->certification;
    json_t *list = json_array();
    for (int kind = 0; kind < GATE_KINDS; kind++)
        json_array_append_new(list, gate_json(gates, &gates->gate[kind]));
    return json_pack(
        "{s:s, s:s, s:s, s:i, s:o, s:o, s:o}", "certification_id", c->id, "scheme",
        c->scheme_name, "state", certification_state_name(c->state), "cycle_no",
        c->cycle_no, "next_gate",
        text_or_null(gates->next ? gate_name(gates->next->kind) : NULL), "readiness_pct",
        gates->next ? json_integer(gate_readiness(gates->next)) : json_null(), "gates",
        list);
}

static struct civil asked_day(const struct request *rq)
{
    struct civil day = plan_today(rq);
    const char *given = request_parameter(rq, "on");
    if (given)
        civil_parse(given, &day);
    return day;
}

static void free_json(void *json)
{
    json_decref(json);
}

struct gates *gates_of_rows(struct arena *arena, const struct rows *rows,
                            struct civil day, int *ret_count)
{
    size_t count = rows ? (size_t)rows_count(rows) : 0;
    struct plan_facts *facts = arena_alloc(arena, (count + 1) * sizeof *facts);
    struct gates *gates = arena_alloc(arena, (count + 1) * sizeof *gates);
    for (size_t i = 0; i < count; i++) {
        json_t *json = json_loads(rows_text(rows, (int)i, "facts"), 0, NULL);
        arena_defer(arena, free_json, json);
        plan_facts_read(arena, json, day, &facts[i]);
    }
    for (size_t i = 0; i < count; i++) {
        struct plan *plan = arena_alloc(arena, sizeof *plan);
        plan_make(arena, &facts[i], plan);
        gates_make(plan, facts, count, &gates[i]);
    }
    *ret_count = (int)count;
    return gates;
}

static bool gates_answer(struct request *rq)
{
    int count;
    const char *only = request_parameter(rq, "certification_id");
    struct civil day = asked_day(rq);
    const struct gates *gates =
        gates_of_rows(rq->arena, request_rows(rq, "loadPlanFacts"), day, &count);
    json_t *list = json_array();
    for (int i = 0; i < count; i++) {
        const char *id = gates[i].plan->facts->certification.id;
        if (!only || strcasecmp(only, id) == 0)
            json_array_append_new(list, certification_json(&gates[i]));
    }
    if (only && json_array_size(list) == 0) {
        json_decref(list);
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    }
    request_reply_json(
        rq, json_pack("{s:s, s:s, s:o}", "client_id",
                      rows_text(request_rows(rq, "findGateClient"), 0, "id"), "on",
                      civil_text(rq->arena, day), "certifications", list));
    return true;
}

const struct step gates_steps[] = {{.sql = "findGateClient"},
                                   {.sql = "loadPlanFacts", .optional = true},
                                   {.compute = gates_answer},
                                   {0}};
