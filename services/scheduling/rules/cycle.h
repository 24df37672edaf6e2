/* The programme of one or more three-year cycles (CYC-01, CYC-02, SUR-01..05, REC-01,
 * section 4 of the rules). */
#ifndef MEGURI_RULES_CYCLE_H
#define MEGURI_RULES_CYCLE_H

#include <stdbool.h>
#include <stddef.h>

#include "api/civil.h"

#define CYCLE_MOST_CYCLES 20
#define CYCLE_MOST_EVENTS (CYCLE_MOST_CYCLES * 3)
#define CYCLE_MOST_YEARS (CYCLE_MOST_CYCLES * 3 + 2)

enum cycle_audit { CYCLE_SURVEILLANCE, CYCLE_RECERTIFICATION };

/* From which day the anniversaries are counted (section 5, no. 2). */
enum cycle_anchor { CYCLE_ANCHOR_DECISION, CYCLE_ANCHOR_STAGE2_LAST_DAY };

/* POLICY of section 4; CYCLE_POLICY_DEFAULT holds the engine's defaults. */
struct cycle_policy {
    enum civil_convention expiry_convention;
    enum cycle_anchor anchor;
    int surv_before_months;
    int surv_after_months;
    int recert_before_months;
    int recert_latest_months;
    int cycles;             /* 1..CYCLE_MOST_CYCLES */
    int major_closure_days; /* REC-02, -1: not set */
    int decision_days;      /* REC-02, -1: not set */
};

#define CYCLE_POLICY_DEFAULT                                                             \
    {                                                                                    \
        .expiry_convention = CIVIL_END_BEFORE, .anchor = CYCLE_ANCHOR_DECISION,          \
        .surv_before_months = 3, .surv_after_months = 1, .recert_before_months = 3,      \
        .recert_latest_months = 2, .cycles = 1, .major_closure_days = -1,                \
        .decision_days = -1                                                              \
    }

struct cycle_facts {
    struct civil decision_date;
    struct civil stage2_last_day; /* CIVIL_NONE unless it is the anchor */
    struct cycle_policy policy;
};

struct cycle_event {
    enum cycle_audit audit;
    int cycle;  /* 1.. */
    int number; /* 1, 2 for surveillance; 3 for recertification */
    struct civil nominal;
    struct civil window_start;
    struct civil window_end;
    /* The last day no policy can move: decision + 12 months for the first surveillance
     * (SUR-01), 31 December of its year for the others (SUR-03), the expiry for a
     * recertification (REC-02). */
    struct civil hard_limit;
    struct civil expiry;           /* recertification only, else CIVIL_NONE */
    struct civil latest_audit_day; /* REC-02, recertification with both terms set */
};

struct cycle_plan {
    struct cycle_event events[CYCLE_MOST_EVENTS];
    size_t event_count;
    struct civil expiries[CYCLE_MOST_CYCLES];
    size_t expiry_count;
    /* Calendar years that hold neither a nominal surveillance nor an expiry: the plan
     * kept to the day would break SUR-03 there. */
    int empty_years[CYCLE_MOST_YEARS];
    size_t empty_year_count;
};

/* One event per year, the month view for proposals (CYC-02). ret_months must hold
 * cycles * 3 entries; every third is a recertification. */
struct cycle_month {
    struct civil month; /* its first day */
    enum cycle_audit audit;
};
size_t cycle_months(struct civil obtained, int cycles,
                    struct cycle_month ret_months[CYCLE_MOST_EVENTS]);

/* CYC-01: the whole programme from the certification decision. Needs stage2_last_day
 * when it is the anchor. */
void cycle_plan_make(const struct cycle_facts *facts, struct cycle_plan *ret_plan);

/* A cycle that runs, of any number, and the ones after it: the anniversaries count from the
 * anchor every time (CAL-02), which a recertification in time or a restoration keeps. */
struct cycle_running {
    struct civil anchor;
    int years_before; /* from the anchor to the first day of the running cycle */
    struct civil decision_date; /* of the initial certification, for SUR-01 */
    bool after_recertification; /* SUR-05: no cap of 12 months */
    struct civil expiry;        /* of the running cycle, as the certificate says */
    struct cycle_policy
        policy; /* cycles counts the running one; anchor is not looked at */
};

/* Events with cycle 1 = the running one. Each following cycle is taken as renewed in time. */
void cycle_running_make(const struct cycle_running *facts, struct cycle_plan *ret_plan);

/* REC-02: latest day of the recertification audit so that a major can still be closed and
 * decided before the expiry. */
struct civil cycle_latest_audit_day(struct civil expiry, int major_closure_days,
                                    int decision_days);

#endif
