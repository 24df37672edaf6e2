"""Consultant days: planned, spent, summed up by stage, and the days a member has."""
import pytest

NOW = "2025-06-02T09:00:00+09:00"


@pytest.fixture(scope="module")
def owner(start_system):
    return start_system(clock=NOW).owner()


@pytest.fixture
def client(owner):
    return owner.call("createClient", {"name": "青葉精機"}, expect=201).json()["id"]


def entry(owner, client, **members):
    body = {"worked_on": "2025-05-12", "member_id": owner.get("/v1/me").json()["id"], "stage": "preparation"} | members
    return owner.post(f"/v1/clients/{client}/effort-entries", body)


def plan(owner, client, **members):
    body = {"stage": "preparation", "days": 10} | members
    return owner.post(f"/v1/clients/{client}/effort-plans", body)


def summary(owner, client):
    return owner.get(f"/v1/clients/{client}/effort-summary", expect=200).json()


def test_three_quarters_of_a_day_are_360_minutes(owner, client):
    made = entry(owner, client, days=0.75).json()
    assert (made["minutes"], made["days"]) == (360, 0.75)


def test_minutes_are_told_in_days_too(owner, client):
    assert entry(owner, client, minutes=90).json()["days"] == 0.1875


def test_a_time_is_days_or_minutes_not_both(owner, client):
    refused = entry(owner, client, days=1, minutes=480)
    assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == "/minutes"


def test_a_time_without_an_amount_is_refused(owner, client):
    refused = entry(owner, client)
    assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == "/days"


def test_days_are_quarter_days(owner, client):
    assert entry(owner, client, days=0.3).status_code == 422


def test_tomorrows_work_is_not_yet_spent(owner, client):
    refused = entry(owner, client, days=1, worked_on="2025-06-03")
    assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == "/worked_on"


def test_time_below_zero_needs_the_record_that_it_corrects(owner, client):
    assert entry(owner, client, days=-0.5).status_code == 422
    first = entry(owner, client, days=1).json()
    assert entry(owner, client, days=-0.5, corrects_id=first["id"]).json()["minutes"] == -240


def test_the_summary_tells_planned_spent_and_remaining_by_stage(owner, client):
    plan(owner, client, days=10)
    plan(owner, client, stage="stage1", days=2)
    entry(owner, client, days=1.5)
    entry(owner, client, minutes=60)
    entry(owner, client, stage="stage1", days=2.5, billable=False)
    told = summary(owner, client)
    assert [(s["stage"], s["planned_days"], s["spent_days"], s["remaining_days"], s["over_days"]) for s in told["stages"]] == [
        ("preparation", 10, 1.625, 8.375, 0), ("stage1", 2, 2.5, 0, 0.5)]
    assert (told["planned_days"], told["spent_days"], told["remaining_days"], told["over_days"], told["billable_days"]) == (
        12, 4.125, 8.375, 0.5, 1.625)


def test_a_client_without_effort_has_a_summary_of_nothing(owner, client):
    assert summary(owner, client) == {"client_id": client, "planned_days": 0, "spent_days": 0, "remaining_days": 0, "over_days": 0, "billable_days": 0,
                                      "invoiced_days": 0, "stages": []}


def test_a_month_has_one_capacity_per_member(owner):
    me = owner.get("/v1/me").json()["id"]
    assert owner.post(f"/v1/members/{me}/capacities", {"month": "2025-07", "days": 12}).status_code == 201
    assert owner.post(f"/v1/members/{me}/capacities", {"month": "2025-07", "days": 10}).status_code == 409
