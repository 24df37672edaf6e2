/* Genuinely signed tokens: what is accepted, and what is not in spite of the signature. */
#include "tests/unit/token_case.h"

START_TEST(a_token_carries_its_claims)
{
    struct claims back, claims = sample();
    char *token = issue();
    ck_assert_int_eq(token_verify(arena, token, strlen(token), &back), TOKEN_OK);
    ck_assert_str_eq(back.subject, claims.subject);
    ck_assert_str_eq(back.consultancy, claims.consultancy);
    ck_assert_str_eq(back.session, claims.session);
    ck_assert_str_eq(back.client_id, claims.client_id);
    ck_assert_str_eq(back.scope, claims.scope);
    ck_assert_str_eq(back.jti, claims.jti);
    ck_assert_int_eq(back.issued_s, NOW);
    ck_assert_int_eq(back.not_before_s, NOW);
    ck_assert_int_eq(back.expires_s, NOW + 300);
}
END_TEST

static const struct {
    const char *header, *claims;
} accepted[] = {
    {HEADER, CLAIMS},
    {"{\"kid\":\"k1\",\"typ\":\"application/at+jwt\",\"alg\":\"ES256\"}", CLAIMS},
    {HEADER, "{\"iss\":\"" ISSUER "\",\"aud\":[\"other\",\"meguri\"]," WHO "," TIMES "}"},
    {HEADER, "{" WHERE "," WHO "," TIMES ",\"nbf\":1739491205}"},
    {HEADER, "{" WHERE "," WHO ",\"iat\":1739491205,\"exp\":1739491206}"},
    {HEADER, "{" WHERE "," WHO "," TIMES ",\"extra\":{\"a\":[1]},\"consultancy\":\"c\"}"},
};

START_TEST(a_well_made_token_is_accepted)
{
    ck_assert_int_eq(verify(signed_parts(accepted[_i].header, accepted[_i].claims)),
                     TOKEN_OK);
}
END_TEST

/* ---- genuine signature, wrong content ---- */

static const struct {
    const char *header;
    enum token_verdict verdict;
} headers[] = {
    {"{\"alg\":\"none\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}", TOKEN_INVALID},
    {"{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}", TOKEN_INVALID},
    {"{\"alg\":\"es256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}", TOKEN_INVALID},
    {"{\"alg\":[\"ES256\"],\"typ\":\"at+jwt\",\"kid\":\"k1\"}", TOKEN_INVALID},
    {"{\"typ\":\"at+jwt\",\"kid\":\"k1\"}", TOKEN_INVALID},
    {"{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"k1\"}", TOKEN_INVALID},
    {"{\"alg\":\"ES256\",\"typ\":\"AT+JWT\",\"kid\":\"k1\"}", TOKEN_INVALID},
    {"{\"alg\":\"ES256\",\"kid\":\"k1\"}", TOKEN_INVALID},
    {"{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}", TOKEN_INVALID},
    {"{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":1}", TOKEN_INVALID},
    {"{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k2\"}", TOKEN_UNKNOWN_KEY},
    {"{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"\"}", TOKEN_UNKNOWN_KEY},
    {"{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"../k1\"}", TOKEN_UNKNOWN_KEY},
    {"{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k1\\u0000\"}", TOKEN_INVALID},
    {"{\"alg\":\"none\",\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
     TOKEN_INVALID},
    {"{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"kid\":\"k1\"}",
     TOKEN_INVALID},
    {"{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"crit\":[\"exp\"]}",
     TOKEN_INVALID},
    {"{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"b64\":false}",
     TOKEN_INVALID},
    {"{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"jku\":\"https://evil\"}",
     TOKEN_INVALID},
    {HEADER " x", TOKEN_INVALID},
    {HEADER HEADER, TOKEN_INVALID},
    {"[" HEADER "]", TOKEN_INVALID},
    {"\"ES256\"", TOKEN_INVALID},
    {"{", TOKEN_INVALID},
};

START_TEST(a_header_that_is_not_exactly_ours_is_refused)
{
    ck_assert_int_eq(verify(signed_parts(headers[_i].header, CLAIMS)),
                     headers[_i].verdict);
}
END_TEST

static const struct {
    const char *claims;
    enum token_verdict verdict;
} contents[] = {
    {"{" WHERE "," WHO ",\"iat\":1739490000,\"exp\":1739491200}", TOKEN_EXPIRED},
    {"{" WHERE "," WHO ",\"iat\":1,\"exp\":2}", TOKEN_EXPIRED},
    {"{" WHERE "," WHO ",\"iat\":1,\"exp\":-9223372036854775807}", TOKEN_EXPIRED},
    {"{" WHERE "," WHO ",\"iat\":1739491206,\"exp\":1739491500}", TOKEN_INVALID},
    {"{" WHERE "," WHO "," TIMES ",\"nbf\":1739491206}", TOKEN_INVALID},
    {"{" WHERE "," WHO ",\"iat\":1739491200,\"exp\":99999999999999999999}",
     TOKEN_INVALID},
    {"{" WHERE "," WHO ",\"iat\":1739491200,\"exp\":1739491500.5}", TOKEN_INVALID},
    {"{" WHERE "," WHO ",\"iat\":1739491200,\"exp\":\"1739491500\"}", TOKEN_INVALID},
    {"{" WHERE "," WHO ",\"iat\":1739491200,\"exp\":null}", TOKEN_INVALID},
    {"{" WHERE "," WHO ",\"iat\":1739491200}", TOKEN_INVALID},
    {"{" WHERE "," WHO ",\"exp\":1739491500}", TOKEN_INVALID},
    {"{" WHERE "," WHO "," TIMES ",\"nbf\":\"0\"}", TOKEN_INVALID},
    {"{" WHERE ",\"jti\":\"j\"," TIMES "}", TOKEN_INVALID},
    {"{" WHERE ",\"sub\":\"m\"," TIMES "}", TOKEN_INVALID},
    {"{" WHERE ",\"sub\":\"\",\"jti\":\"j\"," TIMES "}", TOKEN_INVALID},
    {"{" WHERE ",\"sub\":7,\"jti\":\"j\"," TIMES "}", TOKEN_INVALID},
    {"{\"iss\":\"" ISSUER "/\",\"aud\":\"meguri\"," WHO "," TIMES "}", TOKEN_INVALID},
    {"{\"iss\":[\"" ISSUER "\"],\"aud\":\"meguri\"," WHO "," TIMES "}", TOKEN_INVALID},
    {"{\"aud\":\"meguri\"," WHO "," TIMES "}", TOKEN_INVALID},
    {"{\"iss\":\"" ISSUER "\",\"aud\":\"meguri2\"," WHO "," TIMES "}", TOKEN_INVALID},
    {"{\"iss\":\"" ISSUER "\",\"aud\":\"Meguri\"," WHO "," TIMES "}", TOKEN_INVALID},
    {"{\"iss\":\"" ISSUER "\",\"aud\":[]," WHO "," TIMES "}", TOKEN_INVALID},
    {"{\"iss\":\"" ISSUER "\",\"aud\":[\"other\"]," WHO "," TIMES "}", TOKEN_INVALID},
    {"{\"iss\":\"" ISSUER "\",\"aud\":[\"meguri\",1]," WHO "," TIMES "}", TOKEN_INVALID},
    {"{\"iss\":\"" ISSUER "\",\"aud\":{\"meguri\":1}," WHO "," TIMES "}", TOKEN_INVALID},
    {"{\"iss\":\"" ISSUER "\"," WHO "," TIMES "}", TOKEN_INVALID},
    {"{" WHERE "," WHO "," TIMES ",\"sub\":\"other\"}", TOKEN_INVALID},
    {"{" WHERE "," WHO "," TIMES ",\"scope\":[\"*\"]}", TOKEN_INVALID},
    {"{" WHERE "," WHO "," TIMES ",\"consultancy\":null}", TOKEN_INVALID},
    {"{" WHERE "," WHO "," TIMES ",\"sid\":1}", TOKEN_INVALID},
    {CLAIMS "x", TOKEN_INVALID},
    {"[" CLAIMS "]", TOKEN_INVALID},
    {"null", TOKEN_INVALID},
    {"", TOKEN_INVALID},
};

START_TEST(claims_that_are_not_exactly_ours_are_refused)
{
    ck_assert_int_eq(verify(signed_parts(HEADER, contents[_i].claims)),
                     contents[_i].verdict);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("token");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_token_carries_its_claims);
    ground_loop(tests, a_well_made_token_is_accepted, accepted);
    ground_loop(tests, a_header_that_is_not_exactly_ours_is_refused, headers);
    ground_loop(tests, claims_that_are_not_exactly_ours_are_refused, contents);
    return ground_run(tests);
}
