/* Criteria by which risks are scored. */
#include "services/registers/criteria.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *ja, *en;
} impact_names[] = {{"軽微", "minor"},
                    {"小", "limited"},
                    {"中", "moderate"},
                    {"大", "major"},
                    {"甚大", "severe"}},
  likelihood_names[] = {{"まれ", "rare"},
                        {"低い", "unlikely"},
                        {"ときどき", "possible"},
                        {"高い", "likely"},
                        {"ほぼ確実", "almost certain"}};
/* Which names a shorter scale uses. */
static const int picks[6][5] = {{0},       {0},          {1, 3},
                                {1, 2, 3}, {0, 1, 3, 4}, {0, 1, 2, 3, 4}};

static int whole(const json_t *object, const char *name)
{
    return (int)json_integer_value(json_object_get(object, name));
}

static bool is_method(const json_t *criteria, const char *method)
{
    return strcmp(json_string_value(json_object_get(criteria, "method")), method) == 0;
}

static void wrong(struct criteria_errors *errors, const char *pointer, const char *code,
                  json_int_t limit)
{
    if (errors->count == CRITERIA_MOST_ERRORS)
        return;
    struct criteria_error *error = &errors->list[errors->count++];
    (void)snprintf(error->pointer, sizeof error->pointer, "%s", pointer);
    error->code = code;
    error->limit = limit;
}

int criteria_score(const json_t *criteria, int impact, int likelihood)
{
    if (is_method(criteria, "multiplicative"))
        return impact * likelihood;
    if (!is_method(criteria, "matrix"))
        return impact + likelihood;
    const json_t *row =
        json_array_get(json_object_get(criteria, "matrix"), (size_t)(impact - 1));
    return (int)json_integer_value(json_array_get(row, (size_t)(likelihood - 1)));
}

static int highest(const json_t *criteria)
{
    return criteria_score(criteria, whole(criteria, "impact_max"),
                          whole(criteria, "likelihood_max"));
}

/* ---- what the product says when nothing else is said ---- */

static json_t *usual_labels(bool impact, int max)
{
    json_t *list = json_array();
    for (int i = 0; i < max; i++) {
        int pick = picks[max][i];
        const char *ja = impact ? impact_names[pick].ja : likelihood_names[pick].ja;
        const char *en = impact ? impact_names[pick].en : likelihood_names[pick].en;
        json_array_append_new(
            list, json_pack("{s:i, s:s, s:s}", "value", i + 1, "ja", ja, "en", en));
    }
    return list;
}

static void add_band(json_t *list, int from, const char *ja, const char *en,
                     const char *colour)
{
    json_array_append_new(list, json_pack("{s:i, s:s, s:s, s:s}", "from", from, "ja", ja,
                                          "en", en, "colour", colour));
}

/* Below the threshold, from it on, and from the middle between it and the highest score on. */
static json_t *usual_bands(const json_t *criteria)
{
    json_t *list = json_array();
    int least = criteria_score(criteria, 1, 1), most = highest(criteria);
    int threshold = whole(criteria, "threshold");
    int upper = threshold + (most - threshold + 2) / 2;
    if (threshold > least)
        add_band(list, least, "低", "low", "#2e7d32");
    add_band(list, threshold, "中", "medium", "#f9a825");
    if (upper > threshold && upper <= most)
        add_band(list, upper, "高", "high", "#c62828");
    return list;
}

/* ---- checks ---- */

static void check_labels(const json_t *criteria, const char *name, int max,
                         struct criteria_errors *errors)
{
    const json_t *labels = json_object_get(criteria, name);
    char pointer[40];
    (void)snprintf(pointer, sizeof pointer, "/%s", name);
    if (json_array_size(labels) != (size_t)max) {
        wrong(errors, pointer, "inconsistent", max);
        return;
    }
    for (int i = 0; i < max; i++) {
        if (whole(json_array_get(labels, (size_t)i), "value") == i + 1)
            continue;
        (void)snprintf(pointer, sizeof pointer, "/%s/%d/value", name, i);
        wrong(errors, pointer, "inconsistent", i + 1);
    }
}

/* More impact or more likelihood never makes a lower score. */
static void check_cell(const json_t *criteria, int impact, int likelihood,
                       struct criteria_errors *errors)
{
    int score = criteria_score(criteria, impact, likelihood), least = 1;
    char pointer[40];
    if (impact > 1)
        least = criteria_score(criteria, impact - 1, likelihood);
    if (likelihood > 1 && criteria_score(criteria, impact, likelihood - 1) > least)
        least = criteria_score(criteria, impact, likelihood - 1);
    (void)snprintf(pointer, sizeof pointer, "/matrix/%d/%d", impact - 1, likelihood - 1);
    if (score < least)
        wrong(errors, pointer, "too_small", least);
}

static bool matrix_fits(const json_t *criteria, struct criteria_errors *errors)
{
    const json_t *matrix = json_object_get(criteria, "matrix");
    int impacts = whole(criteria, "impact_max"),
        likelihoods = whole(criteria, "likelihood_max"), before = errors->count;
    char pointer[40];
    if (!json_is_array(matrix)) {
        wrong(errors, "/matrix", "required", 0);
        return false;
    }
    if (json_array_size(matrix) != (size_t)impacts)
        wrong(errors, "/matrix", "inconsistent", impacts);
    for (size_t i = 0; i < json_array_size(matrix); i++) {
        (void)snprintf(pointer, sizeof pointer, "/matrix/%d", (int)i);
        if (json_array_size(json_array_get(matrix, i)) != (size_t)likelihoods)
            wrong(errors, pointer, "inconsistent", likelihoods);
    }
    if (errors->count > before)
        return false;
    for (int i = 1; i <= impacts; i++) {
        for (int l = 1; l <= likelihoods; l++)
            check_cell(criteria, i, l, errors);
    }
    return errors->count == before;
}

static void check_bands(const json_t *criteria, struct criteria_errors *errors)
{
    const json_t *bands = json_object_get(criteria, "bands");
    int least = criteria_score(criteria, 1, 1), most = highest(criteria);
    char pointer[40];
    for (size_t i = 0; i < json_array_size(bands); i++) {
        int from = whole(json_array_get(bands, i), "from");
        int before = i ? whole(json_array_get(bands, i - 1), "from") : 0;
        (void)snprintf(pointer, sizeof pointer, "/bands/%d/from", (int)i);
        if (i == 0 && from > least)
            wrong(errors, pointer, "too_large", least);
        else if (i > 0 && from <= before)
            wrong(errors, pointer, "too_small", before + 1);
        else if (from > most)
            wrong(errors, pointer, "too_large", most);
    }
}

static void check_threshold(const json_t *criteria, struct criteria_errors *errors)
{
    int threshold = whole(criteria, "threshold");
    int least = criteria_score(criteria, 1, 1), most = highest(criteria);
    if (threshold < least)
        wrong(errors, "/threshold", "too_small", least);
    else if (threshold > most)
        wrong(errors, "/threshold", "too_large", most);
}

/* ---- merge ---- */

static bool changed(const json_t *before, const json_t *after, const char *name)
{
    return !json_equal(json_object_get(before, name), json_object_get(after, name));
}

static bool is_given(const json_t *patch, const char *name)
{
    const json_t *value = json_object_get(patch, name);
    return value && !json_is_null(value);
}

static void renew_labels(json_t *criteria, const json_t *before, const json_t *patch)
{
    static const char *const names[][2] = {{"impact_max", "impact_labels"},
                                           {"likelihood_max", "likelihood_labels"}};
    for (int i = 0; i < 2; i++) {
        bool dropped = json_is_null(json_object_get(criteria, names[i][1]));
        if (!is_given(patch, names[i][1]) &&
            (dropped || changed(before, criteria, names[i][0])))
            json_object_set_new(criteria, names[i][1],
                                usual_labels(i == 0, whole(criteria, names[i][0])));
    }
}

static void renew_bands(json_t *criteria, const json_t *before, const json_t *patch)
{
    static const char *const causes[] = {"method", "impact_max", "likelihood_max",
                                         "threshold", "matrix"};
    bool renew = json_is_null(json_object_get(criteria, "bands"));
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        renew = renew || changed(before, criteria, causes[i]);
    if (renew && !is_given(patch, "bands"))
        json_object_set_new(criteria, "bands", usual_bands(criteria));
}

json_t *criteria_merge(const json_t *criteria, const json_t *patch,
                       struct criteria_errors *ret_errors)
{
    json_t *merged = json_deep_copy(criteria), *given = json_deep_copy(patch);
    *ret_errors = (struct criteria_errors){0};
    json_object_update(merged, given);
    json_decref(given);
    json_object_del(merged, "rescale");
    renew_labels(merged, criteria, patch);
    check_labels(merged, "impact_labels", whole(merged, "impact_max"), ret_errors);
    check_labels(merged, "likelihood_labels", whole(merged, "likelihood_max"),
                 ret_errors);
    if (!is_method(merged, "matrix") && is_given(patch, "matrix"))
        wrong(ret_errors, "/matrix", "not_allowed_here", 0);
    if (!is_method(merged, "matrix"))
        json_object_set_new(merged, "matrix", json_null());
    else if (!matrix_fits(merged, ret_errors))
        return merged;
    check_threshold(merged, ret_errors);
    if (ret_errors->count == 0)
        renew_bands(merged, criteria, patch);
    check_bands(merged, ret_errors);
    return merged;
}
