/* One server on one loop: accepts within its caps, sweeps deadlines, drains, goes away. */
#include "http_internal.h"

#include "clock.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ACCEPT_PAUSE_MS = 100, /* after running out of descriptors */
    DEFAULT_TIMEOUT_MS = 30000,
    RECORD_ROOM = 16 * 1024 /* behind the read buffer, for TLS records */
};

static void accept_excess(struct http_server *server, int fd, struct http_peer *peer)
{
    struct http_connection *connection;

    if (server->tls || server->excess >= HTTP_EXCESS_MAX) {
        http_peer_put(peer);
        close(fd);
        return;
    }
    connection = http_connection_new(server, fd, peer, true);
    http_connection_refuse(connection, REFUSAL_CONNECTIONS);
    http_connection_run(connection);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd,
                      struct sockaddr *address, int len, void *arg)
{
    struct http_server *server = arg;
    const struct http_options *options = &server->options;
    struct http_peer *peer = http_peer_get(server, address);
    struct http_connection *connection;

    (void)listener;
    (void)len;
    if (server->count >= options->max_connections ||
        (options->max_per_peer > 0 && peer->connections > options->max_per_peer)) {
        accept_excess(server, fd, peer);
        return;
    }
    connection = http_connection_new(server, fd, peer, false);
    if (server->tls && !http_tls_accept(connection, fd))
        http_connection_destroy(connection);
}

static void on_accept_resume(void *arg)
{
    struct http_server *server = arg;

    server->listener_pause = NULL;
    evconnlistener_enable(server->listener);
}

static void on_accept_error(struct evconnlistener *listener, void *arg)
{
    struct http_server *server = arg;

    if (server->listener_pause)
        return;
    evconnlistener_disable(listener);
    server->listener_pause =
        loop_after(server->loop, ACCEPT_PAUSE_MS, on_accept_resume, server);
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    struct http_server *server = arg;
    const int64_t now_ms = clock_monotonic_ms();

    (void)fd;
    (void)what;
    http_due_sweep(&server->idle, now_ms);
    http_due_sweep(&server->message, now_ms);
    http_due_sweep(&server->write, now_ms);
    http_due_sweep(&server->linger, now_ms);
}

static void on_flush(evutil_socket_t fd, short what, void *arg)
{
    struct http_server *server = arg;
    struct http_connection *connection;

    (void)fd;
    (void)what;
    while ((connection = TAILQ_FIRST(&server->flushing))) {
        TAILQ_REMOVE(&server->flushing, connection, flush_link);
        connection->flush_queued = false;
        http_connection_run(connection);
    }
}

static void due_list_init(struct http_due_list *list, int64_t wait_ms,
                          void (*fire)(struct http_connection *connection))
{
    TAILQ_INIT(&list->dues);
    list->wait_ms = wait_ms > 0 ? wait_ms : DEFAULT_TIMEOUT_MS;
    list->fire = fire;
}

static void server_init(struct http_server *server)
{
    const struct timeval period = {.tv_usec = HTTP_SWEEP_MS * 1000};
    const struct http_options *options = &server->options;
    struct event_base *base = loop_base(server->loop);

    TAILQ_INIT(&server->connections);
    TAILQ_INIT(&server->flushing);
    due_list_init(&server->idle, options->idle_timeout_ms, http_connection_destroy);
    due_list_init(&server->message, options->request_timeout_ms, http_connection_timeout);
    due_list_init(&server->write,
                  options->write_timeout_ms > 0 ? options->write_timeout_ms
                                                : options->request_timeout_ms,
                  http_connection_destroy);
    due_list_init(&server->linger, HTTP_LINGER_MS, http_connection_destroy);
    evtimer_assign(&server->flush, base, on_flush, server);
    event_assign(&server->sweep, base, -1, EV_PERSIST, on_sweep, server);
    event_add(&server->sweep, &period);
}

static bool server_open(struct http_server *server, const char **ret_error)
{
    const struct http_options *options = &server->options;
    const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
    int fd;

    if (options->tls_certificate) {
        server->tls = http_tls_new(options->tls_certificate, options->tls_key, ret_error);
        if (!server->tls)
            return false;
    }
    fd = http_listen(options->listen, loop_index(server->loop) == 0, &server->port,
                     ret_error);
    if (fd < 0)
        return false;
    server->listener =
        evconnlistener_new(loop_base(server->loop), on_accept, server, flags, 0, fd);
    if (!server->listener)
        abort();
    evconnlistener_set_error_cb(server->listener, on_accept_error);
    return true;
}

struct http_server *http_server_new(struct loop *loop, const struct http_options *options,
                                    const struct http_callbacks *callbacks,
                                    const char **ret_error)
{
    struct http_server *server = calloc(1, sizeof *server);

    if (!server)
        abort();
    server->loop = loop;
    server->options = *options;
    server->callbacks = *callbacks;
    if (!server_open(server, ret_error)) {
        http_tls_free(server->tls);
        free(server);
        return NULL;
    }
    server->scratch = malloc(HTTP_READ_SIZE + RECORD_ROOM);
    if (!server->scratch)
        abort();
    (void)signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
    server_init(server);
    return server;
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

int http_server_connections(const struct http_server *server)
{
    return server->count;
}

static void stop_accepting(struct http_server *server)
{
    loop_cancel(server->listener_pause);
    server->listener_pause = NULL;
    if (server->listener)
        evconnlistener_free(server->listener);
    server->listener = NULL;
}

/* The connections that wait in the listener would be reset with it. */
static void accept_waiting(struct http_server *server)
{
    const int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    struct sockaddr_storage from;
    socklen_t len = sizeof from;
    int fd;

    if (!server->listener)
        return;
    while ((fd = accept4(evconnlistener_get_fd(server->listener),
                         (struct sockaddr *)&from, &len, flags)) >= 0) {
        on_accept(server->listener, fd, (struct sockaddr *)&from, (int)len, server);
        len = sizeof from;
    }
}

void http_server_drain(struct http_server *server)
{
    struct http_connection *connection, *next;

    accept_waiting(server);
    stop_accepting(server);
    server->draining = true;
    for (connection = TAILQ_FIRST(&server->connections); connection; connection = next) {
        next = TAILQ_NEXT(connection, link);
        if (!connection->running)
            http_connection_drain(connection);
    }
}

void http_server_destroy(struct http_server *server)
{
    if (!server)
        return;
    stop_accepting(server);
    while (!TAILQ_EMPTY(&server->connections))
        http_connection_destroy(TAILQ_FIRST(&server->connections));
    event_del(&server->sweep);
    event_del(&server->flush);
    http_tls_free(server->tls);
    free(server->scratch);
    free(server);
}
