/* Loads the contract and answers what it says about operations, scopes and roles. */
#include "contract_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- errors of loading ---- */

bool load_fail(struct loader *loader, const char *format, ...)
{
    va_list arguments;
    char *said = NULL;
    if (loader->error)
        return false;
    va_start(arguments, format);
    if (vasprintf(&said, format, arguments) < 0)
        abort();
    va_end(arguments);
    if (asprintf(&loader->error, "openapi.yaml: %s: %s", loader->where, said) < 0)
        abort();
    free(said);
    return false;
}

const char *load_child(struct loader *loader, const char *pointer, const char *name)
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
    return arena_strndup(loader->contract->arena, text.data, text.len);
}

static const json_t *find_component(const json_t *document, const char *reference)
{
    const char *group =
        strncmp(reference, "#/components/", 13) == 0 ? reference + 13 : "";
    const char *slash = strchr(group, '/');
    if (!slash)
        return NULL;
    const json_t *components = json_object_get(document, "components");
    const json_t *members = json_object_getn(components, group, (size_t)(slash - group));
    return json_object_get(members, slash + 1);
}

const json_t *load_deref(struct loader *loader, const json_t *node, const char **pointer)
{
    const char *reference = json_string_value(json_object_get(node, "$ref"));
    if (!reference)
        return node;
    *pointer = reference;
    const json_t *target = find_component(loader->contract->document, reference);
    if (!target || json_object_size(node) != 1 || json_object_get(target, "$ref")) {
        load_fail(loader,
                  "$ref must stand alone and lead to #/components/<kind>/<name>: %s",
                  reference);
        return NULL;
    }
    return target;
}

const struct schema *load_schema(struct loader *loader, const json_t *node,
                                 const char *pointer)
{
    const char *error = NULL;
    if (!node) {
        load_fail(loader, "%s is missing", pointer);
        return NULL;
    }
    const struct schema *schema =
        schema_pool_compile(loader->contract->pool, node, pointer, &error);
    if (!schema)
        load_fail(loader, "%s", error);
    free((void *)(uintptr_t)error);
    return schema;
}

static bool listed(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

bool load_known_members(struct loader *loader, const json_t *object, const char *kind,
                        const char *const *names)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object))
        return load_fail(loader, "%s must be an object", kind);
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (!listed(names, name))
            return load_fail(loader, "%s: unknown member %s", kind, name);
    }
    return true;
}

/* ---- scopes and roles ---- */

static bool read_scopes(struct loader *loader, const json_t *bearer)
{
    struct contract *contract = loader->contract;
    const char *name;
    json_t *description;
    json_object_foreach(json_object_get(bearer, "x-scopes"), name, description)
    {
        if (contract->scope_count == CONTRACT_MAX_SCOPES)
            return load_fail(loader, "x-scopes: more than %d", CONTRACT_MAX_SCOPES);
        contract->scopes[contract->scope_count++] = name;
    }
    return contract->scope_count > 0 || load_fail(loader, "x-scopes is missing or empty");
}

static uint64_t all_scopes(const struct contract *contract)
{
    return contract->scope_count == CONTRACT_MAX_SCOPES
               ? UINT64_MAX
               : ((uint64_t)1 << contract->scope_count) - 1;
}

static bool read_role(struct loader *loader, const char *name, const json_t *list)
{
    struct contract *contract = loader->contract;
    struct role *role = &contract->roles[contract->role_count++];
    role->name = name;
    if (!json_is_array(list))
        return load_fail(loader, "x-roles: %s must be a list of scopes", name);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *scope = json_string_value(json_array_get(list, i));
        int bit = scope ? contract_scope_bit(contract, scope) : -1;
        if (scope && strcmp(scope, "*") == 0)
            role->scopes |= all_scopes(contract);
        else if (bit >= 0)
            role->scopes |= (uint64_t)1 << bit;
        else
            return load_fail(loader,
                             "x-roles: %s has scope %s, which x-scopes does not list",
                             name, scope ? scope : "(not a text)");
    }
    return true;
}

static bool read_security(struct loader *loader)
{
    struct contract *contract = loader->contract;
    loader->where = "#/components/securitySchemes/bearer";
    const json_t *components = json_object_get(contract->document, "components");
    const json_t *bearer =
        json_object_get(json_object_get(components, "securitySchemes"), "bearer");
    json_t *roles = json_object_get(bearer, "x-roles");
    const char *name;
    json_t *list;
    if (!bearer)
        return load_fail(loader, "is missing");
    if (!read_scopes(loader, bearer))
        return false;
    contract->roles = arena_alloc(contract->arena, (json_object_size(roles) + 1) *
                                                       sizeof *contract->roles);
    json_object_foreach(roles, name, list)
    {
        if (!read_role(loader, name, list))
            return false;
    }
    return contract->role_count > 0 || load_fail(loader, "x-roles is missing or empty");
}

/* ---- paths and components ---- */

static bool read_components(struct loader *loader)
{
    const char *name;
    json_t *node;
    const json_t *components = json_object_get(loader->contract->document, "components");
    loader->where = "components.schemas";
    json_object_foreach(json_object_get(components, "schemas"), name, node)
    {
        if (!load_schema(loader, node, load_child(loader, "#/components/schemas", name)))
            return false;
    }
    return true;
}

static bool is_annotation(const char *name)
{
    return strcmp(name, "parameters") == 0 || strcmp(name, "summary") == 0 ||
           strcmp(name, "description") == 0;
}

static bool read_path(struct loader *loader, const char *path, const json_t *item)
{
    const char *name;
    json_t *value;
    loader->where = path;
    struct leaf *leaf = route_add(loader, path);
    if (!leaf)
        return false;
    json_object_foreach((json_t *)(uintptr_t)item, name, value)
    {
        if (!is_annotation(name) && !load_operation(loader, item, name, leaf))
            return false;
    }
    return leaf->operation_count > 0 || load_fail(loader, "has no operation");
}

static bool read_paths(struct loader *loader)
{
    struct contract *contract = loader->contract;
    json_t *paths = json_object_get(contract->document, "paths");
    const char *path;
    json_t *item;
    loader->where = "#/paths";
    if (json_object_size(paths) == 0)
        return load_fail(loader, "there are no paths");
    size_t most = json_object_size(paths) * CONTRACT_METHODS + 1;
    contract->operations =
        arena_alloc(contract->arena, most * sizeof(const struct operation *));
    json_object_foreach(paths, path, item)
    {
        if (!read_path(loader, path, item))
            return false;
    }
    return true;
}

static bool read_document(struct loader *loader, const void *json, size_t len)
{
    struct contract *contract = loader->contract;
    json_error_t error;
    loader->where = "document";
    if (len == 0)
        return load_fail(loader, "is empty; it was missing when the program was built");
    contract->text = arena_strndup(contract->arena, json, len);
    contract->text_len = len;
    contract->document = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);
    if (!contract->document)
        return load_fail(loader, "line %d, column %d: %s", error.line, error.column,
                         error.text);
    const char *version =
        json_string_value(json_object_get(contract->document, "openapi"));
    if (!version || strncmp(version, "3.1.", 4) != 0)
        return load_fail(loader, "openapi must be 3.1.x");
    contract->pool = schema_pool_new(contract->document);
    return true;
}

struct contract *contract_load(const void *json, size_t len, const char **ret_error)
{
    struct arena *arena = arena_new();
    struct contract *contract = arena_alloc(arena, sizeof *contract);
    contract->arena = arena;
    struct loader loader = {.contract = contract};
    if (read_document(&loader, json, len) && read_security(&loader) &&
        read_paths(&loader) && read_components(&loader))
        return contract;
    *ret_error = loader.error;
    contract_destroy(contract);
    return NULL;
}

void contract_destroy(struct contract *contract)
{
    if (!contract)
        return;
    schema_pool_destroy(contract->pool);
    json_decref(contract->document);
    arena_destroy(contract->arena);
}

/* ---- what it says ---- */

const struct operation *const *contract_operations(const struct contract *contract)
{
    return contract->operations;
}

const struct operation *contract_find(const struct contract *contract,
                                      const char *operation_id)
{
    for (int i = 0; i < contract->operation_count; i++) {
        if (strcmp(contract->operations[i]->id, operation_id) == 0)
            return contract->operations[i];
    }
    return NULL;
}

const char *contract_text(const struct contract *contract, size_t *ret_len)
{
    *ret_len = contract->text_len;
    return contract->text;
}

int contract_scope_bit(const struct contract *contract, const char *scope)
{
    for (int i = 0; i < contract->scope_count; i++) {
        if (strcmp(contract->scopes[i], scope) == 0)
            return i;
    }
    return -1;
}

const char *contract_scope_name(const struct contract *contract, int bit)
{
    return bit >= 0 && bit < contract->scope_count ? contract->scopes[bit] : NULL;
}

uint64_t contract_role_scopes(const struct contract *contract, const char *role)
{
    for (int i = 0; i < contract->role_count; i++) {
        if (strcmp(contract->roles[i].name, role) == 0)
            return contract->roles[i].scopes;
    }
    return 0;
}
