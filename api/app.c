/* Event loops, and the graceful stop. Everything built here is const once the loops run. */
#include "request_internal.h"

#include "clock.h"
#include "db_check.h"
#include "id.h"
#include "keys.h"
#include "log.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

enum {
    MAX_LOOPS_BY_CORES = 8,
    KEYS_EVERY_S = 5,
    TOKEN_SLOTS = 4096,
    RATE_SLOTS = 16384,
    RATE_WINDOW_S = 60
};

/* Only the tenants service makes tokens. */
static bool signs(const struct app *app)
{
    for (const struct service *const *s = app->services; *s; s++) {
        if (strcmp((*s)->name, "tenants") == 0)
            return true;
    }
    return false;
}

/* SIGTERM and SIGINT stay blocked until wait_for_stop takes them. */
static bool stop_signalled(void *arg)
{
    sigset_t pending;
    (void)arg;
    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1);
}

static bool load_keys(const struct app *app, bool may_add, const char **ret_error)
{
    const struct session_limits limits = {.answer_ms = KEYS_EVERY_S * 1000,
                                          .give_up = stop_signalled};
    return keys_load(app->config->database, &limits, may_add, ret_error);
}

static void check_database(const struct app *app)
{
    const char *error = NULL;
    struct arena *arena = arena_new();
    if (!db_check_role(arena, app->config->database, &error))
        log_die("database_role_refused", "reason", error, NULL);
    if (!statements_check(arena, app->config->database, app->library, NULL, NULL, &error))
        log_die("statements_do_not_fit_database", "reason", error, "hint",
                "run `meguri migrate` with this version", NULL);
    if (!load_keys(app, signs(app), &error))
        log_die("signing_keys_unreadable", "reason", error, NULL);
    arena_destroy(arena);
}

/* ---- loops ---- */

static int loop_count(const struct config *config)
{
    if (config->loops > 0)
        return (int)config->loops;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > MAX_LOOPS_BY_CORES ? MAX_LOOPS_BY_CORES : (int)cores;
}

static struct db *open_database(const struct app *app, struct loop *loop)
{
    const struct config *config = app->config;
    int writes = (int)config->write_connections / app->worker_count;
    const struct db_options options = {
        .conninfo = config->database,
        .read_connections = (int)config->read_connections,
        .write_connections = writes < 1 ? 1 : writes,
        .slow_connections = (int)config->slow_connections,
        .queue_limit = (int)config->lane_queue,
        .statement_timeout_ms = (int)config->statement_timeout_ms,
    };
    return db_new(loop, &options, app->library);
}

static void worker_init(struct app *app, struct worker *worker, int index)
{
    const struct config *config = app->config;
    worker->app = app;
    worker->loop = loop_new(index);
    worker->db = open_database(app, worker->loop);
    worker->tokens = token_cache_new(TOKEN_SLOTS);
    worker->calls = rate_table_new(
        RATE_SLOTS, (config->rate_limit + app->worker_count - 1) / app->worker_count,
        RATE_WINDOW_S);
    worker->failures =
        rate_table_new(RATE_SLOTS, config->login_rate_limit, RATE_WINDOW_S);
    worker->members = membership_cache_new();
}

/* The first loop picks the port when 0 was asked for; the others share it. */
static const char *listen_address(struct app *app, struct arena *arena)
{
    const char *listen = app->config->listen;
    const char *colon = strrchr(listen, ':');
    if (!colon || strcmp(colon, ":0") != 0 || !app->workers[0].server)
        return listen;
    return arena_printf(arena, "%.*s:%d", (int)(colon - listen), listen,
                        http_server_port(app->workers[0].server));
}

static void worker_listen(struct app *app, struct worker *worker, struct arena *arena)
{
    const struct config *config = app->config;
    const struct http_options options = {
        .listen = listen_address(app, arena),
        .max_connections = config->max_connections / app->worker_count,
        .max_per_peer = config->max_per_peer,
        .request_timeout_ms = config->request_timeout_ms,
        .idle_timeout_ms = config->idle_timeout_ms,
        .body_limit = config->body_limit,
        .tls_certificate = config->tls_certificate,
        .tls_key = config->tls_key,
    };
    const struct http_callbacks callbacks = {.on_request = ladder_on_request,
                                             .body_limit = ladder_body_limit,
                                             .edge_headers = reply_edge_headers,
                                             .arg = worker};
    const char *error = NULL;
    worker->server = http_server_new(worker->loop, &options, &callbacks, &error);
    if (!worker->server)
        log_die("listen_failed", "address", options.listen, "reason", error, NULL);
}

static void *loop_thread(void *arg)
{
    loop_run(((struct worker *)arg)->loop);
    return NULL;
}

static struct http_server *listen_all(struct app *app, struct arena *arena)
{
    for (int i = 0; i < app->worker_count; i++)
        worker_listen(app, &app->workers[i], arena);
    const char *error = NULL;
    struct http_server *admin = admin_listen(app, app->workers[0].loop, &error);
    if (!admin)
        log_die("listen_failed", "address", app->config->admin_listen, "reason", error,
                NULL);
    log_event(LOG_LEVEL_INFO, "listening", "address", app->config->listen, "port",
              arena_printf(arena, "%d", http_server_port(app->workers[0].server)),
              "admin_port", arena_printf(arena, "%d", http_server_port(admin)), "loops",
              arena_printf(arena, "%d", app->worker_count), NULL);
    return admin;
}

/* ---- stop ---- */

static void drain_worker(void *arg)
{
    struct worker *worker = arg;
    http_server_drain(worker->server);
    __atomic_store_n(&worker->drains, true, __ATOMIC_RELEASE);
}

static bool is_drained(const struct app *app)
{
    for (int i = 0; i < app->worker_count; i++) {
        const struct worker *worker = &app->workers[i];
        if (!__atomic_load_n(&worker->drains, __ATOMIC_ACQUIRE) ||
            http_server_connections(worker->server) > 0)
            return false;
    }
    return true;
}

static void drain(struct app *app)
{
    __atomic_store_n(&app->draining, true, __ATOMIC_RELEASE);
    log_event(LOG_LEVEL_INFO, "stopping", NULL);
#ifdef HAVE_SYSTEMD
    sd_notify(0, "STOPPING=1");
#endif
    jobs_ask_stop(app->jobs);
    for (int i = 0; i < app->worker_count; i++)
        loop_post(app->workers[i].loop, drain_worker, &app->workers[i]);
    int64_t until = clock_monotonic_ms() + app->config->stop_seconds * 1000;
    struct timespec pause = {.tv_nsec = 10 * 1000000};
    while (clock_monotonic_ms() < until && !is_drained(app))
        nanosleep(&pause, NULL);
}

static void destroy_workers(struct app *app, struct http_server *admin)
{
    http_server_destroy(admin);
    for (int i = 0; i < app->worker_count; i++) {
        struct worker *worker = &app->workers[i];
        http_server_destroy(worker->server);
        db_destroy(worker->db);
        token_cache_destroy(worker->tokens);
        rate_table_destroy(worker->calls);
        rate_table_destroy(worker->failures);
        membership_cache_destroy(worker->members);
        loop_destroy(worker->loop);
    }
}

/* The main thread keeps the key ring fresh and waits for the signal. */
static void wait_for_stop(const struct app *app, const sigset_t *signals)
{
    for (;;) {
        const struct timespec tick = {.tv_sec = KEYS_EVERY_S};
        int signal_number = sigtimedwait(signals, NULL, &tick);
        if (signal_number == SIGTERM || signal_number == SIGINT)
            return;
        const char *error = NULL;
        if (!load_keys(app, false, &error))
            log_event(LOG_LEVEL_WARN, "signing_keys_unreadable", "reason", error, NULL);
    }
}

static void serve(struct app *app, const sigset_t *signals)
{
    struct arena *arena = arena_new();
    app->worker_count = loop_count(app->config);
    app->workers = arena_alloc(arena, sizeof *app->workers * (size_t)app->worker_count);
    app->pool =
        offload_new((int)app->config->offload_threads, (int)app->config->offload_queue);
    app->jobs = jobs_start(app->config, app_jobs(app->services), app->library);
    for (int i = 0; i < app->worker_count; i++)
        worker_init(app, &app->workers[i], i);
    struct http_server *admin = listen_all(app, arena);
    for (int i = 0; i < app->worker_count; i++) {
        if (pthread_create(&app->workers[i].thread, NULL, loop_thread,
                           &app->workers[i]) != 0)
            log_die("thread_failed", "what", "loop", NULL);
    }
#ifdef HAVE_SYSTEMD
    sd_notify(0, "READY=1");
#endif
    wait_for_stop(app, signals);
    drain(app);
    jobs_stop(app->jobs);
    offload_stop(app->pool);
    for (int i = 0; i < app->worker_count; i++) {
        loop_stop(app->workers[i].loop);
        pthread_join(app->workers[i].thread, NULL);
    }
    offload_destroy(app->pool);
    destroy_workers(app, admin);
    arena_destroy(arena);
    log_event(LOG_LEVEL_INFO, "stopped", NULL);
}

static void usage(const char *program)
{
    printf("Usage: %s [--help]\n\nServes until SIGTERM. Settings come from the "
           "environment:\n\n",
           program);
    config_print(stdout, false);
}

int app_main(int argc, char **argv, const struct service *const *services)
{
    if (argc > 1) {
        usage(argv[0]);
        return strcmp(argv[1], "--help") == 0 ? 0 : 2;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    struct app app = {.config = config_load(), .services = services};
    app_boot(&app);
    app_boot_contract(&app);
    check_database(&app);
    serve(&app, &signals);
    return 0;
}
