/* Agenda, counts per day and month, busy season: which days are asked for, and which of them are closed. */
#include "operations.h"

#include "api/business_day.h"
#include "certifications.h"
#include "plan.h"
#include "rules/season.h"

#include <stdlib.h>
#include <string.h>

enum { MONTHS_AHEAD = 24, MOST_MONTHS = 120 };

static struct civil month_first(struct civil day)
{
    return civil_add_days(day, 1 - civil_split(day).day);
}

static struct civil month_last(struct civil day)
{
    return civil_add_days(civil_add_months(month_first(day), 1), -1);
}

static struct civil day_parameter(const struct request *rq, const char *name)
{
    const char *text = request_parameter(rq, name);
    struct civil day;
    return text && civil_parse(text, &day) ? day : CIVIL_NONE;
}

static bool refuse_query(struct request *rq, const char *name, const char *code,
                         const char *limit)
{
    refuse(rq, PROBLEM_INVALID_PARAMETERS, NULL, NULL);
    problem_add(rq->arena, &rq->problem, "query", name, code, limit);
    return false;
}

/* What the statements need of PLN-05: the product's busy months, and how long before the body is asked. */
static void set_season(struct request *rq)
{
    const json_t *const none[POLICY_LEVELS] = {NULL};
    struct policies defaults;
    policies_effective(none, &defaults);
    json_t *months = policy_json(policy_find("busy_months"), &defaults);
    request_set_json(rq, "busy_months", months);
    json_decref(months);
    request_set_int(rq, "notice_months", SEASON_NOTICE_MONTHS);
}

static bool set_range(struct request *rq, struct civil from, struct civil to)
{
    if (civil_before(to, from))
        return refuse_query(rq, "to", "before_start", NULL);
    if (!civil_within_months(to, from, MOST_MONTHS))
        return refuse_query(rq, "to", "after_end",
                            civil_text(rq->arena, civil_add_months(from, MOST_MONTHS)));
    request_set(rq, "from", civil_text(rq->arena, from));
    request_set(rq, "to", civil_text(rq->arena, to));
    set_season(rq);
    return true;
}

/* This month unless said otherwise; one end alone brings its month. */
static bool agenda_range(struct request *rq)
{
    struct civil from = day_parameter(rq, "from"), to = day_parameter(rq, "to");
    if (civil_is_none(from))
        from = month_first(civil_is_none(to) ? plan_today(rq) : to);
    if (civil_is_none(to))
        to = month_last(from);
    return set_range(rq, from, to);
}

static bool month_range(struct request *rq)
{
    const char *text = request_parameter(rq, "month");
    struct civil first = month_first(plan_today(rq));
    if (text && !civil_parse_month(text, &first))
        return refuse_query(rq, "month", "bad_format", "YYYY-MM");
    return set_range(rq, first, month_last(first));
}

/* Today, or the running month, and two years on. */
static bool ahead_range(struct request *rq, struct civil start)
{
    struct civil from = day_parameter(rq, "from"), to = day_parameter(rq, "to");
    if (civil_is_none(from))
        from = civil_is_none(to) ? start : civil_earlier(start, to);
    if (civil_is_none(to))
        to = month_last(civil_add_months(from, MONTHS_AHEAD));
    return set_range(rq, from, to);
}

static bool months_range(struct request *rq)
{
    return ahead_range(rq, month_first(plan_today(rq)));
}

static bool season_range(struct request *rq)
{
    return ahead_range(rq, plan_today(rq));
}

/* ---- a month, day by day ---- */

static bool year_end_closed(const struct rows *rows)
{
    const json_t *const none[POLICY_LEVELS] = {NULL};
    struct policies defaults;
    const char *own = rows_text(rows, 0, "year_end_closed");
    policies_effective(none, &defaults);
    return own ? strcmp(own, "true") == 0 : defaults.year_end_closed;
}

static void add_count(json_t *object, const struct rows *rows, int row, const char *name)
{
    long count = strtol(rows_text(rows, row, name), NULL, 10);
    json_object_set_new(object, name, json_integer(count));
}

static json_t *day_entry(const struct rows *rows, int row,
                         const struct business_calendar *calendar)
{
    static const char *const counts[] = {"audits", "audits_without_dates", "slots",
                                         "deadlines", "certificate_expiries"};
    const char *text = rows_text(rows, row, "day");
    struct holiday holiday = {0};
    struct civil day = CIVIL_NONE;
    civil_parse(text, &day);
    bool named = holiday_in(calendar, day, &holiday);
    json_t *entry = json_pack("{s:s, s:b, s:s?, s:s?}", "day", text, "closed",
                              business_day_is_closed(calendar, day), "holiday_ja",
                              named ? holiday.name_ja : NULL, "holiday_en",
                              named ? holiday.name_en : NULL);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        add_count(entry, rows, row, counts[i]);
    return entry;
}

static bool days_answer(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadCalendarDays");
    const struct business_calendar calendar = {.year_end_closed = year_end_closed(rows)};
    json_t *days = json_array();
    for (int i = 0; i < rows_count(rows); i++)
        json_array_append_new(days, day_entry(rows, i, &calendar));
    const char *month = arena_printf(rq->arena, "%.7s", rows_text(rows, 0, "day"));
    request_reply_json(rq, json_pack("{s:s, s:o}", "month", month, "days", days));
    return true;
}

const struct step calendar_list_steps[] = {
    {.compute = agenda_range}, {.sql = "listCalendar"}, {0}};
const struct step calendar_days_steps[] = {
    {.compute = month_range}, {.sql = "loadCalendarDays"}, {.compute = days_answer}, {0}};
const struct step calendar_months_steps[] = {
    {.compute = months_range}, {.sql = "loadCalendarMonths"}, {0}};
const struct step busy_season_steps[] = {
    {.compute = season_range}, {.sql = "listBusySeason"}, {0}};
