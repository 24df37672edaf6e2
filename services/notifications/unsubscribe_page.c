/* No scripts, no styles, forms that POST. */
#include "unsubscribe_page.h"

#include "template.h"

#include <string.h>

static const char page_ja[] =
    "<!doctype html>\n<html lang=\"ja\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\">"
    "<meta name=\"robots\" content=\"noindex\"><title>メールの配信</title></head><body>\n"
    "<h1>{{consultancy_name}}からのメール</h1>\n<p>{{address}}</p>\n"
    "{{#unsubscribed}}\n<p>お知らせメールの配信を停止しています。規格・法令で決まっている"
    "期限のお知らせは、引き続きお送りします。</p>\n"
    "<form method=\"post\" action=\"?action=resubscribe\"><button type=\"submit\">"
    "配信を再開する</button></form>\n{{/unsubscribed}}\n"
    "{{^unsubscribed}}\n<p>お知らせメールをお送りしています。</p>\n"
    "<form method=\"post\" action=\"?action=unsubscribe\"><button type=\"submit\">"
    "配信を停止する</button></form>\n{{/unsubscribed}}\n</body></html>\n";
static const char page_en[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\">"
    "<meta name=\"robots\" content=\"noindex\"><title>Mail</title></head><body>\n"
    "<h1>Mail from {{consultancy_name}}</h1>\n<p>{{address}}</p>\n"
    "{{#unsubscribed}}\n<p>You have stopped these mails. Reminders of dates that a "
    "standard "
    "or a law sets still come.</p>\n"
    "<form method=\"post\" action=\"?action=resubscribe\"><button type=\"submit\">"
    "Receive them again</button></form>\n{{/unsubscribed}}\n"
    "{{^unsubscribed}}\n<p>You receive these mails.</p>\n"
    "<form method=\"post\" action=\"?action=unsubscribe\"><button type=\"submit\">"
    "Stop them</button></form>\n{{/unsubscribed}}\n</body></html>\n";

bool unsubscribe_link_show(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeUnsubscription");
    const char *accept = http_header_find(rq->http, "Accept");
    json_t *values = json_pack("{s:s, s:s, s:s, s:b}", "consultancy_name",
                               rows_text(rows, 0, "consultancy_name"), "address",
                               rows_text(rows, 0, "address"), "language",
                               rows_text(rows, 0, "language"), "unsubscribed",
                               rows_text(rows, 0, "unsubscribed")[0] == 't');
    request_reply_header(rq, "Vary", "Accept");
    if (!accept || !strstr(accept, "text/html")) {
        request_reply_json(rq, values);
        return true;
    }
    struct text body = {0};
    bool english = strcmp(rows_text(rows, 0, "language"), "en") == 0;
    template_render(&body, english ? page_en : page_ja, values, true);
    json_decref(values);
    request_reply_text(rq, "text/html; charset=utf-8", &body);
    return true;
}
