/* The ladder: the one place that knows the order in which a request is looked at (architecture, "one request"). */
#include "request_internal.h"

#include "clock.h"
#include "id.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { REQUEST_ID_MAX = 64, TRACEPARENT_LEN = 55 };

/* A caller's X-Request-Id is kept when it is short and plain; it goes into logs and events. */
static const char *request_id_of(const struct http_request *http)
{
    const char *given = http_header_find(http, "X-Request-Id");
    size_t len = given ? strlen(given) : 0;
    bool plain = len > 0 && len <= REQUEST_ID_MAX;
    for (size_t i = 0; plain && i < len; i++)
        plain = isalnum((unsigned char)given[i]) || strchr("-_.:", given[i]);
    return plain ? given : id_new(arena_alloc(http->arena, ID_TEXT));
}

static bool is_hex(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)s[i]) && !(s[i] >= 'a' && s[i] <= 'f'))
            return false;
    }
    return true;
}

/* W3C Trace Context: version-traceid-parentid-flags; the trace id goes on, a malformed one is replaced. */
static const char *trace_id_of(const struct http_request *http)
{
    const char *given = http_header_find(http, "traceparent");
    if (given && strlen(given) == TRACEPARENT_LEN && given[2] == '-' &&
        given[35] == '-' && given[52] == '-' && is_hex(given, 2) &&
        is_hex(given + 3, 32) && is_hex(given + 36, 16) && strspn(given + 3, "0") < 32)
        return arena_strndup(http->arena, given + 3, 32);
    unsigned char bytes[16];
    id_random(bytes, sizeof bytes);
    char *id = arena_alloc(http->arena, 33);
    for (int i = 0; i < 16; i++) {
        id[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        id[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    return id;
}

static void drop_body(void *flow)
{
    text_free(&((struct flow *)flow)->body);
}

static struct flow *flow_new(struct worker *worker, struct http_exchange *exchange,
                             const struct http_request *http)
{
    struct flow *flow = arena_alloc(http->arena, sizeof *flow);
    flow->rq.arena = http->arena;
    flow->rq.http = http;
    flow->rq.now_us = clock_now_us();
    flow->rq.language = language_negotiate(http_header_find(http, "Accept-Language"));
    flow->rq.request_id = request_id_of(http);
    flow->trace_id = trace_id_of(http);
    flow->worker = worker;
    flow->exchange = exchange;
    arena_defer(http->arena, drop_body, flow);
    http_set_context(exchange, flow);
    return flow;
}

static bool route(struct flow *flow)
{
    const struct http_request *http = flow->rq.http;
    const struct app *app = flow->worker->app;
    switch (contract_route(app->contract, flow->rq.arena, http->method, http->path,
                           &flow->rq.path)) {
    case CONTRACT_NO_PATH:
        return refuse(&flow->rq, PROBLEM_NOT_FOUND, NULL, NULL);
    case CONTRACT_NO_METHOD:
        reply_header(flow, "Allow", flow->rq.path.allow);
        return refuse(&flow->rq, PROBLEM_METHOD_NOT_ALLOWED, NULL, NULL);
    case CONTRACT_FOUND:
        break;
    }
    flow->rq.operation = flow->rq.path.operation;
    flow->plan = &app->plans[flow->rq.operation->index];
    if (!flow->plan->operation)
        return refuse(&flow->rq, PROBLEM_NOT_FOUND, NULL, NULL);
    return true;
}

void ladder_on_request(struct http_exchange *exchange, const struct http_request *http,
                       void *worker)
{
    struct flow *flow = flow_new(worker, exchange, http);
    if (reply_preflight(flow))
        return;
    bool routed = route(flow);
    if (routed && !flow->rq.operation->is_public)
        authenticate(flow);
    else if (routed && authenticate_peer(flow) && authenticate_rate(flow, http->peer))
        ladder_perform(flow);
    else
        reply_problem(flow);
}

/* ---- the contract's checks that need more than a schema ---- */

static const char *find_header(void *arg, const char *name)
{
    return http_header_find(arg, name);
}

/* `"v17"`, `"v17.<hash>"` or `*`; anything else can not match. A list of tags is read as its only member would be. */
static bool check_if_match(struct flow *flow)
{
    const char *given = http_header_find(flow->rq.http, "If-Match");
    if (!flow->rq.operation->has_if_match)
        return true;
    if (!given)
        return refuse(&flow->rq, PROBLEM_PRECONDITION_REQUIRED,
                      "Send If-Match with the ETag the change is based on.",
                      "変更のもとにした ETag を If-Match で送ってください。");
    if (strcmp(given, "*") == 0)
        return true;
    size_t digits = strncmp(given, "\"v", 2) == 0 ? strspn(given + 2, "0123456789") : 0;
    if (digits == 0 || digits > 9)
        return refuse(&flow->rq, PROBLEM_PRECONDITION_FAILED, NULL, NULL);
    const char *rest = given + 2 + digits;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789abcdef");
    if (strcmp(rest, "\"") != 0)
        return refuse(&flow->rq, PROBLEM_PRECONDITION_FAILED, NULL, NULL);
    flow->if_match = arena_strndup(flow->rq.arena, given + 2, digits);
    return true;
}

static const char *cursor_scope(struct flow *flow)
{
    const struct request *rq = &flow->rq;
    return arena_printf(rq->arena, "%s %s %s %s", rq->operation->id,
                        rq->caller.consultancy ? rq->caller.consultancy : "-",
                        flow->sort ? flow->sort : "-", flow->as_of ? flow->as_of : "-");
}

const char *ladder_cursor(struct flow *flow, const char *key, const char *id)
{
    struct cursor cursor = {.key = key, .id = id};
    return cursor_make(flow->rq.arena, cursor_scope(flow), &cursor);
}

static bool refuse_parameter(struct flow *flow, const char *name, const char *beside)
{
    refuse(&flow->rq, PROBLEM_INVALID_PARAMETERS, NULL, NULL);
    problem_add(flow->rq.arena, &flow->rq.problem, "query", name, "not_allowed_here",
                beside);
    return false;
}

static bool check_page(struct flow *flow)
{
    const struct operation *operation = flow->rq.operation;
    if (!operation->has_page)
        return true;
    const char *limit = request_parameter(&flow->rq, "limit");
    flow->limit = limit ? strtoll(limit, NULL, 10) : operation->default_limit;
    const char *sort = request_parameter(&flow->rq, "sort");
    flow->sort = sort ? sort : operation->default_sort;
    if (feed_wanted(flow)) {
        if (sort)
            return refuse_parameter(flow, "sort", "wait");
        flow->sort = "feed";
    }
    const char *after =
        feed_wanted(flow) ? feed_after(flow) : request_parameter(&flow->rq, "after");
    if (!after)
        return true;
    flow->has_cursor =
        cursor_read(flow->rq.arena, cursor_scope(flow), after, &flow->cursor);
    return flow->has_cursor || refuse(&flow->rq, PROBLEM_INVALID_CURSOR, NULL, NULL);
}

static bool is_shell_parameter(const char *name)
{
    static const char *const names[] = {"limit", "after", "sort", "as_of"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static bool refuse_with_as_of(struct flow *flow, const char *name)
{
    return refuse_parameter(flow, name, "as_of");
}

/* Filters of an as-of list: equality on the members of the stored representation; others are refused. */
static bool collect_filters(struct flow *flow)
{
    const struct operation *operation = flow->rq.operation;
    bool fits = true;
    json_t *filters = json_object();
    for (int i = 0; i < flow->rq.path.count; i++) /* the parent of a nested list */
        json_object_set_new(filters, flow->rq.path.names[i],
                            json_string(flow->rq.path.values[i]));
    for (int i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if (strcmp(parameter->in, "query") != 0 || is_shell_parameter(parameter->name))
            continue;
        const char *given = request_parameter(&flow->rq, parameter->name);
        if (!given)
            continue;
        if (flow->plan->filters >> i & 1)
            json_object_set_new(filters, parameter->name,
                                schema_parse_text(parameter->schema, given));
        else
            fits = refuse_with_as_of(flow, parameter->name);
    }
    request_set_json(&flow->rq, "filters", filters);
    json_decref(filters);
    return fits;
}

static bool check_as_of(struct flow *flow)
{
    if (!flow->rq.operation->has_as_of)
        return true;
    flow->as_of = request_parameter(&flow->rq, "as_of");
    if (!flow->as_of)
        return true;
    if (!flow->rq.operation->has_page)
        return true;
    if (request_parameter(&flow->rq, "sort"))
        return refuse_with_as_of(flow, "sort");
    return collect_filters(flow);
}

static bool check_contract(struct flow *flow)
{
    struct request *rq = &flow->rq;
    const struct http_request *http = rq->http;
    if (!query_parse(rq->arena, http->query ? http->query : "", &rq->query))
        return refuse(rq, PROBLEM_BAD_REQUEST, "The query string is malformed.",
                      "クエリ文字列の形式が正しくありません。");
    const void *headers = http;
    if (!contract_check_parameters(rq->operation, rq->arena, &rq->path, &rq->query,
                                   find_header, (void *)(uintptr_t)headers, &rq->problem))
        return false;
    if (!check_if_match(flow) || !check_as_of(flow) || !check_page(flow))
        return false;
    if (rq->operation->has_idempotency_key)
        flow->idempotency_key = http_header_find(http, "Idempotency-Key");
    return contract_check_body(rq->operation, rq->arena,
                               http_header_find(http, "Content-Type"), http->body,
                               http->body_len, &rq->problem, &rq->body);
}

void ladder_perform(struct flow *flow)
{
    if (flow->feed)
        feed_authorized(flow);
    else if (!check_contract(flow))
        reply_problem(flow);
    else if (flow->rq.operation->has_page && feed_wanted(flow))
        feed_start(flow);
    else
        steps_start(flow);
}

/* What the operation says (x-max-bytes), else what the program allows. */
int64_t ladder_body_limit(const char *method, const char *path, void *worker)
{
    const struct app *app = ((struct worker *)worker)->app;
    if (strcmp(method, "POST") != 0 && strcmp(method, "PUT") != 0)
        return app->config->body_limit;
    struct arena *arena = arena_new();
    struct path_match match = {0};
    bool found =
        contract_route(app->contract, arena, method, path, &match) == CONTRACT_FOUND;
    int64_t limit = found ? match.operation->body_max_bytes : 0;
    arena_destroy(arena);
    return limit ? limit : app->config->body_limit;
}
