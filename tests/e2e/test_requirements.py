"""Requirements, coverage, the statement of applicability, and readiness for a stage."""
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


@pytest.fixture
def client(office):
    return office.call("createClient", {"name": "青葉精機"}, expect=201).json()["id"]


def decide(office, client, code, patch, expect=200, if_match="*"):
    return office.call("updateRequirement", patch, client_id=client, requirement_code=code, if_match=if_match, expect=expect).json()


def wrong(reply):
    return {(e["pointer"], e["code"]) for e in reply["errors"]}


def coverage(office, client, catalogue="controls"):
    return next(c for c in office.call("getCoverage", client_id=client, expect=200).json()["catalogues"] if c["catalogue"] == catalogue)


def rule(office, client, *codes, **members):
    return office.call("createTreatment", {"title": "規程", "text_ja": "本文", "state": "implemented", "controls": list(codes)} | members,
                       client_id=client, expect=201).json()


def test_every_requirement_and_control_is_there_before_anything_is_decided(office, client):
    rows = office.pages(f"/v1/clients/{client}/requirements", params={"limit": 200})
    assert len([r for r in rows if r["catalogue"] == "controls"]) == 93
    assert len([r for r in rows if r["catalogue"] == "requirements"]) >= 120
    assert {(r["state"], r["applicable"], r["covered"], r["version"]) for r in rows} == {("not_started", True, False, 0)}


def test_the_first_decision_is_version_1_and_a_stale_one_is_refused(office, client):
    assert decide(office, client, "5.1", {"state": "planned"}, if_match='"v0"')["version"] == 1
    decide(office, client, "5.1", {"state": "partly"}, expect=412, if_match='"v0"')
    assert decide(office, client, "5.1", {"maturity": 2}, if_match='"v1"')["state"] == "planned"


def test_an_exclusion_needs_its_reason(office, client):
    assert wrong(decide(office, client, "7.4", {"applicable": False}, expect=422)) == {("/justification", "required")}
    made = decide(office, client, "7.4", {"applicable": False, "justification": "区画がない"})
    assert made["covered"] and not made["applicable"]


def test_a_clause_can_not_be_excluded(office, client):
    assert wrong(decide(office, client, "4.1-1", {"applicable": False, "justification": "x"}, expect=422)) == {("/applicable", "not_allowed_here")}


def test_an_unknown_code_is_missing(office, client):
    decide(office, client, "9.99-9", {"state": "planned"}, expect=404)


@pytest.mark.parametrize("proof", ["statement", "treatment", "evidence", None])
def test_implemented_counts_as_covered_when_something_shows_it(office, client, proof):
    if proof == "treatment":
        rule(office, client, "8.24")
    made = decide(office, client, "8.24", {"state": "implemented"} | ({"statement": "規程による"} if proof == "statement" else {}))
    if proof == "evidence":
        item = office.call("createEvidence", {"title": "x", "kind": "note", "note": "x"}, client_id=client, expect=201).json()["id"]
        state = office.system.sql("select id::text from registers.requirement_states where client_id = %s", client)[0][0]
        office.call("createEvidenceLink", {"subject_kind": "requirement", "subject": state}, client_id=client, evidence_id=item, expect=201)
        made = office.call("getRequirement", client_id=client, requirement_code="8.24", expect=200).json()
    assert (made["covered"], made["conflict"]) == ((True, None) if proof else (False, "implemented_without_proof"))


def test_conflicts_are_named(office, client):
    rule(office, client, "8.24", "8.1")
    decide(office, client, "8.24", {"applicable": False, "justification": "暗号を使わない"})
    assert coverage(office, client)["conflicts"] == [{"code": "8.1", "conflict": "used_but_not_implemented"},
                                                     {"code": "8.24", "conflict": "excluded_but_used"}]


def test_many_are_decided_at_once_or_none(office, client):
    def bulk(items, expect):
        return office.call("bulkRequirements", {"items": items}, client_id=client, expect=expect).json()
    refused = bulk([{"code": "5.1", "state": "planned"}, {"code": "5.1"}, {"code": "0.0"}, {"code": "4.1-1", "applicable": False},
                    {"code": "5.2", "applicable": False}, {"code": "5.3", "owner_person_id": str(uuid.uuid4())}], 422)
    assert wrong(refused) == {("/items/1/code", "not_unique"), ("/items/2/code", "not_found_reference"), ("/items/3/applicable", "not_allowed_here"),
                              ("/items/4/justification", "required"), ("/items/5/owner_person_id", "not_found_reference")}
    assert coverage(office, client)["states"]["planned"] == 0
    bulk([{"code": c, "state": "implemented", "statement": "規程"} for c in ("5.1", "5.2")], 200)
    bulk([{"code": "5.1", "maturity": 3}], 200)
    found = coverage(office, client)
    assert (found["covered"], found["states"]["implemented"], found["maturity"]) == (2, 2, 3)


def test_everything_decided_is_100_percent_without_gaps(office, client):
    codes = [r["code"] for r in office.pages(f"/v1/clients/{client}/requirements", params={"limit": 200})]
    office.call("bulkRequirements", {"items": [{"code": c, "state": "implemented", "statement": "規程による"} for c in codes]}, client_id=client, expect=200)
    assert [(coverage(office, client, c)["percent"], coverage(office, client, c)["gaps"]) for c in ("requirements", "controls")] == [(100, []), (100, [])]


def test_the_next_cycle_keeps_decisions_and_asks_for_a_new_review(office, client):
    decide(office, client, "5.1", {"state": "implemented", "statement": "x", "reviewed_on": "2025-02-01"})
    assert wrong(decide(office, client, "5.2", {"reviewed_on": "2025-02-15"}, expect=422)) == {("/reviewed_on", "in_future")}
    office.call("startRequirementReview", client_id=client, expect=200)
    made = office.call("getRequirement", client_id=client, requirement_code="5.1", expect=200).json()
    assert (made["state"], made["reviewed_on"]) == ("implemented", None)


# ---- statement of applicability

def freeze(office, client, expect=201):
    return office.call("createSoaVersion", {"title": "適用宣言書"}, client_id=client, expect=expect).json()


def approve(caller, client, made, expect=200):
    return caller.call("approveSoa", client_id=client, soa_version_id=made["id"], expect=expect).json()


def test_a_frozen_statement_does_not_change_with_the_registers(office, client):
    decide(office, client, "8.24", {"state": "implemented", "statement": "暗号化"})
    made = freeze(office, client)
    decide(office, client, "8.24", {"statement": "別の方法"})
    again = office.call("getSoaVersion", client_id=client, soa_version_id=made["id"], expect=200).json()
    control = next(c for c in again["controls"] if c["code"] == "8.24")
    assert (len(again["controls"]), control["statement"], again["sha256"]) == (93, "暗号化", made["sha256"])
    assert freeze(office, client)["sha256"] != made["sha256"]


def test_the_statement_is_approved_by_another_person_and_stays(office, client):
    certification = office.call("createCertification", {"scheme": "iso27001-2022"}, client_id=client, expect=201).json()["id"]
    made = freeze(office, client)
    assert "another person" in approve(office, client, made, expect=409)["detail"]
    assert approve(office.other, client, made)["approved_on"] == "2025-02-14"
    office.call("deleteSoaVersion", client_id=client, soa_version_id=made["id"], if_match="*", expect=409)
    assert office.call("getCertification", client_id=client, certification_id=certification, expect=200).json()["soa_approved_on"] == "2025-02-14"


def test_a_statement_that_contradicts_the_registers_is_not_frozen(office, client):
    rule(office, client, "8.24")
    decide(office, client, "8.24", {"applicable": False, "justification": "使わない"})
    assert "8.24" in freeze(office, client, expect=409)["detail"]


# ---- readiness

def readiness(office, client, stage):
    return {i["code"]: i for i in office.call("getReadiness", client_id=client, params={"stage": stage}, expect=200).json()["items"]}


def test_an_empty_client_lacks_everything_and_is_told_where_to_begin(office, client):
    answer = office.call("getReadiness", client_id=client, params={"stage": "stage2"}, expect=200).json()
    assert not answer["ready"]
    assert {i["code"] for i in answer["items"] if i["passed"]} == {"asset_risks", "treatment_plan", "corrective_actions", "suppliers"}
    assert all(i["text_ja"] and i["text_en"] and i["href"].startswith(f"/v1/clients/{client}/") for i in answer["items"])


def test_stage_1_asks_for_less_than_stage_2(office, client):
    first, second = readiness(office, client, "stage1"), readiness(office, client, "stage2")
    assert set(first) < set(second) and {"internal_audit", "management_review"} <= set(second) - set(first)


def test_an_asset_without_risk_and_a_risk_without_treatment_are_counted(office, client):
    asset = office.call("createAsset", {"name": "a"}, client_id=client, expect=201).json()["id"]
    lacking = readiness(office, client, "stage1")["asset_risks"]
    assert lacking["missing"] == 1 and [o["id"] for o in lacking["objects"]] == [asset]
    risk = office.call("createRisk", {"title": "r", "impact": 4, "likelihood": 4, "asset_id": asset}, client_id=client, expect=201).json()["id"]
    found = readiness(office, client, "stage1")
    assert (found["asset_risks"]["passed"], found["risk_treatment"]["missing"]) == (True, 1)
    made = rule(office, client)
    office.call("createTreatmentRisk", {"risk_id": risk}, client_id=client, treatment_id=made["id"], expect=201)
    assert readiness(office, client, "stage1")["risk_treatment"]["passed"]


def test_a_supplier_that_matters_is_judged_before_stage_2(office, client):
    made = office.call("createSupplier", {"name": "株式会社クラウド倉庫", "criticality": "high"}, client_id=client, expect=201).json()["id"]
    lacking = readiness(office, client, "stage2")["suppliers"]
    assert [o["id"] for o in lacking["objects"]] == [made] and "suppliers" not in readiness(office, client, "stage1")
    office.call("updateSupplier", {"judgement": "accepted", "judged_on": "2025-01-06"}, client_id=client, supplier_id=made, if_match="*", expect=200)
    assert readiness(office, client, "stage2")["suppliers"]["passed"]


def test_an_approved_version_of_the_scope_defines_it(office, client):
    made = office.call("createScopeVersion", {"statement_ja": "本社における受託開発"}, client_id=client, expect=201).json()["id"]
    assert not readiness(office, client, "stage1")["scope"]["passed"]
    office.call("activateScopeVersion", {"effective_on": "2025-01-06"}, client_id=client, scope_version_id=made, expect=200)
    assert readiness(office, client, "stage1")["scope"]["passed"]


def test_another_consultancy_sees_nothing(office, client):
    stranger = office.system.owner()
    for operation in ("listRequirements", "getCoverage", "getReadiness", "listSoaVersions"):
        stranger.call(operation, client_id=client, expect=404)
