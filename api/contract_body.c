/* Reads and checks a request's body: media type, JSON, schema. */
#include "contract_internal.h"

#include <string.h>
#include <strings.h>

enum { DEPTH_MAX = 32 };

static bool refuse_body(struct problem *problem, enum problem_code code,
                        const char *detail_en, const char *detail_ja)
{
    problem->code = code;
    problem->detail_en = detail_en;
    problem->detail_ja = detail_ja;
    return false;
}

/* ---- media type ---- */

static size_t skip_space(const char *s)
{
    return strspn(s, " \t");
}

/* After the type: nothing, or the one parameter charset=utf-8. */
static bool fits_charset(const char *rest)
{
    rest += skip_space(rest);
    if (*rest == '\0')
        return true;
    if (*rest != ';')
        return false;
    rest += 1 + skip_space(rest + 1);
    if (strncasecmp(rest, "charset=", 8) != 0)
        return false;
    rest += 8;
    size_t quoted = *rest == '"';
    if (strncasecmp(rest + quoted, "utf-8", 5) != 0)
        return false;
    rest += quoted + 5;
    if (quoted && *rest++ != '"')
        return false;
    return rest[skip_space(rest)] == '\0';
}

/* A raw body may carry parameters of its own (charset=Shift_JIS); the handler reads them. */
static bool fits_raw(const char *content_type, const char *wanted)
{
    size_t len = strlen(wanted);
    if (!content_type)
        return false;
    if (strcmp(wanted, "*/*") == 0)
        return true;
    const char *rest = content_type + len;
    return strncasecmp(content_type, wanted, len) == 0 &&
           (rest[skip_space(rest)] == '\0' || rest[skip_space(rest)] == ';');
}

static bool check_media_type(const struct operation *operation, struct arena *arena,
                             const char *content_type, struct problem *problem)
{
    const char *wanted = operation->body_media_type;
    size_t len = strlen(wanted);
    if (operation->body_is_raw
            ? fits_raw(content_type, wanted)
            : content_type && strncasecmp(content_type, wanted, len) == 0 &&
                  fits_charset(content_type + len))
        return true;
    return refuse_body(
        problem, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
        arena_printf(arena, "Send Content-Type: %s.", wanted),
        arena_printf(arena, "Content-Type は %s にしてください。", wanted));
}

/* ---- JSON ---- */

/* Position behind the string that begins before s. */
static size_t skip_string(const char *s, size_t at, size_t len)
{
    for (; at < len && s[at] != '"'; at++)
        at += s[at] == '\\';
    return at;
}

/* Looked at before anything is built: brackets outside of strings. */
static bool is_too_deep(const char *s, size_t len)
{
    int depth = 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '"')
            i = skip_string(s, i + 1, len);
        else if (s[i] == '{' || s[i] == '[')
            depth++;
        else if (s[i] == '}' || s[i] == ']')
            depth--;
        if (depth > DEPTH_MAX)
            return true;
    }
    return false;
}

static void drop_json(void *json)
{
    json_decref(json);
}

/* NUL inside strings is let through here: the schema check names the member that has it. */
static bool parse_json(struct arena *arena, const char *body, size_t len,
                       struct problem *problem, json_t **ret)
{
    json_error_t error;
    if (is_too_deep(body, len))
        return refuse_body(
            problem, PROBLEM_MALFORMED_JSON,
            arena_printf(arena, "It is nested deeper than %d levels.", DEPTH_MAX),
            arena_printf(arena, "入れ子は %d 段までです。", DEPTH_MAX));
    *ret = json_loadb(body, len,
                      JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!*ret)
        return refuse_body(problem, PROBLEM_MALFORMED_JSON,
                           arena_printf(arena, "Line %d, column %d: %s.", error.line,
                                        error.column, error.text),
                           arena_printf(arena, "%d 行 %d 文字目で読めません（%s）。",
                                        error.line, error.column, error.text));
    arena_defer(arena, drop_json, *ret);
    return true;
}

/* ---- the whole ---- */

static bool check_empty(const struct operation *operation, struct arena *arena,
                        struct problem *problem)
{
    if (!operation->body || !operation->body_required)
        return true;
    problem->code = PROBLEM_UNPROCESSABLE;
    problem_add(arena, problem, "body", "", "required", NULL);
    return false;
}

bool contract_check_body(const struct operation *operation, struct arena *arena,
                         const char *content_type, const char *body, size_t len,
                         struct problem *problem, json_t **ret_body)
{
    json_t *value = NULL;
    if (len == 0) {
        *ret_body = NULL;
        return check_empty(operation, arena, problem);
    }
    if (!operation->body)
        return refuse_body(problem, PROBLEM_BAD_REQUEST, "This operation takes no body.",
                           "この操作に本文は付けられません。");
    if (!check_media_type(operation, arena, content_type, problem))
        return false;
    *ret_body = NULL;
    if (operation->body_is_raw)
        return true;
    if (!parse_json(arena, body, len, problem, &value))
        return false;
    *ret_body = value;
    if (schema_check(operation->body, value, "body", "", arena, problem))
        return true;
    problem->code = PROBLEM_UNPROCESSABLE;
    return false;
}
