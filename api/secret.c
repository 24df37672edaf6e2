/* Hashes, MACs and sealing with OpenSSL. A purpose's key is one HKDF-Expand step (RFC 5869) over a pseudorandom key that is
 * extracted once, at start. */
#include "secret.h"

#include "id.h"
#include "log.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NONCE = 12, TAG = 16, SECRET_MIN = 32, SECRET_MAX = 4096 };
#define HOW_TO_MAKE "make one with: (umask 077; head -c 32 /dev/urandom > secret)"

/* The present secret and, while it is being changed, the one before. Written once, before threads. */
static uint8_t extracted[2][SECRET_HASH];
static int secrets;

static void must(bool done, const char *what)
{
    if (!done)
        log_die("openssl", "failed", what, NULL);
}

__attribute__((noreturn)) static void die(const char *path, const char *reason)
{
    log_die("secret_file", "path", path, "reason", reason, "hint", HOW_TO_MAKE, NULL);
}

static void hmac(const void *key, size_t key_len, const void *data, size_t len,
                 uint8_t out[SECRET_HASH])
{
    unsigned got = 0;
    must(HMAC(EVP_sha256(), key, (int)key_len, data, len, out, &got) &&
             got == SECRET_HASH,
         "HMAC");
}

static size_t read_all(int fd, uint8_t *out, size_t room)
{
    size_t len = 0;
    while (len < room) {
        ssize_t got = read(fd, out + len, room - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    return len;
}

static void extract(const char *path, uint8_t out[SECRET_HASH])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) < 0)
        die(path, strerrordesc_np(errno));
    if (!S_ISREG(info.st_mode))
        die(path, "is not a regular file");
    if (info.st_mode & S_IRWXO)
        die(path, "others than its owner and group may open it");
    uint8_t content[SECRET_MAX];
    size_t len = read_all(fd, content, sizeof content);
    close(fd);
    if (len < SECRET_MIN)
        die(path, "has fewer than 32 bytes");
    hmac("meguri secret v1", strlen("meguri secret v1"), content, len, out);
    OPENSSL_cleanse(content, sizeof content);
}

void secret_init(const char *path, const char *previous)
{
    if (!path || !*path)
        die(NULL, "MEGURI_SECRET_FILE is not set");
    extract(path, extracted[0]);
    secrets = 1;
    if (previous && *previous) {
        extract(previous, extracted[1]);
        secrets = 2;
    }
}

/* The byte 1 counts the only HKDF-Expand block. */
static void purpose_key(int which, const char *purpose, uint8_t out[SECRET_HASH])
{
    _text_auto_ struct text info = {0};
    must(which < secrets, "key before secret_init");
    text_adds(&info, purpose);
    text_addc(&info, 1);
    hmac(extracted[which], SECRET_HASH, info.data, info.len, out);
}

void secret_sha256(const void *data, size_t len, uint8_t out[SECRET_HASH])
{
    must(EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) == 1, "SHA-256");
}

char *secret_sha256_hex(struct arena *arena, const void *data, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t hash[SECRET_HASH];
    secret_sha256(data, len, hash);
    char *out = arena_alloc(arena, SECRET_HASH * 2 + 1);
    for (size_t i = 0; i < SECRET_HASH; i++) {
        out[i * 2] = hex[hash[i] >> 4];
        out[i * 2 + 1] = hex[hash[i] & 15];
    }
    return out;
}

static void mac_with(int which, const char *purpose, const void *data, size_t len,
                     uint8_t out[SECRET_HASH])
{
    uint8_t key[SECRET_HASH];
    purpose_key(which, purpose, key);
    hmac(key, sizeof key, data, len, out);
    OPENSSL_cleanse(key, sizeof key);
}

void secret_mac(const char *purpose, const void *data, size_t len,
                uint8_t out[SECRET_HASH])
{
    mac_with(0, purpose, data, len, out);
}

bool secret_mac_matches(const char *purpose, const void *data, size_t len,
                        const uint8_t mac[SECRET_HASH])
{
    bool same = false;
    for (int i = 0; i < secrets && !same; i++) {
        uint8_t wanted[SECRET_HASH];
        mac_with(i, purpose, data, len, wanted);
        same = secret_equal(mac, wanted, sizeof wanted);
    }
    return same;
}

bool secret_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

static void free_context(EVP_CIPHER_CTX **context)
{
    EVP_CIPHER_CTX_free(*context);
}
#define _context_auto_ __attribute__((cleanup(free_context)))

/* out = nonce | ciphertext | tag */
static bool seal(const uint8_t key[SECRET_HASH], const uint8_t *data, size_t len,
                 uint8_t *out)
{
    _context_auto_ EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int done;
    id_random(out, NONCE);
    return context &&
           EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, out) == 1 &&
           EVP_EncryptUpdate(context, out + NONCE, &done, data, (int)len) == 1 &&
           EVP_EncryptFinal_ex(context, out + NONCE + len, &done) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG, out + NONCE + len) ==
               1;
}

static bool unseal(const uint8_t key[SECRET_HASH], const uint8_t *in, size_t len,
                   uint8_t *out)
{
    _context_auto_ EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int done;
    uint8_t tag[TAG];
    memcpy(tag, in + NONCE + len, TAG);
    return context &&
           EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, in) == 1 &&
           EVP_DecryptUpdate(context, out, &done, in + NONCE, (int)len) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1 &&
           EVP_DecryptFinal_ex(context, out + len, &done) == 1;
}

char *secret_seal(struct arena *arena, const char *purpose, const void *data, size_t len)
{
    uint8_t key[SECRET_HASH];
    uint8_t *sealed = arena_alloc(arena, NONCE + len + TAG);
    purpose_key(0, purpose, key);
    must(seal(key, data, len, sealed), "AES-256-GCM");
    OPENSSL_cleanse(key, sizeof key);
    _text_auto_ struct text out = {0};
    text_add_base64url(&out, sealed, NONCE + len + TAG);
    return arena_strndup(arena, out.data, out.len);
}

char *secret_open(struct arena *arena, const char *purpose, const char *sealed,
                  size_t *ret_len)
{
    size_t len;
    uint8_t key[SECRET_HASH];
    uint8_t *in = sealed ? secret_base64url(arena, sealed, &len) : NULL;
    if (!in || len < NONCE + TAG)
        return NULL;
    len -= NONCE + TAG;
    uint8_t *out = arena_alloc(arena, len + 1);
    bool genuine = false;
    for (int i = 0; i < secrets && !genuine; i++) {
        purpose_key(i, purpose, key);
        genuine = unseal(key, in, len, out);
    }
    OPENSSL_cleanse(key, sizeof key);
    if (!genuine)
        return NULL;
    out[len] = '\0';
    *ret_len = len;
    return (char *)out;
}

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

uint8_t *secret_base64url_part(struct arena *arena, const char *text, size_t len,
                               size_t *ret_len)
{
    if (len % 4 == 1)
        return NULL;
    uint8_t *out = arena_alloc(arena, len * 3 / 4 + 1);
    uint32_t bits = 0;
    int held = 0;
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        int value = sextet(text[i]);
        if (value < 0)
            return NULL;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[at++] = (uint8_t)(bits >> held);
        }
    }
    if (bits & ((1u << held) - 1)) /* another spelling of the same bytes */
        return NULL;
    *ret_len = at;
    return out;
}

uint8_t *secret_base64url(struct arena *arena, const char *text, size_t *ret_len)
{
    return secret_base64url_part(arena, text, strlen(text), ret_len);
}
