/* Back-plans, floors and seasons as calculations. */
#include "services/scheduling/calculation_answer.h"

#include "services/scheduling/rules/backplan.h"
#include "services/scheduling/rules/season.h"

#define RULES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The body's flag is a choice of two stages in JSON and a bool in the rule. */
struct plan_facts {
    struct backplan_facts plan;
    int ia_mr_required_before; /* 0: stage1, 1: stage2 */
};

struct total_facts {
    struct civil kickoff;
    struct civil target;
    int min_total_months;
};

struct season_facts {
    struct civil date;
    unsigned busy_months;
};

static const struct plan_facts plan_defaults = {
    .plan = {.policy = BACKPLAN_POLICY_DEFAULT}, .ia_mr_required_before = 1};
static const struct total_facts total_defaults = {.min_total_months =
                                                      SEASON_MIN_TOTAL_MONTHS};
static const struct season_facts season_defaults = {.busy_months = SEASON_BUSY_MONTHS};

static const char *const variants[] = {"ia_before_stage1", "ia_between_stages", NULL};
static const char *const stages[] = {"stage1", "stage2", NULL};

#define PLAN(member) offsetof(struct plan_facts, plan.member)
#define POLICY_INT(name, from, to)                                                       \
    {                                                                                    \
        .pointer = "/policy/" #name, .kind = FIELD_INT, .offset = PLAN(policy.name),     \
        .least = (from), .most = (to)                                                    \
    }
#define POLICY_DAYS(name) POLICY_INT(name, 0, BACKPLAN_MOST_DAYS)

static const struct field plan_fields[] = {
    {.pointer = "/target_certificate_date",
     .kind = FIELD_DATE,
     .offset = PLAN(target_certificate_date),
     .required = true},
    {.pointer = "/variant",
     .kind = FIELD_CHOICE,
     .offset = PLAN(variant),
     .choices = variants},
    {.pointer = "/today", .kind = FIELD_DATE, .offset = PLAN(today), .required = true},
    POLICY_DAYS(cert_issue_days),
    POLICY_DAYS(review_days),
    POLICY_DAYS(ca_days),
    POLICY_INT(stage2_bd, 1, BACKPLAN_MOST_AUDIT_DAYS),
    POLICY_DAYS(stage2_prep_days),
    POLICY_INT(stage1_bd, 1, BACKPLAN_MOST_AUDIT_DAYS),
    POLICY_DAYS(mr_buffer_days),
    POLICY_DAYS(mr_days),
    POLICY_DAYS(ia_days),
    POLICY_DAYS(ops_days),
    POLICY_DAYS(documents_days),
    POLICY_DAYS(treatment_days),
    POLICY_DAYS(risk_assessment_days),
    POLICY_DAYS(asset_inventory_days),
    POLICY_DAYS(scope_days),
    {.pointer = "/policy/year_end_closed",
     .kind = FIELD_BOOL,
     .offset = PLAN(policy.year_end_closed)},
    {.pointer = "/policy/ia_mr_required_before",
     .kind = FIELD_CHOICE,
     .offset = offsetof(struct plan_facts, ia_mr_required_before),
     .choices = stages},
};

static const struct field total_fields[] = {
    {.pointer = "/kickoff",
     .kind = FIELD_DATE,
     .offset = offsetof(struct total_facts, kickoff),
     .required = true},
    {.pointer = "/target",
     .kind = FIELD_DATE,
     .offset = offsetof(struct total_facts, target),
     .required = true},
    {.pointer = "/policy/min_total_months",
     .kind = FIELD_INT,
     .offset = offsetof(struct total_facts, min_total_months),
     .least = 0,
     .most = 60},
};

static const struct field season_fields[] = {
    {.pointer = "/date",
     .kind = FIELD_DATE,
     .offset = offsetof(struct season_facts, date),
     .required = true},
    {.pointer = "/busy_months",
     .kind = FIELD_MONTH_SET,
     .offset = offsetof(struct season_facts, busy_months)},
};

static void add_text(json_t *list, bool wanted, const char *text)
{
    if (wanted)
        json_array_append_new(list, json_string(text));
}

static void answer_reasons(const struct backplan *plan, const struct answer *answer)
{
    json_t *list = answer_list(answer, "reasons");

    add_text(list, plan->audit_not_after_stage1, "INTERNAL_AUDIT_NOT_AFTER_STAGE1");
    add_text(list, plan->body_refuses_variant, "BODY_WANTS_INTERNAL_AUDIT_BEFORE_STAGE1");
    add_text(list, plan->kickoff_is_past, "KICKOFF_IS_PAST");
}

/* PLN-05 */
static void answer_busy(const struct backplan *plan, const struct answer *answer)
{
    static const enum backplan_milestone audits[] = {BACKPLAN_STAGE1_FIRST,
                                                     BACKPLAN_STAGE2_FIRST};
    json_t *list = answer_list(answer, "busy_audits");

    for (size_t i = 0; i < COUNT_OF(audits); i++)
        add_text(list, season_is_busy(plan->date[audits[i]], SEASON_BUSY_MONTHS),
                 backplan_milestone_names[audits[i]]);
}

/* Milestones outside 1950-2199 leave an alternative out; the plan itself is refused. */
static bool is_sayable(const struct backplan *plan)
{
    return civil_in_range(plan->date[BACKPLAN_KICKOFF]) &&
           civil_in_range(plan->date[BACKPLAN_CERTIFICATE]);
}

static void answer_alternatives(const struct backplan_facts *facts, bool wanted,
                                const struct answer *answer)
{
    json_t *list = answer_list(answer, "alternatives");

    for (int i = 0; wanted && i < BACKPLAN_ALTERNATIVES; i++) {
        struct backplan_facts changed;
        struct backplan plan;
        if (!backplan_alternative_facts(facts, (enum backplan_alternative)i, &changed))
            continue;
        backplan_make(&changed, &plan);
        if (!is_sayable(&plan))
            continue;
        struct answer item = answer_item(answer, list);
        answer_text(&item, "kind", backplan_alternative_names[i]);
        answer_date(&item, "target_certificate_date", changed.target_certificate_date);
        answer_date(&item, "kickoff", plan.date[BACKPLAN_KICKOFF]);
        answer_bool(&item, "order_ok", plan.order_ok);
        answer_bool(&item, "feasible", plan.feasible);
    }
}

static void backplan(const void *given, const struct answer *answer)
{
    const struct plan_facts *wrapped = given;
    struct backplan_facts facts = wrapped->plan;
    struct backplan plan;

    facts.policy.ia_mr_required_before_stage1 = wrapped->ia_mr_required_before == 0;
    backplan_make(&facts, &plan);
    for (int i = 0; i < BACKPLAN_MILESTONES; i++)
        answer_date(answer, backplan_milestone_names[i], plan.date[i]);
    answer_bool(answer, "order_ok", plan.order_ok);
    answer_bool(answer, "feasible", plan.feasible);
    answer_integer(answer, "days_to_spare",
                   civil_days_between(facts.today, plan.date[BACKPLAN_KICKOFF]));
    struct answer raw = answer_object(answer, "raw");
    for (int i = 0; i < BACKPLAN_MILESTONES; i++)
        answer_date(&raw, backplan_milestone_names[i], plan.raw[i]);
    answer_reasons(&plan, answer);
    answer_busy(&plan, answer);
    answer_alternatives(&facts, !plan.feasible && is_sayable(&plan), answer);
}

static void min_total(const void *given, const struct answer *answer)
{
    const struct total_facts *facts = given;
    struct civil earliest =
        season_earliest_certificate(facts->kickoff, facts->min_total_months);

    answer_date(answer, "earliest", earliest);
    answer_bool(answer, "feasible", !civil_before(facts->target, earliest));
}

static void busy_season(const void *given, const struct answer *answer)
{
    const struct season_facts *facts = given;
    bool busy = season_is_busy(facts->date, facts->busy_months);

    answer_bool(answer, "busy", busy);
    answer_date(answer, "book_by", busy ? season_book_by(facts->date) : CIVIL_NONE);
}

#define ROW(name, table, blamed, ...)                                                    \
    .op = #name, .rules = RULES(__VA_ARGS__), .basis = (blamed),                         \
    .fields = table##_fields, .field_count = COUNT_OF(table##_fields),                   \
    .defaults = &table##_defaults, .facts_size = sizeof table##_defaults,                \
    .answer = (name)

const struct calculation plan_calculations[] = {
    {ROW(backplan, plan, "/target_certificate_date", "PLN-01", "PLN-02", "PLN-03",
         "PLN-05", "CAL-04", "INI-03")},
    {ROW(min_total, total, "/kickoff", "PLN-04")},
    {ROW(busy_season, season, "/date", "PLN-05")},
    {.op = NULL},
};
