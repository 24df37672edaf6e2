/* JSON lines on standard error. The time is the machine's own, so that a moved clock never hides when something happened. */
#include "log.h"

#include "clock.h"
#include "text.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static _Atomic int lowest = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&lowest, (int)level);
}

bool log_wanted(enum log_level level)
{
    return (int)level >= atomic_load_explicit(&lowest, memory_order_relaxed);
}

static void add_member(struct text *line, const char *name, const char *value)
{
    text_addc(line, line->len ? ',' : '{');
    text_add_json(line, name, strlen(name));
    text_addc(line, ':');
    text_add_json(line, value, strlen(value));
}

/* Nothing can be said about a log that cannot be written. */
static void write_line(const struct text *line)
{
    for (size_t at = 0; at < line->len;) {
        ssize_t done = write(STDERR_FILENO, line->data + at, line->len - at);
        if (done < 0 && errno != EINTR)
            return;
        at += done > 0 ? (size_t)done : 0;
    }
}

static void log_members(enum log_level level, const char *event, va_list members)
{
    int saved = errno;
    char time[CLOCK_TEXT];
    _text_auto_ struct text line = {0};
    add_member(&line, "time", clock_format(clock_real_us(), time));
    add_member(&line, "level", level_names[level]);
    add_member(&line, "event", event);
    for (const char *name; (name = va_arg(members, const char *));) {
        const char *value = va_arg(members, const char *);
        if (value)
            add_member(&line, name, value);
    }
    text_adds(&line, "}\n");
    write_line(&line);
    errno = saved;
}

void log_event(enum log_level level, const char *event, ...)
{
    if (!log_wanted(level))
        return;
    va_list members;
    va_start(members, event);
    log_members(level, event, members);
    va_end(members);
}

void log_die(const char *event, ...)
{
    va_list members;
    va_start(members, event);
    log_members(LOG_LEVEL_ERROR, event, members);
    va_end(members);
    /* Only while starting, when there is one thread. */
    exit(EXIT_FAILURE); /* NOLINT(concurrency-mt-unsafe) */
}
