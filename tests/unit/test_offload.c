/* The worker pool, with a real event loop. */
#include "api/offload.h"
#include "tests/unit/ground.h"

#include <pthread.h>
#include <stdatomic.h>

enum { TASKS = 200 };

static struct loop *loop;
static _Atomic int worked;
static int done_count; /* loop thread only */
static pthread_t loop_thread;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void setup(void)
{
    loop = loop_new(0);
    loop_thread = pthread_self();
}

static void teardown(void)
{
    loop_destroy(loop);
}

static void work(void *arg)
{
    int *number = arg;
    ck_assert(!pthread_equal(pthread_self(), loop_thread));
    *number *= 2;
    atomic_fetch_add(&worked, 1);
}

static void done(void *arg)
{
    (void)arg;
    ck_assert(pthread_equal(pthread_self(), loop_thread));
    if (++done_count == TASKS)
        loop_stop(loop);
}

static void end(struct offload *pool)
{
    offload_stop(pool);
    offload_destroy(pool);
}

START_TEST(every_task_runs_once_elsewhere_and_ends_on_the_loop)
{
    int numbers[TASKS];
    struct offload *pool = offload_new(4, TASKS);
    for (int i = 0; i < TASKS; i++) {
        numbers[i] = i;
        ck_assert(offload_run(pool, loop, work, done, &numbers[i]));
    }
    loop_run(loop);
    for (int i = 0; i < TASKS; i++)
        ck_assert_int_eq(numbers[i], 2 * i);
    ck_assert_int_eq(atomic_load(&worked), TASKS);
    end(pool);
}
END_TEST

static _Atomic int started;

static void wait_for_gate(void *arg)
{
    (void)arg;
    atomic_fetch_add(&started, 1);
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    atomic_fetch_add(&worked, 1);
}

static void nothing(void *arg)
{
    (void)arg;
}

START_TEST(a_full_queue_refuses_and_destroying_finishes_what_waits)
{
    struct offload *pool = offload_new(1, 3);
    pthread_mutex_lock(&gate);
    ck_assert(offload_run(pool, loop, wait_for_gate, nothing, NULL));
    while (atomic_load(&started) == 0)
        sched_yield();
    for (int i = 0; i < 3; i++)
        ck_assert(offload_run(pool, loop, wait_for_gate, nothing, NULL));
    ck_assert(!offload_run(pool, loop, wait_for_gate, nothing, NULL));
    pthread_mutex_unlock(&gate);
    end(pool);
    ck_assert_int_eq(atomic_load(&worked), 4);
}
END_TEST

START_TEST(an_idle_pool_ends_at_once)
{
    end(offload_new(8, 1));
}
END_TEST

START_TEST(a_stopped_pool_refuses)
{
    struct offload *pool = offload_new(1, 8);

    offload_stop(pool);
    ck_assert(!offload_run(pool, loop, work, done, NULL));
    offload_destroy(pool);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("offload");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, every_task_runs_once_elsewhere_and_ends_on_the_loop);
    tcase_add_test(tests, a_full_queue_refuses_and_destroying_finishes_what_waits);
    tcase_add_test(tests, an_idle_pool_ends_at_once);
    tcase_add_test(tests, a_stopped_pool_refuses);
    return ground_run(tests);
}
