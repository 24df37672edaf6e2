/* Wrong facts are refused by name, all of them, and nothing that JSON can say is fatal. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/problem_texts.h"
#include "services/scheduling/calculations.h"

struct wrong {
    const char *op;
    const char *given;
    const char *pointer;
    const char *code;
};

static const struct wrong wrong_facts[] = {
    {"add_months", "{\"date\":\"2025-02-29\",\"months\":1}", "/date", "bad_format"},
    {"add_months", "{\"date\":\"2300-01-01\",\"months\":1}", "/date", "out_of_range"},
    {"add_months", "{\"date\":20250228,\"months\":1}", "/date", "wrong_type"},
    {"add_months", "{\"date\":\"2025-02-28\"}", "/months", "required"},
    {"add_months", "{\"date\":\"2025-02-28\",\"months\":1.5}", "/months", "wrong_type"},
    {"add_months", "{\"date\":\"2025-02-28\",\"months\":9223372036854775807}", "/months",
     "too_large"},
    {"add_months", "{\"date\":\"2199-12-31\",\"months\":1}", "/months", "out_of_range"},
    {"add_months", "{\"date\":\"1950-01-31\",\"months\":-1}", "/months", "out_of_range"},
    {"add-months", "{\"date\":\"2025-02-28\",\"months\":\"1\"}", "/months", "wrong_type"},
    {"add_months", "[]", "", "wrong_type"},
    {"period_end", "{\"start\":\"2025-02-14\",\"months\":36,\"convention\":\"end\"}",
     "/convention", "not_in_list"},
    {"period_end", "{\"start\":\"2025-02-14\",\"months\":0}", "/months", "too_small"},
    {"cycle_months", "{\"obtained\":\"2025-13\"}", "/obtained", "bad_format"},
    {"cycle_months", "{\"obtained\":\"2198-02\"}", "/obtained", "out_of_range"},
    {"cycle_plan", "{\"decision_date\":\"2025-02-14\",\"policy\":7}", "/policy",
     "wrong_type"},
    {"cycle_plan",
     "{\"decision_date\":\"2025-02-14\",\"policy\":{\"anchor\":\"stage2_last_day\"}}",
     "/stage2_last_day", "required"},
    {"cycle_plan",
     "{\"decision_date\":\"2025-02-14\",\"policy\":{\"recert_latest_months\":4}}",
     "/policy/recert_latest_months", "inconsistent"},
    {"cycle_plan",
     "{\"decision_date\":\"2025-02-14\",\"stage2_last_day\":\"2025-02-15\"}",
     "/decision_date", "before_start"},
    {"cycle_plan", "{\"decision_date\":\"2198-02-14\"}", "/decision_date",
     "out_of_range"},
    {"cycle_plan", "{\"decision_date\":\"2025-02-14\",\"policy\":{\"cycles\":21}}",
     "/policy/cycles", "too_large"},
    {"surveillance_check",
     "{\"decision_date\":\"2025-02-14\",\"through_year\":2027,"
     "\"surveillance\":[\"2026-02-10\",\"2025-02-13\"]}",
     "/surveillance/1", "before_start"},
    {"surveillance_check",
     "{\"decision_date\":\"2025-02-14\",\"through_year\":2027,"
     "\"surveillance\":[\"2026-02-30\"]}",
     "/surveillance/0", "bad_format"},
    {"surveillance_check",
     "{\"decision_date\":\"2025-02-14\",\"through_year\":2024,\"surveillance\":[]}",
     "/through_year", "before_start"},
    {"major_nc_initial", "{\"stage2_last_day\":\"2025-03-14\",\"verified_date\":null}",
     "/today", "required"},
    {"major_nc_initial",
     "{\"stage2_last_day\":\"2025-03-14\",\"verified_date\":\"2025-03-13\"}",
     "/verified_date", "before_start"},
    {"recert_result",
     "{\"expiry\":\"2028-02-13\",\"audit_last_day\":\"2028-01-21\","
     "\"decision_date\":\"2028-01-20\"}",
     "/decision_date", "before_start"},
    {"suspension", "{\"start\":\"2026-03-01\",\"today\":\"2026-02-01\"}", "/today",
     "before_start"},
    {"claims", "{\"state\":\"Certified\"}", "/state", "not_in_list"},
    {"claims", "{\"state\":null}", "/state", "required"},
    {"audit_time", "{\"persons\":-1}", "/persons", "too_small"},
    {"audit_time", "{\"persons\":0}", "/persons", "too_small"},
    {"audit_time", "{\"persons\":5,\"policy\":{\"min_pct\":-40}}", "/policy/min_pct",
     "too_small"},
    {"audit_time", "{\"persons\":5,\"policy\":{\"round\":\"up\"}}", "/policy/round",
     "not_in_list"},
    {"effective_persons", "{\"identical_groups\":[3,-1]}", "/identical_groups/1",
     "too_small"},
    {"sites_sample", "{\"sites\":-1,\"audit\":\"initial\"}", "/sites", "too_small"},
    {"relocation", "{\"move_date\":\"2026-01-20\",\"next_audit\":{}}",
     "/next_audit/nominal", "required"},
    {"relocation", "{\"move_date\":\"2026-01-20\",\"next_audit\":\"soon\"}",
     "/next_audit", "wrong_type"},
    {"change_notice", "{\"change\":\"merger\"}", "/change_date", "required"},
    {"move_warning",
     "{\"planned_stage1_last_day\":\"2026-06-10\",\"planned_stage2_last_day\":"
     "\"2026-06-01\",\"planned_decision\":\"2026-08-20\",\"move_date\":\"2026-09-15\"}",
     "/planned_stage2_last_day", "before_start"},
    {"backplan", "{\"target_certificate_date\":\"1950-03-31\",\"today\":\"2026-05-01\"}",
     "/target_certificate_date", "out_of_range"},
    {"busy_season", "{\"date\":\"2026-05-01\",\"busy_months\":[1,13]}", "/busy_months/1",
     "too_large"},
};

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    ck_assert_msg(value != NULL, "%s", text);
    return value;
}

START_TEST(each_wrong_fact_is_refused_by_its_pointer)
{
    const struct wrong *wrong = &wrong_facts[_i];
    struct calculation_errors errors;
    json_t *given = parse(wrong->given);
    json_t *answer = calculate(wrong->op, given, &errors);

    ck_assert_msg(answer == NULL, "%s %s was answered", wrong->op, wrong->given);
    ck_assert_msg(errors.count == 1, "%s %s: %zu errors", wrong->op, wrong->given,
                  errors.count);
    ck_assert_str_eq(errors.items[0].pointer, wrong->pointer);
    ck_assert_str_eq(errors.items[0].code, wrong->code);
    ck_assert_msg(field_text_find(wrong->code) != NULL, "%s has no sentence",
                  wrong->code);
    json_decref(given);
}
END_TEST

START_TEST(all_wrong_members_are_named_not_only_the_first)
{
    struct calculation_errors errors;
    json_t *given =
        parse("{\"decision_date\":\"2025-02-30\",\"policy\":{\"anchor\":\"x\","
              "\"cycles\":0,\"surv_before_months\":\"3\"}}");

    ck_assert_ptr_null(calculate("cycle_plan", given, &errors));
    ck_assert_uint_eq(errors.count, 4);
    ck_assert_str_eq(errors.items[0].pointer, "/decision_date");
    ck_assert_str_eq(errors.items[1].pointer, "/policy/anchor");
    ck_assert_str_eq(errors.items[2].pointer, "/policy/surv_before_months");
    ck_assert_str_eq(errors.items[3].pointer, "/policy/cycles");
    json_decref(given);
}
END_TEST

START_TEST(more_errors_than_fit_are_dropped_not_written_beyond)
{
    struct calculation_errors errors;
    json_t *given = parse("{\"others\":0}");
    json_t *groups = json_array();

    for (int i = 0; i < 200; i++)
        json_array_append_new(groups, json_integer(-1));
    json_object_set_new(given, "identical_groups", groups);
    ck_assert_ptr_null(calculate("effective_persons", given, &errors));
    ck_assert_uint_eq(errors.count, CALCULATION_MOST_ERRORS);
    json_decref(given);
}
END_TEST

START_TEST(a_list_longer_than_allowed_is_refused_as_a_whole)
{
    struct calculation_errors errors;
    json_t *given = parse("{\"others\":0}");
    json_t *groups = json_array();

    for (int i = 0; i < 257; i++)
        json_array_append_new(groups, json_integer(1));
    json_object_set_new(given, "identical_groups", groups);
    ck_assert_ptr_null(calculate("effective_persons", given, &errors));
    ck_assert_uint_eq(errors.count, 1);
    ck_assert_str_eq(errors.items[0].code, "too_many_items");
    json_decref(given);
}
END_TEST

START_TEST(text_with_a_nul_inside_is_no_date)
{
    struct calculation_errors errors;
    json_t *given = parse("{\"date\":\"2025-02-28\\u0000x\"}");

    ck_assert_ptr_null(calculate("holiday", given, &errors));
    ck_assert_str_eq(errors.items[0].code, "bad_format");
    json_decref(given);
}
END_TEST

START_TEST(an_unknown_operation_answers_nothing_without_errors)
{
    struct calculation_errors errors;
    json_t *given = parse("{}");

    ck_assert_ptr_null(calculate("add_month", given, &errors));
    ck_assert_ptr_null(calculate("add_monthss", given, &errors));
    ck_assert_ptr_null(calculate("", given, &errors));
    ck_assert_uint_eq(errors.count, 0);
    json_decref(given);
}
END_TEST

/* Every member of every vector replaced by every kind of value: answered or refused. */
static void try_values(const char *op, json_t *given, json_t *holder)
{
    static const char *const values[] = {
        "null", "true", "-1", "9223372036854775807", "1e308", "\"\"", "\"\\u0000\"",
        "[]",   "[[]]", "{}", "{\"a\":{}}"};
    const char *name;
    json_t *member;
    void *next;

    json_object_foreach_safe(holder, next, name, member)
    {
        json_t *kept = json_incref(member);
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            struct calculation_errors errors;
            json_object_set_new(holder, name, parse(values[i]));
            json_t *answer = calculate(op, given, &errors);
            ck_assert((answer != NULL) == (errors.count == 0));
            json_decref(answer);
        }
        json_object_set_new(holder, name, kept);
        if (json_is_object(json_object_get(holder, name)))
            try_values(op, given, json_object_get(holder, name));
    }
}

START_TEST(any_value_in_any_place_is_answered_or_refused)
{
    json_t *root = json_load_file("tests/vectors/schedule.json", 0, NULL);
    size_t i;
    json_t *vector;

    ck_assert_ptr_nonnull(root);
    json_array_foreach(json_object_get(root, "vectors"), i, vector)
        try_values(json_string_value(json_object_get(vector, "op")),
                   json_object_get(vector, "given"), json_object_get(vector, "given"));
    json_decref(root);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calculations");
    TCase *cases = tcase_create("facts");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(cases, each_wrong_fact_is_refused_by_its_pointer, 0,
                        (int)(sizeof wrong_facts / sizeof wrong_facts[0]));
    tcase_add_test(cases, all_wrong_members_are_named_not_only_the_first);
    tcase_add_test(cases, more_errors_than_fit_are_dropped_not_written_beyond);
    tcase_add_test(cases, a_list_longer_than_allowed_is_refused_as_a_whole);
    tcase_add_test(cases, text_with_a_nul_inside_is_no_date);
    tcase_add_test(cases, an_unknown_operation_answers_nothing_without_errors);
    tcase_add_test(cases, any_value_in_any_place_is_answered_or_refused);
    suite_add_tcase(suite, cases);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
