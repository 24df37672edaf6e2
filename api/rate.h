/* Token buckets by text key, one table per loop (not thread-safe), bounded: the least recently used entry goes first.
 * A bucket holds `limit` tokens and fills evenly within window_s; limit * window_s * 1000 must stay below 2^62. */
#ifndef MEGURI_RATE_H
#define MEGURI_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate_table;
struct rate_state {
    int64_t limit; /* per window */
    int64_t window_s;
    int64_t remaining; /* after this request */
    int64_t reset_s; /* until the bucket is full again / until one is free when refused */
};

struct rate_table *rate_table_new(int slots, int64_t limit, int64_t window_s);
void rate_table_destroy(struct rate_table *table);
/* Takes cost (0 = only look, which answers whether one could be taken). false = refused, nothing taken. limit 0 = always true, ret zeroed. */
bool rate_take(struct rate_table *table, const char *key, int64_t cost, int64_t now_ms,
               struct rate_state *ret);

#endif
