/* From JSON rows to structs. */
#include "services/scheduling/plan_facts.h"

#include <string.h>

static const struct {
    const char *name;
    enum plan_scheme scheme;
} schemes[] = {
    {"iso27001-2022", SCHEME_ISMS}, {"iso27001-2013", SCHEME_ISMS_2013},
    {"iso27017-jp", SCHEME_ADDON},  {"iso27701-2019", SCHEME_ADDON},
    {"iso27701-2025", SCHEME_PIMS}, {"pmark", SCHEME_PMARK},
    {"iso27001-next", SCHEME_ISMS}, {"iso27017-2026", SCHEME_ADDON},
};

static const struct {
    const char *name;
    enum plan_booking booking;
} bookings[] = {
    {"planned", AUDIT_NOT_BOOKED},  {"requested", AUDIT_BOOKED},
    {"tentative", AUDIT_BOOKED},    {"confirmed", AUDIT_BOOKED},
    {"held", AUDIT_HELD},           {"reported", AUDIT_HELD},
    {"cancelled", AUDIT_CANCELLED},
};

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static int int_of(const json_t *object, const char *name, int fallback)
{
    const json_t *value = json_object_get(object, name);
    return json_is_integer(value) ? (int)json_integer_value(value) : fallback;
}

struct civil json_date(const json_t *object, const char *name)
{
    struct civil date = CIVIL_NONE;
    const char *text = text_of(object, name);
    if (text)
        civil_parse(text, &date);
    return date;
}

struct civil civil_later(struct civil a, struct civil b)
{
    if (civil_is_none(a) || civil_is_none(b))
        return civil_is_none(a) ? b : a;
    return civil_before(a, b) ? b : a;
}

enum plan_scheme plan_scheme_of(const char *name)
{
    for (size_t i = 0; name && i < sizeof schemes / sizeof *schemes; i++) {
        if (strcmp(schemes[i].name, name) == 0)
            return schemes[i].scheme;
    }
    return SCHEME_ISMS;
}

static enum plan_booking booking_of(const char *status)
{
    for (size_t i = 0; status && i < sizeof bookings / sizeof *bookings; i++) {
        if (strcmp(bookings[i].name, status) == 0)
            return bookings[i].booking;
    }
    return AUDIT_NOT_BOOKED;
}

static const struct {
    const char *name;
    size_t offset;
} dates[] = {
#define DATE(member)                                                                     \
    {                                                                                    \
#member, offsetof(struct plan_certification, member)                             \
    }
    DATE(target_date),
    DATE(stage1_last_day),
    DATE(stage2_last_day),
    DATE(recommended_on),
    DATE(decision_date),
    DATE(effective_date),
    DATE(expiry_date),
    DATE(previous_expiry_date),
    DATE(cycle_start),
    DATE(anchor_date),
    DATE(recertification_audit_last_day),
    DATE(suspended_on),
    DATE(withdrawn_on),
    DATE(original_certification_date),
    DATE(scope_defined_on),
    DATE(risk_assessment_done_on),
    DATE(soa_approved_on),
    DATE(internal_audit_done_on),
    DATE(management_review_done_on),
    DATE(accreditation_lost_on),
    DATE(edition_changed_on),
#undef DATE
};

static void read_reductions(struct arena *arena, const json_t *list,
                            struct plan_certification *ret)
{
    size_t count = json_array_size(list);
    struct scope_reduction *reductions =
        arena_alloc(arena, (count + 1) * sizeof *reductions);
    for (size_t i = 0; i < count; i++) {
        const json_t *json = json_array_get(list, i);
        reductions[i] = (struct scope_reduction){.on = json_date(json, "on"),
                                                 .removed = text_of(json, "removed")};
    }
    ret->reductions = reductions;
    ret->reduction_count = count;
}

static void read_certification(struct arena *arena, const json_t *json,
                               struct plan_certification *ret)
{
    const char *state = text_of(json, "state");
    const char *before = text_of(json, "previous_scheme");
    const char *type = text_of(json, "cycle_type");
    *ret = (struct plan_certification){
        .id = text_of(json, "id"),
        .client_id = text_of(json, "client_id"),
        .scheme = plan_scheme_of(text_of(json, "scheme")),
        .scheme_name = text_of(json, "scheme"),
        .state = CERTIFICATION_PREPARING,
        .cycle_no = int_of(json, "cycle_no", 1),
        .anchor_cycle = int_of(json, "anchor_cycle", 1),
        .after_recertification = type && strcmp(type, "recert") == 0,
        .was_2013 = before && plan_scheme_of(before) == SCHEME_ISMS_2013,
    };
    read_reductions(arena, json_object_get(json, "scope_reductions"), ret);
    if (state)
        certification_state_parse(state, &ret->state);
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
        *(struct civil *)(void *)((char *)ret + dates[i].offset) =
            json_date(json, dates[i].name);
}

static void read_audits(struct arena *arena, const json_t *list, struct plan_facts *ret)
{
    size_t count = json_array_size(list);
    struct audit_fact *audits = arena_alloc(arena, (count + 1) * sizeof *audits);
    for (size_t i = 0; i < count; i++) {
        const json_t *json = json_array_get(list, i);
        audits[i] = (struct audit_fact){
            .id = text_of(json, "id"),
            .kind = text_of(json, "kind"),
            .source_key = text_of(json, "source_key"),
            .cycle_no = int_of(json, "cycle_no", 1),
            .ordinal = int_of(json, "ordinal", 1),
            .booking = booking_of(text_of(json, "status")),
            .planned_first_day = json_date(json, "planned_first_day"),
            .planned_last_day = json_date(json, "planned_last_day"),
            .held_first_day = json_date(json, "held_first_day"),
            .held_last_day = json_date(json, "held_last_day"),
        };
        if (civil_is_none(audits[i].held_last_day))
            audits[i].held_last_day = audits[i].held_first_day;
    }
    ret->audits = audits;
    ret->audit_count = count;
}

static enum finding_grade grade_of(const char *name)
{
    for (int grade = 0; name && grade < FINDING_GRADES; grade++) {
        if (strcmp(finding_grade_name((enum finding_grade)grade), name) == 0)
            return (enum finding_grade)grade;
    }
    return FINDING_OBSERVATION;
}

static const struct audit_fact *audit_by_id(const struct plan_facts *facts,
                                            const char *id)
{
    for (size_t i = 0; id && i < facts->audit_count; i++) {
        if (strcmp(facts->audits[i].id, id) == 0)
            return &facts->audits[i];
    }
    return NULL;
}

static void read_findings(struct arena *arena, const json_t *list, struct plan_facts *ret)
{
    size_t count = json_array_size(list);
    struct finding_fact *findings = arena_alloc(arena, (count + 1) * sizeof *findings);
    for (size_t i = 0; i < count; i++) {
        const json_t *json = json_array_get(list, i);
        findings[i] = (struct finding_fact){
            .id = text_of(json, "id"),
            .reference = text_of(json, "reference"),
            .audit = audit_by_id(ret, text_of(json, "audit_id")),
            .grade = grade_of(text_of(json, "grade")),
            .plan_submitted_on = json_date(json, "plan_submitted_on"),
            .plan_accepted_on = json_date(json, "plan_accepted_on"),
            .evidence_submitted_on = json_date(json, "evidence_submitted_on"),
            .verified_on = json_date(json, "verified_on"),
            .closed_on = json_date(json, "closed_on"),
        };
    }
    ret->findings = findings;
    ret->finding_count = count;
}

static void read_changes(struct arena *arena, const json_t *list, struct plan_facts *ret)
{
    size_t count = json_array_size(list);
    struct change_fact *changes = arena_alloc(arena, (count + 1) * sizeof *changes);
    for (size_t i = 0; i < count; i++) {
        const json_t *json = json_array_get(list, i);
        changes[i] = (struct change_fact){
            .id = text_of(json, "id"),
            .kind = text_of(json, "kind"),
            .status = text_of(json, "status"),
            .change_date = json_date(json, "change_date"),
            .notified_on = json_date(json, "notified_on"),
            .approved_on = json_date(json, "approved_on"),
            .accepted_on = json_date(json, "accepted_on"),
            .persons_before = int_of(json, "persons_before", 0),
            .persons_after = int_of(json, "persons_after", 0),
            .variant = text_of(json, "variant"),
            .audit = audit_by_id(ret, text_of(json, "audit_id")),
            .audit_made = json_is_true(json_object_get(json, "made")),
            .not_before = json_date(json, "not_before"),
            .due_by = json_date(json, "due_by"),
        };
    }
    ret->changes = changes;
    ret->change_count = count;
}

static const struct civil *read_days(struct arena *arena, const json_t *list,
                                     size_t *ret_count)
{
    struct civil *days = arena_alloc(arena, (json_array_size(list) + 1) * sizeof *days);
    *ret_count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        *ret_count += text && civil_parse(text, &days[*ret_count]);
    }
    return days;
}

static void read_obligations(struct arena *arena, const json_t *list,
                             struct plan_facts *ret)
{
    size_t count = json_array_size(list);
    struct obligation_fact *facts = arena_alloc(arena, (count + 1) * sizeof *facts);
    for (size_t i = 0; i < count; i++) {
        const json_t *json = json_array_get(list, i);
        facts[i] = (struct obligation_fact){
            .id = text_of(json, "id"),
            .kind = text_of(json, "kind"),
            .title = text_of(json, "title"),
            .interval_months = int_of(json, "interval_months", 12),
            .preferred_month = int_of(json, "preferred_month", 0),
            .buffer_days = int_of(json, "buffer_days", -1),
            .active = !json_is_false(json_object_get(json, "active")),
            .starts_on = json_date(json, "starts_on"),
        };
        facts[i].done =
            read_days(arena, json_object_get(json, "done"), &facts[i].done_count);
    }
    ret->obligations = facts;
    ret->obligation_count = count;
}

void plan_facts_read(struct arena *arena, const json_t *json, struct civil today,
                     struct plan_facts *ret)
{
    const json_t *certification = json_object_get(json, "certification");
    const json_t *levels[POLICY_LEVELS] = {
        [POLICY_CONSULTANCY] = json_object_get(json, "consultancy_policies"),
        [POLICY_BODY] = json_object_get(json, "body_policies"),
        [POLICY_CERTIFICATION] = json_object_get(certification, "policies"),
    };
    *ret = (struct plan_facts){.today = today};
    policies_effective(levels, &ret->policies);
    read_certification(arena, certification, &ret->certification);
    read_audits(arena, json_object_get(json, "audits"), ret);
    read_findings(arena, json_object_get(json, "findings"), ret);
    read_changes(arena, json_object_get(json, "changes"), ret);
    read_obligations(arena, json_object_get(json, "obligations"), ret);
}

struct business_calendar plan_calendar(const struct plan_facts *facts)
{
    return (struct business_calendar){.year_end_closed = facts->policies.year_end_closed};
}

struct civil plan_last_held(const struct plan_facts *facts, const char *kind,
                            struct civil until)
{
    struct civil last = CIVIL_NONE;
    for (size_t i = 0; i < facts->audit_count; i++) {
        const struct audit_fact *audit = &facts->audits[i];
        if (audit->booking != AUDIT_HELD || strcmp(audit->kind, kind) != 0)
            continue;
        if (!civil_is_none(until) && civil_before(until, audit->held_last_day))
            continue;
        last = civil_later(last, audit->held_last_day);
    }
    return last;
}
