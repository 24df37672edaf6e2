/* The HTTP/1.1 edge: libevent sockets, libhttp-parser, and every limit of architecture section 7. One server per loop thread
 * (SO_REUSEPORT); callbacks and http_reply happen on that thread only. TLS when given a certificate.
 *
 * Requests of one connection are answered in the order they came, even when their replies become ready out of order. Everything the
 * parser refuses is answered with problem+json and closes the connection. HEAD, 204 and 304 never carry a body. */
#ifndef MEGURI_HTTP_H
#define MEGURI_HTTP_H

#include "arena.h"
#include "loop.h"
#include "problem.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_server;
struct http_exchange; /* one request and the place of its reply */

struct http_header {
    const char *name;  /* as sent */
    const char *value; /* trimmed */
};

struct http_request {
    struct arena *arena; /* owned by the exchange, destroyed after the reply is written */
    const char *method;
    const char *target; /* origin-form as sent */
    const char *path;   /* target up to '?', still percent-encoded */
    const char *query;  /* after '?', or NULL */
    const struct http_header *headers;
    int header_count;
    const char *body; /* NUL-terminated; NULL when there is none */
    size_t body_len;
    const char *peer;    /* address text without port */
    int64_t received_ms; /* clock_monotonic_ms at the first byte */
};

/* First header of that name, case-insensitive; NULL. (Singletons are guaranteed single by the edge: Host, Authorization, Content-Type,
 * Content-Length, Idempotency-Key, If-Match, If-None-Match.) */
const char *http_header_find(const struct http_request *request, const char *name);

struct http_reply {
    int status;
    const char *content_type; /* NULL with an empty body */
    const struct http_header
        *headers; /* further headers; values are checked for CR/LF/NUL (assert) */
    int header_count;
    struct text *body; /* taken over (left zeroed); NULL = empty */
    bool close;
};

struct http_callbacks {
    /* A complete, strictly parsed request. Answer with http_reply now or later, exactly once. */
    void (*on_request)(struct http_exchange *exchange, const struct http_request *request,
                       void *arg);
    /* The peer went away before the reply: http_reply is still to be called (and does nothing); optional. */
    void (*on_abandon)(struct http_exchange *exchange, void *arg);
    /* Bytes of body allowed for this method and path; called when headers are complete. NULL = options.body_limit. */
    int64_t (*body_limit)(const char *method, const char *path, void *arg);
    /* Headers for replies the edge writes itself (security headers, request id); optional. */
    int (*edge_headers)(struct arena *arena, const struct http_header **ret, void *arg);
    void *arg;
};

struct http_options {
    const char *listen;      /* "127.0.0.1:8080", "[::1]:8080", port 0 = any */
    int64_t max_connections; /* of this server */
    int64_t max_per_peer;    /* 0 = no limit */
    int64_t request_timeout_ms;
    int64_t idle_timeout_ms;
    int64_t
        write_timeout_ms; /* a peer that takes less than 64 kB of its replies in this time; 0 = request_timeout_ms */
    int64_t body_limit;
    const char *tls_certificate;
    const char *tls_key;
};

/* NULL with *ret_error (static text) when the address is taken or malformed, or the certificate unusable. The server on
 * loop 0 is made first: it alone refuses an address where another program listens; the others share its port. */
struct http_server *http_server_new(struct loop *loop, const struct http_options *options,
                                    const struct http_callbacks *callbacks,
                                    const char **ret_error);
int http_server_port(const struct http_server *server);
/* Takes what has reached the machine and accepts no more; idle connections close, busy ones after their reply
 * (Connection: close). */
void http_server_drain(struct http_server *server);
int http_server_connections(const struct http_server *server);
void http_server_destroy(struct http_server *server);

void http_reply(struct http_exchange *exchange, const struct http_reply *reply);
/* A reply whose body comes bit by bit and ends with the connection: begin, any number of adds, end. All three are harmless after the peer went
 * away (http_stream_open false then); end gives the exchange back in every case and takes the place of http_reply. */
void http_stream_begin(struct http_exchange *exchange, const struct http_reply *reply);
void http_stream_add(struct http_exchange *exchange, const void *data, size_t len);
bool http_stream_open(const struct http_exchange *exchange);
size_t http_stream_unsent(
    const struct http_exchange *exchange); /* bytes that the peer did not take yet */
/* The last bytes; at least one while the stream is open. */
void http_stream_end(struct http_exchange *exchange, const void *data, size_t len);

/* A place for the layer above; NULL at first. */
void http_set_context(struct http_exchange *exchange, void *context);
void *http_context(const struct http_exchange *exchange);

#endif
