/* Transactions of several statements, and what happens when connections die. */
#include "tests/db/harness.h"
#include "api/clock.h"

#include <stdlib.h>
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

static struct db_transaction *begin(const struct db_context *context)
{
    struct answer answer = harness_answer(&harness);
    harness_begin(&answer, context);
    harness_wait(&answer);
    ck_assert_int_eq(answer.status, DB_OK);
    ck_assert_ptr_nonnull(answer.transaction);
    return answer.transaction;
}

static struct answer step(struct db_transaction *transaction, const char *statement,
                          const char *n)
{
    struct answer answer = harness_answer(&harness);
    harness_step(&answer, transaction, statement, "n", n);
    harness_wait(&answer);
    return answer;
}

static struct answer commit(struct db_transaction *transaction)
{
    struct answer answer = harness_answer(&harness);
    db_commit(transaction, harness_reply, &answer);
    harness_wait(&answer);
    return answer;
}

static struct answer rollback(struct db_transaction *transaction)
{
    struct answer answer = harness_answer(&harness);
    db_rollback(transaction, harness_reply, &answer);
    harness_wait(&answer);
    return answer;
}

static struct answer finish(struct db_transaction *transaction, const char *statement,
                            const char *n)
{
    struct answer answer = harness_answer(&harness);
    struct binder binder = harness_values(harness.arena, "n", n, NULL);
    db_transaction_finish(transaction, harness_statement(&harness, statement), &binder,
                          harness_reply, &answer);
    harness_wait(&answer);
    return answer;
}

static const char *things(void)
{
    return harness_side(&harness, "select count(*) from lanes.thing");
}

static void connect_lanes(void)
{
    harness_connect(&harness, harness_options(), true);
}

START_TEST(nothing_is_seen_before_the_commit_and_everything_after)
{
    connect_lanes();
    struct db_transaction *transaction = begin(NULL);
    ck_assert_int_eq(step(transaction, "put", "1").status, DB_OK);
    ck_assert_int_eq(step(transaction, "put", "2").status, DB_OK);
    ck_assert_str_eq(things(), "0");
    ck_assert_int_eq(commit(transaction).status, DB_OK);
    ck_assert_str_eq(things(), "2");
}
END_TEST

START_TEST(a_rollback_keeps_nothing)
{
    connect_lanes();
    struct db_transaction *transaction = begin(NULL);
    step(transaction, "put", "1");
    ck_assert_int_eq(rollback(transaction).status, DB_OK);
    ck_assert_str_eq(things(), "0");
}
END_TEST

START_TEST(a_transaction_has_its_connection_alone)
{
    connect_lanes(); /* one write connection */
    struct db_transaction *transaction = begin(NULL);
    struct answer other = harness_answer(&harness);
    harness_call(&other, DB_WRITE, NULL, "put", "n", "9");
    step(transaction, "put", "1");
    ck_assert_int_eq(other.times, 0);
    commit(transaction);
    harness_wait(&other);
    ck_assert_int_eq(other.status, DB_OK);
    ck_assert_str_eq(things(), "2");
}
END_TEST

START_TEST(the_commit_of_a_failed_transaction_is_an_error)
{
    connect_lanes();
    struct db_transaction *transaction = begin(NULL);
    step(transaction, "put", "1");
    ck_assert_int_eq(step(transaction, "divide", "0").status, DB_ERROR);
    struct answer answer = commit(transaction);
    ck_assert_int_eq(answer.status, DB_ERROR);
    ck_assert_str_eq(answer.sqlstate, "25P02");
    ck_assert_str_eq(things(), "0");
    ck_assert_int_eq(harness_ask(&harness, DB_WRITE, "put", "n", "5").status, DB_OK);
}
END_TEST

START_TEST(a_deferred_constraint_fails_the_commit)
{
    connect_lanes();
    struct db_transaction *transaction = begin(NULL);
    ck_assert_int_eq(step(transaction, "putOrphan", "1").status, DB_OK);
    struct answer answer = commit(transaction);
    ck_assert_int_eq(answer.status, DB_ERROR);
    ck_assert_str_eq(answer.sqlstate, "23503");
    ck_assert_str_eq(things(), "0");
}
END_TEST

START_TEST(finish_commits_with_its_statement)
{
    connect_lanes();
    struct db_transaction *transaction = begin(NULL);
    step(transaction, "put", "1");
    struct answer answer = finish(transaction, "put", "2");
    ck_assert_int_eq(answer.status, DB_OK);
    ck_assert_str_eq(rows_text(answer.rows, 0, "id"), "2");
    ck_assert_str_eq(things(), "2");
    ck_assert_int_eq(harness_ask(&harness, DB_WRITE, "put", "n", "5").status, DB_OK);
}
END_TEST

START_TEST(finish_of_a_failing_statement_keeps_nothing_and_frees_the_connection)
{
    connect_lanes();
    struct db_transaction *transaction = begin(NULL);
    step(transaction, "put", "1");
    struct answer answer = finish(transaction, "divide", "0");
    ck_assert_int_eq(answer.status, DB_ERROR);
    ck_assert_str_eq(answer.sqlstate, "22012");
    ck_assert_int_eq(harness_ask(&harness, DB_WRITE, "put", "n", "5").status, DB_OK);
    ck_assert_str_eq(things(), "1");
}
END_TEST

START_TEST(finish_whose_commit_fails_answers_the_reason)
{
    connect_lanes();
    struct answer answer = finish(begin(NULL), "putOrphan", "1");
    ck_assert_int_eq(answer.status, DB_ERROR);
    ck_assert_str_eq(answer.sqlstate, "23503");
    ck_assert_ptr_null(answer.rows);
    ck_assert_int_eq(harness_ask(&harness, DB_WRITE, "put", "n", "5").status, DB_OK);
}
END_TEST

static const char *tenant_of(struct answer answer)
{
    ck_assert_int_eq(answer.status, DB_OK);
    return rows_text(answer.rows, 0, "consultancy");
}

START_TEST(the_context_of_a_transaction_may_change_and_ends_with_it)
{
    static const struct db_context one = {.consultancy = "one"},
                                   two = {.consultancy = "two"};
    connect_lanes();
    struct db_transaction *transaction = begin(&one);
    ck_assert_str_eq(tenant_of(step(transaction, "who", "0")), "one");
    struct answer changed = harness_answer(&harness);
    db_transaction_context(transaction, &two, harness_reply, &changed);
    harness_wait(&changed);
    ck_assert_str_eq(tenant_of(step(transaction, "who", "0")), "two");
    commit(transaction);
    ck_assert_str_eq(tenant_of(harness_ask(&harness, DB_WRITE, "who", NULL, NULL)), "");
}
END_TEST

START_TEST(the_context_may_change_before_the_first_statement)
{
    static const struct db_context two = {.consultancy = "two"};
    connect_lanes();
    struct db_transaction *transaction = begin(NULL);
    struct answer changed = harness_answer(&harness);
    db_transaction_context(transaction, &two, harness_reply, &changed);
    harness_wait(&changed);
    ck_assert_int_eq(changed.status, DB_OK);
    ck_assert_str_eq(tenant_of(step(transaction, "who", "0")), "two");
    rollback(transaction);
    ck_assert_str_eq(tenant_of(harness_ask(&harness, DB_WRITE, "who", NULL, NULL)), "");
}
END_TEST

START_TEST(an_empty_transaction_gives_its_connection_back)
{
    connect_lanes();
    for (int i = 0; i < 10; i++) {
        struct db_transaction *transaction = begin(NULL);
        ck_assert_int_eq((i % 2 ? commit : rollback)(transaction).status, DB_OK);
    }
    ck_assert_int_eq(harness_ask(&harness, DB_WRITE, "put", "n", "5").status, DB_OK);
}
END_TEST

START_TEST(a_rollback_may_outlive_the_request)
{
    connect_lanes();
    struct answer answer = harness_answer(&harness);
    answer.arena = arena_new();
    harness_begin(&answer, NULL);
    harness_wait(&answer);
    answer.times = 0;
    harness_step(&answer, answer.transaction, "put", "n", "1");
    harness_wait(&answer);
    db_rollback(answer.transaction, NULL, NULL);
    arena_destroy(answer.arena);
    ck_assert_int_eq(harness_ask(&harness, DB_WRITE, "put", "n", "5").status, DB_OK);
    ck_assert_str_eq(things(), "1");
}
END_TEST

START_TEST(a_begin_waits_for_its_turn_and_calls_do_not_overtake_it)
{
    connect_lanes();
    struct answer first = harness_answer(&harness), second = first, third = first;
    harness_call(&first, DB_WRITE, NULL, "rest", "n", "0.2");
    harness_begin(&second, NULL);
    harness_call(&third, DB_WRITE, NULL, "put", "n", "1");
    harness_wait(&second);
    ck_assert_int_eq(first.times, 1);
    ck_assert_int_eq(third.times, 0);
    rollback(second.transaction);
    harness_wait(&third);
    ck_assert_int_eq(third.status, DB_OK);
}
END_TEST

static void kill_all(void)
{
    harness_side(&harness,
                 "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                 " where pid <> pg_backend_pid() and datname = current_database()");
}

START_TEST(a_killed_transaction_is_lost_and_its_steps_say_so)
{
    connect_lanes();
    struct db_transaction *transaction = begin(NULL);
    step(transaction, "put", "1");
    kill_all();
    ck_assert_int_eq(step(transaction, "put", "2").status, DB_LOST);
    ck_assert_int_eq(commit(transaction).status, DB_LOST);
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

static TCase *transaction_case(void)
{
    TCase *tests = tcase_create("transactions");
    tcase_add_test(tests, nothing_is_seen_before_the_commit_and_everything_after);
    tcase_add_test(tests, a_rollback_keeps_nothing);
    tcase_add_test(tests, a_transaction_has_its_connection_alone);
    tcase_add_test(tests, the_commit_of_a_failed_transaction_is_an_error);
    tcase_add_test(tests, a_deferred_constraint_fails_the_commit);
    tcase_add_test(tests, finish_commits_with_its_statement);
    tcase_add_test(tests,
                   finish_of_a_failing_statement_keeps_nothing_and_frees_the_connection);
    tcase_add_test(tests, finish_whose_commit_fails_answers_the_reason);
    tcase_add_test(tests, the_context_of_a_transaction_may_change_and_ends_with_it);
    tcase_add_test(tests, the_context_may_change_before_the_first_statement);
    tcase_add_test(tests, an_empty_transaction_gives_its_connection_back);
    tcase_add_test(tests, a_rollback_may_outlive_the_request);
    tcase_add_test(tests, a_begin_waits_for_its_turn_and_calls_do_not_overtake_it);
    return tests;
}

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
    Suite *suite = suite_create("transactions");
    TCase *cases[] = {transaction_case(), loss_case()};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tcase_add_checked_fixture(cases[i], setup, teardown);
        tcase_set_timeout(cases[i], 60);
        suite_add_tcase(suite, cases[i]);
    }
    return harness_run(suite);
}
