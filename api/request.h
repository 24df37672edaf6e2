/* One request on its way down the ladder, as services see it. Everything hangs on its arena. */
#ifndef MEGURI_REQUEST_H
#define MEGURI_REQUEST_H

#include "arena.h"
#include "contract.h"
#include "db.h"
#include "http.h"
#include "problem.h"
#include "token.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum request_reach { REACH_NONE, REACH_CLIENT, REACH_ASSIGNED, REACH_ALL };

/* Who asks, from the token and the membership row only. */
struct caller {
    const char *consultancy; /* NULL when public */
    const char *member;
    const char *session;
    const char *role;   /* owner admin consultant client_admin client_member auditor */
    const char *client; /* the one client of a client user */
    enum request_reach reach;
    uint64_t scopes;
};

struct request {
    struct arena *arena;
    const struct http_request *http;
    const struct operation *operation;
    struct path_match path;
    struct query query;
    json_t *body; /* checked against the contract; NULL when none */
    struct caller caller;
    enum language language;
    int64_t now_us;
    const char *request_id;
    struct problem problem; /* code != PROBLEM_NONE: refused */
};

/* ---- for steps of services ---- */

/* Refuses with a problem; the first one wins. Always returns false, so a step ends with `return refuse(...)`. detail texts may be NULL. */
bool refuse(struct request *rq, enum problem_code code, const char *detail_en,
            const char *detail_ja);
/* Adds a wrong body field (422) and goes on collecting; always returns false. */
bool refuse_field(struct request *rq, const char *pointer, const char *code,
                  const char *limit);

/* A path or query parameter as text; NULL when absent. */
const char *request_parameter(const struct request *rq, const char *name);
/* A top-level body member; NULL when absent. */
const json_t *request_member(const struct request *rq, const char *name);

/* What the body of another operation of the contract must be, for things nested in this one's; NULL when it takes none. */
const struct schema *request_body_schema(const struct request *rq,
                                         const char *operation_id);

/* Named values for the statements that follow (`:name`); win over path, query and body. Text is copied; NULL = SQL NULL. */
void request_set(struct request *rq, const char *name, const char *text);
void request_set_int(struct request *rq, const char *name, int64_t number);
void request_set_json(struct request *rq, const char *name, const json_t *value);
const char *request_value(struct request *rq, const char *name,
                          bool *ret_found); /* what :name would bind */

/* Rows of a statement that already ran in this request; NULL when it did not. */
const struct rows *request_rows(const struct request *rq, const char *statement);

/* The tenant becomes known (sign-in, refresh): statements after this run in its context. */
void request_assume(struct request *rq, const char *consultancy, const char *member,
                    enum request_reach reach);

/* What a membership reaches: a client's user his client, owners, admins and whoever may see all clients everything, a consultant the
 * clients he is assigned to. client may be NULL. */
enum request_reach request_reach_of(const char *role, const char *client,
                                    bool all_clients);
/* Goes on with the rights that the member of request_assume has now, from his membership row: a link acts for its owner. */
void request_act_as(struct request *rq, const char *role, const char *client,
                    bool all_clients);

/* The reply is this JSON instead of the last statement's rows; takes the reference. */
void request_reply_json(struct request *rq, json_t *reply);
void request_reply_text(struct request *rq, const char *content_type,
                        struct text *body); /* takes body over */
void request_reply_status(struct request *rq, int status);
void request_reply_header(struct request *rq, const char *name, const char *value);

#endif
