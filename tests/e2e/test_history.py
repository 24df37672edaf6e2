"""What changed between two instants, and questions made of what is written down."""
import pytest


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-01-10T09:00:00+09:00")


class Firm:
    def __init__(self, system):
        self.system = system
        system.set_clock("2025-01-10T09:00:00+09:00")
        self.owner = system.owner()
        self.email = self.owner.consultancy["email"]
        self.id = self.owner.call("createClient", {"name": "青葉精機"}, expect=201).json()["id"]

    def at(self, day):
        self.system.set_clock(f"{day}T09:00:00+09:00")
        self.owner = self.system.sign_in(self.email)

    def call(self, operation, body=None, expect=200, **rest):
        return self.owner.call(operation, body, client_id=self.id, expect=expect, **rest).json()

    def make(self, what, expect=201, **members):
        path = {k: members.pop(k) for k in list(members) if k in ("treatment_id", "objective_id", "management_review_id")}
        return self.call(f"create{what}", members, expect=expect, **path)

    def differences(self, start, end=None, **params):
        params |= {"from": f"{start}T23:59:00+09:00"} | ({"to": f"{end}T23:59:00+09:00"} if end else {})
        return list(self.owner.pages(f"/v1/clients/{self.id}/history", params=params))


@pytest.fixture
def firm(system):
    return Firm(system)


def test_added_removed_and_changed_things_are_told_with_each_member(firm):
    kept, gone = firm.make("Risk", title="盗難", impact=3, likelihood=3), firm.make("Risk", title="紛失", impact=2, likelihood=2)
    firm.at("2025-02-10")
    firm.call("updateRisk", {"likelihood": 1}, risk_id=kept["id"], if_match="*")
    firm.owner.call("deleteRisk", client_id=firm.id, risk_id=gone["id"], if_match="*", expect=204)
    new = firm.make("Asset", name="ノートPC")
    firm.at("2025-03-10")
    rows = {r["id"]: r for r in firm.differences("2025-01-10")}
    assert {r["entity"] + " " + r["change"] for r in rows.values()} == {"risk changed", "risk removed", "asset added"}
    changed = {c["member"]: (c["before"], c["after"]) for c in rows[kept["id"]]["changes"]}
    assert changed["likelihood"] == (3, 1) and changed["score"] == (6, 4) and "title" not in changed
    me = firm.owner.get("/v1/me").json()["id"]
    assert {r["actor_id"] for r in rows.values()} == {me} and rows[gone["id"]]["after"] is None and rows[new["id"]]["before"] is None
    assert [r["id"] for r in firm.differences("2025-01-10", entity="asset")] == [new["id"]]
    assert [r["id"] for r in firm.differences("2025-01-10", change="removed")] == [gone["id"]]


def test_between_two_instants_of_the_past_only_what_happened_between_counts(firm):
    risk = firm.make("Risk", title="盗難", impact=3, likelihood=3)
    for day, likelihood in (("2025-02-10", 4), ("2025-03-10", 5)):
        firm.at(day)
        firm.call("updateRisk", {"likelihood": likelihood}, risk_id=risk["id"], if_match="*")
    (row,) = firm.differences("2025-01-10", "2025-02-10")
    assert {c["member"]: c["after"] for c in row["changes"]}["likelihood"] == 4
    assert firm.differences("2025-02-10", "2025-03-09") == [] and len(firm.differences("2025-01-09")) == 1


def test_a_change_that_was_taken_back_is_none(firm):
    risk = firm.make("Risk", title="盗難", impact=3, likelihood=3)
    firm.at("2025-02-10")
    for likelihood in (5, 3):
        firm.call("updateRisk", {"likelihood": likelihood}, risk_id=risk["id"], if_match="*")
    assert firm.differences("2025-01-10") == []


def test_a_client_of_nobody_is_not_found(firm):
    firm.owner.get("/v1/clients/0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff/history", params={"from": "2025-01-01T00:00:00Z"}, expect=404)


# ---------------------------------------------------------------- interviews

def pack(firm, expect=200, **params):
    return firm.call("getInterviewPack", expect=expect, params=params)


def by_topic(found):
    topics = {}
    for question in found["questions"]:
        topics.setdefault(question["topic"], []).append(question)
    return topics


@pytest.fixture
def departments(firm):
    """Development with an asset, a risk, a plan, a rule and a finding; sales with an asset of its own."""
    firm.development, firm.sales = (firm.make("Department", name=n)["id"] for n in ("開発部", "営業部"))
    person = firm.make("Person", name="鈴木 一郎", department_id=firm.development)["id"]
    asset = firm.make("Asset", name="ソースコード", department_id=firm.development, confidentiality=3)["id"]
    firm.make("Asset", name="名刺", department_id=firm.sales)
    risk = firm.make("Risk", title="ソースコードの流出", impact=5, likelihood=3, asset_id=asset)["id"]
    rule = firm.make("Treatment", title="リポジトリの権限管理", text_ja="四半期ごとに棚卸しする。", state="implemented", controls=["8.4"],
                     department_id=firm.development)["id"]
    firm.make("TreatmentRisk", risk_id=risk, treatment_id=rule)
    firm.make("Treatment", title="多要素認証の導入", state="planned", owner_person_id=person, due_on="2025-04-30", department_id=firm.development)
    firm.make("CorrectiveAction", source_kind="internal_audit", grade="minor", title="退職者のアカウント", statement="残っていた",
              department_id=firm.development, cause="手順がない")
    return firm


def test_a_department_is_asked_about_its_own_things(departments):
    firm = departments
    found = pack(firm, department_id=firm.development)
    topics = by_topic(found)
    assert (found["audience"], found["department"]) == ("department", "開発部")
    assert "ソースコード" in topics["assets"][0]["answer_ja"] and "名刺" not in topics["assets"][0]["answer_ja"]
    assert "リポジトリの権限管理（実施済み）" in topics["risks"][0]["answer_ja"] and "(in force)" in topics["risks"][0]["answer_en"]
    assert topics["plans"][0]["answer_ja"] == "鈴木 一郎、2025-04-30" and topics["rules"][0]["answer_ja"] == "四半期ごとに棚卸しする。"
    assert "手順がない" in topics["findings"][0]["answer_ja"] and "leadership" not in topics
    assert all(q["question_ja"] and q["question_en"] and q["clause"] for q in found["questions"])
    assert {"risks", "plans", "findings"} & set(by_topic(pack(firm, department_id=firm.sales))) == set()


def test_top_management_is_asked_about_the_whole(departments):
    firm = departments
    firm.make("ContextIssue", kind="internal", topic="受託開発への依存")
    objective = firm.make("Objective", title="訓練の開封率", target=5, unit="%", starts_on="2025-01-01")["id"]
    firm.make("Measurement", objective_id=objective, measured_on="2025-01-09", value=8)
    topics = by_topic(pack(firm))
    assert len(topics["leadership"]) == 3 and topics["context"][0]["answer_ja"] == "受託開発への依存"
    assert topics["objectives"][0]["answer_en"] == "Target 5 %, last measured 8 % on 2025-01-09"


def test_a_risk_without_treatment_says_so(firm):
    firm.make("Risk", title="盗難", impact=3, likelihood=3)
    assert "No treatment" in by_topic(pack(firm))["risks"][0]["answer_en"]


def test_a_department_of_another_client_is_not_found(firm):
    pack(firm, expect=404, department_id="0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff")
