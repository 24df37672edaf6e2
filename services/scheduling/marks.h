/* What may be claimed and where a mark may be shown (MRK-01..04, ADD-01): the facts of one day, read once and judged for every place. */
#ifndef MEGURI_SCHEDULING_MARKS_H
#define MEGURI_SCHEDULING_MARKS_H

#include "api/app.h"
#include "services/scheduling/rules/claims.h"

#include <jansson.h>

/* The row of loadMarkFacts. */
struct mark_ground {
    struct request *rq;
    struct civil day;
    const char *client_id, *day_text;
    const json_t *scope; /* version in force that day; NULL: the live flags decide */
    const json_t *sites, *departments, *certifications;
};

bool mark_ground_of(struct request *rq, struct mark_ground *ret_ground);

/* Who shows it; NULL = not named. */
struct mark_place {
    const char *site_id, *department_id, *staff_kind;
};

enum mark_inside { MARK_INSIDE, MARK_OUTSIDE, MARK_CONTRADICTED };

/* MRK-02. Contradicted: the version in force today and the live flag say different things. */
enum mark_inside mark_inside(const struct mark_ground *ground,
                             const struct mark_place *place);
/* The row of a site or department; NULL when it is none of the client's. */
const json_t *mark_find(const json_t *list, const char *id);

enum mark_reason {
    REASON_NOT_YET,
    REASON_PASSED_ONLY,
    REASON_CERTIFIED,
    REASON_NOT_EFFECTIVE,
    REASON_EXPIRED,
    REASON_SUSPENDED,
    REASON_WITHDRAWN,
    REASON_OUT_OF_SCOPE,
    REASON_CONTRADICTED,
    REASON_STAFF_OUTSIDE,
    REASON_MARK,
    REASON_SYMBOL_ALONE,
    REASON_ON_PRODUCT,
    REASON_ISMS_MISSING,
    REASON_NO_CERTIFICATION,
    MARK_REASONS
};

/* Appends {rule, text} in the language of the request. */
void mark_say(const struct mark_ground *ground, json_t *list, enum mark_reason reason);
void mark_say_place(const struct mark_ground *ground, json_t *list,
                    const struct mark_place *place, enum mark_inside inside);

/* One certification on that day, as if everything were inside its scope. */
struct mark_claim {
    const json_t *row;
    struct claims_facts facts;
    struct claims_verdict verdict;
    bool isms_missing; /* ADD-01: an add-on without the ISMS certification in force */
};

void mark_claim_read(const struct mark_ground *ground, const json_t *row,
                     struct mark_claim *ret);
/* {certification_id, scheme, state, days, what may be said and shown at such a place, reasons}; new reference. */
json_t *mark_claim_json(const struct mark_ground *ground, const struct mark_claim *claim,
                        const struct mark_place *place);
void mark_say_state(const struct mark_ground *ground, json_t *list,
                    const struct mark_claim *claim);

/* Steps: getClaims, getMarkRights, the uses of marks. */
extern const struct step claims_steps[], mark_rights_steps[], mark_use_list_steps[],
    mark_use_get_steps[], mark_use_create_steps[], mark_use_update_steps[],
    mark_use_delete_steps[];

#endif
