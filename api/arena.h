/* Memory that lives as long as one request (or one job run) and is given back at once.
 *
 * Allocation never returns NULL: when the system has no memory left, or an arena passes its limit by a
 * programming error, the process dies with a message (sizes that a user controls are limited before).
 * Not thread-safe; an arena moves between threads only together with its request. */
#ifndef MEGURI_ARENA_H
#define MEGURI_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_destroy(struct arena *arena); /* accepts NULL */

/* Runs fn(arg) when the arena is destroyed, newest first: owns foreign objects (json_t, PGresult). */
void arena_defer(struct arena *arena, void (*fn)(void *), void *arg);

void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for any type */
void *arena_dup(struct arena *arena, const void *data, size_t size);
char *arena_strdup(struct arena *arena, const char *s); /* NULL in, NULL out */
char *arena_strndup(struct arena *arena, const char *s, size_t len);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0), nonnull(2)));

/* Says so on standard error and aborts; for every place that must not go on without memory. */
void arena_out_of_memory(void) __attribute__((noreturn));

/* Bytes given out so far (without block overhead). */
size_t arena_used(const struct arena *arena);

#endif
