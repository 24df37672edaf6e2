/* One event loop thread (libevent). Loops share nothing; other threads reach one only by loop_post. */
#ifndef MEGURI_LOOP_H
#define MEGURI_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct loop;

struct loop *loop_new(int index);
void loop_destroy(struct loop *loop);
struct event_base *loop_base(struct loop *loop);
int loop_index(const struct loop *loop);

/* Runs until loop_stop. Called on the thread that owns the loop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop); /* any thread */

/* Runs fn(arg) soon on the loop's thread; from any thread, in order of posting. */
void loop_post(struct loop *loop, void (*fn)(void *arg), void *arg);
/* Runs fn(arg) on this loop after ms; loop thread only. Returns a handle for loop_cancel. */
struct loop_timer *loop_after(struct loop *loop, int64_t ms, void (*fn)(void *arg),
                              void *arg);
void loop_cancel(
    struct loop_timer *timer); /* accepts NULL; a fired one-shot timer is already freed */

#endif
