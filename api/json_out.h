/* Rows to JSON by column type, without a tree: int2/4/8, float, numeric -> number; bool; json/jsonb raw; timestamptz -> RFC 3339 with +00:00 (the same
 * form PostgreSQL's own to_jsonb uses, so that as-of reading is byte-equal); date, uuid, text, varchar, enum types -> string; NULL -> null.
 * Columns beginning with '_' are left out. Sessions run with TimeZone=UTC, DateStyle=ISO. */
#ifndef MEGURI_JSON_OUT_H
#define MEGURI_JSON_OUT_H

#include "db.h"
#include "text.h"

void json_out_row(struct text *out, const struct rows *rows, int row);
/* {"data":[rows 0..count-1],"next":"<cursor>"|null} */
void json_out_list(struct text *out, const struct rows *rows, int count,
                   const char *next);
/* Can a column of this type be written? (boot check) */
bool json_out_type_known(unsigned type_oid);

#endif
