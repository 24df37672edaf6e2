/* A cursor is base64url of: one byte that says which of key and id exist, key, NUL, id, and 16 bytes of MAC over scope and
 * all that. It hides nothing, it only cannot be made up. */
#include "cursor.h"

#include "secret.h"
#include "text.h"

#include <string.h>

enum { MAC = 16, HAS_KEY = 1, HAS_ID = 2, TEXT_LIMIT = 8192 };

static void cursor_mac(const char *scope, const void *data, size_t len,
                       uint8_t out[SECRET_HASH])
{
    _text_auto_ struct text all = {0};
    text_add(&all, scope, strlen(scope) + 1); /* its NUL separates */
    text_add(&all, data, len);
    secret_mac("cursor", all.data, all.len, out);
}

char *cursor_make(struct arena *arena, const char *scope, const struct cursor *cursor)
{
    uint8_t mac[SECRET_HASH];
    _text_auto_ struct text plain = {0}, out = {0};
    text_addc(&plain, (char)((cursor->key ? HAS_KEY : 0) | (cursor->id ? HAS_ID : 0)));
    text_adds(&plain, cursor->key ? cursor->key : "");
    text_addc(&plain, '\0');
    text_adds(&plain, cursor->id ? cursor->id : "");
    cursor_mac(scope, plain.data, plain.len, mac);
    text_add(&plain, mac, MAC);
    text_add_base64url(&out, plain.data, plain.len);
    return arena_strndup(arena, out.data, out.len);
}

bool cursor_read(struct arena *arena, const char *scope, const char *text,
                 struct cursor *ret)
{
    size_t len = 0;
    uint8_t mac[SECRET_HASH];
    if (!text || strnlen(text, TEXT_LIMIT) == TEXT_LIMIT)
        return false;
    uint8_t *plain = secret_base64url(arena, text, &len);
    if (!plain || len < MAC + 2)
        return false;
    len -= MAC;
    cursor_mac(scope, plain, len, mac);
    if (!secret_equal(mac, plain + len, MAC))
        return false;
    const char *key = (const char *)plain + 1;
    plain[len] = '\0';
    *ret = (struct cursor){.key = plain[0] & HAS_KEY ? key : NULL,
                           .id = plain[0] & HAS_ID ? key + strlen(key) + 1 : NULL};
    return true;
}
