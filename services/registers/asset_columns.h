/* Columns of an asset table: their headings in both languages and what a cell may hold. */
#ifndef MEGURI_REGISTERS_ASSET_COLUMNS_H
#define MEGURI_REGISTERS_ASSET_COLUMNS_H

#include "api/app.h"

enum asset_cell {
    CELL_TEXT,   /* up to `most` characters */
    CELL_NUMBER, /* least to most */
    CELL_BOOL,   /* true/false, yes/no, 1/0, はい/いいえ, ○/× */
    CELL_DATE,   /* 2025-02-14, 2025/2/14, 2025年2月14日, 20250214 */
    CELL_STATUS, /* active, retired or their labels */
    CELL_KIND,   /* code or title of an asset type */
    CELL_NAMED,  /* name of a department or site */
    CELL_LEVEL /* label of a level of classification, or a text of up to `most` characters */
};

struct asset_column {
    const char *key; /* member of an asset, heading of its own */
    const char *ja, *en;
    enum asset_cell cell;
    int least, most;
};

extern const struct asset_column asset_columns[];
extern const int asset_column_count;

/* The column that a heading names (key, Japanese or English, case and spaces aside); -1 when none. */
int asset_column_find(const char *heading);

/* Value of a cell of CELL_TEXT, LEVEL, NUMBER, BOOL, DATE or STATUS; an empty cell is null. NULL with *ret_code (and *ret_limit) when it can not be. */
json_t *asset_cell_read(struct arena *arena, const struct asset_column *column,
                        const char *cell, const char **ret_code, const char **ret_limit);

/* Text of a stored value ("t", "active", ...) in a file of that language. */
const char *asset_cell_text(const struct asset_column *column, const char *stored,
                            bool japanese);

#endif
