/* A blocking session: libpq as it comes, statements prepared at their first use. */
#include "session.h"
#include "db_settings.h"
#include "session_wait.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* Jobs work in small steps; one that hangs longer is broken. Operators' commands have no limit. */
#define JOB_STATEMENT_TIMEOUT_MS "60000"
#define JOB_LOCK_TIMEOUT_MS "20000"

struct session {
    const char *conninfo;
    const struct statement_library *library;
    struct session_limits limits;
    PGconn *pg;     /* NULL: given up */
    bool *prepared; /* by statement index */
    bool context_prepared;
    PGresult *failed; /* the last failure's strings live in it, or in said */
    struct text said;
    struct db_reply error;
};

static const char *const NOTHING[] = {NULL};

/* A connection that was given up is dropped: a late answer must not be taken for that of the next call. */
static void drop(struct session *session)
{
    PQfinish(session->pg);
    session->pg = NULL;
}

static PGresult *answer(struct session *session, int sent)
{
    bool timely;
    PGresult *result = session_wait_result(session->pg, sent, &session->limits, &timely);
    if (timely)
        return result;
    PQclear(result);
    drop(session);
    return NULL;
}

static PGresult *exec_prepared(struct session *session, const char *name, int count,
                               const char *const *values)
{
    return answer(session,
                  PQsendQueryPrepared(session->pg, name, count, values, NULL, NULL, 0));
}

static PGresult *exec_parameters(struct session *session, const char *sql, int count,
                                 const char *const *values)
{
    return answer(
        session, PQsendQueryParams(session->pg, sql, count, NULL, values, NULL, NULL, 0));
}

static PGresult *exec(struct session *session, const char *sql)
{
    return answer(session, PQsendQuery(session->pg, sql));
}

static PGresult *prepare_as(struct session *session, const char *name, const char *sql,
                            int count, const Oid *types)
{
    return answer(session, PQsendPrepare(session->pg, name, sql, count, types));
}

static bool fail(struct session *session, PGresult *result)
{
    PQclear(session->failed);
    session->failed = result;
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state == NULL || PQstatus(session->pg) != CONNECTION_OK) {
        text_clear(&session->said);
        text_adds(&session->said, session->pg ? PQerrorMessage(session->pg)
                                              : "the server does not answer");
        session->error =
            (struct db_reply){.status = DB_LOST, .message = session->said.data};
        return false;
    }
    session->error = (struct db_reply){
        .status = strcmp(state, "57014") == 0 ? DB_TIMEOUT : DB_ERROR,
        .sqlstate = state,
        .constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME),
        .message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY),
    };
    return false;
}

static bool refuse_use(struct session *session, const char *state, const char *what,
                       const char *which)
{
    text_clear(&session->said);
    text_addf(&session->said, "%s%s", what, which);
    session->error = (struct db_reply){
        .status = DB_ERROR, .sqlstate = state, .message = session->said.data};
    return false;
}

static bool is_good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* Takes the result. */
static bool check(struct session *session, PGresult *result)
{
    if (!is_good(result))
        return fail(session, result);
    PQclear(result);
    return true;
}

static const struct rows *check_rows(struct session *session, struct arena *arena,
                                     PGresult *result)
{
    if (is_good(result))
        return rows_wrap(arena, result);
    fail(session, result);
    return NULL;
}

static bool set_up(struct session *session)
{
    bool job = session->library != NULL;
    const char *const timeouts[] = {job ? JOB_STATEMENT_TIMEOUT_MS : "0",
                                    job ? JOB_LOCK_TIMEOUT_MS : "0"};
    session->context_prepared = false;
    for (int i = 0; job && i < statement_count(session->library); i++)
        session->prepared[i] = false;
    return check(session, exec_parameters(session, db_settings_sql, 2, timeouts));
}

static bool connect_now(struct session *session)
{
    bool timely;
    PQfinish(session->pg);
    session->pg = session_wait_connect(session->conninfo, &session->limits, &timely);
    if (!timely)
        drop(session);
    if (PQstatus(session->pg) != CONNECTION_OK)
        return fail(session, NULL);
    return set_up(session);
}

struct session *session_open(struct arena *arena, const char *conninfo,
                             const struct statement_library *library,
                             const char **ret_error)
{
    static const struct session_limits patient = {0};
    return session_open_limited(arena, conninfo, library, &patient, ret_error);
}

struct session *session_open_limited(struct arena *arena, const char *conninfo,
                                     const struct statement_library *library,
                                     const struct session_limits *limits,
                                     const char **ret_error)
{
    struct session *session = calloc(1, sizeof(*session));
    if (session == NULL)
        abort();
    size_t count = library ? (size_t)statement_count(library) : 0;
    session->conninfo = arena_strdup(arena, conninfo);
    session->library = library;
    session->limits = *limits;
    session->prepared = arena_alloc(arena, count * sizeof(bool));
    session->error = (struct db_reply){.status = DB_OK, .message = ""};
    if (!connect_now(session)) {
        *ret_error = arena_strdup(arena, session->error.message);
        session_close(session);
        return NULL;
    }
    return session;
}

void session_close(struct session *session)
{
    if (session == NULL)
        return;
    PQclear(session->failed);
    PQfinish(session->pg);
    text_free(&session->said);
    free(session);
}

bool session_usable(const struct session *session)
{
    return PQstatus(session->pg) == CONNECTION_OK;
}

/* A lost connection is made anew only where no transaction of the caller can be cut in two. */
static bool ensure(struct session *session)
{
    return session_usable(session) || connect_now(session);
}

static bool prepare_context(struct session *session)
{
    if (!session->context_prepared)
        session->context_prepared =
            check(session, prepare_as(session, DB_CONTEXT_NAME, db_context_sql, 0, NULL));
    return session->context_prepared;
}

static bool set_context(struct session *session, const struct db_context *context)
{
    const char *values[DB_CONTEXT_VALUES];
    db_context_values(context, values);
    return prepare_context(session) &&
           check(session,
                 exec_prepared(session, DB_CONTEXT_NAME, DB_CONTEXT_VALUES, values));
}

bool session_begin(struct session *session, const struct db_context *context)
{
    if (session_usable(session) && PQtransactionStatus(session->pg) != PQTRANS_IDLE)
        return refuse_use(session, "25001", "a transaction is open already", "");
    /* What looks usable may be dead since the last use; nothing is lost by a second try here. */
    bool begun = session_usable(session) && check(session, exec(session, "begin"));
    if (!begun && (!ensure(session) || !check(session, exec(session, "begin"))))
        return false;
    if (set_context(session, context))
        return true;
    session_rollback(session);
    return false;
}

bool session_commit(struct session *session)
{
    if (!session_usable(session) || PQtransactionStatus(session->pg) == PQTRANS_IDLE)
        return refuse_use(session, "25P01", "no transaction to commit", "");
    PGresult *result = exec(session, "commit");
    if (!is_good(result))
        return fail(session, result);
    bool committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
    PQclear(result);
    return committed ||
           refuse_use(session, "25P02", "rolled back: a statement failed", "");
}

void session_rollback(struct session *session)
{
    if (!session_usable(session) || PQtransactionStatus(session->pg) == PQTRANS_IDLE)
        return;
    PGresult *result = exec(session, "rollback");
    if (!is_good(result))
        drop(session); /* never hand out an open transaction again */
    PQclear(result);
}

static bool prepare(struct session *session, const struct statement *statement)
{
    Oid types[STATEMENT_MAX_PARAMETERS];
    if (session->prepared[statement->index])
        return true;
    db_parameter_types(statement, types);
    session->prepared[statement->index] =
        check(session, prepare_as(session, statement->prepared, statement->sql,
                                  statement->parameter_count, types));
    return session->prepared[statement->index];
}

/* The statement of that name with its values bound; NULL when there is none or a value is missing. */
static const struct statement *find_bound(struct session *session, struct arena *arena,
                                          const char *name, const struct binder *binder,
                                          const char *const **ret_values)
{
    const struct statement *statement =
        session->library ? statement_find(session->library, name, NULL, false) : NULL;
    const char *unknown = NULL;
    if (statement == NULL) {
        refuse_use(session, "26000", "no statement named ", name);
        return NULL;
    }
    if (!db_bind(arena, statement, binder, ret_values, &unknown)) {
        refuse_use(session, "42P02", "no value for :", unknown);
        return NULL;
    }
    return statement;
}

const struct rows *session_run(struct session *session, struct arena *arena,
                               const char *statement_name, const struct binder *binder)
{
    const char *const *values = NULL;
    const struct statement *statement =
        find_bound(session, arena, statement_name, binder, &values);
    if (!statement || !session_usable(session) || !prepare(session, statement))
        return NULL;
    return check_rows(
        session, arena,
        exec_prepared(session, statement->prepared, statement->parameter_count, values));
}

/* ---- once ---- */

/* What a pipeline of session_once holds, in its order. */
enum { ONCE_BEGIN, ONCE_CONTEXT, ONCE_STATEMENT, ONCE_COMMIT, ONCE_SYNC, ONCE_ANSWERS };

static bool send_once(struct session *session, const struct db_context *context,
                      const struct statement *statement, const char *const *values)
{
    const char *context_values[DB_CONTEXT_VALUES];
    PGconn *pg = session->pg;
    db_context_values(context, context_values);
    return PQenterPipelineMode(pg) &&
           PQsendQueryParams(pg, "begin", 0, NULL, NULL, NULL, NULL, 0) &&
           PQsendQueryPrepared(pg, DB_CONTEXT_NAME, DB_CONTEXT_VALUES, context_values,
                               NULL, NULL, 0) &&
           PQsendQueryPrepared(pg, statement->prepared, statement->parameter_count,
                               values, NULL, NULL, 0) &&
           PQsendQueryParams(pg, "commit", 0, NULL, NULL, NULL, NULL, 0) &&
           PQpipelineSync(pg);
}

/* The first bad answer is the error. */
static const struct rows *take_once(struct session *session, struct arena *arena)
{
    const struct rows *rows = NULL;
    bool good = true;
    for (int i = 0; i < ONCE_ANSWERS && session->pg; i++) {
        PGresult *result = answer(session, 1);
        bool bad = i != ONCE_SYNC && !is_good(result);
        if (good && bad)
            good = fail(session, result);
        else if (i == ONCE_STATEMENT && !bad)
            rows = rows_wrap(arena, result);
        else
            PQclear(result);
    }
    return good && session->pg ? rows : NULL;
}

const struct rows *session_once(struct session *session, const struct db_context *context,
                                struct arena *arena, const char *statement_name,
                                const struct binder *binder)
{
    const char *const *values = NULL;
    const struct statement *statement =
        find_bound(session, arena, statement_name, binder, &values);
    if (!statement || !ensure(session) || !prepare_context(session) ||
        !prepare(session, statement))
        return NULL;
    bool sent = send_once(session, context, statement, values);
    const struct rows *rows = sent ? take_once(session, arena) : NULL;
    if (!sent)
        fail(session, NULL);
    if (session->pg && !PQexitPipelineMode(session->pg))
        drop(session);
    session_rollback(session);
    return rows;
}

const struct rows *session_exec(struct session *session, struct arena *arena,
                                const char *sql, int count, const char *const *values)
{
    if (!session_usable(session)) {
        refuse_use(session, "08003", "the connection is lost", "");
        session->error.status = DB_LOST;
        return NULL;
    }
    PGresult *result =
        count > 0 ? exec_parameters(session, sql, count, values ? values : NOTHING)
                  : exec(session, sql);
    return check_rows(session, arena, result);
}

const struct db_reply *session_error(const struct session *session)
{
    return &session->error;
}
