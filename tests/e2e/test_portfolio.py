"""The portfolio over HTTP: one true row per client on the day it is asked, sorted and filtered by any column, paged without loss."""
import csv
import io
import re
import uuid

import pytest

from meguri_test.paths import ROOT
from test_certifications import GATE, Case
from test_gates import audit, change_audit, finding, gates
from test_tenants import join


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-06-02T09:00:00+09:00")


@pytest.fixture
def owner(system):
    """A consultancy of its own for each test."""
    return system.owner()


def new_client(owner, name="株式会社ミナト", **members):
    return owner.call("createClient", {"name": name, **members}, expect=201).json()["id"]


def certified(owner, decision="2025-02-14", name="株式会社ミナト", **facts):
    return Case(owner, new_client(owner, name), state="certified", decision_date=decision, **facts)


def rows(owner, **params):
    return owner.get("/v1/portfolio", params={"limit": 500, **params}, expect=200).json()["data"]


def row(case):
    return next(r for r in rows(case.owner) if f"/v1/clients/{r['client_id']}" == case.path)


def reasons(case):
    return [reason["code"] for reason in row(case)["reasons"]]


@pytest.fixture
def at(system, owner):
    """Moves the clock to 09:00 of a day, signed in there; back afterwards."""
    def move(day):
        system.set_clock(f"{day}T09:00:00+09:00")
        owner.token = system.sign_in(owner.consultancy["email"], owner.consultancy["password"]).token
    yield move
    system.set_clock("2025-06-02T09:00:00+09:00")


def assign(owner, case, member, **rest):
    owner.call("createAssignment", {"member_id": member, "client_id": case.path.split("/")[-1], **rest}, expect=201)


def book(case, kind, first, last, ordinal=1):
    change_audit(case, audit(case, kind, ordinal), status="confirmed", planned_first_day=first, planned_last_day=last)


def hold(case, kind, day, ordinal=1):
    change_audit(case, audit(case, kind, ordinal), status="held", held_first_day=day, held_last_day=day)


# ---------------------------------------------------------------- the row

def test_a_client_without_certification_has_a_row(owner):
    client = new_client(owner, code="minato")
    [found] = rows(owner)
    assert (found["client_id"], found["client_code"], found["colour"], found["state"], found["next_audit"]) == (
        client, "minato", "green", None, None)
    assert found["certifications"] == found["reasons"] == found["consultants"] == []


def test_the_row_of_a_certified_client(owner):
    case = certified(owner, stage2_last_day="2025-01-10")
    found = row(case)
    assert (found["scheme"], found["state"], found["gate"], found["gate_status"], found["readiness_pct"]) == (
        "iso27001-2022", "certified", "next_surveillance", "not_yet", 0)
    assert found["next_audit"] == {"audit_id": audit(case, "surveillance"), "kind": "surveillance", "status": "planned", "booked": False,
                                   "on": "2026-02-14", "window_start": "2025-11-14", "window_end": "2026-02-14", "days_left": 257}
    assert (found["hardest_deadline"]["kind"], found["hardest_deadline"]["due_on"], found["hardest_deadline"]["days_left"]) == (
        "surveillance_audit", "2026-02-13", 256)
    assert (found["expiry_date"], found["days_to_expiry"], found["colour"]) == ("2028-02-13", 986, "green")


def test_readiness_is_what_the_next_gate_has(owner):
    case = Case(owner, new_client(owner), target_date="2026-02-27", **{k: v for k, v in GATE.items() if k != "soa_approved_on"})
    assert row(case)["readiness_pct"] == gates(case)["readiness"] == 50


def test_the_leading_certification_is_the_isms(owner):
    client = new_client(owner)
    Case(owner, client, scheme="iso27017-jp")
    leading = Case(owner, client, state="certified", decision_date="2025-02-14")
    found = row(leading)
    assert found["certification_id"] == leading.id and found["state"] == "certified"
    assert [(c["scheme"], c["state"]) for c in found["certifications"]] == [("iso27001-2022", "certified"), ("iso27017-jp", "preparing")]


def test_open_findings_are_counted_over_all_certifications(owner):
    case = certified(owner)
    hold(case, "surveillance", "2025-05-20")
    major = finding(case, audit(case, "surveillance"), "major")
    minor = finding(case, audit(case, "surveillance"), "minor")
    finding(case, audit(case, "surveillance"), "observation")
    assert (row(case)["open_majors"], row(case)["open_minors"]) == (1, 1)
    owner.patch(f"{case.path}/findings/{major}", {"verified_on": "2025-05-30"}, if_match="*", expect=200)
    owner.patch(f"{case.path}/findings/{minor}", {"closed_on": "2025-05-30"}, if_match="*", expect=200)
    assert (row(case)["open_majors"], row(case)["open_minors"]) == (0, 0)


def test_consultants_in_charge_are_named_the_lead_first(system, owner):
    case = certified(owner)
    for name, lead in (("青木", False), ("渡辺", True)):
        member = owner.call("createMember", {"email": f"{lead}@{case.id}.example", "name": name, "role": "consultant"},
                            expect=201).json()["id"]
        assign(owner, case, member, is_lead=lead)
    assert [(c["name"], c["is_lead"]) for c in row(case)["consultants"]] == [("渡辺", True), ("青木", False)]


def test_a_deleted_certification_leaves_an_empty_row(owner):
    case = Case(owner, new_client(owner))
    assert row(case)["state"] == "preparing"
    owner.delete(f"{case.path}/certifications/{case.id}", if_match="*", expect=204)
    assert row(case)["state"] is None and row(case)["certifications"] == []


# ---------------------------------------------------------------- what changes is there at once

def test_a_deadline_by_hand_is_there_with_its_own_reply(owner):
    client = new_client(owner)
    made = owner.post(f"/v1/clients/{client}/deadlines", {"title_ja": "取締役会", "due_on": "2025-05-30"}, expect=201).json()["id"]
    [found] = rows(owner)
    assert found["overdue_other"] == 1 and found["hardest_deadline"]["deadline_id"] == made
    owner.patch(f"/v1/clients/{client}/deadlines/{made}", {"status": "fulfilled"}, if_match="*", expect=200)
    [found] = rows(owner)
    assert found["overdue_other"] == 0 and found["hardest_deadline"] is None


def test_a_deadline_of_a_register_is_there_with_its_own_reply(owner):
    client = new_client(owner)
    owner.post(f"/v1/clients/{client}/assets", {"name": "旧サーバー", "kind": "server", "end_of_life": "2025-05-01"}, expect=201)
    assert rows(owner)[0]["overdue_other"] == 1


def test_a_booking_turns_the_client_green_with_its_own_reply(owner, at):
    case = certified(owner)
    at("2026-02-01")
    assert row(case)["colour"] == "amber"
    book(case, "surveillance", "2026-02-10", "2026-02-11")
    assert row(case)["colour"] == "green" and row(case)["next_audit"]["booked"]


def test_the_row_says_what_the_gates_say_after_every_step(owner):
    case = Case(owner, new_client(owner), target_date="2025-12-26")

    def check():
        found, asked = row(case), gates(case)
        assert found["gate"] == asked["next"] and found["readiness_pct"] == asked["readiness"]
        assert found["gate_status"] == (asked[asked["next"]]["status"] if asked["next"] else None)
        blocked = any(isinstance(g, dict) and g["status"] == "blocked" for g in asked.values())
        assert (found["colour"] == "red") >= blocked
    check()
    for name, day in GATE.items():
        case.patch({name: day})
        check()
    case.move("stage1_done", "2025-02-10")
    check()
    case.move("stage2_done", "2025-03-10")
    made = finding(case, audit(case, "stage2"), "major")
    check()
    owner.patch(f"{case.path}/findings/{made}", {"verified_on": "2025-04-01"}, if_match="*", expect=200)
    check()
    case.move("recommended", "2025-04-10")
    check()
    case.move("certified", "2025-05-01")
    check()
    case.move("suspended", "2025-05-10")
    check()
    case.move("certified", "2025-05-20")
    check()
    case.move("withdrawn", "2025-06-01")
    check()


# ---------------------------------------------------------------- colours on their days

@pytest.mark.parametrize("day, colour, code", [
    ("2025-11-13", "green", None), ("2025-11-14", "notice", "audit_not_booked"), ("2026-01-15", "notice", "audit_not_booked"),
    ("2026-01-16", "amber", "audit_not_booked_last_days"), ("2026-02-13", "amber", "audit_not_booked_last_days")])
def test_the_colour_of_an_unbooked_audit_follows_its_window(owner, at, day, colour, code):
    case = certified(owner)
    at(day)
    assert row(case)["colour"] == colour and reasons(case) == ([code] if code else [])


def test_a_hard_limit_that_passed_is_red_and_says_why(owner, at):
    case = certified(owner)
    at("2026-02-15")
    assert row(case)["colour"] == "red" and row(case)["overdue_hard"] == 1
    assert {"hard_limit_passed", "deadline_overdue"} <= set(reasons(case))
    assert row(case)["gate_status"] == "blocked"


def test_reasons_speak_both_languages_and_name_their_object(owner, at):
    case = certified(owner)
    at("2026-02-15")
    for reason in row(case)["reasons"]:
        assert reason["text_ja"] and reason["text_en"] and reason["entity_id"] and reason["from"] <= "2026-02-15"


def test_an_open_major_is_red(owner):
    case = certified(owner)
    hold(case, "surveillance", "2025-05-20")
    finding(case, audit(case, "surveillance"), "major")
    assert row(case)["colour"] == "red" and reasons(case) == ["major_unverified"]


def test_a_suspension_is_red(owner):
    case = certified(owner)
    case.move("suspended", "2025-05-20")
    assert row(case)["colour"] == "red" and "suspended" in reasons(case)


def test_a_certificate_is_red_from_the_day_after_its_expiry(owner, at):
    case = certified(owner, decision="2022-06-10")
    for ordinal, day in ((1, "2023-05-20"), (2, "2024-05-20")):
        hold(case, "surveillance", day, ordinal)
    hold(case, "recertification", "2025-04-10")
    owner.patch(f"{case.path}/certifications/{case.id}", {"internal_audit_done_on": "2025-03-01"}, if_match="*", expect=200)
    at("2025-06-09")
    assert "certificate_expired" not in reasons(case)
    at("2025-06-10")
    assert row(case)["colour"] == "red" and "certificate_expired" in reasons(case)


# ---------------------------------------------------------------- sort, page, filter

SORTS = ["name", "colour", "scheme", "state", "gate", "readiness", "next_audit", "window_start", "window_end", "booked", "due", "overdue",
         "overdue_hard", "open_majors", "open_minors", "expiry", "consultant"]
LATE = "9999-12-31"
STATES = ["preparing", "stage1_done", "stage2_done", "recommended", "certified", "suspended", "expired", "withdrawn"]


def sorted_by(name):
    """The value a row has in a sort."""
    def audit_member(r, member):
        return (r["next_audit"] or {}).get(member)
    return {
        "colour": lambda r: ["green", "notice", "amber", "red"].index(r["colour"]),
        "scheme": lambda r: r["scheme"] or "", "gate": lambda r: r["gate"] or "",
        "state": lambda r: STATES.index(r["state"]) if r["state"] else -1,
        "readiness": lambda r: 101 if r["readiness_pct"] is None else r["readiness_pct"],
        "next_audit": lambda r: audit_member(r, "on") or LATE,
        "window_start": lambda r: audit_member(r, "window_start") or LATE,
        "window_end": lambda r: audit_member(r, "window_end") or LATE,
        "booked": lambda r: bool(audit_member(r, "booked")),
        "due": lambda r: (r["hardest_deadline"] or {}).get("due_on", LATE),
        "overdue": lambda r: r["overdue_hard"] + r["overdue_other"],
        "expiry": lambda r: r["expiry_date"] or LATE,
        "consultant": lambda r: " ".join(c["name"] for c in r["consultants"]),
    }.get(name, lambda r: r[{"name": "client_name"}.get(name, name)])


@pytest.fixture(scope="module")
def many(system):
    """Clients of every kind in one consultancy."""
    owner = system.owner()
    member = owner.call("createMember", {"email": "c@many.example", "name": "consultant", "role": "consultant"}, expect=201).json()["id"]
    for number, decision in enumerate(["2022-07-10", "2022-12-20", "2023-06-10", "2023-09-01", "2024-06-05", "2024-07-01", "2024-11-11",
                                       "2025-01-20", "2025-04-04"]):
        case = certified(owner, decision=decision, name=f"client {number % 4} {number}")
        if number % 3 == 0:
            assign(owner, case, member)
        if number % 4 == 1:
            book(case, "surveillance", "2025-07-01", "2025-07-02")
        if number == 5:
            hold(case, "surveillance", "2025-05-20")
            finding(case, audit(case, "surveillance"), "major")
            finding(case, audit(case, "surveillance"), "minor")
    for number in range(3):
        Case(owner, new_client(owner, f"new {number}"), target_date=f"2026-0{number + 1}-20", **dict(list(GATE.items())[:number * 2]))
    new_client(owner, "empty")
    owner.member = member
    return owner


@pytest.mark.parametrize("direction", ["", "-"])
@pytest.mark.parametrize("name", SORTS)
def test_every_column_sorts_and_pages_both_ways(many, name, direction):
    whole = rows(many, sort=direction + name)
    values = [sorted_by(name)(r) for r in whole]
    assert values == sorted(values, reverse=bool(direction)) and len(whole) == 13
    paged, after = [], None
    while True:
        params = {"limit": 3, "sort": direction + name} | ({"after": after} if after else {})
        page = many.get("/v1/portfolio", params=params, expect=200).json()
        paged += page["data"]
        after = page["next"]
        if not after:
            break
    assert [r["client_id"] for r in paged] == [r["client_id"] for r in whole]


FILTERS = [({"colour": "red"}, lambda r: r["colour"] == "red"), ({"colour": "green"}, lambda r: r["colour"] == "green"),
           ({"state": "preparing"}, lambda r: r["state"] == "preparing"),
           ({"scheme": "iso27001-2022"}, lambda r: r["scheme"] is not None),
           ({"overdue": "true"}, lambda r: r["overdue_hard"] + r["overdue_other"] > 0),
           ({"overdue": "false"}, lambda r: r["overdue_hard"] + r["overdue_other"] == 0),
           ({"next_audit_before": "2025-07-01"}, lambda r: r["next_audit"] and (r["next_audit"]["on"] or LATE) <= "2025-07-01"),
           ({"q": "CLIENT 1"}, lambda r: "client 1" in r["client_name"]), ({"q": "%"}, lambda r: False),
           ({"client_status": "paused"}, lambda r: False)]


@pytest.mark.parametrize("params, fits", FILTERS, ids=[str(f[0]) for f in FILTERS])
def test_a_filter_shows_exactly_the_rows_that_fit(many, params, fits):
    assert [r["client_id"] for r in rows(many, **params)] == [r["client_id"] for r in rows(many) if fits(r)]


def test_a_filter_by_consultant_and_by_body(many):
    mine = [r for r in rows(many) if any(c["member_id"] == many.member for c in r["consultants"])]
    assert rows(many, member_id=many.member) == mine and len(mine) == 3
    body = many.post("/v1/certification-bodies", {"name": "審査機関A"}, expect=201).json()["id"]
    case = certified(many, name="of a body", body_id=body)
    assert [f"/v1/clients/{r['client_id']}" for r in rows(many, body_id=body)] == [case.path]
    many.delete(f"{case.path}/certifications/{case.id}", if_match="*", expect=409)
    case.move("withdrawn", "2025-06-01")


def test_a_consultant_sees_his_clients_only(system, owner):
    case, other = certified(owner), certified(owner, name="別の会社")
    consultant = join(system, owner, "consultant", "sees.some@meguri.example")
    assert rows(consultant) == []
    assign(owner, case, consultant.id)
    assert [f"/v1/clients/{r['client_id']}" for r in rows(consultant)] == [case.path]
    assert other.path not in str(rows(consultant))


# ---------------------------------------------------------------- export

def export(owner, language="en", **params):
    reply = owner.get("/v1/portfolio/export", params=params, language=language, expect=200)
    assert reply.headers["content-type"].startswith("text/csv") and reply.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"), newline="")))


def test_the_export_has_the_rows_of_the_list(many):
    whole = rows(many, sort="name")
    table = export(many)
    assert [line["client"] for line in table] == [r["client_name"] for r in whole]
    for line, shown in zip(table, whole):
        audit_on = (shown["next_audit"] or {}).get("on") or ""
        assert (line["health"], line["next audit on"], line["overdue, hard"], line["readiness (%)"]) == (
            shown["colour"], audit_on, str(shown["overdue_hard"]), "" if shown["readiness_pct"] is None else str(shown["readiness_pct"]))


def test_the_export_takes_the_filters_of_the_list(many):
    assert {line["health"] for line in export(many, colour="red")} == {"red"}
    assert export(many, q="nobody is called so") == []


def test_the_export_speaks_japanese(many):
    assert "顧客名" in export(many, language="ja")[0]


def test_a_name_with_comma_quote_and_formula_stays_a_cell(owner):
    new_client(owner, '=cmd|"x",1')
    assert export(owner)[0]["client"] == '\'=cmd|"x",1'


# ---------------------------------------------------------------- totals

def totals(owner, **params):
    return owner.get("/v1/portfolio/totals", params=params, expect=200).json()


def test_the_totals_add_up_to_the_rows(many):
    whole, found = rows(many), totals(many)
    assert found["clients"] == len(whole)
    for colour in ("red", "amber", "notice", "green"):
        assert found[colour] == sum(r["colour"] == colour for r in whole)
    for name in ("overdue_hard", "overdue_other", "open_majors", "open_minors"):
        assert found[name] == sum(r[name] for r in whole)


def test_the_totals_per_consultant_add_up_to_his_rows(many):
    found = totals(many)["consultants"]
    assert [c["member_id"] for c in found] == [many.member, None]
    for consultant in found:
        his = [r for r in rows(many) if (many.member in [c["member_id"] for c in r["consultants"]]) == bool(consultant["member_id"])]
        assert (consultant["clients"], consultant["red"], consultant["overdue_other"], consultant["open_majors"]) == (
            len(his), sum(r["colour"] == "red" for r in his), sum(r["overdue_other"] for r in his), sum(r["open_majors"] for r in his))


def test_the_totals_per_month_begin_with_this_one_and_carry_what_is_late(owner):
    certified(owner, decision="2024-05-10", name="late")
    certified(owner, decision="2022-09-15", name="to be renewed")
    months = totals(owner, months=12)["months"]
    assert [m["month"] for m in months][:2] == ["2025-06", "2025-07"] and len(months) == 12
    deadlines = owner.pages("/v1/deadlines?due_before=2025-06-30")
    assert months[0]["deadlines_hard"] == sum(d["hardness"] == "hard" for d in deadlines) > 0
    assert months[0]["deadlines_other"] == sum(d["hardness"] != "hard" for d in deadlines)
    assert [m["month"] for m in months if m["expiries"]] == ["2025-09"]


def test_a_booked_audit_is_counted_in_its_month(owner):
    case = certified(owner)
    book(case, "surveillance", "2025-12-03", "2025-12-04")
    assert [(m["audits"], m["booked"]) for m in totals(owner)["months"] if m["month"] == "2025-12"] == [(1, 1)]


# ---------------------------------------------------------------- workload

def workload(owner, **params):
    read = owner.get("/v1/portfolio/workload", params=params, expect=200).json()
    return {c["name"]: {m["month"]: m for m in c["months"]} for c in read["consultants"]}


def consultant(owner, name):
    return owner.call("createMember", {"email": f"{uuid.uuid4()}@meguri.example", "name": name, "role": "consultant"}, expect=201).json()["id"]


def test_an_audit_costs_its_kinds_days_in_its_month(owner):
    case = certified(owner)
    assign(owner, case, consultant(owner, "青木"))
    book(case, "surveillance", "2025-12-03", "2025-12-04")
    months = workload(owner)["青木"]
    assert len(months) == 24 and list(months)[0] == "2025-06"
    assert (months["2025-12"]["audits"], months["2025-12"]["days"]) == (1, 3.0)
    owner.patch("/v1/policies", {"policies": {"effort_surveillance_days": 7}}, if_match="*", expect=200)
    assert workload(owner)["青木"]["2025-12"]["days"] == 7.0


def test_busy_months_and_too_many_days_are_marked(owner):
    case = certified(owner)
    assign(owner, case, consultant(owner, "青木"))
    book(case, "surveillance", "2025-12-03", "2025-12-04")
    owner.patch("/v1/policies", {"policies": {"effort_capacity_days": 2}}, if_match="*", expect=200)
    months = workload(owner)["青木"]
    assert [m for m in months if months[m]["season"] and m.startswith("2025")] == ["2025-12"]
    assert [m for m in months if months[m]["overloaded"] and m.startswith("2025")] == ["2025-12"]


def test_the_lead_carries_the_work_and_without_one_it_is_shared(owner):
    case = certified(owner)
    book(case, "surveillance", "2025-12-03", "2025-12-04")
    for name in ("青木", "渡辺"):
        assign(owner, case, consultant(owner, name))
    assert [workload(owner)[n]["2025-12"]["days"] for n in ("青木", "渡辺")] == [1.5, 1.5]
    assign(owner, case, consultant(owner, "山本"), is_lead=True)
    assert list(workload(owner)) == ["山本"] and workload(owner)["山本"]["2025-12"]["days"] == 3.0


def test_clients_of_nobody_are_shown_as_such(owner):
    certified(owner)
    assert list(workload(owner)) == [None]


def test_a_first_certificate_costs_days_each_month_until_its_target(owner):
    case = Case(owner, new_client(owner), target_date="2025-09-30")
    assign(owner, case, consultant(owner, "青木"))
    owner.patch("/v1/policies", {"policies": {"effort_stage1_days": 0, "effort_stage2_days": 0}}, if_match="*", expect=200)
    months = workload(owner)["青木"]
    assert [months[m]["days"] for m in ("2025-06", "2025-09", "2025-10")] == [3.0, 3.0, 0.0]


def test_one_consultant_can_be_asked_for(owner):
    case = certified(owner)
    first, second = consultant(owner, "青木"), consultant(owner, "渡辺")
    for member in (first, second):
        assign(owner, case, member)
    assert list(workload(owner, member_id=second, months=3)) == ["渡辺"]


# ---------------------------------------------------------------- nothing is forgotten

FACTS = re.compile(r"(insert into|update|delete from) scheduling\.(certifications|audits|findings|changes)\b")
LATER = {"markPlansStale", "markBodyPlansStale", "recordDeadlineFulfilled"}  # the job derives, and stores the portfolio with the plan
NO_FACT = {"touchAudit", "dropAuditSites"}  # what participants were told, not what is judged by
JOB = {"markPlanned", "expireCertifications", "storePlanAudits"}  # steps of a derivation


def test_every_operation_that_changes_facts_ends_with_the_derivation():
    """Else a row of the portfolio would say something that the client's own pages do not."""
    folder = ROOT / "services/scheduling"
    writing = {name for path in folder.glob("*.sql")
               for name, body in re.findall(r"^-- name: (\w+)$(.*?)(?=^-- name:|\Z)", path.read_text("utf-8"), re.M | re.S)
               if FACTS.search(body)} - LATER - NO_FACT - JOB
    code = "".join(path.read_text("utf-8") for path in folder.glob("*.c"))
    for name, body in re.findall(r"^#define (\w+_STEPS)\b *\\\n((?:.*\\\n)*.*)", code, re.M):
        code = re.sub(rf"(?<!#define ){name}\b", lambda _: body, code)
    lists = re.findall(r"const struct step (\w+)\[\] = \{(.*?)\{0\},?\s*\};", code, re.S)
    used = {name: steps for name, steps in lists if set(re.findall(r'\.sql = "(\w+)"', steps)) & writing}
    assert [name for name, steps in used.items() if "PLAN_STEPS" not in steps and "storePortfolio" not in steps] == []
    assert writing - {name for steps in used.values() for name in re.findall(r'\.sql = "(\w+)"', steps)} == set()
