"""Levels by which a client classifies its information, the assets that follow them, and groups of assets."""
import csv
import io

import pytest

A_MISSING_ID = "0199f3c2-0000-7000-8000-000000000000"
THREE = [{"number": 1, "label_ja": "公開", "label_en": "Open"}, {"number": 2, "label_ja": "関係者限り", "label_en": "Restricted", "colour": "#1565c0"},
         {"number": 3, "label_ja": "機密", "label_en": "Secret", "handling_ja": "鍵のかかる場所に保管する。", "handling_en": "Kept locked."}]


class Firm:
    def __init__(self, owner, **client):
        self.owner = owner
        self.id = owner.call("createClient", {"name": "青葉精機"} | client, expect=201).json()["id"]
        self.path = f"/v1/clients/{self.id}"

    def scheme(self):
        return self.owner.get(f"{self.path}/classifications", expect=200).json()

    def set(self, levels, expect=200, if_match="*", **rest):
        return self.owner.patch(f"{self.path}/classifications", {"levels": levels} | rest, if_match=if_match, expect=expect).json()

    def asset(self, expect=201, **fields):
        return self.owner.post(f"{self.path}/assets", {"name": "資産"} | fields, expect=expect).json()

    def classified(self):
        assets = sorted(self.owner.pages(f"{self.path}/assets", params={"limit": 200}), key=lambda a: a["number"])
        return [(a["classification_level"], a["classification"]) for a in assets]

    def change(self, asset, expect=200, **fields):
        return self.owner.patch(f"{self.path}/assets/{asset['id']}", fields, if_match="*", expect=expect).json()

    def load(self, text, expect=200):
        return self.owner.post(f"{self.path}/assets/import", content=text.encode(), headers={"Content-Type": "text/csv"}, expect=expect).json()

    def export(self, language):
        reply = self.owner.get(f"{self.path}/assets/export", params={"encoding": "utf-8", "language": language}, expect=200)
        return list(csv.DictReader(io.StringIO(reply.text)))

    def groups(self, **params):
        return list(self.owner.pages(f"{self.path}/asset-groups", params=params))


@pytest.fixture
def firm(system):
    return Firm(system.owner())


def wrong(reply):
    return {(e["pointer"], e["code"]) for e in reply["errors"]}


# ---------------------------------------------------------------- the scheme

def test_a_client_begins_with_levels_in_both_languages(firm):
    scheme = firm.scheme()
    assert (scheme["source"], scheme["version"]) == ("built_in", 0)
    assert [level["number"] for level in scheme["levels"]] == [1, 2, 3, 4]
    for level in scheme["levels"]:
        assert all(level[k] for k in ("label_ja", "label_en", "handling_ja", "handling_en", "colour"))


def test_a_client_has_levels_of_its_own_in_their_order(firm):
    made = firm.set(THREE[::-1])
    assert (made["source"], made["version"], [level["label_en"] for level in made["levels"]]) == ("client", 1, ["Open", "Restricted", "Secret"])
    assert made == firm.scheme()
    assert made["levels"][1] == {"number": 2, "label_ja": "関係者限り", "label_en": "Restricted", "handling_ja": None, "handling_en": None,
                                 "colour": "#1565c0"}


def test_until_then_those_of_the_consultancy_hold(firm):
    other = Firm(firm.owner)
    firm.set(THREE[:2])
    made = firm.owner.patch("/v1/classifications", {"levels": THREE}, if_match='"v0"', expect=200).json()
    assert made == firm.owner.get("/v1/classifications", expect=200).json() and made["source"] == "consultancy"
    assert (other.scheme()["source"], other.scheme()["levels"]) == ("consultancy", made["levels"])
    assert len(firm.scheme()["levels"]) == 2
    firm.owner.delete(f"{firm.path}/classifications", if_match="*", expect=204)
    assert firm.scheme()["levels"] == made["levels"]


def test_a_kept_copy_is_stale_when_the_consultancy_changes_its_levels(firm):
    seen = firm.owner.get(f"{firm.path}/classifications", expect=200).headers["etag"]
    firm.owner.patch("/v1/classifications", {"levels": THREE}, if_match="*", expect=200)
    fresh = firm.owner.get(f"{firm.path}/classifications", headers={"If-None-Match": seen}, expect=200).json()
    assert len(fresh["levels"]) == 3 and firm.set(THREE[:2], if_match=seen)["version"] == 1


def test_another_consultancy_keeps_its_own(system, firm):
    firm.owner.patch("/v1/classifications", {"levels": THREE}, if_match="*", expect=200)
    assert Firm(system.owner()).scheme()["source"] == "built_in"


def test_numbers_and_labels_are_there_once(firm):
    levels = [THREE[0], THREE[1] | {"number": 1}, THREE[2] | {"label_en": "OPEN"}]
    assert wrong(firm.set(levels, expect=422, moves=[{"from": 1, "to": 9}, {"from": 1, "to": 1}])) == {
        ("/levels/1/number", "not_unique"), ("/levels/2/label_en", "not_unique"), ("/moves/0/to", "unknown_value"), ("/moves/1/from", "not_unique")}
    assert firm.scheme()["version"] == 0


def test_a_change_is_based_on_a_version(firm):
    firm.set(THREE, if_match='"v0"')
    firm.set(THREE[:2], if_match='"v0"', expect=412)
    firm.set(THREE[:2], if_match='"v1"')
    assert firm.scheme()["version"] == 2


def test_there_is_nothing_to_reset_at_first(firm):
    firm.owner.delete(f"{firm.path}/classifications", if_match="*", expect=404)


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_a_missing_client_has_no_levels(firm, method):
    path = f"/v1/clients/{A_MISSING_ID}/classifications"
    if method == "patch":
        firm.owner.patch(path, {"levels": [THREE[0], THREE[0]]}, if_match="*", expect=404)
    elif method == "delete":
        firm.owner.delete(path, if_match="*", expect=404)
    else:
        firm.owner.get(path, expect=404)


# ---------------------------------------------------------------- assets and their level

@pytest.mark.parametrize("given", [{"classification_level": 3}, {"classification": "秘"}, {"classification": "confidential"},
                                   {"classification_level": 3, "classification": "Confidential"}])
def test_level_and_label_belong_together(firm, given):
    made = firm.asset(**given)
    assert (made["classification_level"], made["classification"]) == (3, "秘")


def test_the_label_is_in_the_language_of_the_client(firm):
    made = Firm(firm.owner, locale="en").asset(classification_level=3)
    assert made["classification"] == "Confidential"


def test_another_text_stands_alone_while_the_client_has_no_scheme(firm):
    made = firm.asset(classification="部外秘A")
    assert (made["classification_level"], made["classification"]) == (None, "部外秘A")
    firm.set(THREE + [{"number": 9, "label_ja": "部外秘A", "label_en": "A"}])
    assert firm.classified() == [(9, "部外秘A")]


def test_a_scheme_of_its_own_knows_its_labels_only(firm):
    firm.set(THREE)
    assert wrong(firm.asset(classification="社外秘", expect=422)) == {("/classification", "unknown_value")}
    assert firm.asset(classification="機密")["classification_level"] == 3


def test_a_level_that_the_scheme_lacks_is_refused(firm):
    assert wrong(firm.asset(classification_level=7, expect=422)) == {("/classification_level", "unknown_value")}
    assert wrong(firm.asset(classification_level=2, classification="秘", expect=422)) == {("/classification", "inconsistent")}


def test_a_change_of_one_changes_the_other(firm):
    asset = firm.asset(classification_level=3)
    steps = [({"classification_level": 2}, (2, "社外秘")), ({"classification": "Public"}, (1, "公開")), ({"note": "x"}, (1, "公開")),
             ({"classification": "独自"}, (None, "独自")), ({"classification_level": 4}, (4, "極秘")), ({"classification_level": None}, (None, None))]
    for given, then in steps:
        changed = firm.change(asset, **given)
        assert (changed["classification_level"], changed["classification"]) == then
    firm.change(asset, classification_level=7, expect=422)


def test_many_at_once_follow_the_same_rules(firm):
    kept = firm.asset()
    items = [{"action": "create", "asset": {"name": "x", "classification": "confidential"}},
             {"action": "update", "id": kept["id"], "changes": {"classification_level": 2}}]
    firm.owner.call("bulkAssets", {"items": items}, client_id=firm.id, expect=200)
    assert firm.classified() == [(2, "社外秘"), (3, "秘")]
    refused = firm.owner.call("bulkAssets", {"items": [{"action": "create", "asset": {"name": "x", "classification_level": 8}},
                                                       {"action": "update", "id": kept["id"], "changes": {"classification_level": 9}}]},
                              client_id=firm.id, expect=422).json()
    assert wrong(refused) == {("/items/0/asset/classification_level", "unknown_value"), ("/items/1/changes/classification_level", "unknown_value")}


def test_assets_of_one_level(firm):
    firm.asset(classification_level=3, name="a")
    firm.asset(classification_level=2, name="b")
    found = firm.owner.pages(f"{firm.path}/assets", params={"classification_level": 3})
    assert [a["name"] for a in found] == ["a"]


# ---------------------------------------------------------------- a scheme that changes

def test_assets_show_the_new_label_and_get_a_version(firm):
    asset = firm.asset(classification_level=2)
    same = firm.asset(classification_level=1)
    firm.set(THREE)
    assert firm.classified() == [(2, "関係者限り"), (1, "公開")]
    versions = [firm.owner.get(f"{firm.path}/assets/{a['id']}", expect=200).json()["version"] for a in (asset, same)]
    assert versions == [2, 1]


def test_a_level_in_use_goes_only_with_a_move(firm):
    firm.asset(classification_level=4)
    refused = firm.set(THREE, expect=409)
    assert refused["code"] == "state_not_allowed" and "4" in refused["detail"]
    firm.set(THREE, moves=[{"from": 4, "to": 3}])
    assert firm.classified() == [(3, "機密")]


def test_two_levels_change_places(firm):
    firm.asset(classification_level=2), firm.asset(classification_level=3)
    levels = firm.scheme()["levels"]
    levels[1]["number"], levels[2]["number"] = 3, 2
    firm.set(levels, moves=[{"from": 2, "to": 3}, {"from": 3, "to": 2}])
    assert firm.classified() == [(3, "社外秘"), (2, "秘")]


def test_the_way_back_is_closed_while_assets_need_a_level(firm):
    firm.set(THREE + [{"number": 9, "label_ja": "門外不出", "label_en": "Never leaves"}])
    asset = firm.asset(classification_level=9)
    firm.owner.delete(f"{firm.path}/classifications", if_match="*", expect=409)
    firm.change(asset, classification_level=2)
    firm.owner.delete(f"{firm.path}/classifications", if_match="*", expect=204)
    assert firm.classified() == [(2, "社外秘")]


def test_a_change_for_the_consultancy_reaches_its_clients_but_not_those_with_their_own(firm):
    other = Firm(firm.owner)
    firm.set(firm.scheme()["levels"])
    firm.asset(classification_level=3), other.asset(classification_level=3)
    firm.owner.patch("/v1/classifications", {"levels": THREE[:2]}, if_match="*", expect=409)
    firm.owner.patch("/v1/classifications", {"levels": THREE[:2], "moves": [{"from": 3, "to": 2}]}, if_match="*", expect=200)
    assert (firm.classified(), other.classified()) == ([(3, "秘")], [(2, "関係者限り")])


# ---------------------------------------------------------------- files

def test_files_know_the_labels_in_both_languages(firm):
    firm.load("name,classification\na,社外秘\nb,Confidential\nc,1\nd,自由記述\ne,\n")
    assert firm.classified() == [(2, "社外秘"), (3, "秘"), (1, "公開"), (None, "自由記述"), (None, None)]
    assert [r["機密区分"] for r in firm.export("ja")] == ["社外秘", "秘", "公開", "自由記述", ""]
    assert [r["Classification"] for r in firm.export("en")] == ["Internal", "Confidential", "Public", "自由記述", ""]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_was_written_reads_as_the_same(firm, language):
    firm.set(THREE)
    firm.asset(classification_level=3), firm.asset(classification_level=1), firm.asset()
    reply = firm.owner.get(f"{firm.path}/assets/export", params={"encoding": "utf-8", "language": language}, expect=200)
    assert firm.load(reply.text) == {"dry_run": False, "rows": 3, "created": 0, "matched": 3, "changed": 0}


def test_a_file_names_no_level_that_the_clients_scheme_lacks(firm):
    firm.set(THREE)
    refused = firm.load("name,classification\na,SECRET\nb,社外秘\nc,4\n", expect=422)
    assert wrong(refused) == {("/3/classification", "unknown_value"), ("/4/classification", "unknown_value")}
    assert firm.classified() == []
    firm.load("name,classification\na,SECRET\n")
    assert firm.classified() == [(3, "機密")]


# ---------------------------------------------------------------- groups

def grouped(firm):
    for name, group, fields in (("a", "社員用PC", {"kind": "laptop"}), ("b", "社員用PC", {"kind": "smartphone", "in_scope": False}),
                                ("c", "社員用PC", {"kind": "laptop", "status": "retired"}), ("d", "契約書", {"kind": "paper_contract"}), ("e", None, {})):
        firm.asset(name=name, group_name=group, **fields)
    return {g["name"]: g for g in firm.groups()}


def rename(firm, group, name, expect=200):
    return firm.owner.patch(f"{firm.path}/asset-groups/{group['id']}", {"name": name}, if_match=f'"v{group["version"]}"', expect=expect).json()


def test_groups_are_listed_with_their_counts(firm):
    groups = grouped(firm)
    assert {n: (g["assets"], g["active"], g["in_scope"], g["kinds"]) for n, g in groups.items()} == {
        "社員用PC": (3, 2, 1, ["laptop", "smartphone"]), "契約書": (1, 1, 1, ["paper_contract"])}
    assert [g["assets"] for g in firm.groups(sort="-assets", limit=1)] == [3, 1]
    one = groups["契約書"]
    assert firm.owner.get(f"{firm.path}/asset-groups/{one['id']}", expect=200).json() == one


def test_a_group_is_renamed_over_all_its_assets(firm):
    group = grouped(firm)["社員用PC"]
    renamed = rename(firm, group, "端末")
    assert (renamed["name"], renamed["assets"]) == ("端末", 3)
    assert sorted((a["name"], a["version"]) for a in firm.owner.pages(f"{firm.path}/assets", params={"group_name": "端末"})) == [
        ("a", 2), ("b", 2), ("c", 2)]
    firm.owner.get(f"{firm.path}/asset-groups/{group['id']}", expect=404)
    again = rename(firm, renamed, "端末")
    assert again == renamed


def test_two_groups_become_one(firm):
    groups = grouped(firm)
    both = rename(firm, groups["社員用PC"], "契約書")
    assert (both["id"], both["assets"], len(firm.groups())) == (groups["契約書"]["id"], 4, 1)


def test_a_deleted_group_leaves_its_assets(firm):
    group = grouped(firm)["社員用PC"]
    firm.owner.delete(f"{firm.path}/asset-groups/{group['id']}", if_match="*", expect=204)
    assert [g["name"] for g in firm.groups()] == ["契約書"]
    assert sum(a["group_name"] is None for a in firm.owner.pages(f"{firm.path}/assets")) == 4
    firm.owner.delete(f"{firm.path}/asset-groups/{group['id']}", if_match="*", expect=404)


def test_a_group_that_changed_meanwhile_is_not_renamed(firm):
    group = grouped(firm)["社員用PC"]
    firm.asset(group_name="社員用PC")
    rename(firm, group, "端末", expect=412)
    firm.owner.delete(f"{firm.path}/asset-groups/{group['id']}", if_match=f'"v{group["version"]}"', expect=412)
    assert {g["name"]: g["assets"] for g in firm.groups()} == {"社員用PC": 4, "契約書": 1}


def test_a_group_is_of_one_client(firm):
    group = grouped(firm)["社員用PC"]
    other = Firm(firm.owner)
    other.asset(group_name="社員用PC")
    for call in (lambda p: firm.owner.get(p, expect=404), lambda p: firm.owner.delete(p, if_match="*", expect=404),
                 lambda p: firm.owner.patch(p, {"name": "x"}, if_match="*", expect=404)):
        call(f"{other.path}/asset-groups/{group['id']}")
    assert other.groups()[0]["id"] != group["id"]
