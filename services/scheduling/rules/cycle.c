/* The programme: every date is counted from its anchor, never from the event before. */
#include "services/scheduling/rules/cycle.h"

#include "services/scheduling/rules/period.h"
#include "services/scheduling/rules/surveillance.h"

static struct civil anchor_of(const struct cycle_facts *facts)
{
    if (facts->policy.anchor == CYCLE_ANCHOR_STAGE2_LAST_DAY)
        return facts->stage2_last_day;
    return facts->decision_date;
}

static struct civil end_of_year(struct civil date)
{
    struct civil_parts parts = civil_split(date);
    struct civil december = civil_add_months(date, 12 - parts.month);

    return civil_add_days(december, 31 - civil_split(december).day);
}

static int limited_cycles(int cycles)
{
    if (cycles < 1)
        return 1;
    return cycles > CYCLE_MOST_CYCLES ? CYCLE_MOST_CYCLES : cycles;
}

/* SUR-02: the body's window around the anniversary; SUR-03: not later than its year. */
static struct cycle_event surveillance_event(const struct cycle_policy *policy,
                                             struct civil anchor, int year)
{
    struct civil nominal = civil_add_months(anchor, 12 * (int64_t)year);

    return (struct cycle_event){
        .audit = CYCLE_SURVEILLANCE,
        .cycle = (year - 1) / 3 + 1,
        .number = (year - 1) % 3 + 1,
        .nominal = nominal,
        .window_start = civil_add_months(nominal, -policy->surv_before_months),
        .window_end = civil_add_months(nominal, policy->surv_after_months),
        .hard_limit = end_of_year(nominal),
        .expiry = CIVIL_NONE,
        .latest_audit_day = CIVIL_NONE,
    };
}

/* SUR-01 (17021-1 9.1.3.3): the first surveillance after the initial certification is never
 * later than 12 months after the decision. SUR-05: not repeated in later cycles. */
static void cap_first(struct cycle_event *event, struct civil decision_date)
{
    event->hard_limit = surveillance_first_deadline(decision_date);
    event->window_end = civil_earlier(event->window_end, event->hard_limit);
}

/* REC-01 (17021-1 9.6.3.1): between expiry - before and expiry - latest. */
static struct cycle_event recertification_event(const struct cycle_policy *policy,
                                                struct civil anchor, int year,
                                                struct civil expiry)
{
    bool has_terms = policy->major_closure_days >= 0 && policy->decision_days >= 0;

    return (struct cycle_event){
        .audit = CYCLE_RECERTIFICATION,
        .cycle = year / 3,
        .number = 3,
        .nominal = civil_add_months(anchor, 12 * (int64_t)year),
        .window_start = civil_add_months(expiry, -policy->recert_before_months),
        .window_end = civil_add_months(expiry, -policy->recert_latest_months),
        .hard_limit = expiry,
        .expiry = expiry,
        .latest_audit_day =
            has_terms ? cycle_latest_audit_day(expiry, policy->major_closure_days,
                                               policy->decision_days)
                      : CIVIL_NONE,
    };
}

/* The expiry of cycle n. same_day counts every cycle from the decision (CAL-02),
 * civil_end lets the next period start the day after the last (CAL-03). */
static struct civil expiry_of_cycle(const struct cycle_facts *facts, int cycle,
                                    struct civil previous)
{
    if (facts->policy.expiry_convention == CIVIL_END_SAME)
        return civil_add_months(facts->decision_date, (int64_t)cycle * CYCLE_MONTHS);
    if (cycle == 1)
        return period_first_expiry(facts->decision_date, CIVIL_END_BEFORE);
    return period_next_expiry(previous, CIVIL_END_BEFORE);
}

static bool year_is_covered(const struct cycle_plan *plan, int year)
{
    for (size_t i = 0; i < plan->event_count; i++) {
        const struct cycle_event *event = &plan->events[i];
        if (event->audit == CYCLE_SURVEILLANCE && civil_year(event->nominal) == year)
            return true;
        if (event->audit == CYCLE_RECERTIFICATION && civil_year(event->expiry) == year)
            return true;
    }
    return false;
}

/* SUR-03: surveillance in every calendar year but those of recertification, for which the
 * year of the expiry is taken as long as no decision is known. */
static void find_empty_years(struct civil decision, struct cycle_plan *plan)
{
    int last = civil_year(plan->expiries[plan->expiry_count - 1]);

    for (int year = civil_year(decision) + 1; year <= last; year++) {
        if (!year_is_covered(plan, year) && plan->empty_year_count < CYCLE_MOST_YEARS)
            plan->empty_years[plan->empty_year_count++] = year;
    }
}

/* CYC-02: the seed's picture */
size_t cycle_months(struct civil obtained, int cycles,
                    struct cycle_month ret_months[CYCLE_MOST_EVENTS])
{
    size_t count = 0;

    for (int year = 1; year <= cycles * 3 && count < CYCLE_MOST_EVENTS; year++) {
        ret_months[count++] = (struct cycle_month){
            .month = civil_add_months(obtained, 12 * year),
            .audit = year % 3 == 0 ? CYCLE_RECERTIFICATION : CYCLE_SURVEILLANCE,
        };
    }
    return count;
}

static void add_cycle(struct cycle_plan *plan, const struct cycle_policy *policy,
                      struct civil anchor, int last_year, struct civil expiry)
{
    plan->events[plan->event_count++] = surveillance_event(policy, anchor, last_year - 2);
    plan->events[plan->event_count++] = surveillance_event(policy, anchor, last_year - 1);
    plan->events[plan->event_count++] =
        recertification_event(policy, anchor, last_year, expiry);
}

/* CYC-01 (17021-1 9.1.3.2): the first cycle starts with the certification decision. */
void cycle_plan_make(const struct cycle_facts *facts, struct cycle_plan *ret_plan)
{
    struct cycle_plan plan = {.event_count = 0};
    struct civil expiry = facts->decision_date;
    struct civil anchor = anchor_of(facts);
    int cycles = limited_cycles(facts->policy.cycles);

    for (int cycle = 1; cycle <= cycles; cycle++) {
        expiry = expiry_of_cycle(facts, cycle, expiry);
        plan.expiries[plan.expiry_count++] = expiry;
        add_cycle(&plan, &facts->policy, anchor, cycle * 3, expiry);
    }
    cap_first(&plan.events[0], facts->decision_date);
    find_empty_years(facts->decision_date, &plan);
    *ret_plan = plan;
}

/* CYC-01, section 4: after a recertification in time or a restoration the old anniversary
 * goes on. */
void cycle_running_make(const struct cycle_running *facts, struct cycle_plan *ret_plan)
{
    struct cycle_plan plan = {.event_count = 0};
    struct civil expiry = facts->expiry;
    int cycles = limited_cycles(facts->policy.cycles);

    for (int cycle = 1; cycle <= cycles; cycle++) {
        plan.expiries[plan.expiry_count++] = expiry;
        add_cycle(&plan, &facts->policy, facts->anchor, facts->years_before + cycle * 3,
                  expiry);
        for (size_t i = plan.event_count - 3; i < plan.event_count; i++)
            plan.events[i].cycle = cycle;
        expiry = period_next_expiry(expiry, facts->policy.expiry_convention);
    }
    if (!facts->after_recertification)
        cap_first(&plan.events[0], facts->decision_date);
    *ret_plan = plan;
}

/* REC-02 (17021-1 9.6.3.2.2) */
struct civil cycle_latest_audit_day(struct civil expiry, int major_closure_days,
                                    int decision_days)
{
    return civil_add_days(expiry, -((int64_t)major_closure_days + decision_days));
}
