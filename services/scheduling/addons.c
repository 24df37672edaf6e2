/* Add-on certifications stand on the ISMS: they are granted upon it, share its expiry, and stop with it (ADD-01, ADD-02). */
#include "services/scheduling/transition.h"

#include "api/id.h"
#include "services/scheduling/certifications.h"
#include "services/scheduling/plan.h"

#include <string.h>

enum { ADDED_WITHIN_MONTHS = 12 }; /* after the ISMS audit at which it was added */

static bool is_isms(const struct plan_facts *facts)
{
    return facts->certification.scheme == SCHEME_ISMS ||
           facts->certification.scheme == SCHEME_ISMS_2013;
}

/* The client's ISMS certification that is in force on the day of the step. */
static bool find_isms(const struct move *move, struct plan_facts *ret_facts)
{
    for (int i = 0; plan_facts_at(move->rq, i, ret_facts, NULL); i++) {
        const struct plan_certification *c = &ret_facts->certification;
        if (is_isms(ret_facts) && c->state == CERTIFICATION_CERTIFIED &&
            civil_compare(move->on, c->expiry_date) <= 0)
            return true;
    }
    return false;
}

void addon_miss_isms(struct move *move)
{
    struct plan_facts isms;
    if (!find_isms(move, &isms))
        move_miss(move, "isms_in_force");
}

struct civil addon_expiry(struct move *move)
{
    struct plan_facts isms;
    struct civil given = move_body_date(move, "expiry_date");
    if (!find_isms(move, &isms)) {
        move_miss(move, "isms_in_force");
        return certification_first_expiry(&move->facts, move->on);
    }
    struct civil expiry = isms.certification.expiry_date;
    if (!civil_is_none(given) && !civil_same(given, expiry))
        refuse_field(move->rq, "/expiry_date", "inconsistent",
                     civil_text(move->rq->arena, expiry));
    return expiry;
}

/* The latest surveillance or recertification audit of the ISMS before the step. */
static struct civil added_at(const struct plan_facts *isms, struct civil on)
{
    struct civil last = civil_later(plan_last_held(isms, "surveillance", on),
                                    plan_last_held(isms, "recertification", on));
    bool recent = !civil_is_none(last) &&
                  civil_compare(on, civil_add_months(last, ADDED_WITHIN_MONTHS)) <= 0;
    return recent ? last : CIVIL_NONE;
}

void judge_addon_granted(struct move *move)
{
    struct plan_facts isms;
    struct civil audit = CIVIL_NONE;
    if (find_isms(move, &isms))
        audit = added_at(&isms, move->on);
    if (civil_is_none(audit))
        move_miss(move, "isms_audit");
    json_set_date(move->noted, "added_at_audit", audit);
    move_miss_findings(move);
    judge_granted(move);
}

/* ---- renewal ---- */

static struct civil date_of(const json_t *changes, const char *name, struct civil other)
{
    struct civil date = json_date(changes, name);
    return civil_is_none(date) ? other : date;
}

/* The cycle of a renewed ISMS; its anniversaries are the add-on's from now on. */
static void set_cycle(json_t *changes, const struct plan_certification *addon,
                      struct civil decision, struct civil expiry, struct civil start,
                      struct civil audit)
{
    int gap = civil_before(addon->expiry_date, decision)
                  ? civil_days_between(addon->expiry_date, decision) - 1
                  : 0;
    json_set_date(changes, "decision_date", decision);
    json_set_date(changes, "effective_date", decision);
    json_set_date(changes, "previous_expiry_date", addon->expiry_date);
    json_set_date(changes, "expiry_date", expiry);
    json_set_date(changes, "cycle_start", start);
    json_set_date(changes, "anchor_date", start);
    json_set_date(changes, "recertification_audit_last_day", audit);
    json_object_set_new(changes, "cycle_no", json_integer(addon->cycle_no + 1));
    json_object_set_new(changes, "anchor_cycle", json_integer(addon->cycle_no + 1));
    json_object_set_new(changes, "cycle_type", json_string("recert"));
    json_object_set_new(changes, "gap_days", json_integer(gap));
}

void addon_renew(struct move *move)
{
    const struct plan_certification *c = &move->facts.certification;
    struct plan_facts isms;
    bool found = find_isms(move, &isms);
    const struct plan_certification *i = &isms.certification;
    if (!found)
        move_miss(move, "isms_in_force");
    else if (civil_compare(i->expiry_date, c->expiry_date) <= 0)
        move_miss(move, "isms_recertified");
    move_miss_findings(move);
    if (move->missing_count == 0)
        set_cycle(move->changes, c, move->on, i->expiry_date, i->cycle_start,
                  i->recertification_audit_last_day);
}

/* ---- following ---- */

static const char *rule_of(const struct plan_certification *addon)
{
    return strncmp(addon->scheme_name, "iso27017", 8) == 0 ? "ADD-01" : "ADD-02";
}

static bool is_active(enum certification_state state)
{
    return state == CERTIFICATION_CERTIFIED || state == CERTIFICATION_SUSPENDED;
}

static enum certification_state renewed(const struct move *move,
                                        const struct plan_certification *addon,
                                        bool with_isms, json_t *changes)
{
    struct civil start = date_of(move->changes, "cycle_start", CIVIL_NONE);
    struct civil expiry = date_of(move->changes, "expiry_date", CIVIL_NONE);
    bool lapsed_with_it = addon->state == CERTIFICATION_EXPIRED && with_isms;
    if (civil_is_none(start) || civil_is_none(expiry) ||
        (!is_active(addon->state) && !lapsed_with_it))
        return CERTIFICATION_NONE;
    set_cycle(changes, addon, move->on, expiry, start,
              json_date(move->changes, "recertification_audit_last_day"));
    return lapsed_with_it ? CERTIFICATION_CERTIFIED : addon->state;
}

static enum certification_state restored(const struct plan_certification *addon,
                                         bool with_isms, json_t *changes)
{
    if (addon->state != CERTIFICATION_SUSPENDED || !with_isms)
        return CERTIFICATION_NONE;
    json_object_set_new(changes, "suspended_on", json_null());
    json_object_set_new(changes, "suspension_limit", json_null());
    return CERTIFICATION_CERTIFIED;
}

static enum certification_state stopped(const struct move *move,
                                        const struct plan_certification *addon,
                                        enum certification_state to, json_t *changes)
{
    bool already = to == CERTIFICATION_SUSPENDED ? addon->state != CERTIFICATION_CERTIFIED
                                                 : !is_active(addon->state);
    if (already)
        return CERTIFICATION_NONE;
    if (to == CERTIFICATION_SUSPENDED) {
        json_set_date(changes, "suspended_on", move->on);
        json_object_set(changes, "suspension_limit",
                        json_object_get(move->changes, "suspension_limit"));
    }
    if (to == CERTIFICATION_WITHDRAWN)
        json_set_date(changes, "withdrawn_on", move->on);
    return to;
}

/* The state that the add-on comes to, NONE when this step does not touch it. */
static enum certification_state followed(const struct move *move,
                                         const struct plan_certification *addon,
                                         enum certification_state to, bool with_isms,
                                         json_t *changes)
{
    enum certification_state from = move->facts.certification.state;
    switch (to) {
    case CERTIFICATION_CERTIFIED:
        if (from == CERTIFICATION_SUSPENDED)
            return restored(addon, with_isms, changes);
        return renewed(move, addon, with_isms, changes);
    case CERTIFICATION_SUSPENDED:
    case CERTIFICATION_EXPIRED:
    case CERTIFICATION_WITHDRAWN:
        return stopped(move, addon, to, changes);
    default:
        return CERTIFICATION_NONE;
    }
}

static void add_change(const struct move *move, const struct plan_certification *addon,
                       enum certification_state to, json_t *changes, json_t *list)
{
    static const char *const kept[] = {"decision_date", "effective_date", "expiry_date",
                                       "cycle_no"};
    bool stopping = to != CERTIFICATION_CERTIFIED && to != addon->state;
    json_t *facts = json_pack("{s:s}", "with_isms", move->facts.certification.id);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (json_object_get(changes, kept[i]))
            json_object_set(facts, kept[i], json_object_get(changes, kept[i]));
    }
    json_object_set_new(changes, "state", json_string(certification_state_name(to)));
    json_object_set_new(changes, "with_isms", json_boolean(stopping));
    json_array_append_new(
        list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:O, s:o}", "id", addon->id,
                        "transition_id", id_new(arena_alloc(move->rq->arena, ID_TEXT)),
                        "from_state", certification_state_name(addon->state), "to_state",
                        certification_state_name(to), "rule", rule_of(addon), "changes",
                        changes, "facts", facts));
}

void addons_follow(const struct move *move, enum certification_state to)
{
    struct plan_facts facts;
    const json_t *json;
    if (!is_isms(&move->facts))
        return;
    json_t *list = json_array();
    for (int i = 0; plan_facts_at(move->rq, i, &facts, &json); i++) {
        if (facts.certification.scheme != SCHEME_ADDON)
            continue;
        bool with_isms = json_is_true(
            json_object_get(json_object_get(json, "certification"), "with_isms"));
        json_t *changes = json_object();
        enum certification_state state =
            followed(move, &facts.certification, to, with_isms, changes);
        if (state != CERTIFICATION_NONE)
            add_change(move, &facts.certification, state, changes, list);
        json_decref(changes);
    }
    request_set_json(move->rq, "addon_changes", list);
    json_decref(list);
}

void addons_transfer(const struct move *move, const char *from_body, const char *to_body)
{
    struct plan_facts facts;
    const json_t *json;
    json_t *list = json_array();
    for (int i = 0; plan_facts_at(move->rq, i, &facts, &json); i++) {
        const char *body = json_string_value(
            json_object_get(json_object_get(json, "certification"), "body_id"));
        if (facts.certification.scheme != SCHEME_ADDON ||
            facts.certification.state == CERTIFICATION_WITHDRAWN ||
            (body && (!from_body || strcmp(body, from_body) != 0)))
            continue;
        json_t *changes = json_pack("{s:s}", "body_id", to_body);
        add_change(move, &facts.certification, facts.certification.state, changes, list);
        json_decref(changes);
    }
    request_set_json(move->rq, "addon_changes", list);
    json_decref(list);
}
