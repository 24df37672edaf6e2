/* Transfer of a certificate between bodies, IAF MD 2 (TRF-01..03). */
#ifndef MEGURI_RULES_TRANSFER_H
#define MEGURI_RULES_TRANSFER_H

#include <stdbool.h>

#include "api/civil.h"
#include "services/scheduling/rules/claims.h"

#define TRANSFER_START_MONTHS 2 /* TRF-03, POLICY: 1-2 months before the next audit */

struct transfer_facts {
    enum certification_state state;
    bool accredited_mla; /* accredited under a signatory of the MLA / MRA */
    struct civil expiry;
    struct civil cb_lost_accreditation_on; /* CIVIL_NONE: it did not */
    struct civil today;                    /* CIVIL_NONE: not looked at */
    struct civil next_audit;               /* CIVIL_NONE: not known */
    int open_majors;
    int start_months_before;
};

enum transfer_reason {
    TRANSFER_REASON_NONE,
    TRANSFER_NOT_CERTIFIED,
    TRANSFER_NOT_ACCREDITED,
    TRANSFER_MAJORS_OPEN,
    TRANSFER_TOO_LATE
};

struct transfer_result {
    bool eligible;
    enum transfer_reason reason; /* the first that stands against it */
    struct civil new_expiry;     /* inherited; CIVIL_NONE when not eligible */
    struct civil deadline;       /* TRF-02, else CIVIL_NONE */
    struct civil start_by;       /* TRF-03, CIVIL_NONE without next_audit */
};

struct transfer_result transfer_judge(const struct transfer_facts *facts);

#endif
