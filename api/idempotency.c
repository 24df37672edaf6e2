/* Idempotency-Key: the key's row is claimed in the transaction that creates, and holds the reply. Two requests with one key meet at the row's
 * lock; the second finds the stored reply, or claims when the first rolled back. */
#include "request_internal.h"

#include "secret.h"

#include <stdlib.h>
#include <string.h>

static void rolled_back(void *arg, const struct db_reply *reply)
{
    (void)reply; /* the stored reply stands, whatever becomes of the empty transaction */
    reply_send(arg);
}

static void add_stored_headers(struct flow *flow, const char *json)
{
    json_t *headers = json_loads(json ? json : "{}", 0, NULL);
    const char *name;
    json_t *value;
    json_object_foreach(headers, name, value)
    {
        reply_header(flow, arena_strdup(flow->rq.arena, name), json_string_value(value));
    }
    json_decref(headers);
    reply_header(flow, "Idempotency-Replayed", "true");
}

/* Replies are kept sealed: some carry a secret that is shown once. NULL: the secret file is another one by now. */
static const char *open_reply(struct flow *flow, const char *sealed)
{
    size_t len;
    if (sealed[0] == '{')
        return sealed; /* of a release that kept them open */
    return secret_open(flow->rq.arena, "idempotency", sealed, &len);
}

static void replay(struct flow *flow, const struct rows *rows, const char *body)
{
    flow->status = (int)strtol(rows_text(rows, 0, "status"), NULL, 10);
    flow->content_type = "application/json";
    flow->has_body = body != NULL;
    if (body)
        text_adds(&flow->body, body);
    add_stored_headers(flow, rows_text(rows, 0, "headers"));
    struct db_transaction *transaction = flow->transaction;
    flow->transaction = NULL;
    db_rollback(transaction, rolled_back, flow);
}

static void found(void *arg, const struct db_reply *reply)
{
    struct flow *flow = arg;
    bool known;
    const char *hash = request_value(&flow->rq, "body_hash", &known), *body = NULL;
    bool there = reply->status == DB_OK && rows_count(reply->rows) == 1 &&
                 rows_text(reply->rows, 0, "status");
    const char *sealed = there ? rows_text(reply->rows, 0, "reply") : NULL;
    if (sealed)
        body = open_reply(flow, sealed);
    if (reply->status != DB_OK) {
        sqlstate_refuse(flow, reply);
    } else if (!there) {
        refuse(&flow->rq, PROBLEM_UNAVAILABLE, NULL, NULL);
        flow->rq.problem.retry_after_s = 1;
    } else if (strcmp(rows_text(reply->rows, 0, "body_hash"), hash) != 0 ||
               (sealed && !body)) {
        refuse(&flow->rq, PROBLEM_IDEMPOTENCY_MISMATCH, NULL, NULL);
    } else {
        replay(flow, reply->rows, body);
        return;
    }
    steps_fail(flow);
}

static void claimed(void *arg, const struct db_reply *reply)
{
    struct flow *flow = arg;
    if (reply->status != DB_OK) {
        sqlstate_refuse(flow, reply);
        steps_fail(flow);
        return;
    }
    if (rows_count(reply->rows) == 1) {
        flow->claimed = true;
        steps_next(flow);
        return;
    }
    struct binder binder = flow_binder(flow);
    db_transaction_call(flow->transaction, flow->worker->app->find_idempotency, &binder,
                        found, flow);
}

/* What must be equal for the same key to mean the same request. */
static const char *request_hash(struct flow *flow)
{
    const struct http_request *http = flow->rq.http;
    struct text all _text_auto_ = {0};
    text_addf(&all, "%s %s\n", http->method, http->target);
    text_add(&all, http->body ? http->body : "", http->body_len);
    return secret_sha256_hex(flow->rq.arena, all.data, all.len);
}

void idempotency_begin(struct flow *flow)
{
    request_set(&flow->rq, "body_hash", request_hash(flow));
    struct binder binder = flow_binder(flow);
    db_transaction_call(flow->transaction, flow->worker->app->claim_idempotency, &binder,
                        claimed, flow);
}

static void committed(void *arg, const struct db_reply *reply)
{
    struct flow *flow = arg;
    flow->transaction = NULL;
    if (reply->status == DB_OK) {
        reply_send(flow);
        return;
    }
    flow->header_count = 0; /* the reply that was built is not sent */
    sqlstate_refuse(flow, reply);
    reply_problem(flow);
}

static void stored(void *arg, const struct db_reply *reply)
{
    struct flow *flow = arg;
    if (reply->status == DB_OK) {
        db_commit(flow->transaction, committed, flow);
        return;
    }
    sqlstate_refuse(flow, reply);
    steps_fail(flow);
}

void idempotency_store(struct flow *flow)
{
    struct request *rq = &flow->rq;
    json_t *headers = json_object();
    for (int i = 0; i < flow->header_count; i++)
        json_object_set_new(headers, flow->headers[i].name,
                            json_string(flow->headers[i].value));
    request_set_int(rq, "status", flow->status);
    request_set_json(rq, "headers", headers);
    json_decref(headers);
    request_set(rq, "reply",
                flow->has_body ? secret_seal(rq->arena, "idempotency", flow->body.data,
                                             flow->body.len)
                               : NULL);
    struct binder binder = flow_binder(flow);
    db_transaction_call(flow->transaction, flow->worker->app->store_idempotency, &binder,
                        stored, flow);
}
