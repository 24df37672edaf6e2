/* Plans as networks: what holds for any tasks and dependencies without a circle. */
#include "services/scheduling/network.h"

#include <check.h>
#include <stdlib.h>

enum { MOST = 40, TRIES = 1500 };

static struct network_task tasks[MOST];
static int waits[MOST][MOST], order[MOST];
static const struct business_calendar calendar = {.year_end_closed = true};

/* Numbers that are the same in every run. */
static unsigned long long state;

static int between(int low, int high)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return low + (int)(state % (unsigned long long)(high - low + 1));
}

static struct civil some_day(void)
{
    struct civil first;
    civil_from_parts(2025, 1, 6, &first);
    return business_day_add(&calendar, first, between(0, 200));
}

static int make(void)
{
    int count = between(2, MOST), ordered;
    for (int i = 0; i < count; i++) {
        struct civil start = some_day();
        int before = 0;
        for (int other = 0; other < i; other++) {
            if (between(0, 4) == 0)
                waits[i][before++] = other;
        }
        tasks[i] = (struct network_task){
            .start = start,
            .end = business_day_add(&calendar, start, between(0, 15)),
            .done_on = CIVIL_NONE,
            .before = waits[i],
            .before_count = before,
        };
    }
    ck_assert(network_order(tasks, count, order, &ordered));
    network_push(&calendar, tasks, count, order, CIVIL_NONE);
    network_float(&calendar, tasks, count, order);
    network_bounds(&calendar, tasks, count, order);
    return count;
}

START_TEST(nobody_begins_before_what_he_waits_for_has_ended)
{
    state = 88172645463325252ULL + 3;
    for (int n = 0; n < TRIES; n++) {
        int count = make();
        for (int i = 0; i < count; i++) {
            ck_assert(!civil_before(tasks[i].end, tasks[i].start));
            for (int b = 0; b < tasks[i].before_count; b++)
                ck_assert(civil_before(tasks[tasks[i].before[b]].end, tasks[i].start));
        }
    }
}
END_TEST

START_TEST(settling_twice_moves_nothing_and_keeps_every_length)
{
    state = 88172645463325252ULL + 5;
    for (int n = 0; n < TRIES; n++) {
        int count = make();
        struct network_task before[MOST];
        for (int i = 0; i < count; i++)
            before[i] = tasks[i];
        network_push(&calendar, tasks, count, order, CIVIL_NONE);
        for (int i = 0; i < count; i++) {
            ck_assert(civil_same(before[i].start, tasks[i].start));
            ck_assert(civil_same(before[i].end, tasks[i].end));
        }
    }
}
END_TEST

/* By d business days, with everything that waits for it. */
static struct civil end_after_slip(int count, int task, int days)
{
    struct network_task kept[MOST];
    for (int i = 0; i < count; i++)
        kept[i] = tasks[i];
    tasks[task].start = business_day_add(&calendar, tasks[task].start, days);
    tasks[task].end = business_day_add(&calendar, tasks[task].end, days);
    network_push(&calendar, tasks, count, order, CIVIL_NONE);
    struct civil end = network_end(tasks, count);
    for (int i = 0; i < count; i++)
        tasks[i] = kept[i];
    return end;
}

START_TEST(slack_is_exactly_what_a_task_may_slip)
{
    state = 88172645463325252ULL + 9;
    for (int n = 0; n < TRIES; n++) {
        int count = make(), task = between(0, count - 1), slack = tasks[task].slack;
        struct civil end = network_end(tasks, count);
        ck_assert_int_ge(slack, 0);
        ck_assert(civil_same(end_after_slip(count, task, slack), end));
        ck_assert(civil_before(end, end_after_slip(count, task, slack + 1)));
    }
}
END_TEST

/* The last day of a task by what waits for it, from the end of all backwards. */
static struct civil latest_by_hand(int count, int task)
{
    struct civil last = network_end(tasks, count);
    for (int i = 0; i < count; i++) {
        for (int b = 0; b < tasks[i].before_count; b++) {
            if (tasks[i].before[b] == task)
                last = civil_earlier(
                    last, business_day_add(&calendar, tasks[i].late_start, -1));
        }
    }
    return last;
}

START_TEST(earliest_and_latest_days_follow_from_the_waits)
{
    state = 88172645463325252ULL + 11;
    for (int n = 0; n < TRIES; n++) {
        int count = make();
        for (int i = 0; i < count; i++) {
            const struct network_task *task = &tasks[i];
            int days = network_distance(&calendar, task->start, task->end);
            ck_assert(civil_same(task->late_end, latest_by_hand(count, i)));
            ck_assert_int_eq(
                network_distance(&calendar, task->late_start, task->late_end), days);
            ck_assert_int_eq(
                network_distance(&calendar, task->early_start, task->early_end), days);
            ck_assert(!civil_before(task->start, task->early_start));
            ck_assert_int_ge(task->room, task->slack);
            for (int b = 0; b < task->before_count; b++)
                ck_assert(
                    civil_before(tasks[task->before[b]].early_end, task->early_start));
        }
    }
}
END_TEST

START_TEST(some_critical_task_carries_the_end)
{
    state = 88172645463325252ULL + 13;
    for (int n = 0; n < TRIES; n++) {
        int count = make(), carrying = 0;
        for (int i = 0; i < count; i++)
            carrying +=
                tasks[i].critical && civil_same(tasks[i].end, network_end(tasks, count));
        ck_assert_int_gt(carrying, 0);
    }
}
END_TEST

START_TEST(a_circle_is_found_and_what_is_outside_is_ordered)
{
    static const int first[] = {1}, second[] = {0};
    int ordered;
    struct network_task three[3] = {{.before = first, .before_count = 1},
                                    {.before = second, .before_count = 1},
                                    {.before_count = 0}};
    ck_assert(!network_order(three, 3, order, &ordered));
    ck_assert_int_eq(ordered, 1);
    ck_assert_int_eq(order[0], 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("network");
    TCase *tcase = tcase_create("network");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, nobody_begins_before_what_he_waits_for_has_ended);
    tcase_add_test(tcase, settling_twice_moves_nothing_and_keeps_every_length);
    tcase_add_test(tcase, slack_is_exactly_what_a_task_may_slip);
    tcase_add_test(tcase, earliest_and_latest_days_follow_from_the_waits);
    tcase_add_test(tcase, some_critical_task_carries_the_end);
    tcase_add_test(tcase, a_circle_is_found_and_what_is_outside_is_ordered);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
