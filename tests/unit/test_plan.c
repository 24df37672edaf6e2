/* The derivation of a programme: facts in, wanted audits and deadlines out. */
#include "ground.h"

#include "services/scheduling/plan_facts.h"
#include "services/scheduling/plan_make.h"
#include "services/scheduling/plan_write.h"

/* A plan and what it stands on. */
struct made {
    struct arena *arena;
    json_t *json;
    struct plan_facts facts;
    struct plan plan;
};

/* certification: members of that object, rest: what stands beside it, in JSON with ' for ". Lives in its arena: the plan points into
 * itself and its facts. */
static struct made *make(const char *certification, const char *rest, const char *today)
{
    struct arena *arena = arena_new();
    struct made *made = arena_alloc(arena, sizeof *made);
    struct civil day = CIVIL_NONE;
    ck_assert(civil_parse(today, &day));
    char *text = arena_printf(arena,
                              "{'certification': {'id': 'C', 'client_id': 'K', "
                              "'scheme': 'iso27001-2022', %s} %s}",
                              certification, rest);
    for (char *p = text; *p; p++) {
        if (*p == '\'')
            *p = '"';
    }
    made->arena = arena;
    made->json = json_loads(text, 0, NULL);
    ck_assert_msg(made->json != NULL, "not JSON: %s", text);
    plan_facts_read(arena, made->json, day, &made->facts);
    plan_make(arena, &made->facts, &made->plan);
    return made;
}

static void done(struct made *made)
{
    json_decref(made->json);
    arena_destroy(made->arena);
}

static const char *text_of(struct arena *arena, struct civil date)
{
    char text[CIVIL_TEXT_SIZE];
    if (civil_is_none(date))
        return "none";
    civil_format(date, text);
    return arena_strdup(arena, text);
}

static const struct plan_audit *audit(const struct made *made, const char *key)
{
    for (int i = 0; i < made->plan.audit_count; i++) {
        if (strcmp(made->plan.audits[i].source_key, key) == 0)
            return &made->plan.audits[i];
    }
    return NULL;
}

static const struct plan_deadline *deadline(const struct made *made, const char *key)
{
    for (const struct plan_deadline *d = made->plan.first; d; d = d->next) {
        if (strcmp(d->source_key, key) == 0)
            return d;
    }
    return NULL;
}

static void check_date(const struct made *made, struct civil date, const char *wanted)
{
    ck_assert_str_eq(text_of(made->arena, date), wanted);
}

static void check_window(const struct made *made, const char *key, const char *nominal,
                         const char *start, const char *end, const char *limit)
{
    const struct plan_audit *found = audit(made, key);
    ck_assert_msg(found != NULL, "no audit %s", key);
    check_date(made, found->nominal, nominal);
    check_date(made, found->window_start, start);
    check_date(made, found->window_end, end);
    check_date(made, found->hard_limit, limit);
}

static void check_due(const struct made *made, const char *key, const char *raw,
                      const char *due, const char *hardness, const char *rule)
{
    const struct plan_deadline *found = deadline(made, key);
    ck_assert_msg(found != NULL, "no deadline %s", key);
    check_date(made, found->raw_on, raw);
    check_date(made, found->due_on, due);
    ck_assert_str_eq(found->hardness, hardness);
    ck_assert_str_eq(found->rule, rule);
}

static void check_fulfilled(const struct made *made, const char *key, const char *day)
{
    const struct plan_deadline *found = deadline(made, key);
    ck_assert_msg(found != NULL, "no deadline %s", key);
    check_date(made, found->fulfilled_on, day);
}

#define INITIAL                                                                          \
    "'state': 'certified', 'decision_date': '2025-02-14', 'expiry_date': '2028-02-13', " \
    "'anchor_date': '2025-02-14', 'cycle_start': '2025-02-14', 'cycle_no': 1, "          \
    "'anchor_cycle': 1, 'cycle_type': 'initial', 'stage2_last_day': '2025-01-10', "      \
    "'original_certification_date': '2025-02-14'"
#define RENEWED(decision)                                                                \
    "'state': 'certified', 'decision_date': '" decision                                  \
    "', 'expiry_date': '2031-02-13', 'anchor_date': '2025-02-14', 'cycle_start': "       \
    "'2028-02-14', 'cycle_no': 2, 'anchor_cycle': 1, 'cycle_type': 'recert', "           \
    "'previous_expiry_date': '2028-02-13', 'recertification_audit_last_day': "           \
    "'2027-12-03', 'original_certification_date': '2025-02-14'"
#define TODAY "2025-06-02"

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
    ck_assert_ptr_null(deadline(made, "C:c2:surveillance_audit:1"));
    done(made);
}
END_TEST

START_TEST(the_first_surveillance_is_due_hard_on_the_business_day_before)
{
    struct made *made = make(INITIAL, "", TODAY);
    check_due(made, "C:c1:surveillance_audit:1", "2026-02-14", "2026-02-13", "hard",
              "SUR-01");
    ck_assert_ptr_null(deadline(made, "C:c1:surveillance_hard_limit:1"));
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
    check_fulfilled(made, "C:c1:surveillance:1:management_review", "2026-01-21");
    check_fulfilled(made, "C:c1:surveillance_audit:2", "none");
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
    ck_assert_ptr_nonnull(audit(made, "C:c1:recertification:1"));
    ck_assert_ptr_null(audit(made, "C:c1:surveillance:1"));
    done(made);
}
END_TEST

/* ---- suspension, P-mark, preparation ---- */

START_TEST(a_suspension_has_a_limit_and_takes_the_mark_away)
{
    struct made *made = make(INITIAL ", 'suspended_on': '2025-03-14'", "", TODAY);
    ck_assert_ptr_null(deadline(made, "C:c1:suspension_limit:1"));
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
    ck_assert_ptr_nonnull(deadline(made, "C:c1:risk_assessment:1"));
    ck_assert_ptr_nonnull(deadline(made, "C:c1:stage2:1:management_review"));
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
    ck_assert_ptr_null(deadline(made, "C:finding:F:finding_plan"));
    ck_assert_ptr_null(deadline(made, "C:finding:F:major_verification"));
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
    ck_assert_ptr_null(deadline(made, "C:change:H:change_notice"));
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
    struct made *first = make(INITIAL, CHANGE("2025-08-20", "open"), TODAY);
    struct made *second = make(INITIAL, CHANGE("2025-08-20", "open"), "2025-06-03");
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
    struct made *made = make(INITIAL, CHANGE("2025-08-20", "open"), TODAY);
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

#define ADD(test) tcase_add_test(cases, test)

int main(void)
{
    Suite *suite = suite_create("plan");
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
    ADD(a_booked_audit_fulfils_the_booking_only);
    ADD(a_cancelled_booking_leaves_the_obligation_open);
    ADD(an_audit_entered_by_hand_takes_the_place_of_the_derived_one);
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
    ADD(the_same_facts_give_the_same_plan_on_another_day);
    ADD(every_deadline_has_a_key_of_its_own_two_titles_and_a_reason);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
