/* Parameters arrive as text; what JSON value they are is for their schema to say. Also what callers may read of a schema. */
#include "schema_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct schema *target_of(const struct schema *schema)
{
    while (schema->ref && (schema->only_ref || !schema->types_text))
        schema = schema->ref;
    return schema;
}

/* What the values of an enum or const are, when no type is said. */
static unsigned asked_types(const struct schema *s)
{
    if (s->types != TYPE_ANY)
        return s->types;
    unsigned types = s->constant ? schema_types_of(s->constant) : 0;
    for (size_t i = 0; i < json_array_size(s->enumeration); i++)
        types |= schema_types_of(json_array_get(s->enumeration, i));
    return types ? types : TYPE_STRING;
}

/* -?(0|[1-9][0-9]*) within 64 bits */
static json_t *parse_integer(const char *text)
{
    const char *digits = text + (*text == '-');
    size_t len = strspn(digits, "0123456789");
    if (len == 0 || len > 19 || digits[len] != '\0' || (digits[0] == '0' && len > 1))
        return NULL;
    errno = 0;
    long long number = strtoll(text, NULL, 10);
    return errno ? NULL : json_integer(number);
}

static json_t *parse_number(const char *text)
{
    if (strspn(text, "-+0123456789.eE") != strlen(text))
        return NULL;
    return json_loads(text, JSON_DECODE_ANY, NULL);
}

static json_t *parse_boolean(const char *text)
{
    if (strcmp(text, "true") == 0)
        return json_true();
    return strcmp(text, "false") == 0 ? json_false() : NULL;
}

json_t *schema_parse_text(const struct schema *schema, const char *text)
{
    unsigned types = asked_types(target_of(schema));
    json_t *value = NULL;
    if (types & (TYPE_INTEGER | TYPE_NUMBER))
        value = parse_integer(text);
    if (!value && (types & TYPE_NUMBER))
        value = parse_number(text);
    if (!value && (types & TYPE_BOOLEAN))
        value = parse_boolean(text);
    if (!value && (types & TYPE_STRING))
        value = json_string(text);
    return value;
}

const json_t *schema_default(const struct schema *schema)
{
    const json_t *value = json_object_get(schema->node, "default");
    for (; !value && schema->ref; value = json_object_get(schema->node, "default"))
        schema = schema->ref;
    return value;
}

const json_t *schema_node(const struct schema *schema)
{
    while (schema->only_ref)
        schema = schema->ref;
    return schema->node;
}
