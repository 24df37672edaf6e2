/* What falls due in campaigns: the last day of the audit that brings a certification to the new edition. A job keeps the deadlines, because the day
 * moves with the programme of each client. */
#include "services/scheduling/campaign_plan.h"

#include "api/business_day.h"
#include "api/clock.h"
#include "api/id.h"
#include "api/log.h"
#include "services/scheduling/campaigns.h"
#include "services/scheduling/policies.h"

#include <string.h>

static json_t *copy_of(const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    return value ? json_incref(value) : json_null();
}

static bool year_end_closed(const json_t *facts)
{
    const json_t *levels[POLICY_LEVELS] = {
        [POLICY_CONSULTANCY] = json_object_get(facts, "consultancy_policies")};
    struct policies policies;
    policies_effective(levels, &policies);
    return policies.year_end_closed;
}

static json_t *rolled(const json_t *raw, const struct business_calendar *calendar)
{
    char text[CIVIL_TEXT_SIZE];
    struct civil day;
    if (!json_is_string(raw) || !civil_parse(json_string_value(raw), &day))
        return json_null();
    civil_format(business_day_roll(calendar, day, BUSINESS_ROLL_PREV), text);
    return json_string(text);
}

static json_t *why_of(const json_t *row)
{
    json_t *why = json_deep_copy(json_object_get(row, "why"));
    json_t *inputs = json_object_get(why, "inputs");
    json_object_set_new(inputs, "certification_id", copy_of(row, "certification_id"));
    json_object_set_new(inputs, "transition",
                        json_deep_copy(json_object_get(row, "transition")));
    return why;
}

/* Done is fulfilled, ended is withdrawn (no day). */
static json_t *deadline_of(const json_t *campaign, const json_t *row,
                           const struct business_calendar *calendar)
{
    const char *name = json_string_value(json_object_get(campaign, "name"));
    const char *status = json_string_value(json_object_get(row, "status"));
    bool done = strcmp(status, "done") == 0;
    const json_t *raw = json_object_get(row, done ? "done_on" : "by_when");
    char id[ID_TEXT];
    return json_pack(
        "{s:s, s:o, s:o, s:O, s:o, s:o, s:o, s:o, s:o}", "id", id_new(id), "client_id",
        copy_of(row, "client_id"), "source_key",
        json_sprintf("campaign:%s:%s", json_string_value(json_object_get(campaign, "id")),
                     json_string_value(json_object_get(row, "certification_id"))),
        "raw_on", raw, "due_on", rolled(raw, calendar), "title_ja",
        json_sprintf("%s：移行の審査の期限", name), "title_en",
        json_sprintf("%s: audit for the transition due", name), "why", why_of(row),
        "fulfilled_on", done ? copy_of(row, "done_on") : json_null());
}

json_t *campaign_deadlines(const json_t *facts, const json_t *rows)
{
    const json_t *campaign = json_object_get(facts, "campaign");
    const char *status = json_string_value(json_object_get(campaign, "status"));
    const struct business_calendar calendar = {.year_end_closed = year_end_closed(facts)};
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(rows) && strcmp(status, "open") == 0; i++)
        json_array_append_new(list,
                              deadline_of(campaign, json_array_get(rows, i), &calendar));
    return list;
}

/* ---- the job ---- */

static const char *dump(struct arena *arena, json_t *list)
{
    size_t size = json_dumpb(list, NULL, 0, JSON_COMPACT);
    char *text = arena_alloc(arena, size + 1);
    json_dumpb(list, text, size, JSON_COMPACT);
    json_decref(list);
    return text;
}

static const char *wanted(struct arena *arena, const struct rows *loaded,
                          const char *today)
{
    json_t *facts = json_loads(rows_text(loaded, 0, "facts"), 0, NULL);
    struct civil day = CIVIL_NONE;
    civil_parse(today, &day);
    json_t *rows = campaign_rows(facts, day);
    const char *text = dump(arena, campaign_deadlines(facts, rows));
    json_decref(rows);
    json_decref(facts);
    return text;
}

static bool store(struct job_run *run, const char *campaign, const char *today)
{
    struct binder values = job_values(run->arena, run, "campaign_id", campaign,
                                      "certification_id", NULL, NULL);
    if (!session_run(run->session, run->arena, "lockCampaign", &values))
        return false;
    const struct rows *facts =
        session_run(run->session, run->arena, "loadCampaignFacts", &values);
    if (!facts)
        return false;
    if (rows_count(facts) == 0)
        return true; /* deleted meanwhile */
    values = job_values(run->arena, run, "campaign_id", campaign, "campaign_deadlines",
                        wanted(run->arena, facts, today), NULL);
    return session_run(run->session, run->arena, "storeCampaignDeadlines", &values) &&
           session_run(run->session, run->arena, "markCampaignPlanned", &values);
}

static bool refresh_campaign(struct job_run *run, const char *campaign, const char *today)
{
    if (session_begin(run->session, &run->context) && store(run, campaign, today) &&
        session_commit(run->session))
        return true;
    log_event(LOG_LEVEL_ERROR, "refresh_campaigns_failed", "consultancy",
              run->consultancy, "campaign", campaign, "sqlstate",
              session_error(run->session)->sqlstate, "message",
              session_error(run->session)->message, NULL);
    session_rollback(run->session);
    return false;
}

static const struct rows *stale_campaigns(struct job_run *run)
{
    struct binder values = job_values(run->arena, run, NULL);
    if (!session_begin(run->session, &run->context))
        return NULL;
    const struct rows *campaigns =
        session_run(run->session, run->arena, "findStaleCampaigns", &values);
    if (campaigns && session_commit(run->session))
        return campaigns;
    session_rollback(run->session);
    return NULL;
}

static bool refresh_campaigns(struct job_run *run)
{
    char today[CLOCK_TEXT];
    clock_tokyo_date(run->now_us, today);
    const struct rows *campaigns = stale_campaigns(run);
    int done = 0;
    for (int i = 0; campaigns && i < rows_count(campaigns) && !*run->stopping; i++)
        done += refresh_campaign(run, rows_text(campaigns, i, "id"), today);
    return done > 0;
}

static const char *const statements[] = {"findStaleCampaigns",  "lockCampaign",
                                         "loadCampaignFacts",   "storeCampaignDeadlines",
                                         "markCampaignPlanned", NULL};

const struct job refresh_campaigns_job = {.name = "refresh_campaigns",
                                          .every_ms = 5000,
                                          .run = refresh_campaigns,
                                          .statements = statements};
