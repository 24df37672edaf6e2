/* Access tokens: making and verifying one. Nothing in a token is believed before its signature is good; header and claims
 * are JSON without duplicates, and a header says exactly three things. */
#include "token.h"

#include "clock.h"
#include "secret.h"
#include "token_internal.h"

#include <jansson.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

enum { DER_MAX = 80, HALF = TOKEN_SIGNATURE / 2 };

static const char *issuer = "", *audience = ""; /* set once, before threads */

void token_init(const char *new_issuer, const char *new_audience)
{
    issuer = new_issuer;
    audience = new_audience;
}

static void free_digest(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}
#define _digest_auto_ __attribute__((cleanup(free_digest)))

static void free_signature(ECDSA_SIG **signature)
{
    ECDSA_SIG_free(*signature);
}
#define _signature_auto_ __attribute__((cleanup(free_signature)))

/* ---- signing ---- */

/* DER to r || s (RFC 7518 section 3.4). */
static bool raw_of(const uint8_t *der, size_t len, uint8_t out[TOKEN_SIGNATURE])
{
    _signature_auto_ ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)len);
    return signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, HALF) == HALF &&
           BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + HALF, HALF) == HALF;
}

static bool sign_bytes(EVP_PKEY *key, const struct text *data,
                       uint8_t out[TOKEN_SIGNATURE])
{
    uint8_t der[DER_MAX];
    size_t len = sizeof der;
    _digest_auto_ EVP_MD_CTX *context = EVP_MD_CTX_new();
    return context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
           EVP_DigestSign(context, der, &len, (const uint8_t *)data->data, data->len) ==
               1 &&
           raw_of(der, len, out);
}

char *token_sign(struct arena *arena, const struct token_key *key, const char *header,
                 const char *claims)
{
    uint8_t signature[TOKEN_SIGNATURE];
    _text_auto_ struct text out = {0};
    text_add_base64url(&out, header, strlen(header));
    text_addc(&out, '.');
    text_add_base64url(&out, claims, strlen(claims));
    if (!sign_bytes(key->private_key, &out, signature))
        return NULL;
    text_addc(&out, '.');
    text_add_base64url(&out, signature, sizeof signature);
    return arena_strndup(arena, out.data, out.len);
}

static void add_text_member(struct text *out, const char *name, const char *value)
{
    if (!value)
        return;
    text_addf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
    text_add_json(out, value, strlen(value));
}

static void add_time_member(struct text *out, const char *name, int64_t value)
{
    text_addf(out, ",\"%s\":", name);
    text_addi(out, value);
}

static void write_claims(struct text *out, const struct claims *claims)
{
    text_addc(out, '{');
    add_text_member(out, "iss", issuer);
    add_text_member(out, "aud", audience);
    add_text_member(out, "sub", claims->subject);
    add_text_member(out, "client_id", claims->client_id);
    add_text_member(out, "consultancy", claims->consultancy);
    add_text_member(out, "sid", claims->session);
    add_text_member(out, "scope", claims->scope);
    add_text_member(out, "jti", claims->jti);
    add_time_member(out, "iat", claims->issued_s);
    add_time_member(out, "nbf", claims->not_before_s);
    add_time_member(out, "exp", claims->expires_s);
    text_addc(out, '}');
}

char *token_issue(struct arena *arena, const struct claims *claims)
{
    _ring_auto_ struct token_ring *ring = token_ring_hold();
    const struct token_key *key = token_ring_signer(ring, clock_now_s());
    if (!key)
        return NULL;
    _text_auto_ struct text header = {0}, body = {0};
    text_adds(&header, "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":");
    text_add_json(&header, key->kid, strlen(key->kid));
    text_addc(&header, '}');
    write_claims(&body, claims);
    char *token = token_sign(arena, key, header.data, body.data);
    return token && strlen(token) <= TOKEN_LIMIT ? token : NULL;
}

/* ---- verifying ---- */

struct part {
    const char *text;
    size_t len;
};

/* Exactly three parts, none of them empty. */
static bool split(const char *token, size_t len, struct part parts[3])
{
    const char *end = token + len;
    for (int i = 0; i < 3; i++) {
        const char *dot = i < 2 ? memchr(token, '.', (size_t)(end - token)) : end;
        if (!dot || dot == token)
            return false;
        parts[i] = (struct part){token, (size_t)(dot - token)};
        token = dot + (i < 2);
    }
    return !memchr(parts[2].text, '.', parts[2].len);
}

static void drop_json(void *json)
{
    json_decref(json);
}

/* NULL unless the part is the canonical base64url of one JSON object. */
static json_t *decode_object(struct arena *arena, struct part part)
{
    size_t len = 0;
    const uint8_t *bytes = secret_base64url_part(arena, part.text, part.len, &len);
    json_t *object =
        bytes ? json_loadb((const char *)bytes, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (object)
        arena_defer(arena, drop_json, object);
    return json_is_object(object) ? object : NULL;
}

static const char *text_member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool text_is(const json_t *object, const char *name, const char *wanted)
{
    const char *value = text_member(object, name);
    return value && strcmp(value, wanted) == 0;
}

/* Also refuses `crit` (RFC 7515 section 4.1.11) and keys that a token brings along (jwk, jku, x5c, x5u). */
static const char *header_kid(const json_t *header)
{
    bool typed =
        text_is(header, "typ", "at+jwt") || text_is(header, "typ", "application/at+jwt");
    if (!typed || !text_is(header, "alg", "ES256") || json_object_size(header) != 3)
        return NULL;
    return text_member(header, "kid");
}

/* r || s to DER; 0 on failure. */
static size_t der_of(const uint8_t raw[TOKEN_SIGNATURE], uint8_t out[DER_MAX])
{
    _signature_auto_ ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, HALF, NULL), *s = BN_bin2bn(raw + HALF, HALF, NULL);
    if (!signature || !r || !s || ECDSA_SIG_set0(signature, r, s) != 1)
        arena_out_of_memory();
    int len = i2d_ECDSA_SIG(signature, NULL);
    if (len <= 0 || len > DER_MAX)
        return 0;
    return (size_t)i2d_ECDSA_SIG(signature, &out);
}

static bool signature_good(EVP_PKEY *key, struct part signed_part, const uint8_t *raw)
{
    uint8_t der[DER_MAX];
    size_t len = der_of(raw, der);
    _digest_auto_ EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = len && context &&
                EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestVerify(context, der, len, (const uint8_t *)signed_part.text,
                                 signed_part.len) == 1;
    if (!good)
        ERR_clear_error();
    return good;
}

static bool audience_ours(const json_t *aud)
{
    size_t i;
    json_t *one;
    bool ours = false;
    if (json_is_string(aud))
        return strcmp(json_string_value(aud), audience) == 0;
    json_array_foreach(aud, i, one)
    {
        if (!json_is_string(one))
            return false;
        ours = ours || strcmp(json_string_value(one), audience) == 0;
    }
    return ours;
}

/* A member that may be missing: fallback then; false when it is something else than a string. */
static bool optional_text(const json_t *object, const char *name, const char *fallback,
                          const char **ret)
{
    const json_t *value = json_object_get(object, name);
    *ret = value ? json_string_value(value) : fallback;
    return !value || json_is_string(value);
}

static bool read_texts(const json_t *body, struct claims *ret)
{
    ret->subject = text_member(body, "sub");
    ret->jti = text_member(body, "jti");
    return ret->subject && *ret->subject && ret->jti && *ret->jti &&
           optional_text(body, "consultancy", NULL, &ret->consultancy) &&
           optional_text(body, "sid", NULL, &ret->session) &&
           optional_text(body, "client_id", NULL, &ret->client_id) &&
           optional_text(body, "scope", "", &ret->scope);
}

static bool read_times(const json_t *body, struct claims *ret)
{
    const json_t *iat = json_object_get(body, "iat"), *exp = json_object_get(body, "exp");
    const json_t *nbf = json_object_get(body, "nbf");
    if (!json_is_integer(iat) || !json_is_integer(exp) || (nbf && !json_is_integer(nbf)))
        return false;
    ret->issued_s = json_integer_value(iat);
    ret->expires_s = json_integer_value(exp);
    ret->not_before_s = nbf ? json_integer_value(nbf) : ret->issued_s;
    return true;
}

bool token_times_ok(const struct claims *claims, int64_t now_s, enum token_verdict *ret)
{
    if (claims->issued_s > now_s + TOKEN_SKEW_S ||
        claims->not_before_s > now_s + TOKEN_SKEW_S)
        *ret = TOKEN_INVALID;
    else
        *ret = now_s >= claims->expires_s ? TOKEN_EXPIRED : TOKEN_OK;
    return *ret == TOKEN_OK;
}

static enum token_verdict check_claims(struct arena *arena, struct part part,
                                       int64_t now_s, struct claims *ret)
{
    enum token_verdict verdict;
    struct claims claims = {0};
    const json_t *body = decode_object(arena, part);
    if (!body || !text_is(body, "iss", issuer) ||
        !audience_ours(json_object_get(body, "aud")) || !read_texts(body, &claims) ||
        !read_times(body, &claims))
        return TOKEN_INVALID;
    if (token_times_ok(&claims, now_s, &verdict))
        *ret = claims;
    return verdict;
}

enum token_verdict token_verify_until(struct arena *arena, const char *token, size_t len,
                                      struct claims *ret, int64_t *ret_until_s)
{
    struct part parts[3];
    size_t raw_len = 0;
    if (!token || len > TOKEN_LIMIT || !split(token, len, parts))
        return TOKEN_INVALID;
    const json_t *header = decode_object(arena, parts[0]);
    const char *kid = header ? header_kid(header) : NULL;
    const uint8_t *raw =
        secret_base64url_part(arena, parts[2].text, parts[2].len, &raw_len);
    if (!kid || !raw || raw_len != TOKEN_SIGNATURE)
        return TOKEN_INVALID;
    int64_t now_s = clock_now_s();
    _ring_auto_ struct token_ring *ring = token_ring_hold();
    const struct token_key *key = token_ring_verifier(ring, kid, now_s);
    if (!key)
        return TOKEN_UNKNOWN_KEY;
    struct part signed_part = {token, (size_t)(parts[2].text - 1 - token)};
    if (!signature_good(key->public_key, signed_part, raw))
        return TOKEN_INVALID;
    *ret_until_s = key->verifies_until_s ? key->verifies_until_s : INT64_MAX;
    return check_claims(arena, parts[1], now_s, ret);
}

enum token_verdict token_verify(struct arena *arena, const char *token, size_t len,
                                struct claims *ret)
{
    int64_t until_s;
    return token_verify_until(arena, token, len, ret, &until_s);
}
