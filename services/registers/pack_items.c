/* Items of a pack: what they may have, and the copies made of them. */
#include "packs.h"

#include "api/civil.h"
#include "api/id.h"

#include <string.h>

static const struct kind {
    const char *name, *label;
    const char *operation; /* that makes one: its body says what members may be */
    const char *members;   /* comma separated, with a comma at both ends */
} kinds[] = {
    {"context_issue", "topic", "createContextIssue",
     ",kind,topic,description,effect,response,is_climate,"},
    {"interested_party", "name", "createInterestedParty", ",kind,name,description,"},
    {"asset", "name", "createAsset",
     ",name,kind,group_name,description,location,confidentiality,integrity,availability,"
     "quantity,in_scope,personal_data,retention,note,"},
    {"risk", "title", "createRisk",
     ",title,description,threat,vulnerability,impact,likelihood,affects,inherent_impact,"
     "inherent_likelihood,residual_impact,residual_likelihood,treatment_note,threat_"
     "code,"},
    {"treatment", "title", "createTreatment",
     ",title,text_ja,text_en,option,state,controls,review_months,effort,"},
    {"objective", "title", "createObjective",
     ",title,description,means,unit,target,direction,frequency_months,"},
    {"legal_requirement", "title", "createLegalRequirement",
     ",kind,title,source,counterparty,summary,how_met,review_months,status,"},
    {"training", "title", "createTraining", ",title,content,audience,method,"},
    {"task", "title", "createTask", ",title,description,"},
    {"checklist_question", "question_ja", "createChecklistQuestion",
     ",code,question_ja,question_en,"},
};

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return NULL;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static const json_t *find_item(const json_t *items, const char *key, const char *kind)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        if (strcmp(text_of(item, "key"), key) == 0 &&
            (!kind || strcmp(text_of(item, "kind"), kind) == 0))
            return item;
    }
    return NULL;
}

/* ---- checks ---- */

static bool knows_member(const struct kind *kind, const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || strchr(name, ','))
        return false;
    for (const char *at = kind->members; (at = strstr(at, name)); at++) {
        if (at[-1] == ',' && at[len] == ',')
            return true;
    }
    return false;
}

static void judge_members(struct request *rq, const struct kind *kind, size_t place,
                          const char *part, const json_t *content)
{
    const char *name;
    json_t *value, *copy = json_deep_copy(content);
    json_object_foreach(copy, name, value)
    {
        if (!knows_member(kind, name))
            refuse_field(rq,
                         arena_printf(rq->arena, "/items/%zu/%s/%s", place, part, name),
                         "unknown_member", NULL);
    }
    json_decref(copy);
}

static void judge_link(struct request *rq, const json_t *items, size_t place,
                       const char *pointer, const char *key, const char *kind)
{
    if (key && !find_item(items, key, kind))
        refuse_field(rq, arena_printf(rq->arena, "/items/%zu/%s", place, pointer),
                     "not_found_reference", NULL);
}

static bool has_value(const json_t *part, const char *name)
{
    const json_t *value = json_object_get(part, name);
    return value && !json_is_null(value);
}

static bool has_label(const json_t *item, const struct kind *kind)
{
    return has_value(json_object_get(item, "content"), kind->label) ||
           (has_value(json_object_get(item, "ja"), kind->label) &&
            has_value(json_object_get(item, "en"), kind->label));
}

/* The thing as a client with this language gets it, as far as it comes from the pack. */
static json_t *thing_of(const json_t *item, const struct kind *kind, const char *locale,
                        const char *today)
{
    static const char *const parts[] = {"content", NULL};
    json_t *thing = json_object(), *value;
    for (int i = 0; i < 2; i++) {
        const char *name;
        json_t *part = json_object_get(item, parts[i] ? parts[i] : locale);
        json_object_foreach(part, name, value)
        {
            if (!json_is_null(value) && knows_member(kind, name))
                json_object_set(thing, name, value);
        }
    }
    if (strcmp(kind->name, "objective") == 0)
        json_object_set_new(thing, "starts_on", json_string(today));
    return thing;
}

static const char *first_segment(struct arena *arena, const char *pointer)
{
    const char *from = *pointer == '/' ? pointer + 1 : pointer;
    return arena_printf(arena, "%.*s", (int)strcspn(from, "/"), from);
}

/* A question in one language is asked in both. */
static bool stands_for_label(const struct kind *kind, const char *name)
{
    static const char question[] = "question_";
    size_t len = sizeof question - 1;
    return strcmp(name, kind->label) == 0 || (strncmp(kind->label, question, len) == 0 &&
                                              strncmp(name, question, len) == 0);
}

/* Names the part of the item that the wrong member comes from; what both languages share is named once. */
static void refuse_member(struct request *rq, size_t place, const json_t *item,
                          const struct kind *kind, bool ja,
                          const struct field_error *error)
{
    const char *name = first_segment(rq->arena, error->pointer);
    const char *locale = ja ? "ja" : "en";
    bool own = json_object_get(json_object_get(item, locale), name);
    bool only_ja = !ja && json_object_get(json_object_get(item, "ja"), name);
    bool is_label = strcmp(error->code, "required") == 0 && stands_for_label(kind, name);
    if (is_label || (!ja && !own && !only_ja))
        return;
    refuse_field(rq,
                 arena_printf(rq->arena, "/items/%zu/%s%s", place,
                              own || only_ja ? locale : "content", error->pointer),
                 error->code, error->limit);
}

static void judge_values(struct request *rq, const json_t *item, size_t place,
                         const struct kind *kind)
{
    const struct schema *schema = request_body_schema(rq, kind->operation);
    for (int ja = 1; schema && ja >= 0; ja--) {
        struct problem problem = {0};
        json_t *thing =
            thing_of(item, kind, ja ? "ja" : "en", request_value(rq, "today", NULL));
        schema_check(schema, thing, "body", "", rq->arena, &problem);
        for (const struct field_error *e = problem.errors; e; e = e->next)
            refuse_member(rq, place, item, kind, ja, e);
        json_decref(thing);
    }
}

static void judge_item(struct request *rq, const json_t *items, size_t place)
{
    static const char *const parts[] = {"content", "ja", "en"};
    const json_t *item = json_array_get(items, place);
    const struct kind *kind = find_kind(text_of(item, "kind"));
    const json_t *risks = json_object_get(item, "risks");
    if (find_item(items, text_of(item, "key"), NULL) != item)
        refuse_field(rq, arena_printf(rq->arena, "/items/%zu/key", place), "duplicate",
                     NULL);
    if (!has_label(item, kind))
        refuse_field(rq,
                     arena_printf(rq->arena, "/items/%zu/content/%s", place, kind->label),
                     "required", NULL);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        judge_members(rq, kind, place, parts[i], json_object_get(item, parts[i]));
    judge_values(rq, item, place, kind);
    judge_link(rq, items, place, "asset", text_of(item, "asset"), "asset");
    for (size_t i = 0; i < json_array_size(risks); i++)
        judge_link(rq, items, place, arena_printf(rq->arena, "risks/%zu", i),
                   json_string_value(json_array_get(risks, i)), "risk");
}

bool pack_items_judge(struct request *rq, const json_t *items)
{
    for (size_t i = 0; i < json_array_size(items); i++)
        judge_item(rq, items, i);
    return rq->problem.code == PROBLEM_NONE;
}

/* ---- copies ---- */

static bool listed(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    }
    return false;
}

static bool is_wanted(const struct pack_copying *copying, const json_t *item)
{
    return (!copying->kinds || listed(copying->kinds, text_of(item, "kind"))) &&
           (!copying->keys || listed(copying->keys, text_of(item, "key")));
}

static json_t *content_of(const struct pack_copying *copying, const json_t *item)
{
    json_t *content = json_deep_copy(json_object_get(item, "content"));
    json_t *texts = json_deep_copy(json_object_get(item, copying->locale));
    if (!content)
        content = json_object();
    if (texts)
        json_object_update(content, texts);
    json_decref(texts);
    return content;
}

static json_t *due_of(struct request *rq, const json_t *item)
{
    const json_t *days = json_object_get(item, "due_in_days");
    struct civil today;
    char text[CIVIL_TEXT_SIZE];
    if (!json_is_integer(days) || !civil_parse(request_value(rq, "today", NULL), &today))
        return json_null();
    civil_format(civil_add_days(today, json_integer_value(days)), text);
    return json_string(text);
}

static json_t *copy_of(const struct pack_copying *copying, const json_t *item,
                       size_t place, const char *id)
{
    return json_pack("{s:O, s:O, s:s, s:i, s:o, s:o}", "key",
                     json_object_get(item, "key"), "kind", json_object_get(item, "kind"),
                     "id", id, "place", (int)place, "content", content_of(copying, item),
                     "due_on", due_of(copying->rq, item));
}

/* Keys of items become ids of things; what the client does not have is not linked. */
static void link_copy(json_t *copy, const json_t *item, const json_t *ids)
{
    const json_t *risks = json_object_get(item, "risks");
    const char *asset = text_of(item, "asset");
    json_t *list = json_array();
    if (asset)
        json_object_set(copy, "asset_id", json_object_get(ids, asset));
    for (size_t i = 0; i < json_array_size(risks); i++) {
        const char *key = json_string_value(json_array_get(risks, i));
        json_t *id = json_object_get(ids, key);
        if (id)
            json_array_append(list, id);
    }
    json_object_set_new(copy, "risk_ids", list);
}

static bool is_planned(const json_t *copy)
{
    const json_t *content = json_object_get(copy, "content");
    const char *state = text_of(content, "state"), *option = text_of(content, "option");
    return strcmp(text_of(copy, "kind"), "treatment") == 0 &&
           (!state || strcmp(state, "implemented") != 0) &&
           (!option || strcmp(option, "accept") != 0);
}

static void judge_planned(struct request *rq, const json_t *copies)
{
    static const char *const needed[] = {"owner_person_id", "due_on"};
    bool planned = false;
    for (size_t i = 0; i < json_array_size(copies); i++)
        planned = planned || is_planned(json_array_get(copies, i));
    for (size_t i = 0; planned && i < sizeof needed / sizeof *needed; i++) {
        if (!json_is_string(request_member(rq, needed[i])))
            refuse_field(rq, arena_printf(rq->arena, "/%s", needed[i]), "required", NULL);
    }
}

json_t *pack_items_copy(const struct pack_copying *copying)
{
    json_t *copies = json_array(), *report = json_array(), *ids = json_object();
    json_t *before = json_deep_copy(copying->copied);
    if (before)
        json_object_update(ids, before);
    for (size_t i = 0; i < json_array_size(copying->items); i++) {
        const json_t *item = json_array_get(copying->items, i);
        const char *key = text_of(item, "key");
        json_t *known = json_object_get(before, key);
        char id[ID_TEXT];
        if (!is_wanted(copying, item))
            continue;
        if (!known) {
            json_array_append_new(copies, copy_of(copying, item, i, id_new(id)));
            json_object_set_new(ids, key, json_string(id));
        }
        json_array_append_new(report, json_pack("{s:s, s:O, s:O, s:s}", "key", key,
                                                "kind", json_object_get(item, "kind"),
                                                "id", json_object_get(ids, key), "result",
                                                known ? "skipped" : "copied"));
    }
    for (size_t i = 0; i < json_array_size(copies); i++) {
        json_t *copy = json_array_get(copies, i);
        size_t place = (size_t)json_integer_value(json_object_get(copy, "place"));
        link_copy(copy, json_array_get(copying->items, place), ids);
    }
    judge_planned(copying->rq, copies);
    request_set_json(copying->rq, "pack_items", copies);
    json_decref(before);
    json_decref(ids);
    json_decref(copies);
    return report;
}
