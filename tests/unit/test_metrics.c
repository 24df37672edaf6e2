/* Metrics in Prometheus text format. */
#include "api/metrics.h"
#include "tests/unit/ground.h"

#include <pthread.h>

static struct text out;

static void setup(void)
{
    out = (struct text){0};
}

static void teardown(void)
{
    text_free(&out);
}

START_TEST(counters_and_gauges_are_written_with_help_and_type)
{
    metric_add(metric_counter("b_total", "Things\nand \\", NULL), 3);
    metric_set(metric_gauge("a_now", "Level.", "lane=\"read\""), -7);
    metrics_write(&out);
    ck_assert_str_eq(out.data,
                     "# HELP a_now Level.\n# TYPE a_now gauge\na_now{lane=\"read\"} -7\n"
                     "# HELP b_total Things\\nand \\\\\n# TYPE b_total counter\n"
                     "b_total 3\n");
}
END_TEST

START_TEST(the_same_name_and_labels_are_the_same_metric)
{
    struct metric *one = metric_counter("x", "X.", "a=\"1\"");
    ck_assert_ptr_eq(metric_counter("x", "X.", "a=\"1\""), one);
    ck_assert_ptr_ne(metric_counter("x", "X.", "a=\"2\""), one);
    ck_assert_ptr_ne(metric_counter("x", "X.", NULL), one);
}
END_TEST

START_TEST(all_lines_of_a_name_come_together_after_one_help)
{
    metric_add(metric_counter("m", "M.", "a=\"2\""), 2);
    metric_add(metric_counter("n", "N.", NULL), 9);
    metric_add(metric_counter("m", "M.", "a=\"1\""), 1);
    metrics_write(&out);
    ck_assert_str_eq(out.data,
                     "# HELP m M.\n# TYPE m counter\nm{a=\"1\"} 1\nm{a=\"2\"} 2\n"
                     "# HELP n N.\n# TYPE n counter\nn 9\n");
}
END_TEST

START_TEST(a_histogram_counts_cumulatively_in_seconds)
{
    struct metric *metric = metric_histogram("h", "H.", "op=\"x\"");
    metric_observe_us(metric, 500); /* le is inclusive */
    metric_observe_us(metric, 501);
    metric_observe_us(metric, 10000000);
    metric_observe_us(metric, 10000001);
    metrics_write(&out);
    static const char *const lines[] = {
        "# TYPE h histogram\n",
        "h_bucket{op=\"x\",le=\"0.0005\"} 1\n",
        "h_bucket{op=\"x\",le=\"0.001\"} 2\n",
        "h_bucket{op=\"x\",le=\"5\"} 2\n",
        "h_bucket{op=\"x\",le=\"10\"} 3\n",
        "h_bucket{op=\"x\",le=\"+Inf\"} 4\n",
        "h_sum{op=\"x\"} 20.001002\n",
        "h_count{op=\"x\"} 4\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ck_assert_msg(strstr(out.data, lines[i]), "%s is not in\n%s", lines[i], out.data);
}
END_TEST

enum { ROUNDS = 20000 };

static void *count_up(void *arg)
{
    struct metric *histogram = metric_histogram("t_seconds", "T.", NULL);
    for (int i = 0; i < ROUNDS; i++) {
        metric_add(arg, 1);
        metric_observe_us(histogram, 1);
        if (i % 1000 == 0)
            metric_gauge("t_gauge", "G.", i % 2000 ? "a=\"1\"" : "a=\"2\"");
    }
    return NULL;
}

START_TEST(threads_lose_no_count)
{
    pthread_t threads[4];
    struct metric *counter = metric_counter("t_total", "T.", NULL);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, count_up, counter), 0);
    for (int i = 0; i < 20; i++) {
        text_clear(&out);
        metrics_write(&out);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    text_clear(&out);
    metrics_write(&out);
    ck_assert_ptr_nonnull(strstr(out.data, "\nt_total 80000\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "\nt_seconds_count 80000\n"));
    ck_assert_ptr_nonnull(strstr(out.data, "\nt_seconds_sum 0.080000\n"));
}
END_TEST

START_TEST(one_name_cannot_be_of_two_kinds)
{
    metric_counter("k", "K.", NULL);
    metric_gauge("k", "K.", NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("metrics");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, counters_and_gauges_are_written_with_help_and_type);
    tcase_add_test(tests, the_same_name_and_labels_are_the_same_metric);
    tcase_add_test(tests, all_lines_of_a_name_come_together_after_one_help);
    tcase_add_test(tests, a_histogram_counts_cumulatively_in_seconds);
    tcase_add_test(tests, threads_lose_no_count);
    tcase_add_exit_test(tests, one_name_cannot_be_of_two_kinds, 1);
    return ground_run(tests);
}
