/* The Act on National Holidays as one table of spans of years, and the three rules that
 * make further days off: substitute holidays, citizens' holidays, the year-end closure. */
#include "business_day.h"

#define FOREVER 9999
#define MOST_BUSINESS_DAYS 10000
#define EQUINOX_FIRST_YEAR 1980
#define EQUINOX_LAST_YEAR 2099

enum holiday_kind {
    FIXED,           /* month, day */
    NTH_MONDAY,      /* month, nth */
    VERNAL_EQUINOX,  /* computed */
    AUTUMNAL_EQUINOX /* computed */
};

struct holiday_span {
    const char *name_ja;
    const char *name_en;
    short first_year;
    short last_year;
    enum holiday_kind kind;
    signed char month;
    signed char day; /* day of the month, or which Monday */
};

static const struct holiday_span spans[] = {
    {"元日", "New Year's Day", 1949, FOREVER, FIXED, 1, 1},
    {"成人の日", "Coming of Age Day", 1949, 1999, FIXED, 1, 15},
    {"成人の日", "Coming of Age Day", 2000, FOREVER, NTH_MONDAY, 1, 2},
    {"建国記念の日", "National Foundation Day", 1967, FOREVER, FIXED, 2, 11},
    {"天皇誕生日", "Emperor's Birthday", 1949, 1988, FIXED, 4, 29},
    {"天皇誕生日", "Emperor's Birthday", 1989, 2018, FIXED, 12, 23},
    {"天皇誕生日", "Emperor's Birthday", 2020, FOREVER, FIXED, 2, 23},
    {"春分の日", "Vernal Equinox Day", 1980, 2099, VERNAL_EQUINOX, 3, 0},
    {"みどりの日", "Greenery Day", 1989, 2006, FIXED, 4, 29},
    {"昭和の日", "Showa Day", 2007, FOREVER, FIXED, 4, 29},
    {"憲法記念日", "Constitution Memorial Day", 1949, FOREVER, FIXED, 5, 3},
    {"みどりの日", "Greenery Day", 2007, FOREVER, FIXED, 5, 4},
    {"こどもの日", "Children's Day", 1949, FOREVER, FIXED, 5, 5},
    {"海の日", "Marine Day", 1996, 2002, FIXED, 7, 20},
    {"海の日", "Marine Day", 2003, 2019, NTH_MONDAY, 7, 3},
    {"海の日", "Marine Day", 2020, 2020, FIXED, 7, 23},
    {"海の日", "Marine Day", 2021, 2021, FIXED, 7, 22},
    {"海の日", "Marine Day", 2022, FOREVER, NTH_MONDAY, 7, 3},
    {"山の日", "Mountain Day", 2016, 2019, FIXED, 8, 11},
    {"山の日", "Mountain Day", 2020, 2020, FIXED, 8, 10},
    {"山の日", "Mountain Day", 2021, 2021, FIXED, 8, 8},
    {"山の日", "Mountain Day", 2022, FOREVER, FIXED, 8, 11},
    {"敬老の日", "Respect for the Aged Day", 1966, 2002, FIXED, 9, 15},
    {"敬老の日", "Respect for the Aged Day", 2003, FOREVER, NTH_MONDAY, 9, 3},
    {"秋分の日", "Autumnal Equinox Day", 1980, 2099, AUTUMNAL_EQUINOX, 9, 0},
    {"体育の日", "Health and Sports Day", 1966, 1999, FIXED, 10, 10},
    {"体育の日", "Health and Sports Day", 2000, 2019, NTH_MONDAY, 10, 2},
    {"スポーツの日", "Sports Day", 2020, 2020, FIXED, 7, 24},
    {"スポーツの日", "Sports Day", 2021, 2021, FIXED, 7, 23},
    {"スポーツの日", "Sports Day", 2022, FOREVER, NTH_MONDAY, 10, 2},
    {"文化の日", "Culture Day", 1948, FOREVER, FIXED, 11, 3},
    {"勤労感謝の日", "Labor Thanksgiving Day", 1948, FOREVER, FIXED, 11, 23},
    {"皇太子明仁親王の結婚の儀", "Wedding of Crown Prince Akihito", 1959, 1959, FIXED, 4,
     10},
    {"昭和天皇の大喪の礼", "State Funeral of Emperor Showa", 1989, 1989, FIXED, 2, 24},
    {"即位礼正殿の儀", "Enthronement Ceremony", 1990, 1990, FIXED, 11, 12},
    {"皇太子徳仁親王の結婚の儀", "Wedding of Crown Prince Naruhito", 1993, 1993, FIXED, 6,
     9},
    {"天皇の即位の日", "Day of the Emperor's Accession", 2019, 2019, FIXED, 5, 1},
    {"即位礼正殿の儀", "Enthronement Ceremony", 2019, 2019, FIXED, 10, 22},
};

static const struct holiday substitute = {"振替休日", "Substitute Holiday"};
static const struct holiday citizens = {"国民の休日", "Citizens' Holiday"};

/* Section 2.6: integer form of the equinox formula of 1980-2099. */
static int equinox_day(long constant, int year)
{
    int n = year - EQUINOX_FIRST_YEAR;

    return (int)((constant + 242194L * n) / 1000000L) - n / 4;
}

static int day_of_nth_monday(struct civil_parts parts, struct civil date, int nth)
{
    int weekday_of_first = ((int)civil_weekday(date) - (parts.day - 1) % 7 + 7) % 7;

    return 1 + (CIVIL_MONDAY - weekday_of_first + 7) % 7 + (nth - 1) * 7;
}

static int span_day(const struct holiday_span *span, struct civil_parts parts,
                    struct civil date)
{
    switch (span->kind) {
    case FIXED:
        return span->day;
    case NTH_MONDAY:
        return day_of_nth_monday(parts, date, span->day);
    case VERNAL_EQUINOX:
        return equinox_day(20843100L, parts.year);
    case AUTUMNAL_EQUINOX:
        return equinox_day(23248800L, parts.year);
    }
    return 0;
}

/* The span of article 2 (or of a one-off act) that names this day; NULL when none does. */
static const struct holiday_span *find_span(struct civil date)
{
    struct civil_parts parts = civil_split(date);

    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        const struct holiday_span *span = &spans[i];
        if (span->month != parts.month || parts.year < span->first_year ||
            parts.year > span->last_year)
            continue;
        if (span_day(span, parts, date) == parts.day)
            return span;
    }
    return NULL;
}

static bool is_named(struct civil date)
{
    return find_span(date) != NULL;
}

/* True when the date is on or after that day. */
static bool since(struct civil date, int year, int month, int day)
{
    struct civil first;

    return civil_from_parts(year, month, day, &first) && !civil_before(date, first);
}

/* Article 3(2). From 1973-04-12 the day after a Sunday holiday; from 2007 the next day
 * that is not itself a holiday. The date given is not a named holiday. */
static bool is_substitute(struct civil date)
{
    struct civil day = civil_add_days(date, -1);

    if (!since(date, 1973, 4, 12))
        return false;
    if (!since(date, 2007, 1, 1))
        return civil_weekday(day) == CIVIL_SUNDAY && is_named(day);
    while (is_named(day)) {
        if (civil_weekday(day) == CIVIL_SUNDAY)
            return true;
        day = civil_add_days(day, -1);
    }
    return false;
}

/* Article 3(3), from 1985-12-27: a day between two holidays; until 2006 not a Sunday. */
static bool is_citizens_holiday(struct civil date)
{
    if (!since(date, 1985, 12, 27))
        return false;
    if (!since(date, 2007, 1, 1) && civil_weekday(date) == CIVIL_SUNDAY)
        return false;
    return is_named(civil_add_days(date, -1)) && is_named(civil_add_days(date, 1));
}

static bool is_year_end(struct civil date)
{
    struct civil_parts parts = civil_split(date);

    return (parts.month == 12 && parts.day >= 29) || (parts.month == 1 && parts.day <= 3);
}

static void name_holiday(struct holiday *ret_holiday, struct holiday holiday)
{
    if (ret_holiday != NULL)
        *ret_holiday = holiday;
}

bool holiday_year_is_complete(int year)
{
    return year >= EQUINOX_FIRST_YEAR && year <= EQUINOX_LAST_YEAR;
}

bool holiday_on(struct civil date, struct holiday *ret_holiday)
{
    const struct holiday_span *span = find_span(date);

    if (span != NULL) {
        name_holiday(ret_holiday, (struct holiday){span->name_ja, span->name_en});
        return true;
    }
    if (is_substitute(date)) {
        name_holiday(ret_holiday, substitute);
        return true;
    }
    if (is_citizens_holiday(date)) {
        name_holiday(ret_holiday, citizens);
        return true;
    }
    return false;
}

bool holiday_in(const struct business_calendar *calendar, struct civil date,
                struct holiday *ret_holiday)
{
    for (size_t i = 0; i < calendar->change_count; i++) {
        const struct holiday_change *change = &calendar->changes[i];
        if (!civil_same(change->date, date))
            continue;
        if (change->holiday)
            name_holiday(ret_holiday, change->name);
        return change->holiday;
    }
    return holiday_on(date, ret_holiday);
}

bool business_day_is_closed(const struct business_calendar *calendar, struct civil date)
{
    enum civil_weekday weekday = civil_weekday(date);

    if (weekday == CIVIL_SATURDAY || weekday == CIVIL_SUNDAY)
        return true;
    if (calendar->year_end_closed && is_year_end(date))
        return true;
    return holiday_in(calendar, date, NULL);
}

struct civil business_day_roll(const struct business_calendar *calendar,
                               struct civil date, enum business_roll roll)
{
    int step = roll == BUSINESS_ROLL_PREV ? -1 : 1;

    while (civil_in_range(date) && business_day_is_closed(calendar, date))
        date = civil_add_days(date, step);
    return date;
}

struct civil business_day_add(const struct business_calendar *calendar, struct civil date,
                              int days)
{
    int step = days < 0 ? -1 : 1;
    int left = days;

    if (left > MOST_BUSINESS_DAYS)
        left = MOST_BUSINESS_DAYS;
    if (left < -MOST_BUSINESS_DAYS)
        left = -MOST_BUSINESS_DAYS;
    while (left != 0 && civil_in_range(date)) {
        date = civil_add_days(date, step);
        if (!business_day_is_closed(calendar, date))
            left -= step;
    }
    return date;
}
