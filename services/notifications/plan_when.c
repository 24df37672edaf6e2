/* When one receiver is reminded of one deadline by one policy. */
#include "plan_when.h"

#include <string.h>

enum { MINUTES = 60, OFFICE_END = 18 * 60, MAX_OFFSETS = 32 };

struct moment {
    struct civil day;
    int minute;
};

static bool is_quiet(const struct reminder_facts *facts, struct civil day)
{
    for (size_t i = 0; i < facts->closed_count; i++) {
        if (civil_same(facts->closed[i].date, day))
            return true;
    }
    return false;
}

static struct civil roll(const struct pairing *pair, struct civil day,
                         enum business_roll way)
{
    const struct reminder_facts *facts = pair->facts;
    struct business_calendar calendar = {.year_end_closed = true,
                                         .changes = facts->closed,
                                         .change_count = facts->closed_count};
    if (pair->policy->business_days)
        return business_day_roll(&calendar, day, way);
    while (is_quiet(facts, day))
        day = civil_add_days(day, way == BUSINESS_ROLL_NEXT ? 1 : -1);
    return day;
}

static bool is_past(const struct reminder_receiver *receiver, struct moment moment)
{
    int order = civil_compare(moment.day, receiver->today);
    return order < 0 || (order == 0 && moment.minute <= receiver->minute);
}

/* At once in business hours, else when they begin, but still on the due date itself. */
static struct moment short_notice(const struct pairing *pair)
{
    const struct reminder_receiver *receiver = pair->receiver;
    int opening = pair->policy->send_hour * MINUTES;
    int now = receiver->minute > opening ? receiver->minute : opening;
    struct moment today = {receiver->today, now};
    bool open =
        civil_same(roll(pair, receiver->today, BUSINESS_ROLL_NEXT), receiver->today);
    if (open && now <= (opening > OFFICE_END ? opening : OFFICE_END))
        return today;
    struct civil next =
        roll(pair, civil_add_days(receiver->today, 1), BUSINESS_ROLL_NEXT);
    bool in_time = civil_compare(next, pair->deadline->due_on) <= 0;
    return in_time ? (struct moment){next, opening} : today;
}

/* ---- what the receiver said ---- */

bool reminder_is_protected(const struct reminder_deadline *deadline,
                           const struct reminder_mark *mark)
{
    const char *hardness = deadline->hardness;
    bool fixed =
        hardness && (strcmp(hardness, "hard") == 0 || strcmp(hardness, "law") == 0);
    return fixed && mark->by_client;
}

static bool is_last_before_due(const struct reminder_policy *policy, int offset)
{
    for (int i = 0; i < policy->offset_count; i++) {
        if (policy->offsets[i] < offset)
            return false;
    }
    return true;
}

static bool is_put_off(const struct pairing *pair, struct civil day)
{
    return pair->mark && civil_before(day, pair->mark->until);
}

static bool is_silenced(const struct pairing *pair, int offset, struct civil day)
{
    if (!pair->mark)
        return false;
    if (!pair->mark->acknowledged)
        return is_put_off(pair, day);
    return !reminder_is_protected(pair->deadline, pair->mark) ||
           !is_last_before_due(pair->policy, offset);
}

/* ---- wanted ---- */

static void grow(struct arena *arena, struct reminder_plan *plan)
{
    size_t capacity = plan->capacity ? plan->capacity * 2 : 256;
    struct wanted_reminder *items = arena_alloc(arena, capacity * sizeof *items);
    if (plan->count)
        memcpy(items, plan->items, plan->count * sizeof *items);
    plan->items = items;
    plan->capacity = capacity;
}

static void want(const struct pairing *pair, int offset_days, struct moment moment,
                 enum wanted_state state)
{
    if (is_silenced(pair, offset_days, moment.day))
        return;
    if (pair->plan->count == pair->plan->capacity)
        grow(pair->arena, pair->plan);
    pair->plan->items[pair->plan->count++] =
        (struct wanted_reminder){.deadline = pair->deadline,
                                 .policy = pair->policy,
                                 .receiver = pair->receiver,
                                 .offset_days = offset_days,
                                 .send_on = moment.day,
                                 .minute = moment.minute,
                                 .state = state};
}

/* On one day nobody is told twice of the same. */
static bool is_wanted(const struct pairing *pair, int offset_days, struct civil day)
{
    for (size_t i = pair->first; i < pair->plan->count; i++) {
        const struct wanted_reminder *item = &pair->plan->items[i];
        if (item->offset_days == offset_days || civil_same(item->send_on, day))
            return true;
    }
    return false;
}

static void want_once(const struct pairing *pair, int offset_days, struct moment moment)
{
    bool past = is_past(pair->receiver, moment);
    if (!is_wanted(pair, offset_days, moment.day))
        want(pair, offset_days, moment, past ? WANTED_KEPT : WANTED_CREATED);
}

/* Ascending copy; the contract allows at most 20. */
static int sort_offsets(const struct reminder_policy *policy, int sorted[MAX_OFFSETS])
{
    int count = 0;
    for (int i = 0; i < policy->offset_count && count < MAX_OFFSETS; i++) {
        int k = count++;
        for (; k > 0 && sorted[k - 1] > policy->offsets[i]; k--)
            sorted[k] = sorted[k - 1];
        sorted[k] = policy->offsets[i];
    }
    return count;
}

static struct moment before_due(const struct pairing *pair, int offset)
{
    struct civil due = pair->deadline->due_on;
    struct civil day = civil_add_days(due, -offset), later = day;
    if (pair->policy->roll_after)
        later = roll(pair, day, BUSINESS_ROLL_NEXT);
    bool forward = pair->policy->roll_after && civil_compare(later, due) <= 0;
    return (struct moment){forward ? later : roll(pair, day, BUSINESS_ROLL_PREV),
                           pair->policy->send_hour * MINUTES};
}

static void want_before_due(const struct pairing *pair)
{
    int offsets[MAX_OFFSETS];
    int count = sort_offsets(pair->policy, offsets);
    bool over = civil_before(pair->deadline->due_on, pair->receiver->today);
    struct civil last = CIVIL_NONE;
    for (int i = 0; i < count; i++) {
        struct moment moment = before_due(pair, offsets[i]);
        if (i > 0 && civil_same(moment.day, last))
            continue;
        last = moment.day;
        bool past = is_past(pair->receiver, moment);
        if (past && i == 0 && !over)
            want(pair, offsets[i], short_notice(pair), WANTED_CREATED);
        else
            want(pair, offsets[i], moment, past ? WANTED_KEPT : WANTED_CREATED);
    }
}

static struct moment after_due(const struct pairing *pair, int64_t times)
{
    int64_t days = times * pair->policy->overdue_every_days;
    struct civil day = civil_add_days(pair->deadline->due_on, days);
    return (struct moment){roll(pair, day, BUSINESS_ROLL_NEXT),
                           pair->policy->send_hour * MINUTES};
}

/* Its time has gone by, or the receiver does not want it yet. */
static bool is_over(const struct pairing *pair, struct moment moment)
{
    return is_past(pair->receiver, moment) || is_put_off(pair, moment.day);
}

/* The next one, and the one before it, which may still be on its way. */
static void want_after_due(const struct pairing *pair)
{
    enum { LONGEST_CLOSURE = 14 };
    int every = pair->policy->overdue_every_days;
    if (every == 0)
        return;
    int32_t over = civil_days_between(pair->deadline->due_on, pair->receiver->today);
    int64_t times = (over - LONGEST_CLOSURE) / every;
    times = times < 1 ? 1 : times;
    while (is_over(pair, after_due(pair, times)))
        times++;
    if (times > 1)
        want(pair, -(int)(times - 1) * every, after_due(pair, times - 1), WANTED_KEPT);
    while (civil_same(after_due(pair, times).day, after_due(pair, times + 1).day))
        times++;
    want(pair, -(int)times * every, after_due(pair, times), WANTED_CREATED);
}

/* On the day that the receiver chose, whatever day that is. */
static void want_put_off(const struct pairing *pair)
{
    if (!pair->mark || civil_is_none(pair->mark->until))
        return;
    struct civil day = pair->mark->until;
    want_once(pair, civil_days_between(day, pair->deadline->due_on),
              (struct moment){day, pair->policy->send_hour * MINUTES});
}

void pair_want(const struct pairing *pair)
{
    want_before_due(pair);
    want_after_due(pair);
    want_put_off(pair);
}

void pair_escalate(const struct pairing *pair, int after_days)
{
    struct civil day = civil_add_days(pair->deadline->due_on, after_days);
    want_once(pair, -after_days,
              (struct moment){roll(pair, day, BUSINESS_ROLL_NEXT),
                              pair->policy->send_hour * MINUTES});
}
