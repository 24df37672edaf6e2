/* Hands the reference data that the program carries to the database. */
#include "reference.h"
#include "embedded.h"
#include "session.h"

#include <stdio.h>

static const char *file_name(const char *path)
{
    const char *name = path;
    for (const char *p = path; *p; p++)
        if (*p == '/')
            name = p + 1;
    return name;
}

static bool complain(const char *what, const char *which)
{
    (void)fprintf(stderr,
                  "migrate: %s: %s\n         no reference data of this program was "
                  "loaded; the database is otherwise migrated\n",
                  which, what);
    return false;
}

/* The service's name is a folder of this source tree, not input. */
static bool load_one(struct session *session, struct arena *arena,
                     const struct embedded_reference *file, int *ret_loaded)
{
    const char *const values[] = {file->text, file->sha256};
    const struct rows *rows = session_exec(
        session, arena,
        arena_printf(arena, "select %s.load_catalogue($1, $2) as loaded", file->service),
        2, values);
    if (!rows)
        return complain(session_error(session)->message, file_name(file->path));
    if (*rows_text(rows, 0, "loaded") == 't') {
        printf("loaded %s\n", file_name(file->path));
        (*ret_loaded)++;
    }
    return true;
}

static bool load_all(struct session *session, struct arena *arena,
                     const struct embedded_reference *list)
{
    int count = 0, loaded = 0;
    if (!session_begin(session, NULL) ||
        !session_exec(session, arena, "set local role meguri_owner", 0, NULL))
        return complain(session_error(session)->message, "reference data");
    for (; list[count].service; count++) {
        if (!load_one(session, arena, &list[count], &loaded)) {
            session_rollback(session);
            return false;
        }
    }
    if (!session_commit(session))
        return complain(session_error(session)->message, "reference data");
    printf("%d catalogues loaded, %d already there\n", loaded, count - loaded);
    return true;
}

bool reference_load(const char *conninfo, const struct embedded_reference *list)
{
    struct arena *arena = arena_new();
    const char *error = NULL;
    struct session *session = session_open(arena, conninfo, NULL, &error);
    bool good =
        session ? load_all(session, arena, list) : complain(error, "no connection");
    session_close(session);
    arena_destroy(arena);
    return good;
}
