/* PrivacyMark dates. */
#include "services/scheduling/rules/pmark.h"

#define TERM_MONTHS 24
#define OPEN_MONTHS 8
#define CLOSE_MONTHS 4

/* PMK-02, the scheme owner's count: from the day after the expiry. */
struct pmark_window pmark_renewal_window(const struct business_calendar *calendar,
                                         struct civil expiry)
{
    struct civil after = civil_add_days(expiry, 1);
    struct civil close = civil_add_days(civil_add_months(after, -CLOSE_MONTHS), -1);

    return (struct pmark_window){
        .open = civil_add_months(after, -OPEN_MONTHS),
        .close = close,
        .close_rolled = business_day_roll(calendar, close, BUSINESS_ROLL_NEXT),
    };
}

/* PMK-01 */
struct pmark_term pmark_term_of(struct civil granted)
{
    struct civil expiry = civil_period_end(granted, TERM_MONTHS, CIVIL_END_BEFORE);

    return (struct pmark_term){
        .expiry = expiry,
        .next_expiry =
            civil_period_end(civil_add_days(expiry, 1), TERM_MONTHS, CIVIL_END_BEFORE),
    };
}
