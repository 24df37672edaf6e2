/* One step while it is judged: loading it, refusing it with what is missing, handing it to the statements. */
#include "services/scheduling/transition.h"

#include "api/id.h"
#include "api/text.h"
#include "services/scheduling/certifications.h"
#include "services/scheduling/plan.h"

#include <string.h>

static const struct {
    const char *name, *en, *ja;
} missing_texts[] = {
    {"scope", "the scope", "適用範囲"},
    {"risk_assessment", "the risk assessment", "リスクアセスメント"},
    {"soa", "the statement of applicability", "適用宣言書"},
    {"internal_audit_full_scope", "an internal audit of the whole scope",
     "全範囲の内部監査"},
    {"management_review", "a management review", "マネジメントレビュー"},
    {"majors_verified", "verification of every major nonconformity",
     "重大な不適合すべての検証"},
    {"minor_plans_accepted", "an accepted plan for every minor nonconformity",
     "軽微な不適合すべての是正処置計画の受理"},
    {"minors_closed", "closing of every minor nonconformity", "軽微な不適合すべての完了"},
    {"new_stage2", "a new stage 2 audit", "第二段階審査のやり直し"},
    {"expiry_passed", "the end of the validity", "有効期限の経過"},
    {"suspension_in_time", "a solution within the time limit of the suspension",
     "一時停止の期限内の解消"},
    {"certificate_in_force", "a certificate that has not expired", "有効期限内の登録証"},
    {"isms_in_force", "an ISMS certification in force, which the add-on stands on",
     "アドオン認証の前提となる有効な ISMS 認証"},
    {"isms_audit",
     "a surveillance or recertification audit of the ISMS at which it was added (else "
     "stage 1 and stage 2)",
     "追加の際に受けた ISMS のサーベイランス審査または再認証審査（なければ第一段階・"
     "第二段階審査）"},
    {"isms_recertified", "the recertification of the ISMS, which the add-on follows",
     "アドオン認証が従う ISMS の再認証"},
    {"edition_open",
     "an edition on which such an audit may still start (ISO/IEC 27001:2013 until "
     "2024-04-30)",
     "審査を開始できる版（ISO/IEC 27001:2013 は 2024-04-30 まで）"},
    {"edition_in_force",
     "a certificate of the old edition that is still valid (ISO/IEC 27001:2013: until "
     "2025-10-31; afterwards a new initial audit)",
     "有効な旧版の登録証（ISO/IEC 27001:2013 は 2025-10-31 まで。以後は初回審査から）"},
    {"transition_audit", "an audit that looked at the new edition", "新しい版での審査"},
    {"certificate_valid",
     "a certificate in force that is neither suspended nor withdrawn",
     "一時停止も取消しもされていない有効な登録証"},
    {"accredited_certificate",
     "a certificate accredited under a signatory of the mutual recognition arrangement",
     "相互承認協定に署名した認定機関の認定に基づく登録証"},
    {"transfer_in_time",
     "a transfer within six months of the issuing body's loss of accreditation and "
     "before the expiry",
     "元の認証機関が認定を失ってから6か月以内、かつ有効期限前の認証機関の移転"},
};

/* ---- refusing ---- */

static const char *missing_text(const char *name, bool japanese)
{
    for (size_t i = 0; i < sizeof missing_texts / sizeof *missing_texts; i++) {
        if (strcmp(missing_texts[i].name, name) == 0)
            return japanese ? missing_texts[i].ja : missing_texts[i].en;
    }
    return name;
}

static bool refuse_missing(struct move *move)
{
    struct request *rq = move->rq;
    struct text en _text_auto_ = {0};
    struct text ja _text_auto_ = {0};
    for (int i = 0; i < move->missing_count; i++) {
        text_addf(&en, "%s%s", i ? ", " : "", missing_text(move->missing[i], false));
        text_addf(&ja, "%s%s", i ? "、" : "", missing_text(move->missing[i], true));
    }
    refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
           arena_printf(rq->arena, "Still missing: %s.", en.data),
           arena_printf(rq->arena, "次のものが足りません: %s。", ja.data));
    for (int i = 0; i < move->missing_count; i++)
        problem_add(rq->arena, &rq->problem, "body", move->pointer, "missing_fact",
                    move->missing[i]);
    return false;
}

/* The day from which a step from this state may lie: the one before it. */
static struct civil step_before(const struct plan_certification *c)
{
    switch (c->state) {
    case CERTIFICATION_STAGE1_DONE:
        return c->stage1_last_day;
    case CERTIFICATION_STAGE2_DONE:
        return c->stage2_last_day;
    case CERTIFICATION_RECOMMENDED:
        return c->recommended_on;
    case CERTIFICATION_CERTIFIED:
    case CERTIFICATION_EXPIRED:
        return c->decision_date;
    case CERTIFICATION_SUSPENDED:
        return c->suspended_on;
    case CERTIFICATION_WITHDRAWN:
        return c->withdrawn_on;
    default:
        return CIVIL_NONE;
    }
}

bool move_check_day(const struct move *move)
{
    struct request *rq = move->rq;
    struct civil before = step_before(&move->facts.certification);
    if (civil_before(move->facts.today, move->on))
        return refuse_field(rq, "/on", "in_future",
                            civil_text(rq->arena, move->facts.today));
    if (!civil_is_none(before) && civil_before(move->on, before))
        return refuse_field(rq, "/on", "before_start", civil_text(rq->arena, before));
    return true;
}

/* ---- from request to statements ---- */

static void note_certificate(const struct move *move)
{
    static const char *const names[] = {"decision_date", "effective_date", "expiry_date",
                                        "cycle_no"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *value = json_object_get(move->changes, names[i]);
        if (value)
            json_object_set(move->noted, names[i], value);
    }
}

void move_store(const struct move *move, const char *to)
{
    struct request *rq = move->rq;
    json_object_set_new(move->changes, "state", json_string(to));
    json_object_set_new(move->changes, "with_isms", json_false());
    note_certificate(move);
    request_set(rq, "transition_id", id_new(arena_alloc(rq->arena, ID_TEXT)));
    request_set(rq, "from_state",
                certification_state_name(move->facts.certification.state));
    request_set(rq, "to_state", to);
    request_set(rq, "on_date", civil_text(rq->arena, move->on));
    request_set_json(rq, "certification_changes", move->changes);
    request_set_json(rq, "transition_facts", move->noted);
}

bool move_load(struct request *rq, struct move *ret_move)
{
    *ret_move =
        (struct move){.rq = rq, .pointer = "/to", .on = json_date(rq->body, "on")};
    const json_t *json;
    if (!plan_facts_of(rq, request_parameter(rq, "certification_id"), &ret_move->facts,
                       &json))
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    ret_move->row = json_object_get(json, "certification");
    ret_move->changes = json_object();
    ret_move->noted = json_object();
    request_set(rq, "addon_changes", "[]");
    return true;
}

void move_free(struct move *move)
{
    json_decref(move->changes);
    json_decref(move->noted);
}

json_t *move_missing(const struct move *move)
{
    json_t *list = json_array();
    for (int i = 0; i < move->missing_count; i++)
        json_array_append_new(
            list,
            json_pack("{s:s, s:s}", "fact", move->missing[i], "text",
                      missing_text(move->missing[i], move->rq->language == LANGUAGE_JA)));
    return list;
}

bool move_allowed(struct move *move)
{
    if (move->rq->problem.code == PROBLEM_NONE && move->missing_count > 0)
        return refuse_missing(move);
    return move->rq->problem.code == PROBLEM_NONE;
}
