/* Inside of policies: the table, ended by a row without name. */
#ifndef MEGURI_SCHEDULING_POLICIES_TABLE_H
#define MEGURI_SCHEDULING_POLICIES_TABLE_H

#include "services/scheduling/policies.h"

extern const struct policy policy_table[];

#endif
