/* Clocks of nonconformities. */
#include "services/scheduling/rules/findings.h"

#include <string.h>

#define MAJOR_MONTHS 6 /* NC-02, HARD */

struct grade_row {
    const char *name;
    bool has_deadline;
};

static const struct grade_row grades[FINDING_GRADES] = {
    [FINDING_MAJOR] = {"major", true},
    [FINDING_MINOR] = {"minor", true},
    [FINDING_OBSERVATION] = {"observation", false},
    [FINDING_OPPORTUNITY] = {"opportunity", false},
    [FINDING_STRENGTH] = {"strength", false},
    [FINDING_STAGE1_CONCERN] = {"stage1_concern", false},
};

bool finding_has_deadline(enum finding_grade grade)
{
    return grades[grade].has_deadline;
}

const char *finding_grade_name(enum finding_grade grade)
{
    return grades[grade].name;
}

bool finding_audit_starts_clock(const char *audit_kind)
{
    static const char *const without[] = {"stage1", "pre_audit", "internal"};

    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        if (strcmp(without[i], audit_kind) == 0)
            return false;
    }
    return true;
}

/* NC-02: verification by the body stops the clock, not the client's submission. */
struct major_result finding_major_initial(const struct major_facts *facts)
{
    struct civil deadline = civil_add_months(facts->stage2_last_day, MAJOR_MONTHS);
    struct civil judged =
        civil_is_none(facts->verified_date) ? facts->today : facts->verified_date;

    return (struct major_result){
        .deadline = deadline,
        .new_stage2_required = civil_before(deadline, judged),
    };
}

struct civil finding_client_deadline(struct civil deadline, int weeks)
{
    return civil_add_days(deadline, -7 * (int64_t)weeks);
}

/* REC-02 (17021-1 9.6.3.2.2, 9.6.3.2.4) */
bool finding_recert_may_recommend(struct civil expiry, struct civil verified_date)
{
    return !civil_is_none(verified_date) && civil_compare(verified_date, expiry) <= 0;
}

/* NC-03 (17021-1 9.4.9) with CAL-04 */
struct finding_due finding_due_after(const struct business_calendar *calendar,
                                     struct civil closing_meeting, int days)
{
    struct civil raw = civil_add_days(closing_meeting, days);

    return (struct finding_due){
        .raw = raw,
        .due = business_day_roll(calendar, raw, BUSINESS_ROLL_PREV),
    };
}
