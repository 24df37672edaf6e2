/* Growing strings. JSON escaping copies runs of clean bytes in one go, eight bytes a step. */
#include "text.h"

#include "arena.h"

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 128 };

static const char BASE64URL[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* What follows the backslash for these bytes; 'u' = four hex digits; 0 = as it is. */
static const char ESCAPES[UCHAR_MAX + 1] = {
    ['\b'] = 'b',  ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"',
    ['\\'] = '\\', [0x00] = 'u', [0x01] = 'u', [0x02] = 'u', [0x03] = 'u', [0x04] = 'u',
    [0x05] = 'u',  [0x06] = 'u', [0x07] = 'u', [0x0b] = 'u', [0x0e] = 'u', [0x0f] = 'u',
    [0x10] = 'u',  [0x11] = 'u', [0x12] = 'u', [0x13] = 'u', [0x14] = 'u', [0x15] = 'u',
    [0x16] = 'u',  [0x17] = 'u', [0x18] = 'u', [0x19] = 'u', [0x1a] = 'u', [0x1b] = 'u',
    [0x1c] = 'u',  [0x1d] = 'u', [0x1e] = 'u', [0x1f] = 'u',
};

void text_free(struct text *text)
{
    if (!text)
        return;
    free(text->data);
    *text = (struct text){0};
}

void text_clear(struct text *text)
{
    text->len = 0;
    if (text->data)
        text->data[0] = '\0';
}

/* Room for more bytes and the NUL. */
char *text_reserve(struct text *text, size_t more)
{
    if (more >= SIZE_MAX / 4 - text->len)
        arena_out_of_memory();
    size_t need = text->len + more + 1;
    if (need > text->capacity) {
        size_t capacity = text->capacity * 2 > SMALLEST ? text->capacity * 2 : SMALLEST;
        if (capacity < need)
            capacity = need;
        char *data = realloc(text->data, capacity);
        if (!data)
            arena_out_of_memory();
        text->data = data;
        text->capacity = capacity;
    }
    return text->data + text->len;
}

static void advance(struct text *text, size_t len)
{
    text->len += len;
    text->data[text->len] = '\0';
}

void text_add(struct text *text, const void *data, size_t len)
{
    char *end = text_reserve(text, len);
    if (len)
        memcpy(end, data, len);
    advance(text, len);
}

void text_adds(struct text *text, const char *s)
{
    text_add(text, s, strlen(s));
}

void text_addc(struct text *text, char c)
{
    *text_reserve(text, 1) = c;
    advance(text, 1);
}

void text_addi(struct text *text, int64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        text_addc(text, '-');
    text_add(text, digits + at, sizeof digits - at);
}

void text_addf(struct text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        arena_out_of_memory();
    (void)vsnprintf(text_reserve(text, (size_t)len), (size_t)len + 1, format, again);
    va_end(again);
    advance(text, (size_t)len);
}

/* Does any byte of the word need a closer look: below 0x20, '"', '\\', or not ASCII? */
static bool word_is_special(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
    uint64_t quote = word ^ ones * '"', back = word ^ ones * '\\';
    uint64_t low = word - ones * 0x20;
    return ((low | (quote - ones) | (back - ones) | word) & high) != 0;
}

/* Length of the well-formed UTF-8 sequence at s (Unicode table 3-7), 0 when there is none. */
static size_t utf8_sequence(const unsigned char *s, size_t len)
{
    static const struct {
        unsigned char first, last, low, high;
        unsigned char more;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 1}, {0xe0, 0xe0, 0xa0, 0xbf, 2},
        {0xe1, 0xec, 0x80, 0xbf, 2}, {0xed, 0xed, 0x80, 0x9f, 2},
        {0xee, 0xef, 0x80, 0xbf, 2}, {0xf0, 0xf0, 0x90, 0xbf, 3},
        {0xf1, 0xf3, 0x80, 0xbf, 3}, {0xf4, 0xf4, 0x80, 0x8f, 3},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (s[0] < forms[i].first || s[0] > forms[i].last)
            continue;
        if (len <= forms[i].more || s[1] < forms[i].low || s[1] > forms[i].high)
            return 0;
        for (size_t at = 2; at <= forms[i].more; at++)
            if ((s[at] & 0xc0) != 0x80)
                return 0;
        return forms[i].more + 1u;
    }
    return 0;
}

/* How many bytes from s on can be copied as they are. */
static size_t clean_run(const unsigned char *s, size_t len)
{
    size_t at = 0;
    while (at < len) {
        uint64_t word;
        if (len - at >= sizeof word) {
            memcpy(&word, s + at, sizeof word);
            if (!word_is_special(word)) {
                at += sizeof word;
                continue;
            }
        }
        size_t step = s[at] < 0x80 ? !ESCAPES[s[at]] : utf8_sequence(s + at, len - at);
        if (!step)
            break;
        at += step;
    }
    return at;
}

static void add_escaped(struct text *text, unsigned char byte)
{
    char escape = ESCAPES[byte];
    if (!escape)
        text_adds(text, "\xef\xbf\xbd"); /* U+FFFD */
    else if (escape == 'u')
        text_addf(text, "\\u%04x", byte);
    else
        text_add(text, (char[]){'\\', escape}, 2);
}

void text_add_json(struct text *text, const char *s, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)s;
    text_addc(text, '"');
    for (size_t at = 0; at < len;) {
        size_t run = clean_run(bytes + at, len - at);
        text_add(text, s + at, run);
        at += run;
        if (at < len)
            add_escaped(text, bytes[at++]);
    }
    text_addc(text, '"');
}

size_t text_utf8_valid(const char *s, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)s;
    size_t at = 0;
    while (at < len) {
        size_t step = bytes[at] < 0x80 ? 1 : utf8_sequence(bytes + at, len - at);
        if (!step)
            break;
        at += step;
    }
    return at;
}

void text_add_base64url(struct text *text, const void *data, size_t len)
{
    const unsigned char *in = data;
    char *out = text_reserve(text, (len * 4 + 2) / 3);
    size_t at = 0;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t group = (uint32_t)in[i] << 16 |
                         (i + 1 < len ? (uint32_t)in[i + 1] << 8 : 0u) |
                         (i + 2 < len ? in[i + 2] : 0u);
        out[at++] = BASE64URL[group >> 18];
        out[at++] = BASE64URL[group >> 12 & 63];
        if (i + 1 < len)
            out[at++] = BASE64URL[group >> 6 & 63];
        if (i + 2 < len)
            out[at++] = BASE64URL[group & 63];
    }
    advance(text, at);
}
