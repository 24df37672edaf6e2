/* What one audit shows beside its row: warnings, the steps it may take, and the transition of the certification that it leads to. */
#ifndef MEGURI_SCHEDULING_AUDIT_DETAIL_H
#define MEGURI_SCHEDULING_AUDIT_DETAIL_H

#include "api/request.h"
#include "services/scheduling/plan_facts.h"

/* From loadPlanFacts and loadAuditState to :warnings, :allowed_statuses and :transition_proposal for getAudit. */
bool audit_detail(struct request *rq);

/* One audit with what its warnings are made of. */
struct audit_view {
    struct request *rq;
    const struct rows *rows; /* of loadAuditState */
    struct plan_facts facts;
    struct civil first, last; /* planned; CIVIL_NONE: not yet */
    json_t *warnings;
};

const char *view_text(const struct audit_view *view, const char *name); /* NULL = null */
bool view_true(const struct audit_view *view, const char *name);
struct civil view_date(const struct audit_view *view, const char *name);

/* {code, rule, message_ja, message_en}; the messages take one text, which may be "". */
void audit_warn(struct audit_view *view, const char *code, const char *rule,
                const char *format_ja, const char *format_en, const char *text);

/* audit_cautions.c */
void audit_warn_days(struct audit_view *view);
void audit_warn_plan(struct audit_view *view);

#endif
