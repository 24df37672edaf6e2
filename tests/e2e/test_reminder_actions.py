"""Finer policies, quiet days, and what receivers say to their reminders: by the API and by the link of the mail."""
import datetime
import re

import pytest

from test_reminders import Office, at, no_service

PUBLIC_URL = "https://meguri.example"
PASSWORD = "a password that is long enough"


@pytest.fixture(scope="module")
def linked(start_system):
    return no_service(start_system, environment={"MEGURI_PUBLIC_URL": PUBLIC_URL, "MEGURI_LOGIN_RATE_LIMIT": "0"})


@pytest.fixture
def office(linked):
    linked.mail.misbehave()
    linked.mail.clear()
    linked.set_clock("2025-02-14T12:00:00+09:00")
    yield Office(linked)
    linked.sql("update scheduling.deadlines set status = 'withdrawn'")
    linked.sql("update notifications.reminders set status = 'withdrawn' where status in ('planned', 'queued')")


def change_policy(office, **body):
    return office.owner.call("updateReminderPolicy", body, policy_id=office.policy()["id"], if_match="*", expect=200).json()


def soften(office, deadline, hardness="own"):
    office.change(deadline, hardness=hardness)


def login(office, role="client_admin", **more):
    """A member of the client who has signed in."""
    made = office.invite("ja", role, **more)
    office.system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": PASSWORD}, expect=204)
    office.people.append(made)
    client = office.system.sign_in(made["email"], PASSWORD)
    client.id, client.email = made["id"], made["email"]
    return client


def mine(office, member, **filters):
    return [r for r in office.reminders(everybody=True, **filters) if r["receiver_id"] == member]


def planned(office, member):
    return [(r["offset_days"], r["send_on"]) for r in mine(office, member, status="planned")]


NOW = "2025-02-14T12:00:00+09:00"
DAY30 = "2026-01-14T09:00:00+09:00"


# -- policies -----------------------------------------------------------------------------------------------------------------

def test_a_policy_for_a_hardness_displaces_the_general_one(office):
    general = change_policy(office, offsets=[30], overdue_every_days=None)
    office.owner.call("createReminderPolicy", {"name": "hard", "hardness": "hard", "offsets": [60], "overdue_every_days": None}, expect=201)
    hard, own = office.deadline(), office.deadline()
    soften(office, own)
    at(office, NOW)
    found = {(r["deadline_id"], r["offset_days"], r["policy_id"] == general["id"]) for r in office.reminders()}
    assert found == {(hard, 60, False), (own, 30, True)}


def test_named_people_without_a_login_are_told_of_their_own_client_by_mail(office):
    person = office.owner.call("createPerson", {"name": "高橋 一郎", "email": "ichiro@client.example"}, client_id=office.client_id, expect=201).json()
    change_policy(office, offsets=[30], overdue_every_days=None, receiver_roles=None, person_ids=[person["id"]], also_channels=["inbox"])
    office.deadline()
    at(office, NOW)
    (reminder,) = office.reminders(everybody=True)
    assert (reminder["member_id"], reminder["receiver_kind"], reminder["receiver_id"]) == (None, "person", person["id"])
    at(office, DAY30)
    (mail,) = office.system.mails("ichiro@client.example")
    assert "高橋 一郎 様" in mail.text


def test_who_will_leave_is_told_until_then(office):
    person = office.owner.call("createPerson", {"name": "高橋 一郎", "email": "leaves@client.example", "left_on": "2026-02-01"},
                               client_id=office.client_id, expect=201).json()
    change_policy(office, offsets=[30, 7], overdue_every_days=None, receiver_roles=None, person_ids=[person["id"]])
    office.deadline()
    at(office, NOW)
    at(office, DAY30)
    assert len(office.system.mails("leaves@client.example")) == 1
    at(office, "2026-02-06T09:00:00+09:00")
    assert len(office.system.mails("leaves@client.example")) == 1


def test_unknown_receivers_are_named_by_their_place(office):
    reply = office.owner.call("createReminderPolicy", {"name": "x", "receiver_roles": None, "member_ids": [office.owner.consultancy["consultancy_id"]]}, expect=422)
    assert [e["pointer"] for e in reply.json()["errors"]] == ["/member_ids/0"]
    reply = office.owner.call("createReminderPolicy", {"name": "x", "receiver_roles": None}, expect=422)
    assert [e["pointer"] for e in reply.json()["errors"]] == ["/receiver_roles"]


def test_a_policy_speaks_its_own_language(office):
    change_policy(office, offsets=[30], overdue_every_days=None, language="en", receiver_roles=["client_admin"])
    office.deadline()
    at(office, NOW)
    assert {r["language"] for r in office.reminders()} == {"en"}


def test_business_days_may_be_reached_forward_but_never_behind_the_due_date(office):
    change_policy(office, offsets=[6, 1], overdue_every_days=None, business_day_roll="after", receiver_roles=["client_admin"])
    office.deadline(datetime.date(2025, 3, 3))   # Monday: 6 days before is a Tuesday, 1 day before a Sunday
    office.deadline(datetime.date(2025, 3, 29))  # Saturday: 6 days before is a Sunday, 1 day before a Friday
    office.deadline(datetime.date(2025, 4, 6))   # Sunday: 1 day before is a Saturday, and Monday is too late
    at(office, NOW)
    assert sorted(r["send_on"] for r in office.reminders()) == ["2025-02-25", "2025-03-03", "2025-03-24", "2025-03-28", "2025-03-31", "2025-04-04"]


def test_escalation_climbs_while_nobody_acknowledges(office):
    change_policy(office, offsets=[1], overdue_every_days=None, receiver_roles=["client_member"],
                  escalation=[{"after_days": 0, "role": "client_admin"}, {"after_days": 3, "role": "consultant"}, {"after_days": 7, "role": "owner"}])
    member = office.invite("ja", "client_member")
    soften(office, office.deadline(datetime.date(2025, 3, 3)))
    at(office, NOW)
    steps = {(r["receiver_id"], r["offset_days"]): r["send_on"] for r in office.reminders(everybody=True)}
    owner = next(m["id"] for m in office.owner.pages("/v1/members") if m["role"] == "owner")
    assert steps == {(member["id"], 1): "2025-02-28", (office.people[0]["id"], 0): "2025-03-03",
                     (owner, -3): "2025-03-06", (owner, -7): "2025-03-10"}   # nobody is assigned: the owner stands in for the consultant


def test_quiet_days_are_61_at_most(office):
    made = office.owner.call("createQuietDays", {"name": "夏季休業", "first_day": "2025-08-01", "last_day": "2025-09-30"}, expect=201).json()
    refused = office.owner.patch(f"/v1/quiet-days/{made['id']}", {"last_day": "2025-10-01"}, if_match="*", expect=422).json()
    assert [(e["pointer"], e["code"], "2025-09-30" in e["detail"]) for e in refused["errors"]] == [("/last_day", "too_large", True)]
    refused = office.owner.patch(f"/v1/quiet-days/{made['id']}", {"first_day": "2025-10-01"}, if_match="*", expect=422).json()
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/last_day", "before_start")]
    office.owner.request("DELETE", f"/v1/quiet-days/{made['id']}", headers={"If-Match": "*"}, expect=204)


def test_nobody_is_reminded_on_quiet_days(office):
    change_policy(office, offsets=[3], overdue_every_days=None, receiver_roles=["client_admin"], business_days=False)
    office.deadline(datetime.date(2025, 8, 17))
    at(office, NOW)
    assert [r["send_on"] for r in office.reminders()] == ["2025-08-14"]
    quiet = office.owner.call("createQuietDays", {"name": "夏季休業", "first_day": "2025-08-13", "last_day": "2025-08-15"}, expect=201).json()
    at(office, NOW)
    assert [r["send_on"] for r in office.reminders(status="planned")] == ["2025-08-12"]
    office.owner.call("updateQuietDays", {"client_id": office.client_id, "last_day": "2025-08-13"}, quiet_days_id=quiet["id"], if_match="*", expect=200)
    at(office, NOW)
    assert [r["send_on"] for r in office.reminders(status="planned")] == ["2025-08-14"]


# -- acknowledge and put off ----------------------------------------------------------------------------------------------------

def first_reminder(office, client, hardness):
    change_policy(office, offsets=[30, 14, 1], overdue_every_days=7, receiver_roles=["client_admin"],
                  escalation=[{"after_days": 3, "role": "owner"}])
    deadline = office.deadline()
    soften(office, deadline, hardness)
    at(office, NOW)
    at(office, DAY30)
    client.token = office.system.sign_in(client.email, PASSWORD).token
    return next(r for r in mine(office, client.id, status="sent"))


def test_who_acknowledges_an_own_deadline_hears_no_more_and_nobody_is_escalated_to(office):
    client = login(office)
    reminder = first_reminder(office, client, "own")
    mark = client.call("acknowledgeReminder", reminder_id=reminder["id"], expect=200).json()
    assert (mark["protected"], mark["snoozed_until"], mark["through"]) == (False, None, "api")
    assert client.call("acknowledgeReminder", reminder_id=reminder["id"], expect=200).json() == mark
    at(office, DAY30)
    assert planned(office, client.id) == []
    assert {r["reason"] for r in mine(office, client.id, status="withdrawn")} == {"acknowledged"}
    assert not [r for r in office.reminders(everybody=True, status="planned") if r["offset_days"] == -3]


def test_a_client_can_not_silence_a_hard_deadline(office):
    client = login(office)
    reminder = first_reminder(office, client, "hard")
    assert client.call("acknowledgeReminder", reminder_id=reminder["id"], expect=200).json()["protected"] is True
    at(office, DAY30)
    assert [offset for offset, _ in planned(office, client.id)] == [1, -7]
    assert [r["offset_days"] for r in office.reminders(everybody=True, status="planned") if r["offset_days"] == -3] == [-3]
    reply = client.call("snoozeReminder", {"until": "2026-02-14"}, reminder_id=reminder["id"], expect=422)
    assert [(e["pointer"], e["code"]) for e in reply.json()["errors"]] == [("/until", "too_large")]


def test_put_off_means_again_on_that_day_and_nothing_before(office):
    client = login(office)
    reminder = first_reminder(office, client, "own")
    client.call("snoozeReminder", {"until": "2026-02-03"}, reminder_id=reminder["id"], expect=200)
    at(office, DAY30)
    assert planned(office, client.id) == [(10, "2026-02-03"), (1, "2026-02-12"), (-7, "2026-02-20")]
    client.call("snoozeReminder", {"until": "2026-01-14"}, reminder_id=reminder["id"], expect=422)


def test_nobody_answers_for_another_or_after_the_end(office):
    client = login(office)
    reminder = first_reminder(office, client, "own")
    office.owner.call("acknowledgeReminder", reminder_id=reminder["id"], expect=403)
    office.change(reminder["deadline_id"], status="fulfilled", fulfilled_on="2026-01-14")
    client.call("acknowledgeReminder", reminder_id=reminder["id"], expect=409)


# -- the link ---------------------------------------------------------------------------------------------------------------------

def link_of(office, mail):
    (link,) = re.findall(rf"{PUBLIC_URL}(/v1/reminder-links/\S+)", mail.text)
    return link


def test_the_link_of_the_mail_shows_and_only_post_acts(office):
    client = login(office)
    first_reminder(office, client, "own")
    (mail,) = office.system.mails(client.email)
    link, anybody = link_of(office, mail), office.system.client()
    page = anybody.request("GET", link, headers={"Accept": "text/html,*/*"})
    assert page.status_code == 200 and page.headers["content-type"] == "text/html; charset=utf-8"
    assert "第1回サーベイランス審査" in page.text and "<script" not in page.text
    assert anybody.request("GET", link).json() | {"client_name": 0, "title": 0} == {
        "client_name": 0, "title": 0, "due_on": "2026-02-13", "language": "ja", "open": True, "acknowledged_at": None, "snoozed_until": None,
        "protected": False}
    assert office.system.sql("select count(*) from notifications.reminder_marks where consultancy_id = %s", office.consultancy_id) == [(0,)]
    (action,) = re.findall(r'action="(\?action=acknowledge)"', page.text)
    done = anybody.request("POST", link + action, headers={"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"})
    assert done.status_code == 200 and "確認済みです。" in done.text
    again = anybody.request("POST", link + action).json()
    assert again["acknowledged_at"] and again["snoozed_until"] is None
    at(office, DAY30)
    assert planned(office, client.id) == []
    assert anybody.request("POST", link + "?action=snooze_3").json()["snoozed_until"] == "2026-01-17"


def test_a_forged_or_ended_link_is_not_found(office):
    client = login(office)
    first_reminder(office, client, "hard")
    (mail,) = office.system.mails(client.email)
    link, anybody = link_of(office, mail), office.system.client()
    for i in (30, 60, 110):
        forged = link[:i] + ("A" if link[i] != "A" else "B") + link[i + 1:]
        assert anybody.request("GET", forged).status_code == 404
        assert anybody.request("POST", forged + "?action=acknowledge").status_code == 404
    office.system.set_clock("2026-05-15T09:00:00+09:00")
    assert anybody.request("GET", link).status_code == 404


def test_a_removed_member_says_nothing_more(office):
    client = login(office)
    first_reminder(office, client, "own")
    (mail,) = office.system.mails(client.email)
    office.owner.call("deleteMember", member_id=client.id, if_match="*", expect=204)
    assert office.system.client().request("POST", link_of(office, mail) + "?action=acknowledge").status_code == 404
