/* The operations of registers that are more than one statement. */
#include "service.h"

#include "assets.h"
#include "checks.h"
#include "deadlines.h"
#include "evidence.h"
#include "internal_audits.h"
#include "packs.h"
#include "questionnaires.h"
#include "risks.h"
#include "suggestions.h"

/* A plain register of which a day falls due. */
#define DUE_REGISTER(name, Name, entity)                                                 \
    static const struct step create_##name[] = {{.compute = register_past},              \
                                                {.compute = register_new},               \
                                                {.sql = "insert" Name},                  \
                                                {.sql = entity "Deadlines"},             \
                                                STORE_DEADLINES,                         \
                                                {.sql = "get" Name},                     \
                                                {0}};                                    \
    static const struct step update_##name[] = {                                         \
        {.compute = register_past},  {.sql = "change" Name},                             \
        {.sql = entity "Deadlines"}, STORE_DEADLINES,                                    \
        {.sql = "get" Name},         {0}};                                               \
    static const struct step delete_##name[] = {                                         \
        {.sql = entity "Deadlines", .optional = true},                                   \
        STORE_DEADLINES,                                                                 \
        {.sql = "remove" Name},                                                          \
        {0}}

#define DUE_HANDLERS(name, Name)                                                         \
    {"create" Name, create_##name}, {"update" Name, update_##name},                      \
    {                                                                                    \
        "delete" Name, delete_##name                                                     \
    }

DUE_REGISTER(corrective_action, "CorrectiveAction", "correctiveAction");
DUE_REGISTER(incident, "Incident", "incident");
DUE_REGISTER(objective, "Objective", "objective");
DUE_REGISTER(measurement, "Measurement", "objective");
DUE_REGISTER(competence_record, "CompetenceRecord", "competenceRecord");
DUE_REGISTER(training, "Training", "training");
DUE_REGISTER(legal_requirement, "LegalRequirement", "legalRequirement");
DUE_REGISTER(task, "Task", "task");
DUE_REGISTER(supplier, "Supplier", "supplier");
DUE_REGISTER(supplier_contract, "SupplierContract", "supplierContract");
DUE_REGISTER(supplier_condition, "SupplierCondition", "supplierCondition");

/* ---- catalogues: what a consultancy adds refers to what exists ---- */

static const struct step create_extension[] = {
    {.sql = "catalogueExtensionProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "insertCatalogueExtension"},
    {0},
};
static const struct step update_extension[] = {
    {.sql = "catalogueExtensionProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "changeCatalogueExtension"},
    {0},
};
static const struct step delete_extension[] = {
    {.sql = "deleteCatalogueExtensionProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "removeCatalogueExtension"},
    {0},
};

/* ---- treatments: their texts are the client's rules, kept revision by revision ---- */

static const struct step create_treatment[] = {
    {.compute = register_past},
    {.compute = register_new},
    {.sql = "treatmentProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "insertTreatment"},
    {.sql = "keepTreatmentRevision"},
    {.sql = "treatmentDeadlines"},
    STORE_DEADLINES,
    {.sql = "getTreatment"},
    {0},
};
static const struct step update_treatment[] = {
    {.compute = register_past},
    {.sql = "treatmentProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "changeTreatment"},
    {.sql = "keepTreatmentRevision"},
    {.sql = "treatmentDeadlines"},
    STORE_DEADLINES,
    {.sql = "getTreatment"},
    {0},
};
static const struct step delete_treatment[] = {
    {.sql = "treatmentDeadlines", .optional = true},
    STORE_DEADLINES,
    {.sql = "dropTreatmentRevisions", .optional = true},
    {.sql = "removeTreatment"},
    {0},
};
static const struct step approve_treatment[] = {
    {.sql = "approveTreatmentProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "approveTreatmentRevision"},
    {.sql = "keepTreatmentRevision"},
    {.sql = "treatmentDeadlines"},
    STORE_DEADLINES,
    {.sql = "getTreatment"},
    {0},
};

/* ---- evidence ---- */

static const struct step put_content[] = {
    {.sql = "getEvidence"},
    {.sql = "putEvidenceContentProblems", .optional = true},
    {.compute = register_judge},
    {.offload = evidence_read},
    {.sql = "dropBlob", .optional = true},
    {.sql = "storeBlob"},
    {.sql = "storeContent"},
    {0},
};
static const struct step get_content[] = {
    {.sql = "loadBlob"}, {.offload = evidence_write}, {0}};
static const struct step delete_evidence[] = {
    {.sql = "getEvidence"},
    {.sql = "deleteEvidenceProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "dropBlob", .optional = true},
    {.sql = "dropEvidenceLinks", .optional = true},
    {.sql = "removeEvidence"},
    {0},
};
static const struct step create_link[] = {
    {.sql = "getEvidence"},
    {.sql = "createEvidenceLinkProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "insertEvidenceLink"},
    {0},
};

/* ---- questionnaires ---- */

static const struct step create_questionnaire[] = {
    {.sql = "supplierQuestionnaireProblems", .optional = true},
    {.compute = register_judge},
    {.compute = register_new},
    {.compute = questionnaire_secret},
    {.sql = "insertSupplierQuestionnaire"},
    {.sql = "setQuestionnaireToken"},
    {0},
};
static const struct step update_questionnaire[] = {
    {.sql = "supplierQuestionnaireProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "changeSupplierQuestionnaire"},
    {0},
};
static const struct step reopen_questionnaire[] = {
    {.sql = "getSupplierQuestionnaire"},
    {.sql = "supplierQuestionnaireProblems", .optional = true},
    {.compute = register_judge},
    {.compute = questionnaire_secret},
    {.sql = "reopenQuestionnaire"},
    {.sql = "setQuestionnaireToken"},
    {0},
};
static const struct step reuse_answers[] = {
    {.sql = "getSupplier"},
    {.sql = "reuseSupplierAnswersProblems", .optional = true},
    {.compute = register_judge},
    {.compute = register_new},
    {.sql = "reuseAnswers"},
    {.sql = "storeSupplierScore"},
    {.sql = "getSupplierQuestionnaire"},
    {0},
};

#define BEHIND_THE_LINK                                                                  \
    {.compute = questionnaire_hash}, {.sql = "findQuestionnaire", .optional = true},     \
        {.offload = questionnaire_assume},                                               \
    {                                                                                    \
        .sql = "openQuestionnaire"                                                       \
    }

static const struct step open_questionnaire[] = {
    BEHIND_THE_LINK, {.compute = questionnaire_answer}, {0}};
static const struct step save_questionnaire[] = {
    BEHIND_THE_LINK,
    {.compute = questionnaire_keep},
    {.sql = "keepAnswers"},
    {.sql = "openQuestionnaire"},
    {.compute = questionnaire_answer},
    {0},
};
static const struct step submit_questionnaire[] = {
    BEHIND_THE_LINK,
    {.compute = questionnaire_submit},
    {.sql = "submitAnswers"},
    {.sql = "storeSupplierScore"},
    {.sql = "openQuestionnaire"},
    {.compute = questionnaire_answer},
    {0},
};

/* ---- requirements and the statement of applicability ---- */

static const struct step update_requirement[] = {{.compute = register_past},
                                                 {.sql = "storeRequirement"},
                                                 {.sql = "getRequirement"},
                                                 {0}};
static const struct step bulk_requirements[] = {
    {.sql = "bulkRequirementsProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "storeRequirements"},
    {.sql = "getCoverage"},
    {0},
};
static const struct step start_review[] = {
    {.sql = "startRequirementReview", .optional = true}, {.sql = "getCoverage"}, {0}};
static const struct step create_soa[] = {
    {.sql = "createSoaVersionProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "insertSoaVersion"},
    {0},
};
static const struct step approve_soa[] = {
    {.sql = "approveSoaProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "approveSoaVersion"},
    {.sql = "noteSoaApproval", .optional = true},
    {.sql = "getSoaVersion"},
    {0},
};
static const struct step delete_soa[] = {
    {.sql = "deleteSoaVersionProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "deleteSoaVersion"},
    {0},
};

DUE_REGISTER(review_decision, "ReviewDecision", "reviewDecision");

static const struct handler handlers[] = {
    DUE_HANDLERS(review_decision, "ReviewDecision"),
    {"createInternalAudit", create_internal_audit},
    {"updateInternalAudit", update_internal_audit},
    {"deleteInternalAudit", delete_internal_audit},
    {"createInternalAuditor", create_internal_auditor},
    {"generateChecklist", generate_checklist},
    {"raiseAuditActions", raise_actions},
    {"createManagementReview", create_review},
    {"updateManagementReview", update_review},
    {"deleteManagementReview", delete_review},
    {"gatherReviewInputs", gather_inputs},
    {"approveManagementReview", approve_review},
    {"createPack", create_pack},
    {"publishPackVersion", publish_pack},
    {"makePackOfClient", make_pack_of_client},
    {"applyPack", apply_pack},
    {"copyClient", copy_client},
    {"getPackDifference", get_pack_difference},
    {"takePackItems", take_pack_items},
    {"acceptSuggestions", suggestions_accept},
    {"declineSuggestions", suggestions_decline},
    {"reopenSuggestions", suggestions_reopen},
    {"acceptTreatmentSuggestions", suggestions_accept_treatments},
    {"declineTreatmentSuggestions", suggestions_decline_treatments},
    {"reopenTreatmentSuggestions", suggestions_reopen_treatments},
    {"createRisk", create_risk},
    {"updateRisk", update_risk},
    {"deleteRisk", delete_risk},
    {"acceptRisk", accept_risk},
    {"withdrawRiskAcceptance", withdraw_risk_acceptance},
    {"updateRiskCriteria", update_risk_criteria},
    {"resetRiskCriteria", reset_risk_criteria},
    {"previewRiskCriteria", preview_risk_criteria},
    {"updateDefaultRiskCriteria", update_default_risk_criteria},
    {"updateRequirement", update_requirement},
    {"bulkRequirements", bulk_requirements},
    {"startRequirementReview", start_review},
    {"createSoaVersion", create_soa},
    {"approveSoa", approve_soa},
    {"deleteSoaVersion", delete_soa},
    {"createCatalogueExtension", create_extension},
    {"updateCatalogueExtension", update_extension},
    {"deleteCatalogueExtension", delete_extension},
    DUE_HANDLERS(supplier, "Supplier"),
    DUE_HANDLERS(supplier_contract, "SupplierContract"),
    DUE_HANDLERS(supplier_condition, "SupplierCondition"),
    {"createSupplierQuestionnaire", create_questionnaire},
    {"updateSupplierQuestionnaire", update_questionnaire},
    {"reopenSupplierQuestionnaire", reopen_questionnaire},
    {"reuseSupplierAnswers", reuse_answers},
    {"openQuestionnaire", open_questionnaire},
    {"saveQuestionnaire", save_questionnaire},
    {"submitQuestionnaire", submit_questionnaire},
    {"putEvidenceContent", put_content},
    {"getEvidenceContent", get_content},
    {"deleteEvidence", delete_evidence},
    {"createEvidenceLink", create_link},
    DUE_HANDLERS(treatment, "Treatment"),
    {"approveTreatment", approve_treatment},
    DUE_HANDLERS(asset, "Asset"),
    {"bulkAssets", bulk_assets},
    {"importAssets", import_assets},
    {"exportAssets", export_assets},
    {"updateClassifications", update_classifications},
    {"resetClassifications", reset_classifications},
    {"updateDefaultClassifications", update_default_classifications},
    {"updateAssetGroup", update_asset_group},
    {"deleteAssetGroup", delete_asset_group},
    DUE_HANDLERS(corrective_action, "CorrectiveAction"),
    DUE_HANDLERS(incident, "Incident"),
    DUE_HANDLERS(objective, "Objective"),
    DUE_HANDLERS(measurement, "Measurement"),
    DUE_HANDLERS(competence_record, "CompetenceRecord"),
    DUE_HANDLERS(training, "Training"),
    DUE_HANDLERS(legal_requirement, "LegalRequirement"),
    DUE_HANDLERS(task, "Task"),
    {0},
};

const struct service registers_service = {.name = "registers", .handlers = handlers};
