/* Mail to whoever made an endpoint, else to an owner, when it was disabled. Settled after it was sent: a crash between repeats it under the same
 * Message-ID. */
#include "service.h"

#include "mail.h"
#include "smtp.h"

#include "api/log.h"

#include <string.h>

enum { NOTICE_MS = 15000 };

static const char *body_ja(struct arena *arena, const struct rows *rows, int i)
{
    bool gone = strcmp(rows_text(rows, i, "disabled_reason"), "gone") == 0;
    const char *error = rows_text(rows, i, "last_error");
    return arena_printf(
        arena,
        "%s 様\n\nWebhook の送信先「%s」への送信を停止しました。\n\n"
        "送信先: %s\n理由: %s\n最後の応答: %s\n\n"
        "原因を取り除いたあと、送信先を有効に戻してください（PATCH "
        "/v1/webhook-endpoints/{endpoint_id} で enabled を true にします）。\n"
        "停止していた間の通知は replay で送り直せます。\n",
        rows_text(rows, i, "member_name"), rows_text(rows, i, "name"),
        rows_text(rows, i, "url"),
        gone ? "送信先が 410 Gone を返しました。"
             : "3 日間、一度も送信できませんでした。",
        error && *error ? error : "（なし）");
}

static const char *body_en(struct arena *arena, const struct rows *rows, int i)
{
    bool gone = strcmp(rows_text(rows, i, "disabled_reason"), "gone") == 0;
    const char *error = rows_text(rows, i, "last_error");
    return arena_printf(arena,
                        "Dear %s,\n\nthe webhook endpoint \"%s\" was disabled.\n\n"
                        "Address: %s\nReason: %s\nLast reply: %s\n\n"
                        "When the cause is mended, enable it again (PATCH "
                        "/v1/webhook-endpoints/{endpoint_id}, enabled: true).\n"
                        "What happened meanwhile can be sent with its replay.\n",
                        rows_text(rows, i, "member_name"), rows_text(rows, i, "name"),
                        rows_text(rows, i, "url"),
                        gone ? "it answered 410 Gone."
                             : "nothing could be delivered for three days.",
                        error && *error ? error : "(none)");
}

static bool write_notice(struct job_run *run, const struct rows *rows, int i,
                         struct text *out)
{
    struct arena *arena = run->arena;
    bool japanese = strcmp(rows_text(rows, i, "locale"), "ja") == 0;
    struct mail mail = {
        .from_name = rows_text(rows, i, "sender_name"),
        .from_address = smtp_from_address(),
        .to_name = rows_text(rows, i, "member_name"),
        .to_address = rows_text(rows, i, "email"),
        .subject =
            arena_printf(arena,
                         japanese ? "【Meguri】Webhook の送信先「%s」を停止しました"
                                  : "[Meguri] Webhook endpoint \"%s\" was disabled",
                         rows_text(rows, i, "name")),
        .body = japanese ? body_ja(arena, rows, i) : body_en(arena, rows, i),
        .language = japanese ? "ja" : "en",
        .message_id = arena_printf(arena, "%s.%s%s", rows_text(rows, i, "id"),
                                   rows_text(rows, i, "disabled_s"),
                                   strchr(smtp_from_address(), '@')),
        .date_us = run->now_us,
    };
    return mail_write(out, &mail);
}

static void settle(struct job_run *run, const char *endpoint)
{
    struct binder binder = job_values(run->arena, run, "endpoint", endpoint, NULL);
    if (session_begin(run->session, &run->context) &&
        session_run(run->session, run->arena, "settleWebhookNotice", &binder) &&
        session_commit(run->session))
        return;
    session_rollback(run->session);
}

void webhook_notices(struct job_run *run)
{
    struct binder binder = job_values(run->arena, run, NULL);
    const struct rows *rows = NULL;
    if (!smtp_configured())
        return;
    if (session_begin(run->session, &run->context))
        rows = session_run(run->session, run->arena, "loadWebhookNotices", &binder);
    if (!rows || !session_commit(run->session)) {
        session_rollback(run->session);
        return;
    }
    struct smtp *smtp = rows_count(rows) > 0 ? smtp_open(run->arena) : NULL;
    for (int i = 0; i < rows_count(rows); i++) {
        struct text message _text_auto_ = {0};
        const char *words = "the address is not a plain mail address";
        const char *to = rows_text(rows, i, "email"), *id = rows_text(rows, i, "id");
        enum smtp_outcome outcome = SMTP_PERMANENT;
        if (write_notice(run, rows, i, &message))
            outcome = smtp_send(smtp, run->arena, to, message.data, message.len,
                                NOTICE_MS, &words);
        if (outcome != SMTP_SENT)
            log_event(LOG_LEVEL_WARN, "webhook_notice_unsent", "endpoint", id, "message",
                      words, NULL);
        if (outcome != SMTP_TEMPORARY)
            settle(run, id);
    }
}

static bool sweep(struct job_run *run)
{
    struct binder binder = job_values(run->arena, run, NULL);
    const struct rows *rows = NULL;
    if (session_begin(run->session, &run->context))
        rows = session_run(run->session, run->arena, "sweepWebhooks", &binder);
    if (rows && session_commit(run->session))
        return rows_count(rows) > 0;
    session_rollback(run->session);
    return false;
}

static const char *const sweep_statements[] = {"sweepWebhooks", NULL};
const struct job sweep_webhooks_job = {.name = "sweep_webhooks",
                                       .every_ms = 3600 * 1000,
                                       .run = sweep,
                                       .statements = sweep_statements};
