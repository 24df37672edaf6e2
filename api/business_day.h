/* Japanese national holidays and business days (rules CAL-04, CAL-05).
 *
 * Source: Act on National Holidays (Act No. 178 of 1948) with its amendments and the
 * one-off acts of 1959, 1989, 1990, 1993, 2018 (for 2019), 2020 and 2021. Holidays that
 * the act fixes by day or by weekday are known for every year from 1950 on. The two
 * equinoxes are computed for 1980-2099 only (legal dates are gazetted each February for
 * the next year); outside those years they are missing from the answers, and
 * holiday_year_is_complete() says so.
 * A change of the law that came after this build is passed as data (holiday_change).
 */
#ifndef MEGURI_BUSINESS_DAY_H
#define MEGURI_BUSINESS_DAY_H

#include <stdbool.h>
#include <stddef.h>

#include "civil.h"

struct holiday {
    const char *name_ja;
    const char *name_en;
};

/* One date that a newer law made a holiday, or (holiday false) took away. */
struct holiday_change {
    struct civil date;
    bool holiday;
    struct holiday name;
};

/* What counts as closed besides Saturday, Sunday and national holidays. */
struct business_calendar {
    bool year_end_closed;                 /* 29 December to 3 January */
    const struct holiday_change *changes; /* borrowed; may be NULL */
    size_t change_count;
};

enum business_roll { BUSINESS_ROLL_PREV, BUSINESS_ROLL_NEXT };

/* True when `date` is a national holiday, a substitute holiday or a citizens' holiday;
 * ret_holiday (may be NULL) then names it with static text. */
bool holiday_on(struct civil date, struct holiday *ret_holiday);

/* The same under the changes of a calendar, whose names it then borrows. */
bool holiday_in(const struct business_calendar *calendar, struct civil date,
                struct holiday *ret_holiday);

/* True for 1980-2099, where the equinoxes are computed. */
bool holiday_year_is_complete(int year);

bool business_day_is_closed(const struct business_calendar *calendar, struct civil date);

/* CAL-04: the date itself when open, else the nearest open day before or after it. */
struct civil business_day_roll(const struct business_calendar *calendar,
                               struct civil date, enum business_roll roll);

/* The n-th open day after (n > 0) or before (n < 0) the date; n = 0 is the date itself.
 * At most 10000 days are counted. */
struct civil business_day_add(const struct business_calendar *calendar, struct civil date,
                              int days);

#endif
