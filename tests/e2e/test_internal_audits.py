"""Internal audits by independent auditors, and the management review with its frozen inputs."""
import uuid

import pytest

PASSWORD = "a password that is long enough"


@pytest.fixture(scope="module")
def office(start_system):
    system = start_system(clock="2025-02-14T09:00:00+09:00")
    owner = system.owner()
    email = f"{uuid.uuid4().hex[:8]}@meguri.example"
    made = owner.call("createMember", {"email": email, "name": "別の人", "role": "admin"}, expect=201).json()
    system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": PASSWORD}, expect=204)
    owner.other = system.sign_in(email, PASSWORD)
    owner.system = system
    return owner


class Firm:
    def __init__(self, office):
        self.office = office
        self.id = office.call("createClient", {"name": "青葉精機"}, expect=201).json()["id"]
        self.development, self.sales = (self.make("Department", {"name": n})["id"] for n in ("開発部", "営業部"))
        self.developer = self.make("Person", {"name": "鈴木 一郎", "department_id": self.development})["id"]
        self.seller = self.make("Person", {"name": "佐藤 花子", "department_id": self.sales})["id"]
        self.head = self.make("Person", {"name": "社長", "is_top_management": True})["id"]

    def make(self, what, body, expect=201, **path):
        return self.office.call(f"create{what}", body, client_id=self.id, expect=expect, **path).json()

    def call(self, operation, body=None, expect=200, **path):
        return self.office.call(operation, body, client_id=self.id, expect=expect, **path).json()

    def audit(self, expect=201, **members):
        body = {"title": "監査", "first_day": "2025-02-12", "last_day": "2025-02-13", "departments": [self.development], "criteria": ["8.24"]}
        return self.make("InternalAudit", body | members, expect=expect)

    def step(self, audit, expect=200, **patch):
        return self.call("updateInternalAudit", patch, expect=expect, internal_audit_id=audit["id"], if_match="*")

    def name(self, audit, expect=201, **who):
        return self.make("InternalAuditor", who, expect=expect, internal_audit_id=audit["id"])


@pytest.fixture
def firm(office):
    return Firm(office)


def wrong(reply):
    return {(e["pointer"], e["code"]) for e in reply["errors"]}


def checklist(firm, audit):
    return firm.office.pages(f"/v1/clients/{firm.id}/internal-audits/{audit['id']}/checklist", params={"limit": 200})


def answer(firm, audit, item, **patch):
    return firm.call("updateChecklistItem", patch, internal_audit_id=audit["id"], checklist_item_id=item["id"], if_match="*")


def perform(firm, audit, value="conform"):
    firm.name(audit, person_id=firm.seller, is_lead=True)
    firm.call("generateChecklist", internal_audit_id=audit["id"])
    firm.step(audit, state="prepared")
    for item in checklist(firm, audit):
        answer(firm, audit, item, answer=value, note="見つけたこと")
    firm.step(audit, state="performed")


def test_departments_codes_and_days_that_do_not_fit_are_all_named(firm):
    refused = firm.audit(expect=422, departments=[str(uuid.uuid4())], criteria=["8.24", "9.99"], last_day="2025-02-01")
    assert wrong(refused) == {("/departments/0", "not_found_reference"), ("/criteria/1", "not_found_reference"), ("/last_day", "before_start")}


def test_nobody_audits_his_own_department(firm):
    refused = firm.name(firm.audit(), expect=409, person_id=firm.developer)
    assert "鈴木 一郎 works in the audited department 開発部" in refused["detail"]


def test_nobody_audits_the_rule_he_owns_or_wrote(firm):
    firm.make("Treatment", {"title": "暗号化", "text_ja": "x", "state": "implemented", "controls": ["8.24"], "owner_person_id": firm.seller})
    audit = firm.audit()
    assert "owns the audited rule T-0001" in firm.name(audit, expect=409, person_id=firm.seller)["detail"]
    me = firm.office.call("getMe", expect=200).json()["id"]
    assert "wrote the audited rule" in firm.name(audit, expect=409, member_id=me)["detail"]
    other = firm.audit(criteria=["5.1"])
    firm.name(other, person_id=firm.seller)


def test_widening_an_audit_does_not_make_its_auditor_dependent(firm):
    audit = firm.audit()
    firm.name(audit, person_id=firm.seller)
    assert "works in the audited department" in firm.step(audit, expect=409, departments=[firm.development, firm.sales])["detail"]


def test_an_auditor_is_a_person_or_a_member(firm):
    assert wrong(firm.name(firm.audit(), expect=422)) == {("/person_id", "required")}


def test_the_checklist_asks_the_catalogues_questions_and_about_the_clients_rules(firm):
    firm.make("Treatment", {"title": "暗号化の規程", "text_ja": "x", "state": "implemented", "controls": ["8.24"]})
    audit = firm.audit(criteria=["4.1-1", "8.24"])
    firm.call("generateChecklist", internal_audit_id=audit["id"])
    rows = checklist(firm, audit)
    assert {r["code"] for r in rows} == {"4.1-1", "8.24"} and any("暗号化の規程" in r["question_ja"] for r in rows)
    assert all(r["question_ja"] and r["question_en"] for r in rows)
    firm.call("generateChecklist", internal_audit_id=audit["id"])
    assert len(checklist(firm, audit)) == len(rows)


def test_an_audit_without_criteria_asks_everything(firm):
    audit = firm.audit(criteria=[])
    firm.call("generateChecklist", internal_audit_id=audit["id"])
    assert {"4.1-1", "10.2-1", "5.1", "8.34"} <= {r["code"] for r in checklist(firm, audit)}


def test_each_step_says_what_it_still_needs(firm):
    audit = firm.audit()
    assert "next step is prepared" in firm.step(audit, expect=409, state="reported")["detail"]
    assert "No auditor" in firm.step(audit, expect=409, state="prepared")["detail"]
    firm.name(audit, person_id=firm.seller)
    assert "checklist is empty" in firm.step(audit, expect=409, state="prepared")["detail"]
    firm.call("generateChecklist", internal_audit_id=audit["id"])
    firm.step(audit, state="prepared")
    assert "no answer yet" in firm.step(audit, expect=409, state="performed")["detail"]


def test_nonconformities_become_corrective_actions_once_and_keep_the_audit_open(firm):
    audit = firm.audit()
    perform(firm, audit, "minor")
    for _ in range(2):
        report = firm.call("raiseAuditActions", internal_audit_id=audit["id"])
    actions = firm.office.pages(f"/v1/clients/{firm.id}/corrective-actions")
    assert len(actions) == len(checklist(firm, audit)) and {a["source_kind"] for a in actions} == {"internal_audit"}
    assert report["answers"] == {"minor": len(actions)} and {f["action"] for f in report["findings"]} == {a["number"] for a in actions}
    assert "conclusion" in firm.step(audit, expect=409, state="reported")["detail"]
    firm.step(audit, state="reported", conclusion="おおむね適合")
    assert "CA-0001" in firm.step(audit, expect=409, state="closed")["detail"]


def test_the_last_report_of_a_programme_is_a_fact_of_the_certification(firm):
    certification = firm.make("Certification", {"scheme": "iso27001-2022"})["id"]
    programme = firm.make("AuditProgramme", {"year": 2025, "title": "計画", "is_first_year": True})["id"]
    audits = [firm.audit(audit_programme_id=programme), firm.audit(audit_programme_id=programme, criteria=["5.1"])]
    seen = []
    for audit in audits:
        perform(firm, audit)
        made = firm.step(audit, state="reported", conclusion="適合")
        assert made["reported_on"] == "2025-02-14"
        seen.append(firm.call("getCertification", certification_id=certification)["internal_audit_done_on"])
    assert seen == [None, "2025-02-13"]


def test_in_the_first_year_everything_is_proposed(firm):
    programme = firm.make("AuditProgramme", {"year": 2025, "title": "計画", "is_first_year": True})
    firm.audit(audit_programme_id=programme["id"], criteria=["8.24"])
    proposal = firm.call("getAuditProgrammeProposal", audit_programme_id=programme["id"])
    assert proposal["proposed"] >= 213 and proposal["planned"] == 1 and {i["reason"] for i in proposal["items"]} == {"first_year"}


def test_an_audit_falls_due_until_it_is_performed(firm):
    audit = firm.audit(last_day="2025-03-14")
    found = {d["kind"]: d for d in firm.office.pages(f"/v1/clients/{firm.id}/deadlines")}["internal_audit_planned"]
    assert (found["due_on"], found["status"]) == ("2025-03-14", "open")
    perform(firm, audit)
    assert firm.office.pages(f"/v1/clients/{firm.id}/deadlines")[0]["status"] == "fulfilled"


# ---- management review

def review(firm, **members):
    return firm.make("ManagementReview", {"title": "レビュー", "planned_on": "2025-02-28"} | members)


def approve(caller, firm, made, expect=200):
    return caller.call("approveManagementReview", client_id=firm.id, management_review_id=made["id"], expect=expect).json()


def test_inputs_are_taken_on_the_day_and_do_not_change_afterwards(firm):
    firm.make("Risk", {"title": "盗難", "impact": 4, "likelihood": 4})
    made = review(firm)
    inputs = firm.call("gatherReviewInputs", management_review_id=made["id"])["inputs"]
    assert (inputs["risks"]["highest"], inputs["risks"]["total"]) == (8, 1)
    assert set(inputs) == {"decisions", "issues", "interested_parties", "corrective_actions", "objectives", "audits", "external_findings", "incidents",
                           "risks", "treatment_plan", "suppliers", "changes", "opportunities"}
    firm.make("Risk", {"title": "漏えい", "impact": 5, "likelihood": 5})
    assert firm.call("getManagementReview", management_review_id=made["id"])["inputs"] == inputs


def test_everything_that_keeps_a_review_from_approval_is_named_one_by_one(firm):
    certification = firm.make("Certification", {"scheme": "iso27001-2022"})["id"]
    made = review(firm)
    path = {"management_review_id": made["id"]}
    assert "another person" in approve(firm.office, firm, made, expect=409)["detail"]
    assert "inputs" in approve(firm.office.other, firm, made, expect=409)["detail"]
    firm.call("gatherReviewInputs", **path)
    firm.call("updateManagementReview", {"held_on": "2025-02-13", "minutes": "話したこと"}, **path, if_match="*")
    firm.make("ReviewAttendee", {"person_id": firm.seller}, **path)
    assert "top management" in approve(firm.office.other, firm, made, expect=409)["detail"]
    firm.make("ReviewAttendee", {"person_id": firm.head}, **path)
    done = approve(firm.office.other, firm, made)
    assert (done["state"], done["approved_on"], len(done["sha256"])) == ("approved", "2025-02-14", 64)
    assert firm.call("getCertification", certification_id=certification)["management_review_done_on"] == "2025-02-13"
    firm.call("updateManagementReview", {"minutes": "別"}, expect=409, **path, if_match="*")


def test_a_decision_is_a_task_with_a_deadline(firm):
    made = review(firm)
    decision = firm.make("ReviewDecision", {"decision": "委託先を評価する", "owner_person_id": firm.seller, "due_on": "2025-03-31"},
                         management_review_id=made["id"])
    tasks = firm.office.pages("/v1/tasks", params={"client_id": firm.id, "source": "review_decision"})
    assert [(t["id"], t["title"], t["owner_person_id"], t["status"]) for t in tasks] == [(decision["id"], "委託先を評価する", firm.seller, "open")]
    firm.call("updateReviewDecision", {"done_on": "2025-02-14"}, management_review_id=made["id"], review_decision_id=decision["id"], if_match="*")
    found = {d["kind"]: d["status"] for d in firm.office.pages(f"/v1/clients/{firm.id}/deadlines")}
    assert found["review_decision"] == "fulfilled"
