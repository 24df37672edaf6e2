/* The state machine of a certification: a table of steps, each with the rule that judges it and says what is still missing. */
#include "services/scheduling/transition.h"

#include "api/text.h"
#include "services/scheduling/certifications.h"

#include <string.h>

/* ---- the table ---- */

static const struct edge {
    enum certification_state from, to;
    void (*judge)(struct move *move);
    enum { FOR_ALL, FOR_PMARK, FOR_ADDON } whom;
} edges[] = {
    {CERTIFICATION_PREPARING, CERTIFICATION_STAGE1_DONE, judge_stage1_done, FOR_ALL},
    {CERTIFICATION_PREPARING, CERTIFICATION_CERTIFIED, judge_granted, FOR_PMARK},
    {CERTIFICATION_PREPARING, CERTIFICATION_CERTIFIED, judge_addon_granted, FOR_ADDON},
    {CERTIFICATION_PREPARING, CERTIFICATION_WITHDRAWN, judge_withdrawn, FOR_ALL},
    {CERTIFICATION_STAGE1_DONE, CERTIFICATION_STAGE1_DONE, judge_stage1_done, FOR_ALL},
    {CERTIFICATION_STAGE1_DONE, CERTIFICATION_STAGE2_DONE, judge_stage2_done, FOR_ALL},
    {CERTIFICATION_STAGE1_DONE, CERTIFICATION_WITHDRAWN, judge_withdrawn, FOR_ALL},
    {CERTIFICATION_STAGE2_DONE, CERTIFICATION_STAGE2_DONE, judge_stage2_done, FOR_ALL},
    {CERTIFICATION_STAGE2_DONE, CERTIFICATION_RECOMMENDED, judge_recommended, FOR_ALL},
    {CERTIFICATION_STAGE2_DONE, CERTIFICATION_WITHDRAWN, judge_withdrawn, FOR_ALL},
    {CERTIFICATION_RECOMMENDED, CERTIFICATION_STAGE2_DONE, judge_stage2_done, FOR_ALL},
    {CERTIFICATION_RECOMMENDED, CERTIFICATION_CERTIFIED, judge_certified_first, FOR_ALL},
    {CERTIFICATION_RECOMMENDED, CERTIFICATION_WITHDRAWN, judge_withdrawn, FOR_ALL},
    {CERTIFICATION_CERTIFIED, CERTIFICATION_CERTIFIED, judge_recertified, FOR_ALL},
    {CERTIFICATION_CERTIFIED, CERTIFICATION_SUSPENDED, judge_suspended, FOR_ALL},
    {CERTIFICATION_CERTIFIED, CERTIFICATION_EXPIRED, judge_expired, FOR_ALL},
    {CERTIFICATION_CERTIFIED, CERTIFICATION_WITHDRAWN, judge_withdrawn, FOR_ALL},
    {CERTIFICATION_SUSPENDED, CERTIFICATION_CERTIFIED, judge_restored, FOR_ALL},
    {CERTIFICATION_SUSPENDED, CERTIFICATION_EXPIRED, judge_expired, FOR_ALL},
    {CERTIFICATION_SUSPENDED, CERTIFICATION_WITHDRAWN, judge_withdrawn, FOR_ALL},
    {CERTIFICATION_EXPIRED, CERTIFICATION_CERTIFIED, judge_recertified, FOR_ALL},
    {CERTIFICATION_EXPIRED, CERTIFICATION_STAGE1_DONE, judge_restart_stage1, FOR_ALL},
    {CERTIFICATION_EXPIRED, CERTIFICATION_STAGE2_DONE, judge_restart_stage2, FOR_ALL},
    {CERTIFICATION_EXPIRED, CERTIFICATION_WITHDRAWN, judge_withdrawn, FOR_ALL},
    {CERTIFICATION_WITHDRAWN, CERTIFICATION_PREPARING, judge_restart, FOR_ALL},
};

static bool edge_open(const struct edge *edge, const struct plan_certification *c)
{
    static const enum plan_scheme only[] = {
        [FOR_PMARK] = SCHEME_PMARK, [FOR_ADDON] = SCHEME_ADDON};
    return edge->from == c->state &&
           (edge->whom == FOR_ALL || only[edge->whom] == c->scheme);
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

static bool judge(struct move *move, enum certification_state to)
{
    const struct edge *edge = find_edge(move, to);
    if (!edge)
        return refuse_edge(move);
    if (!move_check_day(move))
        return false;
    edge->judge(move);
    return move_allowed(move);
}

bool transition_judge(struct request *rq)
{
    struct move move;
    enum certification_state to = CERTIFICATION_NONE;
    if (!move_load(rq, &move))
        return false;
    certification_state_parse(json_string_value(request_member(rq, "to")), &to);
    bool allowed = judge(&move, to);
    if (allowed) {
        addons_follow(&move, to);
        move_store(&move, certification_state_name(to));
    }
    move_free(&move);
    return allowed;
}
