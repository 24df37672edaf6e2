/* The invitation to an audit as an iCalendar request or cancellation (RFC 5546): what a person opens and his calendar keeps. */
#include "operations.h"

#include "ical.h"

#include <stdlib.h>
#include <string.h>

static struct civil day_of(const struct rows *rows, const char *name)
{
    struct civil day = CIVIL_NONE;
    const char *text = rows_text(rows, 0, name);
    if (text)
        civil_parse(text, &day);
    return day;
}

static bool is_cancelled(const struct rows *rows)
{
    return strcmp(rows_text(rows, 0, "status"), "cancelled") == 0;
}

static enum ical_status status_of(const struct rows *rows)
{
    const char *status = rows_text(rows, 0, "status");
    bool agreed = strcmp(status, "confirmed") == 0 || strcmp(status, "held") == 0 ||
                  strcmp(status, "reported") == 0;
    if (is_cancelled(rows))
        return ICAL_CANCELLED;
    return agreed ? ICAL_CONFIRMED : ICAL_TENTATIVE;
}

static struct ical_person person_of(const json_t *person)
{
    return (struct ical_person){
        .email = json_string_value(json_object_get(person, "email")),
        .name = json_string_value(json_object_get(person, "name")),
        .optional = json_is_true(json_object_get(person, "optional")),
    };
}

/* The organizer stands first when there is one. Returns how many follow. */
static size_t people_of(struct arena *arena, const json_t *list,
                        struct ical_person *ret_organizer, struct ical_person **ret_rest)
{
    size_t count = json_array_size(list);
    bool sent = json_is_true(json_object_get(json_array_get(list, 0), "organizer"));
    struct ical_person *people = arena_alloc(arena, (count + 1) * sizeof *people);
    for (size_t i = 0; i < count; i++)
        people[i] = person_of(json_array_get(list, i));
    if (sent)
        *ret_organizer = people[0];
    *ret_rest = people + sent;
    return count - sent;
}

static void describe(struct text *out, const struct rows *rows)
{
    bool japanese = strcmp(rows_text(rows, 0, "locale"), "ja") == 0;
    const char *body = rows_text(rows, 0, "body_name"),
               *plan = rows_text(rows, 0, "plan");
    text_addf(out, "%s: %s", japanese ? "組織" : "Organization",
              rows_text(rows, 0, "client_name"));
    if (body)
        text_addf(out, "\n%s: %s", japanese ? "認証機関" : "Certification body", body);
    if (plan)
        text_addf(out, "\n\n%s\n%s", japanese ? "審査計画" : "Plan", plan);
}

/* The days of the audit, or the hours of one slot of its plan. */
static void set_when(struct ical_event *event, const struct rows *rows)
{
    bool held = rows_text(rows, 0, "held_first_day") != NULL;
    event->first_day = day_of(rows, held ? "held_first_day" : "planned_first_day");
    event->last_day = day_of(rows, held ? "held_last_day" : "planned_last_day");
    if (!rows_text(rows, 0, "starts_us"))
        return;
    event->first_day = CIVIL_NONE;
    event->start_us = strtoll(rows_text(rows, 0, "starts_us"), NULL, 10);
    event->end_us = strtoll(rows_text(rows, 0, "ends_us"), NULL, 10);
}

static void write_event(struct ical *ical, struct arena *arena, const struct rows *rows,
                        const json_t *people)
{
    struct ical_person organizer = {0}, *attendees;
    struct text description _text_auto_ = {0};
    describe(&description, rows);
    struct ical_event event = {
        .uid = arena_printf(arena, "%s@meguri", rows_text(rows, 0, "item_id")),
        .changed_us = strtoll(rows_text(rows, 0, "changed_us"), NULL, 10),
        .sequence = (int)strtol(rows_text(rows, 0, "sequence"), NULL, 10),
        .status = status_of(rows),
        .transparent = is_cancelled(rows),
        .summary = arena_printf(arena, "%s %s", rows_text(rows, 0, "client_name"),
                                rows_text(rows, 0, "title")),
        .description = description.data,
        .location = rows_text(rows, 0, "item_location"),
        .organizer = &organizer,
        .attendee_count = people_of(arena, people, &organizer, &attendees),
    };
    event.attendees = attendees;
    if (organizer.name)
        organizer.name = arena_printf(arena, "%s (%s)", organizer.name,
                                      rows_text(rows, 0, "consultancy_name"));
    set_when(&event, rows);
    ical_event(ical, &event);
}

static bool invitation_dated(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadInvitation");
    if (rows_text(rows, 0, "planned_first_day") || rows_text(rows, 0, "held_first_day"))
        return true;
    return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                  "The audit has no dates yet. Set planned_first_day first.",
                  "審査の日程がまだ決まっていません。先に planned_first_day "
                  "を設定してください。");
}

static bool invitation_write(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadInvitation");
    bool cancelled = is_cancelled(rows);
    const char *text = rows_text(rows, 0, "people");
    json_auto_t *people = text ? json_loads(text, 0, NULL) : NULL;
    struct text body = {0};
    struct ical ical = ical_begin(
        &body, &(struct ical_calendar){.method = cancelled ? ICAL_CANCEL : ICAL_REQUEST});
    write_event(&ical, rq->arena, rows, people);
    ical_end(&ical);
    request_reply_header(rq, "Content-Disposition",
                         "attachment; filename=\"invitation.ics\"");
    request_reply_text(rq,
                       cancelled ? "text/calendar; charset=utf-8; method=CANCEL"
                                 : "text/calendar; charset=utf-8; method=REQUEST",
                       &body);
    return true;
}

const struct step invitation_steps[] = {{.sql = "loadInvitation"},
                                        {.compute = invitation_dated},
                                        {.compute = invitation_write},
                                        {0}};
