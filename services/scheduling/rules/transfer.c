/* Who may change the certification body, and by when. */
#include "services/scheduling/rules/transfer.h"

#define LOST_ACCREDITATION_MONTHS 6 /* TRF-02, HARD */

/* TRF-02: 6 months or the expiry, whichever is sooner */
static struct civil deadline_of(const struct transfer_facts *facts)
{
    struct civil six_months;

    if (civil_is_none(facts->cb_lost_accreditation_on))
        return CIVIL_NONE;
    six_months =
        civil_add_months(facts->cb_lost_accreditation_on, LOST_ACCREDITATION_MONTHS);
    if (civil_is_none(facts->expiry))
        return six_months;
    return civil_earlier(six_months, facts->expiry);
}

static bool is_past(struct civil today, struct civil limit)
{
    return !civil_is_none(today) && !civil_is_none(limit) && civil_before(limit, today);
}

/* TRF-01 (MD 2): valid, accredited, not suspended, majors settled. */
static enum transfer_reason obstacle(const struct transfer_facts *facts,
                                     struct civil deadline)
{
    if (facts->state != CERTIFICATION_CERTIFIED)
        return TRANSFER_NOT_CERTIFIED;
    if (!facts->accredited_mla)
        return TRANSFER_NOT_ACCREDITED;
    if (facts->open_majors > 0)
        return TRANSFER_MAJORS_OPEN;
    if (is_past(facts->today, facts->expiry) || is_past(facts->today, deadline))
        return TRANSFER_TOO_LATE;
    return TRANSFER_REASON_NONE;
}

/* TRF-01..03: the accepting body takes over the running cycle with its expiry. */
struct transfer_result transfer_judge(const struct transfer_facts *facts)
{
    struct civil deadline = deadline_of(facts);
    enum transfer_reason reason = obstacle(facts, deadline);
    bool eligible = reason == TRANSFER_REASON_NONE;

    return (struct transfer_result){
        .eligible = eligible,
        .reason = reason,
        .new_expiry = eligible ? facts->expiry : CIVIL_NONE,
        .deadline = deadline,
        .start_by =
            civil_is_none(facts->next_audit)
                ? CIVIL_NONE
                : civil_add_months(facts->next_audit, -facts->start_months_before),
    };
}
