/* The derivation over the life of a certification: renewal, lapse, suspension, preparation, findings, changes. */
#include "plan_case.h"

/* ---- recertification ---- */

START_TEST(after_a_recertification_in_time_the_old_anniversary_goes_on)
{
    struct made *made = make(RENEWED("2028-01-20"), "", "2028-02-01");
    check_window(made, "C:c2:surveillance:1", "2029-02-14", "2028-11-14", "2029-03-14",
                 "2029-12-31");
    check_window(made, "C:c2:recertification:1", "2031-02-14", "2030-11-13", "2030-12-13",
                 "2031-02-13");
    check_due(made, "C:c2:surveillance_audit:1", "2029-03-14", "2029-03-14", "policy",
              "SUR-02");
    done(made);
}
END_TEST

START_TEST(the_decision_fulfils_the_deadlines_of_the_cycle_before)
{
    struct made *made = make(RENEWED("2028-01-20"), "", "2028-02-01");
    check_fulfilled(made, "C:c1:recertification_decision:1", "2028-01-20");
    check_fulfilled(made, "C:c1:recertification_audit:1", "2027-12-03");
    check_date(made, audit(made, "C:c1:recertification:1")->held_on, "2027-12-03");
    done(made);
}
END_TEST

START_TEST(a_restored_certification_keeps_the_anniversary_too)
{
    struct made *made = make(RENEWED("2028-05-10"), "", "2028-06-01");
    check_window(made, "C:c2:surveillance:1", "2029-02-14", "2028-11-14", "2029-03-14",
                 "2029-12-31");
    check_fulfilled(made, "C:c1:recertification_decision:1", "2028-05-10");
    done(made);
}
END_TEST

START_TEST(an_early_recertification_counts_from_its_decision)
{
    struct made *made =
        make("'state': 'certified', 'decision_date': '2027-06-01', 'expiry_date': "
             "'2030-05-31', 'anchor_date': '2027-06-01', 'cycle_start': '2027-06-01', "
             "'cycle_no': 2, 'anchor_cycle': 2, 'cycle_type': 'recert', "
             "'previous_expiry_date': '2028-02-13', 'recertification_audit_last_day': "
             "'2027-05-10'",
             "", "2027-06-02");
    check_window(made, "C:c2:surveillance:1", "2028-06-01", "2028-03-01", "2028-07-01",
                 "2028-12-31");
    check_window(made, "C:c2:recertification:1", "2030-06-01", "2030-02-28", "2030-03-31",
                 "2030-05-31");
    done(made);
}
END_TEST

START_TEST(an_anniversary_on_the_29th_of_february_returns_in_leap_years)
{
    struct made *made =
        make("'state': 'certified', 'decision_date': '2027-01-20', 'expiry_date': "
             "'2030-02-27', 'anchor_date': '2024-02-29', 'cycle_start': '2027-02-28', "
             "'cycle_no': 2, 'anchor_cycle': 1, 'cycle_type': 'recert'",
             "", "2027-03-01");
    check_date(made, audit(made, "C:c2:surveillance:1")->nominal, "2028-02-29");
    check_date(made, audit(made, "C:c2:surveillance:2")->nominal, "2029-02-28");
    done(made);
}
END_TEST

START_TEST(an_expired_certification_wants_its_recertification_and_names_the_last_day)
{
    struct made *made = make(
        "'state': 'expired', 'decision_date': '2022-02-14', 'expiry_date': '2025-02-13', "
        "'anchor_date': '2022-02-14', 'cycle_no': 1, 'anchor_cycle': 1, 'cycle_type': "
        "'initial'",
        "", TODAY);
    check_due(made, "C:c1:restore_deadline:1", "2025-08-13", "2025-08-13", "hard",
              "REC-05");
    check_due(made, "C:c1:remove_mark_expired:1", "2025-02-21", "2025-02-21", "hard",
              "MRK-03");
    ck_assert(has_audit(made, "C:c1:recertification:1"));
    ck_assert(!has_audit(made, "C:c1:surveillance:1"));
    done(made);
}
END_TEST

/* ---- suspension, P-mark, preparation ---- */

START_TEST(a_suspension_has_a_limit_and_takes_the_mark_away)
{
    struct made *made = make(INITIAL ", 'suspended_on': '2025-03-14'", "", TODAY);
    ck_assert(!has_deadline(made, "C:c1:suspension_limit:1"));
    made->facts.certification.state = CERTIFICATION_SUSPENDED;
    plan_make(made->arena, &made->facts, &made->plan);
    check_due(made, "C:c1:suspension_limit:1", "2025-09-14", "2025-09-12", "hard",
              "SUS-02");
    check_due(made, "C:c1:remove_mark_suspended:1", "2025-03-21", "2025-03-21", "hard",
              "MRK-03");
    check_due(made, "C:c1:surveillance_audit:1", "2026-02-14", "2026-02-13", "hard",
              "SUR-01");
    done(made);
}
END_TEST

START_TEST(a_p_mark_has_a_renewal_window_whose_close_rolls_forward)
{
    struct made *made =
        make("'scheme': 'pmark', 'state': 'certified', 'decision_date': '2023-01-15', "
             "'expiry_date': '2025-01-14', 'anchor_date': '2023-01-15', 'cycle_no': 1, "
             "'anchor_cycle': 1, 'cycle_type': 'initial'",
             "", "2024-01-05");
    ck_assert_int_eq(made->plan.audit_count, 0);
    check_due(made, "C:c1:pmark_renewal_open:1", "2024-05-15", "2024-05-15", "policy",
              "PMK-02");
    check_due(made, "C:c1:pmark_renewal_close:1", "2024-09-14", "2024-09-17", "hard",
              "PMK-02");
    done(made);
}
END_TEST

START_TEST(the_target_date_brings_the_stages_and_what_comes_before_them)
{
    struct made *made =
        make("'state': 'preparing', 'target_date': '2027-03-31'", "", "2026-06-01");
    check_date(made, audit(made, "C:c1:stage1:1")->nominal, "2026-12-08");
    ck_assert(has_deadline(made, "C:c1:risk_assessment:1"));
    ck_assert(has_deadline(made, "C:c1:stage2:1:management_review"));
    check_due(made, "C:c1:target_certificate:1", "2027-03-31", "2027-03-31", "own",
              "PLN-01");
    done(made);
}
END_TEST

START_TEST(stage_2_has_a_window_after_stage_1)
{
    struct made *made =
        make("'state': 'stage1_done', 'stage1_last_day': '2024-11-15'", "", "2024-11-18");
    check_window(made, "C:c1:stage2:1", "2024-12-27", "2024-11-29", "2025-05-15", "none");
    check_due(made, "C:c1:stage2_latest:1", "2025-05-15", "2025-05-15", "policy",
              "INI-02");
    done(made);
}
END_TEST

/* ---- findings and changes ---- */

#define FINDING(kind, grade)                                                             \
    ", 'audits': [{'id': 'A', 'kind': '" kind "', 'cycle_no': 1, 'ordinal': 1, "         \
    "'source_key': null, 'status': 'held', 'held_last_day': '2025-01-10'}], "            \
    "'findings': [{'id': 'F', 'audit_id': 'A', 'grade': '" grade "', 'reference': "      \
    "'NC-1'}]"

START_TEST(a_major_of_stage_2_is_verified_within_six_months)
{
    struct made *made = make(
        "'state': 'stage2_done', 'stage1_last_day': '2024-11-15', 'stage2_last_day': "
        "'2025-01-10'",
        FINDING("stage2", "major"), "2025-01-14");
    check_due(made, "C:finding:F:major_verification", "2025-07-10", "2025-07-10", "hard",
              "NC-02");
    check_due(made, "C:finding:F:finding_plan", "2025-01-24", "2025-01-24", "policy",
              "NC-03");
    ck_assert_str_eq(deadline(made, "C:finding:F:finding_plan")->title_ja,
                     "重大な不適合（NC-1）の是正処置計画を提出する");
    done(made);
}
END_TEST

START_TEST(what_stage_1_found_starts_no_clock)
{
    struct made *made = make("'state': 'stage1_done', 'stage1_last_day': '2025-01-10'",
                             FINDING("stage1", "major"), "2025-01-14");
    ck_assert(!has_deadline(made, "C:finding:F:finding_plan"));
    ck_assert(!has_deadline(made, "C:finding:F:major_verification"));
    done(made);
}
END_TEST

#define CHANGE(date, status)                                                             \
    ", 'changes': [{'id': 'H', 'kind': 'site_relocation', 'change_date': '" date         \
    "', 'status': '" status "'}]"

START_TEST(a_relocation_brings_a_notice_and_an_audit)
{
    struct made *made = make(INITIAL, CHANGE("2025-08-20", "open"), TODAY);
    check_due(made, "C:change:H:change_notice", "2025-06-21", "2025-06-20", "policy",
              "CHG-01");
    check_due(made, "C:change:H:change_audit", "2025-11-20", "2025-11-20", "policy",
              "CHG-03");
    ck_assert_str_eq(deadline(made, "C:change:H:change_notice")->title_ja,
                     "拠点移転を認証機関へ届け出る");
    done(made);
}
END_TEST

START_TEST(a_relocation_called_off_asks_for_nothing)
{
    struct made *made = make(INITIAL, CHANGE("2025-08-20", "cancelled"), TODAY);
    ck_assert(!has_deadline(made, "C:change:H:change_notice"));
    done(made);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("derivation");
    ADD(after_a_recertification_in_time_the_old_anniversary_goes_on);
    ADD(the_decision_fulfils_the_deadlines_of_the_cycle_before);
    ADD(a_restored_certification_keeps_the_anniversary_too);
    ADD(an_early_recertification_counts_from_its_decision);
    ADD(an_anniversary_on_the_29th_of_february_returns_in_leap_years);
    ADD(an_expired_certification_wants_its_recertification_and_names_the_last_day);
    ADD(a_suspension_has_a_limit_and_takes_the_mark_away);
    ADD(a_p_mark_has_a_renewal_window_whose_close_rolls_forward);
    ADD(the_target_date_brings_the_stages_and_what_comes_before_them);
    ADD(stage_2_has_a_window_after_stage_1);
    ADD(a_major_of_stage_2_is_verified_within_six_months);
    ADD(what_stage_1_found_starts_no_clock);
    ADD(a_relocation_brings_a_notice_and_an_audit);
    ADD(a_relocation_called_off_asks_for_nothing);
    return plan_run(cases);
}
