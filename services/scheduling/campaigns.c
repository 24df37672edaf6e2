/* Campaigns: the change of a standard over all clients. */
#include "operations.h"

#include "campaign_plan.h"
#include "plan.h"
#include "version.h"

#include <string.h>

static void release(void *json)
{
    json_decref(json);
}

/* NULL when the campaign is not there. */
static const json_t *facts_of(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadCampaignFacts");
    if (!rows || rows_count(rows) == 0)
        return NULL;
    json_t *json = json_loads(rows_text(rows, 0, "facts"), 0, NULL);
    if (json)
        arena_defer(rq->arena, release, json);
    return json;
}

/* ---- the campaign ---- */

static struct civil date_of(const struct request *rq, const char *name)
{
    struct civil date = CIVIL_NONE;
    const char *text = json_string_value(request_member(rq, name));
    if (text)
        civil_parse(text, &date);
    return date;
}

static bool campaign_judge(struct request *rq)
{
    static const char *const starts[] = {"last_start_initial",
                                         "last_start_recertification"};
    struct civil end = date_of(rq, "end_on");
    const char *old = json_string_value(request_member(rq, "old_scheme"));
    const char *new = json_string_value(request_member(rq, "new_scheme"));
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        struct civil start = date_of(rq, starts[i]);
        if (!civil_is_none(end) && !civil_is_none(start) && civil_before(end, start))
            refuse_field(rq, arena_printf(rq->arena, "/%s", starts[i]), "after_end",
                         json_string_value(request_member(rq, "end_on")));
    }
    if (old && new &&strcmp(old, new) == 0)
        refuse_field(rq, "/new_scheme", "inconsistent", "old_scheme");
    return rq->problem.code == PROBLEM_NONE;
}

/* The statements that follow name the campaign by :campaign_id. */
static bool campaign_new(struct request *rq)
{
    request_set(rq, "campaign_id", request_value(rq, "new_id", NULL));
    return campaign_judge(rq);
}

/* ---- its certifications ---- */

static bool campaign_place(struct request *rq)
{
    const json_t *facts = facts_of(rq);
    if (!facts)
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    json_t *rows = campaign_rows(facts, plan_today(rq));
    request_set_json(rq, "campaign_rows", rows);
    json_decref(rows);
    return true;
}

static bool all_certifications(struct request *rq)
{
    request_set(rq, "certification_id", NULL);
    return true;
}

static bool campaign_answer(struct request *rq)
{
    const json_t *facts = facts_of(rq);
    json_t *rows = campaign_rows(facts, plan_today(rq));
    request_reply_json(rq, campaign_impact(facts, rows));
    json_decref(rows);
    return true;
}

/* ---- one certification's step ---- */

static bool is_done(const char *status)
{
    return status && strcmp(status, "done") == 0;
}

static bool step_fits(struct request *rq, const struct rows *rows, const char *status)
{
    bool moved = strcmp(rows_text(rows, 0, "moved"), "t") == 0;
    if (strcmp(rows_text(rows, 0, "campaign_status"), "closed") == 0)
        return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                      "The campaign is closed. Open it again to go on.",
                      "このキャンペーンは終了しています。続けるには再開してください。");
    if (moved && status && !is_done(status))
        return refuse(
            rq, PROBLEM_STATE_NOT_ALLOWED,
            "The certification is on the new edition already; its step is done.",
            "この認証はすでに新版へ移行しています。状態は完了のままです。");
    if (!moved && is_done(status))
        return refuse(
            rq, PROBLEM_STATE_NOT_ALLOWED,
            "The certification is still on the old edition. Record its change of "
            "edition (edition-change); the step is done with it.",
            "この認証はまだ旧版です。認証の版の移行（edition-change）を"
            "記録すると、ここも完了になります。");
    return true;
}

static bool step_dates_fit(struct request *rq)
{
    struct civil done = date_of(rq, "done_on");
    if (!civil_is_none(done) && civil_before(plan_today(rq), done))
        refuse_field(rq, "/done_on", "in_future", request_value(rq, "today", NULL));
    return rq->problem.code == PROBLEM_NONE;
}

static bool step_judge(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeCampaignStep");
    const char *status = json_string_value(request_member(rq, "status"));
    request_set(rq, "client_id", rows_text(rows, 0, "client_id"));
    if (!version_fits(rq, rows_text(rows, 0, "version")) ||
        !step_fits(rq, rows, status) || !step_dates_fit(rq))
        return false;
    request_set_json(rq, "step", rq->body);
    return true;
}

const struct step campaign_create_steps[] = {
    {.compute = campaign_new},
    {.sql = "insertCampaign"},
    {.sql = "enrolCertifications", .optional = true},
    {.sql = "getCampaign"},
    {0}};
const struct step campaign_update_steps[] = {
    {.compute = campaign_judge}, {.sql = "changeCampaign"}, {0}};
const struct step campaign_delete_steps[] = {
    {.sql = "dropCampaignDeadlines", .optional = true}, {.sql = "removeCampaign"}, {0}};
/* Hundreds of programmes are milliseconds of work: not on the loop thread. */
const struct step campaign_certifications_steps[] = {
    {.compute = all_certifications},
    {.sql = "loadCampaignFacts", .optional = true},
    {.offload = campaign_place},
    {.sql = "listCampaignCertifications"},
    {0},
};
const struct step campaign_certification_steps[] = {{.sql = "loadCampaignFacts"},
                                                    {.compute = campaign_place},
                                                    {.sql = "getCampaignCertification"},
                                                    {0}};
const struct step campaign_step_steps[] = {
    {.sql = "judgeCampaignStep"},        {.compute = step_judge},
    {.sql = "storeCampaignStep"},        {.sql = "markCampaignStale", .optional = true},
    {.sql = "loadCampaignFacts"},        {.compute = campaign_place},
    {.sql = "getCampaignCertification"}, {0},
};
const struct step campaign_impact_steps[] = {{.compute = all_certifications},
                                             {.sql = "loadCampaignFacts"},
                                             {.offload = campaign_answer},
                                             {0}};
