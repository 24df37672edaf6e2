/* The places that show a mark, each with its verdict on a day (MRK-01..04). */
#include "services/scheduling/marks.h"
#include "services/scheduling/version.h"

#include <string.h>

struct use {
    const char *id, *certification_id, *place, *mark;
    struct mark_place where;
    const char *since, *removed_on;
};

static struct use use_of(const struct rows *rows, int row)
{
    return (struct use){
        .id = rows_text(rows, row, "id"),
        .certification_id = rows_text(rows, row, "certification_id"),
        .place = rows_text(rows, row, "place"),
        .mark = rows_text(rows, row, "mark"),
        .where = {.site_id = rows_text(rows, row, "site_id"),
                  .department_id = rows_text(rows, row, "department_id"),
                  .staff_kind = rows_text(rows, row, "staff_kind")},
        .since = rows_text(rows, row, "since"),
        .removed_on = rows_text(rows, row, "removed_on"),
    };
}

/* Days as the database writes them compare as text. */
static bool is_shown(const struct mark_ground *ground, const struct use *use)
{
    return (!use->since || strcmp(use->since, ground->day_text) <= 0) &&
           (!use->removed_on || strcmp(ground->day_text, use->removed_on) < 0);
}

/* MRK-04, whatever the certification. */
static bool is_proper(const struct mark_ground *ground, const struct use *use,
                      json_t *list)
{
    static const char *const things[] = {"product", "packaging", "test_report"};
    bool words = strcmp(use->mark, "text_claim") == 0;
    bool proper = strcmp(use->mark, "accreditation_symbol") != 0;
    if (!proper)
        mark_say(ground, list, REASON_SYMBOL_ALONE);
    for (size_t i = 0; !words && i < sizeof things / sizeof *things; i++) {
        if (strcmp(use->place, things[i]) == 0) {
            mark_say(ground, list, REASON_ON_PRODUCT);
            proper = false;
        }
    }
    return proper;
}

static bool is_in_force(const struct mark_claim *claim)
{
    return claim->verdict.may_claim_certified && !claim->isms_missing;
}

/* The certification that carries the mark: the named one, else one in force, else the first. */
static bool find_claim(const struct mark_ground *ground, const struct use *use,
                       struct mark_claim *ret)
{
    bool found = false;
    for (size_t i = 0; i < json_array_size(ground->certifications); i++) {
        const json_t *row = json_array_get(ground->certifications, i);
        const char *id = json_string_value(json_object_get(row, "certification_id"));
        struct mark_claim claim;
        if (use->certification_id && strcmp(id, use->certification_id) != 0)
            continue;
        mark_claim_read(ground, row, &claim);
        if (!found || (!is_in_force(ret) && is_in_force(&claim)))
            *ret = claim;
        found = true;
    }
    return found;
}

static bool is_allowed(const struct mark_ground *ground, const struct use *use,
                       json_t *list)
{
    struct mark_claim claim;
    enum mark_inside inside = mark_inside(ground, &use->where);
    if (!find_claim(ground, use, &claim)) {
        mark_say(ground, list, REASON_NO_CERTIFICATION);
        return false;
    }
    mark_say_state(ground, list, &claim);
    mark_say_place(ground, list, &use->where, inside);
    bool proper = is_proper(ground, use, list);
    return proper && is_in_force(&claim) && inside == MARK_INSIDE;
}

static json_t *verdict(const struct mark_ground *ground, const struct use *use)
{
    json_t *list = json_array();
    bool shown = is_shown(ground, use), allowed = is_allowed(ground, use, list);
    return json_pack("{s:s, s:b, s:b, s:b, s:o}", "on", ground->day_text, "shown", shown,
                     "allowed", allowed, "must_remove", shown && !allowed, "reasons",
                     list);
}

/* :verdicts, a map by use. */
static bool judge_uses(struct request *rq)
{
    struct mark_ground ground;
    const struct rows *uses = request_rows(rq, "loadMarkUses");
    json_t *map = json_object();
    if (mark_ground_of(rq, &ground)) {
        for (int i = 0; i < rows_count(uses); i++) {
            const struct use use = use_of(uses, i);
            json_object_set_new(map, use.id, verdict(&ground, &use));
        }
    }
    request_set_json(rq, "verdicts", map);
    json_decref(map);
    return true;
}

/* Reading a list names no use, and a written one is judged today. */
static bool any_use(struct request *rq)
{
    request_set(rq, "mark_use_id", NULL);
    return true;
}

static bool new_use(struct request *rq)
{
    request_set(rq, "mark_use_id", request_value(rq, "new_id", NULL));
    request_set(rq, "on", NULL);
    return true;
}

static bool changed_use(struct request *rq)
{
    request_set(rq, "on", NULL);
    return version_fits(rq, rows_text(request_rows(rq, "loadMarkUses"), 0, "version"));
}

#define JUDGED                                                                           \
    {.sql = "loadMarkFacts"}, {.sql = "loadMarkUses"},                                   \
    {                                                                                    \
        .compute = judge_uses                                                            \
    }

const struct step mark_use_list_steps[] = {
    {.compute = any_use},
    {.sql = "loadMarkFacts"},
    {.sql = "loadMarkUses", .optional = true},
    {.compute = judge_uses},
    {.sql = "listMarkUses"},
    {0},
};
const struct step mark_use_get_steps[] = {JUDGED, {.sql = "readMarkUse"}, {0}};
const struct step mark_use_create_steps[] = {
    {.sql = "insertMarkUse"}, {.compute = new_use}, JUDGED, {.sql = "readMarkUse"}, {0},
};
const struct step mark_use_delete_steps[] = {
    {.sql = "loadMarkUses"}, {.compute = changed_use}, {.sql = "deleteMarkUse"}, {0}};
const struct step mark_use_update_steps[] = {
    {.sql = "loadMarkUses"},  {.compute = changed_use},
    {.sql = "changeMarkUse"}, JUDGED,
    {.sql = "readMarkUse"},   {0},
};
