/* Replies: the head is written once into the exchange, the body is taken over without a copy. */
#include "http_internal.h"

#include "clock.h"

#include <assert.h>
#include <string.h>
#include <time.h>

static const char *date_now(struct http_server *server)
{
    const int64_t now_s = clock_now_s();
    const time_t now = (time_t)now_s;
    struct tm tm;

    if (now_s == server->date_s && server->date[0])
        return server->date;
    gmtime_r(&now, &tm);
    (void)strftime(server->date, sizeof server->date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    server->date_s = now_s;
    return server->date;
}

static bool has_content(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

static void add_field(struct text *head, const char *name, const char *value)
{
    assert(!strpbrk(name, "\r\n:") && !strpbrk(value, "\r\n"));
    text_adds(head, name);
    text_add(head, ": ", 2);
    text_adds(head, value);
    text_add(head, "\r\n", 2);
}

static void add_status(struct text *head, int status)
{
    text_adds(head, "HTTP/1.1 ");
    text_addi(head, status);
    text_addc(head, ' ');
    text_adds(head, http_status_str((enum http_status)status));
    text_add(head, "\r\n", 2);
}

static void add_content(struct text *head, const struct http_reply *reply)
{
    if (!has_content(reply->status))
        return;
    if (reply->content_type)
        add_field(head, "Content-Type", reply->content_type);
    text_adds(head, "Content-Length: ");
    text_addi(head, reply->body ? (int64_t)reply->body->len : 0);
    text_add(head, "\r\n", 2);
}

static void add_connection(struct http_exchange *exchange)
{
    if (exchange->close)
        add_field(&exchange->head, "Connection", "close");
    else if (exchange->parser.http_minor == 0)
        add_field(&exchange->head, "Connection", "keep-alive");
}

static void take_body(struct http_exchange *exchange, const struct http_reply *reply)
{
    if (!reply->body)
        return;
    if (exchange->no_body || !has_content(reply->status)) {
        text_free(reply->body);
        return;
    }
    exchange->reply = *reply->body;
    *reply->body = (struct text){0};
}

void http_reply_prepare(struct http_exchange *exchange, const struct http_reply *reply)
{
    struct http_connection *connection = exchange->connection;
    const size_t before = http_exchange_unsent(exchange);

    exchange->close = reply->close || !exchange->keep_alive || exchange->server->draining;
    exchange->ready = true;
    add_status(&exchange->head, reply->status);
    add_field(&exchange->head, "Date", date_now(exchange->server));
    add_content(&exchange->head, reply);
    for (int i = 0; i < reply->header_count; i++)
        add_field(&exchange->head, reply->headers[i].name, reply->headers[i].value);
    add_connection(exchange);
    text_add(&exchange->head, "\r\n", 2);
    take_body(exchange, reply);
    connection->unsent += http_exchange_unsent(exchange) - before;
}

void http_reply(struct http_exchange *exchange, const struct http_reply *reply)
{
    assert(exchange->handed && !exchange->ready);
    if (!exchange->connection) {
        text_free(reply->body);
        http_exchange_free(exchange);
        return;
    }
    http_exchange_closed(exchange);
    http_reply_prepare(exchange, reply);
    http_connection_reply(exchange->connection);
}

/* ---- streams: no Content-Length, the body ends with the connection ---- */

bool http_stream_open(const struct http_exchange *exchange)
{
    return exchange->connection != NULL;
}

size_t http_stream_unsent(const struct http_exchange *exchange)
{
    return http_exchange_unsent(exchange);
}

void http_stream_begin(struct http_exchange *exchange, const struct http_reply *reply)
{
    assert(exchange->handed && !exchange->ready && !reply->body);
    if (!exchange->connection)
        return;
    const size_t before = http_exchange_unsent(exchange);
    exchange->close = true;
    add_status(&exchange->head, reply->status);
    add_field(&exchange->head, "Date", date_now(exchange->server));
    add_field(&exchange->head, "Content-Type", reply->content_type);
    for (int i = 0; i < reply->header_count; i++)
        add_field(&exchange->head, reply->headers[i].name, reply->headers[i].value);
    add_connection(exchange);
    text_add(&exchange->head, "\r\n", 2);
    exchange->connection->unsent += http_exchange_unsent(exchange) - before;
    http_connection_reply(exchange->connection);
}

void http_stream_add(struct http_exchange *exchange, const void *data, size_t len)
{
    if (!exchange->connection)
        return;
    if (http_exchange_unsent(exchange) == 0) { /* so that a long stream stays small */
        text_clear(&exchange->head);
        text_clear(&exchange->reply);
        exchange->sent = 0;
    }
    text_add(&exchange->reply, data, len);
    exchange->connection->unsent += len;
    http_connection_reply(exchange->connection);
}

void http_stream_end(struct http_exchange *exchange, const void *data, size_t len)
{
    if (!exchange->connection) {
        http_exchange_free(exchange);
        return;
    }
    assert(len > 0);
    http_exchange_closed(exchange);
    http_stream_add(exchange, data, len);
    exchange->ready = true;
}
