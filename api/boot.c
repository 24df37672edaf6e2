/* From settings to what programs run on: statements, the contract, the list of jobs; and jobs run by an operator. */
#include "request_internal.h"

#include "clock.h"
#include "embedded.h"
#include "log.h"
#include "secret.h"
#include "session.h"
#include "token.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

extern const unsigned char contract_json[];
extern const size_t contract_json_len;

enum { MAX_SERVICES = 8, MAX_JOBS = 32 };

static void set_log_level(const char *name)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    for (int i = 0; i < 4; i++) {
        if (strcmp(names[i], name) == 0)
            log_set_level((enum log_level)i);
    }
}

static const struct statement_library *
load_statements(const struct service *const *services)
{
    const char *names[MAX_SERVICES + 2] = {"api"};
    int count = 1;
    for (; *services && count <= MAX_SERVICES; services++)
        names[count++] = (*services)->name;
    const char *error = NULL;
    const struct statement_library *library = statement_library_new(names, &error);
    if (!library)
        log_die("statements_refused", "reason", error, NULL);
    return library;
}

static const struct statement *shell_statement(const struct app *app, const char *name,
                                               const char *sort)
{
    const struct statement *statement = statement_find(app->library, name, sort, false);
    if (!statement)
        log_die("statement_missing", "name", name, NULL);
    return statement;
}

static void load_shell_statements(struct app *app)
{
    app->find_membership = shell_statement(app, "findMembership", NULL);
    app->find_client = shell_statement(app, "findClient", NULL);
    app->find_unknown_references = shell_statement(app, "findUnknownReferences", NULL);
    app->find_trail_tip = shell_statement(app, "findTrailTip", NULL);
    app->read_as_of = shell_statement(app, "readAsOf", NULL);
    app->list_as_of = shell_statement(app, "listAsOf", NULL);
    app->claim_idempotency = shell_statement(app, "claimIdempotency", NULL);
    app->find_idempotency = shell_statement(app, "findIdempotency", NULL);
    app->store_idempotency = shell_statement(app, "storeIdempotency", NULL);
}

void app_boot(struct app *app)
{
    const struct config *config = app->config;
    set_log_level(config->log_level);
    if (!clock_init(config->clock_file && *config->clock_file ? config->clock_file
                                                              : NULL))
        log_die("clock_unreadable", "file", config->clock_file, NULL);
    secret_init(config->secret_file, config->secret_file_previous);
    token_init(config->issuer, config->audience);
    for (const struct service *const *s = app->services; *s; s++) {
        if ((*s)->init)
            (*s)->init(config);
    }
    app->library = load_statements(app->services);
    load_shell_statements(app);
}

void app_boot_contract(struct app *app)
{
    const char *error = NULL;
    app->contract = contract_load(contract_json, contract_json_len, &error);
    if (!app->contract)
        log_die("contract_refused", "reason", error, NULL);
    if (!steps_bind(app, &error))
        log_die("contract_not_served", "reason", error, NULL);
}

const struct job *const *app_jobs(const struct service *const *services)
{
    static const struct job *list[MAX_JOBS + 1];
    int count = 0;
    for (; *services; services++) {
        for (const struct job *const *job = (*services)->jobs; job && *job; job++) {
            if (count < MAX_JOBS)
                list[count++] = *job;
        }
    }
    list[count] = NULL;
    return list;
}

/* A moved clock is seen at once: only this thread asks for it. */
static int run_jobs_now(struct app *app, struct job_worker *runner)
{
    clock_init(app->config->clock_file);
    int runs = jobs_run_until_idle(runner);
    printf("{\"runs\":%d}\n", runs);
    (void)fflush(stdout);
    return runs;
}

bool app_run_jobs(const struct service *const *services, bool each_line)
{
    static struct app app; /* lives as long as the process, like everything boot makes */
    (void)signal(SIGPIPE, SIG_IGN);
    app = (struct app){.config = config_load(), .services = services};
    app_boot(&app);
    struct job_worker *runner =
        jobs_runner_open(app.config, app_jobs(services), app.library);
    bool idle = each_line || run_jobs_now(&app, runner) >= 0;
    for (int c = each_line ? getchar() : EOF; c != EOF && idle; c = getchar()) {
        if (c == '\n')
            idle = run_jobs_now(&app, runner) >= 0;
    }
    jobs_runner_close(runner);
    return idle;
}

struct operating *app_operate(const struct service *const *services)
{
    static struct app app;
    static struct operating operating;
    const char *error = NULL;
    app = (struct app){.config = config_load(), .services = services};
    app_boot(&app);
    operating = (struct operating){
        .config = app.config, .arena = arena_new(), .jobs = app_jobs(services)};
    operating.session =
        session_open(operating.arena, app.config->database, app.library, &error);
    if (operating.session)
        return &operating;
    (void)fprintf(stderr, "meguri: database: %s\n", error);
    arena_destroy(operating.arena);
    return NULL;
}

const struct rows *app_consultancies(struct operating *operating)
{
    return session_exec(
        operating->session, operating->arena,
        "select id from platform.consultancies where status = 'active' order by id", 0,
        NULL);
}

struct job_run app_run_of(struct operating *operating, const char *consultancy)
{
    static const bool never = false;
    return (struct job_run){
        .arena = operating->arena,
        .session = operating->session,
        .config = operating->config,
        .consultancy = consultancy,
        .context = {.consultancy = consultancy, .reach = "job"},
        .now_us = clock_now_us(),
        .stopping = &never,
    };
}
