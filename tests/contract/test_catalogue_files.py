"""The catalogues that ship with the program are complete, consistent, and in both languages."""
import json
import re
from collections import Counter

import pytest

from meguri_test.paths import ROOT

FILES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "services/registers/catalogues").glob("*.json")}
ITEMS = {name: {item["code"]: item for item in file["items"]} for name, file in FILES.items()}
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
NEW_IN_2022 = {"5.7", "5.23", "5.30", "7.4", "8.9", "8.10", "8.11", "8.12", "8.16", "8.23", "8.28"}
CONTROLS = [f"{theme}.{n}" for theme, last in ((5, 37), (6, 8), (7, 14), (8, 34)) for n in range(1, last + 1)]
CLAUSES = ("4.1 4.2 4.3 4.4 5.1 5.2 5.3 6.1.1 6.1.2 6.1.3 6.2 6.3 7.1 7.2 7.3 7.4 7.5.1 7.5.2 7.5.3 8.1 8.2 8.3 9.1 9.2.1 9.2.2 "
           "9.3.1 9.3.2 9.3.3 10.1 10.2").split()
CONTROLS_2013 = {"5.1": 2, "6.1": 5, "6.2": 2, "7.1": 2, "7.2": 3, "7.3": 1, "8.1": 4, "8.2": 3, "8.3": 3, "9.1": 2, "9.2": 6, "9.3": 1,
                 "9.4": 5, "10.1": 2, "11.1": 6, "11.2": 9, "12.1": 4, "12.2": 1, "12.3": 1, "12.4": 4, "12.5": 1, "12.6": 2, "12.7": 1,
                 "13.1": 3, "13.2": 4, "14.1": 3, "14.2": 9, "14.3": 1, "15.1": 3, "15.2": 2, "16.1": 7, "17.1": 3, "17.2": 1, "18.1": 5,
                 "18.2": 3}
NAMED_IN_THE_REQUIREMENTS = ("laptop", "smartphone", "cloud_storage", "saas_account", "paper_contract", "server_room", "source_code",
                             "customer_data", "office", "router", "usb_stick", "employee", "outsourcing")
KINDS_BEFORE = ("pc", "smartphone", "server", "network", "storage_media", "software", "saas", "cloud_storage", "source_code", "customer_data",
                "personal_data", "paper", "office", "server_room", "person", "outsourcing", "other")


def texts(value, key=""):
    """(language, text) of every text that has one."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(inner, name if name not in ("ja", "en") else f"_{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, key)
    elif isinstance(value, str) and key.endswith(("_ja", "_en")):
        yield key[-2:], key, value


EVERYTHING = [(name, code) for name, items in ITEMS.items() for code in items]


@pytest.mark.parametrize("name", FILES)
def test_a_catalogue_names_itself_and_no_code_twice(name):
    assert FILES[name]["catalogue"] == name and FILES[name]["version"] >= 1
    assert {code: n for code, n in Counter(item["code"] for item in FILES[name]["items"]).items() if n > 1} == {}


def test_every_catalogue_has_its_size():
    assert 110 <= len(ITEMS["requirements"]) <= 135
    assert list(ITEMS["controls"]) == CONTROLS and len(CONTROLS) == 93
    assert len(ITEMS["controls_2013"]) == 114
    assert len(ITEMS["asset_types"]) >= 40 and len(ITEMS["threats"]) >= 120 and len(ITEMS["treatments"]) >= 250
    assert len(ITEMS["supplier_questions"]) == 25


@pytest.mark.parametrize("name", FILES)
def test_every_text_is_in_both_languages(name):
    wrong = []
    for item in [FILES[name] | {"items": []}, *FILES[name]["items"]]:
        for language, key, text in texts(item):
            if not text.strip() or (language == "en" and JAPANESE.search(text)) or \
                    (language == "ja" and not JAPANESE.search(text) and key != "synonyms_ja"):
                wrong.append((item.get("code"), key, text))
    assert wrong == []
    assert [item["code"] for item in FILES[name]["items"] if not all(item[k] for k in ("title_ja", "title_en", "text_ja", "text_en"))] == []


def test_codes_never_look_like_a_consultancys_own():
    assert [pair for pair in EVERYTHING if pair[1].startswith("x_") or not re.fullmatch(r"[A-Za-z0-9._-]{2,60}", pair[1])] == []


@pytest.mark.parametrize("name, least", [("requirements", 20), ("controls", 9), ("threats", 15), ("treatments", 15), ("supplier_questions", 15)])
def test_no_two_items_say_the_same(name, least):
    for key in ("title_ja", "title_en", "text_ja", "text_en"):
        repeated = {text: n for text, n in Counter(item[key] for item in FILES[name]["items"]).items() if n > 1}
        assert repeated == {}, key
    assert min(len(item["text_ja"]) for item in FILES[name]["items"]) >= least


# ---------------------------------------------------------------- requirements and controls

def test_every_clause_is_there_in_its_order():
    assert list(dict.fromkeys(item["clause"] for item in FILES["requirements"]["items"])) == CLAUSES
    assert [code for code, item in ITEMS["requirements"].items() if not re.fullmatch(re.escape(item["clause"]) + r"-\d+", code)] == []


def test_the_climate_amendment_stands_apart():
    assert [item["clause"] for item in ITEMS["requirements"].values() if item["amendment"]] == ["4.1", "4.2"]


@pytest.mark.parametrize("name", ["requirements", "controls"])
def test_an_auditor_has_questions_about_everything(name):
    assert {code: len(item["questions"]) for code, item in ITEMS[name].items() if not 1 <= len(item["questions"]) <= 3} == {}
    assert [code for code, item in ITEMS["requirements"].items() if not item["evidence_ja"] or not item["evidence_en"]] == []


def test_every_control_has_its_attributes():
    themes = {"5": "organizational", "6": "people", "7": "physical", "8": "technological"}
    assert [c for c, item in ITEMS["controls"].items() if item["theme"] != themes[c[0]]] == []
    for key, known in (("types", {"preventive", "detective", "corrective"}), ("affects", {"confidentiality", "integrity", "availability"}),
                       ("concepts", {"identify", "protect", "detect", "respond", "recover"})):
        assert [c for c, item in ITEMS["controls"].items() if not item[key] or set(item[key]) - known] == [], key
    assert [c for c, item in ITEMS["controls"].items() if not item["capabilities"]] == []
    assert {c: len(i["implementations"]) for c, i in ITEMS["controls"].items() if not 2 <= len(i["implementations"]) <= 4} == {}


def test_every_control_of_2013_is_there_and_leads_to_2022():
    wanted = [f"A.{section}.{n}" for section, last in CONTROLS_2013.items() for n in range(1, last + 1)]
    assert list(ITEMS["controls_2013"]) == wanted
    assert [c for c, item in ITEMS["controls_2013"].items() if not item["controls"] or set(item["controls"]) - set(CONTROLS)] == []


def test_what_no_control_of_2013_leads_to_is_new():
    reached = {control for item in ITEMS["controls_2013"].values() for control in item["controls"]}
    assert set(CONTROLS) - reached == NEW_IN_2022
    assert {c for c, item in ITEMS["controls"].items() if item["new_in_2022"]} == NEW_IN_2022


def test_the_cloud_adds_seven_controls_and_guidance():
    added = [c for c, item in ITEMS["cloud_controls"].items() if item["theme"] == "additional"]
    assert added == ["CLD.6.3.1", "CLD.8.1.5", "CLD.9.5.1", "CLD.9.5.2", "CLD.12.1.5", "CLD.12.4.5", "CLD.13.1.4"]
    guidance = [c for c, item in ITEMS["cloud_controls"].items() if item["theme"] == "guidance"]
    assert guidance and [c for c in guidance if "A." + c.removeprefix("27017-") not in ITEMS["controls_2013"]] == []
    assert [c for c, item in ITEMS["cloud_controls"].items() if set(item["controls"]) - set(CONTROLS)] == []


# ---------------------------------------------------------------- assets, threats, treatments

def test_asset_types_of_a_small_company_and_the_kinds_there_were():
    assert set(NAMED_IN_THE_REQUIREMENTS) | set(KINDS_BEFORE) <= set(ITEMS["asset_types"])
    assert [c for c in ITEMS["asset_types"] if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", c)] == []
    values = [item[k] for item in ITEMS["asset_types"].values() for k in ("confidentiality", "integrity", "availability")]
    assert set(values) <= {1, 2, 3, 4, 5}
    assert [c for c, item in ITEMS["asset_types"].items() if len(item["synonyms_ja"]) < 2 or len(item["synonyms_en"]) < 2] == []


def test_every_asset_type_has_three_threats():
    found = Counter(kind for item in ITEMS["threats"].values() for kind in item["asset_types"])
    assert set(found) <= set(ITEMS["asset_types"])
    assert {kind: found[kind] for kind in ITEMS["asset_types"] if found[kind] < 3} == {}


def test_every_threat_says_what_it_harms_and_how_much():
    for item in ITEMS["threats"].values():
        assert item["affects"] and set(item["affects"]) <= {"confidentiality", "integrity", "availability"}, item["code"]
        assert 1 <= item["impact"] <= 5 and 1 <= item["likelihood"] <= 5, item["code"]
        assert item["vulnerability_ja"] and item["vulnerability_en"], item["code"]


def test_every_threat_has_two_treatments():
    found = Counter(threat for item in ITEMS["treatments"].values() for threat in item["threats"])
    assert set(found) == set(ITEMS["threats"]) and min(found.values()) >= 2


def test_every_threat_can_be_answered_by_more_than_accepting():
    active = {threat for item in ITEMS["treatments"].values() if item["option"] != "accept" for threat in item["threats"]}
    assert active == set(ITEMS["threats"])


def test_every_control_is_used_by_a_treatment():
    assert {control for item in ITEMS["treatments"].values() for control in item["controls"]} == set(CONTROLS)


def test_treatments_are_of_every_option_and_effort():
    assert {item["option"] for item in ITEMS["treatments"].values()} == {"mitigate", "avoid", "share", "accept"}
    assert {item["effort"] for item in ITEMS["treatments"].values()} == {"low", "medium", "high"}
    assert [c for c, item in ITEMS["treatments"].items() if not item["threats"] or not item["controls"]] == []


def test_supplier_questions_can_be_scored():
    for item in ITEMS["supplier_questions"].values():
        assert item["answer_type"] in ("degree", "yes_no") and item["good_answer"] in ("yes", "no") and 1 <= item["weight"] <= 5
    assert {i["theme"]: n for i in FILES["supplier_questions"]["items"] for n in [0]}.keys() == {"basics", "people", "organisation"}
