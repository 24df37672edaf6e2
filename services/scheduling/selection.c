/* Quotes side by side: one group per currency, the cheapest first, and what differs. */
#include "services/scheduling/selection.h"

#include "services/scheduling/rules/season.h"
#include "services/scheduling/selection_timing.h"

#include <string.h>

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static json_t *copy_of(const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    return value ? json_incref(value) : json_null();
}

/* ---- standards ---- */

static bool same_edition(const json_t *item, const char *scheme)
{
    const char *edition = text_of(item, "edition");
    const char *dash = strchr(scheme, '-');
    if (!edition || !dash || strspn(dash + 1, "0123456789") != strlen(dash + 1))
        return true;
    return strcmp(edition, dash + 1) == 0;
}

bool selection_offers(const json_t *standards, const char *scheme)
{
    for (size_t i = 0; i < json_array_size(standards); i++) {
        const json_t *item = json_array_get(standards, i);
        const char *offered = text_of(item, "scheme");
        if (!offered)
            continue;
        if (strcmp(offered, scheme) == 0)
            return true;
        bool family_only = !strchr(offered, '-') || !strchr(scheme, '-');
        if (family_only && scheme_same_family(offered, scheme) &&
            same_edition(item, scheme))
            return true;
    }
    return false;
}

static void want(json_t *wanted, const char *scheme, const json_t *quote)
{
    const json_t *schemes = json_object_get(quote, "schemes");
    for (size_t i = 0; scheme && i < json_array_size(schemes); i++) {
        if (scheme_same_family(json_string_value(json_array_get(schemes, i)), scheme))
            return;
    }
    for (size_t i = 0; scheme && i < json_array_size(wanted); i++) {
        if (strcmp(json_string_value(json_array_get(wanted, i)), scheme) == 0)
            return;
    }
    if (scheme)
        json_array_append_new(wanted, json_string(scheme));
}

/* What the client may need besides the quote: asked for, noted, already held with another certification, and the usual add-ons. */
static json_t *wanted_later(const json_t *facts, const json_t *quote,
                            const struct selection_question *question)
{
    json_t *wanted = json_array();
    const json_t *noted = json_object_get(json_object_get(facts, "own"), "later_schemes");
    const json_t *held = json_object_get(facts, "certifications");
    want(wanted, question->later, quote);
    for (size_t i = 0; i < json_array_size(noted); i++)
        want(wanted, json_string_value(json_array_get(noted, i)), quote);
    for (size_t i = 0; i < json_array_size(held); i++)
        want(wanted, text_of(json_array_get(held, i), "scheme"), quote);
    want(wanted, "iso27017", quote);
    want(wanted, "iso27701", quote);
    return wanted;
}

static json_t *offered_json(const json_t *standards, const char *scheme)
{
    if (json_array_size(standards) == 0)
        return json_null(); /* nobody noted what the body offers */
    return json_boolean(selection_offers(standards, scheme));
}

static json_t *other_standards(const json_t *facts, const json_t *quote,
                               const struct selection_question *question)
{
    const json_t *standards =
        json_object_get(json_object_get(quote, "body"), "standards");
    json_t *wanted = wanted_later(facts, quote, question), *list = json_array();
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        const char *scheme = json_string_value(json_array_get(wanted, i));
        json_array_append_new(list, json_pack("{s:s, s:o}", "scheme", scheme, "offered",
                                              offered_json(standards, scheme)));
    }
    json_decref(wanted);
    return list;
}

/* False when the body is known not to offer one of the quote's own standards. */
static json_t *offers_quoted(const json_t *quote)
{
    const json_t *standards =
        json_object_get(json_object_get(quote, "body"), "standards");
    const json_t *schemes = json_object_get(quote, "schemes");
    bool all = true;
    if (json_array_size(standards) == 0)
        return json_null();
    for (size_t i = 0; i < json_array_size(schemes); i++)
        all = all &&
              selection_offers(standards, json_string_value(json_array_get(schemes, i)));
    return json_boolean(all);
}

/* ---- one quote ---- */

static json_t *accreditation(const json_t *quote)
{
    const json_t *body = json_object_get(quote, "body");
    return json_pack("{s:b, s:o, s:o}", "accredited",
                     text_of(body, "accreditation") != NULL, "accreditation_body",
                     copy_of(body, "accreditation_body"), "number",
                     copy_of(body, "accreditation"));
}

static json_t *validity(const json_t *quote, struct civil today)
{
    struct civil until = CIVIL_NONE;
    const char *text = text_of(quote, "valid_until");
    bool expired = text && civil_parse(text, &until) && civil_before(until, today);
    return json_pack("{s:o, s:b}", "valid_until", copy_of(quote, "valid_until"),
                     "expired", expired);
}

static void add_cost(json_t *entry, const json_t *quote)
{
    static const char *const members[] = {"three_year_total",
                                          "three_year_total_without_tax",
                                          "following_recertification",
                                          "total_with_recertification",
                                          "auditor_days",
                                          "missing"};
    const json_t *cost = json_object_get(quote, "cost");
    const json_t *years = json_object_get(cost, "years");
    json_t *totals = json_array();
    for (size_t i = 0; i < json_array_size(years); i++)
        json_array_append_new(totals, copy_of(json_array_get(years, i), "total"));
    json_object_set_new(entry, "years", totals);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        json_object_set_new(entry, members[i], copy_of(cost, members[i]));
}

static json_t *entry_of(const json_t *facts, const json_t *quote,
                        const struct selection_question *question)
{
    const json_t *body = json_object_get(quote, "body");
    struct policies policies;
    selection_policies(facts, body, &policies);
    json_t *entry = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "quote_id",
        copy_of(quote, "id"), "body_id", copy_of(quote, "body_id"), "body_name",
        copy_of(body, "name"), "status", copy_of(quote, "status"), "schemes",
        copy_of(quote, "schemes"), "basis", copy_of(quote, "basis"), "tax_included",
        copy_of(quote, "tax_included"), "tax_pct", copy_of(quote, "tax_pct"),
        "same_auditor_again", copy_of(quote, "same_auditor_again"), "other_standards",
        other_standards(facts, quote, question), "offers_quoted_schemes",
        offers_quoted(quote), "accreditation", accreditation(quote), "validity",
        validity(quote, question->today));
    json_t *check = quote_check(facts, quote);
    json_object_update(entry, check);
    json_decref(check);
    add_cost(entry, quote);
    selection_add_timing(entry, facts, quote, &policies, question);
    return entry;
}

/* ---- a group: what is compared, the cheapest, the differences ---- */

static bool complete(const json_t *entry)
{
    return json_array_size(json_object_get(entry, "missing")) == 0;
}

/* With the tax in some and not in others, only the amounts without it can be compared. */
static const char *basis_of(const json_t *entries)
{
    for (size_t i = 1; i < json_array_size(entries); i++) {
        if (!json_equal(json_object_get(json_array_get(entries, 0), "tax_included"),
                        json_object_get(json_array_get(entries, i), "tax_included")))
            return "three_year_total_without_tax";
    }
    return "three_year_total";
}

/* Incomplete and incomparable ones stand behind all others. */
static json_int_t rank(const json_t *entry)
{
    const json_t *total = json_object_get(entry, "compared_total");
    return complete(entry) && json_is_integer(total) ? json_integer_value(total)
                                                     : INT64_MAX;
}

/* The same entries in order, equal ones as they were; takes the list over. */
static json_t *sorted(json_t *entries)
{
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(entries); i++) {
        json_t *entry = json_array_get(entries, i);
        size_t at = json_array_size(list);
        while (at > 0 && rank(json_array_get(list, at - 1)) > rank(entry))
            at--;
        json_array_insert(list, at, entry);
    }
    json_decref(entries);
    return list;
}

static void add_difference(json_t *entry, json_int_t cheapest)
{
    json_int_t total = rank(entry);
    bool compared = total != INT64_MAX && cheapest != INT64_MAX;
    json_object_set_new(entry, "difference",
                        compared ? json_integer(total - cheapest) : json_null());
    json_object_set_new(
        entry, "difference_pct",
        compared && cheapest > 0
            ? json_integer((200 * (total - cheapest) + cheapest) / (2 * cheapest))
            : json_null());
}

static json_t *differing(const json_t *entries)
{
    static const char *const members[] = {
        "schemes",      "basis",           "tax_included",
        "auditor_days", "warning",         "same_auditor_again",
        "lead_time",    "other_standards", "offers_quoted_schemes",
        "busy",         "accreditation",   "validity"};
    json_t *list = json_array();
    for (size_t m = 0; m < sizeof members / sizeof *members; m++) {
        const json_t *first = json_object_get(json_array_get(entries, 0), members[m]);
        for (size_t i = 1; i < json_array_size(entries); i++) {
            if (json_equal(first,
                           json_object_get(json_array_get(entries, i), members[m])))
                continue;
            json_array_append_new(list, json_string(members[m]));
            break;
        }
    }
    return list;
}

static json_t *group_json(const char *currency, json_t *entries)
{
    const char *basis = basis_of(entries);
    for (size_t i = 0; i < json_array_size(entries); i++) {
        json_t *entry = json_array_get(entries, i);
        json_object_set_new(entry, "compared_total", copy_of(entry, basis));
    }
    entries = sorted(entries);
    json_int_t cheapest = rank(json_array_get(entries, 0));
    for (size_t i = 0; i < json_array_size(entries); i++)
        add_difference(json_array_get(entries, i), cheapest);
    json_t *id = cheapest == INT64_MAX ? json_null()
                                       : copy_of(json_array_get(entries, 0), "quote_id");
    return json_pack("{s:s, s:i, s:s, s:o, s:o, s:o}", "currency", currency, "decimals",
                     currency_decimals(currency), "compared", basis, "cheapest_quote_id",
                     id, "differs", differing(entries), "quotes", entries);
}

/* ---- the comparison ---- */

static bool asked_for(const json_t *quote, const struct selection_question *question)
{
    const char *status = text_of(quote, "status");
    const json_t *schemes = json_object_get(quote, "schemes");
    if (!question->include_declined && strcmp(status, "declined") == 0)
        return false;
    for (size_t i = 0; question->scheme && i < json_array_size(schemes); i++) {
        if (strcmp(json_string_value(json_array_get(schemes, i)), question->scheme) == 0)
            return true;
    }
    return !question->scheme;
}

static json_t *not_priced(const json_t *quote)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "quote_id", copy_of(quote, "id"), "body_id",
                     copy_of(quote, "body_id"), "body_name",
                     copy_of(json_object_get(quote, "body"), "name"), "status",
                     copy_of(quote, "status"));
}

/* Entries by currency, in the order of the quotes. */
static json_t *entries_by_currency(const json_t *facts,
                                   const struct selection_question *question,
                                   json_t *unpriced)
{
    const json_t *quotes = json_object_get(facts, "quotes");
    json_t *groups = json_object();
    for (size_t i = 0; i < json_array_size(quotes); i++) {
        const json_t *quote = json_array_get(quotes, i);
        const char *currency = text_of(quote, "currency");
        if (!asked_for(quote, question))
            continue;
        if (!json_is_object(json_object_get(quote, "cost"))) {
            json_array_append_new(unpriced, not_priced(quote));
            continue;
        }
        if (!json_object_get(groups, currency))
            json_object_set_new(groups, currency, json_array());
        json_array_append_new(json_object_get(groups, currency),
                              entry_of(facts, quote, question));
    }
    return groups;
}

json_t *selection_compare(const json_t *facts, const struct selection_question *question)
{
    json_t *unpriced = json_array(), *list = json_array();
    json_t *groups = entries_by_currency(facts, question, unpriced);
    const char *currency;
    json_t *entries;
    json_object_foreach(groups, currency, entries)
        json_array_append_new(list, group_json(currency, json_incref(entries)));
    json_decref(groups);
    struct policies policies;
    struct estimate estimate;
    selection_policies(facts, NULL, &policies);
    estimate_make(facts, NULL, &policies, &estimate);
    return json_pack("{s:o, s:o, s:o, s:o, s:{s:[s, s, s, s, s, s], s:{s:o}}}",
                     "client_id", copy_of(json_object_get(facts, "client"), "id"),
                     "estimate", estimate_days_json(&estimate), "groups", list,
                     "not_priced", unpriced, "why", "rules", "AT-01", "AT-02", "AT-03",
                     "PLN-01", "PLN-05", "ADD-01", "inputs", "target",
                     selection_target_json(facts, question));
}
