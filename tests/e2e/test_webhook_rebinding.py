"""A name that leads outside when it is looked at and inside when it is used: the guard sees every address that is about to be connected."""
import os
import socket
import subprocess

import pytest

from meguri_test import ROOT
from meguri_test.sink import Sink

PUBLIC, INSIDE = "127.0.0.1", "127.0.0.2"  # what the operator allows plays the public network


@pytest.fixture(scope="module")
def office(start_system, tmp_path_factory):
    """A system whose resolver is ours; .answers(addresses) says what any name under rebind.test leads to from now on."""
    directory = tmp_path_factory.mktemp("resolver")
    library, answers = directory / "resolver.so", directory / "answers"
    answers.write_text("")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, ROOT / "tests/lib/preload/resolver.c", "-ldl"], check=True)
    system = start_system(clock="2025-01-06T09:00:00+09:00", environment={
        "MEGURI_JOB_THREADS": "0", "MEGURI_WEBHOOK_ALLOW": f"{PUBLIC}/32", "LD_PRELOAD": str(library),
        "MEGURI_TEST_RESOLVER": str(answers),
        "ASAN_OPTIONS": ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))})
    system.answers = lambda *addresses: answers.write_text("".join(f"{a}\n" for a in addresses))
    return system


class Pair:
    """The same port outside and inside."""

    def __init__(self):
        self.outside = Sink(host=PUBLIC)
        self.inside = Sink(host=INSIDE, port=self.outside.port)

    def stop(self):
        self.outside.stop(), self.inside.stop()


@pytest.fixture
def pair():
    made = Pair()
    yield made
    made.stop()


def deliver(system, pair, name, *answers):
    owner = system.owner()
    made = owner.call("createWebhookEndpoint", {"name": "x", "event_kinds": ["asset.deleted"], "url": f"http://{name}.rebind.test:{pair.outside.port}/"}, expect=201).json()
    system.answers(*answers)
    owner.post(f"/v1/webhook-endpoints/{made['id']}/test", expect=202)
    system.run_jobs()
    return next(iter(owner.pages(f"/v1/webhook-endpoints/{made['id']}/deliveries")))


def test_the_resolver_of_the_test_is_in_use(office, pair):
    assert deliver(office, pair, "good", PUBLIC)["status"] == "delivered"
    assert len(pair.outside.received) == 1 and pair.inside.received == []


def test_a_name_that_has_moved_inside_is_not_followed(office, pair):
    owner = office.owner()
    office.answers(PUBLIC)
    made = owner.call("createWebhookEndpoint", {"name": "x", "event_kinds": ["asset.deleted"], "url": f"http://moving.rebind.test:{pair.outside.port}/"}, expect=201).json()
    for addresses, outside in (([PUBLIC], 1), ([INSIDE], 1), ([PUBLIC], 2)):
        office.answers(*addresses)
        office.sql("update notifications.webhook_endpoints set rest_until = null where id = %s returning id", made["id"])
        owner.post(f"/v1/webhook-endpoints/{made['id']}/test", expect=202)
        office.run_jobs()
        assert len(pair.outside.received) == outside and pair.inside.received == []
    told = {d["status"]: d for d in owner.pages(f"/v1/webhook-endpoints/{made['id']}/deliveries")}
    assert "not allowed" in told["failed"]["last_error"]


@pytest.mark.parametrize("inside", [INSIDE, "169.254.169.254", "10.0.0.1", "::1", "::ffff:127.0.0.2", "fd00:ec2::254", "64:ff9b::7f00:2", "0.0.0.0"])
def test_no_address_of_a_mixed_answer_leads_inside(office, pair, inside):
    only = deliver(office, pair, "only", inside)
    assert only["status"] == "failed" and "not allowed" in only["last_error"]
    deliver(office, pair, "first", inside, PUBLIC)
    assert pair.inside.received == []


def test_the_inside_was_really_there(pair):
    with socket.create_connection((INSIDE, pair.inside.port), timeout=5):
        pass
