"""Facts of the demo consultancy. {"m": -13, "d": 5} is a day: 13 months before today, 5 days later."""

CONSULTANCY = "巡りコンサルティング"
OWNER_NAME = "山田 太郎"
OWNER_EMAIL = "owner@meguri.example"
BODY = {"name": "日本情報審査機構", "accreditation_body": "ISMS-AC", "accreditation": "ISR099",
        "standards": [{"scheme": "iso27001-2022"}, {"scheme": "iso27017"}, {"scheme": "iso27701"}],
        "policies": {"notice_days_before": 45, "major_plan_days": 14, "major_evidence_days": 60, "minor_plan_days": 14, "minor_evidence_days": 90},
        "policy_sources": {"notice_days_before": "認証規程 第12条", "major_plan_days": "認証規程 第18条", "major_evidence_days": "認証規程 第18条"},
        "day_rate": 130000, "currency": "JPY", "lead_time_days": 90, "same_auditor": True, "travel_policy": "東京23区は不要、ほかは実費",
        "contacts": [{"name": "営業部 田中", "email": "sales@jisa.example", "phone": "03-0000-0000"}]}
OTHER_BODY = {"name": "グローバル認証サービス", "accreditation_body": "UKAS", "accreditation": "0999", "standards": [{"scheme": "iso27001-2022"}],
              "policies": {"busy_months": [3], "audit_time_round": "ceil_half"}, "policy_sources": {"busy_months": "営業担当からの聞き取り"},
              "day_rate": 105000, "currency": "JPY", "lead_time_days": 45}
PACK = {"code": "software-30", "name": "ソフトウェア会社の標準"}
CAMPAIGN = {"name": "ISO/IEC 27017:2026 への移行", "old_scheme": "iso27017-jp", "new_scheme": "iso27017-2026", "end_on": {"m": 30},
            "extra_days": {"surveillance": 0.5, "recertification": 0.5, "alone": 1}, "source": "認証制度の移行文書が出るまでの想定"}
CONSULTANTS = [
    {"email": "sato@meguri.example", "name": "佐藤 花子", "role": "consultant", "locale": "ja"},
    {"email": "morgan@meguri.example", "name": "Alex Morgan", "role": "consultant", "locale": "en", "all_clients": True},
]
AUDITOR = {"email": "auditor@meguri.example", "name": "高橋 誠", "role": "auditor", "locale": "ja"}
SITES = [
    {"name": "本社", "kind": "head_office", "address": "東京都港区芝1-2-3", "headcount": 40, "is_central_function": True, "in_scope": True},
    {"name": "大阪支店", "kind": "branch", "address": "大阪市北区梅田1-1", "headcount": 8, "in_scope": False},
]
DEPARTMENTS = [
    {"name": "開発部", "head_name": "鈴木 一郎", "headcount": 25, "in_scope": True},
    {"name": "営業部", "head_name": "田中 美咲", "headcount": 15, "in_scope": False},
]
ASSETS = [
    ({"name": "ノートPC", "kind": "pc", "owner_name": "情報システム担当", "location": "本社", "confidentiality": 3, "integrity": 2, "availability": 2,
      "quantity": 40},
     {"title": "外出先でのノートPCの盗難", "threat": "盗難", "vulnerability": "ディスクが暗号化されていない端末がある", "impact": 4, "likelihood": 2}),
    ({"name": "Google ドライブの顧客フォルダ", "kind": "cloud_storage", "owner_name": "開発部長", "confidentiality": 3},
     {"title": "退職者のアカウントが残る", "threat": "不正な持ち出し", "vulnerability": "棚卸しの周期が決まっていない", "impact": 4, "likelihood": 3}),
    ({"name": "紙の契約書", "kind": "paper", "owner_name": "総務", "location": "本社キャビネット", "confidentiality": 2},
     {"title": "施錠忘れによる閲覧", "threat": "覗き見", "vulnerability": "施錠の確認をしていない", "impact": 2, "likelihood": 2}),
]

# What is promised for the very day goes out at once, at any hour and on holidays too; so the demo has mail within seconds.
REMINDER_POLICY = {"name": "当日の約束", "deadline_kind": "own", "offsets": [1], "overdue_every_days": None, "send_hour": 0, "business_days": False,
                   "receiver_roles": ["client_admin", "consultant"]}

SOURCE = "審査報告書"


def day(months=0, days=0):
    return {"m": months, "d": days}


def prepared(months):
    """The facts that a decision needs, done some months before it."""
    return {"scope_defined_on": day(months - 9), "risk_assessment_done_on": day(months - 6), "soa_approved_on": day(months - 5),
            "internal_audit_done_on": day(months - 4, 5), "management_review_done_on": day(months - 4, 12)}


def certified(decision, days=0, scheme="iso27001-2022", **rest):
    """A certificate that was decided `decision` months from today."""
    return ("certification", {"scheme": scheme, "state": "certified", "body_id": {"ref": "body"}, "decision_date": day(decision, days),
                              "stage2_last_day": day(decision, days - 30), "source": "登録証", **rest})


def steps_to(state, decision_in):
    """From the beginning up to a state; the decision would come in `decision_in` months."""
    start = ("certification", {"scheme": "iso27001-2022", "body_id": {"ref": "body"}, "scope_text": "本社における受託開発", "target_date": day(decision_in)})
    rows = [start]
    if state in ("stage1_done", "stage2_done", "recommended"):
        rows.append(("transition", {"to": "stage1_done", "on": day(decision_in - 3), "source": SOURCE}))
    if state in ("stage2_done", "recommended"):
        rows.append(("transition", {"to": "stage2_done", "on": day(decision_in - 1, -10), "source": SOURCE}))
        rows.append(("facts", prepared(decision_in - 1)))
    if state == "recommended":
        rows.append(("transition", {"to": "recommended", "on": day(decision_in - 1), "source": SOURCE}))
    return rows


def held(months):
    """The next planned surveillance was held some months from today."""
    return ("audit", {"kind": "surveillance", "status": "held", "held_first_day": day(months), "held_last_day": day(months, 1)})


def contact(name, email, locale="ja"):
    return {"name": name, "email": email, "locale": locale}


def client(code, name, headcount, person, steps, consultant=0, settles=None, **rest):
    """settles: the state that the programs give it by themselves after these steps."""
    return {"client": {"code": code, "name": name, "headcount": headcount, "fiscal_year_end_month": 3, **rest}, "contact": person,
            "consultant": consultant, "steps": steps, "settles": settles}


CLIENTS = [
    client("aoba", "青葉データ株式会社", 18, contact("石川 優", "isms@aoba-data.example"),
           steps_to("preparing", 7) + [
               ("facts", {"scope_defined_on": day(-1, -15)}),
               ("people", {"name": "石川 優", "title": "情報システム担当"}),
               ("pack-applications", {"pack_id": {"ref": "pack"}, "owner_person_id": {"ref": "people"}, "due_on": day(3)}),
               ("back-plans", {"name": "ISMS 取得計画", "certification_id": {"ref": "certification"}, "target_date": day(10),
                               "variant": "ia_between_stages"}),
               ("estimate", {"complexity": {"business": [2, 2, 2], "it": [1, 2, 2]}, "later_schemes": ["iso27017"]}),
               ("quotes", {"body_id": {"ref": "other_body"}, "schemes": ["iso27001-2022"], "currency": "JPY", "day_rate": 105000,
                           "days": {"stage1": 1, "stage2": 3, "surveillance1": 1.5, "surveillance2": 1.5, "recertification": 3},
                           "fees": {"registration": 60000, "yearly": 40000}, "tax_pct": 10, "valid_until": day(2), "same_auditor_again": False}),
               ("quotes", {"body_id": {"ref": "body"}, "schemes": ["iso27001-2022"], "currency": "JPY", "day_rate": 130000,
                           "days": {"stage1": 2.5, "stage2": 4.5, "surveillance1": 2.5, "surveillance2": 2.5, "recertification": 4.5},
                           "fees": {"application": 50000, "registration": 80000}, "tax_pct": 10, "valid_until": day(2), "travel_per_audit": 0}),
               ("choose", {"others": "leave"})]),
    client("izumi", "いずみ精機株式会社", 64, contact("森 健太", "soumu@izumi.example"),
           steps_to("stage1_done", 2) + [
               ("facts", {"scope_defined_on": day(-7), "risk_assessment_done_on": day(-5), "soa_approved_on": day(-4)}),
               ("audits", {"certification_id": {"ref": "certification"}, "kind": "internal", "status": "confirmed",
                           "planned_first_day": day(0, 7), "planned_last_day": day(0, 8)})]),
    client("kaede", "株式会社かえでデザイン", 12, contact("小林 真央", "info@kaede.example"),
           steps_to("recommended", 1)),
    client("minato", "株式会社ミナトソフト", 48, contact("中村 翔", "security@minato.example"),
           [certified(-5, scope_text="本社における受託開発"),
            ("certifications/{certification}/transfer", {"on": day(0, -20), "body_id": {"ref": "other_body"}, "accredited_mla": True,
                                                         "pre_transfer_review_on": day(0, -30), "source": "受入審査報告書"}),
            ("certifications/{certification}/default-obligations", {"starts_on": day(-5)}),
            ("effort-plans", {"stage": "surveillance1", "cycle_no": 1, "days": 6, "member_id": {"ref": "consultant"}, "start_on": day(2), "end_on": day(6)}),
            ("effort-entries", {"worked_on": day(0, -20), "member_id": {"ref": "consultant"}, "stage": "after", "days": 0.75, "billable": True,
                                "note": "目的の見直しの打合せ"}),
            ("mark-uses", {"place": "website", "description": "会社概要ページの下部", "mark": "body_mark", "since": day(-4)})]),
    client("northwind", "Northwind Trading Japan K.K.", 85, contact("Emma Clarke", "isms@northwind.example", "en"),
           [certified(-12, 21, scope_text="Order management services"),
            ("audit", {"kind": "surveillance", "status": "confirmed", "planned_first_day": day(0, 10), "planned_last_day": day(0, 11)}),
            ("deadlines", {"title_ja": "審査計画を認証機関に承諾する", "title_en": "Confirm the audit plan to the certification body", "due_on": day()})],
           consultant=1, locale="en", name_en="Northwind Trading Japan"),
    client("sakura", "さくら物流株式会社", 130, contact("吉田 亮", "it@sakura-logi.example"),
           [certified(-13, -5, scope_text="配送管理システムの運用")]),
    client("tsubaki", "つばき印刷株式会社", 35, contact("山口 彩", "qa@tsubaki.example"),
           steps_to("stage2_done", 1) + [
               ("audits", {"certification_id": {"ref": "certification"}, "kind": "stage2", "status": "held",
                           "held_first_day": day(0, -11), "held_last_day": day(0, -10)}),
               ("findings", {"audit_id": {"ref": "audits"}, "grade": "major", "reference": "9.2", "statement": "内部監査が適用範囲の全体を見ていない"}),
               ("findings", {"audit_id": {"ref": "audits"}, "grade": "minor", "reference": "A.5.18", "statement": "退職者のアカウントが1件残っていた"})]),
    client("fuji", "富士見クラウド株式会社", 210, contact("松本 大輔", "csirt@fujimi.example"),
           [certified(-33, 10, scope_text="クラウド基盤の提供", original_certification_date=day(-69, 10)), held(-22), held(-10)]),
    client("hikari", "ひかり会計事務所", 9, contact("井上 恵", "office@hikari.example"),
           [certified(-37, scope_text="会計業務の受託"), held(-26), held(-14)], settles="expired"),
    client("kita", "北斗システムズ株式会社", 55, contact("木村 拓", "soumu@hokuto.example"),
           [certified(-20, scope_text="システム開発"),
            ("transition", {"to": "suspended", "on": day(-12), "source": "認証機関の通知"}),
            ("transition", {"to": "certified", "on": day(-9), "source": "一時停止の解除通知"}),
            ("transition", {"to": "suspended", "on": day(-2), "source": "認証機関の通知"})]),
    client("yayoi", "やよい製薬情報株式会社", 72, contact("清水 涼", "isms@yayoi.example"),
           [certified(-3, scope_text="臨床データの管理"),
            ("changes", {"kind": "site_relocation", "change_date": day(1, 15), "description": "本社を品川へ移転"}),
            ("deadlines", {"title_ja": "新しい事務所の図面を認証機関に送る", "title_en": "Send the plan of the new office to the certification body",
                           "due_on": day()}),
            ("changes/{changes}/approve", {"variant": "change_audit", "notified_on": day(0, -1)})]),
    client("sora", "そらクラウド株式会社", 40, contact("阿部 楓", "trust@sora.example"),
           [certified(-8, scope_text="SaaS の開発と運用"),
            ("certification", {"scheme": "iso27017-jp", "state": "certified", "body_id": {"ref": "body"}, "decision_date": day(-8),
                               "source": "登録証"}, "addon"),
            ("changes", {"kind": "scope_extension", "change_date": day(2), "site_id": {"ref": "site1"}, "certification_id": {"ref": "certification"},
                         "description": "大阪支店を適用範囲に加える"}),
            ("changes/{changes}/approve", {"variant": "merge_with_next_audit"})]),
]
