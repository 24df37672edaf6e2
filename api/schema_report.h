/* Where a value stands and what was wrong with it; collected out of order, handed over in the order of the value. */
#ifndef MEGURI_SCHEMA_REPORT_H
#define MEGURI_SCHEMA_REPORT_H

#include "schema.h"

/* One step of the path, on the stack of the check. The root has no up. */
struct place {
    const struct place *up;
    const char *name; /* NULL = item number ordinal - 1 */
    size_t ordinal;   /* from 1 in the order of the value; 0 = a member that is missing */
    int depth;
};

struct found_error {
    const char *pointer;
    const char *code;
    const char *limit;
    const size_t *key; /* ordinals from the root */
    int key_length;
};

struct found_errors {
    int count;
    struct found_error *list[PROBLEM_MAX_ERRORS];
};

/* errors NULL = a probe, which only wants to know whether the value fits. */
struct report {
    struct arena *arena;
    struct found_errors *errors;
    const char *in;
    const char *prefix;
};

/* Always false. The same error of the same place counts once. */
bool report_error(const struct report *report, const struct place *at, const char *code,
                  const char *limit);
void report_hand_over(const struct report *report, struct problem *problem);

#endif
