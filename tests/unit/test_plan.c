/* The derivation of the initial cycle: facts in, wanted audits and deadlines out; what was booked and held. */
#include "plan_case.h"

/* ---- the initial cycle ---- */

START_TEST(the_initial_cycle_has_two_surveillances_and_a_recertification)
{
    struct made *made = make(INITIAL, "", TODAY);
    check_window(made, "C:c1:surveillance:1", "2026-02-14", "2025-11-14", "2026-02-14",
                 "2026-02-14");
    check_window(made, "C:c1:surveillance:2", "2027-02-14", "2026-11-14", "2027-03-14",
                 "2027-12-31");
    check_window(made, "C:c1:recertification:1", "2028-02-14", "2027-11-13", "2027-12-13",
                 "2028-02-13");
    done(made);
}
END_TEST

START_TEST(the_next_cycle_is_planned_as_audits_only)
{
    struct made *made = make(INITIAL, "", TODAY);
    check_window(made, "C:c2:surveillance:1", "2029-02-14", "2028-11-14", "2029-03-14",
                 "2029-12-31");
    check_window(made, "C:c2:recertification:1", "2031-02-14", "2030-11-13", "2030-12-13",
                 "2031-02-13");
    ck_assert(!has_deadline(made, "C:c2:surveillance_audit:1"));
    done(made);
}
END_TEST

START_TEST(the_first_surveillance_is_due_hard_on_the_business_day_before)
{
    struct made *made = make(INITIAL, "", TODAY);
    check_due(made, "C:c1:surveillance_audit:1", "2026-02-14", "2026-02-13", "hard",
              "SUR-01");
    ck_assert(!has_deadline(made, "C:c1:surveillance_hard_limit:1"));
    done(made);
}
END_TEST

START_TEST(the_second_surveillance_has_a_window_and_a_later_hard_limit)
{
    struct made *made = make(INITIAL, "", TODAY);
    check_due(made, "C:c1:surveillance_audit:2", "2027-03-14", "2027-03-12", "policy",
              "SUR-02");
    check_due(made, "C:c1:surveillance_hard_limit:2", "2027-12-31", "2027-12-28", "hard",
              "SUR-03");
    done(made);
}
END_TEST

START_TEST(a_window_never_reaches_into_the_next_calendar_year)
{
    struct made *made = make(
        "'state': 'certified', 'decision_date': '2024-12-20', 'expiry_date': "
        "'2027-12-19', 'anchor_date': '2024-12-20', 'cycle_no': 1, 'anchor_cycle': 1, "
        "'cycle_type': 'initial'",
        "", TODAY);
    check_window(made, "C:c1:surveillance:2", "2026-12-20", "2026-09-20", "2026-12-31",
                 "2026-12-31");
    check_due(made, "C:c1:surveillance_audit:2", "2026-12-31", "2026-12-28", "hard",
              "SUR-03");
    done(made);
}
END_TEST

START_TEST(the_recertification_audit_leaves_time_to_close_a_major_and_decide)
{
    struct made *made = make(INITIAL, "", TODAY);
    check_due(made, "C:c1:recertification_audit:1", "2027-12-13", "2027-12-13", "policy",
              "REC-01");
    check_due(made, "C:c1:recertification_decision:1", "2028-02-13", "2028-02-10", "hard",
              "REC-02");
    done(made);
    made = make(INITIAL ", 'policies': {'major_closure_days': 90, 'decision_days': 30}",
                "", TODAY);
    check_due(made, "C:c1:recertification_audit:1", "2027-10-16", "2027-10-15", "policy",
              "REC-01");
    done(made);
}
END_TEST

START_TEST(internal_audit_and_review_come_before_each_external_audit)
{
    struct made *made = make(INITIAL, "", TODAY);
    check_due(made, "C:c1:surveillance:1:internal_audit", "2026-01-15", "2026-01-15",
              "policy", "SUR-08");
    check_due(made, "C:c1:surveillance:1:management_review", "2026-01-31", "2026-01-30",
              "policy", "SUR-08");
    check_fulfilled(made, "C:c1:surveillance:1:internal_audit", "none");
    done(made);
}
END_TEST

START_TEST(only_an_internal_audit_since_the_last_external_one_counts)
{
    struct made *made =
        make(INITIAL ", 'internal_audit_done_on': '2024-12-05'", "", TODAY);
    check_fulfilled(made, "C:c1:surveillance:1:internal_audit", "none");
    done(made);
    made = make(INITIAL ", 'internal_audit_done_on': '2025-12-05'", "", "2026-01-05");
    check_fulfilled(made, "C:c1:surveillance:1:internal_audit", "2025-12-05");
    check_fulfilled(made, "C:c1:surveillance:2:internal_audit", "none");
    done(made);
}
END_TEST

START_TEST(the_stricter_level_of_a_policy_wins)
{
    struct made *made = make(
        INITIAL ", 'policies': {'surv_before_months': 1}",
        ", 'consultancy_policies': {'surv_before_months': 5, 'surv_after_months': 0}",
        TODAY);
    check_window(made, "C:c1:surveillance:2", "2027-02-14", "2027-01-14", "2027-02-14",
                 "2027-12-31");
    done(made);
}
END_TEST

START_TEST(a_body_may_count_from_the_last_day_of_stage_2)
{
    struct made *made =
        make(INITIAL, ", 'body_policies': {'anchor': 'stage2_last_day'}", TODAY);
    check_window(made, "C:c1:surveillance:1", "2026-01-10", "2025-10-10", "2026-02-10",
                 "2026-02-14");
    done(made);
}
END_TEST

/* ---- held and booked audits ---- */

#define AUDIT(rest)                                                                      \
    ", 'audits': [{'id': 'A', 'kind': 'surveillance', 'cycle_no': 1, 'ordinal': 1, "     \
    "'source_key': 'C:c1:surveillance:1', " rest "}]"

START_TEST(a_held_audit_fulfils_its_deadlines)
{
    struct made *made =
        make(INITIAL,
             AUDIT("'status': 'held', 'held_first_day': '2026-01-20', 'held_last_day': "
                   "'2026-01-21'"),
             "2026-02-01");
    check_fulfilled(made, "C:c1:surveillance_audit:1", "2026-01-21");
    check_fulfilled(made, "C:c1:surveillance_audit:2", "none");
    done(made);
}
END_TEST

START_TEST(what_an_audit_did_not_wait_for_is_not_called_done)
{
    struct made *made =
        make(INITIAL,
             AUDIT("'status': 'held', 'held_first_day': '2026-01-20', 'held_last_day': "
                   "'2026-01-21'"),
             "2026-02-01");
    ck_assert(!has_deadline(made, "C:c1:surveillance:1:management_review"));
    ck_assert(has_deadline(made, "C:c1:surveillance:2:management_review"));
    done(made);
}
END_TEST

START_TEST(a_booked_audit_fulfils_the_booking_only)
{
    struct made *made =
        make(INITIAL, AUDIT("'status': 'confirmed', 'planned_first_day': '2026-01-20'"),
             TODAY);
    check_fulfilled(made, "C:c1:surveillance:1:audit_booking", TODAY);
    ck_assert(deadline(made, "C:c1:surveillance:1:audit_booking")->sticky);
    check_fulfilled(made, "C:c1:surveillance_audit:1", "none");
    check_due(made, "C:c1:surveillance:1:management_review", "2026-01-06", "2026-01-06",
              "policy", "SUR-08");
    done(made);
}
END_TEST

START_TEST(a_cancelled_booking_leaves_the_obligation_open)
{
    struct made *made = make(INITIAL, AUDIT("'status': 'cancelled'"), TODAY);
    check_fulfilled(made, "C:c1:surveillance:1:audit_booking", "none");
    check_fulfilled(made, "C:c1:surveillance_audit:1", "none");
    done(made);
}
END_TEST

START_TEST(an_audit_entered_by_hand_takes_the_place_of_the_derived_one)
{
    struct made *made = make(
        INITIAL,
        ", 'audits': [{'id': 'M', 'kind': 'surveillance', 'cycle_no': 1, 'ordinal': 1, "
        "'source_key': null, 'status': 'held', 'held_last_day': '2026-01-21'}]",
        "2026-02-01");
    ck_assert(audit(made, "C:c1:surveillance:1")->by_hand);
    check_fulfilled(made, "C:c1:surveillance_audit:1", "2026-01-21");
    done(made);
}
END_TEST

/* ---- the same facts ---- */

static char *written(const struct made *made)
{
    json_t *audits = json_array(), *deadlines = json_array();
    size_t i;
    json_t *row;
    plan_write(&made->plan, audits, deadlines);
    json_array_extend(audits, deadlines);
    json_decref(deadlines);
    json_array_foreach(audits, i, row) json_object_del(row, "id");
    char *text = json_dumps(audits, JSON_SORT_KEYS);
    json_decref(audits);
    return text;
}

START_TEST(the_same_facts_give_the_same_plan_on_another_day)
{
    struct made *first = make(INITIAL, "", TODAY);
    struct made *second = make(INITIAL, "", "2025-06-03");
    char *one = written(first), *two = written(second);
    ck_assert_str_eq(one, two);
    free(one);
    free(two);
    done(first);
    done(second);
}
END_TEST

START_TEST(every_deadline_has_a_key_of_its_own_two_titles_and_a_reason)
{
    struct made *made = make(INITIAL, "", TODAY);
    for (const struct plan_deadline *d = made->plan.first; d; d = d->next) {
        ck_assert_ptr_eq(deadline(made, d->source_key), d);
        ck_assert_str_ne(d->title_ja, "");
        ck_assert_str_ne(d->title_en, "");
        ck_assert_uint_gt(json_array_size(json_object_get(d->why, "rules")), 0);
        ck_assert(civil_compare(d->due_on, d->raw_on) <= 0);
    }
    ck_assert_int_gt(made->plan.deadline_count, 12);
    done(made);
}
END_TEST

START_TEST(a_surveillance_entered_by_hand_is_the_one_in_whose_window_it_lies)
{
    struct made *made = make(
        INITIAL,
        ", 'audits': [{'id': 'M', 'kind': 'surveillance', 'cycle_no': 1, 'ordinal': 1, "
        "'source_key': null, 'status': 'confirmed', 'planned_first_day': '2027-02-02'}]",
        TODAY);
    ck_assert(!audit(made, "C:c1:surveillance:1")->by_hand);
    ck_assert(audit(made, "C:c1:surveillance:2")->by_hand);
    done(made);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("derivation");
    ADD(the_initial_cycle_has_two_surveillances_and_a_recertification);
    ADD(the_next_cycle_is_planned_as_audits_only);
    ADD(the_first_surveillance_is_due_hard_on_the_business_day_before);
    ADD(the_second_surveillance_has_a_window_and_a_later_hard_limit);
    ADD(a_window_never_reaches_into_the_next_calendar_year);
    ADD(the_recertification_audit_leaves_time_to_close_a_major_and_decide);
    ADD(internal_audit_and_review_come_before_each_external_audit);
    ADD(only_an_internal_audit_since_the_last_external_one_counts);
    ADD(the_stricter_level_of_a_policy_wins);
    ADD(a_body_may_count_from_the_last_day_of_stage_2);
    ADD(a_held_audit_fulfils_its_deadlines);
    ADD(what_an_audit_did_not_wait_for_is_not_called_done);
    ADD(a_booked_audit_fulfils_the_booking_only);
    ADD(a_cancelled_booking_leaves_the_obligation_open);
    ADD(an_audit_entered_by_hand_takes_the_place_of_the_derived_one);
    ADD(the_same_facts_give_the_same_plan_on_another_day);
    ADD(every_deadline_has_a_key_of_its_own_two_titles_and_a_reason);
    ADD(a_surveillance_entered_by_hand_is_the_one_in_whose_window_it_lies);
    return plan_run(cases);
}
