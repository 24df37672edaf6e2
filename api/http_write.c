/* Writing: what is ready at the front of the queue goes out with one system call. */
#include "http_internal.h"

#include "clock.h"

static const char continue_line[] = "HTTP/1.1 100 Continue\r\n\r\n";

static void add_continue(struct http_connection *connection,
                         struct http_exchange *exchange)
{
    exchange->want_continue = false;
    text_adds(&exchange->head, continue_line);
    connection->unsent += sizeof continue_line - 1;
}

static int add_piece(struct iovec *piece, const struct text *text, size_t skip)
{
    if (skip >= text->len)
        return 0;
    piece->iov_base = text->data + skip;
    piece->iov_len = text->len - skip;
    return 1;
}

static int gather(struct http_connection *connection, struct iovec *pieces)
{
    struct http_exchange *exchange;
    int count = 0;

    STAILQ_FOREACH(exchange, &connection->exchanges, link)
    {
        const size_t head = exchange->head.len;
        const size_t sent = exchange->sent;

        if (count + 2 > HTTP_IOV_MAX)
            break;
        count += add_piece(&pieces[count], &exchange->head, sent);
        count +=
            add_piece(&pieces[count], &exchange->reply, sent > head ? sent - head : 0);
        if (!exchange->ready || exchange->close)
            break;
    }
    return count;
}

/* The first exchange is answered completely. */
static void pop_first(struct http_connection *connection)
{
    struct http_exchange *exchange = STAILQ_FIRST(&connection->exchanges);

    STAILQ_REMOVE_HEAD(&connection->exchanges, link);
    connection->exchange_count--;
    if (exchange->close) {
        connection->closing = true;
        connection->deaf = true;
    }
    http_exchange_free(exchange);
}

static void advance(struct http_connection *connection, size_t sent)
{
    struct http_exchange *exchange;

    connection->unsent -= sent;
    connection->written += sent;
    while (!connection->closing && (exchange = STAILQ_FIRST(&connection->exchanges))) {
        const size_t unsent = http_exchange_unsent(exchange);
        const size_t step = sent < unsent ? sent : unsent;

        exchange->sent += step;
        sent -= step;
        if (step < unsent || !exchange->ready)
            return;
        pop_first(connection);
    }
}

static void block(struct http_connection *connection)
{
    struct http_server *server = connection->server;

    if (!connection->blocked)
        event_add(&connection->write_event, NULL);
    connection->blocked = true;
    if (!connection->write_due.list || connection->written >= HTTP_WRITE_STEP) {
        connection->written = 0;
        http_due_set(&connection->write_due, &server->write, clock_monotonic_ms());
    }
}

bool http_write(struct http_connection *connection)
{
    struct iovec pieces[HTTP_IOV_MAX];

    while (!connection->blocked && !connection->closing) {
        struct http_exchange *first = STAILQ_FIRST(&connection->exchanges);
        ssize_t sent;
        int count;

        if (first && first->want_continue && !first->ready)
            add_continue(connection, first);
        count = gather(connection, pieces);
        if (count == 0)
            break;
        sent = http_io_write(connection, pieces, count);
        if (sent == HTTP_IO_LOST)
            return false;
        if (sent == HTTP_IO_WAIT)
            block(connection);
        else
            advance(connection, (size_t)sent);
    }
    if (!connection->blocked)
        http_due_clear(&connection->write_due);
    return true;
}
