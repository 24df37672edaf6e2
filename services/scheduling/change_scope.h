/* The next version of a client's scope, as an approved change makes it. */
#ifndef MEGURI_SCHEDULING_CHANGE_SCOPE_H
#define MEGURI_SCHEDULING_CHANGE_SCOPE_H

#include "api/request.h"
#include "services/scheduling/rules/change.h"

#include <jansson.h>

/* From the row of loadScopeBase: the scope in force, what the kind of change does to it, and the body's `scope` over that. New reference;
 * NULL when the body names a place that is none of the client's (refused). */
json_t *change_scope_next(struct request *rq, const json_t *change,
                          enum change_family family);

#endif
