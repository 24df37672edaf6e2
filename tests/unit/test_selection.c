/* Costs, estimates, warnings and comparisons over many quotes: what must hold whatever a body asks. */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "dates.h"
#include "services/scheduling/selection.h"

enum { TRIES = 2000 };

static const char *const audits[] = {"stage1", "stage2", "surveillance1", "surveillance2",
                                     "recertification"};

/* ---- numbers that are the same in every run ---- */

static unsigned long long state = 88172645463325252ULL;

static int64_t any(int64_t least, int64_t most)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return least + (int64_t)(state % (unsigned long long)(most - least + 1));
}

static json_t *any_quote(void)
{
    static const char *const bases[] = {"initial", "recertification", "transfer"};
    json_t *days = json_object(), *expenses = json_array();
    for (size_t i = 0; i < sizeof audits / sizeof *audits; i++)
        json_object_set_new(days, audits[i],
                            any(0, 9) ? json_real((double)any(0, 80) / 4) : json_null());
    for (int64_t i = any(0, 3); i > 0; i--)
        json_array_append_new(
            expenses, json_pack("{s:s, s:I, s:o}", "label", "x", "amount",
                                (json_int_t)any(0, 1000000), "year",
                                any(0, 1) ? json_integer(any(1, 3)) : json_null()));
    return json_pack(
        "{s:s, s:s, s:[s], s:s, s:I, s:o, s:I, s:{s:I, s:I, s:I}, s:o, s:b, "
        "s:I}",
        "basis", bases[any(0, 2)], "status", "received", "schemes", "iso27001-2022",
        "currency", "JPY", "day_rate", (json_int_t)any(0, 1000000), "days", days,
        "travel_per_audit", (json_int_t)any(0, 100000), "fees", "application",
        (json_int_t)any(0, 100000), "registration", (json_int_t)any(0, 100000), "yearly",
        (json_int_t)any(0, 100000), "other_expenses", expenses, "tax_included",
        (int)any(0, 1), "tax_pct", (json_int_t)any(0, 25));
}

static int64_t member(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

/* ---- cost ---- */

static int64_t naive_expenses(const json_t *quote)
{
    const json_t *list = json_object_get(quote, "other_expenses");
    int64_t sum = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        sum += member(json_array_get(list, i), "amount") *
               (json_is_null(json_object_get(json_array_get(list, i), "year")) ? 3 : 1);
    return sum;
}

/* Written down anew, audit by audit, in a flat list. */
static int64_t naive_total(const json_t *quote)
{
    const char *basis = json_string_value(json_object_get(quote, "basis"));
    const json_t *fees = json_object_get(quote, "fees");
    int64_t sum = member(fees, "application") + member(fees, "registration") +
                  3 * member(fees, "yearly") + naive_expenses(quote);
    for (size_t i = 0; i < sizeof audits / sizeof *audits; i++) {
        bool stage = i < 2, again = i == 4;
        double days =
            json_number_value(json_object_get(json_object_get(quote, "days"), audits[i]));
        if ((stage && strcmp(basis, "initial") != 0) ||
            (again && strcmp(basis, "initial") == 0) || days == 0)
            continue;
        sum += (int64_t)((double)member(quote, "day_rate") * days + 0.5) +
               member(quote, "travel_per_audit");
    }
    return sum;
}

START_TEST(the_total_is_what_a_flat_list_adds_up_to)
{
    for (int i = 0; i < TRIES; i++) {
        json_t *quote = any_quote(), *cost = quote_cost(quote);
        ck_assert_int_eq(member(cost, "three_year_total"), naive_total(quote));
        json_decref(cost);
        json_decref(quote);
    }
}
END_TEST

START_TEST(the_total_is_the_sum_of_its_years)
{
    for (int i = 0; i < TRIES; i++) {
        json_t *quote = any_quote(), *cost = quote_cost(quote);
        const json_t *years = json_object_get(cost, "years");
        int64_t sum = 0;
        for (size_t y = 0; y < json_array_size(years); y++)
            sum += member(json_array_get(years, y), "total");
        ck_assert_uint_eq(json_array_size(years), SELECTION_YEARS);
        ck_assert_int_eq(sum, member(cost, "three_year_total"));
        json_decref(cost);
        json_decref(quote);
    }
}
END_TEST

START_TEST(tax_put_back_gives_the_total_again)
{
    for (int i = 0; i < TRIES; i++) {
        json_t *quote = any_quote(), *cost = quote_cost(quote);
        int64_t total = member(cost, "three_year_total");
        int64_t net = member(cost, "three_year_total_without_tax");
        bool inside = json_is_true(json_object_get(quote, "tax_included"));
        int64_t back = inside ? net * (100 + member(quote, "tax_pct")) : net * 100;
        ck_assert_int_le(llabs(back - total * 100), 125);
        json_decref(cost);
        json_decref(quote);
    }
}
END_TEST

START_TEST(the_largest_amounts_do_not_overflow)
{
    json_t *quote = json_pack(
        "{s:s, s:s, s:I, s:{s:i, s:i, s:i, s:i}, s:I, s:b, s:i}", "basis", "initial",
        "currency", "JPY", "day_rate", (json_int_t)1000000000000, "days", "stage1", 200,
        "stage2", 200, "surveillance1", 200, "surveillance2", 200, "travel_per_audit",
        (json_int_t)1000000000000, "tax_included", 1, "tax_pct", 100);
    json_t *cost = quote_cost(quote);
    ck_assert_int_eq(member(cost, "three_year_total"), 804000000000000);
    ck_assert_int_eq(member(cost, "three_year_total_without_tax"), 402000000000000);
    json_decref(cost);
    json_decref(quote);
}
END_TEST

/* ---- estimate ---- */

static json_t *facts_of(int64_t persons)
{
    return json_pack("{s:{s:s, s:I}, s:{}, s:{}}", "client", "id", "c", "headcount",
                     (json_int_t)persons, "own", "consultancy_policies");
}

static struct estimate estimate_for(const json_t *facts, const json_t *overrides)
{
    struct policies policies;
    struct estimate estimate;
    selection_policies(facts, NULL, &policies);
    estimate_make(facts, overrides, &policies, &estimate);
    return estimate;
}

static json_t *any_factors(void)
{
    return json_pack("[I, I, I]", (json_int_t)any(1, 3), (json_int_t)any(1, 3),
                     (json_int_t)any(1, 3));
}

START_TEST(an_estimate_is_between_its_ends_and_its_stages_add_up)
{
    for (int i = 0; i < TRIES; i++) {
        json_t *facts = facts_of(any(1, 10700));
        json_t *overrides =
            json_pack("{s:{s:o, s:o}, s:I, s:I}", "complexity", "business", any_factors(),
                      "it", any_factors(), "integrated_pct", (json_int_t)any(0, 20),
                      "site_count", (json_int_t)any(0, 500));
        struct estimate estimate = estimate_for(facts, overrides);
        ck_assert_ptr_null(estimate.problem);
        ck_assert_int_le(estimate.floor, estimate.least.initial);
        ck_assert_int_le(estimate.least.initial, estimate.time.initial);
        ck_assert_int_le(estimate.time.initial, estimate.most.initial);
        ck_assert_int_eq(estimate.time.stage1 + estimate.time.stage2,
                         estimate.time.initial);
        ck_assert_int_lt(estimate.time.surveillance, estimate.time.recertification);
        ck_assert_int_le(estimate.visits[SITES_SURVEILLANCE],
                         estimate.visits[SITES_RECERTIFICATION]);
        ck_assert_int_le(estimate.visits[SITES_RECERTIFICATION],
                         estimate.visits[SITES_INITIAL]);
        json_decref(overrides);
        json_decref(facts);
    }
}
END_TEST

START_TEST(more_persons_never_take_fewer_days)
{
    int before = 0;
    for (int64_t persons = 1; persons <= 10700; persons++) {
        json_t *facts = facts_of(persons);
        int now = estimate_for(facts, NULL).time.initial;
        ck_assert_int_ge(now, before);
        before = now;
        json_decref(facts);
    }
}
END_TEST

START_TEST(groups_never_count_more_than_their_heads)
{
    for (int i = 0; i < TRIES; i++) {
        json_t *facts = facts_of(any(1, 500));
        json_t *overrides =
            json_pack("{s:[{s:s, s:I}, {s:s, s:I}]}", "identical_groups", "activity", "a",
                      "persons", (json_int_t)any(1, 400), "activity", "b", "persons",
                      (json_int_t)any(1, 400));
        struct estimate estimate = estimate_for(facts, overrides);
        ck_assert_int_le(estimate.facts.persons, estimate.headcount);
        ck_assert_int_ge(estimate.facts.persons, 1);
        ck_assert_int_ge(estimate.others, 0);
        json_decref(overrides);
        json_decref(facts);
    }
}
END_TEST

/* ---- the warning ---- */

static json_t *quote_of(const struct estimate *estimate)
{
    const struct audit_time *time = &estimate->time;
    return json_pack("{s:[s], s:{s:f, s:f, s:f, s:f, s:f}}", "schemes", "iso27001-2022",
                     "days", "stage1", time->stage1 / 2.0, "stage2", time->stage2 / 2.0,
                     "surveillance1", time->surveillance / 2.0, "surveillance2",
                     time->surveillance / 2.0, "recertification",
                     time->recertification / 2.0);
}

START_TEST(the_estimate_itself_is_never_far_away)
{
    for (int i = 0; i < TRIES; i++) {
        json_t *facts = facts_of(any(1, 10700));
        struct estimate estimate = estimate_for(facts, NULL);
        json_t *quote = quote_of(&estimate);
        json_t *warning = quote_warning(quote, &estimate, (int)any(1, 100));
        ck_assert(json_is_null(warning));
        json_decref(warning);
        json_decref(quote);
        json_decref(facts);
    }
}
END_TEST

START_TEST(half_the_days_are_below_what_accreditation_allows)
{
    for (int64_t persons = 16; persons <= 10700; persons += 97) {
        json_t *facts = facts_of(persons);
        struct estimate estimate = estimate_for(facts, NULL);
        json_t *quote = quote_of(&estimate);
        json_object_set_new(json_object_get(quote, "days"), "stage2",
                            json_real((estimate.time.initial - 2) / 4.0));
        json_object_set_new(json_object_get(quote, "days"), "stage1", json_integer(0));
        json_t *warning = quote_warning(quote, &estimate, 20);
        ck_assert_str_eq(json_string_value(json_object_get(warning, "code")),
                         "below_floor");
        json_decref(warning);
        json_decref(quote);
        json_decref(facts);
    }
}
END_TEST

/* ---- comparison ---- */

START_TEST(a_comparison_is_sorted_and_the_first_has_no_difference)
{
    for (int i = 0; i < TRIES / 20; i++) {
        json_t *facts = facts_of(50), *quotes = json_array();
        for (int64_t n = any(1, 8); n > 0; n--) {
            json_t *quote = any_quote();
            json_object_set_new(quote, "id", json_sprintf("%d", (int)n));
            json_object_set_new(quote, "cost", quote_cost(quote));
            json_array_append_new(quotes, quote);
        }
        json_object_set_new(facts, "quotes", quotes);
        const struct selection_question question = {.today = date_of(2025, 3, 3),
                                                    .target = CIVIL_NONE};
        json_t *answer = selection_compare(facts, &question);
        const json_t *group = json_array_get(json_object_get(answer, "groups"), 0);
        const json_t *rows = json_object_get(group, "quotes");
        int64_t before = 0;
        ck_assert_uint_eq(json_array_size(rows), json_array_size(quotes));
        for (size_t r = 0; r < json_array_size(rows); r++) {
            const json_t *difference =
                json_object_get(json_array_get(rows, r), "difference");
            if (r == 0 && json_is_integer(difference))
                ck_assert_int_eq(json_integer_value(difference), 0);
            if (json_is_integer(difference))
                ck_assert_int_ge(json_integer_value(difference), before);
            before =
                json_is_integer(difference) ? json_integer_value(difference) : INT64_MAX;
        }
        json_decref(answer);
        json_decref(facts);
    }
}
END_TEST

static const struct {
    const char *offered, *edition, *scheme;
    bool holds;
} offers[] = {
    {"iso27001-2022", NULL, "iso27001-2022", true},
    {"iso27001-2022", NULL, "iso27001-2013", false},
    {"iso27001", NULL, "iso27001-2013", true},
    {"iso27001", "2022", "iso27001-2022", true},
    {"iso27001", "2022", "iso27001-2013", false},
    {"iso27017", "2015", "iso27017-jp", true},
    {"iso27017-jp", NULL, "iso27017", true},
    {"iso2701", NULL, "iso27017", false},
    {"pmark", NULL, "pmark", true},
    {"pmark", NULL, "iso27017", false},
};

START_TEST(a_family_stands_for_its_editions)
{
    json_t *standards = json_array();
    json_t *item = json_pack("{s:s}", "scheme", offers[_i].offered);
    if (offers[_i].edition)
        json_object_set_new(item, "edition", json_string(offers[_i].edition));
    json_array_append_new(standards, item);
    ck_assert_int_eq(selection_offers(standards, offers[_i].scheme), offers[_i].holds);
    json_decref(standards);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("selection");
    TCase *cases = tcase_create("selection");
    SRunner *runner;
    int failed;

    tcase_add_test(cases, the_total_is_what_a_flat_list_adds_up_to);
    tcase_add_test(cases, the_total_is_the_sum_of_its_years);
    tcase_add_test(cases, tax_put_back_gives_the_total_again);
    tcase_add_test(cases, the_largest_amounts_do_not_overflow);
    tcase_add_test(cases, an_estimate_is_between_its_ends_and_its_stages_add_up);
    tcase_add_test(cases, more_persons_never_take_fewer_days);
    tcase_add_test(cases, groups_never_count_more_than_their_heads);
    tcase_add_test(cases, the_estimate_itself_is_never_far_away);
    tcase_add_test(cases, half_the_days_are_below_what_accreditation_allows);
    tcase_add_test(cases, a_comparison_is_sorted_and_the_first_has_no_difference);
    tcase_add_loop_test(cases, a_family_stands_for_its_editions, 0,
                        (int)(sizeof offers / sizeof *offers));
    suite_add_tcase(suite, cases);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
