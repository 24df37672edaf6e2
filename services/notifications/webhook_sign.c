/* Standard Webhooks 1.0, sections on signatures and on keys. */
#include "webhook_sign.h"

#include "api/id.h"
#include "api/secret.h"

#include <inttypes.h>
#include <string.h>

void webhook_keys_new(struct webhook_keys *ret)
{
    id_random(ret, sizeof *ret);
}

static const char *key_text(struct arena *arena, const char *prefix, const uint8_t *key)
{
    struct text out _text_auto_ = {0};
    text_adds(&out, prefix);
    signature_add_base64(&out, key, SIGNATURE_KEY);
    return arena_strndup(arena, out.data, out.len);
}

const char *webhook_secret_text(struct arena *arena, const struct webhook_keys *keys)
{
    return key_text(arena, "whsec_", keys->hmac);
}

const char *webhook_public_text(struct arena *arena, const struct webhook_keys *keys)
{
    uint8_t public[SIGNATURE_KEY];
    signature_ed25519_public(keys->ed25519, public);
    return key_text(arena, "whpk_", public);
}

const char *webhook_keys_seal(struct arena *arena, const struct webhook_keys *keys)
{
    return secret_seal(arena, WEBHOOK_KEYS_PURPOSE, keys, sizeof *keys);
}

bool webhook_keys_open(struct arena *arena, const char *sealed, struct webhook_keys *ret)
{
    size_t len = 0;
    const char *opened =
        sealed ? secret_open(arena, WEBHOOK_KEYS_PURPOSE, sealed, &len) : NULL;
    if (!opened || len != sizeof *ret)
        return false;
    memcpy(ret, opened, sizeof *ret);
    return true;
}

static void add_signatures(struct text *out, const struct webhook_keys *keys,
                           const struct text *content)
{
    uint8_t hmac[SIGNATURE_HMAC], ed25519[SIGNATURE_ED25519];
    signature_hmac(keys->hmac, sizeof keys->hmac, content->data, content->len, hmac);
    signature_ed25519(keys->ed25519, content->data, content->len, ed25519);
    text_adds(out, out->len ? " v1," : "v1,");
    signature_add_base64(out, hmac, sizeof hmac);
    text_adds(out, " v1a,");
    signature_add_base64(out, ed25519, sizeof ed25519);
}

const char *webhook_signature(struct arena *arena, const struct webhook_keys *keys,
                              const struct webhook_keys *previous, const char *id,
                              int64_t timestamp_s, const char *body, size_t len)
{
    struct text content _text_auto_ = {0};
    struct text out _text_auto_ = {0};
    text_addf(&content, "%s.%" PRId64 ".", id, timestamp_s);
    text_add(&content, body, len);
    add_signatures(&out, keys, &content);
    if (previous)
        add_signatures(&out, previous, &content);
    return arena_strndup(arena, out.data, out.len);
}
