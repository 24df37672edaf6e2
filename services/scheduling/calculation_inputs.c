/* Facts written back as the inputs and the policy that were used. */
#include "services/scheduling/calculation_fields.h"

#include <string.h>

#include "api/civil.h"

#define PERCENT_SCALE 1000

const char *field_split_pointer(const char *pointer, char ret_object[FIELD_NAME_SIZE])
{
    const char *slash = strchr(pointer + 1, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - pointer - 1);

    if (length >= FIELD_NAME_SIZE)
        length = 0;
    memcpy(ret_object, pointer + 1, length);
    ret_object[length] = '\0';
    return slash == NULL ? pointer + 1 : slash + 1;
}

static json_t *date_json(struct civil date, bool month)
{
    char text[CIVIL_TEXT_SIZE];

    if (civil_is_none(date))
        return json_null();
    civil_format(date, text);
    return json_stringn(text, month ? CIVIL_TEXT_SIZE - 4 : CIVIL_TEXT_SIZE - 1);
}

static json_t *percent_json(int64_t thousandths)
{
    if (thousandths % PERCENT_SCALE == 0)
        return json_integer(thousandths / PERCENT_SCALE);
    return json_real((double)thousandths / PERCENT_SCALE);
}

static json_t *list_json(const struct field *field, const unsigned char *facts)
{
    const void *start = facts + field->offset;
    const struct civil *dates = start;
    const int64_t *counts = start;
    size_t size = *(const size_t *)(const void *)(facts + field->count_offset);
    json_t *list = json_array();

    for (size_t i = 0; i < size; i++)
        json_array_append_new(list, field->kind == FIELD_DATES
                                        ? date_json(dates[i], false)
                                        : json_integer(counts[i]));
    return list;
}

static json_t *month_set_json(unsigned months)
{
    json_t *list = json_array();

    for (int month = 1; month <= 12; month++) {
        if (months & (1u << (month - 1)))
            json_array_append_new(list, json_integer(month));
    }
    return list;
}

/* A choice that was not made (negative) is null. */
static json_t *choice_json(const struct field *field, int choice)
{
    return choice < 0 ? json_null() : json_string(field->choices[choice]);
}

/* A number below its own bounds is a default that says "not set". */
static json_t *int_json(const struct field *field, int number)
{
    return number < field->least ? json_null() : json_integer(number);
}

static json_t *field_json(const struct field *field, const unsigned char *facts)
{
    const void *value = facts + field->offset;

    switch (field->kind) {
    case FIELD_DATE:
    case FIELD_MONTH:
        return date_json(*(const struct civil *)value, field->kind == FIELD_MONTH);
    case FIELD_INT:
        return int_json(field, *(const int *)value);
    case FIELD_COUNT:
        return json_integer(*(const int64_t *)value);
    case FIELD_PERCENT:
        return percent_json(*(const int64_t *)value);
    case FIELD_BOOL:
        return json_boolean(*(const bool *)value);
    case FIELD_CHOICE:
        return choice_json(field, *(const int *)value);
    case FIELD_TEXT:
        return *(const char *const *)value == NULL
                   ? json_null()
                   : json_string(*(const char *const *)value);
    case FIELD_DATES:
    case FIELD_COUNTS:
        return list_json(field, facts);
    case FIELD_MONTH_SET:
        return month_set_json(*(const unsigned *)value);
    }
    return json_null();
}

/* The object to write into, made when it is not there yet. */
static json_t *target_object(json_t *root, const char *object)
{
    json_t *target = object[0] == '\0' ? root : json_object_get(root, object);

    if (target == NULL && json_object_set_new(root, object, json_object()) == 0)
        target = json_object_get(root, object);
    return target;
}

json_t *fields_write(const struct field *fields, size_t count, const void *facts,
                     bool policy)
{
    json_t *root = json_object();

    for (size_t i = 0; i < count; i++) {
        char object[FIELD_NAME_SIZE];
        const char *name = field_split_pointer(fields[i].pointer, object);
        bool is_policy = strcmp(object, "policy") == 0;
        if (is_policy != policy)
            continue;
        json_object_set_new(is_policy ? root : target_object(root, object), name,
                            field_json(&fields[i], facts));
    }
    return root;
}
