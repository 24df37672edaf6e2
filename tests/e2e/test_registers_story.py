"""A software company of 30 persons from an empty account to stage 1, with nothing but the API: each test is the next piece of the consultant's work."""
import uuid

import pytest

PASSWORD = "a password that is long enough"
TODAY = "2025-01-06"
ASSETS = """名称,種類,機密性,完全性,可用性,数量,グループ
開発者のノートPC,laptop,3,2,2,24,端末
営業のスマートフォン,smartphone,2,2,2,6,端末
顧客資料のクラウドストレージ,cloud_storage,3,2,2,1,クラウド
勤怠とチャットのSaaS,saas_account,2,2,2,30,クラウド
紙の契約書,paper_contract,2,2,1,120,紙
受託開発のソースコード,source_code,3,3,2,1,開発
顧客から預かったデータ,customer_data,3,3,2,1,開発
本社オフィス,office,2,2,2,1,拠点
ルーター,router,2,3,3,2,拠点
従業員,employee,2,2,2,30,人
テストの外注先,outsourcing,3,2,1,1,人
"""
NOT_OURS = {"7.5": "クラウドだけを使い、守るべき設備を持たない。"}  # a control that the company can do without, and why


class Company:
    def __init__(self, system):
        self.owner = system.owner()
        self.id = self.owner.call("createClient", {"name": "株式会社ミナトソフト", "headcount": 30}, expect=201).json()["id"]
        email = f"{uuid.uuid4().hex[:8]}@meguri.example"
        made = self.owner.call("createMember", {"email": email, "name": "承認する人", "role": "admin"}, expect=201).json()
        system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": PASSWORD}, expect=204)
        self.approver = system.sign_in(email, PASSWORD)

    def call(self, operation, body=None, expect=200, caller=None, **rest):
        return (caller or self.owner).call(operation, body, client_id=self.id, expect=expect, **rest).json()

    def make(self, operation, body, **rest):
        return self.call(operation, body, expect=201, **rest)["id"]

    def pages(self, register, **params):
        return list(self.owner.pages(f"/v1/clients/{self.id}/{register}", params=params))

    def lacks(self, stage="stage1"):
        return {i["code"] for i in self.call("getReadiness", params={"stage": stage})["items"] if not i["passed"]}


@pytest.fixture(scope="module")
def company(start_system):
    return Company(start_system(clock=f"{TODAY}T09:00:00+09:00"))


def test_an_empty_account_is_told_what_is_missing(company):
    assert company.lacks() == {"scope", "issues", "climate", "interested_parties", "assets", "risk_treatment", "soa", "rules", "objectives", "legal",
                               "controls_decided"}


def test_the_organisation_its_people_and_the_certification_that_is_wanted(company):
    company.site = company.make("createSite", {"name": "本社", "kind": "head_office", "headcount": 30, "in_scope": True})
    company.departments = {name: company.make("createDepartment", {"name": name, "headcount": count, "in_scope": True})
                           for name, count in (("開発部", 20), ("営業部", 6), ("管理部", 4))}
    company.people = {name: company.make("createPerson", {"name": name, "department_id": company.departments[department], **rest})
                      for name, department, rest in (("中村 社長", "管理部", {"is_top_management": True}), ("鈴木 一郎", "開発部", {}),
                                                     ("田中 美咲", "営業部", {}), ("伊藤 直", "管理部", {}))}
    company.certification = company.make("createCertification", {"scheme": "iso27001-2022", "target_date": "2025-09-30"})


def test_context_parties_and_an_approved_scope(company):
    for issue in ({"kind": "internal", "topic": "受託開発への依存"}, {"kind": "external", "topic": "取引先からの要求の高まり"},
                  {"kind": "external", "topic": "気候変動", "is_climate": True, "effect": "豪雨による停電", "response": "事業継続の手順で扱う"}):
        company.make("createContextIssue", issue)
    party = company.make("createInterestedParty", {"name": "顧客企業"})
    company.make("createPartyRequirement", {"requirement": "預かったデータを守ること", "addressed": True, "how": "情報の分類"}, interested_party_id=party)
    version = company.make("createScopeVersion", {"statement_ja": "本社における受託ソフトウェア開発", "sites": [{"site_id": company.site}]})
    company.call("activateScopeVersion", {"effective_on": TODAY}, scope_version_id=version)
    assert not {"scope", "issues", "climate", "interested_parties"} & company.lacks()
    assert company.call("getCertification", certification_id=company.certification)["scope_defined_on"] == TODAY


def test_the_assets_come_from_a_table(company):
    reply = company.owner.post(f"/v1/clients/{company.id}/assets/import", content=ASSETS.encode("cp932"),
                               headers={"Content-Type": "text/csv; charset=cp932"}, expect=200).json()
    assert reply["created"] == 11 and "asset_risks" in company.lacks()


def test_every_asset_gets_the_risks_of_its_type(company):
    report = company.call("acceptSuggestions", {"filter": {}})
    while report["remaining"]:
        report = company.call("acceptSuggestions", {"filter": {}})
    coverage = company.call("getRiskCoverage")
    assert (coverage["percent"], coverage["assets_without_risk"]) == (100, []) and len(company.pages("risks", limit=200)) > 60


def test_every_risk_over_the_threshold_gets_rules_which_another_person_approves(company):
    while "risk_treatment" in company.lacks():
        best = company.pages("treatment-suggestions", limit=200)
        wanted = [{"code": s["code"], "state": "implemented", "review_months": 12, "owner_person_id": company.people["伊藤 直"]}
                  for s in best if s["treatment_id"] is None][:100]
        assert wanted, "risks over the threshold without a suggested treatment"
        company.call("acceptTreatmentSuggestions", {"items": wanted})
    rules = company.pages("treatments", limit=200)
    for rule in rules:
        company.call("approveTreatment", caller=company.approver, treatment_id=rule["id"])
    assert len(rules) >= 20 and "rules" not in company.lacks()


def test_requirements_and_controls_are_decided_and_covered_to_the_last(company):
    used = {c for rule in company.pages("treatments", limit=200) for c in rule["controls"]}
    items = [{"code": row["code"], "applicable": False, "justification": NOT_OURS[row["code"]]} if row["code"] in NOT_OURS and row["code"] not in used
             else {"code": row["code"], "state": "implemented", "statement": "情報セキュリティ規程による。", "maturity": 3}
             for row in company.pages("requirements", limit=200)]
    company.call("bulkRequirements", {"items": items})
    found = {c["catalogue"]: c for c in company.call("getCoverage")["catalogues"]}
    assert {name: (found[name]["percent"], found[name]["gaps"], found[name]["conflicts"]) for name in ("requirements", "controls")} == {
        "requirements": (100, [], []), "controls": (100, [], [])}


def test_the_statement_of_applicability_is_frozen_and_approved_by_another_person(company):
    version = company.make("createSoaVersion", {"title": "適用宣言書 第1版"})
    company.call("approveSoa", caller=company.owner, soa_version_id=version, expect=409)
    company.call("approveSoa", caller=company.approver, soa_version_id=version)
    assert company.call("getCertification", certification_id=company.certification)["soa_approved_on"] == TODAY


def test_objectives_and_laws_complete_what_stage_1_asks_for(company):
    company.make("createObjective", {"title": "標的型メール訓練の開封率", "unit": "%", "target": 5, "direction": "at_most", "starts_on": TODAY,
                                     "owner_person_id": company.people["伊藤 直"]})
    company.make("createLegalRequirement", {"title": "個人情報の保護に関する法律", "how_met": "個人情報取扱規程"})
    answer = company.call("getReadiness", params={"stage": "stage1"})
    assert (answer["ready"], answer["percent"], company.lacks()) == (True, 100, set())


def test_people_are_trained_and_the_supplier_is_judged(company):
    competence = company.make("createCompetence", {"role": "内部監査員", "title": "内部監査員研修の修了"})
    company.make("createCompetenceRecord", {"person_id": company.people["田中 美咲"], "competence_id": competence, "acquired_on": "2024-12-10"})
    training = company.make("createTraining", {"title": "全社員向け研修", "held_on": "2024-12-20", "status": "held"})
    for person in company.people.values():
        company.make("createAttendance", {"person_id": person, "attended_on": "2024-12-20", "result": "passed"}, training_id=training)
    supplier = company.make("createSupplier", {"name": "テスト外注株式会社", "criticality": "high"})
    company.call("updateSupplier", {"judgement": "accepted", "judged_on": TODAY}, supplier_id=supplier, if_match="*")
    assert company.lacks("stage2") == {"internal_audit", "management_review"}


def test_the_internal_audit_asks_every_item_in_the_first_year(company):
    programme = company.make("createAuditProgramme", {"year": 2025, "title": "2025年度 監査計画", "is_first_year": True})
    audit = company.make("createInternalAudit", {"audit_programme_id": programme, "title": "全項目の監査", "first_day": "2025-01-04", "last_day": TODAY,
                                                 "departments": [company.departments["開発部"]], "criteria": []})
    path = {"internal_audit_id": audit}
    refused = company.call("createInternalAuditor", {"person_id": company.people["鈴木 一郎"]}, expect=409, **path)
    assert "開発部" in refused["detail"]
    company.make("createInternalAuditor", {"person_id": company.people["田中 美咲"], "is_lead": True}, **path)
    company.call("generateChecklist", **path)
    company.call("updateInternalAudit", {"state": "prepared"}, if_match="*", **path)
    items = company.pages(f"internal-audits/{audit}/checklist", limit=200)
    assert len(items) > 200
    for index, item in enumerate(items):
        company.call("updateChecklistItem", {"answer": "minor" if index == 0 else "conform", "note": "記録を確認した。"},
                     checklist_item_id=item["id"], if_match="*", **path)
    company.call("updateInternalAudit", {"state": "performed"}, if_match="*", **path)
    company.call("raiseAuditActions", **path)
    company.call("updateInternalAudit", {"state": "reported", "conclusion": "おおむね適合"}, if_match="*", **path)
    assert [a["source_kind"] for a in company.pages("corrective-actions")] == ["internal_audit"]


def test_top_management_reviews_and_its_decision_is_a_task(company):
    review = company.make("createManagementReview", {"title": "2024年度 マネジメントレビュー", "planned_on": TODAY})
    path = {"management_review_id": review}
    inputs = company.call("gatherReviewInputs", **path)["inputs"]
    assert inputs["risks"]["total"] > 60 and inputs["corrective_actions"]
    company.call("updateManagementReview", {"held_on": TODAY, "minutes": "是正を期限までに終えること。"}, if_match="*", **path)
    company.make("createReviewAttendee", {"person_id": company.people["中村 社長"]}, **path)
    company.make("createReviewDecision", {"decision": "監査の指摘を2月末までに是正する", "owner_person_id": company.people["鈴木 一郎"],
                                          "due_on": "2025-02-28"}, **path)
    company.call("approveManagementReview", caller=company.approver, **path)
    assert [t["title"] for t in company.owner.pages("/v1/tasks", params={"client_id": company.id, "source": "review_decision"})] == [
        "監査の指摘を2月末までに是正する"]


def test_the_registers_are_ready_for_both_stages_and_the_gate_of_stage_1_is_open(company):
    assert (company.lacks("stage1"), company.lacks("stage2")) == (set(), set())
    company.call("updateCertification", {"risk_assessment_done_on": TODAY}, certification_id=company.certification, if_match="*")
    stage1 = next(a for a in company.pages("audits") if a["kind"] == "stage1")
    company.call("updateAudit", {"status": "confirmed", "planned_first_day": "2025-03-05", "planned_last_day": "2025-03-05"}, audit_id=stage1["id"],
                 if_match="*")
    (certification,) = company.call("getGates")["certifications"]
    gate = next(g for g in certification["gates"] if g["gate"] == "stage1")
    assert gate["status"] == "pass", gate["missing"]
