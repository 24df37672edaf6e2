/* Token buckets. */
#include "api/clock.h"
#include "api/rate.h"
#include "tests/unit/ground.h"

#include <inttypes.h>

static struct rate_table *table;
static struct rate_state state;

static void teardown(void)
{
    rate_table_destroy(table);
    table = NULL;
}

static bool take(const char *key, int64_t cost, int64_t now_ms)
{
    return rate_take(table, key, cost, now_ms, &state);
}

START_TEST(a_bucket_gives_its_limit_and_then_refuses)
{
    table = rate_table_new(16, 3, 60);
    for (int i = 2; i >= 0; i--) {
        ck_assert(take("a", 1, 1000));
        ck_assert_int_eq(state.remaining, i);
    }
    ck_assert(!take("a", 1, 1000));
    ck_assert_int_eq(state.limit, 3);
    ck_assert_int_eq(state.window_s, 60);
    ck_assert_int_eq(state.remaining, 0);
    ck_assert_int_eq(state.reset_s, 20);
    ck_assert(take("b", 1, 1000));
}
END_TEST

START_TEST(a_bucket_fills_evenly)
{
    table = rate_table_new(16, 3, 60);
    ck_assert(take("a", 3, 0));
    ck_assert_int_eq(state.reset_s, 60);
    ck_assert(!take("a", 1, 19999));
    ck_assert_int_eq(state.reset_s, 1);
    ck_assert(take("a", 1, 20000));
    ck_assert(!take("a", 1, 39999));
    ck_assert(take("a", 3, 200000));
    ck_assert_int_eq(state.remaining, 0);
}
END_TEST

START_TEST(nothing_is_lost_to_rounding)
{
    table = rate_table_new(16, 7, 3);
    ck_assert(take("a", 7, 0));
    int granted = 0;
    for (int64_t ms = 1; ms <= 30000; ms++)
        granted += take("a", 1, ms);
    ck_assert_int_eq(granted, 70);
}
END_TEST

START_TEST(looking_takes_nothing_and_tells_whether_one_is_left)
{
    table = rate_table_new(16, 1, 60);
    ck_assert(take("a", 0, 0) && state.remaining == 1);
    ck_assert(take("a", 0, 0) && state.remaining == 1);
    ck_assert(take("a", 1, 0));
    ck_assert(!take("a", 0, 0));
}
END_TEST

START_TEST(a_refused_request_takes_nothing)
{
    table = rate_table_new(16, 5, 60);
    ck_assert(take("a", 3, 0));
    ck_assert(!take("a", 3, 0));
    ck_assert_int_eq(state.remaining, 2);
    ck_assert(!take("a", 6, 0));
    ck_assert(take("a", 2, 0));
}
END_TEST

START_TEST(a_limit_of_zero_never_refuses)
{
    table = rate_table_new(16, 0, 60);
    for (int i = 0; i < 1000; i++)
        ck_assert(take("a", 1000000, 0));
    ck_assert_int_eq(state.limit, 0);
}
END_TEST

START_TEST(a_full_table_forgets_the_least_recently_used)
{
    table = rate_table_new(3, 1, 60);
    ck_assert(take("a", 1, 0) && take("b", 1, 0) && take("c", 1, 0));
    ck_assert(!take("b", 1, 1));
    ck_assert(take("d", 1, 2)); /* a goes */
    ck_assert(!take("b", 0, 3) && !take("c", 0, 3) && !take("d", 0, 3));
    ck_assert(take("a", 0, 3));
}
END_TEST

START_TEST(a_clock_that_goes_back_gives_nothing)
{
    table = rate_table_new(3, 1, 60);
    ck_assert(take("a", 1, 100000));
    ck_assert(!take("a", 1, 0));
}
END_TEST

START_TEST(a_million_keys_stay_cheap_and_bounded)
{
    char key[24];
    table = rate_table_new(4096, 10, 60);
    int64_t start = clock_monotonic_ms();
    for (int64_t i = 0; i < 1000000; i++) {
        (void)snprintf(key, sizeof key, "%" PRId64, i);
        ck_assert(take(key, 1, i));
    }
    ck_assert_int_lt(clock_monotonic_ms() - start, 20000);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("rate");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, NULL, teardown);
    tcase_add_test(tests, a_bucket_gives_its_limit_and_then_refuses);
    tcase_add_test(tests, a_bucket_fills_evenly);
    tcase_add_test(tests, nothing_is_lost_to_rounding);
    tcase_add_test(tests, looking_takes_nothing_and_tells_whether_one_is_left);
    tcase_add_test(tests, a_refused_request_takes_nothing);
    tcase_add_test(tests, a_limit_of_zero_never_refuses);
    tcase_add_test(tests, a_full_table_forgets_the_least_recently_used);
    tcase_add_test(tests, a_clock_that_goes_back_gives_nothing);
    tcase_add_test(tests, a_million_keys_stay_cheap_and_bounded);
    return ground_run(tests);
}
