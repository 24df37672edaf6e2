/* "path?query LF content type LF body" against the real contract: routing, decoding and checking never crash, what they refuse has an
 * error status, and decoded values are UTF-8 without NUL. */
#include "api/contract.h"
#include "api/embedded.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct contract *contract;

static struct contract *loaded(void)
{
    const char *error = NULL;
    if (!contract)
        contract = contract_load(contract_json, contract_json_len, &error);
    if (!contract) {
        (void)fprintf(stderr, "%s\n", error);
        abort();
    }
    return contract;
}

static const char *find_header(void *arg, const char *name)
{
    (void)name;
    return arg;
}

static void assert_text(const char *text)
{
    json_t *string = json_string(text);
    assert(string);
    json_decref(string);
}

static void assert_refused(const struct problem *problem)
{
    assert(problem->code != PROBLEM_NONE && problem_status(problem->code) < 500);
    for (const struct field_error *error = problem->errors; error; error = error->next)
        assert(problem_field_code_known(error->code));
}

static void check_query(struct arena *arena, const struct operation *operation,
                        const struct path_match *match, const char *text, char *header)
{
    struct problem problem = {.code = PROBLEM_NONE};
    struct query query;
    if (!query_parse(arena, text, &query))
        return;
    for (int i = 0; i < query.count; i++) {
        assert_text(query.names[i]);
        assert_text(query.values[i]);
    }
    if (!contract_check_parameters(operation, arena, match, &query, find_header, header,
                                   &problem))
        assert_refused(&problem);
}

static void check_body(struct arena *arena, const struct operation *operation,
                       const char *body, size_t len)
{
    struct problem problem = {.code = PROBLEM_NONE};
    json_t *value = NULL;
    if (!contract_check_body(operation, arena, operation->body_media_type, body, len,
                             &problem, &value))
        assert_refused(&problem);
}

static void check_operation(struct arena *arena, const char *method, char *const lines[3],
                            size_t body_len)
{
    struct path_match match = {.operation = NULL};
    char *query = strchr(lines[0], '?');
    const char *path = arena_strndup(arena, lines[0], strcspn(lines[0], "?"));
    enum contract_match found = contract_route(loaded(), arena, method, path, &match);
    assert((found == CONTRACT_FOUND) == (match.operation != NULL));
    if (found != CONTRACT_FOUND)
        return;
    for (int i = 0; i < match.count; i++)
        assert_text(match.values[i]);
    check_query(arena, match.operation, &match, query ? query + 1 : "", lines[1]);
    check_body(arena, match.operation, lines[2], body_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    char *text = arena_strndup(arena, (const char *)data, size);
    char *lines[3] = {text, NULL, NULL};
    for (int i = 1; i < 3 && lines[i - 1]; i++) {
        char *end = strchr(lines[i - 1], '\n');
        if (end)
            *end++ = '\0';
        lines[i] = end;
    }
    if (lines[2]) {
        size_t body_len = size - (size_t)(lines[2] - text);
        check_operation(arena, "GET", lines, body_len);
        check_operation(arena, "POST", lines, body_len);
        check_operation(arena, "PATCH", lines, body_len);
    }
    arena_destroy(arena);
    return 0;
}
