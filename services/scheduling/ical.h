/* Writes iCalendar objects (RFC 5545, RFC 7986) as Google, Outlook and Apple read them: CRLF, lines of at most 75 octets that never cut a
 * character, escaped text, quoted parameters, and nothing exotic. Pure: no clock, no database; the same input is the same output, byte by
 * byte, so that an ETag stays as long as nothing changed.
 *
 *     struct ical ical = ical_begin(&out, &(struct ical_calendar){.name = "Audits"});
 *     ical_event(&ical, &event);
 *     ical_end(&ical);
 *
 * All text may come from users: what would break a line, a parameter or an address is escaped, replaced or left out. */
#ifndef MEGURI_SCHEDULING_ICAL_H
#define MEGURI_SCHEDULING_ICAL_H

#include "api/civil.h"
#include "api/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ICAL_LINE_OCTETS = 75 };

/* RFC 5546: a feed has no method; an invitation asks or cancels. */
enum ical_method { ICAL_FEED, ICAL_REQUEST, ICAL_CANCEL };

enum ical_status { ICAL_CONFIRMED, ICAL_TENTATIVE, ICAL_CANCELLED };

struct ical_calendar {
    enum ical_method method;
    const char *name;        /* X-WR-CALNAME and NAME; NULL = none */
    const char *description; /* NULL = none */
    int refresh_hours;       /* how often a feed is worth fetching; 0 = not said */
};

/* A person: an address without "mailto:", and a name that may be NULL. An address that is none is left out, with its person. */
struct ical_person {
    const char *email;
    const char *name;
    bool optional; /* attendees: OPT-PARTICIPANT */
};

struct ical_event {
    const char *uid;    /* stable for the life of the object */
    int64_t changed_us; /* DTSTAMP and LAST-MODIFIED: the last change, not now */
    int sequence;
    enum ical_status status;
    /* All day: both inclusive (DTEND is written exclusive). CIVIL_NONE in first_day: timed. */
    struct civil first_day, last_day;
    int64_t start_us, end_us; /* timed: instants, written in TZID=Asia/Tokyo */
    bool transparent;         /* does not block the day: deadlines */
    const char *summary;      /* the rest may be NULL */
    const char *description;
    const char *location;
    const char *url;               /* http(s) only, else left out */
    const char *const *categories; /* NULL-terminated */
    const struct ical_person *organizer;
    const struct ical_person *attendees;
    size_t attendee_count;
};

/* A calendar being written. */
struct ical {
    struct text *out; /* the caller's */
    struct text line; /* the content line before it is folded */
};

/* Appends to out: head and the time zone. End it with ical_end. */
struct ical ical_begin(struct text *out, const struct ical_calendar *calendar);
void ical_event(struct ical *ical, const struct ical_event *event);
void ical_end(struct ical *ical);

#endif
