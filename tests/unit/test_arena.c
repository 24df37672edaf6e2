/* Arena and growing text. */
#include "api/arena.h"
#include "api/text.h"
#include "tests/unit/ground.h"

#include <jansson.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static struct arena *arena;
static struct text text;

static void setup(void)
{
    arena = arena_new();
    text = (struct text){0};
}

static void teardown(void)
{
    arena_destroy(arena);
    text_free(&text);
}

START_TEST(allocations_are_zeroed_aligned_and_apart)
{
    char *before = NULL;
    for (size_t size = 1; size < 20000; size = size * 3 / 2 + 1) {
        char *now = arena_alloc(arena, size);
        ck_assert_uint_eq((uintptr_t)now % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_int_eq(now[i], 0);
        memset(now, 0x5a, size);
        ck_assert(!before || *before == 0x5a);
        before = now;
    }
}
END_TEST

START_TEST(used_counts_what_was_asked_for)
{
    arena_alloc(arena, 10);
    arena_alloc(arena, 100000);
    ck_assert_uint_eq(arena_used(arena), 100010);
}
END_TEST

START_TEST(copies_are_whole_and_null_stays_null)
{
    ck_assert_str_eq(arena_strdup(arena, "巡り"), "巡り");
    ck_assert_str_eq(arena_strndup(arena, "abcdef", 3), "abc");
    ck_assert_str_eq(arena_printf(arena, "%s-%d", "x", 7), "x-7");
    ck_assert_ptr_null(arena_strdup(arena, NULL));
}
END_TEST

static struct text order;

static void note(void *arg)
{
    text_adds(&order, arg);
}

static char a[] = "a", b[] = "b", late[] = "late";

static void note_and_defer(void *arg)
{
    note(arg);
    arena_defer(arena, note, late);
}

START_TEST(deferred_functions_run_newest_first_also_those_added_meanwhile)
{
    arena_defer(arena, note, a);
    arena_defer(arena, note_and_defer, b);
    arena_destroy(arena);
    arena = NULL;
    ck_assert_str_eq(order.data, "blatea");
    text_free(&order);
}
END_TEST

START_TEST(destroying_nothing_is_fine)
{
    arena_destroy(NULL);
    text_free(NULL);
}
END_TEST

START_TEST(text_grows_and_stays_terminated)
{
    for (int i = 0; i < 5000; i++) {
        text_addc(&text, 'x');
        ck_assert_int_eq(text.data[text.len], '\0');
    }
    text_clear(&text);
    text_addf(&text, "%s=%d", "n", 42);
    text_adds(&text, ";");
    ck_assert_str_eq(text.data, "n=42;");
}
END_TEST

static const struct {
    int64_t number;
    const char *expect;
} numbers[] = {{0, "0"},       {7, "7"},
               {-1, "-1"},     {INT64_MAX, "9223372036854775807"},
               {1000, "1000"}, {INT64_MIN, "-9223372036854775808"}};

START_TEST(integers_are_written_whole)
{
    text_addi(&text, numbers[_i].number);
    ck_assert_str_eq(text.data, numbers[_i].expect);
}
END_TEST

static const struct {
    const char *in, *out;
} strings[] = {
    {"", "\"\""},
    {"plain words that are longer than eight",
     "\"plain words that are longer than eight\""},
    {"a\"b\\c/d", "\"a\\\"b\\\\c/d\""},
    {"1234567\"", "\"1234567\\\"\""},
    {"tab\tnew\nret\r\b\f", "\"tab\\tnew\\nret\\r\\b\\f\""},
    {"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
    {"情報セキュリティ", "\"情報セキュリティ\""},
    {"\xf0\x9f\x8d\xa3", "\"\xf0\x9f\x8d\xa3\""},
    {"\xff", "\"\xef\xbf\xbd\""},
    {"ab\xc0\xaf", "\"ab\xef\xbf\xbd\xef\xbf\xbd\""},
    {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    {"x\xe6\x97", "\"x\xef\xbf\xbd\xef\xbf\xbd\""},
    {"\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
};

START_TEST(json_strings_are_escaped_and_always_utf8)
{
    text_add_json(&text, strings[_i].in, strlen(strings[_i].in));
    ck_assert_str_eq(text.data, strings[_i].out);
}
END_TEST

/* Every byte at every place of a word, read back by an independent parser. */
START_TEST(any_bytes_become_json_that_jansson_reads)
{
    for (int byte = 0; byte < 256; byte++) {
        for (size_t at = 0; at < 17; at++) {
            char in[17];
            memset(in, 'a', sizeof in);
            in[at] = (char)byte;
            text_clear(&text);
            text_add_json(&text, in, sizeof in);
            json_t *back =
                json_loadb(text.data, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
            ck_assert_ptr_nonnull(back);
            if (byte < 0x80)
                ck_assert_mem_eq(json_string_value(back), in, sizeof in);
            json_decref(back);
        }
    }
}
END_TEST

START_TEST(the_valid_prefix_ends_before_the_first_bad_byte)
{
    ck_assert_uint_eq(text_utf8_valid("日本", 6), 6);
    ck_assert_uint_eq(text_utf8_valid("日本", 5), 3);
    ck_assert_uint_eq(text_utf8_valid("a\xfe", 2), 1);
    ck_assert_uint_eq(text_utf8_valid("", 0), 0);
}
END_TEST

/* RFC 4648 section 10, without padding. */
static const char *const base64[][2] = {
    {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},           {"foo", "Zm9v"},
    {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"\xff\xfe\xfd", "__79"}};

START_TEST(base64url_follows_the_vectors)
{
    text_add_base64url(&text, base64[_i][0], strlen(base64[_i][0]));
    ck_assert_str_eq(text.data, base64[_i][1]);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("arena");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, allocations_are_zeroed_aligned_and_apart);
    tcase_add_test(tests, used_counts_what_was_asked_for);
    tcase_add_test(tests, copies_are_whole_and_null_stays_null);
    tcase_add_test(tests, deferred_functions_run_newest_first_also_those_added_meanwhile);
    tcase_add_test(tests, destroying_nothing_is_fine);
    tcase_add_test(tests, text_grows_and_stays_terminated);
    ground_loop(tests, integers_are_written_whole, numbers);
    ground_loop(tests, json_strings_are_escaped_and_always_utf8, strings);
    tcase_add_test(tests, any_bytes_become_json_that_jansson_reads);
    tcase_add_test(tests, the_valid_prefix_ends_before_the_first_bad_byte);
    ground_loop(tests, base64url_follows_the_vectors, base64);
    return ground_run(tests);
}
