/* All assets of a client as a table that importAssets reads again. */
#include "asset_columns.h"
#include "asset_files.h"
#include "api/csv.h"

#include <string.h>

static void write_head(struct text *table, bool japanese)
{
    for (int i = 0; i < asset_column_count; i++) {
        text_adds(table, i ? "," : "");
        csv_add(table, japanese ? asset_columns[i].ja : asset_columns[i].en);
    }
    text_adds(table, "\r\n");
}

static void write_row(struct text *table, const struct rows *rows, int row, bool japanese)
{
    for (int i = 0; i < asset_column_count; i++) {
        const struct asset_column *column = &asset_columns[i];
        const char *name = column->key;
        if (column->cell == CELL_KIND)
            name = japanese ? "kind_ja" : "kind_en";
        else if (column->cell == CELL_LEVEL)
            name = japanese ? "classification_ja" : "classification_en";
        const char *stored = rows_text(rows, row, name);
        text_adds(table, i ? "," : "");
        csv_add(table, asset_cell_text(column, stored, japanese));
    }
    text_adds(table, "\r\n");
}

static enum csv_encoding encoding_of(const struct request *rq)
{
    const char *name = request_parameter(rq, "encoding");
    if (name && strcmp(name, "cp932") == 0)
        return CSV_CP932;
    return name && strcmp(name, "utf-8") == 0 ? CSV_UTF8 : CSV_UTF8_BOM;
}

bool asset_export_write(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "exportAssets");
    const char *language = request_parameter(rq, "language");
    bool japanese = language ? strcmp(language, "ja") == 0 : rq->language == LANGUAGE_JA;
    struct text table _text_auto_ = {0}, file = {0};
    enum csv_encoding encoding = encoding_of(rq);
    int lost;
    write_head(&table, japanese);
    for (int i = 0; i < rows_count(rows); i++)
        write_row(&table, rows, i, japanese);
    csv_encode(&table, encoding, &file, &lost);
    if (lost)
        request_reply_header(rq, "Meguri-Replaced-Characters",
                             arena_printf(rq->arena, "%d", lost));
    request_reply_header(rq, "Content-Disposition",
                         "attachment; filename=\"assets.csv\"");
    request_reply_text(rq,
                       encoding == CSV_CP932 ? "text/csv; charset=Shift_JIS"
                                             : "text/csv; charset=utf-8",
                       &file);
    return true;
}
