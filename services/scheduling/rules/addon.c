/* Whether an add-on stands, and until when. */
#include "services/scheduling/rules/addon.h"

struct scheme_row {
    const char *name;
    bool requires_isms;
};

static const struct scheme_row schemes[ADDON_SCHEMES] = {
    [ADDON_27017_JP] = {"27017-JP", true},
    [ADDON_27701_2019] = {"27701:2019", true},
    [ADDON_27701_2025] = {"27701:2025", false},
};

const char *addon_name(enum addon_scheme addon)
{
    return schemes[addon].name;
}

bool addon_requires_isms(enum addon_scheme addon)
{
    return schemes[addon].requires_isms;
}

static bool is_over(struct civil expiry, struct civil today)
{
    if (civil_is_none(expiry) || civil_is_none(today))
        return false;
    return civil_before(expiry, today);
}

/* ADD-01..03: an add-on to the ISMS shares its expiry and lapses with it. */
struct addon_result addon_judge(const struct addon_facts *facts)
{
    bool requires_isms = addon_requires_isms(facts->addon);
    struct civil expiry = requires_isms ? facts->isms_expiry : facts->addon_own_expiry;
    bool valid = facts->addon_state == CERTIFICATION_CERTIFIED;

    if (requires_isms && facts->isms_state != CERTIFICATION_CERTIFIED)
        valid = false;
    return (struct addon_result){
        .requires_isms = requires_isms,
        .valid = valid && !is_over(expiry, facts->today),
        .expiry = expiry,
    };
}
