/* The table of an audit's steps. */
#include "services/scheduling/audit_state.h"

#include <stddef.h>
#include <string.h>

static const char *const names[AUDIT_STATUSES] = {
    [AUDIT_STATUS_PLANNED] = "planned",     [AUDIT_STATUS_REQUESTED] = "requested",
    [AUDIT_STATUS_TENTATIVE] = "tentative", [AUDIT_STATUS_CONFIRMED] = "confirmed",
    [AUDIT_STATUS_HELD] = "held",           [AUDIT_STATUS_REPORTED] = "reported",
    [AUDIT_STATUS_CANCELLED] = "cancelled",
};

#define TO(status) (1u << AUDIT_STATUS_##status)

static const unsigned steps[AUDIT_STATUSES] = {
    [AUDIT_STATUS_PLANNED] =
        TO(REQUESTED) | TO(TENTATIVE) | TO(CONFIRMED) | TO(HELD) | TO(CANCELLED),
    [AUDIT_STATUS_REQUESTED] =
        TO(PLANNED) | TO(TENTATIVE) | TO(CONFIRMED) | TO(HELD) | TO(CANCELLED),
    [AUDIT_STATUS_TENTATIVE] =
        TO(PLANNED) | TO(REQUESTED) | TO(CONFIRMED) | TO(HELD) | TO(CANCELLED),
    [AUDIT_STATUS_CONFIRMED] = TO(PLANNED) | TO(TENTATIVE) | TO(HELD) | TO(CANCELLED),
    [AUDIT_STATUS_HELD] = TO(PLANNED) | TO(CONFIRMED) | TO(REPORTED),
    [AUDIT_STATUS_REPORTED] = TO(HELD),
    [AUDIT_STATUS_CANCELLED] = TO(PLANNED),
};

const char *audit_status_name(enum audit_status status)
{
    return names[status];
}

bool audit_status_parse(const char *name, enum audit_status *ret_status)
{
    for (int i = 0; name && i < AUDIT_STATUSES; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret_status = (enum audit_status)i;
            return true;
        }
    }
    return false;
}

bool audit_status_may(enum audit_status from, enum audit_status to)
{
    return from == to || (steps[from] & 1u << to);
}

bool audit_status_needs_days(enum audit_status status)
{
    return status == AUDIT_STATUS_TENTATIVE || status == AUDIT_STATUS_CONFIRMED;
}

bool audit_status_took_place(enum audit_status status)
{
    return status == AUDIT_STATUS_HELD || status == AUDIT_STATUS_REPORTED;
}
