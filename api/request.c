/* What services may do with a request: refuse, read, set values, shape the reply; and where `:name` of a statement comes from. */
#include "request_internal.h"

#include "clock.h"
#include "id.h"

#include <stdlib.h>
#include <string.h>

static struct flow *flow_of(const struct request *rq)
{
    return (struct flow *)(uintptr_t)rq;
}

bool refuse(struct request *rq, enum problem_code code, const char *detail_en,
            const char *detail_ja)
{
    if (rq->problem.code != PROBLEM_NONE)
        return false;
    rq->problem.code = code;
    rq->problem.detail_en = detail_en;
    rq->problem.detail_ja = detail_ja;
    return false;
}

bool refuse_field(struct request *rq, const char *pointer, const char *code,
                  const char *limit)
{
    if (rq->problem.code == PROBLEM_NONE)
        rq->problem.code = PROBLEM_UNPROCESSABLE;
    problem_add(rq->arena, &rq->problem, "body", pointer, code, limit);
    return false;
}

static const char *path_parameter(const struct request *rq, const char *name)
{
    for (int i = 0; i < rq->path.count; i++) {
        if (strcmp(rq->path.names[i], name) == 0)
            return rq->path.values[i];
    }
    return NULL;
}

static const char *query_parameter(const struct request *rq, const char *name)
{
    for (int i = 0; i < rq->query.count; i++) {
        if (strcmp(rq->query.names[i], name) == 0)
            return rq->query.values[i];
    }
    return NULL;
}

const char *request_parameter(const struct request *rq, const char *name)
{
    const char *value = path_parameter(rq, name);
    return value ? value : query_parameter(rq, name);
}

const json_t *request_member(const struct request *rq, const char *name)
{
    return rq->body ? json_object_get(rq->body, name) : NULL;
}

void request_set(struct request *rq, const char *name, const char *text)
{
    struct flow *flow = flow_of(rq);
    struct named_value *value = arena_alloc(rq->arena, sizeof *value);
    *value = (struct named_value){.name = arena_strdup(rq->arena, name),
                                  .text = arena_strdup(rq->arena, text),
                                  .next = flow->values};
    flow->values = value;
}

void request_set_int(struct request *rq, const char *name, int64_t number)
{
    request_set(rq, name, arena_printf(rq->arena, "%lld", (long long)number));
}

static void free_dump(void *text)
{
    free(text);
}

static const char *dump_json(struct arena *arena, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text)
        arena_defer(arena, free_dump, text);
    return text;
}

void request_set_json(struct request *rq, const char *name, const json_t *value)
{
    request_set(rq, name, value ? dump_json(rq->arena, value) : NULL);
}

const struct rows *request_rows(const struct request *rq, const char *statement)
{
    const struct flow *flow = flow_of(rq);
    for (int i = flow->result_count - 1; i >= 0; i--) {
        if (strcmp(flow->results[i].statement, statement) == 0)
            return flow->results[i].rows;
    }
    return NULL;
}

void request_assume(struct request *rq, const char *consultancy, const char *member,
                    enum request_reach reach)
{
    rq->caller.consultancy = arena_strdup(rq->arena, consultancy);
    rq->caller.member = arena_strdup(rq->arena, member);
    rq->caller.reach = reach;
}

enum request_reach request_reach_of(const char *role, const char *client,
                                    bool all_clients)
{
    if (client)
        return REACH_CLIENT;
    if (strcmp(role, "owner") == 0 || strcmp(role, "admin") == 0 || all_clients)
        return REACH_ALL;
    return strcmp(role, "consultant") == 0 ? REACH_ASSIGNED : REACH_NONE;
}

void request_act_as(struct request *rq, const char *role, const char *client,
                    bool all_clients)
{
    rq->caller.role = arena_strdup(rq->arena, role);
    rq->caller.client = arena_strdup(rq->arena, client);
    rq->caller.reach = request_reach_of(role, client, all_clients);
}

static void free_json(void *json)
{
    json_decref(json);
}

void request_reply_json(struct request *rq, json_t *reply)
{
    arena_defer(rq->arena, free_json, reply);
    const char *text = dump_json(rq->arena, reply);
    struct text body = {0};
    text_adds(&body, text ? text : "null");
    request_reply_text(rq, "application/json", &body);
}

void request_reply_text(struct request *rq, const char *content_type, struct text *body)
{
    struct flow *flow = flow_of(rq);
    text_free(&flow->body);
    flow->body = *body;
    *body = (struct text){0};
    flow->content_type = content_type;
    flow->has_body = true;
}

void request_reply_status(struct request *rq, int status)
{
    flow_of(rq)->status = status;
}

void request_reply_header(struct request *rq, const char *name, const char *value)
{
    reply_header(flow_of(rq), name, value);
}

/* ---- the names that every statement may use ---- */

static const char *reach_name(enum request_reach reach)
{
    static const char *const names[] = {"none", "client", "assigned", "all"};
    return names[reach];
}

static const char *value_now(struct flow *flow)
{
    return clock_format(flow->rq.now_us, arena_alloc(flow->rq.arena, CLOCK_TEXT));
}

static const char *value_today(struct flow *flow)
{
    return clock_tokyo_date(flow->rq.now_us, arena_alloc(flow->rq.arena, CLOCK_TEXT));
}

static const char *value_new_id(struct flow *flow)
{
    if (!flow->new_id)
        flow->new_id = id_new(arena_alloc(flow->rq.arena, ID_TEXT));
    return flow->new_id;
}

static const char *value_limit(struct flow *flow)
{
    return arena_printf(flow->rq.arena, "%lld", (long long)flow->limit);
}

static const char *value_body(struct flow *flow)
{
    return flow->rq.body ? dump_json(flow->rq.arena, flow->rq.body) : NULL;
}

static const char *value_consultancy(struct flow *flow)
{
    return flow->rq.caller.consultancy;
}
static const char *value_member(struct flow *flow)
{
    return flow->rq.caller.member;
}
static const char *value_client(struct flow *flow)
{
    return flow->rq.caller.client;
}
static const char *value_session(struct flow *flow)
{
    return flow->rq.caller.session;
}
static const char *value_role(struct flow *flow)
{
    return flow->rq.caller.role;
}
static const char *value_reach(struct flow *flow)
{
    return reach_name(flow->rq.caller.reach);
}
static const char *value_actor_kind(struct flow *flow)
{
    return flow->rq.caller.member ? "member" : "system";
}
static const char *value_if_match(struct flow *flow)
{
    return flow->if_match;
}
static const char *value_after_key(struct flow *flow)
{
    return flow->cursor.key;
}
static const char *value_after_id(struct flow *flow)
{
    return flow->cursor.id;
}
static const char *value_request_id(struct flow *flow)
{
    return flow->rq.request_id;
}
static const char *value_as_of(struct flow *flow)
{
    return flow->as_of;
}
static const char *value_filters(struct flow *flow)
{
    return flow->filters;
}
static const char *value_key(struct flow *flow)
{
    return flow->idempotency_key;
}
static const char *value_entity(struct flow *flow)
{
    return flow->rq.operation->entity;
}
static const char *value_operation(struct flow *flow)
{
    return flow->rq.operation->id;
}
static const char *value_language(struct flow *flow)
{
    return language_tag(flow->rq.language);
}

static const struct {
    const char *name;
    const char *(*value)(struct flow *flow);
} shell_values[] = {
    {"consultancy", value_consultancy},
    {"member", value_member},
    {"client", value_client},
    {"session", value_session},
    {"caller_role", value_role},
    {"caller_reach", value_reach},
    {"actor_kind", value_actor_kind},
    {"now", value_now},
    {"today", value_today},
    {"new_id", value_new_id},
    {"if_match", value_if_match},
    {"limit", value_limit},
    {"after_key", value_after_key},
    {"after_id", value_after_id},
    {"request_id", value_request_id},
    {"as_of", value_as_of},
    {"filters", value_filters},
    {"idempotency_key", value_key},
    {"x_entity", value_entity},
    {"operation", value_operation},
    {"language", value_language},
    {"body", value_body},
};

bool request_shell_name(const char *name)
{
    for (size_t i = 0; i < sizeof shell_values / sizeof *shell_values; i++) {
        if (strcmp(shell_values[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool shell_value(struct flow *flow, const char *name, const char **ret)
{
    for (size_t i = 0; i < sizeof shell_values / sizeof *shell_values; i++) {
        if (strcmp(shell_values[i].name, name) == 0) {
            *ret = shell_values[i].value(flow);
            return true;
        }
    }
    return false;
}

static const char *json_text(struct arena *arena, const json_t *value)
{
    if (!value || json_is_null(value))
        return NULL;
    return json_is_string(value) ? json_string_value(value) : dump_json(arena, value);
}

/* An absent parameter takes the default that the contract documents. */
static bool parameter_value(struct flow *flow, const char *name, const char **ret)
{
    const struct operation *operation = flow->rq.operation;
    for (int i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if (strcmp(parameter->name, name) != 0 || strcmp(parameter->in, "header") == 0)
            continue;
        const char *given = request_parameter(&flow->rq, name);
        *ret =
            given ? given : json_text(flow->rq.arena, schema_default(parameter->schema));
        return true;
    }
    return false;
}

static bool body_value(struct flow *flow, const char *name, const char **ret)
{
    if (!flow->rq.operation->body)
        return false;
    if (strncmp(name, "has_", 4) == 0) {
        *ret = request_member(&flow->rq, name + 4) ? "true" : "false";
        return true;
    }
    *ret = json_text(flow->rq.arena, request_member(&flow->rq, name));
    return true;
}

static bool flow_lookup(void *arg, const char *name, const char **ret_text)
{
    struct flow *flow = arg;
    for (const struct named_value *value = flow->values; value; value = value->next) {
        if (strcmp(value->name, name) == 0) {
            *ret_text = value->text;
            return true;
        }
    }
    return shell_value(flow, name, ret_text) || parameter_value(flow, name, ret_text) ||
           body_value(flow, name, ret_text);
}

const char *request_value(struct request *rq, const char *name, bool *ret_found)
{
    const char *text = NULL;
    bool found = flow_lookup(flow_of(rq), name, &text);
    if (ret_found)
        *ret_found = found;
    return found ? text : NULL;
}

struct binder flow_binder(struct flow *flow)
{
    return (struct binder){.lookup = flow_lookup, .arg = flow};
}

struct db_context flow_context(const struct flow *flow)
{
    const struct caller *caller = &flow->rq.caller;
    return (struct db_context){.consultancy = caller->consultancy,
                               .member = caller->member,
                               .client = caller->client,
                               .reach = reach_name(caller->reach)};
}

void flow_keep(struct flow *flow, const char *statement, const struct rows *rows)
{
    flow->last_rows = rows;
    if (flow->result_count < FLOW_MAX_RESULTS)
        flow->results[flow->result_count++] =
            (struct named_rows){.statement = statement, .rows = rows};
}
