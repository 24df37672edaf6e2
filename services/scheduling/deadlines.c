/* Deadlines by hand: a derived one can be fulfilled and annotated, not moved; a client's user does no more than that with any. */
#include "operations.h"

#include "api/id.h"
#include "plan.h"

#include <string.h>

static bool is_client_user(const struct request *rq)
{
    return rq->caller.reach == REACH_CLIENT;
}

static bool deadline_new(struct request *rq)
{
    request_set(rq, "deadline_id", request_value(rq, "new_id", NULL));
    if (request_member(rq, "title_ja") || request_member(rq, "title_en"))
        return true;
    refuse_field(rq, "/title_ja", "required", NULL);
    return refuse_field(rq, "/title_en", "required", NULL);
}

/* Members that only the owner of a deadline of one's own may change. */
static bool fixed_members_untouched(struct request *rq, const struct rows *rows)
{
    static const char *const fixed[] = {"title_ja", "title_en", "due_on"};
    bool derived = strcmp(rows_text(rows, 0, "origin"), "derived") == 0;
    bool untouched = true;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        if ((derived || is_client_user(rq)) && request_member(rq, fixed[i]))
            untouched = refuse_field(rq, arena_printf(rq->arena, "/%s", fixed[i]),
                                     "not_allowed_here", NULL);
    }
    return untouched;
}

static bool fulfilled_date_fits(struct request *rq)
{
    const char *text = json_string_value(request_member(rq, "fulfilled_on"));
    struct civil date;
    if (!text || !civil_parse(text, &date) || !civil_before(plan_today(rq), date))
        return true;
    return refuse_field(rq, "/fulfilled_on", "after_end", "today");
}

/* Fulfilled has a date, today unless given; open has none. */
static void complete_status(struct request *rq, json_t *changes)
{
    const char *status = json_string_value(json_object_get(changes, "status"));
    const char *date = json_string_value(json_object_get(changes, "fulfilled_on"));
    if (!status && date)
        json_object_set_new(changes, "status", json_string("fulfilled"));
    if (status && strcmp(status, "fulfilled") == 0 && !date)
        json_object_set_new(changes, "fulfilled_on",
                            json_string(request_value(rq, "today", NULL)));
    if (status && strcmp(status, "open") == 0)
        json_object_set_new(changes, "fulfilled_on", json_null());
}

static bool deadline_change(struct request *rq)
{
    bool untouched = fixed_members_untouched(rq, request_rows(rq, "judgeDeadline"));
    if (!fulfilled_date_fits(rq) || !untouched)
        return false;
    json_t *changes = json_deep_copy(rq->body);
    complete_status(rq, changes);
    request_set_json(rq, "deadline_changes", changes);
    request_set(rq, "fulfilment_new_id", id_new(arena_alloc(rq->arena, ID_TEXT)));
    json_decref(changes);
    return true;
}

static bool deadline_deletable(struct request *rq)
{
    if (strcmp(rows_text(request_rows(rq, "judgeDeadline"), 0, "origin"), "manual") == 0)
        return true;
    return refuse(
        rq, PROBLEM_STATE_NOT_ALLOWED,
        "A rule derives this deadline; it goes when the facts behind it go.",
        "この期限は規則から導かれています。もとになる事実がなくなると取り下げられます。");
}

const struct step deadline_create_steps[] = {
    {.compute = deadline_new}, {.sql = "insertDeadline"}, {.sql = "getDeadline"}, {0}};
const struct step deadline_update_steps[] = {
    {.sql = "judgeDeadline"},
    {.compute = deadline_change},
    {.sql = "changeDeadline"},
    {.sql = "takeBackFulfilment", .optional = true},
    {.sql = "recordDeadlineFulfilled", .optional = true},
    {.sql = "getDeadline"},
    {0},
};
const struct step deadline_delete_steps[] = {{.sql = "judgeDeadline"},
                                             {.compute = deadline_deletable},
                                             {.sql = "removeDeadline"},
                                             {0}};
