/* The formats of schemas: what fits and what does not. */
#include "api/schema.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *format;
    const char *good[8];
    const char *bad[16];
} formats[] = {
    {"date",
     {"2024-02-29", "1950-01-01", "2199-12-31"},
     {"2025-02-29", "1949-12-31", "2200-01-01", "2025-13-01", "2025-00-10", "2025-1-01",
      "2025-01-01 ", " 2025-01-01", "", "20250101", "2025-01-01T00:00:00Z"}},
    {"month", {"2025-02"}, {"2025-13", "2025-00", "2025", "2025-02-01", "1949-12"}},
    {"date-time",
     {"2025-02-14T09:00:00+09:00", "2025-02-14T00:00:00Z",
      "2025-02-14t00:00:00.123456789z", "2025-02-14T00:00:00-00:00",
      "2025-02-14T00:00:00+14:00"},
     {"2025-02-14", "2025-02-14T09:00:00", "2025-02-30T09:00:00Z", "2025-02-14T24:00:00Z",
      "2025-02-14T09:60:00Z", "2025-02-14T09:00:60Z", "2025-02-14T09:00:00.Z",
      "2025-02-14T09:00:00+9:00", "2025-02-14T09:00:00+0900", "2025-02-14T09:00:00+23:00",
      "2025-02-14 09:00:00Z", "2025-02-14T09:00:00Zx", "1949-02-14T09:00:00Z",
      "2025-02-14T09:00:00.1234567890Z", "2025-02-14T09:00:00+09:60"}},
    {"uuid",
     {"0199f3c2-7b6e-7a53-8c36-2f9e4d1b5a00", "0199F3C2-7B6E-7A53-8C36-2F9E4D1B5A00"},
     {"0199f3c27b6e7a538c362f9e4d1b5a00", "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5a0",
      "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5a0g", "{0199f3c2-7b6e-7a53-8c36-2f9e4d1b5a00}",
      "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5a000", "",
      "0199f3c2_7b6e-7a53-8c36-2f9e4d1b5a00"}},
    {"email",
     {"owner@example.com", "a.b+c@sub.example.co.jp", "山田@例え.テスト",
      "o'neil@example.com"},
     {"", "@example.com", "a@", "a@b", "a@@example.com", "a b@example.com",
      "a@example.com\r\nBcc: x@example.com", "a@-example.com", "a@example..com",
      "a..b@example.com", ".a@example.com", "a,b@example.com", "<a@example.com>",
      "a@example.com "}},
    {"uri",
     {"https://example.com", "http://example.com:8080/x?y=%20#z", "HTTPS://EXAMPLE.COM/",
      "https://[::1]:443/", "http://localhost/hook"},
     {"", "example.com", "ftp://example.com", "javascript:alert(1)", "https://",
      "https:///x", "https://a@example.com/", "https://example.com/ x",
      "https://example.com/%zz", "https://example.com:0/", "https://example.com:65536/",
      "https://[::1/", "https://例.jp/", "//example.com", "https://exa_mple.com"}},
    {"time-zone",
     {"Asia/Tokyo", "UTC", "Etc/GMT+9", "America/Argentina/Buenos_Aires"},
     {"", "Asia", "Asia/", "Asia/Nowhere", "../../etc/passwd", "/etc/localtime",
      "Asia//Tokyo", "posix/Asia/Tokyo", "localtime", "posixrules", "tzdata.zi",
      "+09:00"}},
    {"language", {"ja", "en"}, {"", "JA", "ja-JP", "fr"}},
};

/* NULL when the text fits. */
static const char *code_of(const char *format, const char *text)
{
    const char *result = NULL;
    const char *error = NULL;
    struct arena *arena = arena_new();
    json_t *node = json_pack("{s:s,s:s}", "type", "string", "format", format);
    struct schema_pool *pool = schema_pool_new(node);
    const struct schema *schema = schema_pool_compile(pool, node, "#", &error);
    struct problem problem = {.code = PROBLEM_NONE};
    ck_assert_msg(schema, "%s", error);
    if (!schema_check_text(schema, text, "query", "p", arena, &problem)) {
        bool is_date = strcmp(problem.errors->code, "date_invalid") == 0;
        result = is_date ? "date_invalid" : "bad_format";
        ck_assert_str_eq(problem.errors->code, result);
        ck_assert_str_eq(is_date ? "date" : problem.errors->limit, format);
    }
    schema_pool_destroy(pool);
    json_decref(node);
    arena_destroy(arena);
    return result;
}

START_TEST(a_format_takes_what_fits_and_nothing_else)
{
    const char *format = formats[_i].format;
    for (int i = 0; formats[_i].good[i]; i++)
        ck_assert_msg(!code_of(format, formats[_i].good[i]), "%s refuses %s", format,
                      formats[_i].good[i]);
    for (int i = 0; i < 16 && formats[_i].bad[i]; i++)
        ck_assert_msg(code_of(format, formats[_i].bad[i]), "%s takes %s", format,
                      formats[_i].bad[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema_formats");
    TCase *test = tcase_create("formats");
    tcase_add_loop_test(test, a_format_takes_what_fits_and_nothing_else, 0,
                        sizeof formats / sizeof *formats);
    suite_add_tcase(suite, test);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
