/* Collects field errors and writes problem details (RFC 9457). */
#include "problem.h"

#include "problem_texts.h"

#include <assert.h>
#include <string.h>

int problem_status(enum problem_code code)
{
    assert(code < PROBLEM_CODES);
    return problem_texts[code].status;
}

const char *problem_name(enum problem_code code)
{
    assert(code < PROBLEM_CODES);
    return problem_texts[code].name;
}

bool problem_field_code_known(const char *code)
{
    return field_text_find(code) != NULL;
}

void problem_add(struct arena *arena, struct problem *problem, const char *in,
                 const char *pointer, const char *code, const char *limit)
{
    if (problem->error_count >= PROBLEM_MAX_ERRORS)
        return;
    if (!problem->errors_tail)
        problem->errors_tail = &problem->errors;
    struct field_error *error = arena_alloc(arena, sizeof *error);
    *error = (struct field_error){
        .in = arena_strdup(arena, in),
        .pointer = arena_strdup(arena, pointer),
        .code = arena_strdup(arena, code),
        .limit = arena_strdup(arena, limit),
    };
    *problem->errors_tail = error;
    problem->errors_tail = &error->next;
    problem->error_count++;
}

static void write_string(struct text *out, const char *s)
{
    text_add_json(out, s, strlen(s));
}

static void write_member(struct text *out, const char *name, const char *value)
{
    text_addf(out, ",\"%s\":", name);
    write_string(out, value);
}

static const char *sentence(const struct field_error *error, enum language language)
{
    const struct field_text *text = field_text_find(error->code);
    if (!text)
        return language == LANGUAGE_JA ? "正しくありません" : "is not valid";
    if (error->limit && text->en_limit)
        return language == LANGUAGE_JA ? text->ja_limit : text->en_limit;
    return language == LANGUAGE_JA ? text->ja : text->en;
}

static void write_sentence(struct text *out, const struct field_error *error,
                           enum language language)
{
    struct text filled _text_auto_ = {0};
    const char *rest = sentence(error, language);
    const char *place = error->limit ? strstr(rest, "{}") : NULL;
    if (place) {
        text_add(&filled, rest, (size_t)(place - rest));
        text_adds(&filled, error->limit);
        rest = place + 2;
    }
    text_adds(&filled, rest);
    text_adds(out, ",\"detail\":");
    text_add_json(out, filled.data, filled.len);
}

static void write_error(struct text *out, const struct field_error *error,
                        enum language language)
{
    text_adds(out, "{\"in\":");
    write_string(out, error->in);
    write_member(out, "pointer", error->pointer);
    write_member(out, "code", error->code);
    write_sentence(out, error, language);
    if (error->limit)
        write_member(out, "limit", error->limit);
    text_addc(out, '}');
}

static void write_errors(struct text *out, const struct problem *problem,
                         enum language language)
{
    text_adds(out, ",\"errors\":[");
    for (const struct field_error *error = problem->errors; error; error = error->next) {
        if (error != problem->errors)
            text_addc(out, ',');
        write_error(out, error, language);
    }
    text_addc(out, ']');
}

static const char *detail(const struct problem *problem, enum language language)
{
    if (language == LANGUAGE_JA && problem->detail_ja)
        return problem->detail_ja;
    return problem->detail_en ? problem->detail_en : problem->detail_ja;
}

void problem_write(struct text *out, const struct problem *problem,
                   enum language language, const char *request_id)
{
    const struct problem_text *text = &problem_texts[problem->code];
    const char *said = detail(problem, language);
    text_addf(out, "{\"type\":\"/problems/%s\"", text->name);
    write_member(out, "title", language == LANGUAGE_JA ? text->title_ja : text->title_en);
    text_addf(out, ",\"status\":%d", text->status);
    if (said)
        write_member(out, "detail", said);
    write_member(out, "code", text->name);
    struct text instance _text_auto_ = {0};
    text_adds(&instance, "/requests/");
    text_adds(&instance, request_id ? request_id : "-");
    write_member(out, "instance", instance.data);
    if (problem->errors)
        write_errors(out, problem, language);
    text_addc(out, '}');
}
