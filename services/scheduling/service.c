/* The operations of scheduling that are more than one statement, and its job. */
#include "services/scheduling/service.h"

#include "services/scheduling/plan.h"

static const struct handler handlers[] = {{0}};

static const struct job *const jobs[] = {&refresh_plans_job, NULL};

const struct service scheduling_service = {
    .name = "scheduling", .handlers = handlers, .jobs = jobs};
