/* One connection: its life, its events and its deadlines. A connection without a request in progress holds no
 * buffer, no parser and no timer of its own. */
#include "http_internal.h"

#include "clock.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A client that sends head and body in two packets and has Nagle on waits for our acknowledgement of the first, which the kernel would delay by
 * 40 ms. */
static void acknowledge_part(const struct http_connection *connection)
{
    const int one = 1;

    if (connection->message || connection->in.len > 0)
        (void)setsockopt(event_get_fd(&connection->read_event), IPPROTO_TCP, TCP_QUICKACK,
                         &one, sizeof one);
}

/* False when the connection is lost. */
static bool take_input(struct http_connection *connection)
{
    struct http_server *server = connection->server;
    const ssize_t n = http_io_read(connection, server->scratch, HTTP_READ_SIZE);

    if (n > 0) {
        http_input_feed(connection, server->scratch, (size_t)n);
        acknowledge_part(connection);
    } else if (n == 0)
        connection->end = true;
    return n != HTTP_IO_LOST;
}

static void on_read(evutil_socket_t fd, short what, void *arg)
{
    struct http_connection *connection = arg;

    (void)fd;
    (void)what;
    connection->running = true;
    if (take_input(connection))
        http_connection_run(connection);
    else
        http_connection_destroy(connection);
}

/* Also wakes a TLS handshake that had to wait for room. */
static void on_write(evutil_socket_t fd, short what, void *arg)
{
    struct http_connection *connection = arg;
    const bool blocked = connection->blocked;

    (void)what;
    connection->blocked = false;
    if (blocked || !connection->tls)
        http_connection_run(connection);
    else
        on_read(fd, EV_READ, connection);
}

struct http_connection *http_connection_new(struct http_server *server, int fd,
                                            struct http_peer *peer, bool excess)
{
    struct http_connection *connection = calloc(1, sizeof *connection);
    struct event_base *base = loop_base(server->loop);

    if (!connection)
        abort();
    connection->server = server;
    connection->peer = peer;
    connection->excess = excess;
    connection->read_due.connection = connection;
    connection->write_due.connection = connection;
    STAILQ_INIT(&connection->exchanges);
    event_assign(&connection->read_event, base, fd, EV_READ | EV_PERSIST, on_read,
                 connection);
    event_assign(&connection->write_event, base, fd, EV_WRITE, on_write, connection);
    event_add(&connection->read_event, NULL);
    TAILQ_INSERT_TAIL(&server->connections, connection, link);
    *(excess ? &server->excess : &server->count) += 1;
    http_due_set(&connection->read_due, server->tls ? &server->message : &server->idle,
                 clock_monotonic_ms());
    return connection;
}

/* The last reference of the connection to the exchange goes: to the layer above, or away. */
void http_connection_abandon(struct http_connection *connection,
                             struct http_exchange *exchange)
{
    const struct http_callbacks *callbacks = &connection->server->callbacks;

    connection->exchange_count--;
    connection->unsent -= http_exchange_unsent(exchange);
    if (!exchange->handed || exchange->ready) {
        http_exchange_free(exchange);
        return;
    }
    http_exchange_closed(exchange);
    exchange->connection = NULL;
    exchange->server = NULL;
    if (callbacks->on_abandon)
        callbacks->on_abandon(exchange, callbacks->arg);
}

static void abandon_all(struct http_connection *connection)
{
    struct http_exchange *exchange;

    connection->message = NULL;
    while ((exchange = STAILQ_FIRST(&connection->exchanges))) {
        STAILQ_REMOVE_HEAD(&connection->exchanges, link);
        http_connection_abandon(connection, exchange);
    }
}

void http_connection_destroy(struct http_connection *connection)
{
    struct http_server *server = connection->server;
    const int fd = event_get_fd(&connection->read_event);

    connection->running = true;
    abandon_all(connection);
    http_due_clear(&connection->read_due);
    http_due_clear(&connection->write_due);
    event_del(&connection->read_event);
    event_del(&connection->write_event);
    if (connection->flush_queued)
        TAILQ_REMOVE(&server->flushing, connection, flush_link);
    TAILQ_REMOVE(&server->connections, connection, link);
    *(connection->excess ? &server->excess : &server->count) -= 1;
    http_tls_free_connection(connection);
    close(fd);
    http_peer_put(connection->peer);
    text_free(&connection->in);
    free(connection);
}

/* Our last byte is out: lets the client read it before the socket goes, but not for long and not for much. */
static void linger(struct http_connection *connection)
{
    abandon_all(connection);
    text_free(&connection->in);
    http_tls_end(connection);
    shutdown(event_get_fd(&connection->read_event), SHUT_WR);
    connection->lingering = true;
    connection->paused = false;
    http_due_set(&connection->read_due, &connection->server->linger,
                 clock_monotonic_ms());
}

static bool is_idle(const struct http_connection *connection)
{
    return STAILQ_EMPTY(&connection->exchanges) && connection->in.len == 0;
}

/* A message that is half here has one absolute deadline; a quiet connection has the idle timeout; one that waits for
 * us has none. */
static void set_due(struct http_connection *connection)
{
    struct http_server *server = connection->server;
    struct http_due *due = &connection->read_due;
    const bool reading = connection->message || connection->in.len > 0;

    if (connection->lingering)
        return;
    if (reading && !connection->paused && !connection->deaf) {
        if (due->list != &server->message)
            http_due_set(due, &server->message, connection->message_ms);
    } else if (is_idle(connection)) {
        if (!due->list)
            http_due_set(due, &server->idle, clock_monotonic_ms());
    } else {
        http_due_clear(due);
    }
}

static void set_reading(struct http_connection *connection)
{
    const bool full = connection->paused && (http_input_choked(connection) ||
                                             connection->in.len > HTTP_WAITING_MAX);
    const bool wanted = !connection->end && !full && connection->dropped <= HTTP_DROP_MAX;
    const bool reading = event_pending(&connection->read_event, EV_READ, NULL);

    if (wanted && !reading)
        event_add(&connection->read_event, NULL);
    else if (!wanted && reading)
        event_del(&connection->read_event);
}

/* Half a message that will never be whole. */
static void drop_partial(struct http_connection *connection)
{
    struct http_exchange *exchange = connection->message;

    connection->deaf = true;
    connection->message = NULL;
    text_free(&connection->in);
    if (!exchange)
        return;
    STAILQ_REMOVE(&connection->exchanges, exchange, http_exchange, link);
    http_connection_abandon(connection, exchange);
}

static bool is_over(const struct http_connection *connection)
{
    if (connection->end && STAILQ_EMPTY(&connection->exchanges))
        return true;
    if (connection->lingering)
        return connection->end || connection->dropped > HTTP_DROP_MAX;
    return connection->server->draining && is_idle(connection) && !connection->closing;
}

static void settle(struct http_connection *connection)
{
    if (connection->end && !connection->deaf && !connection->paused)
        drop_partial(connection);
    if (connection->closing && !connection->lingering)
        linger(connection);
    if (is_over(connection)) {
        http_connection_destroy(connection);
        return;
    }
    set_due(connection);
    set_reading(connection);
    connection->running = false;
}

void http_connection_run(struct http_connection *connection)
{
    connection->running = true;
    for (;;) {
        if (!http_write(connection)) {
            http_connection_destroy(connection);
            return;
        }
        if (!connection->paused || connection->closing || http_input_choked(connection) ||
            http_input_waits(connection))
            break;
        connection->paused = false;
        connection->message_ms = clock_monotonic_ms(); /* the pause was ours */
        http_input_feed(connection, NULL, 0);
    }
    settle(connection);
}

/* What the client sent before the server stops is still taken. */
void http_connection_drain(struct http_connection *connection)
{
    if (event_pending(&connection->read_event, EV_READ, NULL))
        on_read(event_get_fd(&connection->read_event), EV_READ, connection);
    else
        http_connection_run(connection);
}

void http_connection_reply(struct http_connection *connection)
{
    struct http_server *server = connection->server;

    if (connection->running || connection->flush_queued)
        return;
    connection->flush_queued = true;
    TAILQ_INSERT_TAIL(&server->flushing, connection, flush_link);
    event_active(&server->flush, EV_TIMEOUT, 1);
}

void http_connection_refuse(struct http_connection *connection, enum http_refusal refusal)
{
    struct http_exchange *exchange = connection->message;

    if (!exchange)
        exchange = http_exchange_new(connection);
    connection->message = NULL;
    connection->deaf = true;
    text_free(&connection->in);
    http_due_clear(&connection->read_due);
    http_refuse(exchange, refusal);
}

void http_connection_timeout(struct http_connection *connection)
{
    if (!connection->message && connection->in.len == 0) {
        http_connection_destroy(connection);
        return;
    }
    http_connection_refuse(connection, REFUSAL_TIMEOUT);
    http_connection_run(connection);
}
