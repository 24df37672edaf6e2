/* Settings: defaults, ranges, and what is said about bad ones. */
#include "api/config.h"
#include "tests/unit/ground.h"

#include <stdint.h>

static void set(const char *name, const char *value)
{
    ck_assert_int_eq(setenv(name, value, 1), 0); /* NOLINT(concurrency-mt-unsafe) */
}

static void setup(void)
{
    ck_assert_int_eq(clearenv(), 0); /* NOLINT(concurrency-mt-unsafe) */
}

START_TEST(nothing_set_means_the_documented_defaults)
{
    const struct config *config = config_load();
    ck_assert_str_eq(config->home, "var");
    ck_assert_str_eq(config->listen, "127.0.0.1:8080");
    ck_assert_str_eq(config->admin_listen, "127.0.0.1:9080");
    ck_assert_str_eq(config->issuer, "https://meguri.local");
    ck_assert_str_eq(config->smtp_tls, "require");
    ck_assert_int_eq(config->access_token_seconds, 300);
    ck_assert_int_eq(config->statement_timeout_ms, 5000);
    ck_assert_int_eq(config->stop_seconds, 20);
    ck_assert_ptr_null(config->clock_file);
    ck_assert_ptr_null(config->secret_file);
    ck_assert_ptr_null(config->tls_certificate);
}
END_TEST

START_TEST(a_set_variable_wins_and_an_empty_one_does_not_count)
{
    set("MEGURI_LISTEN", "[::1]:0");
    set("MEGURI_LOOPS", "3");
    set("MEGURI_AUDIENCE", "");
    set("MEGURI_STOP_SECONDS", "");
    const struct config *config = config_load();
    ck_assert_str_eq(config->listen, "[::1]:0");
    ck_assert_int_eq(config->loops, 3);
    ck_assert_str_eq(config->audience, "meguri");
    ck_assert_int_eq(config->stop_seconds, 20);
}
END_TEST

START_TEST(migrations_use_the_same_database_unless_told)
{
    set("MEGURI_DATABASE", "dbname=a");
    ck_assert_str_eq(config_load()->migrate_database, "dbname=a");
    set("MEGURI_MIGRATE_DATABASE", "dbname=b");
    ck_assert_str_eq(config_load()->migrate_database, "dbname=b");
}
END_TEST

static const char *const bad[][2] = {
    {"MEGURI_LOOPS", "-1"},       {"MEGURI_LOOPS", "257"},
    {"MEGURI_LOOPS", "two"},      {"MEGURI_LOOPS", "2x"},
    {"MEGURI_LOOPS", " 2"},       {"MEGURI_LOOPS", "+2"},
    {"MEGURI_DB_READ", "0"},      {"MEGURI_DB_READ", "99999999999999999999"},
    {"MEGURI_LOG_LEVEL", "loud"}, {"MEGURI_LOG_LEVEL", "debug|info"},
    {"MEGURI_SMTP_TLS", "of"},    {"MEGURI_TLS_KEY", "key.pem"},
};

START_TEST(a_bad_value_ends_the_program)
{
    set(bad[_i][0], bad[_i][1]);
    config_load();
}
END_TEST

START_TEST(mail_without_tls_to_another_machine_ends_the_program)
{
    set("MEGURI_SMTP_TLS", "off");
    set("MEGURI_SMTP_URL", "smtp://localhost.example.com:25");
    config_load();
}
END_TEST

START_TEST(mail_without_tls_on_this_machine_is_fine)
{
    set("MEGURI_SMTP_TLS", "off");
    set("MEGURI_SMTP_URL", "smtp://127.0.0.1:2525");
    ck_assert_str_eq(config_load()->smtp_tls, "off");
    set("MEGURI_SMTP_URL", "smtp://localhost:2525");
    ck_assert_str_eq(config_load()->smtp_url, "smtp://localhost:2525");
}
END_TEST

START_TEST(a_name_that_means_nothing_is_warned_about)
{
    FILE *file = ground_capture();
    set("MEGURI_LISTENN", "x");
    set("MEGURI_TEST_BUILD", "x");
    set("MEGURI_LOOPS", "1");
    config_load();
    char *lines = ground_captured(file);
    ck_assert_ptr_nonnull(
        strstr(lines, "\"event\":\"unknown_setting\",\"name\":\"MEGURI_LISTENN\""));
    ck_assert_ptr_null(strstr(lines, "MEGURI_TEST_BUILD"));
    ck_assert_ptr_null(strstr(lines, "MEGURI_LOOPS"));
    free(lines);
    ck_assert_int_eq(fclose(file), 0);
}
END_TEST

static char *printed(bool markdown)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(out);
    config_print(out, markdown);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

START_TEST(the_help_and_the_table_say_the_same_settings)
{
    char *help = printed(false), *table = printed(true);
    int rows = 0;
    for (const char *at = help; (at = strstr(at, "  MEGURI_")); at++, rows++) {
        char *name = strndup(at + 2, strcspn(at + 2, "="));
        ck_assert_msg(strstr(table, name), "%s is not in the table", name);
        free(name);
    }
    int listed = 0;
    for (const char *at = table; (at = strstr(at, "| `MEGURI_")); at++)
        listed++;
    ck_assert_int_gt(rows, 40);
    ck_assert_int_eq(rows, listed);
    ck_assert_ptr_nonnull(strstr(table, "| `MEGURI_LOOPS` | `0` | 0..64 | event loop"));
    ck_assert_ptr_nonnull(
        strstr(help, "  MEGURI_LOG_LEVEL=info  (debug, info, warn, error)\n"));
    free(help);
    free(table);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("config");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, nothing_set_means_the_documented_defaults);
    tcase_add_test(tests, a_set_variable_wins_and_an_empty_one_does_not_count);
    tcase_add_test(tests, migrations_use_the_same_database_unless_told);
    tcase_add_loop_exit_test(tests, a_bad_value_ends_the_program, 1, 0,
                             sizeof bad / sizeof *bad);
    tcase_add_exit_test(tests, mail_without_tls_to_another_machine_ends_the_program, 1);
    tcase_add_test(tests, mail_without_tls_on_this_machine_is_fine);
    tcase_add_test(tests, a_name_that_means_nothing_is_warned_about);
    tcase_add_test(tests, the_help_and_the_table_say_the_same_settings);
    return ground_run(tests);
}
