/* Dates, periods, holidays, PrivacyMark terms and retention as calculations. */
#include "services/scheduling/calculation_answer.h"

#include "api/business_day.h"
#include "services/scheduling/rules/pmark.h"
#include "services/scheduling/rules/retention.h"

#define RULES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define MOST_MONTHS 3000 /* 250 years, all that exist here */

/* The facts of all operations here; each table names the members it has. */
struct facts {
    struct civil date;
    int months;
    enum civil_convention convention;
    enum business_roll roll;
    bool year_end_closed;
    bool roll_close;
};

static const struct facts defaults = {.convention = CIVIL_END_BEFORE};

static const char *const conventions[] = {"civil_end", "same_day", NULL};
static const char *const rolls[] = {"prev", "next", NULL};
static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

#define DATE(name)                                                                       \
    {                                                                                    \
        .pointer = (name), .kind = FIELD_DATE, .offset = offsetof(struct facts, date),   \
        .required = true                                                                 \
    }
#define MONTHS(from, to)                                                                 \
    {                                                                                    \
        .pointer = "/months", .kind = FIELD_INT,                                         \
        .offset = offsetof(struct facts, months), .required = true, .least = (from),     \
        .most = (to)                                                                     \
    }
#define YEAR_END                                                                         \
    {                                                                                    \
        .pointer = "/policy/year_end_closed", .kind = FIELD_BOOL,                        \
        .offset = offsetof(struct facts, year_end_closed)                                \
    }

static const struct field add_months_fields[] = {
    DATE("/date"),
    MONTHS(-MOST_MONTHS, MOST_MONTHS),
};

static const struct field period_end_fields[] = {
    DATE("/start"),
    MONTHS(1, MOST_MONTHS),
    {.pointer = "/convention",
     .kind = FIELD_CHOICE,
     .offset = offsetof(struct facts, convention),
     .choices = conventions},
};

static const struct field holiday_fields[] = {DATE("/date")};

static const struct field adjust_fields[] = {
    DATE("/date"),
    {.pointer = "/roll",
     .kind = FIELD_CHOICE,
     .offset = offsetof(struct facts, roll),
     .required = true,
     .choices = rolls},
    YEAR_END,
};

static const struct field pmark_window_fields[] = {
    DATE("/expiry"),
    {.pointer = "/roll_close",
     .kind = FIELD_BOOL,
     .offset = offsetof(struct facts, roll_close)},
    YEAR_END,
};

static const struct field pmark_term_fields[] = {DATE("/granted")};
static const struct field retention_fields[] = {DATE("/cycle_end")};

static struct business_calendar calendar_of(const struct facts *facts)
{
    return (struct business_calendar){.year_end_closed = facts->year_end_closed};
}

static void answer_weekday(const struct answer *answer, struct civil date)
{
    answer_text(answer, "weekday", weekdays[civil_weekday(date)]);
}

static void add_months(const void *given, const struct answer *answer)
{
    const struct facts *facts = given;
    struct civil date = civil_add_months(facts->date, facts->months);

    answer_date(answer, "date", date);
    answer_weekday(answer, date);
    answer_bool(answer, "clamped", civil_split(date).day != civil_split(facts->date).day);
}

static void period_end(const void *given, const struct answer *answer)
{
    const struct facts *facts = given;
    struct civil date = civil_period_end(facts->date, facts->months, facts->convention);

    answer_date(answer, "date", date);
    answer_weekday(answer, date);
}

static void holiday(const void *given, const struct answer *answer)
{
    const struct facts *facts = given;
    struct holiday found = {NULL, NULL};

    answer_bool(answer, "holiday", holiday_on(facts->date, &found));
    answer_text(answer, "name_ja", found.name_ja);
    answer_text(answer, "name_en", found.name_en);
    answer_weekday(answer, facts->date);
    answer_bool(answer, "equinoxes_known",
                holiday_year_is_complete(civil_year(facts->date)));
}

static void adjust(const void *given, const struct answer *answer)
{
    const struct facts *facts = given;
    struct business_calendar calendar = calendar_of(facts);
    struct civil date = business_day_roll(&calendar, facts->date, facts->roll);

    answer_date(answer, "date", date);
    answer_weekday(answer, date);
    answer_date(answer, "raw_date", facts->date);
    answer_bool(answer, "moved", !civil_same(date, facts->date));
}

static void pmark_window(const void *given, const struct answer *answer)
{
    const struct facts *facts = given;
    struct business_calendar calendar = calendar_of(facts);
    struct pmark_window window = pmark_renewal_window(&calendar, facts->date);

    answer_date(answer, "open", window.open);
    answer_date(answer, "close", facts->roll_close ? window.close_rolled : window.close);
    answer_date(answer, "raw_close", window.close);
    answer_date(answer, "rolled_close", window.close_rolled);
}

static void pmark_term(const void *given, const struct answer *answer)
{
    const struct facts *facts = given;
    struct pmark_term term = pmark_term_of(facts->date);

    answer_date(answer, "expiry", term.expiry);
    answer_date(answer, "next_expiry", term.next_expiry);
}

static void retention(const void *given, const struct answer *answer)
{
    const struct facts *facts = given;

    answer_date(answer, "keep_until", retention_keep_until(facts->date));
}

#define ROW(name, blamed, run, ...)                                                      \
    {                                                                                    \
        .op = #name, .rules = RULES(__VA_ARGS__), .basis = (blamed),                     \
        .fields = name##_fields, .field_count = COUNT_OF(name##_fields),                 \
        .defaults = &defaults, .facts_size = sizeof defaults, .answer = (run)            \
    }

const struct calculation calendar_calculations[] = {
    ROW(add_months, "/months", add_months, "CAL-01"),
    ROW(period_end, "/months", period_end, "CAL-03"),
    ROW(holiday, "/date", holiday, "CAL-05"),
    ROW(adjust, "/date", adjust, "CAL-04", "CAL-05"),
    ROW(pmark_window, "/expiry", pmark_window, "PMK-02", "CAL-04"),
    ROW(pmark_term, "/granted", pmark_term, "PMK-01", "CAL-03"),
    ROW(retention, "/cycle_end", retention, "APP-03", "CAL-03"),
    {.op = NULL},
};
