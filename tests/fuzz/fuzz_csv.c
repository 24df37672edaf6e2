/* Any bytes as a file of assets. The first byte says which character encoding is claimed. What is decoded is UTF-8; what is read can be written
 * and read again, and is the same; every cell is a value or a known error. */
#include "api/csv.h"
#include "api/problem.h"
#include "services/registers/asset_columns.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    size_t len = strlen(text);
    assert(text_utf8_valid(text, len) == len);
    assert(!len || !strchr(" \t", *text));
    assert(!len || !strchr(" \t", text[len - 1]));
}

static void check_cells(struct arena *arena, const char *field)
{
    const char *cell = csv_plain(field);
    int found = asset_column_find(cell);
    assert(found >= -1 && found < asset_column_count);
    for (int i = 0; i < asset_column_count; i++) {
        const struct asset_column *column = &asset_columns[i];
        const char *code = NULL, *limit = NULL;
        if (column->cell == CELL_KIND || column->cell == CELL_NAMED)
            continue;
        json_t *value = asset_cell_read(arena, column, cell, &code, &limit);
        assert((value == NULL) == (code != NULL));
        assert(!code || problem_field_code_known(code));
        assert(*cell || json_is_null(value));
        json_decref(value);
    }
}

/* Lines and numbers of fields of what csv_read gave, and each cell. */
static void check_records(struct arena *arena, const struct csv *csv)
{
    int line = 0;
    for (int i = 0; i < csv->count; i++) {
        const struct csv_record *record = &csv->records[i];
        assert(record->count > 0 && record->line > line);
        line = record->line;
        for (int k = 0; k < record->count; k++) {
            check_text(record->fields[k]);
            check_cells(arena, record->fields[k]);
        }
    }
}

static void write_records(const struct csv *csv, struct text *ret)
{
    for (int i = 0; i < csv->count; i++) {
        for (int k = 0; k < csv->records[i].count; k++) {
            text_adds(ret, k ? "," : "");
            csv_add(ret, csv->records[i].fields[k]);
        }
        text_adds(ret, "\r\n");
    }
}

static void check_written(struct arena *arena, const struct csv *csv)
{
    struct text file _text_auto_ = {0};
    struct csv again = {0};
    int line;
    write_records(csv, &file);
    assert(csv_read(arena, file.data, file.len, &again, &line) == CSV_GOOD);
    assert(again.count == csv->count);
    for (int i = 0; i < csv->count; i++) {
        assert(again.records[i].count == csv->records[i].count);
        for (int k = 0; k < csv->records[i].count; k++)
            assert(strcmp(csv_plain(again.records[i].fields[k]),
                          csv->records[i].fields[k]) == 0);
    }
}

/* Every encoding can be written; CP932 only loses what it counts. */
static void check_encoded(struct arena *arena, const char *text, size_t len)
{
    struct text utf8 _text_auto_ = {0}, file _text_auto_ = {0};
    size_t again_len, at;
    int lost;
    text_add(&utf8, text, len);
    csv_encode(&utf8, CSV_CP932, &file, &lost);
    const char *again =
        csv_decode(arena, file.data ? file.data : "", file.len, "cp932", &again_len, &at);
    assert(again && (lost >= 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const claims[] = {NULL, "utf-8", "Shift_JIS"};
    if (size < 1)
        return 0;
    struct arena *arena = arena_new();
    struct csv csv = {0};
    size_t len = 0, at = 0;
    int line;
    const char *text = csv_decode(arena, (const char *)data + 1, size - 1,
                                  claims[data[0] % 3], &len, &at);
    assert(text ? text_utf8_valid(text, len) == len : at < size - 1);
    if (text && len)
        check_encoded(arena, text, len);
    if (text && csv_read(arena, text, len, &csv, &line) == CSV_GOOD && csv.count) {
        check_records(arena, &csv);
        check_written(arena, &csv);
    }
    arena_destroy(arena);
    return 0;
}
