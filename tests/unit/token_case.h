/* For the tests of tokens: a ring with the key "k1", a clock that stands at 2025-02-14T00:00:00Z, well-made parts. */
#ifndef MEGURI_TEST_TOKEN_CASE_H
#define MEGURI_TEST_TOKEN_CASE_H

#include "api/clock.h"
#include "api/secret.h"
#include "api/token.h"
#include "api/token_internal.h"
#include "tests/unit/ground.h"

#define NOW 1739491200
#define ISSUER "https://issuer.test"

static struct arena *arena;
static struct key_record key;
static char *clock_path;

static inline void setup(void)
{
    char *secret = ground_file("0123456789abcdef0123456789abcdef", 32, 0600);
    arena = arena_new();
    secret_init(secret, NULL);
    unlink(secret);
    free(secret);
    clock_path = ground_file("2025-02-14T00:00:00Z", 20, 0600);
    ck_assert(clock_init(clock_path));
    token_init(ISSUER, "meguri");
    token_generate_key(arena, &key);
    key.kid = "k1";
    ck_assert(token_set_keys(&key, 1));
}

static inline void teardown(void)
{
    ck_assert(token_set_keys(NULL, 0));
    arena_destroy(arena);
    unlink(clock_path);
    free(clock_path);
}

static inline struct claims sample(void)
{
    return (struct claims){.subject = "member-1",
                           .consultancy = "tenant-1",
                           .session = "session-1",
                           .client_id = "meguri-password",
                           .scope = "clients:read \"巡り\"",
                           .jti = "jti-1",
                           .issued_s = NOW,
                           .not_before_s = NOW,
                           .expires_s = NOW + 300};
}

static inline char *issue(void)
{
    struct claims claims = sample();
    char *token = token_issue(arena, &claims);
    ck_assert_ptr_nonnull(token);
    return token;
}

static inline enum token_verdict verify(const char *token)
{
    struct claims claims = {.jti = "untouched"};
    enum token_verdict verdict = token_verify(arena, token, strlen(token), &claims);
    if (verdict != TOKEN_OK)
        ck_assert_str_eq(claims.jti, "untouched");
    return verdict;
}

static inline char *signed_parts(const char *header, const char *claims)
{
    _ring_auto_ struct token_ring *ring = token_ring_hold();
    char *token = token_sign(arena, token_ring_signer(ring, NOW), header, claims);
    ck_assert_ptr_nonnull(token);
    return token;
}

#define HEADER "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}"
#define TIMES "\"iat\":1739491200,\"exp\":1739491500"
#define WHO "\"sub\":\"m\",\"jti\":\"j\""
#define WHERE "\"iss\":\"" ISSUER "\",\"aud\":\"meguri\""
#define CLAIMS "{" WHERE "," WHO "," TIMES "}"

#endif
