/* Gates inside a request or a job. */
#ifndef MEGURI_SCHEDULING_GATES_ANSWER_H
#define MEGURI_SCHEDULING_GATES_ANSWER_H

#include "api/app.h"
#include "services/scheduling/gates.h"

/* The gates of each row of loadPlanFacts on a day, in the arena; rows may be NULL. */
struct gates *gates_of_rows(struct arena *arena, const struct rows *rows,
                            struct civil day, int *ret_count);

extern const struct step gates_steps[];

#endif
