/* A plan as the JSON that the storing statements read. */
#include "services/scheduling/plan_write.h"

#include "api/id.h"

static void set_date(json_t *object, const char *name, struct civil date)
{
    char text[CIVIL_TEXT_SIZE];
    if (civil_is_none(date))
        return;
    civil_format(date, text);
    json_object_set_new(object, name, json_string(text));
}

static void set_text(json_t *object, const char *name, const char *text)
{
    if (text)
        json_object_set_new(object, name, json_string(text));
}

static json_t *new_row(const struct plan *plan, const char *kind, const char *key,
                       json_t *why)
{
    char id[ID_TEXT];
    const struct plan_certification *c = &plan->facts->certification;
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:O}", "id", id_new(id), "client_id",
                     c->client_id, "certification_id", c->id, "kind", kind, "source_key",
                     key, "why", why);
}

static void write_audit(const struct plan *plan, const struct plan_audit *audit,
                        json_t *list)
{
    bool dated = !civil_is_none(audit->nominal) || !civil_is_none(audit->held_on);
    if (audit->by_hand || !dated)
        return;
    json_t *row =
        new_row(plan, plan_audit_name(audit->kind), audit->source_key, audit->why);
    json_object_set_new(row, "cycle_no", json_integer(audit->cycle_no));
    json_object_set_new(row, "ordinal", json_integer(audit->ordinal));
    set_date(row, "nominal_date", audit->nominal);
    set_date(row, "window_start", audit->window_start);
    set_date(row, "window_end", audit->window_end);
    set_date(row, "hard_limit", audit->hard_limit);
    set_date(row, "held_on", audit->held_on);
    json_array_append_new(list, row);
}

static void write_deadline(const struct plan *plan, const struct plan_deadline *deadline,
                           json_t *list)
{
    json_t *row = new_row(plan, plan_deadline_name(deadline->kind), deadline->source_key,
                          deadline->why);
    const struct plan_audit *audit = deadline->audit;
    if (audit && audit->by_hand)
        set_text(row, "audit_id", audit->fact->id);
    else if (audit)
        set_text(row, "audit_key", audit->source_key);
    else if (deadline->audit_fact)
        set_text(row, "audit_id", deadline->audit_fact->id);
    set_text(row, "change_id", deadline->change_id);
    set_text(row, "finding_id", deadline->finding_id);
    set_text(row, "obligation_id", deadline->obligation_id);
    set_text(row, "title_ja", deadline->title_ja);
    set_text(row, "title_en", deadline->title_en);
    set_text(row, "hardness", deadline->hardness);
    set_text(row, "rule", deadline->rule);
    set_date(row, "raw_on", deadline->raw_on);
    set_date(row, "due_on", deadline->due_on);
    set_date(row, "fulfilled_on", deadline->fulfilled_on);
    json_object_set_new(row, "sticky", json_boolean(deadline->sticky));
    json_array_append_new(list, row);
}

void plan_write(const struct plan *plan, json_t *audits, json_t *deadlines)
{
    for (int i = 0; i < plan->audit_count; i++)
        write_audit(plan, &plan->audits[i], audits);
    for (const struct plan_deadline *deadline = plan->first; deadline;
         deadline = deadline->next)
        write_deadline(plan, deadline, deadlines);
}
