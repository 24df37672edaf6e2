/* Judging the dates that a request gives for a certification. */
#ifndef MEGURI_SCHEDULING_CERTIFICATION_DATES_H
#define MEGURI_SCHEDULING_CERTIFICATION_DATES_H

#include "api/civil.h"
#include "api/request.h"

/* The body has this member, and it is not null. */
bool date_is_given(const struct request *rq, const char *name);
/* Refuses the member of that name, with a date as the limit; false. */
bool date_refuse(struct request *rq, const char *name, const char *code,
                 struct civil limit);
/* Something of this request was refused already. */
bool date_refused(const struct request *rq);

/* What has happened does not lie in the future. */
void certification_check_happened(struct request *rq);
/* Stages, recommendation, decision, effective date and expiry in their order, as they will stand (merged); the given member is blamed. */
void certification_check_order(struct request *rq, const json_t *merged);

#endif
