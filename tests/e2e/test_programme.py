"""The programme and its deadlines over HTTP: derived at once, moved and never made anew, refreshed by day and by policy."""
from collections import namedtuple

import pytest

from test_certifications import GATE, Case


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-06-02T09:00:00+09:00")


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


@pytest.fixture
def client(owner):
    return owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"]


@pytest.fixture
def case(owner, client):
    return Case(owner, client, state="certified", decision_date="2025-02-14", stage2_last_day="2025-01-10")


Deadline = namedtuple("Deadline", "key id kind due_on raw_on hardness status fulfilled_on moved_from version why title_ja title_en")


def deadlines(system, case, kind=None):
    """source key below the certification -> row"""
    rows = system.sql("""
        select source_key, id, kind, due_on::text, raw_on::text, hardness, status, fulfilled_on::text, moved_from::text, version, why, title_ja, title_en
        from scheduling.deadlines where certification_id = %s and (%s::text is null or kind = %s)""", case.id, kind, kind)
    made = [Deadline(row[0].removeprefix(f"{case.id}:"), *row[1:]) for row in rows]
    return {row.key: row for row in made}


def audit(case, kind, cycle=1, ordinal=1):
    return next(a for a in case.programme()["audits"] if (a["kind"], a["cycle_no"], a["ordinal"]) == (kind, cycle, ordinal))


def held(system, case, kind, day, cycle=1, ordinal=1):
    found = audit(case, kind, cycle, ordinal)["id"]
    system.sql("update scheduling.audits set status = 'held', held_first_day = %s, held_last_day = %s where id = %s", day, day, found)
    return found


def derive(case):
    """Any operation on the client's facts derives its programme."""
    case.patch({"scope_text": case.get()["scope_text"]})


# ---------------------------------------------------------------- dates

def test_the_programme_follows_the_decision_month_by_month(case):
    audits = [(a["kind"], a["nominal_date"][:7]) for a in case.programme()["audits"]]
    assert audits[:3] == [("surveillance", "2026-02"), ("surveillance", "2027-02"), ("recertification", "2028-02")]
    assert audits[3:] == [("surveillance", "2029-02"), ("surveillance", "2030-02"), ("recertification", "2031-02")]


def test_every_audit_says_why(case):
    first = audit(case, "surveillance")
    assert first["why"]["rules"] == ["SUR-01", "SUR-02", "CAL-02"]
    assert first["why"]["inputs"]["decision_date"] == "2025-02-14" and first["why"]["policy"]["surv_before_months"] == 3
    assert first["window_end"] == first["hard_limit"] == "2026-02-14"


def test_the_next_audit_is_the_first_that_was_not_held(system, case):
    assert case.programme()["next_audit"]["nominal_date"] == "2026-02-14"
    held(system, case, "surveillance", "2025-12-10")
    assert case.programme()["next_audit"]["nominal_date"] == "2027-02-14"


def test_a_year_without_surveillance_is_shown(system, case):
    assert case.programme()["empty_years"] == []
    held(system, case, "surveillance", "2025-12-10")
    assert case.programme()["empty_years"] == [2026]


def test_a_preparing_client_has_the_stages_of_its_target_date(owner, client):
    case = Case(owner, client, target_date="2026-02-27")
    assert [a["kind"] for a in case.programme()["audits"]] == ["stage1", "stage2"]


def test_after_a_recertification_in_time_the_anniversary_stays(owner, client):
    case = Case(owner, client, state="certified", decision_date="2022-06-10")
    case.move("certified", "2025-05-20", recertification_audit_last_day="2025-04-11")
    made = case.programme()
    assert made["cycle_no"] == 2
    assert [a["nominal_date"] for a in made["audits"][:3]] == ["2026-06-10", "2027-06-10", "2028-06-10"]
    assert made["audits"][0]["hard_limit"] == "2026-12-31"


# ---------------------------------------------------------------- moving

def test_the_same_facts_change_nothing(system, case):
    before = (deadlines(system, case), case.programme())
    events = system.sql("select count(*) from platform.events where kind in ('deadline.planned', 'audit.planned')")[0][0]
    derive(case)
    assert (deadlines(system, case), case.programme()) == before
    assert system.sql("select count(*) from platform.events where kind in ('deadline.planned', 'audit.planned')")[0][0] == events


def test_a_corrected_decision_moves_the_same_rows(system, case):
    before = deadlines(system, case)
    first = audit(case, "surveillance")
    case.patch({"decision_date": "2025-02-20"})
    after = deadlines(system, case)
    assert {key: row.id for key, row in after.items()} == {key: row.id for key, row in before.items()}
    key = "c1:surveillance_audit:1"
    assert (after[key].raw_on, after[key].due_on, after[key].moved_from, after[key].version) == (
        "2026-02-20", "2026-02-20", before[key].due_on, before[key].version + 1)
    assert audit(case, "surveillance")["id"] == first["id"]


def test_a_moved_deadline_writes_one_event(system, case):
    case.patch({"decision_date": "2025-02-20"})
    row = deadlines(system, case)["c1:surveillance_audit:1"]
    versions = [version for (version,) in system.sql(
        "select version from platform.events where entity = 'deadline' and entity_id = %s order by at, version", row.id)]
    assert versions == [1, 2]


def test_a_held_audit_fulfils_its_deadlines(system, case):
    held(system, case, "surveillance", "2025-12-10")
    derive(case)
    rows = deadlines(system, case)
    assert (rows["c1:surveillance_audit:1"].status, rows["c1:surveillance_audit:1"].fulfilled_on) == ("fulfilled", "2025-12-10")
    assert rows["c1:surveillance_audit:2"].status == "open"


def test_a_deadline_whose_reason_vanished_is_withdrawn_and_may_come_back(system, case):
    case.move("suspended", "2025-03-03")
    assert deadlines(system, case)["c1:suspension_limit:1"].status == "open"
    case.move("certified", "2025-05-30")
    first = deadlines(system, case)["c1:suspension_limit:1"]
    assert first.status == "withdrawn"
    case.move("suspended", "2025-06-01")
    again = deadlines(system, case)["c1:suspension_limit:1"]
    assert (again.id, again.status, again.due_on) == (first.id, "open", "2025-12-01")


def test_what_a_person_fulfilled_stays_fulfilled(system, case):
    row = deadlines(system, case)["c1:surveillance:1:internal_audit"]
    system.sql("update scheduling.deadlines set status = 'fulfilled', fulfilled_on = '2025-05-20' where id = %s", row.id)
    case.patch({"decision_date": "2025-02-20"})
    after = deadlines(system, case)["c1:surveillance:1:internal_audit"]
    assert (after.status, after.fulfilled_on) == ("fulfilled", "2025-05-20") and after.due_on != row.due_on


def test_the_decision_fulfils_the_target_and_withdraws_what_only_preparation_asked(system, owner, client):
    case = Case(owner, client, target_date="2025-02-28").to_recommended()
    case.move("certified", "2025-02-14")
    rows = deadlines(system, case)
    assert (rows["c1:target_certificate:1"].status, rows["c1:target_certificate:1"].fulfilled_on) == ("fulfilled", "2025-02-14")
    assert rows["c1:soa:1"].fulfilled_on == GATE["soa_approved_on"]
    assert not [row.key for row in rows.values() if row.status == "open" and row.due_on < "2025-06-02"]


def test_a_stage_that_was_done_is_an_audit_that_was_held(owner, client):
    case = Case(owner, client, target_date="2025-02-28")
    case.move("stage1_done", "2024-11-15")
    first = audit(case, "stage1")
    assert (first["status"], first["held_last_day"]) == ("held", "2024-11-15")


def test_a_withdrawn_certification_has_no_open_deadline_but_the_mark(system, case):
    case.move("withdrawn", "2025-05-01")
    assert [row.kind for row in deadlines(system, case).values() if row.status == "open"] == ["remove_mark"]
    assert case.programme()["audits"] == [] and case.programme()["next_audit"] is None


def test_two_schemes_of_a_client_keep_their_programmes_apart(system, owner, client, case):
    addon = Case(owner, client, scheme="iso27017-jp", state="certified", decision_date="2025-04-10")
    assert deadlines(system, case)["c1:surveillance_audit:1"].raw_on == "2026-02-14"
    other = deadlines(system, addon)["c1:surveillance_audit:1"]
    assert other.raw_on == "2026-04-10" and "ISO/IEC 27017" in other.title_ja and "ISO/IEC 27017" in other.title_en


# ---------------------------------------------------------------- policies and days

def test_a_policy_of_the_certification_moves_its_windows_at_once(case):
    case.patch({"policies": {"surv_before_months": 1}})
    assert audit(case, "surveillance", ordinal=2)["window_start"] == "2027-01-14"
    case.patch({"policies": {"surv_before_months": None}})
    assert audit(case, "surveillance", ordinal=2)["window_start"] == "2026-11-14"
    assert case.get()["policies"] == {}


def test_a_policy_of_the_consultancy_moves_every_programme(start_system):
    system = start_system(clock="2025-06-02T09:00:00+09:00")
    owner = system.owner()
    cases = [Case(owner, owner.call("createClient", {"name": name}, expect=201).json()["id"], state="certified",
                  decision_date="2025-02-14") for name in ("株式会社ミナト", "株式会社ヤマト")]
    owner.patch("/v1/policies", {"policies": {"audit_booking_days": 120}}, if_match="*", expect=200)
    system.run_jobs()
    for case in cases:
        row = deadlines(system, case)["c1:surveillance:1:audit_booking"]
        assert (row.raw_on, row.version) == ("2025-07-17", 2)


def test_a_new_day_alone_changes_no_row(start_system):
    system = start_system(clock="2025-06-02T09:00:00+09:00")
    owner = system.owner()
    case = Case(owner, owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"], state="certified",
                decision_date="2025-02-14")
    before = deadlines(system, case)
    system.set_clock("2025-06-05T09:00:00+09:00")
    system.run_jobs()
    assert deadlines(system, case) == before


def test_a_lapsed_certification_names_the_last_day_of_restoring_it(start_system):
    system = start_system(clock="2025-02-14T09:00:00+09:00")
    owner = system.owner()
    case = Case(owner, owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"], state="certified",
                decision_date="2022-02-14")
    system.run_jobs()
    rows = deadlines(system, case)
    assert (rows["c1:restore_deadline:1"].raw_on, rows["c1:restore_deadline:1"].hardness) == ("2025-08-13", "hard")
    assert rows["c1:remove_mark_expired:1"].status == "open" and rows["c1:surveillance_audit:1"].status == "withdrawn"


# ---------------------------------------------------------------- strangers

def test_a_consultant_who_is_not_assigned_sees_no_programme(system, owner, case):
    from test_tenants import join
    consultant = join(system, owner, "consultant", "unassigned@meguri.example")
    for path in ("/programme", "/claims", f"/certifications/{case.id}"):
        consultant.get(case.path + path, expect=404)
