/* Problems: RFC 9457 problem details with a stable `code` and every wrong field by JSON pointer, in Japanese or English.
 * One table (problem.c) holds code, status, title ja/en; another the field codes with their sentences ja/en. */
#ifndef MEGURI_PROBLEM_H
#define MEGURI_PROBLEM_H

#include "arena.h"
#include "text.h"

#include <stdbool.h>

enum language { LANGUAGE_EN, LANGUAGE_JA };

/* Accept-Language (RFC 9110) -> ja or en by quality; NULL or none acceptable -> LANGUAGE_EN. */
enum language language_negotiate(const char *accept_language);
const char *language_tag(enum language language); /* "en", "ja" */

enum problem_code {
    PROBLEM_NONE,
    PROBLEM_BAD_REQUEST, /* 400 bad_request: framing, query, path or header is wrong */
    PROBLEM_MALFORMED_JSON, /* 400 malformed_json: body is not one JSON value in UTF-8 without duplicate members */
    PROBLEM_INVALID_PARAMETERS, /* 400 invalid_parameters: errors[] with in=query|path|header */
    PROBLEM_INVALID_CURSOR, /* 400 invalid_cursor */
    PROBLEM_UNAUTHORIZED,   /* 401 unauthorized */
    PROBLEM_TOKEN_EXPIRED,  /* 401 token_expired */
    PROBLEM_BAD_CREDENTIALS, /* 401 bad_credentials: sign-in refused, same for unknown user and wrong password */
    PROBLEM_FORBIDDEN,          /* 403 forbidden: scope missing */
    PROBLEM_NOT_FOUND,          /* 404 not_found: missing and foreign are the same */
    PROBLEM_METHOD_NOT_ALLOWED, /* 405 */
    PROBLEM_NOT_ACCEPTABLE,     /* 406 */
    PROBLEM_REQUEST_TIMEOUT,    /* 408 */
    PROBLEM_CONFLICT, /* 409 conflict: unique or state conflict, detail says which */
    PROBLEM_STILL_REFERENCED, /* 409 still_referenced: delete what depends on it first */
    PROBLEM_STATE_NOT_ALLOWED, /* 409 state_not_allowed: step is not allowed from the present state */
    PROBLEM_PRECONDITION_FAILED,    /* 412 */
    PROBLEM_CONTENT_TOO_LARGE,      /* 413 */
    PROBLEM_URI_TOO_LONG,           /* 414 */
    PROBLEM_UNSUPPORTED_MEDIA_TYPE, /* 415 */
    PROBLEM_EXPECTATION_FAILED,     /* 417 */
    PROBLEM_UNPROCESSABLE, /* 422 unprocessable: body does not fit its schema or the rules; errors[] */
    PROBLEM_IDEMPOTENCY_MISMATCH, /* 422 idempotency_key_reused: same key, other request */
    PROBLEM_PRECONDITION_REQUIRED, /* 428 */
    PROBLEM_TOO_MANY_REQUESTS,     /* 429 */
    PROBLEM_HEADERS_TOO_LARGE,     /* 431 */
    PROBLEM_INTERNAL,              /* 500 */
    PROBLEM_NOT_IMPLEMENTED,       /* 501: unknown transfer coding */
    PROBLEM_UNAVAILABLE, /* 503 unavailable: queue full, database away; Retry-After */
    PROBLEM_VERSION_NOT_SUPPORTED, /* 505 */
    PROBLEM_CODES
};

struct field_error {
    const char *in; /* "body", "query", "path", "header" */
    const char
        *pointer; /* JSON pointer into the body (""=whole body) or the parameter's name */
    const char *
        code; /* stable: required, unknown_member, wrong_type, too_short, too_long, too_small, too_large, bad_format,
                            not_in_list, pattern_mismatch, too_few_items, too_many_items, not_unique, no_variant_matches,
                            ... plus the rules' own codes; must be in the field table of problem.c */
    const char *
        limit; /* the bound, allowed values or expected type as text; NULL when there is none */
    struct field_error *next;
};

struct problem {
    enum problem_code code;
    const char *detail_en; /* NULL = title only */
    const char *detail_ja;
    struct field_error *errors; /* in order of appearance */
    struct field_error **errors_tail;
    int error_count;   /* counting stops at PROBLEM_MAX_ERRORS, the list too */
    int retry_after_s; /* 0 = no Retry-After */
};

enum { PROBLEM_MAX_ERRORS = 100 };

int problem_status(enum problem_code code);
const char *problem_name(enum problem_code code); /* "not_found" */

/* Appends one field error; strings are copied into the arena. First use sets errors_tail. */
void problem_add(struct arena *arena, struct problem *problem, const char *in,
                 const char *pointer, const char *code, const char *limit);

/* Writes the application/problem+json body:
 * {"type":"https://meguri.dev/problems/<code>" (a relative reference "/problems/<code>"), "title", "status", "detail"?, "code",
 *  "instance": "/requests/<request_id>", "errors":[{"in","pointer","code","detail","limit"?}]?}. */
void problem_write(struct text *out, const struct problem *problem,
                   enum language language, const char *request_id);

/* Is the field code in the table? A test walks all codes the sources use. */
bool problem_field_code_known(const char *code);

#endif
