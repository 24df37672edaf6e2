"""The dry run of reminders tells what will be; reminders for programs and chats."""
import collections
import datetime

import pytest

from meguri_test.sink import Sink
from test_reminder_actions import login, soften
from test_reminders import Office, at, go, no_service

NOON = "2026-01-13T12:00:00+09:00"
DAYS = 45


@pytest.fixture(scope="module")
def system(start_system):
    return no_service(start_system, clock=NOON, environment={"MEGURI_WEBHOOK_ALLOW": "127.0.0.1/32", "MEGURI_ACCESS_TOKEN_SECONDS": "86400"})


@pytest.fixture
def office(system):
    system.set_clock(NOON)
    return Office(system, receivers=("ja", "en"))


def forecast(office, client=None, **params):
    return (client or office.owner).get(f"/v1/clients/{office.client_id}/reminder-forecast", params=params, expect=200).json()["data"]


def policy(office, **changes):
    office.owner.call("updateReminderPolicy", changes, policy_id=office.policy()["id"], if_match="*", expect=200)


def day(offset):
    return datetime.date(2026, 1, 13) + datetime.timedelta(days=offset)


def play_days(office, days):
    """Every morning and noon, as a program that never sleeps would."""
    for n in range(days + 1):
        for hour in ("09:00", "12:00"):
            instant = f"{day(n)}T{hour}:00+09:00"
            if instant >= NOON:
                go(office.system, instant)
    office.keep_signed_in(f"{day(days)}T12:00:00+09:00")


def sent(office):
    return collections.Counter((r["send_on"], r["receiver_id"], r["channel"], r["deadline_id"], r["offset_days"])
                               for r in office.reminders(everybody=True) if r["status"] == "sent")


def foretold(rows):
    return collections.Counter((r["send_on"], r["receiver_id"], r["channel"], r["deadline_id"], r["offset_days"]) for r in rows)


def test_what_is_foretold_is_what_happens(office):
    policy(office, escalation=[{"after_days": 3, "role": "consultant"}, {"after_days": 10, "role": "owner"}], also_channels=["inbox"])
    for due in (day(-5), day(0), day(3), day(20), day(31), day(70), day(400)):
        soften(office, office.deadline(due))
    go(office.system, NOON)
    before, told = sent(office), forecast(office, days=DAYS)
    assert foretold(told)
    play_days(office, DAYS)
    assert sent(office) - before == foretold(told)


def test_it_is_told_before_the_planner_has_run_and_changes_nothing(office):
    deadline = office.deadline()
    rows = [r for r in forecast(office) if r["receiver_id"] == office.people[0]["id"]]
    assert [(r["send_on"], r["send_time"], r["time_zone"], r["offset_days"], r["deadline_id"]) for r in rows] == [
        ("2026-01-14", "09:00", "Asia/Tokyo", 30, deadline), ("2026-01-30", "09:00", "Asia/Tokyo", 14, deadline),
        ("2026-02-06", "09:00", "Asia/Tokyo", 7, deadline), ("2026-02-12", "09:00", "Asia/Tokyo", 1, deadline)]
    assert rows[0]["why"] == {"policy_id": office.policy()["id"], "policy_name": office.policy()["name"], "hardness": "hard",
                              "deadline_kind": "surveillance_audit", "rule": "SUR-02", "not_sent_because": None}
    assert rows[0]["receiver_name"] == "佐藤 花子" and rows[0]["language"] == "ja" and office.reminders() == []


def test_the_days_end_where_asked(office):
    office.deadline()
    assert {r["send_on"] for r in forecast(office, days=17)} == {"2026-01-14", "2026-01-30"}
    assert forecast(office, days=0) == []


def peak(system):
    """MiB of memory that the program has ever held."""
    with open(f"/proc/{system.process.pid}/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("VmHWM")).split()[1]) / 1024


def test_a_year_of_many_policies_takes_little_memory(office):
    for n in range(30):
        office.owner.call("createReminderPolicy", {"name": f"方針 {n}", "offsets": list(range(1, 20))}, expect=201)
        office.deadline(day(30 + n))
    forecast(office, days=0)
    before = peak(office.system)
    path = f"/v1/clients/{office.client_id}/reminder-forecast"
    told = office.owner.get(path, params={"days": 366}, expect=200).json()
    assert len(told["data"]) >= 10000 and max(r["send_on"] for r in told["data"]) == told["until"] < str(day(366))
    assert peak(office.system) - before < 200
    assert office.owner.get(path, params={"days": 3}, expect=200).json()["until"] == str(day(3))


def test_who_would_not_get_it_is_told_with_the_reason(office):
    soften(office, office.deadline())
    first, second = office.people
    office.system.sql("insert into notifications.unsubscriptions (consultancy_id, id, receiver_id, address, created_at, updated_at)"
                      " values (%s, gen_random_uuid(), %s, %s, now(), now())", office.consultancy_id, first["id"], first["email"])
    office.system.sql("insert into notifications.mail_addresses (consultancy_id, id, address, status_code, bounced_at, created_at, updated_at)"
                      " values (%s, gen_random_uuid(), %s, '5.1.1', now(), now(), now())", office.consultancy_id, second["email"])
    reasons = {(r["receiver_id"], r["why"]["not_sent_because"]) for r in forecast(office)}
    assert {(first["id"], "unsubscribed"), (second["id"], "bounced")} <= reasons


def test_a_client_does_not_see_whom_the_consultancy_tells(office):
    client = login(office)
    client.get(f"/v1/clients/{office.client_id}/reminder-forecast", expect=403)


# ---------------------------------------------------------------- programs and chats

@pytest.fixture
def sink():
    made = Sink()
    yield made
    made.stop()


def hook(office, sink, **more):
    return office.owner.call("createWebhookEndpoint", {"name": "受信", "url": sink.url, "event_kinds": ["reminder.due"]} | more, expect=201).json()


def test_a_policy_tells_programs_once_for_all_people(office, sink):
    hook(office, sink)
    policy(office, also_channels=["webhook"])
    deadline = office.deadline()
    go(office.system, NOON)
    assert {(r["receiver_kind"], r["receiver_id"]) for r in office.reminders(everybody=True) if r["channel"] == "webhook"} == {("endpoints", office.client_id)}
    at(office, "2026-01-14T09:00:00+09:00")
    go(office.system, "2026-01-14T09:00:10+09:00")
    (received,) = sink.wait(1)
    told = received.json["data"]["object"]
    assert (received.json["type"], told["deadline_id"], told["due_on"], told["offset_days"], told["title_en"]) == (
        "reminder.due", deadline, "2026-02-13", 30, "first surveillance audit")
    assert len(office.mails()) == 1


def test_a_chat_is_told_in_its_words(office, sink):
    hook(office, sink, kind="slack", language="ja")
    policy(office, channel="webhook")
    office.deadline()
    go(office.system, NOON)
    at(office, "2026-01-14T09:00:00+09:00")
    go(office.system, "2026-01-14T09:00:10+09:00")
    (received,) = sink.wait(1)
    assert received.json["text"] == "株式会社ミナト：期限のお知らせ：第1回サーベイランス審査（2026-02-13）"
    assert office.mails() == []


def test_an_announced_reminder_is_in_the_forecast_and_in_the_list(office):
    policy(office, also_channels=["webhook"])
    office.deadline()
    assert ("endpoints", None) in {(r["receiver_kind"], r["receiver_email"]) for r in forecast(office)}
