/* One .sql file to its statements: directives in comments at the beginning of a line, SQL below them. */
#include "statement_internal.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

struct parser {
    struct arena *arena;
    const struct embedded_file *file;
    int line;
    struct statement_source *source; /* the one being read; NULL before the first name */
    struct text sql;
    bool closed; /* its semicolon was there */
    bool paged;  /* it has {page} */
    bool keyed;  /* it has {key} */
    struct statement_source **tail;
    const char **ret_error;
};

static bool fail(struct parser *parser, int line, const char *what, const char *which)
{
    *parser->ret_error = arena_printf(parser->arena, "%s:%d: %s%s%s", parser->file->path,
                                      line, what, which ? ": " : "", which ? which : "");
    return false;
}

static const char *trimmed(struct arena *arena, const char *start, const char *end)
{
    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    return arena_strndup(arena, start, (size_t)(end - start));
}

static bool is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char others[] = "0123456789_";
    size_t first = strspn(name, letters);
    if (first == 0)
        return false;
    for (const char *p = name + first; *p; p++)
        if (strchr(letters, *p) == NULL && strchr(others, *p) == NULL)
            return false;
    return true;
}

/* "risk.created": it becomes SQL text, so nothing but letters, '_' and dots. */
static bool is_event(const char *kind)
{
    size_t first = strspn(kind, "abcdefghijklmnopqrstuvwxyz_");
    return first > 0 && kind[first] == '.' && kind[first + 1] != '\0' &&
           strspn(kind, "abcdefghijklmnopqrstuvwxyz_.") == strlen(kind);
}

static bool check_source(struct parser *parser, const struct statement_source *source)
{
    int line = source->line;
    if (source->sql[0] == '\0')
        return fail(parser, line, "a name without a statement", source->name);
    if (source->event != NULL && source->no_event != NULL)
        return fail(parser, line, "both event and no-event", source->name);
    if (source->writes && source->event == NULL && source->no_event == NULL)
        return fail(parser, line, "writes, but says neither event nor no-event",
                    source->name);
    if (!source->writes && source->event != NULL)
        return fail(parser, line, "an event, but nothing is written", source->name);
    if ((source->sort_count > 0) != (source->key != NULL))
        return fail(parser, line, "key and sort belong together", source->name);
    if ((source->sort_count > 0) != parser->paged)
        return fail(parser, line, "sort and {page} belong together", source->name);
    if (source->ordered && source->sort_count == 0)
        return fail(parser, line, "ordered without a sort", source->name);
    if (parser->keyed && source->sort_count == 0)
        return fail(parser, line, "{key} needs a sort", source->name);
    return true;
}

static bool finish_source(struct parser *parser)
{
    struct statement_source *source = parser->source;
    if (source == NULL)
        return true;
    size_t len = parser->sql.len;
    const char *sql = parser->sql.data ? parser->sql.data : "";
    while (len > 0 && strchr(" \t\r\n\f\v", sql[len - 1]) != NULL)
        len--;
    source->sql = arena_strndup(parser->arena, sql, len);
    statement_main(source->sql, &source->writes);
    if (!check_source(parser, source))
        return false;
    if (source->no_event != NULL)
        source->writes = true; /* it writes where we can not see it, as in a function */
    *parser->tail = source;
    parser->tail = &source->next;
    parser->source = NULL;
    return true;
}

static bool start_source(struct parser *parser, const char *name)
{
    if (!finish_source(parser))
        return false;
    if (!is_name(name) || strlen(name) > STATEMENT_MAX_NAME)
        return fail(parser, parser->line, "not a name for a statement", name);
    parser->source = arena_alloc(parser->arena, sizeof(*parser->source));
    parser->source->service = parser->file->service;
    parser->source->path = parser->file->path;
    parser->source->line = parser->line;
    parser->source->name = name;
    text_clear(&parser->sql);
    parser->closed = parser->paged = parser->keyed = false;
    return true;
}

/* A piece of SQL out of a directive must not change how the text around it reads. */
static bool is_piece(const char *sql)
{
    const char *end = sql + strlen(sql);
    for (struct token token = statement_token(sql, end); token.kind != TOKEN_END;
         token = statement_token(token.start + token.len, end))
        if ((token.kind != TOKEN_SPACE && token.kind != TOKEN_QUOTED &&
             token.kind != TOKEN_WORD && token.kind != TOKEN_OTHER) ||
            token.start[0] == ';')
            return false;
    return true;
}

/* "<value> <expression> <type>"; the expression may have spaces. */
static bool add_sort(struct parser *parser, const char *rest)
{
    struct statement_source *source = parser->source;
    const char *first = strchr(rest, ' ');
    const char *last = strrchr(rest, ' ');
    if (first == NULL || first == last)
        return fail(parser, parser->line, "sort needs value, expression and type", rest);
    if (source->sort_count + 2 > STATEMENT_MAX_SORTS)
        return fail(parser, parser->line, "too many sorts", source->name);
    struct statement_sort sort = {
        .value = arena_strndup(parser->arena, rest, (size_t)(first - rest)),
        .expression = trimmed(parser->arena, first, last),
        .type = arena_strdup(parser->arena, last + 1),
    };
    for (int i = 0; i < source->sort_count; i++)
        if (strcmp(source->sorts[i].value, sort.value) == 0)
            return fail(parser, parser->line, "the same sort twice", sort.value);
    if (!is_piece(sort.expression) || !is_piece(sort.type))
        return fail(parser, parser->line, "not an expression to sort by", sort.value);
    if (!is_name(sort.value))
        return fail(parser, parser->line, "not a sort value", sort.value);
    source->sorts[source->sort_count++] = sort;
    sort.value = arena_printf(parser->arena, "-%s", sort.value); /* and descending */
    source->sorts[source->sort_count++] = sort;
    return true;
}

static bool set_once(struct parser *parser, const char **member, const char *name,
                     const char *value)
{
    if (*member != NULL)
        return fail(parser, parser->line, "directive given twice", name);
    if (value[0] == '\0')
        return fail(parser, parser->line, "directive without a value", name);
    *member = value;
    return true;
}

static bool directive(struct parser *parser, const char *name, const char *value)
{
    struct statement_source *source = parser->source;
    if (strcmp(name, "name") == 0)
        return start_source(parser, value);
    if (source == NULL)
        return fail(parser, parser->line, "directive before any name", name);
    if (parser->sql.len > 0)
        return fail(parser, parser->line, "directive inside a statement", name);
    if (strcmp(name, "sort") == 0)
        return add_sort(parser, value);
    if (strcmp(name, "key") == 0 && !is_piece(value))
        return fail(parser, parser->line, "not a key", value);
    if (strcmp(name, "key") == 0)
        return set_once(parser, &source->key, name, value);
    if (strcmp(name, "ordered") == 0)
        return set_once(parser, &source->ordered, name, value);
    if (strcmp(name, "no-event") == 0)
        return set_once(parser, &source->no_event, name, value);
    if (strcmp(name, "event") != 0)
        return fail(parser, parser->line, "unknown directive", name);
    if (!is_event(value))
        return fail(parser, parser->line, "not an event kind", value);
    return set_once(parser, &source->event, name, value);
}

static bool is_known(const char *name)
{
    static const char *const known[] = {"name", "event",   "no-event",
                                        "key",  "ordered", "sort"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i], name) == 0)
            return true;
    return false;
}

/* A comment at the beginning of a line that reads "-- word: ...". Between a name and its SQL every such comment must
 * be a directive, so that a misspelt one can not be overlooked; elsewhere only the known words count. */
static bool comment(struct parser *parser, const struct token *token)
{
    const char *end = token->start + token->len;
    const char *start = token->start + 3;
    if (token->len < 4 || memcmp(token->start, "-- ", 3) != 0)
        return true;
    const char *stop = start;
    while (stop < end && ((*stop >= 'a' && *stop <= 'z') || *stop == '-'))
        stop++;
    if (stop == start || stop == end || *stop != ':')
        return true;
    const char *name = arena_strndup(parser->arena, start, (size_t)(stop - start));
    bool in_head = parser->source != NULL && parser->sql.len == 0;
    if (!in_head && !is_known(name))
        return true;
    return directive(parser, name, trimmed(parser->arena, stop + 1, end));
}

static bool sql_token(struct parser *parser, const struct token *token)
{
    if (token->kind == TOKEN_SPACE) {
        if (parser->sql.len > 0)
            text_add(&parser->sql, token->start, token->len);
        return true;
    }
    if (parser->source == NULL)
        return fail(parser, parser->line, "SQL before any name", NULL);
    if (parser->closed)
        return fail(parser, parser->line, "SQL after the semicolon",
                    parser->source->name);
    if (token->kind == TOKEN_OTHER && token->start[0] == ';') {
        parser->closed = true;
        return true;
    }
    if (token->kind == TOKEN_PLACE && !statement_token_is(token, "{key}") &&
        !statement_token_is(token, "{page}"))
        return fail(parser, parser->line, "braces hold key or page only", NULL);
    if (token->kind == TOKEN_PLACE)
        *(token->len == strlen("{key}") ? &parser->keyed : &parser->paged) = true;
    text_add(&parser->sql, token->start, token->len);
    return true;
}

static bool file_token(struct parser *parser, const struct token *token)
{
    switch (token->kind) {
    case TOKEN_OPEN_QUOTE:
        return fail(parser, parser->line, "a quote or comment without end", NULL);
    case TOKEN_DOLLAR:
        return fail(parser, parser->line, "values have names here, not numbers", NULL);
    case TOKEN_COMMENT:
        if (parser->sql.len > 0)
            text_addc(&parser->sql, ' ');
        if (token->start > parser->file->text && token->start[-1] != '\n')
            return true;
        return comment(parser, token);
    default:
        return sql_token(parser, token);
    }
}

bool statement_parse(struct arena *arena, const struct embedded_file *file,
                     struct statement_source ***tail, const char **ret_error)
{
    struct parser parser = {
        .arena = arena, .file = file, .line = 1, .tail = *tail, .ret_error = ret_error};
    const char *end = file->text + file->len;
    struct token token = statement_token(file->text, end);
    bool good = memchr(file->text, '\0', file->len) == NULL ||
                fail(&parser, 1, "a NUL byte", NULL);
    while (good && token.kind != TOKEN_END) {
        good = file_token(&parser, &token);
        for (size_t i = 0; i < token.len; i++)
            parser.line += token.start[i] == '\n';
        token = statement_token(token.start + token.len, end);
    }
    good = good && finish_source(&parser);
    text_free(&parser.sql);
    if (good)
        *tail = parser.tail;
    return good;
}
