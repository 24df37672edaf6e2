/* Programme and surveillance as calculations. */
#include "services/scheduling/calculation_answer.h"

#include <stdio.h>

#include "services/scheduling/rules/cycle.h"
#include "services/scheduling/rules/surveillance.h"

#define RULES(...) ((const char *const[]){__VA_ARGS__, NULL})

struct month_facts {
    struct civil obtained;
    int cycles;
};

static const struct month_facts month_defaults = {.cycles = 2};
static const struct cycle_facts plan_defaults = {.policy = CYCLE_POLICY_DEFAULT};
static const struct civil decision_defaults;
static const struct surveillance_facts check_defaults;

static const char *const conventions[] = {"civil_end", "same_day", NULL};
static const char *const anchors[] = {"decision", "stage2_last_day", NULL};
static const char *const audits[] = {"surveillance", "recertification"};
static const char *const cycle_types[] = {"initial", "recert", NULL};
static const char *const bases[] = {"decision", "audit_end", "expiry", NULL};

static const struct field cycle_months_fields[] = {
    {.pointer = "/obtained",
     .kind = FIELD_MONTH,
     .offset = offsetof(struct month_facts, obtained),
     .required = true},
    {.pointer = "/cycles",
     .kind = FIELD_INT,
     .offset = offsetof(struct month_facts, cycles),
     .least = 1,
     .most = CYCLE_MOST_CYCLES},
};

#define POLICY_INT(name, from, to)                                                       \
    {                                                                                    \
        .pointer = "/policy/" #name, .kind = FIELD_INT,                                  \
        .offset = offsetof(struct cycle_facts, policy.name), .least = (from),            \
        .most = (to)                                                                     \
    }

static const struct field cycle_plan_fields[] = {
    {.pointer = "/decision_date",
     .kind = FIELD_DATE,
     .offset = offsetof(struct cycle_facts, decision_date),
     .required = true},
    {.pointer = "/stage2_last_day",
     .kind = FIELD_DATE,
     .offset = offsetof(struct cycle_facts, stage2_last_day)},
    {.pointer = "/policy/expiry_convention",
     .kind = FIELD_CHOICE,
     .offset = offsetof(struct cycle_facts, policy.expiry_convention),
     .choices = conventions},
    {.pointer = "/policy/anchor",
     .kind = FIELD_CHOICE,
     .offset = offsetof(struct cycle_facts, policy.anchor),
     .choices = anchors},
    POLICY_INT(surv_before_months, 0, 11),
    POLICY_INT(surv_after_months, 0, 11),
    POLICY_INT(recert_before_months, 0, 24),
    POLICY_INT(recert_latest_months, 0, 24),
    POLICY_INT(cycles, 1, CYCLE_MOST_CYCLES),
    POLICY_INT(major_closure_days, 0, 365),
    POLICY_INT(decision_days, 0, 365),
};

static const struct field first_surveillance_deadline_fields[] = {
    {.pointer = "/decision_date", .kind = FIELD_DATE, .offset = 0, .required = true},
};

#define CHECK(name) offsetof(struct surveillance_facts, name)

static const struct field surveillance_check_fields[] = {
    {.pointer = "/cycle_type",
     .kind = FIELD_CHOICE,
     .offset = CHECK(cycle_type),
     .choices = cycle_types},
    {.pointer = "/recert_year_basis",
     .kind = FIELD_CHOICE,
     .offset = CHECK(recert_year_basis),
     .choices = bases},
    {.pointer = "/decision_date",
     .kind = FIELD_DATE,
     .offset = CHECK(decision_date),
     .required = true},
    {.pointer = "/surveillance",
     .kind = FIELD_DATES,
     .offset = CHECK(surveillance),
     .count_offset = CHECK(surveillance_count),
     .most = SURVEILLANCE_MOST_AUDITS,
     .required = true},
    {.pointer = "/through_year",
     .kind = FIELD_INT,
     .offset = CHECK(through_year),
     .least = CIVIL_FIRST_YEAR,
     .most = CIVIL_LAST_YEAR,
     .required = true},
    {.pointer = "/recert/audit_end",
     .kind = FIELD_DATE,
     .offset = CHECK(recert_audit_end)},
    {.pointer = "/recert/decision", .kind = FIELD_DATE, .offset = CHECK(recert_decision)},
    {.pointer = "/recert/expiry", .kind = FIELD_DATE, .offset = CHECK(recert_expiry)},
    {.pointer = "/max_gap_months",
     .kind = FIELD_INT,
     .offset = CHECK(max_gap_months),
     .least = 1,
     .most = 60},
};

static void cycle_months_answer(const void *given, const struct answer *answer)
{
    const struct month_facts *facts = given;
    struct cycle_month months[CYCLE_MOST_EVENTS];
    size_t count = cycle_months(facts->obtained, facts->cycles, months);
    json_t *list = answer_list(answer, "events");

    for (size_t i = 0; i < count; i++) {
        struct answer item = answer_item(answer, list);
        answer_month(&item, "month", months[i].month);
        answer_text(&item, "audit", audits[months[i].audit]);
    }
}

/* What the vectors name of an event, nothing more: callers compare it whole. */
static void write_event(const struct cycle_event *event, const struct answer *item)
{
    answer_text(item, "audit", audits[event->audit]);
    answer_date(item, "nominal", event->nominal);
    answer_date(item, "window_start", event->window_start);
    answer_date(item, "window_end", event->window_end);
    if (event->audit == CYCLE_RECERTIFICATION)
        answer_date(item, "expiry", event->expiry);
}

static void write_limit(const struct cycle_event *event, const struct answer *item)
{
    answer_text(item, "audit", audits[event->audit]);
    answer_integer(item, "cycle", event->cycle);
    answer_integer(item, "number", event->number);
    answer_date(item, "hard_limit", event->hard_limit);
    answer_date(item, "latest_audit_day", event->latest_audit_day);
}

static void cycle_plan_answer(const void *given, const struct answer *answer)
{
    struct cycle_plan plan;
    json_t *events = answer_list(answer, "events");
    json_t *expiries = answer_list(answer, "expiries");
    json_t *limits = answer_list(answer, "limits");
    json_t *years = answer_list(answer, "empty_years");

    cycle_plan_make(given, &plan);
    for (size_t i = 0; i < plan.event_count; i++) {
        struct answer event = answer_item(answer, events);
        struct answer limit = answer_item(answer, limits);
        write_event(&plan.events[i], &event);
        write_limit(&plan.events[i], &limit);
    }
    for (size_t i = 0; i < plan.expiry_count; i++)
        answer_list_date(answer, expiries, plan.expiries[i]);
    for (size_t i = 0; i < plan.empty_year_count; i++)
        json_array_append_new(years, json_integer(plan.empty_years[i]));
}

static void first_surveillance_deadline(const void *given, const struct answer *answer)
{
    const struct civil *decision_date = given;

    answer_date(answer, "date", surveillance_first_deadline(*decision_date));
}

static void answer_verdict(const struct answer *answer, const char *name,
                           enum surveillance_verdict verdict)
{
    if (verdict == SURVEILLANCE_NOT_APPLICABLE)
        answer_null(answer, name);
    else
        answer_bool(answer, name, verdict == SURVEILLANCE_KEPT);
}

static void surveillance_check_answer(const void *given, const struct answer *answer)
{
    struct surveillance_result result;
    json_t *years;

    surveillance_check(given, &result);
    answer_verdict(answer, "first_ok", result.first);
    years = answer_list(answer, "missing_years");
    for (size_t i = 0; i < result.missing_year_count; i++)
        json_array_append_new(years, json_integer(result.missing_years[i]));
    answer_bool(answer, "iso_compliant", result.iso_compliant);
    answer_verdict(answer, "gap_ok", result.gap);
    answer_date(answer, "gap_broken_after", result.gap_broken_after);
    answer_date(answer, "first_deadline", result.first_deadline);
    if (result.recert_year == 0)
        answer_null(answer, "recert_year");
    else
        answer_integer(answer, "recert_year", result.recert_year);
}

static void check_anchor(const struct cycle_facts *facts,
                         struct calculation_errors *errors)
{
    bool needed = facts->policy.anchor == CYCLE_ANCHOR_STAGE2_LAST_DAY;

    if (civil_is_none(facts->stage2_last_day)) {
        if (needed)
            calculation_refuse(errors, "/stage2_last_day", "required");
        return;
    }
    if (civil_before(facts->decision_date, facts->stage2_last_day))
        calculation_refuse(errors, "/decision_date", "before_start");
    else if (needed &&
             !civil_within_months(facts->decision_date, facts->stage2_last_day, 12))
        calculation_refuse(errors, "/stage2_last_day", "out_of_range");
}

static void cycle_plan_check(const void *given, struct calculation_errors *errors)
{
    const struct cycle_facts *facts = given;

    check_anchor(facts, errors);
    if (facts->policy.recert_latest_months > facts->policy.recert_before_months)
        calculation_refuse(errors, "/policy/recert_latest_months", "inconsistent");
}

static void check_not_before(struct civil date, struct civil start, const char *pointer,
                             struct calculation_errors *errors)
{
    if (!civil_is_none(date) && civil_before(date, start))
        calculation_refuse(errors, pointer, "before_start");
}

static void surveillance_check_check(const void *given, struct calculation_errors *errors)
{
    const struct surveillance_facts *facts = given;
    struct civil decision = facts->decision_date;

    for (size_t i = 0; i < facts->surveillance_count; i++) {
        char pointer[CALCULATION_POINTER_SIZE];
        (void)snprintf(pointer, sizeof pointer, "/surveillance/%zu", i);
        check_not_before(facts->surveillance[i], decision, pointer, errors);
    }
    check_not_before(facts->recert_audit_end, decision, "/recert/audit_end", errors);
    check_not_before(facts->recert_decision, decision, "/recert/decision", errors);
    check_not_before(facts->recert_expiry, decision, "/recert/expiry", errors);
    if (facts->through_year < civil_year(decision))
        calculation_refuse(errors, "/through_year", "before_start");
}

const struct calculation cycle_calculations[] = {
    {.op = "cycle_months",
     .rules = RULES("CYC-01", "CYC-02"),
     .basis = "/obtained",
     .fields = cycle_months_fields,
     .field_count = COUNT_OF(cycle_months_fields),
     .defaults = &month_defaults,
     .facts_size = sizeof month_defaults,
     .answer = cycle_months_answer},
    {.op = "cycle_plan",
     .rules = RULES("CYC-01", "CAL-02", "CAL-03", "SUR-01", "SUR-02", "SUR-03", "SUR-05",
                    "REC-01", "REC-02"),
     .basis = "/decision_date",
     .fields = cycle_plan_fields,
     .field_count = COUNT_OF(cycle_plan_fields),
     .defaults = &plan_defaults,
     .facts_size = sizeof plan_defaults,
     .check = cycle_plan_check,
     .answer = cycle_plan_answer},
    {.op = "first_surveillance_deadline",
     .rules = RULES("SUR-01", "CAL-01"),
     .basis = "/decision_date",
     .fields = first_surveillance_deadline_fields,
     .field_count = COUNT_OF(first_surveillance_deadline_fields),
     .defaults = &decision_defaults,
     .facts_size = sizeof decision_defaults,
     .answer = first_surveillance_deadline},
    {.op = "surveillance_check",
     .rules = RULES("SUR-01", "SUR-03", "SUR-04", "SUR-05"),
     .basis = "/decision_date",
     .fields = surveillance_check_fields,
     .field_count = COUNT_OF(surveillance_check_fields),
     .defaults = &check_defaults,
     .facts_size = sizeof check_defaults,
     .check = surveillance_check_check,
     .answer = surveillance_check_answer},
    {.op = NULL},
};
