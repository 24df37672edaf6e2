/* The life of a change: open -> notified -> approved -> accepted_by_body -> done, or rejected, withdrawn, cancelled. */
#ifndef MEGURI_SCHEDULING_CHANGE_STEPS_H
#define MEGURI_SCHEDULING_CHANGE_STEPS_H

#include "api/request.h"
#include "services/scheduling/change_case.h"

/* {status: [status ...]}: where a change may go by PATCH; new reference. The step to `approved` is the approval's. */
json_t *change_steps_json(void);
bool change_may_be_approved(const char *status);

/* 409 that names the allowed ones; always false. */
bool change_refuse_step(struct request *rq, const char *from, const char *to);

/* :change_changes from the body of a creation or a merge patch, with the dates that follow from its step. */
bool change_create(struct request *rq);
bool change_step(struct request *rq);

/* If-Match against judgeChange. */
bool change_version_fits(struct request *rq);

/* From the row of loadAdviceFacts; false when there is none. */
bool change_ground_of(struct request *rq, struct change_ground *ret_ground);

/* :advice and :steps for the statements that show changes. */
bool change_show(struct request *rq);

/* change_approval.c: judges an approval and sets what its statements store; :change_audits anew when a change moved. */
bool change_approve(struct request *rq);
bool change_follow(struct request *rq);

#endif
