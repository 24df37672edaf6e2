/* Risks and the criteria by which a client assesses them. */
#ifndef MEGURI_REGISTERS_RISKS_H
#define MEGURI_REGISTERS_RISKS_H

#include "api/app.h"

extern const struct step create_risk[], update_risk[], delete_risk[], accept_risk[],
    withdraw_risk_acceptance[], update_risk_criteria[], reset_risk_criteria[],
    preview_risk_criteria[], update_default_risk_criteria[];

/* After assets changed: under a basis of C/I/A their risks are scored anew. */
#define EVALUATE_RISKS                                                                   \
    {                                                                                    \
        .sql = "evaluateRisks", .optional = true                                         \
    }

#endif
