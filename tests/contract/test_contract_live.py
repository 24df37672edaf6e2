"""The running program keeps its contract: every reply is documented and fits its schema, wrong input is named, and nothing is ever a 5xx."""
import copy
import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri_test import contract
from meguri_test.cluster import Cluster
from meguri_test.system import System
from meguri_test.world import DOCUMENT, OPERATIONS, PUBLIC, World, definition, example, fill, is_json, parameters, perform, with_ids

WITH_BODY = [o for o in OPERATIONS if is_json(o)]
CHANGING = {o for o in OPERATIONS if "parameters/IfMatch" in json.dumps(definition(o))}


@pytest.fixture(scope="module")
def world(start_system):
    return World(start_system(clock="2025-03-06T10:00:00+09:00", environment={"MEGURI_ACCESS_TOKEN_SECONDS": "86400", "MEGURI_JOB_THREADS": "0",
                                                                              "MEGURI_LOGIN_RATE_LIMIT": "0"}))


def resolve(node):
    return contract.shared().resolve(node)


def media(node):
    (item,) = node["content"].values()
    return item


def body_schema(operation):
    return resolve(media(definition(operation)["requestBody"])["schema"])


def media_type(operation):
    (name,) = definition(operation)["requestBody"]["content"]
    return name


def check(operation, reply):
    """Documented status, documented media type, and a body that fits."""
    responses = definition(operation)["responses"]
    assert str(reply.status_code) in responses, f"{operation}: {reply.status_code} is not documented\n{reply.text[:600]}"
    content = resolve(responses[str(reply.status_code)]).get("content")
    if not content:
        assert reply.content == b""
        return reply
    sent = reply.headers["Content-Type"].split(";")[0]
    name = sent if sent in content else "*/*"
    assert name in content, f"{operation}: {sent} is not documented"
    item = content[name]
    if "json" not in name:
        return reply
    resolver = jsonschema.RefResolver("", DOCUMENT)
    jsonschema.Draft202012Validator(item["schema"], resolver=resolver).validate(reply.json())
    return reply


def send(world, operation, body, ids=None, **rest):
    ids = world.first if ids is None else ids
    method = OPERATIONS[operation]["method"]
    headers = {"Content-Type": media_type(operation)} | rest.pop("headers", {})
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    client = world.system.client() if operation in PUBLIC else world.owner
    return check(operation, client.request(method, fill(operation, ids), content=content, headers=headers,
                                           if_match=rest.pop("if_match", "*" if operation in CHANGING else None), **rest))


@pytest.mark.parametrize("operation", [o for o, op in OPERATIONS.items() if op["method"] == "GET"])
def test_what_is_read_fits_its_schema(world, operation):
    reply = check(operation, perform(world.owner, operation, world.first))
    assert reply.status_code == 200 or operation in ("getReminder", "getDelivery", "getInboxItem", "openReminderLink", "openUnsubscribeLink"), reply.text
    if reply.status_code == 200:
        again = world.owner.get(fill(operation, world.first), headers={"If-None-Match": reply.headers["ETag"]}, expect=304)
        check(operation, again)


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if "parameters/AsOf" in json.dumps(definition(o))])
def test_the_past_has_the_same_schema_as_the_present(world, operation):
    reply = check(operation, perform(world.owner, operation, world.first, params={"as_of": "2025-03-06T02:00:00Z"}))
    assert reply.status_code == 200, reply.text
    rows = reply.json().get("data", [reply.json()])
    assert rows


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.startswith("calculate")])
def test_a_calculations_example_is_answered(world, operation):
    assert send(world, operation, example(operation)).status_code == 200


@pytest.mark.parametrize("operation", [o for o in WITH_BODY if o in CHANGING])
def test_a_changes_example_is_accepted_and_a_stale_one_is_not(world, operation):
    assert send(world, operation, with_ids(example(operation), world.second), world.second).status_code == 200
    assert send(world, operation, with_ids(example(operation), world.second), world.second, if_match='"v99999"').status_code == 412
    assert send(world, operation, example(operation), world.second, headers={"If-Match": ""}, if_match=None).status_code in (412, 428)


def wrong_values(schema):
    """One value of a type that the member does not take."""
    kinds = schema.get("type", [])
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    for kind, value in (("string", "\u0001 nonsense"), ("boolean", True), ("integer", 7.5), ("array", [[[]]]), ("object", {"?": 1})):
        if kind not in kinds and not (kind == "integer" and "number" in kinds):
            return value
    return None


@pytest.mark.parametrize("operation", WITH_BODY)
def test_wrong_members_are_named(world, operation):
    schema, good = body_schema(operation), with_ids(example(operation), world.first)
    wanted, body = set(), copy.deepcopy(good)
    for name, node in schema["properties"].items():
        node = resolve(node)
        if "const" in node or "oneOf" in node:
            continue
        body[name] = wrong_values(node) if "enum" not in node else {"?": 1}
        wanted.add(f"/{name}")
    body["no_such_member"] = 1
    reply = send(world, operation, body)
    pointers = {e["pointer"] for e in reply.json()["errors"]}
    assert reply.status_code == 422 and "/no_such_member" in pointers
    assert {w for w in wanted if not any(p == w or p.startswith(w + "/") for p in pointers)} == set()
    for name in schema.get("required", []):
        missing = {k: v for k, v in good.items() if k != name}
        reply = send(world, operation, missing)
        assert f"/{name}" in {e["pointer"] for e in reply.json()["errors"]}, reply.text


def references(operation):
    """Members that name something by its id."""
    nodes = {name: resolve(node) for name, node in body_schema(operation)["properties"].items()}
    return [n for n, node in nodes.items() if n.endswith("_id") and (node.get("format") == "uuid" or "uuid" in json.dumps(node))]


APART = {"createAbsence", "createAuditTeamMember", "createInternalAuditor",  # take one of their references, never two
         "createAuditSlot"}  # the audit's days first: tests/e2e/test_booking.py


@pytest.mark.parametrize("operation", [o for o in WITH_BODY if len(references(o)) > 1 and o not in APART])
def test_everything_that_is_not_there_is_named(world, operation):
    names = references(operation)
    body = with_ids(example(operation), world.second) | {name: str(uuid.uuid4()) for name in names}
    reply = send(world, operation, body, world.second)
    assert reply.status_code == 422 and {e["pointer"] for e in reply.json()["errors"]} == {f"/{name}" for name in names}, reply.text


@pytest.mark.parametrize("operation", WITH_BODY)
def test_what_is_no_json_object_is_refused_as_documented(world, operation):
    assert send(world, operation, b"{").status_code == 400
    assert send(world, operation, b"[]").status_code == 422
    assert send(world, operation, b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    if "413" in definition(operation)["responses"]:
        assert send(world, operation, b'{"a":"' + b"x" * 1048576 + b'"}').status_code == 413


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o not in PUBLIC])
def test_an_unknown_parameter_is_refused(world, operation):
    reply = check(operation, world.owner.request(OPERATIONS[operation]["method"], fill(operation, world.first), params={"no_such": "1"}))
    assert reply.status_code == 400


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if "412" in definition(o)["responses"]])
def test_a_change_without_if_match_is_refused(world, operation):
    method = OPERATIONS[operation]["method"]
    rest = {"content": b"{}", "headers": {"Content-Type": "application/merge-patch+json"}} if method == "PATCH" else {}
    assert check(operation, world.owner.request(method, fill(operation, world.first), **rest)).status_code == 428
    assert check(operation, world.owner.request(method, fill(operation, {}), if_match="*", **rest)).status_code == 404 or not parameters(operation)


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-2**70, 2**70), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=30),
                    st.sampled_from(["2025-02-14", "2199-12-31", "1950-01-01", "0000-00-00", "", "\x00", "😀", str(uuid.UUID(int=0)), "a" * 5000]))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=6)


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_body_brings_the_program_down(world, data):
    operation = data.draw(st.sampled_from([o for o in WITH_BODY if o not in PUBLIC]))
    names = list(body_schema(operation)["properties"])
    body = with_ids(example(operation), world.first) | data.draw(st.dictionaries(st.sampled_from(names), VALUES, max_size=3))
    body.pop("email", None)
    assert send(world, operation, body).status_code < 500


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_query_brings_the_program_down(world, data):
    operation = data.draw(st.sampled_from([o for o, op in OPERATIONS.items() if op["method"] == "GET" and o not in PUBLIC]))
    names = [p["name"] for p in OPERATIONS[operation]["parameters"] if p["in"] == "query"] or ["x"]
    text = st.one_of(st.text(max_size=20), st.sampled_from(["1", "-1", "true", "2025-01-01", "2025-01-01T00:00:00Z", "created_at", "999999999999999999999"]))
    params = data.draw(st.dictionaries(st.sampled_from(names), text, max_size=3))
    reply = check(operation, world.owner.get(fill(operation, world.first), params=params))
    assert reply.status_code < 500


def with_status(status):
    return [o for o in OPERATIONS if o not in PUBLIC and status in definition(o)["responses"]]


def test_every_operation_that_documents_429_gives_it(start_system):
    system = start_system(environment={"MEGURI_RATE_LIMIT": "1", "MEGURI_LOOPS": "1"})
    owner = system.owner()
    owner.get("/v1/me")
    wrong = {o: reply.status_code for o in with_status("429") if (reply := check(o, perform(owner, o, {}))).status_code != 429}
    assert len(wrong) <= 2, wrong  # a new minute may begin meanwhile


def test_every_operation_that_documents_503_gives_it_while_the_database_is_away():
    cluster = Cluster()
    system = None
    try:
        system = System(cluster, cluster.clone("away"))
        owner = system.owner()
        cluster.stop()
        operations = with_status("503")
        with ThreadPoolExecutor(48) as pool:  # each waits two seconds for the database to come back
            replies = list(pool.map(lambda o: check(o, perform(owner, o, {})), operations))
        assert replies and {o: r.status_code for o, r in zip(operations, replies) if r.status_code != 503} == {}
    finally:
        if system:
            system.close()
        cluster.remove()


def test_only_known_statuses_are_documented():
    known = {"200", "201", "202", "204", "304", "400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "429", "503"}
    assert {s for o in OPERATIONS for s in definition(o)["responses"]} <= known
    assert all(re.fullmatch(r"[a-z][A-Za-z0-9]+", o) for o in OPERATIONS)
