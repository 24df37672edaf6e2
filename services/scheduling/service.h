/* scheduling: the certification cycle. Certifications, their programme, deadlines, changes, policies, calculations. */
#ifndef MEGURI_SCHEDULING_SERVICE_H
#define MEGURI_SCHEDULING_SERVICE_H

#include "api/app.h"

extern const struct service scheduling_service;

#endif
