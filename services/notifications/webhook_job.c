/* Job deliver_webhooks: what the trail has new becomes deliveries, a batch of them is claimed and committed, sent with no transaction open, and the
 * outcomes recorded as they come: a crash repeats at most what was on its way, under the same webhook-id. */
#include "service.h"

#include "webhook_chat.h"
#include "webhook_retry.h"
#include "webhook_send.h"
#include "webhook_sign.h"

#include "api/clock.h"
#include "api/id.h"
#include "api/log.h"
#include "api/metrics.h"
#include "api/text.h"

#include <stdlib.h>
#include <string.h>

#define BATCH "1000"

enum { RECORD_EVERY = 128, RUN_MS = 5000 };

/* What is known of an endpoint during a batch. */
struct receiver {
    struct webhook_target target; /* first: a call's target is its receiver */
    const char *id, *kind, *language;
    struct webhook_keys keys, previous;
    bool has_keys, has_previous;
    int failures;
};

struct batch {
    struct job_run *run;
    const struct rows *rows;
    struct receiver *receivers;
    int receiver_count;
    struct webhook_call *calls;
    struct text outcomes; /* JSON, not yet recorded */
    int unrecorded;
    bool lost; /* the database is away */
};

static bool failed(struct job_run *run, const char *statement)
{
    log_event(LOG_LEVEL_ERROR, "webhook_statement_failed", "consultancy",
              run->consultancy, "statement", statement, "message",
              session_error(run->session)->message, NULL);
    session_rollback(run->session);
    return false;
}

/* ---- a claimed batch as calls ---- */

static void open_receiver(struct batch *batch, int row, struct receiver *receiver)
{
    const struct rows *rows = batch->rows;
    struct arena *arena = batch->run->arena;
    *receiver = (struct receiver){
        .target = {.url = rows_text(rows, row, "url")},
        .id = rows_text(rows, row, "endpoint_id"),
        .kind = rows_text(rows, row, "kind"),
        .language = rows_text(rows, row, "language"),
        .failures = (int)strtol(rows_text(rows, row, "failures"), NULL, 10)};
    receiver->has_keys =
        webhook_keys_open(arena, rows_text(rows, row, "secret_sealed"), &receiver->keys);
    receiver->has_previous = webhook_keys_open(
        arena, rows_text(rows, row, "previous_sealed"), &receiver->previous);
    if (!receiver->has_keys)
        log_event(LOG_LEVEL_ERROR, "webhook_key_unusable", "endpoint", receiver->id,
                  NULL);
}

/* Rows come endpoint by endpoint. */
static struct receiver *receiver_of(struct batch *batch, int row)
{
    const char *id = rows_text(batch->rows, row, "endpoint_id");
    int count = batch->receiver_count;
    if (count > 0 && strcmp(batch->receivers[count - 1].id, id) == 0)
        return &batch->receivers[count - 1];
    open_receiver(batch, row, &batch->receivers[count]);
    batch->receiver_count++;
    return &batch->receivers[count];
}

/* The call of the same object just before, which always stands in the same batch. */
static struct webhook_call *call_before(struct batch *batch, int row)
{
    const char *object = rows_text(batch->rows, row, "object_id");
    if (strcmp(rows_text(batch->rows, row, "place"), "1") == 0)
        return NULL;
    for (int i = row - 1; i >= 0; i--) {
        if (batch->calls[i].target == batch->calls[row].target &&
            strcmp(rows_text(batch->rows, i, "object_id"), object) == 0)
            return &batch->calls[i];
    }
    return NULL;
}

static const char *body_of(const struct batch *batch, int row,
                           const struct receiver *receiver)
{
    const struct rows *rows = batch->rows;
    if (strcmp(receiver->kind, "standard") == 0)
        return rows_text(rows, row, "payload");
    const struct chat_news news = {
        .japanese = strcmp(receiver->language, "ja") == 0,
        .kind = rows_text(rows, row, "event_kind"),
        .entity = rows_text(rows, row, "entity"),
        .client = rows_text(rows, row, "client_name"),
        .title = rows_text(rows, row, "title"),
        .day = rows_text(rows, row, "day"),
        .state = rows_text(rows, row, "state"),
    };
    return strcmp(receiver->kind, "slack") == 0 ? chat_slack(batch->run->arena, &news)
                                                : chat_teams(batch->run->arena, &news);
}

static void prepare(struct batch *batch, int row)
{
    struct receiver *receiver = receiver_of(batch, row);
    struct webhook_call *call = &batch->calls[row];
    *call = (struct webhook_call){.target = &receiver->target,
                                  .body = body_of(batch, row, receiver),
                                  .timestamp_s = clock_now_s()};
    call->len = strlen(call->body);
    call->after = call_before(batch, row);
    if (!receiver->has_keys) {
        receiver->target.resting = true;
        receiver->target.error = "the secret can not be opened; rotate it";
    } else if (strcmp(receiver->kind, "standard") == 0) {
        call->id = rows_text(batch->rows, row, "id");
        call->signature =
            webhook_signature(batch->run->arena, &receiver->keys,
                              receiver->has_previous ? &receiver->previous : NULL,
                              call->id, call->timestamp_s, call->body, call->len);
    }
}

/* ---- outcomes ---- */

static long delay_of(const struct batch *batch, const struct webhook_call *call)
{
    unsigned random = 0;
    int row = (int)(call - batch->calls);
    id_random(&random, sizeof random);
    return webhook_retry_delay_s(
        (int)strtol(rows_text(batch->rows, row, "attempts"), NULL, 10),
        call->retry_after_s, random);
}

static const char *outcome_of(const struct webhook_call *call, long delay)
{
    switch (call->result) {
    case WEBHOOK_UNTRIED:
        return "untried";
    case WEBHOOK_DELIVERED:
        return "delivered";
    case WEBHOOK_GONE:
        return "dead";
    case WEBHOOK_FAILED:
        break;
    }
    return delay < 0 ? "dead" : "failed";
}

static void count(const struct webhook_call *call, const char *outcome)
{
    static const char help[] = "Webhooks tried";
    const char *reason = call->result == WEBHOOK_DELIVERED ? "none"
                         : call->status == 0               ? "network"
                         : call->status >= 500             ? "5xx"
                         : call->status >= 400             ? "4xx"
                                                           : "other";
    struct arena *arena = arena_new();
    metric_add(metric_counter(
                   "meguri_webhooks_total", help,
                   arena_printf(arena, "outcome=\"%s\",reason=\"%s\"", outcome, reason)),
               1);
    arena_destroy(arena);
}

static void add_outcome(struct batch *batch, const struct webhook_call *call)
{
    struct text *out = &batch->outcomes;
    long delay = call->result == WEBHOOK_FAILED ? delay_of(batch, call) : 0;
    const char *outcome = outcome_of(call, delay);
    const char *detail = call->detail ? call->detail : "";
    text_addf(out, "%c{\"id\":\"%s\",\"outcome\":\"%s\",\"latency\":%ld,\"delay\":%ld",
              batch->unrecorded ? ',' : '[',
              rows_text(batch->rows, (int)(call - batch->calls), "id"), outcome,
              call->latency_ms, delay < 0 ? 0 : delay);
    if (call->status)
        text_addf(out, ",\"status\":%ld", call->status);
    text_adds(out, ",\"detail\":");
    text_add_json(out, detail, strlen(detail));
    text_addc(out, '}');
    batch->unrecorded++;
    if (call->result != WEBHOOK_UNTRIED)
        count(call, outcome);
}

static void record(struct batch *batch)
{
    struct job_run *run = batch->run;
    if (batch->unrecorded == 0 || batch->lost)
        return;
    text_addc(&batch->outcomes, ']');
    run->now_us = clock_now_us();
    struct binder binder =
        job_values(run->arena, run, "outcomes", batch->outcomes.data, NULL);
    bool done = session_begin(run->session, &run->context) &&
                session_run(run->session, run->arena, "recordWebhooks", &binder) &&
                session_commit(run->session);
    batch->lost = !done && !failed(run, "recordWebhooks");
    text_clear(&batch->outcomes);
    batch->unrecorded = 0;
}

static void tried(void *arg, struct webhook_call *call)
{
    struct batch *batch = arg;
    add_outcome(batch, call);
    if (batch->unrecorded >= RECORD_EVERY)
        record(batch);
}

static void record_untried(struct batch *batch)
{
    for (int i = 0; i < rows_count(batch->rows); i++) {
        if (batch->calls[i].result == WEBHOOK_UNTRIED)
            add_outcome(batch, &batch->calls[i]);
    }
    record(batch);
}

/* ---- how the endpoints are ---- */

static void add_id(struct text *out, const char *id)
{
    text_addf(out, "%s%s", out->len > 1 ? "," : "", id);
}

static bool add_health(struct text *out, const struct receiver *receiver)
{
    const struct webhook_target *target = &receiver->target;
    bool good = target->delivered > 0;
    if (!good && !target->failed && receiver->has_keys)
        return false;
    long rest = target->resting ? webhook_rest_s(good ? 1 : receiver->failures + 1,
                                                 target->retry_after_s)
                                : 0;
    text_addf(out, "%s{\"id\":\"%s\",\"good\":%s,\"rest\":%ld", out->len > 1 ? "," : "",
              receiver->id, good ? "true" : "false", rest);
    if (target->error) {
        text_adds(out, ",\"error\":");
        text_add_json(out, target->error, strlen(target->error));
    }
    text_addc(out, '}');
    return !good;
}

static bool store_health(struct batch *batch, const struct text *health,
                         const struct text *failing, const struct text *gone)
{
    struct job_run *run = batch->run;
    struct binder binder = job_values(run->arena, run, "health", health->data, "failing",
                                      failing->data, "gone", gone->data, NULL);
    if (session_begin(run->session, &run->context) &&
        session_run(run->session, run->arena, "recordWebhookHealth", &binder) &&
        session_run(run->session, run->arena, "disableWebhooks", &binder) &&
        session_commit(run->session))
        return true;
    return failed(run, "recordWebhookHealth");
}

static void record_health(struct batch *batch)
{
    struct text health _text_auto_ = {0};
    struct text failing _text_auto_ = {0};
    struct text gone _text_auto_ = {0};
    text_addc(&health, '[');
    text_addc(&failing, '{');
    text_addc(&gone, '{');
    for (int i = 0; i < batch->receiver_count; i++) {
        const struct receiver *receiver = &batch->receivers[i];
        if (add_health(&health, receiver))
            add_id(&failing, receiver->id);
        if (receiver->target.gone)
            add_id(&gone, receiver->id);
    }
    text_addc(&health, ']');
    text_addc(&failing, '}');
    text_addc(&gone, '}');
    if (!batch->lost)
        store_health(batch, &health, &failing, &gone);
}

/* ---- the job ---- */

/* *ret_walked: an endpoint came further along the trail, so there may be more behind. */
static const struct rows *claim(struct job_run *run, bool *ret_walked)
{
    struct binder binder = job_values(
        run->arena, run, "batch", BATCH, "lease_seconds",
        arena_printf(run->arena, "%lld", (long long)run->config->lease_seconds), NULL);
    const struct rows *walked = NULL, *rows = NULL;
    run->now_us = clock_now_us();
    if (session_begin(run->session, &run->context))
        walked = session_run(run->session, run->arena, "queueWebhooks", &binder);
    if (walked)
        rows = session_run(run->session, run->arena, "claimWebhooks", &binder);
    if (rows && session_commit(run->session)) {
        *ret_walked = rows_count(walked) > 0;
        return rows;
    }
    failed(run, "claimWebhooks");
    return NULL;
}

static void send_batch(struct job_run *run, struct webhook_sender *sender,
                       const struct rows *rows)
{
    size_t size = (size_t)rows_count(rows);
    struct batch batch = {
        .run = run,
        .rows = rows,
        .receivers = arena_alloc(run->arena, size * sizeof(struct receiver)),
        .calls = arena_alloc(run->arena, size * sizeof(struct webhook_call))};
    for (int i = 0; i < (int)size; i++)
        prepare(&batch, i);
    webhook_send(sender, batch.calls, (int)size, run->stopping, tried, &batch);
    record_untried(&batch);
    record_health(&batch);
    text_free(&batch.outcomes);
}

/* A few seconds at most, so that others get their turn. True: there may be more. */
static bool deliver(struct job_run *run)
{
    int64_t started = clock_monotonic_ms();
    struct webhook_sender *sender = NULL;
    bool walked = true;
    while (!__atomic_load_n(run->stopping, __ATOMIC_ACQUIRE) &&
           clock_monotonic_ms() - started < RUN_MS) {
        const struct rows *rows = claim(run, &walked);
        if (!rows || (rows_count(rows) == 0 && !walked)) {
            webhook_notices(run);
            return false;
        }
        if (!sender)
            sender = webhook_sender_new(run->arena);
        if (rows_count(rows) > 0)
            send_batch(run, sender, rows);
    }
    return true;
}

static int64_t threads(const struct config *config)
{
    return config->webhook_threads;
}

static const char *const statements[] = {"queueWebhooks",       "claimWebhooks",
                                         "recordWebhooks",      "recordWebhookHealth",
                                         "disableWebhooks",     "loadWebhookNotices",
                                         "settleWebhookNotice", "putOffWebhookNotice",
                                         "loadMailKit",         NULL};

const struct job deliver_webhooks_job = {.name = "deliver_webhooks",
                                         .every_ms = 1000,
                                         .run = deliver,
                                         .statements = statements,
                                         .own_threads = threads};
