/* Checking and previewing templates of mails. */
#include "templates.h"

#include "mail_kit.h"
#include "mail_samples.h"
#include "template.h"

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
    {.sql = "loadPlaceholders"},    {.compute = is_sound},
    {.sql = "lockMessageTemplate"}, {.sql = "storeMessageTemplate"},
    {.sql = "getMessageTemplate"},  {0},
};
const struct step message_template_reset_steps[] = {
    {.sql = "lockMessageTemplate"},
    {.sql = "dropMessageTemplate"},
    {.sql = "getMessageTemplate"},
    {0},
};
const struct step message_template_restore_steps[] = {
    {.sql = "lockMessageTemplate"},
    {.sql = "copyMessageTemplate"},
    {.sql = "getMessageTemplate"},
    {0},
};

/* ---- preview ---- */

static json_t *sample(struct request *rq)
{
    struct mail_sample_rows rows = {.reminder = request_rows(rq, "loadPreviewReminder"),
                                    .endpoint = request_rows(rq, "loadPreviewEndpoint"),
                                    .digest = request_rows(rq, "getDigest")};
    return mail_sample(rq->arena, kind(rq), language(rq), &rows);
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
