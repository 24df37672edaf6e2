/* Settings, tenant context and error translation shared by the lanes and the blocking session. */
#include "db_settings.h"

#include <string.h>

enum { OID_TIMESTAMPTZ = 1184 };

const char db_context_sql[] =
    "select set_config('app.consultancy', $1, true), set_config('app.member', $2, true),"
    " set_config('app.client', $3, true), set_config('app.reach', $4, true),"
    " set_config('enable_sort', $5, true)";

const char db_settings_sql[] =
    "select set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, YMD', "
    "false),"
    " set_config('search_path', 'public, pg_temp', false),"
    " set_config('plan_cache_mode', 'force_generic_plan', false),"
    " set_config('jit', 'off', false),"
    " set_config('client_min_messages', 'warning', false),"
    " set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),"
    " set_config('idle_in_transaction_session_timeout', '30s', false)";

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

void db_context_values(const struct db_context *context,
                       const char *values[DB_CONTEXT_VALUES])
{
    static const struct db_context nobody = {0};
    if (context == NULL)
        context = &nobody;
    values[0] = or_empty(context->consultancy);
    values[1] = or_empty(context->member);
    values[2] = or_empty(context->client);
    values[3] = or_empty(context->reach);
    values[DB_CONTEXT_SORTS] = "on";
}

/* A machine that vanished is noticed in 10 s, not when TCP gives up. */
struct db_parameters db_parameters_of(const char *conninfo, const char *application_name)
{
    return (struct db_parameters){
        .keywords = {"dbname", "fallback_application_name", "client_encoding",
                     "keepalives_idle", "tcp_user_timeout", NULL},
        .values = {conninfo, application_name, "UTF8", "30", "10000", NULL},
    };
}

void db_parameter_types(const struct statement *statement,
                        Oid types[STATEMENT_MAX_PARAMETERS])
{
    for (int i = 0; i < statement->parameter_count; i++)
        types[i] = strcmp(statement->parameters[i], "now") == 0 ? OID_TIMESTAMPTZ : 0;
}

bool db_bind(struct arena *arena, const struct statement *statement,
             const struct binder *binder, const char *const **ret_values,
             const char **ret_name)
{
    size_t count = (size_t)statement->parameter_count;
    const char **values = arena_alloc(arena, (count + 1) * sizeof(*values));
    for (size_t i = 0; i < count; i++) {
        const char *text = NULL;
        if (binder == NULL ||
            !binder->lookup(binder->arg, statement->parameters[i], &text)) {
            *ret_name = statement->parameters[i];
            return false;
        }
        values[i] = arena_strdup(arena, text);
    }
    *ret_values = values;
    return true;
}

struct db_reply db_reply_of(struct arena *arena, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (state == NULL) /* libpq's own words: the connection is gone */
        return (struct db_reply){.status = DB_LOST, .message = "connection lost"};
    return (struct db_reply){
        .status = strcmp(state, "57014") == 0 ? DB_TIMEOUT : DB_ERROR,
        .sqlstate = arena_strdup(arena, state),
        .constraint = arena_strdup(arena, constraint),
        .message = arena_strdup(arena, message ? message : ""),
    };
}

const char *db_message(struct arena *arena, const PGconn *connection)
{
    const char *message = PQerrorMessage(connection);
    size_t len = strlen(message);
    while (len > 0 && message[len - 1] == '\n')
        len--;
    return arena_strndup(arena, message, len);
}
