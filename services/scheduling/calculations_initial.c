/* Initial audit, findings, suspension and claims as calculations. */
#include "services/scheduling/calculation_answer.h"

#include "services/scheduling/rules/claims.h"
#include "services/scheduling/rules/findings.h"
#include "services/scheduling/rules/stages.h"
#include "services/scheduling/rules/suspension.h"

#define RULES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define MOST_FINDINGS 10000

struct due_facts {
    struct civil closing_meeting;
    int plan_days;
    int evidence_days;
    bool year_end_closed;
};

static const struct stage_gap_facts gap_defaults = {.min_days = STAGE_GAP_MIN_DAYS,
                                                    .max_months = STAGE_GAP_MAX_MONTHS};
static const struct initial_gate_facts gate_defaults;
static const struct major_facts major_defaults;
static const struct due_facts due_defaults = {.plan_days = FINDING_PLAN_DAYS,
                                              .evidence_days = FINDING_EVIDENCE_DAYS};
static const struct suspension_facts suspension_defaults = {.max_months =
                                                                SUSPENSION_MAX_MONTHS};
static const struct claims_facts claims_defaults = {.in_scope = true};

static const char *const gap_codes[] = {
    [STAGE_GAP_OK] = "OK",
    [STAGE_GAP_TOO_SHORT] = "TOO_SHORT",
    [STAGE_GAP_REPEAT_STAGE1_REVIEW] = "REPEAT_STAGE1_REVIEW",
    [STAGE_GAP_STAGE2_BEFORE_STAGE1] = "STAGE2_BEFORE_STAGE1",
};
static const char *const suspension_statuses[] = {
    [SUSPENSION_SUSPENDED] = "suspended",
    [SUSPENSION_RESTORED] = "restored",
    [SUSPENSION_WITHDRAW_OR_REDUCE] = "withdraw_or_reduce",
};
static const char *const states[] = {
    "none",      "preparing", "stage1_done", "stage2_done", "recommended",
    "certified", "suspended", "withdrawn",   "expired",     NULL};

#define DATE(name, type, member, needed)                                                 \
    {                                                                                    \
        .pointer = (name), .kind = FIELD_DATE, .offset = offsetof(type, member),         \
        .required = (needed)                                                             \
    }
#define INTEGER(name, type, member, from, to)                                            \
    {                                                                                    \
        .pointer = (name), .kind = FIELD_INT, .offset = offsetof(type, member),          \
        .least = (from), .most = (to)                                                    \
    }
#define FLAG(name, type, member)                                                         \
    {                                                                                    \
        .pointer = (name), .kind = FIELD_BOOL, .offset = offsetof(type, member)          \
    }

static const struct field gap_fields[] = {
    DATE("/stage1_last_day", struct stage_gap_facts, stage1_last_day, true),
    DATE("/stage2_first_day", struct stage_gap_facts, stage2_first_day, true),
    FLAG("/significant_change", struct stage_gap_facts, significant_change),
    INTEGER("/policy/min_days", struct stage_gap_facts, min_days, 0, 365),
    INTEGER("/policy/max_months", struct stage_gap_facts, max_months, 1, 36),
};

#define GATE_FLAG(name, item) FLAG("/done/" name, struct initial_gate_facts, done[item])
#define GATE_COUNT(member)                                                               \
    INTEGER("/" #member, struct initial_gate_facts, member, 0, MOST_FINDINGS)

static const struct field gate_fields[] = {
    GATE_FLAG("scope", GATE_SCOPE),
    GATE_FLAG("risk_assessment", GATE_RISK_ASSESSMENT),
    GATE_FLAG("soa", GATE_SOA),
    GATE_FLAG("internal_audit_full_scope", GATE_INTERNAL_AUDIT_FULL_SCOPE),
    GATE_FLAG("management_review", GATE_MANAGEMENT_REVIEW),
    GATE_COUNT(open_majors),
    GATE_COUNT(minors_without_accepted_plan),
    GATE_COUNT(open_minors),
    FLAG("/policy/minor_must_be_closed", struct initial_gate_facts, minor_must_be_closed),
};

static const struct field major_fields[] = {
    DATE("/stage2_last_day", struct major_facts, stage2_last_day, true),
    DATE("/verified_date", struct major_facts, verified_date, false),
    DATE("/today", struct major_facts, today, false),
};

static const struct field due_fields[] = {
    DATE("/closing_meeting", struct due_facts, closing_meeting, true),
    INTEGER("/policy/plan_days", struct due_facts, plan_days, 0, 730),
    INTEGER("/policy/evidence_days", struct due_facts, evidence_days, 0, 730),
    FLAG("/policy/year_end_closed", struct due_facts, year_end_closed),
};

static const struct field suspension_fields[] = {
    DATE("/start", struct suspension_facts, start, true),
    INTEGER("/max_months", struct suspension_facts, max_months, 1, 36),
    DATE("/resolved_date", struct suspension_facts, resolved_date, false),
    DATE("/today", struct suspension_facts, today, false),
};

static const struct field claims_fields[] = {
    {.pointer = "/state",
     .kind = FIELD_CHOICE,
     .offset = offsetof(struct claims_facts, state),
     .required = true,
     .choices = states},
    DATE("/today", struct claims_facts, today, false),
    DATE("/effective_date", struct claims_facts, effective_date, false),
    DATE("/expiry", struct claims_facts, expiry, false),
    FLAG("/in_scope", struct claims_facts, in_scope),
};

static void stage_gap(const void *given, const struct answer *answer)
{
    struct stage_gap_result result = stage_gap_check(given);

    answer_text(answer, "code", gap_codes[result.code]);
    answer_integer(answer, "days", result.days);
    answer_date(answer, "earliest_stage2", result.earliest);
    answer_date(answer, "latest_stage2", result.latest);
}

static void initial_gate(const void *given, const struct answer *answer)
{
    const struct initial_gate_facts *facts = given;
    json_t *missing;

    answer_bool(answer, "may_decide", initial_gate_may_decide(facts));
    missing = answer_list(answer, "missing");
    for (int item = 0; item < GATE_ITEMS; item++) {
        if (!facts->done[item])
            json_array_append_new(missing, json_string(gate_item_names[item]));
    }
    answer_bool(answer, "majors_stand_against_it", facts->open_majors > 0);
    answer_bool(answer, "minors_stand_against_it",
                facts->minors_without_accepted_plan > 0 ||
                    (facts->minor_must_be_closed && facts->open_minors > 0));
}

static void major_nc_initial(const void *given, const struct answer *answer)
{
    struct major_result result = finding_major_initial(given);

    answer_date(answer, "deadline", result.deadline);
    answer_bool(answer, "new_stage2_required", result.new_stage2_required);
    answer_date(answer, "client_deadline", finding_client_deadline(result.deadline, 6));
}

static void nc_due(const void *given, const struct answer *answer)
{
    const struct due_facts *facts = given;
    struct business_calendar calendar = {.year_end_closed = facts->year_end_closed};
    struct finding_due plan =
        finding_due_after(&calendar, facts->closing_meeting, facts->plan_days);
    struct finding_due evidence =
        finding_due_after(&calendar, facts->closing_meeting, facts->evidence_days);

    answer_date(answer, "plan_due", plan.due);
    answer_date(answer, "plan_due_raw", plan.raw);
    answer_date(answer, "evidence_due", evidence.due);
    answer_date(answer, "evidence_due_raw", evidence.raw);
}

static void suspension(const void *given, const struct answer *answer)
{
    struct suspension_result result = suspension_judge(given);

    answer_date(answer, "limit_date", result.limit_date);
    answer_text(answer, "status", suspension_statuses[result.status]);
}

static void claims(const void *given, const struct answer *answer)
{
    struct claims_verdict result = claims_judge(given);

    answer_bool(answer, "may_say_passed_audit", result.may_say_passed_audit);
    answer_bool(answer, "may_claim_certified", result.may_claim_certified);
    answer_bool(answer, "may_show_mark", result.may_show_mark);
    answer_bool(answer, "must_remove_mark", result.must_remove_mark);
}

static void major_check(const void *given, struct calculation_errors *errors)
{
    const struct major_facts *facts = given;

    if (civil_is_none(facts->verified_date)) {
        if (civil_is_none(facts->today))
            calculation_refuse(errors, "/today", "required");
    } else if (civil_before(facts->verified_date, facts->stage2_last_day)) {
        calculation_refuse(errors, "/verified_date", "before_start");
    }
}

static void suspension_check(const void *given, struct calculation_errors *errors)
{
    const struct suspension_facts *facts = given;
    bool has_today = !civil_is_none(facts->today);
    bool has_resolved = !civil_is_none(facts->resolved_date);

    if (!has_today && !has_resolved)
        calculation_refuse(errors, "/today", "required");
    if (has_today && civil_before(facts->today, facts->start))
        calculation_refuse(errors, "/today", "before_start");
    if (has_resolved && civil_before(facts->resolved_date, facts->start))
        calculation_refuse(errors, "/resolved_date", "before_start");
}

static void claims_check(const void *given, struct calculation_errors *errors)
{
    const struct claims_facts *facts = given;

    if (civil_is_none(facts->effective_date) || civil_is_none(facts->expiry))
        return;
    if (civil_before(facts->expiry, facts->effective_date))
        calculation_refuse(errors, "/expiry", "before_start");
}

#define ROW(name, start, checker, blamed, ...)                                           \
    .op = #name, .rules = RULES(__VA_ARGS__), .basis = (blamed),                         \
    .fields = start##_fields, .field_count = COUNT_OF(start##_fields),                   \
    .defaults = &start##_defaults, .facts_size = sizeof start##_defaults,                \
    .check = (checker), .answer = (name)

const struct calculation initial_calculations[] = {
    {ROW(stage_gap, gap, NULL, "/stage1_last_day", "INI-02", "CHG-04")},
    {ROW(initial_gate, gate, NULL, "", "INI-03", "NC-01")},
    {ROW(major_nc_initial, major, major_check, "/stage2_last_day", "NC-02", "CAL-01")},
    {ROW(nc_due, due, NULL, "/closing_meeting", "NC-03", "CAL-04")},
    {ROW(suspension, suspension, suspension_check, "/start", "SUS-02", "SUS-03")},
    {ROW(claims, claims, claims_check, "/state", "MRK-01", "MRK-02", "MRK-03")},
    {.op = NULL},
};
