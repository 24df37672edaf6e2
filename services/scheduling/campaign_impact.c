/* What a change of edition means over all certifications: counts, extra auditor-days, months. */
#include "services/scheduling/campaign_plan.h"

#include <math.h>
#include <string.h>

static const char *const statuses[] = {"not_planned", "planned", "audited", "done",
                                       "ended"};
static const char *const kinds[] = {"surveillance", "recertification", "alone",
                                    "initial"};
enum { MONTH_TEXT = 7, QUARTERS = 4 };

/* Counts of one month or kind, in the order they appear. */
struct tally {
    json_t *list;     /* of objects */
    const char *name; /* "month" or "with" */
};

static void count_names(json_t *counts, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_object_set_new(counts, names[i], json_integer(0));
}

static void add_one(json_t *counts, const char *name)
{
    json_object_set_new(
        counts, name,
        json_integer(json_integer_value(json_object_get(counts, name)) + 1));
}

static json_t *entry_of(struct tally *tally, const char *value, size_t length)
{
    size_t at = 0;
    for (; at < json_array_size(tally->list); at++) {
        json_t *entry = json_array_get(tally->list, at);
        int order = strncmp(json_string_value(json_object_get(entry, tally->name)), value,
                            length);
        if (order == 0)
            return entry;
        if (order > 0)
            break;
    }
    json_t *entry = json_pack("{s:o, s:i, s:i}", tally->name, json_stringn(value, length),
                              "certifications", 0, "extra_days", 0);
    json_array_insert_new(tally->list, at, entry);
    return entry;
}

static void add_days(json_t *object, const char *name, double days)
{
    double sum = json_number_value(json_object_get(object, name)) + days;
    long quarters = lround(sum * QUARTERS);
    json_object_set_new(object, name,
                        quarters % QUARTERS ? json_real((double)quarters / QUARTERS)
                                            : json_integer(quarters / QUARTERS));
}

static void tally_row(struct tally *tally, const char *value, size_t length, double days)
{
    json_t *entry = entry_of(tally, value, length);
    add_one(entry, "certifications");
    add_days(entry, "extra_days", days);
}

/* The month of the audit, or of the last day when none is placed. */
static const char *month_of(const json_t *row, const json_t *transition)
{
    const char *on = json_string_value(json_object_get(transition, "on"));
    return on ? on : json_string_value(json_object_get(row, "by_when"));
}

json_t *campaign_impact(const json_t *facts, const json_t *rows)
{
    struct tally months = {.list = json_array(), .name = "month"};
    struct tally with = {.list = json_array(), .name = "with"};
    json_t *by_status = json_object(), *totals = json_pack("{s:i}", "extra_days", 0);
    json_int_t late = 0, open = 0;
    count_names(by_status, statuses, sizeof statuses / sizeof *statuses);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        entry_of(&with, kinds[i], strlen(kinds[i]));
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const json_t *transition = json_object_get(row, "transition");
        double days = json_number_value(json_object_get(transition, "extra_days"));
        const char *month = month_of(row, transition);
        add_one(by_status, json_string_value(json_object_get(row, "status")));
        late += json_is_true(json_object_get(row, "late"));
        if (!json_is_object(transition))
            continue;
        const char *kind = json_string_value(json_object_get(transition, "with"));
        open++;
        add_days(totals, "extra_days", days);
        tally_row(&with, kind, strlen(kind), days);
        if (month)
            tally_row(&months, month, MONTH_TEXT, days);
    }
    json_t *campaign = json_object_get(json_object_get(facts, "campaign"), "id");
    json_t *answer = json_pack(
        "{s:O, s:i, s:I, s:I, s:o, s:O, s:o, s:o, s:{s:[s, s]}}", "campaign_id", campaign,
        "certifications", (int)json_array_size(rows), "open", open, "late", late,
        "by_status", by_status, "extra_days", json_object_get(totals, "extra_days"),
        "by_audit", with.list, "months", months.list, "why", "rules", "TRN-03", "TRN-04");
    json_decref(totals);
    return answer;
}
