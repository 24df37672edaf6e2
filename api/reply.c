/* From what an operation left to a reply: rows -> JSON, ETag, 304, Link, Location, problem details, and the headers that every reply carries. */
#include "request_internal.h"

#include "json_out.h"

#include <inttypes.h>
#include <string.h>

static const struct http_header security_headers[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-site"},
};
enum { SECURITY_HEADERS = sizeof security_headers / sizeof *security_headers };

void reply_header(struct flow *flow, const char *name, const char *value)
{
    if (value && flow->header_count < FLOW_MAX_HEADERS)
        flow->headers[flow->header_count++] = (struct http_header){
            .name = name, .value = arena_strdup(flow->rq.arena, value)};
}

/* A value that lives as long as the request needs no copy. */
static void constant_header(struct flow *flow, const char *name, const char *value)
{
    if (flow->header_count < FLOW_MAX_HEADERS)
        flow->headers[flow->header_count++] =
            (struct http_header){.name = name, .value = value};
}

/* Replies that the edge writes itself (a refused parse) get the same fence. */
int reply_edge_headers(struct arena *arena, const struct http_header **ret, void *worker)
{
    (void)arena;
    (void)worker;
    *ret = security_headers;
    return SECURITY_HEADERS;
}

/* ---- CORS: an allow-list of exact origins; no credentials, the token travels in a header ---- */

static bool origin_allowed(const char *list, const char *origin)
{
    size_t len = strlen(origin);
    for (const char *p = list; p && *p; p += strspn(p, ", ")) {
        size_t item = strcspn(p, ", ");
        if (item == len && strncmp(p, origin, len) == 0)
            return true;
        p += item;
    }
    return false;
}

void reply_cors(struct flow *flow)
{
    const char *origin = http_header_find(flow->rq.http, "Origin");
    const char *list = flow->worker->app->config->cors_origins;
    if (!list || !*list)
        return;
    reply_header(flow, "Vary", "Origin");
    if (!origin || !origin_allowed(list, origin))
        return;
    reply_header(flow, "Access-Control-Allow-Origin", origin);
    reply_header(flow, "Access-Control-Expose-Headers",
                 "ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, "
                 "X-Request-Id");
}

bool reply_preflight(struct flow *flow)
{
    const struct http_request *http = flow->rq.http;
    if (strcmp(http->method, "OPTIONS") != 0 || !http_header_find(http, "Origin") ||
        !http_header_find(http, "Access-Control-Request-Method"))
        return false;
    const char *list = flow->worker->app->config->cors_origins;
    if (list && origin_allowed(list, http_header_find(http, "Origin"))) {
        reply_header(flow, "Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE");
        reply_header(flow, "Access-Control-Allow-Headers",
                     "Authorization, Content-Type, Accept-Language, If-Match, "
                     "If-None-Match, Idempotency-Key, X-Request-Id, traceparent");
        reply_header(flow, "Access-Control-Max-Age", "3600");
    }
    flow->status = 204;
    reply_send(flow);
    return true;
}

/* ---- building ---- */

static bool etag_listed(const char *list, const char *etag)
{
    size_t len = strlen(etag);
    for (const char *p = list; *p; p += strspn(p, ", ")) {
        size_t item = strcspn(p, ", ");
        const char *tag = strncmp(p, "W/", 2) == 0 ? p + 2 : p;
        if ((item == 1 && *p == '*') ||
            ((size_t)(p + item - tag) == len && strncmp(tag, etag, len) == 0))
            return true;
        p += item;
    }
    return false;
}

/* A GET whose representation the caller already has answers 304 without a body. */
static void apply_etag(struct flow *flow, const char *etag)
{
    reply_header(flow, "ETag", etag);
    const char *known = http_header_find(flow->rq.http, "If-None-Match");
    if (!known || flow->status != 200 || strcmp(flow->rq.operation->method, "GET") != 0 ||
        !etag_listed(known, etag))
        return;
    flow->status = 304;
    text_free(&flow->body);
    flow->has_body = false;
}

/* Each step can be undone, so that two bodies that differ in one word never meet. */
static uint64_t mix(uint64_t hash, uint64_t word, uint64_t factor)
{
    hash = (hash ^ word) * factor;
    return hash ^ hash >> 32;
}

/* Tells readings of one caller apart; neither a secret nor a proof, and SHA-256 was a tenth of the cost of a list. */
static const char *body_tag(struct arena *arena, const char *data, size_t len)
{
    uint64_t one = len, two = ~one;
    for (size_t at = 0; at < len; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, data + at, len - at < sizeof word ? len - at : sizeof word);
        one = mix(one, word, UINT64_C(0x9e3779b97f4a7c15));
        two = mix(two, word, UINT64_C(0xc2b2ae3d27d4eb4f));
    }
    return arena_printf(arena, "\"%016" PRIx64 "%016" PRIx64 "\"", one, two);
}

static void apply_body_etag(struct flow *flow)
{
    apply_etag(flow, body_tag(flow->rq.arena, flow->body.data, flow->body.len));
}

static void write_raw_list(struct flow *flow, const struct rows *rows, int count,
                           const char *next)
{
    struct text *body = &flow->body;
    int raw = rows_column(rows, "_raw");
    text_adds(body, "{\"data\":[");
    for (int i = 0; i < count; i++) {
        if (i)
            text_addc(body, ',');
        text_add(body, rows_value(rows, i, raw), (size_t)rows_length(rows, i, raw));
    }
    text_adds(body, "],\"next\":");
    if (next)
        text_add_json(body, next, strlen(next));
    else
        text_adds(body, "null");
    text_addc(body, '}');
}

static const char *page_cursor(struct flow *flow, const struct rows *rows, int last)
{
    int id = rows_column(rows, "_id");
    if (id < 0)
        id = rows_column(rows, "id");
    int key = rows_column(rows, "_key");
    return ladder_cursor(flow, key >= 0 ? rows_value(rows, last, key) : "",
                         rows_value(rows, last, id));
}

/* rel="next" repeats the caller's query with the new cursor. */
static void link_next(struct flow *flow, const char *next)
{
    struct text link _text_auto_ = {0};
    text_addf(&link, "<%s?", flow->rq.http->path);
    const char *query = flow->rq.http->query;
    for (const char *p = query ? query : ""; *p; p += strspn(p, "&")) {
        size_t item = strcspn(p, "&");
        if (strncmp(p, "after=", 6) != 0) {
            text_add(&link, p, item);
            text_addc(&link, '&');
        }
        p += item;
    }
    text_addf(&link, "after=%s>; rel=\"next\"", next);
    reply_header(flow, "Link", link.data);
}

static void build_list(struct flow *flow, const struct rows *rows)
{
    int count = rows_count(rows);
    const char *next = NULL;
    bool more = count > flow->limit;
    if (more)
        count = (int)flow->limit;
    if (more || (flow->here && count > 0))
        next = page_cursor(flow, rows, count - 1);
    else
        next = flow->here;
    if (next)
        link_next(flow, next);
    if (rows_column(rows, "_raw") >= 0)
        write_raw_list(flow, rows, count, next);
    else
        json_out_list(&flow->body, rows, count, next);
    flow->content_type = "application/json";
    flow->has_body = true;
}

/* The version is what If-Match compares; behind the dot stands what else the body shows. */
static const char *row_etag(struct flow *flow, const struct rows *rows, int version)
{
    struct arena *arena = flow->rq.arena;
    const char *number = rows_value(rows, 0, version);
    if (rows_column(rows, "_volatile") < 0)
        return arena_printf(arena, "\"v%s\"", number);
    const char *tag = body_tag(arena, flow->body.data, flow->body.len);
    return arena_printf(arena, "\"v%s.%.16s\"", number, tag + 1);
}

static void build_object(struct flow *flow, const struct rows *rows)
{
    int raw = rows_column(rows, "_raw");
    if (raw >= 0)
        text_add(&flow->body, rows_value(rows, 0, raw),
                 (size_t)rows_length(rows, 0, raw));
    else
        json_out_row(&flow->body, rows, 0);
    flow->content_type = "application/json";
    flow->has_body = true;
    int id = rows_column(rows, "id");
    if (flow->status == 201 && id >= 0)
        reply_header(flow, "Location",
                     arena_printf(flow->rq.arena, "%s/%s", flow->rq.http->path,
                                  rows_value(rows, 0, id)));
    int version = rows_column(rows, "version");
    if (version < 0 || flow->as_of)
        return;
    apply_etag(flow, row_etag(flow, rows, version));
}

bool reply_build(struct flow *flow)
{
    const struct operation *operation = flow->rq.operation;
    bool computed = flow->has_body;
    if (!flow->status)
        flow->status = operation->success_status;
    if (flow->status == 204) {
        text_free(&flow->body);
        flow->has_body = false;
        return true;
    }
    if (!computed && operation->has_page)
        build_list(flow, flow->last_rows);
    else if (!computed && flow->last_rows && rows_count(flow->last_rows) > 0)
        build_object(flow, flow->last_rows);
    bool tagged = false;
    for (int i = 0; i < flow->header_count; i++)
        tagged |= strcmp(flow->headers[i].name, "ETag") == 0;
    if (flow->has_body && !tagged && strcmp(operation->method, "GET") == 0)
        apply_body_etag(flow);
    return true;
}

/* ---- sending ---- */

static void add_common_headers(struct flow *flow)
{
    struct arena *arena = flow->rq.arena;
    bool cacheable = flow->status == 200 || flow->status == 304;
    constant_header(flow, "X-Request-Id", flow->rq.request_id);
    constant_header(flow, "Content-Language", language_tag(flow->rq.language));
    constant_header(flow, "Cache-Control", cacheable ? "private, no-cache" : "no-store");
    if (flow->rate_known) {
        reply_header(flow, "RateLimit-Policy",
                     arena_printf(arena, "\"default\";q=%lld;w=%lld",
                                  (long long)flow->rate.limit,
                                  (long long)flow->rate.window_s));
        reply_header(flow, "RateLimit",
                     arena_printf(arena, "\"default\";r=%lld;t=%lld",
                                  (long long)flow->rate.remaining,
                                  (long long)flow->rate.reset_s));
    }
    for (size_t i = 0; i < SECURITY_HEADERS; i++)
        constant_header(flow, security_headers[i].name, security_headers[i].value);
    if (flow->worker->app->config->tls_certificate)
        reply_header(flow, "Strict-Transport-Security", "max-age=31536000");
    reply_cors(flow);
}

void reply_send(struct flow *flow)
{
    add_common_headers(flow);
    reply_account(flow, flow->body.len);
    struct http_reply reply = {.status = flow->status,
                               .content_type = flow->has_body ? flow->content_type : NULL,
                               .headers = flow->headers,
                               .header_count = flow->header_count,
                               .body = flow->has_body ? &flow->body : NULL};
    http_reply(flow->exchange, &reply);
}

void reply_stream(struct flow *flow, const char *content_type)
{
    flow->status = 200;
    constant_header(flow, "X-Accel-Buffering", "no");
    add_common_headers(flow);
    http_stream_begin(flow->exchange,
                      &(struct http_reply){.status = flow->status,
                                           .content_type = content_type,
                                           .headers = flow->headers,
                                           .header_count = flow->header_count});
}

void reply_problem(struct flow *flow)
{
    const struct problem *problem = &flow->rq.problem;
    if (flow->feed) {
        feed_refused(flow);
        return;
    }
    text_free(&flow->body);
    flow->status = problem_status(problem->code);
    flow->content_type = "application/problem+json";
    flow->has_body = true;
    problem_write(&flow->body, problem, flow->rq.language, flow->rq.request_id);
    if (problem->code == PROBLEM_BAD_CREDENTIALS)
        authenticate_failed(flow);
    if (problem->retry_after_s > 0)
        reply_header(flow, "Retry-After",
                     arena_printf(flow->rq.arena, "%d", problem->retry_after_s));
    reply_send(flow);
}
