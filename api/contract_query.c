/* Percent-decoding and query strings. */
#include "contract_internal.h"

#include <string.h>

enum { QUERY_MAX = 64 };

/* Bytes that follow a lead byte; -1 when it can not lead. */
static int following(unsigned char lead)
{
    if (lead < 0x80)
        return 0;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 1;
    if (lead >= 0xe0 && lead <= 0xef)
        return 2;
    return lead >= 0xf0 && lead <= 0xf4 ? 3 : -1;
}

/* Second bytes that would make an overlong form, a surrogate or something beyond U+10FFFF (RFC 3629). */
static bool second_allowed(unsigned char lead, unsigned char second)
{
    switch (lead) {
    case 0xe0:
        return second >= 0xa0;
    case 0xed:
        return second <= 0x9f;
    case 0xf0:
        return second >= 0x90;
    case 0xf4:
        return second <= 0x8f;
    default:
        return true;
    }
}

bool utf8_valid(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text, *end = p + len;
    while (p < end) {
        unsigned char lead = *p++;
        int more = following(lead);
        if (more < 0 || end - p < more || (more > 0 && !second_allowed(lead, *p)))
            return false;
        for (; more > 0; more--, p++) {
            if ((*p & 0xc0) != 0x80)
                return false;
        }
    }
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte of %XX at text; 0 (which no text may hold) when there is none. */
static char decode_byte(const char *text, size_t len)
{
    int high = len > 2 ? hex_value(text[1]) : -1;
    int low = high >= 0 ? hex_value(text[2]) : -1;
    return low < 0 ? '\0' : (char)(high * 16 + low);
}

char *percent_decode(struct arena *arena, const char *text, size_t len, bool plus)
{
    char *result = arena_alloc(arena, len + 1);
    size_t used = 0;
    for (size_t i = 0; i < len; i++, used++) {
        result[used] = text[i] == '+' && plus ? ' ' : text[i];
        if (text[i] != '%')
            continue;
        result[used] = decode_byte(text + i, len - i);
        if (result[used] == '\0')
            return NULL;
        i += 2;
    }
    return utf8_valid(result, used) ? result : NULL;
}

/* One "name=value" or "name"; false when malformed or the name is there already. */
static bool add_pair(struct arena *arena, const char *text, size_t len,
                     struct query *query)
{
    const char *equals = memchr(text, '=', len);
    size_t name_len = equals ? (size_t)(equals - text) : len;
    char *name = percent_decode(arena, text, name_len, true);
    char *value = equals ? percent_decode(arena, equals + 1, len - name_len - 1, true)
                         : arena_strdup(arena, "");
    if (!name || !value || name_len == 0 || query->count == QUERY_MAX)
        return false;
    for (int i = 0; i < query->count; i++) {
        if (strcmp(query->names[i], name) == 0)
            return false;
    }
    query->names[query->count] = name;
    query->values[query->count++] = value;
    return true;
}

bool query_parse(struct arena *arena, const char *text, struct query *ret)
{
    struct query query = {.count = 0};
    if (!*text) {
        *ret = query;
        return true;
    }
    query.names = arena_alloc(arena, QUERY_MAX * sizeof(const char *));
    query.values = arena_alloc(arena, QUERY_MAX * sizeof(const char *));
    for (const char *p = text; *p; p += *p == '&') {
        size_t len = strcspn(p, "&");
        if (len > 0 && !add_pair(arena, p, len, &query))
            return false;
        p += len;
    }
    *ret = query;
    return true;
}
