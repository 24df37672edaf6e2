/* Contents of evidence: hash, type, hexadecimal. */
#include "evidence.h"

#include "api/secret.h"
#include "api/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- type ---- */

static const struct {
    const char *magic;
    size_t len, at;
    const char *type;
} magics[] = {
    {"%PDF-", 5, 0, "application/pdf"},
    {"\x89PNG\r\n\x1a\n", 8, 0, "image/png"},
    {"\xff\xd8\xff", 3, 0, "image/jpeg"},
    {"GIF8", 4, 0, "image/gif"},
    {"WEBP", 4, 8, "image/webp"},
    {"PK\x03\x04", 4, 0, "application/zip"},
    {"\x1f\x8b", 2, 0, "application/gzip"},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, 0, "application/x-ole-storage"},
    {"ftyp", 4, 4, "video/mp4"},
};

static const struct {
    const char *inside, *ending, *type;
} named[] = {
    {"application/zip", ".docx",
     "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"application/zip", ".xlsx",
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"application/zip", ".pptx",
     "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"application/x-ole-storage", ".doc", "application/msword"},
    {"application/x-ole-storage", ".xls", "application/vnd.ms-excel"},
    {"application/x-ole-storage", ".ppt", "application/vnd.ms-powerpoint"},
    {"text/plain", ".csv", "text/csv"},
};

static bool is_text(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] < ' ' && !strchr("\t\r\n\f\x1b", bytes[i]))
            return false;
    }
    return true;
}

static const char *found_type(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        if (len >= magics[i].at + magics[i].len &&
            memcmp(bytes + magics[i].at, magics[i].magic, magics[i].len) == 0)
            return magics[i].type;
    }
    return memchr(bytes, 0, len) == NULL && is_text(bytes, len) &&
                   text_utf8_valid((const char *)bytes, len) == len
               ? "text/plain"
               : "application/octet-stream";
}

const char *evidence_media_type(const unsigned char *bytes, size_t len, const char *name)
{
    const char *type = found_type(bytes, len);
    const char *ending = name ? strrchr(name, '.') : NULL;
    for (size_t i = 0; ending && i < sizeof named / sizeof *named; i++) {
        if (strcmp(named[i].inside, type) == 0 &&
            strcasecmp(named[i].ending, ending) == 0)
            return named[i].type;
    }
    return type;
}

/* ---- in ---- */

static char *to_hex(struct arena *arena, const unsigned char *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char *hex = arena_alloc(arena, 2 * len + 1);
    for (size_t i = 0; i < len; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    return hex;
}

bool evidence_read(struct request *rq)
{
    const unsigned char *bytes = (const unsigned char *)rq->http->body;
    size_t len = rq->http->body_len;
    const char *hash = secret_sha256_hex(rq->arena, bytes, len);
    const char *wanted = request_parameter(rq, "sha256");
    if (wanted && strcmp(wanted, hash) != 0)
        return refuse(
            rq, PROBLEM_UNPROCESSABLE,
            arena_printf(rq->arena, "The bytes that arrived have the SHA-256 %s.", hash),
            arena_printf(rq->arena, "届いた内容の SHA-256 は %s です。", hash));
    const char *name = request_parameter(rq, "file_name");
    request_set(rq, "content_hex", to_hex(rq->arena, bytes, len));
    request_set(rq, "content_hash", hash);
    request_set(rq, "media_type", evidence_media_type(bytes, len, name));
    request_set_int(rq, "size_bytes", (int64_t)len);
    return true;
}

/* ---- out ---- */

static unsigned char nibble(char c)
{
    return (unsigned char)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void from_hex(struct text *out, const char *hex)
{
    for (; hex[0] && hex[1]; hex += 2)
        text_addc(out, (char)(nibble(hex[0]) << 4 | nibble(hex[1])));
}

/* RFC 6266 and RFC 8187: the name in UTF-8, everything but letters and digits escaped. */
static const char *disposition(struct arena *arena, const char *name)
{
    struct text value _text_auto_ = {0};
    text_adds(&value, "attachment; filename*=UTF-8''");
    for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
        if (*c < 0x80 && (isalnum(*c) || strchr("-._", *c)))
            text_addc(&value, (char)*c);
        else
            text_addf(&value, "%%%02X", *c);
    }
    return arena_strdup(arena, value.data);
}

bool evidence_write(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "loadBlob");
    const char *hex = rows_text(rows, 0, "content_hex");
    const char *name = rows_text(rows, 0, "file_name");
    if (!hex)
        return refuse(rq, PROBLEM_NOT_FOUND, "This evidence has no content yet.",
                      "この証拠にはまだ内容がありません。");
    struct text body = {0};
    from_hex(&body, hex);
    request_reply_header(
        rq, "Content-Disposition",
        disposition(rq->arena, name ? name : rows_text(rows, 0, "title")));
    request_reply_text(rq, rows_text(rows, 0, "media_type"), &body);
    return true;
}
