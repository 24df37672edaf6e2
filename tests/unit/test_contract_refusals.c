/* A contract that is not understood keeps the program from starting, and says why. */
#include "contract_sample.h"

#include "api/embedded.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define GET "/paths/~1v1~1things/get"
#define POST "/paths/~1v1~1things/post"

static const struct {
    const char *pointer;
    const char *json;  /* NULL = removed */
    const char *error; /* part of it */
} refusals[] = {
    {"/openapi", "\"3.0.3\"", "document: openapi must be 3.1.x"},
    {"/paths", "{}", "#/paths: there are no paths"},
    {"/components/securitySchemes/bearer", NULL, "securitySchemes/bearer: is missing"},
    {"/components/securitySchemes/bearer/x-scopes", "{}", "x-scopes is missing or empty"},
    {"/components/securitySchemes/bearer/x-roles/owner", "[\"x\"]", "owner has scope x"},
    {"/components/securitySchemes/bearer/x-roles/owner", "\"*\"", "owner must be a list"},
    {GET "/operationId", NULL, "GET /v1/things: operationId must be there"},
    {GET "/operationId", "\"list-things\"", "operationId must be there"},
    {GET "/operationId", "\"getThing\"", "operationId getThing is taken"},
    {GET "/x-service", NULL, "GET /v1/things: x-service must be"},
    {GET "/x-service", "\"billing\"", "GET /v1/things: x-service must be"},
    {GET "/x-lane", "\"fast\"", "x-lane can only be slow"},
    {GET "/x-max-bytes", "0", "x-max-bytes must be a whole number above 0"},
    {GET "/x-entitiy", "\"thing\"", "operation: unknown member x-entitiy"},
    {GET "/callbacks", "{}", "operation: unknown member callbacks"},
    {GET "/security", NULL, "GET /v1/things: security must be"},
    {GET "/security", "[{\"basic\":[]}]", "security must be"},
    {GET "/security", "[{\"bearer\":[]},{}]", "security must be"},
    {GET "/security", "[{\"bearer\":[\"things:burn\"]}]", "scope things:burn is not in"},
    {GET "/responses", "{\"404\":{\"description\":\"\"}}", "responses: no 2xx"},
    {GET "/responses/202", "{\"description\":\"\"}", "responses: more than one 2xx"},
    {GET "/responses/default", "{\"description\":\"\"}",
     "responses: default is not a status"},
    {GET "/responses/404", "{\"$ref\":\"#/components/responses/No\"}",
     "$ref must stand alone"},
    {GET "/responses/404", "{\"content\":{\"a/b\":{}}}", "schema is missing"},
    {GET "/requestBody", "{\"content\":{}}", "GET has no requestBody"},
    {POST "/requestBody/content", "{\"text/plain\":{\"schema\":{}}}", "must be one of"},
    {POST "/requestBody/content/application~1json/schema", "{\"typ\":\"object\"}",
     "content/application~1json/schema: unknown keyword typ"},
    {POST "/parameters", "[{\"name\":\"c\",\"in\":\"cookie\",\"schema\":{}}]",
     "parameter c: in must be path, query or header"},
    {POST "/parameters", "[{\"name\":\"c\",\"in\":\"query\"}]", "schema is missing"},
    {POST "/parameters", "[{\"name\":\"c\",\"in\":\"query\",\"style\":\"form\"}]",
     "parameter: unknown member style"},
    {POST "/parameters",
     "[{\"name\":\"c\",\"in\":\"query\",\"schema\":{\"type\":\"array\"}}]",
     "parameter c: arrays"},
    {POST "/parameters", "[{\"name\":\"c\",\"in\":\"query\",\"schema\":{\"typ\":1}}]",
     "parameters/0/schema: unknown keyword typ"},
    {POST "/parameters",
     "[{\"name\":\"id\",\"in\":\"path\",\"required\":true,\"schema\":{}}]",
     "parameter id: the path has no {id}"},
    {POST "/parameters",
     "[{\"name\":\"a\",\"in\":\"query\",\"schema\":{}},"
     "{\"name\":\"a\",\"in\":\"header\",\"schema\":{}}]",
     "parameter a is declared twice"},
    {POST "/parameters", "[{\"$ref\":\"#/components/parameters/Limit\"}]",
     "limit and after belong together"},
    {"/components/parameters/Limit/schema/maximum", NULL,
     "limit needs an integer maximum"},
    {"/components/parameters/thing_id/required", "false", "a path parameter is required"},
    {"/paths/~1v1~1things~1{thing_id}/parameters", "[]",
     "GET /v1/things/{thing_id}: no path parameter declares {thing_id}"},
    {"/paths/~1v1~1things~1{thing_id}/get/parameters",
     "[{\"$ref\":\"#/components/parameters/thing_id\"}]", "thing_id is declared twice"},
    {"/paths/~1v1~1things/trace", "{}", "/v1/things: unknown member trace of a path"},
    {"/paths/~1v1~1things~1{other}", "{}", "the same path as /v1/things/{thing_id}"},
    {"/paths/v1", "{}", "v1: the path must be"},
    {"/paths/~1v1~1", "{}", "/v1/: the path must be"},
    {"/paths/~1v1~1a{b}", "{}", "/v1/a{b}: the path must be"},
    {"/paths/~1v1~1{a}~1{b}~1{c}~1{d}~1{e}", "{}", "more than 4 path parameters"},
    {"/paths/~1v2", "{}", "/v2: has no operation"},
    {"/components/schemas/Unused", "{\"nullable\":true}",
     "#/components/schemas/Unused: unknown keyword nullable"},
    {"/components/schemas/Thing/properties/title/format", "\"text\"",
     "unknown format text"},
};

START_TEST(what_must_be_mended_is_said)
{
    const char *error = NULL;
    struct contract *contract =
        sample_changed(refusals[_i].pointer, refusals[_i].json, &error);
    ck_assert_msg(!contract && error, "%s is accepted", refusals[_i].error);
    ck_assert_msg(strstr(error, "openapi.yaml: ") == error &&
                      strstr(error, refusals[_i].error) != NULL,
                  "got %s, expected %s", error, refusals[_i].error);
    free((void *)(uintptr_t)error);
}
END_TEST

START_TEST(more_than_64_scopes_are_refused)
{
    struct text text _text_auto_ = {0};
    const char *error = NULL;
    text_adds(&text, "{\"things:read\":\"\",\"things:write\":\"\"");
    for (int i = 2; i < 64; i++)
        text_addf(&text, ",\"s%d\":\"\"", i);
    struct text many _text_auto_ = {0};
    text_addf(&many, "%s,\"last\":\"\"}", text.data);
    text_addc(&text, '}');
    const char *place = "/components/securitySchemes/bearer/x-scopes";
    struct contract *contract = sample_changed(place, text.data, &error);
    ck_assert_msg(contract, "%s", error);
    ck_assert_uint_eq(contract_role_scopes(contract, "owner"), UINT64_MAX);
    contract_destroy(contract);
    ck_assert_ptr_null(sample_changed(place, many.data, &error));
    ck_assert_ptr_nonnull(strstr(error, "x-scopes: more than 64"));
    free((void *)(uintptr_t)error);
}
END_TEST

START_TEST(what_is_not_json_is_refused_with_its_line)
{
    const char *error = NULL;
    ck_assert_ptr_null(contract_load("", 0, &error));
    ck_assert_ptr_nonnull(strstr(error, "is empty"));
    free((void *)(uintptr_t)error);
    ck_assert_ptr_null(contract_load("{\n]", 3, &error));
    ck_assert_ptr_nonnull(strstr(error, "line 2"));
    free((void *)(uintptr_t)error);
}
END_TEST

START_TEST(our_own_contract_loads)
{
    const char *error = NULL;
    struct contract *contract = contract_load(contract_json, contract_json_len, &error);
    ck_assert_msg(contract, "%s", error);
    ck_assert_ptr_nonnull(contract_find(contract, "getContract"));
    contract_destroy(contract);
}
END_TEST

static TCase *cases(void)
{
    TCase *test = tcase_create("refusals");
    tcase_add_loop_test(test, what_must_be_mended_is_said, 0,
                        sizeof refusals / sizeof *refusals);
    tcase_add_test(test, more_than_64_scopes_are_refused);
    tcase_add_test(test, what_is_not_json_is_refused_with_its_line);
    tcase_add_test(test, our_own_contract_loads);
    return test;
}

int main(void)
{
    Suite *suite = suite_create("contract_refusals");
    suite_add_tcase(suite, cases());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
