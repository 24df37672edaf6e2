/* Checks of registers: what a statement finds wrong, and days that can not be. */
#include "checks.h"

#include "api/clock.h"

#include <ctype.h>
#include <string.h>

const char *register_statement(struct request *rq, const char *entity, const char *suffix)
{
    size_t len = 0, rest = strlen(suffix) + 1;
    char *name = arena_alloc(rq->arena, strlen(entity) + rest);
    for (const char *c = entity; *c; c++) {
        if (*c != '_')
            name[len++] = c > entity && c[-1] == '_' ? (char)toupper(*c) : *c;
    }
    memcpy(name + len, suffix, rest);
    return name;
}

static void refuse_row(struct request *rq, const struct rows *rows, int row)
{
    const char *pointer = rows_text(rows, row, "pointer");
    if (pointer)
        refuse_field(rq, pointer, rows_text(rows, row, "code"),
                     rows_text(rows, row, "limit"));
    else
        refuse(rq, PROBLEM_STATE_NOT_ALLOWED, rows_text(rows, row, "detail_en"),
               rows_text(rows, row, "detail_ja"));
}

bool register_judge(struct request *rq)
{
    const struct operation *operation = rq->operation;
    const struct rows *rows =
        request_rows(rq, arena_printf(rq->arena, "%sProblems", operation->id));
    if (!rows)
        rows = request_rows(rq, register_statement(rq, operation->entity, "Problems"));
    for (int i = 0; i < rows_count(rows); i++)
        refuse_row(rq, rows, i);
    return rows_count(rows) == 0;
}

bool register_past(struct request *rq)
{
    static const char *const facts[] = {
        "done_on",           "held_on",     "verified_on",  "corrected_on",
        "closed_on",         "measured_on", "reviewed_on",  "acquired_on",
        "attended_on",       "reported_on", "performed_on", "preliminary_reported_on",
        "final_reported_on", "judged_on"};
    static const char *const moments[] = {"occurred_at", "detected_at"};
    const char *today = request_value(rq, "today", NULL);
    bool past = true;
    int64_t at;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const char *day = json_string_value(request_member(rq, facts[i]));
        if (day && strcmp(day, today) > 0) /* both YYYY-MM-DD */
            past = refuse_field(rq, arena_printf(rq->arena, "/%s", facts[i]), "in_future",
                                today);
    }
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        const char *moment = json_string_value(request_member(rq, moments[i]));
        if (moment && clock_parse(moment, &at) && at > rq->now_us)
            past = refuse_field(rq, arena_printf(rq->arena, "/%s", moments[i]),
                                "in_future", today);
    }
    return past;
}

bool register_new(struct request *rq)
{
    request_set(rq, arena_printf(rq->arena, "%s_id", rq->operation->entity),
                request_value(rq, "new_id", NULL));
    return true;
}
