/* The bounded worker pool for slow computing (argon2, PDF, imports). Threads share only its queue. */
#ifndef MEGURI_OFFLOAD_H
#define MEGURI_OFFLOAD_H

#include "loop.h"

#include <stdbool.h>

struct offload;

struct offload *offload_new(int threads, int queue_limit);
/* Runs work(arg) on a pool thread, then done(arg) on loop. false when the queue is full (nothing happens then). */
bool offload_run(struct offload *pool, struct loop *loop, void (*work)(void *arg),
                 void (*done)(void *arg), void *arg);
/* Waits for what is queued and ends the threads; offload_run refuses from now on. */
void offload_stop(struct offload *pool);
void offload_destroy(struct offload *pool); /* after offload_stop */

#endif
