/* Reads the parameters of an operation and finds those that the shell itself understands. */
#include "contract_internal.h"

#include <string.h>

static const char *const parameter_members[] = {
    "name", "in", "required", "description", "deprecated", "schema", "examples", NULL};
static const char *const places[] = {"path", "query", "header"};

static const struct parameter *find_parameter(const struct operation *operation,
                                              const char *in, const char *name)
{
    for (int i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if ((!in || strcmp(parameter->in, in) == 0) && strcmp(parameter->name, name) == 0)
            return parameter;
    }
    return NULL;
}

static const char *find_place(const char *in)
{
    for (size_t i = 0; in && i < sizeof places / sizeof *places; i++) {
        if (strcmp(places[i], in) == 0)
            return places[i];
    }
    return NULL;
}

static bool named_in_path(const struct leaf *leaf, const char *name)
{
    for (int i = 0; i < leaf->name_count; i++) {
        if (strcmp(leaf->names[i], name) == 0)
            return true;
    }
    return false;
}

/* Of one parameter: its name and place; statements bind by name, so a name stands for one parameter only. */
static bool read_place(struct loader *loader, const json_t *node,
                       struct operation *operation, const struct leaf *leaf,
                       struct parameter *ret)
{
    const char *in = json_string_value(json_object_get(node, "in"));
    ret->name = json_string_value(json_object_get(node, "name"));
    ret->in = find_place(in);
    ret->required = json_is_true(json_object_get(node, "required"));
    if (!ret->name || !*ret->name)
        return load_fail(loader, "a parameter has no name");
    if (!ret->in)
        return load_fail(loader, "parameter %s: in must be path, query or header",
                         ret->name);
    if (find_parameter(operation, NULL, ret->name))
        return load_fail(loader, "parameter %s is declared twice", ret->name);
    if (strcmp(ret->in, "path") != 0)
        return true;
    if (!named_in_path(leaf, ret->name))
        return load_fail(loader, "parameter %s: the path has no {%s}", ret->name,
                         ret->name);
    return ret->required ||
           load_fail(loader, "parameter %s: a path parameter is required", ret->name);
}

/* The text of a parameter is one string, number or truth value. */
static bool is_scalar(const struct schema *schema)
{
    const json_t *type = json_object_get(schema_node(schema), "type");
    for (size_t i = 0; i <= json_array_size(type); i++) {
        const json_t *each = json_is_array(type) ? json_array_get(type, i) : type;
        const char *name = json_string_value(each);
        if (name && (strcmp(name, "array") == 0 || strcmp(name, "object") == 0))
            return false;
    }
    return true;
}

static bool read_parameter(struct loader *loader, const json_t *node, const char *pointer,
                           struct operation *operation, const struct leaf *leaf)
{
    struct parameter parameter = {.name = NULL};
    node = load_deref(loader, node, &pointer);
    if (!node || !load_known_members(loader, node, "parameter", parameter_members) ||
        !read_place(loader, node, operation, leaf, &parameter))
        return false;
    parameter.schema = load_schema(loader, json_object_get(node, "schema"),
                                   load_child(loader, pointer, "schema"));
    if (!parameter.schema)
        return false;
    if (!is_scalar(parameter.schema))
        return load_fail(loader, "parameter %s: arrays and objects are not supported",
                         parameter.name);
    ((struct parameter *)(uintptr_t)operation->parameters)[operation->parameter_count++] =
        parameter;
    return true;
}

static bool read_list(struct loader *loader, const json_t *owner, const char *pointer,
                      struct operation *operation, const struct leaf *leaf)
{
    const json_t *list = json_object_get(owner, "parameters");
    pointer = load_child(loader, pointer, "parameters");
    if (list && !json_is_array(list))
        return load_fail(loader, "parameters must be a list");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *index = arena_printf(loader->contract->arena, "%zu", i);
        if (!read_parameter(loader, json_array_get(list, i),
                            load_child(loader, pointer, index), operation, leaf))
            return false;
    }
    return true;
}

static bool check_path_names(struct loader *loader, const struct operation *operation,
                             const struct leaf *leaf)
{
    for (int i = 0; i < leaf->name_count; i++) {
        if (!find_parameter(operation, "path", leaf->names[i]))
            return load_fail(loader, "no path parameter declares {%s}", leaf->names[i]);
    }
    return true;
}

/* ---- parameters with a meaning for the shell ---- */

static bool read_page(struct loader *loader, struct operation *operation)
{
    const struct parameter *limit = find_parameter(operation, "query", "limit");
    const struct parameter *after = find_parameter(operation, "query", "after");
    if (!limit && !after)
        return true;
    if (!limit || !after)
        return load_fail(loader, "limit and after belong together");
    const json_t *most = json_object_get(schema_node(limit->schema), "maximum");
    const json_t *usual = schema_default(limit->schema);
    if (!json_is_integer(most) || !json_is_integer(usual))
        return load_fail(loader, "limit needs an integer maximum and default");
    operation->has_page = true;
    operation->max_limit = json_integer_value(most);
    operation->default_limit = json_integer_value(usual);
    return true;
}

static bool read_sort(struct loader *loader, struct operation *operation)
{
    const struct parameter *sort = find_parameter(operation, "query", "sort");
    if (!sort)
        return true;
    const json_t *values = json_object_get(schema_node(sort->schema), "enum");
    size_t count = json_array_size(values);
    operation->default_sort = json_string_value(schema_default(sort->schema));
    if (count == 0 || !operation->default_sort)
        return load_fail(loader, "sort needs an enum and a default");
    const char **sorts =
        arena_alloc(loader->contract->arena, (count + 1) * sizeof(const char *));
    bool has_default = false;
    for (size_t i = 0; i < count; i++) {
        sorts[i] = json_string_value(json_array_get(values, i));
        if (!sorts[i])
            return load_fail(loader, "sort: every value must be a text");
        has_default = has_default || strcmp(sorts[i], operation->default_sort) == 0;
    }
    operation->sorts = sorts;
    return has_default || load_fail(loader, "sort: the default is not in the enum");
}

bool load_parameters(struct loader *loader, const json_t *item, const char *item_pointer,
                     const char *method_name, struct operation *operation,
                     const struct leaf *leaf)
{
    const json_t *node = json_object_get(item, method_name);
    size_t most = json_array_size(json_object_get(item, "parameters")) +
                  json_array_size(json_object_get(node, "parameters")) + 1;
    operation->parameters =
        arena_alloc(loader->contract->arena, most * sizeof(struct parameter));
    if (!read_list(loader, item, item_pointer, operation, leaf) ||
        !read_list(loader, node, load_child(loader, item_pointer, method_name), operation,
                   leaf) ||
        !check_path_names(loader, operation, leaf))
        return false;
    operation->has_if_match = find_parameter(operation, "header", "If-Match") != NULL;
    operation->has_idempotency_key =
        find_parameter(operation, "header", "Idempotency-Key") != NULL;
    operation->has_as_of = find_parameter(operation, "query", "as_of") != NULL;
    return read_page(loader, operation) && read_sort(loader, operation);
}
