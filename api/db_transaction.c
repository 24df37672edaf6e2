/* A transaction of several statements: a write connection of its own from begin to end. */
#include "db_internal.h"

void db_begin(struct db *db, const struct db_context *context, struct arena *arena,
              db_begin_callback *callback, void *arg)
{
    struct work *work = work_new(arena, WORK_BEGIN, NULL, arg);
    struct db_transaction *transaction = arena_alloc(arena, sizeof(*transaction));
    transaction->db = db;
    transaction->arena = arena;
    work_context(transaction->context, arena, context);
    work->transaction = transaction;
    work->begin_callback = callback;
    lane_submit(&db->lanes[DB_WRITE], work);
}

static void open_with(struct db_transaction *transaction, struct work *work)
{
    if (transaction->begun)
        return;
    transaction->begun = true;
    work->before = "begin";
    work->has_context = true;
    for (int i = 0; i < DB_CONTEXT_VALUES; i++)
        work->context[i] = transaction->context[i];
}

static void send_step(struct db_transaction *transaction, struct work *work)
{
    if (transaction->connection != NULL) {
        pipe_send(transaction->connection, work);
        return;
    }
    work_lost(work, "connection lost");
    work_post(transaction->db, work);
}

static struct work *step(struct db_transaction *transaction, enum work_kind kind,
                         db_callback *callback, void *arg)
{
    struct work *work = work_new(transaction->arena, kind, callback, arg);
    work->transaction = transaction;
    return work;
}

void db_transaction_call(struct db_transaction *transaction,
                         const struct statement *statement, const struct binder *binder,
                         db_callback *callback, void *arg)
{
    struct work *work = step(transaction, WORK_STEP, callback, arg);
    if (!work_bind(work, statement, binder)) {
        work_post(transaction->db, work);
        return;
    }
    open_with(transaction, work);
    send_step(transaction, work);
}

void db_transaction_context(struct db_transaction *transaction,
                            const struct db_context *context, db_callback *callback,
                            void *arg)
{
    struct work *work = step(transaction, WORK_STEP, callback, arg);
    work_context(transaction->context, transaction->arena, context);
    if (!transaction->begun) { /* goes with the first statement */
        work_post(transaction->db, work);
        return;
    }
    for (int i = 0; i < DB_CONTEXT_VALUES; i++)
        work->context[i] = transaction->context[i];
    work->has_context = true;
    send_step(transaction, work);
}

/* Nothing was sent: the connection is free at once. */
static void give_back(struct db_transaction *transaction, struct work *work)
{
    struct connection *connection = transaction->connection;
    transaction->connection = NULL;
    connection->owner = NULL;
    work_post(transaction->db, work);
    lane_dispatch(connection->lane);
}

void db_commit(struct db_transaction *transaction, db_callback *callback, void *arg)
{
    struct work *work = step(transaction, WORK_END, callback, arg);
    if (transaction->connection != NULL && !transaction->begun) {
        give_back(transaction, work);
        return;
    }
    work->after = "commit";
    send_step(transaction, work);
}

/* The caller may be gone before the answer: what is sent belongs to itself, also the transaction that holds the connection. */
static struct work *own_rollback(struct db_transaction *transaction)
{
    struct arena *arena = arena_new();
    struct db_transaction *rest = arena_dup(arena, transaction, sizeof(*rest));
    rest->arena = arena;
    struct work *work = step(rest, WORK_END, NULL, NULL);
    work->owns_arena = true;
    if (rest->connection != NULL)
        rest->connection->owner = rest;
    transaction->connection = NULL;
    return work;
}

/* A lost transaction is rolled back already. */
void db_rollback(struct db_transaction *transaction, db_callback *callback, void *arg)
{
    struct work *work = own_rollback(transaction);
    transaction = work->transaction;
    work->callback = callback;
    work->arg = arg;
    if (transaction->connection == NULL) {
        work_post(transaction->db, work);
    } else if (!transaction->begun) {
        give_back(transaction, work);
    } else {
        work->after = "rollback";
        pipe_send(transaction->connection, work);
    }
}

/* After a failure PostgreSQL skips to the Sync, the commit too, and the block stays open until the rollback. */
static void finished(void *arg, const struct db_reply *reply)
{
    struct work *outer = arg;
    if (reply->status != DB_OK)
        db_rollback(outer->transaction, NULL, NULL);
    outer->callback(outer->arg, reply);
}

void db_transaction_finish(struct db_transaction *transaction,
                           const struct statement *statement, const struct binder *binder,
                           db_callback *callback, void *arg)
{
    struct work *outer = step(transaction, WORK_END, callback, arg);
    struct work *work = step(transaction, WORK_FINISH, finished, outer);
    if (!work_bind(work, statement, binder)) {
        work_post(transaction->db, work);
        return;
    }
    open_with(transaction, work);
    work->after = "commit";
    send_step(transaction, work);
}
