/* A plan as the JSON that storePlanAudits and storePlanDeadlines read; each row brings a new id, used only when it is not stored yet. */
#ifndef MEGURI_SCHEDULING_PLAN_WRITE_H
#define MEGURI_SCHEDULING_PLAN_WRITE_H

#include "services/scheduling/plan_make.h"

/* Appends to both arrays. */
void plan_write(const struct plan *plan, json_t *audits, json_t *deadlines);

#endif
