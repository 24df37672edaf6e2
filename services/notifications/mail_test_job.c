/* Job send_mail_tests: mails that somebody asked for, to himself, to see whether and how they arrive. */
#include "service.h"

#include "mail.h"
#include "mail_kit.h"
#include "mail_samples.h"

#include "api/log.h"

#include <string.h>

enum { TEST_MS = 20000 };

struct testing {
    struct job_run *run;
    const struct mail_kit *kit;
    struct smtp *smtp;
    const struct rows *rows;
    int row;
};

static const char *fact(const struct testing *testing, const char *name)
{
    return rows_text(testing->rows, testing->row, name);
}

static struct db_context context_of(const struct testing *testing)
{
    struct db_context context = testing->run->context;
    context.member = fact(testing, "member_id");
    context.client = fact(testing, "client_id");
    context.reach = fact(testing, "client_id")               ? "client"
                    : fact(testing, "all_clients")[0] == 't' ? "all"
                                                             : "assigned";
    if (strcmp(fact(testing, "role"), "consultant") != 0 && !context.client)
        context.reach = "all";
    return context;
}

/* Whoever asks sees his own clients in it. */
static json_t *values(struct testing *testing)
{
    struct job_run *run = testing->run;
    struct db_context context = context_of(testing);
    struct binder binder =
        job_values(run->arena, run, "member", fact(testing, "member_id"), "client_id",
                   NULL, "since", NULL, "template_language",
                   fact(testing, "template_language"), "reminder_id", NULL, NULL);
    struct mail_sample_rows rows = {
        .reminder = job_query(run, &context, "loadPreviewReminder", &binder),
        .endpoint = job_query(run, &context, "loadPreviewEndpoint", &binder),
        .digest = job_query(run, &context, "getDigest", &binder)};
    if (!rows.digest || rows_count(rows.digest) == 0)
        return NULL;
    return mail_sample(run->arena, fact(testing, "kind"),
                       fact(testing, "template_language"), &rows);
}

static bool write_sample(struct testing *testing, struct text *out)
{
    struct mail_letter letter = {
        .kind = fact(testing, "kind"),
        .language = fact(testing, "template_language"),
        .values = values(testing),
        .receiver_name = fact(testing, "receiver_name"),
        .address = fact(testing, "address"),
        .message_id = arena_printf(testing->run->arena, "test.%s", fact(testing, "id")),
    };
    return letter.values &&
           mail_kit_write(testing->run->arena, testing->kit, &letter, out);
}

static bool write_plain(struct testing *testing, struct text *out)
{
    struct arena *arena = testing->run->arena;
    bool english = strcmp(fact(testing, "template_language"), "en") == 0;
    const char *from = testing->kit->server->from_address;
    struct mail mail = {
        .from_name = testing->kit->sender_name,
        .from_address = from,
        .to_name = fact(testing, "receiver_name"),
        .to_address = fact(testing, "address"),
        .subject = english ? "[Meguri] Test mail" : "【Meguri】テストメール",
        .body = english ? "This mail was sent to test the mail server. It works.\n"
                        : "メールサーバーの設定を確認するためのテストメールです。"
                          "正常に送信できています。\n",
        .language = english ? "en" : "ja",
        .reply_to = testing->kit->reply_to,
        .message_id =
            arena_printf(arena, "test.%s%s", fact(testing, "id"), strchr(from, '@')),
        .date_us = testing->run->now_us,
    };
    return mail_write(out, &mail);
}

static enum smtp_outcome try_one(struct testing *testing, const char **ret_words)
{
    struct text message _text_auto_ = {0};
    bool written = fact(testing, "kind") ? write_sample(testing, &message)
                                         : write_plain(testing, &message);
    *ret_words = "the mail could not be written: is the address a plain one?";
    if (!written)
        return SMTP_PERMANENT;
    return smtp_send(testing->smtp, testing->run->arena, fact(testing, "address"),
                     message.data, message.len, TEST_MS, ret_words);
}

/* A test is tried once: whoever waits for it wants to know now. */
static bool settle(struct testing *testing)
{
    struct job_run *run = testing->run;
    const char *words = "the installation has no mail server (MEGURI_SMTP_URL)";
    enum smtp_outcome outcome = SMTP_PERMANENT;
    if (testing->kit->server->url) {
        if (!testing->smtp)
            testing->smtp = smtp_open(run->arena, testing->kit->server);
        outcome = try_one(testing, &words);
    }
    struct binder binder =
        job_values(run->arena, run, "mail_test", fact(testing, "id"), "status",
                   outcome == SMTP_SENT ? "sent" : "failed", "detail", words, NULL);
    return job_query(run, NULL, "settleMailTest", &binder) != NULL;
}

static bool send_mail_tests(struct job_run *run)
{
    struct binder binder = job_values(run->arena, run, NULL);
    struct testing testing = {.run = run,
                              .rows = job_query(run, NULL, "findMailTests", &binder)};
    int count = testing.rows ? rows_count(testing.rows) : 0;
    if (count > 0)
        testing.kit = mail_kit_load(run);
    for (; testing.kit && testing.row < count; testing.row++) {
        if (!settle(&testing))
            return false;
    }
    return testing.kit && count > 0;
}

static const char *const statements[] = {"findMailTests",
                                         "loadMailKit",
                                         "loadPreviewReminder",
                                         "loadPreviewEndpoint",
                                         "getDigest",
                                         "settleMailTest",
                                         NULL};
const struct job send_mail_tests_job = {.name = "send_mail_tests",
                                        .every_ms = 1000,
                                        .run = send_mail_tests,
                                        .statements = statements};
