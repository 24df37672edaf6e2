/* Signatures with OpenSSL; what it refuses of sound input is a broken library and ends the program. */
#include "signature.h"

#include "log.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

static void must(bool done, const char *what)
{
    if (!done)
        log_die("openssl", "failed", what, NULL);
}

void signature_hmac(const uint8_t *key, size_t key_len, const void *data, size_t len,
                    uint8_t out[SIGNATURE_HMAC])
{
    unsigned got = 0;
    must(HMAC(EVP_sha256(), key, (int)key_len, data, len, out, &got) &&
             got == SIGNATURE_HMAC,
         "HMAC");
}

static EVP_PKEY *private_key(const uint8_t key[SIGNATURE_KEY])
{
    EVP_PKEY *made =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key, SIGNATURE_KEY);
    must(made != NULL, "Ed25519 key");
    return made;
}

void signature_ed25519_public(const uint8_t key[SIGNATURE_KEY],
                              uint8_t out[SIGNATURE_KEY])
{
    EVP_PKEY *pair = private_key(key);
    size_t len = SIGNATURE_KEY;
    must(EVP_PKEY_get_raw_public_key(pair, out, &len) == 1 && len == SIGNATURE_KEY,
         "Ed25519 public key");
    EVP_PKEY_free(pair);
}

void signature_ed25519(const uint8_t key[SIGNATURE_KEY], const void *data, size_t len,
                       uint8_t out[SIGNATURE_ED25519])
{
    EVP_PKEY *pair = private_key(key);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t got = SIGNATURE_ED25519;
    must(context && EVP_DigestSignInit(context, NULL, NULL, NULL, pair) == 1 &&
             EVP_DigestSign(context, out, &got, data, len) == 1 &&
             got == SIGNATURE_ED25519,
         "Ed25519");
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pair);
}

void signature_add_base64(struct text *out, const void *data, size_t len)
{
    size_t room = (len + 2) / 3 * 4;
    char *at = text_reserve(out, room);
    out->len += (size_t)EVP_EncodeBlock((unsigned char *)at, data, (int)len);
}
