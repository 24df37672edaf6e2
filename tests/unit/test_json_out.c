/* Rows to JSON; the results are made here, without a server. */
#include "api/json_out.h"

#include <check.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

enum { INT4 = 23, TEXT = 25, BOOL = 16, JSONB = 3802, INSTANT = 1184, LOCAL = 1114 };
enum {
    NUMERIC = 1700,
    FLOAT8 = 701,
    UUID = 2950,
    DATE = 1082,
    AN_ENUM = 20000,
    AN_ARRAY = 1007
};

static struct arena *arena;
static struct text out;
static PGresult *result;

static void setup(void)
{
    arena = arena_new();
    out = (struct text){0};
    result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
}

static void teardown(void)
{
    text_free(&out);
    arena_destroy(arena);
}

static const struct rows *rows_with(int count, const char *const *names, const Oid *types)
{
    PGresAttDesc columns[8] = {{0}};
    for (int i = 0; i < count; i++) {
        columns[i].name = arena_strdup(arena, names[i]);
        columns[i].typid = types[i];
    }
    ck_assert(PQsetResultAttrs(result, count, columns));
    return rows_wrap(arena, result);
}

static void put(int row, int column, const char *value)
{
    char *copy = arena_strdup(arena, value);
    ck_assert(PQsetvalue(result, row, column, copy, value ? (int)strlen(value) : -1));
}

static const struct {
    Oid type;
    const char *value, *expect;
} values[] = {
    {INT4, "-7", "-7"},
    {NUMERIC, "1.50", "1.50"},
    {NUMERIC, "NaN", "\"NaN\""},
    {FLOAT8, "-Infinity", "\"-Infinity\""},
    {FLOAT8, "1e-05", "1e-05"},
    {BOOL, "t", "true"},
    {BOOL, "f", "false"},
    {JSONB, "{\"a\": [1, null]}", "{\"a\": [1, null]}"},
    {UUID, "0192f0c8-0000-7000-8000-000000000000",
     "\"0192f0c8-0000-7000-8000-000000000000\""},
    {DATE, "2025-02-14", "\"2025-02-14\""},
    {TEXT, "say \"巡り\"\n\\", "\"say \\\"巡り\\\"\\n\\\\\""},
    {TEXT, "", "\"\""},
    {AN_ENUM, "certified", "\"certified\""},
    {INSTANT, "2025-02-14 09:00:00+00", "\"2025-02-14T09:00:00+00:00\""},
    {INSTANT, "2025-02-14 09:00:00.120456+00", "\"2025-02-14T09:00:00.120456+00:00\""},
    {INSTANT, "infinity", "\"infinity\""},
    {INSTANT, "0044-03-15 10:00:00+00 BC", "\"0044-03-15T10:00:00+00:00 BC\""},
    {LOCAL, "2025-02-14 09:00:00.5", "\"2025-02-14T09:00:00.5\""},
    {TEXT, NULL, "null"},
    {INT4, NULL, "null"},
};

START_TEST(a_value_is_written_by_the_type_of_its_column)
{
    const struct rows *rows = rows_with(1, (const char *[]){"v"}, &values[_i].type);
    put(0, 0, values[_i].value);
    json_out_row(&out, rows, 0);
    ck_assert_str_eq(out.data, arena_printf(arena, "{\"v\":%s}", values[_i].expect));
}
END_TEST

START_TEST(columns_of_the_shell_are_left_out_wherever_they_stand)
{
    const struct rows *rows =
        rows_with(5, (const char *[]){"_etag", "id", "_key", "title", "_next"},
                  (const Oid[]){TEXT, INT4, TEXT, TEXT, TEXT});
    for (int i = 0; i < 5; i++)
        put(0, i, "1");
    json_out_row(&out, rows, 0);
    ck_assert_str_eq(out.data, "{\"id\":1,\"title\":\"1\"}");
}
END_TEST

START_TEST(a_row_of_shell_columns_only_is_an_empty_object)
{
    const struct rows *rows = rows_with(1, (const char *[]){"_x"}, (const Oid[]){TEXT});
    put(0, 0, "1");
    json_out_row(&out, rows, 0);
    ck_assert_str_eq(out.data, "{}");
}
END_TEST

START_TEST(a_list_holds_as_many_rows_as_asked_and_its_cursor)
{
    const struct rows *rows = rows_with(1, (const char *[]){"id"}, (const Oid[]){INT4});
    for (int i = 0; i < 3; i++)
        put(i, 0, "5");
    json_out_list(&out, rows, 2, "c\"x");
    ck_assert_str_eq(out.data, "{\"data\":[{\"id\":5},{\"id\":5}],\"next\":\"c\\\"x\"}");
}
END_TEST

START_TEST(an_empty_list_has_no_next_page)
{
    const struct rows *rows = rows_with(1, (const char *[]){"id"}, (const Oid[]){INT4});
    json_out_list(&out, rows, 0, NULL);
    ck_assert_str_eq(out.data, "{\"data\":[],\"next\":null}");
}
END_TEST

START_TEST(types_without_a_json_form_are_known_to_have_none)
{
    ck_assert(!json_out_type_known(AN_ARRAY));
    ck_assert(json_out_type_known(INSTANT));
    ck_assert(json_out_type_known(AN_ENUM));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json_out");
    TCase *tests = tcase_create("json_out");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_value_is_written_by_the_type_of_its_column, 0,
                        sizeof(values) / sizeof(values[0]));
    tcase_add_test(tests, columns_of_the_shell_are_left_out_wherever_they_stand);
    tcase_add_test(tests, a_row_of_shell_columns_only_is_an_empty_object);
    tcase_add_test(tests, a_list_holds_as_many_rows_as_asked_and_its_cursor);
    tcase_add_test(tests, an_empty_list_has_no_next_page);
    tcase_add_test(tests, types_without_a_json_form_are_known_to_have_none);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
