/* Inside of the state machine: one step while it is judged, and the rules that judge it. */
#ifndef MEGURI_SCHEDULING_TRANSITION_H
#define MEGURI_SCHEDULING_TRANSITION_H

#include "api/request.h"
#include "services/scheduling/plan_facts.h"

enum { MISSING_MOST = 12 };

struct move {
    struct request *rq;
    struct plan_facts facts;
    const json_t *row; /* the certification as stored */
    struct civil on;
    json_t *changes; /* columns that change */
    json_t *noted;   /* facts kept with the transition */
    const char *missing[MISSING_MOST];
    int missing_count;
};

/* transition_rules.c: helpers of the judges */
void move_miss(struct move *move, const char *name);
void move_set_date(struct move *move, const char *name, struct civil date);
void move_clear(struct move *move, const char *const *names); /* NULL-terminated */
struct civil move_body_date(const struct move *move, const char *name);
bool move_done_by(struct civil date, struct civil on);
void move_miss_findings(struct move *move); /* NC-01 */
void move_set_certificate(struct move *move, struct civil effective, struct civil expiry);
void move_start_cycle(struct move *move, int cycle, const char *type);
void move_set_gap(struct move *move, struct civil old_expiry);

/* Judges: each fills changes and what is missing; a wrong date is refused in the request. */
void judge_stage1_done(struct move *move);
void judge_stage2_done(struct move *move);
void judge_recommended(struct move *move);
void judge_granted(struct move *move);
void judge_certified_first(struct move *move);

/* transition_cycle.c */
void judge_recertified(struct move *move);
void judge_suspended(struct move *move);
void judge_restored(struct move *move);
void judge_expired(struct move *move);
void judge_withdrawn(struct move *move);
void judge_restart(struct move *move);
void judge_restart_stage1(struct move *move);
void judge_restart_stage2(struct move *move);

#endif
