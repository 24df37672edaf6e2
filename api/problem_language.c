/* Accept-Language (RFC 9110 section 12.5.4): quality values, the most specific range counts, the first of equals wins. */
#include "problem.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { QUALITY_MAX = 1000, QUALITY_UNSET = -1 };
enum specific { SPECIFIC_NONE, SPECIFIC_ANY, SPECIFIC_REGION, SPECIFIC_EXACT };

/* What the header says about one of our languages so far. */
struct wish {
    const char *tag;
    enum specific specific;
    int quality; /* thousandths */
    int order;   /* of the range that set it */
};

const char *language_tag(enum language language)
{
    return language == LANGUAGE_JA ? "ja" : "en";
}

/* "0.8" -> 800; anything that is not a qvalue -> 0, so that a broken range is no wish. */
static int parse_quality(const char *s, size_t len)
{
    if (len == 0 || len > 5 || (s[0] != '0' && s[0] != '1') || (len > 1 && s[1] != '.'))
        return 0;
    int value = (s[0] - '0') * QUALITY_MAX;
    int unit = QUALITY_MAX / 10;
    for (size_t i = 2; i < len; i++, unit /= 10) {
        if (s[i] < '0' || s[i] > '9')
            return 0;
        value += (s[i] - '0') * unit;
    }
    return value > QUALITY_MAX ? 0 : value;
}

/* How closely does a range name this language? "ja-JP" is content with "ja" (lookup of RFC 4647). */
static enum specific match_range(const char *range, size_t len, const char *tag)
{
    size_t tag_len = strlen(tag);
    if (len == 1 && *range == '*')
        return SPECIFIC_ANY;
    if (len < tag_len || strncasecmp(range, tag, tag_len) != 0)
        return SPECIFIC_NONE;
    if (len == tag_len)
        return SPECIFIC_EXACT;
    return range[tag_len] == '-' ? SPECIFIC_REGION : SPECIFIC_NONE;
}

static size_t trimmed(const char **s, size_t len)
{
    while (len > 0 && (**s == ' ' || **s == '\t')) {
        (*s)++;
        len--;
    }
    while (len > 0 && ((*s)[len - 1] == ' ' || (*s)[len - 1] == '\t'))
        len--;
    return len;
}

/* One list element "range;q=0.8" into its range and quality. */
static size_t split_element(const char **element, size_t len, int *ret_quality)
{
    const char *weight = memchr(*element, ';', len);
    size_t range_len = weight ? (size_t)(weight - *element) : len;
    *ret_quality = QUALITY_MAX;
    if (weight) {
        const char *q = weight + 1;
        size_t q_len = trimmed(&q, len - range_len - 1);
        bool named = q_len > 2 && (q[0] == 'q' || q[0] == 'Q') && q[1] == '=';
        *ret_quality = named ? parse_quality(q + 2, q_len - 2) : 0;
    }
    return trimmed(element, range_len);
}

static void note(struct wish *wish, enum specific specific, int quality, int order)
{
    if (specific == SPECIFIC_NONE || specific < wish->specific)
        return;
    if (specific == wish->specific && quality <= wish->quality)
        return;
    *wish = (struct wish){wish->tag, specific, quality, order};
}

static bool preferred(const struct wish *a, const struct wish *b)
{
    return a->quality != b->quality ? a->quality > b->quality : a->order < b->order;
}

enum language language_negotiate(const char *accept_language)
{
    struct wish ja = {.tag = "ja", .quality = QUALITY_UNSET};
    struct wish en = {.tag = "en", .quality = QUALITY_UNSET};
    const char *p = accept_language ? accept_language : "";
    for (int order = 0; *p; order++) {
        size_t len = strcspn(p, ",");
        const char *element = p;
        int quality;
        size_t range_len = split_element(&element, len, &quality);
        note(&ja, match_range(element, range_len, ja.tag), quality, order);
        note(&en, match_range(element, range_len, en.tag), quality, order);
        p += len + (p[len] == ',');
    }
    return ja.quality > 0 && preferred(&ja, &en) ? LANGUAGE_JA : LANGUAGE_EN;
}
