/* Problems: negotiation, tables, the written body. */
#include "api/problem.h"
#include "api/problem_texts.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct text out;
static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
    out = (struct text){0};
}

static void teardown(void)
{
    arena_destroy(arena);
    text_free(&out);
}

static const struct {
    const char *header;
    enum language expect;
} negotiations[] = {
    {NULL, LANGUAGE_EN},
    {"", LANGUAGE_EN},
    {"ja", LANGUAGE_JA},
    {"ja-JP", LANGUAGE_JA},
    {"JA-jp", LANGUAGE_JA},
    {"en-US,en;q=0.9,ja;q=0.8", LANGUAGE_EN},
    {"ja,en-US;q=0.9,en;q=0.8", LANGUAGE_JA},
    {"en;q=0.5, ja;q=0.6", LANGUAGE_JA},
    {"ja ; q=0.5 , en ; q=0.4", LANGUAGE_JA},
    {"ja;q=0.5,en;q=0.5", LANGUAGE_JA},
    {"en;q=0.5,ja;q=0.5", LANGUAGE_EN},
    {"*", LANGUAGE_EN},
    {"ja;q=0.9,*", LANGUAGE_EN},
    {"en;q=0,*;q=0.1", LANGUAGE_JA},
    {"ja;q=0,*", LANGUAGE_EN},
    {"ja;q=0, ja-JP", LANGUAGE_EN},
    {"fr,de;q=0.9", LANGUAGE_EN},
    {"fr,ja;q=0.1", LANGUAGE_JA},
    {"jav", LANGUAGE_EN},
    {"j", LANGUAGE_EN},
    {"ja;q=1.5", LANGUAGE_EN},
    {"ja;q=", LANGUAGE_EN},
    {"ja;level=1", LANGUAGE_EN},
    {",,;;,ja", LANGUAGE_JA},
};

START_TEST(language_follows_quality_and_specificity)
{
    ck_assert_msg(language_negotiate(negotiations[_i].header) == negotiations[_i].expect,
                  "Accept-Language: %s", negotiations[_i].header);
}
END_TEST

START_TEST(every_problem_has_status_name_and_both_titles)
{
    const struct problem_text *text = &problem_texts[_i];
    ck_assert_int_ge(problem_status((enum problem_code)_i), 400);
    ck_assert_int_le(problem_status((enum problem_code)_i), 599);
    ck_assert_ptr_nonnull(problem_name((enum problem_code)_i));
    ck_assert_uint_gt(strlen(text->title_en), 0);
    ck_assert_uint_gt(strlen(text->title_ja), 0);
}
END_TEST

START_TEST(problem_names_are_unique)
{
    for (int i = PROBLEM_BAD_REQUEST; i < PROBLEM_CODES; i++) {
        for (int k = PROBLEM_BAD_REQUEST; k < i; k++)
            ck_assert_str_ne(problem_texts[i].name, problem_texts[k].name);
    }
}
END_TEST

START_TEST(every_field_code_has_whole_sentences)
{
    for (const struct field_text *text = field_texts; text->code; text++) {
        ck_assert_ptr_eq(field_text_find(text->code), text);
        ck_assert(text->en && text->ja && !strstr(text->en, "{}") &&
                  !strstr(text->ja, "{}"));
        ck_assert_int_eq(text->en_limit != NULL, text->ja_limit != NULL);
        ck_assert(!text->en_limit || strstr(text->en_limit, "{}"));
        ck_assert(!text->ja_limit || strstr(text->ja_limit, "{}"));
    }
    ck_assert(problem_field_code_known("required"));
    ck_assert(!problem_field_code_known("no_such_code"));
    ck_assert(!problem_field_code_known(NULL));
}
END_TEST

static json_t *written(const struct problem *problem, enum language language)
{
    problem_write(&out, problem, language, "r-1");
    json_t *value = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(value);
    return value;
}

static const char *member(const json_t *value, const char *name)
{
    return json_string_value(json_object_get(value, name));
}

START_TEST(a_bare_problem_has_type_title_status_code_and_instance)
{
    json_t *value = written(&(struct problem){.code = PROBLEM_NOT_FOUND}, LANGUAGE_EN);
    ck_assert_str_eq(member(value, "type"), "/problems/not_found");
    ck_assert_str_eq(member(value, "title"), "Not found");
    ck_assert_int_eq(json_integer_value(json_object_get(value, "status")), 404);
    ck_assert_str_eq(member(value, "code"), "not_found");
    ck_assert_str_eq(member(value, "instance"), "/requests/r-1");
    ck_assert_uint_eq(json_object_size(value), 5);
    json_decref(value);
}
END_TEST

START_TEST(the_detail_is_in_the_callers_language)
{
    struct problem problem = {
        .code = PROBLEM_CONFLICT, .detail_en = "taken \"x\"\n", .detail_ja = "使用済み"};
    json_t *english = written(&problem, LANGUAGE_EN);
    ck_assert_str_eq(member(english, "detail"), "taken \"x\"\n");
    text_clear(&out);
    json_t *japanese = written(&problem, LANGUAGE_JA);
    ck_assert_str_eq(member(japanese, "detail"), "使用済み");
    json_decref(english);
    json_decref(japanese);
}
END_TEST

START_TEST(field_errors_keep_their_order_and_name_their_limit)
{
    struct problem problem = {.code = PROBLEM_UNPROCESSABLE};
    char pointer[] = "/impact";
    problem_add(arena, &problem, "body", pointer, "too_small", "1");
    pointer[1] = 'X';
    problem_add(arena, &problem, "body", "/title", "required", NULL);
    json_t *value = written(&problem, LANGUAGE_JA);
    const json_t *errors = json_object_get(value, "errors");
    const json_t *first = json_array_get(errors, 0), *second = json_array_get(errors, 1);
    ck_assert_uint_eq(json_array_size(errors), 2);
    ck_assert_str_eq(member(first, "pointer"), "/impact");
    ck_assert_str_eq(member(first, "detail"), "1 以上にしてください");
    ck_assert_str_eq(member(first, "limit"), "1");
    ck_assert_str_eq(member(second, "code"), "required");
    ck_assert_ptr_null(json_object_get(second, "limit"));
    json_decref(value);
}
END_TEST

START_TEST(a_limit_that_looks_like_a_placeholder_is_only_text)
{
    struct problem problem = {.code = PROBLEM_UNPROCESSABLE};
    problem_add(arena, &problem, "body", "/p", "pattern_mismatch", "^{}%s$");
    json_t *value = written(&problem, LANGUAGE_EN);
    const json_t *first = json_array_get(json_object_get(value, "errors"), 0);
    ck_assert_str_eq(member(first, "detail"), "must match the pattern ^{}%s$");
    json_decref(value);
}
END_TEST

START_TEST(errors_stop_at_the_limit)
{
    struct problem problem = {.code = PROBLEM_UNPROCESSABLE};
    for (int i = 0; i < PROBLEM_MAX_ERRORS + 50; i++)
        problem_add(arena, &problem, "body", "", "required", NULL);
    ck_assert_int_eq(problem.error_count, PROBLEM_MAX_ERRORS);
    json_t *value = written(&problem, LANGUAGE_EN);
    ck_assert_uint_eq(json_array_size(json_object_get(value, "errors")),
                      PROBLEM_MAX_ERRORS);
    json_decref(value);
}
END_TEST

static TCase *cases(void)
{
    TCase *test = tcase_create("problem");
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_loop_test(test, language_follows_quality_and_specificity, 0,
                        sizeof negotiations / sizeof *negotiations);
    tcase_add_loop_test(test, every_problem_has_status_name_and_both_titles, 0,
                        PROBLEM_CODES);
    tcase_add_test(test, problem_names_are_unique);
    tcase_add_test(test, every_field_code_has_whole_sentences);
    tcase_add_test(test, a_bare_problem_has_type_title_status_code_and_instance);
    tcase_add_test(test, the_detail_is_in_the_callers_language);
    tcase_add_test(test, field_errors_keep_their_order_and_name_their_limit);
    tcase_add_test(test, a_limit_that_looks_like_a_placeholder_is_only_text);
    tcase_add_test(test, errors_stop_at_the_limit);
    return test;
}

int main(void)
{
    Suite *suite = suite_create("problem");
    suite_add_tcase(suite, cases());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
