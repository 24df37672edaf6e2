/* The shell's side of a request: the flow through the ladder. Private to request.c, ladder.c, authenticate.c, steps.c, reply.c,
 * idempotency.c and app.c. */
#ifndef MEGURI_REQUEST_INTERNAL_H
#define MEGURI_REQUEST_INTERNAL_H

#include "app.h"
#include "config.h"
#include "cursor.h"
#include "metrics.h"
#include "offload.h"
#include "rate.h"
#include "request.h"

#include <pthread.h>

enum { FLOW_MAX_RESULTS = 48, FLOW_MAX_HEADERS = 24 };

/* One sort value of a list with its prepared statements. */
struct plan_variant {
    const char *sort;
    const struct statement *first;
    const struct statement *next;
};

/* What a feed reads (x-feed); NULL = the list can not be followed. */
struct plan_feed {
    const struct statement *first;
    const struct statement *next;
};

struct plan_step {
    const struct statement *statement;
    bool (*compute)(struct request *rq);
    bool (*offload)(struct request *rq);
    bool optional;
    bool
        in_transaction; /* its segment (between offloads) writes more than one statement can */
};

/* What an operation does, bound at start. */
struct plan {
    const struct operation *operation;
    struct plan_step *steps;
    int count;
    const struct statement *
        parent; /* lists: finds what the path names above it; NULL when that is unknown here */
    struct plan_variant *variants; /* lists: one per sort; NULL otherwise */
    uint64_t
        filters; /* lists with as_of: which parameters name a member of the rows (by position) */
    struct plan_feed feed;
    int variant_count;
    struct metric *seconds;
    struct metric *statuses[6]; /* by first digit */
};

struct app;
struct membership_cache;

/* One event loop with everything that belongs to it alone. */
struct worker {
    struct app *app;
    struct loop *loop;
    pthread_t thread; /* that runs the loop */
    struct db *db;
    struct http_server *server;
    bool drains; /* atomic access: accepts no more */
    struct token_cache *tokens;
    struct rate_table *calls;
    struct rate_table *failures;
    struct membership_cache *members;
};

struct app {
    const struct config *config;
    const struct contract *contract;
    const struct statement_library *library;
    const struct service *const *services;
    struct plan
        *plans; /* by operation index; operation NULL = served by another program */
    struct offload *pool;
    struct jobs *jobs;
    const struct statement *find_membership, *read_as_of, *list_as_of, *find_client,
        *find_trail_tip, *find_unknown_references;
    const struct statement *claim_idempotency, *find_idempotency, *store_idempotency;
    const char *contract_etag;
    struct worker *workers;
    int worker_count;
    bool draining; /* atomic access */
};

struct named_value {
    const char *name;
    const char *text;
    struct named_value *next;
};

struct named_rows {
    const char *statement;
    const struct rows *rows;
};

struct flow {
    struct request rq; /* first: a step's rq is its flow */
    struct worker *worker;
    struct http_exchange *exchange;
    const struct plan *plan;
    int step;
    struct db_transaction *transaction;
    struct named_value *values;
    struct named_rows results[FLOW_MAX_RESULTS];
    int result_count;
    const struct rows *last_rows; /* of the last sql step */
    struct claims claims;
    struct rate_state rate;
    bool rate_known;
    const char *trace_id;
    const char *new_id;
    /* paging */
    const char *sort;
    struct cursor cursor;
    bool has_cursor;
    int64_t limit;
    struct feed *feed; /* this is a look of a feed, or its request */
    const char *here;  /* feeds: the cursor of a reply without rows */
    bool from_latest;  /* feeds: begin with what comes */
    const char *as_of;
    const char *filters;  /* as-of lists: JSON containment */
    const char *if_match; /* version as text; NULL = any */
    const char *idempotency_key;
    bool claimed;
    /* reply */
    int status;
    const char *content_type;
    struct text body;
    bool has_body;
    struct http_header headers[FLOW_MAX_HEADERS];
    int header_count;
};

/* ladder.c */
void ladder_on_request(struct http_exchange *exchange, const struct http_request *http,
                       void *worker);
void ladder_perform(
    struct flow *flow); /* the caller is known: contract check, then the steps */
/* Signed cursor of the row after which the next page starts. */
const char *ladder_cursor(struct flow *flow, const char *key, const char *id);
int64_t ladder_body_limit(const char *method, const char *path, void *worker);

/* authenticate.c */
struct membership_cache *membership_cache_new(void);
void membership_cache_destroy(struct membership_cache *cache);
void authenticate(struct flow *flow); /* goes on with ladder_perform or a refusal */
bool authenticate_rate(struct flow *flow, const char *key);
bool authenticate_peer(
    struct flow *flow); /* 429 after too many failed tokens and sign-ins of this peer */
void authenticate_failed(struct flow *flow); /* counts one */

/* request.c */
bool request_shell_name(const char *name); /* may every statement use :name? */

/* feed.c */
bool feed_bind(const struct app *app, struct plan *plan, const char **ret_error);
bool feed_wanted(struct flow *flow); /* by its `wait` or its Accept */
const char *feed_after(struct flow *flow);
void feed_start(struct flow *flow);
void feed_authorized(struct flow *look); /* ladder: the caller may still read */
void feed_refused(
    struct flow *look); /* reply: the caller may not, or the database is away */

/* boot.c: what work in the background needs, then what serving needs on top. They end the program when it is not there. */
void app_boot(struct app *app);
void app_boot_contract(struct app *app);
const struct job *const *app_jobs(const struct service *const *services);

/* steps.c */
bool steps_bind(struct app *app, const char **ret_error);
void steps_start(struct flow *flow);
void steps_next(struct flow *flow);
void steps_fail(
    struct flow *flow); /* rolls back what is open, then answers the problem */
struct db_context flow_context(const struct flow *flow);
struct binder flow_binder(struct flow *flow);
void flow_keep(struct flow *flow, const char *statement, const struct rows *rows);

/* sqlstate.c: what the database refused, as a problem */
void sqlstate_refuse(struct flow *flow, const struct db_reply *reply);
/* A member of the body names something that is not there: PostgreSQL says the first one, so that the others are to be looked for. Sets
 * :violated and :given of findUnknownReferences, whose rows sqlstate_add_unknown adds. */
bool sqlstate_may_hide_others(struct flow *flow, const struct db_reply *reply);
void sqlstate_add_unknown(struct flow *flow, const struct rows *rows);

/* idempotency.c */
void idempotency_begin(
    struct flow *flow); /* inside the transaction, before the first step */
void idempotency_store(struct flow *flow); /* reply is built; stores it, commits, sends */

/* reply.c */
bool reply_build(struct flow *flow); /* rows or set reply -> status, headers, body */
void reply_send(struct flow *flow);
void reply_problem(struct flow *flow);
void reply_stream(struct flow *flow,
                  const char *content_type); /* the head; http_stream_* goes on */
void reply_header(struct flow *flow, const char *name, const char *value);
int reply_edge_headers(struct arena *arena, const struct http_header **ret, void *worker);
void reply_cors(struct flow *flow);
/* reply_log.c */
void reply_account(struct flow *flow,
                   size_t bytes); /* metrics and one line of the access log */
bool reply_preflight(
    struct flow *flow); /* answers a CORS preflight; false = it was none */

/* app.c */
bool app_draining(const struct app *app);

/* admin.c */
struct http_server *admin_listen(struct app *app, struct loop *loop,
                                 const char **ret_error);

#endif
