/* Bytes in, requests out: cuts the stream of a connection into messages and hands each complete one up. */
#include "http_internal.h"

#include "clock.h"

#include <string.h>

bool http_input_choked(const struct http_connection *connection)
{
    return connection->exchange_count >= HTTP_PIPELINE_MAX ||
           connection->unsent > HTTP_UNREAD_MAX;
}

/* Pipelined requests run side by side only while all of them are safe (RFC 9112 section 9.3.2). */
bool http_input_waits(const struct http_connection *connection)
{
    const struct http_exchange *message = connection->message;

    if (connection->open_unsafe > 0)
        return true;
    return message && message->parsed && connection->open > 0;
}

static void dispatch(struct http_connection *connection, struct http_exchange *exchange)
{
    const struct http_callbacks *callbacks = &connection->server->callbacks;
    struct http_request *request = &exchange->request;

    connection->message = NULL;
    connection->open++;
    connection->open_unsafe += exchange->unsafe;
    if (!exchange->keep_alive)
        connection->deaf = true;
    request->body = exchange->body.data;
    request->body_len = exchange->body.len;
    exchange->handed = true;
    callbacks->on_request(exchange, request, callbacks->arg);
}

/* A message is whole; an unsafe one stays connection->message until nothing else is open. */
static void complete(struct http_connection *connection, struct http_exchange *exchange)
{
    http_due_clear(&connection->read_due);
    exchange->want_continue = false;
    if (!exchange->unsafe || connection->open == 0)
        dispatch(connection, exchange);
}

static void refuse_head(struct http_connection *connection, const char *data, size_t len,
                        enum http_refusal refusal)
{
    const size_t start = connection->scan.start;

    connection->message = http_exchange_new(connection);
    connection->message->no_body =
        len >= start + 5 && memcmp(data + start, "HEAD ", 5) == 0;
    http_connection_refuse(connection, refusal);
}

static size_t take_head(struct http_connection *connection, const char *data, size_t len)
{
    struct http_head_scan *scan = &connection->scan;
    struct http_exchange *exchange;
    enum http_refusal refusal;
    size_t used;

    if (scan->at == 0)
        connection->message_ms = clock_monotonic_ms();
    refusal = http_head_scan(scan, data, len);
    if (refusal) {
        refuse_head(connection, data, len, refusal);
        return len;
    }
    if (!scan->complete)
        return 0;
    exchange = http_exchange_new(connection);
    connection->message = exchange;
    refusal = http_parse_head(exchange, data, scan);
    used = scan->at;
    *scan = (struct http_head_scan){0};
    if (refusal)
        http_connection_refuse(connection, refusal);
    else if (exchange->parsed)
        complete(connection, exchange);
    return used;
}

static size_t take_body(struct http_connection *connection, const char *data, size_t len)
{
    struct http_exchange *exchange = connection->message;
    size_t used = len;
    enum http_refusal refusal = http_parse_body(exchange, data, len, &used);

    if (refusal)
        http_connection_refuse(connection, refusal);
    else if (exchange->parsed)
        complete(connection, exchange);
    return used;
}

/* How many of the bytes are done with. */
static size_t take(struct http_connection *connection, const char *data, size_t len)
{
    struct http_exchange *message = connection->message;
    size_t used = 0;

    if (message && message->parsed && !http_input_waits(connection))
        dispatch(connection, message);
    while (used < len && !connection->deaf && !http_input_choked(connection) &&
           !http_input_waits(connection)) {
        const size_t step = connection->message
                                ? take_body(connection, data + used, len - used)
                                : take_head(connection, data + used, len - used);

        if (step == 0)
            return used;
        used += step;
    }
    if (connection->deaf)
        return len;
    connection->paused = http_input_choked(connection) || http_input_waits(connection);
    return used;
}

static void keep_rest(struct text *in, size_t used)
{
    const size_t rest = in->len - used;
    struct text kept = {0};

    if (used == 0)
        return;
    if (rest > 0)
        text_add(&kept, in->data + used, rest);
    text_free(in);
    *in = kept;
}

void http_input_feed(struct http_connection *connection, const char *data, size_t len)
{
    struct text joined = connection->in;
    size_t used;

    if (connection->deaf) {
        connection->dropped += (uint32_t)len;
        return;
    }
    if (joined.len == 0) {
        used = take(connection, data, len);
        if (used < len)
            text_add(&connection->in, data + used, len - used);
        return;
    }
    connection->in = (struct text){0};
    if (len > 0)
        text_add(&joined, data, len);
    used = take(connection, joined.data, joined.len);
    keep_rest(&joined, used);
    connection->in = joined;
}
