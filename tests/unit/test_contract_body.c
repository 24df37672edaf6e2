/* Bodies of requests: media type, JSON, nesting, schema. */
#include "api/contract.h"
#include "contract_sample.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;
static struct contract *contract;

static void setup(void)
{
    arena = arena_new();
    contract = sample_contract();
}

static void teardown(void)
{
    arena_destroy(arena);
    contract_destroy(contract);
}

static const char *described(const struct problem *problem)
{
    const char *text = arena_printf(arena, "%d", problem_status(problem->code));
    for (const struct field_error *error = problem->errors; error; error = error->next)
        text = arena_printf(arena, "%s %s:%s:%s", text, error->in, error->pointer,
                            error->code);
    return text;
}

#define JSON_TYPE "application/json"

static const struct {
    const char *operation;
    const char *type;
    const char *body;
    const char *problem; /* NULL = fits */
} bodies[] = {
    {"createThing", JSON_TYPE, "{\"title\":\"a\"}", NULL},
    {"createThing", "Application/JSON; charset=UTF-8", "{}", NULL},
    {"createThing", "application/json;charset=\"utf-8\"", " {} ", NULL},
    {"createThing", "application/json ; charset=utf-8 ", "{}", NULL},
    {"createThing", "application/json; charset=shift_jis", "{}", "415"},
    {"createThing", "application/json; charset=utf-88", "{}", "415"},
    {"createThing", "application/jsonx", "{}", "415"},
    {"createThing", "application/merge-patch+json", "{}", "415"},
    {"createThing", "text/plain", "{}", "415"},
    {"createThing", NULL, "{}", "415"},
    {"createThing", JSON_TYPE, "", "422 body::required"},
    {"createThing", NULL, "", "422 body::required"},
    {"createThing", JSON_TYPE, "{", "400"},
    {"createThing", JSON_TYPE, "{} x", "400"},
    {"createThing", JSON_TYPE, "{\"title\":\"a\",\"title\":\"b\"}", "400"},
    {"createThing", JSON_TYPE, "{\"title\":\"\xff\"}", "400"},
    {"createThing", JSON_TYPE, "{\"title\":\"\\ud800\"}", "400"},
    {"createThing", JSON_TYPE, "\xef\xbb\xbf{}", "400"},
    {"createThing", JSON_TYPE, "{\"level\":1e400}", "400"},
    {"createThing", JSON_TYPE, "{\"level\":123456789012345678901234567890}", "400"},
    {"createThing", JSON_TYPE, "{\"level\":-0}", NULL},
    {"createThing", JSON_TYPE, "{\"level\":NaN}", "400"},
    {"createThing", JSON_TYPE, "[]", "422 body::wrong_type"},
    {"createThing", JSON_TYPE, "null", "422 body::wrong_type"},
    {"createThing", JSON_TYPE, "{\"title\":\"123456\",\"x\":1,\"level\":1.5}",
     "422 body:/title:too_long body:/x:unknown_member body:/level:wrong_type"},
    {"createThing", JSON_TYPE, "{\"title\":\"a\\u0000\"}", "422 body:/title:bad_format"},
    {"updateThing", "application/merge-patch+json", "{\"title\":\"a\"}", NULL},
    {"updateThing", JSON_TYPE, "{\"title\":\"a\"}", "415"},
    {"updateThing", NULL, "", NULL},
    {"importThings", "text/csv", "\xff,\n", NULL},
    {"importThings", "Text/CSV; charset=Shift_JIS; header=present", "a", NULL},
    {"importThings", "text/csvx", "a", "415"},
    {"importThings", JSON_TYPE, "{}", "415"},
    {"importThings", NULL, "a", "415"},
    {"importThings", "text/csv", "", "422 body::required"},
    {"getThing", NULL, "", NULL},
    {"getThing", JSON_TYPE, "{}", "400"},
};

static bool check_body(const char *operation, const char *type, const char *body,
                       struct problem *problem, json_t **ret)
{
    return contract_check_body(contract_find(contract, operation), arena, type, body,
                               strlen(body), problem, ret);
}

START_TEST(a_body_is_read_and_checked)
{
    struct problem problem = {.code = PROBLEM_NONE};
    json_t *body = NULL;
    bool good = check_body(bodies[_i].operation, bodies[_i].type, bodies[_i].body,
                           &problem, &body);
    ck_assert_int_eq(good, bodies[_i].problem == NULL);
    if (good)
        ck_assert_int_eq(body != NULL,
                         *bodies[_i].body != '\0' &&
                             strcmp(bodies[_i].operation, "importThings") != 0);
    else
        ck_assert_str_eq(described(&problem), bodies[_i].problem);
}
END_TEST

static char *nested(int depth)
{
    struct text text _text_auto_ = {0};
    for (int i = 0; i < depth; i++)
        text_adds(&text, "[");
    for (int i = 0; i < depth; i++)
        text_adds(&text, "]");
    return arena_strdup(arena, text.data);
}

START_TEST(nesting_is_refused_before_anything_is_built)
{
    struct problem deep = {.code = PROBLEM_NONE}, fits = {.code = PROBLEM_NONE};
    struct problem huge = {.code = PROBLEM_NONE}, text = {.code = PROBLEM_NONE};
    json_t *body = NULL;
    ck_assert(!check_body("createThing", JSON_TYPE, nested(32), &fits, &body));
    ck_assert_str_eq(described(&fits), "422 body::wrong_type");
    ck_assert(!check_body("createThing", JSON_TYPE, nested(33), &deep, &body));
    ck_assert_str_eq(described(&deep), "400");
    ck_assert(!check_body("createThing", JSON_TYPE, nested(400000), &huge, &body));
    ck_assert_str_eq(described(&huge), "400");
    ck_assert(!check_body("createThing", JSON_TYPE,
                          "\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"", &text, &body));
    ck_assert_str_eq(described(&text), "422 body::wrong_type");
}
END_TEST

START_TEST(malformed_json_is_shown_its_line_and_column)
{
    struct problem problem = {.code = PROBLEM_NONE};
    json_t *body = NULL;
    ck_assert(
        !check_body("createThing", JSON_TYPE, "{\n  \"title\": ?\n}", &problem, &body));
    ck_assert_ptr_nonnull(strstr(problem.detail_en, "Line 2, column 12"));
    ck_assert_ptr_nonnull(strstr(problem.detail_ja, "2 行 12 文字目"));
}
END_TEST

static TCase *cases(void)
{
    TCase *test = tcase_create("contract_body");
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_loop_test(test, a_body_is_read_and_checked, 0,
                        sizeof bodies / sizeof *bodies);
    tcase_add_test(test, nesting_is_refused_before_anything_is_built);
    tcase_add_test(test, malformed_json_is_shown_its_line_and_column);
    return test;
}

int main(void)
{
    Suite *suite = suite_create("contract_body");
    suite_add_tcase(suite, cases());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
