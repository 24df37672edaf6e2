/* `meguri admin queues | pause | resume | test-mail | dry-run | reseal`. */
#include "operator_commands.h"

#include "services/notifications/forecast.h"
#include "services/notifications/operator.h"

#include "api/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char operator_usage[] =
    "  meguri admin queues             what waits, lags and died, by consultancy and by "
    "job\n"
    "  meguri admin pause WHAT [--consultancy ID] [--reason R]\n"
    "  meguri admin resume WHAT [--consultancy ID]\n"
    "                                  WHAT: email, webhook, or the name of a job that "
    "queues shows\n"
    "  meguri admin test-mail --to ADDRESS [--consultancy ID]\n"
    "                                  one mail, now; the first consultancy's server "
    "when none\n"
    "                                  is named\n"
    "  meguri admin dry-run --client ID [--days 30]\n"
    "                                  who will be reminded of what when, and why\n"
    "  meguri admin reseal             seal every stored secret with MEGURI_SECRET_FILE; "
    "the one\n"
    "                                  before is MEGURI_SECRET_FILE_PREVIOUS\n";

static const char *option(const struct operator_call *call, const char *name)
{
    for (int i = 0; i + 1 < call->argc; i++) {
        if (strcmp(call->argv[i], name) == 0)
            return call->argv[i + 1];
    }
    return NULL;
}

static int wrong_call(void)
{
    (void)fputs(operator_usage, stderr);
    return 2;
}

static int fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "meguri: %s: %s\n", what, why);
    return 1;
}

static void close_operating(struct operating *operating)
{
    session_close(operating->session);
    arena_destroy(operating->arena);
}

/* ---- queues ---- */

static json_t *exec_list(struct operating *operating, const char *sql)
{
    const struct rows *rows =
        session_exec(operating->session, operating->arena, sql, 0, NULL);
    return rows && rows_count(rows) ? json_loads(rows_text(rows, 0, "list"), 0, NULL)
                                    : NULL;
}

int operator_show_queues(const struct operator_call *call)
{
    struct operating *operating = app_operate(call->services);
    const struct rows *ids = operating ? app_consultancies(operating) : NULL;
    json_t *all = json_array();
    bool good = ids != NULL;
    for (int i = 0; good && i < rows_count(ids); i++) {
        struct job_run run = app_run_of(operating, rows_text(ids, i, "id"));
        json_t *one = operator_queues(&run);
        good = one && json_array_append_new(all, one) == 0;
    }
    json_t *jobs =
        good ? exec_list(operating, "select coalesce(jsonb_agg(to_jsonb(w)), '[]') as "
                                    "list from platform.inspect_work() w")
             : NULL;
    json_t *pauses =
        good ? exec_list(operating, "select coalesce(jsonb_agg(to_jsonb(p)), '[]') as "
                                    "list from platform.list_pauses() p")
             : NULL;
    good = jobs && pauses;
    json_t *out = json_pack("{s:o, s:o*, s:o*}", "consultancies", all, "jobs", jobs,
                            "pauses", pauses);
    if (good) {
        json_dumpf(out, stdout, JSON_INDENT(1));
        putchar('\n');
    }
    json_decref(out);
    if (operating)
        close_operating(operating);
    return good ? 0 : fail("queues", "the database did not answer; see above");
}

/* ---- pausing ---- */

static const struct {
    const char *channel;
    const char *jobs[4];
} channels[] = {
    {"email", {"deliver", "send_digests", "send_mail_tests", NULL}},
    {"webhook", {"deliver_webhooks", NULL}},
};

/* Names of the jobs that the word means, NULL-terminated; none when it means nothing. */
static void jobs_of(const struct operating *operating, const char *word,
                    const char *ret[4])
{
    ret[0] = NULL;
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        if (strcmp(channels[i].channel, word) == 0)
            memcpy((void *)ret, channels[i].jobs, sizeof channels[i].jobs);
    }
    for (const struct job *const *job = operating->jobs; *job && !ret[0]; job++) {
        if (strcmp((*job)->name, word) == 0) {
            ret[0] = (*job)->name;
            ret[1] = NULL;
        }
    }
}

/* What a switch does to one job. */
struct job_switch {
    const char *sql, *done, *undone;
};
static const struct job_switch pausing = {
    "select platform.pause_work($1, $2::uuid, $3) as done", "paused",
    "there is no such consultancy"};
static const struct job_switch resuming = {
    "select platform.resume_work($1, $2::uuid) as done where $3::text is not null",
    "resumed", "it was not paused"};

/* NULL, or why not. */
static const char *switch_job(struct operating *operating,
                              const struct operator_call *call, const char *job,
                              const struct job_switch *what)
{
    const char *consultancy = option(call, "--consultancy");
    const char *reason = option(call, "--reason");
    const char *values[] = {job, consultancy, reason ? reason : "by the operator"};
    const struct rows *rows =
        session_exec(operating->session, operating->arena, what->sql, 3, values);
    if (!rows)
        return session_error(operating->session)->message;
    if (rows_text(rows, 0, "done")[0] != 't')
        return what->undone;
    printf("%s %s for %s\n", job, what->done,
           consultancy ? consultancy : "all consultancies");
    return NULL;
}

static int switch_jobs(const struct operator_call *call, const struct job_switch *what)
{
    const char *jobs[4];
    if (call->argc < 1 || call->argv[0][0] == '-')
        return wrong_call();
    struct operating *operating = app_operate(call->services);
    if (!operating)
        return 1;
    jobs_of(operating, call->argv[0], jobs);
    const char *why =
        jobs[0] ? NULL : "no such channel or job; `meguri admin queues` shows them";
    for (int i = 0; !why && jobs[i]; i++)
        why = switch_job(operating, call, jobs[i], what);
    int status = why ? fail(call->argv[0], why) : 0;
    close_operating(operating);
    return status;
}

int operator_pause(const struct operator_call *call)
{
    return switch_jobs(call, &pausing);
}

int operator_resume(const struct operator_call *call)
{
    return switch_jobs(call, &resuming);
}

/* ---- mail, dry run ---- */

int operator_send_test(const struct operator_call *call)
{
    const char *to = option(call, "--to"), *consultancy = option(call, "--consultancy");
    if (!to)
        return wrong_call();
    struct operating *operating = app_operate(call->services);
    const struct rows *ids = operating ? app_consultancies(operating) : NULL;
    if (!consultancy && ids && rows_count(ids) > 0)
        consultancy = rows_text(ids, 0, "id");
    bool sent = false;
    if (operating && consultancy) {
        struct job_run run = app_run_of(operating, consultancy);
        sent = operator_test_mail(&run, to);
    }
    if (operating)
        close_operating(operating);
    return sent ? 0
                : fail("test-mail",
                       consultancy ? "not sent" : "there is no consultancy to send for");
}

int operator_show_forecast(const struct operator_call *call)
{
    const char *client = option(call, "--client"), *days = option(call, "--days");
    char *end = NULL;
    long count = days ? strtol(days, &end, 10) : 30;
    bool number = !days || (*days && !*end);
    if (!client || !number || count < 0 || count > FORECAST_DAYS_MAX)
        return wrong_call();
    struct operating *operating = app_operate(call->services);
    const struct rows *ids = operating ? app_consultancies(operating) : NULL;
    bool found = false, good = ids != NULL;
    for (int i = 0; good && !found && i < rows_count(ids); i++) {
        struct job_run run = app_run_of(operating, rows_text(ids, i, "id"));
        good = operator_dry_run(&run, client, (int)count, &found);
    }
    if (operating)
        close_operating(operating);
    return good && found
               ? 0
               : fail("dry-run", good ? "there is no such client" : "see above");
}

/* ---- secrets ---- */

int operator_seal_anew(const struct operator_call *call)
{
    struct operating *operating = app_operate(call->services);
    const struct rows *ids = operating ? app_consultancies(operating) : NULL;
    int keys = ids ? keys_reseal(operating->session, operating->arena) : -1, others = 0;
    bool good = keys >= 0;
    for (int i = 0; ids && i < rows_count(ids); i++) {
        struct job_run run = app_run_of(operating, rows_text(ids, i, "id"));
        int sealed = operator_reseal(&run);
        good &= sealed >= 0;
        others += sealed > 0 ? sealed : 0;
    }
    if (operating)
        close_operating(operating);
    if (!good)
        return fail("reseal",
                    "not all secrets were sealed anew; keep MEGURI_SECRET_FILE_PREVIOUS");
    printf("{\"signing_keys\":%d,\"others\":%d}\n", keys, others);
    return 0;
}
