/* Any bytes as a statement file: no crash; what is accepted holds no name or place any more, only the numbers of its values. */
#include "api/statement_internal.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sql(const struct statement *statement)
{
    const char *end = statement->sql + strlen(statement->sql);
    struct token token = statement_token(statement->sql, end);
    for (; token.kind != TOKEN_END;
         token = statement_token(token.start + token.len, end)) {
        assert(token.len > 0);
        assert(token.kind != TOKEN_PARAMETER && token.kind != TOKEN_PLACE);
        assert(token.kind != TOKEN_OPEN_QUOTE && token.kind != TOKEN_COMMENT);
        if (token.kind == TOKEN_DOLLAR)
            assert(strtol(token.start + 1, NULL, 10) <= statement->parameter_count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const services[] = {"s", NULL};
    struct arena *arena = arena_new();
    /* The text is followed by a NUL, as embedded ones are. */
    const char *text = arena_strndup(arena, (const char *)data, size);
    const struct embedded_file files[] = {{"s", "s.sql", text, size}, {0}};
    const char *error = NULL;
    struct statement_library *library =
        statement_library_parse(arena, files, services, &error);
    assert((library == NULL) == (error != NULL));
    for (int i = 0; library != NULL && i < statement_count(library); i++)
        check_sql(statement_at(library, i));
    arena_destroy(arena);
    return 0;
}
