/* Versions of a client's scope: drafts, their activation, and the job that switches on what waits for its day (ISO/IEC 27001 4.3). */
#ifndef MEGURI_TENANTS_SCOPE_H
#define MEGURI_TENANTS_SCOPE_H

#include "api/app.h"

extern const struct step scope_create_steps[], scope_update_steps[], scope_delete_steps[],
    scope_activate_steps[];

/* settle_scopes: versions whose first day has come take effect, with the flags of sites and departments. */
extern const struct job scope_settle_job;

#endif
