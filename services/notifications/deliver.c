/* Jobs queue_reminders and deliver. A mail is claimed under a lease and committed, sent with no transaction open, and its outcome recorded
 * before the next one is tried: a crash repeats at most the one in flight, under the same Message-ID. */
#include "service.h"

#include "action_link.h"
#include "mail_kit.h"
#include "texts.h"

#include "api/clock.h"
#include "api/id.h"
#include "api/log.h"
#include "api/metrics.h"
#include "api/text.h"

#include <stdlib.h>
#include <string.h>

/* A little less than an idle thread's pause (MEGURI_JOB_POLL_MS), so that each look around finds both jobs due and mail leaves within about a second. */
#define EVERY_MS 900

#define QUEUE_BATCH "1000"
#define SEND_BATCH "200"

enum { MAX_ATTEMPTS = 10, TOTAL_MS = 20000, MINUTE_S = 60, LONGEST_DELAY_S = 6 * 3600 };

int delivery_retry_delay_s(int attempts, unsigned random)
{
    int delay = MINUTE_S;
    for (int i = 1; i < attempts && delay < LONGEST_DELAY_S; i++)
        delay *= 2;
    delay = delay < LONGEST_DELAY_S ? delay : LONGEST_DELAY_S;
    return delay + (int)(random % (unsigned)(delay / 4 + 1));
}

/* ---- queue_reminders ---- */

static bool queue_reminders(struct job_run *run)
{
    struct binder binder = job_values(run->arena, run, "batch", QUEUE_BATCH, NULL);
    if (!job_query(run, NULL, "withdrawUnsubscribed", &binder))
        return false;
    const struct rows *queued = job_query(run, NULL, "queueReminders", &binder);
    const struct rows *announced =
        queued ? job_query(run, NULL, "announceReminders", &binder) : NULL;
    return announced && rows_count(queued) + rows_count(announced) > 0;
}

static const char *const queue_statements[] = {"withdrawUnsubscribed", "queueReminders",
                                               "announceReminders", NULL};

const struct job queue_reminders_job = {.name = "queue_reminders",
                                        .every_ms = EVERY_MS,
                                        .run = queue_reminders,
                                        .statements = queue_statements};

/* ---- deliver ---- */

/* A claimed batch on its way. */
struct sending {
    struct job_run *run;
    const struct rows *batch;
    const struct mail_kit *kit;
    struct smtp *smtp;
    int64_t started_ms;
    int64_t lease_ms;
};

/* What is known of a mail after it was tried. */
struct trial {
    const char *id;
    const char *subject;
    const char *words;
    const char *reason; /* smtp_reason, or "address" */
    int64_t lag_us;     /* since the reminder was due */
    int attempts;
    enum smtp_outcome outcome;
};

static struct civil date_of(const char *text)
{
    struct civil date = CIVIL_NONE;
    civil_parse(text, &date);
    return date;
}

static struct reminder_text text_of(const struct rows *rows, int i)
{
    return (struct reminder_text){
        .language = rows_text(rows, i, "language"),
        .client_name = rows_text(rows, i, "client_name"),
        .title = rows_text(rows, i, "title"),
        .due_on = date_of(rows_text(rows, i, "due_on")),
        .raw_on = date_of(rows_text(rows, i, "raw_on")),
        .today = date_of(rows_text(rows, i, "today")),
        .rule = rows_text(rows, i, "rule"),
        .hardness = rows_text(rows, i, "hardness"),
    };
}

static bool compose(struct sending *sending, int i, struct text *out,
                    const char **ret_subject)
{
    struct arena *arena = sending->run->arena;
    const struct rows *rows = sending->batch;
    struct reminder_text facts = text_of(rows, i);
    facts.link = action_link(arena, sending->run->consultancy,
                             rows_text(rows, i, "reminder_id"), facts.due_on);
    struct mail_letter letter = {
        .kind = "reminder",
        .language = facts.language,
        .values = reminder_values(arena, &facts),
        .receiver_id = rows_text(rows, i, "receiver_id"),
        .receiver_name = rows_text(rows, i, "receiver_name"),
        .address = rows_text(rows, i, "address"),
        .message_id = rows_text(rows, i, "id"),
    };
    bool written = mail_kit_write(arena, sending->kit, &letter, out);
    *ret_subject = letter.subject;
    return written;
}

static int64_t left_ms(const struct sending *sending)
{
    return sending->lease_ms - (clock_monotonic_ms() - sending->started_ms);
}

static struct trial try_one(struct sending *sending, int i)
{
    const struct rows *rows = sending->batch;
    struct text message _text_auto_ = {0};
    struct trial trial = {.id = rows_text(rows, i, "id"),
                          .attempts =
                              (int)strtol(rows_text(rows, i, "attempts"), NULL, 10),
                          .lag_us = strtoll(rows_text(rows, i, "lag_us"), NULL, 10),
                          .outcome = SMTP_PERMANENT,
                          .reason = "address",
                          .words = "the address is not a plain mail address"};
    if (!compose(sending, i, &message, &trial.subject))
        return trial;
    int64_t timeout = left_ms(sending) * 9 / 10;
    timeout = timeout < TOTAL_MS ? timeout : TOTAL_MS;
    trial.outcome =
        smtp_send(sending->smtp, sending->run->arena, rows_text(rows, i, "address"),
                  message.data, message.len, (long)timeout, &trial.words);
    trial.reason = smtp_reason(sending->smtp);
    trial.lag_us += (clock_monotonic_ms() - sending->started_ms) * 1000;
    return trial;
}

static void count(struct job_run *run, const struct trial *trial, const char *statement)
{
    const char *outcome = strcmp(statement, "recordSent") == 0   ? "sent"
                          : strcmp(statement, "recordDead") == 0 ? "dead"
                                                                 : "retry";
    metric_add(metric_counter("meguri_deliveries_total", "Mails tried",
                              arena_printf(run->arena, "outcome=\"%s\",reason=\"%s\"",
                                           outcome, trial->reason)),
               1);
    if (trial->outcome == SMTP_SENT)
        metric_observe_us(
            metric_histogram("meguri_delivery_lag_seconds",
                             "From the due instant of a reminder to its mail", NULL),
            trial->lag_us);
}

/* false: the database is away or the lease was lost; the batch ends here. */
static bool record(struct sending *sending, const struct trial *trial)
{
    struct job_run *run = sending->run;
    unsigned random = 0;
    id_random(&random, sizeof random);
    bool worn_out = trial->outcome == SMTP_TEMPORARY && trial->attempts >= MAX_ATTEMPTS;
    const char *statement = trial->outcome == SMTP_SENT ? "recordSent"
                            : trial->outcome == SMTP_PERMANENT || worn_out
                                ? "recordDead"
                                : "recordRetry";
    int delay = delivery_retry_delay_s(trial->attempts, random);
    struct binder binder = job_values(
        run->arena, run, "delivery_id", trial->id, "subject", trial->subject, "detail",
        trial->words, "outcome", worn_out ? "given_up" : "permanent_failure",
        "delay_seconds", arena_printf(run->arena, "%d", delay), NULL);
    const struct rows *rows = job_query(run, NULL, statement, &binder);
    if (rows && rows_count(rows) > 0) {
        count(run, trial, statement);
        return true;
    }
    if (rows)
        log_event(LOG_LEVEL_WARN, "delivery_lease_lost", "delivery", trial->id, NULL);
    return false;
}

static void release(struct sending *sending, int from)
{
    struct job_run *run = sending->run;
    struct text ids _text_auto_ = {0};
    if (from >= rows_count(sending->batch))
        return;
    for (int i = from; i < rows_count(sending->batch); i++)
        text_addf(&ids, "%s%s", ids.len ? "," : "{", rows_text(sending->batch, i, "id"));
    text_addc(&ids, '}');
    struct binder binder = job_values(run->arena, run, "delivery_ids", ids.data, NULL);
    job_query(run, NULL, "releaseDeliveries", &binder);
}

static bool has_time(const struct sending *sending)
{
    bool stopping = __atomic_load_n(sending->run->stopping, __ATOMIC_ACQUIRE);
    return !stopping && left_ms(sending) > sending->lease_ms / 2;
}

static void send_batch(struct sending *sending)
{
    int i = 0;
    for (bool good = true; good && i < rows_count(sending->batch) && has_time(sending);
         i++) {
        struct trial trial = try_one(sending, i);
        good = record(sending, &trial);
    }
    release(sending, i);
}

static bool deliver(struct job_run *run)
{
    struct sending sending = {.run = run,
                              .started_ms = clock_monotonic_ms(),
                              .lease_ms = run->config->lease_seconds * 1000};
    struct binder binder = job_values(
        run->arena, run, "batch", SEND_BATCH, "lease_seconds",
        arena_printf(run->arena, "%lld", (long long)run->config->lease_seconds), NULL);
    sending.kit = mail_kit_load(run);
    if (!sending.kit || !sending.kit->server->url ||
        !job_query(run, NULL, "withdrawDeliveries", &binder) ||
        !job_query(run, NULL, "refuseBouncedDeliveries", &binder))
        return false;
    sending.batch = job_query(run, NULL, "claimDeliveries", &binder);
    if (!sending.batch || rows_count(sending.batch) == 0)
        return false;
    sending.smtp = smtp_open(run->arena, sending.kit->server);
    send_batch(&sending);
    return true;
}

static const char *const deliver_statements[] = {
    "loadMailKit",     "withdrawDeliveries", "refuseBouncedDeliveries",
    "claimDeliveries", "recordSent",         "recordRetry",
    "recordDead",      "releaseDeliveries",  NULL};

const struct job deliver_job = {.name = "deliver",
                                .every_ms = EVERY_MS,
                                .run = deliver,
                                .statements = deliver_statements};
