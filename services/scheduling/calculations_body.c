/* What a certification body counts: audit time, effective persons, sites. */
#include "services/scheduling/calculation_answer.h"

#include "services/scheduling/rules/audit_time.h"
#include "services/scheduling/rules/sites.h"

#define RULES(...) ((const char *const[]){__VA_ARGS__, NULL})

struct person_facts {
    int64_t groups[AUDIT_TIME_MOST_GROUPS];
    size_t group_count;
    int64_t others;
};

struct site_facts {
    int64_t sites;
    enum sites_audit audit;
};

static const struct audit_time_facts time_defaults = AUDIT_TIME_FACTS_DEFAULT;
static const struct person_facts person_defaults;
static const struct site_facts site_defaults;

static const char *const rounds[] = {"nearest_half", "ceil_half", NULL};
static const char *const site_audits[] = {"initial", "surveillance", "recertification",
                                          NULL};

#define FACTORS(name, member)                                                            \
    {                                                                                    \
        .pointer = (name), .kind = FIELD_COUNTS,                                         \
        .offset = offsetof(struct audit_time_facts, member),                             \
        .count_offset = offsetof(struct audit_time_facts, member##_count),               \
        .most = AUDIT_TIME_FACTORS, .item_most = AUDIT_TIME_FACTORS, .required = true    \
    }

#define SHARE(name, member, to)                                                          \
    {                                                                                    \
        .pointer = (name), .kind = FIELD_INT,                                            \
        .offset = offsetof(struct audit_time_facts, member), .least = 0, .most = (to)    \
    }

#define PERCENT(name, member, from, to)                                                  \
    {                                                                                    \
        .pointer = (name), .kind = FIELD_PERCENT,                                        \
        .offset = offsetof(struct audit_time_facts, member), .least = (from),            \
        .most = (to)                                                                     \
    }

static const struct field time_fields[] = {
    {.pointer = "/persons",
     .kind = FIELD_COUNT,
     .offset = offsetof(struct audit_time_facts, persons),
     .required = true,
     .least = 1,
     .most = AUDIT_TIME_MOST_PERSONS},
    PERCENT("/adjust_pct", adjust_pct, -100, 1000),
    PERCENT("/policy/min_pct", min_pct, -30, 0),
    PERCENT("/policy/max_pct", max_pct, 0, 1000),
    {.pointer = "/policy/round",
     .kind = FIELD_CHOICE,
     .offset = offsetof(struct audit_time_facts, round),
     .choices = rounds},
    PERCENT("/policy/stage1_share_pct", stage1_share_pct, 0, 100),
    FACTORS("/complexity/business", business),
    FACTORS("/complexity/it", it),
    SHARE("/integrated_pct", integrated_pct, 20),
    SHARE("/remote_pct", remote_pct, 100),
    SHARE("/policy/max_remote_pct", max_remote_pct, 100),
};

static const struct field person_fields[] = {
    {.pointer = "/identical_groups",
     .kind = FIELD_COUNTS,
     .offset = offsetof(struct person_facts, groups),
     .count_offset = offsetof(struct person_facts, group_count),
     .most = AUDIT_TIME_MOST_GROUPS,
     .item_most = AUDIT_TIME_MOST_PERSONS},
    {.pointer = "/others",
     .kind = FIELD_COUNT,
     .offset = offsetof(struct person_facts, others),
     .least = 0,
     .most = AUDIT_TIME_MOST_PERSONS},
};

static const struct field site_fields[] = {
    {.pointer = "/sites",
     .kind = FIELD_COUNT,
     .offset = offsetof(struct site_facts, sites),
     .required = true,
     .least = 0,
     .most = SITES_MOST},
    {.pointer = "/audit",
     .kind = FIELD_CHOICE,
     .offset = offsetof(struct site_facts, audit),
     .required = true,
     .choices = site_audits},
};

static const char *const time_members[] = {
    "table_days",  "initial_days", "surveillance_days",   "recert_days",
    "stage1_days", "stage2_days",  "on_site_minimum_days"};

static void answer_times(const struct audit_time *time, const struct answer *answer)
{
    const int half_days[] = {time->table,
                             time->initial,
                             time->surveillance,
                             time->recertification,
                             time->stage1,
                             time->stage2,
                             audit_time_on_site_minimum(time->initial)};

    for (size_t i = 0; i < COUNT_OF(time_members); i++) {
        if (time->table == AUDIT_TIME_ABOVE_TABLE)
            answer_null(answer, time_members[i]);
        else
            answer_half_days(answer, time_members[i], half_days[i]);
    }
}

static void check_factors(const int64_t *factors, size_t count, const char *pointer,
                          struct calculation_errors *errors)
{
    if (count != 0 && count < AUDIT_TIME_FACTORS)
        calculation_refuse(errors, pointer, "too_few_items");
    for (size_t i = 0; i < count; i++) {
        if (factors[i] < 1)
            calculation_refuse(errors, pointer, "too_small");
    }
}

static void check_time(const void *given, struct calculation_errors *errors)
{
    const struct audit_time_facts *facts = given;

    check_factors(facts->business, facts->business_count, "/complexity/business", errors);
    check_factors(facts->it, facts->it_count, "/complexity/it", errors);
    if ((facts->business_count == 0) != (facts->it_count == 0))
        calculation_refuse(errors,
                           facts->it_count ? "/complexity/business" : "/complexity/it",
                           "too_few_items");
    if (facts->business_count && facts->adjust_pct != 0)
        calculation_refuse(errors, "/adjust_pct", "inconsistent");
}

static void answer_complexity(const struct audit_time_facts *facts,
                              const struct answer *answer)
{
    if (!audit_time_has_complexity(facts)) {
        answer_null(answer, "complexity");
        return;
    }
    struct answer item = answer_object(answer, "complexity");
    int business = audit_time_score(facts->business);
    int it = audit_time_score(facts->it);
    struct audit_time_range range = audit_time_range_of(facts);
    answer_integer(&item, "business_score", business);
    answer_text(&item, "business_level",
                audit_time_level_names[audit_time_level_of_score(business)]);
    answer_integer(&item, "it_score", it);
    answer_text(&item, "it_level", audit_time_level_names[audit_time_level_of_score(it)]);
    answer_integer(&item, "from_pct", range.from_pct);
    answer_integer(&item, "to_pct", range.to_pct);
}

static void answer_remote(const struct audit_time_facts *facts,
                          const struct audit_time *time, const struct answer *answer)
{
    struct answer item = answer_object(answer, "remote");
    int remote = audit_time_remote(time->initial, facts->remote_pct);
    answer_integer(&item, "pct", facts->remote_pct);
    if (time->table == AUDIT_TIME_ABOVE_TABLE) {
        answer_null(&item, "remote_days");
        answer_null(&item, "on_site_days");
    } else {
        answer_half_days(&item, "remote_days", remote);
        answer_half_days(&item, "on_site_days", time->initial - remote);
    }
    answer_bool(&item, "needs_reason",
                audit_time_remote_needs_reason(facts->remote_pct, facts->max_remote_pct));
}

static void audit_time(const void *given, const struct answer *answer)
{
    struct audit_time time = audit_time_estimate(given);
    bool above = time.table == AUDIT_TIME_ABOVE_TABLE;

    answer_times(&time, answer);
    answer_complexity(given, answer);
    answer_remote(given, &time, answer);
    answer_percent(answer, "applied_pct", time.applied_pct);
    answer_text(answer, "error", above ? "above_table" : NULL);
    if (above) {
        answer_null(answer, "bracket");
        return;
    }
    struct answer bracket = answer_object(answer, "bracket");
    answer_integer(&bracket, "from", time.bracket_from);
    answer_integer(&bracket, "to", time.bracket_to);
}

static void effective_persons(const void *given, const struct answer *answer)
{
    const struct person_facts *facts = given;
    int64_t heads = facts->others;

    for (size_t i = 0; i < facts->group_count; i++)
        heads += facts->groups[i];
    answer_integer(
        answer, "persons",
        audit_time_effective_persons(facts->groups, facts->group_count, facts->others));
    answer_integer(answer, "head_count", heads);
}

static void sites_sample_answer(const void *given, const struct answer *answer)
{
    const struct site_facts *facts = given;
    int64_t sample = sites_sample(facts->sites, facts->audit);

    answer_integer(answer, "sample", sample);
    answer_bool(answer, "central_function", true);
    answer_integer(answer, "random_minimum", sites_random_minimum(sample));
}

static void sites_unsampled_answer(const void *given, const struct answer *answer)
{
    const struct site_facts *facts = given;

    answer_integer(answer, "sites", sites_unsampled(facts->sites, facts->audit));
    answer_bool(answer, "central_function", true);
}

#define ROW(name, table, run, ...)                                                       \
    .op = (name), .rules = RULES(__VA_ARGS__), .basis = "", .fields = table##_fields,    \
    .field_count = COUNT_OF(table##_fields), .defaults = &table##_defaults,              \
    .facts_size = sizeof table##_defaults, .answer = (run)

const struct calculation body_calculations[] = {
    {ROW("audit_time", time, audit_time, "AT-01", "AT-02", "AT-03", "AT-04", "AT-06",
         "AT-07", "AT-08"),
     .check = check_time},
    {ROW("effective_persons", person, effective_persons, "AT-05")},
    {ROW("sites_sample", site, sites_sample_answer, "MS-01")},
    {ROW("sites_unsampled", site, sites_unsampled_answer, "MS-02")},
    {.op = NULL},
};
