/* Brings a database to the schema that this program was built with. */
#include "migrate.h"
#include "embedded.h"
#include "reference.h"
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Any number, the same in all versions: two runners on one database wait for each other. */
#define LOCK "7290318815"

struct migrator {
    struct arena *arena;
    struct session *session;
    const struct embedded_migration *list;
    const struct rows *applied; /* version, name, sha256; in order of version */
};

static const char SETUP[] = "create schema if not exists platform;"
                            "create table if not exists platform.migrations ("
                            " version int primary key, name text not null,"
                            " sha256 text not null, applied_at timestamptz not null)";

static bool complain(const char *what, const char *which, const char *advice)
{
    (void)fprintf(stderr, "migrate: %s: %s\n         %s\n", which, what, advice);
    return false;
}

static const struct rows *run(struct migrator *migrator, const char *sql, int count,
                              const char *const *values)
{
    return session_exec(migrator->session, migrator->arena, sql, count, values);
}

static bool database_refused(const struct migrator *migrator, const char *which)
{
    return complain(session_error(migrator->session)->message, which,
                    "nothing of this step was kept; what came before it was");
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The list is 0001, 0002, ... without a gap, so that the number of a file is its place. */
static bool check_list(const struct embedded_migration *list)
{
    for (int i = 0; list[i].path; i++) {
        const char *name = file_name(list[i].path);
        char *end;
        long version = strtol(name, &end, 10);
        if (version != i + 1 || end != name + 4 || *end != '_')
            return complain("numbers must be 0001, 0002, ... without a gap", name,
                            "build from a complete source tree");
    }
    return true;
}

static int list_count(const struct embedded_migration *list)
{
    int count = 0;
    while (list[count].path)
        count++;
    return count;
}

static bool check_applied(const struct migrator *migrator)
{
    const struct rows *rows = migrator->applied;
    int known = list_count(migrator->list);
    for (int i = 0; i < rows_count(rows); i++) {
        const char *name = rows_text(rows, i, "name");
        if (strtol(rows_text(rows, i, "version"), NULL, 10) != i + 1)
            return complain(
                "the one before it was never applied", name,
                "the table platform.migrations was changed by hand; restore it");
        if (i >= known)
            return complain("the database is newer than this program", name,
                            "use the program that applied it, or a newer one");
        if (strcmp(rows_text(rows, i, "sha256"), migrator->list[i].sha256) != 0)
            return complain("the file changed after it was applied", name,
                            "put the old text back and add a new migration");
    }
    return true;
}

static bool record(struct migrator *migrator, int index)
{
    const struct embedded_migration *migration = &migrator->list[index];
    const char *const values[] = {
        arena_printf(migrator->arena, "%d", index + 1),
        file_name(migration->path),
        migration->sha256,
    };
    return run(migrator,
               "insert into platform.migrations (version, name, sha256, applied_at)"
               " values ($1::int, $2, $3, clock_timestamp())",
               3, values) != NULL;
}

static bool apply(struct migrator *migrator, int index)
{
    const struct embedded_migration *migration = &migrator->list[index];
    bool applied = session_begin(migrator->session, NULL) &&
                   run(migrator, migration->text, 0, NULL) != NULL &&
                   record(migrator, index) && session_commit(migrator->session);
    if (!applied) {
        database_refused(migrator, migration->path);
        session_rollback(migrator->session);
        return false;
    }
    printf("applied %s\n", file_name(migration->path));
    (void)fflush(stdout); /* whoever waits sees each step */
    return true;
}

static bool apply_missing(struct migrator *migrator)
{
    int there = rows_count(migrator->applied);
    int total = list_count(migrator->list);
    for (int i = there; i < total; i++)
        if (!apply(migrator, i))
            return false;
    printf("%d migrations applied, %d already there\n", total - there, there);
    return true;
}

/* The lock belongs to the session and ends with it. */
static bool migrate(struct migrator *migrator)
{
    if (!check_list(migrator->list))
        return false;
    if (run(migrator, "select pg_advisory_lock(" LOCK ")", 0, NULL) == NULL ||
        run(migrator, SETUP, 0, NULL) == NULL)
        return database_refused(migrator, "platform.migrations");
    migrator->applied =
        run(migrator,
            "select version, name, sha256 from platform.migrations order by version", 0,
            NULL);
    if (migrator->applied == NULL)
        return database_refused(migrator, "platform.migrations");
    return check_applied(migrator) && apply_missing(migrator);
}

bool migrate_list(const char *conninfo, const struct embedded_migration *list)
{
    struct migrator migrator = {.arena = arena_new(), .list = list};
    const char *error = NULL;
    migrator.session = session_open(migrator.arena, conninfo, NULL, &error);
    bool good =
        migrator.session != NULL
            ? migrate(&migrator)
            : complain(error, "no connection",
                       "is PostgreSQL running, and MEGURI_MIGRATE_DATABASE right?");
    session_close(migrator.session);
    arena_destroy(migrator.arena);
    return good;
}

bool migrate_run(const char *conninfo)
{
    return migrate_list(conninfo, embedded_migrations) &&
           reference_load(conninfo, embedded_references);
}
