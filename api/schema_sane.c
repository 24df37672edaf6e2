/* Schemas that no value can meet are slips of the pen: refused at start. */
#include "schema_internal.h"

static bool check_bounds(struct schema_pool *pool, const struct schema *s)
{
    if (s->max_length.text && s->min_length.value > s->max_length.value)
        return schema_fail(pool, s->pointer, "minLength is above maxLength");
    if (s->max_items.text && s->min_items.value > s->max_items.value)
        return schema_fail(pool, s->pointer, "minItems is above maxItems");
    if (s->minimum.text && s->maximum.text && s->minimum.value > s->maximum.value)
        return schema_fail(pool, s->pointer, "minimum is above maximum");
    return true;
}

static bool check_required(struct schema_pool *pool, const struct schema *s)
{
    const json_t *properties = json_object_get(s->node, "properties");
    if (s->additional != ADDITIONAL_FORBIDDEN)
        return true;
    for (size_t i = 0; i < json_array_size(s->required); i++) {
        const char *name = json_string_value(json_array_get(s->required, i));
        if (!json_object_get(properties, name))
            return schema_fail(pool, s->pointer,
                               "required member %s is not in properties", name);
    }
    return true;
}

static bool check_enum(struct schema_pool *pool, const struct schema *s)
{
    for (size_t i = 0; i < json_array_size(s->enumeration); i++) {
        if (!(schema_types_of(json_array_get(s->enumeration, i)) & s->types))
            return schema_fail(pool, s->pointer, "enum value %zu is not of type %s", i,
                               s->types_text);
    }
    return !s->constant || (schema_types_of(s->constant) & s->types) ||
           schema_fail(pool, s->pointer, "const is not of type %s", s->types_text);
}

bool schema_is_sane(struct schema_pool *pool, const struct schema *schema)
{
    return check_bounds(pool, schema) && check_required(pool, schema) &&
           check_enum(pool, schema);
}
