/* MIME writer. */
#include "mail.h"

#include <string.h>
#include <time.h>

enum {
    LINE = 76,
    WORD_FRAME = 12 /* =?UTF-8?B? and ?= */,
    ADDRESS_MAX = 254,
    LOCAL_MAX = 64
};

static const char atext[] = "!#$%&'*+/=?^_`{|}~-.";

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* No dot at the ends or doubled; every other character a letter, a digit or one of `more`. */
static bool is_dotted(const char *s, size_t len, const char *more)
{
    if (len == 0 || s[0] == '.' || s[len - 1] == '.')
        return false;
    for (size_t i = 0; i < len; i++) {
        bool known = is_alnum(s[i]) || (s[i] && strchr(more, s[i]));
        if (!known || (s[i] == '.' && s[i + 1] == '.'))
            return false;
    }
    return true;
}

bool mail_address_valid(const char *address)
{
    const char *at = strchr(address, '@');
    if (!at || strlen(address) > ADDRESS_MAX || at - address > LOCAL_MAX)
        return false;
    return is_dotted(address, (size_t)(at - address), atext) &&
           is_dotted(at + 1, strlen(at + 1), "-.");
}

static const char *trimmed(struct arena *arena, const char *s, size_t len)
{
    while (len > 0 && (s[0] == ' ' || s[0] == '"')) {
        s++;
        len--;
    }
    while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '"'))
        len--;
    return len ? arena_strndup(arena, s, len) : NULL;
}

bool mail_split_address(struct arena *arena, const char *text, const char **ret_name,
                        const char **ret_address)
{
    const char *open = strrchr(text, '<');
    const char *close = open ? strchr(open, '>') : NULL;
    const char *address = close && close[1] == '\0'
                              ? arena_strndup(arena, open + 1, (size_t)(close - open - 1))
                              : text;
    if (!mail_address_valid(address))
        return false;
    *ret_name = open ? trimmed(arena, text, (size_t)(open - text)) : NULL;
    *ret_address = address;
    return true;
}

/* ---- header values ---- */

/* Bytes of the character at s; a byte that begins none counts as one. */
static size_t character(const char *s, size_t len)
{
    static const unsigned char marks[] = {0x80, 0xe0, 0xf0, 0xf8};
    static const unsigned char values[] = {0x00, 0xc0, 0xe0, 0xf0};
    for (size_t n = 1; n <= 4 && n <= len; n++) {
        if (((unsigned char)s[0] & marks[n - 1]) == values[n - 1])
            return text_utf8_valid(s, n) == n ? n : 1;
    }
    return 1;
}

/* One line of valid UTF-8: control characters become spaces. C1 controls and the two Unicode line ends too. */
static void clean(struct text *out, const char *value)
{
    for (size_t len = strlen(value), n = 0; len > 0; value += n, len -= n) {
        n = character(value, len);
        const unsigned char *c = (const unsigned char *)value;
        bool bad = (n == 1 && (c[0] < ' ' || c[0] >= 0x7f)) ||
                   (n == 2 && c[0] == 0xc2 && c[1] < 0xa0) ||
                   (n == 3 && memcmp(value, "\xe2\x80\xa8", 3) == 0) ||
                   (n == 3 && memcmp(value, "\xe2\x80\xa9", 3) == 0);
        if (bad)
            text_addc(out, ' ');
        else
            text_add(out, value, n);
    }
}

static void add_base64(struct text *out, const char *data, size_t len)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = (const unsigned char *)data;
    for (size_t i = 0; i < len; i += 3) {
        unsigned long group = (unsigned long)in[i] << 16;
        group |= i + 1 < len ? (unsigned long)in[i + 1] << 8 : 0;
        group |= i + 2 < len ? in[i + 2] : 0;
        text_addc(out, digits[group >> 18]);
        text_addc(out, digits[group >> 12 & 63]);
        text_addc(out, i + 1 < len ? digits[group >> 6 & 63] : '=');
        text_addc(out, i + 2 < len ? digits[group & 63] : '=');
    }
}

/* The most whole characters whose encoded word fits into `room` columns; at least one. */
static size_t fitting(const char *s, size_t len, size_t room)
{
    size_t bytes = room > WORD_FRAME ? (room - WORD_FRAME) / 4 * 3 : 0;
    size_t taken = character(s, len);
    while (taken < len) {
        size_t next = character(s + taken, len - taken);
        if (taken + next > bytes)
            break;
        taken += next;
    }
    return taken;
}

/* RFC 2047 words of at most 75 characters, one per line; column = where the first begins. */
static void add_encoded(struct text *out, const char *s, size_t len, size_t column)
{
    while (len > 0) {
        size_t room = LINE - column < LINE - 1 ? LINE - column : LINE - 1;
        size_t taken = fitting(s, len, room);
        text_adds(out, "=?UTF-8?B?");
        add_base64(out, s, taken);
        text_adds(out, "?=");
        s += taken;
        len -= taken;
        if (len > 0)
            text_adds(out, "\r\n ");
        column = 1;
    }
}

/* Needs no encoding: short, ASCII, nothing that reads as an encoded word; in a name only letters, digits and spaces. */
static bool is_simple(const struct text *value, bool name)
{
    enum { SHORT = 60 };
    for (size_t i = 0; i < value->len; i++) {
        char c = value->data[i];
        if ((unsigned char)c >= 0x7f || (name && !is_alnum(c) && c != ' '))
            return false;
    }
    return value->len <= SHORT && !strstr(value->data, "=?");
}

static void add_subject(struct text *out, const char *subject)
{
    struct text value _text_auto_ = {0};
    clean(&value, subject);
    text_adds(out, "Subject: ");
    if (value.len && is_simple(&value, false))
        text_add(out, value.data, value.len);
    else
        add_encoded(out, value.data, value.len, strlen("Subject: "));
    text_adds(out, "\r\n");
}

static void add_mailbox(struct text *out, const char *header, const char *name,
                        const char *address)
{
    struct text value _text_auto_ = {0};
    clean(&value, name ? name : "");
    text_addf(out, "%s: ", header);
    if (value.len && is_simple(&value, true))
        text_add(out, value.data, value.len);
    else
        add_encoded(out, value.data, value.len, strlen(header) + 2);
    text_addf(out, value.len ? "\r\n <%s>\r\n" : "<%s>\r\n", address);
}

static void add_date(struct text *out, int64_t date_us)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = date_us / 1000000;
    struct tm utc;
    gmtime_r(&seconds, &utc);
    text_addf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[utc.tm_wday],
              utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour,
              utc.tm_min, utc.tm_sec);
}

static void add_part(struct text *out, const char *type, const char *body)
{
    enum { LINE_BYTES = LINE / 4 * 3 };
    struct text crlf _text_auto_ = {0};
    text_addf(out,
              "Content-Type: %s; charset=UTF-8\r\n"
              "Content-Transfer-Encoding: base64\r\n\r\n",
              type);
    for (const char *c = body; *c; c++) {
        if (*c == '\n')
            text_adds(&crlf, "\r\n");
        else if (*c != '\r')
            text_addc(&crlf, *c);
    }
    for (size_t i = 0; i < crlf.len; i += LINE_BYTES) {
        size_t len = crlf.len - i < LINE_BYTES ? crlf.len - i : LINE_BYTES;
        add_base64(out, crlf.data + i, len);
        text_adds(out, "\r\n");
    }
}

/* Base64 has no line with "=_" at its beginning, so the boundary is in no part. */
static void add_content(struct text *out, const struct mail *mail)
{
    static const char boundary[] = "=_meguri";
    if (!mail->html) {
        add_part(out, "text/plain", mail->body);
        return;
    }
    text_addf(out, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n",
              boundary, boundary);
    add_part(out, "text/plain", mail->body);
    text_addf(out, "--%s\r\n", boundary);
    add_part(out, "text/html", mail->html);
    text_addf(out, "--%s--\r\n", boundary);
}

/* Our own address: printable ASCII without what ends a header's <>. */
static bool is_plain_url(const char *url)
{
    for (; *url; url++) {
        if (*url <= ' ' || *url >= 0x7f || *url == '<' || *url == '>')
            return false;
    }
    return true;
}

static bool is_plain(const struct mail *mail)
{
    return mail_address_valid(mail->from_address) &&
           mail_address_valid(mail->to_address) && mail_address_valid(mail->message_id) &&
           (!mail->reply_to || mail_address_valid(mail->reply_to)) &&
           (!mail->unsubscribe || is_plain_url(mail->unsubscribe));
}

bool mail_write(struct text *out, const struct mail *mail)
{
    if (!is_plain(mail))
        return false;
    add_mailbox(out, "From", mail->from_name, mail->from_address);
    add_mailbox(out, "To", mail->to_name, mail->to_address);
    if (mail->reply_to)
        text_addf(out, "Reply-To: <%s>\r\n", mail->reply_to);
    add_subject(out, mail->subject);
    add_date(out, mail->date_us);
    if (mail->unsubscribe)
        text_addf(out,
                  "List-Unsubscribe: <%s>\r\n"
                  "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
                  mail->unsubscribe);
    text_addf(out,
              "Message-ID: <%s>\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "Content-Language: %s\r\n"
              "MIME-Version: 1.0\r\n",
              mail->message_id, mail->language);
    add_content(out, mail);
    return true;
}
