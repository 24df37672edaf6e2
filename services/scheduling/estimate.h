/* The audit-day estimate of one client: from head count, complexity, sites, integration and remote share to the days of each audit, every step with
 * its rule (AT-01 .. AT-08, MS-01, MS-02). Pure: facts in, results out. Days are half days inside, days outside. */
#ifndef MEGURI_SCHEDULING_ESTIMATE_H
#define MEGURI_SCHEDULING_ESTIMATE_H

#include "services/scheduling/policies.h"
#include "services/scheduling/rules/audit_time.h"
#include "services/scheduling/rules/sites.h"

#include <jansson.h>

enum { ESTIMATE_SITE_AUDITS = SITES_RECERTIFICATION + 1, ESTIMATE_MOST_GROUPS = 50 };

struct estimate {
    const char *problem; /* no_headcount, above_table; NULL: the days below are there */
    int64_t headcount;
    const char *source; /* own, departments, sites, client; NULL without a head count */
    int64_t groups[ESTIMATE_MOST_GROUPS]; /* AT-05: persons of one activity each */
    size_t group_count;
    int64_t others;
    struct audit_time_facts facts; /* persons = effective persons */
    struct audit_time time;        /* what is expected: the mild end of AT-02 */
    struct audit_time least, most; /* both ends of AT-02; equal without complexity */
    int floor;                     /* half days: initial audit 30 % below the table */
    int64_t sites;                 /* without the central function */
    bool sampling;
    int64_t visits
        [ESTIMATE_SITE_AUDITS]; /* index: enum sites_audit; the central function on top */
    const char *remote_reason;  /* may be NULL */
};

/* facts as loadSelectionFacts gives them: client{headcount}, departments{counted, persons}, sites{count, counted, persons}, own{...}.
 * overrides: members of `own` that win, may be NULL. Texts are borrowed from facts and overrides. */
void estimate_make(const json_t *facts, const json_t *overrides,
                   const struct policies *policies, struct estimate *ret);

/* Everything with `why`; new reference. */
json_t *estimate_json(const struct estimate *estimate);
/* Only the days, for beside a quote; new reference. */
json_t *estimate_days_json(const struct estimate *estimate);

/* 17 -> 8.5, 20 -> 10 */
json_t *half_days_json(int half_days);

#endif
