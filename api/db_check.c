/* Boot checks on a connection of their own: the role can not pass by row level security, PostgreSQL accepts every statement and every
 * column can be written as JSON. */
#include "db_check.h"
#include "db_settings.h"
#include "json_out.h"

#include <stdlib.h>
#include <string.h>

struct known_type {
    Oid type;
    const char *name;
    bool writable;
    struct known_type *next;
};

struct checker {
    struct arena *arena;
    PGconn *pg;
    struct known_type *types;
    const char **ret_error;
};

static bool fail(struct checker *checker, const char *what, const char *message)
{
    *checker->ret_error = arena_printf(checker->arena, "%s: %s", what, message);
    return false;
}

static bool open_checker(struct checker *checker, const char *conninfo)
{
    static const char *const timeouts[] = {"10000", "5000"};
    struct db_parameters parameters = db_parameters_of(conninfo, "meguri-check");
    checker->pg = PQconnectdbParams(parameters.keywords, parameters.values, 1);
    if (PQstatus(checker->pg) != CONNECTION_OK)
        return fail(checker, "database", db_message(checker->arena, checker->pg));
    PGresult *result =
        PQexecParams(checker->pg, db_settings_sql, 2, NULL, timeouts, NULL, NULL, 0);
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
    return good || fail(checker, "database", db_message(checker->arena, checker->pg));
}

static bool no_bypass(struct checker *checker)
{
    PGresult *result = PQexec(
        checker->pg, "select current_user, rolname from pg_catalog.pg_roles"
                     " where (rolsuper or rolbypassrls)"
                     " and pg_catalog.pg_has_role(current_user, oid, 'member') limit 1");
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!good)
        fail(checker, "database", db_message(checker->arena, checker->pg));
    if (good && PQntuples(result) > 0) {
        good = false;
        *checker->ret_error =
            arena_printf(checker->arena,
                         "the role %s could pass by row level security (as %s): use a "
                         "login role that is"
                         " NOSUPERUSER NOBYPASSRLS",
                         PQgetvalue(result, 0, 0), PQgetvalue(result, 0, 1));
    }
    PQclear(result);
    return good;
}

bool db_check_role(struct arena *arena, const char *conninfo, const char **ret_error)
{
    struct checker checker = {.arena = arena, .ret_error = ret_error};
    bool good = open_checker(&checker, conninfo) && no_bypass(&checker);
    PQfinish(checker.pg);
    return good;
}

/* Above the built-in types only enums and string-like ones come out right. */
static struct known_type *ask_type(struct checker *checker, Oid type)
{
    const char *const values[] = {arena_printf(checker->arena, "%u", type)};
    struct known_type *known = arena_alloc(checker->arena, sizeof(*known));
    PGresult *result = PQexecParams(
        checker->pg,
        "select pg_catalog.format_type(oid, null), oid < 16384 or typtype = 'e' or"
        " typcategory = 'S' from pg_catalog.pg_type where oid = $1::oid",
        1, NULL, values, NULL, NULL, 0);
    bool found = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1;
    known->type = type;
    known->name =
        found ? arena_strdup(checker->arena, PQgetvalue(result, 0, 0)) : "unknown";
    known->writable =
        found && json_out_type_known(type) && PQgetvalue(result, 0, 1)[0] == 't';
    PQclear(result);
    return known;
}

static const struct known_type *known_type(struct checker *checker, Oid type)
{
    for (struct known_type *known = checker->types; known; known = known->next)
        if (known->type == type)
            return known;
    struct known_type *known = ask_type(checker, type);
    known->next = checker->types;
    checker->types = known;
    return known;
}

static bool describe(struct checker *checker, const PGresult *result,
                     struct db_description *description)
{
    struct arena *arena = checker->arena;
    int parameters = PQnparams(result), columns = PQnfields(result);
    const char **types = arena_alloc(arena, (size_t)parameters * sizeof(*types));
    const char **names = arena_alloc(arena, (size_t)columns * sizeof(*names));
    const char **column_types = arena_alloc(arena, (size_t)columns * sizeof(*names));
    bool good = true;
    for (int i = 0; i < parameters; i++)
        types[i] = known_type(checker, PQparamtype(result, i))->name;
    for (int i = 0; i < columns && good; i++) {
        names[i] = arena_strdup(arena, PQfname(result, i));
        const struct known_type *type = known_type(checker, PQftype(result, i));
        column_types[i] = type->name;
        if (!type->writable && names[i][0] != '_')
            good = fail(checker, description->statement->prepared,
                        arena_printf(arena,
                                     "column %s has type %s, which can not be written",
                                     names[i], column_types[i]));
    }
    description->parameter_types = types;
    description->columns = names;
    description->column_types = column_types;
    description->column_count = columns;
    return good;
}

static bool send_all(struct checker *checker, const struct statement_library *library)
{
    bool sent = PQenterPipelineMode(checker->pg);
    for (int i = 0; sent && i < statement_count(library); i++) {
        const struct statement *statement = statement_at(library, i);
        Oid types[STATEMENT_MAX_PARAMETERS];
        db_parameter_types(statement, types);
        sent = PQsendPrepare(checker->pg, "", statement->sql, statement->parameter_count,
                             types) &&
               PQsendDescribePrepared(checker->pg, "");
    }
    return sent && PQpipelineSync(checker->pg);
}

/* In a pipeline the reason is the result's, not the connection's. */
static bool refused(struct checker *checker, const struct statement *statement,
                    const PGresult *result)
{
    const char *reason = PQresultErrorMessage(result);
    size_t len = strlen(reason);
    while (len > 0 && reason[len - 1] == '\n')
        len--;
    return fail(checker, statement->prepared, arena_strndup(checker->arena, reason, len));
}

/* One result and the NULL that follows it. */
static PGresult *take(struct checker *checker)
{
    PGresult *result = PQgetResult(checker->pg);
    if (result != NULL)
        PQclear(PQgetResult(checker->pg));
    return result;
}

/* The description of the next statement; NULL when PostgreSQL refuses it. */
static PGresult *take_description(struct checker *checker,
                                  const struct statement *statement)
{
    PGresult *prepared = take(checker);
    bool good = PQresultStatus(prepared) == PGRES_COMMAND_OK ||
                refused(checker, statement, prepared);
    PQclear(prepared);
    PGresult *described = good ? take(checker) : NULL;
    if (!good || PQresultStatus(described) == PGRES_COMMAND_OK)
        return described;
    refused(checker, statement, described);
    PQclear(described);
    return NULL;
}

static void clear(void *result)
{
    PQclear(result);
}

/* All in one batch: a round trip for each would be most of the time until the program serves. */
static bool describe_all(struct checker *checker, const struct statement_library *library,
                         PGresult **descriptions)
{
    bool good = send_all(checker, library) ||
                fail(checker, "database", db_message(checker->arena, checker->pg));
    for (int i = 0; good && i < statement_count(library); i++) {
        descriptions[i] = take_description(checker, statement_at(library, i));
        good = descriptions[i] != NULL;
        if (good)
            arena_defer(checker->arena, clear, descriptions[i]);
    }
    if (good)
        PQclear(PQgetResult(checker->pg)); /* the Sync */
    return good && PQexitPipelineMode(checker->pg);
}

bool statements_check(struct arena *arena, const char *conninfo,
                      const struct statement_library *library,
                      void (*each)(void *arg, const struct db_description *description),
                      void *arg, const char **ret_error)
{
    struct checker checker = {.arena = arena, .ret_error = ret_error};
    size_t size = (size_t)statement_count(library) * sizeof(PGresult *);
    PGresult **descriptions = arena_alloc(arena, size);
    bool good =
        open_checker(&checker, conninfo) && describe_all(&checker, library, descriptions);
    for (int i = 0; good && i < statement_count(library); i++) {
        struct db_description description = {.statement = statement_at(library, i)};
        good = describe(&checker, descriptions[i], &description);
        if (good && each != NULL)
            each(arg, &description);
    }
    PQfinish(checker.pg);
    return good;
}
