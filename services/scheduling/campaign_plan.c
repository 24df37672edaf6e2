/* Which audit brings a certification to the new edition. */
#include "services/scheduling/campaign_plan.h"

#include "services/scheduling/policies.h"

#include <math.h>
#include <string.h>

struct campaign {
    const char *old_scheme, *new_scheme;
    struct civil end, last_start_initial, last_start_recertification;
    const json_t *extra_days;
};

/* One possible transition. */
struct way {
    const char *kind; /* surveillance, recertification, alone, initial */
    const json_t *audit;
    struct civil on; /* when it would be; CIVIL_NONE for an audit nobody has placed */
    int extra;       /* quarter days */
    bool forced;     /* the old edition may no longer be audited there */
};

struct certification {
    const json_t *row, *step;
    const char *state;
    struct policies policies;
    struct civil today, latest; /* last day of an audit that is decided before the end */
};

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static struct civil date_of(const json_t *object, const char *name)
{
    struct civil date = CIVIL_NONE;
    const char *text = text_of(object, name);
    if (text)
        civil_parse(text, &date);
    return date;
}

static json_t *date_json(struct civil date)
{
    char text[CIVIL_TEXT_SIZE];
    if (civil_is_none(date) || !civil_in_range(date))
        return json_null();
    civil_format(date, text);
    return json_string(text);
}

static json_t *copy_of(const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    return value ? json_incref(value) : json_null();
}

static json_t *days_json(int quarter_days)
{
    return quarter_days % 4 ? json_real(quarter_days / 4.0)
                            : json_integer(quarter_days / 4);
}

static struct campaign read_campaign(const json_t *facts)
{
    const json_t *row = json_object_get(facts, "campaign");
    return (struct campaign){
        .old_scheme = text_of(row, "old_scheme"),
        .new_scheme = text_of(row, "new_scheme"),
        .end = date_of(row, "end_on"),
        .last_start_initial = date_of(row, "last_start_initial"),
        .last_start_recertification = date_of(row, "last_start_recertification"),
        .extra_days = json_object_get(row, "extra_days"),
    };
}

/* TRN-03 */
static int extra_of(const struct campaign *campaign, const char *kind)
{
    const json_t *days = json_object_get(campaign->extra_days, kind);
    return json_is_number(days) ? (int)lround(json_number_value(days) * 4) : 0;
}

/* A major of that audit and the decision still fit in before the end (TRN-01 with REC-02's durations). */
static struct certification read_certification(const json_t *facts, const json_t *row,
                                               const struct campaign *campaign,
                                               struct civil today)
{
    struct certification ret = {.row = row,
                                .step = json_object_get(row, "step"),
                                .state = text_of(row, "state"),
                                .today = today};
    const json_t *levels[POLICY_LEVELS] = {
        [POLICY_CONSULTANCY] = json_object_get(facts, "consultancy_policies"),
        [POLICY_BODY] = json_object_get(row, "body_policies"),
        [POLICY_CERTIFICATION] = json_object_get(row, "policies"),
    };
    policies_effective(levels, &ret.policies);
    ret.latest =
        civil_add_days(campaign->end, -(int64_t)(ret.policies.major_closure_days +
                                                 ret.policies.decision_days));
    return ret;
}

/* ---- the ways ---- */

/* A booked audit is on its day; another one on its nominal day, or pulled forward as far as its window allows. */
static struct civil audit_day(const json_t *audit, struct civil latest)
{
    struct civil booked = date_of(audit, "planned_last_day");
    struct civil nominal = date_of(audit, "nominal_date");
    struct civil start = date_of(audit, "window_start");
    if (!civil_is_none(booked) || civil_is_none(nominal))
        return booked;
    if (civil_before(latest, nominal) && !civil_is_none(start) &&
        !civil_before(latest, start))
        return latest;
    return nominal;
}

static bool way_of(const struct campaign *campaign,
                   const struct certification *certification, const json_t *audit,
                   struct way *ret)
{
    struct civil limit = campaign->last_start_recertification;
    *ret = (struct way){.kind = text_of(audit, "kind"),
                        .audit = audit,
                        .on = audit_day(audit, certification->latest)};
    if (civil_is_none(ret->on) || civil_before(ret->on, certification->today) ||
        civil_before(certification->latest, ret->on))
        return false;
    ret->extra = extra_of(campaign, ret->kind);
    ret->forced = strcmp(ret->kind, "recertification") == 0 && !civil_is_none(limit) &&
                  civil_before(limit, ret->on);
    return true;
}

static bool better(const struct way *way, const struct way *best, const char *wanted)
{
    if (wanted && strcmp(way->kind, wanted) != 0)
        return false;
    if (!best->kind || way->extra != best->extra)
        return !best->kind || way->extra < best->extra;
    return civil_before(way->on, best->on);
}

static struct civil last_day(const struct certification *certification,
                             const struct way *way)
{
    struct civil end = way->audit ? date_of(way->audit, "window_end") : CIVIL_NONE;
    return civil_is_none(end) ? certification->latest
                              : civil_earlier(end, certification->latest);
}

static struct civil book_by_of(const struct certification *certification,
                               struct civil day)
{
    return civil_add_days(day, -(int64_t)certification->policies.audit_booking_days);
}

/* The body can still be asked for it, or has been. */
static bool can_be_booked(const struct certification *certification,
                          const struct way *way)
{
    struct civil book_by = book_by_of(certification, last_day(certification, way));
    return !civil_is_none(date_of(way->audit, "planned_last_day")) ||
           !civil_before(book_by, certification->today);
}

/* Audits come in the order of their dates: behind a recertification that can only be held on the new edition there is nothing to choose (TRN-02). */
static struct way best_audit(const struct campaign *campaign,
                             const struct certification *certification,
                             const char *wanted, bool in_time)
{
    const json_t *audits = json_object_get(certification->row, "audits");
    struct way best = {0}, way;
    for (size_t i = 0; i < json_array_size(audits); i++) {
        if (!way_of(campaign, certification, json_array_get(audits, i), &way))
            continue;
        if ((!in_time || can_be_booked(certification, &way)) &&
            better(&way, &best, wanted))
            best = way;
        if (way.forced)
            break;
    }
    return best;
}

static bool before_certificate(const struct certification *certification)
{
    static const char *const states[] = {"preparing", "stage1_done", "stage2_done",
                                         "recommended", NULL};
    for (size_t i = 0; states[i]; i++) {
        if (strcmp(certification->state, states[i]) == 0)
            return true;
    }
    return false;
}

/* TRN-02: who is not certified yet goes for the new edition at once. */
static struct way choose_way(const struct campaign *campaign,
                             const struct certification *certification)
{
    const char *wanted = text_of(certification->step, "planned_with");
    struct way alone = {.kind = "alone",
                        .extra = extra_of(campaign, "alone"),
                        .on = date_of(certification->step, "planned_on")};
    if (before_certificate(certification))
        return (struct way){.kind = "initial", .extra = extra_of(campaign, "initial")};
    if (wanted && strcmp(wanted, "alone") == 0)
        return alone;
    const char *status = text_of(certification->step, "status");
    bool planned = status && strcmp(status, "not_planned") != 0;
    struct way best = best_audit(campaign, certification, wanted, !planned);
    if (!best.kind)
        best = best_audit(campaign, certification, wanted, false);
    return best.kind ? best : alone;
}

static struct civil by_when(const struct campaign *campaign,
                            const struct certification *certification,
                            const struct way *way)
{
    if (strcmp(way->kind, "initial") == 0 && !civil_is_none(campaign->last_start_initial))
        return campaign->last_start_initial;
    return last_day(certification, way);
}

/* ---- a row ---- */

static const char *status_of(const struct campaign *campaign,
                             const struct certification *certification)
{
    const char *status = text_of(certification->step, "status");
    if (strcmp(text_of(certification->row, "scheme"), campaign->new_scheme) == 0)
        return "done";
    if (strcmp(certification->state, "withdrawn") == 0 ||
        strcmp(certification->state, "expired") == 0)
        return "ended";
    return status ? status : "not_planned";
}

static bool is_open(const char *status)
{
    return strcmp(status, "done") != 0 && strcmp(status, "ended") != 0;
}

/* NULL: in time. */
static const char *late_reason(const char *status, struct civil today, struct civil until,
                               struct civil book_by, const struct way *way)
{
    bool audited = strcmp(status, "audited") == 0;
    if (!is_open(status))
        return NULL;
    if (!audited && civil_before(until, today))
        return "date_passed";
    if (strcmp(status, "planned") == 0 && !civil_is_none(way->on) &&
        civil_before(way->on, today))
        return "audit_passed";
    if (strcmp(status, "not_planned") == 0 && civil_before(book_by, today))
        return "not_booked_in_time";
    return NULL;
}

static json_t *way_json(const struct way *way)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:b}", "with", way->kind, "audit_id",
                     copy_of(way->audit, "id"), "on", date_json(way->on), "window_start",
                     copy_of(way->audit, "window_start"), "window_end",
                     copy_of(way->audit, "window_end"), "extra_days",
                     days_json(way->extra), "old_edition_refused", way->forced);
}

static json_t *why_json(const struct campaign *campaign,
                        const struct certification *certification)
{
    const struct policies *policies = &certification->policies;
    return json_pack(
        "{s:[s, s, s, s], s:{s:o, s:o, s:o, s:o}, s:{s:i, s:i, s:i}}", "rules", "TRN-01",
        "TRN-02", "TRN-03", "TRN-04", "inputs", "end_on", date_json(campaign->end),
        "last_start_initial", date_json(campaign->last_start_initial),
        "last_start_recertification", date_json(campaign->last_start_recertification),
        "latest_audit_day", date_json(certification->latest), "policy",
        "major_closure_days", policies->major_closure_days, "decision_days",
        policies->decision_days, "audit_booking_days", policies->audit_booking_days);
}

static void add_plan(json_t *row, const struct campaign *campaign,
                     const struct certification *certification, const char *status)
{
    struct way way = choose_way(campaign, certification);
    struct civil until = by_when(campaign, certification, &way);
    struct civil book_by = book_by_of(certification, until);
    const char *late = late_reason(status, certification->today, until, book_by, &way);
    bool open = is_open(status);
    json_object_set_new(row, "transition", open ? way_json(&way) : json_null());
    json_object_set_new(row, "by_when", open ? date_json(until) : json_null());
    json_object_set_new(row, "book_by", open ? date_json(book_by) : json_null());
    json_object_set_new(
        row, "days_left",
        open ? json_integer(civil_days_between(certification->today, until))
             : json_null());
    json_object_set_new(row, "late", json_boolean(late != NULL));
    json_object_set_new(row, "late_reason", late ? json_string(late) : json_null());
}

/* As entered, else the day on which the certification changed. */
static json_t *done_on(const struct certification *certification, const char *status)
{
    const json_t *entered = json_object_get(certification->step, "done_on");
    if (strcmp(status, "done") == 0 && !json_is_string(entered))
        return copy_of(certification->row, "edition_changed_on");
    return copy_of(certification->step, "done_on");
}

static json_t *row_json(const json_t *facts, const struct campaign *campaign,
                        const json_t *item, struct civil today)
{
    struct certification certification = read_certification(facts, item, campaign, today);
    const json_t *version = json_object_get(certification.step, "version");
    const char *status = status_of(campaign, &certification);
    json_t *row = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:I}",
        "certification_id", copy_of(item, "certification_id"), "client_id",
        copy_of(item, "client_id"), "client_name", copy_of(item, "client_name"), "scheme",
        copy_of(item, "scheme"), "state", copy_of(item, "state"), "expiry_date",
        copy_of(item, "expiry_date"), "body_id", copy_of(item, "body_id"), "body_name",
        copy_of(item, "body_name"), "status", status, "planned_with",
        copy_of(certification.step, "planned_with"), "planned_on",
        copy_of(certification.step, "planned_on"), "done_on",
        done_on(&certification, status), "note", copy_of(certification.step, "note"),
        "version", json_is_integer(version) ? json_integer_value(version) : 0);
    add_plan(row, campaign, &certification, status);
    json_object_set_new(row, "why", why_json(campaign, &certification));
    return row;
}

json_t *campaign_rows(const json_t *facts, struct civil today)
{
    const json_t *list = json_object_get(facts, "certifications");
    struct campaign campaign = read_campaign(facts);
    json_t *rows = json_array();
    for (size_t i = 0; i < json_array_size(list); i++)
        json_array_append_new(rows,
                              row_json(facts, &campaign, json_array_get(list, i), today));
    return rows;
}
