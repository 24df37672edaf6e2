/* Back-plans as JSON: making the tasks of one, and what a change of one task does to the others.
 *
 * A task is {id, code, title_ja, title_en, rule, owner_role, start_on, end_on, fixed, depends_on: [ids], done_on ...}, the days YYYY-MM-DD on
 * business days. */
#ifndef MEGURI_SCHEDULING_BACK_PLAN_H
#define MEGURI_SCHEDULING_BACK_PLAN_H

#include "api/app.h"
#include "services/scheduling/network.h"
#include "services/scheduling/policies.h"

#include <jansson.h>

struct back_plan_order {
    enum backplan_variant variant;
    struct civil today;
    struct civil target; /* none: on from start */
    struct civil start;  /* none: back from the target */
    struct policies policies;
    const json_t *own; /* tasks of a template; may be NULL */
    const json_t
        *without; /* codes of the steps that it leaves out or replaces; may be NULL */
    const json_t
        *booked; /* {stage1: {first, last}, stage2: ...} pin their tasks; may be NULL */
};

enum back_plan_result {
    BACK_PLAN_MADE,
    BACK_PLAN_TOO_LONG, /* no day within three years fits the start */
    BACK_PLAN_ROUND,    /* the template's tasks go round in this variant */
    BACK_PLAN_EMPTY     /* steps left out or without days, and no other tasks */
};

/* Tasks with baselines and the verdict {feasible, order_ok, made_on, begins_on, ends_on, earliest_certificate_on, problems, alternatives};
 * ret_target: the day of the certificate. Problems name the task that does not fit (step_in_past, booked_audit_too_early) or the order that
 * can not be (internal_audit_not_after_stage1, body_wants_internal_audit_before_stage1). With a template's tasks the days follow PLN-01 as long as
 * all steps are there; where it leaves some out, every task lies as late as what waits for it allows. */
enum back_plan_result back_plan_make(struct arena *arena,
                                     const struct back_plan_order *order,
                                     json_t **ret_tasks, json_t **ret_made,
                                     struct civil *ret_target);

struct business_calendar back_plan_calendar(const struct back_plan_order *order);

/* The task of a code; NULL when there is none. */
json_t *back_plan_task(const json_t *tasks, const char *code, size_t len);

/* Steps and a template's tasks with what they wait for. The steps have the days of the milestones, the others only their length. */
json_t *back_plan_tasks(const struct back_plan_order *order, const struct backplan *plan);

/* The tasks as a network. Ids that depends_on names and the plan has not are passed over. */
struct plan_network {
    json_t *tasks; /* borrowed */
    struct network_task *list;
    int *order, *indexes;
    int count, ordered;
    bool round; /* dependencies go round; order holds the `ordered` others */
};
void plan_network_read(struct arena *arena, json_t *tasks, struct plan_network *ret);
/* Pushes, counts slack, and writes days, slack_days, critical, earliest and latest days and total_float_days into the tasks. */
void plan_network_settle(const struct business_calendar *calendar,
                         struct plan_network *network, struct civil today);

/* Gives every task its days for the target of the facts, pins booked audits and settles. Nothing moves when the tasks go round (ret->round). */
void back_plan_lay(struct arena *arena, const struct back_plan_order *order,
                   const struct backplan_facts *facts, json_t *tasks,
                   struct plan_network *ret);

/* Whether the template's tasks go round with the steps. */
bool back_plan_is_round(struct arena *arena, const struct back_plan_order *order);
/* Whether the task of the code is in the circle or behind it. */
bool back_plan_is_in_circle(struct arena *arena, const struct back_plan_order *order,
                            const char *code);

/* The day on which the certificate is there: the end of that step, of everything where the plan has no such step. */
struct civil plan_network_certified(const struct plan_network *network);

/* A day of the body; none when absent or null. */
struct civil member_day(struct request *rq, const char *name);

/* Steps of the way in their order, ending with NULL; for templates that hang tasks on them or leave them out. */
const char *back_plan_step(size_t index);

#endif
