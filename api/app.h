/* A program: contract, statements, services, ladder, jobs, listeners, graceful stop. */
#ifndef MEGURI_APP_H
#define MEGURI_APP_H

#include "jobs.h"
#include "request.h"

/* Operations run as steps. Consecutive sql and compute steps share one transaction; an offload step runs on the worker pool with no
 * transaction open (the ones before it are committed). Exactly one member of a step is set; a step with none ends the list.
 * An operation without handler entry is one sql step with its own name. */
struct step {
    const char *sql;                     /* statement name */
    bool (*compute)(struct request *rq); /* loop thread; microseconds */
    bool (*offload)(struct request *rq); /* worker thread; milliseconds */
    bool
        optional; /* sql: no row is fine (otherwise no row of a one-object statement is 404) */
};

struct handler {
    const char *operation_id; /* or "prefix*": every operation that begins so */
    const struct step *steps;
};

struct service {
    const char *name;
    const struct handler *handlers; /* operation_id NULL ends */
    const struct job *const *jobs;  /* NULL-terminated or NULL */
    const char *const *
        command_statements; /* that only operator commands use; NULL-terminated or NULL */
    /* Called once at boot after config; may be NULL. */
    void (*init)(const struct config *config);
};

/* `meguri admin run-jobs`: runs every job of the services until none has more to do and prints {"runs":N}, the number of runs that
 * did something; each_line: once for every line of standard input. False when jobs did not come to rest. */
bool app_run_jobs(const struct service *const *services, bool each_line);

/* For operator commands: everything that background work has, and one run per consultancy. */
struct operating {
    const struct config *config;
    struct arena *arena;
    struct session *session;
    const struct job *const *jobs; /* NULL-terminated */
};
/* Boots and connects as the programs do; closed with the process. NULL after saying why. */
struct operating *app_operate(const struct service *const *services);
/* Ids of the active consultancies, one row each, column id; NULL on failure. */
const struct rows *app_consultancies(struct operating *operating);
/* As a job of that consultancy would find it. */
struct job_run app_run_of(struct operating *operating, const char *consultancy);

/* Serves until SIGTERM. Returns the exit status. `--help` prints usage and the config table. */
int app_main(int argc, char **argv, const struct service *const *services);

#endif
