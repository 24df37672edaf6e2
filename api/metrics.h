/* Counters, gauges and latency histograms in Prometheus text format 0.0.4. Thread-safe (atomics); names and labels are fixed at
 * registration, so label values never come from a user. */
#ifndef MEGURI_METRICS_H
#define MEGURI_METRICS_H

#include "text.h"

#include <stdint.h>

struct metric;

/* labels: "operation=\"getClient\",status=\"2xx\"" or NULL. Same name+labels answers the same metric. Lives until process end. */
struct metric *metric_counter(const char *name, const char *help, const char *labels);
struct metric *metric_gauge(const char *name, const char *help, const char *labels);
/* Seconds; fixed buckets 0.5 ms .. 10 s. */
struct metric *metric_histogram(const char *name, const char *help, const char *labels);
void metric_add(struct metric *metric, int64_t n);
void metric_set(struct metric *metric, int64_t value);
void metric_observe_us(struct metric *metric, int64_t microseconds);
void metrics_write(struct text *out);

#endif
