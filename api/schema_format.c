/* The formats that a schema may name. Each function gets UTF-8 without NUL. */
#include "schema_internal.h"

#include "civil.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    EMAIL_MAX = 254,
    EMAIL_LOCAL_MAX = 64,
    URI_MAX = 2048,
    LABEL_MAX = 63,
    ZONE_MAX = 64
};

#define ZONE_DIRECTORY "/usr/share/zoneinfo"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_beyond_ascii(char c)
{
    return (unsigned char)c >= 0x80;
}

/* Does text begin like the shape, where 0 stands for a digit? */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape; text++, shape++) {
        if (*shape == '0' ? !is_digit(*text) : *text != *shape)
            return false;
    }
    return true;
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

static bool fits_date(const char *text, size_t len)
{
    struct civil date;
    (void)len;
    return civil_parse(text, &date);
}

static bool fits_month(const char *text, size_t len)
{
    struct civil first;
    (void)len;
    return civil_parse_month(text, &first);
}

/* "Z" or "+09:00" to the end; no zone on earth is more than 14 hours away, and PostgreSQL refuses 16. */
static bool fits_offset(const char *text)
{
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return true;
    if (*text != '+' && *text != '-')
        return false;
    return has_shape(text + 1, "00:00") && text[6] == '\0' &&
           two_digits(text + 1) <= 14 && two_digits(text + 4) <= 59;
}

/* RFC 3339 date-time; up to nine digits of a second, no leap second. */
static bool fits_date_time(const char *text, size_t len)
{
    char day[CIVIL_TEXT_SIZE] = "";
    if (len < 20 || !has_shape(text, "0000-00-00") ||
        (text[10] != 'T' && text[10] != 't') || !has_shape(text + 11, "00:00:00"))
        return false;
    memcpy(day, text, CIVIL_TEXT_SIZE - 1);
    if (!fits_date(day, sizeof day - 1) || two_digits(text + 11) > 23 ||
        two_digits(text + 14) > 59 || two_digits(text + 17) > 59)
        return false;
    const char *rest = text + 19;
    if (*rest == '.') {
        size_t digits = strspn(++rest, "0123456789");
        if (digits < 1 || digits > 9)
            return false;
        rest += digits;
    }
    return fits_offset(rest);
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool fits_uuid(const char *text, size_t len)
{
    if (len != 36)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? text[i] != '-' : !is_hex(text[i]))
            return false;
    }
    return true;
}

/* A label of a host name: letters, digits, inner hyphens; letters of other scripts as they are. */
static bool fits_label(const char *label, size_t len)
{
    if (len == 0 || len > LABEL_MAX || label[0] == '-' || label[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_letter(label[i]) && !is_digit(label[i]) && label[i] != '-' &&
            !is_beyond_ascii(label[i]))
            return false;
    }
    return true;
}

static int count_labels(const char *host, size_t len)
{
    int count = 0;
    for (size_t start = 0; start <= len;) {
        const char *dot = memchr(host + start, '.', len - start);
        size_t label = dot ? (size_t)(dot - host) - start : len - start;
        if (!fits_label(host + start, label))
            return 0;
        count++;
        start += label + 1;
    }
    return count;
}

/* Mail must be deliverable: what needs quoting in an address is refused, so no header can be injected. */
static bool fits_email(const char *text, size_t len)
{
    const char *at = strchr(text, '@');
    if (len > EMAIL_MAX || !at || at == text || at - text > EMAIL_LOCAL_MAX)
        return false;
    for (const char *p = text; p < at; p++) {
        if (!is_letter(*p) && !is_digit(*p) && !strchr("!#$%&'*+/=?^_`{|}~.-", *p) &&
            !is_beyond_ascii(*p))
            return false;
    }
    if (text[0] == '.' || at[-1] == '.' || strstr(text, ".."))
        return false;
    return count_labels(at + 1, len - (size_t)(at + 1 - text)) >= 2;
}

static bool fits_port(const char *text, size_t len)
{
    int port = 0;
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i]) || i >= 5)
            return false;
        port = port * 10 + (text[i] - '0');
    }
    return len > 0 && port > 0 && port <= 65535;
}

/* host, host:port or [v6]:port; a user name in an address is a trap, so '@' is refused. */
static bool fits_authority(const char *text, size_t len)
{
    const char *colon = memchr(text, ':', len);
    if (len > 0 && *text == '[') {
        const char *end = memchr(text, ']', len);
        if (!end ||
            strspn(text + 1, "0123456789abcdefABCDEF:.") != (size_t)(end - text - 1))
            return false;
        size_t rest = len - (size_t)(end + 1 - text);
        return end - text > 2 &&
               (rest == 0 || (end[1] == ':' && fits_port(end + 2, rest - 1)));
    }
    size_t host = colon ? (size_t)(colon - text) : len;
    return count_labels(text, host) > 0 &&
           (!colon || fits_port(colon + 1, len - host - 1));
}

/* Absolute http or https, in characters of RFC 3986. */
static bool fits_uri(const char *text, size_t len)
{
    size_t scheme = strncasecmp(text, "https://", 8) == 0  ? 8
                    : strncasecmp(text, "http://", 7) == 0 ? 7
                                                           : 0;
    if (scheme == 0 || len > URI_MAX)
        return false;
    for (const char *p = text; *p; p++) {
        if (*p <= ' ' || *p > '~' || strchr("\"<>\\^`{|}", *p))
            return false;
        if (*p == '%' && (!is_hex(p[1]) || !is_hex(p[2])))
            return false;
    }
    return fits_authority(text + scheme, strcspn(text + scheme, "/?#"));
}

/* Asia/Tokyo, Etc/GMT+9, UTC: no dots, so no way out of the directory. */
static bool has_zone_shape(const char *text, size_t len)
{
    if (len == 0 || len > ZONE_MAX || !is_letter(text[0]) || text[len - 1] == '/' ||
        strstr(text, "//"))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_letter(text[i]) && !is_digit(text[i]) && !strchr("/_+-", text[i]))
            return false;
    }
    static const char *const not_zones[] = {"posix/", "right/", "posixrules",
                                            "localtime"};
    for (size_t i = 0; i < sizeof not_zones / sizeof *not_zones; i++) {
        if (strncmp(text, not_zones[i], strlen(not_zones[i])) == 0)
            return false;
    }
    return true;
}

static bool is_zone_file(const char *path)
{
    char magic[4] = "";
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t got = read(file, magic, sizeof magic);
    close(file);
    return got == (ssize_t)sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
}

/* Known to this machine's time zone database, which PostgreSQL uses too; where there is none the shape must do. */
static bool fits_time_zone(const char *text, size_t len)
{
    char path[sizeof ZONE_DIRECTORY + 1 + ZONE_MAX];
    if (!has_zone_shape(text, len))
        return false;
    (void)snprintf(path, sizeof path, "%s/%s", ZONE_DIRECTORY, text);
    return is_zone_file(path) || access(ZONE_DIRECTORY "/UTC", R_OK) != 0;
}

static bool fits_language(const char *text, size_t len)
{
    (void)len;
    return strcmp(text, "ja") == 0 || strcmp(text, "en") == 0;
}

static const struct format formats[] = {
    {"date", "date_invalid", fits_date},
    {"date-time", "bad_format", fits_date_time},
    {"month", "bad_format", fits_month},
    {"uuid", "bad_format", fits_uuid},
    {"email", "bad_format", fits_email},
    {"uri", "bad_format", fits_uri},
    {"time-zone", "bad_format", fits_time_zone},
    {"language", "bad_format", fits_language},
};

const struct format *schema_format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    }
    return NULL;
}
