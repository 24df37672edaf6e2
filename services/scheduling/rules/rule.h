/* The rules by id: what kind of rule it is and where it comes from. Every answer names
 * the rules it stands on. */
#ifndef MEGURI_RULES_RULE_H
#define MEGURI_RULES_RULE_H

#include <stddef.h>

struct rule {
    const char *id;
    const char *kind;   /* HARD, POLICY, LAW, SCHEME or ALLOWANCE */
    const char *source; /* standard and clause, act, scheme document, or product choice */
};

/* NULL when there is no such rule. */
const struct rule *rule_find(const char *id);

/* The i-th rule, NULL behind the last. */
const struct rule *rule_at(size_t index);

#endif
