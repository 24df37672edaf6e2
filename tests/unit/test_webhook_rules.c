/* When a webhook is tried again, what its signature says, and how a chat reads an event. */
#include "services/notifications/webhook_chat.h"
#include "services/notifications/webhook_retry.h"
#include "services/notifications/webhook_sign.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

START_TEST(ten_tries_take_about_three_days)
{
    for (unsigned random = 0; random < 100000; random += 977) {
        long total = 0;
        for (int attempt = 1; attempt < 10; attempt++) {
            long delay = webhook_retry_delay_s(attempt, 0, random);
            ck_assert_int_gt(delay, 0);
            total += delay;
        }
        ck_assert_int_ge(total, 3 * 24 * 3600);
        ck_assert_int_le(total, 84 * 3600);
    }
    ck_assert_int_eq(webhook_retry_delay_s(10, 0, 0), -1);
}
END_TEST

START_TEST(patience_asked_for_is_given)
{
    ck_assert_int_eq(webhook_retry_delay_s(1, 900, 3), 900);
    ck_assert_int_ge(webhook_retry_delay_s(9, 900, 3), 24 * 3600);
    ck_assert_int_eq(webhook_rest_s(1, 900), 900);
    for (int failures = 1; failures < 100; failures++) {
        ck_assert_int_ge(webhook_rest_s(failures + 1, 0), webhook_rest_s(failures, 0));
        ck_assert_int_le(webhook_rest_s(failures, 0), 60);
    }
}
END_TEST

START_TEST(each_key_signs_and_a_secret_reads_as_the_standard_wants)
{
    struct arena *arena = arena_new();
    struct webhook_keys keys = {{0}, {0}};
    memcpy(keys.hmac, "0123456789abcdef0123456789abcdef", sizeof keys.hmac);
    const char *text = webhook_secret_text(arena, &keys);
    ck_assert_str_eq(text, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    const char *one = webhook_signature(arena, &keys, NULL, "msg_1", 1614265330, "{}", 2);
    ck_assert_ptr_nonnull(strstr(one, " v1a,"));
    const char *two =
        webhook_signature(arena, &keys, &keys, "msg_1", 1614265330, "{}", 2);
    ck_assert_int_eq((int)strlen(two), 2 * (int)strlen(one) + 1);
    ck_assert_int_eq(strncmp(one, two, strlen(one)), 0);
    arena_destroy(arena);
}
END_TEST

static void check_chat(bool japanese, const char *wanted)
{
    struct arena *arena = arena_new();
    const struct chat_news news = {.japanese = japanese,
                                   .kind = "deadline.changed",
                                   .entity = "deadline",
                                   .client = "A & \"B\"\n",
                                   .title = "<!channel>",
                                   .day = "2025-02-14"};
    ck_assert_str_eq(chat_sentence(arena, &news), wanted);
    const char *const bodies[] = {chat_slack(arena, &news), chat_teams(arena, &news)};
    for (int i = 0; i < 2; i++) {
        json_t *body = json_loads(bodies[i], 0, NULL);
        ck_assert_ptr_nonnull(body);
        const char *text = json_string_value(json_object_get(body, "text"));
        ck_assert(!text || !strstr(text, "<!channel>"));
        json_decref(body);
    }
    arena_destroy(arena);
}

START_TEST(a_chat_reads_a_sentence_and_no_markup)
{
    check_chat(true, "A & \"B\"\n：期限が変更されました：<!channel>（2025-02-14）");
    check_chat(false, "A & \"B\"\n: Deadline was changed: <!channel> (2025-02-14)");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("webhook rules");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, ten_tries_take_about_three_days);
    tcase_add_test(tests, patience_asked_for_is_given);
    tcase_add_test(tests, each_key_signs_and_a_secret_reads_as_the_standard_wants);
    tcase_add_test(tests, a_chat_reads_a_sentence_and_no_markup);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
