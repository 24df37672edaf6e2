"""Context and treatments: what the client's rules are, who wrote and who approved them."""
import uuid

import pytest

PASSWORD = "a password that is long enough"


@pytest.fixture(scope="module")
def office(start_system):
    system = start_system(clock="2025-02-14T09:00:00+09:00")
    owner = system.owner()
    owner.client_id = owner.call("createClient", {"name": "青葉精機", "code": "aoba"}, expect=201).json()["id"]
    owner.person = owner.call("createPerson", {"name": "佐藤 花子"}, client_id=owner.client_id, expect=201).json()["id"]
    email = f"{uuid.uuid4().hex[:8]}@meguri.example"
    made = owner.call("createMember", {"email": email, "name": "別の人", "role": "admin"}, expect=201).json()
    system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": PASSWORD}, expect=204)
    owner.other = system.sign_in(email, PASSWORD)
    return owner


def treatment(office, expect=201, **members):
    body = {"title": "ディスクの暗号化", "text_ja": "持ち出すパソコンは暗号化する。", "owner_person_id": office.person, "due_on": "2025-04-30"} | members
    return office.call("createTreatment", {k: v for k, v in body.items() if v is not None}, client_id=office.client_id, expect=expect).json()


def change(office, made, patch, expect=200):
    return office.call("updateTreatment", patch, client_id=office.client_id, treatment_id=made["id"], if_match="*", expect=expect).json()


def approve(caller, office, made, expect=200):
    return caller.call("approveTreatment", client_id=office.client_id, treatment_id=made["id"], expect=expect).json()


def deadlines(office, made):
    rows = office.pages(f"/v1/clients/{office.client_id}/deadlines")
    return {r["kind"]: r for r in rows if (r["why"].get("inputs") or {}).get("treatment_id") == made["id"]}


def test_a_planned_treatment_needs_an_owner_and_a_day_and_both_are_named(office):
    refused = treatment(office, 422, owner_person_id=None, due_on=None)
    assert {(e["pointer"], e["code"]) for e in refused["errors"]} == {("/owner_person_id", "required"), ("/due_on", "required")}


def test_an_accepted_risk_needs_neither(office):
    assert treatment(office, option="accept", owner_person_id=None, due_on=None)["due_on"] is None


def test_the_owner_can_not_be_taken_from_a_planned_treatment(office):
    refused = change(office, treatment(office), {"owner_person_id": None}, expect=422)
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/owner_person_id", "required")]


def test_a_rule_in_force_has_a_text(office):
    refused = treatment(office, 422, state="implemented", text_ja=None)
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/text_ja", "required")]


def test_implementing_fulfils_the_deadline_and_starts_the_review(office):
    made = treatment(office, review_months=12)
    assert set(deadlines(office, made)) == {"treatment"}
    change(office, made, {"state": "implemented"})
    found = deadlines(office, made)
    assert (found["treatment"]["status"], found["treatment"]["fulfilled_on"]) == ("fulfilled", "2025-02-14")
    assert (found["treatment_review"]["raw_on"], found["treatment_review"]["due_on"]) == ("2026-02-14", "2026-02-13")


def test_who_wrote_it_does_not_approve_it(office):
    refused = approve(office, office, treatment(office), expect=409)
    assert refused["code"] == "state_not_allowed" and "another person" in refused["detail"]


def test_another_person_approves_and_a_second_time_is_refused(office):
    made = treatment(office)
    done = approve(office.other, office, made)
    assert (done["approved"], done["approved_by"], done["effective_on"]) == (True, office.other.get("/v1/me").json()["id"], "2025-02-14")
    approve(office.other, office, made, expect=409)


def test_a_changed_text_is_a_new_revision_that_waits_for_approval(office):
    made = treatment(office)
    approve(office.other, office, made)
    changed = change(office, made, {"text_ja": "すべてのパソコンは暗号化する。"})
    assert (changed["revision"], changed["approved"]) == (2, False)
    rows = office.call("listTreatmentRevisions", client_id=office.client_id, treatment_id=made["id"], expect=200).json()["data"]
    assert [(r["revision"], r["text_ja"], r["approved_on"]) for r in rows] == [
        (1, "持ち出すパソコンは暗号化する。", "2025-02-14"), (2, "すべてのパソコンは暗号化する。", None)]


def test_a_change_of_the_owner_is_no_new_revision(office):
    assert change(office, treatment(office), {"effort": "2 人日"})["revision"] == 1


def test_risks_and_treatments_are_many_to_many(office):
    risks = [office.call("createRisk", {"title": t, "impact": 3, "likelihood": 3}, client_id=office.client_id, expect=201).json()["id"] for t in "ab"]
    made = [treatment(office), treatment(office)]
    for t in made:
        for r in risks:
            office.call("createTreatmentRisk", {"risk_id": r}, client_id=office.client_id, treatment_id=t["id"], expect=201)
    office.call("createTreatmentRisk", {"risk_id": risks[0]}, client_id=office.client_id, treatment_id=made[0]["id"], expect=409)
    found = office.pages(f"/v1/clients/{office.client_id}/treatments", params={"risk_id": risks[1]})
    assert {r["id"] for r in found} == {t["id"] for t in made}


def test_treatments_are_found_by_control(office):
    made = treatment(office, controls=["8.24"])
    assert [r["id"] for r in office.pages(f"/v1/clients/{office.client_id}/treatments", params={"control": "8.24"})] == [made["id"]]


def test_a_deleted_treatment_owes_nothing_and_leaves_no_text(office):
    made = treatment(office)
    office.call("deleteTreatment", client_id=office.client_id, treatment_id=made["id"], if_match="*", expect=204)
    assert deadlines(office, made)["treatment"]["status"] == "withdrawn"


def test_parties_keep_their_own_requirements(office):
    party = office.call("createInterestedParty", {"kind": "customer", "name": "主要取引先"}, client_id=office.client_id, expect=201).json()
    path = {"client_id": office.client_id, "interested_party_id": party["id"]}
    office.call("createPartyRequirement", {"requirement": "図面を渡さない"}, **path, expect=201)
    office.call("deleteInterestedParty", **path, if_match="*", expect=409)
    assert [r["requirement"] for r in office.call("listPartyRequirements", **path, expect=200).json()["data"]] == ["図面を渡さない"]
