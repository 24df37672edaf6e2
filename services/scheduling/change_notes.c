/* Warnings, offers and remarks about changes. */
#include "services/scheduling/change_texts.h"

#include <stddef.h>

/* CHG-06: what to ask about. */
static const struct change_text questions[CHANGE_FAMILIES] = {
    [CHANGE_ON_PAPER] = {"会社名、登記上の所在地、連絡先が変わる予定はありますか。",
                         "Will the name, the registered address or the contact change?"},
    [CHANGE_MOVE] = {"事業所を移す予定はありますか。賃貸契約を結んだ時点で知らせて"
                     "ください。",
                     "Will an office move? Tell us as soon as the lease is signed."},
    [CHANGE_GROWTH] =
        {"新しい拠点・部門・サービス、合併など、適用範囲に加わるものはありますか。",
         "Is anything new to come into the scope: a site, a department, a service, a "
         "merger?"},
    [CHANGE_SHRINKING] =
        {"閉じる拠点、やめるサービス、分割など、適用範囲から外れるものはありますか。",
         "Does anything leave the scope: a site, a service, a part of the company?"},
    [CHANGE_HEAD_COUNT] = {"適用範囲で働く人数は大きく変わりましたか。",
                           "Has the number of persons in the scope changed much?"},
    [CHANGE_REVIEW] =
        {"経営者、組織、主要な委託先やクラウド、働き方に変わりはありますか。",
         "Has anything changed in management, organization, main supplier or cloud, or "
         "the way of working?"},
    [CHANGE_INCIDENT] = {"重大な情報セキュリティインシデントはありましたか。",
                         "Was there a serious information security incident?"},
};

const struct change_text *change_question(enum change_family family)
{
    return &questions[family];
}

static const struct {
    const char *code;
    struct change_text text;
} warnings[MOVE_WARNINGS] = {
    [MOVE_WARNING_NONE] = {NULL, {"", ""}},
    [MOVE_WARNING_BETWEEN_STAGES] =
        {"MOVE_BETWEEN_STAGES",
         {"第一段階審査と第二段階審査の間の移転です。第一段階審査の全部又は一部をやり直す"
          "ことがあります（CHG-04、INI-02）。",
          "The move falls between stage 1 and stage 2: all or part of stage 1 may be "
          "repeated (CHG-04, INI-02)."}},
    [MOVE_WARNING_SOON_AFTER_AUDIT] =
        {"MOVE_SOON_AFTER_AUDIT",
         {"審査の直後の移転です。認証を受けたばかりでも、移転審査の費用がもう一度かかる"
          "ことがあります（CHG-05）。",
          "The move falls right after the audit: a relocation audit may have to be paid "
          "so soon after the certification (CHG-05)."}},
    [MOVE_WARNING_STAGE1_UNKNOWN] =
        {"STAGE1_UNKNOWN",
         {"第一段階審査の日が記録されていないため、移転が二つの審査の間かどうかを判断でき"
          "ません。stage1_last_day を入力してください。",
          "The day of stage 1 is not recorded, so it can not be judged whether the move "
          "falls between the stages. Enter stage1_last_day."}},
    [MOVE_WARNING_STAGE2_UNKNOWN] =
        {"STAGE2_UNKNOWN",
         {"第二段階審査の日が分からないため、移転が審査の前か後かを判断できません。"
          "stage2_last_day か審査の予定日を入力してください。",
          "The day of stage 2 is not known, so it can not be judged on which side of it "
          "the move falls. Enter stage2_last_day or plan the audit."}},
    [MOVE_WARNING_DECISION_UNKNOWN] =
        {"DECISION_UNKNOWN",
         {"認証の決定日も取得目標日も分からないため、移転が認証の直後かどうかを判断できま"
          "せん。target_date を入力してください。",
          "Neither the decision nor a target date is known, so it can not be judged "
          "whether the move falls right after it. Enter target_date."}},
};

const struct change_text *change_warning_text(enum move_warning warning)
{
    return warnings[warning].code ? &warnings[warning].text : NULL;
}

const char *change_warning_code(enum move_warning warning)
{
    return warnings[warning].code;
}

static const struct {
    const char *name;
    struct change_text text;
} offers[] = {
    {"move_first",
     {"先に移転し、新しい拠点で初回審査を受ける。",
      "Move first, and have the initial audit at the new place."}},
    {"include_new_site_in_initial_scope",
     {"新しい拠点を初めから適用範囲に含めて審査を受ける。",
      "Put the new place into the initial scope, so that the audit covers it."}},
    {"accept_extra_audit",
     {"予定どおり進め、移転後の追加の審査を見込んでおく。",
      "Go on as planned and reckon with an extra audit after the move."}},
    {NULL, {NULL, NULL}},
};

const char *change_offer_name(int offer)
{
    return offers[offer].name;
}

const struct change_text *change_offer_text(int offer)
{
    return &offers[offer].text;
}

static const struct {
    const char *code, *rule;
    struct change_text text;
} notes[CHANGE_NOTES] = {
    [NOTE_NO_QUOTE] = {"NO_QUOTE",
                       NULL,
                       {"この認証機関の見積もりがないため、費用は分かりません。",
                        "No quote of this body is known, so there is no price."}},
    [NOTE_NO_RATE] = {"NO_RATE",
                      NULL,
                      {"見積もりに審査員1人日の単価がないため、費用は分かりません。",
                       "The quote names no rate per auditor-day, so there is no price."}},
    [NOTE_NO_HEAD_COUNT] =
        {"NO_HEAD_COUNT",
         "AT-01",
         {"適用範囲の人数が分からないため、工数も費用も計算できません。",
          "The number of persons in the scope is not known, so neither time nor price "
          "can be counted."}},
    [NOTE_ABOVE_TABLE] = {"ABOVE_TABLE",
                          "AT-01",
                          {"人数が審査工数表の上限を超えるため、工数は認証機関に"
                           "問い合わせてください。",
                           "The head count is beyond the audit-time table; ask the body "
                           "for the time."}},
    [NOTE_WITH_ISMS] = {"WITH_ISMS",
                        "ADD-01",
                        {"工数と費用は ISMS の審査とあわせて数えます。",
                         "Time and price are counted with the ISMS audit."}},
    [NOTE_BRACKET_UP] =
        {"BRACKET_UP",
         "AT-03",
         {"審査工数表の上の区分に移るため、これからの審査の日数が増えます。",
          "The head count moves into a higher row of the audit-time table: audits from "
          "now on take longer."}},
    [NOTE_BRACKET_DOWN] =
        {"BRACKET_DOWN",
         "AT-03",
         {"審査工数表の下の区分に移るため、これからの審査の日数が減ります。",
          "The head count moves into a lower row of the audit-time table: audits from "
          "now on take less time."}},
    [NOTE_BRACKET_STAYS] =
        {"BRACKET_STAYS",
         "AT-01",
         {"審査工数表の同じ区分にとどまるため、審査の日数は変わりません。",
          "The head count stays in its row of the audit-time table: "
          "no audit day changes."}},
    [NOTE_PERSONS_UNKNOWN] =
        {"PERSONS_UNKNOWN",
         "AT-01",
         {"変更前又は変更後の人数が分からないため、区分をまたぐか判断できません。"
          "persons_before と persons_after を入力してください。",
          "The head count before or after is not known, so it can not be judged whether "
          "it leaves its row. Enter persons_before and persons_after."}},
    [NOTE_SAMPLE] = {"SAMPLE",
                     "MS-03",
                     {"拠点の数が変わるため、審査する拠点のサンプルを数え直します。",
                      "The number of sites changes, so the sample of sites is counted "
                      "anew."}},
    [NOTE_STAGE1_REPEAT] =
        {"STAGE1_REPEAT",
         "CHG-04",
         {"第一段階審査がまだ有効かどうかは認証機関が判断します。大きな変更の後は、全部又"
          "は"
          "一部のやり直しを求められることがあります。",
          "The body judges whether stage 1 is still valid; after a significant change "
          "it may ask to repeat all or part of it."}},
    [NOTE_NOTICE_LATE] =
        {"NOTICE_LATE",
         "CHG-01",
         {"届け出の期限を過ぎています。すぐに認証機関へ連絡してください。",
          "The day for the notice has passed: tell the body at once."}},
    [NOTE_SUSPENDED] =
        {"SUSPENDED",
         "SUS-01",
         {"認証は一時停止中です。適用範囲を広げる決定は、復帰するまで受けられません。",
          "The certification is suspended; nothing is added to its scope before it is "
          "restored."}},
    [NOTE_EXPIRES_FIRST] = {"EXPIRES_FIRST",
                            "REC-01",
                            {"登録証は変更より先に有効期限を迎えます。",
                             "The certificate expires before the change."}},
    [NOTE_NOT_COVERED] =
        {"NOT_COVERED",
         "MRK-02",
         {"認証機関が受け入れるまで、新しい部分は登録範囲の外です。そこではマークを表示で"
          "き"
          "ません。",
          "Until the body accepts it, what is new lies outside the certified scope: no "
          "mark there."}},
    [NOTE_REMOVE_MARK] =
        {"REMOVE_MARK",
         "MRK-03",
         {"適用範囲から外れるところでは、マークと認証の表示をすべて取り下げます。",
          "Where the scope ends, every mark and claim is taken away."}},
    [NOTE_REISSUE] = {"REISSUE",
                      "CHG-07",
                      {"受け入れられると登録証が再発行されます。有効期限は変わりません。",
                       "Once accepted the certificate is reissued; its expiry stays."}},
};

const struct change_text *change_note(enum change_note note)
{
    return &notes[note].text;
}

const char *change_note_code(enum change_note note)
{
    return notes[note].code;
}

const char *change_note_rule(enum change_note note)
{
    return notes[note].rule;
}
