/* Tables that read a JSON object into a struct of facts and write it back as the inputs
 * that were used. One row is one member; the bounds stand in the row. */
#ifndef MEGURI_SCHEDULING_CALCULATION_FIELDS_H
#define MEGURI_SCHEDULING_CALCULATION_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "services/scheduling/calculations.h"

enum field_kind {
    FIELD_DATE,     /* struct civil; absent or null: CIVIL_NONE */
    FIELD_MONTH,    /* struct civil, its first day */
    FIELD_INT,      /* int; a default below `least` means "not set" and reads as null */
    FIELD_COUNT,    /* int64_t */
    FIELD_PERCENT,  /* int64_t thousandths of a percent, from any number */
    FIELD_BOOL,     /* bool */
    FIELD_CHOICE,   /* an enum that counts from 0, by its name in `choices` */
    FIELD_TEXT,     /* const char *, borrowed from the given object; absent: NULL */
    FIELD_DATES,    /* struct civil [most], counted in a size_t at count_offset */
    FIELD_COUNTS,   /* int64_t [most], counted likewise; items are 0..item_most */
    FIELD_MONTH_SET /* unsigned, bit 0 January, from a list of 1..12 */
};

struct field {
    const char *pointer; /* "/name" or "/object/name" */
    enum field_kind kind;
    size_t offset;
    /* The member must be there; inside an object, when that object is there. */
    bool required;
    int64_t least; /* numbers: bounds, both inclusive (percent: in percent) */
    int64_t most;  /* text: longest; lists: most items */
    int64_t item_most;
    const char *const *choices; /* ended by NULL, index is the enum's value */
    size_t count_offset;
};

#define FIELD_NAME_SIZE 48

/* The name behind the last slash of "/name" or "/object/name"; the object's name, empty
 * for "/name", goes to ret_object. */
const char *field_split_pointer(const char *pointer, char ret_object[FIELD_NAME_SIZE]);

/* Fills `facts`, which holds the defaults, from the given object; members that are absent
 * or null keep their default. Reports every wrong member; true when there is none. */
bool fields_read(const struct field *fields, size_t count, const json_t *given,
                 void *facts, struct calculation_errors *errors);

/* The facts as JSON: only members of /policy (policy true, without that prefix) or only
 * the others. New reference; NULL when memory is short. */
json_t *fields_write(const struct field *fields, size_t count, const void *facts,
                     bool policy);

#endif
