/* Values compared as JSON Schema compares them: by meaning, 1 and 1.0 are the same number. */
#include "schema_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_whole(double number)
{
    return number >= -0x1p63 && number < 0x1p63 && floor(number) == number;
}

unsigned schema_types_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_NULL:
        return TYPE_NULL;
    case JSON_TRUE:
    case JSON_FALSE:
        return TYPE_BOOLEAN;
    case JSON_INTEGER:
        return TYPE_INTEGER | TYPE_NUMBER;
    case JSON_REAL:
        return is_whole(json_real_value(value)) ? TYPE_INTEGER | TYPE_NUMBER
                                                : TYPE_NUMBER;
    case JSON_STRING:
        return TYPE_STRING;
    case JSON_ARRAY:
        return TYPE_ARRAY;
    case JSON_OBJECT:
        return TYPE_OBJECT;
    }
    return 0;
}

static int kind_of(const json_t *value)
{
    return json_is_real(value) ? (int)JSON_INTEGER : (int)json_typeof(value);
}

static int compare_numbers(const json_t *a, const json_t *b)
{
    long double x = json_is_integer(a) ? (long double)json_integer_value(a)
                                       : (long double)json_real_value(a);
    long double y = json_is_integer(b) ? (long double)json_integer_value(b)
                                       : (long double)json_real_value(b);
    return (x > y) - (x < y);
}

static int compare_strings(const json_t *a, const json_t *b)
{
    size_t x = json_string_length(a), y = json_string_length(b);
    if (x != y)
        return x < y ? -1 : 1;
    return memcmp(json_string_value(a), json_string_value(b), x);
}

static int compare_arrays(const json_t *a, const json_t *b)
{
    size_t x = json_array_size(a), y = json_array_size(b);
    if (x != y)
        return x < y ? -1 : 1;
    for (size_t i = 0; i < x; i++) {
        int order = schema_compare(json_array_get(a, i), json_array_get(b, i));
        if (order)
            return order;
    }
    return 0;
}

/* The first name, in the order of names, whose values differ decides; an absent member is less than any value. Looks at
 * the members of a only, so it is called both ways. */
static int first_difference(const json_t *a, const json_t *b, const char **name)
{
    const char *key;
    const json_t *value;
    void *at = json_object_iter((json_t *)(uintptr_t)a);
    int result = 0;
    for (; at; at = json_object_iter_next((json_t *)(uintptr_t)a, at)) {
        key = json_object_iter_key(at);
        if (*name && strcmp(key, *name) >= 0)
            continue;
        value = json_object_get(b, key);
        int order = value ? schema_compare(json_object_iter_value(at), value) : 1;
        if (order) {
            *name = key;
            result = order;
        }
    }
    return result;
}

static int compare_objects(const json_t *a, const json_t *b)
{
    size_t x = json_object_size(a), y = json_object_size(b);
    if (x != y)
        return x < y ? -1 : 1;
    const char *name = NULL;
    int order = first_difference(a, b, &name);
    int other = first_difference(b, a, &name);
    return other ? -other : order;
}

/* Recursion: the depth of JSON is limited where it is parsed */
int schema_compare(const json_t *a, const json_t *b)
{
    int x = kind_of(a), y = kind_of(b);
    if (x != y)
        return x < y ? -1 : 1;
    switch (json_typeof(a)) {
    case JSON_INTEGER:
    case JSON_REAL:
        return compare_numbers(a, b);
    case JSON_STRING:
        return compare_strings(a, b);
    case JSON_ARRAY:
        return compare_arrays(a, b);
    case JSON_OBJECT:
        return compare_objects(a, b);
    default:
        return 0;
    }
}

bool schema_same(const json_t *a, const json_t *b)
{
    return schema_compare(a, b) == 0;
}

static int compare_items(const void *a, const void *b)
{
    return schema_compare(*(const json_t *const *)a, *(const json_t *const *)b);
}

bool schema_has_duplicates(const json_t *array, struct arena *arena)
{
    size_t count = json_array_size(array);
    if (count < 2)
        return false;
    const json_t **items = arena_alloc(arena, count * sizeof(const json_t *));
    for (size_t i = 0; i < count; i++)
        items[i] = json_array_get(array, i);
    qsort(items, count, sizeof(const json_t *), compare_items);
    for (size_t i = 1; i < count; i++) {
        if (schema_same(items[i - 1], items[i]))
            return true;
    }
    return false;
}
