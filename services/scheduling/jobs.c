/* refresh_plans: what follows from the day alone (an expiry that passed) and from policies that changed above a certification. */
#include "services/scheduling/plan.h"

#include "api/clock.h"
#include "api/log.h"

static bool run_statement(struct job_run *run, const char *name,
                          const struct binder *binder)
{
    return session_run(run->session, run->arena, name, binder) != NULL;
}

static bool store(struct job_run *run, const char *client, const char *today)
{
    struct binder values = job_values(run->arena, run, "client_id", client, NULL);
    if (!run_statement(run, "lockPlan", &values) ||
        !run_statement(run, "expireCertifications", &values))
        return false;
    const struct rows *facts =
        session_run(run->session, run->arena, "loadPlanFacts", &values);
    if (!facts)
        return false;
    const char *audits, *deadlines;
    struct civil day = CIVIL_NONE;
    civil_parse(today, &day);
    plan_derive_rows(run->arena, facts, today, &audits, &deadlines);
    values = job_values(run->arena, run, "client_id", client, "plan_audits", audits,
                        "plan_deadlines", deadlines, "portfolio",
                        portfolio_derive_rows(run->arena, facts, day), NULL);
    return run_statement(run, "storePlanAudits", &values) &&
           run_statement(run, "storePlanDeadlines", &values) &&
           run_statement(run, "storePortfolio", &values) &&
           run_statement(run, "markPlanned", &values);
}

static bool refresh_client(struct job_run *run, const char *client, const char *today)
{
    if (session_begin(run->session, &run->context) && store(run, client, today) &&
        session_commit(run->session))
        return true;
    log_event(LOG_LEVEL_ERROR, "refresh_plans_failed", "consultancy", run->consultancy,
              "client", client, "sqlstate", session_error(run->session)->sqlstate,
              "message", session_error(run->session)->message, NULL);
    session_rollback(run->session);
    return false;
}

static const struct rows *stale_clients(struct job_run *run)
{
    struct binder values = job_values(run->arena, run, NULL);
    if (!session_begin(run->session, &run->context))
        return NULL;
    const struct rows *clients =
        session_run(run->session, run->arena, "findStaleClients", &values);
    if (clients && session_commit(run->session))
        return clients;
    session_rollback(run->session);
    return NULL;
}

static bool refresh_plans(struct job_run *run)
{
    char today[CLOCK_TEXT];
    clock_tokyo_date(run->now_us, today);
    const struct rows *clients = stale_clients(run);
    int done = 0;
    for (int i = 0; clients && i < rows_count(clients) && !*run->stopping; i++)
        done += refresh_client(run, rows_text(clients, i, "client_id"), today);
    return done > 0;
}

static const char *const statements[] = {
    "findStaleClients", "lockPlan",        "expireCertifications",
    "loadPlanFacts",    "storePlanAudits", "storePlanDeadlines",
    "storePortfolio",   "markPlanned",     NULL};

const struct job refresh_plans_job = {.name = "refresh_plans",
                                      .every_ms = 2000,
                                      .run = refresh_plans,
                                      .statements = statements};
