/* notifications: reminder policies, planning, mail. */
#ifndef MEGURI_NOTIFICATIONS_SERVICE_H
#define MEGURI_NOTIFICATIONS_SERVICE_H

#include "api/app.h"

extern const struct service notifications_service;

/* Open deadlines -> planned reminders, and what is no longer wanted withdrawn (plan_job.c). */
extern const struct job plan_reminders_job;
/* Planned reminders that are due -> deliveries (deliver.c). */
extern const struct job queue_reminders_job;
/* Deliveries -> the mail server (deliver.c). */
extern const struct job deliver_job;

/* Only a dead delivery is sent anew (step of replayDelivery). */
bool delivery_replayable(struct request *rq);

/* Seconds until try number attempts + 1: one minute doubled each time, at most six hours, and up to a quarter more
 * by `random`. */
int delivery_retry_delay_s(int attempts, unsigned random);

#endif
