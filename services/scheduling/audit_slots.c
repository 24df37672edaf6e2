/* Slots of an audit's plan: inside its days, at a place and time that fit together, with nobody booked twice. */
#include "services/scheduling/slots.h"

#include "api/civil.h"
#include "api/id.h"
#include "api/text.h"
#include "services/scheduling/booking.h"
#include "services/scheduling/certifications.h"
#include "services/scheduling/plan.h"

#include <string.h>

/* ---- one slot against its audit ---- */

/* One slot as it will stand: what the body says, else what is stored. */
struct slot {
    struct request *rq;
    const json_t *given;
    const struct rows *rows; /* of judgeSlot */
    const char *prefix;      /* of the pointers */
};

static const char *slot_text(const struct slot *slot, const char *name)
{
    const json_t *value = json_object_get(slot->given, name);
    return value ? json_string_value(value) : rows_text(slot->rows, 0, name);
}

static bool wrong(const struct slot *slot, const char *name, const char *code,
                  const char *limit)
{
    return refuse_field(slot->rq,
                        arena_printf(slot->rq->arena, "%s/%s", slot->prefix, name), code,
                        limit);
}

static bool day_fits(const struct slot *slot)
{
    const char *day = slot_text(slot, "day");
    const char *first = rows_text(slot->rows, 0, "planned_first_day");
    const char *last = rows_text(slot->rows, 0, "planned_last_day");
    struct civil date;
    if (!civil_parse(day, &date)) /* the contract lets no other text through */
        return wrong(slot, "day", "date_invalid", NULL);
    if (strcmp(first, day) <= 0 && strcmp(day, last) <= 0)
        return true;
    return wrong(slot, "day", "out_of_range",
                 arena_printf(slot->rq->arena, "%s/%s", first, last));
}

static bool times_fit(const struct slot *slot)
{
    const char *start = slot_text(slot, "start_time");
    if (strcmp(start, slot_text(slot, "end_time")) < 0)
        return true;
    return wrong(slot, "end_time", "before_start", start);
}

static bool subject_fits(const struct slot *slot)
{
    const char *kind = slot_text(slot, "kind");
    if (strcmp(kind, "department") == 0 && !slot_text(slot, "department_id"))
        return wrong(slot, "department_id", "required", NULL);
    if (strcmp(kind, "site_tour") == 0 && !slot_text(slot, "site_id") &&
        !slot_text(slot, "room_id"))
        return wrong(slot, "site_id", "required", NULL);
    return true;
}

static bool slot_fits(const struct slot *slot)
{
    bool day = day_fits(slot), times = times_fit(slot), subject = subject_fits(slot);
    return day && times && subject;
}

/* ---- the audit takes slots ---- */

bool slots_audit_open(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeSlot");
    if (strcmp(rows_text(rows, 0, "status"), "cancelled") == 0)
        return refuse(
            rq, PROBLEM_STATE_NOT_ALLOWED,
            "The audit is cancelled; set its status to planned first.",
            "この審査は取り消されています。先に状態を planned に戻してください。");
    if (!rows_text(rows, 0, "planned_first_day"))
        return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                      "The audit has no days yet; set planned_first_day and "
                      "planned_last_day first.",
                      "審査日が未定です。先に planned_first_day と planned_last_day "
                      "を設定してください。");
    return true;
}

static void set_named(struct request *rq, json_t *named)
{
    request_set_json(rq, "named", named);
    json_decref(named);
}

static void set_slots(struct request *rq, json_t *slots)
{
    request_set_json(rq, "slots", slots);
    json_decref(slots);
}

/* A new slot is looked for by no id yet. */
static bool slot_none(struct request *rq)
{
    request_set(rq, "slot_id", NULL);
    return true;
}

static bool slot_new(struct request *rq)
{
    const struct slot slot = {rq, rq->body, request_rows(rq, "judgeSlot"), ""};
    const char *id = request_value(rq, "new_id", NULL);
    if (!slots_audit_open(rq) || !slot_fits(&slot))
        return false;
    json_t *named = json_array(), *stored = json_deep_copy(rq->body);
    booking_name_parties(named, rq->body, "");
    booking_name_places(named, rq->body, "");
    json_object_set_new(stored, "id", json_string(id));
    set_named(rq, named);
    set_slots(rq, json_pack("[o]", stored));
    request_set(rq, "slot_id", id);
    return true;
}

static bool slot_change(struct request *rq)
{
    const struct slot slot = {rq, rq->body, request_rows(rq, "judgeSlot"), ""};
    if (!slots_audit_open(rq) || !slot_fits(&slot))
        return false;
    json_t *named = json_array();
    booking_name_parties(named, rq->body, "");
    booking_name_places(named, rq->body, "");
    set_named(rq, named);
    set_slots(rq, json_pack("[{s:s}]", "id", request_value(rq, "slot_id", NULL)));
    return true;
}

static bool slots_accept(struct request *rq)
{
    const json_t *given = request_member(rq, "slots");
    json_t *named = json_array(), *stored = json_array();
    bool fits = slots_audit_open(rq);
    for (size_t i = 0; fits && i < json_array_size(given); i++) {
        const char *prefix = arena_printf(rq->arena, "/slots/%d", (int)i);
        char id[ID_TEXT];
        json_t *copy = json_deep_copy(json_array_get(given, i));
        const struct slot slot = {rq, copy, request_rows(rq, "judgeSlot"), prefix};
        slot_fits(&slot);
        booking_name_parties(named, copy, prefix);
        booking_name_places(named, copy, prefix);
        json_object_set_new(copy, "id", json_string(id_new(id)));
        json_array_append_new(stored, copy);
    }
    set_named(rq, named);
    set_slots(rq, stored);
    return fits && rq->problem.code == PROBLEM_NONE;
}

/* ---- what only the stored rows tell ---- */

static bool slots_sound(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "findSlotFaults");
    json_auto_t *slots = json_loads(request_value(rq, "slots", NULL), 0, NULL);
    bool many = request_member(rq, "slots") != NULL;
    for (int row = 0; row < rows_count(rows); row++) {
        for (size_t i = 0; i < json_array_size(slots); i++) {
            const json_t *id = json_object_get(json_array_get(slots, i), "id");
            if (strcasecmp(json_string_value(id), rows_text(rows, row, "id")) == 0)
                refuse_field(rq,
                             many ? arena_printf(rq->arena, "/slots/%d/room_id", (int)i)
                                  : "/room_id",
                             "inconsistent", "site_id");
        }
    }
    return rq->problem.code == PROBLEM_NONE;
}

bool slots_inside(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "findSlotsOutside");
    struct text at _text_auto_ = {0};
    for (int i = 0; i < rows_count(rows); i++)
        text_addf(&at, "%s%s", i ? ", " : "", rows_text(rows, i, "at"));
    if (at.len == 0)
        return true;
    return refuse(
        rq, PROBLEM_STATE_NOT_ALLOWED,
        arena_printf(rq->arena,
                     "The plan has slots outside of these days: %s. Move or delete them "
                     "first.",
                     at.data),
        arena_printf(rq->arena,
                     "審査日の範囲外になる予定があります: "
                     "%s。先に移動または削除してください。",
                     at.data));
}

const struct step slot_create_steps[] = {
    LOCK_PLAN,
    {.compute = slot_none},
    {.sql = "judgeSlot"},
    {.compute = slot_new},
    STRANGER_STEPS,
    {.sql = "insertSlots"},
    {.sql = "findSlotFaults", .optional = true},
    {.compute = slots_sound},
    BOOKING_STEPS,
    {.sql = "touchAudit"},
    {.sql = "getAuditSlot"},
    {0},
};
const struct step slot_update_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeSlot"},
    {.compute = slot_change},
    STRANGER_STEPS,
    {.sql = "changeSlot"},
    {.sql = "findSlotFaults", .optional = true},
    {.compute = slots_sound},
    BOOKING_STEPS,
    {.sql = "touchAudit"},
    {.sql = "getAuditSlot"},
    {0},
};
const struct step slot_delete_steps[] = {
    LOCK_PLAN, {.sql = "removeSlot"}, {.sql = "touchAudit"}, {0}};
const struct step slot_accept_steps[] = {
    LOCK_PLAN,
    {.compute = slot_none},
    {.sql = "judgeSlot"},
    {.compute = slots_accept},
    STRANGER_STEPS,
    {.sql = "insertSlots"},
    {.sql = "findSlotFaults", .optional = true},
    {.compute = slots_sound},
    BOOKING_STEPS,
    {.sql = "touchAudit"},
    {.sql = "getAcceptedSlots"},
    {0},
};
