/* Nobody is booked twice: steps that every operation on audits, teams and plans ends with. The rows that ask for a booking are written first; then
 *
 *     lockBookings   an advisory lock for each person and room that the audit asks for, in the order of their keys, after the certifications
 *                    of the client (LOCK_PLAN): everybody takes the locks in that order, so nobody waits in a circle
 *     findClashes    what is taken, seen after the wait
 *     booking_judge  409 with every clash named, and all that was written is undone
 *     storeBookings  the audit's bookings anew; exclusion constraints of the table stand behind it all
 *
 * The audit is the path's :audit_id. */
#ifndef MEGURI_SCHEDULING_BOOKING_H
#define MEGURI_SCHEDULING_BOOKING_H

#include "api/app.h"

#define BOOKING_STEPS                                                                    \
    {.sql = "lockBookings", .optional = true}, {.sql = "findClashes", .optional = true}, \
        {.compute = booking_judge}, {.sql = "dropBookings", .optional = true},           \
    {                                                                                    \
        .sql = "storeBookings", .optional = true                                         \
    }

/* Objects that the body names by lists are there for the caller: after a step that fills :named through booking_name. */
#define STRANGER_STEPS                                                                   \
    {.sql = "findStrangers", .optional = true},                                          \
    {                                                                                    \
        .compute = booking_strangers                                                     \
    }

/* Appends {pointer, kind, id} for each id of a list of the body (NULL: none). kind: site department person auditor member room audit. */
void booking_name(json_t *named, const json_t *list, const char *kind, const char *prefix,
                  const char *list_name);
/* people, auditors and members of a slot or a question. */
void booking_name_parties(json_t *named, const json_t *object, const char *prefix);

/* The same for a member that is one id (none when null or absent). */
void booking_name_one(json_t *named, const json_t *object, const char *kind,
                      const char *prefix, const char *member);
/* department_id, site_id and room_id of a slot. */
void booking_name_places(json_t *named, const json_t *object, const char *prefix);

bool booking_strangers(struct request *rq);
bool booking_judge(struct request *rq);

#endif
