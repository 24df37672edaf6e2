/* The promises of http.h that a remote client cannot see. */
#include "api/http.h"

#include <arpa/inet.h>
#include <check.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct fixture {
    struct loop *loop;
    struct http_server *server;
    struct http_exchange *held; /* requests to /hold wait here */
    int requests;
    int abandoned;
    struct http_request seen; /* of the last request; its strings die with the reply */
    bool as_promised;
};

static struct fixture fixture;

static void answer(struct http_exchange *exchange, const char *text)
{
    const struct http_header extra = {"X-Extra", "yes"};
    struct text body = {0};

    text_adds(&body, text);
    http_reply(exchange, &(struct http_reply){.status = 200,
                                              .content_type = "text/plain",
                                              .headers = &extra,
                                              .header_count = 1,
                                              .body = &body});
    ck_assert_ptr_null(body.data);
}

static void on_request(struct http_exchange *exchange, const struct http_request *request,
                       void *arg)
{
    struct fixture *f = arg;
    const char *a = http_header_find(request, "a");

    f->requests++;
    f->as_promised = strcmp(request->method, "POST") == 0 &&
                     strcmp(request->target, "/a/b?c=d") == 0 &&
                     strcmp(request->path, "/a/b") == 0 &&
                     strcmp(request->query, "c=d") == 0 && a && strcmp(a, "b") == 0 &&
                     !http_header_find(request, "none") && request->body_len == 5 &&
                     strcmp(request->body, "hello") == 0 &&
                     strcmp(request->peer, "127.0.0.1") == 0 && request->received_ms > 0;
    ck_assert_ptr_null(http_context(exchange));
    http_set_context(exchange, f);
    if (strcmp(request->path, "/hold") == 0)
        f->held = exchange;
    else
        answer(exchange, "fine");
}

static void on_abandon(struct http_exchange *exchange, void *arg)
{
    struct fixture *f = arg;

    ck_assert_ptr_eq(http_context(exchange), f);
    f->abandoned++;
}

static struct http_server *new_server(struct loop *loop, const char *address,
                                      const char **ret_error)
{
    const struct http_options options = {.listen = address,
                                         .max_connections = 100,
                                         .request_timeout_ms = 5000,
                                         .idle_timeout_ms = 5000,
                                         .body_limit = 1000};
    const struct http_callbacks callbacks = {
        .on_request = on_request, .on_abandon = on_abandon, .arg = &fixture};

    return http_server_new(loop, &options, &callbacks, ret_error);
}

static void setup(void)
{
    const char *error = NULL;

    fixture = (struct fixture){.loop = loop_new(0)};
    fixture.server = new_server(fixture.loop, "127.0.0.1:0", &error);
    ck_assert_ptr_nonnull(fixture.server);
}

static void teardown(void)
{
    http_server_destroy(fixture.server);
    loop_destroy(fixture.loop);
}

static int dial(const struct http_server *server)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port =
                                            htons((uint16_t)http_server_port(server)),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void say(int fd, const char *words)
{
    ck_assert_int_eq(send(fd, words, strlen(words), MSG_NOSIGNAL),
                     (ssize_t)strlen(words));
}

static void turn(void)
{
    for (int i = 0; i < 20; i++) {
        event_base_loop(loop_base(fixture.loop), EVLOOP_NONBLOCK);
        usleep(500);
    }
}

/* What has come back so far. */
static void hear(int fd, struct text *ret)
{
    char part[1000];
    ssize_t n;

    turn();
    while ((n = recv(fd, part, sizeof part, MSG_DONTWAIT)) > 0)
        text_add(ret, part, (size_t)n);
}

static bool said(const struct text *heard, const char *words)
{
    return heard->data && strstr(heard->data, words);
}

#define HOLD "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n"

START_TEST(a_request_arrives_as_the_header_promises)
{
    const int fd = dial(fixture.server);
    _text_auto_ struct text heard = {0};

    say(fd,
        "POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nA:  b \r\nContent-Length: 5\r\n\r\nhello");
    hear(fd, &heard);
    ck_assert(fixture.as_promised);
    ck_assert(said(&heard, "HTTP/1.1 200 OK\r\n"));
    ck_assert(said(&heard, "\r\nX-Extra: yes\r\n"));
    ck_assert(said(&heard, "\r\nContent-Type: text/plain\r\n"));
    ck_assert(said(&heard, "\r\nContent-Length: 4\r\n"));
    ck_assert(said(&heard, "\r\n\r\nfine"));
    ck_assert_int_eq(http_server_connections(fixture.server), 1);
    close(fd);
}
END_TEST

START_TEST(a_reply_may_come_later_than_the_callback)
{
    const int fd = dial(fixture.server);
    _text_auto_ struct text heard = {0};

    say(fd, HOLD);
    hear(fd, &heard);
    ck_assert_ptr_null(heard.data);
    answer(fixture.held, "late");
    hear(fd, &heard);
    ck_assert(said(&heard, "\r\n\r\nlate"));
    close(fd);
}
END_TEST

START_TEST(a_reply_to_a_peer_that_went_away_does_nothing)
{
    const struct linger now = {.l_onoff = 1};
    const int fd = dial(fixture.server);

    say(fd, HOLD);
    turn();
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
    turn();
    ck_assert_int_eq(fixture.abandoned, 1);
    ck_assert_int_eq(http_server_connections(fixture.server), 0);
    answer(fixture.held, "nobody hears");
}
END_TEST

START_TEST(destroying_the_server_abandons_what_is_open)
{
    const int fd = dial(fixture.server);

    say(fd, HOLD);
    turn();
    http_server_destroy(fixture.server);
    fixture.server = NULL;
    ck_assert_int_eq(fixture.abandoned, 1);
    answer(fixture.held, "nobody hears");
    close(fd);
}
END_TEST

START_TEST(a_drained_server_answers_what_it_has_and_closes)
{
    const int busy = dial(fixture.server);
    const int idle = dial(fixture.server);
    _text_auto_ struct text heard = {0};

    say(busy, HOLD);
    turn();
    ck_assert_int_eq(http_server_connections(fixture.server), 2);
    http_server_drain(fixture.server);
    ck_assert_int_eq(http_server_connections(fixture.server), 1);
    answer(fixture.held, "last");
    hear(busy, &heard);
    ck_assert(said(&heard, "Connection: close\r\n"));
    close(busy);
    close(idle);
    turn();
    ck_assert_int_eq(http_server_connections(fixture.server), 0);
}
END_TEST

static void listen_text(struct text *ret)
{
    text_addf(ret, "127.0.0.1:%d", http_server_port(fixture.server));
}

START_TEST(servers_of_other_loops_share_the_port)
{
    struct loop *other = loop_new(1);
    _text_auto_ struct text address = {0};
    const char *error = NULL;
    struct http_server *second;

    listen_text(&address);
    second = new_server(other, address.data, &error);
    ck_assert_ptr_nonnull(second);
    ck_assert_int_eq(http_server_port(second), http_server_port(fixture.server));
    http_server_destroy(second);
    loop_destroy(other);
}
END_TEST

START_TEST(a_taken_address_is_an_error_for_the_first_loop)
{
    _text_auto_ struct text address = {0};
    const char *error = NULL;

    listen_text(&address);
    ck_assert_ptr_null(new_server(fixture.loop, address.data, &error));
    ck_assert_ptr_nonnull(error);
}
END_TEST

START_TEST(an_unusable_certificate_is_an_error)
{
    const struct http_options options = {
        .listen = "127.0.0.1:0", .tls_certificate = "/nowhere", .tls_key = "/nowhere"};
    const struct http_callbacks callbacks = {.on_request = on_request};
    const char *error = NULL;

    ck_assert_ptr_null(http_server_new(fixture.loop, &options, &callbacks, &error));
    ck_assert_ptr_nonnull(error);
}
END_TEST

static Suite *http_suite(void)
{
    Suite *suite = suite_create("http");
    TCase *server = tcase_create("server");

    tcase_add_checked_fixture(server, setup, teardown);
    tcase_add_test(server, a_request_arrives_as_the_header_promises);
    tcase_add_test(server, a_reply_may_come_later_than_the_callback);
    tcase_add_test(server, a_reply_to_a_peer_that_went_away_does_nothing);
    tcase_add_test(server, destroying_the_server_abandons_what_is_open);
    tcase_add_test(server, a_drained_server_answers_what_it_has_and_closes);
    tcase_add_test(server, servers_of_other_loops_share_the_port);
    tcase_add_test(server, a_taken_address_is_an_error_for_the_first_loop);
    tcase_add_test(server, an_unusable_certificate_is_an_error);
    suite_add_tcase(suite, server);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(http_suite());
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
