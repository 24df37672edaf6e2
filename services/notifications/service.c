/* The operations of notifications that are more than one statement, and its jobs in the order in which they feed each other. */
#include "service.h"

#include "smtp.h"

#include <string.h>

bool delivery_replayable(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeReplay");
    if (strcmp(rows_text(rows, 0, "status"), "dead") == 0)
        return true;
    return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                  "Only a delivery that was given up (status dead) can be sent again.",
                  "再送できるのは、送信を断念した配信（状態 dead）だけです。");
}

static const struct step replay_delivery[] = {
    {.sql = "judgeReplay"},
    {.compute = delivery_replayable},
    {.sql = "replayDelivery"},
    {0},
};

static const struct handler handlers[] = {{"replayDelivery", replay_delivery}, {0}};

static const struct job *const jobs[] = {&plan_reminders_job, &queue_reminders_job,
                                         &deliver_job, NULL};

const struct service notifications_service = {
    .name = "notifications", .handlers = handlers, .jobs = jobs, .init = smtp_init};
