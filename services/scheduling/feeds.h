/* How a day of the calendar becomes an event of a feed. */
#ifndef MEGURI_SCHEDULING_FEEDS_H
#define MEGURI_SCHEDULING_FEEDS_H

#include "api/arena.h"
#include "api/db.h"
#include "ical.h"

#include <stdbool.h>

struct feed_style {
    bool japanese;
    bool names_client; /* a feed over several clients says whose audit it is */
};

/* One row of loadFeed as an event; the texts it makes live in the arena. */
void feed_write_item(struct ical *ical, struct arena *arena, const struct rows *rows,
                     int row, const struct feed_style *style);

#endif
