/* Inside of db: lanes, their connections, and the work that travels on them. Private to db*.c.
 *
 *   db_call --> lane queue --> db_pipe (send; results until the Sync) --> callback
 *                   ^              |
 *                   +-- db_link: connect, lost, back-off
 *
 * Everything here runs on the loop's thread. A callback never runs inside of the function that asked for it. */
#ifndef MEGURI_DB_INTERNAL_H
#define MEGURI_DB_INTERNAL_H

#include "db.h"
#include "db_settings.h"

#include <event2/event.h>
#include <libpq-fe.h>

enum { DB_LANES = 3 };

enum work_kind {
    WORK_CALL,  /* one implicit transaction */
    WORK_BEGIN, /* waits for a connection of its own; never sent by itself */
    WORK_STEP,  /* inside of a transaction */
    WORK_END,   /* its last: the connection is free afterwards */
    WORK_FINISH, /* a statement with the commit: the connection is free when both succeed */
    WORK_SETUP   /* settings of a new connection */
};

typedef void db_begin_callback(void *arg, struct db_transaction *transaction,
                               const struct db_reply *reply);

/* What lies between two Syncs. Lives in the caller's arena. */
struct work {
    enum work_kind kind;
    struct work *next;
    struct arena *arena;
    bool owns_arena;  /* a rollback may outlive its caller */
    int64_t since_ms; /* queued at */
    const char *context[DB_CONTEXT_VALUES];
    bool has_context; /* send it */
    const char *before,
        *after; /* "begin", "commit", "rollback": sent around the statement */
    const struct statement *statement;
    const char *const *values;
    struct db_transaction *transaction;
    db_callback *callback;
    db_begin_callback *begin_callback;
    void *arg;
    /* results */
    int results;   /* seen so far */
    bool prepares; /* the first result is that of preparing */
    int rows_at;   /* the one to keep, -1 = none */
    int commit_at; /* the one that must say COMMIT, -1 = none */
    PGresult *kept;
    bool failed;
    struct db_reply reply;
};

struct db_transaction {
    struct db *db;
    struct arena *arena;
    struct connection *connection; /* NULL: lost, or given back */
    const char *context[DB_CONTEXT_VALUES];
    bool begun;
};

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_SETUP, LINK_READY };

struct connection {
    struct lane *lane;
    enum link_state state;
    PGconn *pg;
    struct event *poll;         /* while connecting */
    struct event *read, *write; /* afterwards */
    struct loop_timer *retry;
    struct loop_timer *deadline; /* of connecting and setting up */
    struct arena *arena;         /* of this link */
    struct work *setup;
    bool *prepared;            /* by statement index; in arena */
    struct work *head, **tail; /* in flight, oldest first */
    int in_flight;
    struct db_transaction *owner;
    int64_t heard_ms; /* last Sync, or when something was sent into silence */
    int failures;     /* in a row */
    bool broken;      /* ends at the next turn of the loop */
    bool retiring;    /* takes no more work, then connects anew */
};

struct lane {
    struct db *db;
    enum db_lane kind;
    int depth;
    int timeout_ms;
    struct connection *connections;
    int count;
    struct work *queue, **queue_tail;
    int queued;
};

struct db {
    struct loop *loop;
    struct arena *arena;
    const char *conninfo;
    const struct statement_library *library;
    int queue_limit;
    struct lane lanes[DB_LANES];
    struct loop_timer *tick;
    bool closing;
    bool complained; /* about the present outage */
};

/* ---- db.c ---- */
struct work *work_new(struct arena *arena, enum work_kind kind, db_callback *callback,
                      void *arg);
/* Binds the statement; false leaves a failure in work->reply. */
bool work_bind(struct work *work, const struct statement *statement,
               const struct binder *binder);
void work_context(const char *ret_values[DB_CONTEXT_VALUES], struct arena *arena,
                  const struct db_context *context);
void work_lost(struct work *work, const char *message);
/* Calls back with work->reply, or with the rows when it did not fail. */
void work_deliver(struct work *work);
/* The same, from the loop. */
void work_post(struct db *db, struct work *work);
void lane_submit(struct lane *lane, struct work *work);
void lane_dispatch(struct lane *lane);
bool lane_ready(const struct lane *lane);

/* ---- db_pipe.c ---- */
void pipe_send(struct connection *connection, struct work *work);
bool pipe_send_setup(struct connection *connection, struct work *work);
/* Handles every result that is there; false: the connection can not be used any more. */
bool pipe_receive(struct connection *connection);
bool pipe_flush(struct connection *connection);

/* ---- db_link.c ---- */
void link_connect(struct connection *connection);
void link_connect_after(struct connection *connection, int64_t ms);
/* Ends it soon, not inside of the caller. */
void link_break(struct connection *connection);
/* Ends it now: fails what is in flight, plans the next attempt. message for the log. */
void link_lost(struct connection *connection, const char *message);
void link_close(struct connection *connection); /* for good */

#endif
