/* JSON Schema: what fits, which errors are named and in which order, what is refused at start. */
#include "api/schema.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_destroy(arena);
}

static const char document_text[] =
    "{\"components\":{\"schemas\":{"
    "\"Name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":3,\"default\":\"x\"},"
    "\"Tree\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"name\"]"
    ","
    "\"properties\":{\"name\":{\"$ref\":\"#/components/schemas/Name\"},"
    "\"nodes\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Tree\"}}}},"
    "\"Loop\":{\"allOf\":[{\"$ref\":\"#/components/schemas/Loop\"}]}}}}";

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    ck_assert_msg(value, "%s: %s", text, error.text);
    return value;
}

static const char *described(const struct problem *problem)
{
    struct text text _text_auto_ = {0};
    for (const struct field_error *error = problem->errors; error; error = error->next)
        text_addf(&text, "%s%s %s%s%s", text.len ? "; " : "", error->pointer, error->code,
                  error->limit ? " " : "", error->limit ? error->limit : "");
    return arena_strndup(arena, text.data ? text.data : "", text.len);
}

/* The errors of value against schema, in one line. */
static const char *errors_of(const char *schema_text, const char *value_text)
{
    const char *error = NULL;
    json_t *document = parse(document_text), *node = parse(schema_text);
    json_t *value = parse(value_text);
    struct schema_pool *pool = schema_pool_new(document);
    const struct schema *schema = schema_pool_compile(pool, node, "#", &error);
    ck_assert_msg(schema, "%s: %s", schema_text, error);
    struct problem problem = {.code = PROBLEM_NONE};
    bool good = schema_check(schema, value, "body", "", arena, &problem);
    ck_assert_int_eq(good, problem.errors == NULL);
    const char *result = described(&problem);
    schema_pool_destroy(pool);
    json_decref(document);
    json_decref(node);
    json_decref(value);
    return result;
}

static const struct {
    const char *schema;
    const char *value;
    const char *errors;
} values[] = {
    /* types */
    {"{\"type\":\"integer\"}", "5", ""},
    {"{\"type\":\"integer\"}", "5.0", ""},
    {"{\"type\":\"integer\"}", "5.5", " wrong_type integer"},
    {"{\"type\":\"integer\"}", "1e300", " wrong_type integer"},
    {"{\"type\":\"integer\"}", "-9223372036854775808", ""},
    {"{\"type\":\"integer\"}", "9223372036854775808.0", " wrong_type integer"},
    {"{\"type\":\"number\"}", "1e300", ""},
    {"{\"type\":[\"string\",\"null\"]}", "null", ""},
    {"{\"type\":[\"string\",\"null\"]}", "false", " wrong_type string, null"},
    {"{\"type\":\"boolean\"}", "0", " wrong_type boolean"},
    {"{}", "[1,{\"a\":null}]", ""},
    /* strings */
    {"{\"type\":\"string\",\"maxLength\":3}", "\"日本語\"", ""},
    {"{\"type\":\"string\",\"maxLength\":2}", "\"日本語\"", " too_long 2"},
    {"{\"type\":\"string\",\"minLength\":2}", "\"日\"", " too_short 2"},
    {"{\"type\":\"string\",\"minLength\":1}", "\"\"", " too_short 1"},
    {"{\"type\":\"string\",\"maxLength\":1}", "\"😀\"", ""},
    {"{\"pattern\":\"^[a-z]+$\"}", "\"ab\\nc\"", " pattern_mismatch ^[a-z]+$"},
    {"{\"pattern\":\"b\"}", "\"abc\"", ""},
    {"{\"pattern\":\"^[?+*]+\\\\+\\\\{[]a]{2}$\"}", "\"?+{]a\"", ""},
    {"{\"enum\":[\"ja\",\"en\"]}", "\"fr\"", " not_in_list ja, en"},
    {"{\"enum\":[1,null]}", "1.0", ""},
    {"{\"const\":{\"a\":[1]}}", "{\"a\":[1.0]}", ""},
    {"{\"const\":\"x\"}", "\"y\"", " not_in_list x"},
    /* NUL */
    {"{\"type\":\"string\"}", "\"a\\u0000b\"", " bad_format"},
    {"{}", "{\"a\":[{\"b\":\"\\u0000\"}]}", "/a/0/b bad_format"},
    {"{\"allOf\":[{},{\"type\":\"object\"}]}", "{\"a\":\"\\u0000\"}", "/a bad_format"},
    {"{\"additionalProperties\":{\"type\":\"string\"}}", "{\"a\":\"\\u0000\"}",
     "/a bad_format"},
    /* numbers */
    {"{\"minimum\":1,\"maximum\":5}", "0", " too_small 1"},
    {"{\"minimum\":1,\"maximum\":5}", "5.5", " too_large 5"},
    {"{\"exclusiveMinimum\":0}", "0", " not_above 0"},
    {"{\"exclusiveMaximum\":1}", "1.0", " not_below 1"},
    {"{\"maximum\":9007199254740992}", "9007199254740993", " too_large 9007199254740992"},
    {"{\"multipleOf\":5}", "12", " not_a_multiple 5"},
    {"{\"multipleOf\":0.1}", "0.3", ""},
    {"{\"multipleOf\":0.1}", "0.35", " not_a_multiple 0.10000000000000001"},
    /* arrays */
    {"{\"minItems\":1}", "[]", " too_few_items 1"},
    {"{\"maxItems\":1}", "[1,2]", " too_many_items 1"},
    {"{\"uniqueItems\":true}", "[1,2,1.0]", " not_unique"},
    {"{\"uniqueItems\":true}", "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]", " not_unique"},
    {"{\"uniqueItems\":true}",
     "[{\"a\":1,\"b\":2},{\"a\":2,\"b\":1},{\"a\":1},1,\"1\",[1]]", ""},
    {"{\"items\":{\"type\":\"integer\"}}", "[1,\"2\",3,null]",
     "/1 wrong_type integer; /3 wrong_type integer"},
    /* objects */
    {"{\"required\":[\"b\",\"a\"],\"properties\":{\"c\":{\"type\":\"null\"}}}",
     "{\"c\":1}", "/b required; /a required; /c wrong_type null"},
    {"{\"additionalProperties\":false,\"properties\":{\"a/b\":{\"type\":\"null\"}}}",
     "{\"a/b\":1,\"~\":2}", "/a~1b wrong_type null; /~0 unknown_member"},
    {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "/b required_with a"},
    {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"c\":1}", ""},
    {"{\"additionalProperties\":{\"type\":\"integer\"}}", "{\"a\":1,\"b\":\"\"}",
     "/b wrong_type integer"},
    {"{\"$ref\":\"#/components/schemas/Tree\"}",
     "{\"nodes\":[{\"name\":\"long\"},{\"name\":\"\",\"x\":1}],\"name\":5}",
     "/nodes/0/name too_long 3; /nodes/1/name too_short 1; /nodes/1/x unknown_member; "
     "/name wrong_type string"},
    /* order of the value although branches look twice; the same error counts once */
    {"{\"allOf\":[{\"properties\":{\"b\":{\"type\":\"null\"}}},"
     "{\"properties\":{\"a\":{\"type\":\"null\"},\"b\":{\"type\":\"null\"}}}]}",
     "{\"a\":1,\"b\":2}", "/a wrong_type null; /b wrong_type null"},
    /* branches */
    {"{\"anyOf\":[{\"type\":\"null\"},{\"type\":\"string\",\"maxLength\":1}]}", "\"ab\"",
     " too_long 1"},
    {"{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"string\"}]}", "true",
     " no_variant_matches"},
    {"{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}", "1",
     " several_variants_match"},
    {"{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}", "1.5", ""},
    {"{\"oneOf\":[{\"properties\":{\"kind\":{\"const\":\"a\"},\"x\":{\"type\":\"null\"}}}"
     ","
     "{\"properties\":{\"kind\":{\"const\":\"b\"},\"x\":{\"type\":\"string\"}}}]}",
     "{\"kind\":\"b\",\"x\":1}", "/x wrong_type string"},
    {"{\"allOf\":[{\"minimum\":3},{\"maximum\":1}]}", "2", " too_small 3;  too_large 1"},
    {"{\"$ref\":\"#/components/schemas/Name\",\"maxLength\":2}", "\"abc\"",
     " too_long 2"},
};

START_TEST(errors_are_all_named_in_the_order_of_the_value)
{
    ck_assert_str_eq(errors_of(values[_i].schema, values[_i].value), values[_i].errors);
}
END_TEST

static const struct {
    const char *schema;
    const char *error; /* how it begins */
} refused[] = {
    {"{\"minLenght\":1}", "#/x: unknown keyword minLenght"},
    {"{\"properties\":{\"a\":{\"nullable\":true}}}",
     "#/x/properties/a: unknown keyword nullable"},
    {"{\"type\":\"text\"}", "#/x/type: unknown type text"},
    {"{\"type\":[]}", "#/x/type: names no type"},
    {"{\"format\":\"hostname\"}", "#/x/format: unknown format hostname"},
    {"{\"pattern\":\"(\"}", "#/x/pattern: must be"},
    {"{\"pattern\":\"^\\\\d+$\"}", "#/x/pattern: must be"},
    {"{\"pattern\":\"(?:a)\"}", "#/x/pattern: must be"},
    {"{\"pattern\":\"a++\"}", "#/x/pattern: must be"},
    {"{\"pattern\":\"((a{1,200}){1,200}){9}\"}", "#/x/pattern: must be"},
    {"{\"pattern\":\"((((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+)+)\"}",
     "#/x/pattern: must be"},
    {"{\"pattern\":\"a{1000000000}\"}", "#/x/pattern: must be"},
    {"{\"pattern\":\"a\\\\\"}", "#/x/pattern: must be"},
    {"{\"$ref\":\"#/components/schemas/No\"}", "#/x/$ref: leads nowhere"},
    {"{\"$ref\":\"https://example.com/s\"}", "#/x/$ref: leads nowhere"},
    {"{\"$ref\":\"#/components/schemas/Loop\"}",
     "#/components/schemas/Loop/allOf/0: refers to itself"},
    {"{\"items\":{\"minItems\":-1}}", "#/x/items/minItems: must be"},
    {"{\"maxLength\":1.5}", "#/x/maxLength: must be"},
    {"{\"minLength\":2,\"maxLength\":1}", "#/x: minLength is above"},
    {"{\"minimum\":\"1\"}", "#/x/minimum: must be"},
    {"{\"multipleOf\":0}", "#/x/multipleOf: must be greater"},
    {"{\"enum\":[]}", "#/x/enum: must be"},
    {"{\"enum\":[1,1.0]}", "#/x/enum: names a value twice"},
    {"{\"type\":\"string\",\"enum\":[\"a\",true]}", "#/x: enum value 1"},
    {"{\"required\":[\"a\"],\"additionalProperties\":false}", "#/x: required member a"},
    {"{\"required\":[\"a\",\"a\"]}", "#/x/required: must be"},
    {"{\"oneOf\":[]}", "#/x/oneOf: must be"},
    {"{\"anyOf\":[true]}", "#/x/anyOf/0: a schema must be"},
    {"{\"uniqueItems\":1}", "#/x/uniqueItems: must be"},
    {"{\"dependentRequired\":{\"a\":\"b\"}}", "#/x/dependentRequired: must be"},
    {"[]", "#/x: a schema must be an object"},
};

START_TEST(what_is_not_understood_is_refused_with_its_place)
{
    const char *error = NULL;
    json_t *document = parse(document_text), *node = parse(refused[_i].schema);
    ck_assert_ptr_null(schema_compile(document, node, "#/x", &error));
    ck_assert_ptr_nonnull(error);
    ck_assert_msg(strncmp(error, refused[_i].error, strlen(refused[_i].error)) == 0,
                  "got %s, expected %s", error, refused[_i].error);
    free((void *)(uintptr_t)error);
    json_decref(document);
    json_decref(node);
}
END_TEST

/* ---- parameters ---- */

static const struct {
    const char *schema;
    const char *text;
    const char *value; /* NULL = can not be that type */
} texts[] = {
    {"{\"type\":\"integer\"}", "5", "5"},
    {"{\"type\":\"integer\"}", "-5", "-5"},
    {"{\"type\":\"integer\"}", "05", NULL},
    {"{\"type\":\"integer\"}", "+5", NULL},
    {"{\"type\":\"integer\"}", " 5", NULL},
    {"{\"type\":\"integer\"}", "5x", NULL},
    {"{\"type\":\"integer\"}", "", NULL},
    {"{\"type\":\"integer\"}", "9223372036854775807", "9223372036854775807"},
    {"{\"type\":\"integer\"}", "9223372036854775808", NULL},
    {"{\"type\":\"number\"}", "1.5", "1.5"},
    {"{\"type\":\"number\"}", "1e400", NULL},
    {"{\"type\":\"number\"}", "nan", NULL},
    {"{\"type\":\"number\"}", "0x10", NULL},
    {"{\"type\":\"boolean\"}", "true", "true"},
    {"{\"type\":\"boolean\"}", "1", NULL},
    {"{\"type\":\"string\"}", "5", "\"5\""},
    {"{\"type\":[\"integer\",\"string\"]}", "x", "\"x\""},
    {"{\"enum\":[1,2]}", "2", "2"},
    {"{\"$ref\":\"#/components/schemas/Name\"}", "ab", "\"ab\""},
};

static const struct schema *compile(struct schema_pool *pool, const json_t *node)
{
    const char *error = NULL;
    const struct schema *schema = schema_pool_compile(pool, node, "#", &error);
    ck_assert_msg(schema, "%s", error);
    return schema;
}

START_TEST(a_text_becomes_the_type_its_schema_asks_for)
{
    json_t *document = parse(document_text), *node = parse(texts[_i].schema);
    struct schema_pool *pool = schema_pool_new(document);
    json_t *value = schema_parse_text(compile(pool, node), texts[_i].text);
    ck_assert_int_eq(value != NULL, texts[_i].value != NULL);
    if (value) {
        json_t *expect = parse(texts[_i].value);
        ck_assert(json_equal(value, expect));
        json_decref(expect);
    }
    json_decref(value);
    schema_pool_destroy(pool);
    json_decref(document);
    json_decref(node);
}
END_TEST

static const struct {
    const char *schema;
    const char *text;
    const char *errors;
} parameters[] = {
    {"{\"type\":\"integer\",\"minimum\":1,\"maximum\":200}", "200", ""},
    {"{\"type\":\"integer\",\"minimum\":1,\"maximum\":200}", "201", "p too_large 200"},
    {"{\"type\":\"integer\",\"minimum\":1,\"maximum\":200}", "many",
     "p wrong_type integer"},
    {"{\"type\":\"string\",\"format\":\"uuid\"}", "x", "p bad_format uuid"},
    {"{\"type\":\"string\",\"enum\":[\"a\",\"-a\"]}", "-a", ""},
    {"{\"type\":\"string\",\"enum\":[\"a\",\"-a\"]}", "b", "p not_in_list a, -a"},
    {"{\"$ref\":\"#/components/schemas/Name\"}", "abcd", "p too_long 3"},
    {"{\"type\":\"boolean\"}", "yes", "p wrong_type boolean"},
};

START_TEST(a_wrong_parameter_is_named_by_its_name)
{
    json_t *document = parse(document_text), *node = parse(parameters[_i].schema);
    struct schema_pool *pool = schema_pool_new(document);
    struct problem problem = {.code = PROBLEM_NONE};
    bool good = schema_check_text(compile(pool, node), parameters[_i].text, "query", "p",
                                  arena, &problem);
    ck_assert_str_eq(described(&problem), parameters[_i].errors);
    ck_assert_int_eq(good, *parameters[_i].errors == '\0');
    schema_pool_destroy(pool);
    json_decref(document);
    json_decref(node);
}
END_TEST

START_TEST(default_and_node_are_found_behind_a_reference)
{
    json_t *document = parse(document_text);
    json_t *node = parse("{\"$ref\":\"#/components/schemas/Name\"}");
    struct schema_pool *pool = schema_pool_new(document);
    const struct schema *schema = compile(pool, node);
    ck_assert_str_eq(json_string_value(schema_default(schema)), "x");
    ck_assert_ptr_nonnull(json_object_get(schema_node(schema), "maxLength"));
    schema_pool_destroy(pool);
    json_decref(document);
    json_decref(node);
}
END_TEST

START_TEST(a_hundred_errors_are_enough)
{
    struct text value _text_auto_ = {0};
    text_addc(&value, '[');
    for (int i = 0; i < 500; i++)
        text_adds(&value, i ? ",0" : "0");
    text_addc(&value, ']');
    const char *errors = errors_of("{\"items\":{\"type\":\"null\"}}", value.data);
    ck_assert_ptr_nonnull(strstr(errors, "/99 wrong_type"));
    ck_assert_ptr_null(strstr(errors, "/100 wrong_type"));
}
END_TEST

START_TEST(a_hundred_thousand_items_are_compared_quickly)
{
    struct text value _text_auto_ = {0};
    text_addc(&value, '[');
    for (int i = 0; i < 100000; i++)
        text_addf(&value, "%s{\"a\":%d}", i ? "," : "", i);
    text_addc(&value, ']');
    ck_assert_str_eq(errors_of("{\"uniqueItems\":true}", value.data), "");
}
END_TEST

#define LOOP(test, fn, table)                                                            \
    tcase_add_loop_test(test, fn, 0, sizeof(table) / sizeof *(table))

static TCase *cases(void)
{
    TCase *test = tcase_create("schema");
    tcase_add_checked_fixture(test, setup, teardown);
    LOOP(test, errors_are_all_named_in_the_order_of_the_value, values);
    LOOP(test, what_is_not_understood_is_refused_with_its_place, refused);
    LOOP(test, a_text_becomes_the_type_its_schema_asks_for, texts);
    LOOP(test, a_wrong_parameter_is_named_by_its_name, parameters);
    tcase_add_test(test, default_and_node_are_found_behind_a_reference);
    tcase_add_test(test, a_hundred_errors_are_enough);
    tcase_add_test(test, a_hundred_thousand_items_are_compared_quickly);
    return test;
}

int main(void)
{
    Suite *suite = suite_create("schema");
    suite_add_tcase(suite, cases());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
