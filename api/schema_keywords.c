/* One table of keywords: what is not in it is refused. Each row reads its keyword into the compiled schema. */
#include "schema_internal.h"

#include <stdlib.h>
#include <string.h>

/* A keyword being read: its value stands at pointer. */
struct keyword {
    struct schema_pool *pool;
    struct schema *schema;
    const char *name;
    const json_t *value;
    const char *pointer;
};

static bool fail(const struct keyword *k, const char *said)
{
    return schema_fail(k->pool, k->pointer, "%s", said);
}

static const struct schema *enter_child(const struct keyword *k, const json_t *node,
                                        const char *name)
{
    return schema_enter(k->pool, node, schema_child(k->pool, k->pointer, name));
}

/* ---- any type ---- */

static const struct {
    const char *name;
    unsigned bits;
} type_names[] = {
    {"null", TYPE_NULL},     {"boolean", TYPE_BOOLEAN}, {"integer", TYPE_INTEGER},
    {"number", TYPE_NUMBER}, {"string", TYPE_STRING},   {"array", TYPE_ARRAY},
    {"object", TYPE_OBJECT},
};

static bool add_type(const struct keyword *k, const json_t *name)
{
    const char *text = json_string_value(name);
    for (size_t i = 0; text && i < sizeof type_names / sizeof *type_names; i++) {
        if (strcmp(type_names[i].name, text) == 0) {
            k->schema->types |= type_names[i].bits;
            return true;
        }
    }
    return schema_fail(k->pool, k->pointer, "unknown type %s",
                       schema_value_text(k->pool, name));
}

static bool read_type(const struct keyword *k)
{
    k->schema->types = 0;
    if (!json_is_array(k->value)) {
        k->schema->types_text = schema_value_text(k->pool, k->value);
        return add_type(k, k->value);
    }
    if (json_array_size(k->value) == 0)
        return fail(k, "names no type");
    for (size_t i = 0; i < json_array_size(k->value); i++) {
        if (!add_type(k, json_array_get(k->value, i)))
            return false;
    }
    k->schema->types_text = schema_list_text(k->pool, k->value);
    return true;
}

static bool read_enum(const struct keyword *k)
{
    if (json_array_size(k->value) == 0)
        return fail(k, "must be a list of values");
    if (schema_has_duplicates(k->value, k->pool->arena))
        return fail(k, "names a value twice");
    k->schema->enumeration = k->value;
    k->schema->enumeration_text = schema_list_text(k->pool, k->value);
    return true;
}

static bool read_const(const struct keyword *k)
{
    k->schema->constant = k->value;
    k->schema->constant_text = schema_value_text(k->pool, k->value);
    return true;
}

static bool read_ref(const struct keyword *k)
{
    const char *reference = json_string_value(k->value);
    const json_t *node = reference && strncmp(reference, "#/components/", 13) == 0
                             ? schema_resolve(k->pool->document, reference)
                             : NULL;
    if (!node)
        return schema_fail(k->pool, k->pointer, "leads nowhere: %s",
                           schema_value_text(k->pool, k->value));
    k->schema->composed = true;
    k->schema->ref = schema_enter(k->pool, node, reference);
    return k->schema->ref != NULL;
}

static bool read_branches(const struct keyword *k, struct branches *ret)
{
    size_t count = json_array_size(k->value);
    if (count == 0)
        return fail(k, "must be a list of schemas");
    ret->schemas = arena_alloc(k->pool->arena, count * sizeof(struct schema *));
    for (size_t i = 0; i < count; i++) {
        const char *index = arena_printf(k->pool->arena, "%zu", i);
        ret->schemas[i] = enter_child(k, json_array_get(k->value, i), index);
        if (!ret->schemas[i])
            return false;
    }
    ret->count = count;
    k->schema->composed = true;
    return true;
}

static bool read_one_of(const struct keyword *k)
{
    return read_branches(k, &k->schema->one_of);
}

static bool read_any_of(const struct keyword *k)
{
    return read_branches(k, &k->schema->any_of);
}

static bool read_all_of(const struct keyword *k)
{
    return read_branches(k, &k->schema->all_of);
}

/* ---- strings ---- */

static bool read_count(const struct keyword *k, struct count *ret)
{
    if (!json_is_integer(k->value) || json_integer_value(k->value) < 0)
        return fail(k, "must be a whole number from 0 on");
    ret->value = (size_t)json_integer_value(k->value);
    ret->text = schema_value_text(k->pool, k->value);
    return true;
}

static bool read_min_length(const struct keyword *k)
{
    return read_count(k, &k->schema->min_length);
}

static bool read_max_length(const struct keyword *k)
{
    return read_count(k, &k->schema->max_length);
}

static bool read_pattern(const struct keyword *k)
{
    const char *text = json_string_value(k->value);
    if (!text || strlen(text) != json_string_length(k->value))
        return fail(k, "must be a text");
    k->schema->pattern_text = text;
    k->schema->pattern = schema_pattern_compile(k->pool->arena, text);
    return k->schema->pattern ||
           schema_fail(
               k->pool, k->pointer,
               "must be a POSIX extended regular expression without \\d, \\w, (?...): %s",
               text);
}

static bool read_format(const struct keyword *k)
{
    const char *name = json_string_value(k->value);
    k->schema->format = name ? schema_format_find(name) : NULL;
    return k->schema->format || schema_fail(k->pool, k->pointer, "unknown format %s",
                                            schema_value_text(k->pool, k->value));
}

/* ---- numbers ---- */

static bool read_bound(const struct keyword *k, struct bound *ret)
{
    if (!json_is_number(k->value))
        return fail(k, "must be a number");
    ret->value = json_is_integer(k->value) ? (long double)json_integer_value(k->value)
                                           : (long double)json_real_value(k->value);
    ret->text = schema_value_text(k->pool, k->value);
    return true;
}

static bool read_minimum(const struct keyword *k)
{
    return read_bound(k, &k->schema->minimum);
}

static bool read_maximum(const struct keyword *k)
{
    return read_bound(k, &k->schema->maximum);
}

static bool read_above(const struct keyword *k)
{
    return read_bound(k, &k->schema->above);
}

static bool read_below(const struct keyword *k)
{
    return read_bound(k, &k->schema->below);
}

static bool read_multiple(const struct keyword *k)
{
    if (!read_bound(k, &k->schema->multiple))
        return false;
    return k->schema->multiple.value > 0 || fail(k, "must be greater than 0");
}

/* ---- arrays ---- */

static bool read_items(const struct keyword *k)
{
    k->schema->items = schema_enter(k->pool, k->value, k->pointer);
    return k->schema->items != NULL;
}

static bool read_min_items(const struct keyword *k)
{
    return read_count(k, &k->schema->min_items);
}

static bool read_max_items(const struct keyword *k)
{
    return read_count(k, &k->schema->max_items);
}

static bool read_unique(const struct keyword *k)
{
    k->schema->unique = json_is_true(k->value);
    return json_is_boolean(k->value) || fail(k, "must be true or false");
}

/* ---- objects ---- */

static int compare_properties(const void *a, const void *b)
{
    return strcmp(((const struct property *)a)->name, ((const struct property *)b)->name);
}

static bool read_properties(const struct keyword *k)
{
    const char *name;
    json_t *node;
    if (!json_is_object(k->value))
        return fail(k, "must be an object of schemas");
    size_t count = 0;
    struct property *properties = arena_alloc(
        k->pool->arena, (json_object_size(k->value) + 1) * sizeof *properties);
    json_object_foreach((json_t *)(uintptr_t)k->value, name, node)
    {
        properties[count].name = name;
        properties[count].schema = enter_child(k, node, name);
        if (!properties[count++].schema)
            return false;
    }
    qsort(properties, count, sizeof *properties, compare_properties);
    k->schema->properties = properties;
    k->schema->property_count = count;
    return true;
}

static bool check_names(const struct keyword *k, const json_t *list)
{
    bool good = json_is_array(list) && !schema_has_duplicates(list, k->pool->arena);
    for (size_t i = 0; good && i < json_array_size(list); i++)
        good = json_is_string(json_array_get(list, i));
    return good || fail(k, "must be a list of different names");
}

static bool read_required(const struct keyword *k)
{
    k->schema->required = k->value;
    return check_names(k, k->value);
}

static bool read_additional(const struct keyword *k)
{
    struct schema *schema = k->schema;
    schema->additional = json_is_true(k->value)    ? ADDITIONAL_ANY
                         : json_is_false(k->value) ? ADDITIONAL_FORBIDDEN
                                                   : ADDITIONAL_SCHEMA;
    if (schema->additional != ADDITIONAL_SCHEMA)
        return true;
    schema->additional_schema = schema_enter(k->pool, k->value, k->pointer);
    return schema->additional_schema != NULL;
}

static bool read_dependencies(const struct keyword *k)
{
    const char *name;
    json_t *needs;
    if (!json_is_object(k->value))
        return fail(k, "must be an object of lists of names");
    struct schema *schema = k->schema;
    schema->dependencies = arena_alloc(k->pool->arena, (json_object_size(k->value) + 1) *
                                                           sizeof *schema->dependencies);
    json_object_foreach((json_t *)(uintptr_t)k->value, name, needs)
    {
        if (!check_names(k, needs))
            return false;
        schema->dependencies[schema->dependency_count++] =
            (struct dependency){.name = name, .needs = needs};
    }
    return true;
}

/* ---- the table ---- */

static bool read_annotation(const struct keyword *k)
{
    (void)k;
    return true;
}

static const struct {
    const char *name;
    bool (*read)(const struct keyword *k);
} keywords[] = {
    {"type", read_type},
    {"enum", read_enum},
    {"const", read_const},
    {"$ref", read_ref},
    {"oneOf", read_one_of},
    {"anyOf", read_any_of},
    {"allOf", read_all_of},
    {"minLength", read_min_length},
    {"maxLength", read_max_length},
    {"pattern", read_pattern},
    {"format", read_format},
    {"minimum", read_minimum},
    {"maximum", read_maximum},
    {"exclusiveMinimum", read_above},
    {"exclusiveMaximum", read_below},
    {"multipleOf", read_multiple},
    {"items", read_items},
    {"minItems", read_min_items},
    {"maxItems", read_max_items},
    {"uniqueItems", read_unique},
    {"properties", read_properties},
    {"required", read_required},
    {"additionalProperties", read_additional},
    {"dependentRequired", read_dependencies},
    {"title", read_annotation},
    {"description", read_annotation},
    {"default", read_annotation},
    {"examples", read_annotation},
    {"deprecated", read_annotation},
    {"readOnly", read_annotation},
    {"writeOnly", read_annotation},
};

static bool read_keyword(struct keyword *k)
{
    k->pointer = schema_child(k->pool, k->schema->pointer, k->name);
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (strcmp(keywords[i].name, k->name) != 0)
            continue;
        if (keywords[i].read != read_annotation && keywords[i].read != read_ref)
            k->schema->only_ref = false;
        return keywords[i].read(k);
    }
    return strncmp(k->name, "x-", 2) == 0 ||
           schema_fail(k->pool, k->schema->pointer, "unknown keyword %s", k->name);
}

/* Recursion: as deep as the contract is nested */
bool schema_read_keywords(struct schema_pool *pool, struct schema *schema)
{
    const char *name;
    json_t *value;
    schema->only_ref = json_object_get(schema->node, "$ref") != NULL;
    json_object_foreach((json_t *)(uintptr_t)schema->node, name, value)
    {
        struct keyword k = {.pool = pool, .schema = schema, .name = name, .value = value};
        if (!read_keyword(&k))
            return false;
    }
    return schema_is_sane(pool, schema);
}
