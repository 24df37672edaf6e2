/* What the link of List-Unsubscribe shows. */
#ifndef MEGURI_NOTIFICATIONS_UNSUBSCRIBE_PAGE_H
#define MEGURI_NOTIFICATIONS_UNSUBSCRIBE_PAGE_H

#include "api/request.h"

/* A page for people, JSON for programs; from judgeUnsubscription. */
bool unsubscribe_link_show(struct request *rq);

#endif
