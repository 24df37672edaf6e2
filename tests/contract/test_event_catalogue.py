"""The catalogue of events (`webhooks` of the contract) and what is really sent agree."""
import json
import sys

import jsonschema
import pytest

from meguri_test import ROOT
from meguri_test.sink import Sink
from meguri_test.world import DOCUMENT, OPERATIONS, PUBLIC, World, perform

sys.path.insert(0, str(ROOT / "deploy/build"))
import events  # noqa: E402

CATALOGUE = DOCUMENT["webhooks"]
LEAVING = {"deleteSession", "deleteMember", "deleteClient"}


def content(kind):
    return CATALOGUE[kind]["post"]["requestBody"]["content"]["application/json"]


def complaints(payload):
    schema = {"components": DOCUMENT["components"], "allOf": [content(payload["type"])["schema"]]}
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return [f"{payload['type']} {error.json_path}: {error.message[:200]}" for error in validator.iter_errors(payload)]


def test_every_kind_that_is_written_is_in_the_catalogue_and_no_other():
    assert set(CATALOGUE) == set(events.kinds()) | {events.TEST}, "deploy/build/events.py --write mends it"


def test_a_subscription_may_name_what_the_catalogue_has():
    assert DOCUMENT["components"]["schemas"]["EventKindPattern"]["enum"] == events.patterns()


@pytest.mark.parametrize("kind", sorted(CATALOGUE))
def test_the_example_of_a_kind_is_one_of_it(kind):
    (example,) = content(kind)["examples"].values()
    assert example["value"]["type"] == kind and not complaints(example["value"])


def use(world, ids):
    """Whatever the examples allow: actions and changes, then deletions, children first."""
    for operation, definition in OPERATIONS.items():
        if definition["method"] in ("PATCH", "POST", "PUT") and operation not in PUBLIC and not operation.startswith(("create", "calculate")):
            perform(world.owner, operation, ids)
    for _ in range(3):
        for operation, definition in OPERATIONS.items():
            if definition["method"] == "DELETE" and operation not in PUBLIC | LEAVING | {"deleteWebhookEndpoint"}:
                perform(world.owner, operation, ids)


def test_what_is_sent_fits_the_catalogue(start_system):
    system = start_system(clock="2025-01-06T10:00:00+09:00", environment={
        "MEGURI_ACCESS_TOKEN_SECONDS": "86400", "MEGURI_JOB_THREADS": "0", "MEGURI_WEBHOOK_ALLOW": "127.0.0.1/32"})
    sink, world = Sink(), World(system)
    made = world.owner.call("createWebhookEndpoint", {"name": "すべて", "url": sink.url, "event_kinds": ["*"]}, expect=201).json()
    use(world, world.second)
    world.owner.post(f"/v1/webhook-endpoints/{made['id']}/replay", {"since": "2025-01-01T00:00:00Z"})
    system.run_jobs()
    world.owner.post(f"/v1/webhook-endpoints/{made['id']}/replay", {"since": "2025-01-01T00:00:00Z"}, expect=202)
    system.run_jobs()
    sink.stop()
    payloads = [json.loads(received.body) for received in sink.received]
    wrong = [c for payload in payloads for c in complaints(payload)]
    assert wrong == []
    assert len({payload["type"] for payload in payloads}) >= 150
