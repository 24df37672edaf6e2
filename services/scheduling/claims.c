/* What a client may say, and who may show the mark where, with the rule behind each answer. */
#include "services/scheduling/marks.h"

static bool is_known(const json_t *list, const char *id)
{
    return !id || mark_find(list, id);
}

/* ---- what may be said ---- */

static bool claims_answer(struct request *rq)
{
    struct mark_ground ground;
    const struct mark_place place = {.site_id = request_parameter(rq, "site_id"),
                                     .department_id =
                                         request_parameter(rq, "department_id"),
                                     .staff_kind = request_parameter(rq, "staff_kind")};
    if (!mark_ground_of(rq, &ground) || !is_known(ground.sites, place.site_id) ||
        !is_known(ground.departments, place.department_id))
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(ground.certifications); i++) {
        struct mark_claim claim;
        mark_claim_read(&ground, json_array_get(ground.certifications, i), &claim);
        json_array_append_new(list, mark_claim_json(&ground, &claim, &place));
    }
    bool inside = mark_inside(&ground, &place) == MARK_INSIDE;
    request_reply_json(rq, json_pack("{s:s, s:s, s:b, s:o}", "client_id",
                                     ground.client_id, "on", ground.day_text, "in_scope",
                                     inside, "certifications", list));
    return true;
}

/* ---- who may show the mark ---- */

static json_t *right(const struct mark_ground *ground, const struct mark_claim *claim,
                     const struct mark_place *place)
{
    enum mark_inside inside = mark_inside(ground, place);
    bool shows =
        claim->verdict.may_show_mark && !claim->isms_missing && inside == MARK_INSIDE;
    json_t *list = json_array();
    mark_say_state(ground, list, claim);
    mark_say_place(ground, list, place, inside);
    return json_pack("{s:b, s:b, s:o}", "in_scope", inside == MARK_INSIDE,
                     "may_show_mark", shows, "reasons", list);
}

static json_t *rights_of(const struct mark_ground *ground, const struct mark_claim *claim,
                         const json_t *rows, bool sites)
{
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *id = json_string_value(json_object_get(row, "id"));
        const struct mark_place place = {.site_id = sites ? id : NULL,
                                         .department_id = sites ? NULL : id};
        json_t *json = right(ground, claim, &place);
        json_object_set_new(json, sites ? "site_id" : "department_id", json_string(id));
        json_object_set(json, "name", json_object_get(row, "name"));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *rights_of_staff(const struct mark_ground *ground,
                               const struct mark_claim *claim)
{
    static const char *const kinds[] = {"employee", "contractor", "dispatched",
                                        "part_time", "external"};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct mark_place place = {.staff_kind = kinds[i]};
        json_t *json = right(ground, claim, &place);
        json_object_set_new(json, "staff_kind", json_string(kinds[i]));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *certification_rights(const struct mark_ground *ground, const json_t *row)
{
    const struct mark_place anywhere = {NULL, NULL, NULL};
    struct mark_claim claim;
    mark_claim_read(ground, row, &claim);
    json_t *json = mark_claim_json(ground, &claim, &anywhere);
    json_object_set_new(json, "sites", rights_of(ground, &claim, ground->sites, true));
    json_object_set_new(json, "departments",
                        rights_of(ground, &claim, ground->departments, false));
    json_object_set_new(json, "staff_kinds", rights_of_staff(ground, &claim));
    return json;
}

static bool rights_answer(struct request *rq)
{
    struct mark_ground ground;
    if (!mark_ground_of(rq, &ground))
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(ground.certifications); i++)
        json_array_append_new(
            list,
            certification_rights(&ground, json_array_get(ground.certifications, i)));
    request_reply_json(
        rq, json_pack("{s:s, s:s, s:O?, s:s, s:o}", "client_id", ground.client_id, "on",
                      ground.day_text, "scope_version_id",
                      json_object_get(ground.scope, "id"), "scope_basis",
                      ground.scope ? "version" : "flags", "certifications", list));
    return true;
}

const struct step claims_steps[] = {
    {.sql = "loadMarkFacts"}, {.compute = claims_answer}, {0}};
const struct step mark_rights_steps[] = {
    {.sql = "loadMarkFacts"}, {.compute = rights_answer}, {0}};
