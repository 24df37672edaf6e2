/* Checking and previewing templates of mails. */
#include "templates.h"

#include "digest.h"
#include "mail_kit.h"
#include "template.h"
#include "texts.h"
#include "webhook_notice.h"

#include <string.h>

static const char *kind(const struct request *rq)
{
    return request_parameter(rq, "template_kind");
}

static const char *language(const struct request *rq)
{
    return request_parameter(rq, "template_language");
}

static void free_json(void *json)
{
    json_decref(json);
}

/* ---- checking ---- */

static void check(struct request *rq, const json_t *known, const char *member)
{
    struct template_fault fault = {0};
    const char *source = json_string_value(request_member(rq, member));
    if (source && !template_check(rq->arena, source, known, &fault))
        refuse_field(rq, arena_printf(rq->arena, "/%s", member), fault.code, fault.tag);
}

static bool is_sound(struct request *rq)
{
    json_t *known =
        json_loads(rows_text(request_rows(rq, "loadPlaceholders"), 0, "known"), 0, NULL);
    const char *subject = json_string_value(request_member(rq, "subject"));
    arena_defer(rq->arena, free_json, known);
    check(rq, known, "subject");
    check(rq, known, "text");
    check(rq, known, "html");
    if (subject && strpbrk(subject, "\r\n"))
        refuse_field(rq, "/subject", "one_line", NULL);
    return rq->problem.code == PROBLEM_NONE;
}

const struct step message_template_set_steps[] = {
    {.sql = "loadPlaceholders"},
    {.compute = is_sound},
    {.sql = "storeMessageTemplate"},
    {.sql = "getMessageTemplate"},
    {0},
};
const struct step message_template_reset_steps[] = {
    {.sql = "dropMessageTemplate"},
    {.sql = "getMessageTemplate"},
    {0},
};
const struct step message_template_restore_steps[] = {
    {.sql = "copyMessageTemplate"},
    {.sql = "getMessageTemplate"},
    {0},
};

/* ---- preview ---- */

static struct civil day_of(const char *text)
{
    struct civil day = CIVIL_NONE;
    civil_parse(text, &day);
    return day;
}

static json_t *reminder_sample(struct request *rq, const struct rows *rows)
{
    bool found = rows && rows_count(rows) > 0, english = strcmp(language(rq), "en") == 0;
    struct reminder_text facts = {
        .language = language(rq),
        .client_name = english ? "Minato Soft Ltd." : "株式会社ミナトソフト",
        .title = english ? "Hold the first surveillance audit"
                         : "第1回サーベイランス審査を受ける",
        .due_on = day_of("2026-02-13"),
        .raw_on = day_of("2026-02-14"),
        .today = day_of("2026-01-14"),
        .rule = "SUR-01",
        .hardness = "hard",
    };
    if (found)
        facts = (struct reminder_text){.language = language(rq),
                                       .client_name = rows_text(rows, 0, "client_name"),
                                       .title = rows_text(rows, 0, "title"),
                                       .due_on = day_of(rows_text(rows, 0, "due_on")),
                                       .raw_on = day_of(rows_text(rows, 0, "raw_on")),
                                       .today = day_of(rows_text(rows, 0, "today")),
                                       .rule = rows_text(rows, 0, "rule"),
                                       .hardness = rows_text(rows, 0, "hardness")};
    return reminder_values(rq->arena, &facts);
}

static json_t *webhook_sample(const struct rows *rows)
{
    if (rows && rows_count(rows) > 0)
        return webhook_notice_values(rows, 0);
    return json_pack("{s:s, s:s, s:b, s:s}", "name", "portal", "url",
                     "https://portal.example/hooks", "gone", false, "last_error",
                     "503 Service Unavailable");
}

static json_t *sample(struct request *rq)
{
    if (strcmp(kind(rq), "reminder") == 0)
        return reminder_sample(rq, request_rows(rq, "loadPreviewReminder"));
    if (strcmp(kind(rq), "digest") == 0)
        return digest_values(request_rows(rq, "getDigest"), language(rq));
    return webhook_sample(request_rows(rq, "loadPreviewEndpoint"));
}

/* The reminder that was asked for must exist. */
static bool is_found(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadPreviewReminder");
    if (json_is_string(request_member(rq, "reminder_id")) &&
        (!rows || rows_count(rows) == 0))
        return refuse_field(rq, "/reminder_id", "not_found_reference", NULL);
    return true;
}

static const char *given(struct request *rq, const char *member)
{
    const json_t *value = request_member(rq, member);
    return value ? json_string_value(value)
                 : rows_text(request_rows(rq, "getMessageTemplate"), 0, member);
}

/* html is absent = as it stands, null = none. */
static json_t *draft(struct request *rq)
{
    return json_pack("{s:s, s:s, s:s?}", "subject", given(rq, "subject"), "text",
                     given(rq, "text"), "html", given(rq, "html"));
}

static bool preview(struct request *rq)
{
    if (!is_sound(rq) || !is_found(rq))
        return false;
    const struct rows *reminder = request_rows(rq, "loadPreviewReminder"),
                      *reader = request_rows(rq, "loadPreviewReader");
    bool real = strcmp(kind(rq), "reminder") == 0 && reminder && rows_count(reminder) > 0;
    const struct mail_kit *kit = mail_kit_read(
        rq->arena, rq->caller.consultancy, request_rows(rq, "loadMailKit"), rq->now_us);
    if (!kit)
        return refuse(
            rq, PROBLEM_STATE_NOT_ALLOWED,
            "The password of the mail server does not open; set it anew.",
            "メールサーバーのパスワードを復号できません。設定し直してください。");
    struct mail_letter letter = {
        .language = language(rq),
        .values = sample(rq),
        .receiver_name =
            rows_text(real ? reminder : reader, 0, real ? "receiver_name" : "name"),
    };
    json_t *template = draft(rq);
    mail_kit_add_common(rq->arena, kit, &letter);
    struct mail_content content = mail_kit_render(rq->arena, template, letter.values);
    json_decref(template);
    request_reply_json(rq, json_pack("{s:s, s:s, s:s?, s:o}", "subject", content.subject,
                                     "text", content.text, "html", content.html, "values",
                                     letter.values));
    return true;
}

const struct step message_template_preview_steps[] = {
    {.sql = "loadPlaceholders"},
    {.sql = "getMessageTemplate"},
    {.sql = "loadPreviewReader"},
    {.sql = "loadPreviewReminder", .optional = true},
    {.sql = "loadPreviewEndpoint", .optional = true},
    {.sql = "getDigest"},
    {.sql = "loadMailKit"},
    {.compute = preview},
    {0},
};
