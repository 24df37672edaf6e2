/* The tamper-evident audit trail: events sealed into a chain of hashes per consultancy, and its check. */
#ifndef MEGURI_TENANTS_TRAIL_H
#define MEGURI_TENANTS_TRAIL_H

#include "api/jobs.h"

/* Lower-case hex of SHA-256(hash before, newline, content); previous "" for the first event of a consultancy. In the arena. */
const char *trail_hash(struct arena *arena, const char *previous, const char *content);

/* Seals what is not sealed yet, 500 events a run. */
extern const struct job trail_seal_job;
/* Recomputes the whole chain once a day and logs `trail_broken` with the first number that does not fit. */
extern const struct job trail_check_job;
/* Forgets kept replies and ended sessions. */
extern const struct job trail_sweep_job;

#endif
