/* Judges of the steps after the certificate: renewal, suspension, end, new beginning. */
#include "services/scheduling/transition.h"

#include "services/scheduling/certifications.h"
#include "services/scheduling/rules/pmark.h"
#include "services/scheduling/rules/recertification.h"
#include "services/scheduling/rules/suspension.h"
#include "services/scheduling/rules/transition.h"

#include <string.h>

/* The last day of the recertification audit: given, or of the audit held in this cycle. */
static struct civil recertification_audit(const struct move *move)
{
    struct civil given = move_body_date(move, "recertification_audit_last_day");
    struct civil last = CIVIL_NONE;
    for (size_t i = 0; i < move->facts.audit_count; i++) {
        const struct audit_fact *audit = &move->facts.audits[i];
        if (audit->booking == AUDIT_HELD && strcmp(audit->kind, "recertification") == 0 &&
            audit->cycle_no == move->facts.certification.cycle_no &&
            move_done_by(audit->held_last_day, move->on))
            last = civil_later(last, audit->held_last_day);
    }
    return civil_is_none(given) ? last : given;
}

/* TRN-02 asks when the audit began; the recorded audit knows. */
static struct civil first_day_of(const struct move *move, struct civil last_day)
{
    for (size_t i = 0; i < move->facts.audit_count; i++) {
        const struct audit_fact *audit = &move->facts.audits[i];
        if (audit->booking == AUDIT_HELD && !civil_is_none(audit->held_first_day) &&
            civil_same(audit->held_last_day, last_day))
            return audit->held_first_day;
    }
    return last_day;
}

static void next_cycle(struct move *move, const struct recert_result *result)
{
    const struct plan_certification *c = &move->facts.certification;
    bool same = move->facts.policies.expiry_convention == CIVIL_END_SAME;
    if (result->anchor_is_decision) {
        move_start_cycle(move, c->cycle_no + 1, "recert");
        return;
    }
    move_set_date(move, "cycle_start",
                  same ? c->expiry_date : civil_add_days(c->expiry_date, 1));
    json_object_set_new(move->changes, "cycle_no", json_integer(c->cycle_no + 1));
    json_object_set_new(move->changes, "cycle_type", json_string("recert"));
}

static void renew(struct move *move, const struct recert_result *result,
                  struct civil audit)
{
    static const char *const names[] = {
        [RECERT_RENEWED_IN_TIME] = "renewed_in_time",
        [RECERT_RENEWED_EARLY_RESET] = "renewed_early_reset",
        [RECERT_RESTORED] = "restored",
        [RECERT_STAGE2_REQUIRED] = "stage2_required",
        [RECERT_NOT_ALLOWED_OPEN_MAJOR] = "not_allowed_open_major",
    };
    struct civil old = move->facts.certification.expiry_date;
    move_set_certificate(move, result->effective_date, result->new_expiry);
    next_cycle(move, result);
    move_set_gap(move, old);
    move_set_date(move, "previous_expiry_date", old);
    move_set_date(move, "recertification_audit_last_day", audit);
    json_object_set_new(move->noted, "result", json_string(names[result->status]));
    json_object_set_new(move->noted, "lost_days", json_integer(result->lost_days));
    json_set_date(move->noted, "recertification_audit_last_day", audit);
}

/* PMK-01: contiguous whenever decided in time, a new term otherwise. */
static void renew_pmark(struct move *move)
{
    struct civil old = move->facts.certification.expiry_date;
    bool late = civil_before(old, move->on);
    struct civil start = late ? move->on : civil_add_days(old, 1);
    move_set_certificate(move, move->on, pmark_term_of(start).expiry);
    move_start_cycle(move, move->facts.certification.cycle_no + 1, "recert");
    move_set_gap(move, old);
    move_set_date(move, "previous_expiry_date", old);
}

/* REC-01..06 */
void judge_recertified(struct move *move)
{
    struct civil audit = recertification_audit(move);
    struct request *rq = move->rq;
    if (move->facts.certification.scheme == SCHEME_PMARK) {
        renew_pmark(move);
        return;
    }
    if (move->facts.certification.scheme == SCHEME_ADDON) {
        addon_renew(move);
        return;
    }
    if (civil_is_none(audit)) {
        refuse_field(rq, "/recertification_audit_last_day", "required", NULL);
        return;
    }
    if (civil_before(move->on, audit)) {
        refuse_field(rq, "/recertification_audit_last_day", "after_end",
                     civil_text(rq->arena, move->on));
        return;
    }
    const struct recert_facts facts = {
        .expiry = move->facts.certification.expiry_date,
        .audit_last_day = audit,
        .decision_date = move->on,
        .expiry_convention =
            (enum civil_convention)move->facts.policies.expiry_convention,
        .early_threshold_months = move->facts.policies.early_threshold_months,
        .restore_months = move->facts.policies.restore_months,
    };
    struct recert_result result = recert_decide(&facts);
    move_miss_findings(move);
    if (move->facts.certification.scheme == SCHEME_ISMS_2013 &&
        !transition_may_start_old(&transition_27001, first_day_of(move, audit)))
        move_miss(move, "edition_open");
    if (result.status == RECERT_STAGE2_REQUIRED)
        move_miss(move, "new_stage2");
    else
        renew(move, &result, audit);
}

void judge_suspended(struct move *move)
{
    move_set_date(move, "suspended_on", move->on);
    move_set_date(move, "suspension_limit",
                  civil_add_months(move->on, move->facts.policies.max_suspension_months));
}

/* SUS-02, SUS-03, SUS-04 */
void judge_restored(struct move *move)
{
    static const char *const ended[] = {"suspended_on", "suspension_limit", NULL};
    const struct plan_certification *c = &move->facts.certification;
    const struct suspension_facts facts = {
        .start = c->suspended_on,
        .resolved_date = move->on,
        .today = move->facts.today,
        .max_months = move->facts.policies.max_suspension_months,
    };
    if (suspension_judge(&facts).status == SUSPENSION_WITHDRAW_OR_REDUCE)
        move_miss(move, "suspension_in_time");
    if (civil_before(c->expiry_date, move->on))
        move_miss(move, "certificate_in_force");
    if (c->scheme == SCHEME_ADDON)
        addon_miss_isms(move);
    move_clear(move, ended);
}

void judge_expired(struct move *move)
{
    const struct plan_certification *c = &move->facts.certification;
    struct civil end = c->expiry_date;
    if (c->scheme == SCHEME_ISMS_2013) /* TRN-01 */
        end = civil_earlier(end, transition_27001.end);
    if (civil_compare(move->on, end) <= 0)
        move_miss(move, "expiry_passed");
}

void judge_withdrawn(struct move *move)
{
    move_set_date(move, "withdrawn_on", move->on);
}

/* REC-06 and after a withdrawal: a new initial audit; what the old certificate said stays in the history. */
void judge_restart(struct move *move)
{
    static const char *const old[] = {"stage1_last_day",
                                      "stage2_last_day",
                                      "recommended_on",
                                      "decision_date",
                                      "effective_date",
                                      "issue_date",
                                      "expiry_date",
                                      "withdrawn_on",
                                      "suspended_on",
                                      "suspension_limit",
                                      NULL};
    move_clear(move, old);
    move_set_date(move, "previous_expiry_date", move->facts.certification.expiry_date);
}

void judge_restart_stage1(struct move *move)
{
    judge_restart(move);
    judge_stage1_done(move);
}

void judge_restart_stage2(struct move *move)
{
    judge_restart(move);
    move_set_date(move, "stage2_last_day", move->on);
}
