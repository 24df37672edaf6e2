/* Changes: whom to tell by when, and whether an audit must look at them. */
#include "services/scheduling/rules/change.h"

#include <string.h>

/* CHG-01 (17021-1 8.5.3) and CHG-06. Without an audit review: what a body changes on
 * paper. */
static const struct change_kind kinds[] = {
    {"legal_status", "CHG-01", true, true, CHANGE_REVIEW, true},
    {"commercial_status", "CHG-01", true, true, CHANGE_REVIEW, false},
    {"organizational_status", "CHG-01", true, true, CHANGE_REVIEW, true},
    {"ownership", "CHG-01", true, true, CHANGE_REVIEW, false},
    {"organization", "CHG-01", true, true, CHANGE_REVIEW, true},
    {"management", "CHG-01", true, true, CHANGE_REVIEW, false},
    {"contact_address", "CHG-01", true, false, CHANGE_ON_PAPER, false},
    {"site_relocation", "CHG-01", true, true, CHANGE_MOVE, true},
    {"relocation", "CHG-01", true, true, CHANGE_MOVE, true},
    {"sites", "CHG-01", true, true, CHANGE_GROWTH, true},
    {"scope", "CHG-01", true, true, CHANGE_GROWTH, true},
    {"scope_change", "CHG-01", true, true, CHANGE_GROWTH, true},
    {"scope_extension", "CHG-01", true, true, CHANGE_GROWTH, true},
    {"scope_reduction", "CHG-01", true, true, CHANGE_SHRINKING, true},
    {"management_system", "CHG-01", true, true, CHANGE_REVIEW, false},
    {"processes", "CHG-01", true, true, CHANGE_REVIEW, false},
    {"major_system_change", "CHG-01", true, true, CHANGE_REVIEW, false},
    {"major_process_change", "CHG-01", true, true, CHANGE_REVIEW, false},
    {"new_site", "CHG-06", true, true, CHANGE_GROWTH, true},
    {"site_opening", "CHG-06", true, true, CHANGE_GROWTH, true},
    {"closed_site", "CHG-06", true, true, CHANGE_SHRINKING, true},
    {"site_closure", "CHG-06", true, true, CHANGE_SHRINKING, true},
    {"head_count", "CHG-06", true, true, CHANGE_HEAD_COUNT, true},
    {"headcount", "CHG-06", true, true, CHANGE_HEAD_COUNT, true},
    {"headcount_bracket", "CHG-06", true, true, CHANGE_HEAD_COUNT, true},
    {"new_service", "CHG-06", true, true, CHANGE_GROWTH, true},
    {"ended_service", "CHG-06", true, true, CHANGE_SHRINKING, true},
    {"merger", "CHG-06", true, true, CHANGE_GROWTH, true},
    {"split", "CHG-06", true, true, CHANGE_SHRINKING, true},
    {"rename", "CHG-06", true, false, CHANGE_ON_PAPER, true},
    {"new_top_management", "CHG-06", true, true, CHANGE_REVIEW, false},
    {"top_management", "CHG-06", true, true, CHANGE_REVIEW, false},
    {"main_outsourcing", "CHG-06", true, true, CHANGE_REVIEW, false},
    {"main_cloud", "CHG-06", true, true, CHANGE_REVIEW, false},
    {"serious_incident", "CHG-06", true, true, CHANGE_INCIDENT, false},
    {"remote_work_shift", "CHG-06", true, true, CHANGE_REVIEW, true},
};

static struct civil later(struct civil a, struct civil b)
{
    return civil_before(a, b) ? b : a;
}

static bool is_within(struct civil date, struct civil from, struct civil to)
{
    return !civil_is_none(date) && !civil_before(date, from) && !civil_before(to, date);
}

/* CHG-03: merge with the next audit when it follows within N months; else pull it
 * forward inside its own window; else a special audit within M months. */
struct relocation_result relocation_advise(const struct relocation_facts *facts)
{
    struct civil move = facts->move_date;
    struct civil merge_end = civil_add_months(move, facts->merge_within_months);
    bool has_window = !civil_is_none(facts->next_nominal) &&
                      !civil_is_none(facts->next_window_start) &&
                      !civil_before(facts->next_nominal, move);

    if (is_within(facts->next_nominal, move, merge_end))
        return (struct relocation_result){RELOCATION_MERGE, facts->next_nominal, move};
    if (facts->allow_pull_forward && has_window &&
        civil_compare(facts->next_window_start, merge_end) <= 0)
        return (struct relocation_result){RELOCATION_MERGE_PULL_FORWARD, merge_end,
                                          later(move, facts->next_window_start)};
    return (struct relocation_result){
        RELOCATION_SPECIAL_AUDIT, civil_add_months(move, facts->special_within_months),
        move};
}

static bool is_by(struct civil date, struct civil limit)
{
    return !civil_before(limit, date);
}

/* CHG-04: not later than stage 2. */
static enum move_warning warning_before_stage2(const struct move_facts *facts)
{
    if (civil_is_none(facts->stage1_last_day))
        return MOVE_WARNING_STAGE1_UNKNOWN;
    return is_by(facts->move_date, facts->stage1_last_day) ? MOVE_WARNING_NONE
                                                           : MOVE_WARNING_BETWEEN_STAGES;
}

/* CHG-05: after stage 2; a decision never comes before it. */
static enum move_warning warning_after_stage2(const struct move_facts *facts)
{
    if (civil_is_none(facts->decision))
        return MOVE_WARNING_DECISION_UNKNOWN;
    return is_by(facts->move_date, civil_add_months(facts->decision, facts->warn_months))
               ? MOVE_WARNING_SOON_AFTER_AUDIT
               : MOVE_WARNING_NONE;
}

/* CHG-04, CHG-05 */
enum move_warning move_warning_judge(const struct move_facts *facts)
{
    if (!civil_is_none(facts->stage1_last_day) &&
        is_by(facts->move_date, facts->stage1_last_day))
        return MOVE_WARNING_NONE;
    if (!civil_is_none(facts->stage2_last_day))
        return is_by(facts->move_date, facts->stage2_last_day)
                   ? warning_before_stage2(facts)
                   : warning_after_stage2(facts);
    if (!civil_is_none(facts->decision) &&
        civil_before(facts->decision, facts->move_date))
        return warning_after_stage2(facts);
    return MOVE_WARNING_STAGE2_UNKNOWN;
}

/* CHG-03 */
struct civil change_audit_sees(const struct change_audit_days *audit,
                               struct civil change_date)
{
    if (!civil_is_none(audit->planned_first))
        return is_by(change_date, audit->planned_last)
                   ? later(change_date, audit->planned_first)
                   : CIVIL_NONE;
    if (civil_is_none(audit->nominal) || is_by(change_date, audit->nominal))
        return audit->nominal;
    if (!civil_is_none(audit->window_end) && is_by(change_date, audit->window_end))
        return change_date;
    return CIVIL_NONE;
}

/* CHG-01: the body is told of an incident once it has happened, not before it. */
struct civil change_told_from(const struct business_calendar *calendar,
                              const struct change_kind *kind, struct civil change_date)
{
    if (kind->family != CHANGE_INCIDENT || civil_is_none(change_date))
        return change_date;
    return business_day_roll(calendar, change_date, BUSINESS_ROLL_NEXT);
}

int change_notice_days(const struct change_kind *kind, int notice_days_before)
{
    return kind->family == CHANGE_INCIDENT ? 0 : notice_days_before;
}

const struct change_kind *change_kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return NULL;
}

const struct change_kind *change_kind_at(size_t index)
{
    return index < sizeof kinds / sizeof kinds[0] ? &kinds[index] : NULL;
}

/* CHG-01: the duty is "without delay", the lead time the body's; CAL-04 rolls back. */
struct change_notice change_notice_due(const struct business_calendar *calendar,
                                       struct civil change_date, int notice_days)
{
    struct civil raw = civil_add_days(change_date, -(int64_t)notice_days);

    return (struct change_notice){
        .raw = raw,
        .notify_by = business_day_roll(calendar, raw, BUSINESS_ROLL_PREV),
    };
}
