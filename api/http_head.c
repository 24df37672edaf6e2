/* The strict gate in front of the parser: one pass over the bytes of a message head as they arrive.
 * RFC 9112 sections 2.2, 3 and 5; what the RFC lets a server tolerate is refused where proxies differ about it
 * (bare LF, folding, space before the colon), except one empty line before the request line. */
#include "http_internal.h"

#include <ctype.h>
#include <string.h>

enum { REQUEST_LINE_REST = 64 }; /* method, spaces and version beside the target */

static bool is_token_byte(unsigned char c)
{
    return isalnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static size_t token_length(const char *data, size_t len)
{
    size_t n = 0;

    while (n < len && is_token_byte((unsigned char)data[n]))
        n++;
    return n;
}

static enum http_refusal check_version(const char *data, size_t len)
{
    if (len != 8 || memcmp(data, "HTTP/", 5) != 0 || data[6] != '.' ||
        !isdigit((unsigned char)data[5]) || !isdigit((unsigned char)data[7]))
        return REFUSAL_REQUEST_LINE;
    return data[5] == '1' && data[7] <= '1' ? REFUSAL_NONE : REFUSAL_VERSION;
}

static enum http_refusal check_request_line(const char *line, size_t len)
{
    const size_t method = token_length(line, len);
    const char *target = line + method + 1;
    const char *space;
    enum http_refusal refusal;

    if (method == 0 || method >= len || line[method] != ' ')
        return REFUSAL_REQUEST_LINE;
    space = memchr(target, ' ', len - method - 1);
    if (!space || space == target)
        return REFUSAL_REQUEST_LINE;
    refusal = check_version(space + 1, (size_t)(line + len - space - 1));
    if (refusal)
        return refusal;
    if (method == 7 && memcmp(line, "CONNECT", 7) == 0)
        return REFUSAL_UPGRADE;
    if (space - target > HTTP_TARGET_MAX)
        return REFUSAL_TARGET_TOO_LONG;
    return http_target_valid(target, (size_t)(space - target)) ? REFUSAL_NONE
                                                               : REFUSAL_TARGET;
}

static enum http_refusal check_field(const char *line, size_t len)
{
    const size_t name = token_length(line, len);

    if (line[0] == ' ' || line[0] == '\t')
        return REFUSAL_FOLDING;
    return name > 0 && name < len && line[name] == ':' ? REFUSAL_NONE : REFUSAL_FIELD;
}

/* A line without its CR LF is there; scan->at is its LF. */
static enum http_refusal end_of_line(struct http_head_scan *scan, const char *data)
{
    const char *line = data + scan->line;
    const size_t len = scan->at - 1 - scan->line;
    const bool request_line = scan->fields_at == 0;

    scan->line = scan->at + 1;
    if (request_line && len == 0 && scan->start == 0) {
        scan->start = scan->line;
        return REFUSAL_NONE;
    }
    if (request_line) {
        scan->fields_at = scan->line;
        return check_request_line(line, len);
    }
    scan->complete = len == 0;
    if (scan->complete)
        return REFUSAL_NONE;
    if (++scan->fields > HTTP_FIELDS_MAX)
        return REFUSAL_HEADERS_TOO_LARGE;
    return check_field(line, len);
}

static enum http_refusal check_size(const struct http_head_scan *scan)
{
    if (scan->fields_at == 0)
        return scan->at + 1 - scan->start > HTTP_TARGET_MAX + REQUEST_LINE_REST
                   ? REFUSAL_TARGET_TOO_LONG
                   : REFUSAL_NONE;
    return scan->at + 1 - scan->fields_at > HTTP_HEADERS_MAX ? REFUSAL_HEADERS_TOO_LARGE
                                                             : REFUSAL_NONE;
}

static enum http_refusal check_byte(struct http_head_scan *scan, unsigned char c)
{
    if (scan->carriage_return)
        return REFUSAL_LINE_END;
    scan->carriage_return = c == '\r';
    if (c == '\r')
        return REFUSAL_NONE;
    return (c < 0x20 && c != '\t') || c == 0x7f ? REFUSAL_CONTROL_BYTE : REFUSAL_NONE;
}

enum http_refusal http_head_scan(struct http_head_scan *scan, const char *data,
                                 size_t len)
{
    for (; scan->at < len && !scan->complete; scan->at++) {
        enum http_refusal refusal;

        if (data[scan->at] != '\n') {
            refusal = check_byte(scan, (unsigned char)data[scan->at]);
        } else if (scan->carriage_return) {
            scan->carriage_return = false;
            refusal = end_of_line(scan, data);
        } else {
            refusal = REFUSAL_LINE_END;
        }
        if (!refusal)
            refusal = check_size(scan);
        if (refusal)
            return refusal;
    }
    return REFUSAL_NONE;
}
