/* From rows of JSON to a judged case. */
#include "services/scheduling/change_case.h"

#include <string.h>

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool is_external(const char *kind)
{
    static const char *const kinds[] = {"stage1", "stage2", "surveillance",
                                        "recertification"};
    for (size_t i = 0; kind && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kind, kinds[i]) == 0)
            return true;
    }
    return false;
}

static bool is_open(const json_t *audit)
{
    const char *status = text_of(audit, "status");
    return status && strcmp(status, "cancelled") != 0 && strcmp(status, "held") != 0 &&
           strcmp(status, "reported") != 0;
}

static struct change_audit_days days_of(const json_t *audit)
{
    struct change_audit_days days = {
        .nominal = json_date(audit, "nominal_date"),
        .window_start = json_date(audit, "window_start"),
        .window_end = json_date(audit, "window_end"),
        .planned_first = json_date(audit, "planned_first_day"),
        .planned_last = CIVIL_NONE,
    };
    if (!civil_is_none(days.planned_first))
        days.planned_last =
            civil_later(days.planned_first, json_date(audit, "planned_last_day"));
    return days;
}

/* ---- the next audit that can see the change ---- */

static void find_next(struct change_case *of)
{
    const json_t *audits = json_object_get(of->row, "audits");
    struct civil best = CIVIL_NONE;
    of->asked.next = days_of(NULL);
    for (size_t i = 0; i < json_array_size(audits); i++) {
        const json_t *audit = json_array_get(audits, i);
        struct change_audit_days days = days_of(audit);
        struct civil seen = change_audit_sees(&days, of->change_date);
        if (!is_external(text_of(audit, "kind")) || !is_open(audit) ||
            civil_is_none(seen) || (!civil_is_none(best) && !civil_before(seen, best)))
            continue;
        best = seen;
        of->next = audit;
        of->asked.next = days;
    }
}

/* ---- where the certification stands ---- */

/* Last day of a stage: recorded, else held, agreed or nominal. */
static struct civil stage_day(const struct change_case *of, const char *kind,
                              struct civil recorded)
{
    static const char *const names[] = {"held_last_day", "planned_last_day",
                                        "planned_first_day", "nominal_date"};
    const json_t *audits = json_object_get(of->row, "audits");
    for (size_t name = 0; name < sizeof names / sizeof *names; name++) {
        for (size_t i = 0; i < json_array_size(audits) && civil_is_none(recorded); i++) {
            const json_t *audit = json_array_get(audits, i);
            const char *status = text_of(audit, "status");
            if (strcmp(text_of(audit, "kind"), kind) == 0 &&
                (!status || strcmp(status, "cancelled") != 0))
                recorded = json_date(audit, names[name]);
        }
    }
    return recorded;
}

/* CHG-05 is about the audit that the certificate in force stands on: after a recertification that one. */
static void read_move(struct change_case *of)
{
    const struct plan_certification *c = &of->facts.certification;
    bool again = c->after_recertification;
    of->move = (struct move_facts){
        .stage1_last_day = again ? c->recertification_audit_last_day
                                 : stage_day(of, "stage1", c->stage1_last_day),
        .stage2_last_day = again ? c->recertification_audit_last_day
                                 : stage_day(of, "stage2", c->stage2_last_day),
        .decision = civil_is_none(c->decision_date) ? c->target_date : c->decision_date,
        .move_date = of->change_date,
        .warn_months = of->facts.policies.move_warn_months,
    };
}

static bool comes_after(struct civil date, struct civil mark)
{
    return !civil_is_none(mark) && civil_before(mark, date);
}

static enum change_phase phase_of(const struct change_case *of)
{
    enum certification_state state = of->facts.certification.state;
    if (of->facts.certification.scheme == SCHEME_PMARK)
        return PHASE_PMARK;
    if (state >= CERTIFICATION_CERTIFIED ||
        comes_after(of->change_date, of->move.decision))
        return PHASE_CERTIFIED;
    if (state == CERTIFICATION_STAGE2_DONE || state == CERTIFICATION_RECOMMENDED ||
        comes_after(of->change_date, of->move.stage2_last_day))
        return PHASE_AFTER_STAGE2;
    return comes_after(of->change_date, of->move.stage1_last_day) ? PHASE_BETWEEN_STAGES
                                                                  : PHASE_BEFORE_STAGE1;
}

static bool bracket_stays(const struct change_time *time)
{
    return time->both_known &&
           !audit_time_bracket_changes(time->persons_before, time->persons_after);
}

bool change_case_read(const struct change_ground *ground, const json_t *change,
                      const json_t *certification, struct change_case *ret_case)
{
    const struct change_kind *kind = change_kind_find(text_of(change, "kind"));
    if (!kind)
        return false;
    *ret_case = (struct change_case){.ground = ground,
                                     .change = change,
                                     .row = certification,
                                     .kind = kind,
                                     .change_date = json_date(change, "change_date")};
    plan_facts_read(ground->arena, certification, ground->today, &ret_case->facts);
    const struct policies *policies = &ret_case->facts.policies;
    find_next(ret_case);
    read_move(ret_case);
    ret_case->time = change_time_of(ground, change, policies);
    ret_case->asked.family = kind->family;
    ret_case->asked.phase = phase_of(ret_case);
    ret_case->asked.bracket_stays = bracket_stays(&ret_case->time);
    ret_case->asked.change_date = ret_case->change_date;
    ret_case->asked.merge_within_months = policies->merge_within_months;
    ret_case->asked.special_within_months = policies->special_within_months;
    ret_case->asked.allow_pull_forward = policies->allow_pull_forward;
    change_options_judge(&ret_case->asked, &ret_case->options);
    return true;
}
