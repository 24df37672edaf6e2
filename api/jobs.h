/* Background work. A job runs for one consultancy at a time under a lease with a fencing number (platform.work); several copies of a program share
 * the work. Each job thread has its own blocking session. No transaction is open during network I/O. */
#ifndef MEGURI_JOBS_H
#define MEGURI_JOBS_H

#include "arena.h"
#include "config.h"
#include "session.h"

#include <stdbool.h>
#include <stdint.h>

struct job_run {
    struct arena *arena; /* of this run */
    struct session *session;
    const struct config *config;
    const char *consultancy;
    struct db_context context; /* consultancy, reach "job": ready for session_begin */
    int64_t fence;
    int64_t now_us;
    const bool *stopping; /* look between steps; return early when true */
};

struct job {
    const char *name; /* "plan_reminders": key in platform.work and in metrics */
    int64_t
        every_ms; /* pause between two runs of the same consultancy when there was nothing to do */
    /* Returns true when there may be more to do right away. Logs its own failures. */
    bool (*run)(struct job_run *run);
    const char *const *statements; /* names it uses, NULL-terminated (boot check) */
    /* How many threads work for this job alone, because it waits for strangers; NULL = it takes turns with the others. */
    int64_t (*own_threads)(const struct config *config);
};

struct jobs;
struct jobs *jobs_start(const struct config *config, const struct job *const *jobs,
                        const struct statement_library *library);
/* In-process wake-up: look for work now (after a write). Any thread. */
void jobs_wake(struct jobs *jobs);
/* Running ones come to their end, none begins; returns at once. */
void jobs_ask_stop(struct jobs *jobs);
void jobs_stop(
    struct jobs *jobs); /* waits for running ones, releases leases; accepts NULL */
/* `meguri admin run-jobs`: one connection that may run the jobs again and again. */
struct job_worker;
struct job_worker *jobs_runner_open(const struct config *config,
                                    const struct job *const *jobs,
                                    const struct statement_library *library);
/* Every job for every consultancy until none says there is more. Number of runs that did something, -1 on failure. */
int jobs_run_until_idle(struct job_worker *runner);
void jobs_runner_close(struct job_worker *runner);

/* Binds pairs "name", "value", ... NULL for session_run. */
struct binder job_values(struct arena *arena, const struct job_run *run, ...)
    __attribute__((sentinel));

/* One statement in a transaction of its own, in this context (NULL: the run's). NULL after logging why. */
const struct rows *job_query(struct job_run *run, const struct db_context *context,
                             const char *statement, const struct binder *binder);

#endif
