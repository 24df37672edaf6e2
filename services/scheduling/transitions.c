/* The state machine of a certification: a table of steps, each with the rule that judges it and says what is still missing. */
#include "services/scheduling/transition.h"

#include "api/id.h"
#include "api/text.h"
#include "services/scheduling/certifications.h"
#include "services/scheduling/plan.h"

#include <string.h>

static const struct {
    const char *name, *en, *ja;
} missing_texts[] = {
    {"scope", "the scope", "適用範囲"},
    {"risk_assessment", "the risk assessment", "リスクアセスメント"},
    {"soa", "the statement of applicability", "適用宣言書"},
    {"internal_audit_full_scope", "an internal audit of the whole scope",
     "全範囲の内部監査"},
    {"management_review", "a management review", "マネジメントレビュー"},
    {"majors_verified", "verification of every major nonconformity",
     "重大な不適合すべての検証"},
    {"minor_plans_accepted", "an accepted plan for every minor nonconformity",
     "軽微な不適合すべての是正処置計画の受理"},
    {"minors_closed", "closing of every minor nonconformity", "軽微な不適合すべての完了"},
    {"new_stage2", "a new stage 2 audit", "第二段階審査のやり直し"},
    {"expiry_passed", "the end of the validity", "有効期限の経過"},
    {"suspension_in_time", "a solution within the time limit of the suspension",
     "一時停止の期限内の解消"},
    {"certificate_in_force", "a certificate that has not expired", "有効期限内の登録証"},
};

/* ---- the table ---- */

static const struct edge {
    enum certification_state from, to;
    void (*judge)(struct move *move);
    bool pmark_only;
} edges[] = {
    {CERTIFICATION_PREPARING, CERTIFICATION_STAGE1_DONE, judge_stage1_done, false},
    {CERTIFICATION_PREPARING, CERTIFICATION_CERTIFIED, judge_granted, true},
    {CERTIFICATION_PREPARING, CERTIFICATION_WITHDRAWN, judge_withdrawn, false},
    {CERTIFICATION_STAGE1_DONE, CERTIFICATION_STAGE1_DONE, judge_stage1_done, false},
    {CERTIFICATION_STAGE1_DONE, CERTIFICATION_STAGE2_DONE, judge_stage2_done, false},
    {CERTIFICATION_STAGE1_DONE, CERTIFICATION_WITHDRAWN, judge_withdrawn, false},
    {CERTIFICATION_STAGE2_DONE, CERTIFICATION_STAGE2_DONE, judge_stage2_done, false},
    {CERTIFICATION_STAGE2_DONE, CERTIFICATION_RECOMMENDED, judge_recommended, false},
    {CERTIFICATION_STAGE2_DONE, CERTIFICATION_WITHDRAWN, judge_withdrawn, false},
    {CERTIFICATION_RECOMMENDED, CERTIFICATION_STAGE2_DONE, judge_stage2_done, false},
    {CERTIFICATION_RECOMMENDED, CERTIFICATION_CERTIFIED, judge_certified_first, false},
    {CERTIFICATION_RECOMMENDED, CERTIFICATION_WITHDRAWN, judge_withdrawn, false},
    {CERTIFICATION_CERTIFIED, CERTIFICATION_CERTIFIED, judge_recertified, false},
    {CERTIFICATION_CERTIFIED, CERTIFICATION_SUSPENDED, judge_suspended, false},
    {CERTIFICATION_CERTIFIED, CERTIFICATION_EXPIRED, judge_expired, false},
    {CERTIFICATION_CERTIFIED, CERTIFICATION_WITHDRAWN, judge_withdrawn, false},
    {CERTIFICATION_SUSPENDED, CERTIFICATION_CERTIFIED, judge_restored, false},
    {CERTIFICATION_SUSPENDED, CERTIFICATION_EXPIRED, judge_expired, false},
    {CERTIFICATION_SUSPENDED, CERTIFICATION_WITHDRAWN, judge_withdrawn, false},
    {CERTIFICATION_EXPIRED, CERTIFICATION_CERTIFIED, judge_recertified, false},
    {CERTIFICATION_EXPIRED, CERTIFICATION_STAGE1_DONE, judge_restart_stage1, false},
    {CERTIFICATION_EXPIRED, CERTIFICATION_STAGE2_DONE, judge_restart_stage2, false},
    {CERTIFICATION_EXPIRED, CERTIFICATION_WITHDRAWN, judge_withdrawn, false},
    {CERTIFICATION_WITHDRAWN, CERTIFICATION_PREPARING, judge_restart, false},
};

static bool edge_open(const struct edge *edge, const struct plan_certification *c)
{
    return edge->from == c->state && (!edge->pmark_only || c->scheme == SCHEME_PMARK);
}

static const struct edge *find_edge(const struct move *move, enum certification_state to)
{
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        if (edges[i].to == to && edge_open(&edges[i], &move->facts.certification))
            return &edges[i];
    }
    return NULL;
}

/* ---- refusing ---- */

static void name_next(const struct move *move, struct text *names)
{
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        if (edge_open(&edges[i], &move->facts.certification))
            text_addf(names, "%s%s", names->len ? ", " : "",
                      certification_state_name(edges[i].to));
    }
}

static bool refuse_edge(struct move *move)
{
    struct request *rq = move->rq;
    struct text names _text_auto_ = {0};
    name_next(move, &names);
    const char *from = certification_state_name(move->facts.certification.state);
    refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
           arena_printf(rq->arena, "From %s the next states are: %s.", from, names.data),
           arena_printf(rq->arena, "%s から移れる状態は %s です。", from, names.data));
    problem_add(rq->arena, &rq->problem, "body", "/to", "not_in_list", names.data);
    return false;
}

static const char *missing_text(const char *name, bool japanese)
{
    for (size_t i = 0; i < sizeof missing_texts / sizeof *missing_texts; i++) {
        if (strcmp(missing_texts[i].name, name) == 0)
            return japanese ? missing_texts[i].ja : missing_texts[i].en;
    }
    return name;
}

static bool refuse_missing(struct move *move)
{
    struct request *rq = move->rq;
    struct text en _text_auto_ = {0};
    struct text ja _text_auto_ = {0};
    for (int i = 0; i < move->missing_count; i++) {
        text_addf(&en, "%s%s", i ? ", " : "", missing_text(move->missing[i], false));
        text_addf(&ja, "%s%s", i ? "、" : "", missing_text(move->missing[i], true));
    }
    refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
           arena_printf(rq->arena, "Still missing: %s.", en.data),
           arena_printf(rq->arena, "次のものが足りません: %s。", ja.data));
    for (int i = 0; i < move->missing_count; i++)
        problem_add(rq->arena, &rq->problem, "body", "/to", "missing_fact",
                    move->missing[i]);
    return false;
}

/* The day from which a step from this state may lie: the one before it. */
static struct civil step_before(const struct plan_certification *c)
{
    switch (c->state) {
    case CERTIFICATION_STAGE1_DONE:
        return c->stage1_last_day;
    case CERTIFICATION_STAGE2_DONE:
        return c->stage2_last_day;
    case CERTIFICATION_RECOMMENDED:
        return c->recommended_on;
    case CERTIFICATION_CERTIFIED:
    case CERTIFICATION_EXPIRED:
        return c->decision_date;
    case CERTIFICATION_SUSPENDED:
        return c->suspended_on;
    case CERTIFICATION_WITHDRAWN:
        return c->withdrawn_on;
    default:
        return CIVIL_NONE;
    }
}

static bool check_day(const struct move *move)
{
    struct request *rq = move->rq;
    struct civil before = step_before(&move->facts.certification);
    if (civil_before(move->facts.today, move->on))
        return refuse_field(rq, "/on", "in_future",
                            civil_text(rq->arena, move->facts.today));
    if (!civil_is_none(before) && civil_before(move->on, before))
        return refuse_field(rq, "/on", "before_start", civil_text(rq->arena, before));
    return true;
}

static bool judge(struct move *move)
{
    enum certification_state to = CERTIFICATION_NONE;
    const char *name = json_string_value(request_member(move->rq, "to"));
    certification_state_parse(name, &to);
    const struct edge *edge = find_edge(move, to);
    if (!edge)
        return refuse_edge(move);
    if (!check_day(move))
        return false;
    edge->judge(move);
    if (move->missing_count > 0)
        return refuse_missing(move);
    return move->rq->problem.code == PROBLEM_NONE;
}

static void note_certificate(const struct move *move)
{
    static const char *const names[] = {"decision_date", "effective_date", "expiry_date",
                                        "cycle_no"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *value = json_object_get(move->changes, names[i]);
        if (value)
            json_object_set(move->noted, names[i], value);
    }
}

static void set_values(const struct move *move)
{
    struct request *rq = move->rq;
    json_object_set_new(move->changes, "state",
                        json_string(json_string_value(request_member(rq, "to"))));
    note_certificate(move);
    request_set(rq, "transition_id", id_new(arena_alloc(rq->arena, ID_TEXT)));
    request_set(rq, "from_state",
                certification_state_name(move->facts.certification.state));
    request_set(rq, "to_state", json_string_value(request_member(rq, "to")));
    request_set(rq, "on_date", civil_text(rq->arena, move->on));
    request_set_json(rq, "certification_changes", move->changes);
    request_set_json(rq, "transition_facts", move->noted);
}

bool transition_judge(struct request *rq)
{
    struct move move = {.rq = rq, .on = json_date(rq->body, "on")};
    const json_t *json;
    if (!plan_facts_of(rq, request_parameter(rq, "certification_id"), &move.facts, &json))
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    move.row = json_object_get(json, "certification");
    move.changes = json_object();
    move.noted = json_object();
    bool allowed = judge(&move);
    if (allowed)
        set_values(&move);
    json_decref(move.changes);
    json_decref(move.noted);
    return allowed;
}
