/* The key ring and the cache of verified tokens. The clock stands at 2025-02-14T00:00:00Z until moved. */
#include "api/clock.h"
#include "api/secret.h"
#include "api/token.h"
#include "api/token_internal.h"
#include "tests/unit/ground.h"

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>

#define NOW 1739491200

static struct arena *arena;
static struct key_record key;
static struct token_cache *cache;
static char *clock_path;

static void setup(void)
{
    char *secret = ground_file("0123456789abcdef0123456789abcdef", 32, 0600);
    arena = arena_new();
    secret_init(secret, NULL);
    unlink(secret);
    free(secret);
    clock_path = ground_file("2025-02-14T00:00:00Z", 20, 0600);
    ck_assert(clock_init(clock_path));
    token_init("https://issuer.test", "meguri");
    token_generate_key(arena, &key);
    ck_assert(token_set_keys(&key, 1));
    cache = token_cache_new(64);
}

static void teardown(void)
{
    ck_assert(token_set_keys(NULL, 0));
    token_cache_destroy(cache);
    arena_destroy(arena);
    unlink(clock_path);
    free(clock_path);
}

static void move_clock(const char *instant)
{
    ground_replace(clock_path, instant);
    ck_assert(clock_init(clock_path));
}

static char *issue(const char *jti)
{
    struct claims claims = {.subject = "m",
                            .jti = jti,
                            .scope = "",
                            .issued_s = NOW,
                            .not_before_s = NOW,
                            .expires_s = NOW + 300};
    return token_issue(arena, &claims);
}

static enum token_verdict verify(const char *token)
{
    struct claims claims;
    return token_verify(arena, token, strlen(token), &claims);
}

static enum token_verdict check(const char *token)
{
    struct claims claims;
    return token_check(cache, arena, token, strlen(token), &claims);
}

/* The kid in the header of a token. */
static const char *kid_of(const char *token)
{
    size_t len;
    const uint8_t *header =
        secret_base64url_part(arena, token, strcspn(token, "."), &len);
    json_t *object = json_loadb((const char *)header, len, 0, NULL);
    const char *kid =
        arena_strdup(arena, json_string_value(json_object_get(object, "kid")));
    json_decref(object);
    return kid;
}

/* ---- keys ---- */

START_TEST(no_signing_key_means_no_token)
{
    ck_assert(token_set_keys(NULL, 0));
    ck_assert_ptr_null(issue("a"));
    key.private_sealed = NULL;
    ck_assert(token_set_keys(&key, 1));
    ck_assert_ptr_null(issue("a"));
}
END_TEST

START_TEST(the_newest_key_that_has_begun_signs)
{
    struct key_record keys[3];
    for (int i = 0; i < 3; i++)
        token_generate_key(arena, &keys[i]);
    keys[0].signs_from_s = NOW - 1000;
    keys[1].signs_from_s = NOW - 10;
    keys[2].signs_from_s = NOW + 60;
    ck_assert(token_set_keys(keys, 3));
    ck_assert_str_eq(kid_of(issue("a")), keys[1].kid);
    move_clock("2025-02-14T00:01:00Z");
    ck_assert_str_eq(kid_of(issue("a")), keys[2].kid);
}
END_TEST

START_TEST(a_key_verifies_until_its_end)
{
    char *token = issue("a");
    key.verifies_until_s = NOW + 10;
    ck_assert(token_set_keys(&key, 1));
    ck_assert_int_eq(verify(token), TOKEN_OK);
    ck_assert(token_kid_known(key.kid));
    move_clock("2025-02-14T00:00:10Z");
    ck_assert_int_eq(verify(token), TOKEN_UNKNOWN_KEY);
    ck_assert(!token_kid_known(key.kid));
    ck_assert_ptr_null(issue("b"));
}
END_TEST

static const char *const bad_keys[] = {
    NULL,
    "",
    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    /* P-384 */
    "-----BEGIN PUBLIC KEY-----\n"
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE4PFqe6w2Uv/ZmbIy2mAchSj06kqy5FeI\n"
    "hS07QlS14TkHChuEpwSBINrvqu1kiyh3zpgxSrDURiz47AJOjqdFjlVGESNCjRqI\n"
    "ryTJIPH+thTlh5HtiL2Jo1dDyLhUBre2\n"
    "-----END PUBLIC KEY-----\n",
    /* secp256k1 */
    "-----BEGIN PUBLIC KEY-----\n"
    "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE0m/5Z60zmZNeNXJQmZMYTYIZ4dV6BCUP\n"
    "FuP9OcvihpotY9naT0uZSP/UiwwcIoaDMLdj6i8deZTpPOgHigBsJQ==\n"
    "-----END PUBLIC KEY-----\n",
    /* Ed25519 */
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAQ8HLRdVVcOQ53rnLbd8oSCiZVxHn4ixs83h86hmF2l4=\n"
    "-----END PUBLIC KEY-----\n",
};

START_TEST(only_p256_keys_are_taken)
{
    char *token = issue("a");
    struct key_record records[2] = {key, {.kid = "bad", .public_pem = bad_keys[_i]}};
    ck_assert(!token_set_keys(records, 2));
    ck_assert(!token_kid_known("bad"));
    ck_assert_int_eq(verify(token), TOKEN_OK); /* the ring is as before */
}
END_TEST

START_TEST(a_kid_is_given_once_and_is_not_empty)
{
    struct key_record records[2] = {key, key};
    ck_assert(!token_set_keys(records, 2));
    records[1].kid = "";
    ck_assert(!token_set_keys(records, 2));
    records[1].kid = NULL;
    ck_assert(!token_set_keys(records, 2));
}
END_TEST

START_TEST(halves_of_two_pairs_are_refused)
{
    struct key_record other;
    token_generate_key(arena, &other);
    other.private_sealed = key.private_sealed;
    ck_assert(!token_set_keys(&other, 1));
}
END_TEST

START_TEST(a_private_key_sealed_elsewhere_is_refused)
{
    char *path = ground_file("ANOTHER SECRET OF THIRTY-TWO BYTE", 33, 0600);
    secret_init(path, NULL);
    ck_assert(!token_set_keys(&key, 1));
    unlink(path);
    free(path);
}
END_TEST

START_TEST(the_private_half_is_never_in_the_open)
{
    _text_auto_ struct text jwks = {0};
    token_write_jwks(&jwks);
    json_t *set = json_loads(jwks.data, 0, NULL);
    const json_t *jwk = json_array_get(json_object_get(set, "keys"), 0);
    ck_assert_uint_eq(json_object_size(jwk), 7);
    ck_assert_ptr_null(json_object_get(jwk, "d"));
    ck_assert_str_eq(json_string_value(json_object_get(jwk, "kid")), key.kid);
    ck_assert_ptr_null(strstr(key.private_sealed, "PRIVATE"));
    json_decref(set);
}
END_TEST

START_TEST(the_key_set_shows_what_verifies_now)
{
    _text_auto_ struct text jwks = {0};
    key.verifies_until_s = NOW;
    ck_assert(token_set_keys(&key, 1));
    token_write_jwks(&jwks);
    ck_assert_str_eq(jwks.data, "{\"keys\":[]}");
}
END_TEST

/* ---- cache ---- */

START_TEST(a_hit_gives_the_same_claims_as_the_first_look)
{
    struct claims first, second;
    struct arena *another = arena_new();
    char *token = issue("jti-of-this");
    ck_assert_int_eq(token_check(cache, another, token, strlen(token), &first), TOKEN_OK);
    arena_destroy(another);
    ck_assert_int_eq(token_check(cache, arena, token, strlen(token), &second), TOKEN_OK);
    ck_assert_str_eq(second.jti, "jti-of-this");
    ck_assert_str_eq(second.subject, "m");
    ck_assert_str_eq(second.scope, "");
    ck_assert_ptr_null(second.consultancy);
    ck_assert_int_eq(second.expires_s, NOW + 300);
}
END_TEST

START_TEST(a_cached_token_expires_with_its_exp)
{
    char *token = issue("a");
    ck_assert_int_eq(check(token), TOKEN_OK);
    move_clock("2025-02-14T00:05:00Z");
    ck_assert_int_eq(check(token), TOKEN_EXPIRED);
}
END_TEST

START_TEST(a_cached_token_is_not_valid_before_its_time)
{
    char *token = issue("a");
    ck_assert_int_eq(check(token), TOKEN_OK);
    move_clock("2025-02-13T00:00:00Z");
    ck_assert_int_eq(check(token), TOKEN_INVALID);
}
END_TEST

START_TEST(a_removed_key_ends_its_cached_tokens)
{
    char *token = issue("a");
    ck_assert_int_eq(check(token), TOKEN_OK);
    struct key_record other;
    token_generate_key(arena, &other);
    ck_assert(token_set_keys(&other, 1));
    ck_assert_int_eq(check(token), TOKEN_UNKNOWN_KEY);
}
END_TEST

START_TEST(the_end_of_a_key_ends_its_cached_tokens)
{
    char *token = issue("a");
    key.verifies_until_s = NOW + 10;
    ck_assert(token_set_keys(&key, 1));
    ck_assert_int_eq(check(token), TOKEN_OK);
    move_clock("2025-02-14T00:00:10Z");
    ck_assert_int_eq(check(token), TOKEN_UNKNOWN_KEY);
}
END_TEST

START_TEST(a_forged_variant_of_a_cached_token_does_not_hit)
{
    char *token = issue("a");
    ck_assert_int_eq(check(token), TOKEN_OK);
    char *c = strrchr(token, '.') + 1;
    *c = *c == 'A' ? 'B' : 'A';
    ck_assert_int_eq(check(token), TOKEN_INVALID);
    ck_assert_int_eq(check(token), TOKEN_INVALID);
}
END_TEST

START_TEST(a_cache_that_is_too_small_is_only_slower)
{
    char *tokens[100];
    token_cache_destroy(cache);
    cache = token_cache_new(1);
    for (int i = 0; i < 100; i++)
        tokens[i] = issue(arena_printf(arena, "jti-%d", i));
    for (int i = 0; i < 300; i++) {
        struct claims claims;
        const char *token = tokens[i % 100];
        ck_assert_int_eq(token_check(cache, arena, token, strlen(token), &claims),
                         TOKEN_OK);
        ck_assert_str_eq(claims.jti, arena_printf(arena, "jti-%d", i % 100));
    }
}
END_TEST

/* ---- threads ---- */

static _Atomic bool stop;

static void *verify_all_the_time(void *arg)
{
    const char *token = arg;
    struct token_cache *own = token_cache_new(8);
    while (!atomic_load(&stop)) {
        struct claims claims;
        struct arena *mine = arena_new();
        ck_assert_int_eq(token_check(own, mine, token, strlen(token), &claims), TOKEN_OK);
        arena_destroy(mine);
    }
    token_cache_destroy(own);
    return NULL;
}

START_TEST(keys_may_be_replaced_while_others_verify)
{
    pthread_t threads[3];
    struct key_record records[2] = {key};
    char *token = issue("a");
    token_generate_key(arena, &records[1]);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, verify_all_the_time, token),
                         0);
    for (int i = 0; i < 200; i++)
        ck_assert(token_set_keys(records, 1 + i % 2));
    atomic_store(&stop, true);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}
END_TEST

static TCase *cases(void)
{
    TCase *tests = tcase_create("token_keys");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, no_signing_key_means_no_token);
    tcase_add_test(tests, the_newest_key_that_has_begun_signs);
    tcase_add_test(tests, a_key_verifies_until_its_end);
    ground_loop(tests, only_p256_keys_are_taken, bad_keys);
    tcase_add_test(tests, a_kid_is_given_once_and_is_not_empty);
    tcase_add_test(tests, halves_of_two_pairs_are_refused);
    tcase_add_test(tests, a_private_key_sealed_elsewhere_is_refused);
    tcase_add_test(tests, the_private_half_is_never_in_the_open);
    tcase_add_test(tests, the_key_set_shows_what_verifies_now);
    tcase_add_test(tests, a_hit_gives_the_same_claims_as_the_first_look);
    tcase_add_test(tests, a_cached_token_expires_with_its_exp);
    tcase_add_test(tests, a_cached_token_is_not_valid_before_its_time);
    tcase_add_test(tests, a_removed_key_ends_its_cached_tokens);
    tcase_add_test(tests, the_end_of_a_key_ends_its_cached_tokens);
    tcase_add_test(tests, a_forged_variant_of_a_cached_token_does_not_hit);
    tcase_add_test(tests, a_cache_that_is_too_small_is_only_slower);
    tcase_add_test(tests, keys_may_be_replaced_while_others_verify);
    return tests;
}

int main(void)
{
    return ground_run(cases());
}
