/* tenants: who is who. Consultancies, members and how they sign in, clients and their sites and departments. */
#ifndef MEGURI_TENANTS_SERVICE_H
#define MEGURI_TENANTS_SERVICE_H

#include "api/app.h"

extern const struct service tenants_service;

/* members.c */
bool member_invitation(
    struct request *rq); /* role fits client_id and caller; makes the invitation token */
bool member_login_created(struct request *rq); /* 409 when the address is taken */
bool member_change_allowed(
    struct request *rq); /* the last owner stays; only owners make owners */
bool member_assignable(struct request *rq); /* only consultants are assigned */

/* sessions.c */
bool session_prepare(struct request *rq); /* names and hash of a new refresh token */
bool session_verify_password(struct request *rq);
bool session_issue(
    struct request *rq); /* worker thread: signs the access token, writes the reply */
bool session_refresh_prepare(struct request *rq);
bool session_refresh_judge(struct request *rq);
bool session_refresh_assume(struct request *rq);
bool session_invitation_prepare(struct request *rq);
bool session_invitation_judge(struct request *rq);
bool session_invitation_password(struct request *rq);
bool session_keys(struct request *rq);
void session_init(const struct config *config);

#endif
