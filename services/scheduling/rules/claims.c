/* What a client may claim today. */
#include "services/scheduling/rules/claims.h"

#include <string.h>

static const char *const state_names[CERTIFICATION_STATES] = {
    [CERTIFICATION_NONE] = "none",
    [CERTIFICATION_PREPARING] = "preparing",
    [CERTIFICATION_STAGE1_DONE] = "stage1_done",
    [CERTIFICATION_STAGE2_DONE] = "stage2_done",
    [CERTIFICATION_RECOMMENDED] = "recommended",
    [CERTIFICATION_CERTIFIED] = "certified",
    [CERTIFICATION_SUSPENDED] = "suspended",
    [CERTIFICATION_WITHDRAWN] = "withdrawn",
    [CERTIFICATION_EXPIRED] = "expired",
};

static bool has_begun(const struct claims_facts *facts)
{
    if (civil_is_none(facts->today) || civil_is_none(facts->effective_date))
        return true;
    return civil_compare(facts->effective_date, facts->today) <= 0;
}

static bool has_ended(const struct claims_facts *facts)
{
    if (civil_is_none(facts->today) || civil_is_none(facts->expiry))
        return false;
    return civil_before(facts->expiry, facts->today);
}

const char *certification_state_name(enum certification_state state)
{
    return state_names[state];
}

bool certification_state_parse(const char *name, enum certification_state *ret_state)
{
    for (int state = 0; state < CERTIFICATION_STATES; state++) {
        if (strcmp(name, state_names[state]) == 0) {
            *ret_state = (enum certification_state)state;
            return true;
        }
    }
    return false;
}

/* MRK-01..03 (17021-1 8.3): "passed" from the recommendation on, "certified" only while
 * the certificate is in force, the mark only inside its scope. */
struct claims_verdict claims_judge(const struct claims_facts *facts)
{
    bool certified = facts->state == CERTIFICATION_CERTIFIED;
    bool ended = has_ended(facts);
    bool in_force = certified && has_begun(facts) && !ended;

    return (struct claims_verdict){
        .may_say_passed_audit =
            facts->state == CERTIFICATION_RECOMMENDED || (certified && !ended),
        .may_claim_certified = in_force,
        .may_show_mark = in_force && facts->in_scope,
        .must_remove_mark =
            facts->state >= CERTIFICATION_SUSPENDED || (certified && ended),
    };
}

/* MRK-03 (17021-1 8.3.4, 9.6.5) */
bool claims_end_with_change(enum certification_state from, enum certification_state to)
{
    return from == CERTIFICATION_CERTIFIED && to >= CERTIFICATION_SUSPENDED;
}
