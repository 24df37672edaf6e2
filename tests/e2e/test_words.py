"""Words and reasons: the glossary, a name for every listed value in both languages, and a why for every derived date."""
import re
import sys

import pytest

from meguri_test.paths import ROOT
from test_certifications import Case
from test_gates import audit, change_audit, finding

sys.path.insert(0, str(ROOT / "deploy/build"))
from contract import METHODS, load  # noqa: E402


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-06-02T09:00:00+09:00")


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


# ---------------------------------------------------------------- glossary

def terms(owner, **params):
    return owner.get("/v1/glossary", params=params, expect=200).json()["data"]


def test_the_glossary_has_all_terms_in_both_languages(owner):
    found = terms(owner)
    assert len(found) == 133 and len({t["ja"] for t in found}) == 133
    assert all(t["ja"].strip() and re.search("[A-Za-z]", t["en"]) for t in found)


@pytest.mark.parametrize("asked, kind", [
    ("維持審査", "surveillance"), ("継続審査", "surveillance"), ("定期審査", "surveillance"), ("年次審査", "surveillance"),
    ("更新審査", "recertification"), ("一次審査", "stage1"), ("ステージ1", "stage1"), ("ＳＴ１", "stage1"), ("st1", "stage1"),
    ("文書審査", "stage1"), ("二次審査", "stage2"), ("実地審査", "stage2"), ("本審査", "stage2"), ("範囲拡大審査", "change"),
    ("確認審査", "follow_up"), ("再審査", "follow_up"), ("登録移転", "transfer"), ("臨時審査", "short_notice"), ("移行審査", "transition")])
def test_an_audit_is_found_by_its_other_names(owner, asked, kind):
    assert kind in {t["audit_kind"] for t in terms(owner, q=asked)}


def test_english_words_are_found_in_any_case(owner):
    assert {"不適合", "重大な不適合", "軽微な不適合"} == {t["ja"] for t in terms(owner, q="NONCONFORMITY")}


def test_a_word_that_is_none_finds_nothing(owner):
    assert terms(owner, q="存在しない語") == []


def test_relocation_and_transfer_are_never_one_word(owner):
    assert {t["en"] for t in terms(owner, q="移転")} >= {"office or site relocation", "transfer of certification"}
    assert "移転" not in {t["ja"] for t in terms(owner)}


# ---------------------------------------------------------------- labels

def labels(owner, **params):
    return {s["set"]: {v["value"]: v for v in s["values"]} for s in owner.get("/v1/labels", params=params, expect=200).json()["data"]}


def listed_values():
    """Every list of values in what scheduling takes and answers, but for calculations, orders and currencies: values -> places."""
    document, found = load(str(ROOT / "openapi.yaml")), {}

    def walk(node, place, seen):
        for child in node if isinstance(node, list) else ():
            walk(child, place, seen)
        if not isinstance(node, dict):
            return
        if "$ref" in node:
            here = document
            for part in node["$ref"][2:].split("/"):
                here = here[part]
            if node["$ref"] not in seen and not node["$ref"].endswith("/Currency"):
                walk(here, node["$ref"].split("/")[-1], seen | {node["$ref"]})
            return
        if isinstance(node.get("enum"), list):
            found.setdefault(frozenset(v for v in node["enum"] if v is not None), []).append(place)
        for name, child in node.items():
            if name == "properties":
                for member, schema in child.items():
                    walk(schema, f"{place}.{member}", seen)
            elif name not in ("examples", "example", "description", "enum"):
                walk(child, place, seen)
    for path, item in document["paths"].items():
        for method in METHODS & set(item):
            operation = item[method]
            if operation.get("x-service") != "scheduling" or "/calculations/" in path:
                continue
            for parameter in item.get("parameters", []) + operation.get("parameters", []):
                if parameter.get("name") != "sort":
                    walk(parameter, operation["operationId"], frozenset())
            walk(operation.get("requestBody", {}), operation["operationId"], frozenset())
            walk([r for status, r in operation["responses"].items() if status[0] == "2"], operation["operationId"], frozenset())
    return found


def test_every_listed_value_of_scheduling_has_a_name_in_both_languages(owner):
    sets = [set(values) for values in labels(owner).values()]
    assert {str(sorted(values)): places for values, places in listed_values().items() if not any(values <= s for s in sets)} == {}


def test_every_name_is_there_in_both_languages(owner):
    for name, values in labels(owner).items():
        for value in values.values():
            assert value["ja"].strip() and value["en"].strip() and value["ja"] != value["en"], (name, value)


def test_every_kind_of_deadline_has_a_name(owner):
    named = set(labels(owner, set="deadline_kind")["deadline_kind"])
    text = (ROOT / "services/scheduling/plan_text.c").read_text("utf-8")
    planned = set(re.findall(r'\[DEADLINE_\w+\] =\s*\{"(\w+)"', text))
    registers = "".join(path.read_text("utf-8") for path in (ROOT / "services/registers").glob("*.sql"))
    assert len(planned) > 20 and (planned | set(re.findall(r"(?<!> )'(\w+)' as kind\b", registers)) | {"own"}) - named == set()


def test_one_set_can_be_asked_for(owner):
    assert set(labels(owner, set="finding_grade")) == {"finding_grade"} and labels(owner, set="nothing_such") == {}


def test_a_client_user_reads_both(system, owner):
    from test_tenants import join
    client = owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"]
    user = join(system, owner, "auditor", "words@meguri.example", client_id=client)
    assert terms(user) and labels(user)


# ---------------------------------------------------------------- why

@pytest.fixture(scope="module")
def rich(system):
    """Clients with everything that a rule derives a date from."""
    owner = system.owner()
    client = owner.call("createClient", {"name": "株式会社アオバ"}, expect=201).json()["id"]
    isms = Case(owner, client, state="certified", decision_date="2024-06-10", stage2_last_day="2024-05-10")
    first = audit(isms, "surveillance")
    change_audit(isms, first, status="held", held_first_day="2025-05-19", held_last_day="2025-05-20")
    for grade in ("major", "minor", "observation"):
        finding(isms, first, grade)
    owner.post(f"{isms.path}/changes", {"kind": "site_relocation", "change_date": "2025-09-01", "certification_id": isms.id}, expect=201)
    owner.post(f"{isms.path}/assets", {"name": "旧サーバー", "kind": "server", "end_of_life": "2026-05-01"}, expect=201)
    Case(owner, client, scheme="iso27017-jp", target_date="2026-03-20")
    Case(owner, client, scheme="pmark", state="certified", decision_date="2024-09-01")
    Case(owner, client, scheme="iso27001-2013", state="certified", decision_date="2023-05-01").move("suspended", "2025-05-20")
    other = owner.call("createClient", {"name": "株式会社ミドリ"}, expect=201).json()["id"]
    stages = Case(owner, other, target_date="2025-12-20")
    stages.move("stage1_done", "2024-09-15")
    stages.move("stage2_done", "2024-10-20")
    finding(stages, audit(stages, "stage2"), "major")
    Case(owner, other, scheme="iso27017-jp").move("stage1_done", "2025-05-15")
    expired = Case(owner, other, scheme="iso27701-2025", state="certified", decision_date="2022-04-10")
    expired.move("expired", "2025-06-02")
    renewed = Case(owner, owner.call("createClient", {"name": "株式会社アカネ"}, expect=201).json()["id"], state="certified",
                   decision_date="2022-06-10")
    renewed.move("certified", "2025-05-20", recertification_audit_last_day="2025-04-11")
    return owner, [isms.path, stages.path, renewed.path]


def test_every_derived_date_explains_itself(rich):
    owner, paths = rich
    silent, kinds = [], set()
    for path in paths:
        audits = [a for c in owner.get(f"{path}/programme", expect=200).json()["certifications"] for a in c["audits"]]
        for dated in audits + owner.pages(f"{path}/deadlines") + owner.pages(f"{path}/audits"):
            if dated["origin"] == "manual":
                continue
            kinds.add(dated["kind"])
            if not (dated["why"].get("rules") and dated["why"].get("inputs") and dated["why"].get("policy")):
                silent.append((dated["kind"], dated["why"]))
    assert silent == []
    assert len(kinds) > 20


def test_every_rule_that_a_date_names_is_known(rich):
    owner, paths = rich
    known = set(re.findall(r'\{"([A-Z]{2,3}-\d\d)"', (ROOT / "services/scheduling/rules/rule.c").read_text("utf-8")))
    named = {rule for path in paths for d in owner.pages(f"{path}/deadlines") for rule in d["why"].get("rules", []) if d["origin"] == "derived"}
    assert named - known == set() and named


def test_every_item_of_a_gate_has_a_known_rule(rich):
    owner, paths = rich
    for path in paths:
        for certification in owner.get(f"{path}/gates", expect=200).json()["certifications"]:
            for gate in certification["gates"]:
                assert gate["status"] != "not_applicable" or (gate["why_not_ja"] and gate["why_not_en"])
                for item in gate["missing"]:
                    assert item["clause"] and item["next_ja"] and item["next_en"], item
