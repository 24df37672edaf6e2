/* Reads a table of assets cell by cell. Nothing is written unless all of it is good. */
#include "asset_columns.h"
#include "asset_files.h"
#include "api/csv.h"

#include <stdlib.h>
#include <string.h>

enum { IMPORT_ROWS = 10000, IMPORT_ERRORS = 1000, COLUMNS = 32 };

struct import {
    struct request *rq;
    int columns[COLUMNS]; /* of the file -> asset_columns */
    int width, errors;
    json_t *kinds, *numbers, *departments, *sites; /* known: name -> code or id */
    json_t *levels; /* words for a level -> its number; empty: any text will do */
    json_t *seen;   /* numbers of this file */
    json_t *rows, *changes;
};

static void wrong(struct import *import, int line, const char *column, const char *code,
                  const char *limit)
{
    struct request *rq = import->rq;
    if (import->errors++ < IMPORT_ERRORS)
        refuse_field(rq, arena_printf(rq->arena, "/%d/%s", line, column), code, limit);
}

/* ---- what is known ---- */

/* Every first column of the rows to the second. */
static json_t *known(struct request *rq, const char *statement)
{
    const struct rows *rows = request_rows(rq, statement);
    json_t *map = json_object();
    for (int i = 0; i < rows_count(rows); i++)
        json_object_set_new(map, rows_value(rows, i, 0),
                            json_string(rows_value(rows, i, 1)));
    return map;
}

static void import_begin(struct import *import, struct request *rq)
{
    *import = (struct import){.rq = rq,
                              .kinds = known(rq, "loadAssetKinds"),
                              .numbers = known(rq, "loadAssetNumbers"),
                              .departments = known(rq, "loadDepartmentNames"),
                              .sites = known(rq, "loadSiteNames"),
                              .levels = known(rq, "loadClassificationLabels"),
                              .seen = json_object(),
                              .rows = json_array(),
                              .changes = json_array()};
}

static void import_end(struct import *import)
{
    json_decref(import->kinds);
    json_decref(import->numbers);
    json_decref(import->departments);
    json_decref(import->sites);
    json_decref(import->levels);
    json_decref(import->seen);
    json_decref(import->rows);
    json_decref(import->changes);
}

/* ---- headings ---- */

static void read_heading(struct import *import, const struct csv_record *head, int i)
{
    int found = asset_column_find(head->fields[i]);
    import->columns[i] = found;
    if (found < 0)
        wrong(import, head->line, head->fields[i], "unknown_member", NULL);
    for (int k = 0; found >= 0 && k < i; k++) {
        if (import->columns[k] == found)
            wrong(import, head->line, asset_columns[found].key, "not_unique", NULL);
    }
}

static bool read_headings(struct import *import, const struct csv *csv)
{
    const struct csv_record *head = csv->records;
    bool named = false;
    if (csv->count == 0 || head->count > COLUMNS)
        return refuse_field(import->rq, "/1", csv->count ? "too_many_items" : "required",
                            csv->count ? "32" : NULL);
    import->width = head->count;
    for (int i = 0; i < head->count; i++) {
        read_heading(import, head, i);
        named |= import->columns[i] >= 0 &&
                 strcmp(asset_columns[import->columns[i]].key, "name") == 0;
    }
    if (!named)
        wrong(import, head->line, "name", "required", NULL);
    return import->errors == 0;
}

/* ---- cells ---- */

/* Department and site are stored by id; a kind by its code. */
static void keep_named(struct import *import, json_t *row, int line,
                       const struct asset_column *column, const char *cell)
{
    bool kind = column->cell == CELL_KIND;
    bool site = strcmp(column->key, "site") == 0;
    json_t *map = kind ? import->kinds : site ? import->sites : import->departments;
    const char *member = kind ? "kind" : site ? "site_id" : "department_id";
    json_t *found = json_object_get(map, cell);
    if (*cell && !found)
        wrong(import, line, column->key, kind ? "unknown_value" : "not_found_reference",
              NULL);
    else if (*cell || !kind)
        json_object_set_new(row, member, *cell ? json_incref(found) : json_null());
}

static bool is_level(struct import *import, const char *cell)
{
    char *word = arena_strdup(import->rq->arena, cell);
    for (char *c = word; *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
    return !*cell || json_object_size(import->levels) == 0 ||
           json_object_get(import->levels, cell) || json_object_get(import->levels, word);
}

static void keep_cell(struct import *import, json_t *row, int line,
                      const struct asset_column *column, const char *cell)
{
    const char *code = NULL, *limit = NULL;
    if (column->cell == CELL_KIND || column->cell == CELL_NAMED) {
        keep_named(import, row, line, column, cell);
        return;
    }
    json_t *value = asset_cell_read(import->rq->arena, column, cell, &code, &limit);
    if (column->cell == CELL_LEVEL && !code && !is_level(import, cell)) {
        code = "unknown_value";
        limit =
            rows_text(request_rows(import->rq, "loadClassificationLabels"), 0, "known");
    }
    if (code)
        wrong(import, line, column->key, code, limit);
    else if (!json_is_null(value) || column->cell == CELL_TEXT ||
             column->cell == CELL_LEVEL || column->cell == CELL_DATE || column->most == 5)
        json_object_set(row, column->key,
                        value); /* an empty cell of the rest says nothing */
    json_decref(value);
}

static json_t *read_cells(struct import *import, const struct csv_record *record)
{
    json_t *row = json_object();
    for (int i = 0; i < import->width; i++) {
        const char *cell = i < record->count ? csv_plain(record->fields[i]) : "";
        keep_cell(import, row, record->line, &asset_columns[import->columns[i]], cell);
    }
    for (int i = import->width; i < record->count; i++) {
        if (*record->fields[i])
            wrong(import, record->line, arena_printf(import->rq->arena, "%d", i + 1),
                  "unknown_member", NULL);
    }
    return row;
}

/* ---- rows ---- */

static bool check_number(struct import *import, int line, const char *number)
{
    if (!number)
        return true;
    if (json_object_get(import->seen, number)) {
        wrong(import, line, "number", "not_unique", NULL);
        return false;
    }
    json_object_set_new(import->seen, number, json_true());
    return true;
}

static void read_row(struct import *import, const struct csv_record *record)
{
    json_t *row = read_cells(import, record);
    const char *number = json_string_value(json_object_get(row, "number"));
    const json_t *name = json_object_get(row, "name");
    if (!name || json_is_null(name))
        wrong(import, record->line, "name", "required", NULL);
    check_number(import, record->line, number);
    json_t *id = number ? json_object_get(import->numbers, number) : NULL;
    if (id)
        json_array_append_new(import->changes,
                              json_pack("{s:i, s:O, s:n, s:O}", "no", record->line, "id",
                                        id, "version", "changes", row));
    else
        json_array_append_new(import->rows,
                              json_pack("{s:i, s:O}", "no", record->line, "asset", row));
    json_decref(row);
}

static bool read_rows(struct import *import, const struct csv *csv)
{
    if (csv->count - 1 > IMPORT_ROWS)
        return refuse_field(import->rq, "", "too_many_items", "10000");
    if (!read_headings(import, csv))
        return false;
    for (int i = 1; i < csv->count; i++)
        read_row(import, &csv->records[i]);
    return import->errors == 0;
}

/* ---- the file ---- */

static const char *charset(struct request *rq)
{
    const char *type = http_header_find(rq->http, "Content-Type");
    const char *found = type ? strcasestr(type, "charset=") : NULL;
    if (!found)
        return NULL;
    found += strlen("charset=");
    found += *found == '"';
    return arena_strndup(rq->arena, found, strcspn(found, "\"; "));
}

static bool open_file(struct request *rq, struct csv *ret)
{
    static const char *const faults[][2] = {
        [CSV_OPEN_QUOTE] = {"A quote is not closed.", "引用符が閉じられていません。"},
        [CSV_STRAY_QUOTE] = {"A quote stands inside of a field.",
                             "項目の途中に引用符があります。"},
        [CSV_NUL] = {"There is a NUL character.", "NUL 文字が含まれています。"}};
    size_t len, at;
    int line;
    const char *text =
        csv_decode(rq->arena, rq->http->body, rq->http->body_len, charset(rq), &len, &at);
    if (!text)
        return refuse(
            rq, PROBLEM_BAD_REQUEST,
            arena_printf(rq->arena,
                         "Byte %zu is not of the character encoding. Send UTF-8 "
                         "or CP932 (Shift_JIS).",
                         at + 1),
            arena_printf(rq->arena,
                         "%zu バイト目が文字コードに合いません。UTF-8 または "
                         "CP932（Shift_JIS）で送ってください。",
                         at + 1));
    enum csv_fault fault = csv_read(rq->arena, text, len, ret, &line);
    if (fault == CSV_GOOD)
        return true;
    return refuse(rq, PROBLEM_BAD_REQUEST,
                  arena_printf(rq->arena, "Line %d: %s", line, faults[fault][0]),
                  arena_printf(rq->arena, "%d 行目: %s", line, faults[fault][1]));
}

static bool is_dry(const struct request *rq)
{
    const char *dry = request_parameter(rq, "dry_run");
    return dry && strcmp(dry, "true") == 0;
}

bool asset_import_read(struct request *rq)
{
    struct csv csv = {0};
    struct import import;
    if (!open_file(rq, &csv))
        return false;
    import_begin(&import, rq);
    bool good = read_rows(&import, &csv);
    json_t *none = json_array();
    request_set_json(rq, "asset_rows", is_dry(rq) ? none : import.rows);
    request_set_json(rq, "asset_changes", is_dry(rq) ? none : import.changes);
    request_set_json(rq, "asset_removals", none);
    request_set_int(rq, "row_count", csv.count - 1);
    request_set_int(rq, "new_count", (int64_t)json_array_size(import.rows));
    request_set_int(rq, "known_count", (int64_t)json_array_size(import.changes));
    json_decref(none);
    import_end(&import);
    return good;
}

static json_t *number_of(struct request *rq, const char *name)
{
    return json_integer(strtoll(request_value(rq, name, NULL), NULL, 10));
}

bool asset_import_answer(struct request *rq)
{
    int changed = rows_count(request_rows(rq, "changeAssets"));
    json_t *reply = json_object();
    json_object_set_new(reply, "dry_run", json_boolean(is_dry(rq)));
    json_object_set_new(reply, "rows", number_of(rq, "row_count"));
    json_object_set_new(reply, "created", number_of(rq, "new_count"));
    json_object_set_new(reply, "matched", number_of(rq, "known_count"));
    json_object_set_new(reply, "changed",
                        is_dry(rq) ? json_null() : json_integer(changed));
    request_reply_json(rq, reply);
    return true;
}
