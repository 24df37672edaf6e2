/* The operations on changes as steps. */
#include "operations.h"

#include "change_steps.h"
#include "plan.h"

#define SHOW                                                                             \
    {.sql = "loadAdviceFacts"}, {.compute = change_show},                                \
    {                                                                                    \
        .sql = "readChange"                                                              \
    }

/* loadAdviceFacts of all changes. */
static bool change_any(struct request *rq)
{
    request_set(rq, "change_id", NULL);
    return true;
}

const struct step change_list_steps[] = {
    {.compute = change_any},
    {.sql = "loadAdviceFacts"},
    {.compute = change_show},
    {.sql = "listChanges"},
    {0},
};
const struct step change_get_steps[] = {SHOW, {0}};
const struct step change_create_steps[] = {
    LOCK_PLAN, {.compute = change_create}, {.sql = "insertChange"}, PLAN_STEPS, SHOW, {0},
};
const struct step change_update_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeChange"},
    {.compute = change_step},
    {.sql = "changeChange"},
    {.sql = "loadAdviceFacts"},
    {.compute = change_follow},
    {.sql = "followChangeAudits", .optional = true},
    {.sql = "followMadeAudits", .optional = true},
    {.sql = "freeChangeAudits", .optional = true},
    {.sql = "followChangeScope", .optional = true},
    {.sql = "reissueCertificates", .optional = true},
    PLAN_STEPS,
    SHOW,
    {0},
};
const struct step change_approve_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeChange"},
    {.sql = "loadAdviceFacts"},
    {.sql = "loadScopeBase"},
    {.compute = change_approve},
    {.sql = "clearChangeAudits", .optional = true},
    {.sql = "insertChangeAudits", .optional = true},
    {.sql = "bookChangeAudits", .optional = true},
    {.sql = "insertChangeScope", .optional = true},
    {.sql = "linkChangeAudits", .optional = true},
    {.sql = "approveChangeRow"},
    PLAN_STEPS,
    SHOW,
    {0},
};
const struct step change_delete_steps[] = {
    LOCK_PLAN,
    {.sql = "judgeChange"},
    {.compute = change_version_fits},
    {.sql = "dropChangeDeadlines", .optional = true},
    {.sql = "removeChange"},
    PLAN_STEPS,
    {0},
};
