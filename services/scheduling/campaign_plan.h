/* A change of edition over many certifications (TRN-01 .. TRN-04): for each the audit at which to change with the fewest extra days, the day by which,
 * and who is late. The schemes are data; nothing here knows a standard by name. Pure: rows as JSON in, rows as JSON out. */
#ifndef MEGURI_SCHEDULING_CAMPAIGN_PLAN_H
#define MEGURI_SCHEDULING_CAMPAIGN_PLAN_H

#include "api/civil.h"

#include <jansson.h>

/* facts as loadCampaignFacts gives them: campaign, consultancy_policies, certifications[]. The rows of the contract's CampaignCertification, in the
 * order given; new reference. */
json_t *campaign_rows(const json_t *facts, struct civil today);

/* The contract's CampaignImpact from those rows: how many, by status, extra auditor-days in all and by month; new reference. */
json_t *campaign_impact(const json_t *facts, const json_t *rows);

/* The rows as deadlines for storeCampaignDeadlines: open ones by their last day, done ones fulfilled, ended ones without a day; none of a closed
 * campaign. New reference. */
json_t *campaign_deadlines(const json_t *facts, const json_t *rows);

#endif
