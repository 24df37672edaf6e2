/* A supplier's answers: read, checked against the frozen questions, scored. */
#include "questionnaires.h"

#include "api/id.h"
#include "api/secret.h"
#include "api/text.h"

#include <string.h>

enum { TOKEN_BYTES = 32, ACCEPTED_FROM = 80, CONDITIONAL_FROM = 50 };

/* ---- the link ---- */

static void set_hash(struct request *rq, const char *token)
{
    request_set(rq, "token_hash", secret_sha256_hex(rq->arena, token, strlen(token)));
}

bool questionnaire_secret(struct request *rq)
{
    unsigned char bytes[TOKEN_BYTES];
    struct text token _text_auto_ = {0};
    id_random(bytes, sizeof bytes);
    text_adds(&token, "msq_");
    text_add_base64url(&token, bytes, sizeof bytes);
    request_set(rq, "questionnaire_token", token.data);
    request_set(rq, "language_wanted", json_string_value(request_member(rq, "language")));
    set_hash(rq, token.data);
    return true;
}

bool questionnaire_hash(struct request *rq)
{
    set_hash(rq, request_parameter(rq, "questionnaire_token"));
    return true;
}

bool questionnaire_assume(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "findQuestionnaire");
    if (rows_count(rows) == 0)
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    request_assume(rq, rows_text(rows, 0, "consultancy_id"), NULL, REACH_ALL);
    request_set(rq, "questionnaire_client", rows_text(rows, 0, "client_id"));
    request_set(rq, "supplier_questionnaire_id", rows_text(rows, 0, "questionnaire_id"));
    return true;
}

/* ---- questions and answers ---- */

static json_t *column(const struct rows *rows, const char *name)
{
    return json_loads(rows_text(rows, 0, name), JSON_DECODE_ANY, NULL);
}

static const char *member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool is_yes_no(const json_t *question)
{
    const char *type = member(question, "answer_type");
    return type && strcmp(type, "yes_no") == 0;
}

static json_t *possible_answers(const json_t *question)
{
    return is_yes_no(question)
               ? json_pack("[s, s, s]", "yes", "no", "not_applicable")
               : json_pack("[s, s, s, s]", "yes", "partly", "no", "not_applicable");
}

static const json_t *find_question(const json_t *questions, const char *code)
{
    for (size_t i = 0; i < json_array_size(questions); i++) {
        const json_t *question = json_array_get(questions, i);
        if (strcmp(member(question, "code"), code) == 0)
            return question;
    }
    return NULL;
}

static json_t *shown_questions(const json_t *questions, bool japanese)
{
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(questions); i++) {
        const json_t *question = json_array_get(questions, i);
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:o}", "code", member(question, "code"),
                      "question", member(question, japanese ? "title_ja" : "title_en"),
                      "explanation", member(question, japanese ? "text_ja" : "text_en"),
                      "answers", possible_answers(question)));
    }
    return list;
}

bool questionnaire_answer(struct request *rq)
{
    static const char *const same[] = {"consultancy",     "client",      "supplier",
                                       "language",        "expires_on",  "state",
                                       "respondent_name", "submitted_at"};
    const struct rows *rows = request_rows(rq, "openQuestionnaire");
    json_t *questions = column(rows, "questions"), *reply = json_object();
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        const char *text = rows_text(rows, 0, same[i]);
        json_object_set_new(reply, same[i], text ? json_string(text) : json_null());
    }
    bool japanese = strcmp(rows_text(rows, 0, "language"), "ja") == 0;
    json_object_set_new(reply, "questions", shown_questions(questions, japanese));
    json_object_set_new(reply, "answers", column(rows, "answers"));
    json_decref(questions);
    request_reply_json(rq, reply);
    return true;
}

/* ---- checks ---- */

static bool is_open(struct request *rq, const struct rows *rows)
{
    const char *state = rows_text(rows, 0, "state");
    if (strcmp(state, "open") == 0)
        return true;
    if (strcmp(state, "expired") == 0)
        return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                      "The questionnaire has expired. Ask for a new link.",
                      "回答期限を過ぎています。新しいリンクを依頼してください。");
    return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                  "The questionnaire was submitted already. Ask to have it reopened.",
                  "すでに提出されています。修正するには再開を依頼してください。");
}

static bool answers_fit(struct request *rq, const json_t *questions)
{
    const char *code;
    json_t *given;
    bool fits = true;
    json_object_foreach((json_t *)(uintptr_t)request_member(rq, "answers"), code, given)
    {
        const json_t *question = find_question(questions, code);
        const char *pointer = arena_printf(rq->arena, "/answers/%s", code);
        if (!question)
            fits = refuse_field(rq, pointer, "unknown_member", NULL);
        else if (is_yes_no(question) && strcmp(member(given, "answer"), "partly") == 0)
            fits = refuse_field(rq, arena_printf(rq->arena, "%s/answer", pointer),
                                "not_in_list", "yes, no, not_applicable");
    }
    return fits;
}

bool questionnaire_keep(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "openQuestionnaire");
    if (!is_open(rq, rows))
        return false;
    json_t *questions = column(rows, "questions");
    bool fits = answers_fit(rq, questions);
    json_decref(questions);
    request_set_json(rq, "given_answers", request_member(rq, "answers"));
    return fits;
}

static bool answers_complete(struct request *rq, const json_t *questions,
                             const json_t *answers)
{
    bool complete = true;
    for (size_t i = 0; i < json_array_size(questions); i++) {
        const char *code = member(json_array_get(questions, i), "code");
        if (!json_object_get(answers, code))
            complete = refuse_field(rq, arena_printf(rq->arena, "/answers/%s", code),
                                    "required", NULL);
    }
    return complete;
}

int questionnaire_score(const json_t *questions, const json_t *answers)
{
    int64_t got = 0, all = 0;
    for (size_t i = 0; i < json_array_size(questions); i++) {
        const json_t *question = json_array_get(questions, i);
        const json_t *given = json_object_get(answers, member(question, "code"));
        const char *answer = given ? member(given, "answer") : "not_applicable";
        int64_t weight = json_integer_value(json_object_get(question, "weight"));
        if (strcmp(answer, "not_applicable") == 0)
            continue;
        all += 2 * weight;
        got += strcmp(answer, "partly") == 0                          ? weight
               : strcmp(answer, member(question, "good_answer")) == 0 ? 2 * weight
                                                                      : 0;
    }
    return all ? (int)((200 * got + all) / (2 * all)) : -1;
}

static void set_score(struct request *rq, const json_t *questions, const json_t *answers)
{
    int score = questionnaire_score(questions, answers);
    request_set(rq, "score", NULL);
    request_set(rq, "suggested_judgement", NULL);
    if (score < 0)
        return;
    request_set_int(rq, "score", score);
    request_set(rq, "suggested_judgement",
                score >= ACCEPTED_FROM      ? "accepted"
                : score >= CONDITIONAL_FROM ? "conditional"
                                            : "rejected");
}

bool questionnaire_submit(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "openQuestionnaire");
    if (!is_open(rq, rows))
        return false;
    json_t *questions = column(rows, "questions"), *answers = column(rows, "answers");
    json_object_update(answers, (json_t *)(uintptr_t)request_member(rq, "answers"));
    bool fits = answers_fit(rq, questions) && answers_complete(rq, questions, answers);
    request_set_json(rq, "given_answers", answers);
    set_score(rq, questions, answers);
    json_decref(questions);
    json_decref(answers);
    return fits;
}
