/* Recurring work as deadlines, placed before the audits of the running cycle or before the renewal of the P-mark (SUR-08, PMK-03). */
#include "services/scheduling/plan_make.h"

#include "services/scheduling/obligation_kinds.h"
#include "services/scheduling/rules/obligation.h"
#include "services/scheduling/rules/pmark.h"

#include <string.h>

enum { BUFFER_DAYS = 14, MOST_PERIODS = 4 };

/* ---- what was done ---- */

const struct obligation_fact *plan_obligation(const struct plan_facts *facts,
                                              const char *kind)
{
    for (size_t i = 0; i < facts->obligation_count; i++) {
        const struct obligation_fact *obligation = &facts->obligations[i];
        if (obligation->active && strcmp(obligation->kind, kind) == 0)
            return obligation;
    }
    return NULL;
}

static void insert_day(struct civil *days, size_t *count, struct civil day)
{
    size_t at = *count;
    if (civil_is_none(day))
        return;
    while (at > 0 && civil_before(day, days[at - 1])) {
        days[at] = days[at - 1];
        at--;
    }
    days[at] = day;
    ++*count;
}

/* Every day on which work of this kind was done, in order: as it was recorded, and what the certification itself knows. */
static size_t days_done(struct plan *plan, const struct obligation_kind *kind,
                        const struct obligation_fact *fact, struct civil **ret_days)
{
    const struct plan_facts *facts = plan->facts;
    size_t most = (fact ? fact->done_count : 0) + facts->audit_count + 1, count = 0;
    struct civil *days = arena_alloc(plan->arena, most * sizeof *days);
    for (size_t i = 0; fact && i < fact->done_count; i++)
        insert_day(days, &count, fact->done[i]);
    if (kind->deadline == DEADLINE_MANAGEMENT_REVIEW)
        insert_day(days, &count, facts->certification.management_review_done_on);
    if (kind->deadline == DEADLINE_INTERNAL_AUDIT)
        insert_day(days, &count, facts->certification.internal_audit_done_on);
    for (size_t i = 0; i < facts->audit_count; i++) {
        const struct audit_fact *audit = &facts->audits[i];
        if (kind->deadline == DEADLINE_INTERNAL_AUDIT && audit->booking == AUDIT_HELD &&
            strcmp(audit->kind, "internal") == 0)
            insert_day(days, &count, audit->held_last_day);
    }
    *ret_days = days;
    return count;
}

/* ---- the periods that it is placed in ---- */

struct course {
    struct obligation_period periods[MOST_PERIODS];
    const struct plan_audit *audits[MOST_PERIODS];
    size_t count;
    const char *rule;
};

static int buffer_of(const struct obligation_fact *fact)
{
    return !fact || fact->buffer_days < 0 ? BUFFER_DAYS : fact->buffer_days;
}

/* Before the window opens; where that day has passed before the work began, before the audit itself. */
static struct civil limit_of(const struct plan_audit *audit,
                             const struct obligation_fact *fact)
{
    int buffer = buffer_of(fact);
    struct civil first = plan_first_day(audit);
    struct civil opens = civil_is_none(audit->window_start) ? first : audit->window_start;
    if (civil_is_none(first))
        return CIVIL_NONE;
    struct civil limit =
        civil_add_days(civil_earlier(opens, first), -(buffer > 0 ? buffer : 1));
    struct civil latest = civil_add_days(first, -buffer);
    bool passed = fact && civil_before(limit, fact->starts_on) &&
                  civil_compare(fact->starts_on, latest) <= 0;
    return passed ? latest : limit;
}

static void add_period(struct course *course, const struct plan_audit *audit,
                       struct civil since, struct civil limit)
{
    bool room = !civil_is_none(limit) && civil_before(since, limit);
    if (!room || course->count == MOST_PERIODS)
        return;
    course->audits[course->count] = audit;
    course->periods[course->count] = (struct obligation_period){
        .since = since,
        .limit = limit,
        .held = audit ? plan_held_last(audit) : CIVIL_NONE,
        .place = (int)course->count,
    };
    course->count++;
}

static void before_first_audit(struct plan *plan, const struct obligation_fact *fact,
                               struct course *course)
{
    const struct plan_audit *stage2 =
        plan_find(plan, PLAN_STAGE2, plan_initial_cycle(plan->facts), 1);
    struct civil limit = stage2 ? limit_of(stage2, fact) : CIVIL_NONE;
    if (!civil_is_none(limit))
        add_period(course, stage2, civil_add_months(limit, -12), limit);
}

static void between_audits(struct plan *plan, const struct obligation_fact *fact,
                           struct course *course)
{
    const struct plan_certification *c = &plan->facts->certification;
    struct civil since = plan_cycle_begins(c);
    for (int i = 0; i < plan->audit_count; i++) {
        const struct plan_audit *audit = &plan->audits[i];
        if (audit->cycle_no != c->cycle_no)
            continue;
        add_period(course, audit, since, limit_of(audit, fact));
        since = plan_audit_ends(audit);
    }
}

/* PMK-03: what the renewal application asks for is done before it closes. */
static void before_renewal(struct plan *plan, const struct obligation_fact *fact,
                           struct course *course)
{
    const struct plan_certification *c = &plan->facts->certification;
    struct business_calendar calendar = plan_calendar(plan->facts);
    struct pmark_window window = pmark_renewal_window(&calendar, c->expiry_date);
    add_period(course, NULL, c->decision_date,
               civil_add_days(window.close, -buffer_of(fact)));
}

static struct course course_of(struct plan *plan, const struct obligation_fact *fact)
{
    const struct plan_certification *c = &plan->facts->certification;
    struct course course = {.rule = c->scheme == SCHEME_PMARK ? "PMK-03" : "SUR-06"};
    bool active =
        c->state == CERTIFICATION_CERTIFIED || c->state == CERTIFICATION_SUSPENDED;
    if (c->state == CERTIFICATION_EXPIRED || c->state == CERTIFICATION_WITHDRAWN)
        return course;
    if (!active)
        before_first_audit(plan, fact, &course);
    else if (c->scheme == SCHEME_PMARK)
        before_renewal(plan, fact, &course);
    else
        between_audits(plan, fact, &course);
    return course;
}

/* ---- deadlines ---- */

static const char *key_of(struct plan *plan, const struct course *course,
                          const struct obligation_day *day,
                          const struct obligation_kind *kind,
                          const struct obligation_fact *fact)
{
    bool custom = fact && kind->deadline == DEADLINE_OBLIGATION;
    const struct plan_audit *audit = course->audits[day->place];
    const char *name = custom ? arena_printf(plan->arena, "custom-%s", fact->id)
                              : plan_deadline_name(kind->deadline);
    if (!audit)
        return plan_key(plan, plan->facts->certification.cycle_no, name, day->back + 1);
    if (day->back == 0)
        return arena_printf(plan->arena, "%s:%s", audit->source_key, name);
    return arena_printf(plan->arena, "%s:%s:%d", audit->source_key, name, day->back);
}

static json_t *why_of(struct plan *plan, const struct course *course,
                      const struct obligation_day *day,
                      const struct obligation_kind *kind,
                      const struct obligation_fact *fact)
{
    json_t *why = why_new(plan, course->rule, "CAL-04", NULL);
    json_t *inputs = json_object_get(why, "inputs");
    const struct plan_audit *audit = course->audits[day->place];
    why_date(why, "not_after", course->periods[day->place].limit);
    if (audit)
        why_date(why, "window_start", audit->window_start);
    if (audit)
        why_date(why, "audit_first_day", plan_first_day(audit));
    else
        why_date(why, "expiry_date", plan->facts->certification.expiry_date);
    why_text(why, "clause", kind->clause);
    json_object_set_new(
        inputs, "interval_months",
        json_integer(fact ? fact->interval_months : kind->interval_months));
    json_object_set_new(inputs, "buffer_days", json_integer(buffer_of(fact)));
    if (fact && fact->preferred_month)
        json_object_set_new(inputs, "preferred_month",
                            json_integer(fact->preferred_month));
    return why;
}

static void add_day(struct plan *plan, const struct course *course,
                    const struct obligation_day *day, const struct obligation_kind *kind,
                    const struct obligation_fact *fact)
{
    const struct plan_audit *audit = course->audits[day->place];
    bool custom = fact && kind->deadline == DEADLINE_OBLIGATION;
    bool pmark = plan->facts->certification.scheme == SCHEME_PMARK;
    const char *ja = audit ? plan_audit_ja(audit) : "プライバシーマークの更新申請";
    const char *en = audit ? plan_audit_en(audit) : "PrivacyMark renewal application";
    plan_add(plan,
             &(struct plan_deadline){
                 .kind = kind->deadline,
                 .source_key = key_of(plan, course, day, kind, fact),
                 .raw_on = day->due,
                 .due_on = CIVIL_NONE,
                 .hardness = pmark && kind->owed_by_pmark ? "hard" : "own",
                 .rule = course->rule,
                 .why = why_of(plan, course, day, kind, fact),
                 .audit = kind->of_every_audit ? NULL : audit,
                 .obligation_id = fact ? fact->id : NULL,
                 .fulfilled_on = day->done,
             },
             custom ? arena_printf(plan->arena, "%sの前に：%s", ja, fact->title) : ja,
             custom ? arena_printf(plan->arena, "%s, before the %s", fact->title, en)
                    : en);
}

/* What was done, what is overdue, and the next day; nothing that was missed, and not the whole future. */
static void add_days(struct plan *plan, const struct course *course,
                     const struct obligation_plan *days,
                     const struct obligation_kind *kind,
                     const struct obligation_fact *fact)
{
    bool ahead = false;
    bool audits = plan->facts->certification.scheme != SCHEME_PMARK;
    for (size_t i = 0; i < days->count && !ahead; i++) {
        const struct obligation_day *day = &days->days[i];
        if (day->missed || (kind->of_every_audit && audits && day->back == 0))
            continue;
        add_day(plan, course, day, kind, fact);
        ahead =
            civil_is_none(day->done) && civil_compare(plan->facts->today, day->due) <= 0;
    }
}

static void add_obligation(struct plan *plan, const struct obligation_kind *kind,
                           const struct obligation_fact *fact)
{
    struct course course = course_of(plan, fact);
    const struct obligation_terms terms = {
        .interval_months = fact ? fact->interval_months : kind->interval_months,
        .preferred_month = fact ? fact->preferred_month : 0,
    };
    struct civil *done;
    size_t count = days_done(plan, kind, fact, &done);
    struct obligation_plan *days = arena_alloc(plan->arena, sizeof *days);
    obligation_plan_make(&terms, course.periods, course.count,
                         fact ? fact->starts_on : CIVIL_NONE, done, count, days);
    add_days(plan, &course, days, kind, fact);
}

void plan_obligations(struct plan *plan)
{
    const struct plan_facts *facts = plan->facts;
    bool pmark = facts->certification.scheme == SCHEME_PMARK;
    for (size_t i = 0; i < facts->obligation_count; i++) {
        const struct obligation_fact *fact = &facts->obligations[i];
        const struct obligation_kind *kind = obligation_kind_find(fact->kind);
        if (kind && fact->active)
            add_obligation(plan, kind, fact);
    }
    const struct obligation_kind *kind;
    for (size_t i = 0; pmark && (kind = obligation_kind_at(i)); i++) {
        if (kind->owed_by_pmark && !plan_obligation(facts, kind->name))
            add_obligation(plan, kind, NULL);
    }
}
