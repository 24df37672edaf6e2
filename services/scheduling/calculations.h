/* Every rule as a stateless calculation: an object of facts in, an object of results out,
 * in the shape of tests/vectors/README.md. No clock, no database, no I/O.
 *
 * The contract checks types, formats and bounds before; calculate() checks them again
 * and, above that, what a schema cannot say (an end before its start, a result outside
 * 1950-2199). It is safe against any JSON value.
 */
#ifndef MEGURI_SCHEDULING_CALCULATIONS_H
#define MEGURI_SCHEDULING_CALCULATIONS_H

#include <stddef.h>

#include <jansson.h>

#define CALCULATION_MOST_ERRORS 32
#define CALCULATION_POINTER_SIZE 64

/* One wrong member. Codes: required, wrong_type, bad_format, too_small, too_large,
 * too_long, too_many_items, not_in_list (as the contract's own checks), and
 *   out_of_range     the date itself, or a result counted from it, is outside 1950-2199
 *   before_start     lies before the date that must come first
 *   inconsistent     contradicts another member of the policy */
struct calculation_error {
    char pointer[CALCULATION_POINTER_SIZE]; /* JSON pointer inside the given object */
    const char *code;                       /* static text */
};

struct calculation_errors {
    size_t count;
    struct calculation_error items[CALCULATION_MOST_ERRORS];
};

/* Adds one; what exceeds CALCULATION_MOST_ERRORS is dropped. */
void calculation_refuse(struct calculation_errors *errors, const char *pointer,
                        const char *code);

/* The answer, owned by the caller: the results and `why` (rules with their sources, the
 * inputs and the policy in effect, defaults filled in). NULL when the operation is not
 * known, when memory is short (both with ret_errors->count 0), or with every wrong member
 * in ret_errors. `op` is spelled with underscores or hyphens. */
json_t *calculate(const char *op, const json_t *given,
                  struct calculation_errors *ret_errors);

/* The i-th operation's name with underscores, NULL behind the last. */
const char *calculation_name(size_t index);

#endif
