/* Signatures of messages to others: HMAC-SHA-256 and Ed25519 (RFC 8032), and base64 with padding, which their formats want. Any thread. */
#ifndef MEGURI_SIGNATURE_H
#define MEGURI_SIGNATURE_H

#include "text.h"

#include <stdint.h>

enum { SIGNATURE_KEY = 32, SIGNATURE_HMAC = 32, SIGNATURE_ED25519 = 64 };

void signature_hmac(const uint8_t *key, size_t key_len, const void *data, size_t len,
                    uint8_t out[SIGNATURE_HMAC]);
/* The public key of a private one (32 random bytes). */
void signature_ed25519_public(const uint8_t key[SIGNATURE_KEY],
                              uint8_t out[SIGNATURE_KEY]);
void signature_ed25519(const uint8_t key[SIGNATURE_KEY], const void *data, size_t len,
                       uint8_t out[SIGNATURE_ED25519]);
/* Adds base64 with padding (RFC 4648 section 4). */
void signature_add_base64(struct text *out, const void *data, size_t len);

#endif
