/* What a reading of the portfolio needs of a client's gates, stored with each derivation (scheduling.portfolio_rows). Everything in it is a
 * fact or the first day on which something becomes true, so that a row that was written yesterday is right today. */
#ifndef MEGURI_SCHEDULING_PORTFOLIO_H
#define MEGURI_SCHEDULING_PORTFOLIO_H

#include "api/app.h"
#include "services/scheduling/gates.h"

/* From the rows of loadPlanFacts to the value :portfolio. */
bool portfolio_derive(struct request *rq);

/* The same for a job, as JSON text in the arena. */
const char *portfolio_derive_rows(struct arena *arena, const struct rows *rows,
                                  struct civil today);

/* One certification's part; new reference. Section 4: red, amber and notice from a day on, each with its reason. */
json_t *portfolio_part(const struct gates *gates);

extern const struct step portfolio_export_steps[], portfolio_workload_steps[];

#endif
