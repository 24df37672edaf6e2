/* What the files of contract share. Everything is written while loading and const afterwards. */
#ifndef MEGURI_CONTRACT_INTERNAL_H
#define MEGURI_CONTRACT_INTERNAL_H

#include "contract.h"

enum { CONTRACT_METHODS = 5, CONTRACT_MAX_SEGMENTS = 16 };

/* A path template and its operations. */
struct leaf {
    const char *path;
    const char *names[CONTRACT_MAX_PATH_PARAMETERS];
    int name_count;
    const struct operation *operations[CONTRACT_METHODS];
    int operation_count;
    const char *allow;
};

/* A node of the tree of segments. */
struct route {
    const char *segment; /* NULL = a parameter */
    size_t segment_len;
    struct route *children; /* static ones */
    struct route *parameter;
    struct route *next; /* sibling */
    struct leaf *leaf;
};

struct role {
    const char *name;
    uint64_t scopes;
};

struct contract {
    struct arena *arena;
    json_t *document;
    struct schema_pool *pool;
    const char *text;
    size_t text_len;
    struct route root;
    const struct operation **operations;
    int operation_count;
    const char *scopes[CONTRACT_MAX_SCOPES];
    int scope_count;
    struct role *roles;
    int role_count;
};

struct loader {
    struct contract *contract;
    const char *where; /* "GET /v1/clients" or "#/components/..." */
    char *error;       /* malloc'ed; the first one */
};

/* contract.c. Keeps the first error with where before it; returns false. */
bool load_fail(struct loader *loader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Follows {"$ref": ...} (which may have nothing beside it); *pointer becomes where the result stands. NULL when it leads nowhere. */
const json_t *load_deref(struct loader *loader, const json_t *node, const char **pointer);
const struct schema *load_schema(struct loader *loader, const json_t *node,
                                 const char *pointer);
/* Is every member of the object listed? kind names the object in the error; names end with NULL. */
bool load_known_members(struct loader *loader, const json_t *object, const char *kind,
                        const char *const *names);
const char *load_child(struct loader *loader, const char *pointer, const char *name);

/* contract_operation.c: reads one operation; leaf is its path. */
bool load_operation(struct loader *loader, const json_t *item, const char *method,
                    struct leaf *leaf);

/* contract_parameters.c: path-level and operation-level parameters, the ones the shell understands included. */
bool load_parameters(struct loader *loader, const json_t *item, const char *item_pointer,
                     const char *method_name, struct operation *operation,
                     const struct leaf *leaf);

/* contract_route.c: the leaf of a new template; NULL when it is malformed or taken. */
struct leaf *route_add(struct loader *loader, const char *path);

/* contract_query.c. Decodes %XX (and + when plus is set); NULL when malformed, not UTF-8 or with a NUL inside. */
char *percent_decode(struct arena *arena, const char *text, size_t len, bool plus);
bool utf8_valid(const char *text, size_t len);

#endif
