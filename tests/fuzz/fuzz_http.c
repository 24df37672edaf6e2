/* Any bytes on a connection, once in large and once in small pieces: the same requests are handed up, the same number
 * of replies comes back, every reply is well-formed, and nothing is left behind. */
#include "api/http_internal.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_MAX = 60000, SMALL_INPUT = 400, SMALL_PIECE = 13, BODY_LIMIT = 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct transcript {
    struct text requests;
    int replies;
};

static struct loop *loop;
static struct http_server *server;
static struct transcript *present;

static void on_request(struct http_exchange *exchange, const struct http_request *request,
                       void *arg)
{
    struct text *log = &present->requests;

    (void)arg;
    text_addf(log, "%s %s ", request->method, request->target);
    for (int i = 0; i < request->header_count; i++)
        text_addf(log, "%s=%s,", request->headers[i].name, request->headers[i].value);
    text_addf(log, " %zu:", request->body_len);
    if (request->body)
        text_add(log, request->body, request->body_len);
    assert(request->target[0] == '/' && request->body_len <= BODY_LIMIT);
    http_reply(exchange, &(struct http_reply){.status = 200});
}

static void start(void)
{
    const struct http_options options = {.listen = "127.0.0.1:0",
                                         .max_connections = 10,
                                         .request_timeout_ms = 1000000,
                                         .idle_timeout_ms = 1000000,
                                         .body_limit = BODY_LIMIT};
    const struct http_callbacks callbacks = {.on_request = on_request};
    const char *error;

    loop = loop_new(0);
    server = http_server_new(loop, &options, &callbacks, &error);
    assert(server);
}

static void turn(void)
{
    event_base_loop(loop_base(loop), EVLOOP_NONBLOCK);
}

/* Replies in the text, 100 Continue aside. A problem's text may name the protocol, but no status. */
static int count_replies(const struct text *output)
{
    const char *at = output->data;
    int count = 0;

    assert(!at || strncmp(at, "HTTP/1.1 ", 9) == 0);
    while (at && (at = strstr(at, "HTTP/1.1 "))) {
        at += 9;
        count += isdigit((unsigned char)*at) && strncmp(at, "100", 3) != 0;
    }
    return count;
}

static void collect(int fd, struct text *output)
{
    char part[5000];
    ssize_t n;

    while ((n = recv(fd, part, sizeof part, MSG_DONTWAIT)) > 0)
        text_add(output, part, (size_t)n);
}

static void play(const uint8_t *data, size_t size, size_t piece, struct transcript *ret)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct text output = {0};
    int ends[2];

    present = ret;
    assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    http_connection_new(server, ends[0],
                        http_peer_get(server, (struct sockaddr *)&address), false);
    for (size_t at = 0; at < size; at += piece) {
        const size_t step = size - at < piece ? size - at : piece;

        if (send(ends[1], data + at, step, MSG_NOSIGNAL) != (ssize_t)step)
            break;
        turn();
        collect(ends[1], &output);
    }
    shutdown(ends[1], SHUT_WR);
    for (int i = 0; i < 50 && http_server_connections(server) > 0; i++) {
        turn();
        collect(ends[1], &output);
    }
    collect(ends[1], &output);
    close(ends[1]);
    assert(http_server_connections(server) == 0);
    ret->replies = count_replies(&output);
    text_free(&output);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct transcript whole = {0};
    struct transcript pieces = {0};

    if (!loop)
        start();
    if (size > INPUT_MAX)
        return 0;
    play(data, size, INPUT_MAX, &whole);
    play(data, size, size <= SMALL_INPUT ? 1 : SMALL_PIECE, &pieces);
    assert(whole.replies == pieces.replies);
    assert(whole.requests.len == pieces.requests.len);
    assert(whole.requests.len == 0 ||
           memcmp(whole.requests.data, pieces.requests.data, whole.requests.len) == 0);
    text_free(&whole.requests);
    text_free(&pieces.requests);
    return 0;
}
