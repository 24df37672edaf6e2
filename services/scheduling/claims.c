/* What a client may say, with the rule behind each answer (MRK-01..04, ADD-01, ADD-02); and the policies in force. */
#include "services/scheduling/certifications.h"

#include "services/scheduling/rules/claims.h"

#include <string.h>

/* ---- reasons ---- */

enum reason {
    REASON_NOT_YET,
    REASON_PASSED_ONLY,
    REASON_CERTIFIED,
    REASON_NOT_EFFECTIVE,
    REASON_EXPIRED,
    REASON_SUSPENDED,
    REASON_WITHDRAWN,
    REASON_OUT_OF_SCOPE,
    REASON_MARK,
    REASON_ISMS_MISSING
};

static const struct {
    const char *rule, *en, *ja;
} reasons[] = {
    [REASON_NOT_YET] =
        {"MRK-01",
         "Not recommended yet: neither the audit nor the certification may be "
         "announced.",
         "まだ推薦されていないため、審査の合格も認証取得も公表できません。"},
    [REASON_PASSED_ONLY] =
        {"MRK-01",
         "Recommended: \"passed the audit\" may be said, \"certified\" "
         "only after the decision.",
         "推薦の段階です。「審査に合格した」とは言えますが、「認証を取得した」"
         "と言えるのは認証の決定後です。"},
    [REASON_CERTIFIED] = {"MRK-01", "The certificate is in force.", "登録証が有効です。"},
    [REASON_NOT_EFFECTIVE] = {"CYC-03",
                              "The certificate is not in force before its "
                              "effective date.",
                              "登録証は発効日までは有効ではありません。"},
    [REASON_EXPIRED] =
        {"MRK-03",
         "The certificate has expired: no claim, and every use of the mark must "
         "stop.",
         "登録証は失効しています。認証を受けている旨の表示はできず、マークの使用を"
         "すべて止める必要があります。"},
    [REASON_SUSPENDED] =
        {"MRK-03",
         "The certification is suspended: no claim, and every use of the mark "
         "must stop.",
         "認証は一時停止中です。認証を受けている旨の表示はできず、マークの使用を"
         "すべて止める必要があります。"},
    [REASON_WITHDRAWN] =
        {"MRK-03",
         "The certification is withdrawn: no claim, and every use of the mark "
         "must stop.",
         "認証は取り消されています。認証を受けている旨の表示はできず、マークの"
         "使用をすべて止める必要があります。"},
    [REASON_OUT_OF_SCOPE] =
        {"MRK-02", "Outside the certified scope: the mark may not be shown here.",
         "認証の適用範囲外のため、ここではマークを表示できません。"},
    [REASON_MARK] =
        {"MRK-04",
         "The accreditation symbol only beside the body's own mark, and not on "
         "products.",
         "認定シンボルは認証機関のマークと並べて使用し、製品には表示できません。"},
    [REASON_ISMS_MISSING] =
        {"ADD-01", "This add-on counts only while the ISMS certification is in force.",
         "このアドオン認証は、ISMS 認証が有効な間だけ有効です。"},
};

static void add_reason(const struct request *rq, json_t *list, enum reason reason)
{
    bool japanese = rq->language == LANGUAGE_JA;
    json_array_append_new(list,
                          json_pack("{s:s, s:s}", "rule", reasons[reason].rule, "text",
                                    japanese ? reasons[reason].ja : reasons[reason].en));
}

/* ---- one certification ---- */

static struct civil date_of(const struct rows *rows, int row, const char *name)
{
    struct civil date = CIVIL_NONE;
    const char *text = rows_text(rows, row, name);
    if (text)
        civil_parse(text, &date);
    return date;
}

static bool is_true(const struct rows *rows, int row, const char *name)
{
    const char *text = rows_text(rows, row, name);
    return text && text[0] == 't';
}

static struct claims_facts facts_of(const struct rows *rows, int row)
{
    struct claims_facts facts = {
        .today = date_of(rows, row, "day"),
        .effective_date = date_of(rows, row, "effective_date"),
        .expiry = date_of(rows, row, "expiry_date"),
        .in_scope = is_true(rows, row, "site_in_scope") &&
                    is_true(rows, row, "department_in_scope"),
    };
    certification_state_parse(rows_text(rows, row, "state"), &facts.state);
    return facts;
}

static bool is_addon(const char *scheme)
{
    return strncmp(scheme, "iso27017-", 9) == 0 || strcmp(scheme, "iso27701-2019") == 0;
}

static bool isms_in_force(const struct rows *rows)
{
    for (int i = 0; i < rows_count(rows); i++) {
        const char *scheme = rows_text(rows, i, "scheme");
        struct claims_facts facts = facts_of(rows, i);
        if (scheme && strncmp(scheme, "iso27001-", 9) == 0 &&
            claims_judge(&facts).may_claim_certified)
            return true;
    }
    return false;
}

static enum reason state_reason(const struct claims_facts *facts,
                                const struct claims_verdict *verdict)
{
    switch (facts->state) {
    case CERTIFICATION_RECOMMENDED:
        return REASON_PASSED_ONLY;
    case CERTIFICATION_SUSPENDED:
        return REASON_SUSPENDED;
    case CERTIFICATION_WITHDRAWN:
        return REASON_WITHDRAWN;
    case CERTIFICATION_EXPIRED:
        return REASON_EXPIRED;
    case CERTIFICATION_CERTIFIED:
        if (verdict->may_claim_certified)
            return REASON_CERTIFIED;
        return verdict->must_remove_mark ? REASON_EXPIRED : REASON_NOT_EFFECTIVE;
    default:
        return REASON_NOT_YET;
    }
}

static json_t *claim_reasons(const struct request *rq, const struct claims_facts *facts,
                             const struct claims_verdict *verdict, bool isms_missing)
{
    json_t *list = json_array();
    add_reason(rq, list, state_reason(facts, verdict));
    if (isms_missing)
        add_reason(rq, list, REASON_ISMS_MISSING);
    if (!facts->in_scope)
        add_reason(rq, list, REASON_OUT_OF_SCOPE);
    if (verdict->may_show_mark && !isms_missing)
        add_reason(rq, list, REASON_MARK);
    return list;
}

static json_t *claim_json(const struct request *rq, const struct rows *rows, int row)
{
    struct claims_facts facts = facts_of(rows, row);
    struct claims_verdict verdict = claims_judge(&facts);
    const char *scheme = rows_text(rows, row, "scheme");
    bool isms_missing = is_addon(scheme) && !isms_in_force(rows);
    json_t *claim = json_pack(
        "{s:s, s:s, s:s, s:b, s:b, s:b, s:b}", "certification_id",
        rows_text(rows, row, "certification_id"), "scheme", scheme, "state",
        rows_text(rows, row, "state"), "may_say_passed_audit",
        verdict.may_say_passed_audit, "may_claim_certified",
        verdict.may_claim_certified && !isms_missing, "may_show_mark",
        verdict.may_show_mark && !isms_missing, "must_remove_mark",
        verdict.must_remove_mark || (verdict.may_claim_certified && isms_missing));
    json_set_date(claim, "effective_date", facts.effective_date);
    json_set_date(claim, "expiry_date", facts.expiry);
    json_object_set_new(claim, "reasons",
                        claim_reasons(rq, &facts, &verdict, isms_missing));
    return claim;
}

bool claims_answer(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadClaims");
    if (!is_true(rows, 0, "found"))
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    json_t *list = json_array();
    for (int i = 0; i < rows_count(rows); i++) {
        if (rows_text(rows, i, "certification_id"))
            json_array_append_new(list, claim_json(rq, rows, i));
    }
    bool in_scope =
        is_true(rows, 0, "site_in_scope") && is_true(rows, 0, "department_in_scope");
    request_reply_json(rq, json_pack("{s:s, s:s, s:b, s:o}", "client_id",
                                     rows_text(rows, 0, "client_id"), "on",
                                     rows_text(rows, 0, "day"), "in_scope", in_scope,
                                     "certifications", list));
    return true;
}
