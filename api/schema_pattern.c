/* What a compiled schema says in errors, and the patterns it matches with. */
#include "schema_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void add_value(struct text *text, const json_t *value)
{
    if (json_is_string(value)) {
        text_add(text, json_string_value(value), json_string_length(value));
        return;
    }
    char *dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    text_adds(text, dump ? dump : "");
    free(dump);
}

const char *schema_value_text(struct schema_pool *pool, const json_t *value)
{
    struct text text _text_auto_ = {0};
    add_value(&text, value);
    return arena_strndup(pool->arena, text.data ? text.data : "", text.len);
}

const char *schema_list_text(struct schema_pool *pool, const json_t *list)
{
    struct text text _text_auto_ = {0};
    for (size_t i = 0; i < json_array_size(list); i++) {
        text_adds(&text, i ? ", " : "");
        add_value(&text, json_array_get(list, i));
    }
    return arena_strndup(pool->arena, text.data ? text.data : "", text.len);
}

enum { COPIES_MAX = 4096 };

/* Behind the bracket expression that begins at p; its characters mean themselves. */
static const char *skip_bracket(const char *p)
{
    p += 1 + (p[1] == '^');
    p += *p == ']';
    while (*p && *p != ']')
        p++;
    return *p ? p + 1 : p;
}

/* How often the matcher copies what is repeated: x{2,9} nine times, x+ twice. 0 = no plain repeat. */
static long copies(const char *p)
{
    if (*p == '+')
        return 2;
    if (*p != '{')
        return 1;
    char *end;
    long least = strtol(p + 1, &end, 10);
    long most = *end == ',' && end[1] != '}' ? strtol(end + 1, &end, 10) : least;
    return most > 0 && most <= COPIES_MAX ? most : 0;
}

/* \d and its like, groups (?...), lazy and possessive repeats mean something else in POSIX, or nothing. Nested repeats multiply,
 * and with them the memory of the matcher. */
static bool is_plain_ere(const char *pattern)
{
    long total = 1;
    for (const char *p = pattern; *p;) {
        if (*p == '[') {
            p = skip_bracket(p);
            continue;
        }
        bool escaped = *p == '\\';
        if (escaped && (isalnum((unsigned char)p[1]) || *++p == '\0'))
            return false;
        if (!escaped && strchr("(*+?}", *p) && p[1] && strchr("*+?{", p[1]))
            return false;
        total *= escaped ? 1 : copies(p);
        if (total < 1 || total > COPIES_MAX)
            return false;
        p++;
    }
    return true;
}

static void free_pattern(void *pattern)
{
    regfree(pattern);
}

regex_t *schema_pattern_compile(struct arena *arena, const char *text)
{
    regex_t *pattern = arena_alloc(arena, sizeof *pattern);
    if (!is_plain_ere(text) || regcomp(pattern, text, REG_EXTENDED | REG_NOSUB) != 0)
        return NULL;
    arena_defer(arena, free_pattern, pattern);
    return pattern;
}
