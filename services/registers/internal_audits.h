/* Step lists of internal audits and management reviews. */
#ifndef MEGURI_REGISTERS_INTERNAL_AUDITS_H
#define MEGURI_REGISTERS_INTERNAL_AUDITS_H

#include "api/app.h"

extern const struct step create_internal_audit[];
extern const struct step update_internal_audit[];
extern const struct step delete_internal_audit[];
extern const struct step create_internal_auditor[];
extern const struct step generate_checklist[];
extern const struct step raise_actions[];
extern const struct step create_review[];
extern const struct step update_review[];
extern const struct step delete_review[];
extern const struct step gather_inputs[];
extern const struct step approve_review[];

#endif
