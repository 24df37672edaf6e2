/* The facts of planning from the database: policies, receivers, who cares for whom, what receivers said, quiet days. */
#ifndef MEGURI_NOTIFICATIONS_PLAN_LOAD_H
#define MEGURI_NOTIFICATIONS_PLAN_LOAD_H

#include "plan.h"

#include "api/jobs.h"

/* For these deadlines of these clients (PostgreSQL arrays as text); everything lives in the run's arena. false = the session's error. */
bool plan_load(struct job_run *run, const char *deadline_ids, const char *client_ids,
               struct reminder_facts *facts);

#endif
