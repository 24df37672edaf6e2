/* Taking a part out of the scope (SUS-03; ISO/IEC 17021-1 9.6.5.5): the certificate stays for the rest, the mark goes from the part. */
#include "operations.h"

#include "certifications.h"
#include "plan.h"
#include "transition.h"

#include <string.h>

static bool is_true(const struct request *rq, const char *name)
{
    return json_is_true(request_member(rq, name));
}

static bool may_reduce(struct move *move)
{
    enum certification_state state = move->facts.certification.state;
    if (state == CERTIFICATION_CERTIFIED || state == CERTIFICATION_SUSPENDED)
        return true;
    return refuse(
        move->rq, PROBLEM_STATE_NOT_ALLOWED,
        "Only the scope of a certificate that is certified or suspended is "
        "reduced. Before that, change scope_text.",
        "適用範囲を縮小できるのは、認証中または一時停止中の登録証だけです。認証前は"
        " scope_text を変更してください。");
}

static void check_texts(struct move *move)
{
    const char *before = json_string_value(json_object_get(move->row, "scope_text"));
    const char *after = json_string_value(request_member(move->rq, "scope_text"));
    if (before && strcmp(before, after) == 0)
        refuse_field(move->rq, "/scope_text", "inconsistent", "removed");
    if (is_true(move->rq, "restore") &&
        move->facts.certification.state != CERTIFICATION_SUSPENDED)
        refuse_field(move->rq, "/restore", "not_allowed_here",
                     certification_state_name(move->facts.certification.state));
}

/* SUS-03: what failed goes out, the rest comes back, also after the limit of the suspension. */
static void restore(struct move *move)
{
    static const char *const ended[] = {"suspended_on", "suspension_limit", NULL};
    if (civil_before(move->facts.certification.expiry_date, move->on))
        move_miss(move, "certificate_in_force");
    if (move->facts.certification.scheme == SCHEME_ADDON)
        addon_miss_isms(move);
    move_miss_findings(move);
    move_clear(move, ended);
}

static void take_out(struct move *move)
{
    json_t *scope = json_object_get(move->rq->body, "scope_text");
    json_t *removed = json_object_get(move->rq->body, "removed");
    json_t *all = json_deep_copy(json_object_get(move->row, "scope_reductions"));
    json_t *one = json_pack("{s:O}", "removed", removed);
    json_set_date(one, "on", move->on);
    if (!all)
        all = json_array();
    json_array_append_new(all, one);
    json_object_set_new(move->changes, "scope_reductions", all);
    json_object_set(move->changes, "scope_text", scope);
    json_t *noted = json_copy(one);
    json_object_set(noted, "scope_text", scope);
    json_object_set(noted, "scope_text_before", json_object_get(move->row, "scope_text"));
    json_object_set_new(move->noted, "scope_reduction", noted);
}

static void places_fit(struct move *move)
{
    const struct rows *wrong = request_rows(move->rq, "judgeReducedPlaces");
    for (int i = 0; i < rows_count(wrong); i++)
        refuse_field(move->rq, rows_text(wrong, i, "pointer"),
                     rows_text(wrong, i, "code"), NULL);
}

static bool reduce(struct move *move)
{
    bool back = is_true(move->rq, "restore");
    move->pointer = "/on";
    if (!may_reduce(move) || !move_check_day(move))
        return false;
    check_texts(move);
    places_fit(move);
    if (back)
        restore(move);
    if (!move_allowed(move))
        return false;
    take_out(move);
    if (back)
        addons_follow(move, CERTIFICATION_CERTIFIED);
    move_store(move, back ? "certified"
                          : certification_state_name(move->facts.certification.state));
    return true;
}

static bool reduce_step(struct request *rq)
{
    struct move move;
    if (!move_load(rq, &move))
        return false;
    bool allowed = reduce(&move);
    move_free(&move);
    return allowed;
}

const struct step scope_reduction_steps[] = {
    LOCK_PLAN,
    {.sql = "loadPlanFacts", .optional = true},
    {.sql = "judgeReducedPlaces", .optional = true},
    {.compute = reduce_step},
    {.sql = "changeCertification"},
    {.sql = "insertReducedScope", .optional = true},
    {.sql = "insertTransition"},
    {.sql = "changeAddons", .optional = true},
    PLAN_STEPS,
    {.sql = "getCertification"},
    {0},
};
