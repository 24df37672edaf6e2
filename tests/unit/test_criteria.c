/* Criteria of risks: what a patch makes of them, and the properties of scores under any criteria that are taken. */
#include "services/registers/criteria.h"

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *usual(void)
{
    return json_pack("{s:s, s:s, s:i, s:i, s:i, s:n, s:n, s:n, s:n}", "method",
                     "additive", "impact_basis", "direct", "impact_max", 5,
                     "likelihood_max", 5, "threshold", 5, "matrix", "impact_labels",
                     "likelihood_labels", "bands");
}

static json_t *merge(json_t *criteria, json_t *patch, struct criteria_errors *errors)
{
    json_t *merged = criteria_merge(criteria, patch, errors);
    json_decref(criteria);
    json_decref(patch);
    return merged;
}

/* Numbers that are the same in every run. */
static unsigned long long state;

static int between(int low, int high)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return low + (int)(state % (unsigned long long)(high - low + 1));
}

/* Rows and columns never fall. */
static json_t *some_matrix(int impacts, int likelihoods)
{
    json_t *matrix = json_array();
    for (int i = 0; i < impacts; i++) {
        json_t *row = json_array();
        for (int l = 0; l < likelihoods; l++) {
            const json_t *above =
                json_array_get(json_array_get(matrix, (size_t)i - 1), (size_t)l);
            const json_t *left = json_array_get(row, (size_t)l - 1);
            json_int_t least = 1;
            if (i && json_integer_value(above) > least)
                least = json_integer_value(above);
            if (l && json_integer_value(left) > least)
                least = json_integer_value(left);
            json_array_append_new(row, json_integer(least + between(0, 3)));
        }
        json_array_append_new(matrix, row);
    }
    return matrix;
}

static json_t *some_patch(void)
{
    static const char *const methods[] = {"additive", "multiplicative", "matrix"};
    const char *method = methods[between(0, 2)];
    int impacts = between(2, 5), likelihoods = between(2, 5);
    json_t *patch =
        json_pack("{s:s, s:i, s:i, s:i}", "method", method, "impact_max", impacts,
                  "likelihood_max", likelihoods, "threshold", between(1, 26));
    if (strcmp(method, "matrix") == 0)
        json_object_set_new(patch, "matrix", some_matrix(impacts, likelihoods));
    return patch;
}

static int whole(const json_t *criteria, const char *name)
{
    return (int)json_integer_value(json_object_get(criteria, name));
}

static void check_monotone(const json_t *c)
{
    int impacts = whole(c, "impact_max"), likelihoods = whole(c, "likelihood_max");
    for (int i = 1; i <= impacts; i++) {
        for (int l = 1; l <= likelihoods; l++) {
            int left = l > 1 ? criteria_score(c, i, l - 1) : 0;
            int above = i > 1 ? criteria_score(c, i - 1, l) : 0;
            ck_assert_int_ge(criteria_score(c, i, l), left > above ? left : above);
        }
    }
}

static void check_bands(const json_t *c)
{
    const json_t *bands = json_object_get(c, "bands");
    ck_assert_int_eq(whole(json_array_get(bands, 0), "from"), criteria_score(c, 1, 1));
    for (size_t b = 1; b < json_array_size(bands); b++)
        ck_assert_int_gt(whole(json_array_get(bands, b), "from"),
                         whole(json_array_get(bands, b - 1), "from"));
}

START_TEST(any_criteria_that_are_taken_are_monotone_and_have_bands_that_hold)
{
    state = 88172645463325252ULL + 7;
    int taken = 0;
    for (int n = 0; n < 3000; n++) {
        struct criteria_errors errors;
        json_t *c = merge(usual(), some_patch(), &errors);
        int least = criteria_score(c, 1, 1);
        int most = criteria_score(c, whole(c, "impact_max"), whole(c, "likelihood_max"));
        bool fits = whole(c, "threshold") >= least && whole(c, "threshold") <= most;
        ck_assert_int_eq(errors.count, fits ? 0 : 1);
        check_monotone(c);
        if (fits)
            check_bands(c);
        taken += fits;
        json_decref(c);
    }
    ck_assert_int_gt(taken, 500);
}
END_TEST

START_TEST(a_cell_that_falls_is_named)
{
    state = 88172645463325252ULL + 11;
    for (int n = 0; n < 500; n++) {
        int impacts = between(2, 5), likelihoods = between(2, 5);
        int i = between(0, impacts - 1), l = between(0, likelihoods - 1);
        if (i == 0 && l == 0)
            continue;
        json_t *matrix = some_matrix(impacts, likelihoods);
        json_array_set_new(json_array_get(matrix, (size_t)i), (size_t)l, json_integer(0));
        json_t *patch = json_pack("{s:s, s:i, s:i, s:o, s:i}", "method", "matrix",
                                  "impact_max", impacts, "likelihood_max", likelihoods,
                                  "matrix", matrix, "threshold", 1);
        struct criteria_errors errors;
        json_decref(merge(usual(), patch, &errors));
        char pointer[40];
        (void)snprintf(pointer, sizeof pointer, "/matrix/%d/%d", i, l);
        bool named = false;
        for (int e = 0; e < errors.count; e++)
            named = named || strcmp(errors.list[e].pointer, pointer) == 0;
        ck_assert_msg(named, "%s", pointer);
    }
}
END_TEST

START_TEST(what_is_given_stays_and_what_no_longer_fits_is_renewed)
{
    struct criteria_errors errors;
    json_t *first = merge(usual(), json_pack("{s:i}", "threshold", 6), &errors);
    json_t *same = json_deep_copy(json_object_get(first, "bands"));
    json_t *second = merge(first, json_pack("{s:s}", "impact_basis", "cia"), &errors);
    ck_assert(json_equal(same, json_object_get(second, "bands")));
    json_t *third = merge(second, json_pack("{s:i}", "impact_max", 3), &errors);
    ck_assert_uint_eq(json_array_size(json_object_get(third, "impact_labels")), 3);
    ck_assert_uint_eq(json_array_size(json_object_get(third, "likelihood_labels")), 5);
    json_decref(same);
    json_decref(third);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("criteria");
    TCase *tcase = tcase_create("criteria");
    tcase_add_test(tcase,
                   any_criteria_that_are_taken_are_monotone_and_have_bands_that_hold);
    tcase_add_test(tcase, a_cell_that_falls_is_named);
    tcase_add_test(tcase, what_is_given_stays_and_what_no_longer_fits_is_renewed);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
