/* Operations on templates of mails. */
#ifndef MEGURI_NOTIFICATIONS_TEMPLATES_H
#define MEGURI_NOTIFICATIONS_TEMPLATES_H

#include "api/app.h"

extern const struct step message_template_set_steps[];
extern const struct step message_template_reset_steps[];
extern const struct step message_template_restore_steps[];
extern const struct step message_template_preview_steps[];

#endif
