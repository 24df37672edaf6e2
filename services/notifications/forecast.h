/* The dry run of reminders: who will get what when, and why, if nothing changes. */
#ifndef MEGURI_NOTIFICATIONS_FORECAST_H
#define MEGURI_NOTIFICATIONS_FORECAST_H

#include "plan_load.h"

#include "api/app.h"

#include <jansson.h>

enum { FORECAST_DAYS_MAX = 366 };

/* {"data": [...]}, day by day; a new reference. The source also answers loadForecastDeadlines, -Sent and -Names. It plans anew for each of the
 * days from today on, as the job will, and lets nothing come twice. NULL = a query failed. */
json_t *forecast(const struct plan_source *source, int days);

extern const struct step reminder_forecast_steps[];

#endif
