/* The list of metrics is kept sorted by name and labels, because the text format wants all lines of a name together. */
#include "metrics.h"

#include "arena.h"
#include "log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum metric_kind { COUNTER, GAUGE, HISTOGRAM };
static const char *const kind_names[] = {"counter", "gauge", "histogram"};

static const struct bound {
    int64_t us;
    const char *le;
} bounds[] = {
    {500, "0.0005"},  {1000, "0.001"},  {2500, "0.0025"}, {5000, "0.005"},
    {10000, "0.01"},  {25000, "0.025"}, {50000, "0.05"},  {100000, "0.1"},
    {250000, "0.25"}, {500000, "0.5"},  {1000000, "1"},   {2500000, "2.5"},
    {5000000, "5"},   {10000000, "10"},
};
enum { BOUNDS = sizeof bounds / sizeof *bounds };

struct metric {
    struct metric *next;
    const char *name, *help, *labels;
    enum metric_kind kind;
    _Atomic int64_t value;               /* of a histogram: the sum in microseconds */
    _Atomic int64_t buckets[BOUNDS + 1]; /* not cumulative; the last is +Inf */
};

static pthread_mutex_t registering = PTHREAD_MUTEX_INITIALIZER;
static struct metric *first;

static char *copy(const char *s)
{
    char *out = strdup(s ? s : "");
    if (!out)
        arena_out_of_memory();
    return out;
}

static int compare(const struct metric *metric, const char *name, const char *labels)
{
    int by_name = strcmp(metric->name, name);
    return by_name ? by_name : strcmp(metric->labels, labels);
}

static struct metric *metric_new(enum metric_kind kind, const char *name,
                                 const char *help, const char *labels)
{
    struct metric *metric = calloc(1, sizeof *metric);
    if (!metric)
        arena_out_of_memory();
    metric->name = copy(name);
    metric->help = copy(help);
    metric->labels = copy(labels);
    metric->kind = kind;
    return metric;
}

static struct metric *find_or_add(enum metric_kind kind, const char *name,
                                  const char *help, const char *labels)
{
    struct metric **at = &first;
    while (*at && compare(*at, name, labels) < 0)
        at = &(*at)->next;
    if (*at && compare(*at, name, labels) == 0)
        return *at;
    struct metric *metric = metric_new(kind, name, help, labels);
    metric->next = *at;
    return *at = metric;
}

static struct metric *metric_register(enum metric_kind kind, const char *name,
                                      const char *help, const char *labels)
{
    pthread_mutex_lock(&registering);
    struct metric *metric = find_or_add(kind, name, help, labels ? labels : "");
    pthread_mutex_unlock(&registering);
    if (metric->kind != kind)
        log_die("metric_of_two_kinds", "name", name, NULL);
    return metric;
}

struct metric *metric_counter(const char *name, const char *help, const char *labels)
{
    return metric_register(COUNTER, name, help, labels);
}

struct metric *metric_gauge(const char *name, const char *help, const char *labels)
{
    return metric_register(GAUGE, name, help, labels);
}

struct metric *metric_histogram(const char *name, const char *help, const char *labels)
{
    return metric_register(HISTOGRAM, name, help, labels);
}

void metric_add(struct metric *metric, int64_t n)
{
    atomic_fetch_add_explicit(&metric->value, n, memory_order_relaxed);
}

void metric_set(struct metric *metric, int64_t value)
{
    atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

void metric_observe_us(struct metric *metric, int64_t microseconds)
{
    int bucket = 0;
    while (bucket < BOUNDS && microseconds > bounds[bucket].us)
        bucket++;
    atomic_fetch_add_explicit(&metric->buckets[bucket], 1, memory_order_relaxed);
    metric_add(metric, microseconds);
}

static void write_help(struct text *out, const struct metric *metric)
{
    text_addf(out, "# HELP %s ", metric->name);
    for (const char *c = metric->help; *c; c++)
        if (*c == '\\' || *c == '\n')
            text_adds(out, *c == '\n' ? "\\n" : "\\\\");
        else
            text_addc(out, *c);
    text_addf(out, "\n# TYPE %s %s\n", metric->name, kind_names[metric->kind]);
}

static void write_name(struct text *out, const struct metric *metric, const char *suffix)
{
    text_addf(out, "%s%s", metric->name, suffix);
    if (*metric->labels)
        text_addf(out, "{%s}", metric->labels);
    text_addc(out, ' ');
}

static void write_value(struct text *out, const struct metric *metric)
{
    write_name(out, metric, "");
    text_addi(out, atomic_load_explicit(&metric->value, memory_order_relaxed));
    text_addc(out, '\n');
}

static void write_histogram(struct text *out, const struct metric *metric)
{
    int64_t count = 0;
    for (int i = 0; i <= BOUNDS; i++) {
        count += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
        text_addf(out, "%s_bucket{%s%sle=\"%s\"} %" PRId64 "\n", metric->name,
                  metric->labels, *metric->labels ? "," : "",
                  i < BOUNDS ? bounds[i].le : "+Inf", count);
    }
    int64_t sum = atomic_load_explicit(&metric->value, memory_order_relaxed);
    write_name(out, metric, "_sum");
    text_addf(out, "%" PRId64 ".%06" PRId64 "\n", sum / 1000000, sum % 1000000);
    write_name(out, metric, "_count");
    text_addf(out, "%" PRId64 "\n", count);
}

void metrics_write(struct text *out)
{
    const char *name = "";
    pthread_mutex_lock(&registering);
    for (const struct metric *metric = first; metric; metric = metric->next) {
        if (strcmp(name, metric->name) != 0)
            write_help(out, metric);
        name = metric->name;
        (metric->kind == HISTOGRAM ? write_histogram : write_value)(out, metric);
    }
    pthread_mutex_unlock(&registering);
}
