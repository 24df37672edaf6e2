/* Approving the advice on a change: the chosen variant becomes audits with days, links and the next version of the scope. */
#include "services/scheduling/change_steps.h"

#include "api/id.h"
#include "services/scheduling/certifications.h"
#include "services/scheduling/change_advice.h"
#include "services/scheduling/change_scope.h"
#include "services/scheduling/plan.h"

#include <string.h>

struct approval {
    struct request *rq;
    struct change_ground ground;
    const json_t *change;
    enum change_variant wanted;
    struct civil first, last; /* CIVIL_NONE: not agreed yet */
    json_t *audits;           /* for the statements */
    bool met;                 /* some certification takes the wanted variant */
    json_t *possible;         /* names that some certification would take */
};

/* ---- the days that were agreed ---- */

static bool day_fits(const struct approval *approval, struct civil day,
                     const char *pointer, const struct change_option *option)
{
    struct request *rq = approval->rq;
    if (civil_is_none(day))
        return true;
    if (!civil_is_none(option->not_before) && civil_before(day, option->not_before))
        return refuse_field(rq, pointer, "before_start",
                            civil_text(rq->arena, option->not_before));
    if (!civil_is_none(option->due_by) && civil_before(option->due_by, day))
        return refuse_field(rq, pointer, "after_end",
                            civil_text(rq->arena, option->due_by));
    return true;
}

static bool read_days(struct approval *approval)
{
    struct request *rq = approval->rq;
    approval->first = json_date(rq->body, "first_day");
    approval->last = json_date(rq->body, "last_day");
    if (civil_is_none(approval->first) && !civil_is_none(approval->last))
        return refuse_field(rq, "/first_day", "required_with", "last_day");
    if (civil_is_none(approval->last))
        approval->last = approval->first;
    if (!civil_is_none(approval->first) && civil_before(approval->last, approval->first))
        return refuse_field(rq, "/last_day", "before_start", "first_day");
    return true;
}

/* An audit with days of its own is moved where its team and plan move with it. */
static bool is_free(const struct approval *approval, const struct change_case *of,
                    enum change_variant variant)
{
    const char *first = json_string_value(json_object_get(of->next, "planned_first_day"));
    struct civil day = json_date(of->next, "planned_first_day");
    bool merges = variant == VARIANT_MERGE || variant == VARIANT_PULL_FORWARD;
    if (!merges || !first || civil_is_none(approval->first) ||
        civil_compare(day, approval->first) == 0)
        return true;
    return refuse_field(approval->rq, "/first_day", "not_allowed_here", first);
}

/* ---- one certification ---- */

/* The wanted variant, or what is advised where that one does not fit. */
static enum change_variant variant_for(const struct approval *approval,
                                       const struct change_case *of)
{
    bool fits = of->options.of[approval->wanted].obstacle == OBSTACLE_NONE;
    return fits ? approval->wanted : of->options.advised;
}

static bool makes_audit(enum change_variant variant)
{
    return variant == VARIANT_CHANGE_AUDIT || variant == VARIANT_REPEAT_STAGE1;
}

static const char *audit_note(const struct approval *approval,
                              const struct change_case *of)
{
    const char *kind = json_string_value(json_object_get(approval->change, "kind"));
    const char *text =
        json_string_value(json_object_get(approval->change, "description"));
    return arena_printf(approval->rq->arena, "%s（%s）%s%s",
                        change_audit_title(of->kind->family)->ja,
                        change_subject(kind)->ja, text ? ": " : "", text ? text : "");
}

static json_t *new_id(void)
{
    char id[ID_TEXT];
    return json_string(id_new(id));
}

/* What link, audit and booking are stored from. */
static void add_link(struct approval *approval, const struct change_case *of,
                     enum change_variant variant)
{
    json_t *link = change_variant_json(of, variant);
    bool made = makes_audit(variant);
    if (made)
        json_object_set_new(link, "audit_id", new_id());
    json_object_set(link, "kind", json_object_get(link, "audit_kind"));
    json_object_set_new(link, "id", new_id());
    json_object_set_new(link, "certification_id",
                        json_string(of->facts.certification.id));
    json_object_set_new(link, "made", json_boolean(made));
    json_object_set_new(link, "first_day", change_date_json(approval->first));
    json_object_set_new(link, "last_day", change_date_json(approval->last));
    json_object_set_new(link, "note", json_string(audit_note(approval, of)));
    json_array_append_new(approval->audits, link);
}

static void note_possible(struct approval *approval, const struct change_case *of)
{
    for (int i = 0; i < CHANGE_VARIANTS; i++) {
        if (of->options.of[i].obstacle == OBSTACLE_NONE)
            json_object_set_new(approval->possible, change_variant_names[i], json_true());
    }
}

static bool approve_for(struct approval *approval, const struct change_case *of)
{
    enum change_variant variant = variant_for(approval, of);
    const struct change_option *option = &of->options.of[variant];
    bool fits = day_fits(approval, approval->first, "/first_day", option) &&
                day_fits(approval, approval->last, "/last_day", option) &&
                is_free(approval, of, variant);
    note_possible(approval, of);
    approval->met |= variant == approval->wanted;
    if (fits)
        add_link(approval, of, variant);
    return fits;
}

/* ---- all of them ---- */

static bool is_asked(const struct approval *approval, const json_t *certification)
{
    const char *only =
        json_string_value(request_member(approval->rq, "certification_id"));
    const json_t *row = json_object_get(certification, "certification");
    return change_concerns(approval->change, certification) &&
           (!only ||
            strcasecmp(only, json_string_value(json_object_get(row, "id"))) == 0);
}

static bool refuse_variant(struct approval *approval)
{
    struct request *rq = approval->rq;
    const char *list = "", *name;
    json_t *value;
    json_object_foreach(approval->possible, name, value)
    {
        list = arena_printf(rq->arena, "%s%s%s", list, *list ? ", " : "", name);
    }
    return refuse_field(rq, "/variant", "not_in_list", list);
}

static bool approve_all(struct approval *approval)
{
    struct request *rq = approval->rq;
    const json_t *list = json_object_get(approval->ground.facts, "certifications");
    bool fits = true;
    int count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct change_case of;
        if (is_asked(approval, json_array_get(list, i)) &&
            change_case_read(&approval->ground, approval->change, json_array_get(list, i),
                             &of)) {
            fits = approve_for(approval, &of) && fits;
            count++;
        }
    }
    if (count == 0 && request_member(rq, "certification_id"))
        return refuse_field(rq, "/certification_id", "not_found_reference", NULL);
    if (count == 0)
        return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                      "No certification is concerned: enter one first.",
                      "対象となる認証がありません。先に認証を登録してください。");
    return approval->met ? fits : refuse_variant(approval);
}

/* ---- the scope ---- */

static const char *effective_of(const struct approval *approval,
                                const struct change_kind *kind)
{
    const char *named =
        json_string_value(request_member(approval->rq, "scope_effective"));
    if (named)
        return named;
    return kind->family == CHANGE_GROWTH ? "acceptance" : "change_date";
}

/* What touches the scope makes its next version; anything else only when the approval says how. */
static bool approve_scope(struct approval *approval)
{
    struct request *rq = approval->rq;
    const char *name = json_string_value(json_object_get(approval->change, "kind"));
    const struct change_kind *kind = change_kind_find(name);
    if (!kind->touches_scope && !request_member(rq, "scope")) {
        request_set(rq, "change_scope", "{}");
        request_set(rq, "scope_version_id", NULL);
        request_set(rq, "scope_effective", NULL);
        return true;
    }
    const char *effective = effective_of(approval, kind);
    json_t *scope = change_scope_next(rq, approval->change, kind->family);
    if (!scope)
        return false;
    bool on_change = strcmp(effective, "change_date") == 0;
    json_object_set_new(scope, "id", new_id());
    json_object_set_new(scope, "status", json_string(on_change ? "approved" : "draft"));
    if (on_change)
        json_object_set(scope, "effective_on",
                        json_object_get(approval->change, "change_date"));
    request_set_json(rq, "change_scope", scope);
    request_set(rq, "scope_version_id", json_string_value(json_object_get(scope, "id")));
    request_set(rq, "scope_effective", effective);
    json_decref(scope);
    return true;
}

/* ---- steps ---- */

static bool notice_fits(struct request *rq)
{
    struct civil told = json_date(rq->body, "notified_on"), today = plan_today(rq);
    if (civil_is_none(told) || !civil_before(today, told))
        return true;
    return refuse_field(rq, "/notified_on", "in_future", civil_text(rq->arena, today));
}

static bool approve_case(struct approval *approval)
{
    struct request *rq = approval->rq;
    const char *variant = json_string_value(request_member(rq, "variant"));
    if (!change_variant_parse(variant, &approval->wanted))
        return refuse_field(rq, "/variant", "not_in_list", NULL);
    bool fits = read_days(approval) && approve_all(approval);
    fits = notice_fits(rq) && fits;
    if (!fits || !approve_scope(approval))
        return false;
    request_set(rq, "approved_variant", variant);
    request_set_json(rq, "change_audits", approval->audits);
    return true;
}

bool change_approve(struct request *rq)
{
    const char *status = rows_text(request_rows(rq, "judgeChange"), 0, "status");
    struct approval approval = {.rq = rq};
    if (!change_may_be_approved(status))
        return change_refuse_step(rq, status, "approved");
    if (!change_ground_of(rq, &approval.ground))
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    approval.change =
        json_array_get(json_object_get(approval.ground.facts, "changes"), 0);
    approval.audits = json_array();
    approval.possible = json_object();
    bool fits = approve_case(&approval);
    json_decref(approval.audits);
    json_decref(approval.possible);
    return fits;
}

/* The days of what was chosen, counted from the change as it stands now. */
static void follow(struct change_ground *ground, const json_t *change, const char *chosen,
                   json_t *list)
{
    const json_t *certifications = json_object_get(ground->facts, "certifications");
    enum change_variant variant;
    struct change_case of;
    for (size_t i = 0; i < json_array_size(certifications); i++) {
        const json_t *row = json_array_get(certifications, i);
        if (!change_variant_parse(chosen, &variant) ||
            !change_case_read(ground, change, row, &of) ||
            of.options.of[variant].obstacle != OBSTACLE_NONE)
            continue;
        const struct change_option *option = &of.options.of[variant];
        json_array_append_new(list,
                              json_pack("{s:s, s:o, s:o}", "certification_id",
                                        of.facts.certification.id, "not_before",
                                        change_date_json(option->not_before), "due_by",
                                        change_date_json(option->due_by)));
    }
}

bool change_follow(struct request *rq)
{
    struct change_ground ground;
    json_t *list = json_array();
    if (change_ground_of(rq, &ground)) {
        const json_t *change =
            json_array_get(json_object_get(ground.facts, "changes"), 0);
        const char *chosen =
            json_string_value(json_object_get(change, "approved_variant"));
        if (chosen)
            follow(&ground, change, chosen, list);
    }
    request_set_json(rq, "change_audits", list);
    json_decref(list);
    return true;
}
