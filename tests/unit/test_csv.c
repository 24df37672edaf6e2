/* Comma-separated values: RFC 4180, the encodings of spreadsheets, and that what is written is read back. */
#include "api/csv.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_destroy(arena);
}

/* Records as "a|b;c|d", or the fault and its line. */
static const char *read(const char *text, size_t len)
{
    static const char *const faults[] = {"good", "encoding", "open", "stray", "nul"};
    struct csv csv;
    int line;
    struct text all = {0};
    enum csv_fault fault = csv_read(arena, text, len, &csv, &line);
    if (fault != CSV_GOOD)
        return arena_printf(arena, "%s %d", faults[fault], line);
    for (int i = 0; i < csv.count; i++) {
        text_adds(&all, i ? ";" : "");
        for (int k = 0; k < csv.records[i].count; k++) {
            text_adds(&all, k ? "|" : "");
            text_adds(&all, csv.records[i].fields[k]);
        }
    }
    const char *copy = arena_strdup(arena, all.data ? all.data : "");
    text_free(&all);
    return copy;
}

static const struct {
    const char *text, *records;
} readings[] = {
    {"", ""},
    {"a,b\nc,d\n", "a|b;c|d"},
    {"a,b\r\nc,d", "a|b;c|d"},
    {"a,b\rc,d\r", "a|b;c|d"},
    {"a,\n,b\n", "a|;|b"},
    {" a , b\t\n", "a|b"},
    {"\"a,b\",\"c\"\"d\"\n", "a,b|c\"d"},
    {"\"a\nb\",c\n", "a\nb|c"},
    {"a\n\n,,\nb\n", "a;b"},
    {"a,\"b", "open 1"},
    {"a\nb,\"c\nd", "open 2"},
    {"a\"b,c\n", "stray 1"},
    {"a\n\"b\"c\n", "stray 2"},
};

START_TEST(records_are_read_as_rfc_4180_says)
{
    ck_assert_str_eq(read(readings[_i].text, strlen(readings[_i].text)),
                     readings[_i].records);
}
END_TEST

START_TEST(a_nul_is_refused)
{
    ck_assert_str_eq(read("a\0b", 3), "nul 1");
}
END_TEST

START_TEST(lines_are_counted_through_quoted_fields)
{
    struct csv csv;
    int line;
    const char *text = "h\n\"a\nb\"\nc\n";
    ck_assert_int_eq(csv_read(arena, text, strlen(text), &csv, &line), CSV_GOOD);
    ck_assert_int_eq(csv.records[2].line, 4);
}
END_TEST

static const struct {
    const char *bytes, *charset, *text; /* text NULL = refused */
} encodings[] = {
    {"資産", NULL, "資産"},
    {"\xef\xbb\xbf資産", NULL, "資産"},
    {"\x8e\x91\x8e\x59", NULL, "資産"},
    {"\x8e\x91\x8e\x59", "Shift_JIS", "資産"},
    {"\x8e\x91\x8e\x59", "utf-8", NULL},
    {"資産", "windows-31j", NULL},
    {"\x87\x40\xfb\xfc", NULL, "①髙"}, /* NEC and IBM extensions */
    {"\x81", NULL, NULL},
    {"\xa0\xff", NULL, NULL},
};

START_TEST(the_encoding_is_found_or_taken_at_its_word)
{
    size_t len, at;
    const char *bytes = encodings[_i].bytes;
    const char *text =
        csv_decode(arena, bytes, strlen(bytes), encodings[_i].charset, &len, &at);
    if (!encodings[_i].text) {
        ck_assert_ptr_null(text);
        return;
    }
    ck_assert_ptr_nonnull(text);
    ck_assert_str_eq(arena_strndup(arena, text, len), encodings[_i].text);
}
END_TEST

START_TEST(what_cp932_lacks_is_replaced_and_counted)
{
    struct text in _text_auto_ = {0}, out _text_auto_ = {0};
    int lost;
    text_adds(&in, "髙😀a");
    csv_encode(&in, CSV_CP932, &out, &lost);
    ck_assert_int_eq(lost, 1);
    ck_assert_mem_eq(out.data,
                     "\xfb\xfc\x81\xac"
                     "a",
                     5);
}
END_TEST

static const char *const fields[] = {"",   "a",   "a,b", "a\"b", "a\nb", "=1+1",
                                     "-5", "@x",  "'=x", "'ok",  "''=x", "資産",
                                     "\"", "a'b", "+",   "'",    "x y"};

START_TEST(what_is_written_is_read_back_and_is_no_formula)
{
    struct text out _text_auto_ = {0};
    struct csv csv;
    int line;
    csv_add(&out, fields[_i]);
    text_adds(&out, ",end\r\n");
    const char *cell = out.data + (*out.data == '"');
    ck_assert(!strchr("=+-@", *cell) || !*fields[_i]);
    ck_assert_int_eq(csv_read(arena, out.data, out.len, &csv, &line), CSV_GOOD);
    ck_assert_str_eq(csv_plain(csv.records[0].fields[0]), fields[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv");
    TCase *test = tcase_create("csv");
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_loop_test(test, records_are_read_as_rfc_4180_says, 0,
                        sizeof readings / sizeof *readings);
    tcase_add_test(test, a_nul_is_refused);
    tcase_add_test(test, lines_are_counted_through_quoted_fields);
    tcase_add_loop_test(test, the_encoding_is_found_or_taken_at_its_word, 0,
                        sizeof encodings / sizeof *encodings);
    tcase_add_test(test, what_cp932_lacks_is_replaced_and_counted);
    tcase_add_loop_test(test, what_is_written_is_read_back_and_is_no_formula, 0,
                        sizeof fields / sizeof *fields);
    suite_add_tcase(suite, test);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
