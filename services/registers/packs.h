/* Baseline packs: items that are checked when they are published, copied into clients with new ids and links kept, compared and taken again. */
#ifndef MEGURI_REGISTERS_PACKS_H
#define MEGURI_REGISTERS_PACKS_H

#include "api/app.h"

#include <jansson.h>

extern const struct step create_pack[], publish_pack[], make_pack_of_client[],
    apply_pack[], copy_client[], get_pack_difference[], take_pack_items[];

/* Names every item that is not of a known kind, has no label, an unknown member, a key used twice or a link to nothing; pointers below
 * /items. */
bool pack_items_judge(struct request *rq, const json_t *items);

struct pack_copying {
    struct request *rq;
    const json_t *items;
    const json_t *copied; /* key -> id of what the client has of it already */
    const char *locale;   /* ja or en: texts laid over content */
    const json_t *kinds;  /* only these; NULL = all */
    const json_t *keys;   /* only these; NULL = all */
};
/* Sets :pack_items for the statements and returns the report [{key, kind, id, result}]; refuses planned treatments without somebody to do
 * them. */
json_t *pack_items_copy(const struct pack_copying *copying);

#define COPY_ITEMS                                                                       \
    {.sql = "copyContextIssues", .optional = true},                                      \
        {.sql = "copyInterestedPartys", .optional = true},                               \
        {.sql = "copyAssets", .optional = true}, {.sql = "copyRisks", .optional = true}, \
        {.sql = "copyTreatments", .optional = true},                                     \
        {.sql = "copyObjectives", .optional = true},                                     \
        {.sql = "copyLegalRequirements", .optional = true},                              \
        {.sql = "copyTrainings", .optional = true},                                      \
        {.sql = "copyTasks", .optional = true},                                          \
        {.sql = "copyChecklistQuestions", .optional = true},                             \
        {.sql = "keepCopiedRevisions", .optional = true},                                \
        {.sql = "linkCopiedTreatments", .optional = true},                               \
    {                                                                                    \
        .sql = "packApplicationDeadlines", .optional = true                              \
    }

#endif
