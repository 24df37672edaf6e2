/* Deriving inside a request or a job: rows of facts in, JSON of audits and deadlines out. */
#include "services/scheduling/plan.h"

#include "api/clock.h"
#include "services/scheduling/plan_make.h"
#include "services/scheduling/plan_write.h"

#include <string.h>

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

bool plan_facts_at(struct request *rq, int row, struct plan_facts *ret_facts,
                   const json_t **ret_json)
{
    const struct rows *rows = request_rows(rq, "loadPlanFacts");
    if (!rows || row >= rows_count(rows))
        return false;
    const json_t *json = facts_json(rq->arena, rows, row);
    plan_facts_read(rq->arena, json, plan_today(rq), ret_facts);
    if (ret_json)
        *ret_json = json;
    return true;
}

bool plan_facts_of(struct request *rq, const char *certification_id,
                   struct plan_facts *ret_facts, const json_t **ret_json)
{
    struct plan_facts facts;
    const json_t *json;
    for (int i = 0; plan_facts_at(rq, i, &facts, &json); i++) {
        if (strcasecmp(facts.certification.id, certification_id) != 0)
            continue;
        *ret_facts = facts;
        if (ret_json)
            *ret_json = json;
        return true;
    }
    return false;
}

static const char *dump(struct arena *arena, json_t *list)
{
    size_t size = json_dumpb(list, NULL, 0, JSON_COMPACT);
    char *text = arena_alloc(arena, size + 1);
    json_dumpb(list, text, size, JSON_COMPACT);
    json_decref(list);
    return text;
}

void plan_derive_rows(struct arena *arena, const struct rows *rows, const char *today,
                      const char **ret_audits, const char **ret_deadlines)
{
    struct civil day = CIVIL_NONE;
    json_t *audits = json_array(), *deadlines = json_array();
    civil_parse(today, &day);
    for (int i = 0; rows && i < rows_count(rows); i++) {
        struct plan_facts *facts = arena_alloc(arena, sizeof *facts);
        struct plan *plan = arena_alloc(arena, sizeof *plan);
        plan_facts_read(arena, facts_json(arena, rows, i), day, facts);
        plan_make(arena, facts, plan);
        plan_write(plan, audits, deadlines);
    }
    *ret_audits = dump(arena, audits);
    *ret_deadlines = dump(arena, deadlines);
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
