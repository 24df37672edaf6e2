/* The clock, injected or real, and RFC 3339. The injected file is read again at most every 20 ms by whichever thread asks
 * first; a file that is unreadable or half written keeps the last good instant. */
#include "clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CHECK_MS = 20, TOKYO_S = 9 * 3600, DAY_S = 86400 };

static const char *injected_path; /* set once, before threads */
static _Atomic int64_t injected_us;
static _Atomic int64_t next_check_ms;
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;

static int64_t timespec_of(clockid_t clock, int64_t per_second)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * per_second + now.tv_nsec / (1000000000 / per_second);
}

/* Days since 1970-01-01 of a Gregorian date, years 0..9999. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097,
            of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t shifted = (5 * of_year + 2) / 153;
    *ret_day = (int)(of_year - (153 * shifted + 2) / 5 + 1);
    *ret_month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *ret_year = (int)(year + era * 400 + (*ret_month <= 2));
}

/* Exactly `count` digits; NULL when they are not there. */
static const char *digits(const char *text, int count, int *ret_value)
{
    int value = 0;
    for (int i = 0; i < count; i++, text++) {
        if (*text < '0' || *text > '9')
            return NULL;
        value = value * 10 + (*text - '0');
    }
    *ret_value = value;
    return text;
}

static const char *literal(const char *text, char a, char b)
{
    return text && (*text == a || *text == b) ? text + 1 : NULL;
}

static const char *number(const char *text, int count, int low, int high, int *ret)
{
    text = text ? digits(text, count, ret) : NULL;
    return text && *ret >= low && *ret <= high ? text : NULL;
}

static int month_length(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return lengths[month - 1] + (month == 2 && leap);
}

/* "2025-02-14" to seconds; NULL when there is no such day. */
static const char *parse_date(const char *text, int64_t *ret_s)
{
    int year = 0, month = 1, day = 0;
    text = literal(number(text, 4, 0, 9999, &year), '-', '-');
    text = literal(number(text, 2, 1, 12, &month), '-', '-');
    text = number(text, 2, 1, 31, &day);
    if (!text || day > month_length(year, month))
        return NULL;
    *ret_s = days_of(year, month, day) * DAY_S;
    return text;
}

/* "10:20:30.25": seconds of the day and microseconds; finer digits are cut off. */
static const char *parse_time(const char *text, int64_t *ret_s, int64_t *ret_us)
{
    int hour = 0, minute = 0, second = 0, scale = 100000;
    text = literal(number(text, 2, 0, 23, &hour), ':', ':');
    text = literal(number(text, 2, 0, 59, &minute), ':', ':');
    text = number(text, 2, 0, 60, &second);
    *ret_s = hour * 3600 + minute * 60 + second;
    *ret_us = 0;
    if (!text || *text != '.')
        return text;
    const char *start = ++text;
    for (; *text >= '0' && *text <= '9'; text++, scale /= 10)
        *ret_us += (int64_t)(*text - '0') * scale;
    return text > start ? text : NULL;
}

/* "Z" or "+09:00" to seconds east of UTC. */
static const char *parse_offset(const char *text, int64_t *ret_s)
{
    *ret_s = 0;
    if (!text || *text == 'Z' || *text == 'z')
        return text ? text + 1 : NULL;
    int sign = *text == '-' ? -1 : 1, hour = 0, minute = 0;
    text = literal(number(literal(text, '+', '-'), 2, 0, 23, &hour), ':', ':');
    text = number(text, 2, 0, 59, &minute);
    *ret_s = sign * (hour * 3600 + minute * 60);
    return text;
}

static const char *parse_instant(const char *text, int64_t *ret_us)
{
    int64_t date = 0, time = 0, micros = 0, offset = 0;
    text = literal(parse_date(text, &date), 'T', 't');
    bool leap_second = text && strnlen(text, 8) == 8 && text[6] == '6';
    text = text ? parse_time(text, &time, &micros) : NULL;
    text = parse_offset(text, &offset);
    int64_t seconds = date + time - offset;
    if (!text || (leap_second && seconds % DAY_S != 0)) /* only 23:59:60 UTC is one */
        return NULL;
    *ret_us = seconds * 1000000 + micros;
    return text;
}

bool clock_parse(const char *text, int64_t *ret_instant_us)
{
    int64_t instant;
    const char *end = text ? parse_instant(text, &instant) : NULL;
    if (!end || *end)
        return false;
    *ret_instant_us = instant;
    return true;
}

/* The file is tiny: reading it costs less than being wrong about whether it changed. */
static bool read_injected(void)
{
    char content[CLOCK_TEXT * 2] = "";
    int fd = open(injected_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t len = read(fd, content, sizeof content - 1);
    close(fd);
    if (len <= 0)
        return false;
    content[strcspn(content, "\r\n")] = '\0';
    int64_t instant;
    if (!clock_parse(content, &instant))
        return false;
    atomic_store(&injected_us, instant);
    return true;
}

bool clock_init(const char *path)
{
    injected_path = NULL;
    if (!path || !*path)
        return true;
    injected_path = path;
    atomic_store(&next_check_ms, clock_monotonic_ms() + CHECK_MS);
    return read_injected();
}

static int64_t injected_now(void)
{
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms >= atomic_load(&next_check_ms) && pthread_mutex_trylock(&reading) == 0) {
        read_injected();
        atomic_store(&next_check_ms, now_ms + CHECK_MS);
        pthread_mutex_unlock(&reading);
    }
    return atomic_load(&injected_us);
}

int64_t clock_real_us(void)
{
    return timespec_of(CLOCK_REALTIME, 1000000);
}

int64_t clock_now_us(void)
{
    return injected_path ? injected_now() : clock_real_us();
}

int64_t clock_now_s(void)
{
    return clock_now_us() / 1000000;
}

int64_t clock_monotonic_ms(void)
{
    return timespec_of(CLOCK_MONOTONIC, 1000);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

char *clock_format(int64_t instant_us, char out[CLOCK_TEXT])
{
    int year, month, day;
    int64_t seconds = floor_div(instant_us, 1000000), days = floor_div(seconds, DAY_S);
    int of_day = (int)(seconds - days * DAY_S),
        micros = (int)(instant_us - seconds * 1000000);
    date_of(days, &year, &month, &day);
    (void)snprintf(out, CLOCK_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", year, month,
                   day, of_day / 3600, of_day / 60 % 60, of_day % 60, micros);
    return out;
}

char *clock_tokyo_date(int64_t instant_us, char out[CLOCK_TEXT])
{
    int year, month, day;
    date_of(floor_div(floor_div(instant_us, 1000000) + TOKYO_S, DAY_S), &year, &month,
            &day);
    (void)snprintf(out, CLOCK_TEXT, "%04d-%02d-%02d", year, month, day);
    return out;
}
