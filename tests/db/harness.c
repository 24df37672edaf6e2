/* See harness.h. */
#include "tests/db/harness.h"
#include "api/clock.h"
#include "api/statement_internal.h"

#include <event2/event.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE_MS = 20000 };

static const char TABLES[] =
    "set client_min_messages = warning;"
    "drop schema if exists lanes cascade; create schema lanes;"
    "create table lanes.thing (id int primary key,"
    "  parent int references lanes.thing deferrable initially deferred);"
    "create table lanes.changing (id int); insert into lanes.changing values (1);";

static const char STATEMENTS[] =
    "-- name: echo\nselect :n::int as n;\n"
    "-- name: who\nselect current_setting('app.consultancy', true) as consultancy,"
    " current_setting('app.member', true) as member, current_setting('app.client', true) "
    "as client,"
    " current_setting('app.reach', true) as reach;\n"
    "-- name: divide\nselect 1 / :n::int as n;\n"
    "-- name: put\n-- no-event: test\n"
    "insert into lanes.thing (id) values (:n::int) returning id;\n"
    "-- name: putOrphan\n-- no-event: test\n"
    "insert into lanes.thing (id, parent) values (:n::int, -1) returning id;\n"
    "-- name: countThings\nselect count(*)::int as n from lanes.thing;\n"
    "-- name: rest\nselect 1 as n from pg_sleep(:n::float8);\n"
    "-- name: big\nselect repeat('x', 1000) as v from generate_series(1, :n::int);\n"
    "-- name: process\nselect pg_backend_pid() as n;\n"
    "-- name: changing\nselect * from lanes.changing;\n"
    "-- name: day\nselect (:now::date)::text as day, :now::timestamptz as at;\n"
    "-- name: settings\nselect current_setting('TimeZone') as zone,"
    " current_setting('DateStyle') as style, current_setting('client_encoding') as "
    "encoding,"
    " current_setting('plan_cache_mode') as plans, current_setting('statement_timeout') "
    "as timeout;\n";

static struct statement_library *library_new(struct arena *arena)
{
    static const char *const services[] = {"test", NULL};
    const struct embedded_file files[] = {
        {"test", "test.sql", STATEMENTS, sizeof(STATEMENTS) - 1}, {0}};
    const char *error = NULL;
    struct statement_library *library =
        statement_library_parse(arena, files, services, &error);
    ck_assert_msg(library != NULL, "%s", error);
    return library;
}

void harness_open(struct harness *harness)
{
    const char *error = NULL;
    *harness = (struct harness){.arena = arena_new()};
    harness->conninfo = getenv("MEGURI_TEST_DATABASE"); // NOLINT(concurrency-mt-unsafe)
    ck_assert_msg(harness->conninfo != NULL,
                  "MEGURI_TEST_DATABASE must name an empty database (libpq conninfo)");
    harness->side = session_open(harness->arena, harness->conninfo, NULL, &error);
    ck_assert_msg(harness->side != NULL, "%s", error);
    ck_assert(session_exec(harness->side, harness->arena, TABLES, 0, NULL) != NULL);
    harness->library = library_new(harness->arena);
    harness->loop = loop_new(0);
}

void harness_close(struct harness *harness)
{
    db_destroy(harness->db);
    loop_destroy(harness->loop);
    session_close(harness->side);
    arena_destroy(harness->arena);
}

struct db_options harness_options(void)
{
    return (struct db_options){.read_connections = 1,
                               .write_connections = 1,
                               .slow_connections = 1,
                               .queue_limit = 1000,
                               .statement_timeout_ms = 2000};
}

void harness_turn(struct harness *harness)
{
    event_base_loop(loop_base(harness->loop), EVLOOP_ONCE);
}

void harness_connect(struct harness *harness, struct db_options options, bool wait)
{
    int64_t end = clock_monotonic_ms() + PATIENCE_MS;
    if (options.conninfo == NULL)
        options.conninfo = harness->conninfo;
    harness->db = db_new(harness->loop, &options, harness->library);
    while (wait && !db_ready(harness->db)) {
        ck_assert_msg(clock_monotonic_ms() < end, "not ready");
        harness_turn(harness);
    }
}

const struct statement *harness_statement(const struct harness *harness, const char *name)
{
    const struct statement *statement =
        statement_find(harness->library, name, NULL, false);
    ck_assert_msg(statement != NULL, "%s", name);
    return statement;
}

struct value {
    const char *name, *text;
    struct value *next;
};

static bool look_up(void *arg, const char *name, const char **ret_text)
{
    for (const struct value *value = arg; value; value = value->next) {
        if (strcmp(value->name, name) == 0) {
            *ret_text = value->text;
            return true;
        }
    }
    return false;
}

struct binder harness_values(struct arena *arena, ...)
{
    struct value *first = NULL;
    const char *name;
    va_list args;
    va_start(args, arena);
    while ((name = va_arg(args, const char *)) != NULL) {
        struct value *value = arena_alloc(arena, sizeof(*value));
        value->name = name;
        value->text = va_arg(args, const char *);
        value->next = first;
        first = value;
    }
    va_end(args);
    return (struct binder){.lookup = look_up, .arg = first};
}

struct answer harness_answer(struct harness *harness)
{
    return (struct answer){.harness = harness, .arena = harness->arena};
}

void harness_reply(void *arg, const struct db_reply *reply)
{
    struct answer *answer = arg;
    answer->times++;
    answer->status = reply->status;
    answer->rows = reply->rows;
    answer->sqlstate = reply->sqlstate;
}

static void on_begin(void *arg, struct db_transaction *transaction,
                     const struct db_reply *reply)
{
    struct answer *answer = arg;
    harness_reply(arg, reply);
    answer->transaction = transaction;
}

static struct binder one_value(struct arena *arena, const char *name, const char *value)
{
    return name ? harness_values(arena, name, value, NULL) : harness_values(arena, NULL);
}

void harness_call(struct answer *answer, enum db_lane lane,
                  const struct db_context *context, const char *statement,
                  const char *name, const char *value)
{
    struct harness *harness = answer->harness;
    struct binder binder = one_value(answer->arena, name, value);
    int times = answer->times;
    db_call(harness->db, lane, context, harness_statement(harness, statement), &binder,
            answer->arena, harness_reply, answer);
    ck_assert_msg(answer->times == times, "the callback ran inside of db_call");
}

struct answer harness_ask(struct harness *harness, enum db_lane lane,
                          const char *statement, const char *name, const char *value)
{
    struct answer answer = harness_answer(harness);
    harness_call(&answer, lane, NULL, statement, name, value);
    harness_wait(&answer);
    return answer;
}

void harness_begin(struct answer *answer, const struct db_context *context)
{
    db_begin(answer->harness->db, context, answer->arena, on_begin, answer);
    ck_assert_msg(answer->times == 0, "the callback ran inside of db_begin");
}

void harness_step(struct answer *answer, struct db_transaction *transaction,
                  const char *statement, const char *name, const char *value)
{
    struct binder binder = one_value(answer->arena, name, value);
    db_transaction_call(transaction, harness_statement(answer->harness, statement),
                        &binder, harness_reply, answer);
}

void harness_wait(const struct answer *answer)
{
    int64_t end = clock_monotonic_ms() + PATIENCE_MS;
    while (answer->times == 0) {
        ck_assert_msg(clock_monotonic_ms() < end, "no answer");
        harness_turn(answer->harness);
    }
}

struct db_transaction *harness_begin_now(struct harness *harness,
                                         const struct db_context *context)
{
    struct answer answer = harness_answer(harness);
    harness_begin(&answer, context);
    harness_wait(&answer);
    ck_assert_int_eq(answer.status, DB_OK);
    ck_assert_ptr_nonnull(answer.transaction);
    return answer.transaction;
}

struct answer harness_step_now(struct harness *harness,
                               struct db_transaction *transaction, const char *statement,
                               const char *n)
{
    struct answer answer = harness_answer(harness);
    harness_step(&answer, transaction, statement, "n", n);
    harness_wait(&answer);
    return answer;
}

struct answer harness_commit(struct harness *harness, struct db_transaction *transaction)
{
    struct answer answer = harness_answer(harness);
    db_commit(transaction, harness_reply, &answer);
    harness_wait(&answer);
    return answer;
}

struct answer harness_rollback(struct harness *harness,
                               struct db_transaction *transaction)
{
    struct answer answer = harness_answer(harness);
    db_rollback(transaction, harness_reply, &answer);
    harness_wait(&answer);
    return answer;
}

const char *harness_side(struct harness *harness, const char *sql)
{
    const struct rows *rows = session_exec(harness->side, harness->arena, sql, 0, NULL);
    ck_assert_msg(rows != NULL, "%s: %s", sql, session_error(harness->side)->message);
    return rows_count(rows) > 0 ? rows_value(rows, 0, 0) : NULL;
}

int harness_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
