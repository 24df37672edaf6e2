/* Civil dates as day numbers; the calendar conversion is the usual one that counts years
 * from March, so that the leap day is the last day of a year. */
#include "civil.h"

#include <stddef.h>

#define FAR_PAST (-719162)    /* 0001-01-01 */
#define FAR_FUTURE 2932896    /* 9999-12-31 */
#define FIRST_DAY (-7305)     /* 1950-01-01 */
#define LAST_DAY 84005        /* 2199-12-31 */
#define MOST_MONTHS 240000    /* more than all years that exist here */
#define DAYS_PER_ERA 146097   /* 400 years */
#define EPOCH_FROM_ERA 719468 /* 0000-03-01 to 1970-01-01 */

static struct civil civil_clamped(int64_t days)
{
    if (days < FAR_PAST)
        days = FAR_PAST;
    if (days > FAR_FUTURE)
        days = FAR_FUTURE;
    return (struct civil){(int32_t)days};
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_from_parts(int64_t year, int month, int day)
{
    if (month <= 2)
        year--;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - EPOCH_FROM_ERA;
}

static bool two_digits(const char *text, int *ret_number)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *ret_number = (text[0] - '0') * 10 + (text[1] - '0');
    return true;
}

static bool parse_year_month(const char *text, int *ret_year, int *ret_month)
{
    int century;
    int year;

    if (!two_digits(text, &century) || !two_digits(text + 2, &year))
        return false;
    if (text[4] != '-' || !two_digits(text + 5, ret_month))
        return false;
    *ret_year = century * 100 + year;
    return true;
}

static void put_two_digits(char *text, int number)
{
    text[0] = (char)('0' + number / 10 % 10);
    text[1] = (char)('0' + number % 10);
}

bool civil_is_none(struct civil date)
{
    return date.days == INT32_MIN;
}

bool civil_in_range(struct civil date)
{
    return date.days >= FIRST_DAY && date.days <= LAST_DAY;
}

int civil_days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (month < 1 || month > 12)
        return 0;
    return days[month - 1] + (month == 2 && is_leap(year));
}

bool civil_from_parts(int year, int month, int day, struct civil *ret_date)
{
    if (year < CIVIL_FIRST_YEAR || year > CIVIL_LAST_YEAR)
        return false;
    if (day < 1 || day > civil_days_in_month(year, month))
        return false;
    *ret_date = (struct civil){(int32_t)days_from_parts(year, month, day)};
    return true;
}

bool civil_parse(const char *text, struct civil *ret_date)
{
    int year;
    int month;
    int day;

    if (text == NULL || !parse_year_month(text, &year, &month))
        return false;
    if (text[7] != '-' || !two_digits(text + 8, &day) || text[10] != '\0')
        return false;
    return civil_from_parts(year, month, day, ret_date);
}

bool civil_parse_month(const char *text, struct civil *ret_first)
{
    int year;
    int month;

    if (text == NULL || !parse_year_month(text, &year, &month) || text[7] != '\0')
        return false;
    return civil_from_parts(year, month, 1, ret_first);
}

void civil_format(struct civil date, char ret_text[CIVIL_TEXT_SIZE])
{
    struct civil_parts parts = civil_split(date);

    put_two_digits(ret_text, parts.year / 100);
    put_two_digits(ret_text + 2, parts.year);
    ret_text[4] = '-';
    put_two_digits(ret_text + 5, parts.month);
    ret_text[7] = '-';
    put_two_digits(ret_text + 8, parts.day);
    ret_text[10] = '\0';
}

struct civil_parts civil_split(struct civil date)
{
    int64_t shifted = civil_clamped(date.days).days + (int64_t)EPOCH_FROM_ERA;
    int64_t era = shifted / DAYS_PER_ERA;
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted_month = (int)((5 * day_of_year + 2) / 153);
    int month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;

    return (struct civil_parts){
        .year = (int)(year_of_era + era * 400) + (month <= 2),
        .month = month,
        .day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1),
    };
}

int civil_year(struct civil date)
{
    return civil_split(date).year;
}

int civil_month(struct civil date)
{
    return civil_split(date).month;
}

enum civil_weekday civil_weekday(struct civil date)
{
    int64_t from_sunday = ((int64_t)date.days + 4) % 7; /* 1970-01-01 was a Thursday */

    return (enum civil_weekday)(from_sunday < 0 ? from_sunday + 7 : from_sunday);
}

struct civil civil_add_days(struct civil date, int64_t days)
{
    if (days > 2 * (int64_t)FAR_FUTURE)
        days = 2 * (int64_t)FAR_FUTURE;
    if (days < -2 * (int64_t)FAR_FUTURE)
        days = -2 * (int64_t)FAR_FUTURE;
    return civil_clamped(civil_clamped(date.days).days + days);
}

struct civil civil_add_months(struct civil date, int64_t months)
{
    struct civil_parts parts = civil_split(date);

    if (months > MOST_MONTHS)
        months = MOST_MONTHS;
    if (months < -MOST_MONTHS)
        months = -MOST_MONTHS;
    int64_t index = parts.year * INT64_C(12) + parts.month - 1 + months;
    if (index < 12)
        return civil_clamped(FAR_PAST);
    if (index >= 10000 * 12)
        return civil_clamped(FAR_FUTURE);
    int year = (int)(index / 12);
    int month = (int)(index % 12) + 1;
    int last = civil_days_in_month(year, month);
    return civil_clamped(
        days_from_parts(year, month, parts.day < last ? parts.day : last));
}

struct civil civil_period_end(struct civil start, int64_t months,
                              enum civil_convention convention)
{
    struct civil corresponding = civil_add_months(start, months);
    bool clamped = civil_split(corresponding).day != civil_split(start).day;

    if (convention == CIVIL_END_SAME || clamped)
        return corresponding;
    return civil_add_days(corresponding, -1);
}

int civil_compare(struct civil a, struct civil b)
{
    return (a.days > b.days) - (a.days < b.days);
}

bool civil_before(struct civil a, struct civil b)
{
    return a.days < b.days;
}

bool civil_same(struct civil a, struct civil b)
{
    return a.days == b.days;
}

struct civil civil_earlier(struct civil a, struct civil b)
{
    return a.days < b.days ? a : b;
}

int32_t civil_days_between(struct civil from, struct civil to)
{
    return (int32_t)((int64_t)civil_clamped(to.days).days -
                     civil_clamped(from.days).days);
}

bool civil_within_months(struct civil date, struct civil origin, int64_t months)
{
    return civil_compare(date, civil_add_months(origin, months)) <= 0;
}
