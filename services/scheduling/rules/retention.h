/* How long records are kept (APP-03, 17021-1 9.9). */
#ifndef MEGURI_RULES_RETENTION_H
#define MEGURI_RULES_RETENTION_H

#include "api/civil.h"

/* APP-03: the running cycle plus one full cycle; the last day of keeping. */
struct civil retention_keep_until(struct civil cycle_end);

#endif
