/* What a cell of an asset table means. */
#include "asset_columns.h"

#include "api/civil.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct asset_column asset_columns[] = {
    {"number", "管理番号", "Number", CELL_TEXT, 0, 40},
    {"name", "名称", "Name", CELL_TEXT, 1, 200},
    {"kind", "種類", "Kind", CELL_KIND, 0, 0},
    {"group_name", "グループ", "Group", CELL_TEXT, 0, 200},
    {"description", "説明", "Description", CELL_TEXT, 0, 4000},
    {"owner_name", "管理責任者", "Owner", CELL_TEXT, 0, 100},
    {"custodian_name", "管理担当者", "Custodian", CELL_TEXT, 0, 100},
    {"department", "部門", "Department", CELL_NAMED, 0, 0},
    {"site", "拠点", "Site", CELL_NAMED, 0, 0},
    {"location", "保管場所", "Place", CELL_TEXT, 0, 200},
    {"classification", "機密区分", "Classification", CELL_LEVEL, 0, 40},
    {"confidentiality", "機密性", "Confidentiality", CELL_NUMBER, 1, 5},
    {"integrity", "完全性", "Integrity", CELL_NUMBER, 1, 5},
    {"availability", "可用性", "Availability", CELL_NUMBER, 1, 5},
    {"quantity", "数量", "Quantity", CELL_NUMBER, 0, 1000000},
    {"personal_data", "個人データ", "Personal data", CELL_BOOL, 0, 0},
    {"in_scope", "適用範囲", "In scope", CELL_BOOL, 0, 0},
    {"retention", "保存期間", "Retention", CELL_TEXT, 0, 200},
    {"end_of_life", "利用期限", "End of life", CELL_DATE, 0, 0},
    {"status", "状態", "Status", CELL_STATUS, 0, 0},
    {"note", "備考", "Note", CELL_TEXT, 0, 4000},
};
const int asset_column_count = sizeof asset_columns / sizeof *asset_columns;

int asset_column_find(const char *heading)
{
    for (int i = 0; i < asset_column_count; i++) {
        if (strcasecmp(heading, asset_columns[i].key) == 0 ||
            strcmp(heading, asset_columns[i].ja) == 0 ||
            strcasecmp(heading, asset_columns[i].en) == 0)
            return i;
    }
    return -1;
}

/* ---- words ---- */

struct word {
    const char *text, *value;
};

static const struct word bools[] = {
    {"true", "t"},  {"yes", "t"}, {"1", "t"},      {"はい", "t"},   {"あり", "t"},
    {"有", "t"},    {"○", "t"},   {"〇", "t"},     {"対象", "t"},   {"内", "t"},
    {"false", "f"}, {"no", "f"},  {"0", "f"},      {"いいえ", "f"}, {"なし", "f"},
    {"無", "f"},    {"×", "f"},   {"対象外", "f"}, {"外", "f"},     {NULL, NULL}};
static const struct word statuses[] = {{"active", "active"}, {"使用中", "active"},
                                       {"in use", "active"}, {"retired", "retired"},
                                       {"廃止", "retired"},  {NULL, NULL}};

static const char *find_word(const struct word *words, const char *cell)
{
    for (; words->text; words++) {
        if (strcasecmp(words->text, cell) == 0)
            return words->value;
    }
    return NULL;
}

/* ---- reading ---- */

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static json_t *read_text(struct arena *arena, const struct asset_column *column,
                         const char *cell, const char **ret_code, const char **ret_limit)
{
    if (characters(cell) <= (size_t)column->most)
        return json_string(cell);
    *ret_code = "too_long";
    *ret_limit = arena_printf(arena, "%d", column->most);
    return NULL;
}

static json_t *read_number(struct arena *arena, const struct asset_column *column,
                           const char *cell, const char **ret_code,
                           const char **ret_limit)
{
    char *end;
    long number = strtol(cell, &end, 10);
    if (*end || end == cell || end - cell > 9) {
        *ret_code = "wrong_type";
        *ret_limit = "integer";
        return NULL;
    }
    if (number >= column->least && number <= column->most)
        return json_integer(number);
    *ret_code = "out_of_range";
    *ret_limit = arena_printf(arena, "%d-%d", column->least, column->most);
    return NULL;
}

static const char *after_part(const char *end, int part)
{
    static const char *const signs[] = {"年", "月", "日"};
    const char *rest = end + strspn(end, "-/.");
    size_t len = strlen(signs[part]);
    return strncmp(rest, signs[part], len) == 0 ? rest + len : rest;
}

/* Year, month and day in that order, whatever stands between them; eight digits without anything. */
static bool split_date(const char *cell, long part[3])
{
    char *end;
    if (strspn(cell, "0123456789") == 8 && !cell[8]) {
        long all = strtol(cell, NULL, 10);
        part[0] = all / 10000, part[1] = all / 100 % 100, part[2] = all % 100;
        return true;
    }
    for (int i = 0; i < 3; i++) {
        part[i] = strtol(cell, &end, 10);
        if (end == cell || part[i] < 1 || part[i] > 9999)
            return false;
        cell = after_part(end, i);
        if (cell == end && i < 2)
            return false;
    }
    return *cell == '\0';
}

static json_t *read_date(struct arena *arena, const char *cell, const char **ret_code)
{
    long part[3];
    struct civil day;
    const char *text = NULL;
    if (split_date(cell, part))
        text = arena_printf(arena, "%04ld-%02ld-%02ld", part[0], part[1], part[2]);
    if (text && strlen(text) == 10 && civil_parse(text, &day))
        return json_string(text);
    *ret_code = "date_invalid";
    return NULL;
}

json_t *asset_cell_read(struct arena *arena, const struct asset_column *column,
                        const char *cell, const char **ret_code, const char **ret_limit)
{
    const char *word;
    if (!*cell)
        return json_null();
    switch (column->cell) {
    case CELL_NUMBER:
        return read_number(arena, column, cell, ret_code, ret_limit);
    case CELL_DATE:
        return read_date(arena, cell, ret_code);
    case CELL_BOOL:
        if ((word = find_word(bools, cell)))
            return json_boolean(*word == 't');
        break;
    case CELL_STATUS:
        if ((word = find_word(statuses, cell)))
            return json_string(word);
        break;
    default:
        return read_text(arena, column, cell, ret_code, ret_limit);
    }
    *ret_code = "unknown_value";
    *ret_limit = column->cell == CELL_BOOL ? "true, false" : "active, retired";
    return NULL;
}

const char *asset_cell_text(const struct asset_column *column, const char *stored,
                            bool japanese)
{
    if (!stored)
        return "";
    if (column->cell == CELL_BOOL && *stored == 't')
        return japanese ? "はい" : "yes";
    if (column->cell == CELL_BOOL)
        return japanese ? "いいえ" : "no";
    if (column->cell == CELL_STATUS && japanese)
        return strcmp(stored, "active") == 0 ? "使用中" : "廃止";
    return stored;
}
