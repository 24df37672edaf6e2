/* The facts of planning from the database: policies, receivers, who cares for whom, what receivers said, quiet days. */
#ifndef MEGURI_NOTIFICATIONS_PLAN_LOAD_H
#define MEGURI_NOTIFICATIONS_PLAN_LOAD_H

#include "plan.h"

#include "api/jobs.h"

/* Where the rows of loadReminderPolicies, -Receivers, -Assignments, -Marks and -QuietDays come from; NULL = it failed. */
struct plan_source {
    struct arena *arena;
    const struct rows *(*query)(void *arg, const char *statement);
    void *arg;
};

/* Everything lives in the source's arena. false = a query failed. */
bool plan_read(const struct plan_source *source, struct reminder_facts *facts);

/* For these deadlines of these clients (PostgreSQL arrays as text); everything lives in the run's arena. false = the session's error. */
bool plan_load(struct job_run *run, const char *deadline_ids, const char *client_ids,
               struct reminder_facts *facts);

#endif
