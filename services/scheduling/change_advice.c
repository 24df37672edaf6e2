/* The advice on a change as JSON. */
#include "services/scheduling/change_advice.h"

#include "services/scheduling/calculations.h"
#include "services/scheduling/certifications.h"
#include "services/scheduling/estimate.h"
#include "services/scheduling/rules/sites.h"

#include <string.h>

json_t *change_date_json(struct civil date)
{
    char text[CIVIL_TEXT_SIZE];
    if (civil_is_none(date))
        return json_null();
    civil_format(date, text);
    return json_string(text);
}

const char *change_say_here(const struct change_case *of, const struct change_text *text)
{
    return change_say(of->ground->language, text);
}

json_t *change_calculated(const char *op, json_t *given)
{
    struct calculation_errors errors = {0};
    json_t *result = calculate(op, given, &errors);
    json_decref(given);
    return result ? result : json_null();
}

bool change_concerns(const json_t *change, const json_t *certification)
{
    const char *only = json_string_value(json_object_get(change, "certification_id"));
    const json_t *row = json_object_get(certification, "certification");
    return !only || strcmp(only, json_string_value(json_object_get(row, "id"))) == 0;
}

/* ---- one variant ---- */

static const char *const variant_rules[CHANGE_VARIANTS][4] = {
    [VARIANT_PAPER_NOTICE] = {"CHG-01", "CHG-02"},
    [VARIANT_MERGE] = {"CHG-02", "CHG-03", "AT-03"},
    [VARIANT_PULL_FORWARD] = {"CHG-03", "SUR-07", "AT-03"},
    [VARIANT_CHANGE_AUDIT] = {"CHG-02", "CHG-03", "AT-03"},
    [VARIANT_REPEAT_STAGE1] = {"CHG-04", "INI-02", "AT-04"},
};

static const char *family_rule(enum change_family family)
{
    if (family == CHANGE_GROWTH)
        return "SPC-01";
    if (family == CHANGE_INCIDENT)
        return "SPC-02";
    return family == CHANGE_SHRINKING ? "MRK-03" : NULL;
}

static json_t *variant_why(const struct change_case *of, enum change_variant variant)
{
    const struct policies *policies = &of->facts.policies;
    json_t *rules = json_array();
    for (int i = 0; i < 4 && variant_rules[variant][i]; i++)
        json_array_append_new(rules, json_string(variant_rules[variant][i]));
    if (family_rule(of->kind->family) && variant != VARIANT_REPEAT_STAGE1)
        json_array_append_new(rules, json_string(family_rule(of->kind->family)));
    return json_pack("{s:o, s:{s:o, s:O?, s:O?, s:I}, s:{s:i, s:i, s:b, s:i, s:i}}",
                     "rules", rules, "inputs", "change_date",
                     change_date_json(of->change_date), "next_audit_nominal",
                     json_object_get(of->next, "nominal_date"), "next_audit_planned",
                     json_object_get(of->next, "planned_first_day"), "persons",
                     (json_int_t)of->time.persons_after, "policy", "merge_within_months",
                     policies->merge_within_months, "special_within_months",
                     policies->special_within_months, "allow_pull_forward",
                     policies->allow_pull_forward, "change_audit_share_pct",
                     policies->change_audit_share_pct, "change_merged_share_pct",
                     policies->change_merged_share_pct);
}

/* Which audit it is: one that is there, or the one to be made. */
static void set_audit(const struct change_case *of, enum change_variant variant,
                      json_t *json)
{
    enum change_family family = of->kind->family;
    json_t *kind = json_null(), *title = json_null(), *id = json_null();
    if ((variant == VARIANT_MERGE || variant == VARIANT_PULL_FORWARD) && of->next) {
        kind = json_incref(json_object_get(of->next, "kind"));
        id = json_incref(json_object_get(of->next, "id"));
    } else if (variant == VARIANT_CHANGE_AUDIT) {
        kind = json_string(change_audit_kind(family));
        title = json_string(change_say_here(of, change_audit_title(family)));
    } else if (variant == VARIANT_REPEAT_STAGE1) {
        kind = json_string("stage1");
    }
    json_object_set_new(json, "audit_kind", kind);
    json_object_set_new(json, "audit_title", title);
    json_object_set_new(json, "audit_id", id);
}

static void set_cost(const struct change_case *of, enum change_variant variant,
                     json_t *json)
{
    enum change_note why = NOTE_NO_QUOTE;
    int half_days;
    bool known = change_extra_time(of, variant, &half_days, &why);
    json_object_set_new(json, "extra_days",
                        known ? half_days_json(half_days) : json_null());
    json_t *cost = change_cost(of, variant, &why);
    json_object_set_new(json, "cost", cost ? cost : json_null());
    json_object_set_new(json, "cost_reason",
                        cost ? json_null()
                             : json_string(change_say_here(of, change_note(why))));
}

json_t *change_variant_json(const struct change_case *of, enum change_variant variant)
{
    const struct change_option *option = &of->options.of[variant];
    const struct change_text *text = change_variant_text(variant, of->kind->family);
    json_t *json = json_pack(
        "{s:s, s:b, s:s, s:s, s:o, s:o, s:o, s:o}", "variant",
        change_variant_names[variant], "recommended", of->options.advised == variant,
        "title", change_say_here(of, change_variant_title(variant)), "text",
        change_say_here(of, text), "not_before", change_date_json(option->not_before),
        "due_by", change_date_json(option->due_by), "expected_on",
        change_date_json(option->expected), "why", variant_why(of, variant));
    set_audit(of, variant, json);
    set_cost(of, variant, json);
    return json;
}

static void set_variants(const struct change_case *of, json_t *json)
{
    json_t *possible = json_array(), *not_possible = json_array();
    for (int i = 0; i < CHANGE_VARIANTS; i++) {
        enum change_variant variant = (enum change_variant)i;
        enum change_obstacle obstacle = of->options.of[variant].obstacle;
        if (obstacle == OBSTACLE_NONE)
            json_array_append_new(possible, change_variant_json(of, variant));
        else
            json_array_append_new(
                not_possible,
                json_pack("{s:s, s:s}", "variant", change_variant_names[variant],
                          "reason", change_say_here(of, change_obstacle_text(obstacle))));
    }
    json_object_set_new(json, "variants", possible);
    json_object_set_new(json, "not_possible", not_possible);
}

/* ---- one certification ---- */

/* CHG-03 as the stateless calculation answers it; null for what is no move. */
static json_t *relocation(const struct change_case *of)
{
    const struct policies *policies = &of->facts.policies;
    struct civil opens = of->asked.next.window_start;
    struct civil sees = change_audit_sees(&of->asked.next, of->change_date);
    if (of->kind->family != CHANGE_MOVE)
        return json_null();
    if (!civil_is_none(opens) && !civil_is_none(sees) && civil_before(sees, opens))
        opens = sees;
    json_t *next = civil_is_none(sees)
                       ? json_null()
                       : json_pack("{s:o}", "nominal", change_date_json(sees));
    if (!civil_is_none(sees) && !civil_is_none(opens))
        json_object_set_new(next, "window_start", change_date_json(opens));
    return change_calculated(
        "relocation",
        json_pack("{s:o, s:o, s:{s:i, s:i, s:b}}", "move_date",
                  change_date_json(of->change_date), "next_audit", next, "policy",
                  "merge_within_months", policies->merge_within_months,
                  "special_within_months", policies->special_within_months,
                  "allow_pull_forward", policies->allow_pull_forward));
}

static json_t *next_audit(const struct change_case *of)
{
    static const char *const members[] = {
        "id",           "kind",       "status",           "nominal_date",
        "window_start", "window_end", "planned_first_day"};
    if (!of->next)
        return json_null();
    json_t *json = json_object();
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        json_object_set(json, members[i], json_object_get(of->next, members[i]));
    return json;
}

static json_t *certification_advice(const struct change_case *of, bool late)
{
    static const char *const phases[] = {"before_stage1", "between_stages",
                                         "after_stage2", "certified", "pmark"};
    const struct plan_certification *c = &of->facts.certification;
    enum change_reason reason = of->options.reason;
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:{s:s, s:s}, s:o, s:o}",
        "certification_id", c->id, "scheme", c->scheme_name, "state",
        certification_state_name(c->state), "phase", phases[of->asked.phase],
        "next_audit", next_audit(of), "relocation", relocation(of), "move_warning",
        change_move_warning(of), "recommended", change_variant_names[of->options.advised],
        "reason", "rule", change_reason_rule(reason), "text",
        change_say_here(of, change_reason_text(reason)), "stage1_repeat",
        change_stage1_repeat(of), "warnings", change_warnings(of, late));
    set_variants(of, json);
    return json;
}

/* ---- the change itself ---- */

static json_t *row_of_table(int64_t persons, const struct audit_time *time)
{
    if (persons <= 0)
        return json_null();
    if (time->table == AUDIT_TIME_ABOVE_TABLE)
        return json_pack("{s:I, s:n, s:n, s:n, s:n, s:n}", "persons", (json_int_t)persons,
                         "from", "to", "initial_days", "surveillance_days",
                         "recertification_days");
    return json_pack("{s:I, s:I, s:I, s:o, s:o, s:o}", "persons", (json_int_t)persons,
                     "from", (json_int_t)time->bracket_from, "to",
                     (json_int_t)time->bracket_to, "initial_days",
                     half_days_json(time->initial), "surveillance_days",
                     half_days_json(time->surveillance), "recertification_days",
                     half_days_json(time->recertification));
}

static json_t *difference(const struct change_time *time)
{
    bool known = time->both_known && time->before.table != AUDIT_TIME_ABOVE_TABLE &&
                 time->after.table != AUDIT_TIME_ABOVE_TABLE;
    if (!known)
        return json_null();
    return json_pack(
        "{s:o, s:o, s:o}", "initial",
        half_days_json(time->after.initial - time->before.initial), "surveillance",
        half_days_json(time->after.surveillance - time->before.surveillance),
        "recertification",
        half_days_json(time->after.recertification - time->before.recertification));
}

/* CHG-06, AT-01, AT-03: which row of the table before and after, and what that changes. Null where no numbers are told. */
static json_t *head_count(const struct change_ground *ground, const json_t *change,
                          const struct change_kind *kind, const struct policies *policies)
{
    struct change_time time = change_time_of(ground, change, policies);
    bool told = json_is_integer(json_object_get(change, "persons_after"));
    if (kind->family != CHANGE_HEAD_COUNT && !told)
        return json_null();
    bool crossed = time.both_known &&
                   audit_time_bracket_changes(time.persons_before, time.persons_after);
    bool up = time.persons_after > time.persons_before;
    enum change_note note = !time.both_known ? NOTE_PERSONS_UNKNOWN
                            : !crossed       ? NOTE_BRACKET_STAYS
                            : up             ? NOTE_BRACKET_UP
                                             : NOTE_BRACKET_DOWN;
    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:s, s:{s:[s,s,s]}}", "bracket_changes",
                     time.both_known ? json_boolean(crossed) : json_null(), "direction",
                     !crossed ? "none"
                     : up     ? "up"
                              : "down",
                     "before", row_of_table(time.persons_before, &time.before), "after",
                     row_of_table(time.persons_after, &time.after), "difference_days",
                     difference(&time), "text",
                     change_say(ground->language, change_note(note)), "why", "rules",
                     "CHG-06", "AT-01", "AT-03");
}

static json_t *sample(int64_t sites)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "sites", (json_int_t)sites, "initial",
                     (json_int_t)sites_sample(sites, SITES_INITIAL), "surveillance",
                     (json_int_t)sites_sample(sites, SITES_SURVEILLANCE),
                     "recertification",
                     (json_int_t)sites_sample(sites, SITES_RECERTIFICATION));
}

/* MS-03: the sample is counted anew from the new number of sites beside the central function. */
static json_t *sites(const struct change_ground *ground, const json_t *change,
                     const char *kind)
{
    bool comes = strcmp(kind, "new_site") == 0, goes = strcmp(kind, "closed_site") == 0;
    json_int_t now = json_integer_value(json_object_get(ground->facts, "sites"));
    bool inside = json_is_true(json_object_get(change, "site_in_scope"));
    if (!comes && !goes)
        return json_null();
    json_int_t before = comes && inside ? now - 1 : now;
    json_int_t after = comes ? before + 1 : before - (before > 0);
    return json_pack("{s:o, s:o, s:s, s:{s:[s,s]}}", "before", sample(before), "after",
                     sample(after), "text",
                     change_say(ground->language, change_note(NOTE_SAMPLE)), "why",
                     "rules", "MS-01", "MS-03");
}

/* CHG-01; what a head count inside its row of the table need not be told for. */
static json_t *notice(const struct change_ground *ground, const json_t *change,
                      const struct change_kind *kind, const struct policies *policies,
                      bool stays)
{
    struct business_calendar calendar = {.year_end_closed = policies->year_end_closed};
    struct civil from =
        change_told_from(&calendar, kind, json_date(change, "change_date"));
    json_t *told = json_object_get(change, "notified_on");
    json_t *facts = json_pack("{s:s, s:{s:i, s:b}}", "change", kind->name, "policy",
                              "notice_days_before",
                              change_notice_days(kind, policies->notice_days_before),
                              "year_end_closed", policies->year_end_closed);
    json_set_date(facts, "change_date", from);
    json_t *json = change_calculated("change_notice", facts);
    if (!json_is_object(json))
        return json;
    struct civil by = json_date(json, "notify_by");
    bool must = json_is_true(json_object_get(json, "must_notify")) && !stays;
    json_object_set_new(json, "must_notify", json_boolean(must));
    json_object_set(json, "notified_on", told ? told : json_null());
    json_object_set_new(json, "late",
                        json_boolean(must && !json_is_string(told) &&
                                     !civil_is_none(by) &&
                                     civil_before(by, ground->today)));
    return json;
}

static const struct policies *policies_for(const struct change_ground *ground,
                                           const json_t *change, struct plan_facts *facts)
{
    const json_t *list = json_object_get(ground->facts, "certifications");
    const json_t *none = json_object_get(ground->facts, "defaults");
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (change_concerns(change, json_array_get(list, i))) {
            none = json_array_get(list, i);
            break;
        }
    }
    plan_facts_read(ground->arena, none, ground->today, facts);
    return &facts->policies;
}

json_t *change_advice(const struct change_ground *ground, const json_t *change)
{
    struct plan_facts facts;
    const json_t *list = json_object_get(ground->facts, "certifications");
    const char *kind = json_string_value(json_object_get(change, "kind"));
    const struct change_kind *row = change_kind_find(kind);
    const struct policies *policies = policies_for(ground, change, &facts);
    json_t *answers = json_array();
    if (!row)
        return json_pack("{s:n, s:n, s:n, s:o}", "notice", "headcount", "sites",
                         "certifications", answers);
    json_t *count = head_count(ground, change, row, policies);
    bool stays = row->family == CHANGE_HEAD_COUNT &&
                 json_is_false(json_object_get(count, "bracket_changes"));
    json_t *told = notice(ground, change, row, policies, stays);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *certification = json_array_get(list, i);
        struct change_case of;
        if (change_concerns(change, certification) &&
            change_case_read(ground, change, certification, &of))
            json_array_append_new(
                answers,
                certification_advice(&of, json_is_true(json_object_get(told, "late"))));
    }
    return json_pack("{s:o, s:o, s:o, s:o}", "notice", told, "headcount", count, "sites",
                     sites(ground, change, kind), "certifications", answers);
}
