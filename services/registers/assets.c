/* Assets, their classification and their groups: what the operations do, in steps. */
#include "assets.h"

#include "asset_files.h"
#include "checks.h"
#include "deadlines.h"
#include "risks.h"

/* ---- assets: of a kind that the catalogue has; the end of their life falls due ---- */

const struct step create_asset[] = {
    {.compute = register_past},
    {.compute = register_new},
    {.sql = "assetProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "insertAsset"},
    {.sql = "assetDeadlines"},
    STORE_DEADLINES,
    {.sql = "getAsset"},
    {0},
};
const struct step update_asset[] = {
    {.compute = register_past},
    {.sql = "assetProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "changeAsset"},
    EVALUATE_RISKS,
    {.sql = "assetDeadlines"},
    STORE_DEADLINES,
    {.sql = "getAsset"},
    {0},
};
const struct step delete_asset[] = {
    {.sql = "assetDeadlines", .optional = true},
    STORE_DEADLINES,
    {.sql = "removeAsset"},
    {0},
};
/* ---- assets: many at once, files ---- */

const struct step bulk_assets[] = {
    {.compute = asset_bulk_read},
    {.sql = "bulkAssetsProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "judgeAssets"},
    {.sql = "insertAssets", .optional = true},
    {.sql = "changeAssets", .optional = true},
    {.sql = "removeAssets", .optional = true},
    EVALUATE_RISKS,
    {.compute = asset_ids},
    {.sql = "assetsDeadlines", .optional = true},
    STORE_DEADLINES,
    {.compute = asset_bulk_answer},
    {0},
};
const struct step import_assets[] = {
    {.sql = "loadAssetKinds"},
    {.sql = "loadAssetNumbers", .optional = true},
    {.sql = "loadDepartmentNames", .optional = true},
    {.sql = "loadSiteNames", .optional = true},
    {.sql = "loadClassificationLabels", .optional = true},
    {.offload = asset_import_read},
    {.sql = "insertAssets", .optional = true},
    {.sql = "changeAssets", .optional = true},
    EVALUATE_RISKS,
    {.compute = asset_ids},
    {.sql = "assetsDeadlines", .optional = true},
    STORE_DEADLINES,
    {.compute = asset_import_answer},
    {0},
};
const struct step export_assets[] = {
    {.sql = "requireClient"},
    {.sql = "exportAssets", .optional = true},
    {.offload = asset_export_write},
    {0},
};

/* ---- classification: assets follow their levels; groups are the names that assets share ---- */

/* Levels that a patch does not name stay. */
static bool keep_levels(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "getClassifications");
    if (!rows)
        rows = request_rows(rq, "getDefaultClassifications");
    if (!request_member(rq, "levels"))
        request_set(rq, "levels", rows_text(rows, 0, "levels"));
    return true;
}

const struct step update_classifications[] = {
    {.sql = "getClassifications"},
    {.compute = keep_levels},
    {.sql = "updateClassificationsProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "storeClassifications"},
    {.sql = "relabelAssets", .optional = true},
    {.sql = "getClassifications"},
    {0},
};
const struct step reset_classifications[] = {
    {.sql = "getClassifications"},
    {.sql = "resetClassificationsProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "dropClassifications"},
    {.sql = "followDefaultClassifications", .optional = true},
    {0},
};
const struct step update_default_classifications[] = {
    {.sql = "getDefaultClassifications"},
    {.compute = keep_levels},
    {.sql = "updateDefaultClassificationsProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "storeDefaultClassifications"},
    {.sql = "relabelAssets", .optional = true},
    {.sql = "getDefaultClassifications"},
    {0},
};
const struct step update_asset_group[] = {
    {.sql = "matchAssetGroup"},
    {.sql = "renameGroupOfAssets", .optional = true},
    {.sql = "renamedAssetGroup"},
    {0},
};
const struct step delete_asset_group[] = {
    {.sql = "matchAssetGroup"}, {.sql = "emptyAssetGroup"}, {0}};
