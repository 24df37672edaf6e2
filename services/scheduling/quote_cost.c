/* The cost of a quote over three years, in integers. */
#include "services/scheduling/selection.h"

#include <math.h>
#include <string.h>

enum { QUARTERS = 4, HUNDREDTHS = 100, WHOLE = 100 * HUNDREDTHS };

static const struct quote_programme programmes[] = {
    {"initial",
     {{"stage1", "stage2"}, {"surveillance1", NULL}, {"surveillance2", NULL}},
     "recertification"},
    {"recertification",
     {{"recertification", NULL}, {"surveillance1", NULL}, {"surveillance2", NULL}},
     "recertification"},
    {"transfer",
     {{"surveillance1", NULL}, {"surveillance2", NULL}, {"recertification", NULL}},
     NULL},
};

static const char *const without_decimals[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY",
                                               "KMF", "KRW", "PYG", "RWF", "UGX", "VND",
                                               "VUV", "XAF", "XOF", "XPF"};
static const char *const with_three[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};

static bool listed(const char *const *list, size_t count, const char *currency)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], currency) == 0)
            return true;
    }
    return false;
}

int currency_decimals(const char *currency)
{
    if (listed(without_decimals, sizeof without_decimals / sizeof *without_decimals,
               currency))
        return 0;
    return listed(with_three, sizeof with_three / sizeof *with_three, currency) ? 3 : 2;
}

const struct quote_programme *quote_programme_of(const json_t *quote)
{
    const char *basis = json_string_value(json_object_get(quote, "basis"));
    for (size_t i = 1; basis && i < sizeof programmes / sizeof *programmes; i++) {
        if (strcmp(programmes[i].basis, basis) == 0)
            return &programmes[i];
    }
    return &programmes[0];
}

int quote_quarter_days(const json_t *quote, const char *audit)
{
    const json_t *days = json_object_get(json_object_get(quote, "days"), audit);
    return json_is_number(days) ? (int)lround(json_number_value(days) * QUARTERS) : -1;
}

json_t *quarter_days_json(int64_t quarter_days)
{
    if (quarter_days % QUARTERS == 0)
        return json_integer(quarter_days / QUARTERS);
    return json_real((double)quarter_days / QUARTERS);
}

static int64_t amount_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

/* ---- one audit, one year ---- */

struct bill {
    const json_t *quote;
    int64_t rate, travel;
    json_t *missing;
    int64_t quarter_days;
};

struct year {
    json_t *audits;
    int64_t audit_fees, travel, fees, other;
};

/* Half a unit goes up. */
static int64_t audit_fee(const struct bill *bill, int quarters)
{
    return (bill->rate * quarters + QUARTERS / 2) / QUARTERS;
}

static void add_audit(struct bill *bill, const char *audit, struct year *year)
{
    int quarters = quote_quarter_days(bill->quote, audit);
    if (quarters < 0)
        json_array_append_new(bill->missing, json_string(audit));
    if (quarters <= 0)
        return;
    int64_t fee = audit_fee(bill, quarters);
    json_array_append_new(year->audits,
                          json_pack("{s:s, s:o, s:I, s:I}", "audit", audit, "days",
                                    quarter_days_json(quarters), "amount",
                                    (json_int_t)fee, "travel", (json_int_t)bill->travel));
    year->audit_fees += fee;
    year->travel += bill->travel;
    bill->quarter_days += quarters;
}

static int64_t other_expenses(const json_t *quote, int number)
{
    const json_t *list = json_object_get(quote, "other_expenses");
    int64_t sum = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const json_t *year = json_object_get(item, "year");
        if (!json_is_integer(year) || json_integer_value(year) == number)
            sum += amount_of(item, "amount");
    }
    return sum;
}

static int64_t year_total(const struct year *year)
{
    return year->audit_fees + year->travel + year->fees + year->other;
}

static json_t *year_json(const struct year *year, int number)
{
    return json_pack("{s:i, s:o, s:I, s:I, s:I, s:I, s:I}", "year", number, "audits",
                     year->audits, "audit_fees", (json_int_t)year->audit_fees, "travel",
                     (json_int_t)year->travel, "fees", (json_int_t)year->fees, "other",
                     (json_int_t)year->other, "total", (json_int_t)year_total(year));
}

static int64_t add_year(struct bill *bill, int number, json_t *years)
{
    const struct quote_programme *programme = quote_programme_of(bill->quote);
    const json_t *fees = json_object_get(bill->quote, "fees");
    struct year year = {.audits = json_array()};
    for (int i = 0; i < SELECTION_AUDITS_PER_YEAR; i++) {
        if (programme->audits[number - 1][i])
            add_audit(bill, programme->audits[number - 1][i], &year);
    }
    year.fees = amount_of(fees, "yearly");
    if (number == 1)
        year.fees += amount_of(fees, "application") + amount_of(fees, "registration");
    year.other = other_expenses(bill->quote, number);
    json_array_append_new(years, year_json(&year, number));
    return year_total(&year);
}

/* Fee and travel of the recertification that follows; -1 when the quote does not say or it lies within the three years. */
static int64_t following(const struct bill *bill)
{
    const char *audit = quote_programme_of(bill->quote)->following;
    int quarters = audit ? quote_quarter_days(bill->quote, audit) : -1;
    return quarters < 0 ? -1 : audit_fee(bill, quarters) + bill->travel;
}

/* ---- in all ---- */

static json_t *amount_or_null(int64_t amount)
{
    return amount < 0 ? json_null() : json_integer(amount);
}

/* -1 when the tax is inside and nobody says how much it is. */
static int64_t without_tax(const json_t *quote, int64_t total)
{
    const json_t *pct = json_object_get(quote, "tax_pct");
    if (!json_is_true(json_object_get(quote, "tax_included")))
        return total;
    if (!json_is_number(pct))
        return -1;
    int64_t whole = WHOLE + lround(json_number_value(pct) * HUNDREDTHS);
    return (total / whole) * WHOLE + (total % whole * WHOLE + whole / 2) / whole;
}

json_t *quote_cost(const json_t *quote)
{
    const char *currency = json_string_value(json_object_get(quote, "currency"));
    if (!currency || !json_is_integer(json_object_get(quote, "day_rate")))
        return json_null();
    struct bill bill = {.quote = quote,
                        .rate = amount_of(quote, "day_rate"),
                        .travel = amount_of(quote, "travel_per_audit"),
                        .missing = json_array()};
    json_t *years = json_array();
    int64_t total = 0;
    for (int number = 1; number <= SELECTION_YEARS; number++)
        total += add_year(&bill, number, years);
    int64_t after = following(&bill);
    return json_pack(
        "{s:s, s:i, s:o, s:o, s:I, s:o, s:o, s:I, s:o}", "currency", currency, "decimals",
        currency_decimals(currency), "years", years, "auditor_days",
        quarter_days_json(bill.quarter_days), "three_year_total", (json_int_t)total,
        "three_year_total_without_tax", amount_or_null(without_tax(quote, total)),
        "following_recertification", amount_or_null(after), "total_with_recertification",
        (json_int_t)total + (json_int_t)(after < 0 ? 0 : after), "missing", bill.missing);
}
