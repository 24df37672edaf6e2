/* Lead time and season of a quote. */
#include "services/scheduling/selection_timing.h"

#include "services/scheduling/rules/backplan.h"
#include "services/scheduling/rules/season.h"

#include <string.h>

enum { MOST_DATES = 3 };

/* The audits that lie ahead, by what is wanted. */
struct ahead {
    const char *needed_for; /* certificate, next_audit; NULL: nothing is known */
    struct civil needed_by; /* an auditor must be there on that day */
    struct {
        const char *what;
        struct civil on;
    } dates[MOST_DATES];
    size_t count;
};

static struct civil date_of(const json_t *object, const char *name)
{
    struct civil date = CIVIL_NONE;
    const char *text = json_string_value(json_object_get(object, name));
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

static bool is_ahead(const json_t *certification)
{
    static const char *const states[] = {"preparing", "stage1_done", "stage2_done",
                                         "recommended", NULL};
    const char *state = json_string_value(json_object_get(certification, "state"));
    for (size_t i = 0; state && states[i]; i++) {
        if (strcmp(state, states[i]) == 0)
            return true;
    }
    return false;
}

/* An older edition of the quoted standard is the certification that the quote goes on with. */
static bool has_scheme(const json_t *quote, const json_t *certification)
{
    const json_t *schemes = json_object_get(quote, "schemes");
    const char *held = json_string_value(json_object_get(certification, "scheme"));
    for (size_t i = 0; i < json_array_size(schemes); i++) {
        if (scheme_same_family(json_string_value(json_array_get(schemes, i)), held))
            return true;
    }
    return false;
}

/* The certification that the quote is for; any when quote is NULL. */
static const json_t *certification_of(const json_t *facts, const json_t *quote)
{
    const json_t *list = json_object_get(facts, "certifications");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *certification = json_array_get(list, i);
        if (!quote || has_scheme(quote, certification))
            return certification;
    }
    return NULL;
}

static void add_date(struct ahead *ahead, const char *what, struct civil on)
{
    if (civil_is_none(on) || ahead->count == MOST_DATES)
        return;
    ahead->dates[ahead->count].what = what;
    ahead->dates[ahead->count++].on = on;
}

static struct ahead ahead_of_certificate(struct civil target, struct civil today,
                                         const struct policies *policies)
{
    struct ahead ahead = {.needed_for = "certificate"};
    struct backplan plan;
    backplan_make(&(struct backplan_facts){.target_certificate_date = target,
                                           .variant = BACKPLAN_IA_BEFORE_STAGE1,
                                           .today = today,
                                           .policy = policies_backplan(policies)},
                  &plan);
    ahead.needed_by = plan.date[BACKPLAN_STAGE1_FIRST];
    add_date(&ahead, "stage1", plan.date[BACKPLAN_STAGE1_FIRST]);
    add_date(&ahead, "stage2", plan.date[BACKPLAN_STAGE2_FIRST]);
    add_date(&ahead, "certificate", target);
    return ahead;
}

static struct ahead ahead_of(const json_t *facts, const json_t *quote,
                             const struct policies *policies,
                             const struct selection_question *question)
{
    const json_t *certification = certification_of(facts, quote);
    const json_t *next = json_object_get(certification, "next");
    struct civil target = question->target;
    if (civil_is_none(target) && (!certification || is_ahead(certification)))
        target = date_of(certification, "target_date");
    if (!civil_is_none(target))
        return ahead_of_certificate(target, question->today, policies);
    struct ahead ahead = {.needed_by = date_of(next, "window_end")};
    if (civil_is_none(ahead.needed_by))
        return ahead;
    ahead.needed_for = "next_audit";
    add_date(&ahead, json_string_value(json_object_get(next, "kind")),
             date_of(next, "nominal_date"));
    return ahead;
}

static json_t *lead_time_json(const json_t *quote, const struct ahead *ahead,
                              struct civil today)
{
    const json_t *days = json_object_get(quote, "lead_time_days");
    struct civil earliest = CIVIL_NONE;
    if (!json_is_integer(days))
        days = json_object_get(json_object_get(quote, "body"), "lead_time_days");
    if (json_is_integer(days))
        earliest = civil_add_days(today, (int)json_integer_value(days));
    bool known = !civil_is_none(earliest) && ahead->needed_for;
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o}", "days",
        json_is_integer(days) ? json_integer(json_integer_value(days)) : json_null(),
        "earliest_on", date_json(earliest), "needed_by", date_json(ahead->needed_by),
        "needed_for", ahead->needed_for ? json_string(ahead->needed_for) : json_null(),
        "fits",
        known ? json_boolean(!civil_before(ahead->needed_by, earliest)) : json_null());
}

static json_t *busy_json(const struct ahead *ahead, const struct policies *policies)
{
    json_t *list = json_array();
    for (size_t i = 0; i < ahead->count; i++) {
        struct civil on = ahead->dates[i].on;
        bool busy = season_is_busy(on, (unsigned)policies->busy_months);
        json_array_append_new(
            list,
            json_pack("{s:s, s:o, s:i, s:b, s:o}", "what", ahead->dates[i].what, "on",
                      date_json(on), "month", civil_month(on), "busy", busy, "book_by",
                      busy ? date_json(season_book_by(on)) : json_null()));
    }
    return list;
}

void selection_add_timing(json_t *entry, const json_t *facts, const json_t *quote,
                          const struct policies *policies,
                          const struct selection_question *question)
{
    struct ahead ahead = ahead_of(facts, quote, policies, question);
    json_object_set_new(entry, "lead_time",
                        lead_time_json(quote, &ahead, question->today));
    json_object_set_new(entry, "busy", busy_json(&ahead, policies));
}

json_t *selection_target_json(const json_t *facts,
                              const struct selection_question *question)
{
    const json_t *certification = certification_of(facts, NULL);
    const json_t *next = json_object_get(certification, "next");
    if (!civil_is_none(question->target))
        return json_pack("{s:s, s:o}", "kind", "certificate", "on",
                         date_json(question->target));
    struct civil target = date_of(certification, "target_date");
    if (certification && is_ahead(certification) && !civil_is_none(target))
        return json_pack("{s:s, s:o}", "kind", "certificate", "on", date_json(target));
    if (json_is_object(next))
        return json_pack("{s:s, s:o}", "kind", "next_audit", "on",
                         date_json(date_of(next, "window_end")));
    return json_null();
}
