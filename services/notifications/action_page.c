/* The page behind the link of a reminder mail: no scripts, no styles, forms that POST. */
#include "actions.h"

#include "api/text.h"

#include <string.h>

struct page {
    const char *title, *due, *acknowledged, *snoozed, *closed, *protected_note,
        *acknowledge, *later[3];
};

static const struct page pages[] = {
    {"期限のお知らせ",
     "期限",
     "確認済みです。",
     "次の日に再通知します：",
     "この期限は完了・取下げ済みか、日付が変わっています。回答は不要です。",
     "規格・法令で決まっている期限のため、直前と超過後のお知らせは止まりません。",
     "確認済みにする",
     {"1日後に再通知", "3日後に再通知", "7日後に再通知"}},
    {"Deadline",
     "Due",
     "Acknowledged.",
     "You will be reminded again on",
     "This deadline is done, withdrawn or has moved; there is nothing to answer.",
     "A standard or a law sets this date, so the last reminder and those after it still "
     "come.",
     "Acknowledge",
     {"Remind me in 1 day", "Remind me in 3 days", "Remind me in 7 days"}},
};

static const char *fact(const struct request *rq, const char *name)
{
    return rows_text(request_rows(rq, "judgeReminder"), 0, name);
}

static void add_escaped(struct text *out, const char *s)
{
    for (; *s; s++) {
        if (strchr("<>&\"'", *s))
            text_addf(out, "&#%d;", *s);
        else
            text_addc(out, *s);
    }
}

static void add_paragraph(struct text *out, const char *label, const char *value)
{
    text_addf(out, "<p>%s ", label);
    add_escaped(out, value);
    text_adds(out, "</p>\n");
}

static void add_button(struct text *out, const char *action, const char *words)
{
    text_addf(out,
              "<form method=\"post\" action=\"?action=%s\">"
              "<button type=\"submit\">%s</button></form>\n",
              action, words);
}

static void add_state(struct text *out, const struct request *rq, const struct page *page)
{
    if (fact(rq, "open")[0] != 't')
        add_paragraph(out, page->closed, "");
    if (fact(rq, "acknowledged_at"))
        add_paragraph(out, page->acknowledged, "");
    if (fact(rq, "snoozed_until"))
        add_paragraph(out, page->snoozed, fact(rq, "snoozed_until"));
    if (fact(rq, "protected")[0] == 't')
        add_paragraph(out, page->protected_note, "");
}

static void write_page(struct text *out, const struct request *rq)
{
    static const char *const actions[] = {"snooze_1", "snooze_3", "snooze_7"};
    const char *language = fact(rq, "language");
    const struct page *page = &pages[strcmp(language, "en") == 0];
    text_addf(out,
              "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
              "<meta name=\"viewport\" content=\"width=device-width\">"
              "<meta name=\"robots\" content=\"noindex\"><title>%s</title></head><body>\n"
              "<h1>",
              language, page->title);
    add_escaped(out, fact(rq, "title"));
    text_adds(out, "</h1>\n");
    add_paragraph(out, "", fact(rq, "client_name"));
    add_paragraph(out, page->due, fact(rq, "deadline_due_on"));
    add_state(out, rq, page);
    if (fact(rq, "open")[0] == 't') {
        add_button(out, "acknowledge", page->acknowledge);
        for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
            add_button(out, actions[i], page->later[i]);
    }
    text_adds(out, "</body></html>\n");
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *as_json(const struct request *rq)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:b}", "client_name",
                     fact(rq, "client_name"), "title", fact(rq, "title"), "due_on",
                     fact(rq, "deadline_due_on"), "language", fact(rq, "language"),
                     "open", fact(rq, "open")[0] == 't', "acknowledged_at",
                     text_or_null(fact(rq, "acknowledged_instant")), "snoozed_until",
                     text_or_null(fact(rq, "snoozed_until")), "protected",
                     fact(rq, "protected")[0] == 't');
}

bool reminder_link_show(struct request *rq)
{
    const char *accept = http_header_find(rq->http, "Accept");
    request_reply_header(rq, "Vary", "Accept");
    if (!accept || !strstr(accept, "text/html")) {
        request_reply_json(rq, as_json(rq));
        return true;
    }
    struct text body = {0};
    write_page(&body, rq);
    request_reply_text(rq, "text/html; charset=utf-8", &body);
    return true;
}
