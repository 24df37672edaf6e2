/* What registers check before they write, said by a statement. */
#ifndef MEGURI_REGISTERS_CHECKS_H
#define MEGURI_REGISTERS_CHECKS_H

#include "api/app.h"

/* Days that tell what happened (done_on, held_on, verified_on ...) can not lie in the future: refuses each that does. */
bool register_past(struct request *rq);

/* Refuses what the statement before it found: <operationId>Problems, or else <entity>Problems. Each row has the columns pointer, code, limit
 * (a wrong field, 422; all are named) or, with pointer null, detail_en and detail_ja (409: the present state does not allow it). */
bool register_judge(struct request *rq);

/* First step of a creating operation of which later statements name the new row: :asset_id = :new_id (by x-entity). */
bool register_new(struct request *rq);

/* treatment_risk + "Problems" -> treatmentRiskProblems, in the request's arena. */
const char *register_statement(struct request *rq, const char *entity,
                               const char *suffix);

#endif
