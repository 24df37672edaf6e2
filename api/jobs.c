/* Job threads: claim one consultancy of one job by lease, run, say when it is due again. Threads share only the wake-up condition and const data. */
#include "jobs.h"

#include "clock.h"
#include "id.h"
#include "log.h"
#include "metrics.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ENSURE_EVERY_MS = 5000,
    WAKE_PAUSE_MS = 100,
    HOLDER_TEXT = ID_TEXT,
    ANSWER_MS = 90000,    /* over every timeout that the server itself keeps */
    STOP_ANSWER_MS = 5000 /* for what is under way when the program stops */
};

struct jobs {
    const struct config *config;
    struct crew *crews; /* a NULL list ends them */
    const struct statement_library *library;
    pthread_t *threads;
    int thread_count;
    pthread_mutex_t lock; /* guards woken */
    pthread_cond_t wake;
    uint64_t woken;
    bool stopping; /* atomic access, like: */
    int64_t
        give_up_ms; /* when the database need not be waited for any more; 0 = not yet */
};

/* Threads that share a list of jobs. */
struct crew {
    struct jobs *jobs;
    const struct job **list;
    int64_t threads;
};

/* What one thread works with. */
struct job_worker {
    const struct config *config;
    const struct job *const *list;
    const struct statement_library *library;
    struct arena *arena; /* of the session */
    struct session *session;
    char holder[HOLDER_TEXT];
    const bool *stopping;
    struct session_limits limits;
    int64_t ensured_ms;
    bool complained; /* about the present outage */
};

static bool is_stopping(const bool *stopping)
{
    return __atomic_load_n(stopping, __ATOMIC_ACQUIRE);
}

static bool worker_connect(struct job_worker *worker)
{
    if (worker->session && session_usable(worker->session))
        return true;
    session_close(worker->session);
    arena_destroy(worker->arena);
    worker->arena = arena_new();
    const char *error = NULL;
    worker->session = session_open_limited(worker->arena, worker->config->database,
                                           worker->library, &worker->limits, &error);
    if (!worker->session && !worker->complained && !is_stopping(worker->stopping))
        log_event(LOG_LEVEL_WARN, "jobs_database_away", "message", error, NULL);
    worker->complained = worker->session == NULL;
    worker->ensured_ms = 0;
    return worker->session != NULL;
}

static void worker_close(struct job_worker *worker)
{
    session_close(worker->session);
    arena_destroy(worker->arena);
}

/* Every consultancy has a row per job; new consultancies and jobs get theirs here. */
static void worker_ensure(struct job_worker *worker, struct arena *arena)
{
    int64_t now = clock_monotonic_ms();
    if (worker->ensured_ms && now - worker->ensured_ms < ENSURE_EVERY_MS)
        return;
    struct text names _text_auto_ = {0};
    text_addc(&names, '{');
    for (int i = 0; worker->list[i]; i++)
        text_addf(&names, "%s%s", i ? "," : "", worker->list[i]->name);
    text_addc(&names, '}');
    const char *values[] = {names.data};
    if (session_exec(worker->session, arena, "select platform.ensure_work($1::text[])", 1,
                     values))
        worker->ensured_ms = now;
}

struct claim {
    const char *consultancy;
    int64_t fence;
};

static bool claim_work(struct job_worker *worker, struct arena *arena,
                       const struct job *job, struct claim *ret)
{
    const char *values[] = {
        job->name, worker->holder,
        arena_printf(arena, "%lld", (long long)worker->config->lease_seconds)};
    const struct rows *rows = session_exec(
        worker->session, arena,
        "select consultancy_id, fence from platform.claim_work($1, $2, $3::int)", 3,
        values);
    if (!rows || rows_count(rows) == 0 || !rows_text(rows, 0, "consultancy_id"))
        return false;
    ret->consultancy = rows_text(rows, 0, "consultancy_id");
    ret->fence = strtoll(rows_text(rows, 0, "fence"), NULL, 10);
    return true;
}

static void finish_work(struct job_worker *worker, struct arena *arena,
                        const struct job *job, const struct claim *claim, bool more)
{
    double pause_s = more ? 0.0 : (double)job->every_ms / 1000.0;
    const char *values[] = {job->name, claim->consultancy, worker->holder,
                            arena_printf(arena, "%lld", (long long)claim->fence),
                            arena_printf(arena, "%.3f", pause_s)};
    if (!session_exec(
            worker->session, arena,
            "select platform.finish_work($1, $2::uuid, $3, $4::bigint, $5::float8)", 5,
            values))
        log_event(LOG_LEVEL_WARN, "job_finish_failed", "job", job->name, "message",
                  session_error(worker->session)->message, NULL);
}

static void count_run(const struct job *job, int64_t started_ms)
{
    struct arena *arena = arena_new();
    const char *label = arena_printf(arena, "job=\"%s\"", job->name);
    metric_observe_us(
        metric_histogram("meguri_job_seconds", "Time of one job run", label),
        (clock_monotonic_ms() - started_ms) * 1000);
    arena_destroy(arena);
}

/* One run of one job for one consultancy. ret_more: the job says there is more to do. false = nothing was due. */
static bool worker_run_one(struct job_worker *worker, const struct job *job,
                           bool *ret_more)
{
    struct arena *arena = arena_new();
    struct claim claim;
    bool did = claim_work(worker, arena, job, &claim);
    if (did) {
        int64_t started = clock_monotonic_ms();
        struct job_run run = {
            .arena = arena,
            .session = worker->session,
            .config = worker->config,
            .consultancy = claim.consultancy,
            .context = {.consultancy = claim.consultancy, .reach = "job"},
            .fence = claim.fence,
            .now_us = clock_now_us(),
            .stopping = worker->stopping,
        };
        *ret_more = job->run(&run);
        finish_work(worker, arena, job, &claim, *ret_more);
        count_run(job, started);
    }
    arena_destroy(arena);
    return did;
}

/* All jobs in turn, so that one job's long queue does not starve another's. */
static bool worker_round(struct job_worker *worker)
{
    bool did = false;
    struct arena *arena = arena_new();
    worker_ensure(worker, arena);
    arena_destroy(arena);
    for (int i = 0; worker->list[i] && !is_stopping(worker->stopping); i++) {
        bool more = false;
        did |= worker_run_one(worker, worker->list[i], &more);
    }
    return did;
}

static struct timespec instant_in(int64_t ms)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    int64_t ns = at.tv_nsec + ms * 1000000;
    at.tv_sec += ns / 1000000000;
    at.tv_nsec = ns % 1000000000;
    return at;
}

/* Many writes wake once: after a short pause, so that looking for work does not compete with the writes. */
static void wait_for_work(struct jobs *jobs, uint64_t *seen)
{
    const struct timespec until = instant_in(jobs->config->job_poll_ms);
    const struct timespec soonest = instant_in(WAKE_PAUSE_MS);
    int ended = 0;
    pthread_mutex_lock(&jobs->lock);
    while (*seen == jobs->woken && ended == 0 && !is_stopping(&jobs->stopping))
        ended = pthread_cond_timedwait(&jobs->wake, &jobs->lock, &until);
    while (ended == 0 && !is_stopping(&jobs->stopping))
        ended = pthread_cond_timedwait(&jobs->wake, &jobs->lock, &soonest);
    *seen = jobs->woken;
    pthread_mutex_unlock(&jobs->lock);
}

static bool waited_enough(void *arg)
{
    const struct jobs *jobs = arg;
    int64_t give_up_ms = __atomic_load_n(&jobs->give_up_ms, __ATOMIC_ACQUIRE);
    return give_up_ms > 0 && clock_monotonic_ms() >= give_up_ms;
}

static void *job_thread(void *arg)
{
    const struct crew *crew = arg;
    struct jobs *jobs = crew->jobs;
    struct job_worker worker = {
        .config = jobs->config,
        .list = crew->list,
        .library = jobs->library,
        .stopping = &jobs->stopping,
        .limits = {.answer_ms = ANSWER_MS, .give_up = waited_enough, .arg = jobs}};
    id_new(worker.holder);
    uint64_t seen = 0;
    while (!is_stopping(&jobs->stopping)) {
        if (!worker_connect(&worker) || !worker_round(&worker))
            wait_for_work(jobs, &seen);
    }
    worker_close(&worker);
    return NULL;
}

static void *must_have(void *memory)
{
    if (!memory)
        log_die("out_of_memory", NULL);
    return memory;
}

/* The first crew does what no other does; a program without job threads has none at all. Returns the number of threads. */
static int64_t make_crews(struct jobs *jobs, const struct job *const *list)
{
    size_t count = 0, shared = 0, crews = 1;
    while (list[count])
        count++;
    jobs->crews = must_have(calloc(count + 2, sizeof *jobs->crews));
    jobs->crews[0].list = must_have(calloc(count + 1, sizeof(struct job *)));
    int64_t threads = 0;
    for (size_t i = 0; i < count; i++) {
        if (!list[i]->own_threads) {
            jobs->crews[0].list[shared++] = list[i];
            continue;
        }
        struct crew *crew = &jobs->crews[crews++];
        *crew = (struct crew){.jobs = jobs,
                              .list = must_have(calloc(2, sizeof(struct job *))),
                              .threads = jobs->config->job_threads
                                             ? list[i]->own_threads(jobs->config)
                                             : 0};
        crew->list[0] = list[i];
        threads += crew->threads;
    }
    jobs->crews[0].jobs = jobs;
    jobs->crews[0].threads = shared ? jobs->config->job_threads : 0;
    return threads + jobs->crews[0].threads;
}

struct jobs *jobs_start(const struct config *config, const struct job *const *list,
                        const struct statement_library *library)
{
    struct jobs *jobs = must_have(calloc(1, sizeof *jobs));
    *jobs = (struct jobs){.config = config, .library = library};
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_cond_init(&jobs->wake, NULL);
    size_t threads = (size_t)make_crews(jobs, list);
    jobs->threads = must_have(calloc(threads + 1, sizeof *jobs->threads));
    for (struct crew *crew = jobs->crews; crew->list; crew++) {
        for (int64_t i = 0; i < crew->threads; i++) {
            if (pthread_create(&jobs->threads[jobs->thread_count++], NULL, job_thread,
                               crew) != 0)
                log_die("thread_failed", "what", "jobs", NULL);
        }
    }
    return jobs;
}

void jobs_wake(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    jobs->woken++;
    pthread_cond_broadcast(&jobs->wake);
    pthread_mutex_unlock(&jobs->lock);
}

void jobs_ask_stop(struct jobs *jobs)
{
    if (is_stopping(&jobs->stopping))
        return;
    __atomic_store_n(&jobs->give_up_ms, clock_monotonic_ms() + STOP_ANSWER_MS,
                     __ATOMIC_RELEASE);
    __atomic_store_n(&jobs->stopping, true, __ATOMIC_RELEASE);
    jobs_wake(jobs);
}

void jobs_stop(struct jobs *jobs)
{
    if (!jobs)
        return;
    jobs_ask_stop(jobs);
    for (int i = 0; i < jobs->thread_count; i++)
        pthread_join(jobs->threads[i], NULL);
    pthread_cond_destroy(&jobs->wake);
    pthread_mutex_destroy(&jobs->lock);
    for (struct crew *crew = jobs->crews; crew->list; crew++)
        free((void *)crew->list);
    free(jobs->crews);
    free(jobs->threads);
    free(jobs);
}

/* ---- until idle ---- */

/* Makes every row of the program's jobs due, so that "idle" means idle and not "paused". */
static bool make_due(struct job_worker *worker)
{
    struct arena *arena = arena_new();
    struct text names _text_auto_ = {0};
    for (int i = 0; worker->list[i]; i++)
        text_addf(&names, "%s%s", i ? "," : "{", worker->list[i]->name);
    text_addc(&names, '}');
    const char *values[] = {names.data};
    worker->ensured_ms = 0;
    worker_ensure(worker, arena);
    bool done =
        session_exec(worker->session, arena, "select platform.make_work_due($1::text[])",
                     1, values) != NULL;
    arena_destroy(arena);
    return done;
}

/* One pass over every consultancy of every job; did any say there is more? */
static bool pass(struct job_worker *worker, int *runs)
{
    bool any_more = false;
    for (int i = 0; worker->list[i]; i++) {
        bool more = false;
        while (worker_run_one(worker, worker->list[i], &more)) {
            *runs += more;
            any_more |= more;
            more = false;
        }
    }
    return any_more;
}

struct job_worker *jobs_runner_open(const struct config *config,
                                    const struct job *const *list,
                                    const struct statement_library *library)
{
    static const bool never_stopping = false;
    struct job_worker *worker = must_have(calloc(1, sizeof *worker));
    *worker = (struct job_worker){
        .config = config, .list = list, .library = library, .stopping = &never_stopping};
    id_new(worker->holder);
    return worker;
}

int jobs_run_until_idle(struct job_worker *worker)
{
    enum { PASSES = 10000 };
    int runs = 0;
    bool more = worker->list[0] != NULL;
    for (int i = 0; i < PASSES && more; i++) {
        bool due = worker_connect(worker) && make_due(worker);
        if (!due && !(worker_connect(worker) && make_due(worker))) /* it had died */
            return -1;
        more = pass(worker, &runs);
    }
    return more ? -1 : runs;
}

void jobs_runner_close(struct job_worker *worker)
{
    worker_close(worker);
    free(worker);
}
