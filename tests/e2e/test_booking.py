"""Booking of audits: steps, days, team, the plan slot by slot; nobody and no room is taken twice, also when everybody books at once."""
import concurrent.futures
import functools
import itertools
import random
import uuid

import psycopg
import pytest

NOW = "2025-09-01T10:00:00+09:00"
LONG = {"MEGURI_ACCESS_TOKEN_SECONDS": "86400", "MEGURI_RATE_LIMIT": "0"}
DAY, NEXT = "2025-11-10", "2025-11-11"  # Monday and Tuesday


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock=NOW, environment=LONG)


class Office:
    """In a consultancy: a body with two auditors and a consultant, all of them new."""

    def __init__(self, system, owner=None):
        self.system, self.owner = system, owner or system.owner()
        self.body = self.made("createCertificationBody", {"name": uuid.uuid4().hex})
        self.auditor, self.second = (self.made("createAuditor", {"name": name, "email": f"{mail}@body.example", "roles": ["lead_auditor", "auditor"]},
                                               body_id=self.body) for name, mail in (("鈴木 一郎", "suzuki"), ("高橋 次郎", "takahashi")))
        self.consultant = self.invite("consultant", all_clients=True)["id"]

    def made(self, operation, body, **path):
        return self.owner.call(operation, body, expect=201, **path).json()["id"]

    def invite(self, role, **rest):
        email = f"{uuid.uuid4().hex[:12]}@meguri.example"
        return self.owner.call("createMember", {"email": email, "name": "佐々木 環", "role": role, **rest}, expect=201).json()

    def sign_in(self, role, clients=(), **rest):
        made = self.invite(role, **rest)
        for client in clients:
            self.made("createAssignment", {"member_id": made["id"], "client_id": client.id})
        self.system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": "a long enough password"}, expect=204)
        return self.system.sign_in(made["email"], "a long enough password")


class Client:
    def __init__(self, office, name="株式会社ミナト", **certification):
        self.office, self.owner = office, office.owner
        self.id = office.made("createClient", {"name": name})
        self.site = self.made("createSite", {"name": "本社", "kind": "head_office", "is_central_function": True})
        self.department = self.made("createDepartment", {"name": "情報システム部", "head_name": "佐藤 花子"})
        self.person = self.made("createPerson", {"name": "佐藤 花子", "email": "sato@minato.example", "department_id": self.department})
        self.president = self.made("createPerson", {"name": "港 太郎", "is_top_management": True})
        self.room = self.made("createRoom", {"site_id": self.site, "name": "第1会議室", "capacity": 8})
        self.certification = self.made("createCertification", certification or {
            "scheme": "iso27001-2022", "body_id": office.body, "state": "certified", "decision_date": "2024-11-20", "stage2_last_day": "2024-10-18",
            "source": "登録証"})

    def made(self, operation, body, **path):
        return self.office.made(operation, body, client_id=self.id, **path)

    def audit(self, **members):
        body = {"certification_id": self.certification, "kind": "short_notice", "planned_first_day": DAY, "planned_last_day": NEXT} | members
        return self.made("createAudit", body)

    def call(self, operation, body=None, caller=None, **rest):
        return (caller or self.owner).call(operation, body, client_id=self.id, **rest)

    def get(self, audit):
        return self.call("getAudit", audit_id=audit, expect=200).json()

    def change(self, audit, expect=200, **members):
        return self.call("updateAudit", members, audit_id=audit, if_match="*", expect=expect).json()

    def slot(self, audit, start="10:00", end="11:00", expect=201, caller=None, **members):
        body = {"day": DAY, "start_time": start, "end_time": end, "kind": "other"} | members
        return self.call("createAuditSlot", body, caller=caller, audit_id=audit, expect=expect).json()

    def join(self, audit, expect=201, **members):
        return self.call("createAuditTeamMember", members, audit_id=audit, expect=expect).json()


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


@pytest.fixture
def office(system, owner):
    return Office(system, owner)


@pytest.fixture
def client(office):
    return Client(office)


def codes(problem):
    return [(e["pointer"], e["code"]) for e in problem["errors"]]


def warned(audit):
    return {w["code"] for w in audit["warnings"]}


# ---------------------------------------------------------------- steps

def test_an_audit_goes_its_way_from_a_request_to_its_report(office, client):
    audit = client.audit()
    for status in ("requested", "tentative", "confirmed"):
        assert client.change(audit, status=status)["status"] == status
    office.system.set_clock("2025-12-01T10:00:00+09:00")
    try:
        client.owner = office.system.sign_in(office.owner.consultancy["email"])
        held = client.change(audit, status="held")
        assert (held["held_first_day"], held["held_last_day"]) == (DAY, NEXT)
        reported = client.change(audit, status="reported", recommendation="recommended", outcome="軽微2件")
        assert (reported["reported_on"], reported["recommendation"], reported["allowed_statuses"]) == ("2025-12-01", "recommended", ["held"])
    finally:
        office.system.set_clock(NOW)


@pytest.mark.parametrize("before, wrong, allowed", [
    ("planned", "reported", "requested, tentative, confirmed, held, cancelled"),
    ("confirmed", "requested", "planned, tentative, held, cancelled"),
    ("cancelled", "confirmed", "planned")])
def test_a_step_that_is_not_allowed_names_those_that_are(client, before, wrong, allowed):
    audit = client.audit(status=before)
    problem = client.change(audit, status=wrong, expect=409)
    assert (problem["code"], problem["errors"][0]["limit"]) == ("state_not_allowed", allowed)
    assert allowed in problem["detail"]
    assert set(allowed.split(", ")) == set(client.get(audit)["allowed_statuses"])


@pytest.mark.parametrize("status", ["tentative", "confirmed"])
def test_an_audit_is_not_offered_without_days(client, status):
    audit = client.audit(planned_first_day=None, planned_last_day=None)
    assert codes(client.change(audit, status=status, expect=422)) == [("/planned_first_day", "required")]


@pytest.mark.parametrize("body, pointer, code", [
    ({"reported_on": "2025-08-20"}, "/reported_on", "before_start"),
    ({"reported_on": "2025-09-02"}, "/reported_on", "in_future")])
def test_a_report_comes_after_its_audit_and_not_tomorrow(client, body, pointer, code):
    audit = client.audit(status="held", held_first_day="2025-08-25", held_last_day="2025-08-26")
    assert (pointer, code) in codes(client.change(audit, expect=422, **body))
    assert client.change(audit, reported_on="2025-08-29")["status"] == "reported"


def test_nothing_is_recommended_before_the_audit(client):
    assert codes(client.change(client.audit(), recommendation="recommended", expect=422)) == [("/recommendation", "not_allowed_here")]


def test_a_reported_audit_still_fulfils_its_deadline(client):
    audit = client.call("listAudits", params={"kind": "surveillance"}, expect=200).json()["data"][0]["id"]
    client.change(audit, status="held", held_first_day="2025-08-25", held_last_day="2025-08-26")
    client.change(audit, status="reported", reported_on="2025-09-01")
    rows = client.call("listClientDeadlines", params={"kind": "surveillance_audit"}, expect=200).json()["data"]
    assert [d["status"] for d in rows if d["audit_id"] == audit] == ["fulfilled"]


def test_every_kind_of_audit_can_be_entered_and_is_found_by_what_people_call_it(client):
    kinds = client.owner.call("listAuditKinds", expect=200).json()["data"]
    assert len(kinds) == 13
    for kind in kinds:
        assert client.get(client.audit(kind=kind["kind"]))["kind"] == kind["kind"]
    for word, kind in (("更新審査", "recertification"), ("維持審査", "surveillance"), ("st1", "stage1"), ("拡大審査", "scope_extension"), ("予備", "pre_audit")):
        found = client.owner.call("listAuditKinds", params={"search": word}, expect=200).json()["data"]
        assert [k["kind"] for k in found] == [kind]


# ---------------------------------------------------------------- warnings

@pytest.mark.parametrize("first, last, code", [
    ("2025-12-24", "2025-12-25", "busy_month"), ("2025-11-22", "2025-11-23", "closed_day"), ("2025-11-25", "2025-11-26", "hard_limit_passed"),
    ("2025-08-18", "2025-08-19", "before_window")])
def test_days_that_are_a_bad_idea_are_taken_and_warned_of(client, first, last, code):
    audit = client.call("listAudits", params={"kind": "surveillance"}, expect=200).json()["data"][0]["id"]
    changed = client.change(audit, status="requested", planned_first_day=first, planned_last_day=last)
    assert code in warned(changed) and code in warned(client.get(audit))
    assert all(w["message_ja"] and w["message_en"] and "{}" not in w["message_ja"] + w["message_en"] for w in changed["warnings"])


@pytest.mark.parametrize("status, day, said", [
    ("requested", "2026-03-10", "2025-09-10 までに"), ("requested", "2026-02-10", "2025-08-10）を過ぎている"), ("confirmed", "2026-02-10", "代わりの日")])
def test_a_busy_month_says_what_can_still_be_done(client, status, day, said):
    audit = client.get(client.audit(status=status, planned_first_day=day, planned_last_day=day))
    (warning,) = [w for w in audit["warnings"] if w["code"] == "busy_month"]
    assert said in warning["message_ja"]


def test_good_days_are_not_warned_of(client):
    audit = client.call("listAudits", params={"kind": "surveillance"}, expect=200).json()["data"][0]["id"]
    assert client.change(audit, status="requested", planned_first_day=DAY, planned_last_day=NEXT)["warnings"] == []


def test_the_consultancys_own_busy_months_count(system):
    office = Office(system)
    client = Client(office)
    office.owner.call("updatePolicies", {"policies": {"busy_months": [11]}}, if_match="*", expect=200)
    audit = client.audit()
    assert "busy_month" in warned(client.get(audit))


# ---------------------------------------------------------------- team and places

def test_an_audit_shows_its_team_and_places(office, client):
    audit = client.audit(site_ids=[client.site], location="本社3階")
    client.join(audit, member_id=office.consultant, role="consultant")
    client.join(audit, auditor_id=office.auditor, role="lead_auditor")
    client.slot(audit)
    shown = client.get(audit)
    assert [(t["role"], t["name"]) for t in shown["team"]] == [("lead_auditor", "鈴木 一郎"), ("consultant", "佐々木 環")]
    assert shown["team"][0]["email"] == "suzuki@body.example"
    assert ([s["name"] for s in shown["sites"]], shown["location"], shown["slot_count"]) == (["本社"], "本社3階", 1)


def test_a_site_that_an_audit_visits_is_not_deleted(client):
    client.audit(site_ids=[client.site])
    other = client.made("createSite", {"name": "支店"})
    client.call("deleteSite", site_id=other, if_match="*", expect=204)
    assert client.call("deleteSite", site_id=client.site, if_match="*", expect=409).json()["code"] == "still_referenced"


def test_a_site_of_another_client_is_named(office, client):
    other = Client(office, "別の会社")
    assert codes(client.change(client.audit(), site_ids=[client.site, other.site], expect=422)) == [("/site_ids/1", "not_found_reference")]


def test_an_auditor_who_is_not_active_joins_no_team(office, client):
    office.owner.call("updateAuditor", {"active": False}, body_id=office.body, auditor_id=office.auditor, if_match="*", expect=200)
    assert codes(client.join(client.audit(), auditor_id=office.auditor, role="auditor", expect=422)) == [("/auditor_id", "not_found_reference")]


def test_an_auditor_of_a_team_is_not_deleted(office, client):
    client.join(client.audit(), auditor_id=office.auditor, role="auditor")
    path = {"body_id": office.body, "if_match": "*"}
    assert office.owner.call("deleteAuditor", auditor_id=office.auditor, expect=409, **path).json()["code"] == "still_referenced"
    office.owner.call("deleteAuditor", auditor_id=office.second, expect=204, **path)


def test_there_is_one_lead(office, client):
    audit = client.audit()
    client.join(audit, auditor_id=office.auditor, role="lead_auditor")
    assert codes(client.join(audit, auditor_id=office.second, role="lead_auditor", expect=409)) == [("/role", "duplicate")]
    assert codes(client.join(audit, auditor_id=office.auditor, role="auditor", expect=409)) == [("/auditor_id", "duplicate")]


def test_who_advises_does_not_audit_for_the_body_but_may_audit_internally(office, client):
    member = {"member_id": office.consultant, "role": "auditor"}
    assert codes(client.join(client.audit(), expect=422, **member)) == [("/role", "not_allowed_here")]
    client.join(client.audit(kind="internal"), **member)


def test_a_client_objects_to_an_auditor_and_the_audit_waits_for_the_answer(office, client):
    audit = client.audit()
    named = client.join(audit, auditor_id=office.auditor, role="lead_auditor")["id"]
    user = office.sign_in("client_admin", client_id=client.id)
    path = {"audit_id": audit, "team_member_id": named}
    objected = client.call("objectToTeamMember", {"objection": "競合の元社員"}, caller=user, expect=200, **path).json()
    assert (objected["objection_status"], objected["objected_on"]) == ("open", "2025-09-01")
    assert "open_objection" in warned(client.get(audit))
    assert "鈴木 一郎" in client.change(audit, status="confirmed", expect=409)["detail"]
    client.call("updateAuditTeamMember", {"objection_status": "declined"}, if_match="*", expect=200, **path)
    assert client.change(audit, status="confirmed")["status"] == "confirmed"


def test_a_team_is_on_one_audit_at_a_time_unless_somebody_comes_for_part_of_it(office, client):
    other = Client(office, "株式会社ホクト")
    first, second = client.audit(), other.audit(planned_first_day=NEXT, planned_last_day="2025-11-12")
    for where, audit in ((client, first), (other, second)):
        where.join(audit, auditor_id=office.auditor, role="lead_auditor")
    client.change(first, status="tentative")
    problem = other.change(second, status="tentative", expect=409)
    assert problem["code"] == "conflict" and problem["errors"][0]["code"] == "double_booked"
    assert "鈴木 一郎" in problem["detail"] and "2025-11-10/2025-11-11" in problem["detail"] and "株式会社ミナト" in problem["detail"]
    assert other.get(second)["status"] == "planned"
    (named,) = other.get(second)["team"]
    other.call("updateAuditTeamMember", {"partial": True}, audit_id=second, team_member_id=named["id"], if_match="*", expect=200)
    assert other.change(second, status="tentative")["status"] == "tentative"


def test_joining_a_confirmed_audit_takes_the_days(office, client):
    other = Client(office, "株式会社ホクト")
    first, second = client.audit(status="confirmed"), other.audit(status="confirmed")
    client.join(first, auditor_id=office.auditor, role="auditor")
    assert codes(other.join(second, auditor_id=office.auditor, role="auditor", expect=409)) == [("/auditor_id", "double_booked")]
    client.change(first, status="cancelled")
    other.join(second, auditor_id=office.auditor, role="auditor")


# ---------------------------------------------------------------- slots

@pytest.mark.parametrize("members, pointer, code", [
    ({"day": "2025-11-12"}, "/day", "out_of_range"), ({"start": "11:00", "end": "10:30"}, "/end_time", "before_start"),
    ({"start": "11:00", "end": "11:00"}, "/end_time", "before_start"), ({"start": "24:00"}, "/start_time", "pattern_mismatch"),
    ({"kind": "department"}, "/department_id", "required"), ({"kind": "site_tour"}, "/site_id", "required"),
    ({"people": [str(uuid.uuid4())]}, "/people/0", "not_found_reference"), ({"members": [str(uuid.uuid4())]}, "/members/0", "not_found_reference"),
    ({"auditors": [str(uuid.uuid4())]}, "/auditors/0", "not_found_reference"), ({"room_id": str(uuid.uuid4())}, "/room_id", "not_found_reference")])
def test_a_slot_that_does_not_fit_is_named(client, members, pointer, code):
    assert codes(client.slot(client.audit(), expect=422, **members)) == [(pointer, code)]


def test_an_audit_without_days_or_that_is_cancelled_has_no_plan(client):
    for audit in (client.audit(planned_first_day=None, planned_last_day=None), client.audit(status="cancelled")):
        assert client.slot(audit, expect=409)["code"] == "state_not_allowed"


def test_a_slot_in_a_room_is_at_the_rooms_site(client):
    audit = client.audit()
    assert client.slot(audit, room_id=client.room)["site_id"] == client.site
    branch = client.made("createSite", {"name": "支店"})
    assert codes(client.slot(audit, start="13:00", end="14:00", room_id=client.room, site_id=branch, expect=422)) == [("/room_id", "inconsistent")]


@pytest.mark.parametrize("who", ["people", "auditors", "members", "room_id"])
def test_nobody_and_no_room_is_in_two_slots_at_once(office, client, who):
    audit = client.audit()
    value = {"people": [client.person], "auditors": [office.auditor], "members": [office.consultant], "room_id": client.room}[who]
    made = client.slot(audit, topic="アクセス権", **{who: value})
    problem = client.slot(audit, "10:30", "11:30", expect=409, **{who: value})
    pointer = "/room_id" if who == "room_id" else f"/{who}/0"
    assert codes(problem) == [(pointer, "double_booked")]
    assert problem["errors"][0]["limit"] == f"2025-11-10 10:00-11:00 audit={audit} slot={made['id']}"
    assert "アクセス権" in problem["detail"] and "2025-11-10 10:00-11:00" in problem["detail"]
    client.slot(audit, "11:00", "12:00", **{who: value})  # one after the other is not at once
    client.slot(audit, day=NEXT, **{who: value})


def test_a_consultant_and_an_auditor_are_taken_over_all_clients(office, client):
    other = Client(office, "株式会社ホクト")
    client.slot(client.audit(), auditors=[office.auditor], members=[office.consultant])
    problem = other.slot(other.audit(), auditors=[office.auditor], members=[office.consultant], expect=409)
    assert sorted(codes(problem)) == [("/auditors/0", "double_booked"), ("/members/0", "double_booked")]
    assert "株式会社ミナト様の短期予告審査" in other.call("createAuditSlot", {
        "day": DAY, "start_time": "10:00", "end_time": "11:00", "kind": "other", "auditors": [office.auditor]}, audit_id=other.audit(),
        language="ja", expect=409).json()["detail"]


def test_who_may_not_see_the_other_client_learns_the_time_and_nothing_else(office, client):
    other = Client(office, "株式会社ホクト")
    client.slot(client.audit(), topic="機密の件", auditors=[office.auditor])
    who = office.sign_in("consultant", clients=[other], all_clients=False)
    reply = other.slot(other.audit(), caller=who, auditors=[office.auditor], expect=409)
    assert reply["errors"][0]["limit"] == "2025-11-10 10:00-11:00"
    assert "鈴木 一郎" in reply["detail"] and "ミナト" not in reply["detail"] and "機密" not in reply["detail"]


def test_an_audit_that_takes_an_auditor_for_its_days_clashes_with_slots_elsewhere(office, client):
    other = Client(office, "株式会社ホクト")
    audit = client.audit(status="confirmed")
    client.join(audit, auditor_id=office.auditor, role="lead_auditor")
    client.slot(audit, auditors=[office.auditor])  # his own audit
    assert codes(other.slot(other.audit(), "15:00", "16:00", auditors=[office.auditor], expect=409)) == [("/auditors/0", "double_booked")]


def test_cancelling_frees_and_coming_back_books_again(office, client):
    other = Client(office, "株式会社ホクト")
    audit, rival = client.audit(), other.audit()
    client.slot(audit, auditors=[office.auditor])
    client.change(audit, status="cancelled")
    taken = other.slot(rival, auditors=[office.auditor])
    assert client.change(audit, status="planned", expect=409)["errors"][0]["code"] == "double_booked"
    other.call("deleteAuditSlot", audit_id=rival, slot_id=taken["id"], if_match='"v1"', expect=204)
    client.change(audit, status="planned")
    other.slot(rival, auditors=[office.auditor], expect=409)


def test_deleting_an_audit_frees_everybody(office, client):
    audit = client.audit()
    client.slot(audit, auditors=[office.auditor])
    client.join(audit, auditor_id=office.auditor, role="lead_auditor")
    client.call("deleteAudit", audit_id=audit, if_match="*", expect=204)
    client.slot(client.audit(), auditors=[office.auditor])


def test_an_audit_that_the_programme_drops_takes_nobodys_time(office, client):
    audit = client.call("listAudits", params={"kind": "surveillance"}, expect=200).json()["data"][0]["id"]
    client.change(audit, status="confirmed", planned_first_day=DAY, planned_last_day=DAY)
    client.join(audit, auditor_id=office.auditor, role="lead_auditor")
    client.slot(audit, auditors=[office.auditor], people=[client.person])
    client.call("createTransition", {"to": "withdrawn", "on": "2025-08-29"}, certification_id=client.certification, expect=201)
    dropped = client.get(audit)
    assert dropped["status"] == "cancelled"
    other = Client(office, "株式会社ホクト")
    other.slot(other.audit(), auditors=[office.auditor])


def test_a_slot_that_moves_is_judged_anew_and_one_of_an_old_version_is_not_changed(office, client):
    audit = client.audit()
    client.slot(audit, "10:00", "11:00", people=[client.person])
    second = client.slot(audit, "13:00", "14:00", people=[client.person])
    path = {"audit_id": audit, "slot_id": second["id"]}
    problem = client.call("updateAuditSlot", {"start_time": "10:30"}, if_match='"v1"', expect=409, **path).json()
    assert problem["errors"][0]["code"] == "double_booked"
    assert client.call("updateAuditSlot", {"start_time": "11:00", "end_time": "12:00"}, if_match='"v1"', expect=200, **path).json()["version"] == 2
    client.call("updateAuditSlot", {"topic": "x"}, if_match='"v1"', expect=412, **path)


def test_the_plan_moves_with_its_audit_and_is_not_left_outside(client):
    audit = client.audit()
    client.slot(audit, people=[client.person])
    moved = client.change(audit, planned_first_day="2025-11-17", planned_last_day="2025-11-18")
    rows = client.call("listAuditSlots", audit_id=audit, expect=200).json()["data"]
    assert [r["day"] for r in rows] == ["2025-11-17"] and moved["slot_count"] == 1
    assert "2025-11-17 10:00" in client.change(audit, planned_first_day="2025-11-18", expect=409)["detail"]
    client.change(audit, planned_first_day=None, planned_last_day=None, expect=409)
    client.change(audit, planned_last_day="2025-11-19")
    assert client.call("listAuditSlots", audit_id=audit, expect=200).json()["data"] == [r for r in rows]


def test_many_slots_are_taken_together_or_not_at_all(office, client):
    audit = client.audit()
    slots = [{"day": DAY, "start_time": f"{hour}:00", "end_time": f"{hour}:45", "kind": "other", "people": [client.person]} for hour in (10, 11, 13)]
    made = client.call("acceptSlots", {"slots": slots}, audit_id=audit, expect=200).json()["data"]
    assert [s["start_time"] for s in made] == ["10:00", "11:00", "13:00"]
    slots = [slots[0] | {"day": NEXT}, slots[1]]
    assert codes(client.call("acceptSlots", {"slots": slots}, audit_id=audit, expect=409).json()) == [("/slots/1/people/0", "double_booked")]
    twice = [slots[0], slots[0]]
    (clash,) = codes(client.call("acceptSlots", {"slots": twice}, audit_id=audit, expect=409).json())
    assert clash[0] in ("/slots/0/people/0", "/slots/1/people/0") and clash[1] == "double_booked"
    wrong = [slots[0], slots[0] | {"end_time": "09:00", "people": [str(uuid.uuid4())]}]
    assert codes(client.call("acceptSlots", {"slots": wrong}, audit_id=audit, expect=422).json()) == [("/slots/1/end_time", "before_start")]
    assert client.get(audit)["slot_count"] == 3


def test_the_calendar_sequence_goes_up_with_what_participants_are_told(office, client):
    audit = client.audit()
    numbers = [client.get(audit)["ics_sequence"]]
    made = client.slot(audit)
    for change in (lambda: client.change(audit, status="requested"), lambda: client.change(audit, location="会議室"),
                   lambda: client.change(audit, planned_last_day="2025-11-12"),
                   lambda: client.join(audit, auditor_id=office.auditor, role="auditor"),
                   lambda: client.call("deleteAuditSlot", audit_id=audit, slot_id=made["id"], if_match="*", expect=204)):
        change()
        numbers.append(client.get(audit)["ics_sequence"])
    assert numbers == sorted(set(numbers))
    client.change(audit, note="社内メモ")
    assert client.get(audit)["ics_sequence"] == numbers[-1]


def test_the_past_of_audits_and_plans_is_read_as_it_was(start_system):
    system = start_system(clock=NOW, environment=LONG)
    office = Office(system)
    client = Client(office)
    audit, other = client.audit(location="本社"), client.audit()
    slot = client.slot(audit)
    before = client.call("listAudits", expect=200).json()["data"]
    system.set_clock("2025-09-01T12:00:00+09:00")
    client.change(audit, status="requested", location="支店")
    client.slot(audit, "14:00", "15:00")
    client.slot(other, "14:00", "15:00")
    then = {"as_of": "2025-09-01T11:00:00+09:00"}
    old = client.call("listAudits", params=then, expect=200).json()["data"]
    assert sorted(old, key=lambda a: a["id"]) == sorted(before, key=lambda a: a["id"])
    assert client.call("listAuditSlots", audit_id=audit, params=then, expect=200).json()["data"] == [slot]
    assert client.call("getAuditSlot", audit_id=audit, slot_id=slot["id"], params=then, expect=200).json() == slot


# ---------------------------------------------------------------- all at once

def at_once(calls):
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def test_of_many_who_book_one_person_at_once_one_wins_and_the_others_hear_of_the_clash(office):
    clients = [Client(office, f"会社{n}") for n in range(6)]
    audits = [(c, c.audit()) for c in clients for _ in range(2)]
    body = {"day": DAY, "start_time": "10:00", "end_time": "11:00", "kind": "other", "auditors": [office.auditor], "members": [office.consultant]}
    replies = at_once([lambda c=c, a=a: c.call("createAuditSlot", body, audit_id=a) for c, a in audits for _ in range(3)])
    assert sorted(r.status_code for r in replies) == [201] + [409] * 35
    assert {r.json()["errors"][0]["code"] for r in replies if r.status_code == 409} == {"double_booked"}


def test_bookings_of_the_same_people_in_any_order_never_wait_for_each_other_in_a_circle(office):
    auditors = [office.made("createAuditor", {"name": f"審査員{n}"}, body_id=office.body) for n in range(4)]
    clients = [Client(office, f"会社{n}") for n in range(4)]
    audits = [(c, c.audit()) for c in clients]
    orders = list(itertools.permutations(auditors, 3))
    calls = []
    for n, order in enumerate(orders):
        where, audit = audits[n % len(audits)]
        body = {"day": DAY, "start_time": f"{9 + n % 3:02}:00", "end_time": f"{9 + n % 3:02}:30", "kind": "other", "auditors": list(order)}
        calls.append(lambda where=where, audit=audit, body=body: where.call("createAuditSlot", body, audit_id=audit))
    replies = at_once(calls)
    assert {r.status_code for r in replies} == {201, 409}
    assert sum(r.status_code == 201 for r in replies) == 3  # three of four auditors each time: one slot per hour


def test_of_many_audits_confirmed_at_once_with_one_lead_one_is(office):
    clients = [Client(office, f"会社{n}") for n in range(6)]
    audits = [(c, c.audit()) for c in clients]
    for where, audit in audits:
        where.join(audit, auditor_id=office.auditor, role="lead_auditor")
    replies = at_once([lambda c=c, a=a: c.call("updateAudit", {"status": "confirmed"}, audit_id=a, if_match="*") for c, a in audits])
    assert sorted(r.status_code for r in replies) == [200] + [409] * 5


def test_whoever_changes_what_at_once_is_answered_and_nothing_is_booked_twice(office):
    """Slots, whole plans and steps of audits by many at once, in any order: each is done or refused for a reason, and what stands is booked."""
    luck = random.Random(20250901)
    auditors = [office.made("createAuditor", {"name": f"審査員{n}"}, body_id=office.body) for n in range(5)]
    audits = [(c, c.audit()) for c in [Client(office, f"会社{n}") for n in range(3)] for _ in range(2)]
    for where, audit in audits:
        for auditor in luck.sample(auditors, 2):
            where.join(audit, auditor_id=auditor, role="auditor")
    calls = []
    for _ in range(150):
        where, audit = luck.choice(audits)
        hour, status = luck.randint(9, 15), luck.choice(["planned", "tentative", "confirmed", "cancelled"])
        slot = {"day": luck.choice([DAY, NEXT]), "start_time": f"{hour:02}:00", "end_time": f"{hour:02}:59", "kind": "other",
                "auditors": luck.sample(auditors, luck.randint(1, 4)), "people": [where.person], "room_id": where.room}
        calls.append(luck.choice([
            lambda where=where, audit=audit, slot=slot: where.call("createAuditSlot", slot, audit_id=audit),
            lambda where=where, audit=audit, slot=slot: where.call("acceptSlots", {"slots": [slot]}, audit_id=audit),
            lambda where=where, audit=audit, status=status: where.call("updateAudit", {"status": status}, audit_id=audit, if_match="*")]))
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        replies = [future.result() for future in [pool.submit(call) for call in calls]]
    assert {r.status_code for r in replies} == {200, 201, 409}
    assert [a for where, a in audits if "not_booked" in warned(where.get(a))] == []


def test_the_database_itself_holds_no_two_bookings_of_one_time(system, office, client):
    client.slot(client.audit(), people=[client.person])
    with pytest.raises(psycopg.errors.ExclusionViolation):
        system.sql("insert into scheduling.bookings (consultancy_id, id, client_id, audit_id, slot_id, person_id, during) "
                   "select consultancy_id, gen_random_uuid(), client_id, audit_id, slot_id, person_id, during from scheduling.bookings where person_id = %s",
                   client.person)


# ---------------------------------------------------------------- absences and free times

def test_nobody_is_booked_while_away(office, client):
    office.made("createAbsence", {"auditor_id": office.auditor, "first_day": DAY, "reason": "休暇"})
    audit = client.audit()
    problem = client.slot(audit, auditors=[office.auditor], expect=409)
    assert codes(problem) == [("/auditors/0", "absent")] and "2025-11-10" in problem["detail"]
    client.slot(audit, day=NEXT, auditors=[office.auditor])


def test_an_absence_of_some_hours_leaves_the_others(client, office):
    office.made("createAbsence", {"person_id": client.person, "first_day": "2025-11-03", "last_day": "2025-11-14", "start_time": "09:00", "end_time": "10:30"})
    audit = client.audit()
    assert codes(client.slot(audit, people=[client.person], expect=409)) == [("/people/0", "absent")]
    client.slot(audit, "10:30", "11:30", people=[client.person])


def test_who_is_away_later_is_warned_of(office, client):
    audit = client.audit()
    client.slot(audit, people=[client.person])
    assert "participant_absent" not in warned(client.get(audit))
    office.made("createAbsence", {"person_id": client.person, "first_day": DAY, "last_day": DAY})
    assert "participant_absent" in warned(client.get(audit))


def test_an_absence_told_after_the_booking_stops_no_other_slot(office, client):
    audit = client.audit()
    slots = [client.slot(audit, *hours, people=[client.person])["id"] for hours in (("10:00", "11:00"), ("13:00", "14:00"))]
    office.made("createAbsence", {"person_id": client.person, "first_day": DAY})
    client.slot(audit, "15:00", "16:00", people=[client.president])
    change = functools.partial(client.owner.call, "updateAuditSlot", client_id=client.id, audit_id=audit, if_match="*")
    change({"people": []}, slot_id=slots[0], expect=200)
    problem = change({"end_time": "14:30"}, slot_id=slots[1], expect=409).json()
    assert problem["detail"].count("2025-11-10") == 1 and codes(problem) == [("", "absent")]


def test_one_absence_in_the_way_of_many_slots_is_told_once(office, client):
    office.made("createAbsence", {"person_id": client.person, "first_day": DAY})
    slots = [{"kind": "opening_meeting", "day": DAY, "start_time": f"{hour}:00", "end_time": f"{hour}:30", "people": [client.person]} for hour in (10, 11)]
    problem = client.owner.call("acceptSlots", {"slots": slots}, client_id=client.id, audit_id=client.audit(), expect=409).json()
    assert codes(problem) == [("/slots/0/people/0", "absent"), ("/slots/1/people/0", "absent")] and problem["detail"].count("2025-11-10") == 1


def test_every_unknown_object_of_a_slot_is_named_at_once(client):
    nobody = str(uuid.uuid4())
    problem = client.slot(client.audit(), room_id=nobody, site_id=nobody, department_id=nobody, people=[nobody], expect=422)
    assert codes(problem) == [(f"/{member}", "not_found_reference") for member in ("department_id", "people/0", "room_id", "site_id")]


@pytest.mark.parametrize("body, pointer, code", [
    ({"first_day": DAY}, "", "no_variant_matches"), ({"member_id": str(uuid.uuid4()), "first_day": DAY}, "/member_id", "not_found_reference"),
    ({"own": True, "first_day": DAY, "last_day": "2025-11-09"}, "/last_day", "before_start"),
    ({"own": True, "first_day": DAY, "start_time": "10:00"}, "/end_time", "required_with"),
    ({"own": True, "first_day": DAY, "start_time": "10:00", "end_time": "09:00"}, "/end_time", "before_start")])
def test_an_absence_that_does_not_fit_is_named(office, body, pointer, code):
    body = body | ({"auditor_id": office.auditor} if body.pop("own", False) else {})
    assert codes(office.owner.call("createAbsence", body, expect=422).json()) == [(pointer, code)]


def test_free_times_are_what_slots_days_and_absences_leave(office, client):
    audit = client.audit(status="confirmed", planned_last_day=DAY)
    client.slot(audit, "11:00", "12:00", people=[client.person])
    client.join(audit, auditor_id=office.auditor, role="lead_auditor")
    office.made("createAbsence", {"person_id": client.person, "first_day": "2025-11-12"})
    ask = {"first_day": "2025-11-08", "last_day": "2025-11-13", "start_time": "09:00", "end_time": "17:00", "minutes": 60, "people": [client.person]}
    answer = office.owner.call("findFreeTimes", ask, expect=200).json()
    assert [(f["day"], f["start_time"], f["end_time"]) for f in answer["free"]] == [
        (DAY, "09:00", "11:00"), (DAY, "12:00", "17:00"), (NEXT, "09:00", "17:00"), ("2025-11-13", "09:00", "17:00")]
    both = office.owner.call("findFreeTimes", ask | {"auditors": [office.auditor, office.second]}, expect=200).json()
    assert [f["day"] for f in both["free"]] == [NEXT, "2025-11-13"]
    found = {p["name"]: p for p in both["participants"]}
    assert found["高橋 次郎"]["free_throughout"] is True and found["鈴木 一郎"]["free_throughout"] is False
    assert found["鈴木 一郎"]["busy"][0]["audit_id"] == audit


def test_free_times_hide_the_clients_that_the_caller_does_not_see(office, client):
    client.slot(client.audit(), auditors=[office.auditor])
    who = office.sign_in("consultant", all_clients=False)
    answer = who.call("findFreeTimes", {"first_day": DAY, "last_day": DAY, "auditors": [office.auditor]}, expect=200).json()
    (busy,) = answer["participants"][0]["busy"]
    assert busy == {"from": "2025-11-10 10:00", "until": "2025-11-10 11:00", "absent": False, "client_id": None, "audit_id": None, "slot_id": None}


# ---------------------------------------------------------------- proposals

def test_a_proposal_covers_the_audit_and_can_be_accepted_as_it_is(office, client):
    for n in range(3):
        client.made("createDepartment", {"name": f"開発{n}部"})
    client.made("createDepartment", {"name": "範囲外の部", "in_scope": False})
    audit = client.audit(kind="surveillance", site_ids=[client.site])
    client.join(audit, auditor_id=office.auditor, role="lead_auditor")
    client.join(audit, auditor_id=office.second, role="auditor")
    client.join(audit, member_id=office.consultant, role="consultant")
    proposal = client.call("proposeSlots", {}, audit_id=audit, language="ja", expect=200).json()
    kinds = [s["kind"] for s in proposal["slots"]]
    assert proposal["unplaced"] == [] and (kinds[0], kinds[-1]) == ("opening_meeting", "closing_meeting")
    assert kinds.count("department") == 4 and kinds.count("site_tour") == 1 and kinds.count("top_management_interview") == 1
    own = next(s for s in proposal["slots"] if s["department_id"] == client.department)
    assert own["people"] == [client.person] and len(own["auditors"]) == 1
    assert {a for s in proposal["slots"] for a in s["auditors"]} == {office.auditor, office.second}
    client.call("acceptSlots", {"slots": proposal["slots"]}, audit_id=audit, expect=200)
    assert not warned(client.get(audit)) & {"department_without_slot", "no_top_management_interview", "not_booked"}
    assert client.call("proposeSlots", {}, audit_id=audit, expect=200).json()["slots"] == []


def test_a_proposal_goes_around_what_is_booked(office, client):
    audit, other = client.audit(kind="internal", planned_last_day=DAY), client.audit()
    client.slot(other, "09:30", "12:00", people=[client.president])
    proposal = client.call("proposeSlots", {}, audit_id=audit, expect=200).json()
    heard = [s for s in proposal["slots"] if client.president in s["people"]]
    assert heard and all(s["start_time"] >= "13:00" for s in heard)
    client.call("acceptSlots", {"slots": proposal["slots"]}, audit_id=audit, expect=200)


def test_what_finds_no_time_is_said(client):
    for n in range(30):
        client.made("createDepartment", {"name": f"部門{n}"})
    audit = client.audit(kind="surveillance", planned_last_day=DAY)
    proposal = client.call("proposeSlots", {"department_minutes": 120}, audit_id=audit, expect=200).json()
    assert proposal["unplaced"] and {u["kind"] for u in proposal["unplaced"]} <= {"department", "site_tour"}


# ---------------------------------------------------------------- outcome

def test_a_held_audit_says_what_to_tell_the_state_machine(office):
    client = Client(office, scheme="iso27001-2022", body_id=office.body, state="preparing")
    audit = client.audit(kind="stage1", status="held", held_first_day="2025-08-25", held_last_day="2025-08-26")
    proposal = client.get(audit)["transition_proposal"]
    assert (proposal["to"], proposal["on"]) == ("stage1_done", "2025-08-26")
    client.call("createTransition", proposal, certification_id=client.certification, expect=201)
    assert client.get(audit)["transition_proposal"] is None
    second = client.audit(kind="stage2", status="held", held_first_day="2025-08-27", held_last_day="2025-08-28")
    client.call("createTransition", client.get(second)["transition_proposal"], certification_id=client.certification, expect=201)
    client.change(second, status="reported", reported_on="2025-08-29", recommendation="recommended")
    proposal = client.get(second)["transition_proposal"]
    assert (proposal["to"], proposal["on"]) == ("recommended", "2025-08-29")


def test_findings_are_counted_by_grade_and_an_open_major_does_not_go_with_a_recommendation(client):
    audit = client.audit(status="reported", held_last_day="2025-08-26", reported_on="2025-08-29", recommendation="recommended")
    for grade in ("major", "minor", "minor", "strength"):
        client.made("createFinding", {"audit_id": audit, "grade": grade, "statement": "x"})
    shown = client.get(audit)
    assert shown["findings_by_grade"] == {"major": 1, "minor": 2, "observation": 0, "opportunity": 0, "strength": 1, "stage1_concern": 0}
    assert "recommended_with_open_major" in warned(shown)


def test_the_etag_of_an_audit_covers_what_hangs_on_it_and_serves_a_change(client):
    audit = client.audit(status="held", held_last_day="2025-08-26")
    path = f"/v1/clients/{client.id}/audits/{audit}"
    etag = client.owner.get(path, expect=200).headers["etag"]
    client.owner.get(path, headers={"If-None-Match": etag}, expect=304)
    client.made("createFinding", {"audit_id": audit, "grade": "minor", "statement": "x"})
    assert client.owner.get(path, headers={"If-None-Match": etag}, expect=200).json()["findings_by_grade"]["minor"] == 1
    client.call("updateAudit", {"note": "x"}, audit_id=audit, if_match=etag, expect=200)
    client.call("updateAudit", {"note": "y"}, audit_id=audit, if_match=etag, expect=412)


# ---------------------------------------------------------------- lists below something that is not there

@pytest.mark.parametrize("operation", ["listAuditSlots", "listAuditTeam"])
def test_the_plan_and_team_of_an_audit_that_is_not_there_are_not_found(client, operation):
    client.call(operation, audit_id=client.audit(), expect=200)
    client.call(operation, audit_id=str(uuid.uuid4()), expect=404)
