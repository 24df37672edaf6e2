"""Reminders from deadline to mailbox, with the clock moved."""
import base64
import collections
import datetime
import json
import re
import secrets
import subprocess

import pytest

from meguri_test import MailSink, until

JST = datetime.timezone(datetime.timedelta(hours=9))
DUE = datetime.date(2026, 2, 13)


class Office:
    """A consultancy with one client, told by API; deadlines are set as the scheduling service would."""

    def __init__(self, system, name="株式会社ミナト", name_en="Minato Ltd.", receivers=("ja",), **consultancy):
        self.system, self.signed_in_at = system, None
        self.owner = system.owner(**consultancy)
        self.consultancy_id = self.owner.consultancy["consultancy_id"]
        self.client_id = self.owner.call(
            "createClient", {"name": name, "name_en": name_en}, expect=201).json()["id"]
        self.people = [self.invite(locale) for locale in receivers]

    def keep_signed_in(self, instant):
        now = datetime.datetime.fromisoformat(instant)
        if not self.signed_in_at or abs(now - self.signed_in_at) > datetime.timedelta(hours=20):
            self.owner.token = self.system.sign_in(self.owner.consultancy["email"]).token
            self.signed_in_at = now

    def invite(self, locale="ja", role="client_admin", **more):
        body = {"email": f"{locale}-{secrets.token_hex(4)}@client.example", "name": "佐藤 花子" if locale == "ja" else "Alex Smith",
                "role": role, "locale": locale, "time_zone": "Asia/Tokyo"} | more
        if role.startswith("client"):
            body["client_id"] = self.client_id
        return self.owner.call("createMember", body, expect=201).json()

    def deadline(self, due=DUE, raw=None, title_ja="第1回サーベイランス審査", title_en="first surveillance audit",
                 kind="surveillance_audit"):
        (row,) = self.system.sql(
            """insert into scheduling.deadlines (consultancy_id, id, client_id, kind, title_ja, title_en, due_on, raw_on, hardness, rule,
                                                 created_at, updated_at)
               values (%s, gen_random_uuid(), %s, %s, %s, %s, %s, %s, 'hard', 'SUR-02', now(), now()) returning id""",
            self.consultancy_id, self.client_id, kind, title_ja, title_en, due, raw or due)
        return str(row[0])

    def change(self, deadline, **values):
        columns = ", ".join(f"{name} = %s" for name in values)
        self.system.sql(f"update scheduling.deadlines set {columns}, version = version + 1 where id = %s",
                        *values.values(), deadline)

    def mails(self, person=0):
        return self.system.mails(self.people[person]["email"])

    def reminders(self, everybody=False, **filters):
        """Those to the client's people; the owner, who stands in while nobody is assigned, gets his own."""
        rows = self.owner.pages("/v1/reminders", params={"client_id": self.client_id, "limit": 200} | filters)
        people = {person["id"] for person in self.people}
        return [row for row in rows if everybody or row["member_id"] in people]

    def deliveries(self, **filters):
        rows = self.owner.pages("/v1/deliveries", params={"client_id": self.client_id} | filters)
        addresses = {person["email"] for person in self.people}
        return [row for row in rows if row["address"] in addresses]

    def policy(self):
        return self.owner.call("listReminderPolicies", expect=200).json()["data"][0]


def go(system, instant):
    """Moves the clock and runs everything that is due."""
    system.set_clock(instant)
    system.run_jobs()


def at(office, instant):
    """The same; the owner signs in again when his token may have expired."""
    go(office.system, instant)
    office.keep_signed_in(instant)


def play(office, last):
    """Steps through time by the next planned reminder, so that years take seconds; answers the days on which something was due."""
    days = []
    while True:
        rows = office.system.sql(
            """select min(send_at) from notifications.reminders where consultancy_id = %s and status = 'planned'""",
            office.consultancy_id)
        instant = rows[0][0]
        if instant is None or instant.astimezone(JST).date() > last:
            return days
        days.append(instant.astimezone(JST).date())
        go(office.system, instant.isoformat())


def no_service(start_system, **options):
    """A system whose jobs run only when told, so that the test decides about time."""
    options.setdefault("clock", "2025-02-14T12:00:00+09:00")
    environment = {"MEGURI_JOB_THREADS": "0", "MEGURI_ACCESS_TOKEN_SECONDS": "86400"} | options.pop("environment", {})
    return start_system(environment=environment, **options)


@pytest.fixture(scope="module")
def quiet(start_system):
    return no_service(start_system)


@pytest.fixture
def office(quiet):
    quiet.mail.misbehave()
    quiet.mail.clear()
    quiet.set_clock("2025-02-14T12:00:00+09:00")
    yield Office(quiet)
    quiet.sql("delete from notifications.reminder_plans")
    quiet.sql("update scheduling.deadlines set status = 'withdrawn'")
    quiet.sql("update notifications.reminders set status = 'withdrawn' where status in ('planned', 'queued')")


# -- what arrives, and when ---------------------------------------------------------------------------------------------------

def test_japanese_mail_arrives_at_nine_in_tokyo_on_the_right_business_days(office):
    office.deadline()
    at(office, "2025-02-14T12:00:00+09:00")
    planned = [(r["offset_days"], r["send_on"]) for r in office.reminders(status="planned")]
    assert planned == [(180, "2025-08-15"), (90, "2025-11-14"), (60, "2025-12-15"), (30, "2026-01-14"),
                       (14, "2026-01-30"), (7, "2026-02-06"), (1, "2026-02-12"), (-7, "2026-02-20")]
    assert all(r["send_at"].endswith("T00:00:00+00:00") for r in office.reminders())
    at(office, "2026-01-14T08:59:59+09:00")
    before = len(office.mails())
    at(office, "2026-01-14T09:00:00+09:00")
    mails = office.mails()
    assert len(mails) == before + 1
    mail = mails[-1]
    assert mail.subject == "【期限】株式会社ミナト：第1回サーベイランス審査の期限まであと30日（2026年2月13日）"
    for words in ("佐藤 花子 様", "2026年2月13日（金）", "あと30日", "第1回サーベイランス審査", "SUR-02",
                  "巡コンサルティング"):
        assert words in mail.text, words
    assert mail.message["date"].datetime == datetime.datetime(2026, 1, 14, 9, tzinfo=JST)


def test_business_days_skip_weekends_holidays_and_the_turn_of_the_year(office):
    policy = office.policy()
    office.owner.call("updateReminderPolicy", {"offsets": [2, 1]}, policy_id=policy["id"], if_match="*", expect=200)
    office.deadline(datetime.date(2026, 1, 5))   # Monday after the closure: both offsets fall on 26 December
    office.deadline(datetime.date(2025, 5, 7))   # Wednesday after Golden Week
    at(office, "2025-02-14T12:00:00+09:00")
    planned = [(r["deadline_due_on"], r["offset_days"], r["send_on"]) for r in office.reminders() if r["offset_days"] > 0]
    assert planned == [("2025-05-07", 1, "2025-05-02"), ("2026-01-05", 1, "2025-12-26")]


def test_english_mail_goes_to_another_member_at_nine_where_he_is(office):
    office.people.append(office.invite("en", time_zone="Europe/London"))
    office.deadline()
    at(office, "2025-02-14T12:00:00+09:00")
    at(office, "2026-01-14T08:59:00+00:00")
    before = len(office.mails(1))
    at(office, "2026-01-14T09:00:00+00:00")
    assert len(office.mails(1)) == before + 1
    mail = office.mails(1)[-1]
    assert mail.subject == "[Deadline] Minato Ltd.: first surveillance audit due in 30 days (13 Feb 2026)"
    for words in ("Dear Alex Smith,", "Friday, 13 February 2026", "due in 30 days", "rule SUR-02"):
        assert words in mail.text, words
    assert mail.message["content-language"] == "en"


def test_a_date_that_was_rolled_to_a_business_day_is_told_with_both_dates(office):
    office.deadline(datetime.date(2025, 2, 21), raw=datetime.date(2025, 2, 23))
    at(office, "2025-02-14T12:00:00+09:00")
    at(office, "2025-02-20T09:00:00+09:00")
    text = office.mails()[-1].text
    assert "2025年2月21日（金）" in text and "2025年2月23日（日）" in text


def test_overdue_reminders_come_weekly_until_the_deadline_is_fulfilled(office):
    deadline = office.deadline(datetime.date(2025, 2, 28))
    at(office, "2025-02-14T12:00:00+09:00")
    days = play(office, datetime.date(2025, 4, 4))
    assert [str(day) for day in days] == ["2025-02-21", "2025-02-27", "2025-03-07", "2025-03-14", "2025-03-21",
                                          "2025-03-28", "2025-04-04"]
    assert office.mails()[-1].subject == "【期限超過】株式会社ミナト：第1回サーベイランス審査の期限を35日過ぎています（2025年2月28日）"
    office.change(deadline, status="fulfilled", fulfilled_on="2025-04-04")
    at(office, "2025-04-04T10:00:00+09:00")
    at(office, "2025-05-30T10:00:00+09:00")
    assert len(office.mails()) == 7
    assert {r["status"] for r in office.reminders()} == {"sent", "withdrawn"}


def test_a_deadline_at_short_notice_is_announced_once(office):
    office.deadline(datetime.date(2025, 2, 14))  # today, noon
    at(office, "2025-02-14T12:00:00+09:00")
    assert [m.subject for m in office.mails()] == [
        "【本日期限】株式会社ミナト：第1回サーベイランス審査の期限は本日です（2025年2月14日）"]
    at(office, "2025-02-14T13:00:00+09:00")
    assert len(office.mails()) == 1


def test_no_burst_of_old_reminders_when_a_deadline_appears_late(office):
    office.deadline(datetime.date(2025, 3, 3))
    at(office, "2025-02-14T12:00:00+09:00")
    assert [r["offset_days"] for r in office.reminders()] == [14, 7, 1, -7]
    assert not office.mails()


# -- what changes -------------------------------------------------------------------------------------------------------------

def test_a_moved_deadline_withdraws_what_was_not_sent_and_plans_anew(office):
    deadline = office.deadline()
    at(office, "2025-02-14T12:00:00+09:00")
    at(office, "2025-08-15T09:00:00+09:00")
    office.change(deadline, due_on="2026-03-13", raw_on="2026-03-13")
    at(office, "2025-08-15T10:00:00+09:00")
    old = [r for r in office.reminders() if r["deadline_due_on"] == "2026-02-13"]
    new = [r for r in office.reminders() if r["deadline_due_on"] == "2026-03-13"]
    assert collections.Counter(r["status"] for r in old) == {"sent": 1, "withdrawn": 7}
    assert {r["reason"] for r in old if r["status"] == "withdrawn"} == {"deadline_moved"}
    assert [r["offset_days"] for r in new] == [180, 90, 60, 30, 14, 7, 1, -7]


def test_a_deadline_that_moves_back_gets_its_reminders_back(office):
    deadline = office.deadline()
    at(office, "2025-02-14T12:00:00+09:00")
    office.change(deadline, due_on="2026-03-13")
    at(office, "2025-02-14T13:00:00+09:00")
    office.change(deadline, due_on="2026-02-13")
    at(office, "2025-02-14T14:00:00+09:00")
    back = [r for r in office.reminders(status="planned")]
    assert {r["deadline_due_on"] for r in back} == {"2026-02-13"} and len(back) == 8


@pytest.mark.parametrize("change, reason", [({"status": "fulfilled"}, "deadline_fulfilled"),
                                            ({"status": "withdrawn"}, "deadline_withdrawn")])
def test_a_closed_deadline_withdraws_its_reminders_and_says_why(office, change, reason):
    deadline = office.deadline()
    at(office, "2025-02-14T12:00:00+09:00")
    office.change(deadline, **change)
    at(office, "2025-02-14T13:00:00+09:00")
    assert {(r["status"], r["reason"]) for r in office.reminders()} == {("withdrawn", reason)}


def test_a_deleted_deadline_withdraws_its_reminders(office):
    deadline = office.deadline()
    at(office, "2025-02-14T12:00:00+09:00")
    office.system.sql("delete from scheduling.deadlines where id = %s", deadline)
    at(office, "2025-02-14T13:00:00+09:00")
    assert {(r["status"], r["reason"]) for r in office.reminders()} == {("withdrawn", "deadline_deleted")}


def test_a_removed_member_gets_no_more_mail(office):
    office.deadline()
    at(office, "2025-02-14T12:00:00+09:00")
    office.owner.call("deleteMember", member_id=office.people[0]["id"], if_match="*", expect=204)
    at(office, "2025-02-14T13:00:00+09:00")
    assert {(r["status"], r["reason"]) for r in office.reminders(status="withdrawn")} == {("withdrawn", "receiver_gone")}
    assert not office.reminders(status="planned")


def test_the_client_s_own_policy_displaces_the_general_one(office):
    office.deadline()
    at(office, "2025-02-14T12:00:00+09:00")
    own = office.owner.call("createReminderPolicy", {"name": "ミナト", "client_id": office.client_id, "offsets": [10],
                                                     "overdue_every_days": None}, expect=201).json()
    at(office, "2025-02-14T13:00:00+09:00")
    assert [(r["policy_id"], r["offset_days"]) for r in office.reminders(status="planned")] == [(own["id"], 10)]
    office.owner.call("deleteReminderPolicy", policy_id=own["id"], if_match='"v1"', expect=204)
    at(office, "2025-02-14T14:00:00+09:00")
    assert len(office.reminders(status="planned")) == 8


def test_a_changed_hour_moves_planned_reminders_instead_of_doubling_them(office):
    office.deadline()
    at(office, "2025-02-14T12:00:00+09:00")
    before = {r["id"] for r in office.reminders()}
    office.owner.call("updateReminderPolicy", {"send_hour": 8}, policy_id=office.policy()["id"], if_match="*", expect=200)
    at(office, "2025-02-14T13:00:00+09:00")
    assert {r["id"] for r in office.reminders()} == before
    assert all(r["send_at"].endswith("T23:00:00+00:00") for r in office.reminders())


def test_consultants_assigned_to_the_client_receive_otherwise_those_of_all_clients(office):
    everywhere = office.invite(role="consultant", all_clients=True)
    assigned = office.invite(role="consultant")
    office.deadline()
    at(office, "2025-02-14T12:00:00+09:00")
    client = office.people[0]["id"]
    assert {r["member_id"] for r in office.reminders(True, status="planned")} == {client, everywhere["id"]}
    office.owner.call("createAssignment", {"member_id": assigned["id"], "client_id": office.client_id}, expect=201)
    at(office, "2025-02-14T13:00:00+09:00")
    assert {r["member_id"] for r in office.reminders(True, status="planned")} == {client, assigned["id"]}


def test_the_owner_stands_in_while_there_is_no_consultant(office):
    office.deadline()
    at(office, "2025-02-14T12:00:00+09:00")
    assert {r["member_id"] for r in office.reminders(True)} == {office.people[0]["id"], office.owner.consultancy["member_id"]}


def test_a_second_run_changes_nothing(office):
    office.deadline()
    at(office, "2025-02-14T12:00:00+09:00")
    before = office.reminders()
    office.system.sql("update notifications.reminder_plans set basis = md5(basis)")
    at(office, "2025-02-14T12:00:00+09:00")
    assert office.reminders() == before


# -- on the way ---------------------------------------------------------------------------------------------------------------

def queued(office, due=datetime.date(2025, 2, 14)):
    """One reminder that is due now, not sent yet."""
    return office.deadline(due)


def test_a_temporary_refusal_is_tried_again_under_the_same_message_id(office):
    office.system.mail.misbehave(temporary=1)
    queued(office)
    at(office, "2025-02-14T12:00:00+09:00")
    (delivery,) = office.deliveries()
    assert (delivery["status"], delivery["attempts"], office.mails()) == ("failed", 1, [])
    assert "451" in delivery["last_error"]
    after = datetime.datetime.fromisoformat(delivery["next_attempt_at"])
    assert 60 <= (after - datetime.datetime(2025, 2, 14, 12, tzinfo=JST)).total_seconds() <= 75
    office.system.mail.misbehave()
    at(office, "2025-02-14T12:00:50+09:00")
    assert not office.mails()
    at(office, "2025-02-14T12:01:15+09:00")
    (mail,) = office.mails()
    assert mail.id == f"<{delivery['id']}@meguri.example>"
    log = office.owner.call("getDelivery", delivery_id=delivery["id"], expect=200).json()["attempt_log"]
    assert [entry["outcome"] for entry in log] == ["temporary_failure", "sent"]


def test_after_ten_temporary_failures_the_delivery_is_dead(office):
    office.system.mail.misbehave(temporary=1)
    queued(office)
    waits = []
    instant = datetime.datetime(2025, 2, 14, 12, tzinfo=JST)
    for _ in range(10):
        at(office, instant.isoformat())
        (delivery,) = office.deliveries()
        if delivery["next_attempt_at"]:
            after = datetime.datetime.fromisoformat(delivery["next_attempt_at"])
            waits.append((after - instant).total_seconds())
            instant = after
    assert (delivery["status"], delivery["attempts"]) == ("dead", 10)
    assert all(60 * 2 ** i <= wait <= 75 * 2 ** i for i, wait in enumerate(waits)), waits
    assert office.reminders()[0]["status"] == "dead"


def test_a_permanent_refusal_is_dead_at_once_and_can_be_replayed(office):
    office.system.mail.misbehave(refuse=[office.people[0]["email"]])
    queued(office)
    at(office, "2025-02-14T12:00:00+09:00")
    (delivery,) = office.deliveries()
    assert (delivery["status"], delivery["attempts"]) == ("dead", 1)
    assert "550 5.1.1 no such mailbox" in delivery["last_error"]
    assert office.reminders()[0]["status"] == "dead"
    office.system.mail.misbehave()
    replayed = office.owner.call("replayDelivery", delivery_id=delivery["id"], expect=200).json()
    assert (replayed["status"], replayed["attempts"]) == ("pending", 0)
    at(office, "2025-02-14T12:00:00+09:00")
    assert [m.id for m in office.mails()] == [f"<{delivery['id']}@meguri.example>"]
    assert office.reminders()[0]["status"] == "sent"
    refused = office.owner.call("replayDelivery", delivery_id=delivery["id"], expect=409).json()
    assert refused["code"] == "state_not_allowed"


@pytest.mark.parametrize("change", [{"status": "fulfilled", "fulfilled_on": "2025-02-14"}, {"due_on": "2025-02-25"}])
def test_what_is_no_longer_true_is_not_sent_again(office, change):
    office.system.mail.misbehave(refuse=[office.people[0]["email"]])
    deadline = queued(office)
    at(office, "2025-02-14T12:00:00+09:00")
    (delivery,) = office.deliveries(status="dead")
    office.system.mail.misbehave()
    office.change(deadline, **change)
    refused = office.owner.call("replayDelivery", delivery_id=delivery["id"], expect=409).json()
    assert refused["code"] == "state_not_allowed" and "moved" in refused["detail"]


def test_a_mail_whose_answer_was_lost_comes_again_with_the_same_id(office):
    office.system.mail.misbehave(drop_kept=1)
    queued(office)
    at(office, "2025-02-14T12:00:00+09:00")
    office.system.mail.misbehave()
    at(office, "2025-02-14T12:02:00+09:00")
    mails = office.mails()
    assert len(mails) == 2 and len({m.id for m in mails}) == 1


def test_a_withdrawn_reminder_that_waited_for_its_next_try_is_not_sent(office):
    office.system.mail.misbehave(temporary=1)
    deadline = office.deadline(datetime.date(2025, 2, 14))
    at(office, "2025-02-14T12:00:00+09:00")
    office.system.mail.misbehave()
    office.change(deadline, status="fulfilled")
    at(office, "2025-02-14T13:00:00+09:00")
    assert not office.mails()
    assert [d["status"] for d in office.deliveries()] == ["withdrawn"]


def test_a_crash_between_claim_and_send_loses_nothing_and_repeats_at_most_the_one_in_flight(start_system):
    system = no_service(start_system, environment={"MEGURI_LEASE_SECONDS": "2"})
    office = Office(system)
    for _ in range(12):
        office.deadline(datetime.date(2025, 2, 14))
    system.mail.misbehave(delay=0.15)
    jobs = subprocess.Popen([_program(), "admin", "run-jobs"], env=system._full_environment(), stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
    until(lambda: len(office.mails()) >= 3, 20, "some mails")
    jobs.kill()
    jobs.wait()
    assert len(office.mails()) < 12
    system.mail.misbehave()

    def finished():
        system.run_jobs()
        return all(d["status"] == "sent" for d in office.deliveries())
    until(finished, 30, "all deliveries sent", pause=0.3)
    count = collections.Counter(m.id for m in office.mails())
    assert len(count) == 12 and sorted(count.values()) in ([1] * 12, [1] * 11 + [2]), count


def _program():
    from meguri_test.paths import program
    return program()


def test_jobs_inside_the_server_send_by_themselves(start_system):
    system = start_system(clock="2025-02-14T12:00:00+09:00")
    office = Office(system)
    office.deadline(datetime.date(2025, 2, 14))
    system.mail.wait(1, office.people[0]["email"], seconds=30)
    until(lambda: [d["status"] for d in office.deliveries()] == ["sent"], 10, "the record")
    events = system.sql("select kind, entity_id::text from platform.events where kind like 'delivery.%%'")
    assert ("delivery.sent", office.deliveries()[0]["id"]) in events


# -- the message --------------------------------------------------------------------------------------------------------------

HOSTILE = "悪意\r\nBcc: thief@example.net\r\n\r\n<script>"


def test_no_name_can_add_a_header(start_system):
    system = no_service(start_system)
    office = Office(system, name=HOSTILE, name_en=HOSTILE)
    office.owner.call("updateConsultancy", {"sender_name": "X\r\nBcc: thief@example.net"}, if_match="*")
    system.sql("update tenants.consultancies set sender_name = %s", "X\r\nBcc: thief@example.net")
    system.sql("update tenants.members set name = %s", "Y\nBcc: thief@example.net\n\nbody")
    office.deadline(datetime.date(2025, 2, 14), title_ja="題\r\nBcc: thief@example.net")
    system.run_jobs()
    (mail,) = office.mails()
    assert mail.message["bcc"] is None and mail.to == [office.people[0]["email"]]
    assert mail.message["to"].addresses[0].addr_spec == office.people[0]["email"]
    assert mail.message["from"].addresses[0].addr_spec == "no-reply@meguri.example"
    assert "Bcc: thief@example.net" in mail.subject and not mail.message.defects
    assert [name.lower() for name in mail.message.keys()] == [
        "from", "to", "subject", "date", "message-id", "auto-submitted", "content-language", "mime-version",
        "content-type"]


def test_lines_and_encoded_words_keep_their_limits(office):
    office.deadline(datetime.date(2025, 2, 14), title_ja="とても長い件名の審査" * 20)
    at(office, "2025-02-14T12:00:00+09:00")
    (mail,) = office.mails()
    assert "とても長い件名の審査" * 20 in mail.subject
    lines = mail.raw.split(b"\r\n")
    assert max(len(line) for line in lines) <= 78 and b"\n" not in b"".join(lines)
    for word in re.findall(rb"=\?UTF-8\?B\?([^?]*)\?=", mail.raw):
        assert len(word) + 12 <= 75
        base64.b64decode(word).decode("utf-8")  # whole characters in each word


def test_mail_travels_under_starttls_and_sign_in(start_system, tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
                    "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    password = tmp_path / "password"
    password.write_text("geheim 秘密\n")
    sink = MailSink(tmp_path / "tls", "--certificate", str(certificate), "--key", str(key), "--user", "meguri",
                    "--password", "geheim 秘密")
    try:
        environment = {"MEGURI_SMTP_URL": sink.url, "MEGURI_SMTP_TLS": "require", "MEGURI_SMTP_USER": "meguri",
                       "MEGURI_SMTP_PASSWORD_FILE": str(password), "MEGURI_SMTP_CA_FILE": str(certificate)}
        system = no_service(start_system, environment=environment)
        office = Office(system)
        office.deadline(datetime.date(2025, 2, 14))
        system.run_jobs()
        (mail,) = sink.mails(office.people[0]["email"])
        assert mail.envelope["tls"] and mail.envelope["user"] == "meguri"
    finally:
        sink.stop()


def test_without_tls_at_the_server_nothing_is_sent_when_it_is_required(start_system):
    system = no_service(start_system, environment={"MEGURI_SMTP_TLS": "require"})
    office = Office(system)
    office.deadline(datetime.date(2025, 2, 14))
    system.run_jobs()
    assert not office.mails()
    assert [d["status"] for d in office.deliveries()] == ["failed"]


# -- who may see what ---------------------------------------------------------------------------------------------------------

def test_a_consultant_reads_policies_and_may_not_change_them(office):
    roles = json.loads(json.dumps(office.owner.get("/openapi.json").json()))["components"]["securitySchemes"]["bearer"]["x-roles"]
    assert "reminders:read" in roles["consultant"] and "reminders:write" not in roles["consultant"]


def test_a_wrong_policy_is_refused_with_every_field(office):
    reply = office.owner.call("createReminderPolicy", {"name": "", "offsets": [-1], "send_hour": 24, "receiver_roles": [],
                                                       "channel": "fax"}, expect=422).json()
    assert {e["pointer"] for e in reply["errors"]} == {"/name", "/offsets/0", "/send_hour", "/receiver_roles", "/channel"}


def test_a_policy_as_it_stood_earlier_can_be_read(office):
    policy = office.policy()
    office.system.set_clock("2025-02-14T13:00:00+09:00")
    office.owner.call("updateReminderPolicy", {"offsets": [5]}, policy_id=policy["id"], if_match='"v1"', expect=200)
    then = office.owner.get(f"/v1/reminder-policies/{policy['id']}", params={"as_of": "2025-02-14T12:30:00+09:00"}, expect=200)
    assert then.json() == policy
