/* Internal audits and management reviews: what their operations do, in steps. */
#include "internal_audits.h"

#include "checks.h"
#include "deadlines.h"

/* ---- internal audits ---- */

const struct step create_internal_audit[] = {
    {.compute = register_new},         {.sql = "internalAuditProblems", .optional = true},
    {.compute = register_judge},       {.sql = "insertInternalAudit"},
    {.sql = "internalAuditDeadlines"}, STORE_DEADLINES,
    {.sql = "getInternalAudit"},       {0},
};
const struct step update_internal_audit[] = {
    {.sql = "internalAuditProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "changeInternalAudit"},
    {.sql = "noteReported", .optional = true},
    {.sql = "noteInternalAudit", .optional = true},
    {.sql = "internalAuditDeadlines"},
    STORE_DEADLINES,
    {.sql = "getInternalAudit"},
    {0},
};
const struct step delete_internal_audit[] = {
    {.sql = "internalAuditDeadlines", .optional = true},
    STORE_DEADLINES,
    {.sql = "removeInternalAudit"},
    {0},
};
const struct step create_internal_auditor[] = {
    {.sql = "getInternalAudit"},
    {.sql = "createInternalAuditorProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "insertInternalAuditor"},
    {0},
};
const struct step generate_checklist[] = {
    {.sql = "generateChecklistProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "generateChecklistItems", .optional = true},
    {.sql = "getInternalAuditReport"},
    {0},
};
const struct step raise_actions[] = {
    {.sql = "raiseCorrectiveActions", .optional = true},
    {.sql = "getInternalAuditReport"},
    {0},
};
/* ---- management reviews ---- */

const struct step create_review[] = {
    {.compute = register_past},
    {.compute = register_new},
    {.sql = "insertManagementReview"},
    {.sql = "managementReviewDeadlines"},
    STORE_DEADLINES,
    {.sql = "getManagementReview"},
    {0},
};
const struct step update_review[] = {
    {.compute = register_past},
    {.sql = "managementReviewProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "changeManagementReview"},
    {.sql = "managementReviewDeadlines"},
    STORE_DEADLINES,
    {.sql = "getManagementReview"},
    {0},
};
const struct step delete_review[] = {
    {.sql = "managementReviewProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "managementReviewDeadlines", .optional = true},
    STORE_DEADLINES,
    {.sql = "removeManagementReview"},
    {0},
};
const struct step gather_inputs[] = {
    {.sql = "managementReviewProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "gatherInputs"},
    {0},
};
const struct step approve_review[] = {
    {.sql = "approveManagementReviewProblems", .optional = true},
    {.compute = register_judge},
    {.sql = "approveReview"},
    {.sql = "noteManagementReview", .optional = true},
    {.sql = "getManagementReview"},
    {0},
};
