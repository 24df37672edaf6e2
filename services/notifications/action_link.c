/* mrl_ or mru_ + base64url of consultancy (16 bytes), reminder or receiver (16), last day (8, big-endian days), HMAC-SHA-256 of these (32). */
#include "action_link.h"

#include "api/secret.h"
#include "api/text.h"

#include <string.h>

enum {
    ID = 16,
    DAY = 8,
    SIGNED = ID + ID + DAY,
    TOKEN = SIGNED + SECRET_HASH,
    LASTS = 90,
    UNSUBSCRIBE_LASTS = 400
};

/* What a link is for; each has a key of its own. */
struct sort {
    const char *prefix;
    const char *path;
    const char *purpose;
};
static const struct sort reminder_sort = {"mrl_", "reminder-links", "reminder-link"},
                         unsubscribe_sort = {"mru_", "unsubscribe-links",
                                             "unsubscribe-link"};
static const int64_t day_us = INT64_C(86400) * 1000000;
static const struct config *settings; /* set once before threads start */

void action_link_init(const struct config *config)
{
    settings = config;
}

static unsigned digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

static void pack_id(const char *text, uint8_t out[ID])
{
    for (int i = 0; i < ID; i++) {
        text += *text == '-';
        out[i] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
        text += 2;
    }
}

static const char *unpack_id(struct arena *arena, const uint8_t in[ID])
{
    struct text out _text_auto_ = {0};
    for (int i = 0; i < ID; i++)
        text_addf(&out, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", in[i]);
    return arena_strndup(arena, out.data, out.len);
}

/* Days since 1970. */
static int64_t day_number(struct civil day)
{
    struct civil first = CIVIL_NONE;
    civil_parse("1970-01-01", &first);
    return civil_days_between(first, day);
}

static const char *make(struct arena *arena, const struct sort *sort,
                        const char *consultancy, const char *id, int64_t last)
{
    const char *base = settings ? settings->public_url : NULL;
    if (!base || !*base)
        return NULL;
    int len = (int)strlen(base);
    while (len > 0 && base[len - 1] == '/')
        len--;
    uint8_t bytes[TOKEN];
    pack_id(consultancy, bytes);
    pack_id(id, bytes + ID);
    for (int i = 0; i < DAY; i++)
        bytes[2 * ID + i] = (uint8_t)((uint64_t)last >> (8 * (DAY - 1 - i)));
    secret_mac(sort->purpose, bytes, SIGNED, bytes + SIGNED);
    struct text out _text_auto_ = {0};
    text_addf(&out, "%.*s/v1/%s/%s", len, base, sort->path, sort->prefix);
    text_add_base64url(&out, bytes, sizeof bytes);
    return arena_strndup(arena, out.data, out.len);
}

static bool open_link(struct arena *arena, const struct sort *sort, const char *token,
                      int64_t now_us, const char **ret_consultancy, const char **ret_id)
{
    size_t len = 0, skip = strlen(sort->prefix);
    if (strncmp(token, sort->prefix, skip) != 0)
        return false;
    const uint8_t *bytes = secret_base64url(arena, token + skip, &len);
    if (!bytes || len != TOKEN ||
        !secret_mac_matches(sort->purpose, bytes, SIGNED, bytes + SIGNED))
        return false;
    uint64_t last = 0;
    for (int i = 0; i < DAY; i++)
        last = last << 8 | bytes[2 * ID + i];
    if ((int64_t)last < now_us / day_us)
        return false;
    *ret_consultancy = unpack_id(arena, bytes);
    *ret_id = unpack_id(arena, bytes + ID);
    return true;
}

const char *action_link(struct arena *arena, const char *consultancy,
                        const char *reminder, struct civil due_on)
{
    return make(arena, &reminder_sort, consultancy, reminder, day_number(due_on) + LASTS);
}

bool action_link_open(struct arena *arena, const char *token, int64_t now_us,
                      const char **ret_consultancy, const char **ret_reminder)
{
    return open_link(arena, &reminder_sort, token, now_us, ret_consultancy, ret_reminder);
}

const char *unsubscribe_link(struct arena *arena, const char *consultancy,
                             const char *receiver, int64_t now_us)
{
    return make(arena, &unsubscribe_sort, consultancy, receiver,
                now_us / day_us + UNSUBSCRIBE_LASTS);
}

bool unsubscribe_link_open(struct arena *arena, const char *token, int64_t now_us,
                           const char **ret_consultancy, const char **ret_receiver)
{
    return open_link(arena, &unsubscribe_sort, token, now_us, ret_consultancy,
                     ret_receiver);
}
