/* Metrics and the access log of a reply. Nothing that works as a password gets into the log. */
#include "request_internal.h"

#include "clock.h"
#include "log.h"

#include <ctype.h>
#include <string.h>

/* Our tokens: "m", two letters, "_", and 32 random bytes in base64url. */
enum { PREFIX = 4, SECRET_LETTERS = 32 };

static size_t token_length(const char *s)
{
    if (s[0] != 'm' || !islower((unsigned char)s[1]) || !islower((unsigned char)s[2]) ||
        s[3] != '_')
        return 0;
    size_t len = PREFIX;
    while (isalnum((unsigned char)s[len]) || s[len] == '_' || s[len] == '-')
        len++;
    return len >= PREFIX + SECRET_LETTERS ? len : 0;
}

/* Also where no operation was found: a calendar program asks with methods that nobody serves. */
static const char *without_tokens(struct arena *arena, const char *path)
{
    char *clean = arena_strdup(arena, path), *out = clean;
    for (const char *p = path; *p;) {
        size_t token = token_length(p), len = token ? PREFIX : 1;
        memcpy(out, p, len);
        out += len;
        p += token ? token : 1;
    }
    *out = '\0';
    return clean;
}

/* What the path of a public operation carries is what the caller proves himself with: only its template is written. */
static const char *logged_path(const struct flow *flow)
{
    const struct operation *operation = flow->rq.operation;
    if (operation && operation->is_public)
        return operation->path;
    return without_tokens(flow->rq.arena, flow->rq.http->path);
}

void reply_account(struct flow *flow, size_t bytes)
{
    const struct http_request *http = flow->rq.http;
    int64_t ms = clock_monotonic_ms() - http->received_ms;
    const struct plan *plan = flow->plan;
    if (plan && plan->operation) {
        metric_observe_us(plan->seconds, ms * 1000);
        metric_add(plan->statuses[flow->status / 100], 1);
    }
    struct arena *arena = flow->rq.arena;
    if (!log_wanted(LOG_LEVEL_INFO))
        return;
    log_event(LOG_LEVEL_INFO, "request", "method", http->method, "path",
              logged_path(flow), "status", arena_printf(arena, "%d", flow->status), "ms",
              arena_printf(arena, "%lld", (long long)ms), "bytes",
              arena_printf(arena, "%zu", bytes), "operation",
              plan && plan->operation ? plan->operation->id : NULL, "consultancy",
              flow->rq.caller.consultancy, "member", flow->rq.caller.member, "request_id",
              flow->rq.request_id, "trace_id", flow->trace_id, NULL);
}
