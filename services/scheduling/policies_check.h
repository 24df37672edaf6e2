/* Values of policies that contradict each other are refused where they are set, instead of one of them being bent silently later. */
#ifndef MEGURI_SCHEDULING_POLICIES_CHECK_H
#define MEGURI_SCHEDULING_POLICIES_CHECK_H

#include "api/request.h"
#include "services/scheduling/policies.h"

/* Judges the body's member `policies` as it will stand at `level` together with the levels below and above it (index by policy_level, NULL =
 * none). For every pair that contradicts itself and of which the body names one, both are refused (422 inconsistent, each naming the other);
 * false when any was. */
bool policies_check(struct request *rq, const json_t *const levels[POLICY_LEVELS],
                    enum policy_level level);

/* Steps around the statement judgePolicies, for the consultancy's own values and for those of a body (new, or of the path). */
bool policies_judge(struct request *rq);
bool policies_check_consultancy(struct request *rq);
bool policies_check_body(struct request *rq);

#define POLICIES_JUDGED(check)                                                           \
    {.compute = policies_judge}, {.sql = "judgePolicies"},                               \
    {                                                                                    \
        .compute = (check)                                                               \
    }

#endif
