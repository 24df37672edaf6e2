"""Recurring work between audits: placed before the next audit, moved with it, fulfilled by a record of when it was done."""
import pytest


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-06-02T09:00:00+09:00")


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


class Case:
    def __init__(self, owner, **facts):
        self.owner = owner
        self.client = owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"]
        self.id = owner.call("createCertification", {"scheme": "iso27001-2022", "state": "certified", "decision_date": "2025-02-14"} | facts,
                             client_id=self.client, expect=201).json()["id"]

    def add(self, kind="training", expect=201, **facts):
        return self.owner.call("createObligation", {"certification_id": self.id, "kind": kind} | facts, client_id=self.client, expect=expect).json()

    def get(self, work):
        return self.owner.call("getObligation", client_id=self.client, obligation_id=work["id"], expect=200).json()

    def change(self, work, expect=200, **facts):
        return self.owner.call("updateObligation", facts, client_id=self.client, obligation_id=work["id"], if_match="*", expect=expect).json()

    def done(self, work, day, expect=201, **facts):
        return self.owner.call("createObligationFulfilment", {"done_on": day, **facts}, client_id=self.client, obligation_id=work["id"],
                               expect=expect).json()

    def days(self, kind="training", status=None):
        rows = self.owner.pages(f"/v1/clients/{self.client}/deadlines", params={"kind": kind} | ({"status": status} if status else {}))
        return [d for d in rows if d["status"] != "withdrawn"]

    def audit(self, ordinal=1):
        return next(a for a in self.owner.pages(f"/v1/clients/{self.client}/audits", params={"kind": "surveillance"})
                    if a["ordinal"] == ordinal and a["cycle_no"] == 1)

    def book(self, ordinal, **facts):
        return self.owner.call("updateAudit", facts, client_id=self.client, audit_id=self.audit(ordinal)["id"], if_match="*", expect=200).json()


@pytest.fixture
def case(owner):
    return Case(owner)


def wrong(problem):
    return {(e["pointer"], e["code"]) for e in problem["errors"]}


# ---------------------------------------------------------------- placing

def test_the_next_day_lies_before_the_next_window_on_a_business_day(case):
    work = case.add()
    due, = case.days()
    assert (due["raw_on"], due["due_on"], due["rule"], due["obligation_id"]) == ("2025-10-31", "2025-10-31", "SUR-06", work["id"])
    assert due["why"]["inputs"]["window_start"] == "2025-11-14" and due["title_ja"] == "第1回サーベイランス審査の前に教育を実施する"
    assert (work["next_due_on"], work["days_left"], work["next_deadline_id"]) == ("2025-10-31", 151, due["id"])


def test_a_preferred_month_comes_before_the_limit(case):
    case.add(preferred_month=8)
    assert [(d["raw_on"], d["due_on"]) for d in case.days()] == [("2025-08-31", "2025-08-29")]


def test_it_moves_with_a_booked_audit_and_never_comes_later_than_its_buffer(case):
    case.add(buffer_days=30)
    assert case.days()[0]["raw_on"] == "2025-10-15"
    case.book(1, status="confirmed", planned_first_day="2025-10-20", planned_last_day="2025-10-21")
    moved = case.days()[0]
    assert (moved["raw_on"], moved["due_on"], moved["moved_from"]) == ("2025-09-20", "2025-09-19", "2025-10-15")


def test_a_shorter_interval_repeats_before_the_audit(case):
    case.add("access_review", starts_on="2025-02-14")
    assert [d["raw_on"] for d in case.days("access_review")] == ["2025-04-30", "2025-10-31"]


def test_work_of_every_second_year_waits_while_the_next_audit_is_in_time(case):
    work = case.add("bcp_exercise", interval_months=24)
    assert case.get(work)["next_due_on"] == "2026-10-30"


def test_internal_audit_and_review_are_not_doubled_but_take_month_and_buffer(case):
    before = [d["raw_on"] for d in case.days("internal_audit")]
    work = case.add("internal_audit")
    assert [d["raw_on"] for d in case.days("internal_audit")] == before
    case.change(work, buffer_days=60)
    assert case.days("internal_audit")[0]["raw_on"] == "2025-12-16"
    case.change(work, preferred_month=10)
    first = case.days("internal_audit")[0]
    assert (first["raw_on"], first["obligation_id"], len(case.days("internal_audit"))) == ("2025-10-31", work["id"], len(before))
    case.done(work, "2025-05-20")
    assert case.days("internal_audit")[0]["fulfilled_on"] == "2025-05-20"


def test_work_that_begins_after_the_limit_is_due_before_the_audit_itself(start_system):
    system = start_system(clock="2025-12-01T09:00:00+09:00")
    case = Case(system.owner())
    case.add(buffer_days=14)
    assert case.days()[0]["raw_on"] == "2026-01-31"


def test_before_the_certificate_it_lies_before_stage_2(owner):
    client = owner.call("createClient", {"name": "準備中"}, expect=201).json()["id"]
    made = owner.call("createCertification", {"scheme": "iso27001-2022", "target_date": "2026-03-31"}, client_id=client, expect=201).json()["id"]
    work = owner.call("createObligation", {"certification_id": made, "kind": "training"}, client_id=client, expect=201).json()
    stage2 = next(a for a in owner.pages(f"/v1/clients/{client}/audits", params={"kind": "stage2"}))
    assert work["next_due_on"] < stage2["nominal_date"] and work["days_left"] > 0


# ---------------------------------------------------------------- doing

def test_a_record_fulfils_the_day_and_the_next_one_follows(case):
    work = case.add()
    made = case.done(work, "2025-06-02", note="全社員")
    assert [(d["status"], d["fulfilled_on"], d["raw_on"]) for d in case.days()] == [
        ("fulfilled", "2025-06-02", "2025-10-31"), ("open", None, "2026-10-31")]
    assert case.get(work)["last_done_on"] == "2025-06-02" and made["note"] == "全社員"
    history = case.owner.pages(f"/v1/clients/{case.client}/obligations/{work['id']}/fulfilments")
    assert [h["done_on"] for h in history] == ["2025-06-02"]


def test_a_record_taken_back_opens_the_day_again(case):
    work = case.add()
    made = case.done(work, "2025-06-02")
    case.owner.call("deleteObligationFulfilment", client_id=case.client, obligation_id=work["id"], fulfilment_id=made["id"], if_match="*", expect=204)
    assert [(d["status"], d["raw_on"]) for d in case.days()] == [("open", "2025-10-31")]


def test_recurring_work_is_in_the_list_of_tasks_with_its_owner(case):
    person = case.owner.call("createPerson", {"name": "鈴木 一郎"}, client_id=case.client, expect=201).json()["id"]
    case.add(owner_person_id=person)
    (due,) = case.days()
    rows = case.owner.pages("/v1/tasks", params={"client_id": case.client, "source": "obligation", "owner_person_id": person})
    assert [(t["id"], t["due_on"], t["status"]) for t in rows] == [(due["id"], due["due_on"], "open")]


def test_fulfilling_the_deadline_is_a_record_too(system, case):
    work = case.add()
    path = {"client_id": case.client, "deadline_id": case.days()[0]["id"], "if_match": "*"}
    case.owner.call("updateDeadline", {"status": "fulfilled", "fulfilled_on": "2025-05-30", "note": "外部講師"}, expect=200, **path)
    history = case.owner.pages(f"/v1/clients/{case.client}/obligations/{work['id']}/fulfilments")
    assert [(h["done_on"], h["note"], h["deadline_id"]) for h in history] == [("2025-05-30", "外部講師", path["deadline_id"])]
    system.run_jobs()
    assert [d["raw_on"] for d in case.days(status="open")] == ["2026-10-31"]
    case.owner.call("updateDeadline", {"status": "open"}, expect=200, **path)
    assert case.owner.pages(f"/v1/clients/{case.client}/obligations/{work['id']}/fulfilments") == []


def test_nothing_was_done_in_the_future_or_twice_on_a_day(case):
    work = case.add()
    assert wrong(case.done(work, "2025-06-03", expect=422)) == {("/done_on", "after_end")}
    case.done(work, "2025-06-02")
    case.done(work, "2025-06-02", expect=409)


def test_work_missed_before_an_audit_that_was_held_is_owed_before_the_next(start_system):
    system = start_system(clock="2025-06-02T09:00:00+09:00")
    case = Case(system.owner())
    work = case.add()
    system.set_clock("2026-01-22T09:00:00+09:00")
    system.run_jobs()
    case.owner = system.sign_in(case.owner.consultancy["email"])
    assert [(d["status"], d["overdue"]) for d in case.days()] == [("open", True), ("open", False)]
    assert [w["id"] for w in case.owner.pages(f"/v1/clients/{case.client}/obligations", params={"overdue": True})] == [work["id"]]
    case.book(1, status="held", held_first_day="2026-01-20", held_last_day="2026-01-21")
    assert [d["raw_on"] for d in case.days(status="open")] == ["2026-10-31"]
    case.done(work, "2026-01-22")
    assert [(d["raw_on"], d["status"]) for d in case.days()] == [("2026-10-31", "fulfilled"), ("2027-10-30", "open")]


# ---------------------------------------------------------------- set, owners, pausing

def test_the_default_set_of_a_scheme_is_taken_over_once(owner, case):
    person = owner.call("createPerson", {"name": "佐藤 花子"}, client_id=case.client, expect=201).json()["id"]
    own = case.add("training", preferred_month=4)
    adopt = lambda: owner.call("adoptDefaultObligations", {"owner_person_id": person}, client_id=case.client, certification_id=case.id, expect=200).json()["data"]
    first = adopt()
    assert {w["kind"] for w in first} == {"internal_audit", "management_review", "training", "risk_review", "supplier_reassessment", "objective_review",
                                          "access_review", "asset_review", "context_review", "document_review", "bcp_exercise", "legal_review"}
    assert next(w for w in first if w["kind"] == "training")["preferred_month"] == 4 and own["owner_person_id"] is None
    assert {w["owner_person_id"] for w in first if w["kind"] != "training"} == {person}
    assert next(w for w in first if w["kind"] == "access_review")["interval_months"] == 6
    assert [w["id"] for w in adopt()] == [w["id"] for w in first]
    assert all(w["next_due_on"] for w in first)


def test_paused_work_has_no_open_day_and_a_kind_is_there_once(case):
    work = case.add()
    case.change(work, active=False)
    assert case.days() == []
    assert case.add(expect=409)["errors"][0]["pointer"] == "/kind"
    case.change(work, active=True)
    assert len(case.days(status="open")) == 1


def test_custom_work_has_a_title_and_only_that(case):
    assert wrong(case.add("custom", expect=422)) == {("/title", "required")}
    assert wrong(case.add("training", title="x", expect=422)) == {("/title", "not_allowed_here")}
    one, two = case.add("custom", title="復元訓練"), case.add("custom", title="避難訓練", interval_months=6, starts_on="2025-02-14")
    titles = [(d["title_ja"], d["title_en"], d["obligation_id"]) for d in case.days("obligation")]
    assert ("第1回サーベイランス審査の前に：復元訓練", "復元訓練, before the first surveillance audit", one["id"]) in titles
    assert len([t for t in titles if t[2] == two["id"]]) == 2


def test_another_clients_certification_is_not_found(owner, case):
    other = Case(owner)
    assert wrong(case.add(certification_id=other.id, expect=422)) == {("/certification_id", "not_found_reference")}


def test_deleted_work_takes_its_days_and_its_record_with_it(case):
    work, audit = case.add(), case.add("internal_audit")
    case.done(work, "2025-06-02")
    for one in (work, audit):
        case.owner.call("deleteObligation", client_id=case.client, obligation_id=one["id"], if_match="*", expect=204)
    assert case.days() == [] and {d["obligation_id"] for d in case.days("internal_audit")} == {None}


def test_a_clients_user_records_work_and_does_not_change_what_is_owed(system, owner, case):
    work = case.add()
    made = owner.call("createMember", {"email": f"u{case.client[-6:]}@minato.example", "name": "担当", "role": "client_admin", "client_id": case.client}, expect=201).json()
    system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": "a long enough password"}, expect=204)
    user = system.sign_in(f"u{case.client[-6:]}@minato.example", "a long enough password")
    user.call("createObligationFulfilment", {"done_on": "2025-06-02"}, client_id=case.client, obligation_id=work["id"], expect=201)
    user.call("updateObligation", {"active": False}, client_id=case.client, obligation_id=work["id"], if_match="*", expect=403)


# ---------------------------------------------------------------- P-mark

@pytest.fixture
def mark(owner):
    return Case(owner, scheme="pmark", decision_date="2025-01-15")


def test_the_p_mark_owes_training_audit_and_review_every_year(mark):
    for kind in ("training", "internal_audit", "management_review"):
        assert [(d["raw_on"], d["hardness"], d["rule"]) for d in mark.days(kind)] == [("2025-08-31", "hard", "PMK-03")]
        assert mark.days(kind)[0]["title_ja"].startswith("プライバシーマークの更新申請の前に")


def test_a_yearly_duty_of_the_p_mark_is_recorded_and_the_next_one_lies_before_the_renewal(mark):
    work = mark.add("training", starts_on="2025-01-15")
    mark.done(work, "2025-05-20")
    assert [(d["raw_on"], d["status"]) for d in mark.days()] == [("2025-08-31", "fulfilled"), ("2026-08-31", "open")]
    mark.change(work, active=False)
    assert [d["raw_on"] for d in mark.days(status="open")] == ["2025-08-31"]
