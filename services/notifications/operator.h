/* What `meguri admin` does with notifications, for one consultancy at a time. Each writes to standard output or, when it fails, says why on standard
 * error. */
#ifndef MEGURI_NOTIFICATIONS_OPERATOR_H
#define MEGURI_NOTIFICATIONS_OPERATOR_H

#include "api/jobs.h"

#include <jansson.h>
#include <stdbool.h>

extern const char *const operator_statements[];

/* Queues, lag and dead letters; a new reference, NULL on failure. */
json_t *operator_queues(struct job_run *run);
/* Sends a test mail by the consultancy's server, or the installation's when it has none. */
bool operator_test_mail(struct job_run *run, const char *address);
/* Prints who will be reminded of what when, and why. *ret_found = the client is of this consultancy. */
bool operator_dry_run(struct job_run *run, const char *client, int days, bool *ret_found);
/* Seals what is sealed anew, with the present secret. Number of secrets, -1 on failure. */
int operator_reseal(struct job_run *run);

#endif
