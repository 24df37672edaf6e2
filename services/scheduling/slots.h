/* The plan of an audit, slot by slot. */
#ifndef MEGURI_SCHEDULING_SLOTS_H
#define MEGURI_SCHEDULING_SLOTS_H

#include "api/app.h"

extern const struct step slot_create_steps[], slot_update_steps[], slot_delete_steps[],
    slot_propose_steps[], slot_accept_steps[];
extern const struct step team_create_steps[], team_update_steps[], team_delete_steps[],
    team_object_steps[];
extern const struct step absence_create_steps[], absence_update_steps[];
extern const struct step availability_steps[];
extern const struct step audit_kind_steps[];

/* 409 when the audit of judgeSlot is cancelled or has no days yet. */
bool slots_audit_open(struct request *rq);

/* 409 when rows of findSlotsOutside say that slots would lie outside of the audit's days. */
bool slots_inside(struct request *rq);

#endif
