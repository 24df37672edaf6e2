/* Rows of a register that fall due, as the JSON that storeRegisterDeadlines reads. */
#include "deadlines.h"

#include "api/business_day.h"
#include "api/civil.h"
#include "api/id.h"
#include "checks.h"

#include <assert.h>
#include <string.h>

/* What is measured falls due with its objective. */
static const char *select_name(struct request *rq)
{
    const char *entity = rq->operation->entity;
    if (strcmp(entity, "measurement") == 0)
        entity = "objective";
    return register_statement(rq, entity, "Deadlines");
}

static void set_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static void set_days(json_t *object, const char *raw,
                     const struct business_calendar *calendar)
{
    char text[CIVIL_TEXT_SIZE];
    struct civil day;
    set_text(object, "raw_on", raw);
    if (!raw || !civil_parse(raw, &day))
        return;
    civil_format(business_day_roll(calendar, day, BUSINESS_ROLL_PREV), text);
    json_object_set_new(object, "due_on", json_string(text));
}

/* What the register says, and that the day was rolled back from a closed one (CAL-04). */
static json_t *why_json(const char *given, const struct business_calendar *calendar)
{
    json_t *why = given ? json_loads(given, 0, NULL) : NULL;
    static const char *const members[] = {"inputs", "policy"};
    if (!why)
        why = json_object();
    if (!json_is_array(json_object_get(why, "rules")))
        json_object_set_new(why, "rules", json_array());
    json_array_append_new(json_object_get(why, "rules"), json_string("CAL-04"));
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (!json_is_object(json_object_get(why, members[i])))
            json_object_set_new(why, members[i], json_object());
    json_object_set_new(json_object_get(why, "policy"), "year_end_closed",
                        json_boolean(calendar->year_end_closed));
    return why;
}

static json_t *deadline(const struct rows *rows, int row,
                        const struct business_calendar *calendar)
{
    static const char *const same[] = {"client_id", "source_key", "kind", "title_ja",
                                       "title_en",  "hardness",   "rule", "fulfilled_on"};
    char id[ID_TEXT];
    json_t *object = json_pack("{s:s}", "id", id_new(id));
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        set_text(object, same[i], rows_text(rows, row, same[i]));
    set_days(object, rows_text(rows, row, "raw_on"), calendar);
    json_object_set_new(object, "why", why_json(rows_text(rows, row, "why"), calendar));
    return object;
}

bool register_deadlines(struct request *rq)
{
    const struct rows *rows = request_rows(rq, select_name(rq));
    if (!rows) /* of many at once */
        rows =
            request_rows(rq, register_statement(rq, rq->operation->entity, "sDeadlines"));
    const struct rows *policy = request_rows(rq, "loadYearEnd");
    const struct business_calendar calendar = {
        .year_end_closed = *rows_text(policy, 0, "year_end_closed") == 't'};
    json_t *list = json_array();
    assert(rows);
    for (int i = 0; i < rows_count(rows); i++)
        json_array_append_new(list, deadline(rows, i, &calendar));
    request_set_json(rq, "register_deadlines", list);
    json_decref(list);
    return true;
}
