/* Calls on the lanes: order, isolation of errors and tenants, limits, big results. */
#include "tests/db/harness.h"
#include "api/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct harness harness;

static void setup(void)
{
    harness_open(&harness);
}

static void teardown(void)
{
    harness_close(&harness);
}

static void connect_lanes(void)
{
    harness_connect(&harness, harness_options(), true);
}

START_TEST(a_call_answers_with_its_rows)
{
    connect_lanes();
    struct answer answer = harness_ask(&harness, DB_READ, "echo", "n", "42");
    ck_assert_int_eq(answer.status, DB_OK);
    ck_assert_int_eq(rows_count(answer.rows), 1);
    ck_assert_str_eq(rows_text(answer.rows, 0, "n"), "42");
}
END_TEST

enum { MANY = 900 };
static struct answer answers[2000];

static void wait_for_all(int count)
{
    for (int i = 0; i < count; i++)
        harness_wait(&answers[i]);
}

START_TEST(many_calls_share_one_connection_and_each_gets_its_own_rows)
{
    connect_lanes();
    for (int i = 0; i < MANY; i++) {
        answers[i] = harness_answer(&harness);
        harness_call(&answers[i], DB_READ, NULL, "echo", "n",
                     arena_printf(harness.arena, "%d", i));
    }
    wait_for_all(MANY);
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(answers[i].status, DB_OK);
        ck_assert_int_eq(strtol(rows_text(answers[i].rows, 0, "n"), NULL, 10), i);
        ck_assert_int_eq(answers[i].times, 1);
    }
}
END_TEST

START_TEST(an_error_stays_with_its_call)
{
    connect_lanes();
    for (int i = 0; i < 300; i++) {
        answers[i] = harness_answer(&harness);
        harness_call(&answers[i], DB_READ, NULL, "divide", "n", i % 3 == 0 ? "0" : "1");
    }
    wait_for_all(300);
    for (int i = 0; i < 300; i++) {
        ck_assert_int_eq(answers[i].status, i % 3 == 0 ? DB_ERROR : DB_OK);
        if (i % 3 == 0)
            ck_assert_str_eq(answers[i].sqlstate, "22012");
    }
}
END_TEST

START_TEST(a_commit_that_fails_after_the_rows_fails_the_call)
{
    connect_lanes();
    struct answer answer = harness_ask(&harness, DB_WRITE, "putOrphan", "n", "1");
    ck_assert_int_eq(answer.status, DB_ERROR);
    ck_assert_str_eq(answer.sqlstate, "23503");
    ck_assert_ptr_null(answer.rows);
    ck_assert_str_eq(harness_side(&harness, "select count(*) from lanes.thing"), "0");
    answer = harness_ask(&harness, DB_WRITE, "put", "n", "2");
    ck_assert_int_eq(answer.status, DB_OK);
}
END_TEST

START_TEST(the_context_of_a_call_never_reaches_the_next_one)
{
    static const struct db_context tenant = {
        .consultancy = "aaaa", .member = "bbbb", .client = "cccc", .reach = "client"};
    connect_lanes();
    for (int i = 0; i < 200; i++) {
        answers[i] = harness_answer(&harness);
        /* Failing ones in between: a context must not survive an error either. */
        harness_call(&answers[i], DB_READ, i % 2 ? NULL : &tenant,
                     i % 5 == 4 ? "divide" : "who", "n", "0");
    }
    wait_for_all(200);
    for (int i = 0; i < 200; i++) {
        if (i % 5 == 4)
            continue;
        ck_assert_str_eq(rows_text(answers[i].rows, 0, "consultancy"),
                         i % 2 ? "" : "aaaa");
        ck_assert_str_eq(rows_text(answers[i].rows, 0, "member"), i % 2 ? "" : "bbbb");
        ck_assert_str_eq(rows_text(answers[i].rows, 0, "client"), i % 2 ? "" : "cccc");
        ck_assert_str_eq(rows_text(answers[i].rows, 0, "reach"), i % 2 ? "" : "client");
    }
}
END_TEST

START_TEST(a_full_queue_answers_busy_at_once)
{
    struct db_options options = harness_options();
    options.queue_limit = 10;
    harness_connect(&harness, options, true);
    harness_ask(&harness, DB_SLOW, "echo", "n",
                "1"); /* this lane comes up a little later */
    /* one runs, ten wait, the others are too many */
    for (int i = 0; i < 15; i++) {
        answers[i] = harness_answer(&harness);
        harness_call(&answers[i], DB_SLOW, NULL, "rest", "n", "0.2");
    }
    harness_wait(&answers[14]);
    ck_assert_int_eq(answers[14].status, DB_BUSY);
    ck_assert_int_eq(answers[0].times, 0);
    wait_for_all(15);
    for (int i = 0; i < 15; i++)
        ck_assert_int_eq(answers[i].status, i < 11 ? DB_OK : DB_BUSY);
}
END_TEST

START_TEST(a_statement_that_takes_too_long_times_out_and_the_connection_goes_on)
{
    struct db_options options = harness_options();
    options.statement_timeout_ms = 200;
    harness_connect(&harness, options, true);
    struct answer slow = harness_answer(&harness), next = slow;
    harness_call(&slow, DB_READ, NULL, "rest", "n", "5");
    harness_call(&next, DB_READ, NULL, "echo", "n", "1");
    harness_wait(&next);
    ck_assert_int_eq(slow.status, DB_TIMEOUT);
    ck_assert_int_eq(next.status, DB_OK);
}
END_TEST

START_TEST(the_slow_lane_has_ten_times_the_time)
{
    struct db_options options = harness_options();
    options.statement_timeout_ms = 200;
    harness_connect(&harness, options, true);
    struct answer answer = harness_ask(&harness, DB_SLOW, "rest", "n", "0.6");
    ck_assert_int_eq(answer.status, DB_OK);
}
END_TEST

START_TEST(big_results_arrive_whole_while_others_are_asked)
{
    connect_lanes();
    for (int i = 0; i < 6; i++) {
        answers[i] = harness_answer(&harness);
        harness_call(&answers[i], DB_READ, NULL, "big", "n", "4000");
    }
    wait_for_all(6);
    for (int i = 0; i < 6; i++) {
        ck_assert_int_eq(rows_count(answers[i].rows), 4000);
        ck_assert_int_eq(rows_length(answers[i].rows, 3999, 0), 1000);
    }
}
END_TEST

START_TEST(big_values_go_out_while_results_come_in)
{
    enum { SIZE = 400000 };
    char *value = arena_alloc(harness.arena, SIZE + 1);
    memset(value, '0', SIZE);
    value[SIZE - 1] = '7';
    connect_lanes();
    for (int i = 0; i < 20; i++) {
        answers[i] = harness_answer(&harness);
        harness_call(&answers[i], DB_READ, NULL, "echo", "n", value);
        answers[i + 20] = harness_answer(&harness);
        harness_call(&answers[i + 20], DB_READ, NULL, "big", "n", "1000");
    }
    wait_for_all(40);
    ck_assert_str_eq(rows_text(answers[19].rows, 0, "n"), "7");
    ck_assert_int_eq(rows_count(answers[39].rows), 1000);
}
END_TEST

START_TEST(an_unknown_value_is_an_error_of_the_call)
{
    connect_lanes();
    struct answer answer = harness_ask(&harness, DB_READ, "echo", "other", "1");
    ck_assert_int_eq(answer.status, DB_ERROR);
    ck_assert_str_eq(answer.sqlstate, "42P02");
}
END_TEST

START_TEST(sessions_speak_utc_iso_and_utf8)
{
    connect_lanes();
    struct answer answer = harness_ask(&harness, DB_READ, "settings", NULL, NULL);
    ck_assert_str_eq(rows_text(answer.rows, 0, "zone"), "UTC");
    ck_assert_str_eq(rows_text(answer.rows, 0, "style"), "ISO, YMD");
    ck_assert_str_eq(rows_text(answer.rows, 0, "encoding"), "UTF8");
    ck_assert_str_eq(rows_text(answer.rows, 0, "plans"), "force_generic_plan");
    ck_assert_str_eq(rows_text(answer.rows, 0, "timeout"), "2s");
}
END_TEST

START_TEST(now_stays_an_instant_where_a_statement_takes_its_day)
{
    connect_lanes();
    struct answer answer =
        harness_ask(&harness, DB_READ, "day", "now", "2025-02-14T23:30:00.5Z");
    ck_assert_str_eq(rows_text(answer.rows, 0, "day"), "2025-02-14");
    ck_assert_str_eq(rows_text(answer.rows, 0, "at"), "2025-02-14 23:30:00.5+00");
}
END_TEST

static void *loop_thread(void *unused)
{
    struct harness own = harness;
    struct answer answer;
    (void)unused;
    own.arena = arena_new();
    own.loop = loop_new(1);
    harness_connect(&own, harness_options(), true);
    for (int i = 0; i < 300; i++) {
        answer = harness_ask(&own, DB_READ, "echo", "n", "5");
        ck_assert_int_eq(answer.status, DB_OK);
    }
    db_destroy(own.db);
    loop_destroy(own.loop);
    arena_destroy(own.arena);
    return NULL;
}

START_TEST(loops_share_nothing_but_the_library)
{
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, loop_thread, NULL), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}
END_TEST

static Suite *lanes_suite(void)
{
    Suite *suite = suite_create("lanes");
    TCase *tests = tcase_create("lanes");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_call_answers_with_its_rows);
    tcase_add_test(tests, many_calls_share_one_connection_and_each_gets_its_own_rows);
    tcase_add_test(tests, an_error_stays_with_its_call);
    tcase_add_test(tests, a_commit_that_fails_after_the_rows_fails_the_call);
    tcase_add_test(tests, the_context_of_a_call_never_reaches_the_next_one);
    tcase_add_test(tests, a_full_queue_answers_busy_at_once);
    tcase_add_test(tests,
                   a_statement_that_takes_too_long_times_out_and_the_connection_goes_on);
    tcase_add_test(tests, the_slow_lane_has_ten_times_the_time);
    tcase_add_test(tests, big_results_arrive_whole_while_others_are_asked);
    tcase_add_test(tests, big_values_go_out_while_results_come_in);
    tcase_add_test(tests, an_unknown_value_is_an_error_of_the_call);
    tcase_add_test(tests, sessions_speak_utc_iso_and_utf8);
    tcase_add_test(tests, now_stays_an_instant_where_a_statement_takes_its_day);
    tcase_add_test(tests, loops_share_nothing_but_the_library);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return harness_run(lanes_suite());
}
