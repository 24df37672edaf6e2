"""Catalogues over the API: what is published, what a consultancy adds, and how versions come and stay."""
import json

import psycopg
import pytest

from meguri_test.paths import ROOT

DATA = ROOT / "services/registers/catalogues"
OWN_THREAT = {"catalogue": "threats", "code": "x_fair_demo", "title_ja": "展示会のデモ機の放置", "title_en": "Demo device left at a fair",
              "text_ja": "展示会で目を離したすきに資料を見られる。", "text_en": "Visitors read papers on an unwatched demo device.",
              "asset_types": ["laptop"], "impact": 3, "likelihood": 3}


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


def published(name):
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))["items"]


def items(client, catalogue, **params):
    return list(client.pages(f"/v1/catalogues/{catalogue}/items?" + "&".join(f"{k}={v}" for k, v in ({"limit": 200} | params).items())))


def codes(client, catalogue, **params):
    return [item["code"] for item in items(client, catalogue, **params)]


def join(system, owner, role):
    """A member of this role, with a client of his own when the role is a client's."""
    client_id = owner.call("createClient", {"name": "青葉精機"}, expect=201).json()["id"]
    body = {"email": f"{role}-{client_id[:13]}@meguri.example", "name": "x", "role": role}
    made = owner.call("createMember", body | ({"client_id": client_id} if role.startswith("client") else {}), expect=201).json()
    system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": "a password that is long enough"}, expect=204)
    return system.sign_in(body["email"], "a password that is long enough")


def test_every_catalogue_is_listed_with_its_version_and_count(owner):
    found = {row["catalogue"]: row for row in owner.get("/v1/catalogues", expect=200).json()["data"]}
    assert set(found) == {path.stem for path in DATA.glob("*.json")}
    assert {name: row["items"] for name, row in found.items()} == {name: len(published(name)) for name in found}
    assert {name: row["version"] for name, row in found.items()} == {path.stem: json.loads(path.read_text())["version"] for path in DATA.glob("*.json")}
    assert all(len(row["versions"]) == 1 for row in found.values())


@pytest.mark.parametrize("name", ["requirements", "controls", "controls_2013", "cloud_controls", "asset_types", "threats", "treatments",
                                  "supplier_questions"])
def test_every_item_is_answered_as_it_was_published_in_its_order(owner, name):
    answered, wanted = items(owner, name), published(name)
    assert [item["code"] for item in answered] == [item["code"] for item in wanted]
    for item, file in zip(answered, wanted):
        assert {k: ({**item, **item["details"]})[k] for k in file} == file


def test_both_languages_are_searched(owner):
    assert "device-stolen-outside" in codes(owner, "threats", q="盗難")
    assert "device-stolen-outside" in codes(owner, "threats", q="STOLEN")


def test_half_width_and_full_width_are_the_same(owner):
    assert codes(owner, "asset_types", q="ｖｐｎ") == codes(owner, "asset_types", q="VPN") != []


def test_other_names_of_an_asset_type_are_found(owner):
    assert codes(owner, "asset_types", q="ノートPC") == ["laptop"]
    assert codes(owner, "asset_types", q="Google ドライブ") == ["cloud_storage"]


def test_requirements_of_a_clause_and_those_below_it(owner):
    found = items(owner, "requirements", clause="6.1")
    assert {item["clause"] for item in found} == {"6.1.1", "6.1.2", "6.1.3"}
    assert {item["clause"] for item in items(owner, "requirements", clause="9.1")} == {"9.1"}


def test_controls_of_a_theme(owner):
    assert codes(owner, "controls", theme="people") == [f"6.{n}" for n in range(1, 9)]


def test_threats_of_an_asset_type(owner):
    found = items(owner, "threats", asset_type="laptop")
    assert len(found) >= 3 and all("laptop" in item["asset_types"] for item in found)


def test_treatments_of_a_threat_and_of_a_control(owner):
    assert "disk-encryption" in codes(owner, "treatments", threat="device-stolen-outside")
    assert "disk-encryption" in codes(owner, "treatments", control="8.24")
    assert all("8.24" in item["controls"] for item in items(owner, "treatments", control="8.24"))


def test_controls_of_2013_that_lead_to_a_control(owner):
    assert codes(owner, "controls_2013", control="5.9") == ["A.8.1.1", "A.8.1.2"]
    assert codes(owner, "controls_2013", control="8.23") == []


def test_one_item_by_its_code(owner):
    item = owner.get("/v1/catalogues/controls/items/8.13", expect=200).json()
    assert (item["title_ja"], item["origin"], item["is_current"]) == ("バックアップ", "standard", True)
    owner.get("/v1/catalogues/controls/items/9.99", expect=404)


def test_an_unknown_catalogue_is_not_found(owner):
    assert owner.get("/v1/catalogues/recipes/items").status_code in (400, 404)


# ---------------------------------------------------------------- a consultancy's own items

def test_an_own_item_stands_in_the_same_list(system):
    owner = system.owner()
    made = owner.call("createCatalogueExtension", OWN_THREAT, expect=201).json()
    last = items(owner, "threats")[-1]
    assert (last["code"], last["origin"], last["extension_id"], last["catalogue_version"]) == ("x_fair_demo", "consultancy", made["id"], None)
    assert last["details"] == {"impact": 3, "likelihood": 3}
    assert codes(owner, "threats", origin="consultancy") == ["x_fair_demo"]
    assert owner.get("/v1/catalogues/threats/items/x_fair_demo", expect=200).json() == last
    row = next(r for r in owner.get("/v1/catalogues").json()["data"] if r["catalogue"] == "threats")
    assert (row["items"], row["own_items"]) == (len(published("threats")), 1)


def test_an_own_item_is_changed_and_deleted(system):
    owner = system.owner()
    made = owner.call("createCatalogueExtension", OWN_THREAT, expect=201).json()
    path = f"/v1/catalogue-extensions/{made['id']}"
    changed = owner.patch(path, {"likelihood": None, "controls": ["8.1"], "title_ja": "デモ機の放置"}, if_match='"v1"', expect=200).json()
    assert (changed["likelihood"], changed["controls"], changed["impact"], changed["version"]) == (None, ["8.1"], 3, 2)
    assert owner.get("/v1/catalogues/threats/items/x_fair_demo").json()["title_ja"] == "デモ機の放置"
    owner.delete(path, if_match='"v2"', expect=204)
    owner.get("/v1/catalogues/threats/items/x_fair_demo", expect=404)


def test_an_own_item_belongs_to_its_consultancy(system):
    owner, stranger = system.owner(), system.owner()
    owner.call("createCatalogueExtension", OWN_THREAT, expect=201)
    assert codes(stranger, "threats", origin="consultancy") == []
    stranger.get("/v1/catalogues/threats/items/x_fair_demo", expect=404)


def test_a_code_is_taken_once_in_a_catalogue(system):
    owner = system.owner()
    owner.call("createCatalogueExtension", OWN_THREAT, expect=201)
    reply = owner.call("createCatalogueExtension", OWN_THREAT)
    assert reply.status_code in (409, 422) and "code" in reply.text
    owner.call("createCatalogueExtension", OWN_THREAT | {"catalogue": "treatments"}, expect=201)


def test_a_published_code_can_not_be_taken(owner):
    reply = owner.call("createCatalogueExtension", OWN_THREAT | {"code": "device-lost"}, expect=422)
    assert {e["pointer"] for e in reply.json()["errors"]} == {"/code"}


def test_what_an_own_item_refers_to_must_exist(system):
    owner = system.owner()
    reply = owner.call("createCatalogueExtension", OWN_THREAT | {"asset_types": ["laptop", "spaceship"], "controls": ["5.99"], "threats": ["nope"]},
                       expect=422)
    assert {e["pointer"] for e in reply.json()["errors"]} == {"/asset_types/1", "/controls/0", "/threats/0"}


def test_own_items_refer_to_own_items(system):
    owner = system.owner()
    kind = OWN_THREAT | {"catalogue": "asset_types", "code": "x_demo_device", "asset_types": []}
    owner.call("createCatalogueExtension", kind, expect=201)
    owner.call("createCatalogueExtension", OWN_THREAT | {"asset_types": ["x_demo_device"]}, expect=201)
    assert codes(owner, "threats", asset_type="x_demo_device") == ["x_fair_demo"]


def test_a_client_reads_own_items_and_adds_none(system):
    owner = system.owner()
    user = join(system, owner, "client_admin")
    owner.call("createCatalogueExtension", OWN_THREAT, expect=201)
    assert codes(user, "threats", origin="consultancy") == ["x_fair_demo"]
    user.call("createCatalogueExtension", OWN_THREAT | {"code": "x_other"}, expect=403)


def test_a_consultant_adds_own_items(system):
    owner = system.owner()
    join(system, owner, "consultant").call("createCatalogueExtension", OWN_THREAT, expect=201)


# ---------------------------------------------------------------- loading

def next_version(name, drop=None):
    document = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")) | {"version": 2}
    document["items"] = [item for item in document["items"] if item["code"] != drop]
    return json.dumps(document, ensure_ascii=False)


def load(cluster, database, document, digest):
    with cluster.connect(database) as connection:
        connection.execute("set role meguri_owner")
        return connection.execute("select registers.load_catalogue(%s, %s)", (document, digest)).fetchone()[0]


def test_migrating_again_loads_nothing_anew(cluster):
    database = cluster.clone("again")
    before = cluster.execute("select catalogue, version, sha256, loaded_at from registers.catalogues order by 1, 2", database=database)
    cluster.migrate(database)
    assert cluster.execute("select catalogue, version, sha256, loaded_at from registers.catalogues order by 1, 2", database=database) == before
    assert len(before) == len(list(DATA.glob("*.json")))


def test_a_published_version_does_not_change(cluster):
    database = cluster.clone("changed")
    document = (DATA / "threats.json").read_text(encoding="utf-8")
    with pytest.raises(psycopg.errors.RaiseException, match="version 1 of the catalogue threats was published with other content"):
        load(cluster, database, document, "0" * 64)


def test_the_next_version_is_current_and_the_old_one_stays_readable(cluster, start_system):
    database = cluster.clone("upgraded")
    assert load(cluster, database, next_version("threats", drop="device-lost"), "1" * 64) is True
    assert load(cluster, database, next_version("threats", drop="device-lost"), "1" * 64) is False
    cluster.migrate(database)  # a program that carries version 1 still runs on it and takes nothing back
    system = start_system(database=database)
    owner = system.owner()
    row = next(r for r in owner.get("/v1/catalogues").json()["data"] if r["catalogue"] == "threats")
    assert (row["version"], [v["version"] for v in row["versions"]]) == (2, [2, 1])
    assert "device-lost" not in codes(owner, "threats") and "device-lost" in codes(owner, "threats", version=1)
    gone = owner.get("/v1/catalogues/threats/items/device-lost", expect=200).json()
    assert (gone["is_current"], gone["catalogue_version"]) == (False, 1)
    still = owner.get("/v1/catalogues/threats/items/device-stolen-outside", expect=200).json()
    assert (still["is_current"], still["catalogue_version"]) == (True, 2)
    assert owner.get("/v1/catalogues/threats/items/device-stolen-outside?version=1", expect=200).json()["is_current"] is False
