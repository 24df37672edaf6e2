/* GET /v1/portfolio/export: the rows of the portfolio for a spreadsheet (RFC 4180). */
#include "services/scheduling/portfolio.h"

#include "api/csv.h"

#include <string.h>

enum { MOST_ROWS = 100000 };

/* member NULL: the column itself; otherwise a member of the JSON object in it. */
static const struct column {
    const char *name, *member;
    const char *ja, *en;
} columns[] = {
    {"client_code", NULL, "顧客コード", "client code"},
    {"client_name", NULL, "顧客名", "client"},
    {"client_status", NULL, "契約状態", "client status"},
    {"scheme", NULL, "認証スキーム", "scheme"},
    {"state", NULL, "段階", "stage"},
    {"gate", NULL, "次の関門", "next gate"},
    {"gate_status", NULL, "関門の状態", "gate status"},
    {"readiness_pct", NULL, "準備度（%）", "readiness (%)"},
    {"next_audit", "kind", "次回審査", "next audit"},
    {"next_audit", "on", "次回審査日", "next audit on"},
    {"next_audit", "window_start", "実施可能期間の開始", "window start"},
    {"next_audit", "window_end", "実施可能期間の終了", "window end"},
    {"next_audit", "booked", "予約済み", "booked"},
    {"hardest_deadline", "title_ja", "最重要の期限", "hardest deadline (ja)"},
    {"hardest_deadline", "title_en", "最重要の期限（英語）", "hardest deadline"},
    {"hardest_deadline", "due_on", "期限日", "due on"},
    {"hardest_deadline", "days_left", "残り日数", "days left"},
    {"overdue_hard", NULL, "期限超過（必須）", "overdue, hard"},
    {"overdue_other", NULL, "期限超過（その他）", "overdue, other"},
    {"open_majors", NULL, "重大な不適合", "open majors"},
    {"open_minors", NULL, "軽微な不適合", "open minors"},
    {"expiry_date", NULL, "有効期限", "expiry date"},
    {"colour", NULL, "健全度", "health"},
    {"reasons", "text_ja", "理由", "reasons (ja)"},
    {"reasons", "text_en", "理由（英語）", "reasons"},
    {"consultants", "name", "担当コンサルタント", "consultants"},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static void add_json(struct text *out, const json_t *value)
{
    if (json_is_string(value))
        text_adds(out, json_string_value(value));
    else if (json_is_integer(value))
        text_addi(out, json_integer_value(value));
    else if (json_is_boolean(value))
        text_adds(out, json_is_true(value) ? "true" : "false");
}

static void add_member(struct text *out, const char *text, const char *member)
{
    struct text cell _text_auto_ = {0};
    json_t *json = json_loads(text, 0, NULL);
    for (size_t i = 0; i < json_array_size(json); i++) {
        if (i)
            text_adds(&cell, "; ");
        add_json(&cell, json_object_get(json_array_get(json, i), member));
    }
    if (json_is_object(json))
        add_json(&cell, json_object_get(json, member));
    bool number = json_is_integer(json_object_get(json, member));
    json_decref(json);
    if (number)
        text_add(out, cell.data, cell.len);
    else if (cell.len)
        csv_add(out, cell.data);
}

static void add_row(struct text *out, const struct rows *rows, int row)
{
    for (int i = 0; i < COLUMNS; i++) {
        const char *value = rows_text(rows, row, columns[i].name);
        if (i)
            text_addc(out, ',');
        if (value && columns[i].member)
            add_member(out, value, columns[i].member);
        else if (value)
            csv_add(out, value);
    }
    text_adds(out, "\r\n");
}

static bool all_rows(struct request *rq)
{
    request_set_int(rq, "limit", MOST_ROWS);
    return true;
}

static bool write_csv(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "listPortfolio");
    struct text body = {0};
    text_adds(&body, "\xef\xbb\xbf");
    for (int i = 0; i < COLUMNS; i++) {
        const char *title = rq->language == LANGUAGE_JA ? columns[i].ja : columns[i].en;
        text_adds(&body, i ? "," : "");
        csv_add(&body, title);
    }
    text_adds(&body, "\r\n");
    for (int row = 0; row < rows_count(rows); row++)
        add_row(&body, rows, row);
    request_reply_header(rq, "Content-Disposition",
                         "attachment; filename=\"portfolio.csv\"");
    request_reply_text(rq, "text/csv; charset=utf-8", &body);
    return true;
}

const struct step portfolio_export_steps[] = {{.compute = all_rows},
                                              {.sql = "listPortfolio", .optional = true},
                                              {.offload = write_csv},
                                              {0}};
