/* Days of recurring work, counted back from the audit they prepare, so that they move with it and never creep. */
#include "services/scheduling/rules/obligation.h"

enum { YEAR = 12 };

static struct civil end_of_month(struct civil date)
{
    struct civil_parts parts = civil_split(date);
    struct civil next = civil_add_months(civil_add_days(date, 1 - parts.day), 1);

    return civil_add_days(next, -1);
}

struct civil obligation_place(const struct obligation_terms *terms, struct civil since,
                              struct civil limit)
{
    struct civil_parts parts = civil_split(limit);

    if (terms->preferred_month < 1 || terms->preferred_month > YEAR)
        return limit;
    int back = (parts.month - terms->preferred_month + YEAR) % YEAR;
    struct civil day =
        end_of_month(civil_add_months(civil_add_days(limit, 1 - parts.day), -back));
    if (civil_before(limit, day))
        day = end_of_month(civil_add_months(civil_add_days(limit, 1 - parts.day), -YEAR));
    return civil_before(since, day) ? day : limit;
}

/* ---- days ---- */

static void add_day(struct obligation_plan *plan, const struct obligation_period *period,
                    struct civil due, struct civil after, int back)
{
    if (plan->count == OBLIGATION_MOST_DAYS)
        return;
    plan->days[plan->count++] = (struct obligation_day){
        .due = due,
        .after = after,
        .closes = back == 0 ? period->held : CIVIL_NONE,
        .done = CIVIL_NONE,
        .place = period->place,
        .back = back,
    };
}

/* Days before the last one, so that no interval is longer than it may be, the one from the beginning of the period included. */
static int repeats(const struct obligation_terms *terms, struct civil since,
                   struct civil last)
{
    int count = 0;
    int months = terms->interval_months > 0 ? terms->interval_months : 1;
    struct civil enough = civil_add_months(since, months);

    while (civil_before(enough, civil_add_months(last, -count * months)))
        count++;
    return count;
}

static void add_period(struct obligation_plan *plan, const struct obligation_terms *terms,
                       const struct obligation_period *period, struct civil starts_on)
{
    struct civil last = obligation_place(terms, period->since, period->limit);
    struct civil after = period->since;

    for (int back = repeats(terms, period->since, last); back >= 0; back--) {
        struct civil due = civil_add_months(last, -back * terms->interval_months);
        bool early = civil_before(due, starts_on) ||
                     civil_compare(due, period->since) <= 0; /* a short month */
        if (!early)
            add_day(plan, period, due, after, back);
        after = due;
    }
}

/* ---- what was done ---- */

static bool stands_for(const struct obligation_day *day, struct civil done)
{
    return civil_is_none(day->done) && civil_before(day->after, done) &&
           (civil_is_none(day->closes) || civil_compare(done, day->closes) <= 0);
}

/* Within a period late work stands for the day it is late for until half of the time to the next has passed. */
static void close_halfway(struct obligation_plan *plan)
{
    for (size_t i = 0; i + 1 < plan->count; i++) {
        struct obligation_day *day = &plan->days[i];
        struct civil next = plan->days[i + 1].due;
        if (civil_is_none(day->closes))
            day->closes =
                civil_add_days(day->due, civil_days_between(day->due, next) / 2);
    }
}

static void match(struct obligation_plan *plan, const struct civil *done, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < plan->count && !stands_for(&plan->days[at], done[i]))
            at++;
        if (at < plan->count)
            plan->days[at].done = done[i];
    }
}

static void mark_missed(struct obligation_plan *plan,
                        const struct obligation_period *periods, size_t period_count)
{
    bool later_done = false;
    for (size_t i = plan->count; i-- > 0;) {
        struct obligation_day *day = &plan->days[i];
        bool held = false;
        for (size_t k = 0; k < period_count; k++)
            held |= periods[k].place == day->place && !civil_is_none(periods[k].held);
        day->missed = civil_is_none(day->done) && (held || later_done);
        later_done |= !civil_is_none(day->done);
    }
}

/* ---- intervals of two years and more ---- */

static struct civil earliest_after(const struct civil *done, size_t count,
                                   struct civil after, struct civil until)
{
    for (size_t i = 0; i < count; i++) {
        if (civil_before(after, done[i]) &&
            (civil_is_none(until) || civil_compare(done[i], until) <= 0))
            return done[i];
    }
    return CIVIL_NONE;
}

static struct civil latest_until(const struct civil *done, size_t count,
                                 struct civil first, struct civil until)
{
    struct civil latest = first;
    for (size_t i = 0; i < count && civil_compare(done[i], until) <= 0; i++)
        latest = civil_before(latest, done[i]) ? done[i] : latest;
    return latest;
}

static void make_sparse(const struct obligation_terms *terms,
                        const struct obligation_period *periods, size_t period_count,
                        struct civil starts_on, const struct civil *done, size_t count,
                        struct obligation_plan *plan)
{
    struct civil last = period_count ? periods[0].since : CIVIL_NONE;
    if (!civil_is_none(starts_on) && civil_before(last, starts_on))
        last = starts_on;
    if (period_count)
        last = latest_until(done, count, last, periods[0].since);
    for (size_t i = 0; i < period_count; i++) {
        struct civil due = obligation_place(terms, periods[i].since, periods[i].limit);
        struct civil following = i + 1 < period_count
                                     ? periods[i + 1].limit
                                     : civil_add_months(periods[i].limit, YEAR);
        if (civil_before(due, starts_on) ||
            civil_compare(following, civil_add_months(last, terms->interval_months)) <=
                0) {
            last = latest_until(done, count, last, periods[i].limit);
            continue;
        }
        add_day(plan, &periods[i], due, last, 0);
        struct obligation_day *day = &plan->days[plan->count - 1];
        day->done = earliest_after(done, count, last, day->closes);
        last = civil_is_none(day->done) ? due : day->done;
    }
}

void obligation_plan_make(const struct obligation_terms *terms,
                          const struct obligation_period *periods, size_t period_count,
                          struct civil starts_on, const struct civil *done,
                          size_t done_count, struct obligation_plan *ret_plan)
{
    *ret_plan = (struct obligation_plan){.count = 0};
    if (terms->interval_months >= 2 * YEAR) {
        make_sparse(terms, periods, period_count, starts_on, done, done_count, ret_plan);
    } else {
        for (size_t i = 0; i < period_count; i++)
            add_period(ret_plan, terms, &periods[i], starts_on);
        close_halfway(ret_plan);
        match(ret_plan, done, done_count);
    }
    mark_missed(ret_plan, periods, period_count);
}
