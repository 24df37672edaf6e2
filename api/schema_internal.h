/* What the files of schema share: the compiled form. Written by schema_compile*.c only, const afterwards. */
#ifndef MEGURI_SCHEMA_INTERNAL_H
#define MEGURI_SCHEMA_INTERNAL_H

#include "schema.h"

#include <regex.h>
#include <stdint.h>

enum {
    TYPE_NULL = 1,
    TYPE_BOOLEAN = 2,
    TYPE_INTEGER = 4,
    TYPE_NUMBER = 8, /* an integer is TYPE_INTEGER | TYPE_NUMBER */
    TYPE_STRING = 16,
    TYPE_ARRAY = 32,
    TYPE_OBJECT = 64,
    TYPE_ANY = 127,
};

enum additional { ADDITIONAL_ANY, ADDITIONAL_FORBIDDEN, ADDITIONAL_SCHEMA };
enum visit { VISIT_NEW, VISIT_OPEN, VISIT_DONE };

/* text is NULL when the keyword is absent; every int64_t is exact in a long double of 64 bits of mantissa or more. */
struct bound {
    long double value;
    const char *text;
};

/* A count with its text; text NULL when absent. */
struct count {
    size_t value;
    const char *text;
};

struct property {
    const char *name;
    const struct schema *schema;
};

struct dependency {
    const char *name;
    const json_t *needs; /* array of names */
};

struct branches {
    const struct schema **schemas;
    size_t count;
};

struct format {
    const char *name;
    const char *code; /* field code of a text that does not have the format */
    bool (*fits)(const char *text, size_t len); /* text has no NUL inside */
};

struct schema {
    const json_t *node;
    const char *pointer;
    const struct schema *ref;
    bool only_ref; /* nothing beside $ref is asked */
    bool composed; /* ref or branches look at the same value */
    unsigned types;
    const char *types_text;
    const json_t *enumeration;
    const char *enumeration_text;
    const json_t *constant;
    const char *constant_text;
    struct count min_length, max_length;
    regex_t *pattern;
    const char *pattern_text;
    const struct format *format;
    struct bound minimum, maximum, above, below, multiple;
    struct count min_items, max_items;
    bool unique;
    const struct schema *items;
    struct property *properties; /* sorted by name */
    size_t property_count;
    const json_t *required; /* array of names */
    struct dependency *dependencies;
    size_t dependency_count;
    enum additional additional;
    const struct schema *additional_schema;
    struct branches one_of, any_of, all_of;
    enum visit visit;
    struct schema *next; /* older one in the pool */
    struct schema *next_in_bucket;
};

/* schema_format.c; NULL when unknown */
const struct format *schema_format_find(const char *name);

/* schema_value.c: JSON equality (1 equals 1.0) and a total order that agrees with it */
int schema_compare(const json_t *a, const json_t *b);
bool schema_same(const json_t *a, const json_t *b);
/* Are two items equal? O(n log n). */
bool schema_has_duplicates(const json_t *array, struct arena *arena);
unsigned schema_types_of(const json_t *value); /* bits */

enum { POOL_BUCKETS = 1024 };

struct schema_pool {
    const json_t *document;
    struct arena *arena;
    struct schema *schemas;               /* newest first */
    const struct schema *checked;         /* this one and older ones are known to end */
    struct schema *buckets[POOL_BUCKETS]; /* by pointer */
    char *error;                          /* malloc'ed; the first one */
};

/* schema_pattern.c: texts for errors; a pattern, NULL when it is none or no plain POSIX one */
const char *schema_value_text(struct schema_pool *pool, const json_t *value);
const char *schema_list_text(struct schema_pool *pool, const json_t *list); /* "a, b" */
regex_t *schema_pattern_compile(struct arena *arena, const char *text);

/* schema_sane.c */
bool schema_is_sane(struct schema_pool *pool, const struct schema *schema);

/* schema_compile.c, schema_keywords.c */
/* Adds the schema of node to the pool, finding an equal pointer's one when it is there; NULL on error. */
struct schema *schema_enter(struct schema_pool *pool, const json_t *node,
                            const char *pointer);
bool schema_read_keywords(struct schema_pool *pool, struct schema *schema);
/* Keeps the first error, "pointer: text"; returns false. */
bool schema_fail(struct schema_pool *pool, const char *pointer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *schema_child(struct schema_pool *pool, const char *pointer, const char *name);
const json_t *schema_resolve(const json_t *document, const char *reference);

#endif
