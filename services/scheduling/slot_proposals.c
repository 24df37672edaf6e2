/* A proposal of an audit's plan: opening, top management, documents, every department in scope, tours, closing; spread over business hours with
 * nobody in two places. What is planned already stays and is planned around. */
#include "services/scheduling/slots.h"

#include "services/scheduling/certifications.h"
#include "services/scheduling/plan.h"
#include "services/scheduling/slot_plan.h"
#include "services/scheduling/slot_wants.h"

#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static int int_of(const json_t *object, const char *name)
{
    return (int)json_number_value(json_object_get(object, name));
}

/* ---- rooms ---- */

/* One row per placed slot: which room it got. */
struct rooming {
    const struct proposal *proposal;
    const struct slot_place *places;
    const char **rooms; /* by want */
};

static bool taken_by_plan(const struct rooming *rooming, const char *room, size_t one)
{
    const struct slot_place *place = &rooming->places[one];
    for (size_t i = 0; i < one; i++) {
        const struct slot_place *other = &rooming->places[i];
        if (rooming->rooms[i] && strcmp(rooming->rooms[i], room) == 0 &&
            other->day == place->day && other->from < place->to &&
            place->from < other->to)
            return true;
    }
    return false;
}

static bool taken_before(const struct rooming *rooming, const char *room,
                         const struct slot_place *place)
{
    const json_t *entry;
    size_t i;
    json_array_foreach(json_object_get(rooming->proposal->facts, "busy"), i, entry)
    {
        int from = int_of(entry, "from"), to = from + int_of(entry, "minutes");
        if (strcmp(text_of(entry, "id"), room) == 0 && from < place->to &&
            place->from < to &&
            slot_wants_day(rooming->proposal, int_of(entry, "day")) == place->day)
            return true;
    }
    return false;
}

static int participants(const struct proposal *proposal, size_t i)
{
    const struct slot_want *want = &proposal->wants[i];
    int auditors = want->auditors == SLOT_ALL_AUDITORS ? proposal->auditor_count : 1;
    return auditors + (int)want->people_count;
}

/* The smallest free room that holds everybody; a tour needs none. */
static const char *find_room(const struct rooming *rooming, size_t i)
{
    const json_t *room;
    size_t k;
    if (rooming->proposal->subjects[i].site_id)
        return NULL;
    json_array_foreach(json_object_get(rooming->proposal->facts, "rooms"), k, room)
    {
        const json_t *capacity = json_object_get(room, "capacity");
        const char *id = text_of(room, "id");
        bool holds = !json_is_integer(capacity) ||
                     int_of(room, "capacity") >= participants(rooming->proposal, i);
        if (holds && !taken_by_plan(rooming, id, i) &&
            !taken_before(rooming, id, &rooming->places[i]))
            return id;
    }
    return NULL;
}

static void find_rooms(struct rooming *rooming)
{
    for (size_t i = 0; i < rooming->proposal->want_count; i++)
        rooming->rooms[i] = rooming->places[i].placed ? find_room(rooming, i) : NULL;
}

/* ---- answer ---- */

static json_t *time_json(int minutes)
{
    return json_sprintf("%02d:%02d", minutes / 60, minutes % 60);
}

static void list_party(const struct proposal *proposal, json_t *slot, int number)
{
    const char *kind = proposal->kinds[number];
    json_t *list = json_object_get(slot, strcmp(kind, "auditor") == 0  ? "auditors"
                                         : strcmp(kind, "member") == 0 ? "members"
                                                                       : "people");
    json_array_append_new(list, json_string(proposal->ids[number]));
}

static json_t *subject_json(const struct proposal *proposal, size_t i)
{
    const struct slot_subject *subject = &proposal->subjects[i];
    bool japanese = proposal->rq->language == LANGUAGE_JA;
    return json_pack("{s:s, s:s?, s:s?, s:s?}", "kind", subject->kind, "topic",
                     japanese ? subject->topic_ja : subject->topic_en, "department_id",
                     subject->department_id, "site_id", subject->site_id);
}

static json_t *slot_json(const struct rooming *rooming, size_t i)
{
    const struct proposal *proposal = rooming->proposal;
    const struct slot_place *place = &rooming->places[i];
    const struct slot_want *slot = &proposal->wants[i];
    json_t *json = subject_json(proposal, i);
    json_set_date(json, "day", proposal->days[place->day]);
    json_object_set_new(json, "start_time", time_json(place->from));
    json_object_set_new(json, "end_time", time_json(place->to));
    json_object_set_new(json, "room_id",
                        rooming->rooms[i] ? json_string(rooming->rooms[i]) : json_null());
    json_object_set_new(json, "remote", json_false());
    json_object_set_new(json, "people", json_array());
    json_object_set_new(json, "auditors", json_array());
    json_object_set_new(json, "members", json_array());
    for (int auditor = 0; auditor < proposal->auditor_count; auditor++) {
        if (slot->auditors == SLOT_ALL_AUDITORS || place->auditor == auditor)
            list_party(proposal, json, auditor);
    }
    for (size_t k = 0; k < slot->people_count; k++)
        list_party(proposal, json, slot->people[k]);
    return json;
}

/* The earliest placed slot that is not listed yet; want_count when there is none. */
static size_t next_slot(const struct rooming *rooming, const bool *listed)
{
    size_t best = rooming->proposal->want_count;
    for (size_t i = 0; i < rooming->proposal->want_count; i++) {
        const struct slot_place *place = &rooming->places[i];
        const struct slot_place *first = &rooming->places[best];
        if (!place->placed || listed[i])
            continue;
        if (best == rooming->proposal->want_count || place->day < first->day ||
            (place->day == first->day && place->from < first->from))
            best = i;
    }
    return best;
}

static json_t *answer(const struct rooming *rooming)
{
    const struct proposal *proposal = rooming->proposal;
    json_t *slots = json_array(), *unplaced = json_array(), *days = json_array();
    bool *listed = arena_alloc(proposal->rq->arena, proposal->want_count + 1);
    for (int i = 0; i < proposal->day_count; i++)
        json_array_append_new(
            days, json_string(civil_text(proposal->rq->arena, proposal->days[i])));
    for (size_t i; (i = next_slot(rooming, listed)) < proposal->want_count;) {
        listed[i] = true;
        json_array_append_new(slots, slot_json(rooming, i));
    }
    for (size_t i = 0; i < proposal->want_count; i++) {
        if (!rooming->places[i].placed)
            json_array_append_new(unplaced, subject_json(proposal, i));
    }
    return json_pack("{s:o, s:o, s:o}", "days", days, "slots", slots, "unplaced",
                     unplaced);
}

static int minutes_of(struct request *rq, const char *name, int fallback)
{
    const char *text = json_string_value(request_member(rq, name));
    if (!text)
        return fallback;
    return (int)strtol(text, NULL, 10) * 60 + (int)strtol(text + 3, NULL, 10);
}

static void free_json(void *json)
{
    json_decref(json);
}

static bool slots_propose(struct request *rq)
{
    struct proposal *proposal = arena_alloc(rq->arena, sizeof *proposal);
    const struct rows *rows = request_rows(rq, "loadProposalFacts");
    json_t *facts = json_loads(rows_text(rows, 0, "facts"), 0, NULL);
    int open = minutes_of(rq, "start_time", 9 * 60 + 30);
    int close = minutes_of(rq, "end_time", 17 * 60 + 30);
    if (close <= open) {
        json_decref(facts);
        return refuse_field(rq, "/end_time", "before_start", "start_time");
    }
    arena_defer(rq->arena, free_json, facts);
    proposal->rq = rq;
    proposal->facts = facts;
    slot_wants_find(proposal);
    const struct slot_question question = {
        .day_count = proposal->day_count,
        .open = open,
        .close = close,
        .lunch_from = 12 * 60,
        .lunch_to = 13 * 60,
        .auditor_count = proposal->auditor_count,
        .busy = proposal->busy,
        .busy_count = proposal->busy_count,
        .wants = proposal->wants,
        .want_count = proposal->want_count,
    };
    struct slot_place *places =
        arena_alloc(rq->arena, (proposal->want_count + 1) * sizeof *places);
    slot_plan(&question, places);
    struct rooming rooming = {
        proposal, places,
        arena_alloc(rq->arena, (proposal->want_count + 1) * sizeof(char *))};
    find_rooms(&rooming);
    request_reply_json(rq, answer(&rooming));
    return true;
}

static bool slot_none(struct request *rq)
{
    request_set(rq, "slot_id", NULL);
    return true;
}

const struct step slot_propose_steps[] = {
    {.compute = slot_none},        {.sql = "judgeSlot"},
    {.compute = slots_audit_open}, {.sql = "loadProposalFacts"},
    {.compute = slots_propose},    {0},
};
