/* Many assets in one request: each item has its own fate, all of them one transaction. */
#include "asset_files.h"

#include "api/id.h"

#include <stdlib.h>
#include <string.h>

static bool has_action(const json_t *item, const char *action)
{
    return strcmp(json_string_value(json_object_get(item, "action")), action) == 0;
}

static bool item_fits(struct request *rq, size_t no, const json_t *item)
{
    static const char *const needs[][3] = {
        {"create", "asset", NULL}, {"update", "id", "changes"}, {"delete", "id", NULL}};
    bool fits = true;
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        for (int k = 1; k < 3 && needs[i][k] && has_action(item, needs[i][0]); k++) {
            if (!json_object_get(item, needs[i][k]))
                fits = refuse_field(
                    rq, arena_printf(rq->arena, "/items/%zu/%s", no, needs[i][k]),
                    "required", NULL);
        }
    }
    return fits;
}

/* The item with its place in the request; a new asset gets its id here, so that the answer can name it. */
static void add_item(json_t *list, size_t no, const json_t *item)
{
    char id[ID_TEXT];
    json_t *entry = json_copy((json_t *)(uintptr_t)item);
    json_object_set_new(entry, "no", json_integer((json_int_t)no));
    if (has_action(item, "create"))
        json_object_set_new(entry, "id", json_string(id_new(id)));
    json_array_append_new(list, entry);
}

bool asset_bulk_read(struct request *rq)
{
    const json_t *items = request_member(rq, "items");
    json_t *rows = json_array(), *changes = json_array(), *removals = json_array();
    bool fits = true;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        fits &= item_fits(rq, i, item);
        add_item(has_action(item, "create")   ? rows
                 : has_action(item, "update") ? changes
                                              : removals,
                 i, item);
    }
    request_set_json(rq, "asset_rows", rows);
    request_set_json(rq, "asset_changes", changes);
    request_set_json(rq, "asset_removals", removals);
    json_decref(rows);
    json_decref(changes);
    json_decref(removals);
    return fits;
}

bool asset_ids(struct request *rq)
{
    static const char *const written[] = {"insertAssets", "changeAssets"};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        const struct rows *rows = request_rows(rq, written[i]);
        for (int k = 0; k < rows_count(rows); k++)
            json_array_append_new(list, json_string(rows_text(rows, k, "id")));
    }
    request_set_json(rq, "asset_ids", list);
    json_decref(list);
    return true;
}

bool asset_bulk_answer(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeAssets");
    json_t *results = json_array();
    for (int i = 0; i < rows_count(rows); i++) {
        long index = strtol(rows_text(rows, i, "no"), NULL, 10);
        json_array_append_new(results, json_pack("{s:i, s:s, s:s}", "index", (int)index,
                                                 "id", rows_text(rows, i, "id"), "result",
                                                 rows_text(rows, i, "result")));
    }
    request_reply_json(rq, json_pack("{s:o}", "results", results));
    return true;
}
