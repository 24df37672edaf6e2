/* States of a certification and what the client may say in each (MRK-01..04). */
#ifndef MEGURI_RULES_CLAIMS_H
#define MEGURI_RULES_CLAIMS_H

#include <stdbool.h>

#include "api/civil.h"

enum certification_state {
    CERTIFICATION_NONE,
    CERTIFICATION_PREPARING,
    CERTIFICATION_STAGE1_DONE,
    CERTIFICATION_STAGE2_DONE,
    CERTIFICATION_RECOMMENDED,
    CERTIFICATION_CERTIFIED,
    CERTIFICATION_SUSPENDED,
    CERTIFICATION_WITHDRAWN,
    CERTIFICATION_EXPIRED,
    CERTIFICATION_STATES
};

/* The name used in vectors, API and database; static text. */
const char *certification_state_name(enum certification_state state);
bool certification_state_parse(const char *name, enum certification_state *ret_state);

struct claims_facts {
    enum certification_state state;
    struct civil today;          /* without it, in force is taken for granted */
    struct civil effective_date; /* CIVIL_NONE: not looked at, as the expiry */
    struct civil expiry;
    bool in_scope; /* MRK-02: of the person, site or department that asks */
};

struct claims_verdict {
    bool may_say_passed_audit;
    bool may_claim_certified;
    bool may_show_mark;
    bool must_remove_mark; /* MRK-03 */
};

struct claims_verdict claims_judge(const struct claims_facts *facts);

/* MRK-03: every use of the mark must stop when the state changes like this. */
bool claims_end_with_change(enum certification_state from, enum certification_state to);

#endif
