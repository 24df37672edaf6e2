/* The only source of "now". In tests and what-if runs MEGURI_CLOCK names a file whose content is an RFC 3339 instant:
 * that is then the time of every rule, token, reminder and row (re-read when the file changes). Timeouts and leases
 * use clock_monotonic_ms, which nobody can move. The injected clock stands still between two changes of its file; it is looked at
 * at most every 20 ms, and an unreadable or half-written file keeps the last good instant. Thread-safe. */
#ifndef MEGURI_CLOCK_H
#define MEGURI_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Call once before threads start. path may be NULL (system clock). Returns false when the file is unreadable. */
bool clock_init(const char *path);

int64_t clock_now_us(void);       /* microseconds since 1970-01-01T00:00:00Z */
int64_t clock_now_s(void);        /* seconds */
int64_t clock_monotonic_ms(void); /* never injected */
int64_t clock_real_us(void);      /* the machine's clock, never injected: log lines */

enum { CLOCK_TEXT = 40 };
/* "2025-02-14T00:00:00.000000Z" into out[CLOCK_TEXT]; returns out. */
char *clock_format(int64_t instant_us, char out[CLOCK_TEXT]);
/* RFC 3339 date-time with any offset; false when malformed. Digits finer than a microsecond are cut off; second 60 only where
 * UTC can have a leap second, read as the next midnight. */
bool clock_parse(const char *text, int64_t *ret_instant_us);
/* Civil date of the instant in Asia/Tokyo (rule CAL-01), "2025-02-14" into out[CLOCK_TEXT]. */
char *clock_tokyo_date(int64_t instant_us, char out[CLOCK_TEXT]);

#endif
