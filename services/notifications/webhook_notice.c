/* Mail to whoever made an endpoint, else to an owner, when it was disabled. Settled after it was sent: a crash between repeats it under the same
 * Message-ID. */
#include "service.h"

#include "mail_kit.h"
#include "webhook_notice.h"

#include "api/log.h"

#include <string.h>

enum { NOTICE_MS = 15000 };

json_t *webhook_notice_values(const struct rows *rows, int i)
{
    bool gone = strcmp(rows_text(rows, i, "disabled_reason"), "gone") == 0;
    const char *error = rows_text(rows, i, "last_error");
    return json_pack("{s:s, s:s, s:s, s:b, s:s}", "endpoint_id", rows_text(rows, i, "id"),
                     "name", rows_text(rows, i, "name"), "url", rows_text(rows, i, "url"),
                     "gone", gone, "last_error", error ? error : "");
}

static bool write_notice(struct job_run *run, const struct mail_kit *kit,
                         const struct rows *rows, int i, struct text *out)
{
    struct mail_letter letter = {
        .kind = "webhook_disabled",
        .language = strcmp(rows_text(rows, i, "locale"), "ja") == 0 ? "ja" : "en",
        .values = webhook_notice_values(rows, i),
        .receiver_name = rows_text(rows, i, "member_name"),
        .address = rows_text(rows, i, "email"),
        .message_id = arena_printf(run->arena, "%s.%s", rows_text(rows, i, "id"),
                                   rows_text(rows, i, "disabled_s")),
    };
    return mail_kit_write(run->arena, kit, &letter, out);
}

static void note(struct job_run *run, const char *statement, const char *endpoint)
{
    struct binder binder = job_values(run->arena, run, "endpoint", endpoint, NULL);
    job_query(run, NULL, statement, &binder);
}

/* true: settled, for good or bad. */
static bool send_notice(struct job_run *run, const struct mail_kit *kit,
                        struct smtp *smtp, const struct rows *rows, int i)
{
    struct text message _text_auto_ = {0};
    const char *words = "the address is not a plain mail address";
    enum smtp_outcome outcome = SMTP_PERMANENT;
    if (write_notice(run, kit, rows, i, &message))
        outcome = smtp_send(smtp, run->arena, rows_text(rows, i, "email"), message.data,
                            message.len, NOTICE_MS, &words);
    if (outcome != SMTP_SENT)
        log_event(LOG_LEVEL_WARN, "webhook_notice_unsent", "endpoint",
                  rows_text(rows, i, "id"), "message", words, NULL);
    return outcome != SMTP_TEMPORARY;
}

void webhook_notices(struct job_run *run)
{
    struct binder binder = job_values(run->arena, run, NULL);
    const struct rows *rows = job_query(run, NULL, "loadWebhookNotices", &binder);
    if (!rows || rows_count(rows) == 0)
        return;
    const struct mail_kit *kit = mail_kit_load(run);
    if (!kit || !kit->server->url)
        return;
    struct smtp *smtp = smtp_open(run->arena, kit->server);
    for (int i = 0; i < rows_count(rows); i++) {
        bool settled = send_notice(run, kit, smtp, rows, i);
        note(run, settled ? "settleWebhookNotice" : "putOffWebhookNotice",
             rows_text(rows, i, "id"));
    }
}

static bool sweep(struct job_run *run)
{
    struct binder binder = job_values(run->arena, run, NULL);
    const struct rows *rows = job_query(run, NULL, "sweepWebhooks", &binder);
    return rows && rows_count(rows) > 0;
}

static const char *const sweep_statements[] = {"sweepWebhooks", NULL};
const struct job sweep_webhooks_job = {.name = "sweep_webhooks",
                                       .every_ms = 3600 * 1000,
                                       .run = sweep,
                                       .statements = sweep_statements};
