/* Keys derived from MEGURI_SECRET_FILE, and the few primitives on them. The only caller of OpenSSL beside token.c, keys.c and http_tls.c. */
#ifndef MEGURI_SECRET_H
#define MEGURI_SECRET_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SECRET_HASH = 32 };

/* Reads the files (>= 32 bytes, not readable by others than owner and group; dies otherwise and says how to make one). Call once, before
 * threads. Purposes are separated by HKDF-SHA-256. previous (may be NULL) opens and verifies what an earlier secret made; nothing new is made with it. */
void secret_init(const char *path, const char *previous);

void secret_sha256(const void *data, size_t len, uint8_t out[SECRET_HASH]);
/* Lower-case hex of SHA-256, in the arena. */
char *secret_sha256_hex(struct arena *arena, const void *data, size_t len);
/* HMAC-SHA-256 with the key of that purpose ("cursor", "refresh", ...). */
void secret_mac(const char *purpose, const void *data, size_t len,
                uint8_t out[SECRET_HASH]);
/* Was it made by secret_mac, with the present secret or the one before? Constant time. */
bool secret_mac_matches(const char *purpose, const void *data, size_t len,
                        const uint8_t mac[SECRET_HASH]);
bool secret_equal(const void *a, const void *b, size_t len); /* constant time */

/* AES-256-GCM with the key of that purpose; sealed text is base64url(nonce|ciphertext|tag) in the arena. NULL = forged or other key. */
char *secret_seal(struct arena *arena, const char *purpose, const void *data, size_t len);
char *secret_open(struct arena *arena, const char *purpose, const char *sealed,
                  size_t *ret_len);

/* base64url without padding, strict. NULL when malformed. */
uint8_t *secret_base64url(struct arena *arena, const char *text, size_t *ret_len);
/* The same of len bytes of text that need not end there. A NUL follows the result. */
uint8_t *secret_base64url_part(struct arena *arena, const char *text, size_t len,
                               size_t *ret_len);

#endif
