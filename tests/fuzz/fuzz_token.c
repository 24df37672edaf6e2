/* Any bytes as a token, and any two texts as header and claims of a genuinely signed one: no crash, and what is accepted
 * has the claims that it must have. First byte even: the token itself; odd: "header NUL claims". */
#include "api/clock.h"
#include "api/secret.h"
#include "api/token.h"
#include "api/token_internal.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void init_secret(void)
{
    char path[] = "/tmp/meguri-fuzz-XXXXXX";
    int fd = mkstemp(path);
    assert(fd >= 0 && write(fd, "0123456789abcdef0123456789abcdef", 32) == 32);
    close(fd);
    secret_init(path, NULL);
    unlink(path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    struct key_record key;
    struct arena *arena = arena_new();
    init_secret();
    token_init("i", "a");
    token_generate_key(arena, &key);
    key.kid = "k";
    assert(token_set_keys(&key, 1));
    arena_destroy(arena);
    return 0;
}

static char *token_of(struct arena *arena, const uint8_t *data, size_t size,
                      size_t *ret_len)
{
    char *text = arena_strndup(arena, (const char *)data, size);
    *ret_len = size;
    if (data[-1] % 2 == 0)
        return text;
    size_t header = strlen(text);
    _ring_auto_ struct token_ring *ring = token_ring_hold();
    const struct token_key *key = token_ring_signer(ring, clock_now_s());
    char *token = token_sign(arena, key, text, header < size ? text + header + 1 : "");
    *ret_len = strlen(token);
    return token;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct token_cache *cache;
    if (!cache)
        cache = token_cache_new(8);
    if (size < 1)
        return 0;
    size_t len;
    struct claims claims, again;
    struct arena *arena = arena_new();
    char *token = token_of(arena, data + 1, size - 1, &len);
    enum token_verdict verdict = token_verify(arena, token, len, &claims);
    if (verdict == TOKEN_OK) {
        assert(*claims.subject && *claims.jti && claims.scope);
        assert(claims.expires_s > clock_now_s() - 5);
        assert(token_check(cache, arena, token, len, &again) == TOKEN_OK);
        assert(token_check(cache, arena, token, len, &again) == TOKEN_OK);
        assert(strcmp(again.subject, claims.subject) == 0);
    }
    arena_destroy(arena);
    return 0;
}
