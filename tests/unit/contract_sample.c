/* A contract with one of everything. */
#include "contract_sample.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETER(name) "{\"$ref\":\"#/components/parameters/" name "\"}"
#define SCHEMA(name) "{\"$ref\":\"#/components/schemas/" name "\"}"
#define JSON_BODY(type, schema) "{\"content\":{\"" type "\":{\"schema\":" schema "}}}"

/* clang-format off */
static const char sample_text[] =
    "{\"openapi\":\"3.1.0\",\"paths\":{"
    "\"/v1/things\":{"
    "\"get\":{\"operationId\":\"listThings\",\"x-service\":\"registers\",\"x-entity\":\"thing\",\"security\":[{\"bearer\":[\"things:read\"]}],"
    "\"parameters\":[" PARAMETER("Limit") "," PARAMETER("After") "," PARAMETER("AsOf") ",{\"name\":\"sort\",\"in\":\"query\",\"schema\":{\"type\":\"string\",\"enum\":[\"title\",\"-title\"],\"default\":\"-title\"}},{\"name\":\"level\",\"in\":\"query\",\"schema\":{\"type\":\"integer\",\"maximum\":5}}],"
    "\"responses\":{\"200\":" JSON_BODY("application/json", "{\"type\":\"object\"}") "}},"
    "\"post\":{\"operationId\":\"createThing\",\"x-service\":\"registers\",\"security\":[{\"bearer\":[\"things:read\",\"things:write\"]}],"
    "\"parameters\":[" PARAMETER("Key") "],"
    "\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{\"schema\":" SCHEMA("Thing") "}}},"
    "\"responses\":{\"201\":{\"$ref\":\"#/components/responses/Made\"},\"422\":{\"description\":\"wrong\"}}}},"
    "\"/v1/things/{thing_id}\":{"
    "\"parameters\":[" PARAMETER("thing_id") "],"
    "\"get\":{\"operationId\":\"getThing\",\"x-service\":\"registers\",\"x-lane\":\"slow\",\"security\":[{\"bearer\":[]}],"
    "\"responses\":{\"200\":{\"description\":\"one\"}}},"
    "\"patch\":{\"operationId\":\"updateThing\",\"x-service\":\"registers\",\"security\":[{\"bearer\":[\"things:write\"]}],"
    "\"parameters\":[" PARAMETER("IfMatch") "],"
    "\"requestBody\":{\"content\":{\"application/merge-patch+json\":{\"schema\":" SCHEMA("Thing") "}}},"
    "\"responses\":{\"200\":{\"description\":\"changed\"}}},"
    "\"delete\":{\"operationId\":\"deleteThing\",\"x-service\":\"registers\",\"security\":[{\"bearer\":[\"things:write\"]}],"
    "\"responses\":{\"204\":{\"description\":\"gone\"}}}},"
    "\"/v1/things/import\":{"
    "\"post\":{\"operationId\":\"importThings\",\"x-service\":\"registers\",\"x-max-bytes\":2097152,\"security\":[{\"bearer\":[\"things:write\"]}],"
    "\"requestBody\":{\"required\":true,\"content\":{\"text/csv\":{\"schema\":{\"type\":\"string\"}}}},"
    "\"responses\":{\"200\":{\"description\":\"taken\"}}}},"
    "\"/v1/things/current\":{"
    "\"delete\":{\"operationId\":\"deleteCurrent\",\"x-service\":\"registers\",\"security\":[{\"bearer\":[]}],"
    "\"responses\":{\"204\":{\"description\":\"gone\"}}}},"
    "\"/v1/things/{thing_id}/parts/{part}\":{"
    "\"parameters\":[" PARAMETER("thing_id") ",{\"name\":\"part\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"string\"}}],"
    "\"get\":{\"operationId\":\"getPart\",\"x-service\":\"registers\",\"security\":[],"
    "\"responses\":{\"200\":{\"description\":\"one\"}}}}},"
    "\"components\":{\"securitySchemes\":{\"bearer\":{"
    "\"x-scopes\":{\"things:read\":\"\",\"things:write\":\"\"},"
    "\"x-roles\":{\"owner\":[\"*\"],\"auditor\":[\"things:read\"]}}},"
    "\"parameters\":{\"Limit\":{\"name\":\"limit\",\"in\":\"query\",\"schema\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200,\"default\":50}},\"After\":{\"name\":\"after\",\"in\":\"query\",\"schema\":{\"type\":\"string\"}},\"AsOf\":{\"name\":\"as_of\",\"in\":\"query\",\"schema\":{\"type\":\"string\",\"format\":\"date-time\"}},\"IfMatch\":{\"name\":\"If-Match\",\"in\":\"header\",\"required\":true,\"schema\":{\"type\":\"string\",\"maxLength\":5}},\"Key\":{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"schema\":{\"type\":\"string\",\"pattern\":\"^[a-z]+$\"}},\"thing_id\":{\"name\":\"thing_id\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"string\",\"format\":\"uuid\"}}},"
    "\"responses\":{\"Made\":{\"description\":\"made\",\"content\":{\"application/json\":{\"schema\":" SCHEMA("Thing") "}}}},"
    "\"schemas\":{\"Thing\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"title\":{\"type\":\"string\",\"maxLength\":5},\"level\":{\"type\":\"integer\"}}}}}}";
/* clang-format on */

/* The last token of the pointer, unescaped in place; *ret_owner is what has that member. */
static char *find_owner(json_t *document, char *pointer, json_t **ret_owner)
{
    *ret_owner = document;
    for (char *token = pointer + 1;;) {
        char *slash = strchr(token, '/');
        if (slash)
            *slash = '\0';
        for (char *escape; (escape = strstr(token, "~1"));) {
            *escape = '/';
            memmove(escape + 1, escape + 2, strlen(escape + 2) + 1);
        }
        if (!slash)
            return token;
        *ret_owner = json_is_array(*ret_owner)
                         ? json_array_get(*ret_owner, strtoul(token, NULL, 10))
                         : json_object_get(*ret_owner, token);
        ck_assert_msg(*ret_owner, "%s", token);
        token = slash + 1;
    }
}

static void change(json_t *document, const char *pointer, const char *json)
{
    json_t *owner;
    char *copy = strdup(pointer);
    const char *name = find_owner(document, copy, &owner);
    if (json)
        ck_assert_int_eq(
            json_object_set_new(owner, name, json_loads(json, JSON_DECODE_ANY, NULL)), 0);
    else
        ck_assert_int_eq(json_object_del(owner, name), 0);
    free(copy);
}

struct contract *sample_changed(const char *pointer, const char *json,
                                const char **ret_error)
{
    json_error_t error;
    json_t *document = json_loads(sample_text, 0, &error);
    ck_assert_msg(document, "%s at %d", error.text, error.position);
    if (pointer)
        change(document, pointer, json);
    char *text = json_dumps(document, JSON_COMPACT);
    struct contract *contract = contract_load(text, strlen(text), ret_error);
    free(text);
    json_decref(document);
    return contract;
}

struct contract *sample_contract(void)
{
    const char *error = NULL;
    struct contract *contract = sample_changed(NULL, NULL, &error);
    ck_assert_msg(contract, "%s", error);
    return contract;
}
