/* Entering and correcting the facts of a certification. */
#include "services/scheduling/certifications.h"

#include "api/id.h"
#include "services/scheduling/plan.h"
#include "services/scheduling/rules/period.h"
#include "services/scheduling/rules/pmark.h"

#include <string.h>

enum { RECERTIFIED_AFTER_MONTHS = 24, LONGEST_PERIOD_MONTHS = 48 };

void json_set_date(json_t *object, const char *name, struct civil date)
{
    char text[CIVIL_TEXT_SIZE];
    if (civil_is_none(date)) {
        json_object_set_new(object, name, json_null());
        return;
    }
    civil_format(date, text);
    json_object_set_new(object, name, json_string(text));
}

const char *civil_text(struct arena *arena, struct civil date)
{
    char text[CIVIL_TEXT_SIZE];
    if (civil_is_none(date))
        return NULL;
    civil_format(date, text);
    return arena_strdup(arena, text);
}

static bool is_given(const struct request *rq, const char *name)
{
    const json_t *value = request_member(rq, name);
    return value && !json_is_null(value);
}

static bool refuse_date(struct request *rq, const char *name, const char *code,
                        struct civil limit)
{
    return refuse_field(rq, arena_printf(rq->arena, "/%s", name), code,
                        civil_text(rq->arena, limit));
}

static bool refused(const struct request *rq)
{
    return rq->problem.code != PROBLEM_NONE;
}

/* ---- what has happened lies in the past ---- */

static const char *const happened[] = {"stage1_last_day",
                                       "stage2_last_day",
                                       "recommended_on",
                                       "decision_date",
                                       "original_certification_date",
                                       "scope_defined_on",
                                       "risk_assessment_done_on",
                                       "soa_approved_on",
                                       "internal_audit_done_on",
                                       "management_review_done_on"};

static void check_happened(struct request *rq)
{
    struct civil today = plan_today(rq);
    for (size_t i = 0; i < sizeof happened / sizeof *happened; i++) {
        struct civil date = json_date(rq->body, happened[i]);
        if (!civil_is_none(date) && civil_before(today, date))
            refuse_date(rq, happened[i], "in_future", today);
    }
}

/* ---- the order of the dates; the given member is blamed ---- */

static const char *const ordered[] = {"stage1_last_day", "stage2_last_day",
                                      "recommended_on",  "decision_date",
                                      "effective_date",  "expiry_date"};
enum { ORDERED = sizeof ordered / sizeof *ordered };

static void blame(struct request *rq, int earlier, int later, struct civil first,
                  struct civil second)
{
    if (is_given(rq, ordered[later]))
        refuse_date(rq, ordered[later], "before_start", first);
    else
        refuse_date(rq, ordered[earlier], "after_end", second);
}

static void check_order(struct request *rq, const json_t *merged)
{
    int last = -1;
    struct civil before = CIVIL_NONE;
    for (int i = 0; i < ORDERED; i++) {
        struct civil date = json_date(merged, ordered[i]);
        if (civil_is_none(date))
            continue;
        bool given =
            is_given(rq, ordered[i]) || (last >= 0 && is_given(rq, ordered[last]));
        if (last >= 0 && given && civil_before(date, before))
            blame(rq, last, i, before, date);
        last = i;
        before = date;
    }
}

/* ---- entering ---- */

struct civil certification_first_expiry(const struct plan_facts *facts,
                                        struct civil decision)
{
    if (facts->certification.scheme == SCHEME_PMARK)
        return pmark_term_of(decision).expiry;
    return period_first_expiry(decision,
                               (enum civil_convention)facts->policies.expiry_convention);
}

static void refuse_certificate_members(struct request *rq)
{
    static const char *const members[] = {"decision_date",
                                          "effective_date",
                                          "issue_date",
                                          "expiry_date",
                                          "original_certification_date",
                                          "stage2_last_day"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (is_given(rq, members[i]))
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
    check_order(rq, row);
    if (civil_before(decision, original))
        refuse_date(rq, "original_certification_date", "after_end", decision);
    if (civil_before(latest, expiry))
        refuse_date(rq, "expiry_date", "after_end", latest);
}

static bool enter_certificate(struct request *rq, const struct plan_facts *facts,
                              json_t *row)
{
    struct civil decision = json_date(row, "decision_date");
    if (civil_is_none(decision))
        return refuse_field(rq, "/decision_date", "required", NULL);
    default_date(row, "effective_date", decision);
    default_date(row, "original_certification_date", decision);
    default_date(row, "expiry_date", certification_first_expiry(facts, decision));
    check_certificate(rq, row, decision);
    if (refused(rq))
        return false;
    set_cycle(row, facts, decision, json_date(row, "expiry_date"));
    request_set(rq, "transition_id", id_new(arena_alloc(rq->arena, ID_TEXT)));
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
    ret->certification.id = ret->certification.client_id = NULL;
    json_decref(json);
}

bool certification_new(struct request *rq)
{
    struct plan_facts facts;
    const char *state = json_string_value(request_member(rq, "state"));
    json_t *row = json_copy(rq->body);
    bool certified = state && strcmp(state, "certified") == 0;
    facts_of_new(rq, &facts);
    request_set(rq, "certification_id", request_value(rq, "new_id", NULL));
    request_set(rq, "transition_id", NULL);
    request_set(rq, "from_state", NULL);
    request_set(rq, "to_state", NULL);
    request_set(rq, "on_date", NULL);
    request_set(rq, "transition_facts", NULL);
    check_happened(rq);
    if (certified)
        enter_certificate(rq, &facts, row);
    else
        refuse_certificate_members(rq);
    request_set_json(rq, "certification", row);
    json_decref(row);
    return !refused(rq);
}

/* ---- correcting ---- */

/* A date can be corrected, not invented: the step that brings it is a transition. */
static void check_correctable(struct request *rq, const json_t *row)
{
    static const struct {
        const char *member, *stands_on;
    } members[] = {
        {"stage1_last_day", "stage1_last_day"},
        {"stage2_last_day", "stage2_last_day"},
        {"recommended_on", "recommended_on"},
        {"decision_date", "decision_date"},
        {"effective_date", "decision_date"},
        {"issue_date", "decision_date"},
        {"expiry_date", "decision_date"},
        {"original_certification_date", "decision_date"},
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (is_given(rq, members[i].member) &&
            civil_is_none(json_date(row, members[i].stands_on)))
            refuse_field(rq, arena_printf(rq->arena, "/%s", members[i].member),
                         "not_allowed_here",
                         json_string_value(json_object_get(row, "state")));
    }
}

/* Dates that were counted from the old decision follow the corrected one, unless they are given themselves. */
static void follow_decision(struct request *rq, const struct plan_facts *facts,
                            const json_t *row, json_t *changes)
{
    static const char *const same[] = {"effective_date", "original_certification_date",
                                       "cycle_start", "anchor_date"};
    struct civil old = facts->certification.decision_date;
    struct civil decision = json_date(rq->body, "decision_date");
    if (civil_is_none(decision) || civil_is_none(old))
        return;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct civil date = json_date(row, same[i]);
        if (!is_given(rq, same[i]) && !civil_is_none(date) && civil_same(date, old))
            json_set_date(changes, same[i], decision);
    }
    struct civil expiry = facts->certification.expiry_date;
    if (!is_given(rq, "expiry_date") && !civil_is_none(expiry) &&
        civil_same(expiry, certification_first_expiry(facts, old)))
        json_set_date(changes, "expiry_date",
                      certification_first_expiry(facts, decision));
    struct civil previous = facts->certification.previous_expiry_date;
    if (!civil_is_none(previous))
        json_object_set_new(changes, "gap_days",
                            json_integer(period_gap_days(previous, decision)));
}

bool certification_change(struct request *rq)
{
    struct plan_facts facts;
    const json_t *json;
    if (!plan_facts_of(rq, request_parameter(rq, "certification_id"), &facts, &json))
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    const json_t *row = json_object_get(json, "certification");
    json_t *changes = json_copy(rq->body);
    json_t *merged = json_copy((json_t *)(uintptr_t)row);
    follow_decision(rq, &facts, row, changes);
    json_object_update(merged, changes);
    check_happened(rq);
    check_correctable(rq, row);
    check_order(rq, merged);
    request_set_json(rq, "certification_changes", changes);
    json_decref(changes);
    json_decref(merged);
    return !refused(rq);
}

bool certification_deletable(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeCertificationDelete");
    if (rows_text(rows, 0, "has_history")[0] == 'f')
        return true;
    return refuse(rq, PROBLEM_STILL_REFERENCED,
                  "This certification has a history. Withdraw it instead of deleting it.",
                  "この認証には履歴があります。削除せず、取消しとして記録してください。");
}
