"""Calendars: agenda, counts, the busy season, invitations, and feeds read by an independent iCalendar library."""
import datetime
import re
import secrets

import icalendar
import pytest

NOW = "2025-06-02T09:00:00+09:00"
PASSWORD = "a password that is long enough"


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock=NOW)


@pytest.fixture
def owner(system):
    return system.owner()


@pytest.fixture
def clock(system):
    yield system.set_clock
    system.set_clock(NOW)


class Case:
    """A client certified on 2025-02-14: surveillance 2026-02 (window from 2025-11-14 to 2026-02-14), 2027-02, recertification 2028."""

    def __init__(self, owner, name="株式会社ミナト", **facts):
        self.owner = owner
        self.client = owner.call("createClient", {"name": name}, expect=201).json()["id"]
        self.path = f"/v1/clients/{self.client}"
        made = owner.post(f"{self.path}/certifications", {
            "scheme": "iso27001-2022", "state": "certified", "decision_date": "2025-02-14", "stage2_last_day": "2025-01-17",
            "source": "登録証", **facts}, expect=201).json()
        self.certification = made["id"]

    def audit(self, kind="surveillance", ordinal=1, cycle=1):
        return next(a for a in self.owner.pages(f"{self.path}/audits", params={"kind": kind})
                    if (a["ordinal"], a["cycle_no"]) == (ordinal, cycle))

    def change(self, audit, **facts):
        return self.owner.patch(f"{self.path}/audits/{audit['id']}", facts, if_match="*", expect=200).json()

    def book(self, first="2026-01-19", last="2026-01-20", status="confirmed", **rest):
        return self.change(self.audit(**rest), status=status, planned_first_day=first, planned_last_day=last)

    def slot(self, audit, kind="opening_meeting", day="2026-01-19", start="09:30", end="10:00", **rest):
        return self.owner.post(f"{self.path}/audits/{audit['id']}/slots", {"day": day, "start_time": start, "end_time": end, "kind": kind} | rest,
                               expect=201).json()["id"]

    def person(self, name, email):
        return self.owner.post(f"{self.path}/people", {"name": name, "email": email}, expect=201).json()["id"]


@pytest.fixture
def case(owner):
    return Case(owner)


def join(system, owner, role, **rest):
    email = f"{secrets.token_hex(6)}@meguri.example"
    made = owner.call("createMember", {"email": email, "name": "鈴木 一郎", "role": role, **rest}, expect=201).json()
    system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": PASSWORD}, expect=204)
    member = system.sign_in(email, PASSWORD)
    member.id, member.email = made["id"], email
    return member


def assign(owner, member, client, lead=True):
    return owner.call("createAssignment", {"member_id": member.id, "client_id": client, "is_lead": lead}, expect=201).json()


def agenda(caller, client=None, **params):
    return caller.pages(f"/v1/clients/{client}/calendar" if client else "/v1/calendar", params=params)


def month(text):
    first = datetime.date.fromisoformat(f"{text}-01")
    last = (first + datetime.timedelta(31)).replace(day=1) - datetime.timedelta(1)
    return {"from": str(first), "to": str(last)}


# ---------------------------------------------------------------- agenda

def test_an_audit_without_dates_lies_in_every_month_of_its_window(owner, case):
    for name, there in (("2025-10", False), ("2025-11", True), ("2026-02", True), ("2026-03", False)):
        rows = agenda(owner, type="audit", **month(name))
        assert bool(rows) == there, name
    found = agenda(owner, type="audit", **month("2026-01"))[0]
    assert (found["first_day"], found["last_day"], found["day"], found["booked"]) == ("2025-11-14", "2026-02-14", "2026-02-14", False)
    assert found["title_ja"] == "第1回サーベイランス審査" and found["why"]["rules"][0] == "SUR-01"


def test_a_booked_audit_lies_on_its_days_only(owner, case):
    case.book()
    assert agenda(owner, type="audit", **month("2025-12")) == []
    found = agenda(owner, type="audit", **{"from": "2026-01-20", "to": "2026-01-20"})
    assert [(a["first_day"], a["last_day"], a["booked"]) for a in found] == [("2026-01-19", "2026-01-20", True)]


def test_deadlines_and_the_end_of_the_certificate_are_items(owner, case):
    rows = agenda(owner, **month("2028-02"))
    expiry = next(r for r in rows if r["type"] == "certificate_expiry")
    assert (expiry["day"], expiry["id"], expiry["status"]) == ("2028-02-13", case.certification, "certified")
    assert expiry["why"]["inputs"]["decision_date"] == "2025-02-14"
    deadline = next(r for r in agenda(owner, **month("2028-02"), kind="recertification_decision"))
    assert deadline["type"] == "deadline" and deadline["hardness"] == "hard"


def test_without_dates_the_agenda_is_this_month(owner, case):
    made = owner.call("createDeadline", {"title_ja": "見積の依頼", "title_en": "Ask for a quote", "due_on": "2025-06-30"},
                      client_id=case.client, expect=201).json()
    owner.call("createDeadline", {"title_ja": "見積の依頼", "title_en": "Ask for a quote", "due_on": "2025-07-01"},
               client_id=case.client, expect=201)
    assert [r["id"] for r in agenda(owner, kind="own")] == [made["id"]]
    assert [r["day"] for r in agenda(owner, kind="own", to="2025-07-31")] == ["2025-07-01"]


def test_what_was_cancelled_is_shown_when_asked_for(owner, case):
    case.change(case.audit(), status="cancelled")
    assert agenda(owner, type="audit", **month("2026-01")) == []
    assert [r["status"] for r in agenda(owner, type="audit", status="cancelled", **month("2026-01"))] == ["cancelled"]


def test_a_range_that_ends_before_it_begins_is_refused(owner):
    reply = owner.get("/v1/calendar", params={"from": "2026-02-01", "to": "2026-01-31"}, expect=400).json()
    assert [(e["in"], e.get("parameter", e.get("pointer")), e["code"]) for e in reply["errors"]] == [("query", "to", "before_start")]


def test_the_pages_are_the_whole_list_in_the_same_order(owner, case):
    Case(owner)
    whole = agenda(owner, **{"from": "2025-06-01", "to": "2030-12-31"})
    paged = agenda(owner, limit=3, **{"from": "2025-06-01", "to": "2030-12-31"})
    assert len(whole) > 10 and [r["id"] for r in paged] == [r["id"] for r in whole]
    assert [r["first_day"] for r in whole] == sorted(r["first_day"] for r in whole)


def test_filters_by_body_state_and_consultant(system, owner, case):
    body = owner.call("createCertificationBody", {"name": secrets.token_hex(6)}, expect=201).json()["id"]
    other = Case(owner, body_id=body)
    new = owner.call("createClient", {"name": "準備中"}, expect=201).json()["id"]
    owner.call("createCertification", {"scheme": "pmark", "target_date": "2026-01-30"}, client_id=new, expect=201)
    consultant = join(system, owner, "consultant", all_clients=True)
    assign(owner, consultant, case.client)
    everything = {"from": "2025-06-01", "to": "2030-12-31"}

    def clients(**params):
        return {r["client_id"] for r in agenda(owner, **everything, **params)}
    assert clients(body_id=body) == {other.client}
    assert clients(state="preparing") == {new}
    assert clients(member_id=consultant.id) == {case.client}
    assert clients(client_id=case.client) == {case.client}
    assert clients(kind="surveillance") == {case.client, other.client}


def test_a_consultant_sees_his_clients_only(system, owner, case):
    other = Case(owner)
    consultant = join(system, owner, "consultant", all_clients=False)
    assign(owner, consultant, case.client)
    rows = agenda(consultant, **{"from": "2025-06-01", "to": "2030-12-31"})
    assert {r["client_id"] for r in rows} == {case.client}
    consultant.get(f"/v1/clients/{other.client}/calendar", expect=404)
    consultant.get(f"/v1/clients/{other.client}/calendar/days", expect=404)


def test_a_client_that_left_is_on_no_common_calendar(owner, case):
    owner.patch(case.path, {"status": "left"}, if_match="*", expect=200)
    everything = {"from": "2025-06-01", "to": "2030-12-31"}
    assert agenda(owner, **everything) == [] and agenda(owner, client=case.client, **everything) != []


def test_slots_stand_beside_their_audit(owner, case):
    audit = case.book()
    slot = case.slot(audit, kind="top_management_interview")
    found = next(r for r in agenda(owner, **month("2026-01")) if r["type"] == "slot")
    assert (found["id"], found["audit_id"], found["starts_at"]) == (slot, audit["id"], "2026-01-19T00:30:00+00:00")
    assert found["title_ja"] == "トップマネジメントインタビュー（第1回サーベイランス審査）"


# ---------------------------------------------------------------- days and months

def test_a_month_has_all_its_days_with_holidays_and_counts(owner, case):
    case.book("2026-02-09", "2026-02-10")
    reply = owner.get("/v1/calendar/days", params={"month": "2026-02"}, expect=200).json()
    days = {d["day"]: d for d in reply["days"]}
    assert reply["month"] == "2026-02" and len(days) == 28
    assert [days[d]["audits"] for d in ("2026-02-08", "2026-02-09", "2026-02-10", "2026-02-11")] == [0, 1, 1, 0]
    assert (days["2026-02-11"]["closed"], days["2026-02-11"]["holiday_ja"]) == (True, "建国記念の日")
    assert days["2026-02-12"]["closed"] is False and days["2026-02-14"]["closed"] is True


def test_an_audit_without_dates_counts_on_its_nominal_day(owner, case):
    days = {d["day"]: d for d in owner.get("/v1/calendar/days", params={"month": "2026-02"}, expect=200).json()["days"]}
    assert days["2026-02-14"]["audits_without_dates"] == 1 and days["2026-02-14"]["audits"] == 0
    assert sum(d["audits_without_dates"] for d in days.values()) == 1


def test_the_end_of_the_year_is_closed_as_the_policy_says(owner, case):
    def closed():
        days = owner.get(f"{case.path}/calendar/days", params={"month": "2026-12"}, expect=200).json()["days"]
        return {d["day"]: d["closed"] for d in days}["2026-12-30"]
    for value in (True, False):
        owner.patch("/v1/policies", {"policies": {"year_end_closed": value}}, if_match="*", expect=200)
        assert closed() is value


def test_a_wrong_month_is_refused(owner):
    owner.get("/v1/calendar/days", params={"month": "2026-13"}, expect=400)


def test_the_months_show_where_audits_pile_up(owner, case):
    Case(owner)
    case.book("2026-02-09", "2026-02-10")
    reply = owner.get("/v1/calendar/months", params={"from": "2026-01-01", "to": "2026-03-31"}, expect=200).json()
    assert [(m["month"], m["audits"], m["booked"], m["not_booked"], m["clients"], m["busy"]) for m in reply["months"]] == [
        ("2026-01", 0, 0, 0, 0, False), ("2026-02", 2, 1, 1, 2, True), ("2026-03", 0, 0, 0, 0, True)]


# ---------------------------------------------------------------- the busy season

def busy(owner, **params):
    return owner.pages("/v1/calendar/busy-season", params={"to": "2030-12-31"} | params)


def test_the_advice_is_what_the_calculation_says(owner, case):
    rows = busy(owner)
    assert {r["day"] for r in rows} >= {"2026-02-14", "2027-02-14"}
    for row in rows:
        told = owner.call("calculateBusySeason", {"date": row["day"]}, expect=200).json()
        assert (told["busy"], told["book_by"]) == (row["busy"], row["book_by"])


def test_an_audit_in_a_busy_month_says_when_to_book_and_what_is_quieter(owner, case):
    row = next(r for r in busy(owner) if r["id"] == case.audit()["id"])
    assert (row["book_by"], row["days_left"], row["booked"], row["late"]) == ("2025-08-14", 73, False, False)
    assert row["window_busy_months"] == ["2025-12", "2026-02"] and row["quiet_months"] == ["2025-11", "2026-01"]
    assert "2025-08-14" in row["advice_ja"] and "2026年1月" in row["advice_ja"] and "January 2026" in row["advice_en"]
    assert row["why"] == {"rules": ["PLN-05"], "inputs": {"date": "2026-02-14", "window_start": "2025-11-14", "window_end": "2026-02-14"},
                          "policy": {"busy_months": [2, 3, 12]}}


def test_after_the_day_to_book_by_the_advice_is_late(system, owner, case, clock):
    clock("2025-09-01T09:00:00+09:00")
    later = system.sign_in(owner.consultancy["email"])
    case.owner = later
    row = next(r for r in busy(later) if r["id"] == case.audit()["id"])
    assert (row["days_left"], row["late"]) == (-18, True) and "過ぎています" in row["advice_ja"]
    case.book("2026-02-09", "2026-02-10")
    row = next(r for r in busy(later) if r["id"] == case.audit()["id"])
    assert (row["booked"], row["late"]) == (True, False) and "押さえて" in row["advice_ja"]


def test_a_quiet_date_leaves_the_busy_season(owner, case):
    case.book("2026-01-19", "2026-01-20")
    assert case.audit()["id"] not in {r["id"] for r in busy(owner)}


def test_the_busy_months_of_the_body_win_over_the_consultancys(owner):
    owner.patch("/v1/policies", {"policies": {"busy_months": [5]}}, if_match="*", expect=200)
    assert busy(Case(owner).owner) == []
    body = owner.call("createCertificationBody", {"name": secrets.token_hex(6), "policies": {"busy_months": [2]}}, expect=201).json()["id"]
    case = Case(owner, body_id=body)
    rows = [r for r in busy(owner) if r["busy"]]
    assert {r["client_id"] for r in rows} == {case.client} and rows[0]["why"]["policy"]["busy_months"] == [2]


def test_the_pile_up_is_counted_over_all_clients_one_sees(system, owner, case):
    other = Case(owner)
    consultant = join(system, owner, "consultant", all_clients=False)
    assign(owner, consultant, other.client)
    assert {r["audits_in_month"] for r in busy(owner, client_id=case.client) if r["month"] == "2026-02"} == {2}
    assert {r["audits_in_month"] for r in busy(consultant) if r["month"] == "2026-02"} == {1}


def test_an_item_of_the_agenda_carries_the_advice(owner, case):
    found = next(r for r in agenda(owner, type="audit", **month("2026-02")))
    assert found["busy_season"]["book_by"] == "2025-08-14" and found["busy_season"]["days_left"] == 73
    case.book("2026-01-19", "2026-01-20")
    assert agenda(owner, type="audit", **month("2026-01"))[0]["busy_season"] is None


# ---------------------------------------------------------------- feeds

def feed(caller, **wanted):
    """A new feed with .id and .link (its path)."""
    made = caller.post("/v1/calendar-feeds", {"target": "member"} | wanted, expect=201).json()
    return made | {"link": re.sub(r"^https?://[^/]+", "", made["url"])}


def events(system, made, expect=200, **rest):
    """Fetched as a calendar program does it, without a token: UID -> event."""
    reply = system.client().get(made["link"], expect=expect, **rest)
    if expect != 200:
        return reply
    calendar = icalendar.Calendar.from_ical(reply.content)
    found = {str(e["UID"]): e for e in calendar.walk("VEVENT")}
    assert len(found) == len(calendar.walk("VEVENT")), "a UID appears twice"
    return found


def uid(row):
    return f"{row['id']}@meguri"


def test_the_link_opens_a_calendar_without_signing_in(system, owner, case):
    made = feed(owner, target="consultancy", language="en")
    reply = system.client().get(made["link"], expect=200)
    assert reply.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "private" in reply.headers["cache-control"] and reply.headers["referrer-policy"] == "no-referrer"
    calendar = icalendar.Calendar.from_ical(reply.content)
    assert calendar["VERSION"] == "2.0" and "METHOD" not in calendar and calendar.walk("VTIMEZONE")
    found = events(system, made)[uid(case.audit())]
    assert found["SUMMARY"] == "株式会社ミナト: First surveillance audit (date not agreed)"
    assert (found["DTSTART"].dt, found["DTEND"].dt) == (datetime.date(2026, 2, 14), datetime.date(2026, 2, 15))
    assert found["STATUS"] == "TENTATIVE" and found["TRANSP"] == "TRANSPARENT"


def test_every_line_is_short_and_ends_as_it_must(system, owner):
    Case(owner, name="とても長い名前の会社" * 15 + "; , \\ \"x\"")
    content = system.client().get(feed(owner)["link"], expect=200).content
    lines = content.split(b"\r\n")
    assert lines[-1] == b"" and max(map(len, lines)) <= 75 and not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert [line.decode() for line in lines]


def test_a_name_with_separators_comes_back_whole(system, owner):
    name = "A; B, C\\D: \"E\"\n" + "F" * 100
    name = name.replace("\n", " ")
    case = Case(owner, name=name)
    made = feed(owner, target="client", client_id=case.client, name=name)
    calendar = icalendar.Calendar.from_ical(system.client().get(made["link"], expect=200).content)
    assert calendar["X-WR-CALNAME"] == name
    description = next(iter(events(system, made).values()))["DESCRIPTION"]
    assert f"{name}" in description.split("\n")[0]


def test_a_booked_audit_fills_its_days(system, owner, case):
    audit = case.book("2026-01-30", "2026-01-31")
    found = events(system, feed(owner))[uid(audit)]
    assert (found["DTSTART"].dt, found["DTEND"].dt) == (datetime.date(2026, 1, 30), datetime.date(2026, 2, 1))
    assert (found["STATUS"], found["TRANSP"]) == ("CONFIRMED", "OPAQUE")


def test_slots_have_hours_in_tokyo(system, owner, case):
    audit = case.book()
    slot = case.slot(audit, kind="closing_meeting", day="2026-01-20", start="16:00", end="16:45")
    found = events(system, feed(owner))[f"{slot}@meguri"]
    assert found["DTSTART"].dt.isoformat() == "2026-01-20T16:00:00+09:00" and found["DTEND"].dt.isoformat() == "2026-01-20T16:45:00+09:00"
    assert found["DTSTART"].params["TZID"] == "Asia/Tokyo"


def test_nothing_changed_is_304_and_a_change_is_not(system, owner, case):
    made, reader = feed(owner), system.client()
    first = reader.get(made["link"], expect=200)
    again = reader.get(made["link"], headers={"If-None-Match": first.headers["etag"]}, expect=304)
    assert again.content == b"" and reader.get(made["link"], expect=200).content == first.content
    case.book()
    reader.get(made["link"], headers={"If-None-Match": first.headers["etag"]}, expect=200)


def test_a_moved_deadline_keeps_its_uid_and_counts_on(system, owner, case):
    made = feed(owner)
    deadline = owner.call("createDeadline", {"title_ja": "見積", "title_en": "Quote", "due_on": "2025-09-30"}, client_id=case.client,
                          expect=201).json()
    before = events(system, made)[uid(deadline)]
    owner.patch(f"{case.path}/deadlines/{deadline['id']}", {"due_on": "2025-10-15"}, if_match="*", expect=200)
    after = events(system, made)[uid(deadline)]
    assert after["DTSTART"].dt == datetime.date(2025, 10, 15) and after["SEQUENCE"] > before["SEQUENCE"]


def test_a_derived_deadline_keeps_its_uid_when_the_facts_move_it(system, owner, case):
    made = feed(owner, include=["deadlines"])
    before = events(system, made)
    owner.patch(f"{case.path}/certifications/{case.certification}", {"policies": {"audit_booking_days": 100}}, if_match="*", expect=200)
    after = events(system, made)
    moved = [u for u in before if before[u]["DTSTART"].dt != after[u]["DTSTART"].dt]
    assert set(before) == set(after) and moved and all(after[u]["SEQUENCE"] > before[u]["SEQUENCE"] for u in moved)


def test_a_cancelled_audit_is_told_as_cancelled_for_a_while(system, owner, case, clock):
    made, audit = feed(owner), case.book()
    before = events(system, made)[uid(audit)]
    case.change(audit, status="cancelled")
    after = events(system, made)[uid(audit)]
    assert after["STATUS"] == "CANCELLED" and after["SEQUENCE"] > before["SEQUENCE"] and after["SUMMARY"].startswith("【中止】")
    clock("2025-08-15T09:00:00+09:00")
    assert uid(audit) not in events(system, made)


def test_the_end_of_a_certificate_is_an_event_of_its_own(system, owner, case):
    found = events(system, feed(owner, include=["certificate_expiries"]))
    assert {u: e["DTSTART"].dt for u, e in found.items()} == {f"{case.certification}-expiry@meguri": datetime.date(2028, 2, 13)}


def test_a_feed_shows_what_it_was_asked_for(system, owner, case):
    other = Case(owner)
    audits = events(system, feed(owner, include=["audits"], kinds=["surveillance"]))
    assert {str(e["SUMMARY"]).split(" ")[-1][:3] for e in audits.values()} == {"第1回", "第2回"}
    one = events(system, feed(owner, target="client", client_id=other.client))
    assert uid(other.audit()) in one and uid(case.audit()) not in one
    assert not [e for e in one.values() if "株式会社ミナト" in e["SUMMARY"]], "one client need not be named in every title"


def test_only_assigned_clients_when_asked_for(system, owner, case):
    Case(owner)
    made = feed(owner, assigned_only=True)
    assert events(system, made) == {}
    owner.call("createAssignment", {"member_id": owner.consultancy["member_id"], "client_id": case.client}, expect=201)
    assert uid(case.audit()) in events(system, made)


# ---------------------------------------------------------------- the link

def test_the_link_is_shown_once_and_kept_as_a_hash_only(system, owner, case):
    made = feed(owner, target="consultancy")
    token = made["link"].rpartition("/")[2].removesuffix(".ics")
    assert re.fullmatch(r"mcf_[A-Za-z0-9_-]{43}", token)
    assert "url" not in owner.get(f"/v1/calendar-feeds/{made['id']}", expect=200).json()
    for table in ("platform.feed_tokens", "scheduling.calendar_feeds", "platform.events", "platform.idempotency"):
        assert token not in str(system.sql(f"select t::text from {table} t")), table


def test_a_creation_sent_twice_answers_the_same_link_which_is_kept_sealed(system, owner):
    first = owner.post("/v1/calendar-feeds", {"target": "member"}, key="one", expect=201).json()
    again = owner.post("/v1/calendar-feeds", {"target": "member"}, key="one", expect=201)
    assert again.headers["idempotency-replayed"] == "true" and again.json() == first
    token = first["url"].rpartition("/")[2].removesuffix(".ics")
    kept = system.sql("select reply from platform.idempotency where key = 'one'")
    assert kept and token not in str(kept) and first["id"] not in str(kept)


def test_a_rotated_link_replaces_the_old_one(system, owner, case):
    made = feed(owner)
    new = owner.post(f"/v1/calendar-feeds/{made['id']}/rotate", expect=200).json()
    assert new["url"] != made["url"] and new["rotated_at"]
    events(system, made, expect=404)
    assert uid(case.audit()) in events(system, {"link": re.sub(r"^https?://[^/]+", "", new["url"])})


def test_a_revoked_link_is_answered_like_one_that_never_was(system, owner, case):
    made = feed(owner)
    owner.delete(f"/v1/calendar-feeds/{made['id']}", if_match="*", expect=204)
    revoked = events(system, made, expect=404)
    never = system.client().get(f"/v1/feeds/mcf_{'a' * 43}.ics", expect=404)
    malformed = system.client().get("/v1/feeds/mcf_short", expect=404)
    bodies = [{k: v for k, v in r.json().items() if k not in ("request_id", "instance")} for r in (revoked, never, malformed)]
    assert bodies[0] == bodies[1] == bodies[2]


def test_the_link_works_without_its_ending_too(system, owner, case):
    made = feed(owner)
    assert events(system, {"link": made["link"].removesuffix(".ics")}).keys() == events(system, made).keys()


def test_the_list_tells_when_the_link_was_last_used(system, owner):
    made = feed(owner)
    assert owner.get(f"/v1/calendar-feeds/{made['id']}", expect=200).json()["last_fetched_at"] is None
    events(system, made)
    rows = owner.pages("/v1/calendar-feeds")
    assert [(r["id"], r["last_fetched_at"]) for r in rows] == [(made["id"], "2025-06-02T00:00:00+00:00")]


def test_the_token_reaches_no_log(system, owner):
    made, reader = feed(owner), system.client()
    token = made["link"].rpartition("/")[2].removesuffix(".ics")
    reader.get(made["link"], expect=200)
    reader.get(made["link"].replace("mcf_", "%6Dcf_"), expect=200)
    reader.request("PROPFIND", made["link"], expect=(400, 404, 405, 501))
    reader.put(made["link"], expect=405)
    reader.get(made["link"] + "/x", expect=404)
    reader.get(f"/v1/calendar-feeds/{token}", expect=401)
    log = system.log()
    assert token[4:] not in log and "/v1/feeds/{feed_token}" in log


def test_a_feed_is_limited_per_address(start_system):
    system = start_system(environment={"MEGURI_RATE_LIMIT": "3", "MEGURI_LOOPS": "1"})
    replies = [system.client().get(f"/v1/feeds/mcf_{'a' * 43}.ics").status_code for _ in range(8)]
    assert replies[0] == 404 and replies[-1] == 429


# ---------------------------------------------------------------- with whose rights

def test_a_feed_of_everything_needs_a_member_who_sees_everything(system, owner, case):
    consultant = join(system, owner, "consultant", all_clients=False)
    assert consultant.post("/v1/calendar-feeds", {"target": "consultancy"}, expect=403).json()["code"] == "forbidden"
    owner.patch(f"/v1/members/{consultant.id}", {"all_clients": True}, if_match="*", expect=200)
    seeing = system.sign_in(consultant.email, PASSWORD)
    made = feed(seeing, target="consultancy")
    assert uid(case.audit()) in events(system, made)
    owner.patch(f"/v1/members/{consultant.id}", {"all_clients": False}, if_match="*", expect=200)
    events(system, made, expect=404)


def test_a_feed_narrows_with_the_assignments_of_its_member(system, owner, case):
    other = Case(owner)
    consultant = join(system, owner, "consultant", all_clients=False)
    assignment = assign(owner, consultant, case.client)
    assign(owner, consultant, other.client)
    mine, one = feed(consultant), feed(consultant, target="client", client_id=case.client)
    assert {uid(case.audit()), uid(other.audit())} <= set(events(system, mine))
    owner.delete(f"/v1/assignments/{assignment['id']}", if_match="*", expect=204)
    assert uid(case.audit()) not in events(system, mine) and uid(other.audit()) in events(system, mine)
    events(system, one, expect=404)


def test_a_removed_member_takes_his_feeds_with_him(system, owner, case):
    consultant = join(system, owner, "consultant", all_clients=True)
    made = feed(consultant)
    events(system, made)
    owner.delete(f"/v1/members/{consultant.id}", if_match="*", expect=204)
    events(system, made, expect=404)


def test_a_membership_that_ran_out_closes_its_feeds(system, owner, case, clock):
    user = join(system, owner, "client_member", client_id=case.client, expires_at="2025-07-01T00:00:00Z")
    made = feed(user)
    events(system, made)
    clock("2025-07-02T09:00:00+09:00")
    events(system, made, expect=404)


@pytest.mark.parametrize("target", ["member", "client"])
def test_a_clients_user_has_feeds_of_his_client_only(system, owner, case, target):
    other = Case(owner)
    user = join(system, owner, "client_member", client_id=case.client)
    made = feed(user, target=target)
    assert made["client_id"] == case.client
    found = events(system, made)
    assert uid(case.audit()) in found and uid(other.audit()) not in found


def test_a_clients_user_gets_no_feed_of_others(system, owner, case):
    other = Case(owner)
    user = join(system, owner, "client_admin", client_id=case.client)
    user.post("/v1/calendar-feeds", {"target": "consultancy"}, expect=403)
    refused = user.post("/v1/calendar-feeds", {"target": "client", "client_id": other.client}, expect=422).json()
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/client_id", "not_found_reference")]


def test_a_feed_of_a_client_needs_to_know_which(owner):
    refused = owner.post("/v1/calendar-feeds", {"target": "client"}, expect=422).json()
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/client_id", "required")]


def test_others_may_revoke_a_feed_but_not_take_it_over(system, owner, case):
    consultant = join(system, owner, "consultant", all_clients=True)
    colleague = join(system, owner, "consultant", all_clients=True)
    made = feed(consultant)
    path = f"/v1/calendar-feeds/{made['id']}"
    colleague.get(path, expect=404)
    colleague.delete(path, if_match="*", expect=404)
    owner.post(f"{path}/rotate", expect=403)
    owner.patch(path, {"include": ["audits"]}, if_match="*", expect=403)
    assert made["id"] in {r["id"] for r in owner.pages("/v1/calendar-feeds")}
    owner.delete(path, if_match="*", expect=204)
    events(system, made, expect=404)


def test_a_feed_can_be_changed_under_its_link(system, owner, case):
    made = feed(owner)
    owner.patch(f"/v1/calendar-feeds/{made['id']}", {"include": ["certificate_expiries"], "language": "en"}, if_match='"v1"', expect=200)
    assert {str(e["SUMMARY"]) for e in events(system, made).values()} == {"株式会社ミナト: Certificate expires"}


def test_the_operator_says_under_which_address_links_work(start_system):
    system = start_system(environment={"MEGURI_PUBLIC_URL": "https://meguri.example/"})
    assert feed(system.owner())["url"].startswith("https://meguri.example/v1/feeds/mcf_")


# ---------------------------------------------------------------- invitations

def invitation(caller, case, audit, **params):
    reply = caller.get(f"{case.path}/audits/{audit['id']}/invitation", params=params, expect=200)
    calendar = icalendar.Calendar.from_ical(reply.content)
    (event,) = calendar.walk("VEVENT")
    assert reply.headers["content-type"] == f"text/calendar; charset=utf-8; method={calendar['METHOD']}"
    return calendar, event


def test_an_audit_without_dates_has_no_invitation(owner, case):
    problem = owner.get(f"{case.path}/audits/{case.audit()['id']}/invitation", expect=409).json()
    assert problem["code"] == "state_not_allowed" and "planned_first_day" in problem["detail"]


def test_the_lead_consultant_invites_the_clients_admin(system, owner, case):
    consultant = join(system, owner, "consultant", all_clients=False)
    assign(owner, consultant, case.client)
    admin = join(system, owner, "client_admin", client_id=case.client)
    calendar, event = invitation(owner, case, case.book())
    assert calendar["METHOD"] == "REQUEST" and event["STATUS"] == "CONFIRMED"
    assert str(event["ORGANIZER"]) == f"mailto:{consultant.email}"
    assert event["ORGANIZER"].params["CN"] == "鈴木 一郎 (巡コンサルティング)"
    assert str(event["ATTENDEE"]) == f"mailto:{admin.email}" and event["ATTENDEE"].params["ROLE"] == "REQ-PARTICIPANT"
    assert event["SUMMARY"] == "株式会社ミナト 第1回サーベイランス審査"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (datetime.date(2026, 1, 19), datetime.date(2026, 1, 21))


def test_everybody_gets_the_same_invitation(system, owner, case):
    consultant = join(system, owner, "consultant", all_clients=False)
    assign(owner, consultant, case.client)
    user = join(system, owner, "client_member", client_id=case.client)
    audit = case.book()
    path = f"{case.path}/audits/{audit['id']}/invitation"
    assert user.get(path, expect=200).content == owner.get(path, expect=200).content == consultant.get(path, expect=200).content


def test_an_update_has_the_same_uid_and_a_higher_sequence(owner, case):
    _, before = invitation(owner, case, case.book())
    _, after = invitation(owner, case, case.book("2026-02-02", "2026-02-03"))
    assert after["UID"] == before["UID"] and after["SEQUENCE"] > before["SEQUENCE"] and after["DTSTART"].dt == datetime.date(2026, 2, 2)


def test_a_cancelled_audit_cancels_its_invitation(owner, case):
    audit = case.book()
    _, before = invitation(owner, case, audit)
    case.change(audit, status="cancelled")
    calendar, after = invitation(owner, case, audit)
    assert (calendar["METHOD"], after["STATUS"]) == ("CANCEL", "CANCELLED")
    assert after["UID"] == before["UID"] and after["SEQUENCE"] > before["SEQUENCE"]


def test_the_team_and_whom_the_plan_names_are_invited(system, owner, case):
    audit = case.book()
    join(system, owner, "client_admin", client_id=case.client)
    guide, asked = case.person("案内 係", "guide@minato.example"), case.person("部長", "head@minato.example")
    owner.post(f"{case.path}/audits/{audit['id']}/team", {"person_id": guide, "role": "observer"}, expect=201)
    case.slot(audit, people=[asked])
    _, event = invitation(owner, case, audit)
    assert {str(a): a.params["ROLE"] for a in event["ATTENDEE"]} == {
        "mailto:guide@minato.example": "OPT-PARTICIPANT", "mailto:head@minato.example": "REQ-PARTICIPANT"}


def test_the_sequence_of_an_invitation_is_the_audits(owner, case):
    audit = case.book()
    _, before = invitation(owner, case, audit)
    case.change(audit, note="鍵は受付で")
    _, same = invitation(owner, case, audit)
    assert before["SEQUENCE"] == same["SEQUENCE"] == case.audit()["ics_sequence"]
    case.slot(audit)
    _, after = invitation(owner, case, audit)
    assert after["SEQUENCE"] > same["SEQUENCE"]


def test_a_consultant_finds_the_audits_whose_team_he_is_in(system, owner, case):
    audit = case.book()
    consultant = join(system, owner, "consultant", all_clients=True)
    owner.post(f"{case.path}/audits/{audit['id']}/team", {"member_id": consultant.id, "role": "consultant"}, expect=201)
    assert [r["id"] for r in agenda(owner, type="audit", member_id=consultant.id, **month("2026-01"))] == [audit["id"]]
    assert uid(audit) in events(system, feed(consultant, assigned_only=True))


def test_a_slot_has_an_invitation_of_its_own(owner, case):
    audit = case.book()
    slot = case.slot(audit)
    _, event = invitation(owner, case, audit, slot_id=slot)
    assert event["UID"] == f"{slot}@meguri" and event["DTSTART"].dt.isoformat() == "2026-01-19T09:30:00+09:00"
    _, whole = invitation(owner, case, audit)
    assert "2026-01-19 09:30–10:00 初回会議" in whole["DESCRIPTION"]
    owner.get(f"{case.path}/audits/{audit['id']}/invitation", params={"slot_id": audit["id"]}, expect=404)


def test_an_invitation_that_did_not_change_is_304(owner, case):
    path = f"{case.path}/audits/{case.book()['id']}/invitation"
    tag = owner.get(path, expect=200).headers["etag"]
    owner.get(path, headers={"If-None-Match": tag}, expect=304)
