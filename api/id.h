/* Identifiers: UUIDv7 (RFC 9562), request ids, random secrets. Thread-safe. */
#ifndef MEGURI_ID_H
#define MEGURI_ID_H

#include <stdbool.h>
#include <stddef.h>

enum { ID_TEXT = 37 };

/* A new UUIDv7 as lower-case text; time part from clock_now_us, monotonic within a thread also when the
 * (injected) clock stands still or goes back: then the last millisecond is kept and its sequence counts on. Returns out. */
char *id_new(char out[ID_TEXT]);
/* Is it a UUID in 8-4-4-4-12 hex form (either case)? */
bool id_valid(const char *text);
/* len random bytes from the system; dies when there are none. */
void id_random(void *out, size_t len);

#endif
