/* The job that keeps the deadlines of campaigns. */
#ifndef MEGURI_SCHEDULING_CAMPAIGNS_H
#define MEGURI_SCHEDULING_CAMPAIGNS_H

#include "api/jobs.h"

extern const struct job refresh_campaigns_job;

#endif
