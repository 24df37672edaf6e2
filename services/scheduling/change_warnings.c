/* What a change should make one careful about. */
#include "services/scheduling/change_advice.h"

static void set_offers(const struct change_case *of, json_t *json)
{
    json_t *names = json_array(), *offers = json_array();
    for (int i = 0; change_offer_name(i); i++) {
        const char *text = change_say_here(of, change_offer_text(i));
        json_array_append_new(names, json_string(change_offer_name(i)));
        json_array_append_new(offers, json_pack("{s:s, s:s}", "option",
                                                change_offer_name(i), "text", text));
    }
    json_object_set_new(json, "options", names);
    json_object_set_new(json, "offers", offers);
}

static json_t *unknown_days(const struct move_facts *move)
{
    json_t *list = json_array();
    if (civil_is_none(move->stage1_last_day))
        json_array_append_new(list, json_string("stage1_last_day"));
    if (civil_is_none(move->stage2_last_day))
        json_array_append_new(list, json_string("stage2_last_day"));
    if (civil_is_none(move->decision))
        json_array_append_new(list, json_string("decision_date"));
    return list;
}

/* CHG-04, CHG-05. Null for what is no move, and while no day of the certification is known at all. */
json_t *change_move_warning(const struct change_case *of)
{
    const struct move_facts *move = &of->move;
    if (of->kind->family != CHANGE_MOVE || of->asked.phase == PHASE_PMARK ||
        (civil_is_none(move->stage2_last_day) && civil_is_none(move->decision)))
        return json_null();
    enum move_warning warning = move_warning_judge(move);
    const struct change_text *text = change_warning_text(warning);
    const char *code = change_warning_code(warning);
    json_t *json = json_pack(
        "{s:b, s:s?, s:s?, s:o, s:{s:[s,s], s:{s:o, s:o, s:o, s:o}, s:{s:i}}}", "warn",
        warning != MOVE_WARNING_NONE, "code", code, "text",
        text ? change_say_here(of, text) : NULL, "unknown", unknown_days(move), "why",
        "rules", "CHG-04", "CHG-05", "inputs", "stage1_last_day",
        change_date_json(move->stage1_last_day), "stage2_last_day",
        change_date_json(move->stage2_last_day), "decision",
        change_date_json(move->decision), "move_date", change_date_json(move->move_date),
        "policy", "move_warn_months", move->warn_months);
    if (warning != MOVE_WARNING_NONE)
        set_offers(of, json);
    else
        json_object_set_new(json, "options", json_array());
    return json;
}

/* CHG-04, INI-02: null unless the change comes between the stages. */
json_t *change_stage1_repeat(const struct change_case *of)
{
    const struct policies *policies = &of->facts.policies;
    if (of->asked.phase != PHASE_BETWEEN_STAGES ||
        of->options.of[VARIANT_REPEAT_STAGE1].obstacle != OBSTACLE_NONE)
        return json_null();
    json_t *gap = json_null();
    if (!civil_is_none(of->move.stage2_last_day))
        gap = change_calculated(
            "stage_gap",
            json_pack("{s:o, s:o, s:b, s:{s:i, s:i}}", "stage1_last_day",
                      change_date_json(of->move.stage1_last_day), "stage2_first_day",
                      change_date_json(of->move.stage2_last_day), "significant_change", 1,
                      "policy", "min_days", policies->stage_gap_min_days, "max_months",
                      policies->stage_gap_max_months));
    return json_pack("{s:s, s:s, s:o}", "rule", change_note_rule(NOTE_STAGE1_REPEAT),
                     "text", change_say_here(of, change_note(NOTE_STAGE1_REPEAT)),
                     "stage_gap", gap);
}

static void warn(const struct change_case *of, json_t *list, enum change_note note)
{
    json_array_append_new(list,
                          json_pack("{s:s, s:s, s:s}", "code", change_note_code(note),
                                    "rule", change_note_rule(note), "text",
                                    change_say_here(of, change_note(note))));
}

json_t *change_warnings(const struct change_case *of, bool late)
{
    json_t *list = json_array();
    enum change_family family = of->kind->family;
    const struct plan_certification *c = &of->facts.certification;
    bool certified = of->asked.phase == PHASE_CERTIFIED;
    if (late)
        warn(of, list, NOTE_NOTICE_LATE);
    if (c->state == CERTIFICATION_SUSPENDED && family == CHANGE_GROWTH)
        warn(of, list, NOTE_SUSPENDED);
    if (!civil_is_none(c->expiry_date) && civil_before(c->expiry_date, of->change_date))
        warn(of, list, NOTE_EXPIRES_FIRST);
    if (certified && family == CHANGE_GROWTH)
        warn(of, list, NOTE_NOT_COVERED);
    if (certified && family == CHANGE_SHRINKING)
        warn(of, list, NOTE_REMOVE_MARK);
    if (certified && of->kind->touches_scope && family != CHANGE_HEAD_COUNT)
        warn(of, list, NOTE_REISSUE);
    return list;
}
