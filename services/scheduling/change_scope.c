/* The scope after a change: what moves, comes in or goes out. */
#include "services/scheduling/change_scope.h"

#include <string.h>

static json_t *column(struct request *rq, const char *name)
{
    const char *text = rows_text(request_rows(rq, "loadScopeBase"), 0, name);
    json_t *json = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    return json ? json : json_null();
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* ---- lists of places: sites by site_id, departments by department_id ---- */

static size_t place_of(const json_t *list, const char *key, const char *id)
{
    size_t at = 0;
    while (at < json_array_size(list) &&
           strcasecmp(text_of(json_array_get(list, at), key), id) != 0)
        at++;
    return at;
}

/* All that is inside now, as choices; null when nothing is outside. */
static json_t *live_places(const json_t *all, const char *key, bool only_inside)
{
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *place = json_array_get(all, i);
        if (!only_inside || json_is_true(json_object_get(place, "in_scope")))
            json_array_append_new(list,
                                  json_pack("{s:O}", key, json_object_get(place, "id")));
    }
    if (only_inside && json_array_size(list) == json_array_size(all)) {
        json_decref(list);
        return json_null();
    }
    return list;
}

/* A list that can be edited: "all" written out. */
static json_t *open_list(json_t *scope, const char *member, const json_t *all,
                         const char *key)
{
    if (!json_is_array(json_object_get(scope, member)))
        json_object_set_new(scope, member, live_places(all, key, false));
    return json_object_get(scope, member);
}

static void take_out(json_t *scope, const char *member, const json_t *all,
                     const char *key, const char *id)
{
    json_t *list = open_list(scope, member, all, key);
    size_t at = place_of(list, key, id);
    if (at < json_array_size(list))
        json_array_remove(list, at);
}

/* Its entry; NULL when the list is "all", where it is inside anyway. */
static json_t *put_in(json_t *scope, const char *member, const char *key, const char *id)
{
    json_t *list = json_object_get(scope, member);
    if (!json_is_array(list))
        return NULL;
    size_t at = place_of(list, key, id);
    if (at == json_array_size(list))
        json_array_append_new(list, json_pack("{s:s}", key, id));
    return json_array_get(list, at);
}

/* ---- what a kind of change does ---- */

static void edit_sites(json_t *scope, const json_t *change, enum change_family family,
                       const json_t *all)
{
    const char *site = text_of(change, "site_id");
    const json_t *address = json_object_get(change, "new_address");
    if (!site)
        return;
    if (family == CHANGE_SHRINKING) {
        take_out(scope, "sites", all, "site_id", site);
        return;
    }
    if (json_is_string(address))
        open_list(scope, "sites", all, "site_id");
    if (family != CHANGE_MOVE && family != CHANGE_GROWTH)
        return;
    json_t *item = put_in(scope, "sites", "site_id", site);
    if (item && json_is_string(address))
        json_object_set_new(item, "address", json_string(json_string_value(address)));
}

static void edit_departments(json_t *scope, const json_t *change,
                             enum change_family family, const json_t *all)
{
    const char *department = text_of(change, "department_id");
    if (department && family == CHANGE_SHRINKING)
        take_out(scope, "departments", all, "department_id", department);
    else if (department && family == CHANGE_GROWTH)
        put_in(scope, "departments", "department_id", department);
}

/* ---- what the approval itself says ---- */

static bool places_known(struct request *rq, const json_t *given, const char *member,
                         const char *key, const json_t *all)
{
    const json_t *list = json_object_get(given, member);
    bool known = true;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = text_of(json_array_get(list, i), key);
        const char *pointer = arena_printf(rq->arena, "/scope/%s/%zu/%s", member, i, key);
        if (place_of(all, "id", id) == json_array_size(all))
            known = refuse_field(rq, pointer, "not_found_reference", NULL);
        else if (place_of(list, key, id) < i)
            known = refuse_field(rq, pointer, "duplicate", NULL);
    }
    return known;
}

static bool take_given(struct request *rq, json_t *scope, const json_t *sites,
                       const json_t *departments)
{
    json_t *given = json_object_get(rq->body, "scope");
    bool known = places_known(rq, given, "sites", "site_id", sites);
    known = places_known(rq, given, "departments", "department_id", departments) && known;
    if (known && given)
        json_object_update(scope, given);
    return known;
}

static json_t *base_scope(struct request *rq, const json_t *sites,
                          const json_t *departments)
{
    json_t *scope = column(rq, "base");
    if (json_is_object(scope))
        return scope;
    json_decref(scope);
    return json_pack("{s:o, s:o}", "sites", live_places(sites, "site_id", true),
                     "departments", live_places(departments, "department_id", true));
}

json_t *change_scope_next(struct request *rq, const json_t *change,
                          enum change_family family)
{
    json_t *sites = column(rq, "sites"), *departments = column(rq, "departments");
    json_t *scope = base_scope(rq, sites, departments);
    const json_t *persons = json_object_get(change, "persons_after");
    edit_sites(scope, change, family, sites);
    edit_departments(scope, change, family, departments);
    if (json_is_integer(persons))
        json_object_set_new(scope, "headcount",
                            json_integer(json_integer_value(persons)));
    if (!take_given(rq, scope, sites, departments)) {
        json_decref(scope);
        scope = NULL;
    }
    json_decref(sites);
    json_decref(departments);
    return scope;
}
