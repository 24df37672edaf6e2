/* Entering a certification: one that begins, or a certificate that exists already and what it has come to. */
#include "services/scheduling/certifications.h"

#include "api/id.h"
#include "services/scheduling/certification_dates.h"
#include "services/scheduling/plan.h"
#include "services/scheduling/policies_check.h"
#include "services/scheduling/rules/period.h"

#include <string.h>

enum { RECERTIFIED_AFTER_MONTHS = 24, LONGEST_PERIOD_MONTHS = 48 };

static void refuse_certificate_members(struct request *rq)
{
    static const char *const members[] = {"decision_date",
                                          "effective_date",
                                          "issue_date",
                                          "expiry_date",
                                          "original_certification_date",
                                          "stage2_last_day",
                                          "suspended_on"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (date_is_given(rq, members[i]))
            refuse_field(rq, arena_printf(rq->arena, "/%s", members[i]),
                         "not_allowed_here", "state preparing");
    }
}

static int months_between(struct civil from, struct civil to)
{
    struct civil_parts a = civil_split(from), b = civil_split(to);
    return (b.year - a.year) * 12 + b.month - a.month;
}

/* The cycle of a certificate that existed before: counted back from its expiry when it was recertified already (section 4). */
static void set_cycle(json_t *row, const struct plan_facts *facts, struct civil decision,
                      struct civil expiry)
{
    struct civil original = json_date(row, "original_certification_date");
    bool recertified = facts->certification.scheme != SCHEME_PMARK &&
                       months_between(original, decision) >= RECERTIFIED_AFTER_MONTHS;
    struct civil start = decision;
    int cycle = 1;
    if (recertified) {
        bool same = facts->policies.expiry_convention == CIVIL_END_SAME;
        start =
            civil_add_months(same ? expiry : civil_add_days(expiry, 1), -CYCLE_MONTHS);
        cycle = 1 + (months_between(original, start) + CYCLE_MONTHS / 2) / CYCLE_MONTHS;
    }
    if (recertified && cycle < 2)
        cycle = 2;
    json_set_date(row, "cycle_start", start);
    json_set_date(row, "anchor_date", start);
    json_object_set_new(row, "cycle_no", json_integer(cycle));
    json_object_set_new(row, "anchor_cycle", json_integer(cycle));
    json_object_set_new(row, "cycle_type",
                        json_string(recertified ? "recert" : "initial"));
}

static void default_date(json_t *row, const char *name, struct civil date)
{
    if (civil_is_none(json_date(row, name)))
        json_set_date(row, name, date);
}

static void check_certificate(struct request *rq, const json_t *row,
                              struct civil decision)
{
    struct civil original = json_date(row, "original_certification_date");
    struct civil latest = civil_add_months(decision, LONGEST_PERIOD_MONTHS);
    struct civil expiry = json_date(row, "expiry_date");
    certification_check_order(rq, row);
    if (civil_before(decision, original))
        date_refuse(rq, "original_certification_date", "after_end", decision);
    if (civil_before(latest, expiry))
        date_refuse(rq, "expiry_date", "after_end", latest);
}

/* ADD-01, ADD-02: an add-on that is entered ends with its ISMS. */
static struct civil entered_expiry(struct request *rq, const struct plan_facts *facts,
                                   struct civil decision)
{
    const struct rows *rows = request_rows(rq, "loadPolicyLevels");
    const char *text = rows_count(rows) ? rows_text(rows, 0, "isms_expiry") : NULL;
    struct civil isms = CIVIL_NONE, given = json_date(rq->body, "expiry_date");
    if (text)
        civil_parse(text, &isms);
    if (facts->certification.scheme != SCHEME_ADDON || civil_is_none(isms) ||
        civil_before(isms, decision))
        return certification_first_expiry(facts, decision);
    if (!civil_is_none(given) && !civil_same(given, isms))
        date_refuse(rq, "expiry_date", "inconsistent", isms);
    return isms;
}

static const char *new_id(struct request *rq)
{
    return id_new(arena_alloc(rq->arena, ID_TEXT));
}

/* What the certificate has come to: suspended from a day within its validity, or past its last day. */
static void enter_state(struct request *rq, const struct plan_facts *facts,
                        const char *state, json_t *row)
{
    struct civil today = plan_today(rq), suspended = json_date(row, "suspended_on");
    struct civil effective = json_date(row, "effective_date");
    struct civil expiry = json_date(row, "expiry_date");
    bool is_suspended = strcmp(state, "suspended") == 0;
    if (!is_suspended && date_is_given(rq, "suspended_on"))
        refuse_field(rq, "/suspended_on", "not_allowed_here", state);
    if (is_suspended && civil_is_none(suspended))
        refuse_field(rq, "/suspended_on", "required", NULL);
    else if (is_suspended && civil_before(suspended, effective))
        date_refuse(rq, "suspended_on", "before_start", effective);
    else if (is_suspended && civil_before(civil_earlier(today, expiry), suspended))
        date_refuse(rq, "suspended_on", "after_end", civil_earlier(today, expiry));
    if (strcmp(state, "expired") == 0 && !civil_before(expiry, today))
        date_refuse(rq, "expiry_date", "after_end", civil_add_days(today, -1));
    if (is_suspended && !date_refused(rq))
        json_set_date(row, "suspension_limit",
                      civil_add_months(suspended, facts->policies.max_suspension_months));
    if (date_refused(rq) || strcmp(state, "certified") == 0)
        return;
    struct civil on = is_suspended ? suspended : civil_add_days(expiry, 1);
    request_set(rq, "second_id", new_id(rq));
    request_set(rq, "second_state", state);
    request_set(rq, "second_on", civil_text(rq->arena, on));
}

static bool enter_certificate(struct request *rq, const struct plan_facts *facts,
                              const char *state, json_t *row)
{
    struct civil decision = json_date(row, "decision_date");
    if (civil_is_none(decision))
        return refuse_field(rq, "/decision_date", "required", NULL);
    default_date(row, "effective_date", decision);
    default_date(row, "original_certification_date", decision);
    default_date(row, "expiry_date", entered_expiry(rq, facts, decision));
    check_certificate(rq, row, decision);
    enter_state(rq, facts, state, row);
    if (date_refused(rq))
        return false;
    set_cycle(row, facts, decision, json_date(row, "expiry_date"));
    request_set(rq, "transition_id", new_id(rq));
    request_set(rq, "from_state", "preparing");
    request_set(rq, "to_state", "certified");
    request_set(rq, "on_date", civil_text(rq->arena, decision));
    json_t *entered = json_pack("{s:b, s:O, s:O, s:O}", "entered", 1, "decision_date",
                                json_object_get(row, "decision_date"), "effective_date",
                                json_object_get(row, "effective_date"), "expiry_date",
                                json_object_get(row, "expiry_date"));
    request_set_json(rq, "transition_facts", entered);
    json_decref(entered);
    return true;
}

/* Policies of the levels above, before there is a row to load them with. */
static void facts_of_new(struct request *rq, struct plan_facts *ret)
{
    const struct rows *rows = request_rows(rq, "loadPolicyLevels");
    json_t *json = json_object();
    static const char *const levels[] = {"consultancy_policies", "body_policies"};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        const char *text = rows_count(rows) ? rows_text(rows, 0, levels[i]) : NULL;
        json_object_set_new(json, levels[i],
                            text ? json_loads(text, 0, NULL) : json_null());
    }
    json_object_set(json, "certification", rq->body);
    plan_facts_read(rq->arena, json, plan_today(rq), ret);
    const json_t *above[POLICY_LEVELS] = {
        [POLICY_CONSULTANCY] = json_object_get(json, levels[0]),
        [POLICY_BODY] = json_object_get(json, levels[1]),
    };
    policies_check(rq, above, POLICY_CERTIFICATION);
    ret->certification.id = ret->certification.client_id = NULL;
    json_decref(json);
}

bool certification_new(struct request *rq)
{
    static const char *const unset[] = {
        "transition_id", "from_state",   "to_state",  "on_date",
        "second_id",     "second_state", "second_on", "transition_facts"};
    struct plan_facts facts;
    const char *state = json_string_value(request_member(rq, "state"));
    json_t *row = json_copy(rq->body);
    facts_of_new(rq, &facts);
    request_set(rq, "certification_id", request_value(rq, "new_id", NULL));
    for (size_t i = 0; i < sizeof unset / sizeof *unset; i++)
        request_set(rq, unset[i], NULL);
    certification_check_happened(rq);
    if (state && strcmp(state, "preparing") != 0)
        enter_certificate(rq, &facts, state, row);
    else
        refuse_certificate_members(rq);
    request_set_json(rq, "certification", row);
    json_decref(row);
    return !date_refused(rq);
}
