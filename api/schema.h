/* JSON Schema 2020-12, the subset Meguri's contract uses; everything else is refused at start. Compiled once, then const
 * and shared by all threads. Keywords: type (string or list), properties, required, additionalProperties (false or
 * schema), items, minItems, maxItems, uniqueItems, enum, const, minLength, maxLength (in characters), pattern (POSIX
 * ERE), format (date with a real calendar day of 1950-2199, date-time, month YYYY-MM, uuid, email, uri, time-zone,
 * language), minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, oneOf, anyOf, allOf, $ref
 * (#/components/...), dependentRequired; annotations: title, description, default, examples, deprecated, readOnly,
 * writeOnly, x-*. */
#ifndef MEGURI_SCHEMA_H
#define MEGURI_SCHEMA_H

#include "arena.h"
#include "problem.h"

#include <jansson.h>

struct schema;

/* Compiles node (part of document, for $ref). NULL with *ret_error (malloc'ed or static text naming JSON pointer and keyword)
 * when a keyword or format is not known or a $ref leads nowhere. Recursion by $ref is allowed. Lives until process end. */
struct schema *schema_compile(const json_t *document, const json_t *node, const char *pointer,
                              const char **ret_error);

/* Appends EVERY error to problem (never stops at the first); true when there is none. Pointers are relative to value, with
 * prefix before them. `required` errors point at the missing member. */
bool schema_check(const struct schema *schema, const json_t *value, const char *in,
                  const char *prefix, struct arena *arena, struct problem *problem);

/* A parameter's text as the JSON value its schema's type asks for ("5" -> 5, "true" -> true); new reference, or NULL when
 * it can not be that type. */
json_t *schema_parse_text(const struct schema *schema, const char *text);

/* Direct member facts a caller may need: NULL when absent. */
const json_t *schema_default(const struct schema *schema);
const json_t *schema_node(const struct schema *schema); /* the source object, $ref resolved */

#endif
