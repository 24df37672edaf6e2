/* Transitions from one edition of a standard to the next (TRN-01..04). */
#ifndef MEGURI_RULES_TRANSITION_H
#define MEGURI_RULES_TRANSITION_H

#include <stdbool.h>

#include "api/civil.h"

enum transition_with {
    TRANSITION_WITH_RECERTIFICATION,
    TRANSITION_WITH_SURVEILLANCE,
    TRANSITION_ALONE,
    TRANSITION_WITH_COUNT
};

/* TRN-04: one row per change of edition. */
struct edition_transition {
    const char *old_edition;
    const char *new_edition;
    struct civil last_start_initial; /* last day to start such an audit on the old one */
    struct civil last_start_recert;
    struct civil end; /* last day of validity of the old edition's certificates */
    int extra_half_days[TRANSITION_WITH_COUNT];
};

/* ISO/IEC 27001:2013 to 2022 (IAF MD 26:2023). */
extern const struct edition_transition transition_27001;

/* TRN-01: certificates of the edition are still possible on that day. An edition that is
 * not the old one has no end. */
bool transition_certificate_valid(const struct edition_transition *transition,
                                  const char *edition, struct civil today);

/* TRN-02 */
bool transition_may_start_old(const struct edition_transition *transition,
                              struct civil audit_first_day);

#endif
