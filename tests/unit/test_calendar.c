/* Civil dates and business days over every day they speak about. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "api/business_day.h"
#include "services/scheduling/rules/period.h"
#include "tests/unit/dates.h"

START_TEST(every_day_of_1950_to_2199_survives_text_and_parts)
{
    int days = 0;

    EACH_DAY(day, 1950, 2199)
    {
        char text[CIVIL_TEXT_SIZE];
        struct civil parsed;
        struct civil made;
        struct civil_parts parts = civil_split(day);
        civil_format(day, text);
        ck_assert(civil_parse(text, &parsed) && civil_same(parsed, day));
        ck_assert(civil_from_parts(parts.year, parts.month, parts.day, &made));
        ck_assert(civil_same(made, day));
        days++;
    }
    ck_assert_int_eq(days, 91311);
}
END_TEST

START_TEST(text_that_is_not_exactly_a_date_is_refused)
{
    static const char *const wrong[] = {
        "",           "2025-02-29", "2025-2-28",      "2025-02-28 ", " 2025-02-28",
        "2025/02/28", "2025-13-01", "2025-00-10",     "2025-01-00",  "2025-04-31",
        "1949-12-31", "2200-01-01", "20250228",       "2025-02",     "2025-02-28T00",
        "+025-02-28", "2025-02--1", "２０２５-02-28", "2025-02-2a",  "-025-02-28"};
    struct civil date = {7};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(!civil_parse(wrong[i], &date), "%s", wrong[i]);
    ck_assert(!civil_parse(NULL, &date));
    ck_assert(!civil_parse_month("2025-13", &date));
    ck_assert(!civil_parse_month("2025-1", &date));
    ck_assert_int_eq(date.days, 7);
}
END_TEST

START_TEST(weekdays_follow_each_other_and_the_epoch_was_a_thursday)
{
    ck_assert_int_eq(civil_weekday(date_of(1970, 1, 1)), CIVIL_THURSDAY);
    EACH_DAY(day, 1950, 2199)
    ck_assert_int_eq((civil_weekday(day) + 1) % 7, civil_weekday(civil_add_days(day, 1)));
}
END_TEST

START_TEST(adding_months_lands_in_the_month_and_never_after_the_day)
{
    EACH_DAY(day, 2023, 2028)
    {
        struct civil_parts from = civil_split(day);
        for (int months = -50; months <= 50; months++) {
            struct civil_parts to = civil_split(civil_add_months(day, months));
            int last = civil_days_in_month(to.year, to.month);
            ck_assert_int_eq(to.year * 12 + to.month,
                             from.year * 12 + from.month + months);
            ck_assert_int_eq(to.day, from.day < last ? from.day : last);
        }
    }
}
END_TEST

START_TEST(arithmetic_far_outside_saturates_instead_of_overflowing)
{
    struct civil day = date_of(2025, 2, 14);
    static const int64_t far[] = {INT64_MAX, INT64_MIN, INT32_MAX, INT32_MIN, 10000000};

    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        char text[CIVIL_TEXT_SIZE];
        ck_assert(!civil_in_range(civil_add_months(day, far[i])));
        ck_assert(!civil_in_range(civil_add_days(day, far[i])));
        civil_format(civil_add_months(day, far[i]), text);
        ck_assert_uint_eq(strlen(text), 10);
    }
    ck_assert(!civil_in_range(CIVIL_NONE));
}
END_TEST

START_TEST(consecutive_periods_leave_no_day_uncovered_and_cover_none_twice)
{
    EACH_DAY(day, 2023, 2028)
    {
        struct civil expiry = period_first_expiry(day, CIVIL_END_BEFORE);
        struct civil next = period_next_expiry(expiry, CIVIL_END_BEFORE);
        ck_assert_int_eq(civil_days_between(expiry, next),
                         civil_days_between(civil_add_days(expiry, 1), next) + 1);
        ck_assert_int_ge(civil_days_between(expiry, next), 1095);
        ck_assert_int_le(civil_days_between(expiry, next), 1097);
    }
}
END_TEST

START_TEST(rolling_gives_an_open_day_with_only_closed_ones_between)
{
    struct business_calendar calendar = {.year_end_closed = true};

    EACH_DAY(day, 2015, 2035)
    {
        struct civil back = business_day_roll(&calendar, day, BUSINESS_ROLL_PREV);
        struct civil ahead = business_day_roll(&calendar, day, BUSINESS_ROLL_NEXT);
        ck_assert(!business_day_is_closed(&calendar, back));
        ck_assert(!business_day_is_closed(&calendar, ahead));
        ck_assert_int_le(civil_days_between(back, ahead), 11);
        for (struct civil between = civil_add_days(back, 1); civil_before(between, ahead);
             between = civil_add_days(between, 1))
            ck_assert(civil_same(between, day) ||
                      business_day_is_closed(&calendar, between));
    }
}
END_TEST

START_TEST(business_days_counted_forth_and_back_return)
{
    struct business_calendar calendar = {.year_end_closed = true};

    EACH_DAY(day, 2025, 2027)
    {
        if (business_day_is_closed(&calendar, day))
            continue;
        for (int n = 0; n < 40; n += 7)
            ck_assert(civil_same(
                day,
                business_day_add(&calendar, business_day_add(&calendar, day, n), -n)));
    }
}
END_TEST

START_TEST(a_later_law_can_add_and_take_away_a_holiday)
{
    struct holiday_change changes[] = {
        {.date = date_of(2030, 6, 3), .holiday = true, .name = {"新しい祝日", "New Day"}},
        {.date = date_of(2030, 11, 23), .holiday = false},
    };
    struct business_calendar calendar = {.changes = changes, .change_count = 2};
    struct holiday holiday;

    ck_assert(holiday_in(&calendar, date_of(2030, 6, 3), &holiday));
    ck_assert_str_eq(holiday.name_en, "New Day");
    ck_assert(!holiday_in(&calendar, date_of(2030, 11, 23), NULL));
    ck_assert(holiday_on(date_of(2030, 11, 23), NULL));
}
END_TEST

START_TEST(every_full_year_has_its_holidays_and_says_when_equinoxes_are_missing)
{
    for (int year = 2022; year <= 2099; year++) {
        int count = 0;
        EACH_DAY(day, year, year)
        count += holiday_on(day, NULL);
        ck_assert_int_ge(count, 16);
        ck_assert_int_le(count, 21);
        ck_assert(holiday_year_is_complete(year));
    }
    ck_assert(!holiday_year_is_complete(1979) && !holiday_year_is_complete(2100));
    ck_assert(!holiday_on(date_of(2100, 3, 20), NULL) &&
              !holiday_on(date_of(2100, 3, 21), NULL));
}
END_TEST

#define ADD(test) tcase_add_test(cases, test)

static void add_dates(TCase *cases)
{
    ADD(every_day_of_1950_to_2199_survives_text_and_parts);
    ADD(text_that_is_not_exactly_a_date_is_refused);
    ADD(weekdays_follow_each_other_and_the_epoch_was_a_thursday);
    ADD(adding_months_lands_in_the_month_and_never_after_the_day);
    ADD(arithmetic_far_outside_saturates_instead_of_overflowing);
    ADD(consecutive_periods_leave_no_day_uncovered_and_cover_none_twice);
    ADD(rolling_gives_an_open_day_with_only_closed_ones_between);
    ADD(business_days_counted_forth_and_back_return);
    ADD(a_later_law_can_add_and_take_away_a_holiday);
    ADD(every_full_year_has_its_holidays_and_says_when_equinoxes_are_missing);
}

int main(void)
{
    Suite *suite = suite_create("calendar");
    TCase *cases = tcase_create("properties");
    SRunner *runner;
    int failed;

    tcase_set_timeout(cases, 60);
    add_dates(cases);
    suite_add_tcase(suite, cases);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
