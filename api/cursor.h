/* Opaque signed page cursors: the sort key and id of the last row of a page, bound to operation, tenant and sort. */
#ifndef MEGURI_CURSOR_H
#define MEGURI_CURSOR_H

#include "arena.h"

#include <stdbool.h>

struct cursor {
    const char *key; /* sort value as text; NULL (a row without it) is kept */
    const char *id;  /* NULL is kept */
};

/* scope = anything the cursor must not be moved to another of (operation id, consultancy, sort). */
char *cursor_make(struct arena *arena, const char *scope, const struct cursor *cursor);
/* false when forged, of another scope, or malformed (also NULL and more than 8 kB). */
bool cursor_read(struct arena *arena, const char *scope, const char *text,
                 struct cursor *ret);

#endif
