/* From gates to what is kept for the portfolio. */
#include "services/scheduling/portfolio.h"

#include "services/scheduling/certifications.h"
#include "services/scheduling/gates_answer.h"
#include "services/scheduling/plan.h"
#include "services/scheduling/rules/health.h"

#include <string.h>

enum colour { COLOUR_NOTICE, COLOUR_AMBER, COLOUR_RED, COLOURS };

static const char *const colour_names[COLOURS] = {
    [COLOUR_NOTICE] = "notice", [COLOUR_AMBER] = "amber", [COLOUR_RED] = "red"};

struct part {
    const struct gates *gates;
    struct arena *arena;
    json_t *reasons;
    struct civil from[COLOURS];
};

/* One reason for a colour, from a day until the day before another (CIVIL_NONE: for good). */
struct reason {
    enum colour colour;
    const char *code;
    struct civil from, until;
    const char *ja, *en;
    const char *entity, *entity_id;
    const char *audit_key; /* of an audit that is about to be stored */
};

static bool is_known(const struct part *part, const struct reason *reason)
{
    size_t i;
    json_t *known;
    json_array_foreach(part->reasons, i, known)
    {
        const char *code = json_string_value(json_object_get(known, "code"));
        const char *id = json_string_value(json_object_get(known, "entity_id"));
        if (strcmp(code, reason->code) == 0 && id && reason->entity_id &&
            strcmp(id, reason->entity_id) == 0)
            return true;
    }
    return false;
}

static void add_reason(struct part *part, const struct reason *reason)
{
    struct civil *from = &part->from[reason->colour];
    *from = civil_is_none(*from) ? reason->from : civil_earlier(*from, reason->from);
    const char *key = reason->audit_key;
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s?, s:s, s:s*}", "colour",
        colour_names[reason->colour], "code", reason->code, "text_ja", reason->ja,
        "text_en", reason->en, "entity", reason->entity, "entity_id", reason->entity_id,
        "certification_id", part->gates->plan->facts->certification.id, "audit_key",
        reason->entity_id ? NULL : key);
    json_set_date(json, "from", reason->from);
    json_set_date(json, "until", reason->until);
    json_array_append_new(part->reasons, json);
}

/* ---- gates ---- */

static void add_blocking(struct part *part, const struct gate *gate,
                         const struct gate_item *item)
{
    const struct gates *gates = part->gates;
    bool blocks =
        !civil_is_none(item->blocks_on) && (item->guard || !gate_item_done(gates, item));
    struct reason reason = {
        .colour = COLOUR_RED,
        .code = gate_code_name(item->code),
        .from = item->blocks_on,
        .until = CIVIL_NONE,
        .entity = item->entity,
        .entity_id = item->entity_id,
        .audit_key = item->entity_id || !gate->audit ? NULL : gate->audit->source_key,
    };
    if (!blocks || is_known(part, &reason))
        return;
    reason.ja =
        arena_printf(part->arena, "%sに進めません：%s", gate_title(gate->kind, true),
                     gate_item_what(part->arena, item, true));
    reason.en =
        arena_printf(part->arena, "%s is blocked: %s", gate_title(gate->kind, false),
                     gate_item_what(part->arena, item, false));
    add_reason(part, &reason);
}

static void add_gates(struct part *part)
{
    for (int kind = 0; kind < GATE_KINDS; kind++) {
        const struct gate *gate = &part->gates->gate[kind];
        for (int i = 0; i < gate->item_count; i++)
            add_blocking(part, gate, &gate->items[i]);
    }
}

/* ---- windows ---- */

static void add_window(struct part *part, const struct plan_audit *audit)
{
    struct civil last_days = civil_add_days(audit->window_end, 1 - HEALTH_AMBER_DAYS);
    struct reason reason = {
        .colour = COLOUR_AMBER,
        .code = "audit_not_booked_last_days",
        .from = last_days,
        .until = CIVIL_NONE,
        .ja = arena_printf(part->arena,
                           "%sの実施可能期間は残り30日を切りましたが、日程が未定です",
                           plan_audit_ja(audit)),
        .en = arena_printf(part->arena,
                           "The %s is in the last 30 days of its window and not booked",
                           plan_audit_en(audit)),
        .entity = "audit",
        .entity_id = audit->fact ? audit->fact->id : NULL,
        .audit_key = audit->source_key,
    };
    add_reason(part, &reason);
    if (!civil_before(audit->window_start, last_days))
        return;
    reason.colour = COLOUR_NOTICE;
    reason.code = "audit_not_booked";
    reason.from = audit->window_start;
    reason.until = last_days;
    reason.ja =
        arena_printf(part->arena, "%sの実施可能期間に入りましたが、日程が未定です",
                     plan_audit_ja(audit));
    reason.en =
        arena_printf(part->arena, "The window of the %s has begun and nothing is booked",
                     plan_audit_en(audit));
    add_reason(part, &reason);
}

static void add_windows(struct part *part)
{
    const struct plan *plan = part->gates->plan;
    for (int i = 0; i < plan->audit_count; i++) {
        const struct plan_audit *audit = &plan->audits[i];
        bool later = audit->cycle_no > plan_initial_cycle(plan->facts);
        if (!later && !plan_is_booked(audit) && !civil_is_none(audit->window_end) &&
            !civil_is_none(audit->window_start))
            add_window(part, audit);
    }
}

/* ---- the certificate ---- */

static void add_expiry(struct part *part)
{
    const struct plan_certification *c = &part->gates->plan->facts->certification;
    bool had = c->state == CERTIFICATION_CERTIFIED ||
               c->state == CERTIFICATION_SUSPENDED || c->state == CERTIFICATION_EXPIRED;
    struct reason reason = {
        .colour = COLOUR_RED,
        .code = "certificate_expired",
        .until = CIVIL_NONE,
        .ja = "登録証の有効期限が過ぎています",
        .en = "The certificate has expired",
        .entity = "certification",
        .entity_id = c->id,
    };
    if (!had || civil_is_none(c->expiry_date) || is_known(part, &reason))
        return;
    reason.from = civil_add_days(gate_end_of_validity(c), 1);
    add_reason(part, &reason);
}

/* ---- findings ---- */

static int open_findings(const struct plan_facts *facts, enum finding_grade grade)
{
    int open = 0;
    for (size_t i = 0; i < facts->finding_count; i++) {
        const struct finding_fact *finding = &facts->findings[i];
        bool closed = !civil_is_none(finding->closed_on) && grade == FINDING_MINOR;
        open += finding->grade == grade && civil_is_none(finding->verified_on) && !closed;
    }
    return open;
}

json_t *portfolio_part(const struct gates *gates)
{
    const struct plan_facts *facts = gates->plan->facts;
    struct part part = {
        .gates = gates, .arena = gates->plan->arena, .reasons = json_array()};
    for (int colour = 0; colour < COLOURS; colour++)
        part.from[colour] = CIVIL_NONE;
    if (facts->certification.state != CERTIFICATION_WITHDRAWN) {
        add_gates(&part);
        add_windows(&part);
        add_expiry(&part);
    }
    const struct gate *next = gates->next;
    json_t *json =
        json_pack("{s:s, s:s?, s:i, s:i, s:i, s:i, s:o}", "certification_id",
                  facts->certification.id, "gate", next ? gate_name(next->kind) : NULL,
                  "wanted", next ? next->wanted : 0, "done", next ? next->done : 0,
                  "majors", open_findings(facts, FINDING_MAJOR), "minors",
                  open_findings(facts, FINDING_MINOR), "reasons", part.reasons);
    json_set_date(json, "blocked_on", next ? next->blocked_on : CIVIL_NONE);
    json_set_date(json, "red_on", part.from[COLOUR_RED]);
    json_set_date(json, "amber_on", part.from[COLOUR_AMBER]);
    json_set_date(json, "notice_on", part.from[COLOUR_NOTICE]);
    return json;
}

/* ---- storing ---- */

const char *portfolio_derive_rows(struct arena *arena, const struct rows *rows,
                                  struct civil today)
{
    int count;
    const struct gates *gates = gates_of_rows(arena, rows, today, &count);
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(list, portfolio_part(&gates[i]));
    size_t size = json_dumpb(list, NULL, 0, JSON_COMPACT);
    char *text = arena_alloc(arena, size + 1);
    json_dumpb(list, text, size, JSON_COMPACT);
    json_decref(list);
    return text;
}

bool portfolio_derive(struct request *rq)
{
    request_set(rq, "portfolio",
                portfolio_derive_rows(rq->arena, request_rows(rq, "loadPlanFacts"),
                                      plan_today(rq)));
    return true;
}
