"""Consultant days: planned, spent, summed up by stage, and the days a member has."""
import csv
import io

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


# ---------------------------------------------------------------- forecast and invoice

def forecast(owner, **params):
    return {m["member_id"]: m for m in owner.get("/v1/effort/forecast", params=params, expect=200).json()["members"]}


def test_planned_days_are_spread_over_their_months_and_held_against_the_capacity(owner, client):
    me = owner.get("/v1/me").json()["id"]
    plan(owner, client, days=22, member_id=me, start_on="2025-07-01", end_on="2025-08-31")
    owner.call("createCapacity", {"month": "2025-08", "days": 10}, member_id=me, expect=201)
    months = {m["month"]: m for m in forecast(owner, member_id=me, months=3)[me]["months"]}
    assert list(months) == ["2025-06", "2025-07", "2025-08"]
    assert [months[m]["planned_days"] for m in months] == [0, 11, 11]
    assert (months["2025-08"]["capacity_days"], months["2025-08"]["load_percent"], months["2025-08"]["overloaded"]) == (10, 110, True)
    assert not months["2025-07"]["overloaded"] and months["2025-07"]["capacity_days"] > 11


def test_plans_of_nobody_and_without_days_are_told_too(owner, client):
    plan(owner, client, days=7)
    assert forecast(owner)[None]["undated_days"] >= 7


def sheet(owner, **params):
    reply = owner.get("/v1/effort/export", params=params, expect=200, headers={"Accept-Language": "en"})
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))


def test_billable_time_goes_on_an_invoice_once_and_into_the_table(owner, client):
    mine = [entry(owner, client, days=days, note=note).json() for days, note in ((0.75, "打合せ, 午前"), (0.25, "=SUM(A1)"))]
    entry(owner, client, days=1, billable=False)
    bill = owner.call("invoiceEffort", {"invoice_ref": "2025-001", "invoiced_on": "2025-05-31"}, client_id=client, expect=200).json()
    assert (bill["entries"], bill["minutes"], bill["days"]) == (2, 480, 1)
    assert owner.call("invoiceEffort", {"invoice_ref": "2025-002", "invoiced_on": "2025-05-31"}, client_id=client, expect=200).json()["entries"] == 0
    rows = sheet(owner, client_id=client, invoice_ref="2025-001")
    assert {(r["record id"], r["days"], r["note"], r["invoiced on"]) for r in rows} == {
        (mine[0]["id"], "0.75", "打合せ, 午前", "2025-05-31"), (mine[1]["id"], "0.25", "'=SUM(A1)", "2025-05-31")}
    assert len(sheet(owner, client_id=client)) == 3 and len(sheet(owner, client_id=client, billable="false")) == 1


def test_an_invoice_taken_back_leaves_its_records_open(owner, client):
    made = entry(owner, client, days=0.5).json()
    owner.call("invoiceEffort", {"invoice_ref": "B-1", "invoiced_on": "2025-05-31"}, client_id=client, expect=200)
    path = f"/v1/clients/{client}/effort-entries/{made['id']}"
    owner.delete(path, headers={"If-Match": "*"}, expect=409)
    assert owner.call("releaseEffort", {"invoice_ref": "B-1"}, client_id=client, expect=200).json()["entries"] == 0
    owner.delete(path, headers={"If-Match": "*"}, expect=204)


def test_time_after_the_period_is_not_on_the_invoice(owner, client):
    entry(owner, client, days=0.5, worked_on="2025-05-12")
    reply = owner.call("invoiceEffort", {"invoice_ref": "C-1", "invoiced_on": "2025-05-31", "to": "2025-05-11"}, client_id=client, expect=200).json()
    assert reply["entries"] == 0
