"""Corrective actions, incidents, objectives, competence, legal requirements and tasks."""
import pytest


@pytest.fixture(scope="module")
def office(start_system):
    system = start_system(clock="2025-02-14T09:00:00+09:00")
    owner = system.owner()
    owner.client_id = owner.call("createClient", {"name": "青葉精機", "code": "aoba"}, expect=201).json()["id"]
    owner.people = [owner.call("createPerson", {"name": n}, client_id=owner.client_id, expect=201).json()["id"] for n in ("佐藤 花子", "鈴木 一郎")]
    return owner


def make(office, what, body, expect=201, **path):
    return office.call(f"create{what}", body, client_id=office.client_id, expect=expect, **path).json()


def change(office, what, made, body, expect=200, **path):
    name = "".join("_" + c.lower() if c.isupper() else c for c in what).strip("_") + "_id"
    return office.call(f"update{what}", body, client_id=office.client_id, if_match="*", expect=expect, **{name: made["id"]}, **path).json()


def deadlines(office, made):
    rows = office.pages(f"/v1/clients/{office.client_id}/deadlines")
    return {r["kind"]: r for r in rows if made["id"] in (r["why"].get("inputs") or {}).values()}


def pointers(reply):
    return {(e["pointer"], e["code"]) for e in reply["errors"]}


ACTION = {"source_kind": "other", "title": "ログの保管期間"}


def test_a_corrective_action_is_worked_on_step_by_step(office):
    made = make(office, "CorrectiveAction", ACTION | {"owner_person_id": office.people[0]})
    assert made["state"] == "open" and made["number"].startswith("CA-")
    for patch, state in [({"cause": "設定の見直し漏れ"}, "analysed"), ({"action": "月次点検", "due_on": "2025-03-31"}, "planned"),
                         ({"done_on": "2025-02-10"}, "done"),
                         ({"verified_on": "2025-02-13", "verified_by_person_id": office.people[1], "effective": True}, "verified"),
                         ({"closed_on": "2025-02-14"}, "closed")]:
        assert change(office, "CorrectiveAction", made, patch)["state"] == state


@pytest.mark.parametrize("body, error", [
    ({"done_on": "2025-02-10", "cause": "x"}, ("/action", "required")),
    ({"done_on": "2025-02-10", "action": "x"}, ("/cause", "required")),
    ({"done_on": "2025-02-15", "cause": "x", "action": "x"}, ("/done_on", "in_future")),
    ({"source_kind": "external_audit"}, ("/finding_id", "required")),
    ({"source_kind": "incident"}, ("/incident_id", "required"))])
def test_what_a_corrective_action_lacks_is_named(office, body, error):
    assert error in pointers(make(office, "CorrectiveAction", ACTION | body, expect=422))


def test_nobody_verifies_his_own_corrective_action(office):
    made = make(office, "CorrectiveAction", ACTION | {"owner_person_id": office.people[0], "cause": "x", "action": "x", "done_on": "2025-02-10"})
    refused = change(office, "CorrectiveAction", made, {"verified_on": "2025-02-13", "verified_by_person_id": office.people[0], "effective": True}, expect=422)
    assert pointers(refused) == {("/verified_by_person_id", "not_independent")}


def test_a_rule_broken_by_what_the_patch_leaves_alone_still_names_a_member(office):
    made = make(office, "CorrectiveAction", ACTION | {"owner_person_id": office.people[0], "cause": "x", "action": "x", "done_on": "2025-02-10"})
    change(office, "CorrectiveAction", made, {"verified_on": "2025-02-11", "verified_by_person_id": office.people[1], "effective": True})
    assert pointers(change(office, "CorrectiveAction", made, {"done_on": "2025-02-12"}, expect=422)) == {("/verified_on", "before_start")}


def test_an_ineffective_action_is_not_closed(office):
    made = make(office, "CorrectiveAction", ACTION | {"cause": "x", "action": "x", "done_on": "2025-02-10"})
    change(office, "CorrectiveAction", made, {"verified_on": "2025-02-11", "verified_by_person_id": office.people[1], "effective": False})
    assert ("/effective", "not_allowed_here") in pointers(change(office, "CorrectiveAction", made, {"closed_on": "2025-02-12"}, expect=422))


def test_a_corrective_action_done_fulfils_its_deadline(office):
    made = make(office, "CorrectiveAction", ACTION | {"due_on": "2025-03-31", "cause": "x", "action": "x"})
    assert deadlines(office, made)["corrective_action"]["status"] == "open"
    change(office, "CorrectiveAction", made, {"done_on": "2025-02-12"})
    found = deadlines(office, made)["corrective_action"]
    assert (found["status"], found["fulfilled_on"]) == ("fulfilled", "2025-02-12")


@pytest.mark.parametrize("category, final", [("sensitive", "2025-03-13"), ("wrongful_act", "2025-04-11")])
def test_a_leak_of_personal_data_owes_two_reports(office, category, final):
    made = make(office, "Incident", {"title": "誤送信", "detected_at": "2025-02-10T20:00:00Z", "personal_data_breach": True, "appi_category": category})
    found = deadlines(office, made)  # became aware on 11 February in Tokyo, a holiday
    assert (found["appi_preliminary_report"]["raw_on"], found["appi_preliminary_report"]["due_on"]) == ("2025-02-16", "2025-02-14")
    assert (found["appi_final_report"]["due_on"], found["appi_final_report"]["hardness"]) == (final, "law")


def test_an_incident_without_personal_data_owes_no_report(office):
    assert deadlines(office, make(office, "Incident", {"title": "停電", "detected_at": "2025-02-10T20:00:00Z"})) == {}


def test_an_incident_did_not_happen_in_the_future(office):
    body = {"title": "紛失", "occurred_at": "2025-02-15T00:00:00Z", "detected_at": "2025-02-16T00:00:00Z"}
    assert pointers(make(office, "Incident", body, expect=422)) == {("/occurred_at", "in_future"), ("/detected_at", "in_future")}
    make(office, "Incident", body | {"occurred_at": "2025-02-13T23:00:00Z", "detected_at": "2025-02-14T08:59:59+09:00"})


def test_an_incidents_timeline_is_kept_with_it_only(office):
    first, second = (make(office, "Incident", {"title": t, "detected_at": "2025-02-10T09:00:00Z"}) for t in ("a", "b"))
    make(office, "IncidentEntry", {"at": "2025-02-10T09:05:00Z", "text": "届け出た"}, incident_id=first["id"])
    rows = [len(office.call("listIncidentEntries", client_id=office.client_id, incident_id=i["id"], expect=200).json()["data"]) for i in (first, second)]
    then = [len(office.call("listIncidentEntries", client_id=office.client_id, incident_id=i["id"], params={"as_of": "2025-02-14T00:00:01Z"},
                            expect=200).json()["data"]) for i in (first, second)]
    assert rows == then == [1, 0]


def test_the_next_measurement_of_an_objective_falls_due_after_the_last(office):
    made = make(office, "Objective", {"title": "開封率", "target": 5, "direction": "at_most", "frequency_months": 6, "starts_on": "2024-10-01"})
    assert deadlines(office, made)["objective_measurement"]["raw_on"] == "2025-04-01"
    make(office, "Measurement", {"measured_on": "2025-01-31", "value": 8.4}, objective_id=made["id"])
    assert deadlines(office, made)["objective_measurement"]["raw_on"] == "2025-07-31"


def test_a_proof_of_competence_ends_as_the_competence_says_and_a_newer_one_takes_over(office):
    competence = make(office, "Competence", {"role": "内部監査員", "title": "研修", "valid_months": 36})
    old = make(office, "CompetenceRecord", {"person_id": office.people[0], "competence_id": competence["id"], "acquired_on": "2023-06-14"})
    assert old["expires_on"] == "2026-06-13" and deadlines(office, old)["competence_expiry"]["due_on"] == "2026-06-12"
    new = make(office, "CompetenceRecord", {"person_id": office.people[0], "competence_id": competence["id"], "acquired_on": "2025-02-01"})
    assert (deadlines(office, old)["competence_expiry"]["status"], deadlines(office, new)["competence_expiry"]["status"]) == ("withdrawn", "open")


def test_a_training_held_without_a_day_was_held_today(office):
    made = make(office, "Training", {"title": "全社研修", "due_on": "2025-06-30"})
    assert change(office, "Training", made, {"status": "held"})["held_on"] == "2025-02-14"
    assert deadlines(office, made)["training"]["status"] == "fulfilled"


def test_a_person_takes_part_once(office):
    made = make(office, "Training", {"title": "訓練"})
    make(office, "Attendance", {"person_id": office.people[0]}, training_id=made["id"])
    refused = make(office, "Attendance", {"person_id": office.people[0]}, training_id=made["id"], expect=409)
    assert ("/person_id", "duplicate") in pointers(refused)


def test_the_review_of_a_law_moves_with_its_last_review(office):
    made = make(office, "LegalRequirement", {"title": "個人情報保護法", "reviewed_on": "2025-01-15"})
    assert deadlines(office, made)["legal_review"]["raw_on"] == "2026-01-15"
    change(office, "LegalRequirement", made, {"reviewed_on": "2025-02-14"})
    assert deadlines(office, made)["legal_review"]["raw_on"] == "2026-02-14"


def test_one_list_holds_everything_that_is_to_be_done(office):
    mine = {"owner_person_id": office.people[1]}
    task = make(office, "Task", {"title": "一覧の更新", "due_on": "2025-02-10"} | mine)
    action = make(office, "CorrectiveAction", ACTION | mine | {"due_on": "2025-03-01"})
    rows = office.call("listTasks", params={"client_id": office.client_id, "status": "open"} | mine, expect=200).json()["data"]
    assert [(r["id"], r["source"], r["overdue"], r["days_left"]) for r in rows if r["due_on"]] == [
        (task["id"], "task", True, -4), (action["id"], "corrective_action", False, 15)]
    assert office.get(rows[0]["href"], expect=200).json()["id"] == task["id"]


def test_a_task_done_leaves_the_open_list(office):
    task = make(office, "Task", {"title": "棚卸し"})
    assert change(office, "Task", task, {"status": "done", "done_note": "完了"})["done_on"] == "2025-02-14"
    rows = office.pages("/v1/tasks", params={"status": "open"})
    assert task["id"] not in {r["id"] for r in rows}
