/* Who asks: the token (cached), the caller's rate, the membership row (cached for seconds, so that a removed member is out at once),
 * and whether the role's scopes cover the operation. */
#include "request_internal.h"

#include "clock.h"
#include "id.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CACHE_SLOTS = 4096, UUID_LEN = 36 };

struct membership {
    char member[UUID_LEN + 1];
    char session[UUID_LEN + 1];
    char consultancy[UUID_LEN + 1];
    char client[UUID_LEN + 1]; /* "" = none */
    char role[16];
    enum request_reach reach;
    uint64_t scopes;
    bool active;
    int64_t loaded_ms; /* 0 = empty slot */
};

struct membership_cache {
    struct membership slots[CACHE_SLOTS];
};

struct membership_cache *membership_cache_new(void)
{
    return calloc(1, sizeof(struct membership_cache));
}

void membership_cache_destroy(struct membership_cache *cache)
{
    free(cache);
}

static struct membership *slot_of(struct membership_cache *cache,
                                  const struct claims *claims)
{
    uint32_t hash = 2166136261u;
    for (const char *p = claims->subject; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 16777619u;
    for (const char *p = claims->session; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 16777619u;
    return &cache->slots[hash % CACHE_SLOTS];
}

static void copy_text(char *out, size_t size, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (len >= size)
        len = size - 1;
    if (len)
        memcpy(out, text, len);
    out[len] = '\0';
}

/* ---- the token ---- */

static const char *bearer_token(const struct flow *flow)
{
    const char *header = http_header_find(flow->rq.http, "Authorization");
    if (!header || strncasecmp(header, "Bearer ", 7) != 0)
        return NULL;
    return header + 7 + strspn(header + 7, " ");
}

static bool refuse_token(struct flow *flow, enum problem_code code)
{
    reply_header(flow, "WWW-Authenticate",
                 code == PROBLEM_TOKEN_EXPIRED
                     ? "Bearer error=\"invalid_token\", error_description=\"expired\""
                     : "Bearer");
    return refuse(&flow->rq, code, NULL, NULL);
}

bool authenticate_peer(struct flow *flow)
{
    struct rate_state failures;
    if (rate_take(flow->worker->failures, flow->rq.http->peer, 0, clock_monotonic_ms(),
                  &failures))
        return true;
    flow->rq.problem.retry_after_s = (int)failures.reset_s;
    return refuse(&flow->rq, PROBLEM_TOO_MANY_REQUESTS, NULL, NULL);
}

void authenticate_failed(struct flow *flow)
{
    struct rate_state failures;
    rate_take(flow->worker->failures, flow->rq.http->peer, 1, clock_monotonic_ms(),
              &failures);
}

/* Verifying costs 100 us, so a peer that sends bad tokens is slowed down before its next one is looked at. */
static bool check_token(struct flow *flow)
{
    struct worker *worker = flow->worker;
    const char *token = bearer_token(flow);
    if (!token)
        return refuse_token(flow, PROBLEM_UNAUTHORIZED);
    if (!authenticate_peer(flow))
        return false;
    enum token_verdict verdict =
        token_check(worker->tokens, flow->rq.arena, token, strlen(token), &flow->claims);
    if (verdict == TOKEN_OK && id_valid(flow->claims.subject) &&
        id_valid(flow->claims.session) && id_valid(flow->claims.consultancy))
        return true;
    if (verdict == TOKEN_EXPIRED)
        return refuse_token(flow, PROBLEM_TOKEN_EXPIRED);
    authenticate_failed(flow);
    return refuse_token(flow, PROBLEM_UNAUTHORIZED);
}

bool authenticate_rate(struct flow *flow, const char *key)
{
    flow->rate_known = flow->worker->app->config->rate_limit > 0;
    if (rate_take(flow->worker->calls, key, 1, clock_monotonic_ms(), &flow->rate))
        return true;
    flow->rq.problem.retry_after_s = (int)flow->rate.reset_s;
    return refuse(&flow->rq, PROBLEM_TOO_MANY_REQUESTS, NULL, NULL);
}

/* ---- the membership ---- */

static bool is_true(const char *text)
{
    return text && text[0] == 't';
}

static void membership_fill(struct membership *slot, const struct flow *flow,
                            const struct rows *rows)
{
    const struct claims *claims = &flow->claims;
    *slot = (struct membership){.loaded_ms = clock_monotonic_ms()};
    copy_text(slot->member, sizeof slot->member, claims->subject);
    copy_text(slot->session, sizeof slot->session, claims->session);
    copy_text(slot->consultancy, sizeof slot->consultancy, claims->consultancy);
    if (rows_count(rows) != 1 || !is_true(rows_text(rows, 0, "active")))
        return;
    const char *role = rows_text(rows, 0, "role");
    const char *client = rows_text(rows, 0, "client_id");
    copy_text(slot->role, sizeof slot->role, role);
    copy_text(slot->client, sizeof slot->client, client);
    slot->reach =
        request_reach_of(role, client, is_true(rows_text(rows, 0, "all_clients")));
    slot->scopes = contract_role_scopes(flow->worker->app->contract, role);
    slot->active = true;
}

static bool membership_fresh(const struct membership *slot, const struct flow *flow)
{
    int64_t age = clock_monotonic_ms() - slot->loaded_ms;
    return slot->loaded_ms != 0 &&
           age <= flow->worker->app->config->membership_cache_ms &&
           strcmp(slot->member, flow->claims.subject) == 0 &&
           strcmp(slot->session, flow->claims.session) == 0 &&
           strcmp(slot->consultancy, flow->claims.consultancy) == 0;
}

/* A token may carry fewer scopes than the role has ("*" = all of them). */
static uint64_t token_scopes(const struct flow *flow, uint64_t role_scopes)
{
    const char *scope = flow->claims.scope ? flow->claims.scope : "";
    if (strcmp(scope, "*") == 0)
        return role_scopes;
    uint64_t bits = 0;
    for (const char *p = scope; *p; p += strspn(p, " ")) {
        size_t len = strcspn(p, " ");
        int bit = contract_scope_bit(flow->worker->app->contract,
                                     arena_strndup(flow->rq.arena, p, len));
        if (bit >= 0)
            bits |= UINT64_C(1) << bit;
        p += len;
    }
    return bits & role_scopes;
}

static void membership_apply(struct flow *flow, const struct membership *slot)
{
    struct caller *caller = &flow->rq.caller;
    struct arena *arena = flow->rq.arena;
    if (!slot->active) {
        refuse_token(flow, PROBLEM_UNAUTHORIZED);
        reply_problem(flow);
        return;
    }
    *caller = (struct caller){
        .consultancy = arena_strdup(arena, slot->consultancy),
        .member = arena_strdup(arena, slot->member),
        .session = arena_strdup(arena, slot->session),
        .role = arena_strdup(arena, slot->role),
        .client = slot->client[0] ? arena_strdup(arena, slot->client) : NULL,
        .reach = slot->reach,
        .scopes = token_scopes(flow, slot->scopes)};
    uint64_t needed = flow->rq.operation->scopes;
    if ((needed & caller->scopes) != needed) {
        refuse(&flow->rq, PROBLEM_FORBIDDEN, NULL, NULL);
        reply_problem(flow);
        return;
    }
    ladder_perform(flow);
}

static void membership_loaded(void *arg, const struct db_reply *reply)
{
    struct flow *flow = arg;
    if (reply->status != DB_OK) {
        sqlstate_refuse(flow, reply);
        reply_problem(flow);
        return;
    }
    struct membership *slot = slot_of(flow->worker->members, &flow->claims);
    membership_fill(slot, flow, reply->rows);
    membership_apply(flow, slot);
}

/* The lookup itself runs in the tenant's context: a token of one consultancy finds no member of another. */
static void membership_load(struct flow *flow)
{
    struct caller *caller = &flow->rq.caller;
    caller->consultancy = flow->claims.consultancy;
    caller->member = flow->claims.subject;
    caller->session = flow->claims.session;
    caller->reach = REACH_ALL;
    struct db_context context = flow_context(flow);
    struct binder binder = flow_binder(flow);
    db_call(flow->worker->db, DB_READ, &context, flow->worker->app->find_membership,
            &binder, flow->rq.arena, membership_loaded, flow);
}

void authenticate(struct flow *flow)
{
    if (!check_token(flow) || !authenticate_rate(flow, flow->claims.subject)) {
        reply_problem(flow);
        return;
    }
    struct membership *slot = slot_of(flow->worker->members, &flow->claims);
    if (membership_fresh(slot, flow))
        membership_apply(flow, slot);
    else
        membership_load(flow);
}
