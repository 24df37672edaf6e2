/* What every session of ours has in common, blocking or not. Private to db*.c and session.c. */
#ifndef MEGURI_DB_SETTINGS_H
#define MEGURI_DB_SETTINGS_H

#include "arena.h"
#include "db.h"

#include <libpq-fe.h>

enum { DB_CONTEXT_VALUES = 5, DB_CONTEXT_SORTS = 4 };

/* The tenant of the transaction, prepared under this name on every connection; $1..$5 as db_context_values orders them.
 * DB_CONTEXT_SORTS is no tenant: "off" before an ordered list, else "on". A statement has one plan for all values of its parameters, of which most are
 * filters that are not given; so the planner expects a single row, and would sort all rows of a client for one page.
 * set_config with is_local = true ends with the transaction. The statement timeout is not part of it: one connection serves
 * one lane, so it is a setting of the session. */
#define DB_CONTEXT_NAME "set context"
extern const char db_context_sql[];

/* Settings of the session: $1 statement_timeout, $2 lock_timeout (milliseconds as text, "0" = none). */
extern const char db_settings_sql[];

/* NULL context or members = ''. */
void db_context_values(const struct db_context *context,
                       const char *values[DB_CONTEXT_VALUES]);

/* Connection parameters for PQconnect{db,Start}Params with expand_dbname = 1. */
struct db_parameters {
    const char *keywords[8];
    const char *values[8];
};
struct db_parameters db_parameters_of(const char *conninfo, const char *application_name);

/* Parameter types to prepare with; 0 = PostgreSQL decides. :now is always an instant, also in `:now::date`. */
void db_parameter_types(const struct statement *statement,
                        Oid types[STATEMENT_MAX_PARAMETERS]);

/* The values of a statement's parameters, copied into arena; false when the binder does not know one (*ret_name). */
bool db_bind(struct arena *arena, const struct statement *statement,
             const struct binder *binder, const char *const **ret_values,
             const char **ret_name);

/* A failed result as a reply; strings copied into arena. */
struct db_reply db_reply_of(struct arena *arena, const PGresult *result);

/* PostgreSQL's message without its trailing newline, in arena. */
const char *db_message(struct arena *arena, const PGconn *connection);

#endif
