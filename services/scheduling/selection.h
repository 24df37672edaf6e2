/* Choosing a certification body (seed B2): what a quote costs in three years, whether its days fit the estimate, and what differs between quotes.
 * Pure: JSON rows in, JSON out. Money is an integer in the smallest unit of its currency (ISO 4217: yen, cents); currencies are never mixed.
 * Days are quarter days inside. */
#ifndef MEGURI_SCHEDULING_SELECTION_H
#define MEGURI_SCHEDULING_SELECTION_H

#include "api/civil.h"
#include "services/scheduling/estimate.h"

#include <jansson.h>

/* The audits of a quote by its basis: initial = stages, first and second surveillance, then the recertification that follows; recertification =
 * recertification, both surveillances, then the next one; transfer = both surveillances, then the recertification. */
enum { SELECTION_YEARS = 3, SELECTION_AUDITS_PER_YEAR = 2 };

struct quote_programme {
    const char *basis;
    const char
        *audits[SELECTION_YEARS][SELECTION_AUDITS_PER_YEAR]; /* members of `days` */
    const char *following; /* recertification after the three years; NULL: within */
};
const struct quote_programme *quote_programme_of(const json_t *quote);

/* Quarter days of one audit; -1 when the quote does not say. */
int quote_quarter_days(const json_t *quote, const char *audit);
json_t *quarter_days_json(int64_t quarter_days);

/* ISO 4217: digits behind the decimal point. */
int currency_decimals(const char *currency);

/* Cost per year and in all, as the contract's QuoteCost; JSON null without a day rate. New reference. */
json_t *quote_cost(const json_t *quote);

/* AT-01..03: JSON null, or the warning that the days lie further than threshold_pct (and half a day) from the estimate. Only what is below counts
 * when the quote covers more than ISO/IEC 27001. New reference. */
json_t *quote_warning(const json_t *quote, const struct estimate *estimate,
                      int threshold_pct);

/* The policies in force for a quote of that body: consultancy under body under certification. */
void selection_policies(const json_t *facts, const json_t *body, struct policies *ret);

/* {estimate, warning} of one quote with the policies of its body; new reference. */
json_t *quote_check(const json_t *facts, const json_t *quote);

struct selection_question {
    struct civil today;
    struct civil
        target;         /* wanted certificate date; CIVIL_NONE: the certification's own */
    const char *scheme; /* only quotes of that scheme; may be NULL */
    const char *later;  /* a standard wanted later; may be NULL */
    bool include_declined;
};

/* facts as loadSelectionFacts gives them. The contract's QuoteComparison; new reference. */
json_t *selection_compare(const json_t *facts, const struct selection_question *question);

/* Does the list of standards hold the scheme? A family (iso27017) stands for all its editions unless an edition is named. */
bool selection_offers(const json_t *standards, const char *scheme);
/* Same standard, whatever the edition: iso27001-2022 and iso27001. */
bool scheme_same_family(const char *a, const char *b);

#endif
