"""Back-plans: from a target or a start to tasks with a critical path; what a slip moves, what was promised, templates."""
import datetime
import json

import pytest

from meguri_test.paths import ROOT

HOLIDAYS = {h["date"] for h in json.loads((ROOT / "tests/data/jp_holidays.json").read_text())}
STEPS = ["scope", "asset_inventory", "risk_assessment", "treatment", "documents", "operation", "internal_audit", "management_review", "stage1",
         "stage1_findings", "stage2", "corrective_action", "decision", "certificate"]


def is_closed(day):
    return day.weekday() >= 5 or day.isoformat() in HOLIDAYS or (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)


def business_day(day, days=0):
    """The n-th open day after the day; 0: the day itself, which is open."""
    day = datetime.date.fromisoformat(day)
    while days:
        day += datetime.timedelta(days=1 if days > 0 else -1)
        days -= (1 if days > 0 else -1) * (not is_closed(day))
    return day.isoformat()


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-03-03T09:00:00+09:00")


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


class Case:
    def __init__(self, owner):
        self.owner = owner
        self.client = owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"]

    def call(self, operation, body=None, expect=200, **rest):
        return self.owner.call(operation, body, client_id=self.client, expect=expect, **rest)

    def plan(self, expect=201, **members):
        body = {"name": "ISMS取得計画"} | ({} if {"target_date", "start_date"} & set(members) else {"target_date": "2026-03-31"}) | members
        return self.call("createBackPlan", body, expect=expect).json()

    def get(self, plan):
        return self.call("getBackPlan", back_plan_id=plan["id"]).json()

    def tasks(self, plan, **params):
        return list(self.owner.pages(f"/v1/clients/{self.client}/back-plans/{plan['id']}/tasks", params={"limit": 200} | params))

    def by_code(self, plan):
        return {t["code"]: t for t in self.tasks(plan)}

    def task(self, plan, code):
        return self.by_code(plan)[code]

    def change(self, plan, task, expect=200, if_match="*", **members):
        return self.call("updatePlanTask", members, expect=expect, back_plan_id=plan["id"], plan_task_id=task["id"], if_match=if_match).json()

    def add(self, plan, expect=201, **members):
        return self.call("createPlanTask", {"title_ja": "追加", "title_en": "added"} | members, expect=expect, back_plan_id=plan["id"]).json()

    def slip(self, plan, task, operation="slipPlanTask", expect=200, **members):
        return self.call(operation, members, expect=expect, back_plan_id=plan["id"], plan_task_id=task["id"]).json()


@pytest.fixture
def case(owner):
    return Case(owner)


def wrong(problem):
    return {(e["pointer"], e["code"]) for e in problem["errors"]}


def check_order(tasks):
    """Nobody begins before what he waits for has ended, every day is open, and something carries the end."""
    ends = {t["id"]: t["done_on"] or t["end_on"] for t in tasks}
    for task in tasks:
        assert not is_closed(datetime.date.fromisoformat(task["start_on"])) and task["start_on"] <= task["end_on"]
        for other in task["depends_on"]:
            assert task["start_on"] > ends[other] or task["fixed"], (task["title_en"], task["start_on"], ends[other])
    assert any(t["critical"] for t in tasks)


# ---------------------------------------------------------------- making

@pytest.mark.parametrize("variant", ["ia_before_stage1", "ia_between_stages"])
def test_back_from_a_target_every_step_has_its_days_as_the_calculation_says(case, variant):
    plan = case.plan(variant=variant)
    assert plan["made"]["feasible"] and plan["target_met"] and plan["why"]["rules"] == ["PLN-01", "PLN-02", "PLN-03"]
    days = case.owner.call("calculateBackplan", {"target_certificate_date": "2026-03-31", "variant": variant, "today": "2025-03-03"}, expect=200).json()
    tasks = case.by_code(plan)
    assert sorted(tasks, key=STEPS.index) == STEPS
    for code, first, last in (("scope", "kickoff", None), ("internal_audit", "internal_audit_start", "internal_audit_end"),
                              ("stage1", "stage1_first", "stage1_last"), ("stage2", "stage2_first", "stage2_last"), ("decision", None, "decision")):
        assert first is None or tasks[code]["start_on"] == days[first]
        assert last is None or tasks[code]["end_on"] == days[last]
    check_order(case.tasks(plan))


def test_on_from_a_start_the_earliest_certificate_is_found(case):
    plan = case.plan(start_date="2025-04-01")
    assert plan["direction"] == "forwards" and plan["begins_on"] >= "2025-04-01" and plan["made"]["feasible"]
    day_before = (datetime.date.fromisoformat(plan["target_date"]) - datetime.timedelta(days=1)).isoformat()
    assert case.plan(target_date=day_before)["begins_on"] < "2025-04-01"


def test_what_does_not_fit_is_stored_and_names_the_step_and_the_earliest_day(case):
    made = case.plan(target_date="2025-06-30")["made"]
    assert not made["feasible"] and {p["code"] for p in made["problems"]} == {"step_in_past"}
    first = made["problems"][0]
    assert first["step"] == "scope" and first["business_days"] > 0 and first["text_ja"] and first["text_en"]
    assert made["alternatives"][-1]["feasible"] and "later_date" in {a["kind"] for a in made["alternatives"]}
    again = case.plan(target_date=made["earliest_certificate_on"])
    assert again["made"]["feasible"] and again["begins_on"] >= "2025-03-03"


def test_a_gap_that_does_not_hold_the_internal_audit_is_named(case):
    made = case.plan(variant="ia_between_stages", durations={"stage2_prep_days": 5})["made"]
    assert not made["order_ok"] and "internal_audit_not_after_stage1" in {p["code"] for p in made["problems"]}


def test_a_target_or_a_start_and_things_that_exist(case):
    assert wrong(case.plan(expect=422, target_date=None)) == {("/target_date", "required")}
    assert wrong(case.plan(expect=422, target_date="2026-03-31", start_date="2025-04-01")) == {("/target_date", "not_allowed_here")}
    missing = "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff"
    assert wrong(case.plan(expect=422, target_date="2025-03-02", certification_id=missing, plan_template_id=missing)) == {
        ("/target_date", "in_past"), ("/certification_id", "not_found_reference"), ("/plan_template_id", "not_found_reference")}


def test_booked_audits_pin_their_tasks(case):
    made = case.call("createCertification", {"scheme": "iso27001-2022", "target_date": "2026-03-31"}, expect=201).json()["id"]
    audits = {a["kind"]: a for a in case.owner.pages(f"/v1/clients/{case.client}/audits")}
    case.call("updateAudit", {"status": "confirmed", "planned_first_day": "2026-01-15", "planned_last_day": "2026-01-16"}, audit_id=audits["stage2"]["id"],
              if_match="*")
    stage2 = case.task(case.plan(certification_id=made), "stage2")
    assert (stage2["start_on"], stage2["end_on"], stage2["fixed"]) == ("2026-01-15", "2026-01-16", True)
    assert not case.task(case.plan(certification_id=made, pin_audits=False), "stage2")["fixed"]


# ---------------------------------------------------------------- slips

def test_a_slip_moves_what_waits_for_it_and_the_preview_says_the_same(case):
    plan = case.plan()
    task = case.task(plan, "risk_assessment")
    preview = case.slip(plan, task, "previewSlip", days=10)
    assert case.task(plan, "risk_assessment") == task
    effect = case.slip(plan, task, days=10)
    assert effect == preview
    moved = {m["code"]: m for m in effect["moved"]}
    assert moved["risk_assessment"]["to"]["end_on"] == business_day(task["end_on"], 10)
    assert set(moved) <= set(STEPS[STEPS.index("risk_assessment"):]) and "treatment" in moved
    check_order(case.tasks(plan))
    assert case.get(plan)["variance_days"] == (datetime.date.fromisoformat(effect["ends_on"]) - datetime.date.fromisoformat(plan["ends_on"])).days


def test_a_slip_within_the_slack_moves_no_end(case):
    plan = case.plan()
    task = next(t for t in case.tasks(plan) if t["slack_days"] > 0)
    assert case.slip(plan, task, "previewSlip", days=task["slack_days"])["ends_on"] == plan["ends_on"]
    assert case.slip(plan, task, "previewSlip", days=task["slack_days"] + 1)["ends_on"] > plan["ends_on"]


def test_a_slip_says_whether_the_target_is_still_met(case):
    plan = case.plan()
    effect = case.slip(plan, case.task(plan, "certificate"), "previewSlip", days=3)
    assert (effect["target_met"], effect["days_to_spare"]) == (False, -3)


def test_fixed_days_do_not_move_and_clash(case):
    plan = case.plan()
    stage1 = case.change(plan, case.task(plan, "stage1"), fixed=True)
    effect = case.slip(plan, case.task(plan, "management_review"), "previewSlip", days=30)
    (clash,) = effect["clashes"]
    assert (clash["code"], clash["starts_on"]) == ("stage1", stage1["start_on"]) and clash["ready_on"] > clash["starts_on"]
    assert case.slip(plan, stage1, expect=409, days=1)["code"] == "state_not_allowed"


def test_a_done_task_does_not_move_and_a_late_one_pushes(case):
    plan = case.plan(start_date="2025-02-03")
    scope = case.task(plan, "scope")
    done = case.change(plan, scope, done_on="2025-03-03", done_note="会議で承認")
    assert (done["done_on"], done["overdue"], done["critical"]) == ("2025-03-03", False, False)
    assert case.task(plan, "asset_inventory")["start_on"] >= "2025-03-04"
    assert case.slip(plan, scope, expect=409, days=1)["code"] == "state_not_allowed"
    assert wrong(case.change(plan, case.task(plan, "asset_inventory"), expect=422, done_on="2025-03-04")) == {("/done_on", "in_future")}


def test_the_forecast_ends_what_is_late_today_and_replanning_stores_it(case):
    plan = case.plan(start_date="2025-02-03")
    assert case.task(plan, "scope")["overdue"]
    forecast = case.call("getPlanForecast", back_plan_id=plan["id"]).json()
    assert {m["code"]: m["to"]["end_on"] for m in forecast["moved"]}["scope"] == "2025-03-03" and forecast["ends_on"] >= plan["ends_on"]
    assert case.call("replanBackPlan", back_plan_id=plan["id"]).json() == forecast
    assert case.call("replanBackPlan", back_plan_id=plan["id"]).json()["moved"] == []


def test_the_baseline_keeps_what_was_promised_until_it_is_taken_anew(case):
    plan = case.plan()
    case.slip(plan, case.task(plan, "documents"), days=20)
    task = case.task(plan, "documents")
    assert task["variance_days"] > 20 and task["baseline_end"] < task["end_on"]
    after = case.call("takePlanBaseline", {"reason": "目標日の変更"}, back_plan_id=plan["id"]).json()
    assert (after["variance_days"], after["baseline_reason"]) == (0, "目標日の変更") and case.task(plan, "documents")["variance_days"] == 0


def test_every_baseline_stays_and_the_plan_is_compared_with_any(case):
    plan = case.plan()
    ref = {"back_plan_id": plan["id"]}
    promised = case.by_code(plan)
    case.slip(plan, promised["documents"], days=20)
    case.call("takePlanBaseline", {"reason": "文書が遅れた"}, **ref)
    added = case.add(plan, start_on="2025-09-01", end_on="2025-09-05")
    case.call("deletePlanTask", expect=204, plan_task_id=promised["treatment"]["id"], if_match="*", **ref)
    rows = case.call("listPlanBaselines", **ref).json()["data"]
    assert [(r["number"], r["reason"], r["taken_on"], r["task_count"]) for r in rows] == [(1, None, "2025-03-03", 14), (2, "文書が遅れた", "2025-03-03", 14)]
    assert rows[0]["member_id"] and rows[0]["ends_on"] == plan["ends_on"] < rows[1]["ends_on"]
    first = case.call("getPlanBaseline", plan_baseline_id=rows[0]["id"], **ref).json()
    assert {t["code"]: (t["start_on"], t["end_on"]) for t in first["tasks"]} == {c: (t["start_on"], t["end_on"]) for c, t in promised.items()}
    last, against_first = (case.call("comparePlan", params=p, **ref).json() for p in ({}, {"plan_baseline_id": rows[0]["id"]}))
    assert (last["number"], against_first["number"], last["variance_days"]) == (2, 1, 0)
    now = case.by_code(plan)
    by_code = {t["code"]: t for t in against_first["tasks"]}
    days = (datetime.date.fromisoformat(now["documents"]["end_on"]) - datetime.date.fromisoformat(promised["documents"]["end_on"])).days
    assert (by_code["documents"]["change"], by_code["documents"]["end_variance_days"], by_code["scope"]["change"]) == ("moved", days, "unchanged")
    assert (by_code["treatment"]["change"], by_code["treatment"]["end_on"]) == ("removed", None)
    assert [t["change"] for t in last["tasks"] if t["task_id"] == added["id"]] == ["added"]
    case.call("comparePlan", params={"plan_baseline_id": plan["id"]}, expect=404, **ref)
    case.call("getPlanBaseline", plan_baseline_id=plan["id"], expect=404, **ref)
    case.call("deleteBackPlan", expect=204, if_match="*", **ref)


# ---------------------------------------------------------------- earliest and latest days

def length(task):
    first, last = task["start_on"], task["end_on"]
    days = 0
    while first < last:
        first, days = business_day(first, 1), days + 1
    return days


def check_bounds(tasks):
    """The critical path method once more, by hand."""
    by_id = {t["id"]: t for t in tasks}
    early, late, end = {}, {}, max(t["end_on"] for t in tasks)

    def earliest(task):
        if task["id"] not in early:
            waits = [business_day(earliest(by_id[o])[1], 1) for o in task["depends_on"]]
            first = max(waits, default=task["start_on"])
            early[task["id"]] = (first, business_day(first, length(task)))
        return early[task["id"]]

    def latest(task):
        if task["id"] not in late:
            nexts = [business_day(latest(t)[0], -1) for t in tasks if task["id"] in t["depends_on"]]
            last = min(nexts, default=end)
            late[task["id"]] = (business_day(last, -length(task)), last)
        return late[task["id"]]

    for task in tasks:
        assert (task["earliest_start"], task["earliest_finish"]) == earliest(task), task["title_en"]
        assert (task["latest_start"], task["latest_finish"]) == latest(task), task["title_en"]
        assert business_day(task["end_on"], task["slack_days"]) == task["latest_finish"]
        assert business_day(task["earliest_start"], task["total_float_days"]) == task["latest_start"]
        assert task["critical"] == (task["slack_days"] == 0)


@pytest.mark.parametrize("variant", ["ia_before_stage1", "ia_between_stages"])
def test_tasks_have_their_earliest_and_latest_days(case, variant):
    plan = case.plan(variant=variant)
    check_bounds(case.tasks(plan))
    scope, stage1 = case.task(plan, "scope"), case.task(plan, "stage1")
    added = case.add(plan, start_on=business_day(scope["end_on"], 8), depends_on=[scope["id"]])
    case.change(plan, stage1, depends_on=stage1["depends_on"] + [added["id"]])
    case.slip(plan, case.task(plan, "documents"), days=3)
    check_bounds(case.tasks(plan))


def test_of_a_done_task_all_four_days_are_those_of_its_work(case):
    plan = case.plan(start_date="2025-02-03")
    task = case.change(plan, case.task(plan, "scope"), done_on="2025-02-12")
    assert [task[m] for m in ("earliest_start", "latest_start", "earliest_finish", "latest_finish")] == [task["start_on"]] * 2 + ["2025-02-12"] * 2
    assert case.task(plan, "asset_inventory")["earliest_start"] == "2025-02-13" and task["total_float_days"] == 0


# ---------------------------------------------------------------- tasks by hand

def test_a_task_is_placed_behind_what_it_waits_for_and_on_open_days(case):
    plan = case.plan()
    scope = case.task(plan, "scope")
    made = case.add(plan, start_on=scope["start_on"], depends_on=[scope["id"]])
    assert made["start_on"] == business_day(scope["end_on"], 1)
    weekend = case.add(plan, start_on="2025-09-06", end_on="2025-09-14")
    assert (weekend["start_on"], weekend["end_on"]) == ("2025-09-08", "2025-09-12")
    assert wrong(case.add(plan, expect=422, start_on="2025-09-10", end_on="2025-09-09")) == {("/end_on", "before_start")}


def test_dependencies_that_go_round_are_refused(case):
    plan = case.plan()
    scope, stage1 = case.task(plan, "scope"), case.task(plan, "stage1")
    assert wrong(case.change(plan, scope, expect=422, depends_on=[stage1["id"]])) == {("/depends_on", "circular")}
    assert wrong(case.change(plan, scope, expect=422, depends_on=[scope["id"], "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff"])) == {
        ("/depends_on/0", "self_reference"), ("/depends_on/1", "not_found_reference")}
    assert case.task(plan, "scope") == scope


def test_who_waited_for_a_deleted_task_waits_for_what_it_waited_for(case):
    plan = case.plan()
    tasks = case.by_code(plan)
    case.call("deletePlanTask", expect=204, back_plan_id=plan["id"], plan_task_id=tasks["treatment"]["id"], if_match="*")
    assert case.task(plan, "documents")["depends_on"] == [tasks["risk_assessment"]["id"]]


def test_a_task_with_an_owner_falls_due_and_is_in_the_list_of_tasks(case):
    plan = case.plan()
    person = case.call("createPerson", {"name": "鈴木 一郎"}, expect=201).json()["id"]
    task = case.change(plan, case.task(plan, "scope"), owner_person_id=person)
    due = {d["kind"]: d for d in case.owner.pages(f"/v1/clients/{case.client}/deadlines")}["plan_task"]
    assert (due["due_on"], due["status"]) == (task["end_on"], "open") and due["why"]["rules"]
    rows = case.owner.pages("/v1/tasks", params={"client_id": case.client, "source": "back_plan", "owner_person_id": person})
    assert [(t["id"], t["due_on"], t["status"]) for t in rows] == [(task["id"], task["end_on"], "open")]
    case.slip(plan, task, days=5)
    moved = {d["kind"]: d for d in case.owner.pages(f"/v1/clients/{case.client}/deadlines")}["plan_task"]
    assert moved["id"] == due["id"] and moved["moved_from"] == due["due_on"]
    case.call("deleteBackPlan", expect=204, back_plan_id=plan["id"], if_match="*")
    assert {d["status"] for d in case.owner.pages(f"/v1/clients/{case.client}/deadlines")} == {"withdrawn"}


def test_a_stale_change_of_a_task_is_refused(case):
    plan = case.plan()
    scope = case.task(plan, "scope")
    case.change(plan, scope, note="1", if_match='"v1"')
    case.change(plan, scope, expect=412, note="2", if_match='"v1"')


def test_lists_are_filtered_by_what_matters(case):
    plan = case.plan(start_date="2025-02-03")
    tasks = case.tasks(plan)
    assert {t["id"] for t in case.tasks(plan, critical="true")} == {t["id"] for t in tasks if t["critical"]}
    assert {t["code"] for t in case.tasks(plan, overdue="true")} == {t["code"] for t in tasks if t["end_on"] < "2025-03-03"} != set()


# ---------------------------------------------------------------- templates

def template(owner, name, expect=201, **members):
    return owner.call("createPlanTemplate", {"name": name} | members, expect=expect).json()


OWN = {"code": "supplier_survey", "title_ja": "委託先の調査", "title_en": "Survey of the suppliers", "duration_days": 10, "depends_on": ["scope"],
       "needed_by": "treatment", "owner_role": "総務"}


def test_a_template_brings_durations_variant_and_own_tasks(case):
    made = template(case.owner, "短縮版", variant="ia_between_stages", durations={"documents_days": 7}, tasks=[OWN])
    plan = case.plan(plan_template_id=made["id"])
    assert (plan["variant"], plan["durations"]["documents_days"]) == ("ia_between_stages", 7)
    own, treatment = case.task(plan, "supplier_survey"), case.task(plan, "treatment")
    assert own["end_on"] == business_day(treatment["start_on"], -1) and own["id"] in treatment["depends_on"] and own["owner_role"] == "総務"
    assert own["depends_on"] == [case.task(plan, "scope")["id"]]
    case.owner.call("deletePlanTemplate", plan_template_id=made["id"], if_match="*", expect=409)


def test_what_is_wrong_with_a_template_is_named(owner):
    circle = [OWN | {"code": "a", "depends_on": ["b"]}, OWN | {"code": "b", "depends_on": ["a"]}]
    assert wrong(template(owner, "x", expect=422, tasks=circle)) == {("/tasks/0/depends_on", "circular"), ("/tasks/1/depends_on", "circular")}
    assert wrong(template(owner, "x", expect=422, tasks=[OWN | {"code": "stage1", "needed_by": "nothing"}, OWN | {"depends_on": ["nobody"]}])) == {
        ("/tasks/0/code", "duplicate"), ("/tasks/0/needed_by", "not_found_reference"), ("/tasks/1/depends_on/0", "not_found_reference")}


def test_a_duration_set_to_null_goes_back_to_the_policies(owner):
    made = template(owner, "戻す", durations={"documents_days": 7, "ops_days": 10})
    row = owner.call("updatePlanTemplate", {"durations": {"ops_days": None}}, plan_template_id=made["id"], if_match="*", expect=200).json()
    assert row["durations"] == {"documents_days": 7}


def test_a_plan_becomes_a_template_with_its_own_tasks(case):
    plan = case.plan(durations={"documents_days": 9})
    scope = case.task(plan, "scope")
    case.add(plan, start_on="2025-09-12", end_on="2025-09-17", depends_on=[scope["id"]])  # 15 September is a holiday
    made = case.call("makeTemplateOfPlan", {"name": "計画から"}, expect=201, back_plan_id=plan["id"]).json()
    assert made["durations"]["documents_days"] == 9
    assert [(t["title_en"], t["duration_days"], t["depends_on"]) for t in made["tasks"]] == [("added", 3, ["scope"])]
    assert len(case.tasks(case.plan(plan_template_id=made["id"]))) == 15


# ---------------------------------------------------------------- templates without the steps

def own(code, days=5, **members):
    return {"code": code, "title_ja": f"{code}の作業", "title_en": f"Work {code}", "duration_days": days} | members


def test_a_template_can_replace_every_step(case):
    made = template(case.owner, "自社の手順", without_steps=STEPS, tasks=[
        own("prepare", 20), own("build", 40, depends_on=["prepare"]), own("survey", 10, depends_on=["prepare"], needed_by="operate"),
        own("operate", 30, depends_on=["build"]), own("certificate", 10, depends_on=["operate"]), own("celebrate", 2, depends_on=["certificate"])])
    plan = case.plan(plan_template_id=made["id"], target_date="2026-03-31")
    tasks = case.by_code(plan)
    assert list(tasks) == ["prepare", "build", "survey", "operate", "certificate", "celebrate"] and plan["made"]["feasible"] and plan["target_met"]
    assert tasks["certificate"]["end_on"] == "2026-03-31" and tasks["certificate"]["start_on"] == business_day("2026-03-31", -9)
    for task, last in (("operate", "certificate"), ("build", "operate"), ("survey", "operate"), ("prepare", "build")):
        assert tasks[task]["end_on"] == business_day(tasks[last]["start_on"], -1)
    assert tasks["celebrate"]["start_on"] == "2026-04-01" and [length(t) + 1 for t in tasks.values()] == [20, 40, 10, 30, 10, 2]
    check_order(list(tasks.values()))
    check_bounds(list(tasks.values()))
    start = case.plan(plan_template_id=made["id"], start_date="2025-04-01")
    assert start["begins_on"] == "2025-04-01" and start["made"]["feasible"]
    before = (datetime.date.fromisoformat(start["target_date"]) - datetime.timedelta(days=1)).isoformat()
    assert case.plan(plan_template_id=made["id"], target_date=before)["begins_on"] < "2025-04-01"


def test_one_step_is_replaced_and_its_neighbours_keep_to_it(case):
    made = template(case.owner, "置き換え", without_steps=["risk_assessment", "stage1_findings"], tasks=[own("risk_assessment", 7)])
    plan, usual = case.plan(plan_template_id=made["id"]), case.by_code(case.plan())
    tasks = case.by_code(plan)
    assert set(tasks) == set(STEPS) - {"stage1_findings"} and tasks["risk_assessment"]["title_en"] == "Work risk_assessment"
    assert tasks["risk_assessment"]["depends_on"] == [tasks["asset_inventory"]["id"]] and tasks["treatment"]["depends_on"] == [tasks["risk_assessment"]["id"]]
    assert tasks["stage2"]["depends_on"] == [tasks["stage1"]["id"]] and length(tasks["risk_assessment"]) == 6
    assert {c: length(t) for c, t in tasks.items() if c != "risk_assessment"} == {c: length(usual[c]) for c in tasks if c != "risk_assessment"}
    review, stage1 = (datetime.date.fromisoformat(tasks[c][m]) for c, m in (("management_review", "end_on"), ("stage1", "start_on")))
    assert (stage1 - review).days >= 7
    check_order(list(tasks.values()))
    again = case.call("makeTemplateOfPlan", {"name": "計画から"}, expect=201, back_plan_id=plan["id"]).json()
    assert set(again["without_steps"]) == {"risk_assessment", "stage1_findings"} and [t["code"] for t in again["tasks"]] == ["risk_assessment"]
    days = {c: (t["start_on"], t["end_on"]) for c, t in tasks.items()}
    assert {c: (t["start_on"], t["end_on"]) for c, t in case.by_code(case.plan(plan_template_id=again["id"])).items()} == days


def test_what_is_wrong_with_left_out_steps_is_named(owner):
    assert wrong(template(owner, "x", expect=422, without_steps=STEPS)) == {("/tasks", "required")}
    assert wrong(template(owner, "x", expect=422, without_steps=["scope"], tasks=[own("a", needed_by="scope"), own("stage1")])) == {
        ("/tasks/0/needed_by", "not_found_reference"), ("/tasks/1/code", "duplicate")}
    made = template(owner, "x", without_steps=["scope"], tasks=[own("scope")])
    change = {"expect": 422, "plan_template_id": made["id"], "if_match": "*"}
    assert wrong(owner.call("updatePlanTemplate", {"without_steps": []}, **change).json()) == {("/tasks/0/code", "duplicate")}


def test_a_circle_through_the_steps_is_refused(case):
    around = own("a", depends_on=["stage2"], needed_by="stage1")
    assert wrong(template(case.owner, "x", expect=422, tasks=[around])) == {("/tasks/0/depends_on", "circular")}
    between = own("a", depends_on=["stage1"], needed_by="internal_audit")
    made = template(case.owner, "x", tasks=[between])
    assert wrong(case.plan(expect=422, plan_template_id=made["id"])) == {("/plan_template_id", "circular")}
    assert case.task(case.plan(plan_template_id=made["id"], variant="ia_between_stages"), "a")["depends_on"]


def test_the_earliest_day_counts_the_template_s_own_tasks(case):
    made = template(case.owner, "長い調査", tasks=[own("survey", 120, needed_by="risk_assessment")])
    early = case.plan(plan_template_id=made["id"], target_date="2025-10-31")["made"]
    assert not early["feasible"]
    assert case.plan(plan_template_id=made["id"], target_date=early["earliest_certificate_on"])["made"]["feasible"]
    assert case.plan(plan_template_id=made["id"], start_date="2025-04-01")["made"]["feasible"]


def test_a_task_after_the_certificate_does_not_miss_the_target(case):
    made = template(case.owner, "取得後", tasks=[own("announce", 10, depends_on=["certificate"])])
    plan = case.plan(plan_template_id=made["id"])
    assert plan["made"]["feasible"] and plan["target_met"] and plan["ends_on"] > plan["target_date"]
    assert case.call("getPlanForecast", back_plan_id=plan["id"]).json()["target_met"]
