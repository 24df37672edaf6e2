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
        *booked; /* {stage1: {first, last}, stage2: ...} pin their tasks; may be NULL */
};

/* Tasks with baselines and the verdict {feasible, order_ok, made_on, begins_on, ends_on, earliest_certificate_on, problems, alternatives};
 * ret_target: the day of the certificate. Problems name the task that does not fit (step_in_past, booked_audit_too_early) or the order that
 * can not be (internal_audit_not_after_stage1, body_wants_internal_audit_before_stage1). False when no day within three years fits a start. */
bool back_plan_make(struct arena *arena, const struct back_plan_order *order,
                    json_t **ret_tasks, json_t **ret_made, struct civil *ret_target);

/* The tasks as a network. Ids that depends_on names and the plan has not are passed over. */
struct plan_network {
    json_t *tasks; /* borrowed */
    struct network_task *list;
    int *order, *indexes;
    int count, ordered;
    bool round; /* dependencies go round; order holds the `ordered` others */
};
void plan_network_read(struct arena *arena, json_t *tasks, struct plan_network *ret);
/* Pushes, counts slack, and writes days, slack_days and critical into the tasks. */
void plan_network_settle(const struct business_calendar *calendar,
                         struct plan_network *network, struct civil today);

/* A day of the body; none when absent or null. */
struct civil member_day(struct request *rq, const char *name);

/* Steps of the way in their order, ending with NULL; for templates that hang tasks on them. */
const char *back_plan_step(size_t index);

#endif
