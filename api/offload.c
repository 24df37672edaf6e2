/* One mutex, one condition, a ring of tasks. */
#include "offload.h"

#include "arena.h"
#include "log.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct task {
    struct loop *loop;
    void (*work)(void *arg);
    void (*done)(void *arg);
    void *arg;
};

struct offload {
    pthread_mutex_t lock; /* guards everything below but threads */
    pthread_cond_t changed;
    struct task *ring;
    int limit, oldest, count;
    bool stopping;
    int threads;
    pthread_t *ids;
};

/* false = stopping and nothing left. */
static bool next_task(struct offload *pool, struct task *ret)
{
    pthread_mutex_lock(&pool->lock);
    while (pool->count == 0 && !pool->stopping)
        pthread_cond_wait(&pool->changed, &pool->lock);
    bool got = pool->count > 0;
    if (got) {
        *ret = pool->ring[pool->oldest];
        pool->oldest = (pool->oldest + 1) % pool->limit;
        pool->count--;
    }
    pthread_mutex_unlock(&pool->lock);
    return got;
}

static void *worker(void *arg)
{
    struct task task;
    while (next_task(arg, &task)) {
        task.work(task.arg);
        loop_post(task.loop, task.done, task.arg);
    }
    return NULL;
}

/* Signals are for the main thread. */
static void start_threads(struct offload *pool)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (int i = 0; i < pool->threads; i++) {
        int error = pthread_create(&pool->ids[i], NULL, worker, pool);
        if (error)
            log_die("thread_start", "reason", strerrordesc_np(error), NULL);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct offload *offload_new(int threads, int queue_limit)
{
    struct offload *pool = calloc(1, sizeof *pool);
    if (!pool)
        arena_out_of_memory();
    pool->limit = queue_limit > 0 ? queue_limit : 1;
    pool->threads = threads > 0 ? threads : 1;
    pool->ring = calloc((size_t)pool->limit, sizeof *pool->ring);
    pool->ids = calloc((size_t)pool->threads, sizeof *pool->ids);
    if (!pool->ring || !pool->ids)
        arena_out_of_memory();
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, NULL);
    start_threads(pool);
    return pool;
}

bool offload_run(struct offload *pool, struct loop *loop, void (*work)(void *arg),
                 void (*done)(void *arg), void *arg)
{
    pthread_mutex_lock(&pool->lock);
    bool room = pool->count < pool->limit && !pool->stopping;
    if (room) {
        pool->ring[(pool->oldest + pool->count) % pool->limit] =
            (struct task){.loop = loop, .work = work, .done = done, .arg = arg};
        pool->count++;
        pthread_cond_signal(&pool->changed);
    }
    pthread_mutex_unlock(&pool->lock);
    return room;
}

void offload_stop(struct offload *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->threads; i++)
        pthread_join(pool->ids[i], NULL);
}

void offload_destroy(struct offload *pool)
{
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
    free(pool->ids);
    free(pool->ring);
    free(pool);
}
