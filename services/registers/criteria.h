/* Criteria by which risks are scored (ISO/IEC 27001 6.1.2 a), as a JSON object:
 *
 *     method             additive (impact + likelihood), multiplicative (impact x likelihood) or matrix
 *     impact_basis       direct: as assessed; cia: the highest value of the asset that the risk affects
 *     impact_max, likelihood_max   2..5, the scales begin at 1
 *     threshold          the score from which a risk must be treated
 *     matrix             [impact - 1][likelihood - 1] -> score, with method matrix only
 *     impact_labels, likelihood_labels   {value, ja, en} for each step of the scale
 *     bands              {from, ja, en, colour}, ascending; the first covers the lowest score */
#ifndef MEGURI_REGISTERS_CRITERIA_H
#define MEGURI_REGISTERS_CRITERIA_H

#include <jansson.h>

#define CRITERIA_MOST_ERRORS 64

struct criteria_error {
    char pointer[40];
    const char *code;
    json_int_t limit; /* meant with too_small, too_large and inconsistent */
};

struct criteria_errors {
    struct criteria_error list[CRITERIA_MOST_ERRORS];
    int count;
};

/* The criteria after a merge patch: labels and bands that do not fit a new scale or method any more and are not given are those of the
 * product. All that is wrong is named. Returns a new object. */
json_t *criteria_merge(const json_t *criteria, const json_t *patch,
                       struct criteria_errors *ret_errors);

/* What the method makes of a pair inside the scales. */
int criteria_score(const json_t *criteria, int impact, int likelihood);

#endif
