/* The operator's view of one consultancy. */
#include "operator.h"

#include "forecast.h"
#include "mail.h"
#include "service.h"
#include "webhook_sign.h"

#include "api/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const operator_statements[] = {"inspectQueues",
                                           "requestMailTest",
                                           "readMailTest",
                                           "listSealed",
                                           "resealWebhook",
                                           "resealMailServer",
                                           NULL};

/* ---- queues ---- */

json_t *operator_queues(struct job_run *run)
{
    static const char *const numbers[] = {
        "reminders_due", "mails_waiting",      "mails_retrying",
        "mails_dead",    "lag_seconds",        "webhooks_waiting",
        "webhooks_dead", "endpoints_disabled", "addresses_bounced"};
    struct binder binder = job_values(run->arena, run, NULL);
    const struct rows *rows = job_query(run, NULL, "inspectQueues", &binder);
    if (!rows || rows_count(rows) == 0)
        return NULL;
    json_t *out = json_pack("{s:s, s:s}", "consultancy_id", run->consultancy, "name",
                            rows_text(rows, 0, "name"));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_object_set_new(
            out, numbers[i],
            json_integer(strtoll(rows_text(rows, 0, numbers[i]), NULL, 10)));
    json_object_set_new(out, "dead_reasons",
                        json_loads(rows_text(rows, 0, "dead_reasons"), 0, NULL));
    return out;
}

/* ---- test mail ---- */

bool operator_test_mail(struct job_run *run, const char *address)
{
    if (!mail_address_valid(address)) {
        (void)fprintf(stderr, "meguri: %s is no plain mail address\n", address);
        return false;
    }
    struct binder asked = job_values(run->arena, run, "address", address, NULL);
    const struct rows *rows = job_query(run, NULL, "requestMailTest", &asked);
    if (!rows || rows_count(rows) == 0)
        return false;
    send_mail_tests_job.run(run);
    struct binder binder =
        job_values(run->arena, run, "mail_test", rows_text(rows, 0, "id"), NULL);
    const struct rows *done = job_query(run, NULL, "readMailTest", &binder);
    if (!done || rows_count(done) == 0)
        return false;
    const char *status = rows_text(done, 0, "status"),
               *detail = rows_text(done, 0, "detail");
    printf("%s: %s\n", status, detail ? detail : "a running program takes it");
    return strcmp(status, "failed") != 0;
}

/* ---- dry run ---- */

struct client_source {
    struct job_run *run;
    const char *client, *client_ids, *deadline_ids;
};

static const struct rows *query(void *arg, const char *statement)
{
    const struct client_source *source = arg;
    struct binder binder = job_values(source->run->arena, source->run, "client_id",
                                      source->client, "client_ids", source->client_ids,
                                      "deadline_ids", source->deadline_ids, NULL);
    return job_query(source->run, NULL, statement, &binder);
}

static const char *text(const json_t *item, const char *name)
{
    const char *value = json_string_value(json_object_get(item, name));
    return value ? value : "-";
}

static void print_line(const json_t *item)
{
    const json_t *why = json_object_get(item, "why");
    int offset = (int)json_integer_value(json_object_get(item, "offset_days"));
    printf("%s %s %s  %s  %s <%s>\n", text(item, "send_on"), text(item, "send_time"),
           text(item, "time_zone"), text(item, "channel"), text(item, "receiver_name"),
           text(item, "receiver_email"));
    printf(
        "    %s\n    due %s, %d days %s; policy \"%s\"; %s%s%s%s%s\n",
        text(item, strcmp(text(item, "language"), "en") == 0 ? "title_en" : "title_ja"),
        text(item, "due_on"), abs(offset), offset < 0 ? "over" : "before",
        text(why, "policy_name"), text(why, "hardness"),
        *text(why, "rule") == '-' ? "" : ", rule ",
        *text(why, "rule") == '-' ? "" : text(why, "rule"),
        *text(why, "not_sent_because") == '-' ? "" : "; NOT SENT: ",
        *text(why, "not_sent_because") == '-' ? "" : text(why, "not_sent_because"));
}

bool operator_dry_run(struct job_run *run, const char *client, int days, bool *ret_found)
{
    struct client_source arg = {.run = run, .client = client};
    const struct rows *rows = query(&arg, "loadForecast");
    *ret_found = rows && rows_count(rows) > 0;
    if (!rows || !*ret_found)
        return rows != NULL;
    arg.client_ids = rows_text(rows, 0, "client_ids");
    arg.deadline_ids = rows_text(rows, 0, "deadline_ids");
    struct plan_source source = {run->arena, query, &arg};
    json_t *found = forecast(&source, rows_text(rows, 0, "today"), days), *item;
    const json_t *data = json_object_get(found, "data");
    size_t i;
    json_array_foreach(data, i, item) print_line(item);
    printf("%zu reminders within %d days, told until %s\n", json_array_size(data), days,
           json_string_value(json_object_get(found, "until")));
    json_decref(found);
    return found != NULL;
}

/* ---- sealing anew ---- */

/* NULL stays NULL; *ret_bad: it does not open. */
static const char *resealed(struct job_run *run, const char *purpose, const char *sealed,
                            bool *ret_bad)
{
    size_t len = 0;
    const char *opened = sealed ? secret_open(run->arena, purpose, sealed, &len) : NULL;
    *ret_bad |= sealed && !opened;
    return opened ? secret_seal(run->arena, purpose, opened, len) : NULL;
}

static bool reseal_row(struct job_run *run, const struct rows *rows, int i)
{
    bool webhook = strcmp(rows_text(rows, i, "sort"), "webhook") == 0, bad = false;
    const char *purpose = webhook ? WEBHOOK_KEYS_PURPOSE : "mail-server";
    const char *before = rows_text(rows, i, "sealed");
    const char *after = resealed(run, purpose, before, &bad);
    const char *after_too =
        resealed(run, purpose, rows_text(rows, i, "sealed_too"), &bad);
    if (bad) {
        (void)fprintf(stderr, "meguri: %s %s does not open with either secret\n",
                      webhook ? "webhook endpoint" : "mail server",
                      rows_text(rows, i, "id"));
        return false;
    }
    struct binder binder =
        job_values(run->arena, run, "sealed_id", rows_text(rows, i, "id"), "before",
                   before, "after", after, "after_too", after_too, NULL);
    return job_query(run, NULL, webhook ? "resealWebhook" : "resealMailServer", &binder);
}

int operator_reseal(struct job_run *run)
{
    struct binder binder = job_values(run->arena, run, NULL);
    const struct rows *rows = job_query(run, NULL, "listSealed", &binder);
    bool good = rows != NULL;
    for (int i = 0; rows && i < rows_count(rows); i++)
        good &= reseal_row(run, rows, i);
    return good ? rows_count(rows) : -1;
}
