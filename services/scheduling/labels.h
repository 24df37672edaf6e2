/* What every listed value of the contract is called, in Japanese and English (glossary of the field, rules.md section 7). */
#ifndef MEGURI_SCHEDULING_LABELS_H
#define MEGURI_SCHEDULING_LABELS_H

#include "api/app.h"

struct label {
    const char *set;   /* audit_kind */
    const char *value; /* surveillance */
    const char *ja, *en;
};

/* Rows of one set stand together; ended by a row without set. */
extern const struct label labels_of_life[], labels_of_work[], labels_of_scope[];

extern const struct step labels_steps[];

#endif
