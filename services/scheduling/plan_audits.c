/* Which audits the programme wants, and which stored audit each of them is. */
#include "services/scheduling/plan_make.h"

#include "services/scheduling/rules/period.h"

#include <string.h>

enum { LATE_MONTHS = 8 }; /* after the anniversary, before the next window can open */

static struct civil day_of(const struct audit_fact *fact)
{
    return civil_is_none(fact->held_last_day) ? fact->planned_first_day
                                              : fact->held_last_day;
}

/* A surveillance entered by hand is the one in whose window it lies, or that it is late for; without a day, the one of its number. */
static bool same_surveillance(const struct plan_audit *audit,
                              const struct audit_fact *fact)
{
    struct civil day = day_of(fact);
    if (civil_is_none(day))
        return fact->ordinal == audit->ordinal;
    struct civil late =
        civil_later(audit->hard_limit, civil_add_months(audit->nominal, LATE_MONTHS));
    return civil_compare(audit->window_start, day) <= 0 && civil_compare(day, late) <= 0;
}

/* The first stage 2 is not the one that repeats it. */
static bool is_before_repeat(const struct plan_audit *audit,
                             const struct audit_fact *fact)
{
    struct civil day = day_of(fact);
    return audit->kind == PLAN_STAGE2 && audit->ordinal == 2 &&
           (civil_is_none(day) || civil_before(day, audit->window_start));
}

static bool same_slot(const struct plan_audit *audit, const struct audit_fact *fact)
{
    return strcmp(fact->kind, plan_audit_name(audit->kind)) == 0 &&
           fact->cycle_no == audit->cycle_no && !is_before_repeat(audit, fact) &&
           (audit->kind != PLAN_SURVEILLANCE || same_surveillance(audit, fact));
}

/* What was booked or held stands first, then what somebody entered by hand, then the derived row. */
static int rank_of(const struct plan_audit *audit, const struct audit_fact *fact)
{
    bool derived = fact->source_key && strcmp(fact->source_key, audit->source_key) == 0;
    if (!derived &&
        (fact->source_key || !same_slot(audit, fact) || fact->booking == AUDIT_CANCELLED))
        return 0;
    if (fact->booking == AUDIT_HELD)
        return 4;
    if (fact->booking == AUDIT_BOOKED)
        return 3;
    return derived ? 1 : 2;
}

static void find_fact(const struct plan_facts *facts, struct plan_audit *audit)
{
    int best = 0;
    for (size_t i = 0; i < facts->audit_count; i++) {
        int rank = rank_of(audit, &facts->audits[i]);
        if (rank <= best)
            continue;
        best = rank;
        audit->fact = &facts->audits[i];
        audit->by_hand = !audit->fact->source_key;
    }
}

static struct plan_audit *add_audit(struct plan *plan, enum plan_audit_kind kind,
                                    int cycle_no, int ordinal)
{
    struct plan_audit *audit = &plan->audits[plan->audit_count++];
    *audit = (struct plan_audit){
        .kind = kind,
        .cycle_no = cycle_no,
        .ordinal = ordinal,
        .source_key = plan_key(plan, cycle_no, plan_audit_name(kind), ordinal),
        .nominal = CIVIL_NONE,
        .window_start = CIVIL_NONE,
        .window_end = CIVIL_NONE,
        .hard_limit = CIVIL_NONE,
        .latest_day = CIVIL_NONE,
        .held_on = CIVIL_NONE,
    };
    return audit;
}

bool plan_is_booked(const struct plan_audit *audit)
{
    return !civil_is_none(audit->held_on) ||
           (audit->fact &&
            (audit->fact->booking == AUDIT_BOOKED || audit->fact->booking == AUDIT_HELD));
}

struct civil plan_held_last(const struct plan_audit *audit)
{
    if (audit->fact && audit->fact->booking == AUDIT_HELD &&
        !civil_is_none(audit->fact->held_last_day))
        return audit->fact->held_last_day;
    return audit->held_on;
}

struct plan_audit *plan_find(struct plan *plan, enum plan_audit_kind kind, int cycle_no,
                             int ordinal)
{
    for (int i = 0; i < plan->audit_count; i++) {
        struct plan_audit *audit = &plan->audits[i];
        if (audit->kind == kind && audit->cycle_no == cycle_no &&
            audit->ordinal == ordinal)
            return audit;
    }
    return NULL;
}

/* ---- before the certificate ---- */

static struct backplan_facts backplan_of(const struct plan_facts *facts)
{
    return (struct backplan_facts){
        .target_certificate_date = facts->certification.target_date,
        .variant = BACKPLAN_IA_BEFORE_STAGE1,
        .today = facts->today,
        .policy = policies_backplan(&facts->policies),
    };
}

static void target_stages(const struct plan_facts *facts, struct civil *ret_stage1,
                          struct civil *ret_stage2)
{
    *ret_stage1 = *ret_stage2 = CIVIL_NONE;
    if (civil_is_none(facts->certification.target_date))
        return;
    struct backplan_facts given = backplan_of(facts);
    struct backplan made;
    backplan_make(&given, &made);
    *ret_stage1 = made.date[BACKPLAN_STAGE1_FIRST];
    *ret_stage2 = made.date[BACKPLAN_STAGE2_FIRST];
}

/* INI-02: the window that opens with stage 1. */
static void stage2_window(struct plan *plan, struct plan_audit *audit,
                          struct civil stage1)
{
    const struct policies *policies = &plan->facts->policies;
    struct business_calendar calendar = plan_calendar(plan->facts);
    audit->window_start = civil_add_days(stage1, policies->stage_gap_min_days);
    audit->window_end = civil_add_months(stage1, policies->stage_gap_max_months);
    if (civil_is_none(audit->nominal) ||
        civil_before(audit->nominal, audit->window_start))
        audit->nominal = business_day_roll(
            &calendar, civil_add_days(stage1, policies->stage2_prep_days),
            BUSINESS_ROLL_PREV);
    audit->nominal = civil_earlier(audit->nominal, audit->window_end);
    why_date(audit->why, "stage1_last_day", stage1);
    why_policy(plan, audit->why, "stage_gap_min_days");
    why_policy(plan, audit->why, "stage_gap_max_months");
}

/* NC-02: the day until which a major of the first stage 2 could have been verified, when that day has passed without it. */
static struct civil missed_limit(const struct plan *plan, const struct plan_audit *stage2)
{
    struct civil missed = CIVIL_NONE;
    for (size_t i = 0; i < plan->facts->finding_count; i++) {
        const struct finding_fact *finding = &plan->facts->findings[i];
        const struct major_facts facts = {.stage2_last_day = plan_held_last(stage2),
                                          .verified_date = finding->verified_on,
                                          .today = plan->facts->today};
        if (finding->grade != FINDING_MAJOR || !finding->audit ||
            finding->audit != stage2->fact || civil_is_none(facts.stage2_last_day))
            continue;
        const struct major_result result = finding_major_initial(&facts);
        if (result.new_stage2_required)
            missed = result.deadline;
    }
    return missed;
}

/* NC-02: another stage 2 before any recommendation. */
static void repeat_stage2(struct plan *plan, const struct plan_audit *first)
{
    const struct plan_certification *c = &plan->facts->certification;
    struct business_calendar calendar = plan_calendar(plan->facts);
    struct civil missed = missed_limit(plan, first);
    if (civil_is_none(missed))
        return;
    struct plan_audit *again = add_audit(plan, PLAN_STAGE2, first->cycle_no, 2);
    again->window_start = civil_add_days(missed, 1);
    again->nominal = business_day_roll(
        &calendar, civil_add_days(missed, plan->facts->policies.stage2_prep_days),
        BUSINESS_ROLL_NEXT);
    if (civil_before(missed, c->stage2_last_day))
        again->held_on = c->stage2_last_day;
    find_fact(plan->facts, again);
    again->why = why_new(plan, "NC-02", NULL);
    why_date(again->why, "stage2_last_day", plan_held_last(first));
    why_date(again->why, "verification_limit", missed);
    why_policy(plan, again->why, "stage2_prep_days");
}

void plan_preparation_audits(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    struct civil stage1, stage2;
    int cycle = plan_initial_cycle(plan->facts);
    if (c->scheme == SCHEME_PMARK)
        return;
    target_stages(plan->facts, &stage1, &stage2);
    struct plan_audit *first = add_audit(plan, PLAN_STAGE1, cycle, 1);
    first->nominal = stage1;
    first->held_on = c->stage1_last_day;
    find_fact(plan->facts, first);
    first->why = why_new(plan, "PLN-01", "INI-01", NULL);
    why_date(first->why, "target_date", c->target_date);
    why_date(first->why, "stage1_last_day", c->stage1_last_day);
    why_backplan(plan, first->why, "stage1_bd");
    struct plan_audit *second = add_audit(plan, PLAN_STAGE2, cycle, 1);
    second->nominal = stage2;
    second->held_on = c->stage2_last_day;
    find_fact(plan->facts, second);
    second->why = why_new(plan, "PLN-01", "INI-01", "INI-02", NULL);
    why_date(second->why, "target_date", c->target_date);
    why_date(second->why, "stage2_last_day", c->stage2_last_day);
    why_backplan(plan, second->why, "stage2_bd");
    if (!civil_is_none(plan_held_last(first)))
        stage2_window(plan, second, plan_held_last(first));
    if (!civil_is_none(c->stage2_last_day))
        repeat_stage2(plan, second);
}

/* ---- the cycle ---- */

/* Section 5 no. 2: some bodies count from the last day of stage 2, which lies shortly before the decision. */
static struct civil anchor_of(const struct plan_facts *facts)
{
    const struct plan_certification *c = &facts->certification;
    struct civil anchor =
        civil_is_none(c->anchor_date) ? c->decision_date : c->anchor_date;
    bool wanted = facts->policies.anchor == CYCLE_ANCHOR_STAGE2_LAST_DAY;
    if (wanted && !civil_is_none(c->stage2_last_day) &&
        civil_compare(c->stage2_last_day, anchor) <= 0 &&
        civil_within_months(anchor, c->stage2_last_day, 12))
        return c->stage2_last_day;
    return anchor;
}

static json_t *surveillance_why(struct plan *plan, const struct cycle_event *event,
                                const struct cycle_running *running)
{
    bool capped =
        event->cycle == 1 && event->number == 1 && !running->after_recertification;
    json_t *why = capped ? why_new(plan, "SUR-01", "SUR-02", "CAL-02", NULL)
                         : why_new(plan, "SUR-02", "SUR-03", "CAL-02", NULL);
    why_date(why, "anchor_date", running->anchor);
    if (capped)
        why_date(why, "decision_date", running->decision_date);
    why_policy(plan, why, "anchor");
    why_policy(plan, why, "surv_before_months");
    why_policy(plan, why, "surv_after_months");
    return why;
}

static json_t *recertification_why(struct plan *plan, const struct cycle_event *event)
{
    json_t *why = why_new(plan, "REC-01", "REC-02", NULL);
    why_date(why, "expiry_date", event->expiry);
    why_policy(plan, why, "recert_before_months");
    why_policy(plan, why, "recert_latest_months");
    why_policy(plan, why, "major_closure_days");
    why_policy(plan, why, "decision_days");
    return why;
}

static void add_event(struct plan *plan, const struct cycle_event *event,
                      const struct cycle_running *running, int cycle_no)
{
    bool surveillance = event->audit == CYCLE_SURVEILLANCE;
    struct plan_audit *audit =
        add_audit(plan, surveillance ? PLAN_SURVEILLANCE : PLAN_RECERTIFICATION, cycle_no,
                  surveillance ? event->number : 1);
    audit->nominal = event->nominal;
    audit->window_end = civil_earlier(event->window_end, event->hard_limit);
    audit->window_start = civil_earlier(event->window_start, audit->window_end);
    audit->hard_limit = event->hard_limit;
    audit->latest_day = event->latest_audit_day;
    find_fact(plan->facts, audit);
    audit->why = surveillance ? surveillance_why(plan, event, running)
                              : recertification_why(plan, event);
}

/* The recertification audit that a later step says was held, in the cycle before. */
static void add_previous(struct plan *plan, const struct cycle_running *running)
{
    const struct plan_certification *c = &plan->facts->certification;
    struct cycle_running before = *running;
    struct cycle_plan made;
    if (!c->after_recertification || civil_is_none(c->previous_expiry_date) ||
        civil_is_none(c->recertification_audit_last_day))
        return;
    before.years_before = 3 * (c->cycle_no - 1 - c->anchor_cycle);
    before.expiry = c->previous_expiry_date;
    before.policy.cycles = 1;
    before.after_recertification = true;
    cycle_running_make(&before, &made);
    add_event(plan, &made.events[2], &before, c->cycle_no - 1);
    struct plan_audit *audit = &plan->audits[plan->audit_count - 1];
    audit->held_on = c->recertification_audit_last_day;
    if (before.years_before < 0) /* the anchor began with this cycle */
        audit->nominal = audit->window_end;
}

static void add_cycles(struct plan *plan, const struct cycle_running *running)
{
    const struct plan_certification *c = &plan->facts->certification;
    struct cycle_plan made;
    cycle_running_make(running, &made);
    for (size_t i = 0; i < made.event_count; i++) {
        const struct cycle_event *event = &made.events[i];
        if (c->state != CERTIFICATION_EXPIRED ||
            (event->cycle == 1 && event->audit == CYCLE_RECERTIFICATION))
            add_event(plan, event, running, c->cycle_no + event->cycle - 1);
    }
}

/* ADD-01, ADD-02: an add-on may begin in the middle of the cycle of its ISMS and ends with it. Surveillance that would fall into the
 * recertification is that one, and the next cycle counts as the ISMS's. */
static void add_addon_cycles(struct plan *plan, const struct cycle_running *whole)
{
    const struct plan_certification *c = &plan->facts->certification;
    bool expired = c->state == CERTIFICATION_EXPIRED;
    struct civil next = civil_add_days(c->expiry_date, 1);
    struct cycle_running running = *whole;
    struct cycle_plan made;
    running.policy.cycles = 1;
    cycle_running_make(&running, &made);
    made.events[2].nominal = civil_earlier(made.events[2].nominal, next);
    for (size_t i = 0; i < made.event_count; i++) {
        const struct cycle_event *event = &made.events[i];
        if (i < 2 &&
            (expired || !civil_before(event->nominal, made.events[2].window_start)))
            continue;
        add_event(plan, event, &running, c->cycle_no);
    }
    if (expired)
        return;
    running.anchor = next;
    running.years_before = 0;
    running.after_recertification = true;
    running.expiry = period_next_expiry(c->expiry_date, running.policy.expiry_convention);
    cycle_running_make(&running, &made);
    for (size_t i = 0; i < made.event_count; i++)
        add_event(plan, &made.events[i], &running, c->cycle_no + 1);
}

void plan_cycle_audits(struct plan *plan)
{
    const struct plan_certification *c = &plan->facts->certification;
    if (c->scheme == SCHEME_PMARK)
        return;
    const struct cycle_running running = {
        .anchor = anchor_of(plan->facts),
        .years_before = 3 * (c->cycle_no - c->anchor_cycle),
        .decision_date = c->decision_date,
        .after_recertification = c->after_recertification,
        .expiry = c->expiry_date,
        .policy = policies_cycle(&plan->facts->policies),
    };
    add_previous(plan, &running);
    if (c->scheme == SCHEME_ADDON)
        add_addon_cycles(plan, &running);
    else
        add_cycles(plan, &running);
}
