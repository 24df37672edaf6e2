/* The library: all statements of a program, found by name, sort and page state. Built once, then constant. */
#include "statement_internal.h"

#include <string.h>

struct statement_library {
    struct arena *arena;
    struct statement *statements;
    int count;
};

static bool is_served(const char *const *services, const char *service)
{
    for (; *services; services++)
        if (strcmp(*services, service) == 0)
            return true;
    return false;
}

static bool check_unique(struct arena *arena, const struct statement_source *sources,
                         const char **ret_error)
{
    for (const struct statement_source *a = sources; a; a = a->next) {
        for (const struct statement_source *b = a->next; b; b = b->next) {
            if (strcmp(a->name, b->name) != 0)
                continue;
            *ret_error = arena_printf(arena, "%s:%d: %s is also in %s:%d", b->path,
                                      b->line, b->name, a->path, a->line);
            return false;
        }
    }
    return true;
}

static int count_variants(const struct statement_source *sources)
{
    int count = 0;
    for (const struct statement_source *source = sources; source; source = source->next)
        count += source->sort_count > 0 ? 2 * source->sort_count : 1;
    return count;
}

static bool add_variant(struct statement_library *library,
                        const struct statement_source *source,
                        const struct statement_sort *sort, bool next_page,
                        const char **ret_error)
{
    struct statement *statement = &library->statements[library->count];
    if (!statement_build(library->arena, source, sort, next_page, statement, ret_error))
        return false;
    statement->index = library->count++;
    return true;
}

static bool add_source(struct statement_library *library,
                       const struct statement_source *source, const char **ret_error)
{
    if (source->sort_count == 0)
        return add_variant(library, source, NULL, false, ret_error);
    for (int i = 0; i < source->sort_count; i++) {
        const struct statement_sort *sort = &source->sorts[i];
        if (!add_variant(library, source, sort, false, ret_error) ||
            !add_variant(library, source, sort, true, ret_error))
            return false;
    }
    return true;
}

struct statement_library *statement_library_parse(struct arena *arena,
                                                  const struct embedded_file *files,
                                                  const char *const *services,
                                                  const char **ret_error)
{
    struct statement_source *sources = NULL, **tail = &sources;
    for (const struct embedded_file *file = files; file->service; file++)
        if (is_served(services, file->service) &&
            !statement_parse(arena, file, &tail, ret_error))
            return NULL;
    if (!check_unique(arena, sources, ret_error))
        return NULL;
    struct statement_library *library = arena_alloc(arena, sizeof(*library));
    size_t size = (size_t)(count_variants(sources) + 1) * sizeof(*library->statements);
    library->arena = arena;
    library->statements = arena_alloc(arena, size);
    for (const struct statement_source *source = sources; source; source = source->next)
        if (!add_source(library, source, ret_error))
            return NULL;
    return library;
}

struct statement_library *statement_library_new(const char *const *services,
                                                const char **ret_error)
{
    return statement_library_parse(arena_new(), embedded_statements, services, ret_error);
}

int statement_count(const struct statement_library *library)
{
    return library->count;
}

const struct statement *statement_at(const struct statement_library *library, int index)
{
    return &library->statements[index];
}

const struct statement *statement_find(const struct statement_library *library,
                                       const char *name, const char *sort, bool next_page)
{
    for (int i = 0; i < library->count; i++) {
        const struct statement *statement = &library->statements[i];
        if (strcmp(statement->name, name) == 0 && statement->next_page == next_page &&
            (sort == NULL || (statement->sort && strcmp(statement->sort, sort) == 0)))
            return statement;
    }
    return NULL;
}
