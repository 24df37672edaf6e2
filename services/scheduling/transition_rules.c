/* Judges of the steps up to the certificate. */
#include "services/scheduling/transition.h"

#include "services/scheduling/certifications.h"
#include "services/scheduling/rules/period.h"
#include "services/scheduling/rules/stages.h"
#include "services/scheduling/rules/transition.h"

#include <string.h>

void move_miss(struct move *move, const char *name)
{
    if (move->missing_count < MISSING_MOST)
        move->missing[move->missing_count++] = name;
}

void move_set_date(struct move *move, const char *name, struct civil date)
{
    json_set_date(move->changes, name, date);
}

void move_clear(struct move *move, const char *const *names)
{
    for (; *names; names++)
        json_object_set_new(move->changes, *names, json_null());
}

struct civil move_body_date(const struct move *move, const char *name)
{
    return json_date(move->rq->body, name);
}

/* ---- findings at the day of the step ---- */

bool move_done_by(struct civil date, struct civil on)
{
    return !civil_is_none(date) && civil_compare(date, on) <= 0;
}

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

static int minors(const struct move *move, bool closed)
{
    int open = 0;
    for (size_t i = 0; i < move->facts.finding_count; i++) {
        const struct finding_fact *finding = &move->facts.findings[i];
        bool is_closed = move_done_by(finding->closed_on, move->on) ||
                         move_done_by(finding->verified_on, move->on);
        bool is_done =
            is_closed || (!closed && move_done_by(finding->plan_accepted_on, move->on));
        open += finding->grade == FINDING_MINOR && !is_done;
    }
    return open;
}

/* NC-01 (17021-1 9.5.2): before every decision. */
void move_miss_findings(struct move *move)
{
    if (open_majors(move) > 0)
        move_miss(move, "majors_verified");
    if (minors(move, false) > 0)
        move_miss(move, "minor_plans_accepted");
    if (move->facts.policies.minor_must_be_closed && minors(move, true) > 0)
        move_miss(move, "minors_closed");
}

/* ---- judges ---- */

/* TRN-02: initial audits on the 2013 edition had to start by then. */
void judge_stage1_done(struct move *move)
{
    if (move->facts.certification.scheme == SCHEME_ISMS_2013 &&
        !transition_may_start_old(&transition_27001, move->on))
        move_miss(move, "edition_open");
    move_set_date(move, "stage1_last_day", move->on);
}

/* INI-02: what happened is recorded; the verdict on the gap is kept with it. */
static void note_gap(struct move *move)
{
    static const char *const codes[] = {
        [STAGE_GAP_OK] = "OK",
        [STAGE_GAP_TOO_SHORT] = "TOO_SHORT",
        [STAGE_GAP_REPEAT_STAGE1_REVIEW] = "REPEAT_STAGE1_REVIEW",
        [STAGE_GAP_STAGE2_BEFORE_STAGE1] = "STAGE2_BEFORE_STAGE1",
    };
    struct civil stage1 = move->facts.certification.stage1_last_day;
    if (civil_is_none(stage1))
        return;
    const struct stage_gap_facts facts = {
        .stage1_last_day = stage1,
        .stage2_first_day = move->on,
        .min_days = move->facts.policies.stage_gap_min_days,
        .max_months = move->facts.policies.stage_gap_max_months,
    };
    json_object_set_new(move->noted, "stage_gap",
                        json_string(codes[stage_gap_check(&facts).code]));
}

void judge_stage2_done(struct move *move)
{
    static const char *const later[] = {"recommended_on", NULL};
    move_clear(move, later);
    note_gap(move);
    move_set_date(move, "stage2_last_day", move->on);
}

/* NC-02: majors not verified within 6 months of stage 2 need another stage 2 before a recommendation counts. */
static void miss_new_stage2(struct move *move)
{
    for (size_t i = 0; i < move->facts.finding_count; i++) {
        const struct finding_fact *finding = &move->facts.findings[i];
        const struct major_facts facts = {
            .stage2_last_day = move->facts.certification.stage2_last_day,
            .verified_date = finding->verified_on,
            .today = move->on,
        };
        bool before_stage2 = move_done_by(finding->verified_on, facts.stage2_last_day);
        if (finding->grade == FINDING_MAJOR && !before_stage2 &&
            finding_major_initial(&facts).new_stage2_required) {
            move_miss(move, "new_stage2");
            break;
        }
    }
}

void judge_recommended(struct move *move)
{
    miss_new_stage2(move);
    move_set_date(move, "recommended_on", move->on);
}

static struct civil fact_or_held(const struct move *move, struct civil fact)
{
    struct civil held = plan_last_held(&move->facts, "internal", move->on);
    return civil_is_none(fact) ? held : fact;
}

/* INI-03 */
static void miss_gate(struct move *move)
{
    const struct plan_certification *c = &move->facts.certification;
    const struct civil done[GATE_ITEMS] = {
        [GATE_SCOPE] = c->scope_defined_on,
        [GATE_RISK_ASSESSMENT] = c->risk_assessment_done_on,
        [GATE_SOA] = c->soa_approved_on,
        [GATE_INTERNAL_AUDIT_FULL_SCOPE] = fact_or_held(move, c->internal_audit_done_on),
        [GATE_MANAGEMENT_REVIEW] = c->management_review_done_on,
    };
    for (int item = 0; item < GATE_ITEMS; item++) {
        if (!move_done_by(done[item], move->on))
            move_miss(move, gate_item_names[item]);
    }
}

/* CYC-03: never effective before the decision; a certificate ends after it begins. */
void move_set_certificate(struct move *move, struct civil effective, struct civil expiry)
{
    struct request *rq = move->rq;
    struct civil given_effective = move_body_date(move, "effective_date");
    struct civil given_expiry = move_body_date(move, "expiry_date");
    if (!civil_is_none(given_effective) && civil_before(given_effective, move->on))
        refuse_field(rq, "/effective_date", "before_start",
                     civil_text(rq->arena, move->on));
    if (!civil_is_none(given_expiry) && civil_compare(given_expiry, move->on) <= 0)
        refuse_field(rq, "/expiry_date", "before_start", civil_text(rq->arena, move->on));
    if (!civil_is_none(given_expiry) &&
        civil_before(civil_add_days(expiry, 31), given_expiry))
        refuse_field(rq, "/expiry_date", "after_end", civil_text(rq->arena, expiry));
    move_set_date(move, "decision_date", move->on);
    move_set_date(move, "effective_date",
                  civil_is_none(given_effective) ? effective : given_effective);
    move_set_date(move, "expiry_date",
                  civil_is_none(given_expiry) ? expiry : given_expiry);
    move_set_date(move, "issue_date", move_body_date(move, "issue_date"));
}

/* A cycle whose anniversaries count from this decision. */
void move_start_cycle(struct move *move, int cycle, const char *type)
{
    move_set_date(move, "cycle_start", move->on);
    move_set_date(move, "anchor_date", move->on);
    json_object_set_new(move->changes, "cycle_no", json_integer(cycle));
    json_object_set_new(move->changes, "anchor_cycle", json_integer(cycle));
    json_object_set_new(move->changes, "cycle_type", json_string(type));
}

void move_set_gap(struct move *move, struct civil old_expiry)
{
    int gap = civil_is_none(old_expiry) ? 0 : period_gap_days(old_expiry, move->on);
    json_object_set_new(move->changes, "gap_days", json_integer(gap));
    json_object_set_new(move->noted, "gap_days", json_integer(gap));
}

/* CYC-01: the cycle begins with the decision. */
void judge_granted(struct move *move)
{
    const struct plan_certification *c = &move->facts.certification;
    bool first = civil_is_none(json_date(move->row, "original_certification_date"));
    move_set_certificate(move, move->on,
                         c->scheme == SCHEME_ADDON
                             ? addon_expiry(move)
                             : certification_first_expiry(&move->facts, move->on));
    move_start_cycle(move, first ? c->cycle_no : c->cycle_no + 1, "initial");
    move_set_gap(move, c->previous_expiry_date);
    if (first)
        move_set_date(move, "original_certification_date", move->on);
}

void judge_certified_first(struct move *move)
{
    miss_gate(move);
    move_miss_findings(move);
    miss_new_stage2(move);
    judge_granted(move);
}
