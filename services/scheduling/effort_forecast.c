/* GET /v1/effort/forecast and /v1/effort/export: planned days against what members have, and what was spent, for the invoice. */
#include "operations.h"

#include "policies.h"

#include "api/csv.h"

#include <string.h>

static double tenths(double days)
{
    return (double)(long long)(days * 10 + 0.5) / 10;
}

/* A month without a capacity of its own has the consultancy's. */
static json_t *month_json(const json_t *given, int standard)
{
    const json_t *own = json_object_get(given, "capacity_days");
    double capacity = json_is_number(own) ? json_number_value(own) : standard;
    double planned = json_number_value(json_object_get(given, "planned_days"));
    json_t *load = capacity > 0
                       ? json_integer((json_int_t)(planned * 100 / capacity + 0.5))
                       : json_null();
    return json_pack("{s:O, s:f, s:O, s:f, s:o, s:b}", "month",
                     json_object_get(given, "month"), "planned_days", tenths(planned),
                     "spent_days", json_object_get(given, "spent_days"), "capacity_days",
                     capacity, "load_percent", load, "overloaded", planned > capacity);
}

static json_t *member_json(const json_t *given, int standard)
{
    const json_t *months = json_object_get(given, "months");
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(months); i++)
        json_array_append_new(list, month_json(json_array_get(months, i), standard));
    return json_pack("{s:O, s:O, s:O, s:o}", "member_id",
                     json_object_get(given, "member_id"), "name",
                     json_object_get(given, "name"), "undated_days",
                     json_object_get(given, "undated_days"), "months", list);
}

static bool forecast_answer(struct request *rq)
{
    json_t *given = json_loads(
        rows_text(request_rows(rq, "loadEffortForecast"), 0, "forecast"), 0, NULL);
    const json_t *levels[POLICY_LEVELS] = {[POLICY_CONSULTANCY] =
                                               json_object_get(given, "policies")};
    const json_t *members = json_object_get(given, "members");
    struct policies policies;
    policies_effective(levels, &policies);
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(members); i++)
        json_array_append_new(
            list, member_json(json_array_get(members, i), policies.effort_capacity_days));
    request_reply_json(
        rq, json_pack("{s:O, s:o}", "on", json_object_get(given, "on"), "members", list));
    json_decref(given);
    return true;
}

static const struct {
    const char *name, *ja, *en;
    bool number;
} columns[] = {
    {"worked_on", "作業日", "date", false},
    {"client_code", "顧客コード", "client code", false},
    {"client_name", "顧客名", "client", false},
    {"member_name", "担当者", "consultant", false},
    {"stage", "段階", "stage", false},
    {"cycle_no", "サイクル", "cycle", true},
    {"days", "日数", "days", true},
    {"minutes", "分", "minutes", true},
    {"billable", "請求対象", "billable", false},
    {"invoice_ref", "請求書番号", "invoice", false},
    {"invoiced_on", "請求日", "invoiced on", false},
    {"note", "内容", "note", false},
    {"id", "記録ID", "record id", false},
    {"corrects_id", "訂正元の記録ID", "corrects record", false},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static void add_entry(struct text *out, const struct rows *rows, int row)
{
    for (int i = 0; i < COLUMNS; i++) {
        const char *value = rows_text(rows, row, columns[i].name);
        text_adds(out, i ? "," : "");
        if (value && columns[i].number)
            text_adds(out, value);
        else if (value)
            csv_add(out, value);
    }
    text_adds(out, "\r\n");
}

static bool export_answer(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "exportEffortRows");
    struct text body = {0};
    text_adds(&body, "\xef\xbb\xbf");
    for (int i = 0; i < COLUMNS; i++) {
        text_adds(&body, i ? "," : "");
        csv_add(&body, rq->language == LANGUAGE_JA ? columns[i].ja : columns[i].en);
    }
    text_adds(&body, "\r\n");
    for (int row = 0; row < rows_count(rows); row++)
        add_entry(&body, rows, row);
    request_reply_header(rq, "Content-Disposition",
                         "attachment; filename=\"effort.csv\"");
    request_reply_text(rq, "text/csv; charset=utf-8", &body);
    return true;
}

const struct step effort_forecast_steps[] = {
    {.sql = "loadEffortForecast"}, {.compute = forecast_answer}, {0}};
const struct step effort_export_steps[] = {
    {.sql = "exportEffortRows", .optional = true}, {.offload = export_answer}, {0}};
const struct step effort_invoice_steps[] = {
    {.sql = "invoiceEffortEntries", .optional = true}, {.sql = "sumInvoicedEffort"}, {0}};
const struct step effort_release_steps[] = {
    {.sql = "releaseEffortEntries", .optional = true}, {.sql = "sumInvoicedEffort"}, {0}};
