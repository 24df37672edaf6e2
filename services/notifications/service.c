/* The operations of notifications that are more than one statement, and its jobs in the order in which they feed each other. */
#include "service.h"

#include "action_link.h"
#include "actions.h"
#include "forecast.h"
#include "mail_operations.h"
#include "operator.h"
#include "smtp.h"
#include "templates.h"
#include "webhook_endpoints.h"
#include "webhook_send.h"

#include <string.h>

bool delivery_replayable(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeReplay");
    if (strcmp(rows_text(rows, 0, "status"), "dead") != 0)
        return refuse(
            rq, PROBLEM_STATE_NOT_ALLOWED,
            "Only a delivery that was given up (status dead) can be sent again.",
            "再送できるのは、送信を断念した配信（状態 dead）だけです。");
    if (rows_text(rows, 0, "is_true")[0] != 't')
        return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                      "What it says is no longer true: the deadline is done, withdrawn "
                      "or has moved. There is nothing to send again.",
                      "この期限は完了・取下げ済みか、日付が変わっています。"
                      "再送する必要はありません。");
    return true;
}

static const struct step replay_delivery[] = {
    {.sql = "judgeReplay"},
    {.compute = delivery_replayable},
    {.sql = "replayDelivery"},
    {0},
};

static const struct handler handlers[] = {
    {"forecastReminders", reminder_forecast_steps},
    {"setMailSettings", mail_settings_set_steps},
    {"setMailServer", mail_server_set_steps},
    {"dropMailServer", mail_server_drop_steps},
    {"takeMailBounce", mail_bounce_take_steps},
    {"openUnsubscribeLink", unsubscribe_link_open_steps},
    {"actUnsubscribeLink", unsubscribe_link_act_steps},
    {"setMessageTemplate", message_template_set_steps},
    {"resetMessageTemplate", message_template_reset_steps},
    {"restoreMessageTemplate", message_template_restore_steps},
    {"previewMessageTemplate", message_template_preview_steps},
    {"replayDelivery", replay_delivery},
    {"acknowledgeReminder", reminder_acknowledge_steps},
    {"snoozeReminder", reminder_snooze_steps},
    {"openReminderLink", reminder_link_open_steps},
    {"actReminderLink", reminder_link_act_steps},
    {"createReminderPolicy", reminder_policy_create_steps},
    {"updateReminderPolicy", reminder_policy_update_steps},
    {"createWebhookEndpoint", webhook_create_steps},
    {"updateWebhookEndpoint", webhook_update_steps},
    {"rotateWebhookEndpoint", webhook_rotate_steps},
    {"testWebhookEndpoint", webhook_test_steps},
    {"createQuietDays", quiet_days_create_steps},
    {"updateQuietDays", quiet_days_update_steps},
    {"replayWebhookDelivery", webhook_replay_steps},
    {"replayWebhookEvents", webhook_replay_since_steps},
    {0},
};

static const struct job *const jobs[] = {&plan_reminders_job,  &queue_reminders_job,
                                         &deliver_job,         &deliver_webhooks_job,
                                         &sweep_webhooks_job,  &send_digests_job,
                                         &send_mail_tests_job, NULL};

static void init(const struct config *config)
{
    smtp_init(config);
    action_link_init(config);
    webhook_send_init(config);
}

const struct service notifications_service = {.name = "notifications",
                                              .handlers = handlers,
                                              .jobs = jobs,
                                              .command_statements = operator_statements,
                                              .init = init};
