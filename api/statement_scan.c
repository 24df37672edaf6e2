/* SQL text as tokens: just enough of PostgreSQL's lexical rules (manual, section 4.1) to know what is text, what is
 * comment, and where a :name stands for a value. */
#include "statement_internal.h"

#include <string.h>
#include <strings.h>

static bool is_word_start(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(unsigned char c)
{
    return is_word_start(c) || is_digit(c);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static struct token token_to(enum token_kind kind, const char *start, const char *stop)
{
    return (struct token){.kind = kind, .start = start, .len = (size_t)(stop - start)};
}

/* p is at the opening quote; a doubled quote is a quote, and in E'' a backslash takes the next byte. */
static struct token quoted(const char *start, const char *p, const char *end,
                           bool escapes)
{
    char quote = *p++;
    while (p < end) {
        bool escaped = escapes && *p == '\\' && p + 1 < end;
        bool doubled = *p == quote && p + 1 < end && p[1] == quote;
        if (*p == quote && !doubled)
            return token_to(TOKEN_QUOTED, start, p + 1);
        p += escaped || doubled ? 2 : 1;
    }
    return token_to(TOKEN_OPEN_QUOTE, start, end);
}

static struct token line_comment(const char *start, const char *end)
{
    const char *stop = memchr(start, '\n', (size_t)(end - start));
    return token_to(TOKEN_COMMENT, start, stop ? stop : end);
}

static struct token block_comment(const char *start, const char *end)
{
    int depth = 0;
    for (const char *p = start; p + 1 < end; p++) {
        if (p[0] == '/' && p[1] == '*') {
            depth++;
            p++;
        } else if (p[0] == '*' && p[1] == '/') {
            p++;
            if (--depth == 0)
                return token_to(TOKEN_COMMENT, start, p + 1);
        }
    }
    return token_to(TOKEN_OPEN_QUOTE, start, end);
}

static struct token dollar(const char *start, const char *end)
{
    const char *p = start + 1;
    if (p < end && is_digit((unsigned char)*p))
        return token_to(TOKEN_DOLLAR, start, p);
    while (p < end && is_word((unsigned char)*p))
        p++;
    if (p == end || *p != '$')
        return token_to(TOKEN_DOLLAR, start, start + 1);
    size_t tag = (size_t)(p + 1 - start);
    const char *close = memmem(p + 1, (size_t)(end - p - 1), start, tag);
    if (close == NULL)
        return token_to(TOKEN_OPEN_QUOTE, start, end);
    return token_to(TOKEN_QUOTED, start, close + tag);
}

static struct token word(const char *start, const char *end)
{
    const char *p = start;
    while (p < end && (is_word((unsigned char)*p) || (*p == '$' && p > start)))
        p++;
    bool escape = p == start + 1 && (*start == 'e' || *start == 'E');
    if (escape && p < end && *p == '\'')
        return quoted(start, p, end, true);
    return token_to(TOKEN_WORD, start, p);
}

static struct token colon(const char *start, const char *end)
{
    const char *p = start + 1;
    if (p < end && (*p == ':' || *p == '='))
        return token_to(TOKEN_OTHER, start, p + 1);
    if (p == end || !is_word_start((unsigned char)*p))
        return token_to(TOKEN_OTHER, start, p);
    while (p < end && is_word((unsigned char)*p))
        p++;
    return token_to(TOKEN_PARAMETER, start, p);
}

static struct token brace(const char *start, const char *end)
{
    const char *p = start + 1;
    while (p < end && is_word((unsigned char)*p))
        p++;
    if (p == end || *p != '}')
        return token_to(TOKEN_PLACE, start, start + 1);
    return token_to(TOKEN_PLACE, start, p + 1);
}

static struct token space(const char *start, const char *end)
{
    const char *p = start;
    while (p < end && is_space(*p))
        p++;
    return token_to(TOKEN_SPACE, start, p);
}

struct token statement_token(const char *p, const char *end)
{
    if (p >= end)
        return token_to(TOKEN_END, end, end);
    if (is_space(*p))
        return space(p, end);
    if (is_word((unsigned char)*p))
        return word(p, end);
    if (p + 1 < end && p[0] == '-' && p[1] == '-')
        return line_comment(p, end);
    if (p + 1 < end && p[0] == '/' && p[1] == '*')
        return block_comment(p, end);
    switch (*p) {
    case '\'':
    case '"':
        return quoted(p, p, end, false);
    case '$':
        return dollar(p, end);
    case ':':
        return colon(p, end);
    case '{':
        return brace(p, end);
    default:
        return token_to(TOKEN_OTHER, p, p + 1);
    }
}

bool statement_token_is(const struct token *token, const char *text)
{
    return token->len == strlen(text) && strncasecmp(token->start, text, token->len) == 0;
}
