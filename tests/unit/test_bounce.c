/* Delivery status notifications as mail servers write them. */
#include "services/notifications/bounce.h"
#include "tests/unit/ground.h"

static struct arena *arena;
static struct bounce_report report;

static void set_up(void)
{
    arena = arena_new();
}

static void tear_down(void)
{
    arena_destroy(arena);
}

static bool read_mail(const char *mail)
{
    return bounce_read(arena, mail, strlen(mail), &report);
}

static const char postfix[] =
    "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example (Mail Delivery System)\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/report; "
    "report-type=delivery-status;\r\n"
    "\tboundary=\"2F91E1.1700/mx.example\"\r\n\r\nThis is a MIME-encapsulated "
    "message.\r\n\r\n"
    "--2F91E1.1700/mx.example\r\nContent-Description: Notification\r\n\r\nI'm "
    "sorry.\r\n\r\n"
    "--2F91E1.1700/mx.example\r\nContent-Description: Delivery report\r\n"
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n"
    "Arrival-Date: Tue, 13 Jan 2026 12:00:00 +0900 (JST)\r\n\r\n"
    "Final-Recipient: rfc822; sato@client.example\r\n"
    "Original-Recipient: rfc822;info@client.example\r\nAction: failed\r\nStatus: "
    "5.1.1\r\n"
    "Remote-MTA: dns; mail.client.example\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n"
    "    <sato@client.example>: User unknown\r\n\r\n"
    "Final-Recipient: rfc822; ito@client.example\r\nAction: delayed\r\nStatus: "
    "4.4.1\r\n\r\n"
    "--2F91E1.1700/mx.example\r\nContent-Type: text/rfc822-headers\r\n\r\n"
    "Subject: x\r\nMessage-ID:\r\n "
    "<0199@meguri.example>\r\n\r\n--2F91E1.1700/mx.example--\r\n";

START_TEST(a_report_names_its_recipients_and_its_mail)
{
    ck_assert(read_mail(postfix));
    ck_assert_int_eq(report.count, 2);
    ck_assert_str_eq(report.items[0].address, "sato@client.example");
    ck_assert_str_eq(report.items[0].status, "5.1.1");
    ck_assert_str_eq(report.items[0].diagnostic,
                     "smtp; 550 5.1.1    <sato@client.example>: User unknown");
    ck_assert(bounce_is_permanent(&report.items[0]));
    ck_assert_str_eq(report.items[1].address, "ito@client.example");
    ck_assert(!bounce_is_permanent(&report.items[1]));
    ck_assert_str_eq(report.message_id, "0199@meguri.example");
}
END_TEST

START_TEST(lines_may_end_with_a_newline_alone_and_the_type_be_left_out)
{
    ck_assert(read_mail("content-type: Multipart/Report; boundary=b\n\n--b\n\nx\n--b\n"
                        "Content-Type: message/delivery-status; charset=us-ascii\n\n"
                        "Reporting-MTA: dns; x\n\nOriginal-Recipient: a@b.example\n"
                        "ACTION: Failed\nstatus: 5.7.1 (refused)\n--b--\n"));
    ck_assert_int_eq(report.count, 1);
    ck_assert_str_eq(report.items[0].address, "a@b.example");
    ck_assert_str_eq(report.items[0].status, "5.7.1");
    ck_assert(bounce_is_permanent(&report.items[0]) && !report.message_id);
}
END_TEST

#define REPORT                                                                           \
    "Content-Type: multipart/report; boundary=b\n\n--b\n\nx\n--b\nContent-Type: "        \
    "message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient : rfc822; "     \
    "a@b.example\nAction : failed\nStatus : 5.1.1\n\n--b\nContent-Type: "                \
    "message/rfc822\n\nMessage-ID: <1@x>\nContent-Type: multipart/alternative; "         \
    "boundary=bb\n\n--bb\n\nx\n--bb--\n--b--\n"

static const char *const carried[] = {
    REPORT, "\r\n\r\n" REPORT, "From MAILER-DAEMON Wed Jan 14 09:00:03 2026\n" REPORT,
    "Content-Type: multipart/mixed; boundary=o\n\n--o\n\nforwarded\n--o\n" REPORT
    "--o--\n",
    "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: "
    "message/rfc822\n\n" REPORT "\n--o--\n"};

START_TEST(a_report_may_be_a_part_or_an_attachment)
{
    ck_assert(read_mail(carried[_i]));
    ck_assert_int_eq(report.count, 1);
    ck_assert_str_eq(report.items[0].address, "a@b.example");
    ck_assert(bounce_is_permanent(&report.items[0]));
    ck_assert_str_eq(report.message_id, "1@x");
}
END_TEST

START_TEST(where_a_mail_was_sent_is_told_beside_where_it_went)
{
    ck_assert(read_mail(postfix));
    ck_assert_str_eq(report.items[0].original, "info@client.example");
    ck_assert(!report.items[1].original);
}
END_TEST

static const char *const others[] = {
    "",
    "\n",
    ":",
    "Content-Type: multipart/report\n\n",
    "Content-Type: multipart/report; boundary=\n\n--\n",
    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: "
    "message/delivery-status\n\nFinal-Recipient: rfc822; a@b\n--b--\n",
    "Content-Type: multipart/report; boundary=b\n\n--b\n\nx\n--b\nContent-Type: "
    "message/delivery-status\n\nReporting-MTA: dns; x\n\n--b--\n",
    "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: "
    "message/delivery-status\n\nFinal-Recipient: rfc822; a@b\n"};

START_TEST(anything_else_is_none)
{
    ck_assert(!read_mail(others[_i]));
}
END_TEST

START_TEST(a_cut_report_never_reads_beyond_its_end)
{
    for (size_t len = 0; len < strlen(postfix); len++) {
        char *copy = malloc(len + 1);
        memcpy(copy, postfix, len);
        copy[len] = '\0';
        bounce_read(arena, copy, len, &report);
        ck_assert_int_le(report.count, 2);
        free(copy);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("bounces");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_report_names_its_recipients_and_its_mail);
    tcase_add_test(tests, lines_may_end_with_a_newline_alone_and_the_type_be_left_out);
    ground_loop(tests, a_report_may_be_a_part_or_an_attachment, carried);
    tcase_add_test(tests, where_a_mail_was_sent_is_told_beside_where_it_went);
    ground_loop(tests, anything_else_is_none, others);
    tcase_add_test(tests, a_cut_report_never_reads_beyond_its_end);
    return ground_run(tests);
}
