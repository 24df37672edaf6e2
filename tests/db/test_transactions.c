/* Transactions of several statements. */
#include "tests/db/harness.h"

static struct harness harness;

static void setup(void)
{
    harness_open(&harness);
}

static void teardown(void)
{
    harness_close(&harness);
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
    struct db_transaction *transaction = harness_begin_now(&harness, NULL);
    ck_assert_int_eq(harness_step_now(&harness, transaction, "put", "1").status, DB_OK);
    ck_assert_int_eq(harness_step_now(&harness, transaction, "put", "2").status, DB_OK);
    ck_assert_str_eq(things(), "0");
    ck_assert_int_eq(harness_commit(&harness, transaction).status, DB_OK);
    ck_assert_str_eq(things(), "2");
}
END_TEST

START_TEST(a_rollback_keeps_nothing)
{
    connect_lanes();
    struct db_transaction *transaction = harness_begin_now(&harness, NULL);
    harness_step_now(&harness, transaction, "put", "1");
    ck_assert_int_eq(harness_rollback(&harness, transaction).status, DB_OK);
    ck_assert_str_eq(things(), "0");
}
END_TEST

START_TEST(a_transaction_has_its_connection_alone)
{
    connect_lanes(); /* one write connection */
    struct db_transaction *transaction = harness_begin_now(&harness, NULL);
    struct answer other = harness_answer(&harness);
    harness_call(&other, DB_WRITE, NULL, "put", "n", "9");
    harness_step_now(&harness, transaction, "put", "1");
    ck_assert_int_eq(other.times, 0);
    harness_commit(&harness, transaction);
    harness_wait(&other);
    ck_assert_int_eq(other.status, DB_OK);
    ck_assert_str_eq(things(), "2");
}
END_TEST

START_TEST(the_commit_of_a_failed_transaction_is_an_error)
{
    connect_lanes();
    struct db_transaction *transaction = harness_begin_now(&harness, NULL);
    harness_step_now(&harness, transaction, "put", "1");
    ck_assert_int_eq(harness_step_now(&harness, transaction, "divide", "0").status,
                     DB_ERROR);
    struct answer answer = harness_commit(&harness, transaction);
    ck_assert_int_eq(answer.status, DB_ERROR);
    ck_assert_str_eq(answer.sqlstate, "25P02");
    ck_assert_str_eq(things(), "0");
    ck_assert_int_eq(harness_ask(&harness, DB_WRITE, "put", "n", "5").status, DB_OK);
}
END_TEST

START_TEST(a_deferred_constraint_fails_the_commit)
{
    connect_lanes();
    struct db_transaction *transaction = harness_begin_now(&harness, NULL);
    ck_assert_int_eq(harness_step_now(&harness, transaction, "putOrphan", "1").status,
                     DB_OK);
    struct answer answer = harness_commit(&harness, transaction);
    ck_assert_int_eq(answer.status, DB_ERROR);
    ck_assert_str_eq(answer.sqlstate, "23503");
    ck_assert_str_eq(things(), "0");
}
END_TEST

START_TEST(finish_commits_with_its_statement)
{
    connect_lanes();
    struct db_transaction *transaction = harness_begin_now(&harness, NULL);
    harness_step_now(&harness, transaction, "put", "1");
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
    struct db_transaction *transaction = harness_begin_now(&harness, NULL);
    harness_step_now(&harness, transaction, "put", "1");
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
    struct answer answer = finish(harness_begin_now(&harness, NULL), "putOrphan", "1");
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
    struct db_transaction *transaction = harness_begin_now(&harness, &one);
    ck_assert_str_eq(tenant_of(harness_step_now(&harness, transaction, "who", "0")),
                     "one");
    struct answer changed = harness_answer(&harness);
    db_transaction_context(transaction, &two, harness_reply, &changed);
    harness_wait(&changed);
    ck_assert_str_eq(tenant_of(harness_step_now(&harness, transaction, "who", "0")),
                     "two");
    harness_commit(&harness, transaction);
    ck_assert_str_eq(tenant_of(harness_ask(&harness, DB_WRITE, "who", NULL, NULL)), "");
}
END_TEST

START_TEST(the_context_may_change_before_the_first_statement)
{
    static const struct db_context two = {.consultancy = "two"};
    connect_lanes();
    struct db_transaction *transaction = harness_begin_now(&harness, NULL);
    struct answer changed = harness_answer(&harness);
    db_transaction_context(transaction, &two, harness_reply, &changed);
    harness_wait(&changed);
    ck_assert_int_eq(changed.status, DB_OK);
    ck_assert_str_eq(tenant_of(harness_step_now(&harness, transaction, "who", "0")),
                     "two");
    harness_rollback(&harness, transaction);
    ck_assert_str_eq(tenant_of(harness_ask(&harness, DB_WRITE, "who", NULL, NULL)), "");
}
END_TEST

START_TEST(an_empty_transaction_gives_its_connection_back)
{
    connect_lanes();
    for (int i = 0; i < 10; i++) {
        struct db_transaction *transaction = harness_begin_now(&harness, NULL);
        ck_assert_int_eq(
            (i % 2 ? harness_commit : harness_rollback)(&harness, transaction).status,
            DB_OK);
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
    harness_rollback(&harness, second.transaction);
    harness_wait(&third);
    ck_assert_int_eq(third.status, DB_OK);
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

int main(void)
{
    Suite *suite = suite_create("transactions");
    TCase *tests = transaction_case();
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return harness_run(suite);
}
