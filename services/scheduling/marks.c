/* Facts of a day and the reasons of MRK-01..04. */
#include "services/scheduling/marks.h"

#include "services/scheduling/certifications.h"
#include "services/scheduling/plan_facts.h"

#include <string.h>

static const struct {
    const char *rule, *en, *ja;
} reasons[MARK_REASONS] = {
    [REASON_NOT_YET] =
        {"MRK-01",
         "Not recommended yet: neither the audit nor the certification may be announced.",
         "まだ推薦されていないため、審査の合格も認証取得も公表できません。"},
    [REASON_PASSED_ONLY] =
        {"MRK-01",
         "Recommended: \"passed the audit\" may be said, \"certified\" only after the "
         "decision.",
         "推薦の段階です。「審査に合格した」とは言えますが、「認証を取得した」"
         "と言えるのは認証の決定後です。"},
    [REASON_CERTIFIED] = {"MRK-01", "The certificate is in force.", "登録証が有効です。"},
    [REASON_NOT_EFFECTIVE] =
        {"CYC-03", "The certificate is not in force before its effective date.",
         "登録証は発効日までは有効ではありません。"},
    [REASON_EXPIRED] =
        {"MRK-03",
         "The certificate has expired: no claim, and every use of the mark must stop.",
         "登録証は失効しています。認証を受けている旨の表示はできず、マークの使用を"
         "すべて止める必要があります。"},
    [REASON_SUSPENDED] =
        {"MRK-03",
         "The certification is suspended: no claim, and every use of the mark must stop.",
         "認証は一時停止中です。認証を受けている旨の表示はできず、マークの使用を"
         "すべて止める必要があります。"},
    [REASON_WITHDRAWN] =
        {"MRK-03",
         "The certification is withdrawn: no claim, and every use of the mark must stop.",
         "認証は取り消されています。認証を受けている旨の表示はできず、マークの"
         "使用をすべて止める必要があります。"},
    [REASON_OUT_OF_SCOPE] =
        {"MRK-02", "Outside the certified scope: the mark may not be shown here.",
         "認証の適用範囲外のため、ここではマークを表示できません。"},
    [REASON_CONTRADICTED] =
        {"MRK-02",
         "The version of the scope in force and the in_scope flag contradict each other: "
         "no "
         "mark here until they agree.",
         "有効な適用範囲の版と in_scope の設定が食い違っています。一致するまで、ここでは"
         "マークを表示できません。"},
    [REASON_STAFF_OUTSIDE] =
        {"MRK-02",
         "This kind of staff is outside the certified scope and may not show the mark.",
         "この雇用区分の人は認証の適用範囲外のため、マークを使えません。"},
    [REASON_MARK] =
        {"MRK-04",
         "The accreditation symbol only beside the body's own mark, and not on products.",
         "認定シンボルは認証機関のマークと並べて使用し、製品には表示できません。"},
    [REASON_SYMBOL_ALONE] =
        {"MRK-04", "The accreditation symbol may not stand without the body's own mark.",
         "認定シンボルは、認証機関のマークなしに単独では使えません。"},
    [REASON_ON_PRODUCT] = {"MRK-04",
                           "No mark on products, their packaging or test reports: it "
                           "certifies the management "
                           "system, not the product.",
                           "マークは製品・包装・試験報告書には表示できません。認証されて"
                           "いるのは製品ではなく"
                           "マネジメントシステムです。"},
    [REASON_ISMS_MISSING] =
        {"ADD-01", "This add-on counts only while the ISMS certification is in force.",
         "このアドオン認証は、ISMS 認証が有効な間だけ有効です。"},
    [REASON_NO_CERTIFICATION] = {"MRK-04",
                                 "There is no certification whose mark could be shown.",
                                 "マークを使える認証がありません。"},
};

void mark_say(const struct mark_ground *ground, json_t *list, enum mark_reason reason)
{
    bool japanese = ground->rq->language == LANGUAGE_JA;
    json_array_append_new(list,
                          json_pack("{s:s, s:s}", "rule", reasons[reason].rule, "text",
                                    japanese ? reasons[reason].ja : reasons[reason].en));
}

/* ---- the row ---- */

static void free_json(void *json)
{
    json_decref(json);
}

static const json_t *column(struct request *rq, const struct rows *rows, const char *name)
{
    const char *text = rows_text(rows, 0, name);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    if (json)
        arena_defer(rq->arena, free_json, json);
    return json;
}

bool mark_ground_of(struct request *rq, struct mark_ground *ret_ground)
{
    const struct rows *rows = request_rows(rq, "loadMarkFacts");
    if (!rows || rows_count(rows) == 0)
        return false;
    *ret_ground = (struct mark_ground){
        .rq = rq,
        .day = CIVIL_NONE,
        .client_id = rows_text(rows, 0, "client_id"),
        .day_text = rows_text(rows, 0, "day"),
        .scope = column(rq, rows, "scope"),
        .sites = column(rq, rows, "sites"),
        .departments = column(rq, rows, "departments"),
        .certifications = column(rq, rows, "certifications"),
    };
    civil_parse(ret_ground->day_text, &ret_ground->day);
    return true;
}

/* ---- inside or outside ---- */

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

const json_t *mark_find(const json_t *list, const char *id)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *row = json_array_get(list, i);
        if (strcasecmp(text_of(row, "id"), id) == 0)
            return row;
    }
    return NULL;
}

static bool holds(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strcasecmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    }
    return false;
}

static enum mark_inside place_inside(const struct mark_ground *ground, const json_t *rows,
                                     const char *id, const char *member, const char *all)
{
    const json_t *row = mark_find(rows, id);
    bool flag = json_is_true(json_object_get(row, "in_scope"));
    if (!ground->scope)
        return flag ? MARK_INSIDE : MARK_OUTSIDE;
    bool listed = json_is_true(json_object_get(ground->scope, all)) ||
                  holds(json_object_get(ground->scope, member), id);
    if (json_is_true(json_object_get(ground->scope, "live")) && row && listed != flag)
        return MARK_CONTRADICTED;
    return listed ? MARK_INSIDE : MARK_OUTSIDE;
}

static enum mark_inside worse(enum mark_inside a, enum mark_inside b)
{
    return a == MARK_INSIDE ? b : a;
}

enum mark_inside mark_inside(const struct mark_ground *ground,
                             const struct mark_place *place)
{
    enum mark_inside inside = MARK_INSIDE;
    const json_t *kinds = json_object_get(ground->scope, "staff_kinds");
    if (place->site_id)
        inside = worse(inside, place_inside(ground, ground->sites, place->site_id,
                                            "sites", "all_sites"));
    if (place->department_id)
        inside =
            worse(inside, place_inside(ground, ground->departments, place->department_id,
                                       "departments", "all_departments"));
    if (place->staff_kind && json_is_array(kinds) && !holds(kinds, place->staff_kind))
        inside = worse(inside, MARK_OUTSIDE);
    return inside;
}

void mark_say_place(const struct mark_ground *ground, json_t *list,
                    const struct mark_place *place, enum mark_inside inside)
{
    const struct mark_place staff = {.staff_kind = place->staff_kind};
    if (inside == MARK_CONTRADICTED)
        mark_say(ground, list, REASON_CONTRADICTED);
    else if (mark_inside(ground, &staff) != MARK_INSIDE)
        mark_say(ground, list, REASON_STAFF_OUTSIDE);
    else if (inside == MARK_OUTSIDE)
        mark_say(ground, list, REASON_OUT_OF_SCOPE);
}

/* ---- one certification ---- */

static bool is_addon(const char *scheme)
{
    return strncmp(scheme, "iso27017-", 9) == 0 || strcmp(scheme, "iso27701-2019") == 0;
}

static struct claims_facts facts_of(const struct mark_ground *ground, const json_t *row)
{
    struct claims_facts facts = {
        .today = ground->day,
        .effective_date = json_date(row, "effective_date"),
        .expiry = json_date(row, "expiry_date"),
        .in_scope = true,
    };
    certification_state_parse(text_of(row, "state"), &facts.state);
    return facts;
}

static bool isms_in_force(const struct mark_ground *ground)
{
    for (size_t i = 0; i < json_array_size(ground->certifications); i++) {
        const json_t *row = json_array_get(ground->certifications, i);
        struct claims_facts facts = facts_of(ground, row);
        if (strncmp(text_of(row, "scheme"), "iso27001-", 9) == 0 &&
            claims_judge(&facts).may_claim_certified)
            return true;
    }
    return false;
}

void mark_claim_read(const struct mark_ground *ground, const json_t *row,
                     struct mark_claim *ret)
{
    *ret = (struct mark_claim){.row = row, .facts = facts_of(ground, row)};
    ret->verdict = claims_judge(&ret->facts);
    ret->isms_missing = is_addon(text_of(row, "scheme")) && !isms_in_force(ground);
}

static enum mark_reason state_reason(const struct mark_claim *claim)
{
    switch (claim->facts.state) {
    case CERTIFICATION_RECOMMENDED:
        return REASON_PASSED_ONLY;
    case CERTIFICATION_SUSPENDED:
        return REASON_SUSPENDED;
    case CERTIFICATION_WITHDRAWN:
        return REASON_WITHDRAWN;
    case CERTIFICATION_EXPIRED:
        return REASON_EXPIRED;
    case CERTIFICATION_CERTIFIED:
        if (claim->verdict.may_claim_certified)
            return REASON_CERTIFIED;
        return claim->verdict.must_remove_mark ? REASON_EXPIRED : REASON_NOT_EFFECTIVE;
    default:
        return REASON_NOT_YET;
    }
}

void mark_say_state(const struct mark_ground *ground, json_t *list,
                    const struct mark_claim *claim)
{
    mark_say(ground, list, state_reason(claim));
    if (claim->isms_missing)
        mark_say(ground, list, REASON_ISMS_MISSING);
}

json_t *mark_claim_json(const struct mark_ground *ground, const struct mark_claim *claim,
                        const struct mark_place *place)
{
    const struct claims_verdict *verdict = &claim->verdict;
    enum mark_inside inside = mark_inside(ground, place);
    bool shows = verdict->may_show_mark && !claim->isms_missing && inside == MARK_INSIDE;
    json_t *list = json_array();
    mark_say_state(ground, list, claim);
    mark_say_place(ground, list, place, inside);
    if (shows)
        mark_say(ground, list, REASON_MARK);
    json_t *json =
        json_pack("{s:O, s:O, s:O, s:b, s:b, s:b, s:b, s:o}", "certification_id",
                  json_object_get(claim->row, "certification_id"), "scheme",
                  json_object_get(claim->row, "scheme"), "state",
                  json_object_get(claim->row, "state"), "may_say_passed_audit",
                  verdict->may_say_passed_audit, "may_claim_certified",
                  verdict->may_claim_certified && !claim->isms_missing, "may_show_mark",
                  shows, "must_remove_mark",
                  verdict->must_remove_mark ||
                      (verdict->may_claim_certified && claim->isms_missing),
                  "reasons", list);
    json_set_date(json, "effective_date", claim->facts.effective_date);
    json_set_date(json, "expiry_date", claim->facts.expiry);
    return json;
}
