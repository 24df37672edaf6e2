/* Which reminders a deadline wants, and what they say. */
#include "services/notifications/service.h"
#include "tests/unit/reminder_case.h"

#include <stdio.h>

/* "30:2026-01-14 -7:2026-02-20": what is created, in the order of the plan. */
static const char *created(void)
{
    const char *text = "";
    for (size_t i = 0; i < plan.count; i++) {
        const struct wanted_reminder *item = &plan.items[i];
        char date[CIVIL_TEXT_SIZE];
        civil_format(item->send_on, date);
        if (item->state == WANTED_CREATED)
            text = arena_printf(arena, "%s%s%d:%s", text, *text ? " " : "",
                                item->offset_days, date);
    }
    return text;
}

static const char *receivers(void)
{
    const char *text = "";
    for (size_t i = 0; i < plan.count; i++) {
        const char *id = plan.items[i].receiver->id;
        if (!strstr(text, id))
            text = arena_printf(arena, "%s%s%s", text, *text ? " " : "", id);
    }
    return text;
}

static void plan_one(struct reminder_policy policy, struct reminder_receiver receiver,
                     struct reminder_deadline deadline)
{
    struct reminder_policy *policies = arena_dup(arena, &policy, sizeof policy);
    struct reminder_receiver *people = arena_dup(arena, &receiver, sizeof receiver);
    struct reminder_deadline *kept = arena_dup(arena, &deadline, sizeof deadline);
    struct reminder_facts facts = {.policies = policies,
                                   .policy_count = 1,
                                   .receivers = people,
                                   .receiver_count = 1};
    reminder_plan_add(arena, &facts, kept, &plan);
}

static const struct {
    const char *today;
    int minute;
    const char *due;
    const char *created;
} moments[] = {
    {"2025-02-14", 720, "2026-02-13",
     "1:2026-02-12 7:2026-02-06 14:2026-01-30 30:2026-01-14 60:2025-12-15 90:2025-11-14 "
     "180:2025-08-15 -7:2026-02-20"},
    /* the minute of sending has passed */
    {"2026-01-14", 540, "2026-02-13",
     "1:2026-02-12 7:2026-02-06 14:2026-01-30 -7:2026-02-20"},
    {"2026-01-14", 539, "2026-02-13",
     "1:2026-02-12 7:2026-02-06 14:2026-01-30 30:2026-01-14 -7:2026-02-20"},
    /* rolled back over the closure at the turn of the year: one mail for two offsets */
    {"2025-12-20", 0, "2026-01-05", "1:2025-12-26 14:2025-12-22 -7:2026-01-13"},
    /* short notice: today in business hours, else the next business day, else still today */
    {"2026-02-13", 600, "2026-02-13", "1:2026-02-13 -7:2026-02-20"},
    {"2026-02-12", 1140, "2026-02-13", "1:2026-02-13 -7:2026-02-20"},
    {"2026-02-13", 1380, "2026-02-13", "1:2026-02-13 -7:2026-02-20"},
    {"2026-02-14", 600, "2026-02-16", "1:2026-02-16 -7:2026-02-24"},
    {"2026-02-14", 600, "2026-02-15", "1:2026-02-14 -7:2026-02-24"},
    /* overdue: only the next one, rolled forward (23 February is a holiday) */
    {"2026-02-14", 600, "2026-02-13", "-7:2026-02-20"},
    {"2026-02-20", 541, "2026-02-13", "-14:2026-02-27"},
    {"2026-02-10", 600, "2026-02-09", "-7:2026-02-16"},
    {"2026-02-16", 600, "2026-02-09", "-14:2026-02-24"},
    {"2029-02-12", 600, "2026-02-13", "-1099:2029-02-16"},
};

START_TEST(reminders_are_sent_on_these_days)
{
    plan_one(
        policy_of("p"),
        receiver_of("m", ROLE_CLIENT_ADMIN, "c", moments[_i].today, moments[_i].minute),
        deadline_of(moments[_i].due));
    ck_assert_str_eq(created(), moments[_i].created);
}
END_TEST

START_TEST(daily_overdue_reminders_skip_closed_days_and_come_once_a_day)
{
    struct reminder_policy policy = policy_of("p");
    policy.overdue_every_days = 1;
    plan_one(policy, receiver_of("m", ROLE_CLIENT_ADMIN, "c", "2026-02-20", 600),
             deadline_of("2026-02-13"));
    ck_assert_str_eq(created(), "-11:2026-02-24");
}
END_TEST

START_TEST(what_was_sent_already_is_kept_and_not_made_again)
{
    int kept = 0;
    plan_one(policy_of("p"), receiver_of("m", ROLE_CLIENT_ADMIN, "c", "2026-01-20", 600),
             deadline_of("2026-02-13"));
    for (size_t i = 0; i < plan.count; i++)
        kept += plan.items[i].state == WANTED_KEPT;
    ck_assert_int_eq(kept, 4);
}
END_TEST

START_TEST(
    the_plan_of_a_deadline_does_not_depend_on_when_it_is_asked_until_something_is_sent)
{
    plan_one(policy_of("p"), receiver_of("m", ROLE_CLIENT_ADMIN, "c", "2025-02-14", 720),
             deadline_of("2026-02-13"));
    const char *first = created();
    plan = (struct reminder_plan){0};
    plan_one(policy_of("p"), receiver_of("m", ROLE_CLIENT_ADMIN, "c", "2025-08-15", 539),
             deadline_of("2026-02-13"));
    ck_assert_str_eq(created(), first);
}
END_TEST

/* ---- who ---- */

static const char *ask(const struct reminder_receiver *people, size_t count,
                       const struct reminder_assignment *assignments, size_t assigned,
                       unsigned roles)
{
    struct reminder_policy policy = policy_of("p");
    struct reminder_deadline deadline = deadline_of("2026-02-13");
    policy.roles = roles;
    struct reminder_facts facts = {.policies = &policy,
                                   .policy_count = 1,
                                   .receivers = people,
                                   .receiver_count = count,
                                   .assignments = assignments,
                                   .assignment_count = assigned};
    struct reminder_facts part = reminder_facts_of(arena, &facts, "c");
    reminder_plan_add(arena, &part, &deadline, &plan);
    return receivers();
}

START_TEST(client_roles_receive_only_for_their_own_client)
{
    struct reminder_receiver people[] = {
        receiver_of("own", ROLE_CLIENT_ADMIN, "c", "2025-02-14", 0),
        receiver_of("other", ROLE_CLIENT_ADMIN, "x", "2025-02-14", 0),
        receiver_of("member", ROLE_CLIENT_MEMBER, "c", "2025-02-14", 0)};
    ck_assert_str_eq(ask(people, 3, NULL, 0, ROLE_CLIENT_ADMIN), "own");
}
END_TEST

START_TEST(the_consultant_is_who_is_assigned_else_who_has_all_clients_else_the_owner)
{
    struct reminder_receiver people[] = {
        receiver_of("boss", ROLE_OWNER, NULL, "2025-02-14", 0),
        receiver_of("free", ROLE_CONSULTANT, NULL, "2025-02-14", 0),
        receiver_of("wide", ROLE_CONSULTANT, NULL, "2025-02-14", 0)};
    struct reminder_assignment assignments[] = {{"free", "c"}, {"wide", "x"}};
    people[2].all_clients = true;
    ck_assert_str_eq(ask(people, 3, assignments, 2, ROLE_CONSULTANT), "free");
    plan = (struct reminder_plan){0};
    ck_assert_str_eq(ask(people, 3, NULL, 0, ROLE_CONSULTANT), "wide");
    plan = (struct reminder_plan){0};
    ck_assert_str_eq(ask(people, 2, NULL, 0, ROLE_CONSULTANT), "boss");
    plan = (struct reminder_plan){0};
    ck_assert_str_eq(ask(people, 2, NULL, 0, ROLE_CLIENT_ADMIN), "");
}
END_TEST

/* ---- which policies ---- */

static const struct {
    const char
        *present; /* general, kind, client, both: which of the four policies there are */
    const char *used;
} choices[] = {{"g", "g"},  {"gk", "k"}, {"gc", "c"},  {"gkc", "c"}, {"gkcb", "b"},
               {"cb", "b"}, {"kb", "b"}, {"gkc", "c"}, {"", ""}};

START_TEST(the_policy_that_names_more_displaces_the_others)
{
    struct reminder_policy policies[4];
    size_t count = strlen(choices[_i].present);
    for (size_t i = 0; i < count; i++) {
        char what = choices[_i].present[i];
        policies[i] = policy_of(arena_printf(arena, "%c", what));
        policies[i].client_id = what == 'c' || what == 'b' ? "c" : NULL;
        policies[i].kind = what == 'k' || what == 'b' ? "surveillance_audit" : NULL;
    }
    struct reminder_receiver person =
        receiver_of("m", ROLE_CLIENT_ADMIN, "c", "2025-02-14", 0);
    struct reminder_deadline deadline = deadline_of("2026-02-13");
    struct reminder_facts facts = {.policies = policies,
                                   .policy_count = count,
                                   .receivers = &person,
                                   .receiver_count = 1};
    reminder_plan_add(arena, &facts, &deadline, &plan);
    ck_assert_int_eq(plan.count > 0, count > 0);
    for (size_t i = 0; i < plan.count; i++)
        ck_assert_str_eq(plan.items[i].policy->id, choices[_i].used);
}
END_TEST

START_TEST(policies_of_the_same_closeness_add_up)
{
    struct reminder_policy policies[] = {policy_of("one"), policy_of("two")};
    struct reminder_receiver person =
        receiver_of("m", ROLE_CLIENT_ADMIN, "c", "2025-02-14", 0);
    struct reminder_deadline deadline = deadline_of("2026-02-13");
    struct reminder_facts facts = {.policies = policies,
                                   .policy_count = 2,
                                   .receivers = &person,
                                   .receiver_count = 1};
    reminder_plan_add(arena, &facts, &deadline, &plan);
    ck_assert_int_eq(plan.count, 16);
}
END_TEST

START_TEST(policies_for_other_clients_and_kinds_do_not_count)
{
    struct reminder_policy policies[] = {policy_of("one"), policy_of("two")};
    policies[0].client_id = "x";
    policies[1].kind = "change_notice";
    struct reminder_receiver person =
        receiver_of("m", ROLE_CLIENT_ADMIN, "c", "2025-02-14", 0);
    struct reminder_deadline deadline = deadline_of("2026-02-13");
    struct reminder_facts facts = {.policies = policies,
                                   .policy_count = 2,
                                   .receivers = &person,
                                   .receiver_count = 1};
    reminder_plan_add(arena, &facts, &deadline, &plan);
    ck_assert_int_eq(plan.count, 0);
}
END_TEST

START_TEST(a_retry_waits_a_minute_doubled_up_to_six_hours_and_a_quarter_more)
{
    ck_assert_int_eq(delivery_retry_delay_s(1, 0), 60);
    ck_assert_int_eq(delivery_retry_delay_s(2, 0), 120);
    ck_assert_int_eq(delivery_retry_delay_s(10, 0), 6 * 3600);
    ck_assert_int_eq(delivery_retry_delay_s(1000, 0), 6 * 3600);
    for (unsigned random = 0; random < 100000; random += 7)
        ck_assert(delivery_retry_delay_s(1, random) >= 60 &&
                  delivery_retry_delay_s(1, random) <= 75);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("reminders");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    ground_loop(tests, reminders_are_sent_on_these_days, moments);
    tcase_add_test(tests, daily_overdue_reminders_skip_closed_days_and_come_once_a_day);
    tcase_add_test(tests, what_was_sent_already_is_kept_and_not_made_again);
    tcase_add_test(
        tests,
        the_plan_of_a_deadline_does_not_depend_on_when_it_is_asked_until_something_is_sent);
    tcase_add_test(tests, client_roles_receive_only_for_their_own_client);
    tcase_add_test(
        tests, the_consultant_is_who_is_assigned_else_who_has_all_clients_else_the_owner);
    ground_loop(tests, the_policy_that_names_more_displaces_the_others, choices);
    tcase_add_test(tests, policies_of_the_same_closeness_add_up);
    tcase_add_test(tests, policies_for_other_clients_and_kinds_do_not_count);
    tcase_add_test(tests,
                   a_retry_waits_a_minute_doubled_up_to_six_hours_and_a_quarter_more);
    return ground_run(tests);
}
