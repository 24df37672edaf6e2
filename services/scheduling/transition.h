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
    const char *pointer; /* member of the body that is blamed for what is missing */
    json_t *changes;     /* columns that change */
    json_t *noted;       /* facts kept with the transition */
    const char *missing[MISSING_MOST];
    int missing_count;
};

/* transition_move.c */

/* The certification of the path from the rows of loadPlanFacts and `on` of the body; false and refused with 404 when it is not there. To be
 * freed with move_free. */
bool move_load(struct request *rq, struct move *ret_move);
void move_free(struct move *move);
/* `on` is neither in the future nor before the step that came before. */
bool move_check_day(const struct move *move);
/* Nothing was refused and nothing is missing; otherwise refused: 409 naming every missing fact. */
bool move_allowed(struct move *move);
/* The names of what is missing; new reference. */
json_t *move_missing(const struct move *move);
/* :certification_changes with the new state, :transition_id, :from_state, :to_state, :on_date, :transition_facts */
void move_store(const struct move *move, const char *to);

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

/* addons.c (ADD-01, ADD-02) */
void judge_addon_granted(
    struct move *move); /* added at a surveillance or recertification audit of the ISMS */
/* Expiry of an add-on that is granted or renewed on the day: the ISMS's; misses isms_in_force. */
struct civil addon_expiry(struct move *move);
void addon_renew(struct move *move); /* an add-on that lagged behind its renewed ISMS */
void addon_miss_isms(struct move *move);
/* :addon_changes: what a step of an ISMS to that state brings to its add-ons. */
void addons_follow(const struct move *move, enum certification_state to);
/* :addon_changes: add-ons that a body has certified move with their ISMS to another one. */
void addons_transfer(const struct move *move, const char *from_body, const char *to_body);

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
