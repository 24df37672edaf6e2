"""The gates over HTTP: what is missing before each step, with its object, rule and next action; and they are the transitions' own gates."""
import pytest

from test_certifications import GATE, Case


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-06-02T09:00:00+09:00")


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


@pytest.fixture
def client(owner):
    return owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"]


def gates(case, **params):
    read = case.owner.get(f"{case.path}/gates", params=params, expect=200).json()
    found = next(c for c in read["certifications"] if c["certification_id"] == case.id)
    return {gate["gate"]: gate for gate in found["gates"]} | {"next": found["next_gate"], "readiness": found["readiness_pct"]}


def codes(gate):
    return [item["code"] for item in gate["missing"]]


def audit(case, kind, ordinal=1):
    return next(a["id"] for a in case.programme()["audits"] if (a["kind"], a["ordinal"]) == (kind, ordinal))


def change_audit(case, audit_id, **members):
    return case.owner.patch(f"{case.path}/audits/{audit_id}", members, if_match="*", expect=200)


def finding(case, audit_id, grade, **members):
    return case.owner.post(f"{case.path}/findings", {"audit_id": audit_id, "grade": grade, "statement": "ログを確認していない", **members},
                           expect=201).json()["id"]


@pytest.fixture
def certified(owner, client):
    return Case(owner, client, state="certified", decision_date="2025-02-14", stage2_last_day="2025-01-10")


@pytest.fixture
def recommended(owner, client):
    case = Case(owner, client)
    case.move("stage1_done", "2024-11-15")
    case.move("stage2_done", "2025-01-10")
    case.move("recommended", "2025-01-31")
    return case


# ---------------------------------------------------------------- preparing

def test_a_new_certification_lacks_the_basics_for_stage_1(owner, client):
    case = Case(owner, client, target_date="2026-02-27")
    found = gates(case)
    assert found["next"] == "stage1" and found["readiness"] == 0
    assert found["stage1"]["status"] == "not_yet"
    assert codes(found["stage1"]) == ["scope", "risk_assessment", "soa", "audit_booking"]


def test_each_missing_fact_says_what_why_where_by_when_and_what_to_do(owner, client):
    case = Case(owner, client, target_date="2026-02-27")
    for item in gates(case)["stage1"]["missing"]:
        assert item["what_ja"] and item["what_en"] and item["next_ja"] and item["next_en"] and item["rule"] and item["clause"]
        assert item["entity_id"] == (audit(case, "stage1") if item["entity"] == "audit" else case.id)
        assert item["by_when"] is not None, item["code"]


def test_internal_audit_and_review_are_asked_for_before_stage_1_where_the_body_says_so(owner, client):
    case = Case(owner, client, target_date="2026-02-27", policies={"ia_mr_required_before": "stage1"})
    assert codes(gates(case)["stage1"])[3:5] == ["internal_audit", "management_review"]


def test_stage_1_passes_with_the_basics_and_a_booking(owner, client):
    case = Case(owner, client, target_date="2026-02-27", scope_defined_on="2025-01-10", risk_assessment_done_on="2025-02-20",
                soa_approved_on="2025-03-01")
    assert codes(gates(case)["stage1"]) == ["audit_booking"]
    change_audit(case, audit(case, "stage1"), status="confirmed", planned_first_day="2025-10-01", planned_last_day="2025-10-01")
    found = gates(case)
    assert found["stage1"]["status"] == "pass" and found["readiness"] == 100
    assert [item["code"] for item in found["stage1"]["met"]] == ["scope", "risk_assessment", "soa", "audit_booking"]


def test_surveillance_and_recertification_do_not_apply_before_the_certificate(owner, client):
    found = gates(Case(owner, client))
    for name in ("next_surveillance", "recertification"):
        assert found[name]["status"] == "not_applicable" and found[name]["why_not_ja"] and found[name]["why_not_en"]


def test_after_stage_1_its_gate_says_when_it_was_held(owner, client):
    case = Case(owner, client)
    case.move("stage1_done", "2025-05-15")
    found = gates(case)
    assert found["stage1"]["status"] == "not_applicable" and found["stage1"]["why_not_since"] == "2025-05-15"
    assert found["next"] == "stage2" and "internal_audit" in codes(found["stage2"])


def test_a_concern_of_stage_1_is_to_be_resolved_before_stage_2(owner, client):
    case = Case(owner, client)
    case.move("stage1_done", "2025-05-15")
    made = finding(case, audit(case, "stage1"), "stage1_concern", reference="C-1")
    item = next(i for i in gates(case)["stage2"]["missing"] if i["code"] == "stage1_concern")
    assert item["entity_id"] == made and item["rule"] == "INI-04" and "C-1" in item["what_ja"]
    case.owner.patch(f"{case.path}/findings/{made}", {"closed_on": "2025-05-30"}, if_match="*", expect=200)
    assert "stage1_concern" not in codes(gates(case)["stage2"])


def test_a_stage_1_too_far_back_blocks_stage_2(owner, client):
    case = Case(owner, client)
    case.move("stage1_done", "2024-11-15")
    gate = gates(case)["stage2"]
    assert gate["status"] == "blocked" and gate["blocked_on"] == "2025-05-16"
    assert [i["rule"] for i in gate["missing"] if i["blocks"]] == ["INI-02"]


# ---------------------------------------------------------------- the decision

def test_the_decision_passes_exactly_when_the_transition_is_allowed(recommended):
    names = list(GATE)
    for count, name in enumerate(names):
        assert gates(recommended)["certification_decision"]["status"] != "pass"
        recommended.move("certified", "2025-02-14", expect=409)
        recommended.patch({name: GATE[name]})
        assert len(gates(recommended)["certification_decision"]["missing"]) == len(names) - count - 1
    assert gates(recommended)["certification_decision"]["status"] == "pass"
    assert gates(recommended, on="2024-12-10")["certification_decision"]["status"] == "not_yet"
    recommended.move("certified", "2025-02-14")


def test_the_decision_names_what_the_transition_names(recommended):
    missing = recommended.move("certified", "2025-02-14", expect=409)["errors"]
    named = {"internal_audit_full_scope": "internal_audit"}
    assert [named.get(e["limit"], e["limit"]) for e in missing] == codes(gates(recommended)["certification_decision"])


def test_an_open_major_blocks_the_decision_until_it_is_verified(recommended):
    recommended.patch(GATE)
    made = finding(recommended, audit(recommended, "stage2"), "major", reference="NC-1")
    gate = gates(recommended)["certification_decision"]
    assert gate["status"] == "blocked" and codes(gate) == ["major_unverified"]
    assert gate["missing"][0]["entity_id"] == made and gate["missing"][0]["by_when"] == "2025-07-10"
    recommended.move("certified", "2025-06-02", expect=409)
    recommended.owner.patch(f"{recommended.path}/findings/{made}", {"verified_on": "2025-05-20"}, if_match="*", expect=200)
    assert gates(recommended)["certification_decision"]["status"] == "pass"


def test_a_minor_without_accepted_plan_is_named(recommended):
    recommended.patch(GATE)
    made = finding(recommended, audit(recommended, "stage2"), "minor")
    gate = gates(recommended)["certification_decision"]
    assert gate["status"] == "not_yet" and [(i["code"], i["entity"], i["entity_id"]) for i in gate["missing"]] == [
        ("minor_plan_missing", "finding", made)]
    recommended.owner.patch(f"{recommended.path}/findings/{made}", {"plan_accepted_on": "2025-02-03"}, if_match="*", expect=200)
    assert gates(recommended)["certification_decision"]["status"] == "pass"


def test_a_major_not_verified_in_six_months_wants_another_stage_2(owner, client):
    case = Case(owner, client)
    case.move("stage1_done", "2024-09-15")
    case.move("stage2_done", "2024-11-10")
    finding(case, audit(case, "stage2"), "major")
    gate = gates(case)["certification_decision"]
    assert "new_stage2" in codes(gate) and gate["status"] == "blocked"
    case.move("recommended", "2025-06-02", expect=409)


# ---------------------------------------------------------------- the running cycle

def test_the_next_surveillance_names_audit_review_and_booking(certified):
    found = gates(certified)
    gate = found["next_surveillance"]
    assert found["next"] == "next_surveillance" and gate["status"] == "not_yet"
    assert codes(gate) == ["internal_audit", "management_review", "audit_booking"]
    assert [i["since"] for i in gate["missing"]] == ["2025-01-10", "2025-01-10", None]
    assert gate["blocked_on"] == "2026-02-15" and gate["audit_id"] == audit(certified, "surveillance")


def test_an_internal_audit_before_the_last_external_audit_does_not_count(certified):
    certified.patch({"internal_audit_done_on": "2024-12-05", "management_review_done_on": "2025-05-16"})
    assert codes(gates(certified)["next_surveillance"]) == ["internal_audit", "audit_booking"]


def test_a_booked_and_prepared_surveillance_passes(certified):
    certified.patch({"internal_audit_done_on": "2025-05-05", "management_review_done_on": "2025-05-16"})
    change_audit(certified, audit(certified, "surveillance"), status="requested", planned_first_day="2025-12-10",
                 planned_last_day="2025-12-11")
    assert gates(certified)["next_surveillance"]["status"] == "pass"


def test_a_booking_behind_the_hard_limit_blocks(certified):
    change_audit(certified, audit(certified, "surveillance"), status="confirmed", planned_first_day="2026-02-26",
                 planned_last_day="2026-02-27")
    gate = gates(certified)["next_surveillance"]
    assert gate["status"] == "blocked" and "booking_after_limit" in codes(gate)


def test_the_hard_limit_of_the_first_surveillance_is_the_standards(certified):
    gate = gates(certified, on="2026-02-15")["next_surveillance"]
    assert gate["status"] == "blocked"
    assert [(i["code"], i["rule"]) for i in gate["missing"] if i["blocks"]] == [("hard_limit_passed", "SUR-01")]
    assert gates(certified, on="2026-02-14")["next_surveillance"]["status"] == "not_yet"


def test_a_suspension_blocks_and_names_its_limit(certified):
    certified.move("suspended", "2025-05-20")
    for name in ("next_surveillance", "recertification"):
        gate = gates(certified)[name]
        assert gate["status"] == "blocked"
        assert [(i["code"], i["by_when"]) for i in gate["missing"] if i["code"] == "suspended"] == [("suspended", "2025-11-20")]


def test_after_both_surveillances_the_recertification_is_next(owner, client):
    case = Case(owner, client, state="certified", decision_date="2022-08-10", stage2_last_day="2022-07-10")
    for ordinal, day in ((1, "2023-07-20"), (2, "2024-07-20")):
        change_audit(case, audit(case, "surveillance", ordinal), status="held", held_first_day=day, held_last_day=day)
    found = gates(case)
    assert found["next"] == "recertification" and found["next_surveillance"]["status"] == "not_applicable"
    assert codes(found["recertification"]) == ["internal_audit", "management_review", "audit_booking", "recertification_audit"]
    assert found["recertification"]["missing"][0]["since"] == "2024-07-20"


def test_the_recertification_passes_exactly_when_the_transition_is_allowed(owner, client):
    case = Case(owner, client, state="certified", decision_date="2022-08-10", stage2_last_day="2022-07-10")
    case.move("certified", "2025-06-02", expect=422)
    change_audit(case, audit(case, "recertification"), status="held", held_first_day="2025-05-19", held_last_day="2025-05-20")
    made = finding(case, audit(case, "recertification"), "major")
    assert gates(case)["recertification"]["status"] == "blocked"
    case.move("certified", "2025-06-02", expect=409)
    case.owner.patch(f"{case.path}/findings/{made}", {"verified_on": "2025-05-30"}, if_match="*", expect=200)
    assert gates(case)["recertification"]["status"] == "pass"
    case.move("certified", "2025-06-02")


def test_an_expired_certificate_can_be_restored_for_six_months(owner, client):
    case = Case(owner, client, state="certified", decision_date="2022-03-10", stage2_last_day="2022-02-10")
    case.move("expired", "2025-06-02")
    found = gates(case)
    assert found["next"] == "recertification" and found["next_surveillance"]["status"] == "not_applicable"
    assert found["recertification"]["status"] == "blocked" and "recertification_audit" in codes(found["recertification"])
    assert "restoration_too_late" not in codes(gates(case, on="2025-09-09")["recertification"])
    assert "restoration_too_late" in codes(gates(case, on="2025-09-10")["recertification"])


def test_a_withdrawn_certification_has_no_gate(certified):
    certified.move("withdrawn", "2025-05-20")
    found = gates(certified)
    assert found["next"] is None and {found[n]["status"] for n in ("stage1", "next_surveillance", "recertification")} == {"not_applicable"}


def test_the_privacy_mark_has_a_renewal_and_no_surveillance(owner, client):
    case = Case(owner, client, scheme="pmark", state="certified", decision_date="2024-09-01")
    found = gates(case)
    assert found["next_surveillance"]["status"] == "not_applicable"
    assert [(i["code"], i["rule"]) for i in found["recertification"]["missing"]] == [("pmark_renewal", "PMK-02")]


# ---------------------------------------------------------------- whose gates

def test_one_certification_can_be_asked_for(owner, client, certified):
    other = Case(owner, client, scheme="iso27017-jp")
    read = owner.get(f"{certified.path}/gates", params={"certification_id": other.id}, expect=200).json()
    assert [c["certification_id"] for c in read["certifications"]] == [other.id]
    owner.get(f"{certified.path}/gates", params={"certification_id": "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff"}, expect=404)


def test_a_client_that_is_not_there_is_not_found(owner):
    owner.get("/v1/clients/0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff/gates", expect=404)


# ---------------------------------------------------------------- add-ons and old editions

def missing_facts(refusal):
    return [error["limit"] for error in refusal["errors"]]


def test_an_add_on_is_granted_on_an_audit_of_its_isms(owner, client, certified):
    addon = Case(owner, client, scheme="iso27017-jp")
    found = gates(addon)
    assert found["next"] == "certification_decision" and found["stage1"]["status"] == found["stage2"]["status"] == "not_applicable"
    assert codes(found["certification_decision"]) == missing_facts(addon.move("certified", "2025-06-02", expect=409)) == ["isms_audit"]
    change_audit(certified, audit(certified, "surveillance"), status="held", held_first_day="2025-05-19", held_last_day="2025-05-20")
    gate = gates(addon)["certification_decision"]
    assert gate["status"] == "pass" and [m["code"] for m in gate["met"]] == ["isms_in_force", "isms_audit"]
    addon.move("certified", "2025-06-02")


def test_an_add_on_without_isms_lacks_it(owner, client):
    addon = Case(owner, client, scheme="iso27017-jp")
    gate = gates(addon)["certification_decision"]
    refused = addon.move("certified", "2025-06-02", expect=409)
    assert gate["status"] == "not_yet" and set(codes(gate)) == set(missing_facts(refused)) == {"isms_in_force", "isms_audit"}
    assert {item["rule"] for item in gate["missing"]} == {"ADD-01"}


def test_the_renewal_of_an_add_on_waits_for_its_isms(owner, client, certified):
    addon = Case(owner, client, scheme="iso27701-2019", state="certified", decision_date="2025-03-10", expiry_date="2028-02-13")
    gate = gates(addon)["recertification"]
    assert codes(gate) == missing_facts(addon.move("certified", "2025-06-02", expect=409)) == ["isms_recertified"]
    assert gate["missing"][0]["rule"] == "ADD-02"


def test_an_old_edition_whose_audits_may_no_longer_start_blocks(owner, client):
    case = Case(owner, client, scheme="iso27001-2013", state="certified", decision_date="2022-09-10", stage2_last_day="2022-08-10")
    change_audit(case, audit(case, "recertification"), status="held", held_first_day="2025-05-19", held_last_day="2025-05-20")
    gate = gates(case)["recertification"]
    assert gate["status"] == "blocked" and codes(gate) == missing_facts(case.move("certified", "2025-06-02", expect=409)) == ["edition_open"]
    new = Case(owner, client, scheme="pmark")
    assert gates(new)["stage1"]["status"] == "not_applicable"
