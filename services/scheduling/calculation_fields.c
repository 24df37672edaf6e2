/* The table-driven reader of facts. */
#include "services/scheduling/calculation_fields.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "api/civil.h"

#define PERCENT_SCALE 1000

struct place {
    const struct field *field;
    unsigned char *facts;
    struct calculation_errors *errors;
};

static bool refuse(const struct place *place, const char *code)
{
    calculation_refuse(place->errors, place->field->pointer, code);
    return false;
}

static bool refuse_item(const struct place *place, size_t index, const char *code)
{
    char pointer[CALCULATION_POINTER_SIZE];

    (void)snprintf(pointer, sizeof pointer, "%s/%zu", place->field->pointer, index);
    calculation_refuse(place->errors, pointer, code);
    return false;
}

static void *slot(const struct place *place)
{
    return place->facts + place->field->offset;
}

/* NULL unless the value is a string without a NUL inside. */
static const char *plain_text(const json_t *value)
{
    const char *text = json_string_value(value);

    return text != NULL && strlen(text) == json_string_length(value) ? text : NULL;
}

static bool names_foreign_year(const char *text)
{
    int year = 0;

    for (int i = 0; i < 4; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        year = year * 10 + (text[i] - '0');
    }
    return text[4] == '-' && (year < CIVIL_FIRST_YEAR || year > CIVIL_LAST_YEAR);
}

/* NULL when the value is a date (month when `month`), else the code of what is wrong. */
static const char *date_problem(const json_t *value, bool month, struct civil *ret_date)
{
    const char *text = plain_text(value);

    if (!json_is_string(value))
        return "wrong_type";
    if (text == NULL)
        return "bad_format";
    if (month ? civil_parse_month(text, ret_date) : civil_parse(text, ret_date))
        return NULL;
    return names_foreign_year(text) ? "out_of_range" : "bad_format";
}

static bool read_date(const struct place *place, const json_t *value)
{
    struct civil date;
    const char *problem = date_problem(value, place->field->kind == FIELD_MONTH, &date);

    if (problem != NULL)
        return refuse(place, problem);
    *(struct civil *)slot(place) = date;
    return true;
}

static const char *integer_problem(const json_t *value, int64_t least, int64_t most)
{
    if (!json_is_integer(value))
        return "wrong_type";
    if (json_integer_value(value) < least)
        return "too_small";
    return json_integer_value(value) > most ? "too_large" : NULL;
}

static bool read_integer(const struct place *place, const json_t *value)
{
    const struct field *field = place->field;
    const char *problem = integer_problem(value, field->least, field->most);

    if (problem != NULL)
        return refuse(place, problem);
    if (field->kind == FIELD_INT)
        *(int *)slot(place) = (int)json_integer_value(value);
    else
        *(int64_t *)slot(place) = json_integer_value(value);
    return true;
}

static bool read_percent(const struct place *place, const json_t *value)
{
    double percent = json_number_value(value);

    if (!json_is_number(value))
        return refuse(place, "wrong_type");
    if (!(percent >= (double)place->field->least))
        return refuse(place, "too_small");
    if (percent > (double)place->field->most)
        return refuse(place, "too_large");
    *(int64_t *)slot(place) =
        (int64_t)(percent * PERCENT_SCALE + (percent < 0 ? -0.5 : 0.5));
    return true;
}

static bool read_bool(const struct place *place, const json_t *value)
{
    if (!json_is_boolean(value))
        return refuse(place, "wrong_type");
    *(bool *)slot(place) = json_is_true(value);
    return true;
}

static bool read_choice(const struct place *place, const json_t *value)
{
    const char *text = plain_text(value);

    if (!json_is_string(value))
        return refuse(place, "wrong_type");
    for (int i = 0; text != NULL && place->field->choices[i] != NULL; i++) {
        if (strcmp(text, place->field->choices[i]) == 0) {
            *(int *)slot(place) = i;
            return true;
        }
    }
    return refuse(place, "not_in_list");
}

static bool read_text(const struct place *place, const json_t *value)
{
    const char *text = plain_text(value);

    if (!json_is_string(value))
        return refuse(place, "wrong_type");
    if (text == NULL)
        return refuse(place, "bad_format");
    if (strlen(text) > (size_t)place->field->most)
        return refuse(place, "too_long");
    *(const char **)slot(place) = text;
    return true;
}

static bool read_item(const struct place *place, size_t index, const json_t *item)
{
    struct civil *dates = slot(place);
    int64_t *counts = slot(place);
    const char *problem;

    if (place->field->kind == FIELD_DATES) {
        problem = date_problem(item, false, &dates[index]);
    } else {
        problem = integer_problem(item, 0, place->field->item_most);
        if (problem == NULL)
            counts[index] = json_integer_value(item);
    }
    return problem == NULL || refuse_item(place, index, problem);
}

static bool read_list(const struct place *place, const json_t *value)
{
    size_t size = json_array_size(value);
    bool good = true;

    if (!json_is_array(value))
        return refuse(place, "wrong_type");
    if (size > (size_t)place->field->most)
        return refuse(place, "too_many_items");
    for (size_t i = 0; i < size; i++)
        good = read_item(place, i, json_array_get(value, i)) && good;
    *(size_t *)(void *)(place->facts + place->field->count_offset) = good ? size : 0;
    return good;
}

static bool read_month_set(const struct place *place, const json_t *value)
{
    unsigned months = 0;
    bool good = true;

    if (!json_is_array(value))
        return refuse(place, "wrong_type");
    if (json_array_size(value) > 12)
        return refuse(place, "too_many_items");
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        const char *problem = integer_problem(item, 1, 12);
        if (problem == NULL)
            months |= 1u << (json_integer_value(item) - 1);
        else
            good = refuse_item(place, i, problem);
    }
    *(unsigned *)slot(place) = months;
    return good;
}

static bool read_value(const struct place *place, const json_t *value)
{
    switch (place->field->kind) {
    case FIELD_DATE:
    case FIELD_MONTH:
        return read_date(place, value);
    case FIELD_INT:
    case FIELD_COUNT:
        return read_integer(place, value);
    case FIELD_PERCENT:
        return read_percent(place, value);
    case FIELD_BOOL:
        return read_bool(place, value);
    case FIELD_CHOICE:
        return read_choice(place, value);
    case FIELD_TEXT:
        return read_text(place, value);
    case FIELD_DATES:
    case FIELD_COUNTS:
        return read_list(place, value);
    case FIELD_MONTH_SET:
        return read_month_set(place, value);
    }
    return false;
}

static bool already_refused(const struct calculation_errors *errors, const char *pointer)
{
    for (size_t i = 0; i < errors->count; i++) {
        if (strcmp(errors->items[i].pointer, pointer) == 0)
            return true;
    }
    return false;
}

/* The object that holds the member: the given one or one inside it; NULL when that is
 * absent or null. Another type is refused once. */
static const json_t *holder_of(const json_t *given, const char *object,
                               struct calculation_errors *errors)
{
    char pointer[CALCULATION_POINTER_SIZE];
    const json_t *holder = object[0] == '\0' ? given : json_object_get(given, object);

    if (holder == NULL || json_is_null(holder) || json_is_object(holder))
        return json_is_object(holder) ? holder : NULL;
    (void)snprintf(pointer, sizeof pointer, "/%s", object);
    if (!already_refused(errors, pointer))
        calculation_refuse(errors, pointer, "wrong_type");
    return NULL;
}

static bool read_field(const struct place *place, const json_t *given)
{
    char object[FIELD_NAME_SIZE];
    const struct field *field = place->field;
    const char *name = field_split_pointer(field->pointer, object);
    const json_t *holder = holder_of(given, object, place->errors);
    const json_t *value = json_object_get(holder, name);

    if (field->kind == FIELD_DATE || field->kind == FIELD_MONTH)
        *(struct civil *)slot(place) = CIVIL_NONE;
    if (value != NULL && !json_is_null(value))
        return read_value(place, value);
    if (field->required && holder != NULL)
        return refuse(place, "required");
    return true;
}

bool fields_read(const struct field *fields, size_t count, const json_t *given,
                 void *facts, struct calculation_errors *errors)
{
    if (!json_is_object(given)) {
        calculation_refuse(errors, "", "wrong_type");
        return false;
    }
    for (size_t i = 0; i < count; i++)
        read_field(&(struct place){&fields[i], facts, errors}, given);
    return errors->count == 0;
}
