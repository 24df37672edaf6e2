/* A hash table of buckets with chains, and one list through all of them by last use. Levels are kept in units of
 * 1/window_ms of a token, so that nothing is lost to rounding. */
#include "rate.h"

#include "arena.h"
#include "id.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct entry *chain;         /* same slot of the table */
    struct entry *newer, *older; /* by last use */
    uint64_t hash;
    int64_t level, seen_ms;
    char key[];
};

struct rate_table {
    struct entry **heads;
    size_t mask; /* heads is a power of two long */
    size_t count, slots;
    struct entry *newest, *oldest;
    uint64_t seed[2];
    int64_t limit, window_ms;
};

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1], v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0], v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1], v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2], v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

/* SipHash-1-3: a peer that chooses its addresses cannot choose where they land. */
static uint64_t keyed_hash(const uint64_t seed[2], const char *key, size_t len)
{
    uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
                     seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573};
    for (size_t at = 0; at <= len; at += 8) {
        uint64_t word = 0;
        memcpy(&word, key + at, len - at < 8 ? len - at : 8);
        word |= len - at < 8 ? (uint64_t)len << 56 : 0;
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct rate_table *rate_table_new(int slots, int64_t limit, int64_t window_s)
{
    struct rate_table *table = calloc(1, sizeof *table);
    if (!table)
        arena_out_of_memory();
    table->slots = slots > 0 ? (size_t)slots : 1;
    table->limit = limit;
    table->window_ms = (window_s > 0 ? window_s : 1) * 1000;
    table->mask = 15;
    while (table->mask < table->slots)
        table->mask = table->mask * 2 + 1;
    table->heads = calloc(table->mask + 1, sizeof(struct entry *));
    if (!table->heads)
        arena_out_of_memory();
    id_random(table->seed, sizeof table->seed);
    return table;
}

void rate_table_destroy(struct rate_table *table)
{
    if (!table)
        return;
    for (struct entry *entry = table->newest, *older; entry; entry = older) {
        older = entry->older;
        free(entry);
    }
    free(table->heads);
    free(table);
}

static void list_remove(struct rate_table *table, struct entry *entry)
{
    *(entry->newer ? &entry->newer->older : &table->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &table->oldest) = entry->newer;
}

static void list_push(struct rate_table *table, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = table->newest;
    *(table->newest ? &table->newest->newer : &table->oldest) = entry;
    table->newest = entry;
}

static struct entry *find(struct rate_table *table, uint64_t hash, const char *key)
{
    struct entry *entry = table->heads[hash & table->mask];
    while (entry && (entry->hash != hash || strcmp(entry->key, key) != 0))
        entry = entry->chain;
    return entry;
}

static void drop_oldest(struct rate_table *table)
{
    struct entry *entry = table->oldest, **at = &table->heads[entry->hash & table->mask];
    while (*at != entry)
        at = &(*at)->chain;
    *at = entry->chain;
    list_remove(table, entry);
    table->count--;
    free(entry);
}

static struct entry *add(struct rate_table *table, uint64_t hash, const char *key,
                         size_t len)
{
    if (table->count == table->slots)
        drop_oldest(table);
    struct entry *entry = malloc(sizeof *entry + len + 1);
    if (!entry)
        arena_out_of_memory();
    *entry = (struct entry){.hash = hash, .chain = table->heads[hash & table->mask]};
    memcpy(entry->key, key, len + 1);
    table->heads[hash & table->mask] = entry;
    list_push(table, entry);
    table->count++;
    return entry;
}

/* The level now: full for one that is new or was away for a whole window. */
static int64_t level_at(const struct rate_table *table, const struct entry *entry,
                        int64_t now_ms)
{
    int64_t full = table->limit * table->window_ms;
    int64_t passed = entry ? now_ms - entry->seen_ms : table->window_ms;
    if (passed >= table->window_ms)
        return full;
    int64_t level = entry->level + (passed > 0 ? passed * table->limit : 0);
    return level < full ? level : full;
}

static int64_t seconds_until(const struct rate_table *table, int64_t level,
                             int64_t wanted)
{
    int64_t full = table->limit * table->window_ms;
    int64_t missing = (wanted < full ? wanted : full) - level;
    int64_t ms = missing > 0 ? (missing + table->limit - 1) / table->limit : 0;
    return (ms + 999) / 1000;
}

static void store(struct rate_table *table, struct entry *entry, int64_t level,
                  int64_t now_ms)
{
    entry->level = level;
    entry->seen_ms = now_ms;
    list_remove(table, entry);
    list_push(table, entry);
}

bool rate_take(struct rate_table *table, const char *key, int64_t cost, int64_t now_ms,
               struct rate_state *ret)
{
    *ret = (struct rate_state){0};
    if (table->limit <= 0)
        return true;
    size_t len = strlen(key);
    uint64_t hash = keyed_hash(table->seed, key, len);
    struct entry *entry = find(table, hash, key);
    int64_t level = level_at(table, entry, now_ms),
            full = table->limit * table->window_ms;
    int64_t needed = cost > 0 ? cost : 1;
    bool granted = needed <= table->limit && level >= needed * table->window_ms;
    if (granted && cost > 0) {
        level -= cost * table->window_ms;
        store(table, entry ? entry : add(table, hash, key, len), level, now_ms);
    }
    int64_t wanted = granted || needed > table->limit ? full : needed * table->window_ms;
    *ret = (struct rate_state){.limit = table->limit,
                               .window_s = table->window_ms / 1000,
                               .remaining = level / table->window_ms,
                               .reset_s = seconds_until(table, level, wanted)};
    return granted;
}
