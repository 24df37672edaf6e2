/* What happens when connections die, plans break, or the database is not there. */
#include "tests/db/harness.h"
#include "api/clock.h"

#include <string.h>

static struct harness harness;
static struct answer answers[3000];

static void setup(void)
{
    harness_open(&harness);
}

static void teardown(void)
{
    harness_close(&harness);
}

static const char *things(void)
{
    return harness_side(&harness, "select count(*) from lanes.thing");
}

static void connect_lanes(void)
{
    harness_connect(&harness, harness_options(), true);
}

static void kill_all(void)
{
    harness_side(&harness,
                 "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                 " where pid <> pg_backend_pid() and datname = current_database()");
}

START_TEST(a_killed_transaction_is_lost_and_its_steps_say_so)
{
    connect_lanes();
    struct db_transaction *transaction = harness_begin_now(&harness, NULL);
    harness_step_now(&harness, transaction, "put", "1");
    kill_all();
    ck_assert_int_eq(harness_step_now(&harness, transaction, "put", "2").status, DB_LOST);
    ck_assert_int_eq(harness_commit(&harness, transaction).status, DB_LOST);
    ck_assert_int_eq(harness_ask(&harness, DB_WRITE, "put", "n", "5").status, DB_OK);
    ck_assert_str_eq(things(), "1");
}
END_TEST

static int calls_answered(int count)
{
    int answered = 0;
    for (int i = 0; i < count; i++)
        answered += answers[i].times > 0;
    return answered;
}

START_TEST(killed_connections_under_load_answer_every_call_exactly_once)
{
    enum { CALLS = 3000 };
    int lost = 0;
    struct db_options options = harness_options();
    options.read_connections = 2;
    options.write_connections = 3;
    options.queue_limit = CALLS;
    harness_connect(&harness, options, true);
    for (int i = 0; i < CALLS; i++) {
        answers[i] = harness_answer(&harness);
        harness_call(&answers[i], i % 3 ? DB_READ : DB_WRITE, NULL, "echo", "n", "1");
        if (i % 20 == 0)
            harness_turn(&harness);
        if (i % 1000 == 500)
            kill_all();
    }
    for (int i = 0; i < CALLS; i++)
        harness_wait(&answers[i]);
    for (int i = 0; i < 20; i++)
        harness_ask(&harness, DB_READ, "echo", "n", "1");
    for (int i = 0; i < CALLS; i++) {
        ck_assert_int_eq(answers[i].times, 1);
        ck_assert(answers[i].status == DB_OK || answers[i].status == DB_LOST);
        lost += answers[i].status == DB_LOST;
    }
    ck_assert_int_gt(lost, 0);
    ck_assert_int_lt(lost, CALLS / 2);
    ck_assert_int_eq(harness_ask(&harness, DB_READ, "echo", "n", "1").status, DB_OK);
}
END_TEST

START_TEST(answers_that_came_before_the_end_still_count)
{
    connect_lanes();
    struct answer pid = harness_ask(&harness, DB_WRITE, "process", NULL, NULL);
    struct answer answer = harness_answer(&harness);
    harness_call(&answer, DB_WRITE, NULL, "put", "n", "1");
    while (strcmp(things(), "1") != 0) /* committed; its answer is not read yet */
        ;
    harness_side(&harness,
                 arena_printf(harness.arena, "select pg_terminate_backend(%s, 5000)",
                              rows_text(pid.rows, 0, "n")));
    harness_wait(&answer);
    ck_assert_int_eq(answer.status, DB_OK);
}
END_TEST

START_TEST(without_a_database_calls_wait_two_seconds_and_are_lost)
{
    struct db_options options = harness_options();
    options.conninfo = "host=127.0.0.1 port=1 user=nobody dbname=none";
    harness_connect(&harness, options, false);
    int64_t start = clock_monotonic_ms();
    struct answer answer = harness_ask(&harness, DB_READ, "echo", "n", "1");
    int64_t took = clock_monotonic_ms() - start;
    ck_assert_int_eq(answer.status, DB_LOST);
    ck_assert(!db_ready(harness.db));
    ck_assert_int_ge(took, 1900);
    ck_assert_int_lt(took, 5000);
}
END_TEST

START_TEST(a_plan_that_a_schema_change_broke_is_prepared_again)
{
    connect_lanes();
    ck_assert_int_eq(harness_ask(&harness, DB_READ, "changing", NULL, NULL).status,
                     DB_OK);
    harness_side(&harness, "alter table lanes.changing add column more text");
    ck_assert_int_eq(harness_ask(&harness, DB_READ, "changing", NULL, NULL).status,
                     DB_LOST);
    struct answer answer = harness_ask(&harness, DB_READ, "changing", NULL, NULL);
    ck_assert_int_eq(answer.status, DB_OK);
    ck_assert_int_eq(rows_columns(answer.rows), 2);
}
END_TEST

START_TEST(the_end_of_db_answers_what_is_open_once)
{
    connect_lanes();
    for (int i = 0; i < 100; i++) {
        answers[i] = harness_answer(&harness);
        harness_call(&answers[i], i % 2 ? DB_SLOW : DB_READ, NULL, "rest", "n", "1");
    }
    db_destroy(harness.db);
    harness.db = NULL;
    ck_assert_int_eq(calls_answered(100), 100);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(answers[i].times, 1);
}
END_TEST

static TCase *loss_case(void)
{
    TCase *tests = tcase_create("losses");
    tcase_add_test(tests, a_killed_transaction_is_lost_and_its_steps_say_so);
    tcase_add_test(tests, killed_connections_under_load_answer_every_call_exactly_once);
    tcase_add_test(tests, answers_that_came_before_the_end_still_count);
    tcase_add_test(tests, without_a_database_calls_wait_two_seconds_and_are_lost);
    tcase_add_test(tests, a_plan_that_a_schema_change_broke_is_prepared_again);
    tcase_add_test(tests, the_end_of_db_answers_what_is_open_once);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("losses");
    TCase *tests = loss_case();
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return harness_run(suite);
}
