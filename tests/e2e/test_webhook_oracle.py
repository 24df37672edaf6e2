"""What Meguri sends is genuine in the eyes of the reference library of Standard Webhooks (npm `standardwebhooks`, tests/oracle)."""
import json
import os
import shutil
import subprocess

import pytest

from meguri_test import ROOT
from meguri_test.sink import Sink

ORACLE = ROOT / "tests/oracle"


@pytest.fixture(scope="module")
def sent(start_system):
    """Messages before and during a rotation, and both secrets."""
    system = start_system(environment={"MEGURI_WEBHOOK_ALLOW": "127.0.0.1/32", "MEGURI_JOB_THREADS": "0"})
    owner, sink = system.owner(), Sink()
    made = owner.call("createWebhookEndpoint", {"name": "受信", "url": sink.url, "event_kinds": ["client.*", "asset.*"]}, expect=201).json()
    client = owner.call("createClient", {"name": "青葉精機 \"引用\" \\ 改行\n絵文字😀"}, expect=201).json()["id"]
    system.run_jobs()
    rotated = owner.post(f"/v1/webhook-endpoints/{made['id']}/rotate", {}, expect=200).json()
    owner.post(f"/v1/clients/{client}/assets", {"name": "顧客名簿"}, expect=201)
    owner.post(f"/v1/webhook-endpoints/{made['id']}/test", expect=202)
    system.run_jobs()
    sink.stop()
    assert len(sink.received) == 3
    return sink.received, made["secret"], rotated["secret"]


def judged(messages):
    node = shutil.which("node")
    assert node, "node is needed (package nodejs)"
    reply = subprocess.run([node, ORACLE / "verify_webhooks.js"], input=json.dumps(messages), capture_output=True, text=True, check=True,
                           env=os.environ | {"NODE_PATH": str(ORACLE / "modules")})
    return reply.stdout.splitlines()


def message(received, secret, **changed):
    return {"secret": secret, "headers": dict(received.headers), "body": received.body.decode()} | changed


def test_every_message_is_genuine(sent):
    received, old, new = sent
    assert judged([message(received[0], old), message(received[1], new), message(received[2], new)]) == ["ok"] * 3


def test_during_a_rotation_the_old_secret_verifies_too(sent):
    received, old, _ = sent
    assert judged([message(r, old) for r in received[1:]]) == ["ok"] * 2


def test_a_message_before_the_rotation_is_not_the_new_secrets(sent):
    received, _, new = sent
    assert judged([message(received[0], new)]) == ["No matching signature found"]


def test_what_was_tampered_with_is_refused(sent):
    received, old, _ = sent
    genuine = message(received[0], old)
    headers = genuine["headers"]
    assert judged([genuine | {"body": genuine["body"].replace("client.created", "client.deleted")},
                   genuine | {"headers": headers | {"webhook-id": "other"}},
                   genuine | {"headers": headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)}}]) == ["No matching signature found"] * 3
