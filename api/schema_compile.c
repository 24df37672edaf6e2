/* Schemas of one document: entering, $ref, and the proof that following references ends. */
#include "schema_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool schema_fail(struct schema_pool *pool, const char *pointer, const char *format, ...)
{
    struct text text _text_auto_ = {0};
    va_list arguments;
    if (pool->error)
        return false;
    va_start(arguments, format);
    char *said = NULL;
    if (vasprintf(&said, format, arguments) < 0)
        abort();
    va_end(arguments);
    text_addf(&text, "%s: %s", pointer, said);
    free(said);
    pool->error = text.data;
    text.data = NULL;
    return false;
}

const char *schema_child(struct schema_pool *pool, const char *pointer, const char *name)
{
    struct text text _text_auto_ = {0};
    text_adds(&text, pointer);
    text_addc(&text, '/');
    for (; *name; name++) {
        if (*name == '~' || *name == '/')
            text_adds(&text, *name == '~' ? "~0" : "~1");
        else
            text_addc(&text, *name);
    }
    return arena_strndup(pool->arena, text.data, text.len);
}

/* One reference token of a JSON pointer (RFC 6901), unescaped. */
static void take_token(struct text *token, const char **at)
{
    text_clear(token);
    for (; **at && **at != '/'; (*at)++) {
        if (**at == '~' && ((*at)[1] == '0' || (*at)[1] == '1'))
            text_addc(token, *++*at == '0' ? '~' : '/');
        else
            text_addc(token, **at);
    }
}

const json_t *schema_resolve(const json_t *document, const char *reference)
{
    struct text token _text_auto_ = {0};
    const json_t *node = document;
    if (strncmp(reference, "#/", 2) != 0)
        return NULL;
    for (const char *at = reference + 1; node && *at == '/';) {
        at++;
        take_token(&token, &at);
        node = json_object_get(node, token.data ? token.data : "");
    }
    return node;
}

static struct schema **bucket_of(struct schema_pool *pool, const char *pointer)
{
    uint32_t hash = 2166136261u;
    for (; *pointer; pointer++)
        hash = (hash ^ (unsigned char)*pointer) * 16777619u;
    return &pool->buckets[hash % POOL_BUCKETS];
}

/* Recursion: as deep as the contract is nested */
struct schema *schema_enter(struct schema_pool *pool, const json_t *node,
                            const char *pointer)
{
    struct schema **bucket = bucket_of(pool, pointer);
    for (struct schema *known = *bucket; known; known = known->next_in_bucket) {
        if (strcmp(known->pointer, pointer) == 0)
            return known;
    }
    if (!json_is_object(node)) {
        schema_fail(pool, pointer, "a schema must be an object");
        return NULL;
    }
    struct schema *schema = arena_alloc(pool->arena, sizeof *schema);
    schema->node = node;
    schema->pointer = arena_strdup(pool->arena, pointer);
    schema->types = TYPE_ANY;
    schema->next = pool->schemas;
    pool->schemas = schema;
    schema->next_in_bucket = *bucket;
    *bucket = schema;
    return schema_read_keywords(pool, schema) ? schema : NULL;
}

/* ---- a schema that looks at the same value again and again would never come to an end ---- */

static bool check_ends(struct schema_pool *pool, const struct schema *schema);

static bool check_branches(struct schema_pool *pool, const struct branches *branches)
{
    for (size_t i = 0; i < branches->count; i++) {
        if (!check_ends(pool, branches->schemas[i]))
            return false;
    }
    return true;
}

/* Recursion: each schema is opened once */
static bool check_ends(struct schema_pool *pool, const struct schema *constant)
{
    struct schema *schema = (struct schema *)(uintptr_t)constant;
    if (schema->visit == VISIT_OPEN)
        return schema_fail(pool, schema->pointer,
                           "refers to itself without a value between");
    if (schema->visit == VISIT_DONE)
        return true;
    schema->visit = VISIT_OPEN;
    if ((schema->ref && !check_ends(pool, schema->ref)) ||
        !check_branches(pool, &schema->one_of) ||
        !check_branches(pool, &schema->any_of) || !check_branches(pool, &schema->all_of))
        return false;
    schema->visit = VISIT_DONE;
    return true;
}

/* ---- pools ---- */

struct schema_pool *schema_pool_new(const json_t *document)
{
    struct arena *arena = arena_new();
    struct schema_pool *pool = arena_alloc(arena, sizeof *pool);
    *pool = (struct schema_pool){.document = document, .arena = arena};
    return pool;
}

void schema_pool_destroy(struct schema_pool *pool)
{
    if (pool) {
        free(pool->error);
        arena_destroy(pool->arena);
    }
}

const struct schema *schema_pool_compile(struct schema_pool *pool, const json_t *node,
                                         const char *pointer, const char **ret_error)
{
    struct schema *schema = schema_enter(pool, node, pointer);
    bool good = schema != NULL;
    for (const struct schema *each = pool->schemas; each != pool->checked && good;
         each = each->next)
        good = check_ends(pool, each);
    if (good) {
        pool->checked = pool->schemas;
        return schema;
    }
    *ret_error = pool->error;
    pool->error = NULL;
    return NULL;
}

struct schema *schema_compile(const json_t *document, const json_t *node,
                              const char *pointer, const char **ret_error)
{
    struct schema_pool *pool = schema_pool_new(document);
    const struct schema *schema = schema_pool_compile(pool, node, pointer, ret_error);
    if (!schema)
        schema_pool_destroy(pool);
    return (struct schema *)(uintptr_t)schema;
}
