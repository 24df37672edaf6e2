/* Sealing and checking the audit trail; sweeping what nobody needs any more. */
#include "trail.h"

#include "api/log.h"
#include "api/secret.h"
#include "api/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE = 500,
    SEAL_EVERY_MS = 1000,
    DAY_MS = 24 * 3600 * 1000,
    HOUR_MS = 3600 * 1000
};

const char *trail_hash(struct arena *arena, const char *previous, const char *content)
{
    struct text all _text_auto_ = {0};
    text_adds(&all, previous);
    text_addc(&all, '\n');
    text_adds(&all, content);
    return secret_sha256_hex(arena, all.data, all.len);
}

static bool failed(struct job_run *run, const char *job)
{
    const struct db_reply *error = session_error(run->session);
    log_event(LOG_LEVEL_WARN, "job_failed", "job", job, "consultancy", run->consultancy,
              "sqlstate", error->sqlstate, "message", error->message, NULL);
    session_rollback(run->session);
    return false;
}

static const struct rows *query(struct job_run *run, const char *name)
{
    struct binder binder = job_values(run->arena, run, NULL);
    return session_run(run->session, run->arena, name, &binder);
}

/* ---- seal ---- */

static json_t *seal_rows(struct job_run *run, const struct rows *tip,
                         const struct rows *events)
{
    json_t *sealed = json_array();
    bool fresh = rows_count(tip) == 0;
    int64_t number = fresh ? 0 : strtoll(rows_text(tip, 0, "chain_no"), NULL, 10);
    const char *hash = fresh ? "" : rows_text(tip, 0, "hash");
    for (int i = 0; i < rows_count(events); i++) {
        hash = trail_hash(run->arena, hash, rows_text(events, i, "content"));
        json_array_append_new(sealed, json_pack("{s:s, s:I, s:s}", "id",
                                                rows_text(events, i, "id"), "chain_no",
                                                (json_int_t)++number, "hash", hash));
    }
    return sealed;
}

static bool store_seals(struct job_run *run, json_t *sealed)
{
    char *text = json_dumps(sealed, JSON_COMPACT);
    arena_defer(run->arena, free, text);
    struct binder binder = job_values(run->arena, run, "sealed", text, NULL);
    return session_run(run->session, run->arena, "sealEvents", &binder);
}

static bool seal(struct job_run *run)
{
    if (!session_begin(run->session, &run->context))
        return failed(run, "seal_events");
    const struct rows *tip = query(run, "loadSealTip");
    const struct rows *events = tip ? query(run, "loadUnsealedEvents") : NULL;
    if (!events)
        return failed(run, "seal_events");
    json_t *sealed = seal_rows(run, tip, events);
    bool stored = rows_count(events) == 0 || store_seals(run, sealed);
    json_decref(sealed);
    if (!stored || !session_commit(run->session))
        return failed(run, "seal_events");
    return rows_count(events) == PAGE;
}

static const char *const seal_statements[] = {"loadSealTip", "loadUnsealedEvents",
                                              "sealEvents", NULL};
const struct job trail_seal_job = {.name = "seal_events",
                                   .every_ms = SEAL_EVERY_MS,
                                   .run = seal,
                                   .statements = seal_statements};

/* ---- check ---- */

/* Where the walk along the chain stands. */
struct walk {
    int64_t number;
    const char *hash;
};

static bool page_fits(struct job_run *run, const struct rows *page, struct walk *walk)
{
    for (int i = 0; i < rows_count(page); i++) {
        int64_t number = strtoll(rows_text(page, i, "chain_no"), NULL, 10);
        const char *hash =
            trail_hash(run->arena, walk->hash, rows_text(page, i, "content"));
        if (number != walk->number + 1 || strcmp(hash, rows_text(page, i, "hash")) != 0) {
            log_event(LOG_LEVEL_ERROR, "trail_broken", "consultancy", run->consultancy,
                      "chain_no", rows_text(page, i, "chain_no"), NULL);
            return false;
        }
        *walk = (struct walk){.number = number, .hash = hash};
    }
    return true;
}

static bool check(struct job_run *run)
{
    struct walk walk = {.hash = ""};
    for (bool more = true; more && !*run->stopping;) {
        const char *after = arena_printf(run->arena, "%lld", (long long)walk.number);
        struct binder binder = job_values(run->arena, run, "after_no", after, NULL);
        if (!session_begin(run->session, &run->context))
            return failed(run, "check_trail");
        const struct rows *page =
            session_run(run->session, run->arena, "loadSealedEvents", &binder);
        if (!page || !session_commit(run->session))
            return failed(run, "check_trail");
        more = page_fits(run, page, &walk) && rows_count(page) == PAGE;
    }
    return false;
}

static const char *const check_statements[] = {"loadSealedEvents", NULL};
const struct job trail_check_job = {.name = "check_trail",
                                    .every_ms = DAY_MS,
                                    .run = check,
                                    .statements = check_statements};

/* ---- sweep ---- */

static bool sweep(struct job_run *run)
{
    if (!session_begin(run->session, &run->context) || !query(run, "sweepIdempotency") ||
        !query(run, "sweepSessions") || !session_commit(run->session))
        return failed(run, "sweep");
    return false;
}

static const char *const sweep_statements[] = {"sweepIdempotency", "sweepSessions", NULL};
const struct job trail_sweep_job = {
    .name = "sweep", .every_ms = HOUR_MS, .run = sweep, .statements = sweep_statements};
