/* When persons and rooms are free, and the kinds of audits by all their names. */
#include "services/scheduling/slots.h"

#include "api/business_day.h"
#include "services/scheduling/audit_kinds.h"
#include "services/scheduling/booking.h"
#include "services/scheduling/certifications.h"

#include <string.h>

enum { MOST_DAYS = 92 };

static json_t *open_days(struct arena *arena, struct civil first, struct civil last)
{
    const struct business_calendar calendar = {.year_end_closed = true};
    json_t *days = json_array();
    for (struct civil day = first; civil_compare(day, last) <= 0;
         day = civil_add_days(day, 1)) {
        if (!business_day_is_closed(&calendar, day))
            json_array_append_new(days, json_string(civil_text(arena, day)));
    }
    return days;
}

static const char *text_or(const struct request *rq, const char *name,
                           const char *fallback)
{
    const char *text = json_string_value(request_member(rq, name));
    return text ? text : fallback;
}

static bool question_fits(struct request *rq)
{
    struct civil first = json_date(rq->body, "first_day");
    struct civil last = json_date(rq->body, "last_day");
    const char *open = text_or(rq, "start_time", "09:30");
    const char *close = text_or(rq, "end_time", "17:30");
    if (civil_before(last, first))
        refuse_field(rq, "/last_day", "before_start", civil_text(rq->arena, first));
    else if (civil_days_between(first, last) >= MOST_DAYS)
        refuse_field(rq, "/last_day", "after_end",
                     civil_text(rq->arena, civil_add_days(first, MOST_DAYS - 1)));
    if (strcmp(open, close) >= 0)
        refuse_field(rq, "/end_time", "before_start", open);
    return rq->problem.code == PROBLEM_NONE;
}

static bool availability_ask(struct request *rq)
{
    json_t *named = json_array();
    booking_name_parties(named, rq->body, "");
    booking_name(named, request_member(rq, "rooms"), "room", "", "rooms");
    bool nobody = json_array_size(named) == 0;
    request_set_json(rq, "named", named);
    json_decref(named);
    if (nobody)
        return refuse_field(rq, "", "no_variant_matches", NULL);
    if (!question_fits(rq))
        return false;
    json_t *days = open_days(rq->arena, json_date(rq->body, "first_day"),
                             json_date(rq->body, "last_day"));
    const json_t *minutes = request_member(rq, "minutes");
    request_set_json(rq, "open_days", days);
    json_decref(days);
    request_set(rq, "client_id", NULL);
    request_set(rq, "open_time", text_or(rq, "start_time", "09:30"));
    request_set(rq, "close_time", text_or(rq, "end_time", "17:30"));
    request_set_int(rq, "wanted_minutes", minutes ? json_integer_value(minutes) : 60);
    return true;
}

const struct step availability_steps[] = {
    {.compute = availability_ask}, STRANGER_STEPS, {.sql = "findFreeTimes"}, {0}};

/* ---- kinds of audits ---- */

static json_t *kind_json(const struct audit_kind *kind)
{
    json_t *words = json_array();
    for (const char *const *word = kind->words; *word; word++)
        json_array_append_new(words, json_string(*word));
    return json_pack("{s:s, s:s, s:s, s:o, s:b, s:b}", "kind", kind->name, "name_ja",
                     kind->ja, "name_en", kind->en, "also_called", words, "external",
                     kind->external, "in_cycle", kind->in_cycle);
}

static bool kinds_answer(struct request *rq)
{
    const char *search = request_parameter(rq, "search");
    const struct audit_kind *kind;
    json_t *list = json_array();
    for (size_t i = 0; (kind = audit_kind_at(i)); i++) {
        if (!search || audit_kind_is_called(kind, search))
            json_array_append_new(list, kind_json(kind));
    }
    request_reply_json(rq, json_pack("{s:o}", "data", list));
    return true;
}

const struct step audit_kind_steps[] = {{.compute = kinds_answer}, {0}};
