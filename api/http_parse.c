/* From bytes to http_request with libhttp-parser. A head is parsed in one piece after the strict gate (http_head.c),
 * a body piece by piece. Gate and parser must agree on where the message ends. */
#include "http_internal.h"

#include <string.h>
#include <strings.h>

static int on_url(http_parser *parser, const char *at, size_t len)
{
    struct http_exchange *exchange = parser->data;

    exchange->request.target = arena_strndup(exchange->request.arena, at, len);
    return 0;
}

/* The parser sees a copy of the head that the request owns: fields point into it and are cut by cut_fields. */
static int on_field(http_parser *parser, const char *at, size_t len)
{
    struct http_exchange *exchange = parser->data;
    struct http_header *field;

    if (len == 0 || exchange->request.header_count == exchange->field_capacity)
        return -1;
    field = &exchange->fields[exchange->request.header_count++];
    field->name = at;
    field->value = NULL;
    return 0;
}

static int on_value(http_parser *parser, const char *at, size_t len)
{
    struct http_exchange *exchange = parser->data;
    const int count = exchange->request.header_count;

    if (count == 0 || exchange->fields[count - 1].value)
        return -1;
    exchange->fields[count - 1].value = len ? at : "";
    return 0;
}

static void cut_fields(struct http_exchange *exchange, char *head, size_t len)
{
    for (int i = 0; i < exchange->request.header_count; i++) {
        struct http_header *field = &exchange->fields[i];
        const size_t name = (size_t)(field->name - head);
        char *end;

        end = memchr(head + name, ':', len - name);
        *end = '\0';
        if (!field->value)
            field->value = "";
        if (field->value[0] == '\0')
            continue;
        end = memchr(head + (field->value - head), '\r',
                     len - (size_t)(field->value - head));
        while (end > field->value && (end[-1] == ' ' || end[-1] == '\t'))
            end--;
        *end = '\0';
    }
}

static int on_body(http_parser *parser, const char *at, size_t len)
{
    struct http_exchange *exchange = parser->data;

    if (exchange->body.len + len > (uint64_t)exchange->body_limit) {
        exchange->refusal = REFUSAL_TOO_LARGE;
        return -1;
    }
    text_add(&exchange->body, at, len);
    return 0;
}

static int on_complete(http_parser *parser)
{
    struct http_exchange *exchange = parser->data;

    exchange->parsed = true;
    return 0;
}

static const struct http_parser_settings parser_settings = {
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

static enum http_refusal parser_refusal(const http_parser *parser)
{
    switch (HTTP_PARSER_ERRNO(parser)) {
    case HPE_INVALID_METHOD:
        return REFUSAL_METHOD;
    case HPE_INVALID_VERSION:
        return REFUSAL_VERSION;
    case HPE_UNEXPECTED_CONTENT_LENGTH:
    case HPE_INVALID_CONTENT_LENGTH:
        return REFUSAL_LENGTH;
    case HPE_INVALID_TRANSFER_ENCODING:
        return REFUSAL_CODING;
    case HPE_INVALID_CHUNK_SIZE:
        return REFUSAL_CHUNK;
    default:
        return REFUSAL_MALFORMED;
    }
}

static enum http_refusal parser_run(struct http_exchange *exchange, const char *data,
                                    size_t len)
{
    const size_t used =
        http_parser_execute(&exchange->parser, &parser_settings, data, len);

    if (exchange->refusal)
        return exchange->refusal;
    if (HTTP_PARSER_ERRNO(&exchange->parser) != HPE_OK)
        return parser_refusal(&exchange->parser);
    return used == len ? REFUSAL_NONE : REFUSAL_MALFORMED;
}

/* RFC 9110 section 9.2.1. */
static bool is_unsafe(unsigned method)
{
    return method != HTTP_GET && method != HTTP_HEAD && method != HTTP_OPTIONS &&
           method != HTTP_TRACE;
}

static void split_target(struct http_exchange *exchange)
{
    struct http_request *request = &exchange->request;
    const char *mark = strchr(request->target, '?');

    request->path = mark ? arena_strndup(request->arena, request->target,
                                         (size_t)(mark - request->target))
                         : request->target;
    request->query = mark ? mark + 1 : NULL;
}

static enum http_refusal check_body_limit(struct http_exchange *exchange)
{
    const struct http_server *server = exchange->server;
    const struct http_request *request = &exchange->request;
    const struct http_callbacks *callbacks = &server->callbacks;

    exchange->body_limit =
        callbacks->body_limit
            ? callbacks->body_limit(request->method, request->path, callbacks->arg)
            : server->options.body_limit;
    if (exchange->body_limit < 0)
        exchange->body_limit = 0;
    return exchange->body_left > (uint64_t)exchange->body_limit ? REFUSAL_TOO_LARGE
                                                                : REFUSAL_NONE;
}

enum http_refusal http_parse_head(struct http_exchange *exchange, const char *data,
                                  const struct http_head_scan *scan)
{
    struct http_request *request = &exchange->request;
    const size_t len = scan->at - scan->start;
    char *head = arena_dup(request->arena, data + scan->start, len);
    enum http_refusal refusal, found;

    exchange->field_capacity = scan->fields;
    exchange->fields =
        arena_alloc(request->arena, (scan->fields + 1u) * sizeof *exchange->fields);
    http_parser_init(&exchange->parser, HTTP_REQUEST);
    exchange->parser.data = exchange;
    refusal = parser_run(exchange, head, len);
    cut_fields(exchange, head, len);
    request->headers = exchange->fields;
    if (!request->target)
        return refusal ? refusal : REFUSAL_MALFORMED;
    request->method = http_method_str((enum http_method)exchange->parser.method);
    exchange->no_body = exchange->parser.method == HTTP_HEAD;
    exchange->unsafe = is_unsafe(exchange->parser.method);
    split_target(exchange);
    found = http_fields_check(exchange);
    if (!found)
        found = refusal;
    if (!found && request->header_count != scan->fields)
        found = REFUSAL_MALFORMED;
    if (!found)
        found = check_body_limit(exchange);
    exchange->keep_alive = !found && http_should_keep_alive(&exchange->parser);
    return found;
}

enum http_refusal http_parse_body(struct http_exchange *exchange, const char *data,
                                  size_t len, size_t *ret_used)
{
    const bool chunked = exchange->parser.flags & F_CHUNKED;
    enum http_refusal refusal = REFUSAL_NONE;
    size_t used = len;
    bool end;

    exchange->want_continue = false;
    if (chunked) {
        refusal = http_chunk_scan(&exchange->chunk, data, len, &used);
        end = exchange->chunk.state == CHUNK_DONE;
    } else {
        if (used > exchange->body_left)
            used = (size_t)exchange->body_left;
        exchange->body_left -= used;
        end = exchange->body_left == 0;
    }
    if (!refusal)
        refusal = parser_run(exchange, data, used);
    if (!refusal && end != exchange->parsed)
        refusal = REFUSAL_MALFORMED;
    if (!refusal)
        *ret_used = used;
    return refusal;
}
