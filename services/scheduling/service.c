/* The operations of scheduling that are more than one statement, and its job. */
#include "services/scheduling/service.h"

#include "services/scheduling/campaigns.h"
#include "services/scheduling/certifications.h"
#include "services/scheduling/gates_answer.h"
#include "services/scheduling/glossary.h"
#include "services/scheduling/labels.h"
#include "services/scheduling/marks.h"
#include "services/scheduling/operations.h"
#include "services/scheduling/plan.h"
#include "services/scheduling/policies_check.h"
#include "services/scheduling/slots.h"

/* ---- certifications ---- */

static const struct step create_certification[] = {
    LOCK_PLAN,
    {.sql = "loadPolicyLevels"},
    {.compute = certification_new},
    {.sql = "insertCertification"},
    {.sql = "insertTransition", .optional = true},
    {.sql = "insertSecondTransition", .optional = true},
    {.sql = "alignAddons", .optional = true},
    PLAN_STEPS,
    {.sql = "getCertification"},
    {0},
};
static const struct step update_certification[] = {
    {.sql = "lockPlan", .optional = true},
    {.sql = "loadPlanFacts", .optional = true},
    {.compute = certification_change},
    {.sql = "changeCertification"},
    {.sql = "alignAddons", .optional = true},
    PLAN_STEPS,
    {.sql = "getCertification"},
    {0},
};
static const struct step delete_certification[] = {
    {.sql = "judgeCertificationDelete"},
    {.compute = certification_deletable},
    {.sql = "deleteDerivedDeadlines", .optional = true},
    {.sql = "deleteDerivedAudits", .optional = true},
    {.sql = "deleteCertification"},
    PLAN_STEPS,
    {0},
};
static const struct step create_transition[] = {
    {.sql = "lockPlan", .optional = true},
    {.sql = "loadPlanFacts", .optional = true},
    {.compute = transition_judge},
    {.sql = "changeCertification"},
    {.sql = "insertTransition"},
    {.sql = "changeAddons", .optional = true},
    {.sql = "alignAddons", .optional = true},
    PLAN_STEPS,
    {.sql = "getTransition"},
    {0},
};

/* ---- policies ---- */

static const struct step update_policies[] = {
    POLICIES_JUDGED(policies_check_consultancy),
    {.sql = "updatePolicies"},
    {.sql = "markPlansStale", .optional = true},
    {.sql = "getPolicies"},
    {0},
};
static const struct step get_effective_policies[] = {
    {.sql = "loadEffectivePolicies"}, {.compute = policies_answer}, {0}};

static const struct handler handlers[] = {
    {"createCertification", create_certification},
    {"updateCertification", update_certification},
    {"deleteCertification", delete_certification},
    {"createTransition", create_transition},
    {"transferCertification", transfer_steps},
    {"previewTransfer", transfer_preview_steps},
    {"reduceScope", scope_reduction_steps},
    {"changeEdition", edition_change_steps},
    {"getClaims", claims_steps},
    {"getMarkRights", mark_rights_steps},
    {"freezeCarryForward", carry_freeze_steps},
    {"getCarryForward", carry_get_steps},
    {"listCarriedItems", carry_list_steps},
    {"reviewCarriedItems", carry_review_steps},
    {"listMarkUses", mark_use_list_steps},
    {"getMarkUse", mark_use_get_steps},
    {"createMarkUse", mark_use_create_steps},
    {"updateMarkUse", mark_use_update_steps},
    {"deleteMarkUse", mark_use_delete_steps},
    {"getGates", gates_steps},
    {"listGlossary", glossary_steps},
    {"listLabels", labels_steps},
    {"exportPortfolio", portfolio_export_steps},
    {"getWorkload", portfolio_workload_steps},
    {"updatePolicies", update_policies},
    {"getEffectivePolicies", get_effective_policies},
    {"calculate*", calculation_steps},
    {"createCertificationBody", body_create_steps},
    {"updateCertificationBody", body_update_steps},
    {"listQuotes", quote_list_steps},
    {"getQuote", quote_get_steps},
    {"createQuote", quote_create_steps},
    {"updateQuote", quote_update_steps},
    {"deleteQuote", quote_delete_steps},
    {"chooseQuote", quote_choose_steps},
    {"compareQuotes", quote_compare_steps},
    {"getAuditDayEstimate", estimate_steps},
    {"createCampaign", campaign_create_steps},
    {"updateCampaign", campaign_update_steps},
    {"deleteCampaign", campaign_delete_steps},
    {"listCampaignCertifications", campaign_certifications_steps},
    {"getCampaignCertification", campaign_certification_steps},
    {"updateCampaignCertification", campaign_step_steps},
    {"getCampaignImpact", campaign_impact_steps},
    {"getAudit", audit_get_steps},
    {"createAudit", audit_create_steps},
    {"updateAudit", audit_update_steps},
    {"deleteAudit", audit_delete_steps},
    {"createAuditSlot", slot_create_steps},
    {"updateAuditSlot", slot_update_steps},
    {"deleteAuditSlot", slot_delete_steps},
    {"proposeSlots", slot_propose_steps},
    {"acceptSlots", slot_accept_steps},
    {"createAuditTeamMember", team_create_steps},
    {"updateAuditTeamMember", team_update_steps},
    {"deleteAuditTeamMember", team_delete_steps},
    {"objectToTeamMember", team_object_steps},
    {"createAbsence", absence_create_steps},
    {"updateAbsence", absence_update_steps},
    {"findFreeTimes", availability_steps},
    {"listAuditKinds", audit_kind_steps},
    {"createFinding", finding_create_steps},
    {"updateFinding", finding_update_steps},
    {"deleteFinding", finding_delete_steps},
    {"orderFollowUpAudit", follow_up_of_audit_steps},
    {"orderFindingFollowUp", follow_up_of_finding_steps},
    {"verifyFindings", verify_findings_steps},
    {"createObligation", obligation_create_steps},
    {"updateObligation", obligation_update_steps},
    {"deleteObligation", obligation_delete_steps},
    {"adoptDefaultObligations", obligation_defaults_steps},
    {"createObligationFulfilment", fulfilment_create_steps},
    {"deleteObligationFulfilment", fulfilment_delete_steps},
    {"listChanges", change_list_steps},
    {"getChange", change_get_steps},
    {"createChange", change_create_steps},
    {"approveChange", change_approve_steps},
    {"updateChange", change_update_steps},
    {"deleteChange", change_delete_steps},
    {"createDeadline", deadline_create_steps},
    {"updateDeadline", deadline_update_steps},
    {"deleteDeadline", deadline_delete_steps},
    {"listCalendar", calendar_list_steps},
    {"listClientCalendar", calendar_list_steps},
    {"getCalendarDays", calendar_days_steps},
    {"getClientCalendarDays", calendar_days_steps},
    {"getCalendarMonths", calendar_months_steps},
    {"listBusySeason", busy_season_steps},
    {"createCalendarFeed", feed_create_steps},
    {"updateCalendarFeed", feed_update_steps},
    {"rotateCalendarFeed", feed_rotate_steps},
    {"readCalendarFeed", feed_read_steps},
    {"getAuditInvitation", invitation_steps},
    {"createEffortEntry", effort_entry_create_steps},
    {"updateEffortEntry", effort_entry_update_steps},
    {"deleteEffortEntry", effort_entry_delete_steps},
    {"getEffortForecast", effort_forecast_steps},
    {"createPlanTemplate", plan_template_create_steps},
    {"updatePlanTemplate", plan_template_update_steps},
    {"createBackPlan", back_plan_create_steps},
    {"deleteBackPlan", back_plan_delete_steps},
    {"takePlanBaseline", back_plan_baseline_steps},
    {"makeTemplateOfPlan", back_plan_template_steps},
    {"previewSlip", plan_slip_preview_steps},
    {"slipPlanTask", plan_slip_steps},
    {"getPlanForecast", plan_forecast_steps},
    {"replanBackPlan", plan_replan_steps},
    {"createPlanTask", plan_task_create_steps},
    {"updatePlanTask", plan_task_update_steps},
    {"deletePlanTask", plan_task_delete_steps},
    {"exportEffort", effort_export_steps},
    {"invoiceEffort", effort_invoice_steps},
    {"releaseEffort", effort_release_steps},
    {0},
};

static const struct job *const jobs[] = {&refresh_plans_job, &refresh_campaigns_job,
                                         NULL};

const struct service scheduling_service = {
    .name = "scheduling", .handlers = handlers, .jobs = jobs, .init = feeds_init};
