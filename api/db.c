/* Lanes of connections for one loop: who takes which call, who waits, and for how long. */
#include "db_internal.h"
#include "clock.h"

#include <stdlib.h>
#include <string.h>

enum {
    READ_DEPTH = 64,
    WRITE_DEPTH =
        4, /* a Sync is a commit: commits overlap on several connections instead */
    SLOW_DEPTH = 1,
    SLOW_FACTOR = 10,
    DOWN_WAIT_MS = 2000,
    TICK_MS = 250,
    OTHERS_AFTER_MS = 250,
    SILENCE_MS =
        5000 /* over the statement timeout: the server is stopped or unreachable */
};

struct work *work_new(struct arena *arena, enum work_kind kind, db_callback *callback,
                      void *arg)
{
    struct work *work = arena_alloc(arena, sizeof(*work));
    work->kind = kind;
    work->arena = arena;
    work->callback = callback;
    work->arg = arg;
    work->rows_at = work->commit_at = -1;
    return work;
}

void work_context(const char *ret_values[DB_CONTEXT_VALUES], struct arena *arena,
                  const struct db_context *context)
{
    const char *values[DB_CONTEXT_VALUES];
    db_context_values(context, values);
    for (int i = 0; i < DB_CONTEXT_VALUES; i++)
        ret_values[i] = arena_strdup(arena, values[i]);
}

static void work_fail(struct work *work, enum db_status status, const char *state,
                      const char *message)
{
    work->failed = true;
    work->reply =
        (struct db_reply){.status = status, .sqlstate = state, .message = message};
}

void work_lost(struct work *work, const char *message)
{
    work_fail(work, DB_LOST, NULL, message);
}

bool work_bind(struct work *work, const struct statement *statement,
               const struct binder *binder)
{
    const char *unknown = NULL;
    work->statement = statement;
    if (db_bind(work->arena, statement, binder, &work->values, &unknown))
        return true;
    work_fail(
        work, DB_ERROR, "42P02",
        arena_printf(work->arena, "%s: no value for :%s", statement->name, unknown));
    return false;
}

static void deliver_begin(struct work *work)
{
    struct db_transaction *transaction = work->transaction;
    if (!work->failed && transaction->connection == NULL)
        work_lost(work, "connection lost");
    work->begin_callback(work->arg, work->failed ? NULL : transaction, &work->reply);
}

void work_deliver(struct work *work)
{
    if (work->kind == WORK_BEGIN) {
        deliver_begin(work);
        return;
    }
    if (work->failed)
        PQclear(work->kept);
    else if (work->kept != NULL)
        work->reply.rows = rows_wrap(work->arena, work->kept);
    work->kept = NULL;
    struct arena *own = work->owns_arena ? work->arena : NULL;
    if (work->callback != NULL)
        work->callback(work->arg, &work->reply);
    arena_destroy(own);
}

static void deliver_posted(void *arg)
{
    work_deliver(arg);
}

void work_post(struct db *db, struct work *work)
{
    loop_post(db->loop, deliver_posted, work);
}

static bool can_take(const struct lane *lane, const struct connection *connection,
                     const struct work *work)
{
    if (connection->state != LINK_READY || connection->broken || connection->retiring ||
        connection->owner != NULL)
        return false;
    return connection->in_flight < (work->kind == WORK_BEGIN ? 1 : lane->depth);
}

static struct connection *least_loaded(struct lane *lane, const struct work *work)
{
    struct connection *best = NULL;
    for (int i = 0; i < lane->count; i++) {
        struct connection *connection = &lane->connections[i];
        if (can_take(lane, connection, work) &&
            (best == NULL || connection->in_flight < best->in_flight))
            best = connection;
    }
    return best;
}

static void start(struct connection *connection, struct work *work)
{
    if (work->kind != WORK_BEGIN) {
        pipe_send(connection, work);
        return;
    }
    connection->owner = work->transaction;
    work->transaction->connection = connection;
    work_post(connection->lane->db, work);
}

static struct work *dequeue(struct lane *lane)
{
    struct work *work = lane->queue;
    lane->queue = work->next;
    if (lane->queue == NULL)
        lane->queue_tail = &lane->queue;
    lane->queued--;
    work->next = NULL;
    return work;
}

/* First come, first served, also past a transaction that waits for an idle connection: it would starve otherwise. */
void lane_dispatch(struct lane *lane)
{
    while (lane->queue != NULL) {
        struct connection *connection = least_loaded(lane, lane->queue);
        if (connection == NULL)
            return;
        start(connection, dequeue(lane));
    }
}

void lane_submit(struct lane *lane, struct work *work)
{
    struct db *db = lane->db;
    if (db->closing) {
        work_lost(work, "closing");
        work_post(db, work);
        return;
    }
    struct connection *connection = lane->queue == NULL ? least_loaded(lane, work) : NULL;
    if (connection != NULL) {
        start(connection, work);
        return;
    }
    if (lane->queued >= db->queue_limit) {
        work_fail(work, DB_BUSY, NULL, "queue full");
        work_post(db, work);
        return;
    }
    work->since_ms = clock_monotonic_ms();
    work->next = NULL;
    *lane->queue_tail = work;
    lane->queue_tail = &work->next;
    lane->queued++;
}

bool lane_ready(const struct lane *lane)
{
    for (int i = 0; i < lane->count; i++)
        if (lane->connections[i].state == LINK_READY)
            return true;
    return false;
}

static void expire_queue(struct lane *lane, int64_t now_ms)
{
    bool ready = lane_ready(lane);
    int64_t patience = ready ? lane->timeout_ms : DOWN_WAIT_MS;
    while (lane->queue != NULL && now_ms - lane->queue->since_ms > patience) {
        struct work *work = dequeue(lane);
        work_fail(work, ready ? DB_BUSY : DB_LOST, NULL,
                  ready ? "waited too long" : "no connection");
        work_deliver(work);
    }
}

static void watch_silence(struct lane *lane, int64_t now_ms)
{
    for (int i = 0; i < lane->count; i++) {
        struct connection *connection = &lane->connections[i];
        if (connection->state == LINK_READY && connection->in_flight > 0 &&
            now_ms - connection->heard_ms > lane->timeout_ms + SILENCE_MS)
            link_break(connection);
    }
}

static void on_tick(void *arg)
{
    struct db *db = arg;
    int64_t now_ms = clock_monotonic_ms();
    db->tick = loop_after(db->loop, TICK_MS, on_tick, db);
    for (int i = 0; i < DB_LANES; i++) {
        expire_queue(&db->lanes[i], now_ms);
        watch_silence(&db->lanes[i], now_ms);
    }
}

/* One connection for reading and one for writing first: a program serves sooner when PostgreSQL does not start two
 * dozen processes at once. */
static void lane_open(struct db *db, enum db_lane kind, int count, int depth,
                      int timeout_ms)
{
    struct lane *lane = &db->lanes[kind];
    size_t size = (size_t)(count > 0 ? count : 1);
    *lane = (struct lane){
        .db = db,
        .kind = kind,
        .depth = depth,
        .timeout_ms = timeout_ms,
        .connections = arena_alloc(db->arena, size * sizeof(*lane->connections)),
        .count = (int)size,
    };
    lane->queue_tail = &lane->queue;
    for (int i = 0; i < lane->count; i++) {
        lane->connections[i].lane = lane;
        lane->connections[i].tail = &lane->connections[i].head;
        link_connect_after(&lane->connections[i],
                           i == 0 && kind != DB_SLOW ? 0 : OTHERS_AFTER_MS);
    }
}

struct db *db_new(struct loop *loop, const struct db_options *options,
                  const struct statement_library *library)
{
    struct arena *arena = arena_new();
    struct db *db = arena_alloc(arena, sizeof(*db));
    int timeout = options->statement_timeout_ms;
    db->loop = loop;
    db->arena = arena;
    db->conninfo = arena_strdup(arena, options->conninfo);
    db->library = library;
    db->queue_limit = options->queue_limit;
    lane_open(db, DB_READ, options->read_connections, READ_DEPTH, timeout);
    lane_open(db, DB_WRITE, options->write_connections, WRITE_DEPTH, timeout);
    lane_open(db, DB_SLOW, options->slow_connections, SLOW_DEPTH, timeout * SLOW_FACTOR);
    db->tick = loop_after(loop, TICK_MS, on_tick, db);
    return db;
}

bool db_ready(const struct db *db)
{
    return lane_ready(&db->lanes[DB_READ]) && lane_ready(&db->lanes[DB_WRITE]);
}

static void lane_close(struct lane *lane)
{
    for (int i = 0; i < lane->count; i++)
        link_close(&lane->connections[i]);
    while (lane->queue != NULL) {
        struct work *work = dequeue(lane);
        work_lost(work, "closing");
        work_deliver(work);
    }
}

void db_destroy(struct db *db)
{
    if (db == NULL)
        return;
    db->closing = true;
    loop_cancel(db->tick);
    for (int i = 0; i < DB_LANES; i++)
        lane_close(&db->lanes[i]);
    arena_destroy(db->arena);
}

void db_call(struct db *db, enum db_lane lane, const struct db_context *context,
             const struct statement *statement, const struct binder *binder,
             struct arena *arena, db_callback *callback, void *arg)
{
    struct work *work = work_new(arena, WORK_CALL, callback, arg);
    if (!work_bind(work, statement, binder)) {
        work_post(db, work);
        return;
    }
    work_context(work->context, arena, context);
    work->has_context = true;
    lane_submit(&db->lanes[lane], work);
}
