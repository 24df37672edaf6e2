/* The contract: loading, routes, parameters. */
#include "api/contract.h"
#include "contract_sample.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define ID "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5a00"

static struct arena *arena;
static struct contract *contract;

static void setup(void)
{
    arena = arena_new();
    contract = sample_contract();
}

static void teardown(void)
{
    arena_destroy(arena);
    contract_destroy(contract);
}

/* ---- what it says of an operation ---- */

START_TEST(a_list_knows_its_paging_and_sorts)
{
    const struct operation *list = contract_find(contract, "listThings");
    ck_assert(list->has_page && list->has_as_of && !list->has_if_match);
    ck_assert_int_eq(list->max_limit, 200);
    ck_assert_int_eq(list->default_limit, 50);
    ck_assert_str_eq(list->sorts[0], "title");
    ck_assert_str_eq(list->sorts[1], "-title");
    ck_assert_ptr_null(list->sorts[2]);
    ck_assert_str_eq(list->default_sort, "-title");
    ck_assert_str_eq(list->entity, "thing");
    ck_assert_str_eq(list->lane, "read");
}
END_TEST

START_TEST(a_creating_operation_knows_body_key_scopes_and_status)
{
    const struct operation *create = contract_find(contract, "createThing");
    ck_assert(create->has_idempotency_key && create->body && create->body_required);
    ck_assert_str_eq(create->body_media_type, "application/json");
    ck_assert_str_eq(create->lane, "write");
    ck_assert_int_eq(create->success_status, 201);
    ck_assert_ptr_nonnull(create->reply);
    ck_assert_uint_eq(create->scopes, 3);
    ck_assert(!create->is_public);
    ck_assert_ptr_eq(create->get, contract_find(contract, "listThings"));
}
END_TEST

START_TEST(public_slow_and_guarded_operations_are_told_apart)
{
    ck_assert(contract_find(contract, "getPart")->is_public);
    ck_assert_str_eq(contract_find(contract, "getThing")->lane, "slow");
    ck_assert_uint_eq(contract_find(contract, "getThing")->scopes, 0);
    ck_assert(contract_find(contract, "updateThing")->has_if_match);
    ck_assert(!contract_find(contract, "updateThing")->body_required);
    ck_assert_ptr_null(contract_find(contract, "deleteCurrent")->get);
    ck_assert_ptr_null(contract_find(contract, "noSuchThing"));
}
END_TEST

START_TEST(operations_stand_at_their_index)
{
    const struct operation *const *operations = contract_operations(contract);
    int count = 0;
    for (; operations[count]; count++)
        ck_assert_int_eq(operations[count]->index, count);
    ck_assert_int_eq(count, 8);
}
END_TEST

START_TEST(roles_and_scopes_are_bits)
{
    ck_assert_int_eq(contract_scope_bit(contract, "things:write"), 1);
    ck_assert_int_eq(contract_scope_bit(contract, "things:burn"), -1);
    ck_assert_str_eq(contract_scope_name(contract, 0), "things:read");
    ck_assert_ptr_null(contract_scope_name(contract, 2));
    ck_assert_uint_eq(contract_role_scopes(contract, "owner"), 3);
    ck_assert_uint_eq(contract_role_scopes(contract, "auditor"), 1);
    ck_assert_uint_eq(contract_role_scopes(contract, "stranger"), 0);
}
END_TEST

START_TEST(the_text_is_what_was_loaded)
{
    size_t len = 0;
    const char *text = contract_text(contract, &len);
    ck_assert_uint_eq(strlen(text), len);
    ck_assert_ptr_eq(strstr(text, "{\"openapi\":\"3.1.0\""), text);
}
END_TEST

/* ---- routes ---- */

static const struct {
    const char *method;
    const char *path;
    const char *id; /* "405 <allow>" or NULL for no such path */
    const char *values;
} routes[] = {
    {"GET", "/v1/things", "listThings", ""},
    {"HEAD", "/v1/things", "listThings", ""},
    {"POST", "/v1/things", "createThing", ""},
    {"GET", "/v1/things/x", "getThing", "x"},
    {"GET", "/v1/%74hings/%E3%81%82", "getThing", "あ"},
    {"GET", "/v1/things/a+b", "getThing", "a+b"},
    {"DELETE", "/v1/things/current", "deleteCurrent", ""},
    {"GET", "/v1/things/current/parts/2", "getPart", "current,2"},
    {"GET", "/v1/things/x/parts/2", "getPart", "x,2"},
    {"PUT", "/v1/things", "405 GET, POST", ""},
    {"get", "/v1/things", "405 GET, POST", ""},
    {"GET", "/v1/things/current", "405 DELETE", ""},
    {"OPTIONS", "/v1/things/x", "405 GET, PATCH, DELETE", "x"},
    {"GET", "/", NULL, NULL},
    {"GET", "", NULL, NULL},
    {"GET", "/v1", NULL, NULL},
    {"GET", "/V1/things", NULL, NULL},
    {"GET", "/v1/things/", NULL, NULL},
    {"GET", "//v1/things", NULL, NULL},
    {"GET", "/v1//things", NULL, NULL},
    {"GET", "/v1/things/x/parts", NULL, NULL},
    {"GET", "/v1/things/x/parts/2/3", NULL, NULL},
    {"GET", "/v1/things/a%2Fb", NULL, NULL},
    {"GET", "/v1/things/a%00b", NULL, NULL},
    {"GET", "/v1/things/%", NULL, NULL},
    {"GET", "/v1/things/%4", NULL, NULL},
    {"GET", "/v1/things/%zz", NULL, NULL},
    {"GET", "/v1/things/%ff", NULL, NULL},
    {"GET", "/v1/things/%ed%a0%80", NULL, NULL},
    {"GET", "/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a", NULL, NULL},
};

START_TEST(a_path_leads_to_its_operation_or_nowhere)
{
    struct path_match match = {.operation = NULL};
    enum contract_match result =
        contract_route(contract, arena, routes[_i].method, routes[_i].path, &match);
    ck_assert_int_eq(result == CONTRACT_NO_PATH, routes[_i].id == NULL);
    if (result == CONTRACT_NO_PATH)
        return;
    const char *found = result == CONTRACT_FOUND
                            ? match.operation->id
                            : arena_printf(arena, "405 %s", match.allow);
    ck_assert_str_eq(found, routes[_i].id);
    const char *values = "";
    for (int i = 0; i < match.count; i++)
        values = arena_printf(arena, "%s%s%s", values, i ? "," : "", match.values[i]);
    ck_assert_str_eq(values, routes[_i].values);
}
END_TEST

/* ---- query strings ---- */

static const struct {
    const char *text;
    const char *pairs; /* NULL = refused */
} queries[] = {
    {"", ""},
    {"a=1&b=%E3%81%82", "a=1 b=あ "},
    {"a=x+y%2Bz", "a=x y+z "},
    {"a", "a= "},
    {"a=b=c", "a=b=c "},
    {"a=1&", "a=1 "},
    {"a=1&&b=2", "a=1 b=2 "},
    {"a=1&a=2", NULL},
    {"a=1&%61=2", NULL},
    {"=1", NULL},
    {"a=%", NULL},
    {"a=%f", NULL},
    {"a=%00", NULL},
    {"a=%ff", NULL},
    {"a=%c0%af", NULL},
    {"a=%ed%a0%80", NULL},
    {"a=%f4%90%80%80", NULL},
    {"a=%e3%81", NULL},
};

START_TEST(a_query_string_is_decoded_or_refused)
{
    struct query query = {.count = -1};
    ck_assert_int_eq(query_parse(arena, queries[_i].text, &query),
                     queries[_i].pairs != NULL);
    if (!queries[_i].pairs) {
        ck_assert_int_eq(query.count, -1);
        return;
    }
    const char *pairs = "";
    for (int i = 0; i < query.count; i++)
        pairs = arena_printf(arena, "%s%s=%s ", pairs, query.names[i], query.values[i]);
    ck_assert_str_eq(pairs, queries[_i].pairs);
}
END_TEST

START_TEST(more_than_64_parameters_are_refused)
{
    struct text text _text_auto_ = {0};
    struct query query;
    for (int i = 0; i < 64; i++)
        text_addf(&text, "&p%d=", i);
    ck_assert(query_parse(arena, text.data, &query));
    ck_assert_int_eq(query.count, 64);
    text_adds(&text, "&last=");
    ck_assert(!query_parse(arena, text.data, &query));
}
END_TEST

/* ---- parameters ---- */

struct header {
    const char *name;
    const char *value;
};

static const char *find_header(void *arg, const char *name)
{
    const struct header *header = arg;
    return header->name && strcmp(header->name, name) == 0 ? header->value : NULL;
}

static const char *described(const struct problem *problem)
{
    const char *text = arena_printf(arena, "%d", problem_status(problem->code));
    for (const struct field_error *error = problem->errors; error; error = error->next)
        text = arena_printf(arena, "%s %s:%s:%s", text, error->in, error->pointer,
                            error->code);
    return text;
}

static const struct {
    const char *method;
    const char *path;
    const char *query;
    struct header header;
    const char *problem; /* NULL = fits */
} checks[] = {
    {"GET", "/v1/things", "limit=200&sort=title&level=5", {NULL, NULL}, NULL},
    {"GET", "/v1/things", "as_of=2025-02-14T00:00:00%2B09:00", {NULL, NULL}, NULL},
    {"GET",
     "/v1/things",
     "x=1&limit=0&level=six&as_of=2025-02-30T00:00:00Z&sort=id",
     {NULL, NULL},
     "400 query:x:unknown_parameter query:limit:too_small query:level:wrong_type "
     "query:as_of:bad_format query:sort:not_in_list"},
    {"GET", "/v1/things/" ID, "", {NULL, NULL}, NULL},
    {"GET", "/v1/things/1", "", {NULL, NULL}, "404"},
    {"GET", "/v1/things/1", "x=1", {NULL, NULL}, "404"},
    {"PATCH", "/v1/things/" ID, "", {NULL, NULL}, NULL},
    {"PATCH", "/v1/things/" ID, "", {"If-Match", "far too long"}, NULL},
    {"POST", "/v1/things", "", {NULL, NULL}, NULL},
    {"POST", "/v1/things", "", {"Idempotency-Key", "abc"}, NULL},
    {"POST",
     "/v1/things",
     "",
     {"Idempotency-Key", "A"},
     "400 header:Idempotency-Key:pattern_mismatch"},
    {"POST",
     "/v1/things",
     "",
     {"Idempotency-Key", "\xff"},
     "400 header:Idempotency-Key:bad_format"},
};

START_TEST(parameters_are_checked_each_and_all)
{
    struct path_match match = {.operation = NULL};
    struct query query;
    struct problem problem = {.code = PROBLEM_NONE};
    struct header header = checks[_i].header;
    ck_assert_int_eq(
        contract_route(contract, arena, checks[_i].method, checks[_i].path, &match),
        CONTRACT_FOUND);
    ck_assert(query_parse(arena, checks[_i].query, &query));
    bool good = contract_check_parameters(match.operation, arena, &match, &query,
                                          find_header, &header, &problem);
    ck_assert_int_eq(good, checks[_i].problem == NULL);
    if (!good)
        ck_assert_str_eq(described(&problem), checks[_i].problem);
    else
        ck_assert_int_eq(problem.code, PROBLEM_NONE);
}
END_TEST

#define LOOP(test, fn, table)                                                            \
    tcase_add_loop_test(test, fn, 0, sizeof(table) / sizeof *(table))

static TCase *cases(void)
{
    TCase *test = tcase_create("contract");
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_add_test(test, a_list_knows_its_paging_and_sorts);
    tcase_add_test(test, a_creating_operation_knows_body_key_scopes_and_status);
    tcase_add_test(test, public_slow_and_guarded_operations_are_told_apart);
    tcase_add_test(test, operations_stand_at_their_index);
    tcase_add_test(test, roles_and_scopes_are_bits);
    tcase_add_test(test, the_text_is_what_was_loaded);
    LOOP(test, a_path_leads_to_its_operation_or_nowhere, routes);
    LOOP(test, a_query_string_is_decoded_or_refused, queries);
    tcase_add_test(test, more_than_64_parameters_are_refused);
    LOOP(test, parameters_are_checked_each_and_all, checks);
    return test;
}

int main(void)
{
    Suite *suite = suite_create("contract");
    suite_add_tcase(suite, cases());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
