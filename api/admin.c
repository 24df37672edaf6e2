/* The operator's listener: /livez (the process answers), /readyz (database prepared and not stopping), /metrics. Plain text, no auth:
 * bind it to an address only the operator reaches. */
#include "request_internal.h"

#include <string.h>

bool app_draining(const struct app *app)
{
    return __atomic_load_n(&app->draining, __ATOMIC_ACQUIRE);
}

static void answer(struct http_exchange *exchange, int status, const char *type,
                   struct text *body)
{
    struct http_reply reply = {.status = status, .content_type = type, .body = body};
    http_reply(exchange, &reply);
}

static void answer_word(struct http_exchange *exchange, int status, const char *word)
{
    struct text body = {0};
    text_adds(&body, word);
    text_addc(&body, '\n');
    answer(exchange, status, "text/plain; charset=utf-8", &body);
}

static bool ready(const struct app *app)
{
    if (app_draining(app))
        return false;
    for (int i = 0; i < app->worker_count; i++) {
        if (!db_ready(app->workers[i].db))
            return false;
    }
    return true;
}

static void answer_metrics(struct http_exchange *exchange)
{
    struct text body = {0};
    metrics_write(&body);
    answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", &body);
}

static void on_admin_request(struct http_exchange *exchange,
                             const struct http_request *http, void *arg)
{
    struct app *app = arg;
    if (strcmp(http->method, "GET") != 0 && strcmp(http->method, "HEAD") != 0)
        answer_word(exchange, 405, "method not allowed");
    else if (strcmp(http->path, "/livez") == 0)
        answer_word(exchange, 200, "alive");
    else if (strcmp(http->path, "/readyz") == 0)
        answer_word(exchange, ready(app) ? 200 : 503, ready(app) ? "ready" : "not ready");
    else if (strcmp(http->path, "/metrics") == 0)
        answer_metrics(exchange);
    else
        answer_word(exchange, 404, "not found");
}

struct http_server *admin_listen(struct app *app, struct loop *loop,
                                 const char **ret_error)
{
    const struct http_options options = {.listen = app->config->admin_listen,
                                         .max_connections = 100,
                                         .request_timeout_ms = 5000,
                                         .idle_timeout_ms = 30000,
                                         .body_limit = 0};
    const struct http_callbacks callbacks = {.on_request = on_admin_request, .arg = app};
    return http_server_new(loop, &options, &callbacks, ret_error);
}
