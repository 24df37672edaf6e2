"""Bodies, audits, findings, changes and deadlines: what a consultant enters, and what follows from it."""
import concurrent.futures

import pytest


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-03-03T10:00:00+09:00")


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


@pytest.fixture
def certified(owner):
    client = owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"]
    made = owner.call("createCertification", {
        "scheme": "iso27001-2022", "state": "certified", "decision_date": "2025-02-14",
        "stage2_last_day": "2025-01-17", "source": "登録証"}, client_id=client, expect=201).json()
    return client, made["id"]


def audits(owner, client, **params):
    return owner.pages(f"/v1/clients/{client}/audits", params=params)


def deadlines(owner, client, **params):
    return owner.pages(f"/v1/clients/{client}/deadlines", params=params)


def first_surveillance(owner, client):
    return audits(owner, client, kind="surveillance")[0]


def test_the_programme_is_there_as_audits(owner, certified):
    rows = audits(owner, certified[0])
    assert [(a["kind"], a["nominal_date"]) for a in rows][:3] == [
        ("surveillance", "2026-02-14"), ("surveillance", "2027-02-14"), ("recertification", "2028-02-14")]
    assert all(a["origin"] == "derived" for a in rows)


def test_a_booked_audit_keeps_its_days_and_a_held_one_fulfils_its_deadline(system, owner, certified):
    client, _ = certified
    audit = first_surveillance(owner, client)
    booked = owner.call("updateAudit", {"status": "confirmed", "planned_first_day": "2026-01-19", "planned_last_day": "2026-01-20"},
                        client_id=client, audit_id=audit["id"], if_match="*", expect=200).json()
    assert (booked["status"], booked["window_end"]) == ("confirmed", "2026-02-14")
    system.set_clock("2026-01-21T10:00:00+09:00")
    try:
        later = system.sign_in(owner.consultancy["email"])
        held = later.call("updateAudit", {"status": "held"}, client_id=client, audit_id=audit["id"], if_match="*",
                          expect=200).json()
        assert (held["held_first_day"], held["held_last_day"]) == ("2026-01-19", "2026-01-20")
        done = [d for d in deadlines(later, client) if d["audit_id"] == audit["id"] and d["kind"] == "surveillance_audit"]
        assert [(d["status"], d["fulfilled_on"]) for d in done] == [("fulfilled", "2026-01-20")]
    finally:
        system.set_clock("2025-03-03T10:00:00+09:00")


@pytest.mark.parametrize("body, pointer, code", [
    ({"planned_first_day": "2026-01-20", "planned_last_day": "2026-01-19"}, "/planned_last_day", "before_start"),
    ({"held_last_day": "2025-03-04"}, "/held_last_day", "after_end"),
    ({"status": "held"}, "/held_last_day", "required")])
def test_audit_days_are_in_order_and_nothing_is_held_in_the_future(owner, certified, body, pointer, code):
    client, _ = certified
    problem = owner.call("updateAudit", body, client_id=client, audit_id=first_surveillance(owner, client)["id"], if_match="*", expect=422).json()
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in problem["errors"]]


def test_an_audit_that_was_not_held_after_all_has_no_held_days(owner, certified):
    client, _ = certified
    audit = {"client_id": client, "audit_id": first_surveillance(owner, client)["id"], "if_match": "*"}
    owner.call("updateAudit", {"held_first_day": "2025-03-01", "held_last_day": "2025-03-02"}, expect=200, **audit)
    back = owner.call("updateAudit", {"status": "planned"}, expect=200, **audit).json()
    assert (back["status"], back["held_first_day"], back["held_last_day"]) == ("planned", None, None)
    assert [d["status"] for d in deadlines(owner, client, kind="surveillance_audit") if d["audit_id"] == audit["audit_id"]] == ["open"]
    owner.call("updateAudit", {"status": "planned", "held_last_day": "2025-03-02"}, expect=422, **audit)


def test_a_stage_1_concern_starts_no_clock(owner, certified):
    client, certification = certified
    audit = owner.call("createAudit", {"certification_id": certification, "kind": "stage1", "status": "held", "held_last_day": "2025-02-27"},
                       client_id=client, expect=201).json()
    finding = owner.call("createFinding", {"audit_id": audit["id"], "grade": "stage1_concern", "statement": "目的の測定が未定"},
                         client_id=client, expect=201).json()
    assert not [d for d in deadlines(owner, client) if d["finding_id"] == finding["id"]]


def test_a_client_user_fulfils_deadlines_and_does_no_more(system, owner, certified):
    client, _ = certified
    made = owner.call("createMember", {"email": "user@minato.example", "name": "担当", "role": "client_admin", "client_id": client}, expect=201).json()
    system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": "a long enough password"}, expect=204)
    user = system.sign_in("user@minato.example", "a long enough password")
    own = owner.call("createDeadline", {"title_ja": "規程の見直し", "due_on": "2025-06-30"}, client_id=client, expect=201).json()
    path = {"client_id": client, "deadline_id": own["id"], "if_match": "*"}
    assert user.call("updateDeadline", {"due_on": "2025-12-31"}, expect=422, **path).json()["errors"][0]["pointer"] == "/due_on"
    user.call("deleteDeadline", expect=403, **path)
    user.call("createDeadline", {"title_ja": "x", "due_on": "2025-12-31"}, client_id=client, expect=403)
    assert user.call("updateDeadline", {"status": "fulfilled"}, expect=200, **path).json()["status"] == "fulfilled"


def test_derived_audits_are_cancelled_not_deleted_and_own_ones_are_deleted(owner, certified):
    client, certification = certified
    derived = first_surveillance(owner, client)
    owner.call("deleteAudit", client_id=client, audit_id=derived["id"], if_match="*", expect=409)
    own = owner.call("createAudit", {"certification_id": certification, "kind": "internal", "planned_first_day": "2025-10-06",
                                     "planned_last_day": "2025-10-07"}, client_id=client, expect=201)
    assert own.headers["Location"].endswith(own.json()["id"])
    owner.call("deleteAudit", client_id=client, audit_id=own.json()["id"], if_match='"v1"', expect=204)
    owner.call("getAudit", client_id=client, audit_id=own.json()["id"], expect=404)


def test_an_audit_of_a_certification_of_another_client_is_refused(owner, certified):
    other = owner.call("createClient", {"name": "別"}, expect=201).json()["id"]
    problem = owner.call("createAudit", {"certification_id": certified[1], "kind": "internal"}, client_id=other, expect=422).json()
    assert problem["errors"][0]["pointer"] == "/certification_id"


def test_a_minor_brings_deadlines_and_closing_it_ends_them(owner, certified):
    client, certification = certified
    audit = owner.call("createAudit", {"certification_id": certification, "kind": "follow_up", "status": "held",
                                       "held_first_day": "2025-02-27", "held_last_day": "2025-02-27"}, client_id=client, expect=201).json()
    finding = owner.call("createFinding", {"audit_id": audit["id"], "grade": "minor", "statement": "退職者のアカウント"},
                         client_id=client, expect=201).json()
    opened = [d for d in deadlines(owner, client, status="open") if d["finding_id"] == finding["id"]]
    assert opened
    owner.call("updateFinding", {"plan_accepted_on": "2025-03-01", "verified_on": "2025-03-02", "closed_on": "2025-03-03"}, client_id=client,
               finding_id=finding["id"], if_match="*", expect=200)
    assert [d for d in deadlines(owner, client, status="open") if d["finding_id"] == finding["id"]] == []
    owner.call("deleteFinding", client_id=client, finding_id=finding["id"], if_match="*", expect=204)


def test_a_finding_needs_an_audit_of_this_client(owner, certified):
    problem = owner.call("createFinding", {"audit_id": certified[1], "grade": "minor", "statement": "x"}, client_id=certified[0], expect=422).json()
    assert problem["errors"][0]["pointer"] == "/audit_id"


def test_a_relocation_answers_with_advice_and_deadlines(owner, certified):
    client, certification = certified
    change = owner.call("createChange", {"kind": "site_relocation", "change_date": "2025-03-20", "description": "本社移転"},
                        client_id=client, expect=201).json()
    notice, (advice,) = change["advice"]["notice"], change["advice"]["certifications"]
    assert notice["must_notify"] is True and notice["needs_audit_review"] is True
    assert advice["certification_id"] == certification
    assert advice["relocation"]["action"] == "special_audit" and advice["relocation"]["due_by"] == "2025-06-20"
    assert advice["move_warning"]["warn"] is True and advice["move_warning"]["code"] == "MOVE_SOON_AFTER_AUDIT"
    kinds = {d["kind"]: d["due_on"] for d in change["deadlines"]}
    assert kinds["change_audit"] == "2025-06-20" and "change_notice" in kinds
    assert owner.call("getChange", client_id=client, change_id=change["id"], expect=200).json() == change


def test_a_moved_relocation_moves_the_same_deadlines(owner, certified):
    client, _ = certified
    change = owner.call("createChange", {"kind": "site_relocation", "change_date": "2025-04-20"}, client_id=client, expect=201).json()
    before = {d["id"]: d["due_on"] for d in change["deadlines"]}
    moved = owner.call("updateChange", {"change_date": "2025-05-20"}, client_id=client, change_id=change["id"], if_match='"v1"', expect=200).json()
    after = {d["id"]: d["due_on"] for d in moved["deadlines"]}
    assert set(before) == set(after) and before != after
    owner.call("deleteChange", client_id=client, change_id=change["id"], if_match="*", expect=204)
    assert not [d for d in deadlines(owner, client, status="open") if d["id"] in before]


def test_a_body_with_its_own_rules_changes_the_programme(system, owner, certified):
    client, certification = certified
    body = owner.call("createCertificationBody", {"name": "審査機構A", "policies": {"surv_before_months": 1}}, expect=201).json()
    owner.call("updateCertification", {"body_id": body["id"]}, client_id=client, certification_id=certification, if_match="*", expect=200)
    assert first_surveillance(owner, client)["window_start"] == "2026-01-14"
    owner.call("updateCertificationBody", {"policies": {"surv_before_months": 2}}, body_id=body["id"], if_match="*", expect=200)
    system.run_jobs()
    assert first_surveillance(owner, client)["window_start"] == "2025-12-14"
    owner.call("deleteCertificationBody", body_id=body["id"], if_match="*", expect=409)
    problem = owner.call("createCertificationBody", {"name": "B", "policies": {"surv_before_months": 99, "colour": 1}}, expect=422).json()
    assert {e["pointer"] for e in problem["errors"]} == {"/policies/surv_before_months", "/policies/colour"}


def test_a_derived_deadline_is_fulfilled_and_annotated_but_not_moved(owner, certified):
    client, _ = certified
    row = deadlines(owner, client, status="open")[0]
    path = {"client_id": client, "deadline_id": row["id"], "if_match": "*"}
    problem = owner.call("updateDeadline", {"due_on": "2027-01-01"}, expect=422, **path).json()
    assert problem["errors"][0]["pointer"] == "/due_on"
    done = owner.call("updateDeadline", {"status": "fulfilled", "note": "済み"}, expect=200, **path).json()
    assert (done["status"], done["fulfilled_on"], done["note"]) == ("fulfilled", "2025-03-03", "済み")
    again = owner.call("updateDeadline", {"status": "open"}, expect=200, **path).json()
    assert again["fulfilled_on"] is None
    owner.call("deleteDeadline", client_id=client, deadline_id=row["id"], if_match="*", expect=409)


def test_own_deadlines_move_and_are_seen_over_all_clients(owner, certified):
    client, _ = certified
    made = owner.call("createDeadline", {"title_ja": "見積の依頼", "due_on": "2025-03-01"}, client_id=client, expect=201).json()
    assert (made["title_en"], made["overdue"], made["days_left"]) == ("見積の依頼", True, -2)
    moved = owner.call("updateDeadline", {"due_on": "2025-03-10"}, client_id=client, deadline_id=made["id"], if_match='"v1"', expect=200).json()
    assert (moved["moved_from"], moved["overdue"], moved["days_left"]) == ("2025-03-01", False, 7)
    rows = owner.pages("/v1/deadlines", params={"due_before": "2025-03-10", "client_id": client})
    assert made["id"] in [d["id"] for d in rows] and all(d["due_on"] <= "2025-03-10" for d in rows)
    owner.call("createDeadline", {"due_on": "2025-03-01"}, client_id=client, expect=422)
    owner.call("deleteDeadline", client_id=client, deadline_id=made["id"], if_match="*", expect=204)


def test_changes_of_one_client_at_once_wait_for_each_other(system, owner, certified):
    client, certification = certified
    audit = first_surveillance(owner, client)["id"]

    def work(n):
        mine = system.client(owner.token)
        if n % 3 == 0:
            return mine.call("updateAudit", {"note": str(n)}, client_id=client, audit_id=audit, if_match="*").status_code
        if n % 3 == 1:
            return mine.call("createChange", {"kind": "new_site", "change_date": "2025-09-01"}, client_id=client).status_code
        return mine.call("updateCertification", {"scope_text": str(n)}, client_id=client, certification_id=certification, if_match="*").status_code

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        assert set(pool.map(work, range(36))) == {200, 201}
