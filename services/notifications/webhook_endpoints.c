/* What is judged about an endpoint before it is stored, and its keys. */
#include "webhook_endpoints.h"

#include "webhook_send.h"
#include "webhook_sign.h"

#include "api/id.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { OVERLAP_HOURS = 24, HTTP_PORT = 80, HTTPS_PORT = 443, PORT_MAX = 65535 };

/* ---- the address ---- */

/* The parts of "http[s]://host[:port]/..."; host without brackets. */
struct address {
    const char *host;
    long port;
};

static const char *after_scheme(const char *url, long *ret_port)
{
    *ret_port = strncasecmp(url, "https://", 8) == 0 ? HTTPS_PORT : HTTP_PORT;
    if (*ret_port == HTTPS_PORT)
        return url + 8;
    return strncasecmp(url, "http://", 7) == 0 ? url + 7 : NULL;
}

static bool plain(const char *url)
{
    for (const char *at = url; *at; at++) {
        if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f ||
            strchr("\"<>\\^`{|}#", *at))
            return false;
    }
    return true;
}

static bool read_port(const char *text, size_t len, long *ret)
{
    char *end;
    if (len == 0)
        return true;
    if (text[0] != ':')
        return false;
    *ret = strtol(text + 1, &end, 10);
    return end == text + len && len > 1 && text[1] >= '0' && text[1] <= '9' &&
           *ret >= 1 && *ret <= PORT_MAX;
}

/* false: no absolute http(s) URL, or one with user information or a fragment. */
static bool read_url(struct arena *arena, const char *url, struct address *ret)
{
    const char *host = after_scheme(url, &ret->port);
    if (!host || !plain(url))
        return false;
    size_t len = strcspn(host, "/?");
    if (memchr(host, '@', len))
        return false;
    size_t name = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?");
    if (name > len || name == 0 || !read_port(host + name, len - name, &ret->port))
        return false;
    bool bracketed = host[0] == '[';
    ret->host = arena_strndup(arena, host + bracketed, name - 2 * bracketed);
    return *ret->host &&
           (bracketed ||
            strspn(ret->host, "0123456789abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._") == strlen(ret->host));
}

/* A name is looked up when it is used, and judged then; a bare address can be judged now. What ends in a number is one (so browsers read it too),
 * whatever letters of hexadecimal digits a name like abc.de has. */
static bool is_bare_address(struct arena *arena, const char *host)
{
    size_t len = strlen(host);
    while (len > 0 && host[len - 1] == '.')
        len--;
    const char *name = arena_strndup(arena, host, len), *dot = strrchr(name, '.');
    const char *last = dot ? dot + 1 : name;
    bool hex = strncasecmp(last, "0x", 2) == 0 &&
               last[2 + strspn(last + 2, "0123456789abcdefABCDEF")] == '\0';
    return strchr(host, ':') || hex || last[strspn(last, "0123456789")] == '\0';
}

static bool check_url(struct request *rq)
{
    const char *url = json_string_value(request_member(rq, "url"));
    struct address address = {0};
    if (!url)
        return true;
    if (!read_url(rq->arena, url, &address))
        return refuse_field(rq, "/url", "bad_format", "http(s)://host[:port]/path");
    if (is_bare_address(rq->arena, address.host) &&
        !webhook_address_allowed(address.host, (uint16_t)address.port))
        return refuse_field(rq, "/url", "address_not_allowed", NULL);
    return true;
}

/* ---- steps ---- */

static void new_keys(struct request *rq)
{
    struct webhook_keys keys;
    webhook_keys_new(&keys);
    request_set(rq, "secret", webhook_secret_text(rq->arena, &keys));
    request_set(rq, "public_key", webhook_public_text(rq->arena, &keys));
    request_set(rq, "secret_sealed", webhook_keys_seal(rq->arena, &keys));
}

static bool check_fields(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeWebhookEndpoint");
    bool fits = check_url(rq);
    if (json_is_string(request_member(rq, "client_id")) &&
        rows_text(rows, 0, "client_known")[0] != 't')
        fits = refuse_field(rq, "/client_id", "not_found_reference", NULL);
    return fits;
}

static bool endpoint_new(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeWebhookEndpoint");
    if (!check_fields(rq))
        return false;
    request_set(rq, "language_wanted", json_string_value(request_member(rq, "language")));
    request_set(rq, "member_language", rows_text(rows, 0, "locale"));
    request_set(rq, "endpoint", request_value(rq, "new_id", NULL));
    new_keys(rq);
    return true;
}

static bool endpoint_rotate(struct request *rq)
{
    const json_t *hours = request_member(rq, "overlap_hours");
    request_set_int(rq, "overlap_hours",
                    hours ? json_integer_value(hours) : OVERLAP_HOURS);
    request_set(rq, "endpoint", request_parameter(rq, "endpoint_id"));
    new_keys(rq);
    return true;
}

static bool replayable(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeWebhookReplay");
    if (strcmp(rows_text(rows, 0, "status"), "sending") != 0)
        return true;
    return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                  "It is being sent at this moment; wait for the outcome.",
                  "現在送信中です。結果が出てからやり直してください。");
}

static bool is_enabled(struct request *rq)
{
    if (rows_text(request_rows(rq, "getWebhookEndpoint"), 0, "enabled")[0] == 't')
        return true;
    return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                  "The endpoint is disabled and gets nothing; enable it first "
                  "(enabled: true).",
                  "この送信先は停止中のため、何も送信されません。先に有効にしてください"
                  "（enabled: true）。");
}

static bool replay_from(struct request *rq)
{
    const json_t *after = request_member(rq, "after_no");
    request_set_int(rq, "after_no", after ? json_integer_value(after) : 0);
    return true;
}

const struct step webhook_create_steps[] = {
    {.sql = "judgeWebhookEndpoint"},
    {.compute = endpoint_new},
    {.sql = "insertWebhookEndpoint"},
    {.sql = "showWebhookSecret"},
    {0},
};
const struct step webhook_update_steps[] = {
    {.sql = "judgeWebhookEndpoint"},
    {.compute = check_fields},
    {.sql = "updateWebhookEndpoint"},
    {.sql = "getWebhookEndpoint"},
    {0},
};
const struct step webhook_rotate_steps[] = {
    {.sql = "getWebhookEndpoint"},
    {.compute = endpoint_rotate},
    {.sql = "rotateWebhookEndpoint"},
    {.sql = "showWebhookSecret"},
    {0},
};
const struct step webhook_test_steps[] = {
    {.sql = "getWebhookEndpoint"},
    {.compute = is_enabled},
    {.sql = "testWebhookEndpoint"},
    {0},
};
const struct step webhook_replay_steps[] = {
    {.sql = "judgeWebhookReplay"},
    {.compute = replayable},
    {.sql = "replayWebhookDelivery"},
    {0},
};
const struct step webhook_replay_since_steps[] = {
    {.sql = "getWebhookEndpoint"},
    {.compute = replay_from},
    {.sql = "replayWebhookEvents"},
    {0},
};
