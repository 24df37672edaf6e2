/* Sign-in, refresh, invitations. Refresh tokens and invitations are random; the database holds only their SHA-256. */
#include "service.h"

#include "api/clock.h"
#include "api/id.h"
#include "api/password.h"
#include "api/secret.h"
#include "api/text.h"
#include "api/token.h"

#include <stdlib.h>
#include <string.h>

enum { TOKEN_BYTES = 32, MAX_FAILURES = 10, PAUSE_S = 60 };

static const struct config *settings; /* set once before threads start */

void session_init(const struct config *config)
{
    settings = config;
}

static const char *instant_text(struct request *rq, int64_t instant_us)
{
    return clock_format(instant_us, arena_alloc(rq->arena, CLOCK_TEXT));
}

static const char *member_text(const struct request *rq, const char *name)
{
    return json_string_value(request_member(rq, name));
}

static void set_refresh_token(struct request *rq)
{
    unsigned char bytes[TOKEN_BYTES];
    id_random(bytes, sizeof bytes);
    struct text token _text_auto_ = {0};
    text_adds(&token, "mrt_");
    text_add_base64url(&token, bytes, sizeof bytes);
    request_set(rq, "refresh_token", token.data);
    request_set(rq, "refresh_hash", secret_sha256_hex(rq->arena, token.data, token.len));
    int64_t until = rq->now_us + settings->refresh_token_days * 24 * 3600 * 1000000;
    request_set(rq, "refresh_expires_at", instant_text(rq, until));
}

bool session_prepare(struct request *rq)
{
    set_refresh_token(rq);
    request_set(rq, "session_id", id_new(arena_alloc(rq->arena, ID_TEXT)));
    request_set(rq, "user_agent", http_header_find(rq->http, "User-Agent"));
    return true;
}

/* ---- password ---- */

/* After ten wrong passwords in a row the login rests a minute; the right password is not looked at meanwhile. */
static bool is_resting(const struct request *rq, const struct rows *rows, int row)
{
    int64_t failed_us = 0;
    const char *failed_at = rows_text(rows, row, "failed_at");
    if (strtol(rows_text(rows, row, "failed_count"), NULL, 10) < MAX_FAILURES ||
        !failed_at)
        return false;
    const char *iso = arena_printf(rq->arena, "%.10sT%s:00", failed_at, failed_at + 11);
    return clock_parse(iso, &failed_us) &&
           rq->now_us - failed_us < (int64_t)PAUSE_S * 1000000;
}

static json_t *tried_logins(const struct rows *rows)
{
    json_t *tried = json_array();
    for (int i = 0; i < rows_count(rows); i++)
        json_array_append_new(tried,
                              json_pack("{s:s, s:s}", "consultancy_id",
                                        rows_text(rows, i, "consultancy_id"), "member_id",
                                        rows_text(rows, i, "member_id")));
    return tried;
}

static bool refuse_resting(struct request *rq)
{
    rq->problem.retry_after_s = PAUSE_S;
    return refuse(
        rq, PROBLEM_TOO_MANY_REQUESTS,
        "Too many wrong passwords. Wait a minute and try again.",
        "パスワードの誤りが続いています。1分ほど待ってからやり直してください。");
}

/* Rows that the password fits; *ret_row = the last of them. */
static int count_matches(struct request *rq, const struct rows *rows, int *ret_row)
{
    const char *password = member_text(rq, "password");
    int matches = 0;
    for (int i = 0; i < rows_count(rows); i++) {
        if (password_verify(rows_text(rows, i, "password_hash"), password)) {
            *ret_row = i;
            matches++;
        }
    }
    if (rows_count(rows) == 0)
        password_verify(NULL, password); /* an unknown address takes as long */
    return matches;
}

bool session_verify_password(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "findCredentials");
    for (int i = 0; i < rows_count(rows); i++) {
        if (is_resting(rq, rows, i))
            return refuse_resting(rq);
    }
    int row = -1, matches = count_matches(rq, rows, &row);
    if (matches > 1)
        return refuse_field(rq, "/consultancy_id", "required", NULL);
    request_set(rq, "verified", matches == 1 ? "true" : "false");
    json_t *tried = tried_logins(rows);
    request_set_json(rq, "tried", tried);
    json_decref(tried);
    if (matches == 1) {
        request_assume(rq, rows_text(rows, row, "consultancy_id"),
                       rows_text(rows, row, "member_id"), REACH_ALL);
        request_set(rq, "member_role", rows_text(rows, row, "role"));
    }
    return true;
}

/* ---- tokens ---- */

static bool refuse_credentials(struct request *rq)
{
    return refuse(rq, PROBLEM_BAD_CREDENTIALS, NULL, NULL);
}

static char *access_token(struct request *rq, const char *session_id)
{
    int64_t now_s = rq->now_us / 1000000;
    const struct claims claims = {
        .subject = rq->caller.member,
        .consultancy = rq->caller.consultancy,
        .session = session_id,
        .client_id = "meguri-password",
        .scope = "*",
        .jti = id_new(arena_alloc(rq->arena, ID_TEXT)),
        .issued_s = now_s,
        .not_before_s = now_s,
        .expires_s = now_s + settings->access_token_seconds,
    };
    return token_issue(rq->arena, &claims);
}

/* After a sign-in the role came with the credentials; after a refresh it is read anew, and a member who is gone has none. */
static const char *role_of(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "findRole");
    if (rows)
        return rows_count(rows) ? rows_text(rows, 0, "role") : NULL;
    return request_value(rq, "member_role", NULL);
}

bool session_issue(struct request *rq)
{
    const char *role = role_of(rq);
    if (!role)
        return refuse_credentials(rq);
    char *token = access_token(rq, request_value(rq, "session_id", NULL));
    if (!token)
        return refuse(rq, PROBLEM_UNAVAILABLE, "There is no signing key yet.",
                      "署名鍵がまだありません。");
    request_reply_json(
        rq,
        json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s}", "access_token", token,
                  "token_type", "Bearer", "expires_in",
                  (json_int_t)settings->access_token_seconds, "refresh_token",
                  request_value(rq, "refresh_token", NULL), "refresh_expires_at",
                  request_value(rq, "refresh_expires_at", NULL), "consultancy_id",
                  rq->caller.consultancy, "member_id", rq->caller.member, "role", role));
    return true;
}

bool session_keys(struct request *rq)
{
    struct text body = {0};
    token_write_jwks(&body);
    request_reply_text(rq, "application/json", &body);
    return true;
}

/* ---- refresh ---- */

bool session_refresh_prepare(struct request *rq)
{
    const char *old = member_text(rq, "refresh_token");
    request_set(rq, "old_hash", secret_sha256_hex(rq->arena, old, strlen(old)));
    set_refresh_token(rq);
    return true;
}

/* The rotation is committed by now, also when it revoked the session of a token used twice. */
bool session_refresh_judge(struct request *rq)
{
    const char *outcome = rows_text(request_rows(rq, "rotateSession"), 0, "outcome");
    return strcmp(outcome, "rotated") == 0 || refuse_credentials(rq);
}

bool session_refresh_assume(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "findSession");
    if (rows_count(rows) == 0)
        return refuse_credentials(rq);
    request_assume(rq, rows_text(rows, 0, "consultancy_id"),
                   rows_text(rows, 0, "member_id"), REACH_ALL);
    request_set(rq, "session_id", rows_text(rows, 0, "session_id"));
    return true;
}

/* ---- invitations ---- */

bool session_invitation_prepare(struct request *rq)
{
    const char *token = member_text(rq, "invitation_token");
    request_set(rq, "invitation_hash",
                secret_sha256_hex(rq->arena, token, strlen(token)));
    return true;
}

bool session_invitation_judge(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "findInvitation");
    if (rows_count(rows) == 0)
        return refuse_credentials(rq);
    request_assume(rq, rows_text(rows, 0, "consultancy_id"),
                   rows_text(rows, 0, "member_id"), REACH_ALL);
    return true;
}

bool session_invitation_password(struct request *rq)
{
    request_set(rq, "password_hash",
                password_hash(rq->arena, member_text(rq, "password")));
    return true;
}
