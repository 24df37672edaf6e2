/* Gates of add-on certifications, which are granted upon an ISMS, share its expiry and stop with it (ADD-01, ADD-02). */
#include "services/scheduling/gates.h"

#include <string.h>

enum { ADDED_WITHIN_MONTHS = 12 }; /* after the ISMS audit at which it was added */

static const struct plan_certification *certification(const struct gates *gates)
{
    return &gates->plan->facts->certification;
}

static const char *rule_of(const struct gates *gates)
{
    return strncmp(certification(gates)->scheme_name, "iso27017", 8) == 0 ? "ADD-01"
                                                                          : "ADD-02";
}

/* Granted on an audit of the ISMS, unless the body was asked for stages of its own. */
bool gates_addon_without_stages(const struct gates *gates)
{
    const struct plan_audit *stage1 = gates->gate[GATE_OF_STAGE1].audit;
    return certification(gates)->scheme == SCHEME_ADDON && gates->isms &&
           certification(gates)->state == CERTIFICATION_PREPARING &&
           !plan_is_booked(stage1);
}

void gates_addon_in_force(struct gates *gates, enum gate_kind kind)
{
    if (certification(gates)->scheme == SCHEME_ADDON)
        gate_ask(gates, kind, GATE_NEEDS_ISMS,
                 gates->isms ? gates->plan->facts->today : CIVIL_NONE, CIVIL_NONE)
            ->rule = rule_of(gates);
}

/* The latest surveillance or recertification audit of the ISMS, when it is recent. */
static struct civil added_at(const struct gates *gates)
{
    struct civil today = gates->plan->facts->today;
    if (!gates->isms)
        return CIVIL_NONE;
    struct civil last =
        civil_later(plan_last_held(gates->isms, "surveillance", today),
                    plan_last_held(gates->isms, "recertification", today));
    bool recent = !civil_is_none(last) &&
                  civil_compare(today, civil_add_months(last, ADDED_WITHIN_MONTHS)) <= 0;
    return recent ? last : CIVIL_NONE;
}

void gates_addon_decision(struct gates *gates)
{
    const enum gate_kind kind = GATE_OF_DECISION;
    gates_addon_in_force(gates, kind);
    gate_ask(gates, kind, GATE_NEEDS_ISMS_AUDIT, added_at(gates),
             gate_due(gates, DEADLINE_TARGET_CERTIFICATE, NULL, NULL))
        ->rule = rule_of(gates);
    gate_findings(gates, kind);
}

void gates_addon_renewal(struct gates *gates)
{
    const enum gate_kind kind = GATE_OF_RECERTIFICATION;
    struct civil expiry = certification(gates)->expiry_date;
    const struct plan_certification *isms =
        gates->isms ? &gates->isms->certification : NULL;
    bool renewed = isms && civil_before(expiry, isms->expiry_date);
    gates_addon_in_force(gates, kind);
    struct gate_item *item = gate_ask(
        gates, kind, GATE_NEEDS_ISMS_RENEWED, renewed ? isms->decision_date : CIVIL_NONE,
        gate_due(gates, DEADLINE_RECERTIFICATION_DECISION, NULL, NULL));
    item->rule = rule_of(gates);
    item->blocks_on = civil_add_days(expiry, 1);
    gate_findings(gates, kind);
}
