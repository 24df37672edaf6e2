/* The advice on a change as the contract shows it: CHG-01..CHG-07, INI-02, MS-03, AT-01, AT-03. Computed from the facts whenever it is read. */
#ifndef MEGURI_SCHEDULING_CHANGE_ADVICE_H
#define MEGURI_SCHEDULING_CHANGE_ADVICE_H

#include "services/scheduling/change_case.h"

/* New reference. `change` is a row of the facts. */
json_t *change_advice(const struct change_ground *ground, const json_t *change);

/* One entry of `variants`; new reference. */
json_t *change_variant_json(const struct change_case *of, enum change_variant variant);

/* Does the change concern this certification? */
bool change_concerns(const json_t *change, const json_t *certification);

/* change_warnings.c: move_warning, stage1_repeat and warnings of one certification; new references. */
json_t *change_move_warning(const struct change_case *of);
json_t *change_stage1_repeat(const struct change_case *of);
json_t *change_warnings(const struct change_case *of, bool late);
/* What the stateless calculation answers; owns `given`. */
json_t *change_calculated(const char *op, json_t *given);
json_t *change_date_json(struct civil date); /* null for CIVIL_NONE */
const char *change_say_here(const struct change_case *of, const struct change_text *text);

#endif
