/* The operations of tenants that are more than one statement. */
#include "service.h"

#include "scope.h"
#include "trail.h"

static const struct step sign_in[] = {
    {.compute = session_prepare},         {.sql = "findCredentials", .optional = true},
    {.offload = session_verify_password}, {.sql = "recordSignIn"},
    {.offload = session_issue},           {0},
};
static const struct step refresh[] = {
    {.compute = session_refresh_prepare}, {.sql = "rotateSession"},
    {.offload = session_refresh_judge},   {.sql = "findSession", .optional = true},
    {.compute = session_refresh_assume},  {.sql = "findRole", .optional = true},
    {.offload = session_issue},           {0},
};
static const struct step accept_invitation[] = {
    {.compute = session_invitation_prepare},
    {.sql = "findInvitation", .optional = true},
    {.compute = session_invitation_judge},
    {.offload = session_invitation_password},
    {.sql = "useInvitation"},
    {.sql = "activateMember"},
    {0},
};
static const struct step keys[] = {{.compute = session_keys}, {0}};
static const struct step create_member[] = {
    {.compute = member_invitation},    {.sql = "createLogin"},
    {.compute = member_login_created}, {.sql = "createMember"},
    {.sql = "inviteMember"},           {0},
};
static const struct step update_member[] = {
    {.sql = "judgeMemberChange"},
    {.compute = member_change_allowed},
    {.sql = "updateMember"},
    {0},
};
static const struct step delete_member[] = {
    {.sql = "judgeMemberChange"},
    {.compute = member_change_allowed},
    {.sql = "deleteMember"},
    {.sql = "deleteLogin"},
    {0},
};
static const struct step create_assignment[] = {
    {.sql = "judgeAssignment", .optional = true},
    {.compute = member_assignable},
    {.sql = "createAssignment"},
    {0},
};

static const struct handler handlers[] = {
    {"createSession", sign_in},
    {"refreshSession", refresh},
    {"acceptInvitation", accept_invitation},
    {"getKeys", keys},
    {"createMember", create_member},
    {"updateMember", update_member},
    {"deleteMember", delete_member},
    {"createAssignment", create_assignment},
    {"createScopeVersion", scope_create_steps},
    {"updateScopeVersion", scope_update_steps},
    {"deleteScopeVersion", scope_delete_steps},
    {"activateScopeVersion", scope_activate_steps},
    {0},
};

static const struct job *const jobs[] = {&trail_seal_job, &trail_check_job,
                                         &trail_sweep_job, &scope_settle_job, NULL};

const struct service tenants_service = {
    .name = "tenants", .handlers = handlers, .jobs = jobs, .init = session_init};
