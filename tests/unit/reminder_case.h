/* A deadline, a policy and a receiver, and what is planned for them. */
#ifndef MEGURI_TEST_REMINDER_CASE_H
#define MEGURI_TEST_REMINDER_CASE_H

#include "services/notifications/plan.h"
#include "tests/unit/ground.h"

static struct arena *arena;
static struct reminder_plan plan;

static const int standard[] = {180, 90, 60, 30, 14, 7, 1};

static struct civil day(const char *text)
{
    struct civil date = CIVIL_NONE;
    ck_assert_msg(civil_parse(text, &date), "%s", text);
    return date;
}

static struct reminder_policy policy_of(const char *id)
{
    return (struct reminder_policy){.id = id,
                                    .channel = "email",
                                    .offsets = standard,
                                    .offset_count = 7,
                                    .overdue_every_days = 7,
                                    .send_hour = 9,
                                    .business_days = true,
                                    .roles = ROLE_CLIENT_ADMIN | ROLE_CONSULTANT};
}

static struct reminder_receiver receiver_of(const char *id, unsigned role,
                                            const char *client, const char *today,
                                            int minute)
{
    return (struct reminder_receiver){.id = id,
                                      .client_id = client,
                                      .role = role,
                                      .email = "a@b.example",
                                      .language = "ja",
                                      .time_zone = "Asia/Tokyo",
                                      .today = day(today),
                                      .minute = minute};
}

static struct reminder_deadline deadline_of(const char *due)
{
    return (struct reminder_deadline){
        .id = "d", .client_id = "c", .kind = "surveillance_audit", .due_on = day(due)};
}

static void set_up(void)
{
    arena = arena_new();
    plan = (struct reminder_plan){0};
}

static void tear_down(void)
{
    arena_destroy(arena);
}

#endif
