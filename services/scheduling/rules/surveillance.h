/* Surveillance audits: the cap of 12 months and the calendar-year rule (SUR-01..08). */
#ifndef MEGURI_RULES_SURVEILLANCE_H
#define MEGURI_RULES_SURVEILLANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "api/business_day.h"
#include "api/civil.h"

#define SURVEILLANCE_MOST_AUDITS 64
#define SURVEILLANCE_MOST_YEARS (CIVIL_LAST_YEAR - CIVIL_FIRST_YEAR + 1)

/* Whether the cycle began with an initial certification or with a recertification. */
enum surveillance_cycle { SURVEILLANCE_CYCLE_INITIAL, SURVEILLANCE_CYCLE_RECERT };

/* Which date of the recertification makes a calendar year "the recertification year",
 * which the standard leaves open. Default: the decision, on which the cycle turns. */
enum surveillance_basis {
    SURVEILLANCE_BASIS_DECISION,
    SURVEILLANCE_BASIS_AUDIT_END,
    SURVEILLANCE_BASIS_EXPIRY
};

/* An answer that may not apply. */
enum surveillance_verdict {
    SURVEILLANCE_NOT_APPLICABLE,
    SURVEILLANCE_BROKEN,
    SURVEILLANCE_KEPT
};

struct surveillance_facts {
    enum surveillance_cycle cycle_type;
    enum surveillance_basis recert_year_basis;
    struct civil decision_date;
    struct civil surveillance[SURVEILLANCE_MOST_AUDITS]; /* any order */
    size_t surveillance_count;
    int through_year;              /* judged up to its 31 December */
    struct civil recert_audit_end; /* the three are CIVIL_NONE without recertification */
    struct civil recert_decision;
    struct civil recert_expiry;
    int max_gap_months; /* SUR-04; 0: the body has no limit of its own */
};

struct surveillance_result {
    /* SUR-01; not applicable after a recertification (SUR-05), and as long as no audit
     * was held and the cap lies after through_year. */
    enum surveillance_verdict first;
    struct civil first_deadline;                /* CIVIL_NONE after a recertification */
    int missing_years[SURVEILLANCE_MOST_YEARS]; /* SUR-03 */
    size_t missing_year_count;
    bool iso_compliant; /* SUR-01 and SUR-03 */
    enum surveillance_verdict gap;
    struct civil gap_broken_after; /* the audit or decision after which it was too long */
    int recert_year;               /* 0: none */
};

/* SUR-01: last day of the first surveillance after an initial certification. */
struct civil surveillance_first_deadline(struct civil decision_date);

/* SUR-01, 03, 04, 05 over what was held. */
void surveillance_check(const struct surveillance_facts *facts,
                        struct surveillance_result *ret_result);

/* SUR-08: last business day for one internal audit and one management review before an
 * external audit that begins on first_day. */
struct civil surveillance_preparation_due(const struct business_calendar *calendar,
                                          struct civil first_day, int buffer_days);

/* SUR-06: what a surveillance must look at, for task templates; NULL-terminated names. */
extern const char *const surveillance_contents[];

#endif
