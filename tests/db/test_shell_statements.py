"""api/shell.sql on a migrated database: the past as it was, and replies that are kept."""
import datetime
import json
import pathlib
import re
import uuid

import psycopg
import pytest
from psycopg.rows import dict_row

from meguri_test.paths import ROOT

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


def statements(path):
    """name -> text with psycopg's %(name)s in place of :name."""
    text = "\n".join(line for line in pathlib.Path(path).read_text(encoding="utf-8").split("\n")
                     if not line.startswith("--") or line.startswith("-- name:"))
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.M)[1:]
    return {name: re.sub(r"(?<!:):([a-z_]+)", r"%(\1)s", body.replace("%", "%%").strip().rstrip(";"))
            for name, body in zip(parts[::2], parts[1::2])}


STATEMENTS = statements(ROOT / "api/shell.sql")


class Values(dict):
    """What a request does not have is NULL."""

    def __missing__(self, key):
        return None


class Shell:
    def __init__(self, connection):
        self.connection, self.office, self.member, self.client = connection, uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
        connection.execute("insert into platform.consultancies (id, created_at) values (%s, %s)", (self.office, NOW))
        connection.execute("select set_config('app.reach', 'all', true), set_config('app.consultancy', %s, true), "
                           "set_config('app.member', %s, true)", (str(self.office), str(self.member)))
        connection.execute("set local role meguri_registers")

    def run(self, name, **values):
        given = Values(consultancy=self.office, member=self.member, now=NOW, operation="createRisk") | values
        names = set(re.findall(r"%\((\w+)\)s", STATEMENTS[name]))
        return self.connection.execute(STATEMENTS[name], {key: given.get(key) for key in names}).fetchall()

    def tell(self, day, kind, entity_id, version=1, client=None, **data):
        self.connection.execute(
            "insert into platform.events (consultancy_id, id, at, operation, kind, entity, entity_id, client_id, version, data) "
            "values (%s, gen_random_uuid(), %s, 'x', %s, 'risk', %s, %s, %s, %s)",
            (self.office, NOW + datetime.timedelta(days=day), kind, entity_id, client or self.client, version,
             json.dumps(data | {"id": str(entity_id)})))

    def read(self, entity_id, day):
        rows = self.run("readAsOf", x_entity="risk", entity_id=entity_id, as_of=NOW + datetime.timedelta(days=day))
        return rows[0]["_raw"].get("title") if rows else None

    def list(self, day, **values):
        values = {"limit": 50} | values
        rows = self.run("listAsOf", x_entity="risk", as_of=NOW + datetime.timedelta(days=day), **values)
        return [row["_raw"]["title"] for row in rows]


@pytest.fixture
def shell(cluster, database):
    with psycopg.connect(cluster.conninfo(database), row_factory=dict_row) as connection:
        connection.execute("set local search_path = pg_catalog")
        yield Shell(connection)
        connection.rollback()


def ids(count):
    return sorted(uuid.uuid4() for _ in range(count))


# ---------------------------------------------------------------- the past

def test_a_row_is_read_as_it_stood(shell):
    risk, = ids(1)
    shell.tell(1, "risk.created", risk, 1, title="first")
    shell.tell(5, "risk.changed", risk, 2, title="second")
    assert [shell.read(risk, day) for day in (0, 1, 4, 5, 9)] == [None, "first", "first", "second", "second"]


def test_a_deleted_row_is_gone_from_that_moment_on(shell):
    risk, = ids(1)
    shell.tell(1, "risk.created", risk, 1, title="first")
    shell.tell(5, "risk.deleted", risk, 1, title="first")
    assert [shell.read(risk, day) for day in (4, 5)] == ["first", None]
    assert [shell.list(day) for day in (4, 5)] == [["first"], []]


def test_of_two_changes_in_one_instant_the_higher_version_stands(shell):
    risk, = ids(1)
    shell.tell(1, "risk.changed", risk, 2, title="second")
    shell.tell(1, "risk.created", risk, 1, title="first")
    assert shell.read(risk, 1) == "second"
    assert shell.list(1) == ["second"]


def test_a_deletion_in_the_instant_of_the_last_change_stands(shell):
    risk, = ids(1)
    shell.tell(1, "risk.deleted", risk, 1, title="first")
    shell.tell(1, "risk.created", risk, 1, title="first")
    assert shell.read(risk, 1) is None


def test_a_list_of_the_past_has_each_row_once_and_only_what_was_there(shell):
    one, two, three = ids(3)
    shell.tell(1, "risk.created", one, 1, title="a")
    shell.tell(1, "risk.created", two, 1, title="b")
    shell.tell(3, "risk.changed", one, 2, title="A")
    shell.tell(4, "risk.created", three, 1, title="c")
    assert [shell.list(day) for day in (0, 1, 3, 4)] == [[], ["a", "b"], ["A", "b"], ["A", "b", "c"]]


def test_a_list_of_the_past_is_filtered_by_what_stood_then(shell):
    one, two = ids(2)
    shell.tell(1, "risk.created", one, 1, title="a", status="open")
    shell.tell(1, "risk.created", two, 1, title="b", status="closed")
    shell.tell(3, "risk.changed", one, 2, title="a", status="closed")
    assert shell.list(2, filters='{"status": "open"}') == ["a"]
    assert shell.list(3, filters='{"status": "open"}') == []
    assert shell.list(3, filters='{"status": "closed"}') == ["a", "b"]


def test_a_list_of_the_past_can_be_of_one_client(shell):
    one, two = ids(2)
    other = uuid.uuid4()
    shell.tell(1, "risk.created", one, 1, title="a")
    shell.tell(1, "risk.created", two, 1, client=other, title="b")
    assert shell.list(1, client_id=other) == ["b"]
    assert shell.list(1) == ["a", "b"]


def test_a_list_of_the_past_goes_on_after_a_row(shell):
    found = ids(5)
    for number, risk in enumerate(found):
        shell.tell(1, "risk.created", risk, 1, title=str(number))
    assert shell.list(1, limit=2) == ["0", "1", "2"], "one more than asked, to know whether there is a next page"
    assert shell.list(1, limit=2, after_id=found[1]) == ["2", "3", "4"]
    assert shell.list(1, limit=2, after_id=found[3], client_id=shell.client) == ["4"]


def test_events_of_another_kind_of_thing_are_not_its_history(shell):
    risk, = ids(1)
    shell.tell(1, "risk.created", risk, 1, title="a")
    assert shell.run("readAsOf", x_entity="asset", entity_id=risk, as_of=NOW + datetime.timedelta(days=2)) == []


# ---------------------------------------------------------------- kept replies

def claim(shell, **values):
    return shell.run("claimIdempotency", **({"idempotency_key": "k", "body_hash": "h"} | values))


def test_a_key_is_claimed_once(shell):
    assert len(claim(shell)) == 1
    assert claim(shell) == []


def test_a_kept_reply_is_found_as_it_was(shell):
    claim(shell)
    assert shell.run("findIdempotency", idempotency_key="k")[0]["status"] is None
    shell.run("storeIdempotency", idempotency_key="k", status=201, reply='{"id": 1}', headers='{"ETag": "v1"}')
    row = shell.run("findIdempotency", idempotency_key="k")[0]
    assert (row["status"], row["reply"], row["headers"], row["body_hash"]) == (201, '{"id": 1}', {"ETag": "v1"}, "h")


def test_a_key_is_free_again_after_a_day(shell):
    claim(shell)
    shell.run("storeIdempotency", idempotency_key="k", status=201, reply="{}", headers="{}")
    assert claim(shell, now=NOW + datetime.timedelta(hours=24)) == []
    assert len(claim(shell, now=NOW + datetime.timedelta(hours=24, seconds=1), body_hash="other")) == 1
    row = shell.run("findIdempotency", idempotency_key="k")[0]
    assert (row["status"], row["body_hash"]) == (None, "other")


def test_the_same_key_of_another_member_is_another_key(shell):
    claim(shell)
    shell.connection.execute("select set_config('app.member', %s, true)", (str(uuid.uuid4()),))
    shell.member = uuid.UUID(shell.connection.execute("select current_setting('app.member') as id").fetchone()["id"])
    assert shell.run("findIdempotency", idempotency_key="k") == []
    assert len(claim(shell)) == 1
