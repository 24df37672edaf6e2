/* What must hold for every date: the rules over many generated facts. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "api/business_day.h"
#include "services/scheduling/rules/audit_time.h"
#include "services/scheduling/rules/backplan.h"
#include "services/scheduling/rules/claims.h"
#include "services/scheduling/rules/cycle.h"
#include "services/scheduling/rules/findings.h"
#include "services/scheduling/rules/health.h"
#include "services/scheduling/rules/pmark.h"
#include "services/scheduling/rules/recertification.h"
#include "services/scheduling/rules/sites.h"
#include "services/scheduling/rules/stages.h"
#include "services/scheduling/rules/surveillance.h"
#include "tests/unit/dates.h"

static struct cycle_plan plan_for(struct civil decision, int cycles, int after)
{
    struct cycle_plan plan;
    struct cycle_facts facts = {.decision_date = decision,
                                .stage2_last_day = CIVIL_NONE,
                                .policy = CYCLE_POLICY_DEFAULT};

    facts.policy.cycles = cycles;
    facts.policy.surv_after_months = after;
    cycle_plan_make(&facts, &plan);
    return plan;
}

START_TEST(the_first_window_never_passes_twelve_months_after_the_decision)
{
    EACH_DAY(day, 2023, 2028)
    {
        for (int after = 0; after <= 11; after += 11) {
            struct cycle_plan plan = plan_for(day, 1, after);
            ck_assert(
                civil_compare(plan.events[0].window_end, civil_add_months(day, 12)) <= 0);
            ck_assert(civil_compare(plan.events[0].window_start,
                                    plan.events[0].window_end) <= 0);
        }
    }
}
END_TEST

START_TEST(recertification_windows_end_before_the_expiry)
{
    EACH_DAY(day, 2023, 2028)
    {
        struct cycle_plan plan = plan_for(day, 3, 1);
        for (size_t i = 2; i < plan.event_count; i += 3) {
            ck_assert(civil_before(plan.events[i].window_end, plan.events[i].expiry));
            ck_assert(
                civil_before(plan.events[i].window_start, plan.events[i].window_end));
        }
    }
}
END_TEST

static void hold_on_nominal_days(const struct cycle_plan *plan, struct civil decision,
                                 struct surveillance_result *ret_result)
{
    struct surveillance_facts facts = {
        .decision_date = decision,
        .through_year = civil_year(plan->expiries[0]),
        .recert_audit_end = plan->events[2].window_end,
        .recert_decision = plan->expiries[0],
        .recert_expiry = plan->expiries[0],
        .surveillance = {plan->events[0].nominal, plan->events[1].nominal},
        .surveillance_count = 2,
    };

    surveillance_check(&facts, ret_result);
}

START_TEST(a_first_cycle_held_on_its_nominal_days_is_compliant)
{
    EACH_DAY(day, 2023, 2028)
    {
        struct cycle_plan plan = plan_for(day, 1, 1);
        struct surveillance_result result;
        hold_on_nominal_days(&plan, day, &result);
        ck_assert(result.iso_compliant);
        ck_assert_uint_eq(plan.empty_year_count, 0);
    }
}
END_TEST

START_TEST(only_new_years_day_decisions_leave_a_year_empty_in_later_cycles)
{
    EACH_DAY(day, 2023, 2028)
    {
        struct civil_parts parts = civil_split(day);
        struct cycle_plan plan = plan_for(day, 4, 1);
        bool first_of_january = parts.month == 1 && parts.day == 1;
        ck_assert_uint_eq(plan.empty_year_count > 0, first_of_january);
    }
}
END_TEST

START_TEST(expiries_do_not_creep_over_six_cycles)
{
    EACH_DAY(day, 2023, 2028)
    {
        struct cycle_plan plan = plan_for(day, 6, 1);
        for (size_t i = 0; i < plan.expiry_count; i++) {
            struct civil corresponding = civil_add_months(day, 36 * ((int)i + 1));
            int away = civil_days_between(plan.expiries[i], corresponding);
            ck_assert_int_ge(away, 0);
            ck_assert_int_le(away, 1);
        }
    }
}
END_TEST

START_TEST(on_time_and_restored_decisions_give_the_same_expiry)
{
    struct civil expiry = date_of(2028, 2, 13);
    struct recert_facts facts = {.expiry = expiry,
                                 .audit_last_day = date_of(2027, 12, 3),
                                 .early_threshold_months = 6,
                                 .restore_months = 6};

    for (facts.decision_date = date_of(2027, 12, 3);
         civil_compare(facts.decision_date, date_of(2028, 8, 13)) <= 0;
         facts.decision_date = civil_add_days(facts.decision_date, 1)) {
        struct recert_result result = recert_decide(&facts);
        bool late = civil_before(expiry, facts.decision_date);
        ck_assert(civil_same(result.new_expiry, date_of(2031, 2, 13)));
        ck_assert_int_eq(result.status, late ? RECERT_RESTORED : RECERT_RENEWED_IN_TIME);
        ck_assert(!result.anchor_is_decision);
    }
    ck_assert_int_eq(recert_decide(&facts).status, RECERT_STAGE2_REQUIRED);
    ck_assert(recert_decide(&facts).anchor_is_decision);
}
END_TEST

START_TEST(no_claim_is_possible_on_an_uncertified_day)
{
    EACH_DAY(day, 2024, 2029)
    {
        for (int state = 0; state < CERTIFICATION_STATES; state++) {
            struct claims_facts facts = {.state = (enum certification_state)state,
                                         .today = day,
                                         .effective_date = date_of(2025, 2, 14),
                                         .expiry = date_of(2028, 2, 13),
                                         .in_scope = true};
            struct claims_verdict claims = claims_judge(&facts);
            bool in_force = state == CERTIFICATION_CERTIFIED &&
                            !civil_before(day, facts.effective_date) &&
                            !civil_before(facts.expiry, day);
            ck_assert(claims.may_claim_certified == in_force);
            ck_assert(!claims.may_show_mark || claims.may_claim_certified);
            ck_assert(!claims.must_remove_mark || !claims.may_show_mark);
        }
    }
}
END_TEST

START_TEST(site_samples_agree_with_the_square_root_in_long_double)
{
    static const long double factor[] = {1.0L, 0.6L, 0.8L};

    for (int64_t sites = 0; sites <= 20000; sites++) {
        for (int audit = 0; audit < 3; audit++) {
            int64_t sample = sites_sample(sites, (enum sites_audit)audit);
            long double exact = factor[audit] * sqrtl((long double)sites);
            ck_assert_int_eq(sample, (int64_t)ceill(exact - 1e-12L));
            ck_assert_int_le(sample, sites);
        }
    }
    ck_assert_int_eq(sites_sample(SITES_MOST, SITES_INITIAL), 1000);
}
END_TEST

START_TEST(square_roots_are_the_smallest_whole_numbers_not_below)
{
    for (int64_t n = 0; n <= 100000; n++) {
        int64_t root = audit_time_square_root_up(n);
        ck_assert(root * root >= n && (root == 0 || (root - 1) * (root - 1) < n));
    }
    ck_assert_int_eq(audit_time_square_root_up(AUDIT_TIME_MOST_PERSONS), 3163);
}
END_TEST

START_TEST(more_persons_never_take_less_audit_time)
{
    int before = 0;

    for (int64_t persons = 1; persons <= AUDIT_TIME_TABLE_END; persons++) {
        struct audit_time_facts facts = AUDIT_TIME_FACTS_DEFAULT;
        struct audit_time time;
        facts.persons = persons;
        time = audit_time_estimate(&facts);
        ck_assert_int_ge(time.initial, before);
        ck_assert_int_eq(time.stage1 + time.stage2, time.initial);
        ck_assert(time.bracket_from <= persons && persons <= time.bracket_to);
        before = time.initial;
    }
    ck_assert(audit_time_bracket_changes(45, 46) && !audit_time_bracket_changes(46, 65));
}
END_TEST

START_TEST(no_policy_takes_more_than_thirty_percent_off)
{
    struct audit_time_facts facts = AUDIT_TIME_FACTS_DEFAULT;

    facts.persons = 50;
    facts.min_pct = -90 * AUDIT_TIME_PERCENT;
    facts.adjust_pct = -80 * AUDIT_TIME_PERCENT;
    ck_assert_int_eq(audit_time_estimate(&facts).initial, 14);
    ck_assert_int_eq(audit_time_integrated(20, 50, AUDIT_TIME_NEAREST_HALF), 16);
    ck_assert_int_eq(audit_time_complexity(AUDIT_TIME_HIGH, AUDIT_TIME_HIGH).to_pct, 100);
    ck_assert_int_eq(audit_time_level_of_score(7), AUDIT_TIME_HIGH);
    ck_assert_int_eq(audit_time_on_site_minimum(20), 14);
    ck_assert(audit_time_remote_needs_reason(31, 30));
}
END_TEST

START_TEST(back_plans_keep_the_order_and_stay_on_business_days)
{
    struct business_calendar calendar = {.year_end_closed = true};

    EACH_DAY(target, 2026, 2028)
    {
        struct backplan_facts facts = {.target_certificate_date = target,
                                       .today = date_of(2025, 1, 1),
                                       .policy = BACKPLAN_POLICY_DEFAULT};
        struct backplan plan;
        backplan_make(&facts, &plan);
        ck_assert(plan.order_ok && plan.feasible);
        for (int i = 0; i + 1 < BACKPLAN_MILESTONES; i++) {
            ck_assert(civil_compare(plan.date[i], plan.date[i + 1]) <= 0);
            ck_assert(!business_day_is_closed(&calendar, plan.date[i]));
            ck_assert(civil_compare(plan.date[i], plan.raw[i]) <= 0);
        }
    }
}
END_TEST

START_TEST(between_the_stages_an_accepted_plan_audits_after_stage_one)
{
    int accepted = 0;

    EACH_DAY(target, 2026, 2028)
    {
        struct backplan_facts facts = {.target_certificate_date = target,
                                       .variant = BACKPLAN_IA_BETWEEN_STAGES,
                                       .today = date_of(2025, 1, 1),
                                       .policy = BACKPLAN_POLICY_DEFAULT};
        struct backplan plan;
        backplan_make(&facts, &plan);
        bool after = civil_before(plan.date[BACKPLAN_STAGE1_LAST],
                                  plan.date[BACKPLAN_INTERNAL_AUDIT_START]);
        ck_assert(plan.order_ok == after);
        ck_assert(civil_compare(plan.date[BACKPLAN_OPERATION_START],
                                plan.date[BACKPLAN_STAGE1_FIRST]) <= 0);
        accepted += plan.order_ok;
    }
    ck_assert_int_gt(accepted, 900);
}
END_TEST

START_TEST(the_later_date_offered_is_the_first_that_works)
{
    struct backplan_facts facts = {.target_certificate_date = date_of(2027, 3, 31),
                                   .today = date_of(2026, 11, 23),
                                   .policy = BACKPLAN_POLICY_DEFAULT};
    struct backplan_facts later;
    struct backplan plan;

    ck_assert(backplan_alternative_facts(&facts, BACKPLAN_TRY_LATER_DATE, &later));
    backplan_make(&later, &plan);
    ck_assert(plan.feasible);
    later.target_certificate_date = civil_add_days(later.target_certificate_date, -1);
    backplan_make(&later, &plan);
    ck_assert(!plan.feasible);
}
END_TEST

START_TEST(p_mark_windows_open_before_they_close_and_rolling_goes_forward)
{
    struct business_calendar calendar = {.year_end_closed = false};

    EACH_DAY(expiry, 2024, 2030)
    {
        struct pmark_window window = pmark_renewal_window(&calendar, expiry);
        ck_assert(civil_before(window.open, window.close));
        ck_assert(civil_before(window.close, expiry));
        ck_assert(!civil_before(window.close_rolled, window.close));
    }
}
END_TEST

START_TEST(preparation_is_due_on_a_business_day_before_the_audit)
{
    struct business_calendar calendar = {.year_end_closed = true};
    struct civil due = surveillance_preparation_due(&calendar, date_of(2027, 1, 18), 14);

    ck_assert(civil_same(due, date_of(2027, 1, 4)));
    ck_assert_str_eq(surveillance_contents[0], "internal_audits_and_management_review");
}
END_TEST

START_TEST(only_majors_and_minors_carry_deadlines)
{
    int with_deadline = 0;

    for (int grade = 0; grade < FINDING_GRADES; grade++)
        with_deadline += finding_has_deadline((enum finding_grade)grade);
    ck_assert_int_eq(with_deadline, 2);
    ck_assert(!finding_has_deadline(FINDING_STAGE1_CONCERN));
    ck_assert_str_eq(finding_grade_name(FINDING_STAGE1_CONCERN), "stage1_concern");
}
END_TEST

START_TEST(stage_one_needs_internal_audit_only_where_the_body_says_so)
{
    struct initial_gate_facts facts = {.done = {true, true, true, false, false}};

    ck_assert(initial_gate_may_start_stage1(&facts, false));
    ck_assert(!initial_gate_may_start_stage1(&facts, true));
    facts.done[GATE_SOA] = false;
    ck_assert(!initial_gate_may_start_stage1(&facts, false));
}
END_TEST

START_TEST(health_turns_from_notice_to_amber_to_red_without_a_booking)
{
    struct health_facts facts = {.window_start = date_of(2025, 11, 14),
                                 .window_end = date_of(2026, 2, 14),
                                 .hard_limit = date_of(2026, 2, 14)};

    facts.today = date_of(2025, 11, 13);
    ck_assert_int_eq(health_of_audit(&facts), HEALTH_GREEN);
    facts.today = date_of(2025, 11, 14);
    ck_assert_int_eq(health_of_audit(&facts), HEALTH_NOTICE);
    facts.today = date_of(2026, 1, 16);
    ck_assert_int_eq(health_of_audit(&facts), HEALTH_AMBER);
    facts.today = date_of(2026, 2, 15);
    facts.booked = true;
    ck_assert_int_eq(health_of_audit(&facts), HEALTH_RED);
    facts.held = true;
    ck_assert_int_eq(health_of_audit(&facts), HEALTH_GREEN);
}
END_TEST

#define ADD(test) tcase_add_test(cases, test)

static void add_rules(TCase *cases)
{
    ADD(the_first_window_never_passes_twelve_months_after_the_decision);
    ADD(recertification_windows_end_before_the_expiry);
    ADD(a_first_cycle_held_on_its_nominal_days_is_compliant);
    ADD(only_new_years_day_decisions_leave_a_year_empty_in_later_cycles);
    ADD(expiries_do_not_creep_over_six_cycles);
    ADD(on_time_and_restored_decisions_give_the_same_expiry);
    ADD(no_claim_is_possible_on_an_uncertified_day);
    ADD(site_samples_agree_with_the_square_root_in_long_double);
    ADD(square_roots_are_the_smallest_whole_numbers_not_below);
    ADD(more_persons_never_take_less_audit_time);
    ADD(no_policy_takes_more_than_thirty_percent_off);
    ADD(back_plans_keep_the_order_and_stay_on_business_days);
    ADD(between_the_stages_an_accepted_plan_audits_after_stage_one);
    ADD(the_later_date_offered_is_the_first_that_works);
    ADD(p_mark_windows_open_before_they_close_and_rolling_goes_forward);
    ADD(preparation_is_due_on_a_business_day_before_the_audit);
    ADD(only_majors_and_minors_carry_deadlines);
    ADD(stage_one_needs_internal_audit_only_where_the_body_says_so);
    ADD(health_turns_from_notice_to_amber_to_red_without_a_booking);
}

int main(void)
{
    Suite *suite = suite_create("rules_properties");
    TCase *cases = tcase_create("properties");
    SRunner *runner;
    int failed;

    tcase_set_timeout(cases, 60);
    add_rules(cases);
    suite_add_tcase(suite, cases);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
