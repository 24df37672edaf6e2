/* Dates for tests: a literal date, and a walk over every day of some years. */
#ifndef MEGURI_TEST_DATES_H
#define MEGURI_TEST_DATES_H

#include <check.h>

#include "api/civil.h"

static inline struct civil date_of(int year, int month, int day)
{
    struct civil date = CIVIL_NONE;

    ck_assert(civil_from_parts(year, month, day, &date));
    return date;
}

/* NOLINTBEGIN(bugprone-macro-parentheses): `day` is declared here */
#define EACH_DAY(day, from, to)                                                          \
    for (struct civil day = date_of((from), 1, 1); civil_year(day) <= (to);              \
         day = civil_add_days(day, 1))
/* NOLINTEND(bugprone-macro-parentheses) */

#endif
