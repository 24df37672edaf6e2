/* Who may become a member, with which role, and who may not leave. */
#include "service.h"

#include "api/clock.h"
#include "api/id.h"
#include "api/secret.h"
#include "api/text.h"

#include <stdlib.h>
#include <string.h>

enum { INVITATION_DAYS = 14, TOKEN_BYTES = 32 };

static bool is_client_role(const char *role)
{
    return strcmp(role, "client_admin") == 0 || strcmp(role, "client_member") == 0 ||
           strcmp(role, "auditor") == 0;
}

static const char *member_text(const struct request *rq, const char *name)
{
    return json_string_value(request_member(rq, name));
}

/* Only an owner makes an owner. */
static bool role_grantable(struct request *rq, const char *role)
{
    if (!role || strcmp(role, "owner") != 0 || strcmp(rq->caller.role, "owner") == 0)
        return true;
    return refuse_field(rq, "/role", "not_allowed_here", NULL);
}

static bool role_fits_client(struct request *rq, const char *role)
{
    bool has_client = request_member(rq, "client_id") != NULL;
    if (is_client_role(role) && !has_client)
        return refuse_field(rq, "/client_id", "required", NULL);
    if (!is_client_role(role) && has_client)
        return refuse_field(rq, "/client_id", "not_allowed_here", role);
    return true;
}

bool member_invitation(struct request *rq)
{
    const char *role = member_text(rq, "role");
    bool fits = role_fits_client(rq, role);
    if (!role_grantable(rq, role) || !fits)
        return false;
    unsigned char bytes[TOKEN_BYTES];
    id_random(bytes, sizeof bytes);
    struct text token _text_auto_ = {0};
    text_adds(&token, "min_");
    text_add_base64url(&token, bytes, sizeof bytes);
    request_set(rq, "invitation_token", token.data);
    request_set(rq, "invitation_hash",
                secret_sha256_hex(rq->arena, token.data, token.len));
    int64_t until = rq->now_us + (int64_t)INVITATION_DAYS * 24 * 3600 * 1000000;
    request_set(rq, "invitation_expires_at",
                clock_format(until, arena_alloc(rq->arena, CLOCK_TEXT)));
    return true;
}

bool member_login_created(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "createLogin");
    if (rows_text(rows, 0, "created")[0] == 't')
        return true;
    refuse(rq, PROBLEM_CONFLICT, NULL, NULL);
    return refuse_field(rq, "/email", "duplicate", NULL);
}

/* A demoted, expiring or removed owner needs another active one to stay. */
static bool leaves_owners(const struct request *rq)
{
    const char *role = member_text(rq, "role");
    const json_t *expires = request_member(rq, "expires_at");
    return strcmp(rq->operation->method, "DELETE") == 0 ||
           (role && strcmp(role, "owner") != 0) || (expires && !json_is_null(expires));
}

bool member_change_allowed(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeMemberChange");
    const char *present = rows_text(rows, 0, "role");
    const char *wanted = member_text(rq, "role");
    bool owner = strcmp(present, "owner") == 0;
    if (owner && strcmp(rq->caller.role, "owner") != 0)
        return refuse(rq, PROBLEM_FORBIDDEN, "Only an owner changes an owner.",
                      "オーナーを変更できるのはオーナーだけです。");
    if (owner && leaves_owners(rq) &&
        strcmp(rows_text(rows, 0, "other_owners"), "0") == 0)
        return refuse(rq, PROBLEM_STATE_NOT_ALLOWED,
                      "This is the last owner. Make another member an owner first.",
                      "最後のオーナーです。先に別のメンバーをオーナーにしてください。");
    if (wanted && is_client_role(wanted) != is_client_role(present))
        return refuse_field(rq, "/role", "not_allowed_here", NULL);
    return role_grantable(rq, wanted);
}

bool member_assignable(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeAssignment");
    if (rows_count(rows) > 0 && is_client_role(rows_text(rows, 0, "role")))
        return refuse_field(rq, "/member_id", "not_allowed_here", "consultant");
    return true;
}
