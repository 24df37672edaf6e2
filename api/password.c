/* Passwords with libargon2. */
#include "password.h"

#include "id.h"
#include "log.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_KIB = 19456, PASSES = 2, LANES = 1, SALT = 16, HASH = 32 };
/* A stored hash may ask for this much at most: rows are trusted less than code. */
enum { MEMORY_MAX_KIB = 65536, PASSES_MAX = 8, LANES_MAX = 4, ENCODED_MAX = 256 };

/* Same cost as a real one; no password is known for it. */
static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$bWVndXJpLW5vYm9keS4uLg$"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

char *password_hash(struct arena *arena, const char *password)
{
    uint8_t salt[SALT];
    size_t len = argon2_encodedlen(PASSES, MEMORY_KIB, LANES, SALT, HASH, Argon2_id);
    char *encoded = arena_alloc(arena, len);
    id_random(salt, sizeof salt);
    int error =
        argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password, strlen(password), salt,
                              sizeof salt, HASH, encoded, len);
    if (error)
        log_die("argon2", "reason", argon2_error_message(error), NULL);
    return encoded;
}

/* "m=19456," with the number in 1..max; NULL otherwise. */
static const char *bounded(const char *text, const char *name, unsigned long max)
{
    char *end;
    if (!text || strncmp(text, name, strlen(name)) != 0)
        return NULL;
    text += strlen(name);
    unsigned long value = strtoul(text, &end, 10);
    return *text >= '1' && *text <= '9' && value <= max && *end ? end + 1 : NULL;
}

static bool cost_allowed(const char *encoded)
{
    static const char start[] = "$argon2id$v=19$";
    if (strnlen(encoded, ENCODED_MAX) == ENCODED_MAX ||
        strncmp(encoded, start, strlen(start)) != 0)
        return false;
    const char *at = bounded(encoded + strlen(start), "m=", MEMORY_MAX_KIB);
    return bounded(bounded(at, "t=", PASSES_MAX), "p=", LANES_MAX) != NULL;
}

bool password_verify(const char *encoded, const char *password)
{
    bool usable = encoded && cost_allowed(encoded);
    int answer = argon2id_verify(usable ? encoded : nobody, password, strlen(password));
    return answer == ARGON2_OK && usable;
}

/* 20 signs of 32 are 100 bits; letters and digits that look alike are left out. */
char *password_generate(struct arena *arena)
{
    static const char signs[] = "abcdefghijkmnpqrstuvwxyz23456789";
    enum { SIGNS = 20, GROUP = 5 };
    uint8_t random[SIGNS];
    char *out = arena_alloc(arena, SIGNS + SIGNS / GROUP), *next = out;
    id_random(random, sizeof random);
    for (int i = 0; i < SIGNS; i++) {
        if (i > 0 && i % GROUP == 0)
            *next++ = '-';
        *next++ = signs[random[i] % 32];
    }
    OPENSSL_cleanse(random, sizeof random);
    return out;
}
