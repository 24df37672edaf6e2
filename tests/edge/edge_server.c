/* A small program over api/http.h for the raw-socket suite: every path shows one habit of the edge.
 *   /echo         what arrived, as JSON          /slow?N      replies after N ms
 *   /big?N        N bytes                        /status?N    that status, with a body offered
 *   /close        the reply closes               /limited     accepts 1000 bytes of body
 *   /count        requests handed up so far, connections, abandoned exchanges, resident kB
 * Anything else is 404. Prints its port; SIGTERM drains, then ends when the last connection is gone. */
#include "api/http.h"

#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIMITED_BODY = 1000, DRAIN_POLL_MS = 20 };

struct edge_server {
    struct loop *loop;
    struct http_server *http;
    int64_t requests;
    int64_t abandoned;
    int64_t slow; /* exchanges that wait for their timer */
    int64_t body_limit;
};

static void reply(struct http_exchange *exchange, int status, struct text *body,
                  bool close)
{
    http_reply(exchange, &(struct http_reply){
                             .status = status,
                             .content_type = "application/json",
                             .body = body,
                             .close = close,
                         });
}

static void add_member(struct text *body, const char *name, const char *value)
{
    text_add_json(body, name, strlen(name));
    text_addc(body, ':');
    if (value)
        text_add_json(body, value, strlen(value));
    else
        text_adds(body, "null");
    text_addc(body, ',');
}

static void write_echo(struct text *body, const struct http_request *request)
{
    text_addc(body, '{');
    add_member(body, "method", request->method);
    add_member(body, "path", request->path);
    add_member(body, "query", request->query);
    add_member(body, "peer", request->peer);
    text_adds(body, "\"headers\":[");
    for (int i = 0; i < request->header_count; i++) {
        text_adds(body, i ? ",[" : "[");
        text_add_json(body, request->headers[i].name, strlen(request->headers[i].name));
        text_addc(body, ',');
        text_add_json(body, request->headers[i].value, strlen(request->headers[i].value));
        text_addc(body, ']');
    }
    text_adds(body, "],\"body\":");
    text_add_json(body, request->body ? request->body : "", request->body_len);
    text_addc(body, '}');
}

/* Second number of the kernel's line, in pages. */
static long resident_kb(void)
{
    char line[100] = "";
    char *at = line;
    const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    long pages = 0;

    if (fd >= 0 && read(fd, line, sizeof line - 1) > 0) {
        (void)strtol(line, &at, 10);
        pages = strtol(at, NULL, 10);
    }
    close(fd);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void write_count(struct text *body, const struct edge_server *server)
{
    text_addf(body,
              "{\"requests\":%lld,\"abandoned\":%lld,\"connections\":%d,\"kb\":%ld}",
              (long long)server->requests, (long long)server->abandoned,
              http_server_connections(server->http), resident_kb());
}

struct slow_exchange {
    struct edge_server *server;
    const char *body;
};

static void on_slow(void *arg)
{
    const struct slow_exchange *slow = http_context(arg);
    struct text body = {0};

    slow->server->slow--;
    text_adds(&body, slow->body);
    reply(arg, 200, &body, false);
}

static void write_big(struct text *body, int64_t bytes)
{
    static const char block[1000] = {0};

    for (; bytes > 0; bytes -= (int64_t)sizeof block)
        text_add(body, block,
                 bytes < (int64_t)sizeof block ? (size_t)bytes : sizeof block);
}

static void start_slow(struct edge_server *server, struct http_exchange *exchange,
                       const struct http_request *request, int64_t ms)
{
    struct slow_exchange *slow = arena_alloc(request->arena, sizeof *slow);

    slow->server = server;
    slow->body = arena_printf(request->arena, "\"%s\"", request->query);
    server->slow++;
    http_set_context(exchange, slow);
    loop_after(server->loop, ms, on_slow, exchange);
}

static void on_request(struct http_exchange *exchange, const struct http_request *request,
                       void *arg)
{
    struct edge_server *server = arg;
    const int64_t number = request->query ? strtoll(request->query, NULL, 10) : 0;
    struct text body = {0};
    int status = 200;

    server->requests++;
    if (strcmp(request->path, "/slow") == 0) {
        start_slow(server, exchange, request, number);
        return;
    }
    if (strcmp(request->path, "/echo") == 0 || strcmp(request->path, "/limited") == 0) {
        write_echo(&body, request);
    } else if (strcmp(request->path, "/big") == 0) {
        write_big(&body, number);
    } else if (strcmp(request->path, "/count") == 0) {
        write_count(&body, server);
    } else if (strcmp(request->path, "/status") == 0) {
        status = (int)number;
        text_adds(&body, "\"body\"");
    } else {
        status = strcmp(request->path, "/close") == 0 ? 200 : 404;
        text_adds(&body, "{}");
    }
    reply(exchange, status, &body, strcmp(request->path, "/close") == 0);
}

static void on_abandon(struct http_exchange *exchange, void *arg)
{
    struct edge_server *server = arg;

    (void)exchange;
    server->abandoned++;
}

static int64_t body_limit(const char *method, const char *path, void *arg)
{
    const struct edge_server *server = arg;

    (void)method;
    return strcmp(path, "/limited") == 0 ? LIMITED_BODY : server->body_limit;
}

static int edge_headers(struct arena *arena, const struct http_header **ret, void *arg)
{
    static const struct http_header headers[] = {{"X-Content-Type-Options", "nosniff"},
                                                 {"X-Request-Id", "edge-1"}};

    (void)arena;
    (void)arg;
    *ret = headers;
    return 2;
}

static void wait_until_empty(void *arg)
{
    struct edge_server *server = arg;

    if (http_server_connections(server->http) == 0 && server->slow == 0)
        loop_stop(server->loop);
    else
        loop_after(server->loop, DRAIN_POLL_MS, wait_until_empty, server);
}

static void on_term(evutil_socket_t signal_number, short what, void *arg)
{
    struct edge_server *server = arg;

    (void)signal_number;
    (void)what;
    http_server_drain(server->http);
    wait_until_empty(server);
}

static const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): one thread */

    return value ? value : otherwise;
}

static int64_t number_setting(const char *name, const char *otherwise)
{
    return strtoll(setting(name, otherwise), NULL, 10);
}

int main(void)
{
    struct edge_server server = {.loop = loop_new(0), .body_limit = 1024 * 1024};
    const struct http_callbacks callbacks = {.on_request = on_request,
                                             .on_abandon = on_abandon,
                                             .body_limit = body_limit,
                                             .edge_headers = edge_headers,
                                             .arg = &server};
    const struct http_options options = {
        .listen = setting("EDGE_LISTEN", "127.0.0.1:0"),
        .max_connections = number_setting("EDGE_MAX_CONNECTIONS", "20000"),
        .max_per_peer = number_setting("EDGE_MAX_PER_PEER", "0"),
        .request_timeout_ms = number_setting("EDGE_REQUEST_MS", "10000"),
        .idle_timeout_ms = number_setting("EDGE_IDLE_MS", "60000"),
        .write_timeout_ms = number_setting("EDGE_WRITE_MS", "10000"),
        .tls_certificate = setting("EDGE_CERTIFICATE", NULL),
        .tls_key = setting("EDGE_KEY", NULL),
    };
    const char *error = NULL;
    struct event *term = evsignal_new(loop_base(server.loop), SIGTERM, on_term, &server);

    server.http = http_server_new(server.loop, &options, &callbacks, &error);
    if (!server.http || !term) {
        (void)fprintf(stderr, "%s\n", error ? error : "no signal event");
        return 1;
    }
    event_add(term, NULL);
    printf("%d\n", http_server_port(server.http));
    (void)fflush(stdout);
    loop_run(server.loop);
    http_server_destroy(server.http);
    event_free(term);
    loop_destroy(server.loop);
    return 0;
}
