/* Step lists of scheduling that are declared in their own files. */
#ifndef MEGURI_SCHEDULING_OPERATIONS_H
#define MEGURI_SCHEDULING_OPERATIONS_H

#include "api/app.h"

extern const struct step calculation_steps[]; /* POST /v1/calculations/{name} */

#endif
