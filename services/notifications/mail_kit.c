/* Loading, rendering and writing of mails. */
#include "mail_kit.h"

#include "action_link.h"
#include "mail.h"
#include "template.h"

#include "api/log.h"
#include "api/secret.h"

#include <string.h>

#define BRAND_COLOR "#1f4e79"

static void free_json(void *json)
{
    json_decref(json);
}

/* ---- loading ---- */

static const struct smtp_server *own_server(struct arena *arena, const struct rows *rows)
{
    const char *sealed = rows_text(rows, 0, "password_sealed");
    size_t len = 0;
    const char *password =
        sealed ? secret_open(arena, "mail-server", sealed, &len) : NULL;
    if (sealed && !password) {
        log_event(LOG_LEVEL_ERROR, "mail_password_unreadable", "hint",
                  "it was sealed with another MEGURI_SECRET_FILE; set the server anew",
                  NULL);
        return NULL;
    }
    return smtp_own(arena, rows_text(rows, 0, "host"), rows_text(rows, 0, "port"),
                    rows_text(rows, 0, "tls"), rows_text(rows, 0, "username"), password,
                    rows_text(rows, 0, "from_address"));
}

const struct mail_kit *mail_kit_read(struct arena *arena, const char *consultancy,
                                     const struct rows *rows, int64_t now_us)
{
    struct mail_kit *kit = arena_alloc(arena, sizeof *kit);
    const char *color = rows_text(rows, 0, "brand_color");
    json_t *templates = json_loads(rows_text(rows, 0, "templates"), 0, NULL);
    arena_defer(arena, free_json, templates);
    *kit = (struct mail_kit){
        .server =
            rows_text(rows, 0, "host") ? own_server(arena, rows) : smtp_installation(),
        .consultancy = consultancy,
        .consultancy_name = rows_text(rows, 0, "consultancy_name"),
        .sender_name = rows_text(rows, 0, "sender_name"),
        .reply_to = rows_text(rows, 0, "reply_to"),
        .brand_color = color ? color : BRAND_COLOR,
        .logo_url = rows_text(rows, 0, "logo_url"),
        .footer_ja = rows_text(rows, 0, "footer_ja"),
        .footer_en = rows_text(rows, 0, "footer_en"),
        .templates = templates,
        .now_us = now_us,
    };
    return kit->server ? kit : NULL;
}

const struct mail_kit *mail_kit_load(struct job_run *run)
{
    struct binder binder = job_values(run->arena, run, NULL);
    const struct rows *rows = job_query(run, NULL, "loadMailKit", &binder);
    return rows && rows_count(rows) > 0
               ? mail_kit_read(run->arena, run->consultancy, rows, run->now_us)
               : NULL;
}

/* ---- rendering ---- */

static void set(json_t *values, const char *name, const char *text)
{
    json_object_set_new(values, name, text ? json_string(text) : json_null());
}

void mail_kit_add_common(struct arena *arena, const struct mail_kit *kit,
                         const struct mail_letter *letter)
{
    bool english = strcmp(letter->language, "en") == 0;
    set(letter->values, "receiver_name", letter->receiver_name);
    set(letter->values, "consultancy_name", kit->consultancy_name);
    set(letter->values, "sender_name", kit->sender_name);
    set(letter->values, "brand_color", kit->brand_color);
    set(letter->values, "logo_url", kit->logo_url);
    set(letter->values, "footer", english ? kit->footer_en : kit->footer_ja);
    set(letter->values, "unsubscribe_link",
        letter->receiver_id
            ? unsubscribe_link(arena, kit->consultancy, letter->receiver_id, kit->now_us)
            : NULL);
}

static const char *rendered(struct arena *arena, const char *source, const json_t *values,
                            bool html)
{
    struct text out _text_auto_ = {0};
    if (!source)
        return NULL;
    template_render(&out, source, values, html);
    return out.data ? arena_strndup(arena, out.data, out.len) : "";
}

struct mail_content mail_kit_render(struct arena *arena, const json_t *template,
                                    const json_t *values)
{
    return (struct mail_content){
        .subject =
            rendered(arena, json_string_value(json_object_get(template, "subject")),
                     values, false),
        .text = rendered(arena, json_string_value(json_object_get(template, "text")),
                         values, false),
        .html = rendered(arena, json_string_value(json_object_get(template, "html")),
                         values, true),
    };
}

bool mail_kit_write(struct arena *arena, const struct mail_kit *kit,
                    struct mail_letter *letter, struct text *out)
{
    const json_t *template = json_object_get(
        kit->templates, arena_printf(arena, "%s.%s", letter->kind, letter->language));
    mail_kit_add_common(arena, kit, letter);
    struct mail_content content = mail_kit_render(arena, template, letter->values);
    letter->subject = content.subject;
    struct mail mail = {
        .from_name = kit->sender_name,
        .from_address = kit->server->from_address,
        .to_name = letter->receiver_name,
        .to_address = letter->address,
        .subject = content.subject,
        .body = content.text,
        .html = content.html,
        .reply_to = kit->reply_to,
        .unsubscribe =
            json_string_value(json_object_get(letter->values, "unsubscribe_link")),
        .language = letter->language,
        .message_id = arena_printf(arena, "%s%s", letter->message_id,
                                   strchr(kit->server->from_address, '@')),
        .date_us = kit->now_us,
    };
    bool written = mail_write(out, &mail);
    json_decref(letter->values);
    letter->values = NULL;
    return written;
}
