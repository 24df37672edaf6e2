/* Following a list (x-feed): the same rows by long poll (`wait`) or as Server-Sent Events, from a position that never goes past anything. Each look at the
 * database is a small request of its own with an arena of its own; the caller is authenticated again every two seconds, so that a token that ends or a
 * role that is taken away ends the feed. Everything of one feed happens on its loop's thread. */
#include "request_internal.h"

#include "clock.h"
#include "json_out.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOK_MS = 500,    /* between two looks at the database */
    CHECK_MS = 2000,  /* between two looks at the caller */
    ALIVE_MS = 15000, /* a comment when there was nothing to say */
    UNSENT_MAX =
        64 *
        1024, /* bytes that a slow reader may leave with us before we stop reading for him */
    KEY_MAX = 24 /* digits of a position */
};

/* A number is given once: behind it means behind every id. */
#define LAST_ID "ffffffff-ffff-ffff-ffff-ffffffffffff"

struct feed {
    struct flow *flow; /* of the request; its arena lives until the reply has ended */
    bool streams;
    char key[KEY_MAX]; /* after this position */
    int64_t until_ms;  /* long poll: an empty answer then */
    int64_t checked_ms, spoke_ms;
};

static int feeds_open; /* of all loops; atomic access */

static void look(void *arg);

/* ---- what is asked for ---- */

static bool wants_stream(const struct http_request *http)
{
    const char *accept = http_header_find(http, "Accept");
    return accept && strstr(accept, "text/event-stream") &&
           strcmp(http->method, "GET") == 0;
}

bool feed_wanted(struct flow *flow)
{
    return flow->plan->feed.first &&
           (request_parameter(&flow->rq, "wait") || wants_stream(flow->rq.http));
}

/* Where to begin: an event's id of the stream, a cursor, `latest`, or nothing: the beginning. */
const char *feed_after(struct flow *flow)
{
    const char *last = http_header_find(flow->rq.http, "Last-Event-ID");
    if (last && *last && wants_stream(flow->rq.http))
        return last;
    const char *after = request_parameter(&flow->rq, "after");
    flow->from_latest = after && strcmp(after, "latest") == 0;
    return flow->from_latest ? NULL : after;
}

bool feed_bind(const struct app *app, struct plan *plan, const char **ret_error)
{
    const char *name = plan->operation->feed;
    if (!name)
        return true;
    plan->feed = (struct plan_feed){statement_find(app->library, name, NULL, false),
                                    statement_find(app->library, name, NULL, true)};
    if (plan->feed.first && plan->feed.next && plan->operation->has_page)
        return true;
    *ret_error = "an operation's x-feed names no statement of a list";
    return false;
}

/* ---- the end ---- */

static void close_feed(struct feed *feed)
{
    (void)feed;
    __atomic_sub_fetch(&feeds_open, 1, __ATOMIC_ACQ_REL);
}

/* The stream's last word is why it ends; the client comes again with the last id it saw. */
static void end_stream(struct feed *feed, const struct problem *problem)
{
    struct flow *flow = feed->flow;
    struct text out _text_auto_ = {0};
    text_adds(&out, "event: end\ndata: ");
    problem_write(&out, problem, flow->rq.language, flow->rq.request_id);
    text_adds(&out, "\n\n");
    close_feed(feed);
    reply_account(flow, 0);
    http_stream_end(flow->exchange, out.data, out.len);
}

void feed_refused(struct flow *look)
{
    struct feed *feed = look->feed;
    struct flow *flow = feed->flow;
    flow->rq.problem = look->rq.problem;
    if (flow->rq.problem.code == PROBLEM_NONE)
        flow->rq.problem.code = PROBLEM_UNAVAILABLE;
    if (feed->streams) {
        end_stream(feed, &flow->rq.problem);
    } else {
        close_feed(feed);
        flow->feed = NULL;
        reply_problem(flow);
    }
    arena_destroy(look->rq.arena);
}

/* ---- what was found ---- */

static void take_position(struct feed *feed, const char *key)
{
    size_t len = strlen(key);
    assert(len < KEY_MAX);
    memcpy(feed->key, key, len + 1);
}

static void say(struct feed *feed, const char *words, size_t len)
{
    feed->spoke_ms = clock_monotonic_ms();
    http_stream_add(feed->flow->exchange, words, len);
}

static void tell(struct flow *look, const struct rows *rows, int count)
{
    struct feed *feed = look->feed;
    struct text out _text_auto_ = {0};
    int key = rows_column(rows, "_key");
    for (int i = 0; i < count; i++) {
        take_position(feed, rows_value(rows, i, key));
        text_addf(&out, "id: %s\ndata: ", ladder_cursor(look, feed->key, LAST_ID));
        json_out_row(&out, rows, i);
        text_adds(&out, "\n\n");
    }
    if (out.len)
        say(feed, out.data, out.len);
    else if (clock_monotonic_ms() - feed->spoke_ms >= ALIVE_MS)
        say(feed, ": alive\n\n", strlen(": alive\n\n"));
}

static void drop_arena(void *arena)
{
    arena_destroy(arena);
}

/* The list's ordinary reply, whose `next` is always there. The rows live in the look's arena. */
static void answer(struct flow *look, const struct rows *rows)
{
    struct feed *feed = look->feed;
    struct flow *flow = feed->flow;
    arena_defer(flow->rq.arena, drop_arena, look->rq.arena);
    flow->last_rows = rows;
    flow->here = ladder_cursor(flow, feed->key, LAST_ID);
    flow->feed = NULL;
    close_feed(feed);
    reply_build(flow);
    reply_send(flow);
}

static bool is_time(const struct feed *feed)
{
    return clock_monotonic_ms() >= feed->until_ms ||
           app_draining(feed->flow->worker->app);
}

static void look_again(struct flow *look_done, int delay_ms)
{
    struct feed *feed = look_done->feed;
    struct worker *worker = feed->flow->worker;
    arena_destroy(look_done->rq.arena);
    loop_after(worker->loop, delay_ms, look, feed);
}

static void found(void *arg, const struct db_reply *reply)
{
    struct flow *look_done = arg;
    struct feed *feed = look_done->feed;
    if (reply->status != DB_OK) {
        sqlstate_refuse(look_done, reply);
        feed_refused(look_done);
        return;
    }
    int64_t limit = feed->flow->limit;
    int count = rows_count(reply->rows);
    bool more = count > limit;
    if (!feed->streams && (count > 0 || is_time(feed))) {
        answer(look_done, reply->rows);
        return;
    }
    if (feed->streams)
        tell(look_done, reply->rows, more ? (int)limit : count);
    look_again(look_done, more ? 1 : LOOK_MS);
}

static void found_latest(void *arg, const struct db_reply *reply)
{
    struct flow *look_done = arg;
    if (reply->status != DB_OK) {
        sqlstate_refuse(look_done, reply);
        feed_refused(look_done);
        return;
    }
    take_position(look_done->feed, rows_text(reply->rows, 0, "chain_no"));
    look_done->feed->flow->from_latest = false;
    look_again(look_done, 1);
}

/* ---- one look ---- */

/* The request once more, as if it had just come, but not counted twice. */
static struct flow *look_new(struct feed *feed)
{
    struct arena *arena = arena_new();
    struct flow *again = arena_dup(arena, feed->flow, sizeof *feed->flow);
    again->rq.arena = arena;
    again->rq.now_us = clock_now_us();
    again->rq.problem = (struct problem){0};
    again->body = (struct text){0};
    again->result_count = again->header_count = 0;
    again->cursor = (struct cursor){.key = arena_strdup(arena, feed->key), .id = LAST_ID};
    again->has_cursor = true;
    return again;
}

static void ask(struct flow *look_now)
{
    struct worker *worker = look_now->worker;
    struct binder binder = flow_binder(look_now);
    struct db_context context = flow_context(look_now);
    bool latest = look_now->from_latest;
    db_call(worker->db, DB_READ, &context,
            latest ? worker->app->find_trail_tip : look_now->plan->feed.next, &binder,
            look_now->rq.arena, latest ? found_latest : found, look_now);
}

void feed_authorized(struct flow *look_now)
{
    look_now->feed->checked_ms = clock_monotonic_ms();
    ask(look_now);
}

static void look(void *arg)
{
    struct feed *feed = arg;
    struct flow *again = look_new(feed);
    if (feed->streams && !http_stream_open(feed->flow->exchange)) {
        arena_destroy(again->rq.arena);
        close_feed(feed);
        reply_account(feed->flow, 0);
        http_stream_end(feed->flow->exchange, "", 0);
    } else if (feed->streams && app_draining(feed->flow->worker->app)) {
        refuse(&again->rq, PROBLEM_UNAVAILABLE, NULL, NULL);
        feed_refused(again);
    } else if (feed->streams && http_stream_unsent(feed->flow->exchange) > UNSENT_MAX) {
        look_again(again, LOOK_MS);
    } else if (clock_monotonic_ms() - feed->checked_ms >= CHECK_MS) {
        authenticate(again);
    } else {
        ask(again);
    }
}

void feed_start(struct flow *flow)
{
    struct feed *feed = arena_alloc(flow->rq.arena, sizeof *feed);
    const struct config *config = flow->worker->app->config;
    const char *wait = request_parameter(&flow->rq, "wait");
    int64_t now = clock_monotonic_ms();
    if (__atomic_add_fetch(&feeds_open, 1, __ATOMIC_ACQ_REL) > config->feeds) {
        close_feed(feed);
        refuse(&flow->rq, PROBLEM_UNAVAILABLE, "Too many feeds are open; come again.",
               "開いているフィードが多すぎます。しばらくしてからお試しください。");
        flow->rq.problem.retry_after_s = 5;
        reply_problem(flow);
        return;
    }
    *feed = (struct feed){.flow = flow,
                          .streams = wants_stream(flow->rq.http),
                          .checked_ms = now,
                          .spoke_ms = now,
                          .until_ms = now + (wait ? strtoll(wait, NULL, 10) * 1000 : 0)};
    take_position(feed, flow->has_cursor ? flow->cursor.key : "0");
    flow->feed = feed;
    if (feed->streams) {
        reply_stream(flow, "text/event-stream");
        say(feed, "retry: 2000\n\n", strlen("retry: 2000\n\n"));
    }
    look(feed);
}
