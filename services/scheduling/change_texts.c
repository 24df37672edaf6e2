/* Texts about changes. */
#include "services/scheduling/change_texts.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *change_say(enum language language, const struct change_text *text)
{
    return language == LANGUAGE_JA ? text->ja : text->en;
}

/* ---- kinds ---- */

static const struct {
    const char *kind;
    struct change_text text;
} subjects[] = {
    {"site_relocation", {"拠点移転", "relocation"}},
    {"relocation", {"拠点移転", "relocation"}},
    {"new_site", {"拠点の新設", "new site"}},
    {"site_opening", {"拠点の新設", "new site"}},
    {"closed_site", {"拠点の閉鎖", "closing of a site"}},
    {"site_closure", {"拠点の閉鎖", "closing of a site"}},
    {"sites", {"拠点の変更", "change of sites"}},
    {"scope", {"適用範囲の変更", "change of scope"}},
    {"scope_change", {"適用範囲の変更", "change of scope"}},
    {"scope_extension", {"適用範囲の拡大", "extension of the scope"}},
    {"scope_reduction", {"適用範囲の縮小", "reduction of the scope"}},
    {"legal_status", {"法的地位の変更", "change of the legal status"}},
    {"commercial_status", {"事業上の地位の変更", "change of the commercial status"}},
    {"organizational_status",
     {"組織上の地位の変更", "change of the organizational status"}},
    {"ownership", {"所有者の変更", "change of ownership"}},
    {"organization", {"組織の変更", "change of the organization"}},
    {"management", {"経営体制の変更", "change of management"}},
    {"top_management", {"トップマネジメントの交代", "change of top management"}},
    {"new_top_management", {"トップマネジメントの交代", "change of top management"}},
    {"contact_address", {"連絡先の変更", "change of the contact address"}},
    {"management_system",
     {"マネジメントシステムの大きな変更", "major change of the management system"}},
    {"major_system_change",
     {"マネジメントシステムの大きな変更", "major change of the management system"}},
    {"processes", {"業務プロセスの大きな変更", "major change of processes"}},
    {"major_process_change", {"業務プロセスの大きな変更", "major change of processes"}},
    {"head_count", {"人数の変更", "change of the head count"}},
    {"headcount", {"人数の変更", "change of the head count"}},
    {"headcount_bracket", {"人数の変更", "change of the head count"}},
    {"new_service", {"サービスの開始", "start of a service"}},
    {"ended_service", {"サービスの終了", "end of a service"}},
    {"merger", {"合併", "merger"}},
    {"split", {"会社分割", "split of the company"}},
    {"rename", {"名称の変更", "change of name"}},
    {"main_outsourcing", {"主要な委託先の変更", "change of the main supplier"}},
    {"main_cloud", {"主要なクラウドの変更", "change of the main cloud service"}},
    {"serious_incident", {"重大なインシデント", "serious incident"}},
    {"remote_work_shift", {"在宅勤務への移行", "shift to or from remote work"}},
};

const struct change_text *change_subject(const char *kind)
{
    static const struct change_text unknown = {"変更", "change"};
    for (size_t i = 0; i < COUNT(subjects); i++) {
        if (strcmp(subjects[i].kind, kind) == 0)
            return &subjects[i].text;
    }
    return &unknown;
}

/* ---- variants ---- */

static const struct change_text titles[CHANGE_VARIANTS] = {
    [VARIANT_PAPER_NOTICE] = {"変更届のみ", "Notice on paper only"},
    [VARIANT_MERGE] = {"次の審査であわせて確認", "Looked at in the next audit"},
    [VARIANT_PULL_FORWARD] = {"次の審査を前倒しして確認", "Pull the next audit forward"},
    [VARIANT_CHANGE_AUDIT] = {"変更のための審査を受ける", "An audit of its own"},
    [VARIANT_REPEAT_STAGE1] = {"第一段階審査をやり直す", "Repeat stage 1"},
};

const struct change_text *change_variant_title(enum change_variant variant)
{
    return &titles[variant];
}

static const struct change_text own_audits[CHANGE_FAMILIES] = {
    [CHANGE_ON_PAPER] = {"変更審査", "change audit"},
    [CHANGE_MOVE] = {"移転審査", "relocation audit"},
    [CHANGE_GROWTH] = {"拡大審査", "scope extension audit"},
    [CHANGE_SHRINKING] = {"縮小審査", "scope reduction audit"},
    [CHANGE_HEAD_COUNT] = {"変更審査", "change audit"},
    [CHANGE_REVIEW] = {"変更審査", "change audit"},
    [CHANGE_INCIDENT] = {"短期予告審査", "short-notice audit"},
};

const struct change_text *change_audit_title(enum change_family family)
{
    return &own_audits[family];
}

const char *change_audit_kind(enum change_family family)
{
    static const char *const kinds[CHANGE_FAMILIES] = {
        [CHANGE_GROWTH] = "scope_extension",
        [CHANGE_SHRINKING] = "scope_reduction",
        [CHANGE_INCIDENT] = "short_notice",
    };
    return kinds[family] ? kinds[family] : "change";
}

static const struct change_text meanings[CHANGE_VARIANTS] = {
    [VARIANT_PAPER_NOTICE] = {"変更届を出し、認証機関の記録と登録証の記載を改めてもらい"
                              "ます。審査は増えません。",
                              "The notice is sent and the body corrects its records and "
                              "the certificate; no audit is added."},
    [VARIANT_MERGE] =
        {"次の審査で変更した点もあわせて見てもらいます。訪問は増えませんが、"
         "審査工数が増えることがあります。",
         "The next audit looks at the change as well: no extra visit, at most "
         "some more audit time."},
    [VARIANT_PULL_FORWARD] =
        {"次の審査をその実施可能期間の中で早め、変更の後すぐに見てもらいます。",
         "The next audit is held earlier inside its own window, soon after the change."},
    [VARIANT_REPEAT_STAGE1] =
        {"変更によって第一段階審査の結論が成り立たなくなることがあります。全部又は一部を"
         "やり直してから第二段階審査を受けます。",
         "The change may undo what stage 1 concluded: all or part of it is repeated "
         "before stage 2."},
};

static const struct change_text own_meanings[CHANGE_FAMILIES] = {
    [CHANGE_ON_PAPER] = {"変更した点だけを見る審査です。",
                         "An audit that looks at the change only."},
    [CHANGE_MOVE] =
        {"移転の後に、新しい拠点を見る移転審査を受けます。訪問と費用が増えます。",
         "A relocation audit sees the new place after the move; it is an "
         "extra visit and an extra cost."},
    [CHANGE_GROWTH] =
        {"新しく加わる部分を見る拡大審査を受けます。受け入れられれば、次の審査を待たずに"
         "登録証に載ります。",
         "A scope extension audit sees what is new; once accepted it is on the "
         "certificate without waiting for the next audit."},
    [CHANGE_SHRINKING] = {"残る範囲だけで成り立つことを縮小審査で確かめてもらいます。",
                          "A scope reduction audit sees that what remains stands by "
                          "itself."},
    [CHANGE_HEAD_COUNT] = {"人数の変更だけを見る審査です。",
                           "An audit that looks at the head count only."},
    [CHANGE_REVIEW] =
        {"変更した点だけを見る変更審査を受けます。訪問と費用が増えます。",
         "A change audit looks at the change only; it is an extra visit and "
         "an extra cost."},
    [CHANGE_INCIDENT] =
        {"認証機関は予告期間の短い審査で確かめることができます（SPC-02）。",
         "The body may come at short notice to see what happened "
         "(SPC-02)."},
};

const struct change_text *change_variant_text(enum change_variant variant,
                                              enum change_family family)
{
    return variant == VARIANT_CHANGE_AUDIT ? &own_meanings[family] : &meanings[variant];
}

static const struct change_text obstacles[CHANGE_OBSTACLES] = {
    [OBSTACLE_NONE] = {"", ""},
    [OBSTACLE_MORE_THAN_PAPER] =
        {"認証の対象そのものが変わるため、審査で確認を受ける"
         "必要があります。",
         "What is certified changes itself, so an audit must see "
         "it."},
    [OBSTACLE_PAPER_IS_ENOUGH] = {"この変更だけのために審査を動かす必要はありません。",
                                  "No audit is needed or moved for this alone."},
    [OBSTACLE_NO_NEXT_AUDIT] = {"変更の後に行われる審査がまだ分かっていません。",
                                "No audit after the change is known yet."},
    [OBSTACLE_NOTHING_TO_PULL] =
        {"次の審査はすでに十分に早いか、実施可能期間が始まるのが遅すぎます。",
         "The next audit is soon enough already, or its window opens too late."},
    [OBSTACLE_POLICY] = {"設定により審査の前倒しを認めていません（allow_pull_forward）。",
                         "The policy allows no pulling forward (allow_pull_forward)."},
    [OBSTACLE_NOT_CERTIFIED_YET] = {"まだ認証前なので、初回審査がこの変更も見ます。",
                                    "Not certified yet: the initial audit looks at the "
                                    "change."},
    [OBSTACLE_NOT_BETWEEN_STAGES] =
        {"第一段階審査と第二段階審査の間の変更ではありません。",
         "The change does not fall between stage 1 and stage 2."},
    [OBSTACLE_PMARK] =
        {"プライバシーマークには更新までの間の審査がありません（PMK-03）。",
         "PrivacyMark has no audits between its renewals (PMK-03)."},
};

const struct change_text *change_obstacle_text(enum change_obstacle obstacle)
{
    return &obstacles[obstacle];
}

static const struct {
    const char *rule;
    struct change_text text;
} reasons[CHANGE_REASONS] = {
    [REASON_PAPER_ENOUGH] = {"CHG-02",
                             {"記載だけの変更なので、届け出で足ります。",
                              "Only papers change, so the notice is enough."}},
    [REASON_BRACKET_STAYS] =
        {"AT-01",
         {"審査工数表の同じ区分にとどまるため、審査の日数は変わりません。次の審査で"
          "伝えれば足ります。",
          "The head count stays in its row of the audit-time table, so no audit day "
          "changes; telling it is enough."}},
    [REASON_NEXT_AUDIT_SOON] =
        {"CHG-03",
         {"次の審査が変更後まもなく行われるため、あわせて確認を受けるのが最も安く済みます"
          "。",
          "The next audit follows soon after the change: looked at together it costs "
          "least."}},
    [REASON_NEXT_AUDIT_LOOKS] = {"CHG-02",
                                 {"届け出たうえで、次の審査で確認を受けます。最終的には"
                                  "認証機関が決めます。",
                                  "Told now and looked at in the next audit; the body "
                                  "has the last word."}},
    [REASON_WINDOW_OPENS_SOON] =
        {"CHG-03",
         {"次の審査は少し先ですが、その実施可能期間は間に合うように始まるため、前倒しすれ"
          "ば"
          "追加の訪問が要りません。",
          "The next audit is some way off, but its window opens in time: pulled forward "
          "it saves a visit."}},
    [REASON_TOO_LATE_TO_WAIT] =
        {"CHG-03",
         {"次の審査までが長すぎるため、変更の後に独立した審査を受けるのが確実です。",
          "The next audit is too far away, so an audit of its own after the change is "
          "the sound way."}},
    [REASON_NO_AUDIT_KNOWN] =
        {"CHG-03",
         {"変更の後に行われる審査が分かっていないため、独立した審査になります。",
          "No audit after the change is known, so it takes one of its own."}},
    [REASON_INITIAL_AUDIT] =
        {"INI-02",
         {"認証前なので、申請内容に加えて初回審査で見てもらいます。",
          "Not certified yet: put it into the application and the initial audit looks "
          "at it."}},
    [REASON_STAGE1_STALE] =
        {"CHG-04",
         {"第一段階審査の後の変更なので、第一段階審査のやり直しを求められることがあります"
          "。",
          "The change comes after stage 1, so the body may ask to repeat it."}},
    [REASON_AFTER_STAGE2] =
        {"CHG-05",
         {"第二段階審査の後の変更なので、判定の前に認証機関へ伝えてください。追加の審査に"
          "なることがあります。",
          "The change comes after stage 2: tell the body before its decision; it may "
          "want another audit."}},
    [REASON_PMARK] = {"PMK-03",
                      {"プライバシーマークでは変更報告を出し、更新のときに確認されます。",
                       "PrivacyMark wants a report of the change; it is looked at in the "
                       "renewal."}},
};

const struct change_text *change_reason_text(enum change_reason reason)
{
    return &reasons[reason].text;
}

const char *change_reason_rule(enum change_reason reason)
{
    return reasons[reason].rule;
}
