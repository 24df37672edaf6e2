/* One table: what the database refused -> a problem. Constraint names are part of the schema's interface: <table>_<column>_key,
 * <table>_<thing>_fkey for the column <thing>_id, and <table>_<column>_<word> for checks. The word says what is wrong: see words[]; any other
 * (length, range, known, shape) is a limit that the contract names first. */
#include "request_internal.h"

#include "log.h"

#include <string.h>

static const struct {
    const char *sqlstate;
    enum problem_code code;
    const char *field_code; /* for the member that the constraint names */
    const char *suffix;
} refusals[] = {
    {"23505", PROBLEM_CONFLICT, "duplicate", "_key"},
    {"23P01", PROBLEM_CONFLICT, "duplicate", "_excl"},
    {"23503", PROBLEM_UNPROCESSABLE, "not_found_reference", "_fkey"},
    {"23514", PROBLEM_UNPROCESSABLE, "not_allowed_here", "_*"},
    {"23502", PROBLEM_UNPROCESSABLE, "required", ""},
    {"22001", PROBLEM_UNPROCESSABLE, "too_long", ""},
    {"22003", PROBLEM_UNPROCESSABLE, "out_of_range", ""},
    {"22007", PROBLEM_UNPROCESSABLE, "bad_format", ""},
    {"22008", PROBLEM_UNPROCESSABLE, "out_of_range", ""},
    {"22P02", PROBLEM_UNPROCESSABLE, "bad_format", ""},
    {"22021", PROBLEM_UNPROCESSABLE, "bad_format", ""},
    {"42501", PROBLEM_NOT_FOUND, NULL, NULL}, /* row level security: not the caller's */
    {"40001", PROBLEM_UNAVAILABLE, NULL, NULL},
    {"40P01", PROBLEM_UNAVAILABLE, NULL, NULL},
    {"55P03", PROBLEM_UNAVAILABLE, NULL, NULL},
    {"57P01", PROBLEM_UNAVAILABLE, NULL, NULL},
    {"53300", PROBLEM_UNAVAILABLE, NULL, NULL},
};

/* Last words of check constraints that mean more than "not allowed here". */
static const struct {
    const char *word;
    const char *field_code;
} words[] = {
    {"order", "before_start"},         /* lies before the date it must follow */
    {"required", "required"},          /* another member makes it necessary */
    {"independent", "not_independent"} /* must be somebody else */
};

static const char *check_code(const char *constraint, const char *otherwise)
{
    const char *last = constraint ? strrchr(constraint, '_') : NULL;
    for (size_t i = 0; last && i < sizeof words / sizeof *words; i++) {
        if (strcmp(last + 1, words[i].word) == 0)
            return words[i].field_code;
    }
    return otherwise;
}

/* Length of what the suffix takes from the end: "_*" is any last word. */
static size_t suffix_length(const char *constraint, const char *suffix)
{
    if (strcmp(suffix, "_*") != 0)
        return strlen(suffix);
    const char *word = strrchr(constraint, '_');
    return word ? strlen(word) : 0;
}

/* Does the constraint end with _<member><suffix>? A foreign key names the thing without its _id. */
static bool constraint_names(const char *constraint, const char *member,
                             const char *suffix)
{
    size_t len = strlen(member), tail = suffix_length(constraint, suffix);
    if (strcmp(suffix, "_fkey") == 0 && len > 3 && strcmp(member + len - 3, "_id") == 0)
        len -= 3;
    size_t total = strlen(constraint);
    if (total <= len + tail)
        return false;
    const char *at = constraint + total - tail - len;
    return at[-1] == '_' && strncmp(at, member, len) == 0 &&
           (strcmp(suffix, "_*") == 0 || strcmp(at + len, suffix) == 0);
}

static const char *find_member(const json_t *object, const char *constraint,
                               const char *suffix)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (constraint_names(constraint, name, suffix))
            return name;
    }
    return NULL;
}

/* A member that was sent, else one that could have been: a patch may break a rule about what it leaves alone. */
static const char *named_member(const struct flow *flow, const char *constraint,
                                const char *suffix)
{
    const struct operation *operation = flow->rq.operation;
    if (!constraint || !suffix || !json_is_object(flow->rq.body) || !operation->body)
        return NULL;
    const char *sent = find_member(flow->rq.body, constraint, suffix);
    const json_t *properties =
        json_object_get(schema_node(operation->body), "properties");
    return sent ? sent : find_member(properties, constraint, suffix);
}

static bool names_path_parameter(const struct flow *flow, const char *constraint)
{
    for (int i = 0; constraint && i < flow->rq.path.count; i++) {
        if (constraint_names(constraint, flow->rq.path.names[i], "_fkey"))
            return true;
    }
    return false;
}

static void refuse_constraint(struct flow *flow, const struct db_reply *reply, size_t row)
{
    struct request *rq = &flow->rq;
    const char *member = named_member(flow, reply->constraint, refusals[row].suffix);
    if (strcmp(reply->sqlstate, "23503") == 0) {
        if (strcmp(rq->operation->method, "DELETE") == 0) {
            refuse(rq, PROBLEM_STILL_REFERENCED, NULL, NULL);
            return;
        }
        if (!member && names_path_parameter(flow, reply->constraint)) {
            refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
            return;
        }
    }
    bool check = strcmp(reply->sqlstate, "23514") == 0;
    refuse(rq, refusals[row].code, NULL, NULL);
    problem_add(rq->arena, &rq->problem, "body",
                member ? arena_printf(rq->arena, "/%s", member) : "",
                check ? check_code(reply->constraint, refusals[row].field_code)
                      : refusals[row].field_code,
                NULL);
}

static void refuse_unknown(struct flow *flow, const struct db_reply *reply)
{
    log_event(LOG_LEVEL_ERROR, "database_error", "operation",
              flow->rq.operation ? flow->rq.operation->id : NULL, "sqlstate",
              reply->sqlstate, "constraint", reply->constraint, "message", reply->message,
              "request_id", flow->rq.request_id, NULL);
    refuse(&flow->rq, PROBLEM_INTERNAL, NULL, NULL);
}

static void refuse_error(struct flow *flow, const struct db_reply *reply)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (!reply->sqlstate || strcmp(refusals[i].sqlstate, reply->sqlstate) != 0)
            continue;
        if (refusals[i].field_code)
            refuse_constraint(flow, reply, i);
        else
            refuse(&flow->rq, refusals[i].code, NULL, NULL);
        return;
    }
    refuse_unknown(flow, reply);
}

void sqlstate_refuse(struct flow *flow, const struct db_reply *reply)
{
    if (reply->status == DB_ERROR)
        refuse_error(flow, reply);
    else
        refuse(&flow->rq, PROBLEM_UNAVAILABLE, NULL, NULL);
    if (flow->rq.problem.code == PROBLEM_UNAVAILABLE && !flow->rq.problem.retry_after_s)
        flow->rq.problem.retry_after_s = 1;
}

/* ---- the other references that are not there ---- */

static json_t *given_values(const struct request *rq)
{
    json_t *given = json_copy(rq->body);
    for (int i = 0; i < rq->path.count; i++)
        json_object_set_new(given, rq->path.names[i], json_string(rq->path.values[i]));
    return given;
}

bool sqlstate_may_hide_others(struct flow *flow, const struct db_reply *reply)
{
    struct request *rq = &flow->rq;
    if (reply->status != DB_ERROR || !reply->sqlstate || !reply->constraint ||
        strcmp(reply->sqlstate, "23503") != 0 ||
        rq->problem.code != PROBLEM_UNPROCESSABLE || !json_is_object(rq->body))
        return false;
    json_t *given = given_values(rq);
    request_set(rq, "violated", reply->constraint);
    request_set_json(rq, "given", given);
    json_decref(given);
    return true;
}

void sqlstate_add_unknown(struct flow *flow, const struct rows *rows)
{
    struct request *rq = &flow->rq;
    const char *known = request_value(rq, "violated", NULL);
    for (int i = 0; i < rows_count(rows); i++) {
        const char *name = rows_text(rows, i, "name");
        const char *member =
            strcmp(name, known) == 0 ? NULL : named_member(flow, name, "_fkey");
        if (member)
            problem_add(rq->arena, &rq->problem, "body",
                        arena_printf(rq->arena, "/%s", member), "not_found_reference",
                        NULL);
    }
}
