/* Gates inside a request or a job. */
#ifndef MEGURI_SCHEDULING_GATES_ANSWER_H
#define MEGURI_SCHEDULING_GATES_ANSWER_H

#include "api/app.h"
#include "services/scheduling/gates.h"

/* The gates of one row of loadPlanFacts on a day, in the arena. */
struct gates *gates_of_row(struct arena *arena, const struct rows *rows, int row,
                           struct civil day);

extern const struct step gates_steps[];

#endif
