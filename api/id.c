/* UUIDv7: 48 bits of milliseconds, a 12 bit sequence, 62 random bits. */
#include "id.h"

#include "clock.h"
#include "log.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

enum { POOL = 512, SEQUENCE_END = 0x1000, SEQUENCE_START = 0x7ff };

/* Random bytes fetched ahead; a byte is wiped when it is given out. Not for use after fork without exec. */
static _Thread_local struct {
    unsigned char bytes[POOL];
    size_t left;
} pool;

static _Thread_local struct {
    int64_t ms;
    unsigned sequence;
} last;

static void system_random(void *out, size_t len)
{
    unsigned char *next = out;
    while (len > 0) {
        ssize_t got = getrandom(next, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            log_die("no_random_bytes", "reason", strerrordesc_np(errno), NULL);
        next += got;
        len -= (size_t)got;
    }
}

void id_random(void *out, size_t len)
{
    if (len > POOL / 8) {
        system_random(out, len);
        return;
    }
    if (pool.left < len) {
        system_random(pool.bytes, POOL);
        pool.left = POOL;
    }
    pool.left -= len;
    memcpy(out, pool.bytes + pool.left, len);
    explicit_bzero(pool.bytes + pool.left, len);
}

/* A clock that stands still or goes back keeps the last millisecond and counts on; a full sequence borrows from the next one. */
static void next_moment(unsigned random)
{
    int64_t now = clock_now_us() / 1000;
    if (now > last.ms) {
        last.ms = now;
        last.sequence = random & SEQUENCE_START;
    } else if (++last.sequence == SEQUENCE_END) {
        last.ms++;
        last.sequence = 0;
    }
}

char *id_new(char out[ID_TEXT])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char b[16];
    id_random(b + 6, 10);
    next_moment((unsigned)b[6] << 8 | b[7]);
    for (int i = 0; i < 6; i++)
        b[i] = (unsigned char)((uint64_t)last.ms >> (40 - 8 * i));
    b[6] = (unsigned char)(0x70 | last.sequence >> 8);
    b[7] = (unsigned char)last.sequence;
    b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));
    char *next = out;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *next++ = '-';
        *next++ = hex[b[i] >> 4];
        *next++ = hex[b[i] & 15];
    }
    *next = '\0';
    return out;
}

bool id_valid(const char *text)
{
    if (!text)
        return false;
    for (int i = 0; i < ID_TEXT - 1; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return text[ID_TEXT - 1] == '\0';
}
