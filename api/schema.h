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

/* The schemas compiled from one document; what several of them refer to is compiled once. Keeps pointers into the document, which
 * must live as long. Only the pool's destruction (tests, a refused contract) ends its schemas. */
struct schema_pool;
struct schema_pool *schema_pool_new(const json_t *document);
void schema_pool_destroy(struct schema_pool *pool); /* accepts NULL */

/* Compiles node, which stands at pointer ("#/paths/...") of the pool's document. NULL with *ret_error (malloc'ed text naming
 * JSON pointer and keyword) when a keyword or format is not known, a bound makes no sense, a $ref leads nowhere or only to itself.
 * Recursion through members and items is allowed. After a failure the pool is only good for destruction. */
const struct schema *schema_pool_compile(struct schema_pool *pool, const json_t *node,
                                         const char *pointer, const char **ret_error);

/* The same with a pool of its own that lives until process end. */
struct schema *schema_compile(const json_t *document, const json_t *node,
                              const char *pointer, const char **ret_error);

/* Appends EVERY error to problem (never stops at the first), in the order of the value; true when there is none. Pointers are
 * relative to value, with prefix before them. `required` errors point at the missing member and come before those of its
 * neighbours. A string with a NUL is refused wherever it stands: PostgreSQL can not store it. */
bool schema_check(const struct schema *schema, const json_t *value, const char *in,
                  const char *prefix, struct arena *arena, struct problem *problem);

/* The same for a parameter's text, which is a string or what schema_parse_text makes of it; takes no memory for a good string. name is
 * the pointer of its errors. */
bool schema_check_text(const struct schema *schema, const char *text, const char *in,
                       const char *name, struct arena *arena, struct problem *problem);

/* A parameter's text as the JSON value its schema's type asks for ("5" -> 5, "true" -> true); new reference, or NULL when
 * it can not be that type. */
json_t *schema_parse_text(const struct schema *schema, const char *text);

/* Direct member facts a caller may need: NULL when absent. */
const json_t *schema_default(const struct schema *schema);
const json_t *
schema_node(const struct schema *schema); /* the source object, $ref resolved */

#endif
