/* One request and the place of its reply; everything of it lives in the request's arena or its three texts. */
#include "http_internal.h"

#include "clock.h"

#include <strings.h>

struct http_exchange *http_exchange_new(struct http_connection *connection)
{
    struct arena *arena = arena_new();
    struct http_exchange *exchange = arena_alloc(arena, sizeof *exchange);

    exchange->connection = connection;
    exchange->server = connection->server;
    exchange->request = (struct http_request){
        .arena = arena,
        .peer = connection->peer->text,
        .received_ms = connection->message_ms,
    };
    STAILQ_INSERT_TAIL(&connection->exchanges, exchange, link);
    connection->exchange_count++;
    return exchange;
}

void http_exchange_free(struct http_exchange *exchange)
{
    text_free(&exchange->body);
    text_free(&exchange->head);
    text_free(&exchange->reply);
    arena_destroy(exchange->request.arena);
}

void http_exchange_closed(struct http_exchange *exchange)
{
    exchange->connection->open--;
    exchange->connection->open_unsafe -= exchange->unsafe;
}

size_t http_exchange_unsent(const struct http_exchange *exchange)
{
    return exchange->head.len + exchange->reply.len - exchange->sent;
}

const char *http_header_find(const struct http_request *request, const char *name)
{
    for (int i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    }
    return NULL;
}

void http_set_context(struct http_exchange *exchange, void *context)
{
    exchange->context = context;
}

void *http_context(const struct http_exchange *exchange)
{
    return exchange->context;
}
