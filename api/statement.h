/* Statement files: services/<service>/<resource>.sql, embedded at build; many statements per file.
 *
 *     -- name: createRisk                 operationId, or any name used by a step or job
 *     -- event: risk.created              writing statements: the shell wraps them so that each returned row writes one event;
 *     -- no-event: reason                 or says why not (and makes a plain select count as writing). A statement starting with (with ...)? insert/update/delete needs one of them.
 *     -- key: r.id                        lists: unique last sort column (uuid)
 *     -- sort: created_at r.id uuid       lists: contract sort value, SQL expression, SQL type; first = default; "-created_at" = descending
 *     -- sort: title lower(r.title) text
 *     -- ordered: reason                  lists that grow: an index has the rows in every order above, and a page follows it instead of sorting all rows
 *
 * `:name` binds by name (not inside quotes, comments, or after another ':' as in ::cast); every distinct name is one $n.
 * Lists: `{key}` in the select list becomes `, (<sort expression>)::text as _key`; `{page}` after the where conditions becomes the
 * cursor condition `and (<expr>, <key>) > (:after_key::<type>, :after_id::uuid)` (only in the next-page variant) plus
 * `order by <expr> asc|desc, <key> asc|desc limit :limit::int + 1`. Each sort value and page state is its own prepared statement
 * (variant), made at start.
 *
 * Event wrapping (at = :now, `event` kind's first word = entity):
 *   with op as (<statement>), ev as (insert into platform.events (consultancy_id, id, at, actor_id, actor_kind, operation, kind, entity, entity_id,
 *     client_id, version, data, request_id) select :consultancy::uuid, gen_random_uuid(), :now::timestamptz, :member::uuid, :actor_kind, '<name>', '<kind>',
 *     '<entity>', (d->>'id')::uuid, case when '<entity>' = 'client' then (d->>'id')::uuid else (d->>'client_id')::uuid end, (d->>'version')::int,
 *     d - '{_key,_next,_etag,_location,_status}'::text[], :request_id from (select to_jsonb(op) as d from op) x) select * from op
 * A row with a column `_volatile` shows more than its version covers (the day, other rows): its ETag is "v<version>.<hash>", and
 * If-Match compares the version only.
 * A statement that begins with `with a as (...)` becomes `with a as (...), op as (<its main part>), ev as (...)`: PostgreSQL allows
 * changes in a `with` only at the top level. */
#ifndef MEGURI_STATEMENT_H
#define MEGURI_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

enum { STATEMENT_MAX_PARAMETERS = 64 };

struct statement {
    const char *service;
    const char *name;     /* "listRisks" */
    const char *prepared; /* name at the server: "listRisks", "listRisks.-title.next" */
    const char *sort;     /* "-title"; NULL when not a list */
    bool next_page;
    bool writes;
    bool ordered;      /* planned without sorting where an index has the order */
    const char *event; /* "risk.created" or NULL */
    const char *sql;   /* with $1..$n, wrapped */
    const char *parameters[STATEMENT_MAX_PARAMETERS]; /* name of $1.. */
    int parameter_count;
    int index; /* position among all statements of the library */
};

struct statement_library;

/* Parses the embedded files of the named services (NULL-terminated list; "api" holds the shell's own). NULL with *ret_error
 * ("registers/risks.sql:12: ...") when one is malformed. */
struct statement_library *statement_library_new(const char *const *services,
                                                const char **ret_error);
int statement_count(const struct statement_library *library);
const struct statement *statement_at(const struct statement_library *library, int index);
/* sort NULL and next_page false for ordinary ones; for lists NULL = the default sort. NULL when there is none. */
const struct statement *statement_find(const struct statement_library *library,
                                       const char *name, const char *sort,
                                       bool next_page);

/* Where values come from when a statement is bound: answers text (or NULL for SQL NULL) and true, or false for an unknown name. */
struct binder {
    bool (*lookup)(void *arg, const char *name, const char **ret_text);
    void *arg;
};

#endif
