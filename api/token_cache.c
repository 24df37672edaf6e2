/* A small open-addressing table of verified tokens. Only genuine tokens get in, so nobody can fill it without signing in. */
#include "token_internal.h"

#include "clock.h"
#include "secret.h"

#include <stdlib.h>
#include <string.h>

enum { WINDOW = 8, KEEP_MS = 60000, TEXTS = 6 };

struct slot {
    char *texts; /* the strings of claims, one after the other; NULL = free */
    size_t texts_len;
    uint8_t hash[SECRET_HASH];
    uint64_t generation;
    int64_t stored_ms, until_s;
    struct claims claims; /* its strings lie in texts */
};

struct token_cache {
    size_t mask;
    struct slot slots[];
};

struct token_cache *token_cache_new(int slots)
{
    size_t count = WINDOW;
    while (count < (size_t)(slots > 0 ? slots : 1))
        count *= 2;
    struct token_cache *cache = calloc(1, sizeof *cache + count * sizeof *cache->slots);
    if (!cache)
        arena_out_of_memory();
    cache->mask = count - 1;
    return cache;
}

void token_cache_destroy(struct token_cache *cache)
{
    if (!cache)
        return;
    for (size_t i = 0; i <= cache->mask; i++)
        free(cache->slots[i].texts);
    free(cache);
}

static void texts_of(struct claims *claims, const char **out[TEXTS])
{
    out[0] = &claims->subject, out[1] = &claims->consultancy, out[2] = &claims->session;
    out[3] = &claims->client_id, out[4] = &claims->scope, out[5] = &claims->jti;
}

/* Makes the strings of claims point to the same places of another copy of their block. */
static void rebase(struct claims *claims, const char *from, const char *to)
{
    const char **texts[TEXTS];
    texts_of(claims, texts);
    for (int i = 0; i < TEXTS; i++)
        if (*texts[i])
            *texts[i] = to + (*texts[i] - from);
}

static size_t slot_index(const struct token_cache *cache, const uint8_t *hash,
                         size_t step)
{
    uint64_t start;
    memcpy(&start, hash, sizeof start);
    return (size_t)(start + step) & cache->mask;
}

static struct slot *find(struct token_cache *cache, const uint8_t hash[SECRET_HASH])
{
    for (size_t step = 0; step < WINDOW; step++) {
        struct slot *slot = &cache->slots[slot_index(cache, hash, step)];
        if (slot->texts && memcmp(slot->hash, hash, SECRET_HASH) == 0)
            return slot;
    }
    return NULL;
}

/* A free one, else the oldest of the window. */
static struct slot *slot_to_fill(struct token_cache *cache,
                                 const uint8_t hash[SECRET_HASH])
{
    struct slot *best = NULL;
    for (size_t step = 0; step < WINDOW; step++) {
        struct slot *slot = &cache->slots[slot_index(cache, hash, step)];
        if (!slot->texts)
            return slot;
        if (!best || slot->stored_ms < best->stored_ms)
            best = slot;
    }
    return best;
}

static void slot_clear(struct slot *slot)
{
    free(slot->texts);
    *slot = (struct slot){0};
}

static bool slot_fresh(const struct slot *slot, int64_t now_s)
{
    enum token_verdict verdict;
    return slot->generation == token_ring_generation() &&
           clock_monotonic_ms() - slot->stored_ms < KEEP_MS && now_s < slot->until_s &&
           token_times_ok(&slot->claims, now_s, &verdict);
}

/* Copies the strings into one block of memory and lets the slot's claims point there. */
static void slot_fill(struct slot *slot, const struct claims *claims)
{
    const char **texts[TEXTS];
    _text_auto_ struct text block = {0};
    slot->claims = *claims;
    texts_of(&slot->claims, texts);
    size_t at[TEXTS] = {0};
    for (int i = 0; i < TEXTS; i++) {
        at[i] = block.len;
        if (*texts[i])
            text_add(&block, *texts[i], strlen(*texts[i]) + 1);
    }
    for (int i = 0; i < TEXTS; i++)
        if (*texts[i])
            *texts[i] = block.data + at[i];
    slot->texts = block.data;
    slot->texts_len = block.len;
    block = (struct text){0};
}

enum token_verdict token_check(struct token_cache *cache, struct arena *arena,
                               const char *token, size_t len, struct claims *ret)
{
    uint8_t hash[SECRET_HASH];
    if (!token || len > TOKEN_LIMIT)
        return TOKEN_INVALID;
    secret_sha256(token, len, hash);
    struct slot *slot = find(cache, hash);
    if (slot && slot_fresh(slot, clock_now_s())) {
        *ret = slot->claims;
        rebase(ret, slot->texts, arena_dup(arena, slot->texts, slot->texts_len));
        return TOKEN_OK;
    }
    if (slot)
        slot_clear(slot);
    int64_t until_s;
    uint64_t generation =
        token_ring_generation(); /* before: a ring replaced meanwhile spoils it */
    enum token_verdict verdict = token_verify_until(arena, token, len, ret, &until_s);
    if (verdict != TOKEN_OK)
        return verdict;
    slot = slot_to_fill(cache, hash);
    slot_clear(slot);
    slot_fill(slot, ret);
    memcpy(slot->hash, hash, sizeof hash);
    slot->generation = generation;
    slot->stored_ms = clock_monotonic_ms();
    slot->until_s = until_s;
    return TOKEN_OK;
}
