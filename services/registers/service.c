/* The operations of registers that are more than one statement. */
#include "service.h"

#include "deadlines.h"

/* ---- assets: the end of an asset's life is a deadline ---- */

static const struct step create_asset[] = {
    {.compute = register_new}, {.sql = "insertAsset"}, {.sql = "assetDeadlines"},
    STORE_DEADLINES,           {.sql = "getAsset"},    {0},
};
static const struct step update_asset[] = {
    {.sql = "changeAsset"},
    {.sql = "assetDeadlines"},
    STORE_DEADLINES,
    {.sql = "getAsset"},
    {0},
};
static const struct step delete_asset[] = {
    {.sql = "assetDeadlines", .optional = true},
    STORE_DEADLINES,
    {.sql = "removeAsset"},
    {0},
};

static const struct handler handlers[] = {
    {"createAsset", create_asset},
    {"updateAsset", update_asset},
    {"deleteAsset", delete_asset},
    {0},
};

const struct service registers_service = {.name = "registers", .handlers = handlers};
