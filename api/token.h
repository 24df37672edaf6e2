/* ES256 access tokens (RFC 9068) and the keys that sign them. To verify: own strict split and header check (alg equals the key's, typ is
 * at+jwt, kid selects the key, nothing else in the header), OpenSSL EVP with preloaded keys, then iss, aud, exp, nbf, iat, jti, sub.
 * Tokens are signed with EVP too: Debian's libjwt 1.10.2 always writes typ "JWT" over the "at+jwt" that RFC 9068 demands, parses the PEM
 * for every token (0.6 ms), reads no other typ, and must not verify (it takes HS256 made with a public key). Only a test uses it,
 * to check our signatures. */
#ifndef MEGURI_TOKEN_H
#define MEGURI_TOKEN_H

#include "arena.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- key ring: an immutable snapshot behind a mutex; any thread ---- */
struct key_record {
    const char *kid;
    const char *public_pem;
    const char *
        private_sealed; /* secret_seal("signing-key") of the PEM; NULL when this program may not sign */
    int64_t signs_from_s;     /* the newest record with signs_from <= now signs */
    int64_t verifies_until_s; /* 0 = no end */
};
/* Replaces the ring (copies). Records that do not parse are refused: false, ring unchanged. */
bool token_set_keys(const struct key_record *records, int count);
/* What private keys are sealed for (secret.h). */
#define TOKEN_KEY_PURPOSE "signing-key"

/* A new P-256 key: kid, public PEM and sealed private PEM in the arena. */
void token_generate_key(struct arena *arena, struct key_record *ret);
/* JWKS (RFC 7517) of all keys that verify now. */
void token_write_jwks(struct text *out);
bool token_kid_known(const char *kid);

/* ---- claims ---- */
struct claims {
    const char *subject;     /* member id */
    const char *consultancy; /* tenant id */
    const char *session;     /* sid */
    const char
        *client_id;    /* RFC 9068 client_id: "meguri-password", a service account ... */
    const char *scope; /* space separated; "" = none; "*" = all the role has */
    const char *jti;
    int64_t issued_s, expires_s, not_before_s;
};

/* The strings must live on. Once, before threads. */
void token_init(const char *issuer, const char *audience);

/* Signs; text in the arena, NULL when there is no signing key or the token would be too long. jti, iat, nbf, exp come from the claims;
 * a NULL string is left out. */
char *token_issue(struct arena *arena, const struct claims *claims);

enum token_verdict { TOKEN_OK, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_UNKNOWN_KEY };
/* Strings of *ret live in the arena; consultancy, session and client_id are NULL when the token has none. *ret is untouched unless
 * TOKEN_OK. EXPIRED is said only of genuine tokens. Clock skew allowed: 5 s for nbf/iat, none for exp. Token length limit 4096. */
enum token_verdict token_verify(struct arena *arena, const char *token, size_t len,
                                struct claims *ret);

/* ---- cache of successes, one per loop (not thread-safe): key = SHA-256 of the token; kept until min(exp, 60 s, key change) ---- */
struct token_cache;
struct token_cache *token_cache_new(int slots);
void token_cache_destroy(struct token_cache *cache);
enum token_verdict token_check(struct token_cache *cache, struct arena *arena,
                               const char *token, size_t len, struct claims *ret);

#endif
