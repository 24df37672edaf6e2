/* The key ring: P-256 keys, parsed once. A new ring replaces the old one; the last holder of the old one frees it. */
#include "token_internal.h"

#include "clock.h"
#include "log.h"
#include "secret.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct token_ring {
    _Atomic int holders;
    int count;
    struct token_key keys[];
};

static pthread_mutex_t replacing = PTHREAD_MUTEX_INITIALIZER;
static struct token_ring *current; /* under replacing */
static _Atomic uint64_t generation;

static void free_bio(BIO **bio)
{
    BIO_free(*bio);
}
#define _bio_auto_ __attribute__((cleanup(free_bio)))

static void free_number(BIGNUM **number)
{
    BN_free(*number);
}
#define _number_auto_ __attribute__((cleanup(free_number)))

static void ring_free(struct token_ring *ring)
{
    for (int i = 0; i < ring->count; i++) {
        free(ring->keys[i].kid);
        EVP_PKEY_free(ring->keys[i].public_key);
        EVP_PKEY_free(ring->keys[i].private_key);
    }
    free(ring);
}

struct token_ring *token_ring_hold(void)
{
    pthread_mutex_lock(&replacing);
    struct token_ring *ring = current;
    if (ring)
        atomic_fetch_add(&ring->holders, 1);
    pthread_mutex_unlock(&replacing);
    return ring;
}

void token_ring_release(struct token_ring **ring)
{
    if (*ring && atomic_fetch_sub(&(*ring)->holders, 1) == 1)
        ring_free(*ring);
}

uint64_t token_ring_generation(void)
{
    return atomic_load(&generation);
}

/* An encrypted PEM must not make the program ask on a terminal. */
static int no_password(char *buffer, int size, int writing, void *arg)
{
    (void)buffer, (void)size, (void)writing, (void)arg;
    return -1;
}

static bool get_coordinate(const EVP_PKEY *key, const char *name, uint8_t out[COORDINATE])
{
    _number_auto_ BIGNUM *number = NULL;
    return EVP_PKEY_get_bn_param(key, name, &number) == 1 &&
           BN_bn2binpad(number, out, COORDINATE) == COORDINATE;
}

static bool is_p256(const EVP_PKEY *key)
{
    char group[32];
    size_t len;
    return EVP_PKEY_is_a(key, "EC") &&
           EVP_PKEY_get_group_name(key, group, sizeof group, &len) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

static bool point_valid(EVP_PKEY *key)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool valid = context && EVP_PKEY_public_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    return valid;
}

static bool load_public(struct token_key *key, const char *pem)
{
    _bio_auto_ BIO *bio = pem ? BIO_new_mem_buf(pem, -1) : NULL;
    key->public_key = bio ? PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL) : NULL;
    return key->public_key && is_p256(key->public_key) && point_valid(key->public_key) &&
           get_coordinate(key->public_key, OSSL_PKEY_PARAM_EC_PUB_X, key->x) &&
           get_coordinate(key->public_key, OSSL_PKEY_PARAM_EC_PUB_Y, key->y);
}

static bool load_private(struct token_key *key, const char *sealed)
{
    size_t len = 0;
    struct arena *arena = arena_new();
    char *pem = secret_open(arena, TOKEN_KEY_PURPOSE, sealed, &len);
    _bio_auto_ BIO *bio = pem ? BIO_new_mem_buf(pem, (int)len) : NULL;
    key->private_key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
    if (pem)
        OPENSSL_cleanse(pem, len);
    arena_destroy(arena);
    return key->private_key && EVP_PKEY_eq(key->private_key, key->public_key) == 1;
}

static const struct token_key *find(const struct token_ring *ring, const char *kid)
{
    for (int i = 0; ring && kid && i < ring->count; i++)
        if (strcmp(ring->keys[i].kid, kid) == 0)
            return &ring->keys[i];
    return NULL;
}

/* Counts the key at once, so that a refused ring frees it too. */
static bool add_key(struct token_ring *ring, const struct key_record *record)
{
    if (!record->kid || !*record->kid || find(ring, record->kid))
        return false;
    struct token_key *key = &ring->keys[ring->count++];
    *key = (struct token_key){.kid = strdup(record->kid),
                              .signs_from_s = record->signs_from_s,
                              .verifies_until_s = record->verifies_until_s};
    if (!key->kid)
        arena_out_of_memory();
    return load_public(key, record->public_pem) &&
           (!record->private_sealed || load_private(key, record->private_sealed));
}

static bool fill_ring(struct token_ring *ring, const struct key_record *records,
                      int count)
{
    for (int i = 0; i < count; i++)
        if (!add_key(ring, &records[i]))
            return false;
    return true;
}

bool token_set_keys(const struct key_record *records, int count)
{
    struct token_ring *ring =
        calloc(1, sizeof *ring + sizeof *ring->keys * (size_t)count);
    if (!ring)
        arena_out_of_memory();
    ring->holders = 1;
    bool good = fill_ring(ring, records, count);
    ERR_clear_error();
    if (good) {
        pthread_mutex_lock(&replacing);
        struct token_ring *old = current;
        current = ring;
        atomic_fetch_add(&generation, 1);
        pthread_mutex_unlock(&replacing);
        ring = old;
    }
    token_ring_release(&ring);
    return good;
}

static bool verifies(const struct token_key *key, int64_t now_s)
{
    return key->verifies_until_s == 0 || now_s < key->verifies_until_s;
}

const struct token_key *token_ring_verifier(const struct token_ring *ring,
                                            const char *kid, int64_t now_s)
{
    const struct token_key *key = find(ring, kid);
    return key && verifies(key, now_s) ? key : NULL;
}

const struct token_key *token_ring_signer(const struct token_ring *ring, int64_t now_s)
{
    const struct token_key *best = NULL;
    for (int i = 0; ring && i < ring->count; i++) {
        const struct token_key *key = &ring->keys[i];
        if (!key->private_key || key->signs_from_s > now_s || !verifies(key, now_s))
            continue;
        if (!best || key->signs_from_s > best->signs_from_s)
            best = key;
    }
    return best;
}

bool token_kid_known(const char *kid)
{
    _ring_auto_ struct token_ring *ring = token_ring_hold();
    return token_ring_verifier(ring, kid, clock_now_s()) != NULL;
}

static void add_point(struct text *out, const struct token_key *key)
{
    text_adds(out, "\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"");
    text_add_base64url(out, key->x, COORDINATE);
    text_adds(out, "\",\"y\":\"");
    text_add_base64url(out, key->y, COORDINATE);
    text_addc(out, '"');
}

void token_write_jwks(struct text *out)
{
    _ring_auto_ struct token_ring *ring = token_ring_hold();
    int64_t now_s = clock_now_s();
    bool more = false;
    text_adds(out, "{\"keys\":[");
    for (int i = 0; ring && i < ring->count; i++) {
        if (!verifies(&ring->keys[i], now_s))
            continue;
        text_adds(out, more ? ",{" : "{");
        add_point(out, &ring->keys[i]);
        text_adds(out, ",\"kid\":");
        text_add_json(out, ring->keys[i].kid, strlen(ring->keys[i].kid));
        text_adds(out, ",\"use\":\"sig\",\"alg\":\"ES256\"}");
        more = true;
    }
    text_adds(out, "]}");
}

/* RFC 7638: the name of a key is the hash of its public half. */
static char *thumbprint(struct arena *arena, const struct token_key *key)
{
    uint8_t hash[SECRET_HASH];
    _text_auto_ struct text json = {0}, out = {0};
    text_addc(&json, '{');
    add_point(&json, key);
    text_addc(&json, '}');
    secret_sha256(json.data, json.len, hash);
    text_add_base64url(&out, hash, sizeof hash);
    return arena_strndup(arena, out.data, out.len);
}

static char *public_pem(struct arena *arena, const EVP_PKEY *pair)
{
    char *data = NULL;
    _bio_auto_ BIO *bio = BIO_new(BIO_s_mem());
    if (!bio || PEM_write_bio_PUBKEY(bio, pair) != 1)
        log_die("openssl", "failed", "public PEM", NULL);
    long len = BIO_get_mem_data(bio, &data);
    return arena_strndup(arena, data, (size_t)len);
}

static char *sealed_pem(struct arena *arena, const EVP_PKEY *pair)
{
    char *data = NULL;
    _bio_auto_ BIO *bio = BIO_new(BIO_s_secmem());
    if (!bio || PEM_write_bio_PrivateKey(bio, pair, NULL, NULL, 0, NULL, NULL) != 1)
        log_die("openssl", "failed", "private PEM", NULL);
    long len = BIO_get_mem_data(bio, &data);
    return secret_seal(arena, TOKEN_KEY_PURPOSE, data, (size_t)len);
}

void token_generate_key(struct arena *arena, struct key_record *ret)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    struct token_key key = {.public_key = pair};
    if (!pair || !get_coordinate(pair, OSSL_PKEY_PARAM_EC_PUB_X, key.x) ||
        !get_coordinate(pair, OSSL_PKEY_PARAM_EC_PUB_Y, key.y))
        log_die("openssl", "failed", "key generation", NULL);
    *ret = (struct key_record){.kid = thumbprint(arena, &key),
                               .public_pem = public_pem(arena, pair),
                               .private_sealed = sealed_pem(arena, pair),
                               .signs_from_s = clock_now_s()};
    EVP_PKEY_free(pair);
}
