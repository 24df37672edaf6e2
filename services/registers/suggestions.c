/* Suggested risks are judged once per request; every statement after that acts on the same judgement. */
#include "suggestions.h"

#include "checks.h"
#include "deadlines.h"

static bool choose_form(struct request *rq)
{
    bool items = request_member(rq, "items") != NULL;
    bool filter = request_member(rq, "filter") != NULL;
    if (!items && !filter)
        return refuse_field(rq, "/items", "required", NULL);
    if (items && filter)
        return refuse_field(rq, "/filter", "not_allowed_here", "items");
    return true;
}

static bool keep_judgement(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadSuggestions");
    request_set(rq, "judged", rows_text(rows, 0, "judged"));
    request_set(rq, "remaining", rows_text(rows, 0, "remaining"));
    return true;
}

#define JUDGE                                                                            \
    {.sql = "findSuggestionClient"}, {.compute = choose_form},                           \
        {.sql = "lockSuggestions"}, {.sql = "loadSuggestions"},                          \
    {                                                                                    \
        .compute = keep_judgement                                                        \
    }

const struct step suggestions_accept[] = {
    JUDGE,
    {.sql = "insertSuggestedRisks", .optional = true},
    {.sql = "rememberSuggestions", .optional = true},
    {.sql = "reportSuggestions"},
    {0},
};
const struct step suggestions_decline[] = {
    JUDGE,
    {.sql = "rememberSuggestions", .optional = true},
    {.sql = "reportSuggestions"},
    {0},
};
const struct step suggestions_reopen[] = {
    JUDGE,
    {.sql = "forgetSuggestions", .optional = true},
    {.sql = "reportSuggestions"},
    {0},
};

static bool keep_treatments(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadTreatmentSuggestions");
    if (!rows)
        rows = request_rows(rq, "judgeTreatmentSuggestions");
    request_set(rq, "judged", rows_text(rows, 0, "judged"));
    return true;
}

const struct step suggestions_accept_treatments[] = {
    {.sql = "findSuggestionClient"},
    {.sql = "acceptTreatmentSuggestionsProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "lockSuggestions"},
    {.sql = "loadTreatmentSuggestions"},
    {.compute = keep_treatments},
    {.sql = "insertSuggestedTreatments", .optional = true},
    {.sql = "keepSuggestedRevisions", .optional = true},
    {.sql = "linkSuggestedTreatments", .optional = true},
    {.sql = "forgetTreatmentSuggestions", .optional = true},
    {.sql = "treatmentSuggestionDeadlines", .optional = true},
    STORE_DEADLINES,
    {.sql = "reportTreatmentSuggestions"},
    {0},
};

#define JUDGE_TREATMENTS                                                                 \
    {.sql = "findSuggestionClient"}, {.compute = choose_form},                           \
        {.sql = "lockSuggestions"}, {.sql = "judgeTreatmentSuggestions"},                \
    {                                                                                    \
        .compute = keep_treatments                                                       \
    }

const struct step suggestions_decline_treatments[] = {
    JUDGE_TREATMENTS,
    {.sql = "rememberTreatmentSuggestions", .optional = true},
    {.sql = "reportTreatmentDecisions"},
    {0},
};
const struct step suggestions_reopen_treatments[] = {
    JUDGE_TREATMENTS,
    {.sql = "forgetTreatmentSuggestions", .optional = true},
    {.sql = "reportTreatmentDecisions"},
    {0},
};
