/* The kinds of audits with the words people use for them (rules.md 2.2). Pure. */
#ifndef MEGURI_SCHEDULING_AUDIT_KINDS_H
#define MEGURI_SCHEDULING_AUDIT_KINDS_H

#include <stdbool.h>
#include <stddef.h>

enum { AUDIT_KIND_MOST_WORDS = 6 };

struct audit_kind {
    const char *name; /* as in the contract */
    const char *ja, *en;
    const char *words[AUDIT_KIND_MOST_WORDS + 1]; /* also called; NULL-terminated */
    bool external;                                /* held by a certification body */
    bool in_cycle; /* belongs to the three-year programme */
};

/* The i-th kind, NULL behind the last. */
const struct audit_kind *audit_kind_at(size_t index);

/* NULL when there is none of that name. */
const struct audit_kind *audit_kind_find(const char *name);

/* Does any of its names contain the text (ASCII letters in either case)? */
bool audit_kind_is_called(const struct audit_kind *kind, const char *text);

#endif
