"""Nobody reaches what is not his: every operation of the contract, called by everybody who must not see the objects it names."""
import json
import time
import uuid

import pytest

from meguri_test import contract
from meguri_test.world import DOCUMENT, OF_THE_CONSULTANCY, OPERATIONS, PUBLIC, ROLES, World, definition, is_json, kind_of, parameters, perform

VOLATILE = ("date", "x-request-id", "traceparent", "content-length")


@pytest.fixture(scope="module")
def world(start_system):
    return World(start_system(clock="2025-01-06T10:00:00+09:00",
                              environment={"MEGURI_ACCESS_TOKEN_SECONDS": "3600", "MEGURI_JOB_THREADS": "0", "MEGURI_LOGIN_RATE_LIMIT": "0"}))


@pytest.fixture(scope="module", autouse=True)
def nothing_changes(world):
    before = world.snapshot()
    yield
    after = world.snapshot()
    assert {t: before[t] for t in before if before[t] != after[t]} == {}


def comparable(reply, ids):
    text = reply.text
    for value in ids.values():
        text = text.replace(value, "ID")
    body = json.loads(text) if text else None
    if isinstance(body, dict):
        body.pop("instance", None)
    return reply.status_code, {k: v for k, v in reply.headers.items() if k not in VOLATILE}, body


NAMING = [o for o in OPERATIONS if o not in PUBLIC and (parameters(o) or World.needs(o))]


def below_client(operation):
    """Does it name an object of a client, which only those who see the client may know of?"""
    return not {n for n in set(parameters(operation)) | World.needs(operation)} <= OF_THE_CONSULTANCY


@pytest.mark.parametrize("caller, operation", [("stranger", o) for o in NAMING] + [
    (caller, o) for caller in ("consultant", "user") for o in NAMING if below_client(o)])
def test_a_foreign_object_is_answered_like_a_missing_one(world, caller, operation):
    client, nobody = getattr(world, caller), {k: str(uuid.uuid4()) for k in world.second}
    foreign = perform(client, operation, world.second)
    missing = perform(client, operation, nobody)
    assert foreign.status_code in (403, 404, 422), foreign.text
    assert comparable(foreign, world.second) == comparable(missing, nobody)


def named_in_body(operation):
    """Members of the body that name another object, required or not."""
    if not is_json(operation):
        return []
    (media,) = definition(operation)["requestBody"]["content"].values()
    return [n for n in contract.shared().resolve(media["schema"]).get("properties", {}) if n.endswith("_id")]


IN_BODIES = [(o, n) for o in OPERATIONS if o not in PUBLIC and not o.startswith("calculate") for n in named_in_body(o)]


@pytest.mark.parametrize("caller, operation, member", [("stranger", o, n) for o, n in IN_BODIES] + [
    (caller, o, n) for caller in ("owner", "consultant", "user") for o, n in IN_BODIES
    if n in World.CLIENTS_OWN and (caller != "owner" or below_client(o))])
def test_a_foreign_id_in_a_body_is_answered_like_a_missing_one(world, caller, operation, member):
    client, own, foreign = getattr(world, caller), world.strange if caller == "stranger" else world.first, world.second
    if operation == "createCertification":
        own = own | {"client_id": world.spare}
    value, nobody = foreign.get(kind_of(member), foreign["member_id"]), str(uuid.uuid4())
    reply = perform(client, operation, own, members={member: value})
    missing = perform(client, operation, own, members={member: nobody})
    assert reply.status_code in (403, 404, 422), reply.text
    assert comparable(reply, {member: value}) == comparable(missing, {member: nobody})


@pytest.mark.parametrize("operation", [o for o in NAMING if "parameters/AsOf" in json.dumps(definition(o))])
def test_the_past_of_a_foreign_object_is_missing_too(world, operation):
    for client in (world.stranger, world.consultant, world.user) if below_client(operation) else (world.stranger,):
        reply = perform(client, operation, world.second, params={"as_of": "2025-01-06T02:00:00Z"})
        rows = reply.json().get("data") if reply.status_code == 200 else None
        assert reply.status_code in (403, 404) or rows == [], reply.text


@pytest.mark.parametrize("operation", [o for o, op in OPERATIONS.items() if op["method"] == "GET" and not parameters(o) and o not in PUBLIC])
def test_lists_hold_nothing_foreign(world, operation):
    reply = perform(world.stranger, operation, {}, params={"limit": 200} if "limit" in OPERATIONS[operation].get("query", ["limit"]) else None)
    if reply.status_code == 400:
        reply = perform(world.stranger, operation, {}, expect=200)
    assert not [v for v in (*world.first.values(), *world.second.values()) if v in reply.text]
    for client in (world.consultant, world.user):
        reply = perform(client, operation, {})
        theirs = {k: v for k, v in world.second.items() if k not in OF_THE_CONSULTANCY and v not in world.first.values()}
        assert not [k for k, v in theirs.items() if v in reply.text], operation


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o not in PUBLIC])
def test_without_a_valid_token_there_is_nothing(world, operation):
    anonymous = world.system.client()
    assert perform(anonymous, operation, world.second).status_code == 401
    assert perform(anonymous, operation, world.second, token="not.a.token").status_code == 401


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_exactly_what_the_contract_says(world, role):
    bearer = DOCUMENT["components"]["securitySchemes"]["bearer"]
    allowed = bearer["x-roles"][role]
    client, nobody = world.roles[role], {k: str(uuid.uuid4()) for k in world.first}
    for operation in (o for o in OPERATIONS if o not in PUBLIC):
        (scopes,) = definition(operation).get("security", DOCUMENT["security"])
        may = allowed == ["*"] or set(scopes["bearer"]) <= set(allowed)
        harmless = {} if parameters(operation) else {"params": {"no_such_parameter": "1"}}  # whoever may gets 400 and changes nothing
        assert (perform(client, operation, nobody, **harmless).status_code == 403) == (not may), (role, operation)


def test_an_expired_token_opens_nothing(start_system):
    system = start_system(clock="2025-01-06T10:00:00+09:00", environment={"MEGURI_LOGIN_RATE_LIMIT": "0"})
    owner = system.owner()
    system.set_clock("2025-01-06T10:06:00+09:00")
    ids = {}
    time.sleep(0.2)
    assert {perform(owner, o, ids).json()["code"] for o in OPERATIONS if o not in PUBLIC} == {"token_expired"}
