/* Checks a value. The path to the value is a chain of places on the stack; pointers are written only for errors. */
#include "schema_internal.h"
#include "schema_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 64 };

static const struct schema anything = {.types = TYPE_ANY};

static bool check_value(const struct report *report, const struct schema *schema,
                        const json_t *value, const struct place *at);

/* What a failed part means for the rest: a probe stops, a report goes on. */
static bool stops(const struct report *report, bool good)
{
    return !good && !report->errors;
}

static const struct schema *beyond_refs(const struct schema *schema)
{
    while (schema->only_ref)
        schema = schema->ref;
    return schema;
}

/* ---- strings ---- */

static size_t count_characters(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

static bool check_length(const struct report *report, const struct schema *s,
                         const char *text, size_t len, const struct place *at)
{
    bool may_be_short = s->min_length.text && len / 4 < s->min_length.value;
    bool may_be_long = s->max_length.text && len > s->max_length.value;
    if (!may_be_short && !may_be_long)
        return true;
    size_t count = count_characters(text, len);
    if (s->min_length.text && count < s->min_length.value)
        return report_error(report, at, "too_short", s->min_length.text);
    if (s->max_length.text && count > s->max_length.value)
        return report_error(report, at, "too_long", s->max_length.text);
    return true;
}

/* A text of wrong length is not looked at any closer: the matcher's time grows with it. */
static bool check_string(const struct report *report, const struct schema *s,
                         const char *text, size_t len, const struct place *at)
{
    if (memchr(text, '\0', len))
        return report_error(report, at, "bad_format", NULL);
    if (!check_length(report, s, text, len, at))
        return false;
    bool good = true;
    if (s->pattern && regexec(s->pattern, text, 0, NULL, 0) != 0)
        good = report_error(report, at, "pattern_mismatch", s->pattern_text);
    if (s->format && !s->format->fits(text, len))
        good = report_error(report, at, s->format->code,
                            strcmp(s->format->code, "bad_format") == 0 ? s->format->name
                                                                       : NULL);
    return good;
}

/* ---- numbers ---- */

static bool is_multiple(long double number, long double step)
{
    if (fmodl(number, step) == 0)
        return true;
    long double quotient = number / step;
    return step != floorl(step) && fabsl(quotient - roundl(quotient)) < 1e-9L;
}

static bool check_number(const struct report *report, const struct schema *s,
                         const json_t *value, const struct place *at)
{
    long double number = json_is_integer(value) ? (long double)json_integer_value(value)
                                                : (long double)json_real_value(value);
    bool good = true;
    if (s->minimum.text && number < s->minimum.value)
        good = report_error(report, at, "too_small", s->minimum.text);
    if (s->maximum.text && number > s->maximum.value)
        good = report_error(report, at, "too_large", s->maximum.text);
    if (s->above.text && number <= s->above.value)
        good = report_error(report, at, "not_above", s->above.text);
    if (s->below.text && number >= s->below.value)
        good = report_error(report, at, "not_below", s->below.text);
    if (s->multiple.text && !is_multiple(number, s->multiple.value))
        good = report_error(report, at, "not_a_multiple", s->multiple.text);
    return good;
}

/* ---- arrays and objects ---- */

static bool check_items(const struct report *report, const struct schema *s,
                        const json_t *value, const struct place *at)
{
    const struct schema *items = s->items ? s->items : &anything;
    bool good = true;
    for (size_t i = 0; i < json_array_size(value) && (s->items || !s->composed); i++) {
        struct place place = {.up = at, .depth = at->depth + 1, .ordinal = i + 1};
        good = check_value(report, items, json_array_get(value, i), &place) && good;
        if (stops(report, good))
            return false;
    }
    return good;
}

static bool check_array(const struct report *report, const struct schema *s,
                        const json_t *value, const struct place *at)
{
    size_t count = json_array_size(value);
    bool good = true;
    if (s->min_items.text && count < s->min_items.value)
        good = report_error(report, at, "too_few_items", s->min_items.text);
    if (s->max_items.text && count > s->max_items.value)
        good = report_error(report, at, "too_many_items", s->max_items.text);
    if (good && s->unique && schema_has_duplicates(value, report->arena))
        good = report_error(report, at, "not_unique", NULL);
    if (stops(report, good))
        return false;
    return check_items(report, s, value, at) && good;
}

static int compare_name(const void *name, const void *property)
{
    return strcmp(name, ((const struct property *)property)->name);
}

/* The schema of a member; NULL = the member is refused. */
static const struct schema *member_schema(const struct schema *s, const char *name)
{
    const struct property *property =
        s->property_count ? bsearch(name, s->properties, s->property_count,
                                    sizeof *s->properties, compare_name)
                          : NULL;
    if (property)
        return property->schema;
    if (s->additional == ADDITIONAL_SCHEMA)
        return s->additional_schema;
    return s->additional == ADDITIONAL_FORBIDDEN ? NULL : &anything;
}

static bool check_needed(const struct report *report, const json_t *names,
                         const json_t *value, const char *because, const struct place *at)
{
    bool good = true;
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (json_object_get(value, name))
            continue;
        struct place place = {.up = at, .name = name, .depth = at->depth + 1};
        good =
            report_error(report, &place, because ? "required_with" : "required", because);
    }
    return good;
}

static bool check_presence(const struct report *report, const struct schema *s,
                           const json_t *value, const struct place *at)
{
    bool good = check_needed(report, s->required, value, NULL, at);
    for (size_t i = 0; i < s->dependency_count; i++) {
        const struct dependency *dependency = &s->dependencies[i];
        if (json_object_get(value, dependency->name))
            good = check_needed(report, dependency->needs, value, dependency->name, at) &&
                   good;
    }
    return good;
}

static bool check_object(const struct report *report, const struct schema *s,
                         const json_t *value, const struct place *at)
{
    const char *name;
    json_t *member;
    size_t ordinal = 0;
    bool good = check_presence(report, s, value, at);
    json_object_foreach((json_t *)(uintptr_t)value, name, member)
    {
        if (stops(report, good))
            return false;
        struct place place = {
            .up = at, .name = name, .depth = at->depth + 1, .ordinal = ++ordinal};
        const struct schema *schema = member_schema(s, name);
        if (!schema)
            good = report_error(report, &place, "unknown_member", NULL);
        else if (schema != &anything || !s->composed)
            good = check_value(report, schema, member, &place) && good;
    }
    return good;
}

/* ---- branches ---- */

static bool probe(const struct report *report, const struct schema *schema,
                  const json_t *value, const struct place *at)
{
    struct report silent = {.arena = report->arena};
    return check_value(&silent, schema, value, at);
}

/* Does the branch speak of this kind of value: its type, and the constant members that tell variants apart? */
static bool is_meant(const struct schema *branch, const json_t *value)
{
    const struct schema *s = beyond_refs(branch);
    if (!(s->types & schema_types_of(value)) ||
        (s->constant && !schema_same(s->constant, value)))
        return false;
    for (size_t i = 0; i < s->property_count && json_is_object(value); i++) {
        const struct schema *property = beyond_refs(s->properties[i].schema);
        const json_t *member = json_object_get(value, s->properties[i].name);
        if (member && property->constant && !schema_same(property->constant, member))
            return false;
    }
    return true;
}

/* No branch fits: the errors of the one that is meant, when there is just one. */
static bool report_branch(const struct report *report, const struct branches *branches,
                          const json_t *value, const struct place *at)
{
    const struct schema *meant = NULL;
    size_t count = 0;
    for (size_t i = 0; i < branches->count && report->errors; i++) {
        if (is_meant(branches->schemas[i], value)) {
            meant = branches->schemas[i];
            count++;
        }
    }
    if (count == 1)
        return check_value(report, meant, value, at);
    return report_error(report, at, "no_variant_matches", NULL);
}

static bool check_one_of(const struct report *report, const struct branches *branches,
                         const json_t *value, const struct place *at)
{
    size_t fitting = 0;
    for (size_t i = 0; i < branches->count && fitting < 2; i++)
        fitting += probe(report, branches->schemas[i], value, at);
    if (fitting == 0)
        return report_branch(report, branches, value, at);
    return fitting == 1 || report_error(report, at, "several_variants_match", NULL);
}

static bool check_any_of(const struct report *report, const struct branches *branches,
                         const json_t *value, const struct place *at)
{
    for (size_t i = 0; i < branches->count; i++) {
        if (probe(report, branches->schemas[i], value, at))
            return true;
    }
    return report_branch(report, branches, value, at);
}

static bool check_composed(const struct report *report, const struct schema *s,
                           const json_t *value, const struct place *at)
{
    bool good = !s->ref || check_value(report, s->ref, value, at);
    for (size_t i = 0; i < s->all_of.count && !stops(report, good); i++)
        good = check_value(report, s->all_of.schemas[i], value, at) && good;
    if (s->one_of.count && !stops(report, good))
        good = check_one_of(report, &s->one_of, value, at) && good;
    if (s->any_of.count && !stops(report, good))
        good = check_any_of(report, &s->any_of, value, at) && good;
    return good;
}

/* ---- any value ---- */

static bool check_listed(const struct report *report, const struct schema *s,
                         const json_t *value, const struct place *at)
{
    if (s->constant && !schema_same(s->constant, value))
        return report_error(report, at, "not_in_list", s->constant_text);
    for (size_t i = 0; i < json_array_size(s->enumeration); i++) {
        if (schema_same(json_array_get(s->enumeration, i), value))
            return true;
    }
    return !s->enumeration ||
           report_error(report, at, "not_in_list", s->enumeration_text);
}

static bool check_own(const struct report *report, const struct schema *s,
                      const json_t *value, const struct place *at)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return check_string(report, s, json_string_value(value),
                            json_string_length(value), at);
    case JSON_INTEGER:
    case JSON_REAL:
        return check_number(report, s, value, at);
    case JSON_ARRAY:
        return check_array(report, s, value, at);
    case JSON_OBJECT:
        return check_object(report, s, value, at);
    default:
        return true;
    }
}

/* Recursion: DEPTH_MAX places, and references that end */
static bool check_value(const struct report *report, const struct schema *schema,
                        const json_t *value, const struct place *at)
{
    const struct schema *s = beyond_refs(schema);
    if (at->depth > DEPTH_MAX)
        return report_error(report, at, "too_deep", NULL);
    if (!(s->types & schema_types_of(value)))
        return report_error(report, at, "wrong_type", s->types_text);
    bool good = check_listed(report, s, value, at);
    if (stops(report, good))
        return false;
    good = check_own(report, s, value, at) && good;
    if (s->composed && !stops(report, good))
        good = check_composed(report, s, value, at) && good;
    return good;
}

bool schema_check(const struct schema *schema, const json_t *value, const char *in,
                  const char *prefix, struct arena *arena, struct problem *problem)
{
    struct found_errors found = {.count = 0};
    struct report report = {.arena = arena, .errors = &found, .in = in, .prefix = prefix};
    struct place root = {.up = NULL};
    bool good = check_value(&report, schema, value, &root);
    report_hand_over(&report, problem);
    return good;
}

/* ---- parameters ---- */

static bool lists_text(const json_t *enumeration, const char *text)
{
    for (size_t i = 0; i < json_array_size(enumeration); i++) {
        const char *each = json_string_value(json_array_get(enumeration, i));
        if (each && strcmp(each, text) == 0)
            return true;
    }
    return false;
}

static bool check_plain_text(const struct schema *s, const char *text, const char *in,
                             const char *name, struct arena *arena,
                             struct problem *problem)
{
    struct found_errors found = {.count = 0};
    struct report report = {.arena = arena, .errors = &found, .in = in, .prefix = name};
    struct place root = {.up = NULL};
    bool good = !s->enumeration || lists_text(s->enumeration, text) ||
                report_error(&report, &root, "not_in_list", s->enumeration_text);
    good = check_string(&report, s, text, strlen(text), &root) && good;
    report_hand_over(&report, problem);
    return good;
}

bool schema_check_text(const struct schema *schema, const char *text, const char *in,
                       const char *name, struct arena *arena, struct problem *problem)
{
    const struct schema *s = beyond_refs(schema);
    if (s->types == TYPE_STRING && !s->composed && !s->constant)
        return check_plain_text(s, text, in, name, arena, problem);
    json_auto_t *value = schema_parse_text(s, text);
    if (value)
        return schema_check(s, value, in, name, arena, problem);
    problem_add(arena, problem, in, name, "wrong_type", s->types_text);
    return false;
}
