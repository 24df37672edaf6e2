/* Add-on certifications beside or upon the ISMS (ADD-01..03). */
#ifndef MEGURI_RULES_ADDON_H
#define MEGURI_RULES_ADDON_H

#include <stdbool.h>

#include "api/civil.h"
#include "services/scheduling/rules/claims.h"

enum addon_scheme {
    ADDON_27017_JP,   /* ISMS cloud security certification, JIP-ISMS517 */
    ADDON_27701_2019, /* ISMS-PIMS */
    ADDON_27701_2025, /* a management system standard of its own */
    ADDON_SCHEMES
};

const char *addon_name(enum addon_scheme addon);

/* ADD-03: `requires_scheme` belongs to the edition, not to the standard. */
bool addon_requires_isms(enum addon_scheme addon);

struct addon_facts {
    enum addon_scheme addon;
    enum certification_state addon_state;
    enum certification_state isms_state;
    struct civil isms_expiry;      /* CIVIL_NONE: none */
    struct civil addon_own_expiry; /* CIVIL_NONE: none */
    struct civil today;            /* CIVIL_NONE: expiry is not looked at */
};

struct addon_result {
    bool requires_isms;
    bool valid;
    struct civil expiry; /* of the add-on; CIVIL_NONE when not known */
};

struct addon_result addon_judge(const struct addon_facts *facts);

#endif
