/* RFC 5545 content lines: built whole, escaped, then folded into the output. */
#include "services/scheduling/ical.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { TOKYO_HOURS = 9, SECONDS_PER_DAY = 86400, LONGEST_ADDRESS = 254 };

static const char *const methods[] = {
    [ICAL_FEED] = NULL, [ICAL_REQUEST] = "REQUEST", [ICAL_CANCEL] = "CANCEL"};
static const char *const statuses[] = {[ICAL_CONFIRMED] = "CONFIRMED",
                                       [ICAL_TENTATIVE] = "TENTATIVE",
                                       [ICAL_CANCELLED] = "CANCELLED"};

/* Japan has had no summer time since 1951. */
static const char *const time_zone[] = {
    "BEGIN:VTIMEZONE",    "TZID:Asia/Tokyo",
    "BEGIN:STANDARD",     "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0900", "TZOFFSETTO:+0900",
    "TZNAME:JST",         "END:STANDARD",
    "END:VTIMEZONE",      NULL,
};

/* ---- lines ---- */

/* How many octets from s on make a piece of at most `room` that ends between two characters. */
static size_t piece(const char *s, size_t len, size_t room)
{
    if (len <= room)
        return len;
    size_t at = room;
    while (at > 0 && ((unsigned char)s[at] & 0xc0) == 0x80)
        at--;
    return at > 0 ? at : room;
}

/* 75 octets without the CRLF; the space that begins a continuation counts (RFC 5545 3.1). */
static void end_line(struct ical *ical)
{
    const char *s = ical->line.data;
    size_t left = ical->line.len, room = ICAL_LINE_OCTETS;
    for (;;) {
        size_t len = piece(s, left, room);
        text_add(ical->out, s, len);
        text_adds(ical->out, "\r\n");
        s += len;
        left -= len;
        if (left == 0)
            break;
        text_addc(ical->out, ' ');
        room = ICAL_LINE_OCTETS - 1;
    }
    text_clear(&ical->line);
}

static void add_plain(struct ical *ical, const char *line)
{
    text_adds(&ical->line, line);
    end_line(ical);
}

/* ---- values ---- */

/* Length of the character at s; 0 when there is no well-formed one. */
static size_t character(const char *s, size_t len)
{
    size_t most = len < 4 ? len : 4;
    for (size_t n = 1; n <= most; n++) {
        if (text_utf8_valid(s, n) == n)
            return n;
    }
    return 0;
}

static void add_escaped(struct text *out, char c)
{
    if (c == '\n')
        text_adds(out, "\\n");
    else if (c == '\\' || c == ';' || c == ',')
        text_add(out, (char[]){'\\', c}, 2);
    else if (c != '\r' && c != 0x7f && (c >= ' ' || c == '\t'))
        text_addc(out, c);
}

/* TEXT (3.3.11). Control characters have no place in it; a lone CR, like CRLF, ends a line of the text. */
static void add_text_value(struct text *out, const char *s)
{
    size_t len = strlen(s);
    for (size_t at = 0; at < len;) {
        size_t n = character(s + at, len - at);
        if (n > 1)
            text_add(out, s + at, n);
        else if (n == 0)
            text_adds(out, "\xef\xbf\xbd"); /* U+FFFD */
        else if (s[at] == '\r' && s[at + 1] != '\n')
            add_escaped(out, '\n');
        else
            add_escaped(out, s[at]);
        at += n ? n : 1;
    }
}

static void add_text(struct ical *ical, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    text_addf(&ical->line, "%s:", name);
    add_text_value(&ical->line, value);
    end_line(ical);
}

static void add_name(struct ical *ical, const char *name, const char *value)
{
    text_addf(&ical->line, "%s:%s", name, value);
    end_line(ical);
}

/* A quoted parameter value (3.2): no control characters; a quotation mark can not be written, so it becomes an apostrophe. */
static void add_quoted(struct text *out, const char *s)
{
    size_t len = strlen(s);
    text_addc(out, '"');
    for (size_t at = 0; at < len;) {
        size_t n = character(s + at, len - at);
        bool control = n == 1 && ((unsigned char)s[at] < ' ' || s[at] == 0x7f);
        if (n == 0)
            text_adds(out, "\xef\xbf\xbd");
        else if (control)
            text_addc(out, ' ');
        else if (n == 1 && s[at] == '"')
            text_addc(out, '\'');
        else
            text_add(out, s + at, n);
        at += n ? n : 1;
    }
    text_addc(out, '"');
}

static void add_day(struct text *out, struct civil day)
{
    struct civil_parts parts = civil_split(day);
    text_addf(out, "%04d%02d%02d", parts.year, parts.month, parts.day);
}

/* Civil date and time of day of an instant, in UTC moved by some hours. */
static void add_instant(struct text *out, int64_t instant_us, int hours)
{
    int64_t seconds = instant_us / 1000000 + (int64_t)hours * 3600;
    int64_t days = seconds / SECONDS_PER_DAY, rest = seconds % SECONDS_PER_DAY;
    if (rest < 0) {
        days--;
        rest += SECONDS_PER_DAY;
    }
    add_day(out, (struct civil){(int32_t)days});
    text_addf(out, "T%02d%02d%02d", (int)(rest / 3600), (int)(rest / 60 % 60),
              (int)(rest % 60));
}

static void add_stamp(struct ical *ical, const char *name, int64_t instant_us)
{
    text_addf(&ical->line, "%s:", name);
    add_instant(&ical->line, instant_us, 0);
    text_addc(&ical->line, 'Z');
    end_line(ical);
}

/* ---- when ---- */

static void add_date(struct ical *ical, const char *name, struct civil day)
{
    text_addf(&ical->line, "%s;VALUE=DATE:", name);
    add_day(&ical->line, day);
    end_line(ical);
}

static void add_local(struct ical *ical, const char *name, int64_t instant_us)
{
    text_addf(&ical->line, "%s;TZID=Asia/Tokyo:", name);
    add_instant(&ical->line, instant_us, TOKYO_HOURS);
    end_line(ical);
}

static void add_when(struct ical *ical, const struct ical_event *event)
{
    if (civil_is_none(event->first_day)) {
        add_local(ical, "DTSTART", event->start_us);
        add_local(ical, "DTEND", event->end_us);
        return;
    }
    struct civil last = event->last_day;
    if (civil_is_none(last) || civil_before(last, event->first_day))
        last = event->first_day;
    add_date(ical, "DTSTART", event->first_day);
    add_date(ical, "DTEND", civil_add_days(last, 1));
}

/* ---- who ---- */

static bool is_address(const char *email)
{
    const char *at = email ? strchr(email, '@') : NULL;
    size_t len = email ? strlen(email) : 0;
    return at && at > email && at[1] && !strchr(at + 1, '@') && len <= LONGEST_ADDRESS;
}

/* What RFC 6068 lets stand in a mailto address; the rest is percent-encoded. */
static void add_address(struct text *out, const char *email)
{
    for (const char *p = email; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x80 && (isalnum(c) || strchr("@.-_~+!$'*", c)))
            text_addc(out, *p);
        else
            text_addf(out, "%%%02X", c);
    }
}

static void end_person(struct ical *ical, const struct ical_person *person)
{
    if (person->name && *person->name) {
        text_adds(&ical->line, ";CN=");
        add_quoted(&ical->line, person->name);
    }
    text_adds(&ical->line, ":mailto:");
    add_address(&ical->line, person->email);
    end_line(ical);
}

static void add_people(struct ical *ical, const struct ical_event *event)
{
    if (event->organizer && is_address(event->organizer->email)) {
        text_adds(&ical->line, "ORGANIZER");
        end_person(ical, event->organizer);
    }
    for (size_t i = 0; i < event->attendee_count; i++) {
        const struct ical_person *person = &event->attendees[i];
        if (!is_address(person->email))
            continue;
        text_addf(&ical->line,
                  "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=%s;PARTSTAT=NEEDS-ACTION;RSVP=TRUE",
                  person->optional ? "OPT-PARTICIPANT" : "REQ-PARTICIPANT");
        end_person(ical, person);
    }
}

/* ---- the rest of an event ---- */

static void add_categories(struct ical *ical, const char *const *categories)
{
    if (!categories || !categories[0])
        return;
    text_adds(&ical->line, "CATEGORIES:");
    for (int i = 0; categories[i]; i++) {
        if (i)
            text_addc(&ical->line, ',');
        add_text_value(&ical->line, categories[i]);
    }
    end_line(ical);
}

/* URI values are not escaped, so only what needs no escape gets in. */
static void add_url(struct ical *ical, const char *url)
{
    bool http = url && (strncasecmp(url, "https://", 8) == 0 ||
                        strncasecmp(url, "http://", 7) == 0);
    for (const char *p = url; http && *p; p++)
        http = *p > ' ' && *p < 0x7f && !strchr("\"<>\\^`{|}", *p);
    if (http)
        add_name(ical, "URL", url);
}

static void add_sequence(struct ical *ical, int sequence)
{
    text_addf(&ical->line, "SEQUENCE:%d", sequence > 0 ? sequence : 0);
    end_line(ical);
}

void ical_event(struct ical *ical, const struct ical_event *event)
{
    add_plain(ical, "BEGIN:VEVENT");
    add_text(ical, "UID", event->uid);
    add_stamp(ical, "DTSTAMP", event->changed_us);
    add_stamp(ical, "LAST-MODIFIED", event->changed_us);
    add_sequence(ical, event->sequence);
    add_name(ical, "STATUS", statuses[event->status]);
    add_when(ical, event);
    add_text(ical, "SUMMARY", event->summary);
    add_text(ical, "DESCRIPTION", event->description);
    add_text(ical, "LOCATION", event->location);
    add_categories(ical, event->categories);
    add_url(ical, event->url);
    add_name(ical, "TRANSP", event->transparent ? "TRANSPARENT" : "OPAQUE");
    add_people(ical, event);
    add_plain(ical, "END:VEVENT");
}

/* ---- the calendar ---- */

/* The old X- properties are what Outlook and Apple read, the others what RFC 7986 says. */
static void add_feed_head(struct ical *ical, const struct ical_calendar *calendar)
{
    add_text(ical, "NAME", calendar->name);
    add_text(ical, "X-WR-CALNAME", calendar->name);
    add_text(ical, "DESCRIPTION", calendar->description);
    add_text(ical, "X-WR-CALDESC", calendar->description);
    add_plain(ical, "X-WR-TIMEZONE:Asia/Tokyo");
    if (calendar->refresh_hours <= 0)
        return;
    text_addf(&ical->line, "REFRESH-INTERVAL;VALUE=DURATION:PT%dH",
              calendar->refresh_hours);
    end_line(ical);
    text_addf(&ical->line, "X-PUBLISHED-TTL:PT%dH", calendar->refresh_hours);
    end_line(ical);
}

struct ical ical_begin(struct text *out, const struct ical_calendar *calendar)
{
    struct ical ical = {.out = out};
    add_plain(&ical, "BEGIN:VCALENDAR");
    add_plain(&ical, "VERSION:2.0");
    add_plain(&ical, "PRODID:-//Meguri//Calendar//EN");
    add_plain(&ical, "CALSCALE:GREGORIAN");
    if (methods[calendar->method])
        add_name(&ical, "METHOD", methods[calendar->method]);
    else
        add_feed_head(&ical, calendar);
    for (int i = 0; time_zone[i]; i++)
        add_plain(&ical, time_zone[i]);
    return ical;
}

void ical_end(struct ical *ical)
{
    add_plain(ical, "END:VCALENDAR");
    text_free(&ical->line);
}
