/* Steps of the operations on webhook endpoints. */
#ifndef MEGURI_NOTIFICATIONS_WEBHOOK_ENDPOINTS_H
#define MEGURI_NOTIFICATIONS_WEBHOOK_ENDPOINTS_H

#include "api/app.h"

extern const struct step
    webhook_create_steps[]; /* createWebhookEndpoint: the reply alone shows the secret */
extern const struct step webhook_update_steps[];
extern const struct step
    webhook_rotate_steps[]; /* new keys, the old ones sign along for a while */
extern const struct step webhook_test_steps[];         /* to an enabled endpoint */
extern const struct step webhook_replay_steps[];       /* one delivery */
extern const struct step webhook_replay_since_steps[]; /* everything since an instant */

#endif
