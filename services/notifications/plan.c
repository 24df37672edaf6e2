/* Reminder planning; the rules stand in plan.h. */
#include "plan.h"

#include "plan_when.h"

#include <string.h>

unsigned reminder_role(const char *word, size_t len)
{
    static const char *const words[] = {"owner",         "admin",         "consultant",
                                        "client_admin",  "client_member", "auditor",
                                        "client_contact"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
            return 1U << i;
    }
    return 0;
}

static void add_closed(struct arena *arena, struct reminder_facts *part,
                       const char *client_id)
{
    struct holiday_change *closed =
        arena_alloc(arena, (part->quiet_day_count + 1) * sizeof *closed);
    for (size_t i = 0; i < part->quiet_day_count; i++) {
        const struct reminder_quiet_day *quiet = &part->quiet_days[i];
        if (!quiet->client_id || strcmp(quiet->client_id, client_id) == 0)
            closed[part->closed_count++] =
                (struct holiday_change){.date = quiet->day, .holiday = true};
    }
    part->closed = closed;
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
                                  .assignments = assignments,
                                  .marks = facts->marks,
                                  .mark_count = facts->mark_count,
                                  .quiet_days = facts->quiet_days,
                                  .quiet_day_count = facts->quiet_day_count};
    add_closed(arena, &part, client_id);
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
    return !wanted || (present && strcmp(wanted, present) == 0);
}

/* How closely a policy fits: 0 not at all; a client outweighs a kind, that a grade, that a hardness. */
static int fit(const struct reminder_policy *policy,
               const struct reminder_deadline *deadline)
{
    if (!matches(policy->client_id, deadline->client_id) ||
        !matches(policy->kind, deadline->kind) ||
        !matches(policy->grade, deadline->grade) ||
        !matches(policy->hardness, deadline->hardness))
        return 0;
    return 1 + (policy->client_id ? 8 : 0) + (policy->kind ? 4 : 0) +
           (policy->grade ? 2 : 0) + (policy->hardness ? 1 : 0);
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

static bool has_role(const struct reminder_facts *facts, unsigned roles,
                     const struct reminder_receiver *receiver, const char *client,
                     enum care care)
{
    if (receiver->client_id)
        return (roles & receiver->role) && strcmp(receiver->client_id, client) == 0;
    if ((roles & ROLE_CONSULTANT) && cares(facts, receiver, client, care))
        return true;
    return receiver->role != ROLE_CONSULTANT && (roles & receiver->role);
}

static bool is_named(const struct reminder_policy *policy,
                     const struct reminder_receiver *receiver, const char *client)
{
    bool here = !receiver->client_id || strcmp(receiver->client_id, client) == 0;
    return here && policy->named && strstr(policy->named, receiver->id);
}

static bool is_endpoints(const struct reminder_receiver *receiver)
{
    return receiver->kind && strcmp(receiver->kind, "endpoints") == 0;
}

/* The inbox is for those who have a login, webhooks are for programs and chats. */
static bool is_reachable(const struct reminder_policy *policy,
                         const struct reminder_receiver *receiver)
{
    bool hook = strcmp(policy->channel, "webhook") == 0;
    if (hook || is_endpoints(receiver))
        return hook && is_endpoints(receiver);
    bool member = !receiver->kind || strcmp(receiver->kind, "member") == 0;
    return member || strcmp(policy->channel, "email") == 0;
}

/* Somebody whose word is enough has taken note: nobody needs to be escalated to. */
static bool is_acknowledged(const struct reminder_facts *facts,
                            const struct reminder_deadline *deadline)
{
    for (size_t i = 0; i < facts->mark_count; i++) {
        const struct reminder_mark *mark = &facts->marks[i];
        if (mark->acknowledged && strcmp(mark->deadline_id, deadline->id) == 0 &&
            !reminder_is_protected(deadline, mark))
            return true;
    }
    return false;
}

static const struct reminder_mark *mark_of(const struct reminder_facts *facts,
                                           const struct reminder_deadline *deadline,
                                           const struct reminder_receiver *receiver)
{
    for (size_t i = 0; i < facts->mark_count; i++) {
        if (strcmp(facts->marks[i].deadline_id, deadline->id) == 0 &&
            strcmp(facts->marks[i].receiver_id, receiver->id) == 0)
            return &facts->marks[i];
    }
    return NULL;
}

static void plan_pair(struct pairing *pair, enum care care, bool acknowledged)
{
    const struct reminder_policy *policy = pair->policy;
    const char *client = pair->deadline->client_id;
    if (!is_reachable(policy, pair->receiver))
        return;
    pair->first = pair->plan->count;
    if (is_endpoints(pair->receiver)) {
        pair_want(pair);
        return;
    }
    pair->mark = mark_of(pair->facts, pair->deadline, pair->receiver);
    if (is_named(policy, pair->receiver, client) ||
        has_role(pair->facts, policy->roles, pair->receiver, client, care))
        pair_want(pair);
    for (int i = 0; i < policy->step_count && !acknowledged; i++) {
        if (has_role(pair->facts, policy->steps[i].roles, pair->receiver, client, care))
            pair_escalate(pair, policy->steps[i].after_days);
    }
}

void reminder_plan_add(struct arena *arena, const struct reminder_facts *facts,
                       const struct reminder_deadline *deadline,
                       struct reminder_plan *plan)
{
    int best = best_fit(facts, deadline);
    enum care care = care_of(facts, deadline->client_id);
    bool acknowledged = is_acknowledged(facts, deadline);
    for (size_t p = 0; p < facts->policy_count && best > 0; p++) {
        if (fit(&facts->policies[p], deadline) != best)
            continue;
        for (size_t r = 0; r < facts->receiver_count; r++) {
            struct pairing pair = {.arena = arena,
                                   .plan = plan,
                                   .facts = facts,
                                   .deadline = deadline,
                                   .policy = &facts->policies[p],
                                   .receiver = &facts->receivers[r]};
            plan_pair(&pair, care, acknowledged);
        }
    }
}
