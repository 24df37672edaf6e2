/* A chunked bump allocator. The first chunk lives in the same malloc as the arena itself, so a simple request costs one
 * malloc; later chunks double up to 64 kB, and anything big gets a chunk of its own. Under AddressSanitizer the memory
 * that was not given out is poisoned, with a gap between neighbours. */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISON 1
#endif
#endif

#ifdef ARENA_POISON
#include <sanitizer/asan_interface.h>
#define poison(start, size) ASAN_POISON_MEMORY_REGION(start, size)
#define unpoison(start, size) ASAN_UNPOISON_MEMORY_REGION(start, size)
enum { GAP = 16 };
#else
#define poison(start, size) ((void)(start), (void)(size))
#define unpoison(start, size) ((void)(start), (void)(size))
enum { GAP = 0 };
#endif

enum { ALIGN = alignof(max_align_t), FIRST = 2048, LARGEST = 65536 };
/* Far above what the limits on bodies, pages and documents let a request need. */
static const size_t ARENA_LIMIT = (size_t)1 << 30;

/* Its bytes follow it. */
struct chunk {
    alignas(max_align_t) struct chunk *older;
    char *next; /* first free byte */
    char *end;
};

struct deferred {
    struct deferred *older;
    void (*fn)(void *);
    void *arg;
};

struct arena {
    struct chunk *newest; /* where small allocations come from */
    struct chunk *big;    /* chunks made for one allocation each */
    struct deferred *deferred;
    size_t used;
    size_t next_size;
    struct chunk first;
};

void arena_out_of_memory(void)
{
    static const char message[] = "{\"level\":\"error\",\"event\":\"out_of_memory\"}\n";
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored;
    abort();
}

static size_t rounded(size_t size)
{
    return (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static void chunk_open(struct chunk *chunk, size_t size)
{
    chunk->next = (char *)(chunk + 1);
    chunk->end = chunk->next + size;
    poison(chunk->next, size);
}

static void chunk_close(struct chunk *chunk)
{
    char *bytes = (char *)(chunk + 1);
    unpoison(bytes, (size_t)(chunk->end - bytes));
}

static struct chunk *chunk_new(size_t size)
{
    struct chunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk)
        arena_out_of_memory();
    chunk_open(chunk, size);
    return chunk;
}

struct arena *arena_new(void)
{
    struct arena *arena = malloc(sizeof *arena + FIRST);
    if (!arena)
        arena_out_of_memory();
    arena->newest = &arena->first;
    arena->big = NULL;
    arena->deferred = NULL;
    arena->used = 0;
    arena->next_size = (size_t)FIRST * 4;
    arena->first.older = NULL;
    chunk_open(&arena->first, FIRST);
    return arena;
}

static void chunks_free(struct chunk *chunk, const struct chunk *last)
{
    while (chunk != last) {
        struct chunk *older = chunk->older;
        chunk_close(chunk);
        free(chunk);
        chunk = older;
    }
}

void arena_destroy(struct arena *arena)
{
    if (!arena)
        return;
    while (arena->deferred) { /* a destructor may defer or allocate again */
        struct deferred *deferred = arena->deferred;
        arena->deferred = deferred->older;
        deferred->fn(deferred->arg);
    }
    chunks_free(arena->newest, &arena->first);
    chunks_free(arena->big, NULL);
    chunk_close(&arena->first);
    free(arena);
}

static void *take(struct chunk *chunk, size_t step)
{
    void *start = chunk->next;
    chunk->next += step;
    return start;
}

static struct chunk *chunk_for(struct arena *arena, size_t step)
{
    if ((size_t)(arena->newest->end - arena->newest->next) >= step)
        return arena->newest;
    if (step > arena->next_size / 4) {
        struct chunk *big = chunk_new(step);
        big->older = arena->big;
        return arena->big = big;
    }
    struct chunk *chunk = chunk_new(arena->next_size);
    if (arena->next_size < LARGEST)
        arena->next_size *= 2;
    chunk->older = arena->newest;
    return arena->newest = chunk;
}

static void *alloc_raw(struct arena *arena, size_t size)
{
    if (size > ARENA_LIMIT || arena->used + size > ARENA_LIMIT)
        arena_out_of_memory();
    size_t step = rounded(size ? size : 1) + GAP;
    arena->used += size;
    void *start = take(chunk_for(arena, step), step);
    unpoison(start, size);
    return start;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *start = alloc_raw(arena, size);
    memset(start, 0, size);
    return start;
}

void *arena_dup(struct arena *arena, const void *data, size_t size)
{
    void *copy = alloc_raw(arena, size);
    if (size)
        memcpy(copy, data, size);
    return copy;
}

char *arena_strndup(struct arena *arena, const char *s, size_t len)
{
    char *copy = alloc_raw(arena, len + 1);
    if (len)
        memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *s)
{
    return s ? arena_strndup(arena, s, strlen(s)) : NULL;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len < 0)
        arena_out_of_memory();
    char *out = alloc_raw(arena, (size_t)len + 1);
    (void)vsnprintf(out, (size_t)len + 1, format, again);
    va_end(again);
    return out;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *out = arena_vprintf(arena, format, args);
    va_end(args);
    return out;
}

void arena_defer(struct arena *arena, void (*fn)(void *), void *arg)
{
    struct deferred *deferred = alloc_raw(arena, sizeof *deferred);
    *deferred = (struct deferred){.older = arena->deferred, .fn = fn, .arg = arg};
    arena->deferred = deferred;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}
