/* Templates: the language, its checks, and those that the program brings. */
#include "api/embedded.h"
#include "services/notifications/template.h"
#include "services/notifications/texts.h"
#include "tests/unit/ground.h"

static struct arena *arena;
static struct text out;
static json_t *catalogue;

static void set_up(void)
{
    arena = arena_new();
    for (const struct embedded_reference *r = embedded_references; r->service; r++) {
        if (strstr(r->path, "mail_templates"))
            catalogue = json_loads(r->text, 0, NULL);
    }
    ck_assert(catalogue);
}

static void tear_down(void)
{
    text_free(&out);
    json_decref(catalogue);
    arena_destroy(arena);
}

static const char *render(const char *source, const char *values, bool html)
{
    json_t *json = json_loads(values, 0, NULL);
    ck_assert(json);
    text_clear(&out);
    template_render(&out, source, json, html);
    json_decref(json);
    return out.data ? out.data : "";
}

static const struct {
    const char *source, *values, *wanted;
} renderings[] = {
    {"", "{}", ""},
    {"no tag { here } }}", "{}", "no tag { here } }}"},
    {"{{a}}{{ b }}", "{\"a\":\"x\",\"b\":7}", "x7"},
    {"[{{a}}]", "{}", "[]"},
    {"[{{a}}]", "{\"a\":null}", "[]"},
    {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":true}", "yes"},
    {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":false}", "no"},
    {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{}", "no"},
    {"{{#a}}{{a}}{{/a}}", "{\"a\":\"\"}", ""},
    {"{{#a}}{{a}}{{/a}}", "{\"a\":\"t\"}", "t"},
    {"{{#a}}{{a}}{{/a}}", "{\"a\":0}", ""},
    {"{{#l}}{{x}}{{y}},{{/l}}", "{\"y\":9,\"l\":[{\"x\":1},{\"x\":2,\"y\":3}]}",
     "19,23,"},
    {"{{^l}}none{{/l}}", "{\"l\":[]}", "none"},
    {"a\n{{#x}}\nb\n{{/x}}\nc\n", "{\"x\":true}", "a\nb\nc\n"},
    {"a\n  {{#x}}  \nb\n {{/x}}", "{\"x\":true}", "a\nb\n"},
    {"{{! a word }}\na{{! b }}c", "{}", "ac"},
    {"{{#a}}{{#b}}x{{/b}}{{/a}}y", "{\"a\":true,\"b\":true}", "xy"},
    {"{{a}}", "{\"a\":\"{{b}}\",\"b\":1}", "{{b}}"},
};

START_TEST(a_template_becomes_this_text)
{
    ck_assert_str_eq(render(renderings[_i].source, renderings[_i].values, false),
                     renderings[_i].wanted);
}
END_TEST

START_TEST(html_escapes_values_and_only_values)
{
    ck_assert_str_eq(render("<b>{{a}}</b>", "{\"a\":\"<i>\\\"&'\"}", true),
                     "<b>&lt;i&gt;&quot;&amp;&#x27;</b>");
    ck_assert_str_eq(render("{{a}}", "{\"a\":\"<&\"}", false), "<&");
}
END_TEST

static const struct {
    const char *source, *code, *tag;
} faults[] = {
    {"{{b}}", "unknown_placeholder", "line 1: {{b}}"},
    {"a\nb {{a}\n", "malformed_tag", "line 2: {{a}"},
    {"{{A}}", "malformed_tag", "line 1: {{A}}"},
    {"{{{a}}}", "malformed_tag", "line 1: {{{a}}"},
    {"{{&a}}", "malformed_tag", "line 1: {{&a}}"},
    {"{{>a}}", "malformed_tag", "line 1: {{>a}}"},
    {"{{}}", "malformed_tag", "line 1: {{}}"},
    {"{{#a}}", "unbalanced_section", "line 1: {{#a}}"},
    {"{{/a}}", "unbalanced_section", "line 1: {{/a}}"},
    {"{{#a}}\n{{#l}}{{/a}}{{/l}}", "unbalanced_section", "line 2: {{/a}}"},
    {"{{l}}", "unknown_placeholder", "line 1: {{l}}"},
    {"{{x}}", "unknown_placeholder", "line 1: {{x}}"},
    {"{{#l}}{{x}}{{a}}{{y}}{{/l}}", "unknown_placeholder", "line 1: {{y}}"},
    {"{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}", "unbalanced_section",
     "line 1: {{#a}}"},
};

START_TEST(a_fault_is_named_with_its_line)
{
    json_t *known = json_loads("{\"a\":\"text\",\"l\":{\"x\":\"text\"}}", 0, NULL);
    struct template_fault fault = {0};
    ck_assert(!template_check(arena, faults[_i].source, known, &fault));
    ck_assert_str_eq(fault.code, faults[_i].code);
    ck_assert_str_eq(fault.tag, faults[_i].tag);
    json_decref(known);
}
END_TEST

/* What a checker knows of a kind. */
static json_t *known_of(const char *kind)
{
    json_t *known = json_object(), *entry, *placeholder, *item;
    size_t i, j, k;
    json_array_foreach(json_object_get(catalogue, "kinds"), i, entry)
    {
        if (strcmp(json_string_value(json_object_get(entry, "kind")), kind) != 0)
            continue;
        json_array_foreach(json_object_get(entry, "placeholders"), j, placeholder)
        {
            const json_t *items = json_object_get(placeholder, "items");
            json_t *value = items ? json_object() : json_string("text");
            json_array_foreach(items, k, item) json_object_set_new(
                value, json_string_value(json_object_get(item, "name")),
                json_string("text"));
            json_object_set_new(
                known, json_string_value(json_object_get(placeholder, "name")), value);
        }
    }
    return known;
}

static const char *joined(const json_t *lines)
{
    text_clear(&out);
    json_t *line;
    size_t i;
    json_array_foreach(lines, i, line) text_addf(&out, "%s\n", json_string_value(line));
    return arena_strndup(arena, out.data, out.len);
}

START_TEST(every_template_that_the_program_brings_is_sound)
{
    json_t *template;
    size_t i;
    json_array_foreach(json_object_get(catalogue, "templates"), i, template)
    {
        struct template_fault fault = {.tag = ""};
        json_t *known = known_of(json_string_value(json_object_get(template, "kind")));
        ck_assert_uint_gt(json_object_size(known), 5);
        ck_assert_msg(
            template_check(arena, json_string_value(json_object_get(template, "subject")),
                           known, &fault),
            "%s", fault.tag);
        ck_assert_msg(template_check(arena, joined(json_object_get(template, "text")),
                                     known, &fault),
                      "%s", fault.tag);
        ck_assert_msg(template_check(arena, joined(json_object_get(template, "html")),
                                     known, &fault),
                      "%s", fault.tag);
        json_decref(known);
    }
    ck_assert_uint_eq(i, 6);
}
END_TEST

/* ---- reminders ---- */

static struct civil day(const char *text)
{
    struct civil date = CIVIL_NONE;
    ck_assert(civil_parse(text, &date));
    return date;
}

static struct reminder_text text_on(const char *language, const char *today)
{
    return (struct reminder_text){.language = language,
                                  .client_name = "ミナト",
                                  .title = "第1回サーベイランス審査",
                                  .due_on = day("2026-02-13"),
                                  .raw_on = day("2026-02-14"),
                                  .today = day(today),
                                  .rule = "SUR-02",
                                  .hardness = "hard"};
}

/* "subject" or "text" of the reminder with these facts. */
static const char *reminder(const struct reminder_text *facts, const char *part)
{
    json_t *template;
    size_t i;
    json_array_foreach(json_object_get(catalogue, "templates"), i, template)
    {
        const json_t *source = json_object_get(template, part);
        if (strcmp(json_string_value(json_object_get(template, "kind")), "reminder") !=
                0 ||
            strcmp(json_string_value(json_object_get(template, "language")),
                   facts->language) != 0)
            continue;
        const char *lines =
            json_is_string(source) ? json_string_value(source) : joined(source);
        json_t *values = reminder_values(arena, facts);
        json_object_set_new(values, "receiver_name", json_string("佐藤"));
        json_object_set_new(values, "sender_name", json_string("巡り事務局"));
        text_clear(&out);
        template_render(&out, lines, values, false);
        json_decref(values);
        return out.data;
    }
    return "";
}

static const struct {
    const char *language, *today, *subject;
} subjects[] = {
    {"ja", "2026-01-14",
     "【期限】ミナト：第1回サーベイランス審査の期限まであと30日（2026年2月13日）"},
    {"ja", "2026-02-13",
     "【本日期限】ミナト：第1回サーベイランス審査の期限は本日です（2026年2月13日）"},
    {"ja", "2026-02-20",
     "【期限超過】ミナト：第1回サーベイランス審査の期限を7日過ぎています（2026年2月13日"
     "）"},
    {"en", "2026-01-14",
     "[Deadline] ミナト: 第1回サーベイランス審査 due in 30 days (13 Feb 2026)"},
    {"en", "2026-02-12",
     "[Deadline] ミナト: 第1回サーベイランス審査 due in 1 day (13 Feb 2026)"},
    {"en", "2026-02-13",
     "[Due today] ミナト: 第1回サーベイランス審査 due today (13 Feb 2026)"},
    {"en", "2026-02-14",
     "[Overdue] ミナト: 第1回サーベイランス審査 overdue by 1 day (13 Feb 2026)"},
};

START_TEST(the_subject_says_what_and_how_long)
{
    struct reminder_text facts = text_on(subjects[_i].language, subjects[_i].today);
    ck_assert_str_eq(reminder(&facts, "subject"), subjects[_i].subject);
}
END_TEST

START_TEST(a_title_that_is_called_a_deadline_is_not_called_so_twice)
{
    struct reminder_text facts = text_on("ja", "2026-01-14");
    facts.title = "是正計画の提出期限";
    ck_assert_str_eq(reminder(&facts, "subject"),
                     "【期限】ミナト：是正計画の提出期限まであと30日（2026年2月13日）");
}
END_TEST

START_TEST(the_body_says_who_what_when_why_and_what_to_do)
{
    static const char *const parts[] = {"佐藤 様\n",
                                        "対象：ミナト\n",
                                        "期限：2026年2月13日（金）　あと30日\n",
                                        "本来の期日は2026年2月14日（土）",
                                        "延長できません",
                                        "（規則 SUR-02）",
                                        "■ お願い\n",
                                        "巡り事務局\n"};
    struct reminder_text facts = text_on("ja", "2026-01-14");
    const char *body = reminder(&facts, "text");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ck_assert_msg(strstr(body, parts[i]), "%s in\n%s", parts[i], body);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("templates");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    ground_loop(tests, a_template_becomes_this_text, renderings);
    tcase_add_test(tests, html_escapes_values_and_only_values);
    ground_loop(tests, a_fault_is_named_with_its_line, faults);
    tcase_add_test(tests, every_template_that_the_program_brings_is_sound);
    ground_loop(tests, the_subject_says_what_and_how_long, subjects);
    tcase_add_test(tests, a_title_that_is_called_a_deadline_is_not_called_so_twice);
    tcase_add_test(tests, the_body_says_who_what_when_why_and_what_to_do);
    return ground_run(tests);
}
