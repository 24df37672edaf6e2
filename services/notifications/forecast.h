/* The dry run of reminders: who will get what when, and why, if nothing changes. */
#ifndef MEGURI_NOTIFICATIONS_FORECAST_H
#define MEGURI_NOTIFICATIONS_FORECAST_H

#include "plan_load.h"

#include "api/app.h"

#include <jansson.h>

enum { FORECAST_DAYS_MAX = 366 };

/* {"until": day, "data": [...]}, day by day from today (of the client) on; a new reference. Ends early, after a whole day, when it has become much:
 * until < today + days. The source also answers loadForecastDeadlines, -Sent and -Names. It plans anew for each of the
 * days from today on, as the job will, and lets nothing come twice. NULL = a query failed. */
json_t *forecast(const struct plan_source *source, const char *today, int days);

extern const struct step reminder_forecast_steps[];

#endif
