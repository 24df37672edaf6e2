/* Operations on mail servers, bounces and unsubscriptions. */
#ifndef MEGURI_NOTIFICATIONS_MAIL_OPERATIONS_H
#define MEGURI_NOTIFICATIONS_MAIL_OPERATIONS_H

#include "api/app.h"

extern const struct step mail_settings_set_steps[];
extern const struct step mail_server_set_steps[];
extern const struct step mail_server_drop_steps[];
extern const struct step mail_bounce_take_steps[];
extern const struct step unsubscribe_link_open_steps[];
extern const struct step unsubscribe_link_act_steps[];

#endif
