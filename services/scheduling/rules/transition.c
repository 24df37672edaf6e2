/* The one transition that matters to ISMS certificates so far, as data. */
#include "services/scheduling/rules/transition.h"

#include <string.h>

/* TRN-01..03; the day numbers are those of the dates beside them. */
const struct edition_transition transition_27001 = {
    .old_edition = "27001:2013",
    .new_edition = "27001:2022",
    .last_start_initial = {19843}, /* 2024-04-30 */
    .last_start_recert = {19843},
    .end = {20392}, /* 2025-10-31 */
    .extra_half_days = {[TRANSITION_WITH_RECERTIFICATION] = 1,
                        [TRANSITION_WITH_SURVEILLANCE] = 2,
                        [TRANSITION_ALONE] = 2},
};

/* TRN-01 */
bool transition_certificate_valid(const struct edition_transition *transition,
                                  const char *edition, struct civil today)
{
    if (strcmp(edition, transition->old_edition) != 0)
        return true;
    return civil_compare(today, transition->end) <= 0;
}

/* TRN-02 */
bool transition_may_start_old(const struct edition_transition *transition,
                              struct civil audit_first_day)
{
    return civil_compare(audit_first_day, transition->last_start_initial) <= 0;
}
