/* Civil dates in Asia/Tokyo, without time of day (rule CAL-01).
 *
 * A date is a number of days since 1970-01-01 of the Gregorian calendar. Arithmetic
 * never overflows: results are kept between 0001-01-01 and 9999-12-31, and a result
 * outside the years this system speaks about is recognised by civil_in_range().
 */
#ifndef MEGURI_CIVIL_H
#define MEGURI_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define CIVIL_FIRST_YEAR 1950
#define CIVIL_LAST_YEAR 2199
/* Bytes of "YYYY-MM-DD" with its end. */
#define CIVIL_TEXT_SIZE 11

struct civil {
    int32_t days;
};

struct civil_parts {
    int year;
    int month; /* 1..12 */
    int day;   /* 1..31 */
};

/* "There is no such date": an absent optional date. Never pass it to arithmetic. */
#define CIVIL_NONE ((struct civil){INT32_MIN})

enum civil_weekday {
    CIVIL_SUNDAY,
    CIVIL_MONDAY,
    CIVIL_TUESDAY,
    CIVIL_WEDNESDAY,
    CIVIL_THURSDAY,
    CIVIL_FRIDAY,
    CIVIL_SATURDAY
};

/* How the last day of a validity period is counted (CAL-03). */
enum civil_convention {
    CIVIL_END_BEFORE, /* civil_end: the day before the corresponding day */
    CIVIL_END_SAME    /* same_day: the corresponding day itself */
};

bool civil_is_none(struct civil date);

/* True for a real date of the years 1950-2199. */
bool civil_in_range(struct civil date);

/* Day, month and year to a date; false (ret_date untouched) when that day does not
 * exist or the year is outside 1950-2199. */
bool civil_from_parts(int year, int month, int day, struct civil *ret_date);

/* Exactly YYYY-MM-DD, nothing before or after; else false, ret_date untouched. */
bool civil_parse(const char *text, struct civil *ret_date);

/* Exactly YYYY-MM; gives the first day of that month. */
bool civil_parse_month(const char *text, struct civil *ret_first);

/* Writes YYYY-MM-DD and the terminating NUL. */
void civil_format(struct civil date, char ret_text[CIVIL_TEXT_SIZE]);

struct civil_parts civil_split(struct civil date);
int civil_year(struct civil date);
int civil_month(struct civil date);
enum civil_weekday civil_weekday(struct civil date);
int civil_days_in_month(int year, int month);

struct civil civil_add_days(struct civil date, int64_t days);

/* CAL-01: the same day number n months away, clamped to the last day of that month;
 * month ends are not sticky (28 Feb - 3 months = 28 Nov). */
struct civil civil_add_months(struct civil date, int64_t months);

/* The last day of a period of `months` months that begins on `start` (CAL-03, Civil
 * Code arts 140 and 143). CIVIL_END_BEFORE: the day before the corresponding day, or the
 * last day of the month when that month has no corresponding day. */
struct civil civil_period_end(struct civil start, int64_t months,
                              enum civil_convention convention);

/* <0, 0, >0 as a is before, on, after b; fit for qsort through a wrapper. */
int civil_compare(struct civil a, struct civil b);
bool civil_before(struct civil a, struct civil b);
bool civil_same(struct civil a, struct civil b);
struct civil civil_earlier(struct civil a, struct civil b);

/* Days from `from` to `to`; negative when `to` is before. */
int32_t civil_days_between(struct civil from, struct civil to);

/* "Within n months of D", inclusive (CAL-01): date <= add_months(origin, months). */
bool civil_within_months(struct civil date, struct civil origin, int64_t months);

#endif
