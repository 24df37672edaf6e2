/* Reads lines {"schema": ..., "value": ...} (with "components" beside them for $ref) and answers each with a line of JSON:
 * {"refused": "why"} when the schema does not compile, else {"errors": [[pointer, code, limit or null], ...]}. */
#include "api/schema.h"

#include <stdio.h>
#include <stdlib.h>

static json_t *errors_of(const struct schema *schema, const json_t *value)
{
    struct arena *arena = arena_new();
    struct problem problem = {.code = PROBLEM_NONE};
    json_t *errors = json_array();
    schema_check(schema, value, "body", "", arena, &problem);
    for (const struct field_error *error = problem.errors; error; error = error->next)
        json_array_append_new(
            errors, json_pack("[s,s,s?]", error->pointer, error->code, error->limit));
    arena_destroy(arena);
    return json_pack("{s:o}", "errors", errors);
}

static json_t *answer(const json_t *question)
{
    const char *error = NULL;
    struct schema_pool *pool = schema_pool_new(question);
    const struct schema *schema = schema_pool_compile(
        pool, json_object_get(question, "schema"), "#/schema", &error);
    json_t *reply = schema ? errors_of(schema, json_object_get(question, "value"))
                           : json_pack("{s:s}", "refused", error);
    free((void *)(uintptr_t)error);
    schema_pool_destroy(pool);
    return reply;
}

static void answer_line(const char *line, size_t len)
{
    json_error_t error;
    json_t *question = json_loadb(line, len, JSON_ALLOW_NUL, &error);
    json_t *reply =
        question ? answer(question) : json_pack("{s:s}", "unread", error.text);
    json_dumpf(reply, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
    (void)putchar('\n');
    (void)fflush(stdout);
    json_decref(reply);
    json_decref(question);
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t len; (len = getline(&line, &capacity, stdin)) > 0;)
        answer_line(line, (size_t)len);
    free(line);
    return EXIT_SUCCESS;
}
