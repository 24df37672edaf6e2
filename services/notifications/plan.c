/* Reminder planning; the rules stand in plan.h. */
#include "plan.h"

#include "api/business_day.h"

#include <string.h>

enum { MINUTES = 60, OFFICE_END = 18 * 60, MAX_OFFSETS = 32 };

static const struct business_calendar calendar = {.year_end_closed = true};

unsigned reminder_role(const char *word, size_t len)
{
    static const char *const words[] = {"owner",        "admin",         "consultant",
                                        "client_admin", "client_member", "auditor"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
            return 1U << i;
    }
    return 0;
}

struct reminder_facts reminder_facts_of(struct arena *arena,
                                        const struct reminder_facts *facts,
                                        const char *client_id)
{
    struct reminder_receiver *receivers =
        arena_alloc(arena, facts->receiver_count * sizeof *receivers);
    struct reminder_assignment *assignments =
        arena_alloc(arena, facts->assignment_count * sizeof *assignments);
    struct reminder_facts part = {.policies = facts->policies,
                                  .policy_count = facts->policy_count,
                                  .receivers = receivers,
                                  .assignments = assignments};
    for (size_t i = 0; i < facts->receiver_count; i++) {
        const char *client = facts->receivers[i].client_id;
        if (!client || strcmp(client, client_id) == 0)
            receivers[part.receiver_count++] = facts->receivers[i];
    }
    for (size_t i = 0; i < facts->assignment_count; i++) {
        if (strcmp(facts->assignments[i].client_id, client_id) == 0)
            assignments[part.assignment_count++] = facts->assignments[i];
    }
    return part;
}

/* ---- who ---- */

static bool matches(const char *wanted, const char *present)
{
    return !wanted || strcmp(wanted, present) == 0;
}

/* How closely a policy fits: 0 not at all, then general, kind, client, client and kind. */
static int fit(const struct reminder_policy *policy,
               const struct reminder_deadline *deadline)
{
    if (!matches(policy->client_id, deadline->client_id) ||
        !matches(policy->kind, deadline->kind))
        return 0;
    return 1 + (policy->client_id ? 2 : 0) + (policy->kind ? 1 : 0);
}

static int best_fit(const struct reminder_facts *facts,
                    const struct reminder_deadline *deadline)
{
    int best = 0;
    for (size_t i = 0; i < facts->policy_count; i++) {
        int present = fit(&facts->policies[i], deadline);
        best = present > best ? present : best;
    }
    return best;
}

static bool is_assigned(const struct reminder_facts *facts, const char *member,
                        const char *client)
{
    for (size_t i = 0; i < facts->assignment_count; i++) {
        if (strcmp(facts->assignments[i].member_id, member) == 0 &&
            strcmp(facts->assignments[i].client_id, client) == 0)
            return true;
    }
    return false;
}

/* Who stands for "the consultant" of a client. */
enum care { CARE_ASSIGNED, CARE_ALL_CLIENTS, CARE_OWNER };

static bool cares(const struct reminder_facts *facts,
                  const struct reminder_receiver *receiver, const char *client,
                  enum care care)
{
    switch (care) {
    case CARE_ASSIGNED:
        return receiver->role <= ROLE_CONSULTANT &&
               is_assigned(facts, receiver->id, client);
    case CARE_ALL_CLIENTS:
        return receiver->role == ROLE_CONSULTANT && receiver->all_clients;
    case CARE_OWNER:
        break;
    }
    return receiver->role == ROLE_OWNER;
}

static enum care care_of(const struct reminder_facts *facts, const char *client)
{
    for (enum care care = CARE_ASSIGNED; care < CARE_OWNER; care++) {
        for (size_t i = 0; i < facts->receiver_count; i++) {
            if (cares(facts, &facts->receivers[i], client, care))
                return care;
        }
    }
    return CARE_OWNER;
}

static bool receives(const struct reminder_facts *facts,
                     const struct reminder_policy *policy,
                     const struct reminder_receiver *receiver, const char *client,
                     enum care care)
{
    if (receiver->client_id)
        return (policy->roles & receiver->role) &&
               strcmp(receiver->client_id, client) == 0;
    if ((policy->roles & ROLE_CONSULTANT) && cares(facts, receiver, client, care))
        return true;
    return receiver->role != ROLE_CONSULTANT && (policy->roles & receiver->role);
}

/* ---- when ---- */

struct moment {
    struct civil day;
    int minute;
};

static struct civil roll(const struct reminder_policy *policy, struct civil day,
                         enum business_roll way)
{
    return policy->business_days ? business_day_roll(&calendar, day, way) : day;
}

static bool is_past(const struct reminder_receiver *receiver, struct moment moment)
{
    int order = civil_compare(moment.day, receiver->today);
    return order < 0 || (order == 0 && moment.minute <= receiver->minute);
}

/* At once in business hours, else when they begin, but still on the due date itself. */
static struct moment short_notice(const struct reminder_policy *policy,
                                  const struct reminder_receiver *receiver,
                                  struct civil due)
{
    int opening = policy->send_hour * MINUTES;
    int now = receiver->minute > opening ? receiver->minute : opening;
    struct moment today = {receiver->today, now};
    bool open =
        civil_same(roll(policy, receiver->today, BUSINESS_ROLL_NEXT), receiver->today);
    if (open && now <= (opening > OFFICE_END ? opening : OFFICE_END))
        return today;
    struct civil next =
        roll(policy, civil_add_days(receiver->today, 1), BUSINESS_ROLL_NEXT);
    return civil_compare(next, due) <= 0 ? (struct moment){next, opening} : today;
}

/* ---- the plan of one (deadline, policy, receiver) ---- */

struct pairing {
    struct arena *arena;
    struct reminder_plan *plan;
    const struct reminder_deadline *deadline;
    const struct reminder_policy *policy;
    const struct reminder_receiver *receiver;
};

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
    struct civil day = civil_add_days(pair->deadline->due_on, -offset);
    return (struct moment){roll(pair->policy, day, BUSINESS_ROLL_PREV),
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
            want(pair, offsets[i],
                 short_notice(pair->policy, pair->receiver, pair->deadline->due_on),
                 WANTED_CREATED);
        else
            want(pair, offsets[i], moment, past ? WANTED_KEPT : WANTED_CREATED);
    }
}

static struct moment after_due(const struct pairing *pair, int64_t times)
{
    int64_t days = times * pair->policy->overdue_every_days;
    struct civil day = civil_add_days(pair->deadline->due_on, days);
    return (struct moment){roll(pair->policy, day, BUSINESS_ROLL_NEXT),
                           pair->policy->send_hour * MINUTES};
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
    while (is_past(pair->receiver, after_due(pair, times)))
        times++;
    if (times > 1)
        want(pair, -(int)(times - 1) * every, after_due(pair, times - 1), WANTED_KEPT);
    while (civil_same(after_due(pair, times).day, after_due(pair, times + 1).day))
        times++;
    want(pair, -(int)times * every, after_due(pair, times), WANTED_CREATED);
}

void reminder_plan_add(struct arena *arena, const struct reminder_facts *facts,
                       const struct reminder_deadline *deadline,
                       struct reminder_plan *plan)
{
    int best = best_fit(facts, deadline);
    enum care care = care_of(facts, deadline->client_id);
    for (size_t p = 0; p < facts->policy_count && best > 0; p++) {
        const struct reminder_policy *policy = &facts->policies[p];
        if (fit(policy, deadline) != best)
            continue;
        for (size_t r = 0; r < facts->receiver_count; r++) {
            const struct reminder_receiver *receiver = &facts->receivers[r];
            struct pairing pair = {arena, plan, deadline, policy, receiver};
            if (!receives(facts, policy, receiver, deadline->client_id, care))
                continue;
            want_before_due(&pair);
            want_after_due(&pair);
        }
    }
}
