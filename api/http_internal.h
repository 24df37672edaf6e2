/* Shared by api/http*.c only: the structures of one server, its connections and their exchanges.
 * Everything here belongs to one loop thread. */
#ifndef MEGURI_HTTP_INTERNAL_H
#define MEGURI_HTTP_INTERNAL_H

#include "http.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>
#include <http_parser.h>
#include <netinet/in.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
    HTTP_READ_SIZE = 64 * 1024,       /* one read(2) */
    HTTP_TARGET_MAX = 8192,           /* 414 beyond */
    HTTP_HEADERS_MAX = 8192,          /* bytes of header fields; 431 beyond */
    HTTP_FIELDS_MAX = 64,             /* 431 beyond */
    HTTP_PIPELINE_MAX = 64,           /* unanswered requests of one connection */
    HTTP_UNREAD_MAX = 256 * 1024,     /* bytes of replies that the peer did not take */
    HTTP_WAITING_MAX = 16 * 1024,     /* bytes read ahead of a request that must wait */
    HTTP_WRITE_STEP = 64 * 1024,      /* progress that earns another write timeout */
    HTTP_CHUNK_DIGITS_MAX = 8,        /* hex digits of a chunk size */
    HTTP_CHUNK_EXTENSION_MAX = 256,   /* bytes, of one chunk */
    HTTP_CHUNK_EXTENSIONS_MAX = 4096, /* bytes, of one message */
    HTTP_LINGER_MS = 3000,            /* reading and dropping after our last byte */
    HTTP_DROP_MAX = 16 * 1024 * 1024, /* bytes dropped after the last request */
    HTTP_EXCESS_MAX = 64,             /* connections above the cap that get their 503 */
    HTTP_IOV_MAX = 64,
    HTTP_SWEEP_MS = 100,
    HTTP_PEER_BUCKETS = 256
};

/* Why the edge refuses; the table in http_refusal.c gives status and text. */
enum http_refusal {
    REFUSAL_NONE,
    REFUSAL_REQUEST_LINE,
    REFUSAL_LINE_END,
    REFUSAL_CONTROL_BYTE,
    REFUSAL_FIELD,
    REFUSAL_FOLDING,
    REFUSAL_TARGET,
    REFUSAL_TARGET_TOO_LONG,
    REFUSAL_HEADERS_TOO_LARGE,
    REFUSAL_METHOD,
    REFUSAL_VERSION,
    REFUSAL_HOST,
    REFUSAL_REPEATED_FIELD,
    REFUSAL_LENGTH,
    REFUSAL_LENGTH_AND_CODING,
    REFUSAL_CODING,
    REFUSAL_CODING_REPEATED,
    REFUSAL_CODING_OLD_VERSION,
    REFUSAL_UPGRADE,
    REFUSAL_EXPECTATION,
    REFUSAL_TOO_LARGE,
    REFUSAL_CHUNK,
    REFUSAL_TRAILER,
    REFUSAL_MALFORMED,
    REFUSAL_TIMEOUT,
    REFUSAL_CONNECTIONS,
    REFUSALS
};

/* One deadline of one connection. All members of a list wait equally long, so a list is sorted by itself. */
struct http_due {
    TAILQ_ENTRY(http_due) link;
    struct http_due_list *list; /* NULL = none */
    struct http_connection *connection;
    int64_t at_ms;
};

struct http_due_list {
    TAILQ_HEAD(, http_due) dues;
    int64_t wait_ms;
    void (*fire)(struct http_connection *connection);
};

/* Progress over a message head that may arrive in pieces; offsets from the first byte of the message. */
struct http_head_scan {
    uint32_t at; /* next byte to look at */
    uint32_t
        start; /* of the request line: 2 after one empty line, which RFC 9112 2.2 tolerates */
    uint32_t line;      /* start of the present line */
    uint32_t fields_at; /* start of the header fields; 0 = still in the request line */
    uint16_t fields;
    bool carriage_return; /* the last byte was CR */
    bool complete;
};

enum http_chunk_state {
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    CHUNK_END_CR,
    CHUNK_END_LF,
    CHUNK_DONE
};

struct http_chunk_scan {
    enum http_chunk_state state;
    uint32_t digits;
    uint32_t extension;  /* bytes in this chunk */
    uint32_t extensions; /* bytes in this message */
    uint64_t left;       /* of the chunk's data */
};

struct http_exchange {
    struct http_connection *connection; /* NULL after the peer went away */
    struct http_server *server;         /* valid while connection is */
    STAILQ_ENTRY(http_exchange) link;
    struct http_request request;
    struct http_header *fields;
    int field_capacity;
    http_parser parser;
    enum http_refusal refusal; /* what the parser's callbacks found */
    struct http_chunk_scan chunk;
    uint64_t body_left; /* of a Content-Length body */
    int64_t body_limit;
    struct text body;
    struct text head;  /* of the reply, also 100 Continue */
    struct text reply; /* body of the reply */
    size_t sent;       /* of head and reply together */
    void *context;
    bool no_body; /* HEAD */
    bool keep_alive;
    bool unsafe; /* may change something: never in flight together with another one */
    bool want_continue; /* 100 Continue is due once this exchange is the first */
    bool handed;        /* the layer above owns it and will call http_reply */
    bool parsed;        /* the whole message */
    bool ready;         /* the reply is complete */
    bool close;         /* after the reply */
};

struct http_peer {
    LIST_ENTRY(http_peer) link;
    struct in6_addr address;
    int connections;
    char text[INET6_ADDRSTRLEN];
};

struct http_connection {
    struct http_server *server;
    struct http_peer *peer;
    struct ssl_st *tls; /* NULL = plain */
    struct event read_event;
    struct event write_event;
    TAILQ_ENTRY(http_connection) link;
    TAILQ_ENTRY(http_connection) flush_link;
    struct http_due read_due; /* idle, message or linger */
    struct http_due write_due;
    struct text in; /* a head that is not complete, or what waits while paused */
    struct http_head_scan scan;
    struct http_exchange
        *message; /* its body is arriving; also the last of `exchanges` */
    STAILQ_HEAD(http_exchanges, http_exchange) exchanges;
    int64_t message_ms; /* first byte of the present message */
    size_t unsent;      /* bytes of replies in `exchanges` */
    size_t written;     /* since write_due was set */
    uint32_t dropped;
    int exchange_count;
    int open; /* handed up and not answered */
    int open_unsafe;
    bool running; /* inside http_connection_run's caller: replies need no wake-up */
    bool flush_queued;
    bool excess;  /* above the cap, only here to be told 503 */
    bool deaf;    /* takes no further request */
    bool paused;  /* back-pressure */
    bool blocked; /* the socket takes no more */
    bool end;     /* the peer sent its last byte */
    bool closing; /* the last reply is written */
    bool lingering;
};

struct http_server {
    struct loop *loop;
    struct http_callbacks callbacks;
    struct http_options options;
    struct evconnlistener *listener;
    struct loop_timer *listener_pause;
    struct ssl_ctx_st *tls;
    int port;
    int count; /* without excess */
    int excess;
    bool draining;
    struct event sweep;
    struct event flush;
    TAILQ_HEAD(, http_connection) connections;
    TAILQ_HEAD(, http_connection) flushing;
    struct http_due_list idle, message, linger, write;
    LIST_HEAD(, http_peer) peers[HTTP_PEER_BUCKETS];
    int64_t date_s;
    char date[32];
    char *scratch; /* HTTP_READ_SIZE */
};

/* http_head.c: looks at data[scan->at..len); scan->complete once the empty line is there (scan->at = length of the head). */
enum http_refusal http_head_scan(struct http_head_scan *scan, const char *data,
                                 size_t len);

/* http_target.c: origin-form, printable ASCII, percent-encoded valid UTF-8 without control characters in the path. */
bool http_target_valid(const char *target, size_t len);

/* http_chunk.c: the strict gate before the parser. *ret_used = bytes that belong to this message. */
enum http_refusal http_chunk_scan(struct http_chunk_scan *scan, const char *data,
                                  size_t len, size_t *ret_used);

/* http_fields.c: what must hold for the fields of a complete head. */
enum http_refusal http_fields_check(struct http_exchange *exchange);

/* http_parse.c. Head: fills exchange->request from a complete head. Body: *ret_used > 0 unless refused. */
enum http_refusal http_parse_head(struct http_exchange *exchange, const char *data,
                                  const struct http_head_scan *scan);
enum http_refusal http_parse_body(struct http_exchange *exchange, const char *data,
                                  size_t len, size_t *ret_used);

/* http_refusal.c: turns the exchange into a ready problem reply that closes. */
void http_refuse(struct http_exchange *exchange, enum http_refusal refusal);

/* http_exchange.c */
struct http_exchange *http_exchange_new(struct http_connection *connection);
void http_exchange_free(struct http_exchange *exchange);
size_t http_exchange_unsent(const struct http_exchange *exchange);

void http_exchange_closed(
    struct http_exchange *exchange); /* answered or abandoned: no longer open */

/* http_reply.c: head and body of the reply into the exchange, in order of `exchanges`. */
void http_reply_prepare(struct http_exchange *exchange, const struct http_reply *reply);

/* http_write.c: writes what is ready; false when the connection is lost. */
bool http_write(struct http_connection *connection);

/* http_connection.c */
struct http_connection *http_connection_new(struct http_server *server, int fd,
                                            struct http_peer *peer, bool excess);
void http_connection_destroy(struct http_connection *connection);
void http_connection_run(struct http_connection *connection);   /* may destroy it */
void http_connection_drain(struct http_connection *connection); /* so may this */
void http_connection_refuse(struct http_connection *connection,
                            enum http_refusal refusal);
void http_connection_abandon(struct http_connection *connection,
                             struct http_exchange *exchange);
void http_connection_timeout(
    struct http_connection *connection); /* its message took too long */
void http_connection_reply(
    struct http_connection *connection); /* something is ready to be written */

/* http_input.c: takes bytes of requests; what must wait stays in connection->in. */
void http_input_feed(struct http_connection *connection, const char *data, size_t len);
bool http_input_choked(const struct http_connection *connection);
bool http_input_waits(const struct http_connection *connection);

/* http_due.c */
void http_due_set(struct http_due *due, struct http_due_list *list, int64_t now_ms);
void http_due_clear(struct http_due *due);
void http_due_sweep(struct http_due_list *list, int64_t now_ms);

/* http_peer.c: counts connections of an address. http_peer_get counts one more. */
struct http_peer *http_peer_get(struct http_server *server,
                                const struct sockaddr *address);
void http_peer_put(struct http_peer *peer);

/* http_listen.c: a listening socket, -1 with *ret_error. */
int http_listen(const char *listen_on, bool probe, int *ret_port, const char **ret_error);

/* http_tls.c: bytes moved, 0 at the end of the stream (read), -1 when it would block, -2 when the connection is lost. */
enum { HTTP_IO_WAIT = -1, HTTP_IO_LOST = -2 };
struct ssl_ctx_st *http_tls_new(const char *certificate, const char *key,
                                const char **ret_error);
void http_tls_free(struct ssl_ctx_st *tls);
bool http_tls_accept(struct http_connection *connection, int fd);
void http_tls_end(struct http_connection *connection); /* our side says goodbye */
void http_tls_free_connection(struct http_connection *connection);
ssize_t http_io_read(struct http_connection *connection, char *data, size_t len);
ssize_t http_io_write(struct http_connection *connection, struct iovec *pieces,
                      int count);

#endif
