/* A quote beside the estimate: is it far from it, and why that matters. */
#include "services/scheduling/selection.h"

#include <string.h>

enum { QUARTERS_OF_HALF = 2, TOLERANCE_QUARTERS = 2 };

struct deviation {
    const char *audit;
    int64_t quoted, expected, nearest; /* quarter days */
    int pct;
    bool below_floor;
};

struct verdict {
    json_t *audits;
    struct deviation worst;
};

bool scheme_same_family(const char *a, const char *b)
{
    size_t length = strcspn(a, "-");
    return length == strcspn(b, "-") && strncmp(a, b, length) == 0;
}

/* Is ISO/IEC 27001 in it, and is there anything beside? */
static bool covers_isms(const json_t *quote, bool *ret_more)
{
    const json_t *schemes = json_object_get(quote, "schemes");
    size_t isms = 0;
    for (size_t i = 0; i < json_array_size(schemes); i++)
        isms +=
            scheme_same_family(json_string_value(json_array_get(schemes, i)), "iso27001");
    *ret_more = json_array_size(schemes) > isms;
    return isms > 0;
}

/* ---- one audit ---- */

static int percent_of(int64_t part, int64_t whole)
{
    int64_t twice = 200 * part + (part < 0 ? -whole : whole);
    return (int)(twice / (2 * whole));
}

static struct deviation deviation_of(const char *audit, int64_t quoted, int expected,
                                     int least, int most)
{
    struct deviation found = {.audit = audit,
                              .quoted = quoted,
                              .expected = (int64_t)expected * QUARTERS_OF_HALF,
                              .nearest = quoted};
    if (quoted < (int64_t)least * QUARTERS_OF_HALF)
        found.nearest = (int64_t)least * QUARTERS_OF_HALF;
    else if (quoted > (int64_t)most * QUARTERS_OF_HALF)
        found.nearest = (int64_t)most * QUARTERS_OF_HALF;
    if (found.nearest > 0)
        found.pct = percent_of(quoted - found.nearest, found.nearest);
    return found;
}

static json_t *deviation_json(const struct deviation *found)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:i, s:b}", "audit", found->audit,
                     "quoted_days", quarter_days_json(found->quoted), "estimated_days",
                     quarter_days_json(found->expected), "nearest_days",
                     quarter_days_json(found->nearest), "deviation_pct", found->pct,
                     "below_floor", found->below_floor);
}

static int magnitude(int pct)
{
    return pct < 0 ? -pct : pct;
}

static void judge(struct verdict *verdict, const struct deviation *found,
                  int threshold_pct, bool only_below)
{
    int64_t distance = found->quoted - found->nearest;
    bool far = magnitude(found->pct) > threshold_pct &&
               (distance > TOLERANCE_QUARTERS || distance < -TOLERANCE_QUARTERS);
    if (!found->below_floor && (!far || (only_below && distance > 0)))
        return;
    json_array_append_new(verdict->audits, deviation_json(found));
    bool worse = found->below_floor > verdict->worst.below_floor ||
                 (found->below_floor == verdict->worst.below_floor &&
                  magnitude(found->pct) > magnitude(verdict->worst.pct));
    if (worse || !verdict->worst.audit)
        verdict->worst = *found;
}

/* ---- the quote ---- */

static void judge_initial(struct verdict *verdict, const json_t *quote,
                          const struct estimate *estimate, int threshold_pct, bool more)
{
    int stage1 = quote_quarter_days(quote, "stage1");
    int stage2 = quote_quarter_days(quote, "stage2");
    if (stage1 < 0 || stage2 < 0 || stage1 + stage2 == 0)
        return;
    struct deviation found =
        deviation_of("initial", stage1 + stage2, estimate->time.initial,
                     estimate->least.initial, estimate->most.initial);
    found.below_floor = found.quoted < (int64_t)estimate->floor * QUARTERS_OF_HALF;
    judge(verdict, &found, threshold_pct, more);
}

static void judge_later(struct verdict *verdict, const json_t *quote,
                        const struct estimate *estimate, int threshold_pct, bool more)
{
    const struct audit_time *time = &estimate->time, *least = &estimate->least,
                            *most = &estimate->most;
    const struct {
        const char *audit;
        int expected, least, most;
    } audits[] = {
        {"surveillance1", time->surveillance, least->surveillance, most->surveillance},
        {"surveillance2", time->surveillance, least->surveillance, most->surveillance},
        {"recertification", time->recertification, least->recertification,
         most->recertification},
    };
    for (size_t i = 0; i < sizeof audits / sizeof *audits; i++) {
        int quoted = quote_quarter_days(quote, audits[i].audit);
        if (quoted <= 0)
            continue;
        struct deviation found = deviation_of(audits[i].audit, quoted, audits[i].expected,
                                              audits[i].least, audits[i].most);
        judge(verdict, &found, threshold_pct, more);
    }
}

static const struct {
    const char *code, *ja, *en;
} messages[] = {
    {"below_floor",
     "初回審査の人日が、認定基準で認められる最大の減（30 %）を下回っています。"
     "工数の算定根拠を認証機関に確認してください。",
     "The initial audit has fewer days than the largest reduction that accreditation "
     "allows (30 %). Ask the body how it counted."},
    {"below_estimate",
     "審査人日が目安を大きく下回っています。人数・拠点・適用範囲が正しく伝わっているか、"
     "後から追加費用が生じないかを確認してください。",
     "The audit days are far below the estimate. Check that the body was told the right "
     "head count, sites and scope, and that nothing is added later."},
    {"above_estimate",
     "審査人日が目安を大きく上回っています。増の理由（複雑さ、拠点、組合せ）を"
     "認証機関に確認してください。",
     "The audit days are far above the estimate. Ask the body for the reason "
     "(complexity, "
     "sites, combined standards)."},
};

static json_t *warning_json(const struct verdict *verdict, int threshold_pct)
{
    const struct deviation *worst = &verdict->worst;
    int message = worst->below_floor ? 0 : worst->pct < 0 ? 1 : 2;
    return json_pack("{s:s, s:i, s:i, s:o, s:s, s:s, s:{s:[s, s, s], s:{s:i}}}", "code",
                     messages[message].code, "deviation_pct", worst->pct, "threshold_pct",
                     threshold_pct, "audits", verdict->audits, "message_ja",
                     messages[message].ja, "message_en", messages[message].en, "why",
                     "rules", "AT-01", "AT-02", "AT-03", "policy", "quote_deviation_pct",
                     threshold_pct);
}

json_t *quote_warning(const json_t *quote, const struct estimate *estimate,
                      int threshold_pct)
{
    struct verdict verdict = {0};
    bool more;
    if (estimate->problem || !covers_isms(quote, &more))
        return json_null();
    verdict.audits = json_array();
    judge_initial(&verdict, quote, estimate, threshold_pct, more);
    judge_later(&verdict, quote, estimate, threshold_pct, more);
    if (verdict.worst.audit)
        return warning_json(&verdict, threshold_pct);
    json_decref(verdict.audits);
    return json_null();
}

void selection_policies(const json_t *facts, const json_t *body, struct policies *ret)
{
    const json_t *levels[POLICY_LEVELS] = {
        [POLICY_CONSULTANCY] = json_object_get(facts, "consultancy_policies"),
        [POLICY_BODY] = json_object_get(body, "policies"),
        [POLICY_CERTIFICATION] = json_object_get(facts, "certification_policies"),
    };
    policies_effective(levels, ret);
}

json_t *quote_check(const json_t *facts, const json_t *quote)
{
    struct policies policies;
    struct estimate estimate;
    bool more;
    selection_policies(facts, json_object_get(quote, "body"), &policies);
    estimate_make(facts, NULL, &policies, &estimate);
    return json_pack(
        "{s:o, s:o}", "estimate",
        covers_isms(quote, &more) ? estimate_days_json(&estimate) : json_null(),
        "warning", quote_warning(quote, &estimate, policies.quote_deviation_pct));
}
