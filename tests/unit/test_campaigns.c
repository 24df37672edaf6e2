/* Transitions of many certifications: what must hold whatever the programmes and dates are. */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>

#include "dates.h"
#include "services/scheduling/campaign_plan.h"

enum { TRIES = 2000 };

static unsigned long long state = 88172645463325252ULL;

static int64_t any(int64_t least, int64_t most)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return least + (int64_t)(state % (unsigned long long)(most - least + 1));
}

static json_t *any_audit(struct civil day)
{
    char on[CIVIL_TEXT_SIZE], from[CIVIL_TEXT_SIZE], until[CIVIL_TEXT_SIZE];
    civil_format(day, on);
    civil_format(civil_add_months(day, -3), from);
    civil_format(civil_add_months(day, 1), until);
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", "a", "kind",
                     any(0, 2) ? "surveillance" : "recertification", "nominal_date", on,
                     "window_start", from, "window_end", until);
}

static json_t *any_campaign(struct civil today)
{
    json_t *list = json_array();
    struct civil day = civil_add_days(today, any(-400, 400));
    for (int64_t n = any(0, 6); n > 0; n--) {
        json_array_append_new(list, any_audit(day));
        day = civil_add_days(day, any(300, 400));
    }
    char end[CIVIL_TEXT_SIZE];
    civil_format(civil_add_days(today, any(-100, 1500)), end);
    return json_pack(
        "{s:{s:s, s:s, s:s, s:s, s:{s:f, s:f, s:f}}, s:{}, s:[{s:s, s:s, s:s, s:o}]}",
        "campaign", "id", "g", "old_scheme", "old", "new_scheme", "new", "end_on", end,
        "extra_days", "surveillance", (double)any(0, 8) / 4, "recertification",
        (double)any(0, 8) / 4, "alone", (double)any(0, 8) / 4, "consultancy_policies",
        "certifications", "certification_id", "c", "scheme", "old", "state", "certified",
        "audits", list);
}

static int64_t day_number(const json_t *object, const char *name)
{
    struct civil date = CIVIL_NONE;
    const char *text = json_string_value(json_object_get(object, name));
    if (text)
        civil_parse(text, &date);
    return date.days;
}

START_TEST(a_transition_is_never_after_its_last_day_nor_in_the_past)
{
    struct civil today = date_of(2024, 3, 1);
    for (int i = 0; i < TRIES; i++) {
        json_t *facts = any_campaign(today), *rows = campaign_rows(facts, today);
        const json_t *row = json_array_get(rows, 0);
        const json_t *way = json_object_get(row, "transition");
        int64_t end = day_number(json_object_get(facts, "campaign"), "end_on");
        ck_assert_int_le(day_number(row, "by_when"), end);
        if (json_is_string(json_object_get(way, "on"))) {
            ck_assert_int_le(day_number(way, "on"), end);
            ck_assert_int_ge(day_number(way, "on"), today.days);
        } else {
            ck_assert_str_eq(json_string_value(json_object_get(way, "with")), "alone");
        }
        ck_assert_int_eq(json_is_true(json_object_get(row, "late")),
                         json_is_string(json_object_get(row, "late_reason")));
        json_decref(rows);
        json_decref(facts);
    }
}
END_TEST

START_TEST(the_impact_adds_up_to_its_rows)
{
    struct civil today = date_of(2024, 3, 1);
    for (int i = 0; i < TRIES / 10; i++) {
        json_t *facts = any_campaign(today);
        json_t *list = json_object_get(facts, "certifications");
        for (int64_t n = any(0, 20); n > 0; n--) {
            json_t *other = any_campaign(today);
            json_array_extend(list, json_object_get(other, "certifications"));
            json_decref(other);
        }
        json_t *rows = campaign_rows(facts, today),
               *impact = campaign_impact(facts, rows);
        const json_t *months = json_object_get(impact, "months");
        double days = 0, by_month = 0;
        for (size_t r = 0; r < json_array_size(rows); r++)
            days += json_number_value(json_object_get(
                json_object_get(json_array_get(rows, r), "transition"), "extra_days"));
        for (size_t m = 0; m < json_array_size(months); m++)
            by_month += json_number_value(
                json_object_get(json_array_get(months, m), "extra_days"));
        ck_assert_double_eq(json_number_value(json_object_get(impact, "extra_days")),
                            days);
        ck_assert_double_eq(by_month, days);
        json_decref(impact);
        json_decref(rows);
        json_decref(facts);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("campaigns");
    TCase *cases = tcase_create("transitions");
    SRunner *runner;
    int failed;

    tcase_add_test(cases, a_transition_is_never_after_its_last_day_nor_in_the_past);
    tcase_add_test(cases, the_impact_adds_up_to_its_rows);
    suite_add_tcase(suite, cases);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
