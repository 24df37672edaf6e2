/* Relocations, warnings and notices of change as calculations. */
#include "services/scheduling/calculation_answer.h"

#include "services/scheduling/rules/change.h"

#define RULES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define MOST_CHANGE_NAME 64

struct notice_facts {
    const char *change;
    struct civil change_date;
    int notice_days_before;
    bool year_end_closed;
};

static const struct relocation_facts relocation_defaults = {
    .merge_within_months = CHANGE_MERGE_MONTHS,
    .special_within_months = CHANGE_SPECIAL_MONTHS,
};
static const struct move_facts move_defaults = {.warn_months = CHANGE_WARN_MONTHS};
static const struct notice_facts notice_defaults = {.notice_days_before =
                                                        CHANGE_NOTICE_DAYS};

static const char *const actions[] = {
    [RELOCATION_MERGE] = "merge",
    [RELOCATION_MERGE_PULL_FORWARD] = "merge_pull_forward",
    [RELOCATION_SPECIAL_AUDIT] = "special_audit",
};
static const char *const warning_codes[MOVE_WARNINGS] = {
    [MOVE_WARNING_NONE] = NULL,
    [MOVE_WARNING_BETWEEN_STAGES] = "MOVE_BETWEEN_STAGES",
    [MOVE_WARNING_SOON_AFTER_AUDIT] = "MOVE_SOON_AFTER_AUDIT",
};
/* CHG-05: what to offer with a warning */
static const char *const move_options[] = {
    "move_first", "include_new_site_in_initial_scope", "accept_extra_audit"};

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

static const struct field relocation_fields[] = {
    DATE("/move_date", struct relocation_facts, move_date, true),
    DATE("/next_audit/nominal", struct relocation_facts, next_nominal, true),
    DATE("/next_audit/window_start", struct relocation_facts, next_window_start, false),
    INTEGER("/policy/merge_within_months", struct relocation_facts, merge_within_months,
            0, 24),
    INTEGER("/policy/special_within_months", struct relocation_facts,
            special_within_months, 0, 24),
    {.pointer = "/policy/allow_pull_forward",
     .kind = FIELD_BOOL,
     .offset = offsetof(struct relocation_facts, allow_pull_forward)},
};

static const struct field move_fields[] = {
    DATE("/planned_stage1_last_day", struct move_facts, stage1_last_day, true),
    DATE("/planned_stage2_last_day", struct move_facts, stage2_last_day, true),
    DATE("/planned_decision", struct move_facts, decision, true),
    DATE("/move_date", struct move_facts, move_date, true),
    INTEGER("/warn_months", struct move_facts, warn_months, 0, 36),
};

static const struct field notice_fields[] = {
    {.pointer = "/change",
     .kind = FIELD_TEXT,
     .offset = offsetof(struct notice_facts, change),
     .required = true,
     .most = MOST_CHANGE_NAME},
    DATE("/change_date", struct notice_facts, change_date, false),
    INTEGER("/policy/notice_days_before", struct notice_facts, notice_days_before, 0,
            730),
    {.pointer = "/policy/year_end_closed",
     .kind = FIELD_BOOL,
     .offset = offsetof(struct notice_facts, year_end_closed)},
};

static void relocation(const void *given, const struct answer *answer)
{
    struct relocation_result result = relocation_advise(given);

    answer_text(answer, "action", actions[result.action]);
    answer_date(answer, "due_by", result.due_by);
    answer_date(answer, "not_before", result.not_before);
}

static void move_warning(const void *given, const struct answer *answer)
{
    enum move_warning warning = move_warning_judge(given);
    json_t *options;

    answer_bool(answer, "warn", warning != MOVE_WARNING_NONE);
    answer_text(answer, "code", warning_codes[warning]);
    options = answer_list(answer, "options");
    for (size_t i = 0; warning != MOVE_WARNING_NONE && i < COUNT_OF(move_options); i++)
        json_array_append_new(options, json_string(move_options[i]));
}

static void answer_notice(const struct notice_facts *facts, const struct answer *answer)
{
    struct business_calendar calendar = {.year_end_closed = facts->year_end_closed};
    struct change_notice notice =
        change_notice_due(&calendar, facts->change_date, facts->notice_days_before);

    answer_date(answer, "notify_by", notice.notify_by);
    answer_date(answer, "notify_by_raw", notice.raw);
}

static void change_notice(const void *given, const struct answer *answer)
{
    const struct notice_facts *facts = given;
    const struct change_kind *kind = change_kind_find(facts->change);
    bool must_notify = kind != NULL && kind->must_notify;

    answer_bool(answer, "must_notify", must_notify);
    answer_bool(answer, "needs_audit_review", kind != NULL && kind->needs_audit_review);
    answer_bool(answer, "known_change", kind != NULL);
    answer_text(answer, "rule", kind == NULL ? NULL : kind->rule);
    if (must_notify && !civil_is_none(facts->change_date)) {
        answer_notice(facts, answer);
    } else {
        answer_null(answer, "notify_by");
        answer_null(answer, "notify_by_raw");
    }
}

static void relocation_check(const void *given, struct calculation_errors *errors)
{
    const struct relocation_facts *facts = given;

    if (civil_is_none(facts->next_nominal) || civil_is_none(facts->next_window_start))
        return;
    if (civil_before(facts->next_nominal, facts->next_window_start))
        calculation_refuse(errors, "/next_audit/nominal", "before_start");
}

static void move_check(const void *given, struct calculation_errors *errors)
{
    const struct move_facts *facts = given;

    if (civil_before(facts->stage2_last_day, facts->stage1_last_day))
        calculation_refuse(errors, "/planned_stage2_last_day", "before_start");
    if (civil_before(facts->decision, facts->stage2_last_day))
        calculation_refuse(errors, "/planned_decision", "before_start");
}

/* A change that must be told has a day. */
static void notice_check(const void *given, struct calculation_errors *errors)
{
    const struct notice_facts *facts = given;
    const struct change_kind *kind = change_kind_find(facts->change);

    if (kind != NULL && kind->must_notify && civil_is_none(facts->change_date))
        calculation_refuse(errors, "/change_date", "required");
}

#define ROW(name, table, checker, blamed, ...)                                           \
    .op = #name, .rules = RULES(__VA_ARGS__), .basis = (blamed),                         \
    .fields = table##_fields, .field_count = COUNT_OF(table##_fields),                   \
    .defaults = &table##_defaults, .facts_size = sizeof table##_defaults,                \
    .check = (checker), .answer = (name)

const struct calculation change_calculations[] = {
    {ROW(relocation, relocation, relocation_check, "/move_date", "CHG-03")},
    {ROW(move_warning, move, move_check, "/planned_decision", "CHG-04", "CHG-05")},
    {ROW(change_notice, notice, notice_check, "/change_date", "CHG-01", "CHG-06",
         "CAL-04")},
    {.op = NULL},
};
