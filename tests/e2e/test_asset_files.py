"""Assets many at once: bulk requests, CSV in and out."""
import csv
import io
import time

import pytest


@pytest.fixture(scope="module")
def office(start_system):
    system = start_system(clock="2025-02-14T09:00:00+09:00")
    owner = system.owner()
    owner.system = system
    return owner


@pytest.fixture
def client(office):
    return office.call("createClient", {"name": "青葉精機"}, expect=201).json()["id"]


def load(office, client, text, expect=200, encoding="utf-8", charset=None, **params):
    content = text if isinstance(text, bytes) else text.encode(encoding)
    kind = "text/csv" + (f"; charset={charset}" if charset else "")
    return office.post(f"/v1/clients/{client}/assets/import", content=content, headers={"Content-Type": kind}, params=params, expect=expect).json()


def assets(office, client):
    return {a["number"]: a for a in office.pages(f"/v1/clients/{client}/assets", params={"limit": 200})}


def export(office, client, **params):
    return office.get(f"/v1/clients/{client}/assets/export", params=params, expect=200)


def wrong(reply):
    return {(e["pointer"], e["code"]) for e in reply["errors"]}


# ---- bulk

def test_each_item_has_its_own_fate(office, client):
    kept, used, gone = (office.call("createAsset", {"name": n}, client_id=client, expect=201).json() for n in ("a", "b", "c"))
    office.call("createRisk", {"title": "r", "impact": 1, "likelihood": 1, "asset_id": used["id"]}, client_id=client, expect=201)
    items = [{"action": "create", "asset": {"name": "新しい"}}, {"action": "update", "id": kept["id"], "version": 1, "changes": {"location": "書庫"}},
             {"action": "update", "id": kept["id"], "version": 7, "changes": {"location": "x"}}, {"action": "delete", "id": used["id"]},
             {"action": "delete", "id": gone["id"]}, {"action": "delete", "id": office.call("getMe", expect=200).json()["id"]}]
    done = office.call("bulkAssets", {"items": items}, client_id=client, expect=200).json()["results"]
    assert [r["result"] for r in done] == ["created", "updated", "version_mismatch", "still_referenced", "deleted", "not_found"]
    assert {a["name"]: a["location"] for a in assets(office, client).values()} == {"a": "書庫", "b": None, "新しい": None}
    assert office.call("getAsset", client_id=client, asset_id=done[0]["id"], expect=200).json()["number"] == "A-0004"


def test_a_malformed_item_refuses_all_of_them(office, client):
    refused = office.call("bulkAssets", {"items": [{"action": "create", "asset": {"name": "x"}}, {"action": "update"}, {"action": "create"}]},
                          client_id=client, expect=422).json()
    assert wrong(refused) == {("/items/1/id", "required"), ("/items/1/changes", "required"), ("/items/2/asset", "required")}
    assert assets(office, client) == {}


def test_what_falls_due_in_a_bulk_is_a_deadline(office, client):
    office.call("bulkAssets", {"items": [{"action": "create", "asset": {"name": "x", "end_of_life": "2026-03-31"}}]}, client_id=client, expect=200)
    (found,) = office.pages(f"/v1/clients/{client}/deadlines")
    assert found["kind"] == "asset_end_of_life"
    (asset,) = assets(office, client).values()
    office.call("bulkAssets", {"items": [{"action": "delete", "id": asset["id"]}]}, client_id=client, expect=200)
    assert office.pages(f"/v1/clients/{client}/deadlines")[0]["status"] == "withdrawn"


# ---- import

JA = "名称,種類,数量,機密性,個人データ,利用期限,状態\r\n営業部ノートPC,pc,3,2,はい,2026年3月31日,使用中\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_is_read_in_every_encoding(office, client, encoding):
    assert load(office, client, JA, encoding=encoding) == {"dry_run": False, "rows": 1, "created": 1, "matched": 0, "changed": 0}
    (made,) = assets(office, client).values()
    assert {k: made[k] for k in ("number", "name", "kind", "quantity", "confidentiality", "personal_data", "end_of_life", "status")} == {
        "number": "A-0001", "name": "営業部ノートPC", "kind": "pc", "quantity": 3, "confidentiality": 2, "personal_data": True,
        "end_of_life": "2026-03-31", "status": "active"}


def test_a_dry_run_answers_the_same_and_stores_nothing(office, client):
    assert load(office, client, JA, dry_run="true") == {"dry_run": True, "rows": 1, "created": 1, "matched": 0, "changed": None}
    assert assets(office, client) == {}


def test_every_wrong_cell_is_named_and_nothing_is_stored(office, client):
    text = "name,quantity,confidentiality,end_of_life,in_scope,department,number\nok,1,1,2025-01-01,yes,,A-1\n,x,9,2025-02-30,maybe,営業部,A-1\n"
    for dry_run in ("true", "false"):
        assert wrong(load(office, client, text, expect=422, dry_run=dry_run)) == {
            ("/3/name", "required"), ("/3/quantity", "wrong_type"), ("/3/confidentiality", "out_of_range"), ("/3/end_of_life", "date_invalid"),
            ("/3/in_scope", "unknown_value"), ("/3/department", "not_found_reference"), ("/3/number", "not_unique")}
    assert assets(office, client) == {}


def test_wrong_headings_are_named(office, client):
    assert wrong(load(office, client, "品名,Number,number\nx,,\n", expect=422)) == {
        ("/1/品名", "unknown_member"), ("/1/number", "not_unique"), ("/1/name", "required")}


@pytest.mark.parametrize("content", [b'name\n"x', b'name\nx"y\n', b"name\n\x81", b"name\n\0\n"])
def test_what_is_no_table_is_refused(office, client, content):
    assert load(office, client, content, expect=400)["code"] == "bad_request"


def test_a_charset_is_taken_at_its_word(office, client):
    load(office, client, "name\n資産\n".encode("cp932"), charset="utf-8", expect=400)
    load(office, client, "name\n資産\n".encode("cp932"), charset="Shift_JIS")


def test_a_known_number_changes_that_asset_and_missing_columns_stay(office, client):
    load(office, client, "number,name,location\nX-1,サーバー,本社\n")
    assert load(office, client, "number,name,note\nX-1,サーバー,更新\n")["changed"] == 1
    (made,) = assets(office, client).values()
    assert (made["location"], made["note"], made["version"]) == ("本社", "更新", 2)


def test_numbers_of_a_file_and_of_the_counter_do_not_meet(office, client):
    load(office, client, "number,name\nA-0007,a\n,b\n")
    office.call("createAsset", {"name": "c"}, client_id=client, expect=201)
    assert {n: a["name"] for n, a in assets(office, client).items()} == {"A-0007": "a", "A-0008": "b", "A-0009": "c"}


def test_departments_and_sites_are_named(office, client):
    department = office.call("createDepartment", {"name": "開発部"}, client_id=client, expect=201).json()["id"]
    load(office, client, "name,部門\nx,開発部\n")
    assert next(iter(assets(office, client).values()))["department_id"] == department


def test_ten_thousand_rows_are_one_import(office, client):
    text = "name,kind,quantity\n" + "".join(f"資産 {i},pc,{i}\n" for i in range(10000))
    started = time.monotonic()
    assert load(office, client, text)["created"] == 10000
    assert time.monotonic() - started < 30
    assert office.system.sql("select count(*), min(number), max(number) from registers.assets where client_id = %s", client) == [
        (10000, "A-0001", "A-9999")]
    assert wrong(load(office, client, text + "x,pc,1\n", expect=422)) == {("", "too_many_items")}


# ---- export

def test_an_exported_file_read_again_changes_nothing(office, client):
    load(office, client, 'number,name,description,kind,confidentiality,personal_data\nX-1,"a, ""b""\nc",=1+1,pc,3,yes\nX-2,-5,\'x,server,,no\n')
    before = assets(office, client)
    for params in ({}, {"encoding": "cp932", "language": "ja"}, {"encoding": "utf-8", "language": "en"}):
        reply = export(office, client, **params)
        assert load(office, client, reply.content)["changed"] == 0
    assert assets(office, client) == before


def test_no_cell_of_an_exported_file_is_a_formula(office, client):
    load(office, client, "name,note\n=cmd|x,@x\n+1,-1\n")
    rows = list(csv.reader(io.StringIO(export(office, client).content.decode("utf-8-sig"))))
    assert [(r[1], r[-1]) for r in rows[1:]] == [("'=cmd|x", "'@x"), ("'+1", "'-1")]


def test_headings_and_labels_follow_the_language(office, client):
    load(office, client, "name,kind,in_scope\nx,pc,no\n")
    heads = [next(csv.reader(io.StringIO(export(office, client, language=w, encoding="utf-8").text))) for w in ("ja", "en")]
    assert (heads[0][1], heads[1][1]) == ("名称", "Name")


def test_what_cp932_lacks_is_marked_and_counted(office, client):
    load(office, client, "name\nサーバー😀\n")
    reply = export(office, client, encoding="cp932")
    assert "サーバー〓" in reply.content.decode("cp932") and reply.headers["Meguri-Replaced-Characters"] == "1"
