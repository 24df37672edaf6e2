/* Dates of a certification as the body gives them, and as JSON. */
#include "services/scheduling/certification_dates.h"

#include "services/scheduling/certifications.h"
#include "services/scheduling/plan.h"
#include "services/scheduling/rules/period.h"
#include "services/scheduling/rules/pmark.h"

void json_set_date(json_t *object, const char *name, struct civil date)
{
    char text[CIVIL_TEXT_SIZE];
    if (civil_is_none(date)) {
        json_object_set_new(object, name, json_null());
        return;
    }
    civil_format(date, text);
    json_object_set_new(object, name, json_string(text));
}

const char *civil_text(struct arena *arena, struct civil date)
{
    char text[CIVIL_TEXT_SIZE];
    if (civil_is_none(date))
        return NULL;
    civil_format(date, text);
    return arena_strdup(arena, text);
}

bool date_is_given(const struct request *rq, const char *name)
{
    const json_t *value = request_member(rq, name);
    return value && !json_is_null(value);
}

bool date_refuse(struct request *rq, const char *name, const char *code,
                 struct civil limit)
{
    return refuse_field(rq, arena_printf(rq->arena, "/%s", name), code,
                        civil_text(rq->arena, limit));
}

bool date_refused(const struct request *rq)
{
    return rq->problem.code != PROBLEM_NONE;
}

/* ---- what has happened lies in the past ---- */

static const char *const happened[] = {"stage1_last_day",
                                       "stage2_last_day",
                                       "recommended_on",
                                       "decision_date",
                                       "original_certification_date",
                                       "scope_defined_on",
                                       "risk_assessment_done_on",
                                       "soa_approved_on",
                                       "internal_audit_done_on",
                                       "management_review_done_on",
                                       "accreditation_lost_on"};

void certification_check_happened(struct request *rq)
{
    struct civil today = plan_today(rq);
    for (size_t i = 0; i < sizeof happened / sizeof *happened; i++) {
        struct civil date = json_date(rq->body, happened[i]);
        if (!civil_is_none(date) && civil_before(today, date))
            date_refuse(rq, happened[i], "in_future", today);
    }
}

/* ---- the order of the dates; the given member is blamed ---- */

static const char *const ordered[] = {"stage1_last_day", "stage2_last_day",
                                      "recommended_on",  "decision_date",
                                      "effective_date",  "expiry_date"};
enum { ORDERED = sizeof ordered / sizeof *ordered };

static void blame(struct request *rq, int earlier, int later, struct civil first,
                  struct civil second)
{
    if (date_is_given(rq, ordered[later]))
        date_refuse(rq, ordered[later], "before_start", first);
    else
        date_refuse(rq, ordered[earlier], "after_end", second);
}

void certification_check_order(struct request *rq, const json_t *merged)
{
    int last = -1;
    struct civil before = CIVIL_NONE;
    for (int i = 0; i < ORDERED; i++) {
        struct civil date = json_date(merged, ordered[i]);
        if (civil_is_none(date))
            continue;
        bool given = date_is_given(rq, ordered[i]) ||
                     (last >= 0 && date_is_given(rq, ordered[last]));
        if (last >= 0 && given && civil_before(date, before))
            blame(rq, last, i, before, date);
        last = i;
        before = date;
    }
}

struct civil certification_first_expiry(const struct plan_facts *facts,
                                        struct civil decision)
{
    if (facts->certification.scheme == SCHEME_PMARK)
        return pmark_term_of(decision).expiry;
    return period_first_expiry(decision,
                               (enum civil_convention)facts->policies.expiry_convention);
}
