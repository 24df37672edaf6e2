/* Which reminders an open deadline wants: facts in, wanted reminders out. No clock, no database.
 *
 * Policies: all enabled ones whose client and kind match (absent = every) add up; but where a policy names the client, those for every client
 * do not count for it, and among the rest one that names the kind displaces those for every kind.
 * Receivers: members whose role the policy lists. Client roles: of the deadline's client. consultant: who is assigned to the client; nobody is: consultants
 * of all clients; none: the owners. owner, admin: all of them.
 * Dates: due date minus offset, rolled back to a business day; when two offsets fall on one day, the smaller one. What is past when the plan is made is not
 * created (WANTED_KEPT: an existing one stays as it is). When nothing of a (policy, person) is left and the deadline is not over, one is created at
 * short notice with the smallest offset: in the next business hours, never later than the due date.
 * After the due date one at every `overdue_every_days`, rolled forward; always only the next one, with a negative offset. */
#ifndef MEGURI_NOTIFICATIONS_PLAN_H
#define MEGURI_NOTIFICATIONS_PLAN_H

#include "api/arena.h"
#include "api/civil.h"

#include <stdbool.h>
#include <stddef.h>

enum reminder_role {
    ROLE_OWNER = 1,
    ROLE_ADMIN = 2,
    ROLE_CONSULTANT = 4,
    ROLE_CLIENT_ADMIN = 8,
    ROLE_CLIENT_MEMBER = 16,
    ROLE_AUDITOR = 32
};

struct reminder_policy {
    const char *id;
    const char *client_id; /* NULL = every client */
    const char *kind;      /* NULL = every kind of deadline */
    const char *channel;
    const int *offsets; /* days before the due date, any order */
    int offset_count;
    int overdue_every_days; /* 0 = never */
    int send_hour;          /* 0..23, receiver's time */
    bool business_days;
    unsigned roles; /* enum reminder_role, added up */
};

struct reminder_receiver {
    const char *id;
    const char *client_id; /* NULL = of the consultancy */
    unsigned role;         /* one of enum reminder_role */
    bool all_clients;
    const char *email;
    const char *language;  /* "ja" or "en" */
    const char *time_zone; /* IANA name */
    struct civil today;    /* now, where the receiver is */
    int minute;            /* of that day */
};

struct reminder_assignment {
    const char *member_id;
    const char *client_id;
};

struct reminder_deadline {
    const char *id;
    const char *client_id;
    const char *kind;
    struct civil due_on;
};

struct reminder_facts {
    const struct reminder_policy *policies;
    size_t policy_count;
    const struct reminder_receiver *receivers;
    size_t receiver_count;
    const struct reminder_assignment *assignments;
    size_t assignment_count;
};

enum wanted_state { WANTED_CREATED, WANTED_KEPT };

struct wanted_reminder {
    const struct reminder_deadline *deadline;
    const struct reminder_policy *policy;
    const struct reminder_receiver *receiver;
    int offset_days; /* negative = overdue */
    struct civil send_on;
    int minute; /* of that day, receiver's time */
    enum wanted_state state;
};

struct reminder_plan {
    struct wanted_reminder *items; /* in the arena */
    size_t count;
    size_t capacity;
};

/* The part of the facts that concerns one client, so that a batch of many clients stays quick. Shares their strings. */
struct reminder_facts reminder_facts_of(struct arena *arena,
                                        const struct reminder_facts *facts,
                                        const char *client_id);

/* Appends what the deadline wants. Pointers of the result are those of the facts. */
void reminder_plan_add(struct arena *arena, const struct reminder_facts *facts,
                       const struct reminder_deadline *deadline,
                       struct reminder_plan *plan);

/* The role of a word of the contract; 0 when there is none. */
unsigned reminder_role(const char *word, size_t len);

#endif
