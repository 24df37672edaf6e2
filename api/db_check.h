/* Checks of the database before serving, blocking, on a connection of their own. Error texts live in arena. */
#ifndef MEGURI_DB_CHECK_H
#define MEGURI_DB_CHECK_H

#include "arena.h"
#include "statement.h"

#include <stdbool.h>

/* Could this role, or one it may become, pass by row level security? Then false. */
bool db_check_role(struct arena *arena, const char *conninfo, const char **ret_error);
/* Prepares every statement on a connection of its own; false with the first one that PostgreSQL refuses or whose columns json_out can not
 * write. each (may be NULL) sees every description: parameter_types has statement->parameter_count entries. */
struct db_description {
    const struct statement *statement;
    const char *const *parameter_types; /* "uuid", "timestamp with time zone" */
    int column_count;
    const char *const *columns;
    const char *const *column_types;
};
bool statements_check(struct arena *arena, const char *conninfo,
                      const struct statement_library *library,
                      void (*each)(void *arg, const struct db_description *description),
                      void *arg, const char **ret_error);

#endif
