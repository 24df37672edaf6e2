/* Beside an audit's row: what it may do next and what it means for the certification. */
#include "services/scheduling/audit_detail.h"

#include "services/scheduling/audit_kinds.h"
#include "services/scheduling/audit_state.h"
#include "services/scheduling/certifications.h"
#include "services/scheduling/plan.h"

#include <string.h>

const char *view_text(const struct audit_view *view, const char *name)
{
    return rows_text(view->rows, 0, name);
}

bool view_true(const struct audit_view *view, const char *name)
{
    const char *text = view_text(view, name);
    return text && strcmp(text, "t") == 0;
}

struct civil view_date(const struct audit_view *view, const char *name)
{
    struct civil date = CIVIL_NONE;
    const char *text = view_text(view, name);
    if (text)
        civil_parse(text, &date);
    return date;
}

/* ---- what a held audit means for its certification ---- */

struct proposal {
    const char *to;
    struct civil on;
};

/* The steps that an audit of this kind stands for; the decision's own day is known by nobody yet. */
static struct proposal stage2_step(const struct audit_view *view)
{
    const char *recommendation = view_text(view, "recommendation");
    bool recommended = recommendation && strcmp(recommendation, "not_recommended") != 0;
    enum certification_state state = view->facts.certification.state;
    if (state == CERTIFICATION_STAGE1_DONE)
        return (struct proposal){"stage2_done", view_date(view, "held_last_day")};
    if (state == CERTIFICATION_STAGE2_DONE && recommended &&
        !view_true(view, "has_open_major"))
        return (struct proposal){"recommended", view_date(view, "reported_on")};
    if (state == CERTIFICATION_RECOMMENDED)
        return (struct proposal){"certified", CIVIL_NONE};
    return (struct proposal){NULL, CIVIL_NONE};
}

static struct proposal next_step(const struct audit_view *view)
{
    const char *kind = view_text(view, "kind");
    enum certification_state state = view->facts.certification.state;
    if (strcmp(kind, "stage1") == 0 && state == CERTIFICATION_PREPARING)
        return (struct proposal){"stage1_done", view_date(view, "held_last_day")};
    if (strcmp(kind, "stage2") == 0)
        return stage2_step(view);
    if (strcmp(kind, "recertification") == 0 &&
        (state == CERTIFICATION_CERTIFIED || state == CERTIFICATION_EXPIRED) &&
        civil_before(view->facts.certification.decision_date,
                     view_date(view, "held_last_day")))
        return (struct proposal){"certified", CIVIL_NONE};
    return (struct proposal){NULL, CIVIL_NONE};
}

/* A body for createTransition; null when the audit moves nothing. */
static json_t *transition_proposal(const struct audit_view *view)
{
    enum audit_status status = AUDIT_STATUS_PLANNED;
    const char *kind = view_text(view, "kind");
    audit_status_parse(view_text(view, "status"), &status);
    if (!audit_status_took_place(status))
        return json_null();
    struct proposal step = next_step(view);
    if (!step.to)
        return json_null();
    struct civil last = view_date(view, "held_last_day");
    json_t *body = json_pack("{s:s, s:o}", "to", step.to, "source",
                             json_sprintf("%s %s", audit_kind_find(kind)->ja,
                                          civil_text(view->rq->arena, last)));
    json_set_date(body, "on", step.on);
    if (strcmp(kind, "recertification") == 0)
        json_set_date(body, "recertification_audit_last_day", last);
    return body;
}

static json_t *allowed_statuses(const struct audit_view *view)
{
    enum audit_status from = AUDIT_STATUS_PLANNED;
    json_t *list = json_array();
    audit_status_parse(view_text(view, "status"), &from);
    for (int to = 0; to < AUDIT_STATUSES; to++) {
        if (to != (int)from && audit_status_may(from, (enum audit_status)to))
            json_array_append_new(list,
                                  json_string(audit_status_name((enum audit_status)to)));
    }
    return list;
}

static void set_json(struct request *rq, const char *name, json_t *value)
{
    request_set_json(rq, name, value);
    json_decref(value);
}

bool audit_detail(struct request *rq)
{
    struct audit_view view = {
        .rq = rq, .rows = request_rows(rq, "loadAuditState"), .warnings = json_array()};
    plan_facts_of(rq, view_text(&view, "certification_id"), &view.facts, NULL);
    view.first = view_date(&view, "planned_first_day");
    view.last = view_date(&view, "planned_last_day");
    if (civil_is_none(view.last))
        view.last = view.first;
    audit_warn_days(&view);
    audit_warn_plan(&view);
    set_json(rq, "warnings", view.warnings);
    set_json(rq, "allowed_statuses", allowed_statuses(&view));
    set_json(rq, "transition_proposal", transition_proposal(&view));
    return true;
}
