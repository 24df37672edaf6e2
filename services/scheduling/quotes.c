/* Quotes of certification bodies: entering, changing, choosing and comparing them, each with its cost and the estimate beside it. */
#include "operations.h"

#include "plan.h"
#include "selection.h"
#include "version.h"

#include <stdlib.h>
#include <string.h>

static void release(void *json)
{
    json_decref(json);
}

/* A JSON column of the first row, owned by the arena; NULL when there is no row. */
static json_t *column_json(struct request *rq, const char *statement, const char *column)
{
    const struct rows *rows = request_rows(rq, statement);
    if (!rows || rows_count(rows) == 0)
        return NULL;
    json_t *json = json_loads(rows_text(rows, 0, column), 0, NULL);
    if (json)
        arena_defer(rq->arena, release, json);
    return json;
}

static json_t *facts_of(struct request *rq)
{
    return column_json(rq, "loadSelectionFacts", "facts");
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool has_value(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return value && !json_is_null(value);
}

/* ---- the estimate beside every quote ---- */

/* {quote id: {estimate, warning}} for the statements that read or write quotes. */
static bool quotes_check(struct request *rq)
{
    const json_t *facts = facts_of(rq);
    const json_t *quotes = json_object_get(facts, "quotes");
    json_t *checks = json_object();
    for (size_t i = 0; i < json_array_size(quotes); i++) {
        const json_t *quote = json_array_get(quotes, i);
        json_object_set_new(checks, text_of(quote, "id"), quote_check(facts, quote));
    }
    request_set_json(rq, "quote_checks", checks);
    json_decref(checks);
    return true;
}

/* The same for one quote as it will stand. */
static void check_one(struct request *rq, const char *id, json_t *quote,
                      const json_t *body)
{
    json_t *checks = json_object(), *whole = json_copy(quote);
    if (body)
        json_object_set(whole, "body", (json_t *)(uintptr_t)body);
    json_object_set_new(checks, id, quote_check(facts_of(rq), whole));
    request_set_json(rq, "quote_checks", checks);
    json_decref(whole);
    json_decref(checks);
}

/* ---- a quote as it will stand ---- */

/* RFC 7396. */
static void merge_patch(json_t *target, const json_t *patch)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)patch, name, value)
    {
        json_t *old = json_object_get(target, name);
        if (json_is_object(value) && json_is_object(old))
            merge_patch(old, value);
        else
            json_object_set_new(target, name, json_deep_copy(value));
    }
}

static void set_default(json_t *object, const char *name, json_t *value)
{
    if (has_value(object, name))
        json_decref(value);
    else
        json_object_set_new(object, name, value);
}

/* Every audit and fee is named, so that a reader need not know which were left out. */
static void complete_members(json_t *quote)
{
    static const char *const audits[] = {"stage1", "stage2", "surveillance1",
                                         "surveillance2", "recertification"};
    static const char *const fees[] = {"application", "registration", "yearly"};
    set_default(quote, "days", json_object());
    set_default(quote, "fees", json_object());
    for (size_t i = 0; i < sizeof audits / sizeof *audits; i++)
        set_default(json_object_get(quote, "days"), audits[i], json_null());
    for (size_t i = 0; i < sizeof fees / sizeof *fees; i++)
        set_default(json_object_get(quote, "fees"), fees[i], json_integer(0));
    set_default(quote, "basis", json_string("initial"));
    set_default(quote, "travel_per_audit", json_integer(0));
    set_default(quote, "other_expenses", json_array());
    set_default(quote, "tax_included", json_false());
}

static void default_status(struct request *rq, json_t *quote)
{
    bool priced = has_value(quote, "day_rate");
    set_default(quote, "status", json_string(priced ? "received" : "requested"));
    if (strcmp(text_of(quote, "status"), "received") == 0 && priced)
        set_default(quote, "received_on", json_string(request_value(rq, "today", NULL)));
}

static struct civil date_of(const json_t *quote, const char *name)
{
    struct civil date = CIVIL_NONE;
    if (has_value(quote, name))
        civil_parse(text_of(quote, name), &date);
    return date;
}

/* Refused where the request names it; otherwise the quote it changes was right. */
static void judge_dates(struct request *rq, const json_t *quote)
{
    struct civil received = date_of(quote, "received_on");
    struct civil valid = date_of(quote, "valid_until");
    if (!civil_is_none(received) && civil_before(plan_today(rq), received))
        refuse_field(rq, "/received_on", "in_future", request_value(rq, "today", NULL));
    if (!civil_is_none(received) && !civil_is_none(valid) &&
        civil_before(valid, received))
        refuse_field(
            rq, has_value(rq->body, "valid_until") ? "/valid_until" : "/received_on",
            has_value(rq->body, "valid_until") ? "before_start" : "after_end", NULL);
}

/* A quote that was received has a price; one that is asked for may wait for it. */
static void judge_price(struct request *rq, const json_t *quote)
{
    if (strcmp(text_of(quote, "status"), "received") == 0 &&
        !has_value(quote, "day_rate"))
        refuse_field(rq, "/day_rate", "required_with", "status received");
}

static bool store_quote(struct request *rq, json_t *quote)
{
    judge_dates(rq, quote);
    judge_price(rq, quote);
    if (rq->problem.code != PROBLEM_NONE)
        return false;
    json_object_set_new(quote, "cost", quote_cost(quote));
    request_set_json(rq, "quote", quote);
    return true;
}

/* ---- create, change, delete ---- */

static bool quote_new(struct request *rq)
{
    const json_t *body = column_json(rq, "loadQuoteBody", "body");
    if (!body)
        return refuse_field(rq, "/body_id", "not_found_reference", NULL);
    json_t *quote = json_deep_copy(rq->body);
    const char *currency = text_of(body, "currency");
    set_default(quote, "currency", json_string(currency ? currency : "JPY"));
    if (has_value(body, "same_auditor"))
        set_default(quote, "same_auditor_again",
                    json_incref(json_object_get(body, "same_auditor")));
    complete_members(quote);
    default_status(rq, quote);
    bool stored = store_quote(rq, quote);
    check_one(rq, request_value(rq, "new_id", NULL), quote, body);
    json_decref(quote);
    return stored;
}

/* The body of a quote that exists, from the facts. */
static const json_t *body_of(const json_t *facts, const char *quote_id)
{
    const json_t *quotes = json_object_get(facts, "quotes");
    for (size_t i = 0; i < json_array_size(quotes); i++) {
        const json_t *quote = json_array_get(quotes, i);
        if (strcmp(text_of(quote, "id"), quote_id) == 0)
            return json_object_get(quote, "body");
    }
    return NULL;
}

/* The row that is changed or deleted, when the request is based on its present version. */
static json_t *judged_quote(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeQuote");
    return version_fits(rq, rows_text(rows, 0, "version"))
               ? column_json(rq, "judgeQuote", "quote")
               : NULL;
}

static bool quote_change(struct request *rq)
{
    json_t *quote = judged_quote(rq);
    if (!quote)
        return false;
    const char *id = text_of(quote, "id");
    merge_patch(quote, rq->body);
    complete_members(quote);
    default_status(rq, quote);
    bool stored = store_quote(rq, quote);
    check_one(rq, id, quote, body_of(facts_of(rq), id));
    return stored;
}

static bool quote_deletable(struct request *rq)
{
    const json_t *quote = judged_quote(rq);
    if (!quote || strcmp(text_of(quote, "status"), "chosen") != 0)
        return quote != NULL;
    return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                  "This quote was chosen. Decline it or choose another one before "
                  "deleting it.",
                  "採用した見積もりは削除できません。先に辞退とするか、"
                  "ほかの見積もりを採用してください。");
}

/* ---- choosing ---- */

static bool quote_choosable(struct request *rq)
{
    const json_t *quote = column_json(rq, "judgeQuote", "quote");
    const char *status = text_of(quote, "status");
    struct civil valid = date_of(quote, "valid_until");
    const char *others = json_string_value(request_member(rq, "others"));
    request_set(rq, "others", others ? others : "decline");
    if (!has_value(quote, "day_rate"))
        return refuse(
            rq, PROBLEM_STATE_NOT_ALLOWED,
            "The price is not known yet. Enter the day rate and the days of "
            "the quote first.",
            "金額がまだ分かりません。先に見積もりの単価と人日を入力してください。");
    if (strcmp(status, "chosen") != 0 && !civil_is_none(valid) &&
        civil_before(valid, plan_today(rq)))
        return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                      "The quote is no longer valid. Have the body renew it and enter "
                      "the new valid_until.",
                      "見積もりの有効期限が切れています。認証機関に再見積もりを依頼し、"
                      "新しい有効期限を入力してください。");
    return true;
}

/* ---- the comparison ---- */

static bool read_date_parameter(struct request *rq, const char *name,
                                struct civil *ret_date)
{
    const char *text = request_parameter(rq, name);
    *ret_date = CIVIL_NONE;
    return !text || civil_parse(text, ret_date);
}

static bool quotes_compare(struct request *rq)
{
    const char *declined = request_parameter(rq, "include_declined");
    struct selection_question question = {
        .today = plan_today(rq),
        .scheme = request_parameter(rq, "scheme"),
        .later = request_parameter(rq, "later"),
        .include_declined = declined && strcmp(declined, "true") == 0,
    };
    read_date_parameter(rq, "target_date", &question.target);
    request_reply_json(rq, selection_compare(facts_of(rq), &question));
    return true;
}

/* ---- the estimate ---- */

/* "1,2,3" as the contract's pattern has it. */
static json_t *factors_of(const char *text)
{
    json_t *list = json_array();
    for (const char *p = text; *p; p += p[1] ? 2 : 1)
        json_array_append_new(list, json_integer(*p - '0'));
    return list;
}

static void override_number(struct request *rq, const char *name, json_t *overrides)
{
    const char *text = request_parameter(rq, name);
    if (text)
        json_object_set_new(overrides, name, json_integer(strtoll(text, NULL, 10)));
}

static json_t *overrides_of(struct request *rq)
{
    static const char *const numbers[] = {"headcount", "adjust_pct", "site_count",
                                          "integrated_pct", "remote_pct"};
    const char *business = request_parameter(rq, "business");
    const char *it = request_parameter(rq, "it");
    const char *sampling = request_parameter(rq, "sampling");
    json_t *overrides = json_object();
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        override_number(rq, numbers[i], overrides);
    if (business && it)
        json_object_set_new(overrides, "complexity",
                            json_pack("{s:o, s:o}", "business", factors_of(business),
                                      "it", factors_of(it)));
    if (sampling)
        json_object_set_new(overrides, "sampling",
                            json_boolean(strcmp(sampling, "true") == 0));
    return overrides;
}

/* Factors that are asked for win over a percentage that is stored. */
static bool estimate_answer(struct request *rq)
{
    json_t *facts = facts_of(rq);
    const json_t *body = column_json(rq, "loadQuoteBody", "body");
    struct policies policies;
    struct estimate estimate;
    if (request_parameter(rq, "body_id") && !body)
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    json_t *overrides = overrides_of(rq);
    if (json_object_get(overrides, "complexity"))
        json_object_del(json_object_get(facts, "own"), "adjust_pct");
    selection_policies(facts, body, &policies);
    estimate_make(facts, overrides, &policies, &estimate);
    json_t *answer = estimate_json(&estimate);
    json_object_set(answer, "client_id",
                    json_object_get(json_object_get(facts, "client"), "id"));
    json_decref(overrides);
    request_reply_json(rq, answer);
    return true;
}

const struct step quote_list_steps[] = {{.sql = "loadSelectionFacts", .optional = true},
                                        {.compute = quotes_check},
                                        {.sql = "listQuotes"},
                                        {0}};
const struct step quote_get_steps[] = {
    {.sql = "loadSelectionFacts"}, {.compute = quotes_check}, {.sql = "getQuote"}, {0}};
const struct step quote_create_steps[] = {{.sql = "loadSelectionFacts"},
                                          {.sql = "loadQuoteBody", .optional = true},
                                          {.compute = quote_new},
                                          {.sql = "insertQuote"},
                                          {0}};
const struct step quote_update_steps[] = {{.sql = "judgeQuote"},
                                          {.sql = "loadSelectionFacts"},
                                          {.compute = quote_change},
                                          {.sql = "changeQuote"},
                                          {0}};
const struct step quote_delete_steps[] = {
    {.sql = "judgeQuote"}, {.compute = quote_deletable}, {.sql = "removeQuote"}, {0}};
const struct step quote_choose_steps[] = {
    LOCK_PLAN,
    {.sql = "lockQuotes", .optional = true},
    {.sql = "judgeQuote"},
    {.compute = quote_choosable},
    {.sql = "loadSelectionFacts"},
    {.compute = quotes_check},
    {.sql = "settleOtherQuotes", .optional = true},
    {.sql = "markQuoteChosen"},
    {.sql = "setChosenBody", .optional = true},
    PLAN_STEPS,
    {.sql = "getQuoteChoice"},
    {0},
};
const struct step quote_compare_steps[] = {
    {.sql = "loadSelectionFacts"}, {.compute = quotes_compare}, {0}};
const struct step estimate_steps[] = {{.sql = "loadSelectionFacts"},
                                      {.sql = "loadQuoteBody", .optional = true},
                                      {.compute = estimate_answer},
                                      {0}};
