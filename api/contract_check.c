/* Checks the parameters of a request against its operation. */
#include "contract_internal.h"

#include <string.h>

/* The ladder answers these itself: their absence or form has a status of its own (428, 412, 304). */
static bool is_conditional(const char *name)
{
    return strcmp(name, "If-Match") == 0 || strcmp(name, "If-None-Match") == 0;
}

static const char *path_value(const struct path_match *path, const char *name)
{
    for (int i = 0; i < path->count; i++) {
        if (strcmp(path->names[i], name) == 0)
            return path->values[i];
    }
    return "";
}

/* What is wrong with an id is nobody's business: there is no such thing. */
static bool check_path(const struct operation *operation, struct arena *arena,
                       const struct path_match *path)
{
    struct problem unseen = {.code = PROBLEM_NONE};
    for (int i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if (strcmp(parameter->in, "path") == 0 &&
            !schema_check_text(parameter->schema, path_value(path, parameter->name),
                               "path", parameter->name, arena, &unseen))
            return false;
    }
    return true;
}

static const struct parameter *find_query_parameter(const struct operation *operation,
                                                    const char *name)
{
    for (int i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if (strcmp(parameter->in, "query") == 0 && strcmp(parameter->name, name) == 0)
            return parameter;
    }
    return NULL;
}

static const char *known_names(const struct operation *operation, struct arena *arena)
{
    const char *names = NULL;
    for (int i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if (strcmp(parameter->in, "query") == 0)
            names = names ? arena_printf(arena, "%s, %s", names, parameter->name)
                          : parameter->name;
    }
    return names;
}

static void check_given(const struct operation *operation, struct arena *arena,
                        const struct query *query, struct problem *problem)
{
    for (int i = 0; i < query->count; i++) {
        const struct parameter *parameter =
            find_query_parameter(operation, query->names[i]);
        if (parameter)
            schema_check_text(parameter->schema, query->values[i], "query",
                              parameter->name, arena, problem);
        else
            problem_add(arena, problem, "query", query->names[i], "unknown_parameter",
                        known_names(operation, arena));
    }
}

static bool was_given(const struct query *query, const char *name)
{
    for (int i = 0; i < query->count; i++) {
        if (strcmp(query->names[i], name) == 0)
            return true;
    }
    return false;
}

static void check_missing(const struct operation *operation, struct arena *arena,
                          const struct query *query, struct problem *problem)
{
    for (int i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if (parameter->required && strcmp(parameter->in, "query") == 0 &&
            !was_given(query, parameter->name))
            problem_add(arena, problem, "query", parameter->name, "required", NULL);
    }
}

static void check_header(const struct parameter *parameter, const char *value,
                         struct arena *arena, struct problem *problem)
{
    bool keyed = strcmp(parameter->name, "Idempotency-Key") == 0;
    if (value && !utf8_valid(value, strlen(value)))
        problem_add(arena, problem, "header", parameter->name, "bad_format", NULL);
    else if (value)
        schema_check_text(parameter->schema, value, "header", parameter->name, arena,
                          problem);
    else if (parameter->required && !keyed)
        problem_add(arena, problem, "header", parameter->name, "required", NULL);
}

bool contract_check_parameters(const struct operation *operation, struct arena *arena,
                               const struct path_match *path, const struct query *query,
                               const char *(*header)(void *arg, const char *name),
                               void *arg, struct problem *problem)
{
    int before = problem->error_count;
    if (!check_path(operation, arena, path)) {
        problem->code = PROBLEM_NOT_FOUND;
        return false;
    }
    check_given(operation, arena, query, problem);
    check_missing(operation, arena, query, problem);
    for (int i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if (strcmp(parameter->in, "header") == 0 && !is_conditional(parameter->name))
            check_header(parameter, header(arg, parameter->name), arena, problem);
    }
    if (problem->error_count > before)
        problem->code = PROBLEM_INVALID_PARAMETERS;
    return problem->error_count == before;
}
