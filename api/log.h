/* One JSON object per line on standard error. Thread-safe (one write(2) per line). Low layers do not log: the layer
 * that decides logs once. Values are escaped; secrets are never passed in. */
#ifndef MEGURI_LOG_H
#define MEGURI_LOG_H

#include <stdarg.h>
#include <stdbool.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

void log_set_level(enum log_level level);
/* For callers whose members cost something to make. */
bool log_wanted(enum log_level level);

/* log_event(LOG_LEVEL_INFO, "listening", "address", "127.0.0.1:8080", NULL): pairs of const char * up to NULL; a NULL
 * value is left out. `event` is a stable lower_case word; members time (RFC 3339 UTC), level and event come first. */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

/* Logs at error level and exits with status 1: boot errors only. */
void log_die(const char *event, ...) __attribute__((sentinel, noreturn));

#endif
