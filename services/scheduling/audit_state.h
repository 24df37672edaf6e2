/* The way of an audit from a line of the programme to its report: which status may follow which. Pure.
 *
 *     planned -> requested -> tentative -> confirmed -> held -> reported
 *
 * Steps may be left out forwards up to held (an audit that is entered after it took place); an audit that did not take place after all
 * goes back; a cancelled one starts again at planned. */
#ifndef MEGURI_SCHEDULING_AUDIT_STATE_H
#define MEGURI_SCHEDULING_AUDIT_STATE_H

#include <stdbool.h>

enum audit_status {
    AUDIT_STATUS_PLANNED,
    AUDIT_STATUS_REQUESTED,
    AUDIT_STATUS_TENTATIVE,
    AUDIT_STATUS_CONFIRMED,
    AUDIT_STATUS_HELD,
    AUDIT_STATUS_REPORTED,
    AUDIT_STATUS_CANCELLED,
    AUDIT_STATUSES
};

const char *audit_status_name(enum audit_status status);

/* False (ret untouched) for a name that is none; NULL is none. */
bool audit_status_parse(const char *name, enum audit_status *ret_status);

/* May `to` follow `from`? Staying where one is always may. */
bool audit_status_may(enum audit_status from, enum audit_status to);

/* Days of the audit must be known. */
bool audit_status_needs_days(enum audit_status status);

/* The audit took place: held or reported. */
bool audit_status_took_place(enum audit_status status);

#endif
