/* Certification bodies: a note of a source names a value that exists. */
#include "operations.h"

#include "policies_check.h"

#include <string.h>

static bool body_judge(struct request *rq)
{
    json_t *sources = (json_t *)(uintptr_t)request_member(rq, "policy_sources");
    const char *name;
    json_t *note;
    json_object_foreach(sources, name, note)
    {
        bool plain = strpbrk(name, "/~") == NULL;
        if (!policy_find(name))
            refuse_field(rq,
                         plain ? arena_printf(rq->arena, "/policy_sources/%s", name)
                               : "/policy_sources",
                         "unknown_member", NULL);
    }
    return rq->problem.code == PROBLEM_NONE;
}

const struct step body_create_steps[] = {
    {.compute = body_judge},
    POLICIES_JUDGED(policies_check_body),
    {.sql = "insertCertificationBody"},
    {0},
};
const struct step body_update_steps[] = {
    {.compute = body_judge},
    POLICIES_JUDGED(policies_check_body),
    {.sql = "changeCertificationBody"},
    {.sql = "markBodyPlansStale", .optional = true},
    {.sql = "getCertificationBody"},
    {0},
};
