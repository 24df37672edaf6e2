/* Findings of external audits: their dates in order, nothing in the future, deadlines follow. */
#include "operations.h"

#include "booking.h"
#include "certifications.h"
#include "dates_given.h"
#include "plan.h"
#include "rules/findings.h"

#include <string.h>

/* ---- the order of the dates ---- */

enum finding_date {
    CORRECTION_DONE,
    ACTION_DUE,
    ACTION_DONE,
    PLAN_SUBMITTED,
    PLAN_ACCEPTED,
    EVIDENCE_SUBMITTED,
    VERIFIED,
    CLOSED,
    FINDING_DATES
};

#define AFTER(date) (1u << (date))

/* Each date and the ones that it does not come before; all but a due day lie in the past. */
static const struct {
    const char *name;
    unsigned after;
    bool may_lie_ahead;
} dates[FINDING_DATES] = {
    [CORRECTION_DONE] = {"correction_done_on", 0, false},
    [ACTION_DUE] = {"corrective_action_due_on", 0, true},
    [ACTION_DONE] = {"corrective_action_done_on", 0, false},
    [PLAN_SUBMITTED] = {"plan_submitted_on", 0, false},
    [PLAN_ACCEPTED] = {"plan_accepted_on", AFTER(PLAN_SUBMITTED), false},
    [EVIDENCE_SUBMITTED] = {"evidence_submitted_on", AFTER(PLAN_SUBMITTED), false},
    [VERIFIED] = {"verified_on",
                  AFTER(CORRECTION_DONE) | AFTER(ACTION_DONE) | AFTER(PLAN_SUBMITTED) |
                      AFTER(PLAN_ACCEPTED) | AFTER(EVIDENCE_SUBMITTED),
                  false},
    [CLOSED] = {"closed_on",
                AFTER(CORRECTION_DONE) | AFTER(ACTION_DONE) | AFTER(PLAN_SUBMITTED) |
                    AFTER(PLAN_ACCEPTED) | AFTER(EVIDENCE_SUBMITTED) | AFTER(VERIFIED),
                false},
};

struct finding_days {
    struct civil day[FINDING_DATES];
    bool given[FINDING_DATES];
    bool wrong[FINDING_DATES];
};

static void refuse_day(struct request *rq, struct finding_days *days, int date,
                       const char *code, struct civil limit)
{
    if (days->wrong[date])
        return;
    days->wrong[date] = true;
    refuse_field(rq, arena_printf(rq->arena, "/%s", dates[date].name), code,
                 civil_text(rq->arena, limit));
}

/* The given one of the two is blamed, the later one when both are. */
static void check_pair(struct request *rq, struct finding_days *days, int later,
                       int earlier)
{
    if (civil_is_none(days->day[earlier]) ||
        !civil_before(days->day[later], days->day[earlier]))
        return;
    if (days->given[later])
        refuse_day(rq, days, later, "before_start", days->day[earlier]);
    else if (days->given[earlier])
        refuse_day(rq, days, earlier, "after_end", days->day[later]);
}

static void check_day(struct request *rq, struct finding_days *days, int date,
                      struct civil audit)
{
    struct civil day = days->day[date];
    if (civil_is_none(day))
        return;
    if (days->given[date] && !dates[date].may_lie_ahead &&
        civil_before(plan_today(rq), day))
        refuse_day(rq, days, date, "after_end", plan_today(rq));
    if (days->given[date] && !civil_is_none(audit) && civil_before(day, audit))
        refuse_day(rq, days, date, "before_start", audit);
    for (int earlier = 0; earlier < FINDING_DATES; earlier++) {
        if (dates[date].after & AFTER(earlier))
            check_pair(rq, days, date, earlier);
    }
}

/* rows: of judgeFinding or judgeNewFinding. */
static bool dates_fit(struct request *rq, const struct rows *rows)
{
    struct finding_days days = {.wrong = {false}};
    bool fresh = strcmp(rq->operation->id, "createFinding") == 0;
    struct civil audit = CIVIL_NONE;
    const char *held = rows_text(rows, 0, "audit_day");
    if (held)
        civil_parse(held, &audit);
    for (int date = 0; date < FINDING_DATES; date++) {
        const json_t *value = request_member(rq, dates[date].name);
        days.given[date] = value && !json_is_null(value);
        days.day[date] = date_merged(rq, fresh ? NULL : rows, dates[date].name);
    }
    for (int date = 0; date < FINDING_DATES; date++)
        check_day(rq, &days, date, audit);
    return rq->problem.code == PROBLEM_NONE;
}

/* ---- judging ---- */

static bool name_references(struct request *rq)
{
    json_t *named = json_array();
    booking_name_one(named, rq->body, "audit", "", "audit_id");
    booking_name_one(named, rq->body, "department", "", "department_id");
    booking_name_one(named, rq->body, "person", "", "owner_person_id");
    request_set_json(rq, "named", named);
    json_decref(named);
    return true;
}

static bool finding_new(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeNewFinding");
    if (!booking_strangers(rq))
        return false;
    if (rows_count(rows) == 0) /* made in this very moment */
        return refuse_field(rq, "/audit_id", "not_found_reference", NULL);
    request_set(rq, "finding_certification", rows_text(rows, 0, "certification_id"));
    request_set(rq, "finding_id", request_value(rq, "new_id", NULL));
    request_set(rq, "starts_clock",
                finding_audit_starts_clock(rows_text(rows, 0, "kind")) ? "true"
                                                                       : "false");
    return dates_fit(rq, rows);
}

static bool finding_change(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeFinding");
    booking_strangers(rq);
    if (rows_text(rows, 0, "follow_up_fits")[0] == 'f')
        refuse_field(rq, "/follow_up_audit_id", "not_found_reference", NULL);
    return dates_fit(rq, rows);
}

const struct step finding_create_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeNewFinding", .optional = true},
    {.compute = name_references},
    {.sql = "findStrangers", .optional = true},
    {.compute = finding_new},
    {.sql = "insertFinding"},
    PLAN_STEPS,
    {.sql = "getFinding"},
    {0},
};
const struct step finding_update_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeFinding"},
    {.compute = name_references},
    {.sql = "findStrangers", .optional = true},
    {.compute = finding_change},
    {.sql = "changeFinding"},
    PLAN_STEPS,
    {.sql = "getFinding"},
    {0},
};
const struct step finding_delete_steps[] = {
    LOCK_PLAN,
    {.sql = "dropFindingDeadlines", .optional = true},
    {.sql = "removeFinding"},
    PLAN_STEPS,
    {0},
};
