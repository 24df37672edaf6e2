/* Questionnaires behind a secret link: whoever holds it acts inside the one questionnaire and nowhere else. */
#ifndef MEGURI_REGISTERS_QUESTIONNAIRES_H
#define MEGURI_REGISTERS_QUESTIONNAIRES_H

#include "api/app.h"

/* A new secret: :questionnaire_token and :token_hash. */
bool questionnaire_secret(struct request *rq);
/* :token_hash of the path's token. */
bool questionnaire_hash(struct request *rq);
/* The rows of findQuestionnaire become the tenant; 404 when there are none. A step of the worker pool, so that a new transaction begins, which
 * has the tenant's context from the start. */
bool questionnaire_assume(struct request *rq);
/* The row of openQuestionnaire in its language as the reply. */
bool questionnaire_answer(struct request *rq);
/* Answers of the body fit the questions and the state: :given_answers. */
bool questionnaire_keep(struct request *rq);
/* The same with what was kept before; every question has its answer: :given_answers, :score, :suggested_judgement. */
bool questionnaire_submit(struct request *rq);

/* 0 to 100: weights of good answers over weights of all that apply, half for a partial one; -1 when none applies. */
int questionnaire_score(const json_t *questions, const json_t *answers);

#endif
