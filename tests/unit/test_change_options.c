/* CHG-02..05: which answers to a change fit, which one is advised, and warnings of moves when days are not known. */
#include "services/scheduling/rules/change_options.h"

#include <check.h>
#include <stdlib.h>

static struct civil day(const char *text)
{
    struct civil date = CIVIL_NONE;
    ck_assert(civil_parse(text, &date));
    return date;
}

static struct change_audit_days no_audit(void)
{
    return (struct change_audit_days){CIVIL_NONE, CIVIL_NONE, CIVIL_NONE, CIVIL_NONE,
                                      CIVIL_NONE};
}

static struct change_option_facts certified(enum change_family family, const char *moved)
{
    return (struct change_option_facts){.family = family,
                                        .phase = PHASE_CERTIFIED,
                                        .change_date = day(moved),
                                        .next = {.nominal = day("2026-02-14"),
                                                 .window_start = day("2025-11-14"),
                                                 .window_end = day("2026-03-14"),
                                                 .planned_first = CIVIL_NONE,
                                                 .planned_last = CIVIL_NONE},
                                        .merge_within_months = 3,
                                        .special_within_months = 3,
                                        .allow_pull_forward = true};
}

static enum change_variant advised(const struct change_option_facts *facts)
{
    struct change_options options;
    change_options_judge(facts, &options);
    return options.advised;
}

/* Every family, phase, day of two years and policy. */
START_TEST(what_is_advised_is_always_possible)
{
    for (int i = 0; i < CHANGE_FAMILIES * (PHASE_PMARK + 1) * 4; i++) {
        for (int offset = 0; offset < 730; offset += 7) {
            struct change_option_facts facts =
                certified((enum change_family)(i % CHANGE_FAMILIES), "2025-03-01");
            struct change_options options;
            facts.phase = (enum change_phase)(i / CHANGE_FAMILIES % (PHASE_PMARK + 1));
            facts.allow_pull_forward = i & 1;
            facts.bracket_stays = i & 2;
            facts.change_date = civil_add_days(facts.change_date, offset);
            if (i & 4)
                facts.next = no_audit();
            change_options_judge(&facts, &options);
            ck_assert_int_eq(options.of[options.advised].obstacle, OBSTACLE_NONE);
        }
    }
}
END_TEST

START_TEST(days_of_a_possible_answer_are_in_order_and_not_before_the_change)
{
    for (int offset = 0; offset < 730; offset++) {
        struct change_option_facts facts = certified(CHANGE_MOVE, "2025-03-01");
        struct change_options options;
        facts.change_date = civil_add_days(facts.change_date, offset);
        change_options_judge(&facts, &options);
        for (int i = VARIANT_MERGE; i < CHANGE_VARIANTS; i++) {
            const struct change_option *option = &options.of[i];
            if (option->obstacle != OBSTACLE_NONE)
                continue;
            ck_assert(!civil_before(option->not_before, facts.change_date));
            ck_assert(!civil_before(option->due_by, option->not_before));
        }
    }
}
END_TEST

START_TEST(a_move_is_answered_as_the_months_of_chg_03_say)
{
    struct change_option_facts facts = certified(CHANGE_MOVE, "2025-11-14");
    ck_assert_int_eq(advised(&facts), VARIANT_MERGE);
    facts.change_date = day("2025-11-13");
    ck_assert_int_eq(advised(&facts), VARIANT_PULL_FORWARD);
    facts.change_date = day("2025-08-14");
    ck_assert_int_eq(advised(&facts), VARIANT_PULL_FORWARD);
    facts.change_date = day("2025-08-13");
    ck_assert_int_eq(advised(&facts), VARIANT_CHANGE_AUDIT);
}
END_TEST

START_TEST(an_audit_agreed_before_the_change_does_not_see_it)
{
    struct change_option_facts facts = certified(CHANGE_MOVE, "2026-02-01");
    facts.next.planned_first = day("2026-01-19");
    facts.next.planned_last = day("2026-01-20");
    ck_assert_int_eq(advised(&facts), VARIANT_CHANGE_AUDIT);
    facts.next.planned_last = day("2026-02-01");
    ck_assert_int_eq(advised(&facts), VARIANT_MERGE);
}
END_TEST

START_TEST(an_audit_whose_window_is_still_open_after_the_change_sees_it)
{
    struct change_option_facts facts = certified(CHANGE_MOVE, "2026-03-14");
    ck_assert_int_eq(advised(&facts), VARIANT_MERGE);
    facts.change_date = day("2026-03-15");
    ck_assert_int_eq(advised(&facts), VARIANT_CHANGE_AUDIT);
}
END_TEST

START_TEST(a_head_count_inside_its_row_is_only_told)
{
    struct change_option_facts facts = certified(CHANGE_HEAD_COUNT, "2025-06-01");
    ck_assert_int_eq(advised(&facts), VARIANT_MERGE);
    facts.bracket_stays = true;
    ck_assert_int_eq(advised(&facts), VARIANT_PAPER_NOTICE);
}
END_TEST

static enum move_warning warned(const char *stage1, const char *stage2,
                                const char *decision, const char *moved)
{
    const struct move_facts facts = {.stage1_last_day = stage1 ? day(stage1) : CIVIL_NONE,
                                     .stage2_last_day = stage2 ? day(stage2) : CIVIL_NONE,
                                     .decision = decision ? day(decision) : CIVIL_NONE,
                                     .move_date = day(moved),
                                     .warn_months = 6};
    return move_warning_judge(&facts);
}

START_TEST(a_day_that_is_not_known_is_never_taken_for_another)
{
    const char *one = "2024-12-02", *two = "2025-01-17", *end = "2025-02-14";
    ck_assert_int_eq(warned(one, two, end, "2025-01-10"), MOVE_WARNING_BETWEEN_STAGES);
    ck_assert_int_eq(warned(NULL, two, end, "2025-01-10"), MOVE_WARNING_STAGE1_UNKNOWN);
    ck_assert_int_eq(warned(NULL, two, end, "2025-03-20"), MOVE_WARNING_SOON_AFTER_AUDIT);
    ck_assert_int_eq(warned(NULL, two, end, "2025-08-15"), MOVE_WARNING_NONE);
    ck_assert_int_eq(warned(one, NULL, end, "2025-01-10"), MOVE_WARNING_STAGE2_UNKNOWN);
    ck_assert_int_eq(warned(one, NULL, end, "2024-12-02"), MOVE_WARNING_NONE);
    ck_assert_int_eq(warned(one, NULL, end, "2025-03-20"), MOVE_WARNING_SOON_AFTER_AUDIT);
    ck_assert_int_eq(warned(one, two, NULL, "2025-03-20"), MOVE_WARNING_DECISION_UNKNOWN);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("answers to changes");
    tcase_add_test(cases, what_is_advised_is_always_possible);
    tcase_add_test(cases,
                   days_of_a_possible_answer_are_in_order_and_not_before_the_change);
    tcase_add_test(cases, a_move_is_answered_as_the_months_of_chg_03_say);
    tcase_add_test(cases, an_audit_agreed_before_the_change_does_not_see_it);
    tcase_add_test(cases, an_audit_whose_window_is_still_open_after_the_change_sees_it);
    tcase_add_test(cases, a_head_count_inside_its_row_is_only_told);
    tcase_add_test(cases, a_day_that_is_not_known_is_never_taken_for_another);
    Suite *suite = suite_create("change options");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
