/* The kinds of recurring work, with what a standard says about each. Pure. */
#ifndef MEGURI_SCHEDULING_OBLIGATION_KINDS_H
#define MEGURI_SCHEDULING_OBLIGATION_KINDS_H

#include "services/scheduling/plan_make.h"

struct obligation_kind {
    const char *name; /* as in the contract */
    enum plan_deadline_kind deadline;
    const char *clause; /* ISO/IEC 27001:2022 clause or control; NULL: none */
    int interval_months;
    bool isms, addon, pmark; /* in the default set of such schemes */
    bool owed_by_pmark;      /* PMK-03: whether or not anybody wrote it down */
    bool of_every_audit;     /* SUR-08: derived before every audit anyway */
};

/* The i-th kind, NULL behind the last. */
const struct obligation_kind *obligation_kind_at(size_t index);
/* NULL when there is none of that name. */
const struct obligation_kind *obligation_kind_find(const char *name);
/* In the default set of the scheme? */
bool obligation_kind_suits(const struct obligation_kind *kind, enum plan_scheme scheme);

#endif
