/* The signed link of a reminder mail: who holds it speaks for the receiver of this one reminder, until 90 days after the due date. */
#ifndef MEGURI_NOTIFICATIONS_ACTION_LINK_H
#define MEGURI_NOTIFICATIONS_ACTION_LINK_H

#include "api/arena.h"
#include "api/civil.h"
#include "api/config.h"

#include <stdbool.h>
#include <stdint.h>

/* Once at boot. */
void action_link_init(const struct config *config);

/* MEGURI_PUBLIC_URL + "/v1/reminder-links/mrl_..."; NULL when the operator has not said which address is ours. Ids are UUIDs. */
const char *action_link(struct arena *arena, const char *consultancy,
                        const char *reminder, struct civil due_on);

/* The ids behind a token. false: forged, of another installation, or ended. */
bool action_link_open(struct arena *arena, const char *token, int64_t now_us,
                      const char **ret_consultancy, const char **ret_reminder);

/* MEGURI_PUBLIC_URL + "/v1/unsubscribe-links/mru_...": who holds it ends or takes up again the mails to this receiver, for 400 days. NULL as above. */
const char *unsubscribe_link(struct arena *arena, const char *consultancy,
                             const char *receiver, int64_t now_us);
bool unsubscribe_link_open(struct arena *arena, const char *token, int64_t now_us,
                           const char **ret_consultancy, const char **ret_receiver);

#endif
