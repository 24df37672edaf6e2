/* A reader for the three parts of a report; everything that it does not need is stepped over. */
#include "bounce.h"

#include "api/text.h"

#include <string.h>
#include <strings.h>

/* What is left of the bytes. */
struct input {
    const char *at, *end;
};

/* ---- lines and fields ---- */

/* The next line without its end; false when nothing is left. */
static bool next_line(struct input *input, const char **ret, size_t *ret_len)
{
    if (input->at >= input->end)
        return false;
    size_t room = (size_t)(input->end - input->at);
    const char *newline = memchr(input->at, '\n', room);
    size_t len = newline ? (size_t)(newline - input->at) : room;
    *ret = input->at;
    input->at += newline ? len + 1 : len;
    *ret_len = len > 0 && (*ret)[len - 1] == '\r' ? len - 1 : len;
    return true;
}

/* One header field, unfolded (RFC 5322 2.2.3); false at the blank line, which is taken, or at the end. */
static bool next_field(struct arena *arena, struct input *input, const char **ret_name,
                       const char **ret_value)
{
    const char *line;
    size_t len;
    struct text field _text_auto_ = {0};
    if (!next_line(input, &line, &len) || len == 0)
        return false;
    text_add(&field, line, len);
    while (input->at < input->end && (*input->at == ' ' || *input->at == '\t') &&
           next_line(input, &line, &len))
        text_add(&field, line, len);
    size_t name = strcspn(field.data, ":");
    size_t skip = name + (field.data[name] == ':');
    skip += strspn(field.data + skip, " \t");
    *ret_name = arena_strndup(arena, field.data, name);
    *ret_value = arena_strndup(arena, field.data + skip, strlen(field.data + skip));
    return true;
}

/* ---- parts ---- */

/* The boundary of a multipart Content-Type, or NULL. */
static const char *boundary_of(struct arena *arena, const char *type)
{
    const char *at = strcasestr(type, "boundary=");
    if (strncasecmp(type, "multipart/report", strlen("multipart/report")) != 0 || !at)
        return NULL;
    at += strlen("boundary=");
    size_t len = *at == '"' ? strcspn(++at, "\"") : strcspn(at, "; \t");
    return len ? arena_strndup(arena, at, len) : NULL;
}

static bool is_boundary(const char *line, size_t len, const char *boundary)
{
    size_t wanted = strlen(boundary);
    return len >= wanted + 2 && memcmp(line, "--", 2) == 0 &&
           memcmp(line + 2, boundary, wanted) == 0;
}

/* The bytes up to the next boundary, which is taken; false when there is none. */
static bool next_part(struct input *input, const char *boundary, struct input *ret)
{
    const char *line;
    size_t len;
    ret->at = input->at;
    while (next_line(input, &line, &len)) {
        ret->end = line;
        if (is_boundary(line, len, boundary))
            return true;
    }
    return false;
}

/* ---- what they say ---- */

/* "rfc822; user@host" */
static const char *address_of(struct arena *arena, const char *value)
{
    const char *semicolon = strchr(value, ';');
    const char *at = semicolon ? semicolon + 1 : value;
    at += strspn(at, " \t<");
    return arena_strndup(arena, at, strcspn(at, " \t>"));
}

static void read_recipient(struct arena *arena, struct input *part,
                           struct bounce_report *report)
{
    struct bounce bounce = {0};
    const char *name, *value, *original = NULL;
    while (next_field(arena, part, &name, &value)) {
        if (strcasecmp(name, "Final-Recipient") == 0)
            bounce.address = address_of(arena, value);
        else if (strcasecmp(name, "Original-Recipient") == 0)
            original = address_of(arena, value);
        else if (strcasecmp(name, "Action") == 0)
            bounce.action = arena_strndup(arena, value, strcspn(value, " \t(;"));
        else if (strcasecmp(name, "Status") == 0)
            bounce.status = arena_strndup(arena, value, strcspn(value, " \t("));
        else if (strcasecmp(name, "Diagnostic-Code") == 0)
            bounce.diagnostic = value;
    }
    if (!bounce.address)
        bounce.address = original;
    if (bounce.address && *bounce.address && report->count < BOUNCES_MAX)
        report->items[report->count++] = bounce;
}

static void read_original(struct arena *arena, struct input *part,
                          struct bounce_report *report)
{
    const char *name, *value;
    while (!report->message_id && next_field(arena, part, &name, &value)) {
        if (strcasecmp(name, "Message-ID") == 0) {
            value += strspn(value, "<");
            report->message_id = arena_strndup(arena, value, strcspn(value, ">"));
        }
    }
}

static void read_part(struct arena *arena, struct input *part,
                      struct bounce_report *report)
{
    const char *name, *value, *type = "text/plain";
    while (next_field(arena, part, &name, &value)) {
        if (strcasecmp(name, "Content-Type") == 0)
            type = value;
    }
    if (strncasecmp(type, "message/delivery-status", 23) == 0 ||
        strncasecmp(type, "message/global-delivery-status", 30) == 0) {
        while (part->at < part->end)
            read_recipient(arena, part, report);
    } else if (strncasecmp(type, "message/rfc822", 14) == 0 ||
               strncasecmp(type, "message/global", 14) == 0 ||
               strncasecmp(type, "text/rfc822-headers", 19) == 0) {
        read_original(arena, part, report);
    }
}

bool bounce_read(struct arena *arena, const char *mail, size_t len,
                 struct bounce_report *ret)
{
    struct input input = {mail, mail + len}, part;
    const char *name, *value, *boundary = NULL;
    *ret = (struct bounce_report){0};
    while (next_field(arena, &input, &name, &value)) {
        if (strcasecmp(name, "Content-Type") == 0)
            boundary = boundary_of(arena, value);
    }
    if (!boundary || !next_part(&input, boundary, &part))
        return false;
    while (next_part(&input, boundary, &part))
        read_part(arena, &part, ret);
    return ret->count > 0;
}

bool bounce_is_permanent(const struct bounce *bounce)
{
    return bounce->action && strcasecmp(bounce->action, "failed") == 0 &&
           bounce->status && bounce->status[0] == '5';
}
