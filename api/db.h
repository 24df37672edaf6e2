/* PostgreSQL by asynchronous libpq in pipeline mode: one db per loop thread, with lanes (architecture section 5).
 *
 * A call is one implicit transaction: set context, statement, Sync. The callback comes after the Sync's result, so a failed commit is a failed call.
 * A transaction (db_begin) takes one write connection for itself: BEGIN + context, then statements one at a time, then commit or rollback.
 * Lost connections fail their calls with DB_LOST and reconnect with jittered back-off, where statements are prepared anew, each at its first use. */
#ifndef MEGURI_DB_H
#define MEGURI_DB_H

#include "arena.h"
#include "loop.h"
#include "statement.h"

#include <stdbool.h>
#include <stdint.h>

struct db;
struct db_transaction;

enum db_lane { DB_READ, DB_WRITE, DB_SLOW };

struct db_options {
    const char *conninfo;
    int read_connections, write_connections,
        slow_connections; /* of this loop; write_connections >= 1 */
    int queue_limit;      /* calls waiting per lane; more -> DB_BUSY at once */
    int statement_timeout_ms;
};

/* Tenant context of one transaction: becomes app.consultancy, app.member, app.client, app.reach ('' = absent). */
struct db_context {
    const char *consultancy;
    const char *member;
    const char *client; /* only this client, for client users */
    const char *reach;  /* "all", "assigned", "client", "job", "none" */
};

enum db_status {
    DB_OK,
    DB_BUSY, /* queue full */
    DB_LOST, /* connection lost or not there; outcome of a write is unknown when *after_send* */
    DB_TIMEOUT, /* statement_timeout (57014) */
    DB_ERROR    /* the database refused: sqlstate, constraint, message */
};

/* Rows of one statement; text values; lives in the caller's arena (PGresult freed with it). */
struct rows;
int rows_count(const struct rows *rows);
int rows_columns(const struct rows *rows);
const char *rows_name(const struct rows *rows, int column);
unsigned rows_type(const struct rows *rows, int column);    /* type OID */
int rows_column(const struct rows *rows, const char *name); /* -1 when absent */
const char *rows_value(const struct rows *rows, int row,
                       int column); /* NULL = SQL NULL */
int rows_length(const struct rows *rows, int row, int column);
const char *rows_text(const struct rows *rows, int row,
                      const char *name); /* by name; asserts the column exists */
/* Wraps a PGresult (opaque here); the arena clears it. */
struct rows *rows_wrap(struct arena *arena, void *pg_result);

struct db_reply {
    enum db_status status;
    const struct rows *rows; /* with DB_OK; NULL for commit */
    const char *sqlstate;    /* with DB_ERROR: "23505" */
    const char *constraint;  /* or NULL */
    const char *message;     /* primary message, for the log */
};
typedef void db_callback(void *arg, const struct db_reply *reply);

/* Does not wait: connections come up in the background; db_ready tells. */
struct db *db_new(struct loop *loop, const struct db_options *options,
                  const struct statement_library *library);
/* A connection for reading and one for writing serve; the others follow. */
bool db_ready(const struct db *db);
void db_destroy(struct db *db);

/* A call waits for a free place at most until the lane's statement timeout (then DB_BUSY), and 2 s when no connection is up (then DB_LOST).
 * A slow lane has ten times the statement timeout of the others. The arena must live until the callback.
 * values are copied before the call returns. All strings of rows live in arena. The callback runs on the loop thread, later, exactly once. */
void db_call(struct db *db, enum db_lane lane, const struct db_context *context,
             const struct statement *statement, const struct binder *binder,
             struct arena *arena, db_callback *callback, void *arg);

/* BEGIN and the context travel with the first statement, so that a transaction costs no round trip of its own; the transaction lives
 * in arena and must be ended by db_commit, db_rollback or db_transaction_finish, whatever its calls answered. Calls of one
 * transaction answer in order. */
void db_begin(struct db *db, const struct db_context *context, struct arena *arena,
              void (*callback)(void *arg, struct db_transaction *transaction,
                               const struct db_reply *reply),
              void *arg);
void db_transaction_call(struct db_transaction *transaction,
                         const struct statement *statement, const struct binder *binder,
                         db_callback *callback, void *arg);
/* Changes the tenant context inside the transaction (sign-in learns the tenant half-way). */
void db_transaction_context(struct db_transaction *transaction,
                            const struct db_context *context, db_callback *callback,
                            void *arg);
/* Ends the transaction and gives the connection back; callback after the outcome is known. */
void db_commit(struct db_transaction *transaction, db_callback *callback, void *arg);
void db_rollback(struct db_transaction *transaction, db_callback *callback,
                 void *arg); /* callback may be NULL */
/* The last statement and the commit in one round trip. The reply is the statement's rows once the commit is known; when either fails
 * everything is rolled back. Gives the connection back in every case. */
void db_transaction_finish(struct db_transaction *transaction,
                           const struct statement *statement, const struct binder *binder,
                           db_callback *callback, void *arg);

#endif
