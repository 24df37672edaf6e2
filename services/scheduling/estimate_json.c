/* The estimate as the contract writes it, each step with its rule and a sentence in both languages. */
#include "services/scheduling/estimate.h"

#include "services/scheduling/rules/rule.h"

#include <string.h>

json_t *half_days_json(int half_days)
{
    return half_days % 2 ? json_real(half_days / 2.0) : json_integer(half_days / 2);
}

static json_t *percent_json(int64_t thousandths)
{
    if (thousandths % AUDIT_TIME_PERCENT == 0)
        return json_integer(thousandths / AUDIT_TIME_PERCENT);
    return json_real((double)thousandths / AUDIT_TIME_PERCENT);
}

static json_t *days_or_null(const struct estimate *estimate, int half_days)
{
    return estimate->problem ? json_null() : half_days_json(half_days);
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

/* ---- parts ---- */

static json_t *persons_json(const struct estimate *estimate)
{
    json_t *groups = json_array();
    for (size_t i = 0; i < estimate->group_count; i++)
        json_array_append_new(
            groups,
            json_pack("{s:I, s:I}", "persons", (json_int_t)estimate->groups[i], "counted",
                      (json_int_t)audit_time_square_root_up(estimate->groups[i])));
    return json_pack(
        "{s:I, s:o, s:o, s:I, s:I}", "headcount", (json_int_t)estimate->headcount,
        "source", text_or_null(estimate->source), "identical_groups", groups, "others",
        (json_int_t)estimate->others, "effective", (json_int_t)estimate->facts.persons);
}

static json_t *factors_json(const int64_t *factors)
{
    int score = audit_time_score(factors);
    return json_pack("{s:[I, I, I], s:i, s:s}", "factors", (json_int_t)factors[0],
                     (json_int_t)factors[1], (json_int_t)factors[2], "score", score,
                     "level", audit_time_level_names[audit_time_level_of_score(score)]);
}

static json_t *complexity_json(const struct estimate *estimate)
{
    if (!audit_time_has_complexity(&estimate->facts))
        return json_null();
    struct audit_time_range range = audit_time_range_of(&estimate->facts);
    return json_pack("{s:o, s:o, s:i, s:i}", "business",
                     factors_json(estimate->facts.business), "it",
                     factors_json(estimate->facts.it), "from_pct", range.from_pct,
                     "to_pct", range.to_pct);
}

static json_t *range_json(const struct estimate *estimate, int least, int most)
{
    if (estimate->problem)
        return json_null();
    return json_pack("{s:o, s:o}", "least", half_days_json(least), "most",
                     half_days_json(most));
}

static json_t *ranges_json(const struct estimate *estimate)
{
    const struct audit_time *least = &estimate->least, *most = &estimate->most;
    return json_pack("{s:o, s:o, s:o}", "initial_days",
                     range_json(estimate, least->initial, most->initial),
                     "surveillance_days",
                     range_json(estimate, least->surveillance, most->surveillance),
                     "recertification_days",
                     range_json(estimate, least->recertification, most->recertification));
}

static json_t *remote_json(const struct estimate *estimate)
{
    int pct = estimate->facts.remote_pct;
    int remote = audit_time_remote(estimate->time.initial, pct);
    return json_pack(
        "{s:i, s:o, s:o, s:b, s:o}", "pct", pct, "remote_days",
        days_or_null(estimate, remote), "on_site_days",
        days_or_null(estimate, estimate->time.initial - remote), "needs_reason",
        audit_time_remote_needs_reason(pct, estimate->facts.max_remote_pct) &&
            !estimate->remote_reason,
        "reason", text_or_null(estimate->remote_reason));
}

static json_t *sites_json(const struct estimate *estimate)
{
    const int64_t *visits = estimate->visits;
    return json_pack(
        "{s:I, s:b, s:b, s:I, s:I, s:I, s:I}", "count", (json_int_t)estimate->sites,
        "central_function", 1, "sampling", estimate->sampling, "initial",
        (json_int_t)visits[SITES_INITIAL], "surveillance",
        (json_int_t)visits[SITES_SURVEILLANCE], "recertification",
        (json_int_t)visits[SITES_RECERTIFICATION], "random_minimum",
        (json_int_t)(estimate->sampling ? sites_random_minimum(visits[SITES_INITIAL])
                                        : 0));
}

/* ---- why ---- */

struct steps {
    json_t *list;
};

/* Takes the texts over. */
static void add_step(struct steps *steps, const char *id, json_t *text_ja,
                     json_t *text_en)
{
    const struct rule *rule = rule_find(id);
    json_array_append_new(steps->list,
                          json_pack("{s:s, s:o, s:o, s:o}", "rule", id, "source",
                                    text_or_null(rule ? rule->source : NULL), "text_ja",
                                    text_ja, "text_en", text_en));
}

static void explain_persons(struct steps *steps, const struct estimate *estimate)
{
    static const struct {
        const char *source, *ja, *en;
    } sources[] = {
        {"own", "入力値", "entered"},
        {"departments", "適用範囲内の部門の人数の合計", "departments in scope"},
        {"sites", "適用範囲内の拠点の人数の合計", "sites in scope"},
        {"client", "会社全体の人数", "the whole company"},
    };
    size_t i = 0;
    while (strcmp(estimate->source, sources[i].source) != 0)
        i++;
    add_step(steps, "AT-01",
             json_sprintf("適用範囲内の要員 %lld 人（%s）",
                          (long long)estimate->headcount, sources[i].ja),
             json_sprintf("%lld persons in scope (%s)", (long long)estimate->headcount,
                          sources[i].en));
    if (estimate->group_count > 0)
        add_step(
            steps, "AT-05",
            json_sprintf("同じ作業の要員は作業ごとに平方根で数え、有効要員数は %lld 人",
                         (long long)estimate->facts.persons),
            json_sprintf("persons with identical work count as the square root per "
                         "activity: %lld effective persons",
                         (long long)estimate->facts.persons));
}

static void explain_table(struct steps *steps, const struct estimate *estimate)
{
    const struct audit_time *time = &estimate->time;
    add_step(
        steps, "AT-01",
        json_sprintf("%lld～%lld 人の欄：初回審査 %g 人日", (long long)time->bracket_from,
                     (long long)time->bracket_to, time->table / 2.0),
        json_sprintf("row of %lld to %lld persons: %g auditor-days for the initial audit",
                     (long long)time->bracket_from, (long long)time->bracket_to,
                     time->table / 2.0));
}

static void explain_adjustment(struct steps *steps, const struct estimate *estimate)
{
    double applied = (double)estimate->time.applied_pct / AUDIT_TIME_PERCENT;
    if (audit_time_has_complexity(&estimate->facts)) {
        struct audit_time_range range = audit_time_range_of(&estimate->facts);
        add_step(steps, "AT-02",
                 json_sprintf("業務の複雑さ %d 点、IT の複雑さ %d 点：%d～%d %%、"
                              "うち %g %% を適用",
                              audit_time_score(estimate->facts.business),
                              audit_time_score(estimate->facts.it), range.from_pct,
                              range.to_pct, applied),
                 json_sprintf("complexity %d (business) and %d (IT): %d to %d %%, "
                              "%g %% applied",
                              audit_time_score(estimate->facts.business),
                              audit_time_score(estimate->facts.it), range.from_pct,
                              range.to_pct, applied));
    } else if (applied != 0) {
        add_step(steps, "AT-02", json_sprintf("増減 %+g %% を適用", applied),
                 json_sprintf("%+g %% applied", applied));
    } else {
        add_step(steps, "AT-02", json_string("増減なし"), json_string("no adjustment"));
    }
    if (estimate->facts.integrated_pct > 0)
        add_step(
            steps, "AT-08",
            json_sprintf("統合審査による減 %d %%：初回審査 %g 人日",
                         estimate->facts.integrated_pct, estimate->time.initial / 2.0),
            json_sprintf("integrated audit, %d %% less: %g days",
                         estimate->facts.integrated_pct, estimate->time.initial / 2.0));
}

static void explain_audits(struct steps *steps, const struct estimate *estimate)
{
    const struct audit_time *time = &estimate->time;
    add_step(steps, "AT-04",
             json_sprintf("初回審査 %g 人日を第一段階 %g 人日、第二段階 %g 人日に分ける",
                          time->initial / 2.0, time->stage1 / 2.0, time->stage2 / 2.0),
             json_sprintf("initial audit of %g days: stage 1 %g, stage 2 %g",
                          time->initial / 2.0, time->stage1 / 2.0, time->stage2 / 2.0));
    add_step(
        steps, "AT-03",
        json_sprintf("サーベイランスは約3分の1の %g 人日、再認証は約3分の2の %g 人日",
                     time->surveillance / 2.0, time->recertification / 2.0),
        json_sprintf("surveillance about a third: %g days; recertification about "
                     "two thirds: %g days",
                     time->surveillance / 2.0, time->recertification / 2.0));
}

static void explain_places(struct steps *steps, const struct estimate *estimate)
{
    const int64_t *visits = estimate->visits;
    int minimum = audit_time_on_site_minimum(estimate->time.initial);
    add_step(
        steps, "AT-06",
        json_sprintf("初回審査のうち現地で少なくとも %g 人日", minimum / 2.0),
        json_sprintf("at least %g days of the initial audit on site", minimum / 2.0));
    if (estimate->facts.remote_pct > 0)
        add_step(steps, "AT-07",
                 json_sprintf("遠隔 %d %%（理由なしで認める上限 %d %%）",
                              estimate->facts.remote_pct, estimate->facts.max_remote_pct),
                 json_sprintf("%d %% remote (a reason is wanted above %d %%)",
                              estimate->facts.remote_pct,
                              estimate->facts.max_remote_pct));
    if (estimate->sites > 0)
        add_step(steps, estimate->sampling ? "MS-01" : "MS-02",
                 json_sprintf("中央機能のほか %lld 拠点のうち、初回 %lld、サーベイランス "
                              "%lld、再認証 %lld 拠点を訪問",
                              (long long)estimate->sites, (long long)visits[0],
                              (long long)visits[1], (long long)visits[2]),
                 json_sprintf("of %lld sites besides the central function: %lld at the "
                              "initial audit, %lld at a surveillance, %lld at "
                              "recertification",
                              (long long)estimate->sites, (long long)visits[0],
                              (long long)visits[1], (long long)visits[2]));
}

static json_t *why_json(const struct estimate *estimate)
{
    struct steps steps = {.list = json_array()};
    const struct audit_time_facts *facts = &estimate->facts;
    if (estimate->source)
        explain_persons(&steps, estimate);
    if (!estimate->problem) {
        explain_table(&steps, estimate);
        explain_adjustment(&steps, estimate);
        explain_audits(&steps, estimate);
        explain_places(&steps, estimate);
    }
    return json_pack(
        "{s:[s, s, s, s, s, s, s, s, s, s], s:o, s:{s:o, s:o, s:o, s:s, s:i}}", "rules",
        "AT-01", "AT-02", "AT-03", "AT-04", "AT-05", "AT-06", "AT-07", "AT-08", "MS-01",
        "MS-02", "steps", steps.list, "policy", "min_adjust_pct",
        percent_json(facts->min_pct), "max_adjust_pct", percent_json(facts->max_pct),
        "stage1_share_pct", percent_json(facts->stage1_share_pct), "audit_time_round",
        facts->round == AUDIT_TIME_CEIL_HALF ? "ceil_half" : "nearest_half",
        "max_remote_pct", facts->max_remote_pct);
}

json_t *estimate_days_json(const struct estimate *estimate)
{
    const struct audit_time *time = &estimate->time;
    return json_pack("{s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "problem",
                     text_or_null(estimate->problem), "persons",
                     (json_int_t)estimate->facts.persons, "initial_days",
                     days_or_null(estimate, time->initial), "stage1_days",
                     days_or_null(estimate, time->stage1), "stage2_days",
                     days_or_null(estimate, time->stage2), "surveillance_days",
                     days_or_null(estimate, time->surveillance), "recertification_days",
                     days_or_null(estimate, time->recertification));
}

json_t *estimate_json(const struct estimate *estimate)
{
    const struct audit_time *time = &estimate->time;
    json_t *json = estimate_days_json(estimate);
    json_object_set_new(json, "persons", persons_json(estimate));
    json_object_set_new(json, "table_days", days_or_null(estimate, time->table));
    json_object_set_new(json, "bracket",
                        estimate->problem
                            ? json_null()
                            : json_pack("{s:I, s:I}", "from",
                                        (json_int_t)time->bracket_from, "to",
                                        (json_int_t)time->bracket_to));
    json_object_set_new(json, "complexity", complexity_json(estimate));
    json_object_set_new(json, "applied_pct",
                        estimate->problem ? json_null()
                                          : percent_json(time->applied_pct));
    json_object_set_new(json, "integrated_pct",
                        json_integer(estimate->facts.integrated_pct));
    json_object_set_new(json, "ranges", ranges_json(estimate));
    json_object_set_new(json, "floor_days", days_or_null(estimate, estimate->floor));
    json_object_set_new(
        json, "on_site_minimum_days",
        days_or_null(estimate, audit_time_on_site_minimum(time->initial)));
    json_object_set_new(json, "remote", remote_json(estimate));
    json_object_set_new(json, "sites", sites_json(estimate));
    json_object_set_new(json, "why", why_json(estimate));
    return json;
}
