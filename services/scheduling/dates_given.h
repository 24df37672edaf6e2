/* Dates of a request's body, judged together with the row that they change. */
#ifndef MEGURI_SCHEDULING_DATES_GIVEN_H
#define MEGURI_SCHEDULING_DATES_GIVEN_H

#include "api/civil.h"
#include "api/request.h"

/* A date as it will stand: the body's, or the row's (first of rows, may be NULL) when the body does not name it; CIVIL_NONE when there is none. */
struct civil date_merged(const struct request *rq, const struct rows *rows,
                         const char *name);

/* False, and refused at the pointer with after_end, when the date lies after today. */
bool date_is_past(struct request *rq, struct civil date, const char *pointer);

#endif
