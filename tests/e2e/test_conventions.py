"""What every operation gets from the shell: problems, preconditions, idempotency, paging, as-of reading, CORS, limits."""
import threading
import time

import pytest


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(environment={"MEGURI_CORS_ORIGINS": "https://app.example,https://other.example"})


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


@pytest.fixture
def client(owner):
    return owner.call("createClient", {"name": "株式会社ミナト", "headcount": 48}, expect=201).json()


def test_every_wrong_field_is_named_at_once(owner):
    reply = owner.post("/v1/clients", {"name": "", "headcount": -1, "locale": "fr", "extra": 1}, expect=422)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert {(e["pointer"], e["code"]) for e in reply.json()["errors"]} == {
        ("/name", "too_short"), ("/headcount", "too_small"), ("/locale", "not_in_list"), ("/extra", "unknown_member")}


def test_problems_speak_japanese_when_asked(owner):
    english = owner.post("/v1/clients", {}, expect=422).json()
    japanese = owner.post("/v1/clients", {}, language="ja", expect=422).json()
    assert english["code"] == japanese["code"] and english["title"].isascii() and not japanese["title"].isascii()


@pytest.mark.parametrize("content, code, status", [
    (b"{", "malformed_json", 400), (b'{"name":"a","name":"b"}', "malformed_json", 400), (b'{"name":"a"} x', "malformed_json", 400),
    (b'{"name":"\xff"}', "malformed_json", 400), (b"[]", "unprocessable", 422), (b"[" * 40 + b"]" * 40, "malformed_json", 400)])
def test_bodies_that_are_not_one_json_object_are_refused(owner, content, code, status):
    reply = owner.request("POST", "/v1/clients", content=content, headers={"Content-Type": "application/json"}, expect=status)
    assert reply.json()["code"] == code


def test_another_media_type_is_refused(owner):
    owner.request("POST", "/v1/clients", content=b"name=a", headers={"Content-Type": "application/x-www-form-urlencoded"}, expect=415)


def test_a_body_over_the_limit_is_refused(owner):
    owner.request("POST", "/v1/clients", content=b'{"name":"' + b"a" * 1048576 + b'"}',
                  headers={"Content-Type": "application/json"}, expect=413)


def test_unknown_query_parameters_are_refused(owner):
    problem = owner.get("/v1/clients", params={"colour": "red", "limit": "0"}, expect=400).json()
    assert {(e["in"], e["pointer"], e["code"]) for e in problem["errors"]} == {
        ("query", "colour", "unknown_parameter"), ("query", "limit", "too_small")}


def test_a_malformed_id_is_like_a_missing_one(owner):
    owner.get("/v1/clients/not-a-uuid", expect=404)


def test_a_wrong_method_names_the_allowed_ones(owner):
    assert "PATCH" in owner.put("/v1/clients/0199f3c2-7b6e-7a53-8c36-2f9e4d1b5a02", {}, expect=405).headers["Allow"]


def test_a_change_needs_if_match_and_refuses_an_old_one(owner, client):
    path = f"/v1/clients/{client['id']}"
    owner.patch(path, {"headcount": 50}, expect=428)
    owner.patch(path, {"headcount": 50}, if_match='"v7"', expect=412)
    changed = owner.patch(path, {"headcount": 50}, if_match='"v1"', expect=200)
    assert changed.headers["ETag"] == '"v2"' and changed.json()["headcount"] == 50
    assert owner.patch(path, {"headcount": 51}, if_match='"v1"', expect=412).headers["ETag"] == '"v2"'


def test_merge_patch_keeps_what_it_does_not_name_and_null_removes(owner, client):
    path = f"/v1/clients/{client['id']}"
    owner.patch(path, {"name_en": "Minato"}, if_match="*", expect=200)
    changed = owner.patch(path, {"headcount": None}, if_match="*", expect=200).json()
    assert (changed["name_en"], changed["headcount"], changed["name"]) == ("Minato", None, client["name"])


def test_an_unchanged_representation_is_not_sent_again(owner, client):
    path = f"/v1/clients/{client['id']}"
    reply = owner.get(path, headers={"If-None-Match": '"v1"'}, expect=304)
    assert reply.content == b""
    lists = owner.get("/v1/clients", expect=200)
    owner.get("/v1/clients", headers={"If-None-Match": lists.headers["ETag"]}, expect=304)


def test_head_answers_the_headers_of_get(owner, client):
    reply = owner.request("HEAD", f"/v1/clients/{client['id']}", expect=200)
    assert reply.content == b"" and reply.headers["ETag"] == '"v1"'


def test_an_idempotency_key_creates_once(owner):
    first = owner.post("/v1/clients", {"name": "一度だけ"}, key="once-1", expect=201)
    again = owner.post("/v1/clients", {"name": "一度だけ"}, key="once-1", expect=201)
    assert again.json() == first.json() and again.headers["Location"] == first.headers["Location"]
    assert owner.post("/v1/clients", {"name": "別"}, key="once-1", expect=422).json()["code"] == "idempotency_key_reused"


def test_an_idempotency_key_belongs_to_one_member(system, owner):
    owner.post("/v1/clients", {"name": "甲"}, key="shared-key", expect=201)
    assert system.owner().post("/v1/clients", {"name": "乙"}, key="shared-key", expect=201).json()["name"] == "乙"


def test_simultaneous_requests_with_one_key_create_once(owner):
    replies = []

    def create():
        replies.append(owner.post("/v1/clients", {"name": "同時"}, key="at-once"))

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {r.status_code for r in replies} == {201} and len({r.json()["id"] for r in replies}) == 1


def test_a_refused_creation_does_not_use_up_its_key(owner):
    owner.post("/v1/clients", {"name": ""}, key="retry", expect=422)
    owner.post("/v1/clients", {"name": "直した"}, key="retry", expect=201)


def test_pages_follow_each_other_without_loss_in_every_order(owner, client):
    path = f"/v1/clients/{client['id']}/assets"
    names = [f"資産{n:02}" for n in range(23)]
    for name in names:
        owner.post(path, {"name": name}, expect=201)
    for sort, wanted in (("name", names), ("-name", names[::-1]), ("created_at", names), ("-created_at", names[::-1])):
        rows = owner.pages(path, params={"sort": sort, "limit": 5})
        assert [r["name"] for r in rows] == wanted, sort
    first = owner.get(path, params={"limit": 5}, expect=200)
    assert first.json()["next"] in first.headers["Link"] and 'rel="next"' in first.headers["Link"]


def test_a_cursor_is_bound_to_its_list(owner, client):
    path = f"/v1/clients/{client['id']}/assets"
    for n in range(3):
        owner.post(path, {"name": str(n)}, expect=201)
    cursor = owner.get(path, params={"limit": 1}, expect=200).json()["next"]
    for after, params in ((cursor, {"sort": "name"}), (cursor[:-2] + "AA", {}), ("nonsense", {})):
        assert owner.get(path, params={"after": after, **params}, expect=400).json()["code"] == "invalid_cursor"
    assert owner.get("/v1/clients", params={"after": cursor}, expect=400).json()["code"] == "invalid_cursor"


def test_as_of_reads_every_state_that_was(start_system):
    system = start_system(clock="2025-03-01T10:00:00+09:00", environment={"MEGURI_ACCESS_TOKEN_SECONDS": "86400"})
    owner = system.owner()

    def at(instant):
        system.set_clock(instant)
        time.sleep(0.1)

    client = owner.call("createClient", {"name": "記録"}, expect=201).json()["id"]
    made = owner.call("createRisk", {"title": "盗難", "impact": 4, "likelihood": 2}, client_id=client, expect=201).json()
    path = f"/v1/clients/{client}/risks"
    at("2025-03-01T12:00:00+09:00")
    owner.patch(f"{path}/{made['id']}", {"likelihood": 1}, if_match='"v1"', expect=200)
    at("2025-03-01T14:00:00+09:00")
    owner.delete(f"{path}/{made['id']}", if_match='"v2"', expect=204)
    one = f"{path}/{made['id']}"
    owner.get(one, expect=404)
    assert owner.get(one, params={"as_of": "2025-03-01T11:00:00+09:00"}, expect=200).json() == made
    assert owner.get(one, params={"as_of": "2025-03-01T13:00:00+09:00"}, expect=200).json()["score"] == 5
    owner.get(one, params={"as_of": "2025-03-01T14:00:00+09:00"}, expect=404)
    owner.get(one, params={"as_of": "2025-03-01T09:00:00+09:00"}, expect=404)
    rows = owner.get(path, params={"as_of": "2025-03-01T11:00:00+09:00"}, expect=200).json()["data"]
    assert rows == [made]
    assert owner.get(path, params={"as_of": "2025-03-01T11:00:00+09:00", "status": "closed"}, expect=200).json()["data"] == []
    assert owner.get(path, expect=200).json()["data"] == []
    for params in ({"min_score": "5"}, {"sort": "score"}):
        problem = owner.get(path, params={"as_of": "2025-03-01T11:00:00+09:00"} | params, expect=400).json()
        assert problem["errors"][0]["code"] == "not_allowed_here"


def test_every_reply_carries_the_fences_and_its_request_id(owner):
    reply = owner.get("/v1/clients", headers={"X-Request-Id": "my-id-1"}, expect=200)
    assert reply.headers["X-Request-Id"] == "my-id-1"
    assert reply.headers["X-Content-Type-Options"] == "nosniff" and "default-src 'none'" in reply.headers["Content-Security-Policy"]


def test_cors_answers_listed_origins_only(system):
    ask = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
    reply = system.client().request("OPTIONS", "/v1/clients", headers=ask, expect=204)
    assert reply.headers["Access-Control-Allow-Origin"] == "https://app.example" and "PATCH" in reply.headers["Access-Control-Allow-Methods"]
    reply = system.client().request("OPTIONS", "/v1/clients", headers=ask | {"Origin": "https://app.example.evil"}, expect=204)
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_the_rate_limit_is_announced_and_enforced(start_system):
    system = start_system(environment={"MEGURI_RATE_LIMIT": "20", "MEGURI_LOOPS": "1"})
    owner = system.owner()
    replies = [owner.get("/v1/me") for _ in range(25)]
    assert replies[0].headers["RateLimit-Policy"] == '"default";q=20;w=60'
    refused = [r for r in replies if r.status_code == 429]
    assert refused and int(refused[0].headers["Retry-After"]) >= 1 and refused[0].json()["code"] == "too_many_requests"


def test_the_contract_is_served_and_names_every_operation(system):
    from meguri_test import contract
    document = system.client().get("/openapi.json", expect=200).json()
    served = {op["operationId"] for path in document["paths"].values() for m, op in path.items() if m != "parameters"}
    assert document["openapi"] == "3.1.0" and served == set(contract.shared().operations)


def test_the_operator_sees_life_readiness_and_metrics(system, owner):
    owner.get("/v1/clients", expect=200)
    metrics = system.metrics()
    assert 'meguri_requests_total{operation="listClients",status="2xx"}' in metrics


def test_every_write_leaves_one_event_with_the_row_after_it(system, owner, client):
    owner.patch(f"/v1/clients/{client['id']}", {"headcount": 99}, if_match="*", expect=200, headers={"X-Request-Id": "trail-1"})
    rows = system.sql("select kind, version, data->>'headcount', request_id, actor_id::text from platform.events "
                      "where entity_id = %s order by version", client["id"])
    assert [tuple(r)[:3] for r in rows] == [("client.created", 1, "48"), ("client.changed", 2, "99")]
    assert tuple(rows[1])[3:] == ("trail-1", owner.session["member_id"])
