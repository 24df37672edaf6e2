/* Recertification, transition, add-ons and transfer as calculations. */
#include "services/scheduling/calculation_answer.h"

#include <string.h>

#include "services/scheduling/rules/addon.h"
#include "services/scheduling/rules/findings.h"
#include "services/scheduling/rules/recertification.h"
#include "services/scheduling/rules/transfer.h"
#include "services/scheduling/rules/transition.h"

#define RULES(...) ((const char *const[]){__VA_ARGS__, NULL})

struct expiry_facts {
    struct civil expiry;
    struct civil verified_date;
    int months;
};

#define NOT_GIVEN (-1)

struct transition_facts {
    int standard; /* index in editions, or NOT_GIVEN */
    struct civil today;
    struct civil start_audit;
    int with; /* enum transition_with, or NOT_GIVEN */
};

static const struct expiry_facts expiry_defaults = {.months = RECERT_RESTORE_MONTHS};
static const struct recert_facts recert_defaults = {
    .expiry_convention = CIVIL_END_BEFORE,
    .early_threshold_months = RECERT_EARLY_THRESHOLD_MONTHS,
    .restore_months = RECERT_RESTORE_MONTHS,
};
static const struct transition_facts transition_defaults = {.standard = NOT_GIVEN,
                                                            .with = NOT_GIVEN};
static const struct addon_facts addon_defaults;
static const struct transfer_facts transfer_defaults = {.start_months_before =
                                                            TRANSFER_START_MONTHS};

static const char *const conventions[] = {"civil_end", "same_day", NULL};
static const char *const recert_statuses[] = {
    [RECERT_RENEWED_IN_TIME] = "renewed_in_time",
    [RECERT_RENEWED_EARLY_RESET] = "renewed_early_reset",
    [RECERT_RESTORED] = "restored",
    [RECERT_STAGE2_REQUIRED] = "stage2_required",
    [RECERT_NOT_ALLOWED_OPEN_MAJOR] = "not_allowed_open_major",
};
static const char *const editions[] = {"27001:2013", "27001:2022", NULL};
static const char *const withs[] = {"recertification", "surveillance", "alone", NULL};
static const char *const addons[] = {"27017-JP", "27701:2019", "27701:2025", NULL};
static const char *const states[] = {
    "none",      "preparing", "stage1_done", "stage2_done", "recommended",
    "certified", "suspended", "withdrawn",   "expired",     NULL};
static const char *const transfer_reasons[] = {
    [TRANSFER_REASON_NONE] = NULL,
    [TRANSFER_NOT_CERTIFIED] = "NOT_CERTIFIED",
    [TRANSFER_NOT_ACCREDITED] = "NOT_ACCREDITED",
    [TRANSFER_MAJORS_OPEN] = "MAJORS_OPEN",
    [TRANSFER_TOO_LATE] = "TOO_LATE",
};

#define DATE(name, type, member, needed)                                                 \
    {                                                                                    \
        .pointer = (name), .kind = FIELD_DATE, .offset = offsetof(type, member),         \
        .required = (needed)                                                             \
    }
#define INTEGER(name, type, member, from, to)                                            \
    {                                                                                    \
        .pointer = (name), .kind = FIELD_INT, .offset = offsetof(type, member),          \
        .least = (from), .most = (to)                                                    \
    }
#define CHOICE(name, type, member, needed, names)                                        \
    {                                                                                    \
        .pointer = (name), .kind = FIELD_CHOICE, .offset = offsetof(type, member),       \
        .required = (needed), .choices = (names)                                         \
    }
#define FLAG(name, type, member, needed)                                                 \
    {                                                                                    \
        .pointer = (name), .kind = FIELD_BOOL, .offset = offsetof(type, member),         \
        .required = (needed)                                                             \
    }

static const struct field major_fields[] = {
    DATE("/expiry", struct expiry_facts, expiry, true),
    DATE("/verified_date", struct expiry_facts, verified_date, false),
};

static const struct field restore_fields[] = {
    DATE("/expiry", struct expiry_facts, expiry, true),
    INTEGER("/months", struct expiry_facts, months, 0, 36),
};

static const struct field recert_fields[] = {
    DATE("/expiry", struct recert_facts, expiry, true),
    DATE("/audit_last_day", struct recert_facts, audit_last_day, true),
    DATE("/decision_date", struct recert_facts, decision_date, true),
    FLAG("/majors_open", struct recert_facts, majors_open, false),
    CHOICE("/policy/expiry_convention", struct recert_facts, expiry_convention, false,
           conventions),
    INTEGER("/policy/early_threshold_months", struct recert_facts, early_threshold_months,
            1, 36),
    INTEGER("/policy/restore_months", struct recert_facts, restore_months, 0,
            RECERT_RESTORE_MONTHS),
};

static const struct field transition_fields[] = {
    CHOICE("/certificate_standard", struct transition_facts, standard, false, editions),
    DATE("/today", struct transition_facts, today, false),
    DATE("/start_audit", struct transition_facts, start_audit, false),
    CHOICE("/transition_with", struct transition_facts, with, false, withs),
};

static const struct field addon_fields[] = {
    CHOICE("/addon", struct addon_facts, addon, true, addons),
    CHOICE("/addon_state", struct addon_facts, addon_state, true, states),
    CHOICE("/isms_state", struct addon_facts, isms_state, false, states),
    DATE("/isms_expiry", struct addon_facts, isms_expiry, false),
    DATE("/addon_own_expiry", struct addon_facts, addon_own_expiry, false),
    DATE("/today", struct addon_facts, today, false),
};

static const struct field transfer_fields[] = {
    CHOICE("/state", struct transfer_facts, state, true, states),
    FLAG("/accredited_mla", struct transfer_facts, accredited_mla, true),
    DATE("/expiry", struct transfer_facts, expiry, false),
    DATE("/cb_lost_accreditation_on", struct transfer_facts, cb_lost_accreditation_on,
         false),
    DATE("/today", struct transfer_facts, today, false),
    DATE("/next_audit", struct transfer_facts, next_audit, false),
    INTEGER("/open_majors", struct transfer_facts, open_majors, 0, 10000),
    INTEGER("/policy/start_months_before", struct transfer_facts, start_months_before, 0,
            24),
};

static void recert_major_nc(const void *given, const struct answer *answer)
{
    const struct expiry_facts *facts = given;

    answer_bool(answer, "may_recommend",
                finding_recert_may_recommend(facts->expiry, facts->verified_date));
    answer_date(answer, "deadline", facts->expiry);
}

static void restore_deadline(const void *given, const struct answer *answer)
{
    const struct expiry_facts *facts = given;

    answer_date(answer, "date", recert_restore_deadline(facts->expiry, facts->months));
}

static void recert_result(const void *given, const struct answer *answer)
{
    struct recert_result result = recert_decide(given);
    bool allowed = result.status != RECERT_NOT_ALLOWED_OPEN_MAJOR;

    answer_text(answer, "status", recert_statuses[result.status]);
    answer_date(answer, "effective_date", result.effective_date);
    answer_date(answer, "new_expiry", result.new_expiry);
    answer_date(answer, "restore_until", result.restore_until);
    if (!allowed) {
        answer_null(answer, "gap_days");
        answer_null(answer, "lost_days");
        answer_null(answer, "surveillance_anchor");
        return;
    }
    answer_integer(answer, "gap_days", result.gap_days);
    answer_integer(answer, "lost_days", result.lost_days);
    answer_text(answer, "surveillance_anchor",
                result.anchor_is_decision ? "decision" : "old_anniversary");
}

/* Unknown only for the old edition without a day to judge. */
static void answer_validity(const struct transition_facts *facts,
                            const struct answer *answer)
{
    const char *edition = facts->standard == NOT_GIVEN ? NULL : editions[facts->standard];
    bool is_old = edition != NULL && strcmp(edition, transition_27001.old_edition) == 0;

    if (edition == NULL || (is_old && civil_is_none(facts->today)))
        answer_null(answer, "certificate_valid");
    else
        answer_bool(
            answer, "certificate_valid",
            transition_certificate_valid(&transition_27001, edition, facts->today));
}

static void transition_answer(const void *given, const struct answer *answer)
{
    const struct transition_facts *facts = given;
    const struct edition_transition *transition = &transition_27001;

    answer_validity(facts, answer);
    if (civil_is_none(facts->start_audit))
        answer_null(answer, "may_start_old_edition");
    else
        answer_bool(answer, "may_start_old_edition",
                    transition_may_start_old(transition, facts->start_audit));
    if (facts->with == NOT_GIVEN)
        answer_null(answer, "min_extra_days");
    else
        answer_half_days(answer, "min_extra_days",
                         transition->extra_half_days[facts->with]);
    answer_date(answer, "old_edition_end", transition->end);
    answer_date(answer, "old_edition_last_start", transition->last_start_initial);
}

static void addon(const void *given, const struct answer *answer)
{
    struct addon_result result = addon_judge(given);

    answer_bool(answer, "requires_isms", result.requires_isms);
    answer_bool(answer, "valid", result.valid);
    answer_date(answer, "expiry", result.expiry);
}

static void transfer(const void *given, const struct answer *answer)
{
    struct transfer_result result = transfer_judge(given);

    answer_bool(answer, "eligible", result.eligible);
    answer_date(answer, "new_expiry", result.new_expiry);
    answer_date(answer, "deadline", result.deadline);
    answer_text(answer, "reason", transfer_reasons[result.reason]);
    answer_date(answer, "start_by", result.start_by);
}

static void recert_check(const void *given, struct calculation_errors *errors)
{
    const struct recert_facts *facts = given;

    if (civil_before(facts->decision_date, facts->audit_last_day))
        calculation_refuse(errors, "/decision_date", "before_start");
}

#define ROW(operation, start, table, checker, run, blamed, ...)                          \
    .op = (operation), .rules = RULES(__VA_ARGS__), .basis = (blamed),                   \
    .fields = table##_fields, .field_count = COUNT_OF(table##_fields),                   \
    .defaults = &start##_defaults, .facts_size = sizeof start##_defaults,                \
    .check = (checker), .answer = (run)

const struct calculation recert_calculations[] = {
    {ROW("recert_major_nc", expiry, major, NULL, recert_major_nc, "/expiry", "REC-02")},
    {ROW("restore_deadline", expiry, restore, NULL, restore_deadline, "/expiry", "REC-05",
         "CAL-01")},
    {ROW("recert_result", recert, recert, recert_check, recert_result, "/expiry",
         "REC-02", "REC-03", "REC-04", "REC-05", "REC-06", "CAL-03", "CYC-04")},
    {ROW("transition_27001", transition, transition, NULL, transition_answer, "/today",
         "TRN-01", "TRN-02", "TRN-03")},
    {ROW("addon", addon, addon, NULL, addon, "/isms_expiry", "ADD-01", "ADD-02",
         "ADD-03")},
    {ROW("transfer", transfer, transfer, NULL, transfer, "/expiry", "TRF-01", "TRF-02",
         "TRF-03")},
    {.op = NULL},
};
