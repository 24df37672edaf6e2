/* Inside of the statement module: tokens, parsed sources, the SQL made from them. Private to statement*.c and
 * their tests. Everything lives in the arena that is passed in. */
#ifndef MEGURI_STATEMENT_INTERNAL_H
#define MEGURI_STATEMENT_INTERNAL_H

#include "arena.h"
#include "embedded.h"
#include "statement.h"

enum {
    STATEMENT_MAX_SORTS = 40,
    STATEMENT_MAX_NAME = 63 /* what the server keeps of a prepared statement's name */
};

/* ---- statement_scan.c: SQL as tokens (PostgreSQL's lexical structure, as far as it matters here) ---- */

enum token_kind {
    TOKEN_END,
    TOKEN_SPACE,
    TOKEN_COMMENT,   /* to the end of its line, or a (nesting) block */
    TOKEN_QUOTED,    /* '...', E'...', "...", $tag$...$tag$ */
    TOKEN_WORD,      /* identifiers, key words, digits */
    TOKEN_PARAMETER, /* :name */
    TOKEN_PLACE,     /* {name} */
    TOKEN_OTHER,
    TOKEN_OPEN_QUOTE, /* quote or comment without end */
    TOKEN_DOLLAR      /* $1, $: numbers are given by us */
};

struct token {
    enum token_kind kind;
    const char *start;
    size_t len;
};

/* The token at p, before end. */
struct token statement_token(const char *p, const char *end);
/* Is the token this word (without case)? */
bool statement_token_is(const struct token *token, const char *word);

/* ---- statement_parse.c: one file to its statements ---- */

struct statement_sort {
    const char *value;      /* "-title" */
    const char *expression; /* "lower(r.title)" */
    const char *type;       /* "text" */
};

struct statement_source {
    const char *service;
    const char *path;
    int line; /* of its name */
    const char *name;
    const char *event;
    const char *no_event;
    const char *key;
    const char *ordered;
    struct statement_sort sorts[STATEMENT_MAX_SORTS];
    int sort_count;
    const char *sql; /* as written, without comments and the closing semicolon */
    bool writes;
    struct statement_source *next;
};

/* Appends what the file holds to *tail and moves tail. false with *ret_error = "path:line: ...". */
bool statement_parse(struct arena *arena, const struct embedded_file *file,
                     struct statement_source ***tail, const char **ret_error);

/* ---- statement_build.c: one source to what is prepared ---- */

/* sort NULL for a statement that is no list. false with *ret_error. */
bool statement_build(struct arena *arena, const struct statement_source *source,
                     const struct statement_sort *sort, bool next_page,
                     struct statement *ret_statement, const char **ret_error);
/* Where the main part of a leading `with` begins; 0 when there is none. *ret_writes: some part changes rows. */
size_t statement_main(const char *sql, bool *ret_writes);

/* ---- statement.c ---- */

/* As statement_library_new, from any table of files; the library lives in arena. */
struct statement_library *statement_library_parse(struct arena *arena,
                                                  const struct embedded_file *files,
                                                  const char *const *services,
                                                  const char **ret_error);

#endif
