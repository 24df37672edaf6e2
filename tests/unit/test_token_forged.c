/* Tokens that nobody signed, or not so: every known way to be fooled. */
#include "tests/unit/token_case.h"

#include <jwt.h>

/* libjwt reads no typ but JWT, so the header is its; the signature is ours. */
START_TEST(libjwt_agrees_with_our_signature)
{
    jwt_t *jwt = NULL;
    const unsigned char *pem = (const unsigned char *)key.public_pem;
    char *token = signed_parts("{\"alg\":\"ES256\",\"typ\":\"JWT\"}", CLAIMS);
    ck_assert_int_eq(jwt_decode(&jwt, token, pem, (int)strlen(key.public_pem)), 0);
    ck_assert_str_eq(jwt_get_grant(jwt, "sub"), "m");
    jwt_free(jwt);
}
END_TEST

START_TEST(every_flipped_character_is_noticed)
{
    char *token = issue();
    for (char *c = token; *c; c++) {
        char before = *c;
        *c = before == 'A' ? 'B' : 'A';
        ck_assert_int_ne(verify(token), TOKEN_OK);
        *c = before ^ 1;
        ck_assert_int_ne(verify(token), TOKEN_OK);
        *c = before;
    }
    ck_assert_int_eq(verify(token), TOKEN_OK);
}
END_TEST

START_TEST(every_cut_token_is_refused)
{
    struct claims claims;
    char *token = issue();
    for (size_t len = 0; len < strlen(token); len++)
        ck_assert_int_ne(token_verify(arena, token, len, &claims), TOKEN_OK);
}
END_TEST

static const char *const tails[] = {"=",  "==", ".",  ".x",   " ",
                                    "\n", "A",  "AA", "AAAA", "%3D"};

START_TEST(anything_behind_a_token_is_refused)
{
    ck_assert_int_eq(verify(arena_printf(arena, "%s%s", issue(), tails[_i])),
                     TOKEN_INVALID);
    ck_assert_int_eq(verify(arena_printf(arena, "%s%s", tails[_i], issue())),
                     TOKEN_INVALID);
}
END_TEST

START_TEST(a_nul_inside_does_not_hide_the_rest)
{
    struct claims claims;
    char *token = issue();
    size_t len = strlen(token);
    char *longer = arena_alloc(arena, len + 3);
    for (size_t i = 0; i < len; i++)
        longer[i] = token[i];
    ck_assert_int_eq(token_verify(arena, longer, len + 2, &claims), TOKEN_INVALID);
}
END_TEST

/* The same token with another signature part. */
static char *with_signature(const void *signature, size_t len)
{
    _text_auto_ struct text encoded = {0};
    char *token = issue();
    text_add_base64url(&encoded, signature, len);
    return arena_printf(arena, "%.*s.%s", (int)(strrchr(token, '.') - token), token,
                        encoded.data);
}

START_TEST(a_signature_of_zeros_or_ones_is_refused)
{
    unsigned char bytes[TOKEN_SIGNATURE] = {0};
    ck_assert_int_eq(verify(with_signature(bytes, sizeof bytes)), TOKEN_INVALID);
    memset(bytes, 0xff, sizeof bytes);
    ck_assert_int_eq(verify(with_signature(bytes, sizeof bytes)), TOKEN_INVALID);
}
END_TEST

START_TEST(only_a_signature_of_64_bytes_is_looked_at)
{
    size_t len;
    char *token = issue();
    uint8_t *raw = secret_base64url(arena, strrchr(token, '.') + 1, &len);
    uint8_t longer[TOKEN_SIGNATURE + 2] = {0};
    ck_assert_uint_eq(len, TOKEN_SIGNATURE);
    memcpy(longer + 1, raw, 32); /* each half with a leading zero: the same numbers */
    memcpy(longer + 34, raw + 32, 32);
    char *start = arena_strndup(arena, token, (size_t)(strrchr(token, '.') - token));
    _text_auto_ struct text encoded = {0};
    text_add_base64url(&encoded, longer, sizeof longer);
    ck_assert_int_eq(verify(arena_printf(arena, "%s.%s", start, encoded.data)),
                     TOKEN_INVALID);
    ck_assert_int_eq(verify(arena_printf(arena, "%s.", start)), TOKEN_INVALID);
    ck_assert_int_eq(verify(start), TOKEN_INVALID);
}
END_TEST

START_TEST(parts_of_two_tokens_do_not_make_a_third)
{
    char *one = signed_parts(HEADER, CLAIMS);
    char *two =
        signed_parts(HEADER, "{" WHERE ",\"sub\":\"owner\",\"jti\":\"j\"," TIMES "}");
    char *mixed = arena_printf(arena, "%.*s%s", (int)(strrchr(two, '.') - two), two,
                               strrchr(one, '.'));
    ck_assert_int_eq(verify(mixed), TOKEN_INVALID);
}
END_TEST

START_TEST(another_key_under_the_same_name_is_refused)
{
    char *token = issue();
    struct key_record other;
    token_generate_key(arena, &other);
    other.kid = "k1";
    ck_assert(token_set_keys(&other, 1));
    ck_assert_int_eq(verify(token), TOKEN_INVALID);
}
END_TEST

/* libjwt as the forger: what its own verification was fooled by. */
static char *libjwt_token(jwt_alg_t alg, const char *secret)
{
    jwt_t *jwt = NULL;
    ck_assert_int_eq(jwt_new(&jwt), 0);
    ck_assert_int_eq(jwt_add_header(jwt, "kid", "k1"), 0);
    ck_assert_int_eq(jwt_add_grants_json(jwt, CLAIMS), 0);
    ck_assert_int_eq(jwt_set_alg(jwt, alg, (const unsigned char *)secret,
                                 secret ? (int)strlen(secret) : 0),
                     0);
    char *encoded = jwt_encode_str(jwt), *token = arena_strdup(arena, encoded);
    free(encoded);
    jwt_free(jwt);
    return token;
}

START_TEST(alg_none_and_hs256_with_the_public_key_are_refused)
{
    ck_assert_int_eq(verify(libjwt_token(JWT_ALG_NONE, NULL)), TOKEN_INVALID);
    ck_assert_int_eq(verify(libjwt_token(JWT_ALG_HS256, key.public_pem)), TOKEN_INVALID);
}
END_TEST

START_TEST(libjwt_cannot_make_our_kind_of_token)
{
    jwt_t *jwt = NULL;
    ck_assert_int_eq(jwt_new(&jwt), 0);
    ck_assert_int_eq(jwt_add_header(jwt, "typ", "at+jwt"), 0);
    ck_assert_int_eq(jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)"s", 1), 0);
    char *encoded = jwt_encode_str(jwt);
    ck_assert_ptr_nonnull(
        encoded); /* {"alg":"HS256","typ":"JWT"} : the reason why token.c signs itself */
    ck_assert_int_eq(strncmp(encoded, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.", 37), 0);
    free(encoded);
    jwt_free(jwt);
}
END_TEST

static const char *const junk[] = {
    "",          ".",         "..",           "...",      "a.b.c", "e30.e30.",
    ".e30.AAAA", "e30..AAAA", "e30.e30.AAAA", "Bearer x", "null",  "\xff\xff.\xff.\xff",
};

START_TEST(junk_is_refused)
{
    struct claims claims;
    ck_assert_int_eq(verify(junk[_i]), TOKEN_INVALID);
    ck_assert_int_eq(token_verify(arena, NULL, 0, &claims), TOKEN_INVALID);
}
END_TEST

START_TEST(a_token_longer_than_the_limit_is_neither_made_nor_read)
{
    struct claims claims = sample();
    char *scope = arena_alloc(arena, TOKEN_LIMIT);
    memset(scope, 'x', TOKEN_LIMIT - 1);
    claims.scope = scope;
    ck_assert_ptr_null(token_issue(arena, &claims));
    char *longer = arena_alloc(arena, TOKEN_LIMIT + 2);
    memset(longer, 'e', TOKEN_LIMIT + 1);
    ck_assert_int_eq(verify(longer), TOKEN_INVALID);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("token");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, libjwt_agrees_with_our_signature);
    tcase_add_test(tests, every_flipped_character_is_noticed);
    tcase_add_test(tests, every_cut_token_is_refused);
    ground_loop(tests, anything_behind_a_token_is_refused, tails);
    tcase_add_test(tests, a_nul_inside_does_not_hide_the_rest);
    tcase_add_test(tests, a_signature_of_zeros_or_ones_is_refused);
    tcase_add_test(tests, only_a_signature_of_64_bytes_is_looked_at);
    tcase_add_test(tests, parts_of_two_tokens_do_not_make_a_third);
    tcase_add_test(tests, another_key_under_the_same_name_is_refused);
    tcase_add_test(tests, alg_none_and_hs256_with_the_public_key_are_refused);
    tcase_add_test(tests, libjwt_cannot_make_our_kind_of_token);
    ground_loop(tests, junk_is_refused, junk);
    tcase_add_test(tests, a_token_longer_than_the_limit_is_neither_made_nor_read);
    return ground_run(tests);
}
