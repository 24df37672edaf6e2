/* Kinds of recurring work. */
#include "services/scheduling/obligation_kinds.h"

#include <string.h>

static const struct obligation_kind kinds[] = {
    {"internal_audit", DEADLINE_INTERNAL_AUDIT, "9.2", 12, true, true, true, true, true},
    {"management_review", DEADLINE_MANAGEMENT_REVIEW, "9.3", 12, true, true, true, true,
     true},
    {"training", DEADLINE_TRAINING, "7.2, 7.3, A.6.3", 12, true, true, true, true, false},
    {"risk_review", DEADLINE_RISK_REVIEW, "8.2", 12, true, true, true, false, false},
    {"supplier_reassessment", DEADLINE_SUPPLIER_REASSESSMENT, "A.5.22", 12, true, true,
     true, false, false},
    {"objective_review", DEADLINE_OBJECTIVE_REVIEW, "6.2, 9.1", 12, true, false, false,
     false, false},
    {"access_review", DEADLINE_ACCESS_REVIEW, "A.5.18", 6, true, false, true, false,
     false},
    {"asset_review", DEADLINE_ASSET_REVIEW, "A.5.9", 12, true, false, true, false, false},
    {"context_review", DEADLINE_CONTEXT_REVIEW, "4.1, 4.2", 12, true, false, false, false,
     false},
    {"document_review", DEADLINE_DOCUMENT_REVIEW, "7.5, A.5.1", 12, true, false, true,
     false, false},
    {"bcp_exercise", DEADLINE_BCP_EXERCISE, "A.5.29, A.5.30", 12, true, false, false,
     false, false},
    {"legal_review", DEADLINE_LEGAL_REVIEW, "A.5.31", 12, true, false, true, false,
     false},
    {"custom", DEADLINE_OBLIGATION, NULL, 12, false, false, false, false, false},
};

const struct obligation_kind *obligation_kind_at(size_t index)
{
    return index < sizeof kinds / sizeof *kinds ? &kinds[index] : NULL;
}

const struct obligation_kind *obligation_kind_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return NULL;
}

bool obligation_kind_suits(const struct obligation_kind *kind, enum plan_scheme scheme)
{
    if (scheme == SCHEME_PMARK)
        return kind->pmark;
    return scheme == SCHEME_ADDON ? kind->addon : kind->isms;
}
