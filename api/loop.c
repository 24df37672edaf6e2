/* Event loop thread on libevent. The base has no locks: other threads come in through one queue and an eventfd, so
 * a post costs one mutex and, only when the queue was empty, one write(2). */
#include "loop.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

struct loop_call {
    void (*fn)(void *arg);
    void *arg;
};

struct loop_queue {
    struct loop_call *calls;
    size_t count;
    size_t capacity;
};

struct loop_timer {
    LIST_ENTRY(loop_timer) link;
    struct event event;
    struct loop_call call;
};

struct loop {
    int index;
    int wake_fd;
    struct event_base *base;
    struct event wake;
    pthread_mutex_t lock; /* guards `posted` only */
    struct loop_queue posted;
    struct loop_queue running; /* loop thread only; swapped with `posted` */
    LIST_HEAD(, loop_timer) timers;
};

static void queue_add(struct loop_queue *queue, struct loop_call call)
{
    if (queue->count == queue->capacity) {
        queue->capacity = queue->capacity ? queue->capacity * 2 : 64;
        queue->calls = reallocarray(queue->calls, queue->capacity, sizeof *queue->calls);
        if (!queue->calls)
            abort();
    }
    queue->calls[queue->count++] = call;
}

static void loop_take_posted(struct loop *loop)
{
    struct loop_queue empty = loop->running;

    pthread_mutex_lock(&loop->lock);
    loop->running = loop->posted;
    loop->posted = empty;
    pthread_mutex_unlock(&loop->lock);
}

static void loop_on_wake(evutil_socket_t fd, short what, void *arg)
{
    struct loop *loop = arg;
    uint64_t count;

    (void)what;
    if (read(fd, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR)
        abort();
    loop_take_posted(loop);
    for (size_t i = 0; i < loop->running.count; i++)
        loop->running.calls[i].fn(loop->running.calls[i].arg);
    loop->running.count = 0;
}

static struct event_base *base_new(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base;

    if (!config)
        return NULL;
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

struct loop *loop_new(int index)
{
    struct loop *loop = calloc(1, sizeof *loop);

    if (!loop)
        abort();
    loop->index = index;
    loop->base = base_new();
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!loop->base || loop->wake_fd < 0)
        abort();
    LIST_INIT(&loop->timers);
    pthread_mutex_init(&loop->lock, NULL);
    event_assign(&loop->wake, loop->base, loop->wake_fd, EV_READ | EV_PERSIST,
                 loop_on_wake, loop);
    event_add(&loop->wake, NULL);
    return loop;
}

void loop_destroy(struct loop *loop)
{
    struct loop_timer *timer, *next;

    if (!loop)
        return;
    for (timer = LIST_FIRST(&loop->timers); timer; timer = next) {
        next = LIST_NEXT(timer, link);
        evtimer_del(&timer->event);
        free(timer);
    }
    event_del(&loop->wake);
    close(loop->wake_fd);
    event_base_free(loop->base);
    pthread_mutex_destroy(&loop->lock);
    free(loop->posted.calls);
    free(loop->running.calls);
    free(loop);
}

struct event_base *loop_base(struct loop *loop)
{
    return loop->base;
}

int loop_index(const struct loop *loop)
{
    return loop->index;
}

void loop_run(struct loop *loop)
{
    event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

static void loop_break(void *arg)
{
    struct loop *loop = arg;

    event_base_loopexit(loop->base, NULL);
}

void loop_stop(struct loop *loop)
{
    loop_post(loop, loop_break, loop);
}

void loop_post(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    const uint64_t one = 1;
    bool first;

    pthread_mutex_lock(&loop->lock);
    first = loop->posted.count == 0;
    queue_add(&loop->posted, (struct loop_call){.fn = fn, .arg = arg});
    pthread_mutex_unlock(&loop->lock);
    if (first && write(loop->wake_fd, &one, sizeof one) < 0)
        assert(errno == EAGAIN);
}

static void timer_free(struct loop_timer *timer)
{
    LIST_REMOVE(timer, link);
    free(timer);
}

static void loop_on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct loop_timer *timer = arg;
    struct loop_call call = timer->call;

    (void)fd;
    (void)what;
    timer_free(timer);
    call.fn(call.arg);
}

struct loop_timer *loop_after(struct loop *loop, int64_t ms, void (*fn)(void *arg),
                              void *arg)
{
    const struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
    struct loop_timer *timer = calloc(1, sizeof *timer);

    if (!timer)
        abort();
    timer->call = (struct loop_call){.fn = fn, .arg = arg};
    LIST_INSERT_HEAD(&loop->timers, timer, link);
    evtimer_assign(&timer->event, loop->base, loop_on_timer, timer);
    evtimer_add(&timer->event, &delay);
    return timer;
}

void loop_cancel(struct loop_timer *timer)
{
    if (!timer)
        return;
    evtimer_del(&timer->event);
    timer_free(timer);
}
