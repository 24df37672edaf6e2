/* Statement files: what is read, how it is wrapped, and what is refused with its line. */
#include "api/statement_internal.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;
static const char *error;

static void setup(void)
{
    arena = arena_new();
    error = NULL;
}

static void teardown(void)
{
    arena_destroy(arena);
}

static struct statement_library *parse(const char *text)
{
    static const char *const services[] = {"registers", NULL};
    const struct embedded_file files[] = {
        {"registers", "risks.sql", text, strlen(text)},
        {"tenants", "not_served.sql", "nonsense", 8},
        {0},
    };
    return statement_library_parse(arena, files, services, &error);
}

static struct statement_library *good(const char *text)
{
    struct statement_library *library = parse(text);
    ck_assert_msg(library != NULL, "%s", error);
    return library;
}

static const char *sql_of(const char *text)
{
    return statement_at(good(text), 0)->sql;
}

START_TEST(a_name_binds_to_one_number_however_often_it_stands_there)
{
    const struct statement *statement =
        statement_at(good("-- name: a\nselect :x, :y, :x where b = :y;"), 0);
    ck_assert_str_eq(statement->sql, "select $1, $2, $1 where b = $2");
    ck_assert_int_eq(statement->parameter_count, 2);
    ck_assert_str_eq(statement->parameters[0], "x");
    ck_assert_str_eq(statement->parameters[1], "y");
}
END_TEST

static const struct {
    const char *sql, *expect;
} values[] = {
    {"select ':no', :a", "select ':no', $1"},
    {"select 'it''s :no', :a", "select 'it''s :no', $1"},
    {"select E'it\\'s :no', :a", "select E'it\\'s :no', $1"},
    {"select e'\\\\', :a", "select e'\\\\', $1"},
    {"select '\\', :a", "select '\\', $1"},
    {"select \":no\", :a", "select \":no\", $1"},
    {"select $$ :no $$, :a", "select $$ :no $$, $1"},
    {"select $x$ :no $$ $x$, :a", "select $x$ :no $$ $x$, $1"},
    {"select 1::text, :a::int", "select 1::text, $1::int"},
    {"select f(x := :a)", "select f(x := $1)"},
    {"select 1 -- it's :no\n, :a", "select 1  \n, $1"},
    {"select 1 /* :no /* it's */ */, :a", "select 1  , $1"},
    {"select a[1:2], :a", "select a[1:2], $1"},
    {"select :_a1", "select $1"},
    {"select 1 limit:a", "select 1 limit $1"},
    {"select '{page}', '{}'::text[], :a", "select '{page}', '{}'::text[], $1"},
    {"select nameE'x', :a", "select nameE'x', $1"},
};

START_TEST(values_are_found_only_where_sql_has_a_value)
{
    const char *text = arena_printf(arena, "-- name: a\n%s;", values[_i].sql);
    ck_assert_str_eq(sql_of(text), values[_i].expect);
}
END_TEST

START_TEST(statements_keep_their_order_and_their_file_is_known)
{
    struct statement_library *library =
        good("-- About risks: free text before the first name.\n\n-- name: a\nselect 1;\n"
             "-- Between: free text too.\n-- name: b\nselect 2");
    ck_assert_int_eq(statement_count(library), 2);
    ck_assert_str_eq(statement_at(library, 1)->name, "b");
    ck_assert_str_eq(statement_at(library, 1)->service, "registers");
    ck_assert_int_eq(statement_at(library, 1)->index, 1);
    ck_assert_ptr_eq(statement_find(library, "a", NULL, false), statement_at(library, 0));
    ck_assert_ptr_null(statement_find(library, "c", NULL, false));
}
END_TEST

START_TEST(a_writing_statement_is_wrapped_with_its_event)
{
    const struct statement *statement =
        statement_at(good("-- name: createRisk\n-- event: risk.created\n"
                          "insert into r (id) values (:new_id) returning id;"),
                     0);
    ck_assert_str_eq(
        statement->sql,
        "with op as (insert into r (id) values ($1) returning id), ev as (insert into "
        "platform.events (consultancy_id, id, at, actor_id, actor_kind, operation, kind, "
        "entity, "
        "entity_id, client_id, version, data, request_id) select $2::uuid, "
        "gen_random_uuid(), "
        "$3::timestamptz, $4::uuid, $5, 'createRisk', 'risk.created', 'risk', "
        "(d->>'id')::uuid, "
        "(d->>'client_id')::uuid, (d->>'version')::int, d - "
        "'{_key,_next,_etag,_location,_status}'::text[], $6 from (select to_jsonb(op) as "
        "d from "
        "op) x) select * from op");
    ck_assert_str_eq(statement->parameters[0], "new_id");
    ck_assert_str_eq(statement->parameters[5], "request_id");
    ck_assert(statement->writes);
    ck_assert_str_eq(statement->event, "risk.created");
}
END_TEST

START_TEST(an_event_of_a_client_names_itself_as_the_client)
{
    const char *sql = sql_of("-- name: a\n-- event: client.updated\nupdate c set x = 1;");
    ck_assert_ptr_nonnull(strstr(sql, "'client', (d->>'id')::uuid, (d->>'id')::uuid,"));
}
END_TEST

static const struct {
    const char *sql, *begin;
} wrapped[] = {
    {"with a as (select 1) insert into r select 2",
     "with a as (select 1) , op as (insert into r select 2), ev as ("},
    {"with a as (insert into r values (1) returning id), b as (select (2)) update c set "
     "x = 1",
     "with a as (insert into r values (1) returning id), b as (select (2)) , op as "
     "(update c"},
    {"with recursive update (x) as materialized (delete from r) select 1",
     "with recursive update (x) as materialized (delete from r) , op as (select 1), ev "
     "as ("},
};

START_TEST(parts_of_a_leading_with_stay_at_the_top_level)
{
    const char *sql = sql_of(
        arena_printf(arena, "-- name: a\n-- event: r.changed\n%s;", wrapped[_i].sql));
    ck_assert_msg(strncmp(sql, wrapped[_i].begin, strlen(wrapped[_i].begin)) == 0, "%s",
                  sql);
}
END_TEST

static const char LIST[] = "-- name: listRisks\n-- key: r.id\n"
                           "-- sort: created_at r.id uuid\n"
                           "-- sort: title lower( r.title ) text\n"
                           "select r.id {key} from r where c = :consultancy {page};";

START_TEST(a_list_has_a_statement_for_each_sort_direction_and_page_state)
{
    struct statement_library *library = good(LIST);
    ck_assert_int_eq(statement_count(library), 8);
    ck_assert_str_eq(statement_find(library, "listRisks", NULL, false)->prepared,
                     "listRisks.created_at");
    ck_assert_str_eq(statement_find(library, "listRisks", NULL, true)->prepared,
                     "listRisks.created_at.next");
    ck_assert_str_eq(statement_find(library, "listRisks", "-title", true)->prepared,
                     "listRisks.-title.next");
    ck_assert_ptr_null(statement_find(library, "listRisks", "name", false));
}
END_TEST

START_TEST(pages_go_up_or_down_with_the_key_as_the_last_word)
{
    struct statement_library *library = good(LIST);
    ck_assert_str_eq(
        statement_find(library, "listRisks", "created_at", false)->sql,
        "select r.id  , (r.id)::text as _key  from r where c = $1  order by r.id asc,"
        " r.id asc limit $2::int + 1 ");
    ck_assert_str_eq(
        statement_find(library, "listRisks", "-title", true)->sql,
        "select r.id  , (lower( r.title ))::text as _key  from r where c = $1  and "
        "(lower( "
        "r.title "
        "), r.id) < ($2::text, $3::uuid) order by lower( r.title ) desc, r.id desc limit "
        "$4::int + 1 ");
}
END_TEST

START_TEST(a_reading_statement_with_no_event_counts_as_writing)
{
    ck_assert(
        statement_at(good("-- name: a\n-- no-event: in f\nselect f();"), 0)->writes);
    ck_assert(!statement_at(good("-- name: a\nselect f();"), 0)->writes);
}
END_TEST

static const struct {
    const char *text, *expect;
} refused[] = {
    {"select 1;", "risks.sql:1: SQL before any name"},
    {"-- event: a.b\n", "risks.sql:1: directive before any name: event"},
    {"\n-- name: a\n-- evnet: a.b\nselect 1;", "risks.sql:3: unknown directive: evnet"},
    {"-- name: a\nselect 1;\nselect 2;", "risks.sql:3: SQL after the semicolon: a"},
    {"-- name: a\nselect 1\n-- event: a.b\n;",
     "risks.sql:3: directive inside a statement: event"},
    {"-- name: a\nselect\n 'x;", "risks.sql:3: a quote or comment without end"},
    {"-- name: a\nselect 1 /* x", "risks.sql:2: a quote or comment without end"},
    {"-- name: a\nselect $x$ 1", "risks.sql:2: a quote or comment without end"},
    {"-- name: a\nselect $1;", "risks.sql:2: values have names here, not numbers"},
    {"-- name: a\nselect $;", "risks.sql:2: values have names here, not numbers"},
    {"-- name: a\n-- key: y\n-- sort: x ' text\nselect 1 {page};",
     "risks.sql:3: not an expression to sort by: x"},
    {"-- name: a\n-- key: y -- x\nselect 1;", "risks.sql:2: not a key: y -- x"},
    {"-- name: a\nselect {kye};", "risks.sql:2: braces hold key or page only"},
    {"-- name: a-b\nselect 1;", "risks.sql:1: not a name for a statement: a-b"},
    {"-- name: a\n\n-- name: b\nselect 1;", "risks.sql:1: a name without a statement: a"},
    {"-- name: a\ndelete from r;",
     "risks.sql:1: writes, but says neither event nor no-event: a"},
    {"-- name: a\nwith x as (delete from r) select 1;",
     "risks.sql:1: writes, but says neither event nor no-event: a"},
    {"-- name: a\nwith x as (select 1)\nmerge into r using x on true when matched then "
     "delete;",
     "risks.sql:1: writes, but says neither event nor no-event: a"},
    {"-- name: a\n-- event: r.read\nselect 1;",
     "risks.sql:1: an event, but nothing is written: a"},
    {"-- name: a\n-- event: r.x\n-- no-event: y\ndelete from r;",
     "risks.sql:1: both event and no-event: a"},
    {"-- name: a\n-- event: r'); drop\ndelete from r;",
     "risks.sql:2: not an event kind: r'); drop"},
    {"-- name: a\n-- event: r.x\n-- event: r.y\ndelete from r;",
     "risks.sql:3: directive given twice: event"},
    {"-- name: a\n-- no-event:\ndelete from r;",
     "risks.sql:2: directive without a value: no-event"},
    {"-- name: a\n-- sort: x y text\nselect 1 {page};",
     "risks.sql:1: key and sort belong together: a"},
    {"-- name: a\n-- key: y\n-- sort: x y text\nselect 1;",
     "risks.sql:1: sort and {page} belong together: a"},
    {"-- name: a\nselect 1 {key};", "risks.sql:1: {key} needs a sort: a"},
    {"-- name: a\n-- ordered: large\nselect 1;",
     "risks.sql:1: ordered without a sort: a"},
    {"-- name: a\nselect 1 {page};", "risks.sql:1: sort and {page} belong together: a"},
    {"-- name: a\n-- sort: x text\nselect 1;",
     "risks.sql:2: sort needs value, expression and type: x text"},
    {"-- name: a\n-- key: y\n-- sort: x y int\n-- sort: x z int\nselect 1 {page};",
     "risks.sql:4: the same sort twice: x"},
    {"-- name: a\n-- key: y\n-- sort: -x y int\nselect 1 {page};",
     "risks.sql:3: not a sort value: -x"},
    {"-- name: a\nselect 1;\n-- name: a\nselect 2;",
     "risks.sql:3: a is also in risks.sql:1"},
};

START_TEST(a_malformed_file_is_refused_with_its_line)
{
    ck_assert_ptr_null(parse(refused[_i].text));
    ck_assert_str_eq(error, refused[_i].expect);
}
END_TEST

START_TEST(a_name_in_two_services_is_refused)
{
    static const char *const services[] = {"one", "two", NULL};
    static const char text[] = "-- name: a\nselect 1;";
    const struct embedded_file files[] = {{"one", "one.sql", text, sizeof(text) - 1},
                                          {"two", "two.sql", text, sizeof(text) - 1},
                                          {0}};
    ck_assert_ptr_null(statement_library_parse(arena, files, services, &error));
    ck_assert_str_eq(error, "two.sql:1: a is also in one.sql:1");
}
END_TEST

START_TEST(too_many_values_are_refused)
{
    const char *sql = "-- name: a\nselect 1";
    for (int i = 0; i <= STATEMENT_MAX_PARAMETERS; i++)
        sql = arena_printf(arena, "%s, :v%d", sql, i);
    ck_assert_ptr_null(parse(sql));
    ck_assert_str_eq(error, "risks.sql:1: a: too many values");
}
END_TEST

START_TEST(a_name_longer_than_the_server_keeps_is_refused)
{
    const char *name = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghij";
    good(arena_printf(arena, "-- name: %s\nselect 1;", name));
    ck_assert_ptr_null(parse(arena_printf(
        arena, "-- name: %s\n-- key: x\n-- sort: a b c\nselect 1 {page};", name)));
    ck_assert_ptr_nonnull(strstr(error, "name too long"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("statement");
    TCase *tests = tcase_create("statement");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_name_binds_to_one_number_however_often_it_stands_there);
    tcase_add_loop_test(tests, values_are_found_only_where_sql_has_a_value, 0,
                        sizeof(values) / sizeof(values[0]));
    tcase_add_test(tests, statements_keep_their_order_and_their_file_is_known);
    tcase_add_test(tests, a_writing_statement_is_wrapped_with_its_event);
    tcase_add_test(tests, an_event_of_a_client_names_itself_as_the_client);
    tcase_add_loop_test(tests, parts_of_a_leading_with_stay_at_the_top_level, 0,
                        sizeof(wrapped) / sizeof(wrapped[0]));
    tcase_add_test(tests, a_list_has_a_statement_for_each_sort_direction_and_page_state);
    tcase_add_test(tests, pages_go_up_or_down_with_the_key_as_the_last_word);
    tcase_add_test(tests, a_reading_statement_with_no_event_counts_as_writing);
    tcase_add_loop_test(tests, a_malformed_file_is_refused_with_its_line, 0,
                        sizeof(refused) / sizeof(refused[0]));
    tcase_add_test(tests, a_name_in_two_services_is_refused);
    tcase_add_test(tests, too_many_values_are_refused);
    tcase_add_test(tests, a_name_longer_than_the_server_keeps_is_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
