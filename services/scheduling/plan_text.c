/* What audits and deadlines are called, in both languages. */
#include "services/scheduling/plan_make.h"

#include <string.h>

static const struct {
    const char *name, *ja, *en;
} audits[PLAN_AUDIT_KINDS] = {
    [PLAN_STAGE1] = {"stage1", "第一段階審査", "stage 1 audit"},
    [PLAN_STAGE2] = {"stage2", "第二段階審査", "stage 2 audit"},
    [PLAN_SURVEILLANCE] = {"surveillance", "第1回サーベイランス審査",
                           "first surveillance audit"},
    [PLAN_RECERTIFICATION] = {"recertification", "再認証審査", "recertification audit"},
};

/* Title = before + subject + after. */
static const struct {
    const char *name;
    const char *ja_before, *ja_after;
    const char *en_before, *en_after;
} titles[DEADLINE_KINDS] = {
    [DEADLINE_TARGET_CERTIFICATE] = {"target_certificate", "登録証の取得目標日", "",
                                     "Target date of the certificate", ""},
    [DEADLINE_SCOPE] = {"scope", "適用範囲を定める", "", "Define the scope", ""},
    [DEADLINE_RISK_ASSESSMENT] = {"risk_assessment", "リスクアセスメントを終える", "",
                                  "Finish the risk assessment", ""},
    [DEADLINE_SOA] = {"soa", "適用宣言書を承認する", "",
                      "Approve the statement of applicability", ""},
    [DEADLINE_STAGE2_LATEST] = {"stage2_latest", "", "を始める期限",
                                "Latest start of the ", ""},
    [DEADLINE_AUDIT_BOOKING] = {"audit_booking", "", "の日程を認証機関と決める",
                                "Agree the date of the ", " with the certification body"},
    [DEADLINE_INTERNAL_AUDIT] = {"internal_audit", "", "の前に内部監査を終える",
                                 "Finish the internal audit before the ", ""},
    [DEADLINE_MANAGEMENT_REVIEW] = {"management_review", "",
                                    "の前にマネジメントレビューを実施する",
                                    "Hold the management review before the ", ""},
    [DEADLINE_SURVEILLANCE_AUDIT] = {"surveillance_audit", "", "を受ける期限",
                                     "Hold the ", ""},
    [DEADLINE_SURVEILLANCE_HARD_LIMIT] = {"surveillance_hard_limit", "",
                                          "の最終期限（規格の要求）",
                                          "Last possible day of the ",
                                          " (required by the standard)"},
    [DEADLINE_RECERTIFICATION_AUDIT] = {"recertification_audit", "", "を受ける期限",
                                        "Hold the ", ""},
    [DEADLINE_RECERTIFICATION_DECISION] =
        {"recertification_decision", "有効期限までに再認証の決定を受ける", "",
         "Recertification decision before the certificate "
         "expires",
         ""},
    [DEADLINE_RESTORE] = {"restore_deadline", "失効した認証を復帰できる最終日", "",
                          "Last day to restore the expired certification", ""},
    [DEADLINE_SUSPENSION_LIMIT] = {"suspension_limit", "認証の一時停止を解消する期限", "",
                                   "Resolve the suspension of the certification", ""},
    [DEADLINE_REMOVE_MARK] = {"remove_mark",
                              "認証マークと認証取得の表示をすべて取り下げる", "",
                              "Remove the certification mark and every claim of "
                              "certification",
                              ""},
    [DEADLINE_REMOVE_MARK_PART] =
        {"remove_mark", "適用範囲から外れた部分の認証マークと表示を取り下げる", "",
         "Remove the mark and every claim where the scope no longer reaches", ""},
    [DEADLINE_TRANSFER] = {"transfer_limit",
                           "認証機関の移転を終える（元の認証機関が認定を失ったため）", "",
                           "Transfer the certification to another body (the issuing body "
                           "lost its accreditation)",
                           ""},
    [DEADLINE_FINDING_PLAN] = {"finding_plan", "", "の是正処置計画を提出する",
                               "Submit the corrective action plan for the ", ""},
    [DEADLINE_FINDING_EVIDENCE] = {"finding_evidence", "", "の是正の証拠を提出する",
                                   "Submit the evidence of correction for the ", ""},
    [DEADLINE_MAJOR_VERIFICATION] = {"major_verification", "",
                                     "の是正が認証機関に検証される期限",
                                     "Verification by the certification body of the ",
                                     ""},
    [DEADLINE_FINDING_OWN_LIMIT] =
        {"finding_own_limit", "", "の是正の証拠をそろえる（自社の期限）",
         "Have the evidence ready for the ",
         " (own deadline, before the certification body verifies)"},
    [DEADLINE_MINOR_CLOSURE] = {"minor_closure", "", "を完了する期限", "Close the ", ""},
    [DEADLINE_NEW_STAGE2] = {"new_stage2", "第二段階審査をやり直す", "",
                             "Hold another stage 2 audit", ""},
    [DEADLINE_CHANGE_NOTICE] = {"change_notice", "", "を認証機関へ届け出る",
                                "Tell the certification body about the ", ""},
    [DEADLINE_CHANGE_AUDIT] = {"change_audit", "", "について審査を受ける期限",
                               "Hold an audit that looks at the ", ""},
    [DEADLINE_PMARK_OPEN] = {"pmark_renewal_open", "プライバシーマーク更新申請の受付開始",
                             "", "PrivacyMark renewal applications open", ""},
    [DEADLINE_PMARK_CLOSE] = {"pmark_renewal_close", "プライバシーマーク更新申請の締切",
                              "", "PrivacyMark renewal applications close", ""},
    [DEADLINE_EDITION_END] = {"edition_end", "ISO/IEC 27001:2013 認証の終了", "",
                              "ISO/IEC 27001:2013 certificates end", ""},
    [DEADLINE_TRAINING] = {"training", "", "の前に教育を実施する",
                           "Hold the training before the ", ""},
    [DEADLINE_RISK_REVIEW] = {"risk_review", "", "の前にリスクアセスメントを見直す",
                              "Review the risk assessment before the ", ""},
    [DEADLINE_SUPPLIER_REASSESSMENT] = {"supplier_reassessment", "",
                                        "の前に委託先を再評価する",
                                        "Reassess the suppliers before the ", ""},
    [DEADLINE_OBJECTIVE_REVIEW] = {"objective_review", "",
                                   "の前に情報セキュリティ目的の達成度を評価する",
                                   "Review the security objectives before the ", ""},
    [DEADLINE_ACCESS_REVIEW] = {"access_review", "", "の前にアクセス権を見直す",
                                "Review access rights before the ", ""},
    [DEADLINE_ASSET_REVIEW] = {"asset_review", "", "の前に資産目録を見直す",
                               "Review the asset inventory before the ", ""},
    [DEADLINE_CONTEXT_REVIEW] = {"context_review", "",
                                 "の前に課題と利害関係者の要求を見直す",
                                 "Review issues and interested parties before the ", ""},
    [DEADLINE_DOCUMENT_REVIEW] = {"document_review", "", "の前に規程類を見直す",
                                  "Review policies and documents before the ", ""},
    [DEADLINE_BCP_EXERCISE] = {"bcp_exercise", "", "の前に事業継続の演習を実施する",
                               "Hold the business continuity exercise before the ", ""},
    [DEADLINE_LEGAL_REVIEW] = {"legal_review", "", "の前に法令・契約上の要求事項を見直す",
                               "Review legal and contractual requirements before the ",
                               ""},
    [DEADLINE_OBLIGATION] = {"obligation", "", "", "", ""},
};

static const struct {
    const char *scheme, *label;
} labels[] = {
    {"iso27017-jp", "ISO/IEC 27017"},
    {"iso27017-2026", "ISO/IEC 27017:2026"},
    {"iso27701-2019", "ISO/IEC 27701:2019"},
    {"iso27701-2025", "ISO/IEC 27701:2025"},
};

const char *plan_deadline_name(enum plan_deadline_kind kind)
{
    return titles[kind].name;
}

const char *plan_audit_name(enum plan_audit_kind kind)
{
    return audits[kind].name;
}

const char *plan_audit_ja(const struct plan_audit *audit)
{
    if (audit->kind == PLAN_SURVEILLANCE && audit->ordinal == 2)
        return "第2回サーベイランス審査";
    if (audit->kind == PLAN_STAGE2 && audit->ordinal == 2)
        return "再度の第二段階審査";
    return audits[audit->kind].ja;
}

const char *plan_audit_en(const struct plan_audit *audit)
{
    if (audit->kind == PLAN_SURVEILLANCE && audit->ordinal == 2)
        return "second surveillance audit";
    if (audit->kind == PLAN_STAGE2 && audit->ordinal == 2)
        return "repeated stage 2 audit";
    return audits[audit->kind].en;
}

static const char *label_of(const char *scheme)
{
    for (size_t i = 0; scheme && i < sizeof labels / sizeof *labels; i++) {
        if (strcmp(labels[i].scheme, scheme) == 0)
            return labels[i].label;
    }
    return NULL;
}

void plan_title(const struct plan *plan, struct plan_deadline *deadline,
                const char *subject_ja, const char *subject_en)
{
    enum plan_deadline_kind kind = deadline->kind;
    const char *label = label_of(plan->facts->certification.scheme_name);
    deadline->title_ja = arena_printf(
        plan->arena, "%s%s%s%s%s%s", titles[kind].ja_before, subject_ja ? subject_ja : "",
        titles[kind].ja_after, label ? "（" : "", label ? label : "", label ? "）" : "");
    deadline->title_en = arena_printf(
        plan->arena, "%s%s%s%s%s%s", titles[kind].en_before, subject_en ? subject_en : "",
        titles[kind].en_after, label ? " (" : "", label ? label : "", label ? ")" : "");
}
