/* What gates and their items are called, which rule stands behind each and what to do next, in both languages. */
#include "services/scheduling/gates.h"

#include "services/scheduling/rules/rule.h"

static const struct {
    const char *name, *ja, *en, *rule;
} gates[GATE_KINDS] = {
    [GATE_OF_STAGE1] = {"stage1", "第一段階審査", "Stage 1 audit", "INI-01"},
    [GATE_OF_STAGE2] = {"stage2", "第二段階審査", "Stage 2 audit", "INI-01"},
    [GATE_OF_DECISION] = {"certification_decision", "認証の決定",
                          "Certification decision", "INI-03"},
    [GATE_OF_SURVEILLANCE] = {"next_surveillance", "次回サーベイランス審査",
                              "Next surveillance audit", "SUR-08"},
    [GATE_OF_RECERTIFICATION] = {"recertification", "再認証の決定",
                                 "Recertification decision", "REC-02"},
};

static const char *const statuses[] = {
    [GATE_NOT_APPLICABLE] = "not_applicable",
    [GATE_PASS] = "pass",
    [GATE_NOT_YET] = "not_yet",
    [GATE_BLOCKED] = "blocked",
};

static const struct {
    const char *ja, *en;
} whys[GATE_WHYS] = {
    [GATE_AUDIT_WAS_HELD] = {"この審査は実施済みです。", "This audit has been held."},
    [GATE_BEFORE_CERTIFICATE] = {"認証を取得した後の手続きです。",
                                 "This comes after the certificate."},
    [GATE_WAS_DECIDED] = {"認証は決定済みです。", "The certification has been decided."},
    [GATE_NO_SURVEILLANCE_LEFT] =
        {"このサイクルのサーベイランス審査は残っていません。次は再認証です。",
         "No surveillance audit is left in this cycle; recertification comes next."},
    [GATE_SCHEME_HAS_NONE] = {"この認証スキームにはありません。",
                              "This scheme has no such step."},
    [GATE_HAS_EXPIRED] = {"登録証は失効しています。復帰は再認証の手続きで行います。",
                          "The certificate has expired; it is restored by the "
                          "recertification."},
    [GATE_ADDED_TO_ISMS] =
        {"アドオン認証はISMSのサーベイランス審査または再認証審査で追加できるため、不要で"
         "す。",
         "An add-on can be granted at a surveillance or recertification audit of its "
         "ISMS and needs no stage of its own."},
    [GATE_WAS_WITHDRAWN] = {"認証は取り消されています。",
                            "The certification is withdrawn."},
};

/* what = before + subject + after */
static const struct {
    const char *name, *rule, *clause; /* clause: beside the rule's source */
    const char *ja_before, *ja_after, *en_before, *en_after;
    const char *next_ja, *next_en;
} codes[GATE_CODES] = {
    [GATE_NEEDS_SCOPE] = {"scope", "INI-03", "ISO/IEC 27001:2022 4.3", "適用範囲の決定",
                          "", "A defined scope", "",
                          "適用範囲を決め、その日付を認証に記録してください。",
                          "Define the scope and record its date on the certification."},
    [GATE_NEEDS_RISK_ASSESSMENT] =
        {"risk_assessment", "INI-03", "ISO/IEC 27001:2022 6.1.2, 8.2",
         "リスクアセスメントの実施", "", "A finished risk assessment", "",
         "リスクアセスメントを終え、その日付を認証に記録してください。",
         "Finish the risk assessment and record its date on the certification."},
    [GATE_NEEDS_SOA] = {"soa", "INI-03", "ISO/IEC 27001:2022 6.1.3 d)",
                        "適用宣言書の承認", "", "An approved statement of applicability",
                        "", "適用宣言書を承認し、その日付を認証に記録してください。",
                        "Approve the statement of applicability and record its date on "
                        "the certification."},
    [GATE_NEEDS_INTERNAL_AUDIT] =
        {"internal_audit", "SUR-08", "ISO/IEC 27001:2022 9.2", "", "内部監査",
         "An internal audit", "", "内部監査を計画して実施し、実施日を記録してください。",
         "Plan and hold the internal audit, then record its day."},
    [GATE_NEEDS_MANAGEMENT_REVIEW] =
        {"management_review", "SUR-08", "ISO/IEC 27001:2022 9.3", "",
         "マネジメントレビュー", "A management review", "",
         "マネジメントレビューを実施し、実施日を記録してください。",
         "Hold the management review, then record its day."},
    [GATE_NEEDS_BOOKING] =
        {"audit_booking", "PLN-05", NULL, "", "の日程の予約", "A booking of the ", "",
         "認証機関と審査日を決め、予定日と状態を審査に記録してください。",
         "Agree the dates with the certification body and record "
         "them and the status on the audit."},
    [GATE_NEEDS_EARLIER_BOOKING] =
        {"booking_after_limit", "SUR-03", NULL, "", "の期限内の日程", "A date of the ",
         " within its last possible day",
         "予約した日程は期限の後です。認証機関と期限内の日程に変更してください。",
         "The booked dates lie behind the limit: agree earlier ones with the "
         "certification body."},
    [GATE_NEEDS_STAGE_GAP] =
        {"stage_gap_too_short", "INI-02", NULL, "", "までの間隔",
         "Enough days before the ", "",
         "第一段階審査の指摘に対応できる日程へ、第二段階審査の予約を後ろにずらしてくださ"
         "い。",
         "Move the booking of stage 2 so that what stage 1 raised can be resolved."},
    [GATE_NEEDS_STAGE1] = {"stage1", "INI-01", NULL, "", "の実施", "The ", "",
                           "第一段階審査を受け、実施日を記録してください。",
                           "Hold stage 1 and record its day."},
    [GATE_NEEDS_STAGE1_AGAIN] =
        {"stage1_too_old", "INI-02", NULL, "有効な第一段階審査の結果", "",
         "A stage 1 audit that is still valid", "",
         "第一段階審査から間隔が空きすぎました。全部または一部のやり直しを認証機関に確認"
         "してくだ"
         "さい。",
         "Stage 1 lies too far back: ask the certification body whether to repeat it in "
         "whole or part."},
    [GATE_NEEDS_CONCERN_SOLVED] =
        {"stage1_concern", "INI-04", NULL, "第一段階審査の懸念事項", "の解消",
         "Resolution of stage 1 concern", "",
         "懸念事項に対応し、所見に完了日を記録してください。",
         "Resolve the concern and record the closing day on the finding."},
    [GATE_NEEDS_STAGE2] = {"stage2", "INI-01", NULL, "", "の実施", "The ", "",
                           "第二段階審査を受け、実施日を記録してください。",
                           "Hold stage 2 and record its day."},
    [GATE_NEEDS_STAGE2_AGAIN] =
        {"new_stage2", "NC-02", NULL, "第二段階審査のやり直し", "",
         "Another stage 2 audit", "",
         "重大な不適合が6か月以内に検証されませんでした。第二段階審査をもう一度受けてくだ"
         "さい。",
         "A major was not verified within six months: hold another stage 2 audit."},
    [GATE_NEEDS_RECOMMENDATION] =
        {"recommendation", "INI-01", NULL, "認証の推薦", "",
         "The recommendation for certification", "",
         "審査チームの推薦を受けたら、認証の状態を recommended に進めてください。",
         "When the audit team recommends certification, move the state to recommended."},
    [GATE_NEEDS_MAJOR_VERIFIED] =
        {"major_unverified", "NC-01", NULL, "重大な不適合", "の修正と是正処置の検証",
         "Verification of major nonconformity", "",
         "修正と是正処置を行い、認証機関の検証を受けて検証日を所見に記録してください。",
         "Correct, remove the cause, have the body verify it and record that day on the "
         "finding."},
    [GATE_NEEDS_MINOR_PLAN] =
        {"minor_plan_missing", "NC-01", NULL, "軽微な不適合", "の是正処置計画の受理",
         "An accepted plan for minor nonconformity", "",
         "是正処置計画を認証機関に提出し、受理された日を所見に記録してください。",
         "Send the corrective action plan to the body and record the day it was accepted "
         "on the finding."},
    [GATE_NEEDS_MINOR_CLOSED] =
        {"minor_open", "NC-01", NULL, "軽微な不適合", "の完了",
         "Closing of minor nonconformity", "",
         "この認証機関は完了まで求めます。是正を終え、完了日を所見に記録してください。",
         "This body wants it closed: finish the corrective action and record the closing "
         "day on the finding."},
    [GATE_NEEDS_AUDIT_IN_TIME] =
        {"hard_limit_passed", "SUR-03", NULL, "", "の期限内の実施", "The ",
         " within its last possible day",
         "規格の期限を過ぎました。直ちに認証機関に連絡し、一時停止を避ける手段を相談して"
         "ください"
         "。",
         "The limit of the standard has passed: contact the certification body at once "
         "about how to avoid a suspension."},
    [GATE_NEEDS_RECERTIFICATION_AUDIT] =
        {"recertification_audit", "REC-01", NULL, "", "の実施", "The ", "",
         "再認証審査を有効期限より十分前に受け、実施日を記録してください。",
         "Hold the recertification audit well before the expiry and record its day."},
    [GATE_NEEDS_RESTORATION] =
        {"suspended", "SUS-01", NULL, "一時停止の解消", "", "An end of the suspension",
         "", "停止の原因を解消し、認証機関の復帰の決定を受けてください。",
         "Remove the reason of the suspension and have the certification body lift it."},
    [GATE_NEEDS_NEW_INITIAL_AUDIT] =
        {"restoration_too_late", "REC-06", NULL, "復帰できる期間内の再認証", "",
         "A recertification within the time for restoration", "",
         "復帰できる期間を過ぎました。少なくとも第二段階審査から取り直してください。",
         "The time for restoration has passed: start again, at least with a stage 2 "
         "audit."},
    [GATE_NEEDS_CERTIFICATE_IN_FORCE] =
        {"certificate_expired", "REC-05", NULL, "有効な登録証", "",
         "A certificate in force", "",
         "登録証の有効期限が過ぎました。認証の表示を止め、再認証の手続きで復帰してくださ"
         "い。",
         "The certificate has expired: stop every claim and restore it by the "
         "recertification."},
    [GATE_NEEDS_EDITION_OPEN] =
        {"edition_open", "TRN-02", NULL, "審査を開始できる版", "",
         "An edition on which such an audit may still start", "",
         "ISO/IEC 27001:2013 "
         "の審査は2024年4月30日までに始める必要がありました。2022年版へ移行して"
         "ください。",
         "Audits on ISO/IEC 27001:2013 had to start by 2024-04-30: change to the 2022 "
         "edition."},
    [GATE_NEEDS_ISMS] =
        {"isms_in_force", "ADD-01", NULL, "前提となる有効なISMS認証", "",
         "The ISMS certification that the add-on stands on", "",
         "先にISMS認証を取得するか、有効な状態に戻してください。",
         "Obtain the ISMS certification first, or bring it back into force."},
    [GATE_NEEDS_ISMS_AUDIT] =
        {"isms_audit", "ADD-01", NULL,
         "12か月以内のISMSのサーベイランス審査または再認証審査での追加審査", "",
         "An ISMS surveillance or recertification audit within 12 months that looked at "
         "the add-on",
         "",
         "次のISMSの審査にあわせて追加の審査を受け、実施日を記録してください。なければ第"
         "一段階"
         "・第二段階審査を受けます。",
         "Have it looked at together with the next ISMS audit and record that audit's "
         "day; else hold stage 1 and stage 2."},
    [GATE_NEEDS_ISMS_RENEWED] =
        {"isms_recertified", "ADD-01", NULL, "ISMSの再認証", "",
         "The recertification of the ISMS", "",
         "アドオン認証はISMSの有効期限に従います。先にISMSを再認証してください。",
         "The add-on follows the expiry of its ISMS: recertify the ISMS first."},
    [GATE_NEEDS_RENEWAL] =
        {"pmark_renewal", "PMK-02", NULL, "プライバシーマークの更新", "",
         "The renewal of the PrivacyMark", "",
         "受付期間内に更新を申請し、付与適格性の決定を有効期限までに受けてください。",
         "Apply for renewal within the window and obtain the decision before the "
         "expiry."},
};

const char *gate_name(enum gate_kind kind)
{
    return gates[kind].name;
}

const char *gate_title(enum gate_kind kind, bool japanese)
{
    return japanese ? gates[kind].ja : gates[kind].en;
}

const char *gate_rule(enum gate_kind kind)
{
    return gates[kind].rule;
}

const char *gate_status_name(enum gate_status status)
{
    return statuses[status];
}

const char *gate_why_text(enum gate_why why, bool japanese)
{
    return japanese ? whys[why].ja : whys[why].en;
}

const char *gate_code_name(enum gate_code code)
{
    return codes[code].name;
}

const char *gate_item_clause(struct arena *arena, const struct gate_item *item)
{
    const struct rule *rule = rule_find(item->rule);
    const char *clause = codes[item->code].clause, *source = rule ? rule->source : "";
    return clause ? arena_printf(arena, "%s; %s", clause, source) : source;
}

const char *gate_code_rule(enum gate_code code)
{
    return codes[code].rule;
}

const char *gate_item_what(struct arena *arena, const struct gate_item *item,
                           bool japanese)
{
    return japanese ? arena_printf(arena, "%s%s%s", codes[item->code].ja_before,
                                   item->subject_ja, codes[item->code].ja_after)
                    : arena_printf(arena, "%s%s%s", codes[item->code].en_before,
                                   item->subject_en, codes[item->code].en_after);
}

const char *gate_code_next(enum gate_code code, bool japanese)
{
    return japanese ? codes[code].next_ja : codes[code].next_en;
}
