/* Deadlines that changes bring: the notice, the audit that looks at them, its booking, and marks outside a smaller scope. */
#include "services/scheduling/plan_make.h"

#include "services/scheduling/change_texts.h"
#include "services/scheduling/rules/audit_time.h"

#include <string.h>

static const char *change_key(const struct plan *plan, const struct change_fact *change,
                              enum plan_deadline_kind kind)
{
    return arena_printf(plan->arena, "%s:change:%s:%s", plan->facts->certification.id,
                        change->id, plan_deadline_name(kind));
}

static bool is_status(const struct change_fact *change, const char *status)
{
    return change->status && strcmp(change->status, status) == 0;
}

static void add(struct plan *plan, const struct change_fact *change,
                const struct plan_deadline *deadline, const struct change_text *subject)
{
    struct plan_deadline full = *deadline;
    full.source_key = change_key(plan, change, deadline->kind);
    full.due_on = CIVIL_NONE;
    if (!full.hardness)
        full.hardness = "policy";
    full.change_id = change->id;
    plan_add(plan, &full, subject->ja, subject->en);
}

/* ---- the notice ---- */

/* CHG-06: a head count that stays in its row of the audit-time table is no change to tell. */
static bool must_tell(const struct change_fact *change, const struct change_kind *kind)
{
    if (kind->family != CHANGE_HEAD_COUNT || !change->persons_before ||
        !change->persons_after)
        return kind->must_notify;
    return audit_time_bracket_changes(change->persons_before, change->persons_after);
}

/* CHG-01: without delay; how long before is the body's rule. */
static void add_notice(struct plan *plan, const struct change_fact *change,
                       const struct change_kind *kind)
{
    if (!must_tell(change, kind))
        return;
    struct business_calendar calendar = plan_calendar(plan->facts);
    int days = change_notice_days(kind, plan->facts->policies.notice_days_before);
    json_t *why = why_new(plan, kind->rule, "CAL-04", NULL);
    why_date(why, "change_date", change->change_date);
    if (kind->family != CHANGE_INCIDENT)
        why_policy(plan, why, "notice_days_before");
    add(plan, change,
        &(struct plan_deadline){
            .kind = DEADLINE_CHANGE_NOTICE,
            .raw_on = civil_add_days(
                change_told_from(&calendar, kind, change->change_date), -days),
            .rule = kind->rule,
            .why = why,
            .fulfilled_on = change->notified_on,
        },
        change_subject(change->kind));
}

/* ---- the audit that looks at it ---- */

static struct change_audit_days days_of(const struct plan_audit *audit)
{
    struct change_audit_days days = {.nominal = audit->nominal,
                                     .window_start = audit->window_start,
                                     .window_end = audit->window_end,
                                     .planned_first = CIVIL_NONE,
                                     .planned_last = CIVIL_NONE};
    if (audit->fact && !civil_is_none(audit->fact->planned_first_day)) {
        days.planned_first = audit->fact->planned_first_day;
        days.planned_last =
            civil_later(days.planned_first, audit->fact->planned_last_day);
    }
    return days;
}

static struct civil sees(const struct plan_audit *audit, struct civil moved)
{
    const struct change_audit_days days = days_of(audit);
    if (!civil_is_none(plan_held_last(audit)))
        return audit->nominal;
    return change_audit_sees(&days, moved);
}

/* The next audit as it stood before the move: not one that was held before it, nor one that comes too early to see it. */
static const struct plan_audit *next_audit(const struct plan *plan, struct civil moved)
{
    for (int i = 0; i < plan->audit_count; i++) {
        const struct plan_audit *audit = &plan->audits[i];
        struct civil held = plan_held_last(audit);
        bool early = civil_is_none(held) ? civil_is_none(sees(audit, moved))
                                         : civil_before(held, moved);
        if (audit->cycle_no >= plan->facts->certification.cycle_no && !early)
            return audit;
    }
    return NULL;
}

static struct civil seen_on(const struct plan *plan, const struct change_fact *change)
{
    struct civil seen = CIVIL_NONE;
    for (size_t i = 0; i < plan->facts->audit_count; i++) {
        const struct audit_fact *audit = &plan->facts->audits[i];
        if (audit->booking != AUDIT_HELD || strcmp(audit->kind, "internal") == 0 ||
            civil_is_none(audit->held_last_day) ||
            civil_before(audit->held_last_day, change->change_date))
            continue;
        seen = civil_is_none(seen) ? audit->held_last_day
                                   : civil_earlier(seen, audit->held_last_day);
    }
    return seen;
}

static json_t *relocation_why(struct plan *plan, const struct relocation_facts *facts,
                              const struct relocation_result *result)
{
    static const char *const actions[] = {
        [RELOCATION_MERGE] = "merge",
        [RELOCATION_MERGE_PULL_FORWARD] = "merge_pull_forward",
        [RELOCATION_SPECIAL_AUDIT] = "special_audit",
    };
    json_t *why = why_new(plan, "CHG-03", NULL);
    why_date(why, "move_date", facts->move_date);
    why_date(why, "next_audit_nominal", facts->next_nominal);
    why_date(why, "next_audit_window_start", facts->next_window_start);
    why_text(why, "action", actions[result->action]);
    why_policy(plan, why, "merge_within_months");
    why_policy(plan, why, "special_within_months");
    why_policy(plan, why, "allow_pull_forward");
    return why;
}

/* CHG-03, while nobody has decided: the next audit sees the new office, or a special one does. */
static void add_relocation(struct plan *plan, const struct change_fact *change)
{
    const struct plan_audit *next = next_audit(plan, change->change_date);
    const struct policies *policies = &plan->facts->policies;
    const struct relocation_facts facts = {
        .move_date = change->change_date,
        .next_nominal = next ? sees(next, change->change_date) : CIVIL_NONE,
        .next_window_start = next ? next->window_start : CIVIL_NONE,
        .merge_within_months = policies->merge_within_months,
        .special_within_months = policies->special_within_months,
        .allow_pull_forward = policies->allow_pull_forward,
    };
    struct relocation_result result = relocation_advise(&facts);
    bool merged = result.action != RELOCATION_SPECIAL_AUDIT;
    add(plan, change,
        &(struct plan_deadline){
            .kind = DEADLINE_CHANGE_AUDIT,
            .raw_on = result.due_by,
            .rule = "CHG-03",
            .why = relocation_why(plan, &facts, &result),
            .audit = merged ? next : NULL,
            .fulfilled_on = seen_on(plan, change),
        },
        change_subject(change->kind));
}

/* CHG-02, CHG-03: the audit that was chosen, by the day that was chosen with it. */
static void add_chosen(struct plan *plan, const struct change_fact *change)
{
    const struct audit_fact *audit = change->audit;
    bool held = audit->booking == AUDIT_HELD;
    json_t *why = why_new(plan, "CHG-02", "CHG-03", "CAL-04", NULL);
    why_date(why, "change_date", change->change_date);
    why_date(why, "approved_on", change->approved_on);
    why_text(why, "variant", change->variant);
    why_policy(plan, why, "merge_within_months");
    why_policy(plan, why, "special_within_months");
    add(plan, change,
        &(struct plan_deadline){
            .kind = DEADLINE_CHANGE_AUDIT,
            .raw_on = change->due_by,
            .rule = "CHG-03",
            .why = why,
            .audit_fact = audit,
            .fulfilled_on = held ? audit->held_last_day : change->accepted_on,
        },
        change_subject(change->kind));
}

/* PLN-05 for an audit that the approval made: not before the approval itself. */
static void add_booking(struct plan *plan, const struct change_fact *change,
                        const struct change_kind *kind)
{
    bool booked = change->audit->booking == AUDIT_BOOKED ||
                  change->audit->booking == AUDIT_HELD ||
                  !civil_is_none(change->audit->planned_first_day);
    int days = plan->facts->policies.audit_booking_days;
    json_t *why = why_new(plan, "PLN-05", "CAL-04", NULL);
    why_date(why, "not_before", change->not_before);
    why_date(why, "approved_on", change->approved_on);
    why_policy(plan, why, "audit_booking_days");
    add(plan, change,
        &(struct plan_deadline){
            .kind = DEADLINE_AUDIT_BOOKING,
            .raw_on = civil_later(civil_add_days(change->not_before, -days),
                                  change->approved_on),
            .rule = "PLN-05",
            .why = why,
            .audit_fact = change->audit,
            .fulfilled_on = booked ? plan->facts->today : CIVIL_NONE,
            .sticky = true,
        },
        change_audit_title(kind->family));
}

static void add_audit(struct plan *plan, const struct change_fact *change,
                      const struct change_kind *kind)
{
    if (!change->variant) {
        if (kind->family == CHANGE_MOVE)
            add_relocation(plan, change);
        return;
    }
    if (!change->audit || change->audit->booking == AUDIT_CANCELLED)
        return;
    add_chosen(plan, change);
    if (change->audit_made && !civil_is_none(change->not_before))
        add_booking(plan, change, kind);
}

/* ---- a smaller scope ---- */

/* MRK-03: correct all advertising when the scope shrinks. */
static void add_mark_removal(struct plan *plan, const struct change_fact *change)
{
    static const struct change_text where = {"（適用範囲から外れる部分）",
                                             " where the scope no longer reaches"};
    json_t *why = why_new(plan, "MRK-03", "CAL-04", NULL);
    why_date(why, "change_date", change->change_date);
    why_policy(plan, why, "mark_removal_days");
    add(plan, change,
        &(struct plan_deadline){
            .kind = DEADLINE_REMOVE_MARK,
            .raw_on = civil_add_days(change->change_date,
                                     plan->facts->policies.mark_removal_days),
            .hardness = "hard",
            .rule = "MRK-03",
            .why = why,
            .fulfilled_on = CIVIL_NONE,
        },
        &where);
}

static bool is_settled(const struct change_fact *change)
{
    return is_status(change, "approved") || is_status(change, "accepted_by_body") ||
           is_status(change, "done");
}

void plan_changes(struct plan *plan)
{
    enum certification_state state = plan->facts->certification.state;
    bool active = state == CERTIFICATION_CERTIFIED || state == CERTIFICATION_SUSPENDED;
    for (size_t i = 0; i < plan->facts->change_count; i++) {
        const struct change_fact *change = &plan->facts->changes[i];
        const struct change_kind *kind =
            change->kind ? change_kind_find(change->kind) : NULL;
        bool ended = is_status(change, "cancelled") || is_status(change, "withdrawn") ||
                     is_status(change, "rejected");
        if (ended || !kind || civil_is_none(change->change_date))
            continue;
        if (active)
            add_notice(plan, change, kind);
        if (active || change->variant)
            add_audit(plan, change, kind);
        if (active && kind->family == CHANGE_SHRINKING && is_settled(change))
            add_mark_removal(plan, change);
    }
}
