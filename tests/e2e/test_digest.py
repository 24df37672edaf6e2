"""The digest: what is late and what is coming, for whoever asks."""
import datetime

import pytest

from test_reminder_actions import login
from test_reminders import Office, no_service

MONDAY = "2026-02-09T12:00:00+09:00"


@pytest.fixture(scope="module")
def system(start_system):
    return no_service(start_system, clock=MONDAY, environment={"MEGURI_LOGIN_RATE_LIMIT": "0"})


@pytest.fixture
def office(system):
    return Office(system)


def day(text):
    return datetime.date.fromisoformat(text)


def digest(client, **filters):
    return client.get("/v1/digest", params=filters, expect=200).json()


def due(found, part):
    return [item["due_on"] for item in found[part]]


def test_deadlines_are_parted_by_week_and_thirty_days(office):
    for text in ("2026-02-08", "2026-02-09", "2026-02-15", "2026-02-16", "2026-03-11", "2026-03-12"):
        office.deadline(day(text))
    done = office.deadline(day("2026-02-10"))
    office.change(done, status="fulfilled", fulfilled_on=day("2026-02-01"))
    found = digest(office.owner)
    assert (found["on"], found["empty"]) == ("2026-02-09", False)
    assert due(found, "overdue") == ["2026-02-08"]
    assert due(found, "this_week") == ["2026-02-09", "2026-02-15"]
    assert due(found, "next_30_days") == ["2026-02-16", "2026-03-11"]
    assert found["counts"] == {"overdue": 1, "this_week": 2, "next_30_days": 2, "audits": 0, "findings": 0}


def test_nothing_to_say_is_said(office):
    office.deadline(day("2026-06-01"))
    assert digest(office.owner)["empty"] is True


def test_a_consultant_sees_all_his_clients_and_a_client_only_himself(office):
    client = login(office)
    other = office.owner.call("createClient", {"name": "株式会社ハマ"}, expect=201).json()["id"]
    office.deadline(day("2026-02-10"))
    own, office.client_id = office.client_id, other
    office.deadline(day("2026-02-11"))
    assert [i["client_name"] for i in digest(office.owner)["this_week"]] == ["株式会社ミナト", "株式会社ハマ"]
    assert [i["client_id"] for i in digest(client)["this_week"]] == [own]
    assert due(digest(office.owner, client_id=other), "this_week") == ["2026-02-11"]
    assert digest(client, client_id=other)["empty"] is True


def test_agreed_audits_and_new_findings_are_in_it(office):
    (row,) = office.system.sql(
        """insert into scheduling.certifications (consultancy_id, id, client_id, scheme, state, created_at, updated_at)
           values (%s, gen_random_uuid(), %s, 'iso27001-2022', 'preparing', now(), now()) returning id""",
        office.consultancy_id, office.client_id)
    audits = [office.system.sql(
        """insert into scheduling.audits (consultancy_id, id, client_id, certification_id, kind, status, planned_first_day, planned_last_day,
                                          created_at, updated_at)
           values (%s, gen_random_uuid(), %s, %s, 'surveillance', %s, %s, %s, now(), now()) returning id""",
        office.consultancy_id, office.client_id, row[0], status, first, first)[0][0]
        for status, first in (("confirmed", day("2026-02-20")), ("planned", day("2026-02-21")), ("confirmed", day("2026-04-01")))]
    for created in ("2026-02-05T12:00:00+09:00", "2026-01-05T12:00:00+09:00"):
        office.system.sql(
            """insert into scheduling.findings (consultancy_id, id, client_id, certification_id, audit_id, grade, statement, created_at, updated_at)
               values (%s, gen_random_uuid(), %s, %s, %s, 'minor', 'x', %s, now())""",
            office.consultancy_id, office.client_id, row[0], audits[0], created)
    found = digest(office.owner)
    assert [a["audit_id"] for a in found["audits"]] == [str(audits[0])]
    assert len(found["findings"]) == 1
    assert len(digest(office.owner, since="2026-01-01")["findings"]) == 2


# -- by mail ------------------------------------------------------------------------------------------------------------------------

def moved(office, instant):
    office.system.set_clock(instant)
    office.system.run_jobs()


def subscribed(office, **settings):
    client = login(office)
    client.request("PUT", "/v1/digest/settings", json={"frequency": "weekly", "weekday": 1, "send_hour": 8} | settings, expect=200)
    return client


def digests(office, client):
    return [mail.subject for mail in office.system.mails(client.email) if "まとめ" in mail.subject]


def test_a_weekly_digest_comes_once_on_its_day(office):
    office.system.set_clock(MONDAY)
    client = subscribed(office)
    office.deadline(day("2026-02-26"))
    moved(office, MONDAY)                              # this week's moment had passed when it was set
    moved(office, "2026-02-16T07:59:59+09:00")
    assert digests(office, client) == []
    for _ in range(3):
        moved(office, "2026-02-16T08:00:00+09:00")
    moved(office, "2026-02-18T08:00:00+09:00")
    assert digests(office, client) == ["【期限まとめ】超過0件・今週0件・30日以内1件（2026-02-16）"]
    (mail,) = [m for m in office.system.mails(client.email) if "まとめ" in m.subject]
    assert "・2026-02-26　株式会社ミナト：第1回サーベイランス審査" in mail.text
    office.system.set_clock(MONDAY)


def test_a_daily_digest_with_nothing_to_say_is_no_mail(office):
    office.system.set_clock(MONDAY)
    client = subscribed(office, frequency="daily")
    moved(office, "2026-02-10T08:00:00+09:00")
    assert digests(office, client) == []
    office.deadline(day("2026-02-20"))
    moved(office, "2026-02-11T08:00:00+09:00")
    moved(office, "2026-02-12T08:00:00+09:00")
    assert len(digests(office, client)) == 2
    client.token = office.system.sign_in(client.email, "a password that is long enough").token
    client.request("PUT", "/v1/digest/settings", json={"frequency": "off", "weekday": 1, "send_hour": 8}, expect=200)
    moved(office, "2026-02-13T08:00:00+09:00")
    assert len(digests(office, client)) == 2
    office.system.set_clock(MONDAY)


def test_a_clients_mail_tells_of_no_other_client(office):
    office.system.set_clock(MONDAY)
    client = subscribed(office, frequency="daily")
    office.deadline(day("2026-02-20"))
    office.client_id = office.owner.call("createClient", {"name": "株式会社ハマ"}, expect=201).json()["id"]
    office.deadline(day("2026-02-21"))
    moved(office, "2026-02-10T08:00:00+09:00")
    (mail,) = [m for m in office.system.mails(client.email) if "まとめ" in m.subject]
    assert "ハマ" not in mail.text and "ミナト" in mail.text
    office.system.set_clock(MONDAY)


def test_a_full_mailbox_holds_up_nobody(office):
    office.system.set_clock(MONDAY)
    clients = sorted((subscribed(office, frequency="daily") for _ in range(3)), key=lambda client: client.id)
    office.deadline(day("2026-02-20"))
    office.system.mail.misbehave(defer=[clients[0].email])
    moved(office, "2026-02-10T08:00:00+09:00")
    assert [len(digests(office, client)) for client in clients] == [0, 1, 1]
    office.system.mail.misbehave()
    moved(office, "2026-02-10T08:20:00+09:00")
    moved(office, "2026-02-10T08:40:00+09:00")
    assert [len(digests(office, client)) for client in clients] == [1, 1, 1]
    office.system.set_clock(MONDAY)


def test_an_address_that_bounced_gets_no_digest_until_it_is_cleared(office):
    office.system.set_clock(MONDAY)
    client = subscribed(office, frequency="daily")
    office.deadline(day("2026-02-20"))
    report = (f"Content-Type: multipart/report; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
              f"Final-Recipient: rfc822; {client.email}\nAction: failed\nStatus: 5.1.1\n\n--b--\n")
    office.owner.request("POST", "/v1/mail-bounces", content=report, headers={"Content-Type": "message/rfc822"}, expect=200)
    moved(office, "2026-02-10T08:00:00+09:00")
    assert digests(office, client) == []
    (row,) = office.owner.pages("/v1/mail-addresses")
    office.owner.request("DELETE", f"/v1/mail-addresses/{row['id']}", headers={"If-Match": "*"}, expect=204)
    moved(office, "2026-02-10T09:00:00+09:00")
    assert len(digests(office, client)) == 1
    office.system.set_clock(MONDAY)


def test_who_reads_english_reads_the_english_names(office):
    office.system.set_clock(MONDAY)
    client = subscribed(office, frequency="daily")
    office.system.sql("update tenants.members set locale = 'en' where id = %s", client.id)
    office.deadline(day("2026-02-20"))
    assert [i["client_name_en"] for i in digest(office.owner)["next_30_days"]] == ["Minato Ltd."]
    moved(office, "2026-02-10T08:00:00+09:00")
    (mail,) = [m for m in office.system.mails(client.email) if "Digest" in m.subject]
    assert "Minato Ltd.: first surveillance audit" in mail.text and "ミナト" not in mail.text
    office.system.set_clock(MONDAY)
