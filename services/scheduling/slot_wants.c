/* Who is to be heard, what is to be seen, and who is taken when. */
#include "services/scheduling/slot_wants.h"

#include "api/business_day.h"
#include "services/scheduling/certifications.h"

#include <string.h>

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* ---- who ---- */

static int number_of(const struct proposal *proposal, const char *id)
{
    for (int i = 0; id && i < proposal->id_count; i++) {
        if (strcmp(proposal->ids[i], id) == 0)
            return i;
    }
    return -1;
}

static int add_id(struct proposal *proposal, const char *id, const char *kind)
{
    int known = number_of(proposal, id);
    if (known >= 0 || proposal->id_count == PROPOSAL_MOST_PEOPLE)
        return known;
    proposal->ids[proposal->id_count] = id;
    proposal->kinds[proposal->id_count] = kind;
    return proposal->id_count++;
}

static bool is_auditing(const char *role)
{
    return strcmp(role, "lead_auditor") == 0 || strcmp(role, "auditor") == 0 ||
           strcmp(role, "technical_expert") == 0;
}

static void add_top(struct proposal *proposal, int number)
{
    if (number >= proposal->auditor_count)
        proposal->top_people[proposal->top_count++] = number;
}

static void number_people(struct proposal *proposal)
{
    const json_t *team = json_object_get(proposal->facts, "team"), *member, *id;
    size_t i;
    json_array_foreach(team, i, member)
    {
        if (is_auditing(text_of(member, "role")))
            add_id(proposal, text_of(member, "id"), text_of(member, "kind"));
    }
    proposal->auditor_count = proposal->id_count;
    json_array_foreach(json_object_get(proposal->facts, "top_management"), i, id)
    {
        add_top(proposal, add_id(proposal, json_string_value(id), "person"));
    }
    json_array_foreach(team, i, member)
    {
        if (!is_auditing(text_of(member, "role")) &&
            !json_is_true(json_object_get(member, "partial")))
            add_top(proposal,
                    add_id(proposal, text_of(member, "id"), text_of(member, "kind")));
    }
}

/* ---- when ---- */

/* Open days of the audit; when all of them are closed, all of them: somebody wanted it so. */
static void find_days(struct proposal *proposal)
{
    const struct business_calendar calendar = {.year_end_closed = true};
    struct civil first = json_date(proposal->facts, "first");
    struct civil last = json_date(proposal->facts, "last");
    for (int closed = 0; closed < 2 && proposal->day_count == 0; closed++) {
        for (struct civil day = first;
             civil_compare(day, last) <= 0 && proposal->day_count < SLOT_MOST_DAYS;
             day = civil_add_days(day, 1)) {
            if (closed || !business_day_is_closed(&calendar, day))
                proposal->days[proposal->day_count++] = day;
        }
    }
}

int slot_wants_day(const struct proposal *proposal, int offset)
{
    struct civil day = civil_add_days(json_date(proposal->facts, "first"), offset);
    for (int i = 0; i < proposal->day_count; i++) {
        if (civil_same(proposal->days[i], day))
            return i;
    }
    return -1;
}

static int int_of(const json_t *object, const char *name)
{
    return (int)json_number_value(json_object_get(object, name));
}

/* A booking of several days is one entry per day. */
static void add_busy(struct proposal *proposal, const json_t *entry)
{
    int who = number_of(proposal, text_of(entry, "id"));
    int day = int_of(entry, "day"), from = int_of(entry, "from");
    for (int left = int_of(entry, "minutes"); left > 0; day++) {
        int to = from + left < DAY_MINUTES ? from + left : DAY_MINUTES;
        int index = slot_wants_day(proposal, day);
        if (who >= 0 && index >= 0)
            proposal->busy[proposal->busy_count++] =
                (struct slot_busy){.who = who, .day = index, .from = from, .to = to};
        left -= to - from;
        from = 0;
    }
}

static void find_busy(struct proposal *proposal)
{
    const json_t *list = json_object_get(proposal->facts, "busy"), *entry;
    size_t i, most = json_array_size(list) * (SLOT_MOST_DAYS + 1) + 1;
    proposal->busy = arena_alloc(proposal->rq->arena, most * sizeof *proposal->busy);
    json_array_foreach(list, i, entry)
    {
        if (int_of(entry, "day") + int_of(entry, "minutes") / DAY_MINUTES >= 0 &&
            int_of(entry, "minutes") <= SLOT_MOST_DAYS * DAY_MINUTES)
            add_busy(proposal, entry);
    }
}

/* ---- what ---- */

static bool is_planned(const struct proposal *proposal,
                       const struct slot_subject *subject)
{
    const json_t *slot;
    size_t i;
    json_array_foreach(json_object_get(proposal->facts, "planned"), i, slot)
    {
        const char *department = text_of(slot, "department_id");
        const char *site = text_of(slot, "site_id");
        if (strcmp(text_of(slot, "kind"), subject->kind) == 0 &&
            (!subject->department_id ||
             (department && strcmp(department, subject->department_id) == 0)) &&
            (!subject->site_id || (site && strcmp(site, subject->site_id) == 0)))
            return true;
    }
    return false;
}

static void want(struct proposal *proposal, const struct slot_want *slot,
                 const struct slot_subject *subject)
{
    if (proposal->want_count == SLOT_MOST_WANTS || is_planned(proposal, subject))
        return;
    proposal->subjects[proposal->want_count] = *subject;
    proposal->wants[proposal->want_count++] = *slot;
}

static void want_meeting(struct proposal *proposal, int minutes, int least,
                         enum slot_order order, const struct slot_subject *subject)
{
    const struct slot_want slot = {minutes,
                                   minutes,
                                   least,
                                   SLOT_ALL_AUDITORS,
                                   order,
                                   proposal->top_people,
                                   proposal->top_count};
    want(proposal, &slot, subject);
}

static bool is_kind(const struct proposal *proposal, const char *kind)
{
    return strcmp(text_of(proposal->facts, "kind"), kind) == 0;
}

static void want_top_management(struct proposal *proposal)
{
    const struct slot_want slot = {
        90, 60, 45, SLOT_LEAD, SLOT_BETWEEN, proposal->top_people, proposal->top_count};
    const struct slot_subject subject = {.kind = "top_management_interview",
                                         .topic_ja = "トップマネジメントのインタビュー",
                                         .topic_en = "Interview of top management"};
    if (!is_kind(proposal, "follow_up") && !is_kind(proposal, "scope_reduction"))
        want(proposal, &slot, &subject);
}

/* Stage 1 reads; the later audits look at the records of what was done since. */
static void want_documents(struct proposal *proposal)
{
    bool stage1 = is_kind(proposal, "stage1") || is_kind(proposal, "pre_audit");
    const struct slot_want slot = {stage1 ? 300 : 120,
                                   stage1 ? 180 : 60,
                                   stage1 ? 90 : 30,
                                   SLOT_LEAD,
                                   SLOT_BETWEEN,
                                   NULL,
                                   0};
    const struct slot_subject subject = {
        .kind = "document_review",
        .topic_ja = stage1 ? "文書審査（適用範囲、リスクアセスメント、適用宣言書）"
                           : "前回の指摘、内部監査、マネジメントレビューの確認",
        .topic_en = stage1 ? "Documents: scope, risk assessment, applicability"
                           : "Earlier findings, internal audit, management review"};
    want(proposal, &slot, &subject);
}

static void want_departments(struct proposal *proposal)
{
    const json_t *given = request_member(proposal->rq, "department_minutes"), *entry;
    int minutes = given ? (int)json_integer_value(given) : 60;
    size_t i;
    json_array_foreach(json_object_get(proposal->facts, "departments"), i, entry)
    {
        struct slot_want slot = {given ? minutes : 120,
                                 minutes,
                                 minutes < 30 ? minutes : 30,
                                 SLOT_ANY_AUDITOR,
                                 SLOT_BETWEEN,
                                 NULL,
                                 0};
        int person = text_of(entry, "person")
                         ? add_id(proposal, text_of(entry, "person"), "person")
                         : -1;
        if (person >= proposal->auditor_count) {
            slot.people = arena_dup(proposal->rq->arena, &person, sizeof person);
            slot.people_count = 1;
        }
        const struct slot_subject subject = {.kind = "department",
                                             .topic_ja = text_of(entry, "name"),
                                             .topic_en = text_of(entry, "name"),
                                             .department_id = text_of(entry, "id")};
        want(proposal, &slot, &subject);
    }
}

static void want_tours(struct proposal *proposal)
{
    const struct slot_want slot = {60, 45, 30, SLOT_ANY_AUDITOR, SLOT_BETWEEN, NULL, 0};
    const json_t *entry;
    size_t i;
    json_array_foreach(json_object_get(proposal->facts, "sites"), i, entry)
    {
        const struct slot_subject subject = {.kind = "site_tour",
                                             .topic_ja = text_of(entry, "name"),
                                             .topic_en = text_of(entry, "name"),
                                             .site_id = text_of(entry, "id")};
        want(proposal, &slot, &subject);
    }
}

static void find_wants(struct proposal *proposal)
{
    static const struct slot_subject opening = {"opening_meeting", "初回会議",
                                                "Opening meeting", NULL, NULL};
    static const struct slot_subject meeting = {"auditor_meeting", "審査員打合せ",
                                                "Auditors' meeting", NULL, NULL};
    static const struct slot_subject closing = {"closing_meeting", "最終会議",
                                                "Closing meeting", NULL, NULL};
    const struct slot_want conferring = {30,        30,   15, SLOT_ALL_AUDITORS,
                                         SLOT_LATE, NULL, 0};
    want_meeting(proposal, 30, 30, SLOT_FIRST, &opening);
    want_top_management(proposal);
    want_documents(proposal);
    if (!is_kind(proposal, "follow_up"))
        want_departments(proposal);
    if (!is_kind(proposal, "follow_up"))
        want_tours(proposal);
    want(proposal, &conferring, &meeting);
    want_meeting(proposal, 30, 30, SLOT_LAST, &closing);
}

void slot_wants_find(struct proposal *proposal)
{
    number_people(proposal);
    find_days(proposal);
    find_wants(proposal);
    find_busy(proposal);
}
