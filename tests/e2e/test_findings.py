"""Findings of external audits: their course, their deadlines by grade and body, follow-up audits, and what they do to the certification."""
import pytest

GATE = {"scope_defined_on": "2024-09-10", "risk_assessment_done_on": "2024-10-20", "soa_approved_on": "2024-11-01",
        "internal_audit_done_on": "2024-12-05", "management_review_done_on": "2024-12-16"}
STAGE2 = {"kind": "stage2", "status": "held", "held_first_day": "2025-01-09", "held_last_day": "2025-01-10"}


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-02-03T10:00:00+09:00")


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


class Case:
    """A client between stage 2 and the decision."""

    def __init__(self, owner, body=None):
        self.owner = owner
        self.client = owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"]
        self.certification = owner.call("createCertification", {"scheme": "iso27001-2022", "body_id": body}, client_id=self.client, expect=201).json()["id"]
        self.move("stage1_done", "2024-11-15")
        self.move("stage2_done", "2025-01-10")

    def move(self, to, on, expect=201, **rest):
        return self.owner.call("createTransition", {"to": to, "on": on, "source": "報告書", **rest}, client_id=self.client,
                               certification_id=self.certification, expect=expect).json()

    def patch(self, **facts):
        return self.owner.call("updateCertification", facts, client_id=self.client, certification_id=self.certification, if_match="*", expect=200).json()

    def audit(self, **facts):
        return self.owner.call("createAudit", {"certification_id": self.certification, **facts}, client_id=self.client, expect=201).json()["id"]

    def stage2(self):
        return next(a["id"] for a in self.owner.pages(f"/v1/clients/{self.client}/audits") if a["kind"] == "stage2")

    def finding(self, audit=None, grade="major", expect=201, **rest):
        return self.owner.call("createFinding", {"audit_id": audit or self.stage2(), "grade": grade, "statement": "内部監査が全範囲を見ていない", **rest},
                               client_id=self.client, expect=expect).json()

    def change(self, finding, expect=200, **facts):
        return self.owner.call("updateFinding", facts, client_id=self.client, finding_id=finding["id"], if_match="*", expect=expect).json()

    def get(self, finding):
        return self.owner.call("getFinding", client_id=self.client, finding_id=finding["id"], expect=200).json()

    def list(self, **params):
        return [f["id"] for f in self.owner.pages(f"/v1/clients/{self.client}/findings", params=params)]

    def deadlines(self, finding=None, status=None):
        rows = self.owner.pages(f"/v1/clients/{self.client}/deadlines", params={"status": status} if status else {})
        return {d["kind"]: d for d in rows if finding is None or d["finding_id"] == finding["id"]}


@pytest.fixture
def case(owner):
    return Case(owner)


def wrong(problem):
    return {e["pointer"] for e in problem["errors"]}


# ---------------------------------------------------------------- course

def test_the_state_follows_the_dates(case):
    finding = case.finding()
    states = [finding["state"]]
    for facts in ({"plan_submitted_on": "2025-01-17"}, {"plan_accepted_on": "2025-01-20"}, {"evidence_submitted_on": "2025-01-28"},
                  {"verified_on": "2025-01-31"}, {"closed_on": "2025-02-03"}):
        states.append(case.change(finding, **facts)["state"])
    assert states == ["plan_due", "plan_submitted", "plan_accepted", "evidence_submitted", "verified", "closed"]


def test_an_observation_waits_for_nothing_and_is_looked_at_by_the_next_audit(case):
    finding = case.finding(grade="observation")
    assert (finding["state"], finding["next_due_on"], case.deadlines(finding)) == ("open", None, {})
    following = case.audit(kind="surveillance", planned_first_day="2026-01-12")
    assert case.list(for_audit_id=following) == [finding["id"]]
    case.change(finding, closed_on="2025-02-03")
    assert case.list(for_audit_id=following) == []


def test_every_member_of_a_finding_is_kept(owner, case):
    department = owner.call("createDepartment", {"name": "情報システム部"}, client_id=case.client, expect=201).json()["id"]
    person = owner.call("createPerson", {"name": "佐藤 花子"}, client_id=case.client, expect=201).json()["id"]
    given = {"reference": "9.2", "department_id": department, "owner_person_id": person, "evidence_seen": "監査計画", "correction": "追加監査",
             "correction_done_on": "2025-01-14", "cause": "計画の作り方", "corrective_action": "計画の様式を改める", "corrective_action_due_on": "2025-04-30",
             "corrective_action_done_on": "2025-01-30", "plan_submitted_on": "2025-01-15", "plan_accepted_on": "2025-01-16",
             "evidence_submitted_on": "2025-01-31", "evidence": "監査報告書", "evidence_links": ["https://files.minato.example/a.pdf"],
             "verification": "documents", "verified_on": "2025-02-01", "verified_by": "高橋", "closed_on": "2025-02-02"}
    finding = case.finding(**given)
    assert {k: finding[k] for k in given} == given and case.get(finding) == finding


def test_every_date_out_of_order_is_named(case):
    problem = case.finding(expect=422, plan_submitted_on="2025-01-20", plan_accepted_on="2025-01-19", evidence_submitted_on="2025-01-18",
                           verified_on="2025-01-17", correction_done_on="2025-01-08", closed_on="2025-02-04")
    assert wrong(problem) == {"/plan_accepted_on", "/evidence_submitted_on", "/verified_on", "/correction_done_on", "/closed_on"}


def test_a_change_is_judged_with_what_is_there(case):
    finding = case.finding(plan_submitted_on="2025-01-20", verified_on="2025-01-25")
    problem = case.change(finding, expect=422, plan_accepted_on="2025-01-26")
    assert [(e["pointer"], e["code"], e["limit"]) for e in problem["errors"]] == [("/plan_accepted_on", "after_end", "2025-01-25")]


def test_lists_are_filtered_by_what_matters(case):
    major, minor = case.finding(), case.finding(grade="minor")
    case.change(minor, verified_on="2025-02-01")
    assert case.list(open=True) == [major["id"]] and case.list(open=False) == [minor["id"]]
    assert case.list(overdue=True) == [major["id"]] and case.list(state="verified") == [minor["id"]]
    assert case.get(major)["days_left"] == -10


# ---------------------------------------------------------------- deadlines

def test_a_major_of_stage_2_has_six_months_and_the_client_four_weeks_less(case):
    finding = case.finding()
    due = case.deadlines(finding)
    assert (due["major_verification"]["raw_on"], due["major_verification"]["hardness"]) == ("2025-07-10", "hard")
    assert (due["finding_own_limit"]["raw_on"], due["finding_own_limit"]["hardness"]) == ("2025-06-12", "own")
    case.patch(policies={"client_verification_weeks": 6})
    assert case.deadlines(finding)["finding_own_limit"]["raw_on"] == "2025-05-29"


def test_the_body_gives_its_own_days_by_grade(owner):
    body = owner.call("createCertificationBody", {"name": "東日本審査機構", "policies": {
        "major_plan_days": 10, "major_evidence_days": 30, "minor_plan_days": 20, "minor_evidence_days": 90}}, expect=201).json()["id"]
    case = Case(owner, body)
    major, minor = case.finding(), case.finding(grade="minor")
    assert [case.deadlines(major)[k]["raw_on"] for k in ("finding_plan", "finding_evidence")] == ["2025-01-20", "2025-02-09"]
    assert [case.deadlines(minor)[k]["raw_on"] for k in ("finding_plan", "finding_evidence")] == ["2025-01-30", "2025-04-10"]
    assert "major_verification" not in case.deadlines(minor)


def test_handing_in_fulfils_and_only_verification_stops_the_six_months(case):
    finding = case.finding(plan_submitted_on="2025-01-17", evidence_submitted_on="2025-01-31")
    assert {k for k, d in case.deadlines(finding).items() if d["status"] == "open"} == {"major_verification"}
    case.change(finding, verified_on="2025-02-03")
    assert not [d for d in case.deadlines(finding).values() if d["status"] == "open"]


def test_nothing_that_stage_1_says_starts_a_clock(case):
    stage1 = next(a["id"] for a in case.owner.pages(f"/v1/clients/{case.client}/audits") if a["kind"] == "stage1")
    finding = case.finding(stage1)
    assert finding["state"] == "open" and case.deadlines(finding) == {}


def test_a_major_keeps_the_recommendation_back_and_after_six_months_wants_another_stage_2(start_system):
    system = start_system(clock="2025-02-03T10:00:00+09:00")
    case = Case(system.owner())
    finding = case.finding()
    system.set_clock("2025-07-14T10:00:00+09:00")
    system.run_jobs()
    case.owner = system.sign_in(case.owner.consultancy["email"])
    problem = case.move("recommended", "2025-07-14", expect=409)
    assert [e["limit"] for e in problem["errors"]] == ["new_stage2"]
    again = [a for a in case.owner.pages(f"/v1/clients/{case.client}/audits", params={"kind": "stage2"}) if a["ordinal"] == 2]
    assert [(a["window_start"], a["status"]) for a in again] == [("2025-07-11", "planned")]
    assert case.deadlines()["new_stage2"]["status"] == "open"
    case.move("stage2_done", "2025-07-14")
    assert case.deadlines()["new_stage2"]["status"] == "fulfilled"
    assert case.deadlines(finding)["major_verification"]["raw_on"] == "2026-01-14"
    case.change(finding, verified_on="2025-07-14")
    case.move("recommended", "2025-07-14")


def test_an_early_recommendation_does_not_spare_the_other_stage_2(start_system):
    system = start_system(clock="2025-02-03T10:00:00+09:00")
    case = Case(system.owner())
    finding = case.finding()
    case.move("recommended", "2025-01-31")
    system.set_clock("2025-07-14T10:00:00+09:00")
    case.owner = system.sign_in(case.owner.consultancy["email"])
    case.change(finding, verified_on="2025-07-11")
    problem = case.move("certified", "2025-07-14", expect=409)
    assert "new_stage2" in [e["limit"] for e in problem["errors"]] and "majors_verified" not in [e["limit"] for e in problem["errors"]]
    [of] = case.owner.call("getGates", client_id=case.client).json()["certifications"]
    assert "new_stage2" in [i["code"] for g in of["gates"] if g["gate"] == "certification_decision" for i in g["missing"]]


def test_a_major_of_the_recertification_audit_is_verified_before_the_expiry(start_system):
    system = start_system(clock="2027-12-20T10:00:00+09:00")
    owner = system.owner()
    case = Case.__new__(Case)
    case.owner, case.client = owner, owner.call("createClient", {"name": "株式会社ヤマト"}, expect=201).json()["id"]
    case.certification = owner.call("createCertification", {"scheme": "iso27001-2022", "state": "certified", "decision_date": "2025-02-14"},
                                    client_id=case.client, expect=201).json()["id"]
    audit = case.audit(kind="recertification", status="held", held_first_day="2027-12-02", held_last_day="2027-12-03")
    major, minor = case.finding(audit), case.finding(audit, grade="minor", plan_accepted_on="2027-12-15")
    due = case.deadlines(major)
    assert (due["major_verification"]["raw_on"], due["major_verification"]["rule"]) == ("2028-02-13", "REC-02")
    assert due["finding_own_limit"]["raw_on"] == "2028-01-16"
    assert "minor_closure" not in case.deadlines(minor)
    case.patch(policies={"minor_must_be_closed": True})
    assert case.deadlines(minor)["minor_closure"]["raw_on"] == "2028-02-13"
    problem = case.move("certified", "2027-12-20", recertification_audit_last_day="2027-12-03", expect=409)
    assert {e["limit"] for e in problem["errors"]} == {"majors_verified", "minors_closed"}


# ---------------------------------------------------------------- follow-up audits

def order(case, expect=201, **body):
    return case.owner.call("orderFollowUpAudit", body, client_id=case.client, audit_id=case.stage2(), expect=expect)


def hold(case, audit, day="2025-01-31"):
    return case.owner.call("updateAudit", {"status": "held", "held_first_day": day, "held_last_day": day}, client_id=case.client, audit_id=audit,
                           if_match="*", expect=200)


def verify(case, audit, expect=200, **body):
    return case.owner.call("verifyFindings", body, client_id=case.client, audit_id=audit, expect=expect).json()


def test_a_follow_up_audit_takes_what_waits_and_verifies_it_when_it_was_held(case):
    first, second = case.finding(), case.finding(grade="minor")
    case.finding(grade="observation")
    reply = order(case, planned_first_day="2025-01-31", extent="full_audit")
    made = reply.json()
    assert made["finding_ids"] == sorted([first["id"], second["id"]]) and reply.headers["Location"].endswith(made["audit_id"])
    audit = case.owner.get(reply.headers["Location"], expect=200).json()
    assert (audit["kind"], audit["planned_last_day"]) == ("follow_up", "2025-01-31")
    assert case.get(first)["verification"] == "full_audit"
    assert verify(case, made["audit_id"], expect=409)["code"] == "state_not_allowed"
    hold(case, made["audit_id"])
    done = verify(case, made["audit_id"], verified_by="高橋", close=True)["data"]
    assert {(f["id"], f["verified_on"], f["closed_on"], f["verified_by"]) for f in done} == {
        (f["id"], "2025-01-31", "2025-01-31", "高橋") for f in (first, second)}
    case.move("recommended", "2025-01-31")


def test_a_follow_up_of_one_finding_leaves_the_others(case):
    first, second = case.finding(), case.finding(grade="minor")
    made = case.owner.call("orderFindingFollowUp", {}, client_id=case.client, finding_id=second["id"], expect=201).json()
    assert made["finding_ids"] == [second["id"]] and case.get(first)["follow_up_audit_id"] is None


def test_there_is_nothing_to_follow_up_when_all_is_verified(case):
    case.finding(verified_on="2025-01-31")
    assert order(case, expect=409).json()["code"] == "state_not_allowed"


def test_unknown_findings_are_named_one_by_one(case):
    finding = case.finding()
    missing = "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff"
    assert wrong(order(case, finding_ids=[finding["id"], missing], expect=422).json()) == {"/finding_ids/1"}
    assert wrong(verify(case, case.stage2(), finding_ids=[missing], expect=422)) == {"/finding_ids/0"}


def test_a_verification_lies_after_what_was_handed_in(case):
    case.finding(evidence_submitted_on="2025-02-02")
    made = order(case).json()
    hold(case, made["audit_id"])
    assert wrong(verify(case, made["audit_id"], expect=422)) == {"/verified_on"}
    assert verify(case, made["audit_id"], verified_on="2025-02-03")["data"][0]["verified_on"] == "2025-02-03"
