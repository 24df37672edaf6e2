"""Baseline packs: shipped, published in versions, applied with links kept, compared and taken again; copies from client to client."""
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from test_risks import colleague


@pytest.fixture(scope="module")
def owner(start_system):
    system = start_system(clock="2025-03-03T09:00:00+09:00")
    owner = system.owner()
    owner.system = system
    return owner


class Firm:
    def __init__(self, owner, **members):
        self.owner = owner
        self.id = owner.call("createClient", {"name": "青葉精機"} | members, expect=201).json()["id"]
        self.person = self.make("Person", name="鈴木 一郎")["id"]

    def call(self, operation, body=None, expect=200, **rest):
        return self.owner.call(operation, body, client_id=self.id, expect=expect, **rest).json()

    def make(self, what, expect=201, **members):
        return self.call(f"create{what}", members, expect=expect)

    def change(self, what, name, id, **members):
        return self.call(f"update{what}", members, **{name: id}, if_match="*")

    def pages(self, register, **params):
        return list(self.owner.pages(f"/v1/clients/{self.id}/{register}", params={"limit": 200} | params))

    def apply(self, pack, expect=200, **rest):
        return self.call("applyPack", {"pack_id": pack["id"], "owner_person_id": self.person, "due_on": "2025-09-30"} | rest, expect=expect)

    def difference(self, pack, **params):
        found = self.call("getPackDifference", pack_id=pack["id"], params=params)
        return {i["key"]: i for i in found["items"]} | {None: found}

    def take(self, pack, *items, expect=200):
        body = {"items": [i if isinstance(i, dict) else {"key": i} for i in items], "owner_person_id": self.person, "due_on": "2025-09-30"}
        return {i["key"]: i for i in self.call("takePackItems", body, expect=expect, pack_id=pack["id"])["items"]}


@pytest.fixture
def firm(owner):
    return Firm(owner)


def pack(owner, expect=201, **members):
    return owner.call("createPack", members, expect=expect).json()


def publish(owner, made, *items, expect=200):
    return owner.call("publishPackVersion", {"items": list(items)}, pack_id=made["id"], expect=expect).json()


def asset(key, **content):
    return {"key": key, "kind": "asset", "content": {"name": key} | content}


def risk(key, of=None, **content):
    return {"key": key, "kind": "risk", "content": {"title": key, "impact": 4, "likelihood": 3} | content} | ({"asset": of} if of else {})


def rule(key, *risks, **content):
    return {"key": key, "kind": "treatment", "content": {"title": key, "text_ja": "守る。", "controls": ["8.1"]} | content, "risks": list(risks)}


def wrong(problem):
    return {(e["pointer"], e["code"]) for e in problem["errors"]}


# ---------------------------------------------------------------- packs

@pytest.mark.parametrize("code, least", [("software-30", {"asset": 40, "risk": 80, "treatment": 55, "task": 10, "legal_requirement": 4}),
                                         ("office-10", {"asset": 25, "risk": 45, "treatment": 35, "task": 9, "legal_requirement": 4})])
def test_two_packs_ship_ready_in_both_languages(owner, code, least):
    made = pack(owner, code=code)
    assert {kind: made["counts"][kind] >= n for kind, n in least.items()} == dict.fromkeys(least, True)
    items = owner.call("getPackVersion", pack_id=made["id"], pack_no=1, expect=200).json()["items"]
    assert all(i["kind"] in ("treatment", "asset", "risk", "checklist_question") or (i["ja"] and i["en"]) for i in items)
    treated = {key for i in items if i["kind"] == "treatment" for key in i["risks"]}
    assert {i["key"] for i in items if i["kind"] == "risk"} == treated


@pytest.mark.parametrize("code, sizes", [("software-30", (15, 50)), ("office-10", (3, 20))])
def test_a_shipped_pack_says_for_which_size_it_is(owner, code, sizes):
    made = pack(owner, code=code)
    assert (made["size_from"], made["size_to"]) == sizes


@pytest.mark.parametrize("locale, name", [("ja", "開発者のノートPC"), ("en", "Developers' laptops")])
def test_a_shipped_pack_fills_a_new_client_in_one_call(owner, locale, name):
    made = pack(owner, code="software-30")
    firm = Firm(owner, locale=locale)
    report = firm.apply(made)
    assert report["copied"] == made["counts"] and report["skipped"] == {}
    assets, risks, rules = firm.pages("assets"), firm.pages("risks"), firm.pages("treatments")
    assert name in {a["name"] for a in assets} and len({a["number"] for a in assets}) == len(assets) == made["counts"]["asset"]
    assert {r["asset_id"] for r in risks} <= {a["id"] for a in assets} and {r["origin"] for r in risks} == {"pack"} and all(r["score"] for r in risks)
    assert {t["state"] for t in rules} == {"planned"} and {t["owner_person_id"] for t in rules} == {firm.person}
    linked = {k["risk_id"] for t in rules for k in firm.pages(f"treatments/{t['id']}/risks")}
    assert linked == {r["id"] for r in risks}
    kinds = {d["kind"] for d in firm.pages("deadlines", status="open")}
    assert {"treatment", "task", "training", "legal_review", "objective_measurement"} <= kinds
    assert firm.call("getRiskCoverage")["percent"] >= 90


def test_applied_again_nothing_comes_twice(owner, firm):
    made = pack(owner, name="小さなパック", items=[asset("a"), risk("r", "a"), rule("t", "r")])
    firm.apply(made, kinds=["asset"])
    report = firm.apply(made)
    assert (report["skipped"], report["copied"]) == ({"asset": 1}, {"risk": 1, "treatment": 1})
    assert firm.pages("risks")[0]["asset_id"] == firm.pages("assets")[0]["id"]


def test_planned_rules_need_somebody_and_a_day(owner, firm):
    made = pack(owner, name="x", items=[rule("t")])
    problem = firm.apply(made, expect=422, owner_person_id=None, due_on=None)
    assert wrong(problem) == {("/owner_person_id", "required"), ("/due_on", "required")} and firm.pages("treatments") == []
    done = pack(owner, name="y", items=[rule("t", state="implemented")])
    firm.apply(done, owner_person_id=None, due_on=None)
    assert [t["state"] for t in firm.pages("treatments")] == ["implemented"]


def test_ratings_fit_the_clients_scale(owner, firm):
    firm.call("updateRiskCriteria", {"impact_max": 3, "likelihood_max": 3, "threshold": 4}, if_match="*")
    firm.apply(pack(owner, name="x", items=[risk("r", impact=5, likelihood=4)]))
    (made,) = firm.pages("risks")
    assert (made["impact"], made["likelihood"], made["score"]) == (3, 3, 6)


def test_everything_wrong_with_items_is_named(owner):
    items = [asset("a", colour="red"), asset("a"), {"key": "n", "kind": "task"}, risk("r", "nothing"), rule("t", "r", "a")]
    assert wrong(pack(owner, expect=422, name="x", items=items)) == {
        ("/items/0/content/colour", "unknown_member"), ("/items/1/key", "duplicate"), ("/items/2/content/title", "required"),
        ("/items/3/asset", "not_found_reference"), ("/items/4/risks/1", "not_found_reference")}
    assert wrong(pack(owner, expect=422, code="nothing")) == {("/code", "not_found_reference")}


@pytest.mark.parametrize("kind, content, member, code", [
    ("asset", {"name": "x", "quantity": "many"}, "quantity", "wrong_type"), ("asset", {"name": "x", "confidentiality": 9}, "confidentiality", "too_large"),
    ("asset", {"name": "x", "note": {"a": 1}}, "note", "wrong_type"), ("asset", {"name": "x" * 201}, "name", "too_long"),
    ("asset", {"name": 3}, "name", "wrong_type"), ("risk", {"title": "x", "impact": 0, "likelihood": 1}, "impact", "too_small"),
    ("risk", {"title": "x", "impact": 2}, "likelihood", "required"), ("risk", {"title": "x", "likelihood": 1, "affects": ["beauty"]}, "affects/0", "not_in_list"),
    ("treatment", {"title": "x", "option": "ignore"}, "option", "not_in_list"), ("objective", {"title": "x"}, "target", "required"),
    ("context_issue", {"topic": "x"}, "kind", "required"), ("interested_party", {"name": "x", "kind": "law"}, "kind", "not_in_list"),
    ("training", {"title": "x", "": 1}, "", "unknown_member"), ("task", {"title": "x", "title,description": 1}, "title,description", "unknown_member")])
def test_values_that_the_register_would_refuse_are_refused_in_a_pack(owner, kind, content, member, code):
    problem = pack(owner, expect=422, name="x", items=[{"key": "k", "kind": kind, "content": content}])
    assert wrong(problem) == {(f"/items/0/content/{member}", code)}


def test_a_wrong_value_is_named_in_the_language_it_stands_in(owner):
    item = {"key": "k", "kind": "asset", "content": {"quantity": -1}, "ja": {"name": "端末", "location": ""}, "en": {"name": "Device", "note": 1}}
    assert wrong(pack(owner, expect=422, name="x", items=[item])) == {
        ("/items/0/content/quantity", "too_small"), ("/items/0/ja/location", "too_short"), ("/items/0/en/note", "wrong_type")}


def test_members_that_are_null_in_a_pack_are_left_to_the_register(owner, firm):
    firm.apply(pack(owner, name="x", items=[asset("a", quantity=None, location=None)]))
    assert [(a["quantity"], a["location"]) for a in firm.pages("assets")] == [(1, None)]


def test_a_pack_of_nobody_is_a_wrong_field(owner, firm):
    assert wrong(firm.apply({"id": str(uuid.uuid4())}, expect=422)) == {("/pack_id", "not_found_reference")}


def test_client_users_do_not_see_packs(owner, firm):
    user = colleague(owner.system, owner, "client_admin", client_id=firm.id)
    user.get("/v1/packs", expect=403)


# ---------------------------------------------------------------- newer versions

def test_a_newer_version_shows_what_is_new_changed_and_removed(owner, firm):
    made = pack(owner, name="x", items=[asset("same"), asset("changed", quantity=1), asset("gone")])
    firm.apply(made)
    assert firm.difference(made)[None]["items"] == []
    publish(owner, made, asset("same"), asset("changed", quantity=5), asset("new"))
    found = firm.difference(made)
    assert {k: v["state"] for k, v in found.items() if k} == {"changed": "changed", "new": "new", "gone": "removed"}
    assert (found[None]["no"], found[None]["taken_no"]) == (2, 1)
    (member,) = found["changed"]["members"]
    assert (member["member"], member["base"], member["pack"], member["mine"], member["mine_changed"]) == ("quantity", 1, 5, 1, False)


def test_what_the_client_changed_stays_unless_it_is_overwritten(owner, firm):
    made = pack(owner, name="x", items=[asset("a", quantity=1, location="本社")])
    firm.apply(made)
    (mine,) = firm.pages("assets")
    firm.change("Asset", "asset_id", mine["id"], quantity=3, note="自社のメモ")
    publish(owner, made, asset("a", quantity=9, location="大阪"))
    line = firm.take(made, "a")["a"]
    (mine,) = firm.pages("assets")
    assert (line["result"], line["kept"]) == ("changed", ["quantity"]) and (mine["quantity"], mine["location"], mine["note"]) == (3, "大阪", "自社のメモ")
    assert firm.difference(made)[None]["items"] == []
    publish(owner, made, asset("a", quantity=10, location="大阪"))
    firm.take(made, {"key": "a", "overwrite": True})
    assert firm.pages("assets")[0]["quantity"] == 10


def test_new_items_are_taken_with_their_links(owner, firm):
    made = pack(owner, name="x", items=[asset("a")])
    firm.apply(made)
    publish(owner, made, asset("a"), risk("r", "a"), rule("t", "r"))
    assert {k: v["result"] for k, v in firm.take(made, "r", "t").items()} == {"r": "copied", "t": "copied"}
    (made_risk,), (made_rule,) = firm.pages("risks"), firm.pages("treatments")
    assert made_risk["asset_id"] == firm.pages("assets")[0]["id"]
    assert [k["risk_id"] for k in firm.pages(f"treatments/{made_rule['id']}/risks")] == [made_risk["id"]]


def test_a_changed_rating_is_scored_and_a_changed_rule_wants_its_approval(owner, firm):
    made = pack(owner, name="x", items=[risk("r", impact=2, likelihood=2), rule("t", "r", state="implemented")])
    firm.apply(made)
    (own_rule,) = firm.pages("treatments")
    other = colleague(owner.system, owner, "admin")
    other.call("approveTreatment", client_id=firm.id, treatment_id=own_rule["id"], expect=200)
    publish(owner, made, risk("r", impact=5, likelihood=2), rule("t", "r", state="implemented", text_ja="必ず守る。"))
    firm.take(made, "r", "t")
    (own_risk,), (own_rule,) = firm.pages("risks"), firm.pages("treatments")
    assert (own_risk["score"], own_rule["text_ja"], own_rule["approved"], own_rule["revision"]) == (7, "必ず守る。", False, 2)


def test_what_a_client_deleted_is_told_and_not_brought_back(owner, firm):
    made = pack(owner, name="x", items=[asset("a")])
    firm.apply(made)
    owner.call("deleteAsset", client_id=firm.id, asset_id=firm.pages("assets")[0]["id"], if_match="*", expect=204)
    assert firm.difference(made)["a"]["state"] == "deleted_here"
    assert firm.take(made, "a")["a"]["result"] == "unchanged" and firm.pages("assets") == []
    assert wrong(firm.call("takePackItems", {"items": [{"key": "nobody"}]}, expect=422, pack_id=made["id"])) == {("/items/0/key", "not_found_reference")}


# ---------------------------------------------------------------- checklists

def question(key, code=None, **content):
    return {"key": key, "kind": "checklist_question",
            "content": {"question_ja": f"{key}は。", "question_en": f"What of {key}?"} | ({"code": code} if code else {}) | content}


def asked(firm, **members):
    """Own questions of a checklist that is made of an audit with these members."""
    plan = firm.make("AuditProgramme", year=2025, title="内部監査計画", is_first_year=False)["id"]
    audit = firm.make("InternalAudit", audit_programme_id=plan, title="開発部", first_day="2025-06-02", last_day="2025-06-02", departments=[],
                      **members)["id"]
    firm.call("generateChecklist", internal_audit_id=audit)
    firm.call("generateChecklist", internal_audit_id=audit)
    return [(q["code"], q["question_en"]) for q in firm.pages(f"internal-audits/{audit}/checklist") if q["position"] > 60000]


def test_questions_of_a_pack_are_asked_by_the_audits_that_cover_their_code(owner, firm):
    firm.apply(pack(owner, name="x", items=[question("a", "8.24"), question("b", "5.1"), question("c")]))
    assert asked(firm, criteria=["8.24"]) == [("8.24", "What of a?"), (None, "What of c?")]


@pytest.mark.parametrize("code", ["software-30", "office-10"])
def test_shipped_packs_bring_audit_questions_about_controls_that_exist(owner, firm, code):
    report = firm.apply(pack(owner, code=code), kinds=["checklist_question"])
    codes = {r["code"] for r in firm.pages("requirements")}
    questions = firm.pages("checklist-questions")
    assert report["copied"] == {"checklist_question": len(questions)} and len(questions) >= 8 and {q["code"] for q in questions} <= codes
    assert len(asked(firm, criteria=[])) == len(questions)


def test_a_better_question_is_taken_and_an_own_one_stays(owner, firm):
    made = pack(owner, name="x", items=[question("a"), question("b")])
    firm.apply(made)
    own = {q["question_ja"]: q["id"] for q in firm.pages("checklist-questions")}
    firm.change("ChecklistQuestion", "checklist_question_id", own["bは。"], question_en="Mine?")
    publish(owner, made, question("a", question_en="Better?"), question("b", question_en="Better?"))
    assert firm.difference(made)["a"]["label"] == "aは。"
    firm.take(made, "a", "b")
    assert {q["question_ja"]: q["question_en"] for q in firm.pages("checklist-questions")} == {"aは。": "Better?", "bは。": "Mine?"}


def test_a_question_in_one_language_only_is_asked_in_both(owner, firm):
    firm.apply(pack(owner, name="x", items=[{"key": "q", "kind": "checklist_question", "content": {"question_ja": "鍵は。"}}]))
    assert [(q["question_ja"], q["question_en"]) for q in firm.pages("checklist-questions")] == [("鍵は。", "鍵は。")]


# ---------------------------------------------------------------- from clients

@pytest.fixture
def grown(owner):
    """A client with an asset, its risk and the rule that answers it, and an objective."""
    firm = Firm(owner)
    asset_id = firm.make("Asset", name="サーバー", confidentiality=3)["id"]
    risk_id = firm.make("Risk", title="停止", impact=4, likelihood=2, asset_id=asset_id)["id"]
    rule_id = firm.make("Treatment", title="冗長化", text_ja="二重にする。", state="implemented", controls=["8.14"])["id"]
    owner.call("createTreatmentRisk", {"risk_id": risk_id}, client_id=firm.id, treatment_id=rule_id, expect=201)
    firm.make("Objective", title="稼働率", target=99, unit="%", starts_on="2025-01-01")
    return firm


def test_a_client_becomes_a_pack_for_others(owner, firm, grown):
    made = grown.call("makePackOfClient", {"name": "標準2026"}, expect=201)
    assert made["counts"] == {"asset": 1, "risk": 1, "treatment": 1, "objective": 1}
    firm.apply(made)
    (copied_risk,), (copied_rule,) = firm.pages("risks"), firm.pages("treatments")
    assert copied_risk["asset_id"] == firm.pages("assets")[0]["id"] != grown.pages("assets")[0]["id"]
    assert [k["risk_id"] for k in firm.pages(f"treatments/{copied_rule['id']}/risks")] == [copied_risk["id"]]


def test_copied_again_nothing_comes_twice_and_what_comes_later_is_linked(firm, grown):
    firm.call("copyClient", {"from_client_id": grown.id, "kinds": ["asset"]})
    report = firm.call("copyClient", {"from_client_id": grown.id})
    (copied_asset,), (copied_risk,) = firm.pages("assets"), firm.pages("risks")
    assert (report["skipped"], report["copied"]) == ({"asset": 1}, {"risk": 1, "treatment": 1, "objective": 1})
    assert {i["id"] for i in report["items"] if i["result"] == "skipped"} == {copied_asset["id"]} == {copied_risk["asset_id"]}


def test_copies_at_the_same_time_bring_nothing_twice(firm, grown):
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: firm.call("copyClient", {"from_client_id": grown.id}), range(4)))
    assert len([r for r in reports if r["copied"]]) == 1 and len(firm.pages("assets")) == 1


def test_the_history_tells_of_audit_questions_by_their_text(firm, grown):
    made = grown.make("ChecklistQuestion", question_ja="鍵は。", question_en="Keys?")
    found = grown.pages("history", entity="checklist_question", **{"from": "2025-03-01T00:00:00Z"})
    assert [(h["id"], h["label"], h["change"]) for h in found] == [(made["id"], "鍵は。", "added")]


def test_what_was_deleted_after_a_copy_is_copied_anew(owner, firm, grown):
    firm.call("copyClient", {"from_client_id": grown.id, "kinds": ["asset"]})
    owner.call("deleteAsset", client_id=firm.id, asset_id=firm.pages("assets")[0]["id"], if_match="*", expect=204)
    assert firm.call("copyClient", {"from_client_id": grown.id, "kinds": ["asset"]})["copied"] == {"asset": 1}
    assert firm.call("copyClient", {"from_client_id": grown.id, "kinds": ["asset"]})["skipped"] == {"asset": 1} and len(firm.pages("assets")) == 1


def test_audit_questions_are_copied_too(firm, grown):
    grown.make("ChecklistQuestion", code="8.24", question_ja="暗号化の証拠は。", question_en="What shows the encryption?")
    assert firm.call("copyClient", {"from_client_id": grown.id, "kinds": ["checklist_question"]})["copied"] == {"checklist_question": 1}
    assert [(q["code"], q["question_ja"]) for q in firm.pages("checklist-questions")] == [("8.24", "暗号化の証拠は。")]


def test_any_part_of_a_client_is_copied_to_another(owner, firm, grown):
    report = firm.call("copyClient", {"from_client_id": grown.id, "kinds": ["asset", "risk"]})
    assert report["copied"] == {"asset": 1, "risk": 1} and firm.pages("treatments") == [] and firm.pages("risks")[0]["origin"] == "copy"
    assert wrong(firm.call("copyClient", {"from_client_id": firm.id}, expect=422)) == {("/from_client_id", "self_reference")}


def test_a_client_that_the_caller_does_not_see_is_not_copied_from(owner, firm, grown):
    consultant = colleague(owner.system, owner, "consultant")
    me = consultant.get("/v1/me").json()["id"]
    owner.call("createAssignment", {"member_id": me, "client_id": firm.id}, expect=201)
    problem = consultant.call("copyClient", {"from_client_id": grown.id}, client_id=firm.id, expect=422).json()
    assert wrong(problem) == {("/from_client_id", "not_found_reference")}
