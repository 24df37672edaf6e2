/* Clashes of bookings, named. */
#include "services/scheduling/booking.h"

#include "api/text.h"
#include "services/scheduling/audit_kinds.h"

#include <string.h>

/* ---- named objects ---- */

void booking_name(json_t *named, const json_t *list, const char *kind, const char *prefix,
                  const char *list_name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *pointer = json_sprintf("%s/%s/%d", prefix, list_name, (int)i);
        json_array_append_new(named,
                              json_pack("{s:o, s:s, s:O}", "pointer", pointer, "kind",
                                        kind, "id", json_array_get(list, i)));
    }
}

static const struct {
    const char *kind, *list;
} parties[] = {{"person", "people"}, {"auditor", "auditors"}, {"member", "members"}};

void booking_name_parties(json_t *named, const json_t *object, const char *prefix)
{
    for (size_t i = 0; i < sizeof parties / sizeof *parties; i++)
        booking_name(named, json_object_get(object, parties[i].list), parties[i].kind,
                     prefix, parties[i].list);
}

void booking_name_one(json_t *named, const json_t *object, const char *kind,
                      const char *prefix, const char *member)
{
    json_t *id = json_object_get(object, member);
    if (json_is_string(id))
        json_array_append_new(named, json_pack("{s:o, s:s, s:O}", "pointer",
                                               json_sprintf("%s/%s", prefix, member),
                                               "kind", kind, "id", id));
}

void booking_name_places(json_t *named, const json_t *object, const char *prefix)
{
    booking_name_one(named, object, "department", prefix, "department_id");
    booking_name_one(named, object, "site", prefix, "site_id");
    booking_name_one(named, object, "room", prefix, "room_id");
}

bool booking_strangers(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "findStrangers");
    for (int i = 0; i < rows_count(rows); i++)
        refuse_field(rq, rows_text(rows, i, "pointer"), "not_found_reference", NULL);
    return rows_count(rows) == 0;
}

/* ---- where in the body the clashing one stands ---- */

static const char *in_list(struct request *rq, const json_t *object, const char *prefix,
                           const char *list, const char *id)
{
    const json_t *ids = json_object_get(object, list);
    for (size_t i = 0; i < json_array_size(ids); i++) {
        if (strcasecmp(json_string_value(json_array_get(ids, i)), id) == 0)
            return arena_printf(rq->arena, "%s/%s/%d", prefix, list, (int)i);
    }
    return NULL;
}

static const char *in_object(struct request *rq, const json_t *object, const char *prefix,
                             const char *kind, const char *id)
{
    const char *member = arena_printf(rq->arena, "%s_id", kind);
    const char *value = json_string_value(json_object_get(object, member));
    if (value && strcasecmp(value, id) == 0)
        return arena_printf(rq->arena, "%s/%s", prefix, member);
    for (size_t i = 0; i < sizeof parties / sizeof *parties; i++) {
        if (strcmp(parties[i].kind, kind) == 0)
            return in_list(rq, object, prefix, parties[i].list, id);
    }
    return NULL;
}

/* Several slots at once: which of them it is, by the ids that they were given in :slots. */
static int slot_index(struct request *rq, const char *slot_id)
{
    const char *text = request_value(rq, "slots", NULL);
    json_auto_t *slots = text ? json_loads(text, 0, NULL) : NULL;
    for (size_t i = 0; slot_id && i < json_array_size(slots); i++) {
        const json_t *id = json_object_get(json_array_get(slots, i), "id");
        if (strcmp(json_string_value(id), slot_id) == 0)
            return (int)i;
    }
    return -1;
}

static const char *pointer_of(struct request *rq, const struct rows *rows, int row)
{
    const char *kind = rows_text(rows, row, "kind");
    const char *id = rows_text(rows, row, "resource_id");
    const json_t *slots = request_member(rq, "slots");
    const json_t *object = rq->body;
    const char *prefix = "";
    if (slots) {
        int index = slot_index(rq, rows_text(rows, row, "slot_id"));
        object = json_array_get(slots, (size_t)index);
        prefix = index < 0 ? "" : arena_printf(rq->arena, "/slots/%d", index);
    }
    const char *pointer = in_object(rq, object, prefix, kind, id);
    return pointer ? pointer : prefix;
}

/* ---- sentences ---- */

static void add_place(struct text *out, const struct rows *rows, int row, bool japanese)
{
    const struct audit_kind *kind = audit_kind_find(rows_text(rows, row, "audit_kind"));
    const char *client = rows_text(rows, row, "client_name");
    const char *topic = rows_text(rows, row, "topic");
    if (!kind || !client)
        return;
    if (japanese)
        text_addf(out, "（%s様の%s%s%s）", client, kind->ja, topic ? "、" : "",
                  topic ? topic : "");
    else
        text_addf(out, " (%s of %s%s%s)", kind->en, client, topic ? ", " : "",
                  topic ? topic : "");
}

static void add_clash(struct text *out, const struct rows *rows, int row, bool japanese)
{
    const char *name = rows_text(rows, row, "name"), *at = rows_text(rows, row, "at");
    bool absent = strcmp(rows_text(rows, row, "absent"), "t") == 0;
    if (out->len)
        text_adds(out, japanese ? "" : " ");
    if (japanese)
        text_addf(out, "%sは%s%s", name, at, absent ? "は不在です" : "に予約済みです");
    else
        text_addf(out, "%s is %s %s", name, absent ? "away" : "already booked", at);
    add_place(out, rows, row, japanese);
    text_adds(out, japanese ? "。" : ".");
}

/* "2026-01-19 10:00-11:00 audit=... slot=..."; only the time where the caller may not see whose it is. */
static const char *limit_of(struct request *rq, const struct rows *rows, int row)
{
    const char *at = rows_text(rows, row, "at");
    const char *audit = rows_text(rows, row, "audit_id");
    const char *slot = rows_text(rows, row, "other_slot_id");
    if (!audit)
        return at;
    return slot ? arena_printf(rq->arena, "%s audit=%s slot=%s", at, audit, slot)
                : arena_printf(rq->arena, "%s audit=%s", at, audit);
}

static bool same(const struct rows *rows, int one, int other, const char *column)
{
    const char *a = rows_text(rows, one, column), *b = rows_text(rows, other, column);
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Several slots that one absence or booking stands in the way of: one sentence. */
static bool told_before(const struct rows *rows, int row)
{
    static const char *const columns[] = {"resource_id", "at", "absent", "audit_id",
                                          "other_slot_id"};
    for (int i = 0; i < row; i++) {
        size_t equal = 0;
        while (equal < sizeof columns / sizeof *columns &&
               same(rows, i, row, columns[equal]))
            equal++;
        if (equal == sizeof columns / sizeof *columns)
            return true;
    }
    return false;
}

bool booking_judge(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "findClashes");
    struct text en _text_auto_ = {0};
    struct text ja _text_auto_ = {0};
    if (rows_count(rows) == 0)
        return true;
    for (int i = 0; i < rows_count(rows); i++) {
        if (told_before(rows, i))
            continue;
        add_clash(&en, rows, i, false);
        add_clash(&ja, rows, i, true);
    }
    refuse(rq, PROBLEM_CONFLICT, arena_strdup(rq->arena, en.data),
           arena_strdup(rq->arena, ja.data));
    for (int i = 0; i < rows_count(rows); i++)
        problem_add(rq->arena, &rq->problem, "body", pointer_of(rq, rows, i),
                    strcmp(rows_text(rows, i, "absent"), "t") == 0 ? "absent"
                                                                   : "double_booked",
                    limit_of(rq, rows, i));
    return false;
}
