/* What must hold for the header fields of a request before its body is read: Host, framing, singletons, Expect,
 * Upgrade. RFC 9110 and 9112; where they leave a choice, the one that no proxy can read differently. */
#include "http_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { LENGTH_DIGITS_MAX = 15 };

static const char *const singletons[] = {"Host",
                                         "Authorization",
                                         "Content-Type",
                                         "Content-Length",
                                         "Idempotency-Key",
                                         "If-Match",
                                         "If-None-Match",
                                         NULL};

static int field_count(const struct http_exchange *exchange, const char *name)
{
    int count = 0;

    for (int i = 0; i < exchange->request.header_count; i++)
        count += strcasecmp(exchange->fields[i].name, name) == 0;
    return count;
}

static enum http_refusal check_host(const struct http_exchange *exchange)
{
    const char *host = http_header_find(&exchange->request, "Host");

    if (!host)
        return exchange->parser.http_minor >= 1 ? REFUSAL_HOST : REFUSAL_NONE;
    if (field_count(exchange, "Host") != 1 || host[0] == '\0')
        return REFUSAL_HOST;
    for (; *host; host++) {
        if (!isalnum((unsigned char)*host) && !strchr(".-_~%!$&'()*+;=:[]", *host))
            return REFUSAL_HOST;
    }
    return REFUSAL_NONE;
}

static enum http_refusal check_singletons(const struct http_exchange *exchange)
{
    for (const char *const *name = singletons; *name; name++) {
        if (field_count(exchange, *name) > 1)
            return REFUSAL_REPEATED_FIELD;
    }
    return REFUSAL_NONE;
}

static enum http_refusal check_coding(const struct http_exchange *exchange,
                                      const char *coding)
{
    if (http_header_find(&exchange->request, "Content-Length"))
        return REFUSAL_LENGTH_AND_CODING;
    if (exchange->parser.http_minor == 0)
        return REFUSAL_CODING_OLD_VERSION;
    if (field_count(exchange, "Transfer-Encoding") != 1 ||
        strcasecmp(coding, "chunked, chunked") == 0)
        return REFUSAL_CODING_REPEATED;
    return strcasecmp(coding, "chunked") == 0 ? REFUSAL_NONE : REFUSAL_CODING;
}

static enum http_refusal check_length(struct http_exchange *exchange, const char *length)
{
    const size_t digits = strspn(length, "0123456789");

    if (digits == 0 || length[digits] != '\0')
        return REFUSAL_LENGTH;
    if (digits > LENGTH_DIGITS_MAX)
        return REFUSAL_TOO_LARGE;
    for (; *length; length++)
        exchange->body_left = exchange->body_left * 10 + (unsigned)(*length - '0');
    return REFUSAL_NONE;
}

static enum http_refusal check_framing(struct http_exchange *exchange)
{
    const char *coding = http_header_find(&exchange->request, "Transfer-Encoding");
    const char *length = http_header_find(&exchange->request, "Content-Length");

    if (coding)
        return check_coding(exchange, coding);
    return length ? check_length(exchange, length) : REFUSAL_NONE;
}

static enum http_refusal check_expect(struct http_exchange *exchange)
{
    const char *expect = http_header_find(&exchange->request, "Expect");

    if (!expect || exchange->parser.http_minor == 0)
        return REFUSAL_NONE;
    if (field_count(exchange, "Expect") != 1 || strcasecmp(expect, "100-continue") != 0)
        return REFUSAL_EXPECTATION;
    exchange->want_continue = true;
    return REFUSAL_NONE;
}

enum http_refusal http_fields_check(struct http_exchange *exchange)
{
    enum http_refusal refusal = check_host(exchange);

    if (!refusal)
        refusal = check_singletons(exchange);
    if (!refusal)
        refusal = check_framing(exchange);
    if (!refusal && field_count(exchange, "Upgrade") > 0)
        refusal = REFUSAL_UPGRADE;
    if (!refusal)
        refusal = check_expect(exchange);
    return refusal;
}
