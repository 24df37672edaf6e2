/* Which reminders an open deadline wants: facts in, wanted reminders out. No clock, no database.
 *
 * Policies: all enabled ones whose client and kind match (absent = every) add up; but where a policy names the client, those for every client
 * do not count for it, and among the rest one that names the kind displaces those for every kind, then one that names the grade, then the hardness.
 * Receivers: members whose role the policy lists. Client roles: of the deadline's client. consultant: who is assigned to the client; nobody is: consultants
 * of all clients; none: the owners. owner, admin: all of them.
 * Channel webhook: no person, but once for all endpoints ("endpoints"); marks of persons do not count for it.
 * Dates: due date minus offset, rolled back to a business day; when two offsets fall on one day, the smaller one. What is past when the plan is made is not
 * created (WANTED_KEPT: an existing one stays as it is). When nothing of a (policy, person) is left and the deadline is not over, one is created at
 * short notice with the smallest offset: in the next business hours, never later than the due date.
 * After the due date one at every `overdue_every_days`, rolled forward; always only the next one, with a negative offset.
 * Escalation: who has the step's role, so many days after the due date, while nobody has acknowledged; not who is told on that day anyway.
 * Marks: who acknowledged is told no more; where his word is not enough (hard or law, and he is on the client's side) the last one before the due
 * date, the overdue ones and the escalation stay. Who put it off is told on the day he chose, and nothing before.
 * Quiet days are closed like holidays, also for a policy that sends on every day. */
#ifndef MEGURI_NOTIFICATIONS_PLAN_H
#define MEGURI_NOTIFICATIONS_PLAN_H

#include "api/arena.h"
#include "api/business_day.h"
#include "api/civil.h"

#include <stdbool.h>
#include <stddef.h>

enum reminder_role {
    ROLE_OWNER = 1,
    ROLE_ADMIN = 2,
    ROLE_CONSULTANT = 4,
    ROLE_CLIENT_ADMIN = 8,
    ROLE_CLIENT_MEMBER = 16,
    ROLE_AUDITOR = 32,
    ROLE_CLIENT_CONTACT = 64 /* no member: the contact that the client names */
};

struct reminder_escalation {
    int after_days;
    unsigned roles;
};

struct reminder_policy {
    const char *id;
    const char *client_id; /* NULL = every client */
    const char *kind;      /* NULL = every kind of deadline */
    const char *grade;     /* of a finding; NULL = every one */
    const char *hardness;  /* NULL = every one */
    const char *language;  /* NULL = the receiver's own */
    const char *named;     /* ids of members and people, with spaces between; or NULL */
    const struct reminder_escalation *steps;
    int step_count;
    bool roll_after; /* before the due date: forward, never behind it */
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
    const char *kind;      /* "person", "client_contact", "endpoints", else a member */
    unsigned role;         /* one of enum reminder_role; 0 = only by name */
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
    const char *grade;    /* of its finding, or NULL */
    const char *hardness; /* hard, law, policy, own */
};

/* What a receiver said about a deadline on the date that it has now. */
struct reminder_mark {
    const char *deadline_id;
    const char *receiver_id;
    bool acknowledged;
    bool by_client;
    struct civil until; /* put off; CIVIL_NONE = not */
};

struct reminder_quiet_day {
    const char *client_id; /* NULL = every client */
    struct civil day;
};

struct reminder_facts {
    const struct reminder_policy *policies;
    size_t policy_count;
    const struct reminder_receiver *receivers;
    size_t receiver_count;
    const struct reminder_assignment *assignments;
    size_t assignment_count;
    const struct reminder_mark *marks;
    size_t mark_count;
    const struct reminder_quiet_day *quiet_days;
    size_t quiet_day_count;
    const struct holiday_change *closed; /* of one client: reminder_facts_of */
    size_t closed_count;
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
