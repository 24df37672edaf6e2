"""Nobody reaches what is not his: every operation of the contract, called by everybody who must not see the objects it names.

Bodies are the contract's own examples with ids put in, so an operation added later is covered without a line here; one whose example can not be
used fails by its name.
"""
import json
import re
import uuid

import pytest

from meguri_test import contract

OPERATIONS = contract.shared().operations
DOCUMENT = contract.shared().document
PASSWORD = "a password that is long enough"
PUBLIC = {o for o, op in OPERATIONS.items() if op.get("security") == []}
# Another step than the example's must come first for these; their rows are made by hand below.
CREATING = {o: op for o, op in OPERATIONS.items() if op["method"] == "POST" and not op["path"].startswith("/v1/calculations/") and o not in PUBLIC}
ROLES = ("admin", "consultant", "client_admin", "client_member", "auditor")
CLIENT_ROLES = ROLES[2:]
OF_THE_CONSULTANCY = {"member_id", "body_id", "policy_id"}  # its own members may see these, whatever clients they see
VOLATILE = ("date", "x-request-id", "traceparent", "content-length")


def definition(operation):
    item = DOCUMENT["paths"][OPERATIONS[operation]["path"]]
    return item[OPERATIONS[operation]["method"].lower()]


def example(operation):
    body = definition(operation).get("requestBody")
    if not body:
        return None
    (media,) = body["content"].values()
    return next(iter(media["examples"].values()))["value"]


def with_ids(value, ids):
    """The example with every id replaced by the world's (or by one that nobody has)."""
    if isinstance(value, dict):
        return {k: ids.get(k, str(uuid.uuid4())) if k.endswith("_id") and isinstance(v, str) else with_ids(v, ids) for k, v in value.items()}
    return value


def parameters(operation):
    return re.findall(r"\{(\w+)\}", OPERATIONS[operation]["path"])


def fill(operation, ids):
    return re.sub(r"\{(\w+)\}", lambda m: ids.get(m.group(1), str(uuid.uuid4())), OPERATIONS[operation]["path"])


def perform(client, operation, ids, **rest):
    body = with_ids(example(operation), ids)
    if operation == "createMember":
        body["email"] = f"{uuid.uuid4().hex[:12]}@meguri.example"
    if operation == "createClient":
        body["code"] = uuid.uuid4().hex[:12]
    if operation == "createCertificationBody":
        body["name"] = uuid.uuid4().hex[:12]
    method = OPERATIONS[operation]["method"]
    if body is not None:
        rest["json"] = body
    return client.request(method, fill(operation, ids), if_match="*" if method in ("PATCH", "DELETE") else None, **rest)


class World:
    """Consultancy A with two clients that have one of everything, and consultancy B with nothing."""

    def __init__(self, system):
        self.system = system
        self.owner, self.stranger = system.owner(), system.owner()
        self.first, self.second = self.furnish(), self.furnish()
        self.consultant = self.join("consultant", all_clients=False)
        self.owner.call("createAssignment", {"member_id": self.consultant.id, "client_id": self.first["client_id"]}, expect=201)
        self.user = self.join("client_admin", client_id=self.first["client_id"])
        self.roles = {role: self.join(role, **({"client_id": self.first["client_id"]} if role in CLIENT_ROLES else {})) for role in ROLES}

    def join(self, role, **rest):
        email = f"{uuid.uuid4().hex[:12]}@meguri.example"
        made = self.owner.call("createMember", {"email": email, "name": "x", "role": role, **rest}, expect=201).json()
        self.system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": PASSWORD}, expect=204)
        member = self.system.sign_in(email, PASSWORD)
        member.id = made["id"]
        return member

    def furnish(self):
        """One of everything under a new client: each creating operation as soon as the ids it names are there."""
        ids = {"client_id": perform(self.owner, "createClient", {}, expect=201).json()["id"]}
        waiting = [o for o in CREATING if o not in ("createClient", "createTransition", "replayDelivery")]
        while waiting:
            ready = [o for o in waiting if self.needs(o) <= set(ids)]
            assert ready, f"no example of these can be used: {waiting}, known ids: {sorted(ids)}"
            for operation in ready:
                made = perform(self.owner, operation, ids, expect=201).json()
                ids[self.id_name(operation)] = made["id"]
                waiting.remove(operation)
        path = f"/v1/clients/{ids['client_id']}/certifications/{ids['certification_id']}/transitions"
        moved = self.owner.post(path, {"to": "stage1_done", "on": "2024-12-02"}, expect=201).json()
        self.system.run_jobs()
        return ids | {"transition_id": moved["id"], "reminder_id": self.row("notifications.reminders", ids),
                      "delivery_id": self.row("notifications.deliveries", ids)}

    def row(self, table, ids):
        rows = self.system.sql(f"select id::text from {table} where client_id = %s limit 1", ids["client_id"])
        return rows[0][0] if rows else str(uuid.uuid4())

    @staticmethod
    def needs(operation):
        body = example(operation) or {}
        return {k for k, v in body.items() if k.endswith("_id") and isinstance(v, str)} | set(parameters(operation))

    @staticmethod
    def id_name(operation):
        path = OPERATIONS[operation]["path"]
        item = next(p for p in DOCUMENT["paths"] if re.fullmatch(re.escape(path) + r"/\{\w+\}", p))
        return re.search(r"\{(\w+)\}$", item).group(1)

    def snapshot(self):
        tables = self.system.sql("select format('%I.%I', table_schema, table_name) from information_schema.tables where table_schema in "
                                 "('tenants','registers','scheduling','notifications') union select 'platform.events' order by 1")
        return {t: self.system.sql(f"select count(*), md5(coalesce(string_agg(t::text, ',' order by t::text), '')) from {t} t")[0] for (t,) in tables}


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
    assert not [v for v in (world.first | world.second).values() if v in reply.text]
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
    for operation in (o for o in NAMING if parameters(o)):
        (scopes,) = definition(operation)["security"]
        may = allowed == ["*"] or set(scopes["bearer"]) <= set(allowed)
        assert (perform(client, operation, nobody).status_code == 403) == (not may), (role, operation)


def test_an_expired_token_opens_nothing(start_system):
    system = start_system(clock="2025-01-06T10:00:00+09:00", environment={"MEGURI_LOGIN_RATE_LIMIT": "0"})
    owner = system.owner()
    system.set_clock("2025-01-06T10:06:00+09:00")
    ids = {}
    import time
    time.sleep(0.2)
    assert {perform(owner, o, ids).json()["code"] for o in OPERATIONS if o not in PUBLIC} == {"token_expired"}
