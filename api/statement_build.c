/* From a statement as written to what is prepared: places filled, wrapped with its event, values numbered. */
#include "statement_internal.h"
#include "text.h"

#include <assert.h>
#include <string.h>

static struct token next_token(const struct token *token, const char *end)
{
    return statement_token(token->start + token->len, end);
}

static bool is_blank(const struct token *token)
{
    return token->kind == TOKEN_SPACE || token->kind == TOKEN_COMMENT;
}

static bool is_any(const struct token *token, const char *const *words)
{
    if (token->kind != TOKEN_WORD)
        return false;
    for (; *words; words++)
        if (statement_token_is(token, *words))
            return true;
    return false;
}

size_t statement_main(const char *sql, bool *ret_writes)
{
    static const char *const writers[] = {"insert", "update", "delete", "merge", NULL};
    static const char *const starters[] = {"insert", "update", "delete", "merge",
                                           "select", "values", "table",  NULL};
    const char *end = sql + strlen(sql);
    bool with = false;
    int depth = 0;
    size_t main = 0;
    struct token before = {.kind = TOKEN_END, .start = sql}, before2 = before;
    *ret_writes = false;
    for (struct token token = statement_token(sql, end); token.kind != TOKEN_END;
         token = next_token(&token, end)) {
        if (is_blank(&token))
            continue;
        bool first = before.kind == TOKEN_END;
        with = with || (first && statement_token_is(&token, "with"));
        /* A name may be called like a key word; the main part follows the last list item's parenthesis. */
        bool starts = with && main == 0 && depth == 0 &&
                      statement_token_is(&before, ")") && is_any(&token, starters);
        bool body = statement_token_is(&before, "(") &&
                    (statement_token_is(&before2, "as") ||
                     statement_token_is(&before2, "materialized"));
        if (starts)
            main = (size_t)(token.start - sql);
        if ((first || starts || body) && is_any(&token, writers))
            *ret_writes = true;
        depth += statement_token_is(&token, "(") - statement_token_is(&token, ")");
        before2 = before;
        before = token;
    }
    return main;
}

static void add_page(struct text *out, const char *key, const struct statement_sort *sort,
                     bool next_page)
{
    bool down = sort->value[0] == '-';
    const char *order = down ? "desc" : "asc";
    if (next_page)
        text_addf(out, "and (%s, %s) %c (:after_key::%s, :after_id::uuid) ",
                  sort->expression, key, down ? '<' : '>', sort->type);
    text_addf(out, "order by %s %s, %s %s limit :limit::int + 1", sort->expression, order,
              key, order);
}

static void fill_places(struct text *out, const struct statement_source *source,
                        const struct statement_sort *sort, bool next_page)
{
    const char *end = source->sql + strlen(source->sql);
    for (struct token token = statement_token(source->sql, end); token.kind != TOKEN_END;
         token = next_token(&token, end)) {
        if (token.kind != TOKEN_PLACE) {
            text_add(out, token.start, token.len);
            continue;
        }
        text_addc(out, ' ');
        if (sort != NULL && statement_token_is(&token, "{key}"))
            text_addf(out, ", (%s)::text as _key", sort->expression);
        else if (sort != NULL)
            add_page(out, source->key, sort, next_page);
        text_addc(out, ' ');
    }
}

/* An event row for each row that comes back. In PostgreSQL a part of `with` that changes rows must stand at the top
 * level, so the parts a statement already has stay where they are and ours follow. */
static void wrap_event(struct text *out, const struct statement_source *source,
                       const char *sql)
{
    bool writes;
    size_t main = statement_main(sql, &writes);
    size_t entity = strcspn(source->event, ".");
    bool is_client =
        entity == strlen("client") && memcmp(source->event, "client", 6) == 0;
    if (main > 0) {
        text_add(out, sql, main);
        text_addf(out, ", op as (%s)", sql + main);
    } else {
        text_addf(out, "with op as (%s)", sql);
    }
    text_addf(
        out,
        ", ev as (insert into platform.events (consultancy_id, id, at, actor_id, "
        "actor_kind,"
        " operation, kind, entity, entity_id, client_id, version, data, request_id)"
        " select :consultancy::uuid, gen_random_uuid(), :now::timestamptz, :member::uuid,"
        " :actor_kind, '%s', '%s', '%.*s', (d->>'id')::uuid, (d->>'%s')::uuid,"
        " (d->>'version')::int, d - '{_key,_next,_etag,_location,_status}'::text[],"
        " :request_id from (select to_jsonb(op) as d from op) x) select * from op",
        source->name, source->event, (int)entity, source->event,
        is_client ? "id" : "client_id");
}

/* The number of :name, from 1; 0 when there are too many. */
static int parameter_number(struct arena *arena, struct statement *statement,
                            const struct token *token)
{
    size_t len = token->len - 1;
    for (int i = 0; i < statement->parameter_count; i++) {
        const char *known = statement->parameters[i];
        if (strlen(known) == len && memcmp(known, token->start + 1, len) == 0)
            return i + 1;
    }
    if (statement->parameter_count == STATEMENT_MAX_PARAMETERS)
        return 0;
    statement->parameters[statement->parameter_count++] =
        arena_strndup(arena, token->start + 1, len);
    return statement->parameter_count;
}

/* "limit:n" must not become the identifier limit$1. */
static void add_number(struct text *out, int number, const char *next)
{
    bool glued =
        out->len > 0 && strchr(" \t\n,(=+-*/<>|", out->data[out->len - 1]) == NULL;
    text_addf(out, "%s$%d%s", glued ? " " : "", number, *next == '$' ? " " : "");
}

static bool number_parameters(struct arena *arena, struct text *out, const char *sql,
                              struct statement *statement)
{
    const char *end = sql + strlen(sql);
    for (struct token token = statement_token(sql, end); token.kind != TOKEN_END;
         token = next_token(&token, end)) {
        if (token.kind != TOKEN_PARAMETER) {
            text_add(out, token.start, token.len);
            continue;
        }
        int number = parameter_number(arena, statement, &token);
        if (number == 0)
            return false;
        add_number(out, number, token.start + token.len);
    }
    return true;
}

static const char *prepared_name(struct arena *arena,
                                 const struct statement_source *source,
                                 const struct statement_sort *sort, bool next_page)
{
    if (sort == NULL)
        return source->name;
    return arena_printf(arena, "%s.%s%s", source->name, sort->value,
                        next_page ? ".next" : "");
}

bool statement_build(struct arena *arena, const struct statement_source *source,
                     const struct statement_sort *sort, bool next_page,
                     struct statement *ret_statement, const char **ret_error)
{
    _text_auto_ struct text filled = {0};
    _text_auto_ struct text wrapped = {0};
    _text_auto_ struct text numbered = {0};
    struct statement statement = {
        .service = source->service,
        .name = source->name,
        .prepared = prepared_name(arena, source, sort, next_page),
        .sort = sort ? sort->value : NULL,
        .next_page = next_page,
        .writes = source->writes,
        .event = source->event,
        .ordered = source->ordered != NULL,
    };
    fill_places(&filled, source, sort, next_page);
    assert(filled.data != NULL); /* a source is never empty */
    if (source->event != NULL)
        wrap_event(&wrapped, source, filled.data);
    else
        text_add(&wrapped, filled.data, filled.len);
    bool fits = number_parameters(arena, &numbered, wrapped.data, &statement);
    if (!fits || strlen(statement.prepared) > STATEMENT_MAX_NAME) {
        *ret_error =
            arena_printf(arena, "%s:%d: %s: %s", source->path, source->line, source->name,
                         fits ? "name too long" : "too many values");
        return false;
    }
    statement.sql = arena_strndup(arena, numbered.data, numbered.len);
    *ret_statement = statement;
    return true;
}
