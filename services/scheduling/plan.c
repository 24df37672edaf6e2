/* Deriving inside a request or a job: rows of facts in, JSON of audits and deadlines out. */
#include "services/scheduling/plan.h"

#include "api/clock.h"

#include <string.h>

void plan_derive_rows(struct arena *arena, const struct rows *rows, const char *today,
                      const char **ret_audits, const char **ret_deadlines)
{
    (void)arena;
    (void)rows;
    (void)today;
    *ret_audits = "[]";
    *ret_deadlines = "[]";
}

struct civil plan_today(const struct request *rq)
{
    char text[CLOCK_TEXT];
    struct civil today = CIVIL_NONE;
    civil_parse(clock_tokyo_date(rq->now_us, text), &today);
    return today;
}

static void free_json(void *json)
{
    json_decref(json);
}

/* One row's object, owned by the arena. */
static json_t *facts_json(struct arena *arena, const struct rows *rows, int row)
{
    json_t *json = json_loads(rows_text(rows, row, "facts"), 0, NULL);
    if (json)
        arena_defer(arena, free_json, json);
    return json;
}

bool plan_facts_of(struct request *rq, const char *certification_id,
                   struct plan_facts *ret_facts, const json_t **ret_json)
{
    const struct rows *rows = request_rows(rq, "loadPlanFacts");
    for (int i = 0; rows && i < rows_count(rows); i++) {
        const json_t *json = facts_json(rq->arena, rows, i);
        const json_t *id = json_object_get(json_object_get(json, "certification"), "id");
        if (!id || strcasecmp(json_string_value(id), certification_id) != 0)
            continue;
        plan_facts_read(rq->arena, json, plan_today(rq), ret_facts);
        if (ret_json)
            *ret_json = json;
        return true;
    }
    return false;
}

bool plan_derive(struct request *rq)
{
    const char *audits, *deadlines;
    char today[CLOCK_TEXT];
    plan_derive_rows(rq->arena, request_rows(rq, "loadPlanFacts"),
                     clock_tokyo_date(rq->now_us, today), &audits, &deadlines);
    request_set(rq, "plan_audits", audits);
    request_set(rq, "plan_deadlines", deadlines);
    return true;
}
