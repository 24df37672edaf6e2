/* Reads one operation of the contract; what it does not understand it refuses. */
#include "contract_internal.h"

#include <ctype.h>
#include <string.h>

static const struct {
    const char *key;
    const char *method;
    bool body; /* may it have one? */
} methods[] = {
    {"get", "GET", false},    {"post", "POST", true},      {"put", "PUT", true},
    {"patch", "PATCH", true}, {"delete", "DELETE", false},
};

static const char *const operation_members[] = {
    "operationId", "tags",      "summary",    "description", "externalDocs", "parameters",
    "requestBody", "responses", "security",   "x-service",   "x-entity",     "x-lane",
    "x-max-bytes", "x-feed",    "deprecated", NULL};
static const char *const services[] = {"tenants",       "registers", "scheduling",
                                       "notifications", "api",       NULL};
static const char *const media_types[] = {"application/json",
                                          "application/merge-patch+json", NULL};
static const char *const raw_media_types[] = {"text/csv", "message/rfc822",
                                              "application/octet-stream", "*/*", NULL};

static const char *find_text(const char *const *texts, const char *text)
{
    while (*texts && (!text || strcmp(*texts, text) != 0))
        texts++;
    return *texts;
}

static const char *text_member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* ---- name, service, lane ---- */

static bool is_operation_id(const char *id)
{
    if (!id || !islower((unsigned char)id[0]))
        return false;
    while (isalnum((unsigned char)*id))
        id++;
    return *id == '\0';
}

static bool read_names(struct loader *loader, const json_t *node,
                       struct operation *operation)
{
    operation->id = text_member(node, "operationId");
    operation->entity = text_member(node, "x-entity");
    operation->service = find_text(services, text_member(node, "x-service"));
    if (!is_operation_id(operation->id))
        return load_fail(loader, "operationId must be there, in camelCase");
    if (contract_find(loader->contract, operation->id))
        return load_fail(loader, "operationId %s is taken", operation->id);
    operation->feed = text_member(node, "x-feed");
    if (!operation->service)
        return load_fail(loader, "x-service must be tenants, registers, scheduling, "
                                 "notifications or api");
    if (json_object_get(node, "x-entity") && !operation->entity)
        return load_fail(loader, "x-entity must be a text");
    return true;
}

static bool read_lane(struct loader *loader, const json_t *node,
                      struct operation *operation)
{
    const json_t *lane = json_object_get(node, "x-lane");
    operation->lane = strcmp(operation->method, "GET") == 0 ? "read" : "write";
    if (!lane)
        return true;
    if (!json_is_string(lane) || strcmp(json_string_value(lane), "slow") != 0)
        return load_fail(loader, "x-lane can only be slow");
    operation->lane = "slow";
    return true;
}

/* ---- security ---- */

static bool read_scope(struct loader *loader, const json_t *name,
                       struct operation *operation)
{
    const char *scope = json_string_value(name);
    int bit = scope ? contract_scope_bit(loader->contract, scope) : -1;
    if (bit < 0)
        return load_fail(loader, "scope %s is not in x-scopes of the bearer scheme",
                         scope ? scope : "(not a text)");
    operation->scopes |= (uint64_t)1 << bit;
    return true;
}

static bool read_security(struct loader *loader, const json_t *node,
                          struct operation *operation)
{
    const json_t *security = json_object_get(node, "security");
    const json_t *first = json_array_get(security, 0);
    const json_t *scopes = json_object_get(first, "bearer");
    operation->is_public = json_is_array(security) && json_array_size(security) == 0;
    if (operation->is_public)
        return true;
    if (json_array_size(security) != 1 || json_object_size(first) != 1 ||
        !json_is_array(scopes))
        return load_fail(loader,
                         "security must be [] (public) or [{bearer: [scope, ...]}]");
    for (size_t i = 0; i < json_array_size(scopes); i++) {
        if (!read_scope(loader, json_array_get(scopes, i), operation))
            return false;
    }
    return true;
}

/* ---- body ---- */

static bool read_content(struct loader *loader, const json_t *content,
                         const char *pointer, struct operation *operation)
{
    static const char *const members[] = {"schema", "examples", NULL};
    const char *type =
        json_object_iter_key(json_object_iter((json_t *)(uintptr_t)content));
    operation->body_media_type = find_text(media_types, type);
    if (!operation->body_media_type) {
        operation->body_media_type = find_text(raw_media_types, type);
        operation->body_is_raw = operation->body_media_type != NULL;
    }
    if (json_object_size(content) != 1 || !operation->body_media_type)
        return load_fail(loader, "requestBody content must be one of application/json, "
                                 "application/merge-patch+json, text/csv, "
                                 "message/rfc822, application/octet-stream, */*");
    const json_t *media = json_object_get(content, type);
    if (!load_known_members(loader, media, type, members))
        return false;
    pointer = load_child(loader, load_child(loader, pointer, "content"), type);
    operation->body = load_schema(loader, json_object_get(media, "schema"),
                                  load_child(loader, pointer, "schema"));
    return operation->body != NULL;
}

static bool read_max_bytes(struct loader *loader, const json_t *node,
                           struct operation *operation)
{
    const json_t *bytes = json_object_get(node, "x-max-bytes");
    operation->body_max_bytes = json_integer_value(bytes);
    if (bytes && operation->body_max_bytes <= 0)
        return load_fail(loader, "x-max-bytes must be a whole number above 0");
    return true;
}

static bool read_body(struct loader *loader, const json_t *node, const char *pointer,
                      struct operation *operation, bool allowed)
{
    static const char *const members[] = {"description", "required", "content", NULL};
    const json_t *body = json_object_get(node, "requestBody");
    pointer = load_child(loader, pointer, "requestBody");
    if (!read_max_bytes(loader, node, operation))
        return false;
    if (!body)
        return true;
    if (!allowed)
        return load_fail(loader, "%s has no requestBody", operation->method);
    body = load_deref(loader, body, &pointer);
    if (!body || !load_known_members(loader, body, "requestBody", members))
        return false;
    operation->body_required = json_is_true(json_object_get(body, "required"));
    return read_content(loader, json_object_get(body, "content"), pointer, operation);
}

/* ---- replies ---- */

/* Every schema of a reply is compiled, so that none has an unknown keyword; that of the success is kept. */
static bool read_reply(struct loader *loader, const json_t *reply, const char *pointer,
                       const struct schema **ret)
{
    static const char *const members[] = {"description", "headers", "content", "links",
                                          NULL};
    const char *type;
    json_t *media;
    reply = load_deref(loader, reply, &pointer);
    if (!reply || !load_known_members(loader, reply, "response", members))
        return false;
    pointer = load_child(loader, pointer, "content");
    json_object_foreach(json_object_get(reply, "content"), type, media)
    {
        const char *at = load_child(loader, load_child(loader, pointer, type), "schema");
        const struct schema *schema =
            load_schema(loader, json_object_get(media, "schema"), at);
        if (!schema)
            return false;
        if (strcmp(type, "application/json") == 0)
            *ret = schema;
    }
    return true;
}

static bool read_replies(struct loader *loader, const json_t *node, const char *pointer,
                         struct operation *operation)
{
    const char *status;
    json_t *reply;
    pointer = load_child(loader, pointer, "responses");
    json_object_foreach(json_object_get(node, "responses"), status, reply)
    {
        const struct schema *schema = NULL;
        if (strspn(status, "0123456789") != 3 || status[3] || *status < '2' ||
            *status > '5')
            return load_fail(loader, "responses: %s is not a status from 200 to 599",
                             status);
        if (!read_reply(loader, reply, load_child(loader, pointer, status), &schema))
            return false;
        if (*status != '2')
            continue;
        if (operation->success_status)
            return load_fail(loader, "responses: more than one 2xx");
        operation->success_status =
            (status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0');
        operation->reply = schema;
    }
    return operation->success_status || load_fail(loader, "responses: no 2xx");
}

/* ---- the whole ---- */

static void join_leaf(struct contract *contract, struct leaf *leaf,
                      struct operation *operation)
{
    leaf->allow = leaf->allow ? arena_printf(contract->arena, "%s, %s", leaf->allow,
                                             operation->method)
                              : operation->method;
    leaf->operations[leaf->operation_count++] = operation;
    for (int i = 0; i < leaf->operation_count; i++) {
        struct operation *each = (struct operation *)(uintptr_t)leaf->operations[i];
        for (int k = 0; k < leaf->operation_count; k++) {
            if (strcmp(leaf->operations[k]->method, "GET") == 0)
                each->get = leaf->operations[k];
        }
    }
    operation->index = contract->operation_count;
    contract->operations[contract->operation_count++] = operation;
}

static int find_method(const char *key)
{
    int i = 0;
    while (i < CONTRACT_METHODS && strcmp(methods[i].key, key) != 0)
        i++;
    return i;
}

bool load_operation(struct loader *loader, const json_t *item, const char *key,
                    struct leaf *leaf)
{
    struct contract *contract = loader->contract;
    const json_t *node = json_object_get(item, key);
    int method = find_method(key);
    if (method == CONTRACT_METHODS)
        return load_fail(loader, "unknown member %s of a path", key);
    struct operation *operation = arena_alloc(contract->arena, sizeof *operation);
    operation->method = methods[method].method;
    operation->path = leaf->path;
    loader->where = arena_printf(contract->arena, "%s %s", operation->method, leaf->path);
    const char *item_pointer = load_child(loader, "#/paths", leaf->path);
    const char *pointer = load_child(loader, item_pointer, key);
    if (!load_known_members(loader, node, "operation", operation_members) ||
        !read_names(loader, node, operation) || !read_lane(loader, node, operation) ||
        !read_security(loader, node, operation) ||
        !load_parameters(loader, item, item_pointer, key, operation, leaf) ||
        !read_body(loader, node, pointer, operation, methods[method].body) ||
        !read_replies(loader, node, pointer, operation))
        return false;
    join_leaf(contract, leaf, operation);
    return true;
}
