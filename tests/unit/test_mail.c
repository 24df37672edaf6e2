/* The mail writer: nothing a user typed can add a header, and every line keeps its limit. */
#include "services/notifications/mail.h"
#include "tests/unit/ground.h"

static struct arena *arena;
static struct text out;

static void set_up(void)
{
    arena = arena_new();
}

static void tear_down(void)
{
    text_free(&out);
    arena_destroy(arena);
}

static struct mail sample(void)
{
    return (struct mail){.from_name = "巡りコンサルティング",
                         .from_address = "no-reply@meguri.example",
                         .to_name = "佐藤 花子",
                         .to_address = "sato@client.example",
                         .subject = "審査の期限",
                         .body = "本文\n",
                         .language = "ja",
                         .message_id = "0199@meguri.example",
                         .date_us = 1768348800000000};
}

static void write_mail(const struct mail *mail)
{
    text_clear(&out);
    ck_assert(mail_write(&out, mail));
}

static size_t longest_line(void)
{
    size_t longest = 0;
    for (const char *line = out.data; *line;) {
        size_t len = strcspn(line, "\r");
        ck_assert_int_eq(line[len + 1], '\n');
        longest = len > longest ? len : longest;
        line += len + 2;
    }
    return longest;
}

START_TEST(a_mail_has_these_headers)
{
    static const char *const lines[] = {
        "To: =?UTF-8?B?5L2Q6JekIOiKseWtkA==?=\r\n <sato@client.example>\r\n",
        "Subject: =?UTF-8?B?5a+p5p+744Gu5pyf6ZmQ?=\r\n",
        "Date: Wed, 14 Jan 2026 00:00:00 +0000\r\n",
        "Message-ID: <0199@meguri.example>\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Content-Transfer-Encoding: base64\r\n\r\n5pys5paHDQo=\r\n"};
    struct mail mail = sample();
    write_mail(&mail);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ck_assert_msg(strstr(out.data, lines[i]), "%s in\n%s", lines[i], out.data);
}
END_TEST

static const char *const hostile[] = {"x\r\nBcc: a@b.example",
                                      "x\nBcc: a@b.example",
                                      "x\rBcc: a@b.example",
                                      "x\r\n\r\nbody",
                                      "題\r\nBcc: a@b.example",
                                      "\xe2\x80\xa8 Bcc: a@b.example",
                                      "\xc2\x85 Bcc: a@b",
                                      "\x0b\x0c\x1b[31m",
                                      "=?UTF-8?B?DQpCY2M6?=",
                                      "\"<evil@x.example>\", b@c.example",
                                      "\xff\xfe"};

START_TEST(no_value_can_add_a_line)
{
    struct mail mail = sample();
    mail.from_name = mail.to_name = hostile[_i];
    write_mail(&mail);
    ck_assert_ptr_null(strstr(out.data, "<evil"));
    mail.subject = hostile[_i];
    write_mail(&mail);
    ck_assert_uint_le(longest_line(), 78);
    ck_assert_ptr_null(strstr(out.data, "\r\nBcc"));
    ck_assert_ptr_null(strstr(out.data, "\nBcc"));
    size_t headers = 0;
    const char *end = strstr(out.data, "\r\n\r\n");
    ck_assert_ptr_nonnull(end);
    for (const char *line = out.data; line < end; line = strchr(line, '\n') + 1)
        headers += *line != ' ';
    ck_assert_uint_eq(headers, 10);
}
END_TEST

static const char *const bad_addresses[] = {"",
                                            "a",
                                            "a@",
                                            "@b",
                                            "a@b@c",
                                            "a b@c.example",
                                            "a@b c",
                                            "a@b\r\nx",
                                            "a\n@b",
                                            "<a@b>",
                                            "a@b>",
                                            "a@b,c@d",
                                            "a@b;c@d",
                                            "\"a\"@b",
                                            ".a@b",
                                            "a.@b",
                                            "a..b@c",
                                            "a@b..c",
                                            "a@.b",
                                            "a@b.",
                                            "å@b.example",
                                            "a@日本.example",
                                            "a@[127.0.0.1]"};

START_TEST(an_address_that_is_not_plain_is_refused)
{
    struct mail mail = sample();
    mail.to_address = bad_addresses[_i];
    ck_assert(!mail_address_valid(bad_addresses[_i]));
    ck_assert(!mail_write(&out, &mail));
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(plain_addresses_are_taken)
{
    ck_assert(mail_address_valid("a@b"));
    ck_assert(mail_address_valid("first.last+tag@sub-domain.example.co.jp"));
    ck_assert(mail_address_valid("o'brien@example.com"));
}
END_TEST

START_TEST(long_subjects_fold_within_their_limits_at_any_length)
{
    for (int len = 1; len < 300; len++) {
        struct text subject _text_auto_ = {0};
        for (int i = 0; i < len; i++)
            text_adds(&subject, i % 7 == 3 ? "a" : i % 5 == 2 ? "𠮷" : "審");
        struct mail mail = sample();
        mail.subject = subject.data;
        write_mail(&mail);
        ck_assert_uint_le(longest_line(), 76);
    }
}
END_TEST

START_TEST(long_ascii_subjects_and_bodies_fold_too)
{
    struct text body _text_auto_ = {0};
    for (int i = 0; i < 500; i++)
        text_adds(&body, ".long line without end ");
    struct mail mail = sample();
    mail.subject = body.data;
    mail.body = body.data;
    mail.from_name = NULL;
    write_mail(&mail);
    ck_assert_uint_le(longest_line(), 76);
    ck_assert_ptr_nonnull(strstr(out.data, "From: <no-reply@meguri.example>\r\n"));
}
END_TEST

START_TEST(the_configured_sender_is_split_into_name_and_address)
{
    const char *name = NULL, *address = NULL;
    ck_assert(
        mail_split_address(arena, "Meguri <no-reply@meguri.example>", &name, &address));
    ck_assert_str_eq(name, "Meguri");
    ck_assert_str_eq(address, "no-reply@meguri.example");
    ck_assert(mail_split_address(arena, "\"巡り\" <a@b>", &name, &address));
    ck_assert_str_eq(name, "巡り");
    ck_assert(mail_split_address(arena, "a@b", &name, &address));
    ck_assert_ptr_null(name);
    ck_assert(!mail_split_address(arena, "Meguri", &name, &address));
    ck_assert(!mail_split_address(arena, "Meguri <a@b> x", &name, &address));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("mail");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_mail_has_these_headers);
    ground_loop(tests, no_value_can_add_a_line, hostile);
    ground_loop(tests, an_address_that_is_not_plain_is_refused, bad_addresses);
    tcase_add_test(tests, plain_addresses_are_taken);
    tcase_add_test(tests, long_subjects_fold_within_their_limits_at_any_length);
    tcase_add_test(tests, long_ascii_subjects_and_bodies_fold_too);
    tcase_add_test(tests, the_configured_sender_is_split_into_name_and_address);
    return ground_run(tests);
}
