/* "schema LF value": compiling a schema and checking a value never crashes; a refusal says why, an error has a known code, and a
 * checked value is good exactly when no error was added. */
#include "api/schema.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FLAGS = JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, MOST = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct schema *schema, const json_t *value)
{
    struct arena *arena = arena_new();
    struct problem problem = {.code = PROBLEM_UNPROCESSABLE};
    struct text out _text_auto_ = {0};
    bool good = schema_check(schema, value, "body", "", arena, &problem);
    assert(good == (problem.error_count == 0));
    for (const struct field_error *error = problem.errors; error; error = error->next)
        assert(problem_field_code_known(error->code));
    problem_write(&out, &problem, LANGUAGE_JA, "fuzz");
    json_t *written =
        json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    assert(written);
    json_decref(written);
    if (json_is_string(value))
        json_decref(schema_parse_text(schema, json_string_value(value)));
    arena_destroy(arena);
}

static void compile_and_check(const json_t *document, const json_t *value)
{
    const char *error = NULL;
    struct schema_pool *pool = schema_pool_new(document);
    const struct schema *schema = schema_pool_compile(pool, document, "#", &error);
    assert((schema == NULL) == (error != NULL));
    if (schema && value)
        check(schema, value);
    free((void *)(uintptr_t)error);
    schema_pool_destroy(pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    if (!end || size > MOST)
        return 0;
    size_t head = (size_t)(end - data);
    json_t *document = json_loadb((const char *)data, head, FLAGS, NULL);
    json_t *value = json_loadb((const char *)end + 1, size - head - 1, FLAGS, NULL);
    if (document)
        compile_and_check(document, value);
    json_decref(document);
    json_decref(value);
    return 0;
}
