/* A reader for the three parts of a report; everything that it does not need is stepped over. */
#include "bounce.h"

#include "api/text.h"

#include <string.h>
#include <strings.h>

enum { DEPTH = 4 }; /* of parts within parts */

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
    while (name > 0 && (field.data[name - 1] == ' ' || field.data[name - 1] == '\t'))
        name--;
    *ret_name = arena_strndup(arena, field.data, name);
    *ret_value = arena_strndup(arena, field.data + skip, strlen(field.data + skip));
    return true;
}

/* ---- parts ---- */

static bool is_type(const char *type, const char *wanted)
{
    return strncasecmp(type, wanted, strlen(wanted)) == 0;
}

/* The boundary of a multipart Content-Type, or NULL. */
static const char *boundary_of(struct arena *arena, const char *type)
{
    const char *at = strcasestr(type, "boundary=");
    if (!is_type(type, "multipart/") || !at)
        return NULL;
    at += strlen("boundary=");
    size_t len = *at == '"' ? strcspn(++at, "\"") : strcspn(at, "; \t");
    return len ? arena_strndup(arena, at, len) : NULL;
}

/* A part inside may have a boundary that begins like ours. */
static bool is_boundary(const char *line, size_t len, const char *boundary)
{
    size_t wanted = strlen(boundary) + 2;
    if (len < wanted || memcmp(line, "--", 2) != 0 ||
        memcmp(line + 2, boundary, wanted - 2) != 0)
        return false;
    const char *rest = line + wanted, *end = line + len;
    if (end - rest >= 2 && memcmp(rest, "--", 2) == 0)
        rest += 2;
    while (rest < end && (*rest == ' ' || *rest == '\t'))
        rest++;
    return rest == end;
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
    const char *name, *value;
    while (next_field(arena, part, &name, &value)) {
        if (strcasecmp(name, "Final-Recipient") == 0)
            bounce.address = address_of(arena, value);
        else if (strcasecmp(name, "Original-Recipient") == 0)
            bounce.original = address_of(arena, value);
        else if (strcasecmp(name, "Action") == 0)
            bounce.action = arena_strndup(arena, value, strcspn(value, " \t(;"));
        else if (strcasecmp(name, "Status") == 0)
            bounce.status = arena_strndup(arena, value, strcspn(value, " \t("));
        else if (strcasecmp(name, "Diagnostic-Code") == 0)
            bounce.diagnostic = value;
    }
    if (!bounce.address)
        bounce.address = bounce.original;
    if (bounce.address && *bounce.address && report->count < BOUNCES_MAX)
        report->items[report->count++] = bounce;
}

struct header {
    const char *type;
    const char *message_id; /* without <>; NULL = none */
};

static struct header read_header(struct arena *arena, struct input *input)
{
    struct header header = {.type = "text/plain"};
    const char *name, *value;
    while (next_field(arena, input, &name, &value)) {
        if (strcasecmp(name, "Content-Type") == 0) {
            header.type = value;
        } else if (strcasecmp(name, "Message-ID") == 0) {
            value += strspn(value, "<");
            header.message_id = arena_strndup(arena, value, strcspn(value, ">"));
        }
    }
    return header;
}

/* Where we are: `in_report` = directly in a multipart/report. */
struct place {
    int depth;
    bool in_report;
};

static void read_entity(struct arena *arena, struct input *input, struct place place,
                        struct bounce_report *report);

/* The mail that came back; before any recipient is told of, a report that somebody attached. */
static void read_mail(struct arena *arena, struct input *input, struct place place,
                      struct bounce_report *report)
{
    struct input again = *input;
    struct header header = read_header(arena, input);
    if (report->count == 0 && is_type(header.type, "multipart/report"))
        read_entity(arena, &again, place, report);
    else if (!report->message_id)
        report->message_id = header.message_id;
}

static void read_parts(struct arena *arena, struct input *input, const char *boundary,
                       struct place place, struct bounce_report *report)
{
    struct input part;
    if (!next_part(input, boundary, &part)) /* what stands before the first */
        return;
    while (next_part(input, boundary, &part))
        read_entity(arena, &part, place, report);
}

static void read_entity(struct arena *arena, struct input *input, struct place place,
                        struct bounce_report *report)
{
    struct header header = read_header(arena, input);
    const char *boundary = boundary_of(arena, header.type);
    struct place inside = {place.depth - 1, is_type(header.type, "multipart/report")};
    if (inside.depth < 0)
        return;
    if (boundary) {
        read_parts(arena, input, boundary, inside, report);
    } else if (place.in_report &&
               (is_type(header.type, "message/delivery-status") ||
                is_type(header.type, "message/global-delivery-status"))) {
        while (input->at < input->end)
            read_recipient(arena, input, report);
    } else if (is_type(header.type, "message/rfc822") ||
               is_type(header.type, "message/global") ||
               is_type(header.type, "text/rfc822-headers")) {
        read_mail(arena, input, inside, report);
    }
}

bool bounce_read(struct arena *arena, const char *mail, size_t len,
                 struct bounce_report *ret)
{
    struct input input = {mail, mail + len};
    while (input.at < input.end && (*input.at == '\r' || *input.at == '\n'))
        input.at++;
    *ret = (struct bounce_report){0};
    read_entity(arena, &input, (struct place){.depth = DEPTH}, ret);
    return ret->count > 0;
}

bool bounce_is_permanent(const struct bounce *bounce)
{
    return bounce->action && strcasecmp(bounce->action, "failed") == 0 &&
           bounce->status && bounce->status[0] == '5';
}
