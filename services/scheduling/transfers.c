/* Transfer of a certification to another body (認証機関の移転; IAF MD 2): TRF-01..03, PMK-04. */
#include "operations.h"

#include "certifications.h"
#include "plan.h"
#include "plan_make.h"
#include "rules/transfer.h"
#include "transition.h"

#include <string.h>

/* ---- what the rule is asked ---- */

static int open_majors(const struct move *move)
{
    int open = 0;
    for (size_t i = 0; i < move->facts.finding_count; i++) {
        const struct finding_fact *finding = &move->facts.findings[i];
        open += finding->grade == FINDING_MAJOR &&
                !move_done_by(finding->verified_on, move->on);
    }
    return open;
}

/* The booked or nominal day of the next audit of the programme that was not held by the day of the transfer. */
static struct civil next_audit(const struct move *move)
{
    struct civil next = CIVIL_NONE;
    struct plan *plan = arena_alloc(move->rq->arena, sizeof *plan);
    plan_make(move->rq->arena, &move->facts, plan);
    for (int i = 0; i < plan->audit_count; i++) {
        const struct plan_audit *audit = &plan->audits[i];
        struct civil day = audit->nominal;
        if (audit->fact && !civil_is_none(audit->fact->planned_first_day))
            day = audit->fact->planned_first_day;
        else if (!civil_is_none(audit->window_end))
            day = civil_earlier(day, audit->window_end);
        if (!civil_is_none(plan_held_last(audit)) || civil_is_none(day))
            continue;
        next = civil_is_none(next) ? day : civil_earlier(next, day);
    }
    return next;
}

static struct transfer_facts facts_of(const struct move *move)
{
    const struct plan_certification *c = &move->facts.certification;
    const json_t *accredited = request_member(move->rq, "accredited_mla");
    struct civil lost = move_body_date(move, "accreditation_lost_on");
    return (struct transfer_facts){
        .state = c->state,
        .accredited_mla = !accredited || json_is_true(accredited),
        .expiry = c->expiry_date,
        .cb_lost_accreditation_on = civil_is_none(lost) ? c->accreditation_lost_on : lost,
        .today = move->on,
        .next_audit = next_audit(move),
        .open_majors = open_majors(move),
        .start_months_before = move->facts.policies.transfer_start_months,
    };
}

/* TRF-01, TRF-02: all that stands against it, not the first only. */
static void miss_all(struct move *move, const struct transfer_facts *facts,
                     const struct transfer_result *result)
{
    bool late =
        !civil_is_none(result->deadline) && civil_before(result->deadline, facts->today);
    if (facts->state != CERTIFICATION_CERTIFIED ||
        civil_before(facts->expiry, facts->today))
        move_miss(move, "certificate_valid");
    if (!facts->accredited_mla)
        move_miss(move, "accredited_certificate");
    if (facts->open_majors > 0)
        move_miss(move, "majors_verified");
    if (late)
        move_miss(move, "transfer_in_time");
}

/* ---- warnings ---- */

static const struct warning {
    const char *rule, *en, *ja;
} warnings[] = {
    {"TRF-03",
     "The transfer comes late: it is started one to two months before the next audit, so "
     "that the accepting body can plan that audit.",
     "認証機関の移転の着手が遅れています。受入側の認証機関が次回審査を計画できるよう、"
     "次回審査の1〜2か月前までに始めてください。"},
    {"TRF-02",
     "The issuing body lost its accreditation: the transfer must be finished by the "
     "deadline, six months later or the expiry.",
     "元の認証機関が認定を失っています。6か月以内、かつ有効期限までに認証機関の移転を"
     "終える必要があります。"},
    {"TRF-03",
     "Do not resign from the issuing body before the accepting body has issued its "
     "certificate.",
     "受入側の認証機関が登録証を発行するまで、元の認証機関との契約を解約しないでください"
     "。"},
};
enum { WARNING_LATE, WARNING_EMERGENCY, WARNING_RESIGN };

static void warn(const struct request *rq, json_t *list, const struct warning *warning)
{
    json_array_append_new(
        list, json_pack("{s:s, s:s}", "rule", warning->rule, "text",
                        rq->language == LANGUAGE_JA ? warning->ja : warning->en));
}

static json_t *warnings_of(const struct move *move, const struct transfer_facts *facts,
                           const struct transfer_result *result, bool before)
{
    json_t *list = json_array();
    if (!civil_is_none(result->start_by) && civil_before(result->start_by, move->on))
        warn(move->rq, list, &warnings[WARNING_LATE]);
    if (!civil_is_none(facts->cb_lost_accreditation_on))
        warn(move->rq, list, &warnings[WARNING_EMERGENCY]);
    if (before)
        warn(move->rq, list, &warnings[WARNING_RESIGN]);
    return list;
}

/* ---- answers ---- */

static json_t *answer(const struct move *move, const struct transfer_facts *facts,
                      const struct transfer_result *result, bool before)
{
    json_t *reply =
        json_pack("{s:s, s:s}", "certification_id", move->facts.certification.id,
                  "client_id", move->facts.certification.client_id);
    json_set_date(reply, "on", move->on);
    json_set_date(reply, "expiry_date", move->facts.certification.expiry_date);
    json_set_date(reply, "next_audit", facts->next_audit);
    json_set_date(reply, "start_by", result->start_by);
    json_set_date(reply, "deadline", result->deadline);
    json_object_set_new(reply, "warnings", warnings_of(move, facts, result, before));
    return reply;
}

/* PMK-04 and ADD-01: what is not transferred by itself. */
static bool transferable(const struct move *move)
{
    enum plan_scheme scheme = move->facts.certification.scheme;
    if (scheme == SCHEME_PMARK)
        return refuse(
            move->rq, PROBLEM_STATE_NOT_ALLOWED,
            "The PrivacyMark is not transferred between examination bodies; "
            "apply to the other one at the next renewal.",
            "プライバシーマークには認証機関の移転にあたる手続きがありません。次回"
            "の更新時に別の審査機関へ申請してください。");
    if (scheme == SCHEME_ADDON)
        return refuse(move->rq, PROBLEM_STATE_NOT_ALLOWED,
                      "An add-on moves with its ISMS certification: transfer that one.",
                      "アドオン認証は ISMS 認証とともに移転します。ISMS 認証の移転を"
                      "記録してください。");
    return true;
}

/* ---- the operation ---- */

static const char *body_of(const struct move *move)
{
    return json_string_value(json_object_get(move->row, "body_id"));
}

static void check_review(struct move *move)
{
    struct request *rq = move->rq;
    struct civil review = move_body_date(move, "pre_transfer_review_on");
    struct civil lost = move_body_date(move, "accreditation_lost_on");
    const char *to = json_string_value(request_member(rq, "body_id"));
    if (!civil_is_none(review) && civil_before(move->on, review))
        refuse_field(rq, "/pre_transfer_review_on", "after_end",
                     civil_text(rq->arena, move->on));
    if (!civil_is_none(lost) && civil_before(move->on, lost))
        refuse_field(rq, "/accreditation_lost_on", "after_end",
                     civil_text(rq->arena, move->on));
    if (to && body_of(move) && strcasecmp(to, body_of(move)) == 0)
        refuse_field(rq, "/body_id", "self_reference", NULL);
}

static void note_transfer(struct move *move, const struct transfer_facts *facts)
{
    json_t *transfer =
        json_pack("{s:s?, s:O}", "from_body_id", body_of(move), "to_body_id",
                  json_object_get(move->rq->body, "body_id"));
    json_set_date(transfer, "pre_transfer_review_on",
                  move_body_date(move, "pre_transfer_review_on"));
    json_set_date(transfer, "accreditation_lost_on", facts->cb_lost_accreditation_on);
    json_set_date(transfer, "expiry_date", facts->expiry);
    json_object_set_new(move->noted, "transfer", transfer);
}

static void change_body(struct move *move)
{
    struct civil issued = move_body_date(move, "issue_date");
    const char *to = json_string_value(request_member(move->rq, "body_id"));
    json_object_set_new(move->changes, "body_id", json_string(to));
    json_object_set_new(move->changes, "accreditation_lost_on", json_null());
    if (!civil_is_none(issued))
        move_set_date(move, "issue_date", issued);
    addons_transfer(move, body_of(move), to);
}

static bool transfer(struct move *move)
{
    move->pointer = "/on";
    if (!transferable(move) || !move_check_day(move))
        return false;
    check_review(move);
    const struct transfer_facts facts = facts_of(move);
    const struct transfer_result result = transfer_judge(&facts);
    miss_all(move, &facts, &result);
    if (!move_allowed(move))
        return false;
    note_transfer(move, &facts);
    change_body(move);
    move_store(move, "certified");
    json_t *reply = answer(move, &facts, &result, false);
    json_object_set_new(reply, "transition_id",
                        json_string(request_value(move->rq, "transition_id", NULL)));
    json_object_update(reply, json_object_get(move->noted, "transfer"));
    json_object_del(reply, "pre_transfer_review_on");
    json_object_del(reply, "accreditation_lost_on");
    request_reply_json(move->rq, reply);
    return true;
}

static bool transfer_step(struct request *rq)
{
    struct move move;
    if (!move_load(rq, &move))
        return false;
    bool allowed = transfer(&move);
    move_free(&move);
    return allowed;
}

static bool preview_step(struct request *rq)
{
    struct move move;
    if (!move_load(rq, &move))
        return false;
    if (civil_is_none(move.on))
        move.on = move.facts.today;
    bool answered = transferable(&move);
    if (answered) {
        const struct transfer_facts facts = facts_of(&move);
        const struct transfer_result result = transfer_judge(&facts);
        json_t *reply = answer(&move, &facts, &result, true);
        miss_all(&move, &facts, &result);
        json_object_set_new(reply, "eligible", json_boolean(result.eligible));
        json_object_set_new(reply, "missing", move_missing(&move));
        request_reply_json(rq, reply);
    }
    move_free(&move);
    return answered;
}

const struct step transfer_steps[] = {
    LOCK_PLAN,
    {.sql = "loadPlanFacts", .optional = true},
    {.compute = transfer_step},
    {.sql = "changeCertification"},
    {.sql = "insertTransition"},
    {.sql = "changeAddons", .optional = true},
    PLAN_STEPS,
    {0},
};
const struct step transfer_preview_steps[] = {
    {.sql = "loadPlanFacts", .optional = true}, {.compute = preview_step}, {0}};
