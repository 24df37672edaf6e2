/* The iCalendar writer: lines, escapes and dates as RFC 5545 wants them, whatever the text holds. */
#include "services/scheduling/ical.h"

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct text out;

static void setup(void)
{
    out = (struct text){0};
}

static void teardown(void)
{
    text_free(&out);
}

static struct civil day(const char *text)
{
    struct civil date = CIVIL_NONE;
    ck_assert(civil_parse(text, &date));
    return date;
}

static struct ical_event all_day(const char *first, const char *last)
{
    return (struct ical_event){
        .uid = "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5a0b@meguri",
        .changed_us = INT64_C(1739491200000000), /* 2025-02-14T00:00:00Z */
        .sequence = 3,
        .first_day = day(first),
        .last_day = last ? day(last) : CIVIL_NONE,
        .summary = "x",
    };
}

static const char *write_event(const struct ical_event *event)
{
    struct ical ical = ical_begin(&out, &(struct ical_calendar){.method = ICAL_FEED});
    ical_event(&ical, event);
    ical_end(&ical);
    return out.data;
}

/* Does the unfolded output hold this line? */
static bool has_line(const char *line)
{
    struct text flat _text_auto_ = {0};
    text_adds(&flat, "\r\n");
    for (size_t at = 0; at < out.len;) {
        if (strncmp(out.data + at, "\r\n ", 3) == 0)
            at += 3;
        else
            text_addc(&flat, out.data[at++]);
    }
    struct text wanted _text_auto_ = {0};
    text_addf(&wanted, "\r\n%s\r\n", line);
    return strstr(flat.data, wanted.data) != NULL;
}

#define HAS_LINE(line) ck_assert_msg(has_line(line), "no line %s in\n%s", line, out.data)

START_TEST(the_last_day_is_written_exclusive)
{
    struct ical_event event = all_day("2025-12-30", "2025-12-31");
    write_event(&event);
    HAS_LINE("DTSTART;VALUE=DATE:20251230");
    HAS_LINE("DTEND;VALUE=DATE:20260101");
}
END_TEST

START_TEST(one_day_ends_the_day_after)
{
    struct ical_event event = all_day("2024-02-29", NULL);
    write_event(&event);
    HAS_LINE("DTEND;VALUE=DATE:20240301");
}
END_TEST

START_TEST(a_time_of_day_is_told_in_tokyo_beside_its_zone)
{
    struct ical_event event = all_day("2025-12-30", NULL);
    event.first_day = CIVIL_NONE;
    event.start_us = INT64_C(1739543400000000); /* 14:30Z: the next day in Tokyo */
    event.end_us = event.start_us + INT64_C(5400000000);
    write_event(&event);
    HAS_LINE("DTSTART;TZID=Asia/Tokyo:20250214T233000");
    HAS_LINE("DTEND;TZID=Asia/Tokyo:20250215T010000");
    HAS_LINE("TZID:Asia/Tokyo");
    HAS_LINE("TZOFFSETTO:+0900");
}
END_TEST

START_TEST(stamps_are_the_change_in_utc)
{
    struct ical_event event = all_day("2025-12-30", NULL);
    write_event(&event);
    HAS_LINE("DTSTAMP:20250214T000000Z");
    HAS_LINE("LAST-MODIFIED:20250214T000000Z");
    HAS_LINE("SEQUENCE:3");
    HAS_LINE("UID:0199f3c2-7b6e-7a53-8c36-2f9e4d1b5a0b@meguri");
}
END_TEST

static const struct {
    const char *given, *line;
} texts[] = {
    {"a;b,c\\d", "SUMMARY:a\\;b\\,c\\\\d"},
    {"a\nb\r\nc\rd", "SUMMARY:a\\nb\\nc\\nd"},
    {"a\x01\x7f\tb", "SUMMARY:a\tb"},
    {"\xff\xfe", "SUMMARY:\xef\xbf\xbd\xef\xbf\xbd"},
    {"x\r\nEND:VEVENT\r\nBEGIN:VALARM", "SUMMARY:x\\nEND:VEVENT\\nBEGIN:VALARM"},
    {"「審査」: 100%", "SUMMARY:「審査」: 100%"},
};

START_TEST(text_is_escaped)
{
    struct ical_event event = all_day("2025-12-30", NULL);
    event.summary = texts[_i].given;
    write_event(&event);
    HAS_LINE(texts[_i].line);
}
END_TEST

static const struct {
    const char *email, *name, *line;
} people[] = {
    {"sato@aoba.example", "佐藤 花子",
     "ORGANIZER;CN=\"佐藤 花子\":mailto:sato@aoba.example"},
    {"sato@aoba.example", NULL, "ORGANIZER:mailto:sato@aoba.example"},
    {"sato@aoba.example", "a\"b;c:d,e",
     "ORGANIZER;CN=\"a'b;c:d,e\":mailto:sato@aoba.example"},
    {"sato@aoba.example", "a\r\nATTENDEE:mailto:x@y",
     "ORGANIZER;CN=\"a  ATTENDEE:mailto:x@y\":mailto:sato@aoba.example"},
    {"a\r\nX:@b", "x", "ORGANIZER;CN=\"x\":mailto:a%0D%0AX%3A@b"},
    {"a?subject=b&c@d", "x", "ORGANIZER;CN=\"x\":mailto:a%3Fsubject%3Db%26c@d"},
};

START_TEST(names_and_addresses_break_nothing)
{
    struct ical_person person = {.email = people[_i].email, .name = people[_i].name};
    struct ical_event event = all_day("2025-12-30", NULL);
    event.organizer = &person;
    write_event(&event);
    HAS_LINE(people[_i].line);
}
END_TEST

START_TEST(what_is_no_address_is_left_out_with_its_person)
{
    static const char *const wrong[] = {NULL, "", "nobody", "@b", "a@", "a@b@c"};
    struct ical_person attendees[sizeof wrong / sizeof *wrong];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        attendees[i] = (struct ical_person){.email = wrong[i], .name = "x"};
    struct ical_event event = all_day("2025-12-30", NULL);
    event.attendees = attendees;
    event.attendee_count = sizeof wrong / sizeof *wrong;
    event.organizer = &attendees[0];
    ck_assert_ptr_null(strstr(write_event(&event), "mailto"));
}
END_TEST

START_TEST(attendees_are_asked_to_answer)
{
    struct ical_person attendees[] = {{.email = "a@b.example", .name = "A"},
                                      {.email = "c@d.example", .optional = true}};
    struct ical_event event = all_day("2025-12-30", NULL);
    event.attendees = attendees;
    event.attendee_count = 2;
    write_event(&event);
    HAS_LINE("ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;"
             "RSVP=TRUE;CN=\"A\":mailto:a@b.example");
    HAS_LINE("ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;"
             "RSVP=TRUE:mailto:c@d.example");
}
END_TEST

START_TEST(only_web_addresses_become_urls)
{
    static const char *const wrong[] = {"javascript:alert(1)", "https://a/b\r\nX:y",
                                        "https://a/\"b", "ftp://a"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct ical_event event = all_day("2025-12-30", NULL);
        event.url = wrong[i];
        ck_assert_ptr_null(strstr(write_event(&event), "URL"));
    }
    struct ical_event event = all_day("2025-12-30", NULL);
    event.url = "https://meguri.example/audits/1?a=b";
    write_event(&event);
    HAS_LINE("URL:https://meguri.example/audits/1?a=b");
}
END_TEST

START_TEST(categories_are_separated_by_plain_commas)
{
    static const char *const names[] = {"審査", "a,b", NULL};
    struct ical_event event = all_day("2025-12-30", NULL);
    event.categories = names;
    write_event(&event);
    HAS_LINE("CATEGORIES:審査,a\\,b");
}
END_TEST

START_TEST(a_feed_has_a_name_and_no_method)
{
    struct ical_calendar calendar = {.name = "審査,期限", .refresh_hours = 6};
    struct ical ical = ical_begin(&out, &calendar);
    ical_end(&ical);
    HAS_LINE("X-WR-CALNAME:審査\\,期限");
    HAS_LINE("REFRESH-INTERVAL;VALUE=DURATION:PT6H");
    HAS_LINE("X-PUBLISHED-TTL:PT6H");
    ck_assert_ptr_null(strstr(out.data, "METHOD"));
}
END_TEST

START_TEST(an_invitation_has_its_method)
{
    struct ical ical = ical_begin(&out, &(struct ical_calendar){.method = ICAL_CANCEL});
    struct ical_event event = all_day("2025-12-30", NULL);
    event.status = ICAL_CANCELLED;
    ical_event(&ical, &event);
    ical_end(&ical);
    HAS_LINE("METHOD:CANCEL");
    HAS_LINE("STATUS:CANCELLED");
    ck_assert_ptr_null(strstr(out.data, "X-WR"));
}
END_TEST

/* ---- properties ---- */

static uint64_t seed;

static unsigned next_random(unsigned below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

/* A nasty text: bytes, breaks, separators, characters of one to four bytes. */
static const char *nasty(char *into, size_t size)
{
    static const char *const parts[] = {
        "\r\n", "\n",      "\r",       ";",  ",",
        "\\",   "\"",      ":",        "審", "é",
        "😀",    "\xff",    "\xe3\x81", " ",  "\nEND:VEVENT\n",
        "a",    "mailto:", "=",        "^n"};
    size_t at = 0, wanted = next_random((unsigned)size - 20);
    while (at < wanted) {
        const char *part = parts[next_random(sizeof parts / sizeof *parts)];
        size_t len = strlen(part);
        memcpy(into + at, part, len);
        at += len;
    }
    into[at] = '\0';
    return into;
}

static const char *const known[] = {
    "BEGIN:",       "END:",      "VERSION:",    "PRODID:",  "CALSCALE:", "NAME:",
    "X-WR-",        "TZID:",     "DTSTART",     "TZOFFSET", "TZNAME:",   "UID:",
    "DTSTAMP:",     "LAST-",     "SEQUENCE:",   "STATUS:",  "DTEND",     "SUMMARY:",
    "DESCRIPTION:", "LOCATION:", "CATEGORIES:", "TRANSP:",  "ORGANIZER", "ATTENDEE;",
};

static void check_line(const char *line, size_t len)
{
    ck_assert_uint_le(len, ICAL_LINE_OCTETS);
    ck_assert_uint_gt(len, 0);
    ck_assert_uint_eq(text_utf8_valid(line, len), len);
    for (size_t i = 0; i < len; i++)
        ck_assert_msg((unsigned char)line[i] >= ' ' || line[i] == '\t',
                      "control character");
    bool ours = line[0] == ' ';
    for (size_t i = 0; !ours && i < sizeof known / sizeof *known; i++)
        ours = strncmp(line, known[i], strlen(known[i])) == 0;
    ck_assert_msg(ours, "a line of somebody else: %.*s", (int)len, line);
}

static int count(const char *line)
{
    int found = 0;
    for (const char *at = out.data; (at = strstr(at, line)); at++)
        found += at == out.data || at[-1] == '\n';
    return found;
}

START_TEST(no_text_breaks_a_line_a_character_or_the_structure)
{
    enum { SIZE = 400 };
    seed = (uint64_t)_i + 1;
    char buffers[6][SIZE];
    struct ical_person organizer = {.email = nasty(buffers[0], SIZE),
                                    .name = nasty(buffers[1], SIZE)};
    struct ical_person attendee = {.email = "a@b", .name = nasty(buffers[2], SIZE)};
    const char *categories[] = {nasty(buffers[3], SIZE), NULL};
    struct ical_event event = all_day("2025-12-30", NULL);
    event.summary = nasty(buffers[4], SIZE);
    event.description = nasty(buffers[5], SIZE);
    event.location = buffers[4];
    event.url = buffers[5];
    event.categories = categories;
    event.organizer = &organizer;
    event.attendees = &attendee;
    event.attendee_count = 1;
    write_event(&event);
    for (const char *line = out.data; *line;) {
        const char *end = strstr(line, "\r\n");
        ck_assert_ptr_nonnull(end);
        check_line(line, (size_t)(end - line));
        line = end + 2;
    }
    ck_assert_int_eq(count("BEGIN:VEVENT\r\n"), 1);
    ck_assert_int_eq(count("END:VEVENT\r\n"), 1);
    ck_assert_int_eq(count("ATTENDEE;"), 1);
}
END_TEST

START_TEST(lines_are_folded_between_characters_at_every_length)
{
    struct text summary _text_auto_ = {0};
    for (int i = 0; i < _i; i++)
        text_addc(&summary, 'a');
    for (int i = 0; i < 60; i++)
        text_adds(&summary, "審");
    struct text wanted _text_auto_ = {0};
    text_addf(&wanted, "SUMMARY:%s", summary.data);
    struct ical_event event = all_day("2025-12-30", NULL);
    event.summary = summary.data;
    write_event(&event);
    HAS_LINE(wanted.data);
    for (const char *line = out.data; *line; line = strstr(line, "\r\n") + 2)
        check_line(line, (size_t)(strstr(line, "\r\n") - line));
}
END_TEST

static TCase *cases(void)
{
    TCase *test = tcase_create("ical");
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, the_last_day_is_written_exclusive);
    tcase_add_test(test, one_day_ends_the_day_after);
    tcase_add_test(test, a_time_of_day_is_told_in_tokyo_beside_its_zone);
    tcase_add_test(test, stamps_are_the_change_in_utc);
    tcase_add_loop_test(test, text_is_escaped, 0, sizeof texts / sizeof *texts);
    tcase_add_loop_test(test, names_and_addresses_break_nothing, 0,
                        sizeof people / sizeof *people);
    tcase_add_test(test, what_is_no_address_is_left_out_with_its_person);
    tcase_add_test(test, attendees_are_asked_to_answer);
    tcase_add_test(test, only_web_addresses_become_urls);
    tcase_add_test(test, categories_are_separated_by_plain_commas);
    tcase_add_test(test, a_feed_has_a_name_and_no_method);
    tcase_add_test(test, an_invitation_has_its_method);
    tcase_add_loop_test(test, no_text_breaks_a_line_a_character_or_the_structure, 0, 300);
    tcase_add_loop_test(test, lines_are_folded_between_characters_at_every_length, 0, 80);
    return test;
}

int main(void)
{
    Suite *suite = suite_create("ical");
    suite_add_tcase(suite, cases());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
