/* When somebody can not take part: whole days, or the same hours of each day. */
#include "services/scheduling/slots.h"

#include "api/civil.h"

#include <string.h>

/* A member as it will stand. */
static const char *merged(const struct request *rq, const struct rows *rows,
                          const char *name)
{
    const json_t *given = request_member(rq, name);
    if (given)
        return json_string_value(given);
    return rows ? rows_text(rows, 0, name) : NULL;
}

static bool period_fits(struct request *rq, const struct rows *rows)
{
    const char *first = merged(rq, rows, "first_day");
    const char *last = merged(rq, rows, "last_day");
    const char *start = merged(rq, rows, "start_time");
    const char *end = merged(rq, rows, "end_time");
    if (last && strcmp(last, first) < 0)
        refuse_field(rq, "/last_day", "before_start", first);
    if (start && !end)
        refuse_field(rq, "/end_time", "required_with", "start_time");
    if (end && !start)
        refuse_field(rq, "/start_time", "required_with", "end_time");
    if (start && end && strcmp(start, end) >= 0)
        refuse_field(rq, "/end_time", "before_start", start);
    return rq->problem.code == PROBLEM_NONE;
}

static const char *const parties[] = {"auditor_id", "member_id", "person_id"};

static bool absence_new(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeAbsentee");
    const char *given = NULL;
    int count = 0;
    for (size_t i = 0; i < sizeof parties / sizeof *parties; i++) {
        if (!json_is_string(request_member(rq, parties[i])))
            continue;
        given = parties[i];
        count++;
    }
    if (count != 1)
        return refuse_field(rq, "", "no_variant_matches", NULL);
    if (rows_count(rows) == 0)
        return refuse_field(rq, arena_printf(rq->arena, "/%s", given),
                            "not_found_reference", NULL);
    request_set(rq, "absentee_client", rows_text(rows, 0, "client_id"));
    return period_fits(rq, NULL);
}

static bool absence_change(struct request *rq)
{
    return period_fits(rq, request_rows(rq, "judgeAbsence"));
}

const struct step absence_create_steps[] = {
    {.sql = "judgeAbsentee", .optional = true},
    {.compute = absence_new},
    {.sql = "insertAbsence"},
    {0},
};
const struct step absence_update_steps[] = {
    {.sql = "judgeAbsence"},
    {.compute = absence_change},
    {.sql = "changeAbsence"},
    {0},
};
