/* Errors of a schema check: pointers, order, repetition. */
#include "schema_report.h"

#include <string.h>

/* Recursion: as deep as the places */
static void write_pointer(struct text *out, const struct place *at)
{
    if (!at->up)
        return;
    write_pointer(out, at->up);
    text_addc(out, '/');
    if (!at->name)
        text_addi(out, (int64_t)at->ordinal - 1);
    for (const char *p = at->name; p && *p; p++) {
        if (*p == '~' || *p == '/')
            text_adds(out, *p == '~' ? "~0" : "~1");
        else
            text_addc(out, *p);
    }
}

static const char *pointer_of(const struct report *report, const struct place *at)
{
    struct text text _text_auto_ = {0};
    text_adds(&text, report->prefix);
    write_pointer(&text, at);
    return arena_strndup(report->arena, text.data ? text.data : "", text.len);
}

static const size_t *key_of(const struct report *report, const struct place *at)
{
    size_t *key = arena_alloc(report->arena, ((size_t)at->depth + 1) * sizeof *key);
    for (; at->up; at = at->up)
        key[at->depth - 1] = at->ordinal;
    return key;
}

static bool same_limit(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool already_found(const struct found_errors *errors, const char *pointer,
                          const char *code, const char *limit)
{
    for (int i = 0; i < errors->count; i++) {
        const struct found_error *error = errors->list[i];
        if (strcmp(error->pointer, pointer) == 0 && strcmp(error->code, code) == 0 &&
            same_limit(error->limit, limit))
            return true;
    }
    return false;
}

/* -1, 0 or 1; an error of a value comes before those inside it. */
static int compare_keys(const struct found_error *a, const struct found_error *b)
{
    for (int i = 0; i < a->key_length && i < b->key_length; i++) {
        if (a->key[i] != b->key[i])
            return a->key[i] < b->key[i] ? -1 : 1;
    }
    return (a->key_length > b->key_length) - (a->key_length < b->key_length);
}

static void insert(struct found_errors *errors, struct found_error *error)
{
    int i = errors->count++;
    for (; i > 0 && compare_keys(errors->list[i - 1], error) > 0; i--)
        errors->list[i] = errors->list[i - 1];
    errors->list[i] = error;
}

bool report_error(const struct report *report, const struct place *at, const char *code,
                  const char *limit)
{
    if (!report->errors || report->errors->count >= PROBLEM_MAX_ERRORS)
        return false;
    const char *pointer = pointer_of(report, at);
    if (already_found(report->errors, pointer, code, limit))
        return false;
    struct found_error *error = arena_alloc(report->arena, sizeof *error);
    *error = (struct found_error){.pointer = pointer,
                                  .code = code,
                                  .limit = limit,
                                  .key = key_of(report, at),
                                  .key_length = at->depth};
    insert(report->errors, error);
    return false;
}

void report_hand_over(const struct report *report, struct problem *problem)
{
    for (int i = 0; i < report->errors->count; i++) {
        const struct found_error *error = report->errors->list[i];
        problem_add(report->arena, problem, report->in, error->pointer, error->code,
                    error->limit);
    }
}
