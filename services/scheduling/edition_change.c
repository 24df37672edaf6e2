/* From one edition of a standard to the next (TRN-01..04): the certificate goes on, with its expiry, on the new one. */
#include "operations.h"

#include "certifications.h"
#include "plan.h"
#include "rules/transition.h"
#include "transition.h"

#include <string.h>

/* A change of edition that a certificate may make. rule NULL: its dates are those of the consultancy's campaign, if there is one. */
static const struct edition {
    const char *from, *to;
    const struct edition_transition *rule;
} editions[] = {
    {"iso27001-2013", "iso27001-2022", &transition_27001},
    {"iso27001-2022", "iso27001-next", NULL},
    {"iso27017-jp", "iso27017-2026", NULL},
    {"iso27701-2019", "iso27701-2025", NULL},
};

static const struct edition *find_edition(const char *from, const char *to)
{
    for (size_t i = 0; i < sizeof editions / sizeof *editions; i++) {
        if (strcmp(editions[i].from, from) == 0 && strcmp(editions[i].to, to) == 0)
            return &editions[i];
    }
    return NULL;
}

static const struct {
    const char *kind, *campaign; /* name of its extra days there */
    enum transition_with with;
} withs[] = {
    {"recertification", "recertification", TRANSITION_WITH_RECERTIFICATION},
    {"surveillance", "surveillance", TRANSITION_WITH_SURVEILLANCE},
    {"transition", "alone", TRANSITION_ALONE},
};

/* The latest audit on or before the day that may have looked at the new edition: of this cycle, or the one that began it. */
static const char *last_audit(const struct move *move, struct civil *ret_day)
{
    const char *kind = NULL;
    *ret_day = CIVIL_NONE;
    for (size_t i = 0; i < sizeof withs / sizeof *withs; i++) {
        struct civil day = plan_last_held(&move->facts, withs[i].kind, move->on);
        if (civil_is_none(day) ||
            (!civil_is_none(*ret_day) && civil_compare(day, *ret_day) <= 0))
            continue;
        *ret_day = day;
        kind = withs[i].kind;
    }
    return kind;
}

/* Given by the body, else the audit that was held. */
static const char *audited_with(const struct move *move, struct civil *ret_day)
{
    const char *kind = json_string_value(request_member(move->rq, "audit_kind"));
    struct civil day = move_body_date(move, "audit_last_day");
    if (!kind || civil_is_none(day))
        return last_audit(move, ret_day);
    *ret_day = day;
    return kind;
}

static void check_audit(const struct move *move)
{
    struct request *rq = move->rq;
    const json_t *kind = request_member(rq, "audit_kind");
    struct civil day = move_body_date(move, "audit_last_day");
    if (kind && civil_is_none(day))
        refuse_field(rq, "/audit_last_day", "required_with", "audit_kind");
    if (!kind && !civil_is_none(day))
        refuse_field(rq, "/audit_kind", "required_with", "audit_last_day");
    if (!civil_is_none(day) && civil_before(move->on, day))
        refuse_field(rq, "/audit_last_day", "after_end", civil_text(rq->arena, move->on));
}

static json_t *campaign_days(struct request *rq, const char *name)
{
    const struct rows *rows = request_rows(rq, "loadEditionCampaign");
    const char *text = rows_count(rows) ? rows_text(rows, 0, "extra_days") : NULL;
    json_t *days = text ? json_loads(text, 0, NULL) : NULL;
    json_t *found = json_incref(json_object_get(days, name));
    json_decref(days);
    return found ? found : json_null();
}

/* TRN-03 */
static json_t *extra_days(const struct move *move, const struct edition *edition,
                          const char *kind)
{
    for (size_t i = 0; kind && i < sizeof withs / sizeof *withs; i++) {
        if (strcmp(withs[i].kind, kind) != 0)
            continue;
        if (edition->rule)
            return json_real(edition->rule->extra_half_days[withs[i].with] / 2.0);
        return campaign_days(move->rq, withs[i].campaign);
    }
    return json_null();
}

/* Last day on which certificates of the old edition are valid; CIVIL_NONE: not known. */
static struct civil end_of(const struct move *move, const struct edition *edition)
{
    const struct rows *rows = request_rows(move->rq, "loadEditionCampaign");
    const char *text = rows_count(rows) ? rows_text(rows, 0, "end_on") : NULL;
    struct civil end = CIVIL_NONE;
    if (edition->rule)
        return edition->rule->end;
    if (text)
        civil_parse(text, &end);
    return end;
}

/* TRN-01, NC-01 */
static void judge_certified(struct move *move, const struct edition *edition)
{
    struct civil audit;
    const char *kind = audited_with(move, &audit);
    check_audit(move);
    if (!kind)
        move_miss(move, "transition_audit");
    struct civil end = end_of(move, edition);
    if (!civil_is_none(end) && civil_before(end, move->on))
        move_miss(move, "edition_in_force");
    move_miss_findings(move);
    json_t *noted = json_pack("{s:s, s:s, s:o}", "from", edition->from, "to", edition->to,
                              "extra_days", extra_days(move, edition, kind));
    json_set_date(noted, "audit_last_day", audit);
    if (kind)
        json_object_set_new(noted, "audit_kind", json_string(kind));
    json_object_set_new(move->noted, "edition_change", noted);
}

static bool is_over(enum certification_state state)
{
    return state == CERTIFICATION_SUSPENDED || state == CERTIFICATION_EXPIRED ||
           state == CERTIFICATION_WITHDRAWN;
}

static bool change(struct move *move)
{
    const struct plan_certification *c = &move->facts.certification;
    const char *to = json_string_value(request_member(move->rq, "to_scheme"));
    const struct edition *edition = find_edition(c->scheme_name, to);
    move->pointer = "/on";
    if (!edition)
        return refuse_field(move->rq, "/to_scheme", "inconsistent", c->scheme_name);
    if (!move_check_day(move))
        return false;
    if (is_over(c->state))
        move_miss(move, "certificate_valid");
    else if (c->state == CERTIFICATION_CERTIFIED)
        judge_certified(move, edition);
    if (!move_allowed(move))
        return false;
    json_object_set_new(move->changes, "scheme", json_string(to));
    json_object_set_new(move->changes, "previous_scheme", json_string(edition->from));
    move_set_date(move, "edition_changed_on", move->on);
    move_store(move, certification_state_name(c->state));
    return true;
}

static bool change_step(struct request *rq)
{
    struct move move;
    if (!move_load(rq, &move))
        return false;
    bool allowed = change(&move);
    move_free(&move);
    return allowed;
}

const struct step edition_change_steps[] = {
    LOCK_PLAN,
    {.sql = "loadPlanFacts", .optional = true},
    {.sql = "loadEditionCampaign", .optional = true},
    {.compute = change_step},
    {.sql = "changeCertification"},
    {.sql = "insertTransition"},
    {.sql = "markEditionCampaignsStale", .optional = true},
    PLAN_STEPS,
    {.sql = "getCertification"},
    {0},
};
