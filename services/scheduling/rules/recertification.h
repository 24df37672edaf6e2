/* What a recertification decision brings: early, on time, late, too late (REC-01..06). */
#ifndef MEGURI_RULES_RECERTIFICATION_H
#define MEGURI_RULES_RECERTIFICATION_H

#include <stdbool.h>

#include "api/civil.h"

enum recert_status {
    RECERT_RENEWED_IN_TIME,
    RECERT_RENEWED_EARLY_RESET,
    RECERT_RESTORED,
    RECERT_STAGE2_REQUIRED,
    RECERT_NOT_ALLOWED_OPEN_MAJOR
};

#define RECERT_EARLY_THRESHOLD_MONTHS 6 /* POLICY */
#define RECERT_RESTORE_MONTHS 6         /* HARD maximum, 17021-1 9.6.3.2.5 */

struct recert_facts {
    struct civil expiry;
    struct civil audit_last_day;
    struct civil decision_date;
    bool majors_open;
    enum civil_convention expiry_convention;
    int early_threshold_months;
    int restore_months;
};

struct recert_result {
    enum recert_status status;
    struct civil effective_date; /* CIVIL_NONE when not allowed */
    struct civil new_expiry;     /* CIVIL_NONE when not allowed */
    int gap_days;  /* uncertified days strictly between; 0 when not allowed */
    int lost_days; /* REC-04: days given away by an early reset */
    struct civil restore_until; /* last day of the restoration window */
    /* Section 4: from which day the next surveillance anniversaries count: the old
     * anniversary goes on, unless a new cycle began with this decision. */
    bool anchor_is_decision;
};

struct recert_result recert_decide(const struct recert_facts *facts);

/* REC-05: last day on which an expired certification can be restored, inclusive. */
struct civil recert_restore_deadline(struct civil expiry, int months);

#endif
