/* What receivers said, quiet days and escalation change which reminders a deadline wants. */
#include "tests/unit/reminder_case.h"

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

/* Marks, quiet days, escalation: one receiver of the client's side, today 2025-02-14. */
static const char *planned_with(struct reminder_policy policy, const char *hardness,
                                struct reminder_mark mark, const char *quiet)
{
    static const int offsets[] = {14, 1};
    static const struct reminder_escalation steps[] = {{3, ROLE_CLIENT_ADMIN}};
    struct reminder_receiver person =
        receiver_of("m", ROLE_CLIENT_ADMIN, "c", "2025-02-14", 0);
    struct reminder_deadline deadline = deadline_of("2025-03-14");
    struct reminder_quiet_day closed = {NULL, quiet ? day(quiet) : CIVIL_NONE};
    policy.offsets = offsets;
    policy.offset_count = 2;
    policy.steps = steps;
    policy.step_count = 1;
    deadline.hardness = hardness;
    mark.deadline_id = "d";
    mark.receiver_id = "m";
    struct reminder_facts facts = {.policies = &policy,
                                   .policy_count = 1,
                                   .receivers = &person,
                                   .receiver_count = 1,
                                   .marks = &mark,
                                   .mark_count = 1,
                                   .quiet_days = &closed,
                                   .quiet_day_count = quiet ? 1 : 0};
    struct reminder_facts part = reminder_facts_of(arena, &facts, "c");
    plan = (struct reminder_plan){0};
    reminder_plan_add(arena, &part, &deadline, &plan);
    return created();
}

START_TEST(what_a_receiver_said_silences_what_may_be_silenced)
{
    struct reminder_mark none = {.until = CIVIL_NONE};
    struct reminder_mark seen = {
        .acknowledged = true, .by_client = true, .until = CIVIL_NONE};
    struct reminder_mark later = {.by_client = true, .until = day("2025-03-05")};
    const char *all = "1:2025-03-13 14:2025-02-28 -7:2025-03-21 -3:2025-03-17";
    ck_assert_str_eq(planned_with(policy_of("p"), "own", none, NULL), all);
    ck_assert_str_eq(planned_with(policy_of("p"), "own", seen, NULL), "");
    ck_assert_str_eq(planned_with(policy_of("p"), "law", seen, NULL),
                     "1:2025-03-13 -7:2025-03-21 -3:2025-03-17");
    ck_assert_str_eq(planned_with(policy_of("p"), "own", later, NULL),
                     "1:2025-03-13 -7:2025-03-21 9:2025-03-05 -3:2025-03-17");
}
END_TEST

START_TEST(quiet_days_are_closed_also_for_a_policy_of_every_day)
{
    struct reminder_mark none = {.until = CIVIL_NONE};
    struct reminder_policy policy = policy_of("p");
    policy.business_days = false;
    ck_assert_str_eq(planned_with(policy, "own", none, "2025-03-13"),
                     "1:2025-03-12 14:2025-02-28 -7:2025-03-21 -3:2025-03-17");
}
END_TEST

/* Due on Friday 2025-03-14. */
START_TEST(an_escalation_on_the_day_of_an_overdue_reminder_is_no_second_one)
{
    struct reminder_mark none = {.until = CIVIL_NONE};
    struct reminder_policy policy = policy_of("p");
    policy.overdue_every_days = 10;
    ck_assert_str_eq(planned_with(policy, "own", none, NULL),
                     "1:2025-03-13 14:2025-02-28 -10:2025-03-24 -3:2025-03-17");
    policy.overdue_every_days = 2; /* Sunday, told on Monday like the third day after */
    ck_assert_str_eq(planned_with(policy, "own", none, NULL),
                     "1:2025-03-13 14:2025-02-28 -2:2025-03-17");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("reminder marks");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, what_a_receiver_said_silences_what_may_be_silenced);
    tcase_add_test(tests, quiet_days_are_closed_also_for_a_policy_of_every_day);
    tcase_add_test(tests,
                   an_escalation_on_the_day_of_an_overdue_reminder_is_no_second_one);
    return ground_run(tests);
}
