/* Rows as libpq left them: nothing is copied, the arena clears the result. */
#include "db.h"

#include <assert.h>
#include <libpq-fe.h>
#include <string.h>

struct rows {
    PGresult *result;
};

static void clear(void *result)
{
    PQclear(result);
}

struct rows *rows_wrap(struct arena *arena, void *pg_result)
{
    struct rows *rows = arena_alloc(arena, sizeof(*rows));
    rows->result = pg_result;
    arena_defer(arena, clear, pg_result);
    return rows;
}

int rows_count(const struct rows *rows)
{
    return PQntuples(rows->result);
}

int rows_columns(const struct rows *rows)
{
    return PQnfields(rows->result);
}

const char *rows_name(const struct rows *rows, int column)
{
    return PQfname(rows->result, column);
}

unsigned rows_type(const struct rows *rows, int column)
{
    return PQftype(rows->result, column);
}

/* Not PQfnumber: that one copies the name and folds its case. */
int rows_column(const struct rows *rows, const char *name)
{
    int columns = PQnfields(rows->result);
    for (int i = 0; i < columns; i++)
        if (strcmp(PQfname(rows->result, i), name) == 0)
            return i;
    return -1;
}

const char *rows_value(const struct rows *rows, int row, int column)
{
    if (PQgetisnull(rows->result, row, column))
        return NULL;
    return PQgetvalue(rows->result, row, column);
}

int rows_length(const struct rows *rows, int row, int column)
{
    return PQgetlength(rows->result, row, column);
}

const char *rows_text(const struct rows *rows, int row, const char *name)
{
    int column = rows_column(rows, name);
    assert(column >= 0);
    return rows_value(rows, row, column);
}
