/* One connection in pipeline mode: sends work up to its Sync, gathers the results until that Sync comes back. */
#include "db_internal.h"
#include "clock.h"

#include <string.h>

static bool send_context(PGconn *pg, const struct work *work)
{
    const char *values[DB_CONTEXT_VALUES];
    memcpy(values, work->context, sizeof values);
    if (work->statement && work->statement->ordered)
        values[DB_CONTEXT_SORTS] = "off";
    return PQsendQueryPrepared(pg, DB_CONTEXT_NAME, DB_CONTEXT_VALUES, values, NULL, NULL,
                               0);
}

static bool send_command(PGconn *pg, const char *command)
{
    return PQsendQueryParams(pg, command, 0, NULL, NULL, NULL, NULL, 0);
}

static bool send_prepare(PGconn *pg, const struct statement *statement)
{
    Oid types[STATEMENT_MAX_PARAMETERS];
    db_parameter_types(statement, types);
    return PQsendPrepare(pg, statement->prepared, statement->sql,
                         statement->parameter_count, types);
}

/* A statement that is new to the connection is prepared first of all, where nothing before it can make PostgreSQL skip
 * that. */
static bool send_first_use(struct connection *connection, struct work *work)
{
    work->prepares = work->statement && !connection->prepared[work->statement->index];
    if (!work->prepares)
        return true;
    connection->prepared[work->statement->index] = true;
    return send_prepare(connection->pg, work->statement);
}

static bool send_statement(PGconn *pg, const struct work *work)
{
    return !work->statement || PQsendQueryPrepared(pg, work->statement->prepared,
                                                   work->statement->parameter_count,
                                                   work->values, NULL, NULL, 0);
}

/* Which result of the batch is which. */
static void number_results(struct work *work)
{
    int before = work->prepares + (work->before != NULL) + work->has_context;
    bool commits = work->after && strcmp(work->after, "commit") == 0;
    work->rows_at = work->statement ? before : -1;
    work->commit_at = commits ? before + (work->statement != NULL) : -1;
}

static bool send_parts(struct connection *connection, struct work *work)
{
    PGconn *pg = connection->pg;
    bool first = send_first_use(connection, work);
    number_results(work);
    return first && (!work->before || send_command(pg, work->before)) &&
           (!work->has_context || send_context(pg, work)) && send_statement(pg, work) &&
           (!work->after || send_command(pg, work->after)) && PQpipelineSync(pg);
}

static void push(struct connection *connection, struct work *work)
{
    if (connection->in_flight++ == 0)
        connection->heard_ms = clock_monotonic_ms();
    work->next = NULL;
    *connection->tail = work;
    connection->tail = &work->next;
}

static struct work *pop(struct connection *connection)
{
    struct work *work = connection->head;
    connection->head = work->next;
    if (connection->head == NULL)
        connection->tail = &connection->head;
    connection->in_flight--;
    connection->heard_ms = clock_monotonic_ms();
    return work;
}

bool pipe_flush(struct connection *connection)
{
    int left = PQflush(connection->pg);
    if (left == 1)
        event_add(connection->write, NULL);
    return left >= 0;
}

void pipe_send(struct connection *connection, struct work *work)
{
    push(connection, work);
    if (connection->broken || !send_parts(connection, work) || !pipe_flush(connection))
        link_break(connection);
}

bool pipe_send_setup(struct connection *connection, struct work *work)
{
    PGconn *pg = connection->pg;
    int timeout = connection->lane->timeout_ms;
    const char *const timeouts[] = {
        arena_printf(connection->arena, "%d", timeout),
        arena_printf(connection->arena, "%d", timeout / 2 + 1),
    };
    push(connection, work);
    work->rows_at = work->commit_at = -1;
    return PQsendQueryParams(pg, db_settings_sql, 2, NULL, timeouts, NULL, NULL, 0) &&
           PQsendPrepare(pg, DB_CONTEXT_NAME, db_context_sql, 0, NULL) &&
           PQpipelineSync(pg) && pipe_flush(connection);
}

/* A plan that a schema change made useless, or a statement that is gone: only preparing again helps. */
static bool is_stale(const PGresult *result, const char *state)
{
    const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    return strcmp(state, "26000") == 0 ||
           (strcmp(state, "0A000") == 0 && function != NULL &&
            strcmp(function, "RevalidateCachedQuery") == 0);
}

/* The first failure is the reason; what follows it is only PostgreSQL skipping to the Sync. */
static bool note_failure(struct connection *connection, struct work *work,
                         const PGresult *result)
{
    struct db_reply reply = db_reply_of(work->arena, result);
    bool known = reply.status != DB_LOST;
    if (known && is_stale(result, reply.sqlstate)) {
        connection->retiring = true;
        reply.status = DB_LOST;
    }
    if (work->prepares && work->results == 0)
        connection->prepared[work->statement->index] = false;
    if (!work->failed) {
        work->failed = true;
        work->reply = reply;
    }
    return known;
}

/* COMMIT of a failed transaction succeeds as a ROLLBACK. */
static void check_commit(struct work *work, PGresult *result)
{
    if (work->failed || strcmp(PQcmdStatus(result), "COMMIT") == 0)
        return;
    work->failed = true;
    work->reply = (struct db_reply){.status = DB_ERROR,
                                    .sqlstate = "25P02",
                                    .message = "rolled back: a statement failed before"};
}

static bool take_result(struct connection *connection, struct work *work,
                        PGresult *result)
{
    bool good = true;
    switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
        if (work->results == work->commit_at)
            check_commit(work, result);
        if (work->results == work->rows_at) {
            work->kept = result;
            result = NULL;
        }
        break;
    case PGRES_FATAL_ERROR:
        good = note_failure(connection, work, result);
        break;
    case PGRES_PIPELINE_ABORTED:
        break;
    default: /* COPY: no statement of ours may do that */
        good = false;
        break;
    }
    work->results++;
    PQclear(result);
    return good;
}

static void release(struct connection *connection, struct work *work)
{
    if (work->transaction != NULL)
        work->transaction->connection = NULL;
    connection->owner = NULL;
}

static void finish(struct connection *connection)
{
    struct work *work = pop(connection);
    if (work->kind == WORK_END || (work->kind == WORK_FINISH && !work->failed))
        release(connection, work);
    if (connection->in_flight == 0 && connection->owner == NULL &&
        PQtransactionStatus(connection->pg) != PQTRANS_IDLE)
        link_break(connection); /* a tenant must not leak into the next call */
    work_deliver(work);
}

bool pipe_receive(struct connection *connection)
{
    int ends = 0;
    while (connection->head != NULL && !connection->broken &&
           PQstatus(connection->pg) == CONNECTION_OK && !PQisBusy(connection->pg)) {
        PGresult *result = PQgetResult(connection->pg);
        if (result == NULL) {
            if (++ends > 1) /* the end of a statement comes once; we lost count */
                return false;
            continue;
        }
        ends = 0;
        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            finish(connection);
        } else if (!take_result(connection, connection->head, result)) {
            return false;
        }
    }
    return true;
}
