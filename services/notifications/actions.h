/* Steps of the operations by which receivers answer reminders, and of the one that looks at a policy before it is stored. */
#ifndef MEGURI_NOTIFICATIONS_ACTIONS_H
#define MEGURI_NOTIFICATIONS_ACTIONS_H

#include "api/app.h"

extern const struct step reminder_acknowledge_steps[];
extern const struct step reminder_snooze_steps[];
extern const struct step reminder_link_open_steps[];
extern const struct step reminder_link_act_steps[];
extern const struct step quiet_days_create_steps[], quiet_days_update_steps[];
extern const struct step reminder_policy_create_steps[];
extern const struct step reminder_policy_update_steps[];

/* The reply of a link: a page without scripts when the caller is a browser, else JSON. */
bool reminder_link_show(struct request *rq);

#endif
