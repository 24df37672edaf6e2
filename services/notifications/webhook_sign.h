/* Keys and signatures of Standard Webhooks 1.0: `v1` = HMAC-SHA256 with a shared secret, `v1a` = Ed25519, whose public half anybody may know. */
#ifndef MEGURI_NOTIFICATIONS_WEBHOOK_SIGN_H
#define MEGURI_NOTIFICATIONS_WEBHOOK_SIGN_H

#include "api/arena.h"
#include "api/signature.h"

#include <stdbool.h>
#include <stdint.h>

struct webhook_keys {
    uint8_t hmac[SIGNATURE_KEY];
    uint8_t ed25519[SIGNATURE_KEY];
};

void webhook_keys_new(struct webhook_keys *ret);
/* As the receiver gets them: "whsec_<base64>" and "whpk_<base64>". In the arena. */
const char *webhook_secret_text(struct arena *arena, const struct webhook_keys *keys);
const char *webhook_public_text(struct arena *arena, const struct webhook_keys *keys);
/* What they are sealed for (secret.h). */
#define WEBHOOK_KEYS_PURPOSE "webhook-keys"
/* Sealed for the database. */
const char *webhook_keys_seal(struct arena *arena, const struct webhook_keys *keys);
/* false = made with another MEGURI_SECRET_FILE. */
bool webhook_keys_open(struct arena *arena, const char *sealed, struct webhook_keys *ret);

/* The value of webhook-signature: one v1 and one v1a per key, the newest key first; the text signed is "<id>.<timestamp>.<body>". previous may be NULL. */
const char *webhook_signature(struct arena *arena, const struct webhook_keys *keys,
                              const struct webhook_keys *previous, const char *id,
                              int64_t timestamp_s, const char *body, size_t len);

#endif
