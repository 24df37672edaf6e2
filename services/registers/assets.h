/* Assets, the scheme by which they are classified, and their groups. */
#ifndef MEGURI_REGISTERS_ASSETS_H
#define MEGURI_REGISTERS_ASSETS_H

#include "api/app.h"

extern const struct step create_asset[], update_asset[], delete_asset[], bulk_assets[],
    import_assets[], export_assets[], update_classifications[], reset_classifications[],
    update_default_classifications[], update_asset_group[], delete_asset_group[];

#endif
