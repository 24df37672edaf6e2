/* Every vector of the shipped set and of our own, and the holidays of the oracle file. */
#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/business_day.h"
#include "services/scheduling/calculations.h"
#include "services/scheduling/rules/rule.h"

static json_t *shipped;
static json_t *own;
static json_t *holidays;

static json_t *load(const char *path)
{
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);

    if (root == NULL)
        (void)fprintf(stderr, "%s: %s (run from the project's root)\n", path, error.text);
    return root;
}

static bool same_value(const json_t *a, const json_t *b)
{
    size_t i;
    json_t *item;
    const char *name;

    if (json_is_number(a) && json_is_number(b))
        return fabs(json_number_value(a) - json_number_value(b)) < 1e-9;
    if (json_typeof(a) != json_typeof(b))
        return false;
    if (json_is_array(a)) {
        if (json_array_size(a) != json_array_size(b))
            return false;
        json_array_foreach(
            (json_t *)(uintptr_t)a, i,
            item) if (!same_value(item, json_array_get(b, i))) return false;
        return true;
    }
    if (json_is_object(a)) {
        if (json_object_size(a) != json_object_size(b))
            return false;
        json_object_foreach((json_t *)(uintptr_t)a, name, item)
        {
            const json_t *other = json_object_get(b, name);
            if (other == NULL || !same_value(item, other))
                return false;
        }
        return true;
    }
    return json_equal(a, b);
}

static char *as_text(const json_t *value)
{
    return value == NULL ? strdup("(absent)")
                         : json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS);
}

static json_t *answer_of(const json_t *vector)
{
    struct calculation_errors errors;
    const char *id = json_string_value(json_object_get(vector, "id"));
    json_t *answer = calculate(json_string_value(json_object_get(vector, "op")),
                               json_object_get(vector, "given"), &errors);

    ck_assert_msg(answer != NULL, "%s: refused, %zu errors, first %s %s", id,
                  errors.count, errors.count ? errors.items[0].pointer : "",
                  errors.count ? errors.items[0].code : "");
    return answer;
}

static void expect_vector(const json_t *vector)
{
    json_t *answer = answer_of(vector);
    json_t *wanted;
    const char *name;

    json_object_foreach(json_object_get(vector, "expect"), name, wanted)
    {
        const json_t *got = json_object_get(answer, name);
        char *want_text = as_text(wanted);
        char *got_text = as_text(got);
        ck_assert_msg(got != NULL && same_value(wanted, got), "%s %s: want %s, got %s",
                      json_string_value(json_object_get(vector, "id")), name, want_text,
                      got_text);
        free(want_text);
        free(got_text);
    }
    json_decref(answer);
}

START_TEST(each_shipped_vector_holds)
{
    expect_vector(json_array_get(json_object_get(shipped, "vectors"), (size_t)_i));
}
END_TEST

START_TEST(each_own_vector_holds)
{
    expect_vector(json_array_get(json_object_get(own, "vectors"), (size_t)_i));
}
END_TEST

START_TEST(every_answer_names_rules_with_their_sources)
{
    const json_t *vector =
        json_array_get(json_object_get(shipped, "vectors"), (size_t)_i);
    json_t *answer = answer_of(vector);
    const json_t *why = json_object_get(answer, "why");
    const json_t *rules = json_object_get(why, "rules");

    ck_assert_uint_gt(json_array_size(rules), 0);
    for (size_t i = 0; i < json_array_size(rules); i++)
        ck_assert(json_is_string(json_object_get(json_array_get(rules, i), "source")));
    ck_assert(json_is_object(json_object_get(why, "inputs")));
    ck_assert(json_is_object(json_object_get(why, "policy")));
    json_decref(answer);
}
END_TEST

/* Feeding the reported inputs and policy back must give the same answer: they are what
 * was used, defaults included. */
START_TEST(reported_inputs_and_policy_reproduce_the_answer)
{
    const json_t *vector =
        json_array_get(json_object_get(shipped, "vectors"), (size_t)_i);
    json_t *answer = answer_of(vector);
    const json_t *why = json_object_get(answer, "why");
    json_t *given = json_deep_copy(json_object_get(why, "inputs"));
    struct calculation_errors errors;
    json_t *again;

    /* An object of which nothing was given is absent, not empty. */
    if (json_is_null(json_object_get(json_object_get(given, "next_audit"), "nominal")))
        json_object_del(given, "next_audit");
    json_object_set(given, "policy", json_object_get(why, "policy"));
    again = calculate(json_string_value(json_object_get(vector, "op")), given, &errors);
    ck_assert_msg(again != NULL, "%s",
                  errors.count ? errors.items[0].pointer : "refused");
    ck_assert(same_value(answer, again));
    json_decref(again);
    json_decref(given);
    json_decref(answer);
}
END_TEST

START_TEST(the_holidays_of_the_oracle_are_ours_and_no_others)
{
    struct civil day;
    size_t index = 0;
    char text[CIVIL_TEXT_SIZE];

    ck_assert(civil_from_parts(2024, 1, 1, &day));
    for (; civil_year(day) <= 2032; day = civil_add_days(day, 1)) {
        struct holiday holiday;
        const json_t *row = json_array_get(holidays, index);
        if (!holiday_on(day, &holiday))
            continue;
        civil_format(day, text);
        ck_assert_str_eq(text, json_string_value(json_object_get(row, "date")));
        ck_assert_str_eq(holiday.name_ja,
                         json_string_value(json_object_get(row, "name_ja")));
        ck_assert_str_eq(holiday.name_en,
                         json_string_value(json_object_get(row, "name_en")));
        index++;
    }
    ck_assert_uint_eq(index, json_array_size(holidays));
}
END_TEST

START_TEST(every_operation_of_the_vectors_has_a_calculation)
{
    size_t count = 0;

    while (calculation_name(count) != NULL)
        count++;
    ck_assert_uint_eq(count, 33);
}
END_TEST

START_TEST(no_rule_is_listed_twice)
{
    for (size_t i = 0; rule_at(i) != NULL; i++)
        ck_assert_ptr_eq(rule_find(rule_at(i)->id), rule_at(i));
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("rules");
    TCase *cases = tcase_create("vectors");
    int shipped_count = (int)json_array_size(json_object_get(shipped, "vectors"));
    int own_count = (int)json_array_size(json_object_get(own, "vectors"));

    tcase_add_loop_test(cases, each_shipped_vector_holds, 0, shipped_count);
    tcase_add_loop_test(cases, each_own_vector_holds, 0, own_count);
    tcase_add_loop_test(cases, every_answer_names_rules_with_their_sources, 0,
                        shipped_count);
    tcase_add_loop_test(cases, reported_inputs_and_policy_reproduce_the_answer, 0,
                        shipped_count);
    tcase_add_test(cases, the_holidays_of_the_oracle_are_ours_and_no_others);
    tcase_add_test(cases, every_operation_of_the_vectors_has_a_calculation);
    tcase_add_test(cases, no_rule_is_listed_twice);
    suite_add_tcase(all, cases);
    return all;
}

int main(void)
{
    SRunner *runner;
    int failed;

    shipped = load("tests/vectors/schedule.json");
    own = load("tests/vectors/own.json");
    holidays = load("tests/data/jp_holidays.json");
    if (shipped == NULL || own == NULL || holidays == NULL)
        return EXIT_FAILURE;
    runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    json_decref(shipped);
    json_decref(own);
    json_decref(holidays);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
