/* Steps of the operations on certifications. */
#ifndef MEGURI_SCHEDULING_CERTIFICATIONS_H
#define MEGURI_SCHEDULING_CERTIFICATIONS_H

#include "api/app.h"
#include "services/scheduling/plan_facts.h"

/* certifications.c */
bool certification_new(
    struct request *
        rq); /* :certification, and :transition_* when an existing certificate is entered */
bool certification_change(
    struct request
        *rq); /* :certification_changes from the merge patch and what follows from it */
bool certification_deletable(struct request *rq);

/* transitions.c */
bool transition_judge(
    struct request
        *rq); /* :certification_changes and :transition_*, or what is missing */

/* policies_effective.c */
bool policies_answer(struct request *rq);

/* A date as the database reads it, into a JSON object; CIVIL_NONE is null. */
void json_set_date(json_t *object, const char *name, struct civil date);
/* In the arena, for request_set and limits of field errors. */
const char *civil_text(struct arena *arena, struct civil date);

/* CAL-03, PMK-01: the expiry of the first period that begins with a decision. */
struct civil certification_first_expiry(const struct plan_facts *facts,
                                        struct civil decision);

#endif
