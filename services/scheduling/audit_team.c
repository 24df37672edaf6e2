/* The team of an audit: who audits, who attends, and the client's objection to a named auditor (INI-05). */
#include "services/scheduling/slots.h"

#include "services/scheduling/audit_kinds.h"
#include "services/scheduling/booking.h"
#include "services/scheduling/plan.h"

#include <string.h>

static const struct {
    const char *member, *kind;
} parties[] = {
    {"auditor_id", "active_auditor"}, {"member_id", "member"}, {"person_id", "person"}};

static bool is_auditing(const char *role)
{
    return strcmp(role, "lead_auditor") == 0 || strcmp(role, "auditor") == 0 ||
           strcmp(role, "technical_expert") == 0;
}

/* APP-02: who advises a client, or works there, does not audit it for a certification body. */
static bool role_fits(struct request *rq, const struct rows *rows, const char *role,
                      bool of_a_body)
{
    const struct audit_kind *kind = audit_kind_find(rows_text(rows, 0, "kind"));
    if (of_a_body || !kind->external || !is_auditing(role))
        return true;
    return refuse_field(rq, "/role", "not_allowed_here", "APP-02");
}

/* A new member of the team is looked for by no id yet. */
static bool team_none(struct request *rq)
{
    request_set(rq, "team_member_id", NULL);
    return true;
}

static bool team_new(struct request *rq)
{
    json_t *named = json_array();
    const char *given = NULL;
    int count = 0;
    for (size_t i = 0; i < sizeof parties / sizeof *parties; i++) {
        const char *id = json_string_value(request_member(rq, parties[i].member));
        if (!id)
            continue;
        count++;
        given = parties[i].member;
        json_array_append_new(named, json_pack("{s:o, s:s, s:s}", "pointer",
                                               json_sprintf("/%s", given), "kind",
                                               parties[i].kind, "id", id));
    }
    request_set_json(rq, "named", named);
    json_decref(named);
    if (count != 1)
        return refuse_field(rq, "", "no_variant_matches", NULL);
    request_set(rq, "team_member_id", request_value(rq, "new_id", NULL));
    return role_fits(rq, request_rows(rq, "judgeTeam"),
                     json_string_value(request_member(rq, "role")),
                     strcmp(given, "auditor_id") == 0);
}

static bool team_change(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeTeam");
    const char *role = json_string_value(request_member(rq, "role"));
    const char *answer = json_string_value(request_member(rq, "objection_status"));
    if (answer && !rows_text(rows, 0, "objection_status"))
        return refuse_field(rq, "/objection_status", "not_allowed_here", "objection");
    return !role || role_fits(rq, rows, role, rows_text(rows, 0, "auditor_id") != NULL);
}

static bool team_objectable(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeTeam");
    const char *status = rows_text(rows, 0, "status");
    if (strcmp(status, "held") != 0 && strcmp(status, "reported") != 0 &&
        strcmp(status, "cancelled") != 0)
        return true;
    return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                  "The audit is over; an objection comes before it (INI-05).",
                  "審査は終了しています。異議は審査の前に申し立ててください（INI-05）。");
}

const struct step team_create_steps[] = {
    LOCK_PLAN,
    {.compute = team_none},
    {.sql = "judgeTeam"},
    {.compute = team_new},
    STRANGER_STEPS,
    {.sql = "insertTeamMember"},
    BOOKING_STEPS,
    {.sql = "touchAudit"},
    {.sql = "getAuditTeamMember"},
    {0},
};
const struct step team_update_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeTeam"},
    {.compute = team_change},
    {.sql = "changeTeamMember"},
    BOOKING_STEPS,
    {.sql = "touchAudit"},
    {.sql = "getAuditTeamMember"},
    {0},
};
const struct step team_object_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeTeam"},
    {.compute = team_objectable},
    {.sql = "storeObjection"},
    {.sql = "touchAudit"},
    {.sql = "getAuditTeamMember"},
    {0},
};
const struct step team_delete_steps[] = {
    LOCK_PLAN, {.sql = "removeTeamMember"}, {.sql = "touchAudit"}, {0}};
