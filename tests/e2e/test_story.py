"""The main job, played through HTTP with the clock moved: from the signature in 2024-09 to the recertification of 2028, on time and three months late.

Expected dates are computed here from the rules and the holiday file, not by the program.
"""
import datetime
import json

import pytest

from meguri_test.paths import ROOT

HOLIDAYS = {h["date"] for h in json.loads((ROOT / "tests/data/jp_holidays.json").read_text())}
OFFSETS = (180, 90, 60, 30, 14, 7, 1)
MAIL_JA, MAIL_EN = "isms@minato.example", "isms@harbour.example"


def is_closed(day):
    return day.weekday() >= 5 or day.isoformat() in HOLIDAYS or (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)


def rolled_back(day):
    while is_closed(day):
        day -= datetime.timedelta(days=1)
    return day


class Story:
    """One consultancy with its consultant, and what it does on which day."""

    def __init__(self, system):
        self.system = system
        self.owner = system.owner(name="巡りコンサルティング")
        self.email = self.owner.consultancy["email"]

    def at(self, day, time="10:00:00"):
        self.system.set_clock(f"{day}T{time}+09:00")
        self.system.run_jobs()
        self.owner = self.system.sign_in(self.email)

    def client(self, name, locale, address, **rest):
        client = self.owner.call("createClient", {"name": name, "locale": locale, **rest}, expect=201).json()["id"]
        self.owner.call("createMember", {"email": address, "name": "担当者" if locale == "ja" else "Sam Lee", "role": "client_admin",
                                         "client_id": client, "locale": locale}, expect=201)
        return client

    def step(self, client, certification, to, on, expect=201, **rest):
        return self.owner.call("createTransition", {"to": to, "on": on, "source": "審査報告書", **rest}, client_id=client,
                               certification_id=certification, expect=expect).json()

    def facts(self, client, certification, **facts):
        return self.owner.call("updateCertification", facts, client_id=client, certification_id=certification, if_match="*", expect=200).json()

    def claims(self, client, **params):
        reply = self.owner.get(f"/v1/clients/{client}/claims", params=params, expect=200).json()["certifications"][0]
        return reply["may_say_passed_audit"], reply["may_claim_certified"], reply["may_show_mark"]

    def programme(self, client):
        return self.owner.get(f"/v1/clients/{client}/programme", expect=200).json()["certifications"][0]

    def audits(self, client, **params):
        return self.owner.pages(f"/v1/clients/{client}/audits", params=params)

    def deadline(self, client, kind, **where):
        rows = self.owner.pages(f"/v1/clients/{client}/deadlines", params={"kind": kind})
        rows = [r for r in rows if all(r[k] == v for k, v in where.items())]
        assert rows, f"no {kind} {where}"
        return rows[0]

    def hold(self, client, audit, day):
        return self.owner.call("updateAudit", {"status": "held", "held_first_day": day, "held_last_day": day}, client_id=client, audit_id=audit["id"],
                               if_match="*", expect=200).json()


def certify(story):
    """2024-09 to 2025-02-14, for the Japanese client."""
    client = story.client("株式会社ミナト", "ja", MAIL_JA, headcount=48)
    story.head = story.owner.call("createSite", {"name": "本社", "kind": "head_office", "in_scope": True}, client_id=client, expect=201).json()["id"]
    story.branch = story.owner.call("createSite", {"name": "大阪支店", "in_scope": False}, client_id=client, expect=201).json()["id"]
    made = story.owner.call("createCertification", {"scheme": "iso27001-2022", "target_date": "2025-02-28", "scope_text": "本社における受託開発"},
                            client_id=client, expect=201).json()["id"]
    story.at("2024-11-18")
    story.facts(client, made, scope_defined_on="2024-09-20", risk_assessment_done_on="2024-10-18", soa_approved_on="2024-10-31")
    story.step(client, made, "stage1_done", "2024-11-15")
    story.at("2025-01-20")
    stage2 = story.owner.call("createAudit", {"certification_id": made, "kind": "stage2", "status": "held", "held_first_day": "2025-01-16",
                                              "held_last_day": "2025-01-17"}, client_id=client, expect=201).json()
    story.step(client, made, "stage2_done", "2025-01-17")
    minor = story.owner.call("createFinding", {"audit_id": stage2["id"], "grade": "minor", "reference": "A.5.18", "statement": "退職者のアカウント"},
                             client_id=client, expect=201).json()
    story.at("2025-02-14")
    assert story.claims(client) == (False, False, False)
    story.step(client, made, "recommended", "2025-01-31")
    assert story.claims(client) == (True, False, False)
    refused = story.step(client, made, "certified", "2025-02-14", expect=409)
    missing = {e["limit"] for e in refused["errors"]}
    assert {"internal_audit_full_scope", "management_review"} <= missing and any("minor" in m for m in missing)
    story.facts(client, made, internal_audit_done_on="2024-12-05", management_review_done_on="2024-12-16")
    story.owner.call("updateFinding", {"plan_accepted_on": "2025-02-10"}, client_id=client, finding_id=minor["id"], if_match="*", expect=200)
    story.step(client, made, "certified", "2025-02-14")
    return client, made


def expected_days(due, sooner_than):
    """Days on which a deadline is announced: each offset back from the due day, rolled back to a business day, nothing before it was known."""
    days = {rolled_back(due - datetime.timedelta(days=n)) for n in OFFSETS}
    return sorted(d for d in days if d >= sooner_than)


def play_until(story, last_day):
    """Steps from one planned reminder to the next. Looks by SQL: signing in again at each of a few hundred mornings would take longer than the mornings."""
    while True:
        day = story.system.sql("select min(send_on)::text from notifications.reminders where status = 'planned'")[0][0]
        if day is None or day > last_day:
            break
        story.system.set_clock(f"{day}T09:00:00+09:00")
        story.system.run_jobs()
    story.at(last_day)


@pytest.fixture(scope="module")
def story(start_system):
    told = Story(start_system(clock="2024-09-02T10:00:00+09:00", environment={"MEGURI_JOB_THREADS": "0"}))
    told.plan = told.owner.call("calculateBackplan", {"target_certificate_date": "2025-02-28", "variant": "ia_between_stages",
                                                      "today": "2024-09-02"}, expect=200).json()
    told.english = told.client("Harbour Works Ltd.", "en", MAIL_EN)
    told.client_id, told.certification = certify(told)
    told.english_certification = told.owner.call("createCertification", {
        "scheme": "iso27001-2022", "state": "certified", "decision_date": "2024-06-14", "stage2_last_day": "2024-05-17", "source": "certificate"},
        client_id=told.english, expect=201).json()["id"]
    return told


def test_the_plan_back_from_the_certificate_is_in_order(story):
    plan = story.plan
    order = ["kickoff", "risk_assessment_start", "operation_start", "stage1_first", "internal_audit_start", "management_review", "stage2_first",
             "decision"]
    days = [plan[name] for name in order]
    assert days == sorted(days) and plan["feasible"] == (plan["order_ok"] and plan["kickoff"] >= "2024-09-02")


def test_the_decision_brings_certificate_programme_and_mark(story):
    programme = story.programme(story.client_id)
    assert (programme["state"], programme["expiry_date"]) == ("certified", "2028-02-13")
    rows = [(a["kind"], a["nominal_date"], a["window_start"], a["window_end"]) for a in programme["audits"]][-6:]
    wanted = [("surveillance", "2026-02-14", "2025-11-14", "2026-02-14"), ("surveillance", "2027-02-14", "2026-11-14", "2027-03-14"),
              ("recertification", "2028-02-14", "2027-11-13", "2027-12-13")]
    assert [r for r in rows if r in wanted] == wanted
    assert story.claims(story.client_id) == (True, True, True)
    assert story.claims(story.client_id, site_id=story.head)[2] and not story.claims(story.client_id, site_id=story.branch)[2]


def test_the_move_right_after_the_certificate_is_warned_of_and_gets_its_deadlines(story):
    story.at("2025-02-17")
    change = story.owner.call("createChange", {"kind": "site_relocation", "change_date": "2025-03-20", "site_id": story.head},
                              client_id=story.client_id, expect=201).json()
    advice = change["advice"]["certifications"][0]
    assert (advice["relocation"]["action"], advice["relocation"]["due_by"]) == ("special_audit", "2025-06-20")
    assert advice["move_warning"]["code"] == "MOVE_SOON_AFTER_AUDIT"
    assert change["advice"]["notice"]["notify_by"] == rolled_back(datetime.date(2025, 1, 19)).isoformat()
    assert {d["kind"] for d in change["deadlines"]} >= {"change_notice", "change_audit"}
    story.owner.call("updateChange", {"status": "done"}, client_id=story.client_id, change_id=change["id"], if_match="*", expect=200)


def test_reminders_arrive_on_the_right_mornings_in_the_receivers_language(story):
    due = story.deadline(story.client_id, "surveillance_audit", raw_on="2026-02-14")
    assert due["due_on"] == "2026-02-13" and due["hardness"] == "hard"
    play_until(story, "2026-01-16")
    mails = [m for m in story.system.mails(MAIL_JA) if "第1回サーベイランス審査" in m.subject and "2026年2月13日" in m.subject]
    days = expected_days(datetime.date(2026, 2, 13), datetime.date(2025, 2, 17))
    assert [m.message["date"].datetime.astimezone(datetime.timezone(datetime.timedelta(hours=9))).strftime("%Y-%m-%d %H:%M") for m in mails] == [
        f"{d} 09:00" for d in days if d <= datetime.date(2026, 1, 16)]
    assert any("irst surveillance audit" in m.subject for m in story.system.mails(MAIL_EN))
    assert not any("サーベイランス" in m.subject for m in story.system.mails(MAIL_EN))


def test_a_held_surveillance_fulfils_its_deadline_and_withdraws_what_was_not_sent(story):
    story.at("2026-01-19")
    audit = story.audits(story.client_id, kind="surveillance")[0]
    story.owner.call("updateAudit", {"status": "confirmed", "planned_first_day": "2026-01-20", "planned_last_day": "2026-01-20"},
                     client_id=story.client_id, audit_id=audit["id"], if_match="*", expect=200)
    story.at("2026-01-21")
    story.hold(story.client_id, audit, "2026-01-20")
    story.system.run_jobs()
    due = story.deadline(story.client_id, "surveillance_audit", raw_on="2026-02-14")
    assert (due["status"], due["fulfilled_on"]) == ("fulfilled", "2026-01-20")
    rows = story.owner.pages("/v1/reminders", params={"deadline_id": due["id"]})
    assert {r["status"] for r in rows} == {"sent", "withdrawn"}


def test_no_reminder_was_sent_twice(story):
    ids = [m.id for m in story.system.mails()]
    assert ids and len(set(ids)) == len(ids)
    rows = story.owner.pages("/v1/reminders", params={"status": "sent"})
    keys = [(r["policy_id"], r["deadline_id"], r["deadline_due_on"], r["offset_days"], r["channel"], r["member_id"]) for r in rows]
    assert len(set(keys)) == len(keys)


def test_the_next_audits_are_held_and_the_recertification_on_time_keeps_the_anniversary(story):
    story.at("2027-02-10")
    story.hold(story.client_id, story.audits(story.client_id, kind="surveillance", status="planned")[0], "2027-02-09")
    story.at("2027-12-06")
    story.hold(story.client_id, story.audits(story.client_id, kind="recertification", status="planned")[0], "2027-12-03")
    story.at("2028-01-20")
    story.step(story.client_id, story.certification, "certified", "2028-01-20", recertification_audit_last_day="2027-12-03")
    now = story.programme(story.client_id)
    assert (now["state"], now["expiry_date"]) == ("certified", "2031-02-13")
    row = story.owner.call("getCertification", client_id=story.client_id, certification_id=story.certification, expect=200).json()
    assert (row["effective_date"], row["gap_days"], row["cycle_type"]) == ("2028-01-20", 0, "recert")
    assert "2029-02-14" in [a["nominal_date"] for a in story.audits(story.client_id, kind="surveillance", status="planned")]


def test_three_months_late_there_is_a_gap_without_claims_and_the_old_expiry_counts_on(start_system):
    story = Story(start_system(clock="2024-09-02T10:00:00+09:00", environment={"MEGURI_JOB_THREADS": "0"}))
    client, certification = certify(story)
    for day, held in (("2026-01-21", "2026-01-20"), ("2027-02-10", "2027-02-09")):
        story.at(day)
        story.hold(client, story.audits(client, kind="surveillance", status="planned")[0], held)
    story.at("2028-02-13")
    assert story.claims(client) == (True, True, True)
    story.at("2028-02-14")
    assert story.programme(client)["state"] == "expired" and story.claims(client)[1:] == (False, False)
    assert story.deadline(client, "restore_deadline")["raw_on"] == "2028-08-13"
    story.at("2028-05-15")
    story.hold(client, story.audits(client, kind="recertification", status="planned")[0], "2028-04-20")
    assert story.claims(client)[1:] == (False, False)
    story.step(client, certification, "certified", "2028-05-15", recertification_audit_last_day="2028-04-20")
    row = story.owner.call("getCertification", client_id=client, certification_id=certification, expect=200).json()
    gap = (datetime.date(2028, 5, 15) - datetime.date(2028, 2, 13)).days - 1
    assert (row["state"], row["effective_date"], row["expiry_date"], row["gap_days"]) == ("certified", "2028-05-15", "2031-02-13", gap)
    assert story.claims(client)[1:] == (True, True)
