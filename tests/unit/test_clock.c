/* The clock: RFC 3339 in and out, Tokyo's date, the injected file. */
#include "api/clock.h"
#include "tests/unit/ground.h"

#include <pthread.h>
#include <stdint.h>
#include <time.h>

static const struct {
    const char *text;
    int64_t us; /* INT64_MIN = malformed */
} instants[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"2025-02-14T00:00:00Z", 1739491200000000},
    {"2025-02-14T09:00:00+09:00", 1739491200000000},
    {"2025-02-13T19:30:00-04:30", 1739491200000000},
    {"2025-02-14t00:00:00z", 1739491200000000},
    {"2025-02-14T00:00:00.5Z", 1739491200500000},
    {"2025-02-14T00:00:00.000001Z", 1739491200000001},
    {"2025-02-14T00:00:00.1234567899Z", 1739491200123456},
    {"2024-02-29T12:00:00Z", 1709208000000000},
    {"1969-12-31T23:59:59.999999Z", -1},
    {"2016-12-31T23:59:60Z", 1483228800000000},
    {"2017-01-01T08:59:60+09:00", 1483228800000000},
    {"9999-12-31T23:59:59Z", 253402300799000000},
    {"2016-12-31T22:59:60Z", INT64_MIN},
    {"2025-02-29T00:00:00Z", INT64_MIN},
    {"2025-13-01T00:00:00Z", INT64_MIN},
    {"2025-00-01T00:00:00Z", INT64_MIN},
    {"2025-01-00T00:00:00Z", INT64_MIN},
    {"2025-01-01T24:00:00Z", INT64_MIN},
    {"2025-01-01T00:60:00Z", INT64_MIN},
    {"2025-01-01T00:00:61Z", INT64_MIN},
    {"2025-01-01T00:00:00", INT64_MIN},
    {"2025-01-01T00:00Z", INT64_MIN},
    {"2025-01-01 00:00:00Z", INT64_MIN},
    {"2025-01-01T00:00:00.Z", INT64_MIN},
    {"2025-01-01T00:00:00Z ", INT64_MIN},
    {"2025-01-01T00:00:00+0900", INT64_MIN},
    {"2025-01-01T00:00:00+24:00", INT64_MIN},
    {"+025-01-01T00:00:00Z", INT64_MIN},
    {"2025-01-01", INT64_MIN},
    {"", INT64_MIN},
};

START_TEST(instants_are_parsed_strictly)
{
    int64_t us = INT64_MIN;
    bool good = clock_parse(instants[_i].text, &us);
    ck_assert_msg(us == instants[_i].us, "%s gives %lld", instants[_i].text,
                  (long long)us);
    ck_assert_int_eq(good, instants[_i].us != INT64_MIN);
}
END_TEST

START_TEST(nothing_is_not_an_instant)
{
    int64_t us;
    ck_assert(!clock_parse(NULL, &us));
}
END_TEST

/* gmtime is the oracle; a step that is prime to day and year meets all kinds of dates. */
START_TEST(every_formatted_instant_reads_back_and_agrees_with_libc)
{
    char text[CLOCK_TEXT], libc[CLOCK_TEXT];
    for (int64_t s = -62135596800; s < 253402300800; s += 86400 * 37 + 3607) {
        int64_t back;
        struct tm tm;
        time_t time = (time_t)s;
        ck_assert(clock_parse(clock_format(s * 1000000 + 7, text), &back));
        ck_assert_int_eq(back, s * 1000000 + 7);
        ck_assert_ptr_nonnull(gmtime_r(&time, &tm));
        (void)snprintf(libc, sizeof libc, "%04d-%02d-%02dT%02d:%02d:%02d.000007Z",
                       (tm.tm_year + 1900) % 10000, (tm.tm_mon + 1) % 100,
                       tm.tm_mday % 100, tm.tm_hour % 100, tm.tm_min % 100,
                       tm.tm_sec % 100);
        ck_assert_str_eq(text, libc);
    }
}
END_TEST

START_TEST(the_date_in_tokyo_changes_at_fifteen_hours_utc)
{
    char date[CLOCK_TEXT];
    ck_assert_str_eq(clock_tokyo_date(1739458799999999, date), "2025-02-13");
    ck_assert_str_eq(clock_tokyo_date(1739458800000000, date), "2025-02-14");
    ck_assert_str_eq(clock_tokyo_date(-1, date), "1970-01-01");
}
END_TEST

static bool clock_shows(int64_t wanted_us)
{
    int64_t end = clock_monotonic_ms() + 5000;
    while (clock_now_us() != wanted_us && clock_monotonic_ms() < end)
        sched_yield();
    return clock_now_us() == wanted_us;
}

START_TEST(an_injected_clock_stands_still_and_follows_its_file)
{
    char *path = ground_file("2025-02-14T00:00:00Z\n", 21, 0600);
    ck_assert(clock_init(path));
    ck_assert_int_eq(clock_now_s(), 1739491200);
    ground_replace(path, "2026-02-14T00:00:00Z");
    ck_assert(clock_shows(1771027200000000));
    ground_replace(path, "2024-02-29T12:00:00Z\n"); /* back */
    ck_assert(clock_shows(1709208000000000));
    unlink(path);
    free(path);
}
END_TEST

START_TEST(a_broken_clock_file_keeps_the_last_good_instant)
{
    char *path = ground_file("2025-02-14T00:00:00Z", 20, 0600);
    ck_assert(clock_init(path));
    ground_replace(path, "2026-0");
    for (int64_t end = clock_monotonic_ms() + 100; clock_monotonic_ms() < end;)
        ck_assert_int_eq(clock_now_s(), 1739491200);
    unlink(path);
    for (int64_t end = clock_monotonic_ms() + 100; clock_monotonic_ms() < end;)
        ck_assert_int_eq(clock_now_s(), 1739491200);
    free(path);
}
END_TEST

START_TEST(a_clock_file_that_cannot_be_used_is_refused_at_start)
{
    char *path = ground_file("tomorrow", 8, 0600);
    ck_assert(!clock_init(path));
    ck_assert(!clock_init("/nonexistent/clock"));
    unlink(path);
    free(path);
}
END_TEST

START_TEST(without_a_file_now_is_the_machines_time)
{
    ck_assert(clock_init(NULL));
    ck_assert(clock_init(""));
    int64_t before = clock_real_us(), now = clock_now_us();
    ck_assert(before <= now && now <= clock_real_us());
}
END_TEST

static void *read_clock(void *arg)
{
    (void)arg;
    for (int64_t end = clock_monotonic_ms() + 200; clock_monotonic_ms() < end;) {
        int64_t now = clock_now_s();
        ck_assert(now == 1739491200 || now == 1771027200);
    }
    return NULL;
}

START_TEST(threads_may_read_the_clock_while_it_is_moved)
{
    pthread_t threads[4];
    char *path = ground_file("2025-02-14T00:00:00Z", 20, 0600);
    ck_assert(clock_init(path));
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_clock, NULL), 0);
    for (int i = 0; i < 50; i++)
        ground_replace(path, i % 2 ? "2025-02-14T00:00:00Z" : "2026-02-14T00:00:00Z");
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    unlink(path);
    free(path);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("clock");
    ground_loop(tests, instants_are_parsed_strictly, instants);
    tcase_add_test(tests, nothing_is_not_an_instant);
    tcase_add_test(tests, every_formatted_instant_reads_back_and_agrees_with_libc);
    tcase_add_test(tests, the_date_in_tokyo_changes_at_fifteen_hours_utc);
    tcase_add_test(tests, an_injected_clock_stands_still_and_follows_its_file);
    tcase_add_test(tests, a_broken_clock_file_keeps_the_last_good_instant);
    tcase_add_test(tests, a_clock_file_that_cannot_be_used_is_refused_at_start);
    tcase_add_test(tests, without_a_file_now_is_the_machines_time);
    tcase_add_test(tests, threads_may_read_the_clock_while_it_is_moved);
    return ground_run(tests);
}
