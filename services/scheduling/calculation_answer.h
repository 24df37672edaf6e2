/* Writing an answer member by member. A date outside 1950-2199 is remembered, so that the
 * whole answer can be refused instead of saying something absurd. */
#ifndef MEGURI_SCHEDULING_CALCULATION_ANSWER_H
#define MEGURI_SCHEDULING_CALCULATION_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "api/civil.h"
#include "services/scheduling/calculation_fields.h"

struct answer {
    json_t *object;     /* the object written to */
    bool *out_of_range; /* shared by an answer and its items */
};

void answer_date(const struct answer *answer, const char *name, struct civil date);
void answer_month(const struct answer *answer, const char *name, struct civil month);
void answer_bool(const struct answer *answer, const char *name, bool value);
void answer_integer(const struct answer *answer, const char *name, int64_t value);
/* NULL is null. */
void answer_text(const struct answer *answer, const char *name, const char *text);
void answer_null(const struct answer *answer, const char *name);
/* Half days as days: 17 -> 8.5, 20 -> 10. */
void answer_half_days(const struct answer *answer, const char *name, int half_days);
/* Thousandths of a percent as percent. */
void answer_percent(const struct answer *answer, const char *name, int64_t thousandths);

/* An empty list under that name; borrowed from the answer. */
json_t *answer_list(const struct answer *answer, const char *name);
/* An empty object at the end of the list, or under that name. */
struct answer answer_item(const struct answer *answer, json_t *list);
struct answer answer_object(const struct answer *answer, const char *name);
void answer_list_date(const struct answer *answer, json_t *list, struct civil date);

/* One operation: the table of its facts, what a schema cannot check, and the rule. */
struct calculation {
    const char *op;
    const char *const *rules; /* ids it stands on, ended by NULL */
    const char *basis; /* pointer of the member blamed when a result is out of range */
    const struct field *fields;
    size_t field_count;
    const void *defaults; /* facts before reading */
    size_t facts_size;
    void (*check)(const void *facts, struct calculation_errors *errors); /* may be NULL */
    void (*answer)(const void *facts, const struct answer *answer);
};

#define CALCULATION_MOST_FACTS 4096

/* The tables of the topics, each ended by a row without op. */
extern const struct calculation calendar_calculations[];
extern const struct calculation cycle_calculations[];
extern const struct calculation initial_calculations[];
extern const struct calculation recert_calculations[];
extern const struct calculation body_calculations[];
extern const struct calculation change_calculations[];
extern const struct calculation plan_calculations[];

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
