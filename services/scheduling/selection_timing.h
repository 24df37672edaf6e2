/* Does a quote fit the calendar: lead time against the day an auditor is needed, and busy months that the audits hit. */
#ifndef MEGURI_SCHEDULING_SELECTION_TIMING_H
#define MEGURI_SCHEDULING_SELECTION_TIMING_H

#include "services/scheduling/selection.h"

/* Sets lead_time {days, earliest_on, needed_by, needed_for, fits} and busy [{what, on, month, busy, book_by}]. The certificate's target is
 * planned back (PLN-01) to stage 1; a certified client needs the auditor by the end of the next audit's window. */
void selection_add_timing(json_t *entry, const json_t *facts, const json_t *quote,
                          const struct policies *policies,
                          const struct selection_question *question);

/* What the timing is measured against, for `why`; JSON null when there is neither target nor next audit. New reference. */
json_t *selection_target_json(const json_t *facts,
                              const struct selection_question *question);

#endif
