/* What the plan of an audit should hold, from the facts of loadProposalFacts: inside of the proposal. */
#ifndef MEGURI_SCHEDULING_SLOT_WANTS_H
#define MEGURI_SCHEDULING_SLOT_WANTS_H

#include "api/request.h"
#include "services/scheduling/plan_facts.h"
#include "services/scheduling/slot_plan.h"

enum { PROPOSAL_MOST_PEOPLE = 400, DAY_MINUTES = 24 * 60 };

/* What one wanted slot is about. */
struct slot_subject {
    const char *kind;
    const char *topic_ja, *topic_en;
    const char *department_id, *site_id;
};

struct proposal {
    struct request *rq;
    const json_t *facts;
    struct civil days[SLOT_MOST_DAYS];
    int day_count;
    const char *ids[PROPOSAL_MOST_PEOPLE]; /* of the numbers: auditors first */
    const char *kinds[PROPOSAL_MOST_PEOPLE];
    int id_count, auditor_count;
    int top_people
        [PROPOSAL_MOST_PEOPLE]; /* top management, and who attends for the consultancy */
    size_t top_count;
    struct slot_want wants[SLOT_MOST_WANTS];
    struct slot_subject subjects[SLOT_MOST_WANTS];
    size_t want_count;
    struct slot_busy *busy;
    size_t busy_count;
};

/* Fills days, numbers, wants and busy times from rq and facts. */
void slot_wants_find(struct proposal *proposal);

/* CIVIL day of the audit -> its index among the days; -1 when the plan does not use it. offset = days after the audit's first day. */
int slot_wants_day(const struct proposal *proposal, int offset);

#endif
