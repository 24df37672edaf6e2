"""The inbox inside the application: each reminder once, for its receiver only."""
import pytest

from test_reminder_actions import change_policy, login
from test_reminders import Office, at, no_service

NOW = "2025-02-14T12:00:00+09:00"
DAY30 = "2026-01-14T09:00:00+09:00"


@pytest.fixture(scope="module")
def system(start_system):
    return no_service(start_system)


@pytest.fixture
def office(system):
    system.mail.clear()
    system.set_clock(NOW)
    yield Office(system)
    system.sql("update scheduling.deadlines set status = 'withdrawn'")


def told(office):
    client = login(office)
    change_policy(office, offsets=[60, 30], overdue_every_days=None, channel="inbox", receiver_roles=["client_admin"])
    office.deadline()
    for instant in (NOW, "2025-12-15T09:00:00+09:00", DAY30, DAY30):
        at(office, instant)
    client.token = office.system.sign_in(client.email, "a password that is long enough").token
    return client


def items(client, **filters):
    return client.pages("/v1/inbox", params={"sort": "-created_at"} | filters)


def test_every_reminder_lies_in_the_inbox_once_and_goes_by_no_mail(office):
    client = told(office)
    found = items(client)
    assert [(i["title_ja"], i["due_on"], i["read_at"]) for i in found] == [("第1回サーベイランス審査", "2026-02-13", None)] * 2
    assert found[0]["created_at"] > found[1]["created_at"]
    assert office.system.mails(client.email) == []
    assert {r["status"] for r in office.reminders() if r["channel"] == "inbox"} == {"sent"}


def test_reading_is_counted_and_can_be_taken_back(office):
    client = told(office)
    first = items(client)[0]
    assert client.call("countInbox", expect=200).json() == {"unread": 2, "total": 2}
    assert client.call("readInboxItem", inbox_item_id=first["id"], expect=200).json()["read_at"]
    assert client.call("countInbox", expect=200).json() == {"unread": 1, "total": 2}
    assert [i["id"] for i in items(client, unread="false")] == [first["id"]]
    client.call("unreadInboxItem", inbox_item_id=first["id"], expect=200)
    assert client.call("readInbox", expect=200).json() == {"marked": 2}
    assert client.call("readInbox", expect=200).json() == {"marked": 0}


def test_nobody_reads_the_inbox_of_another(office):
    client = told(office)
    item = items(client)[0]
    office.owner.call("getInboxItem", inbox_item_id=item["id"], expect=404)
    office.owner.call("readInboxItem", inbox_item_id=item["id"], expect=404)
    assert item["id"] not in [i["id"] for i in items(office.owner)]
