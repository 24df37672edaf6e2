/* The request target: origin-form only (RFC 9112 3.2.1), characters of RFC 3986, percent-encoding that decodes to
 * valid UTF-8 (RFC 3629), no control characters in the path and no NUL anywhere. */
#include "http_internal.h"

#include <ctype.h>
#include <string.h>

/* Continuation bytes still expected and the range of the next one. */
struct utf8_state {
    int left;
    unsigned char low;
    unsigned char high;
};

/* Table 3-7 of the Unicode standard: leading bytes, and what may follow the first of them. */
static const struct utf8_range {
    unsigned char first;
    unsigned char last;
    unsigned char left;
    unsigned char low;
    unsigned char high;
} utf8_ranges[] = {
    {0x00, 0x7f, 0, 0x80, 0xbf}, {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

static bool utf8_lead(struct utf8_state *state, unsigned char c)
{
    for (size_t i = 0; i < sizeof utf8_ranges / sizeof utf8_ranges[0]; i++) {
        const struct utf8_range *range = &utf8_ranges[i];

        if (c < range->first || c > range->last)
            continue;
        *state = (struct utf8_state){range->left, range->low, range->high};
        return true;
    }
    return false;
}

static bool utf8_take(struct utf8_state *state, unsigned char c)
{
    if (state->left == 0)
        return utf8_lead(state, c);
    if (c < state->low || c > state->high)
        return false;
    state->left--;
    state->low = 0x80;
    state->high = 0xbf;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_target_byte(unsigned char c)
{
    return c > 0x20 && c < 0x7f && !strchr("\"#<>\\^`{|}", c);
}

static bool is_allowed(unsigned char c, bool query)
{
    return c != 0 && (query || (c >= 0x20 && c != 0x7f));
}

/* One decoded byte at text[*at], *at moves behind it; -1 when malformed. */
static int decode_byte(const char *text, size_t len, size_t *at)
{
    const unsigned char c = (unsigned char)text[*at];
    int high, low;

    if (c != '%') {
        *at += 1;
        return is_target_byte(c) ? c : -1;
    }
    if (len - *at < 3)
        return -1;
    high = hex_digit(text[*at + 1]);
    low = hex_digit(text[*at + 2]);
    *at += 3;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool part_valid(const char *text, size_t len, bool query)
{
    struct utf8_state state = {.left = 0};
    size_t at = 0;

    while (at < len) {
        const int c = decode_byte(text, len, &at);

        if (c < 0 || !is_allowed((unsigned char)c, query) ||
            !utf8_take(&state, (unsigned char)c))
            return false;
    }
    return state.left == 0;
}

bool http_target_valid(const char *target, size_t len)
{
    const char *mark = memchr(target, '?', len);
    const size_t path_len = mark ? (size_t)(mark - target) : len;

    if (len == 0 || target[0] != '/')
        return false;
    if (!part_valid(target, path_len, false))
        return false;
    return !mark || part_valid(mark + 1, len - path_len - 1, true);
}
