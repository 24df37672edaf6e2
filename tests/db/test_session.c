/* The blocking session, migrations, and the checks before serving. */
#include "tests/db/harness.h"
#include "api/db_check.h"
#include "api/embedded.h"
#include "api/migrate.h"
#include "api/statement_internal.h"
#include "api/text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct harness harness;
static struct session *session;

static void setup(void)
{
    const char *error = NULL;
    harness_open(&harness);
    session = session_open(harness.arena, harness.conninfo, harness.library, &error);
    ck_assert_msg(session != NULL, "%s", error);
}

static void teardown(void)
{
    session_close(session);
    harness_close(&harness);
}

static const struct rows *run(const char *statement, const char *n)
{
    struct binder binder = harness_values(harness.arena, "n", n, NULL);
    return session_run(session, harness.arena, statement, &binder);
}

START_TEST(a_statement_runs_alone_or_inside_a_transaction)
{
    ck_assert_str_eq(rows_text(run("echo", "7"), 0, "n"), "7");
    ck_assert(session_begin(session, NULL));
    ck_assert_ptr_nonnull(run("put", "1"));
    session_rollback(session);
    ck_assert_str_eq(rows_text(run("countThings", "0"), 0, "n"), "0");
    ck_assert(session_begin(session, NULL));
    ck_assert_ptr_nonnull(run("put", "1"));
    ck_assert(session_commit(session));
    ck_assert_str_eq(rows_text(run("countThings", "0"), 0, "n"), "1");
}
END_TEST

START_TEST(the_context_ends_with_the_transaction)
{
    static const struct db_context job = {.consultancy = "aaaa", .reach = "job"};
    ck_assert(session_begin(session, &job));
    ck_assert_str_eq(rows_text(run("who", "0"), 0, "reach"), "job");
    ck_assert(session_commit(session));
    ck_assert_str_eq(rows_text(run("who", "0"), 0, "consultancy"), "");
}
END_TEST

START_TEST(the_commit_of_a_failed_transaction_is_false)
{
    ck_assert(session_begin(session, NULL));
    run("put", "1");
    ck_assert_ptr_null(run("divide", "0"));
    ck_assert_str_eq(session_error(session)->sqlstate, "22012");
    ck_assert(!session_commit(session));
    ck_assert_str_eq(rows_text(run("countThings", "0"), 0, "n"), "0");
}
END_TEST

START_TEST(a_deferred_constraint_makes_the_commit_false)
{
    ck_assert(session_begin(session, NULL));
    ck_assert_ptr_nonnull(run("putOrphan", "1"));
    ck_assert(!session_commit(session));
    ck_assert_str_eq(session_error(session)->sqlstate, "23503");
}
END_TEST

START_TEST(a_killed_session_connects_again_at_the_next_begin_and_prepares_anew)
{
    ck_assert_ptr_nonnull(run("echo", "7"));
    harness_side(&harness,
                 arena_printf(harness.arena, "select pg_terminate_backend(%s, 5000)",
                              rows_text(run("process", "0"), 0, "n")));
    ck_assert(session_begin(session, NULL));
    ck_assert_str_eq(rows_text(run("echo", "8"), 0, "n"), "8");
    ck_assert(session_commit(session));
}
END_TEST

START_TEST(a_transaction_that_is_killed_in_the_middle_is_not_continued)
{
    ck_assert(session_begin(session, NULL));
    const char *pid = rows_text(run("process", "0"), 0, "n");
    run("put", "1");
    harness_side(&harness, arena_printf(harness.arena,
                                        "select pg_terminate_backend(%s, 5000)", pid));
    ck_assert_ptr_null(run("put", "2"));
    ck_assert_int_eq(session_error(session)->status, DB_LOST);
    ck_assert_ptr_null(run("put", "3"));
    ck_assert(!session_commit(session));
    ck_assert_str_eq(harness_side(&harness, "select count(*) from lanes.thing"), "0");
}
END_TEST

static const struct db_context once_context = {.consultancy = "aaaa", .reach = "job"};

static const struct rows *once(const char *statement, const char *n)
{
    struct binder binder = harness_values(harness.arena, "n", n, NULL);
    return session_once(session, &once_context, harness.arena, statement, &binder);
}

START_TEST(once_is_a_transaction_of_its_own_with_its_context)
{
    ck_assert_str_eq(rows_text(once("who", "0"), 0, "reach"), "job");
    ck_assert_ptr_nonnull(once("put", "1"));
    ck_assert_str_eq(harness_side(&harness, "select count(*) from lanes.thing"), "1");
    ck_assert_str_eq(rows_text(run("who", "0"), 0, "consultancy"), "");
    ck_assert(session_begin(session, NULL));
    ck_assert(session_commit(session));
}
END_TEST

START_TEST(once_leaves_nothing_when_it_fails_and_the_next_one_works)
{
    ck_assert_ptr_null(once("divide", "0"));
    ck_assert_str_eq(session_error(session)->sqlstate, "22012");
    ck_assert_ptr_null(once("putOrphan", "1"));
    ck_assert_str_eq(session_error(session)->sqlstate, "23503");
    ck_assert_ptr_null(once("nothing", "1"));
    ck_assert_str_eq(session_error(session)->sqlstate, "26000");
    ck_assert_ptr_nonnull(once("put", "1"));
    ck_assert_str_eq(harness_side(&harness, "select count(*) from lanes.thing"), "1");
}
END_TEST

START_TEST(once_on_a_killed_connection_is_lost_and_the_next_one_connects_again)
{
    const char *pid = rows_text(run("process", "0"), 0, "n");
    harness_side(&harness, arena_printf(harness.arena,
                                        "select pg_terminate_backend(%s, 5000)", pid));
    ck_assert_ptr_null(once("put", "1"));
    ck_assert_int_eq(session_error(session)->status, DB_LOST);
    ck_assert_ptr_nonnull(once("put", "2"));
    ck_assert_str_eq(harness_side(&harness, "select count(*) from lanes.thing"), "1");
}
END_TEST

START_TEST(an_unknown_statement_or_value_is_named)
{
    ck_assert_ptr_null(run("nothing", "1"));
    ck_assert_str_eq(session_error(session)->sqlstate, "26000");
    struct binder binder = harness_values(harness.arena, NULL);
    ck_assert_ptr_null(session_run(session, harness.arena, "echo", &binder));
    ck_assert_str_eq(session_error(session)->sqlstate, "42P02");
}
END_TEST

/* ---- migrations ---- */

static struct embedded_migration migrations[] = {
    {"migrations/0001_one.sql",
     "create table lanes.one (i int); insert into lanes.one values (1), (2);", 0, "a1"},
    {"migrations/0002_two.sql", "create table lanes.two (i int)", 0, "a2"},
    {"migrations/0003_bad.sql", "create table lanes.three (i int); select 1 / 0;", 0,
     "a3"},
    {NULL, NULL, 0, NULL},
};

static void forget_migrations(void)
{
    harness_side(&harness, "drop schema if exists platform cascade");
}

static bool migrate_first(int count)
{
    struct embedded_migration list[4] = {{0}};
    memcpy(list, migrations, (size_t)count * sizeof(*list));
    return migrate_list(harness.conninfo, list);
}

static const char *applied(void)
{
    return harness_side(&harness, "select string_agg(name, ' ' order by version)"
                                  " from platform.migrations");
}

START_TEST(migrations_are_applied_once_and_in_order)
{
    forget_migrations();
    ck_assert(migrate_first(1));
    ck_assert(migrate_first(2));
    ck_assert(migrate_first(2));
    ck_assert_str_eq(applied(), "0001_one.sql 0002_two.sql");
    ck_assert_str_eq(harness_side(&harness, "select count(*) from lanes.one"), "2");
}
END_TEST

START_TEST(a_failing_migration_leaves_nothing_and_the_ones_before_it_stay)
{
    forget_migrations();
    ck_assert(!migrate_first(3));
    ck_assert_str_eq(applied(), "0001_one.sql 0002_two.sql");
    ck_assert_ptr_null(harness_side(&harness, "select to_regclass('lanes.three')"));
}
END_TEST

START_TEST(a_changed_file_is_refused)
{
    forget_migrations();
    ck_assert(migrate_first(2));
    migrations[0].sha256 = "changed";
    ck_assert(!migrate_first(2));
}
END_TEST

START_TEST(a_gap_in_the_numbers_is_refused)
{
    forget_migrations();
    migrations[1].path = "migrations/0003_two.sql";
    ck_assert(!migrate_first(2));
    ck_assert_ptr_null(
        harness_side(&harness, "select to_regclass('platform.migrations')"));
}
END_TEST

START_TEST(a_database_newer_than_the_program_is_refused)
{
    forget_migrations();
    ck_assert(migrate_first(2));
    ck_assert(!migrate_first(1));
}
END_TEST

static void *migrate_thread(void *ret_good)
{
    *(bool *)ret_good = migrate_first(2);
    return NULL;
}

START_TEST(two_runners_at_once_apply_everything_once)
{
    pthread_t threads[4];
    bool good[4] = {false};
    forget_migrations();
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, migrate_thread, &good[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 4; i++)
        ck_assert(good[i]);
    ck_assert_str_eq(harness_side(&harness, "select count(*) from lanes.one"), "2");
}
END_TEST

/* ---- checks before serving ---- */

START_TEST(a_superuser_is_refused_and_an_ordinary_role_is_not)
{
    const char *error = NULL;
    ck_assert(!db_check_role(harness.arena, harness.conninfo, &error));
    ck_assert_ptr_nonnull(strstr(error, "row level security"));
    const char *name = arena_printf(harness.arena, "lanes_role_%d", (int)getpid());
    harness_side(&harness, arena_printf(harness.arena, "create role %s login", name));
    const char *conninfo =
        arena_printf(harness.arena, "%s user=%s", harness.conninfo, name);
    bool good = db_check_role(harness.arena, conninfo, &error);
    harness_side(&harness, arena_printf(harness.arena, "drop role %s", name));
    ck_assert_msg(good, "%s", error);
}
END_TEST

static struct statement_library *library_of(const char *text)
{
    static const char *const services[] = {"test", NULL};
    const struct embedded_file files[] = {{"test", "test.sql", text, strlen(text)}, {0}};
    const char *error = NULL;
    struct statement_library *library =
        statement_library_parse(harness.arena, files, services, &error);
    ck_assert_msg(library != NULL, "%s", error);
    return library;
}

static void describe(void *arg, const struct db_description *description)
{
    struct text *out = arg;
    text_adds(out, description->statement->prepared);
    for (int i = 0; i < description->statement->parameter_count; i++)
        text_addf(out, " :%s %s", description->statement->parameters[i],
                  description->parameter_types[i]);
    for (int i = 0; i < description->column_count; i++)
        text_addf(out, ", %s %s", description->columns[i], description->column_types[i]);
}

START_TEST(statements_are_described_with_their_values_and_columns)
{
    _text_auto_ struct text out = {0};
    const char *error = NULL;
    struct statement_library *library = library_of(
        "-- name: a\nselect id, null::timestamptz as at from lanes.thing where id = :n;");
    ck_assert_msg(statements_check(harness.arena, harness.conninfo, library, describe,
                                   &out, &error),
                  "%s", error);
    ck_assert_str_eq(out.data, "a :n integer, id integer, at timestamp with time zone");
}
END_TEST

static const struct {
    const char *statement, *expect;
} refused[] = {
    {"-- name: a\nselect array[1] as list;", "a: column list has type integer[]"},
    {"-- name: a\nselect nothing from lanes.thing;", "a: ERROR:  column \"nothing\""},
    {"-- name: a\nselect t from lanes.thing t;", "a: column t has type lanes.thing"},
};

START_TEST(a_statement_that_can_not_be_served_is_refused_by_name)
{
    const char *error = NULL;
    struct statement_library *library = library_of(refused[_i].statement);
    ck_assert(
        !statements_check(harness.arena, harness.conninfo, library, NULL, NULL, &error));
    ck_assert_msg(strncmp(error, refused[_i].expect, strlen(refused[_i].expect)) == 0,
                  "%s", error);
}
END_TEST

START_TEST(every_statement_of_the_product_parses)
{
    static const char *const services[] = {"api",        "tenants",       "registers",
                                           "scheduling", "notifications", NULL};
    const char *error = NULL;
    struct statement_library *library =
        statement_library_parse(harness.arena, embedded_statements, services, &error);
    ck_assert_msg(library != NULL, "%s", error);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("session");
    TCase *tests = tcase_create("session");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_statement_runs_alone_or_inside_a_transaction);
    tcase_add_test(tests, the_context_ends_with_the_transaction);
    tcase_add_test(tests, the_commit_of_a_failed_transaction_is_false);
    tcase_add_test(tests, a_deferred_constraint_makes_the_commit_false);
    tcase_add_test(tests,
                   a_killed_session_connects_again_at_the_next_begin_and_prepares_anew);
    tcase_add_test(tests, a_transaction_that_is_killed_in_the_middle_is_not_continued);
    tcase_add_test(tests, once_is_a_transaction_of_its_own_with_its_context);
    tcase_add_test(tests, once_leaves_nothing_when_it_fails_and_the_next_one_works);
    tcase_add_test(tests,
                   once_on_a_killed_connection_is_lost_and_the_next_one_connects_again);
    tcase_add_test(tests, an_unknown_statement_or_value_is_named);
    tcase_add_test(tests, migrations_are_applied_once_and_in_order);
    tcase_add_test(tests, a_failing_migration_leaves_nothing_and_the_ones_before_it_stay);
    tcase_add_test(tests, a_changed_file_is_refused);
    tcase_add_test(tests, a_gap_in_the_numbers_is_refused);
    tcase_add_test(tests, a_database_newer_than_the_program_is_refused);
    tcase_add_test(tests, two_runners_at_once_apply_everything_once);
    tcase_add_test(tests, a_superuser_is_refused_and_an_ordinary_role_is_not);
    tcase_add_test(tests, statements_are_described_with_their_values_and_columns);
    tcase_add_loop_test(tests, a_statement_that_can_not_be_served_is_refused_by_name, 0,
                        sizeof(refused) / sizeof(refused[0]));
    tcase_add_test(tests, every_statement_of_the_product_parses);
    suite_add_tcase(suite, tests);
    return harness_run(suite);
}
