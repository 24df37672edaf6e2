/* The contract: openapi.yaml (3.1), embedded as JSON, compiled at start into const tables that route, validate and authorize.
 *
 * Extensions that Meguri reads:
 *   operation x-service: tenants|registers|scheduling|notifications   who serves it
 *   operation security: [] (public) or [{bearer: [scope, ...]}]       the caller needs ALL listed scopes
 *   operation x-entity: asset        singular name of the resource; as-of reading and event kinds use it
 *   operation x-lane: slow           runs on the slow lane
 *   operation x-feed: statement      the list can be followed: `wait` and text/event-stream (feed.c); the statement's sort is the position
 *   operation x-max-bytes: N         largest body of this operation, instead of MEGURI_HTTP_BODY_BYTES
 *   components.securitySchemes.bearer.x-roles: {owner: [scope...], ...}  what each role may do; "*" = every scope
 * Any other x- member of an operation is refused, as a slip of the pen. x-service may also be "api": every program serves it.
 * Parameters that the shell itself understands (all by $ref to components.parameters): limit, after, sort, as_of (query), If-Match,
 * If-None-Match, Idempotency-Key (header). Others are validated and bindable by name. */
#ifndef MEGURI_CONTRACT_H
#define MEGURI_CONTRACT_H

#include "arena.h"
#include "problem.h"
#include "schema.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { CONTRACT_MAX_PATH_PARAMETERS = 4, CONTRACT_MAX_SCOPES = 64 };

struct parameter {
    const char *name;
    const char *in; /* "path", "query", "header" */
    bool required;
    const struct schema *schema;
};

struct operation {
    const char *id;      /* operationId */
    const char *method;  /* "GET" */
    const char *path;    /* "/v1/clients/{client_id}" */
    const char *service; /* x-service */
    const char *entity;  /* x-entity or NULL */
    const char *
        lane; /* "read", "write" or "slow": slow by x-lane, else read for GET and write for the rest */
    int success_status; /* the one 2xx status it documents */
    bool is_public;     /* security: [] */
    uint64_t scopes;    /* bit set over contract_scope() */
    const struct parameter *parameters;
    int parameter_count;
    const struct schema *body; /* NULL = no body allowed */
    bool body_required;
    const char *
        body_media_type; /* application/json, application/merge-patch+json, or of a raw body */
    bool
        body_is_raw; /* text/csv, application/octet-stream or any: handed over as it came, not parsed */
    int64_t body_max_bytes; /* x-max-bytes; 0 = the program's own limit */
    bool has_if_match;      /* If-Match declared: required (428) */
    bool has_idempotency_key;
    bool has_as_of;
    bool has_page; /* limit and after declared: the reply is a list */
    const char *const
        *sorts; /* allowed values of sort, NULL-terminated; NULL = no sort */
    const char *default_sort;
    const char *feed; /* x-feed: the statement that follows this list; NULL = none */
    int64_t max_limit, default_limit;
    const struct schema *reply; /* schema of the success reply (tests), may be NULL */
    const struct operation
        *get;  /* the GET of the same path (for 412 against 404); NULL when none */
    int index; /* position in contract_operations */
};

struct contract;

/* json: the document, copied. NULL with *ret_error (malloc'ed text that says what to mend where) when anything is not understood. */
struct contract *contract_load(const void *json, size_t len, const char **ret_error);
void contract_destroy(struct contract *contract); /* for tests; accepts NULL */

/* All operations, NULL-terminated. */
const struct operation *const *contract_operations(const struct contract *contract);
const struct operation *contract_find(const struct contract *contract,
                                      const char *operation_id);
/* The document as given (GET /openapi.json), compact JSON. */
const char *contract_text(const struct contract *contract, size_t *ret_len);

struct path_match {
    const struct operation *operation;
    const char *names[CONTRACT_MAX_PATH_PARAMETERS];
    char *values[CONTRACT_MAX_PATH_PARAMETERS]; /* percent-decoded, in the arena */
    int count;
    const char *allow; /* for 405: "GET, PATCH, DELETE" */
};

enum contract_match { CONTRACT_FOUND, CONTRACT_NO_PATH, CONTRACT_NO_METHOD };
/* HEAD matches GET. A trailing slash, an empty segment, bad percent-encoding or an encoded slash match nothing. */
enum contract_match contract_route(const struct contract *contract, struct arena *arena,
                                   const char *method, const char *path,
                                   struct path_match *ret);

/* Scope names: "assets:read" <-> bit. -1 when unknown. */
int contract_scope_bit(const struct contract *contract, const char *scope);
const char *contract_scope_name(const struct contract *contract,
                                int bit); /* NULL past the end */
/* All scopes of a role (bits); 0 when the role is unknown. */
uint64_t contract_role_scopes(const struct contract *contract, const char *role);

/* A query string, decoded: "a=1&b=%E3%81%82" -> names and values in the arena. Duplicate names, bad percent-encoding, not UTF-8, NUL
 * or more than 64 parameters: false. */
struct query {
    int count;
    const char **names;
    const char **values;
};
bool query_parse(struct arena *arena, const char *text, struct query *ret);

/* Checks path, query and header parameters and adds every error to problem (code INVALID_PARAMETERS, 404 for a path parameter that
 * does not fit: a malformed id is a missing one). header() answers a header's value or NULL. */
bool contract_check_parameters(const struct operation *operation, struct arena *arena,
                               const struct path_match *path, const struct query *query,
                               const char *(*header)(void *arg, const char *name),
                               void *arg, struct problem *problem);

/* Parses and checks the body: media type (415), JSON (400 malformed_json: duplicates, depth > 32, not UTF-8, trailing bytes), schema
 * (422). *ret_body is a new reference owned by the arena; NULL when the operation takes none and none was sent. */
bool contract_check_body(const struct operation *operation, struct arena *arena,
                         const char *content_type, const char *body, size_t len,
                         struct problem *problem, json_t **ret_body);

#endif
