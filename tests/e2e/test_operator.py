"""What an operator asks and does: queues, pauses, a test mail, a dry run, a new secret."""
import datetime
import json
import os
import re
import secrets

import pytest

from meguri_test import until
from meguri_test.sink import Sink
from test_reminders import Office, go, no_service

NOON = "2026-01-13T12:00:00+09:00"
MORNING = "2026-01-14T09:00:00+09:00"


@pytest.fixture(scope="module")
def system(start_system):
    return no_service(start_system, clock=NOON, environment={"MEGURI_WEBHOOK_ALLOW": "127.0.0.1/32"})


@pytest.fixture
def office(system):
    system.set_clock(NOON)
    office = Office(system)
    office.deadline()
    go(system, NOON)
    return office


def queues(office):
    told = json.loads(office.system.admin("queues"))
    return told, next(c for c in told["consultancies"] if c["consultancy_id"] == office.consultancy_id)


def test_queues_show_what_waits_and_what_died(office):
    assert queues(office)[1]["mails_dead"] == 0
    address = office.people[0]["email"]
    office.system.mail.misbehave(refuse=[address])
    go(office.system, MORNING)
    office.system.mail.misbehave()
    told, mine = queues(office)
    assert (mine["mails_dead"], mine["mails_waiting"], mine["name"]) == (1, 0, "巡コンサルティング")
    assert mine["dead_reasons"] == [{"reason": "550 5.1.1 no such mailbox", "count": 1}]
    assert {"deliver", "plan_reminders", "deliver_webhooks"} <= {j["job"] for j in told["jobs"]}


def test_a_paused_channel_sends_nothing_and_shows_its_lag_until_it_is_resumed(office):
    office.system.admin("pause", "email", "--reason", "server moves")
    try:
        go(office.system, MORNING)
        assert office.mails() == []
        office.system.set_clock("2026-01-14T09:10:00+09:00")
        told, mine = queues(office)
        assert (mine["mails_waiting"], mine["lag_seconds"]) == (2, 600)
        assert {(p["job"], p["consultancy_id"], p["reason"]) for p in told["pauses"]} >= {("deliver", None, "server moves")}
    finally:
        office.system.admin("resume", "email")
    go(office.system, MORNING)
    assert len(office.mails()) == 1 and queues(office)[0]["pauses"] == []


def test_one_consultancys_pause_is_not_anothers(office, system):
    other = Office(system)
    other.deadline()
    go(system, NOON)
    system.admin("pause", "email", "--consultancy", office.consultancy_id)
    try:
        go(system, MORNING)
        assert (len(office.mails()), len(other.mails())) == (0, 1)
    finally:
        system.admin("resume", "email", "--consultancy", office.consultancy_id)


@pytest.mark.parametrize("words, status, said", [
    (("pause", "fax"), 1, "no such channel or job"), (("resume", "webhook"), 1, "was not paused"), (("pause",), 2, "dry-run"),
    (("pause", "email", "--consultancy", "0191b03e-ee80-748f-af6a-c2d4c883724d"), 1, "no such consultancy"),
    (("pause", "email", "--consultancy", "x"), 1, "uuid"), (("dry-run",), 2, "--client"), (("dry-run", "--client", "0191b03e-ee80-748f-af6a-c2d4c883724d"), 1, "no such client"),
    (("dry-run", "--client", "0191b03e-ee80-748f-af6a-c2d4c883724d", "--days", "abc"), 2, "--days"), (("test-mail",), 2, "--to"), (("test-mail", "--to", "a\nb"), 1, "no plain mail address")])
def test_a_wrong_call_says_what_is_wrong(office, words, status, said):
    done = office.system.admin_run(*words, expect=status)
    assert said in done.stderr + done.stdout


def test_metrics_tell_attempts_failures_by_reason_and_lag(start_system):
    system = start_system()
    office = Office(system)
    office.deadline(datetime.date.today() + datetime.timedelta(days=40))
    system.mail.misbehave(temporary=1)
    until(lambda: office.reminders(status="planned"), 30, "planned reminders")
    system.sql("update notifications.reminders set send_at = now() where offset_days = 30")
    until(lambda: 'meguri_deliveries_total{outcome="retry",reason="4xx"}' in system.metrics(), 30, "a counted failure")
    system.mail.misbehave()
    system.sql("update notifications.deliveries set next_attempt_at = now() where status = 'failed'")
    until(lambda: 'meguri_deliveries_total{outcome="sent",reason="none"}' in system.metrics(), 30, "a counted mail")
    assert float(re.search(r"^meguri_delivery_lag_seconds_count (\d+)", system.metrics(), re.M).group(1)) >= 1


def test_a_test_mail_is_sent_now(office):
    said = office.system.admin("test-mail", "--to", "operator@meguri.example", "--consultancy", office.consultancy_id)
    assert said.startswith("sent: 250") and len(office.system.mails("operator@meguri.example")) == 1


def test_a_test_mail_that_fails_says_why(office):
    office.system.mail.misbehave(refuse=["nobody@meguri.example"])
    done = office.system.admin_run("test-mail", "--to", "nobody@meguri.example", "--consultancy", office.consultancy_id, expect=1)
    office.system.mail.misbehave()
    assert "550 5.1.1 no such mailbox" in done.stdout


def test_the_dry_run_says_who_what_when_and_why(office):
    said = office.system.admin("dry-run", "--client", office.client_id, "--days", "40")
    email = office.people[0]["email"]
    assert f"2026-01-14 09:00 Asia/Tokyo  email  佐藤 花子 <{email}>\n    第1回サーベイランス審査\n    due 2026-02-13, 30 days before; policy \"標準\"; hard, rule SUR-02" in said
    assert "2026-02-20" in said and "7 days over" in said and "reminders within 40 days" in said


def test_a_secret_is_replaced_without_losing_anything(start_system, tmp_path):
    system = no_service(start_system, clock=NOON, environment={"MEGURI_WEBHOOK_ALLOW": "127.0.0.1/32", "MEGURI_PUBLIC_URL": "https://meguri.example"})
    office, sink = Office(system), Sink()
    try:
        made = office.owner.call("createWebhookEndpoint", {"name": "受信", "url": sink.url, "event_kinds": ["deadline.created"]}, expect=201).json()
        office.owner.request("PUT", "/v1/mail-server", json={"host": "127.0.0.1", "port": 25, "tls": "starttls", "username": "u", "password": "geheim",
                                                             "from_address": "a@minato.example"}, headers={"If-Match": "*"}, expect=200)
        old, new = system.environment["MEGURI_SECRET_FILE"], tmp_path / "secret"
        new.write_bytes(secrets.token_bytes(32))
        os.chmod(new, 0o600)
        system.stop()
        system.environment |= {"MEGURI_SECRET_FILE": str(new), "MEGURI_SECRET_FILE_PREVIOUS": old}
        assert json.loads(system.admin("reseal")) == {"signing_keys": 1, "others": 2}
        system.environment["MEGURI_SECRET_FILE_PREVIOUS"] = None
        assert json.loads(system.admin("reseal")) == {"signing_keys": 1, "others": 2}
        system.start()
        owner = office.owner
        assert owner.get("/v1/mail-server", expect=200).json()["has_password"]  # its token still verifies
        owner.call("createDeadline", {"title_ja": "図面", "title_en": "Plan", "due_on": "2026-03-02"}, client_id=office.client_id, expect=201)
        system.run_jobs()
        (received,) = sink.wait(1)
        assert received.headers["webhook-signature"].startswith("v1,") and made["id"]
    finally:
        sink.stop()


def test_a_secret_that_does_not_open_is_said(start_system, tmp_path):
    system = no_service(start_system, clock=NOON)
    Office(system)
    wrong = tmp_path / "secret"
    wrong.write_bytes(secrets.token_bytes(32))
    os.chmod(wrong, 0o600)
    system.stop()
    right, system.environment["MEGURI_SECRET_FILE"] = system.environment["MEGURI_SECRET_FILE"], str(wrong)
    assert "keep MEGURI_SECRET_FILE_PREVIOUS" in system.admin_run("reseal", expect=1).stderr
    system.environment["MEGURI_SECRET_FILE"] = right
