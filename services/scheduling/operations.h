/* Step lists of scheduling that are declared in their own files. */
#ifndef MEGURI_SCHEDULING_OPERATIONS_H
#define MEGURI_SCHEDULING_OPERATIONS_H

#include "api/app.h"

extern const struct step calculation_steps[]; /* POST /v1/calculations/{name} */
extern const struct step audit_get_steps[], audit_create_steps[], audit_update_steps[],
    audit_delete_steps[];
extern const struct step finding_create_steps[], finding_update_steps[],
    finding_delete_steps[];
extern const struct step follow_up_of_audit_steps[], follow_up_of_finding_steps[],
    verify_findings_steps[];
extern const struct step transfer_steps[], transfer_preview_steps[],
    scope_reduction_steps[], edition_change_steps[];
extern const struct step obligation_create_steps[], obligation_update_steps[],
    obligation_delete_steps[], obligation_defaults_steps[];
extern const struct step fulfilment_create_steps[], fulfilment_delete_steps[];
extern const struct step change_create_steps[], change_update_steps[],
    change_delete_steps[];
extern const struct step change_list_steps[], change_get_steps[], change_create_steps[],
    change_update_steps[], change_approve_steps[], change_delete_steps[];
extern const struct step deadline_create_steps[], deadline_update_steps[],
    deadline_delete_steps[];
extern const struct step calendar_list_steps[], calendar_days_steps[],
    calendar_months_steps[], busy_season_steps[];
extern const struct step feed_create_steps[], feed_update_steps[], feed_rotate_steps[],
    feed_read_steps[];
extern const struct step invitation_steps[];

void feeds_init(const struct config *config);
extern const struct step body_create_steps[], body_update_steps[];
extern const struct step quote_list_steps[], quote_get_steps[], quote_create_steps[],
    quote_update_steps[], quote_delete_steps[], quote_choose_steps[],
    quote_compare_steps[], estimate_steps[];
extern const struct step campaign_create_steps[], campaign_update_steps[],
    campaign_delete_steps[], campaign_certifications_steps[],
    campaign_certification_steps[], campaign_step_steps[], campaign_impact_steps[];
extern const struct step effort_entry_create_steps[], effort_entry_update_steps[],
    effort_entry_delete_steps[], effort_forecast_steps[], effort_export_steps[],
    effort_invoice_steps[], effort_release_steps[];
extern const struct step plan_template_create_steps[], plan_template_update_steps[],
    back_plan_create_steps[], back_plan_delete_steps[], back_plan_baseline_steps[],
    back_plan_template_steps[], plan_slip_preview_steps[], plan_slip_steps[],
    plan_forecast_steps[], plan_replan_steps[], plan_task_create_steps[],
    plan_task_update_steps[], plan_task_delete_steps[];

extern const struct step carry_freeze_steps[], carry_get_steps[], carry_list_steps[],
    carry_review_steps[];

#endif
