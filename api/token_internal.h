/* Between token.c (tokens), token_keys.c (the ring) and token_cache.c. Nobody else includes this but their tests. */
#ifndef MEGURI_TOKEN_INTERNAL_H
#define MEGURI_TOKEN_INTERNAL_H

#include "token.h"

struct evp_pkey_st; /* OpenSSL's EVP_PKEY */

enum { TOKEN_SIGNATURE = 64, TOKEN_LIMIT = 4096, TOKEN_SKEW_S = 5, COORDINATE = 32 };

struct token_key {
    char *kid;
    struct evp_pkey_st *public_key;
    struct evp_pkey_st *private_key; /* NULL: verifies only */
    int64_t signs_from_s, verifies_until_s;
    uint8_t x[COORDINATE], y[COORDINATE];
};

/* An immutable ring; hold it while you use its keys. */
struct token_ring;
struct token_ring *token_ring_hold(void);
void token_ring_release(
    struct token_ring **ring); /* for _ring_auto_; accepts a pointer to NULL */
#define _ring_auto_ __attribute__((cleanup(token_ring_release)))

/* NULL when there is none now. */
const struct token_key *token_ring_verifier(const struct token_ring *ring,
                                            const char *kid, int64_t now_s);
const struct token_key *token_ring_signer(const struct token_ring *ring, int64_t now_s);
/* Changes whenever the ring is replaced. */
uint64_t token_ring_generation(void);

/* The compact form of these two JSON texts, signed with the key, in the arena. */
char *token_sign(struct arena *arena, const struct token_key *key, const char *header,
                 const char *claims);
/* token_verify; *ret_until_s: the key verifies before that (INT64_MAX = no end). */
enum token_verdict token_verify_until(struct arena *arena, const char *token, size_t len,
                                      struct claims *ret, int64_t *ret_until_s);
/* Is now within iat, nbf and exp? *ret says which way not. */
bool token_times_ok(const struct claims *claims, int64_t now_s, enum token_verdict *ret);

#endif
