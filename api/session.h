/* A blocking database session for job threads and operator commands: same statements, same context, no event loop. One thread at a time. */
#ifndef MEGURI_SESSION_H
#define MEGURI_SESSION_H

#include "arena.h"
#include "db.h"

#include <stdbool.h>
#include <stdint.h>

struct session;

/* How long a session waits for a silent server. answer_ms: per call, 0 = for ever. give_up is asked while waiting, on the calling thread;
 * true ends the wait and the connection. Connecting takes 10 s at most in any case. */
struct session_limits {
    int64_t answer_ms;
    bool (*give_up)(void *arg); /* NULL = never */
    void *arg;
};

/* Connects and prepares lazily; NULL library = only session_exec. NULL with *ret_error (text in arena) when it can not connect. */
struct session *session_open(struct arena *arena, const char *conninfo,
                             const struct statement_library *library,
                             const char **ret_error);
/* The same with limits (copied). */
struct session *session_open_limited(struct arena *arena, const char *conninfo,
                                     const struct statement_library *library,
                                     const struct session_limits *limits,
                                     const char **ret_error);
void session_close(struct session *session); /* accepts NULL */
bool session_usable(const struct session *session);

/* begin sets the context; commit false = outcome failed (rolled back). */
bool session_begin(struct session *session, const struct db_context *context);
bool session_commit(struct session *session);
void session_rollback(struct session *session);

/* Runs a prepared statement; outside begin/commit it is its own transaction with no tenant. Rows live in arena. NULL on failure: session_error. */
const struct rows *session_run(struct session *session, struct arena *arena,
                               const char *statement, const struct binder *binder);
/* One statement in a transaction of its own, with one round trip. Rows live in arena. NULL on failure (session_error); when the connection broke, whether it
 * was committed is not known. */
const struct rows *session_once(struct session *session, const struct db_context *context,
                                struct arena *arena, const char *statement,
                                const struct binder *binder);
/* Free SQL with text parameters, for operator commands and migrations. Several commands in one string only without parameters. */
const struct rows *session_exec(struct session *session, struct arena *arena,
                                const char *sql, int count, const char *const *values);
/* Of the last failure: never NULL. */
const struct db_reply *session_error(const struct session *session);

#endif
