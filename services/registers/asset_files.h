/* Assets as a table: many at once, in and out of files. Steps of bulkAssets, importAssets and exportAssets. */
#ifndef MEGURI_REGISTERS_ASSET_FILES_H
#define MEGURI_REGISTERS_ASSET_FILES_H

#include "api/app.h"

/* On the worker pool: the file into :asset_rows (new ones) and :asset_changes, or every wrong cell as a field error "/<line>/<column>". */
bool asset_import_read(struct request *rq);
bool asset_import_answer(struct request *rq);

/* On the worker pool: all assets as text/csv. */
bool asset_export_write(struct request *rq);

/* The items of a bulk body into :asset_rows, :asset_changes and :asset_removals; each item's fate as the reply. */
bool asset_bulk_read(struct request *rq);
bool asset_bulk_answer(struct request *rq);

/* Ids of what was written, as :asset_ids, for assetsDeadlines. */
bool asset_ids(struct request *rq);

#endif
