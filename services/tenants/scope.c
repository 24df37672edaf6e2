/* Versions of a client's scope: only drafts change, places must be the client's, and what takes effect switches the live flags. */
#include "scope.h"

#include "api/log.h"

#include <string.h>

static bool places_fit(struct request *rq)
{
    const struct rows *strange = request_rows(rq, "findStrangePlaces");
    for (int i = 0; i < rows_count(strange); i++)
        refuse_field(rq, rows_text(strange, i, "pointer"), rows_text(strange, i, "code"),
                     NULL);
    return rows_count(strange) == 0;
}

static bool has_status(const struct request *rq, const char *status)
{
    return strcmp(rows_text(request_rows(rq, "judgeScopeVersion"), 0, "status"),
                  status) == 0;
}

static bool is_draft(struct request *rq)
{
    if (has_status(rq, "draft"))
        return true;
    return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                  "Only a draft can be changed or deleted. Draft a new version instead.",
                  "変更・削除できるのは下書きだけです。新しい版を起こしてください。");
}

static bool draft_fits(struct request *rq)
{
    return is_draft(rq) && places_fit(rq);
}

static bool may_activate(struct request *rq)
{
    if (has_status(rq, "draft") || has_status(rq, "approved"))
        return true;
    return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                  "Only a draft, or a version that waits for its day, can be activated. "
                  "Draft a new version instead.",
                  "発効させられるのは、下書きか発効日を待っている版だけです。新しい版を"
                  "起こしてください。");
}

const struct step scope_create_steps[] = {
    {.sql = "lockScope"},
    {.sql = "findStrangePlaces", .optional = true},
    {.compute = places_fit},
    {.sql = "insertScopeVersion"},
    {0},
};
const struct step scope_update_steps[] = {
    {.sql = "lockScope"},
    {.sql = "judgeScopeVersion"},
    {.sql = "findStrangePlaces", .optional = true},
    {.compute = draft_fits},
    {.sql = "changeScopeVersion"},
    {0},
};
const struct step scope_delete_steps[] = {
    {.sql = "lockScope"},
    {.sql = "judgeScopeVersion"},
    {.compute = is_draft},
    {.sql = "removeScopeVersion"},
    {0},
};
const struct step scope_activate_steps[] = {
    {.sql = "lockScope"},
    {.sql = "judgeScopeVersion"},
    {.compute = may_activate},
    {.sql = "approveScopeVersion"},
    {.sql = "settleScopeVersions", .optional = true},
    {.sql = "switchScopeSites", .optional = true},
    {.sql = "switchScopeDepartments", .optional = true},
    {.sql = "noteScopeDefined", .optional = true},
    {.sql = "getScopeVersion"},
    {0},
};

/* ---- the job ---- */

static const char *const statements[] = {"findDueScopes",          "lockScope",
                                         "settleScopeVersions",    "switchScopeSites",
                                         "switchScopeDepartments", NULL};

static bool settle(struct job_run *run, const char *client)
{
    struct binder values = job_values(run->arena, run, "client_id", client, NULL);
    for (int i = 1; statements[i]; i++) {
        if (!session_run(run->session, run->arena, statements[i], &values))
            return false;
    }
    return true;
}

static bool settle_client(struct job_run *run, const char *client)
{
    if (session_begin(run->session, &run->context) && settle(run, client) &&
        session_commit(run->session))
        return true;
    log_event(LOG_LEVEL_ERROR, "settle_scopes_failed", "consultancy", run->consultancy,
              "client", client, "sqlstate", session_error(run->session)->sqlstate,
              "message", session_error(run->session)->message, NULL);
    session_rollback(run->session);
    return false;
}

static bool settle_scopes(struct job_run *run)
{
    struct binder values = job_values(run->arena, run, NULL);
    const struct rows *clients =
        session_begin(run->session, &run->context)
            ? session_run(run->session, run->arena, "findDueScopes", &values)
            : NULL;
    if (!clients || !session_commit(run->session)) {
        session_rollback(run->session);
        return false;
    }
    int done = 0;
    for (int i = 0; i < rows_count(clients) && !*run->stopping; i++)
        done += settle_client(run, rows_text(clients, i, "client_id"));
    return done > 0;
}

const struct job scope_settle_job = {.name = "settle_scopes",
                                     .every_ms = 2000,
                                     .run = settle_scopes,
                                     .statements = statements};
