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

/* Digests to the members whose day has come (digest_job.c). */
extern const struct job send_digests_job;

/* Mails that somebody asked for to see how they arrive (mail_test_job.c). */
extern const struct job send_mail_tests_job;

/* Sealed events -> webhook endpoints (webhook_job.c); threads of its own. */
extern const struct job deliver_webhooks_job;
/* Mail about endpoints that were disabled (webhook_notice.c). */
void webhook_notices(struct job_run *run);
/* Forgets deliveries that were settled 90 days ago (webhook_notice.c). */
extern const struct job sweep_webhooks_job;

/* Only a dead delivery is sent anew (step of replayDelivery). */
bool delivery_replayable(struct request *rq);

/* Seconds until try number attempts + 1: one minute doubled each time, at most six hours, and up to a quarter more
 * by `random`. */
int delivery_retry_delay_s(int attempts, unsigned random);

#endif
