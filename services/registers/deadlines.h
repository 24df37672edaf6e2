/* What falls due in a register becomes a deadline, on which reminders and calendars hang. An operation that changes such a row ends with
 *
 *     {.sql = "changeAsset"}, {.sql = "assetDeadlines", .optional = true}, STORE_DEADLINES, {.sql = "getAsset"}, {0}
 *
 * The select is named after the operation's x-entity (asset -> assetDeadlines, internal_audit -> internalAuditDeadlines). One row for each day
 * that may fall due, with the columns
 *
 *     client_id, source_key ('asset:<id>:end_of_life', stable), kind, raw_on (null: withdraw it), title_ja, title_en,
 *     hardness ('own' mostly), rule (may be null), why (json, {"rules":[..],"inputs":{..},"policy":{..}}), fulfilled_on (null: open)
 *
 * The day is rolled back to a business day (CAL-04, policy year_end_closed of the consultancy). The same rows change nothing. In a deleting
 * operation the steps stand before the delete, and the select says raw_on null there (`:operation = 'deleteAsset'`). */
#ifndef MEGURI_REGISTERS_DEADLINES_H
#define MEGURI_REGISTERS_DEADLINES_H

#include "api/app.h"

#define STORE_DEADLINES                                                                  \
    {.sql = "loadYearEnd"}, {.compute = register_deadlines},                             \
    {                                                                                    \
        .sql = "storeRegisterDeadlines", .optional = true                                \
    }

/* From the rows of <entity>Deadlines to :register_deadlines. */
bool register_deadlines(struct request *rq);

#endif
