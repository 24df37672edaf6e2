"""Webhooks from an event to the receiver: signed, in order, tried again, disabled, replayed, and never into the inside."""
import base64
import hashlib
import hmac
import json
import subprocess
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from meguri_test.sink import Sink

LOCAL = {"MEGURI_WEBHOOK_ALLOW": "127.0.0.1/32"}
START = "2025-01-06T09:00:00+09:00"


@pytest.fixture(scope="module")
def live(start_system):
    """At the real time, delivering by itself."""
    return start_system(environment=LOCAL)


@pytest.fixture(scope="module")
def still(start_system):
    """Its clock is moved by the tests; delivers when asked (run_jobs)."""
    return start_system(clock=START, environment=LOCAL | {"MEGURI_JOB_THREADS": "0"})


@pytest.fixture
def sink():
    made = Sink()
    yield made
    made.stop()


@pytest.fixture
def fresh(still):
    still.set_clock(START)
    return still


def endpoint(owner, sink, **more):
    return owner.call("createWebhookEndpoint", {"name": "受信", "url": sink.url} | more, expect=201).json()


def of(owner, made, **rest):
    return owner.get(f"/v1/webhook-endpoints/{made['id']}", **rest)


def deliveries(owner, made, **params):
    return list(owner.pages(f"/v1/webhook-endpoints/{made['id']}/deliveries", params=params))


def signatures(secret, received):
    """Which v1 signatures this secret explains."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{received.id}.{received.headers['webhook-timestamp']}.".encode() + received.body
    wanted = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return [s for s in received.headers["webhook-signature"].split() if s == wanted]


def add_client(owner, name="青葉精機"):
    return owner.call("createClient", {"name": name}, expect=201).json()


# ---- what is sent

def test_an_event_arrives_within_seconds_with_id_time_and_both_signatures(live, sink):
    owner = live.owner()
    made = endpoint(owner, sink, event_kinds=["client.created"])
    client = add_client(owner)
    (received,) = sink.wait(1)
    payload = received.json
    assert payload["type"] == "client.created" and payload["data"]["object"]["name"] == "青葉精機"
    assert payload["data"]["entity_id"] == client["id"] and set(payload) == {"type", "timestamp", "data"}
    assert abs(int(received.headers["webhook-timestamp"]) - time.time()) < 20
    assert len(signatures(made["secret"], received)) == 1
    (v1a,) = [s for s in received.headers["webhook-signature"].split() if s.startswith("v1a,")]
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(made["public_key"].removeprefix("whpk_")))
    public.verify(base64.b64decode(v1a[4:]),
                  f"{received.id}.{received.headers['webhook-timestamp']}.".encode() + received.body)
    assert received.headers["content-type"] == "application/json"


def test_the_secret_is_shown_once_and_never_stored_in_the_trail(fresh, sink):
    owner = fresh.owner()
    made = endpoint(owner, sink)
    assert made["secret"].startswith("whsec_") and "secret" not in of(owner, made, expect=200).json()
    secret = made["secret"].removeprefix("whsec_")
    assert fresh.sql("select count(*) from platform.events where data::text like %s", f"%{secret}%") == [(0,)]
    assert fresh.sql("select count(*) from notifications.webhook_endpoints where secret_sealed like %s", f"%{secret}%") == [(0,)]


def test_the_trail_knows_the_host_of_an_address_and_not_its_secret_path(fresh):
    owner = fresh.owner()
    made = owner.call("createWebhookEndpoint", {"name": "x", "kind": "slack", "url": "https://hooks.example.com/services/T0/B0/s3cr3t"}, expect=201).json()
    changed = owner.patch(f"/v1/webhook-endpoints/{made['id']}", {"url": "https://hooks.example.com/services/T0/B0/0th3r"}, if_match="*", expect=200).json()
    assert made["url"].endswith("s3cr3t") and changed["url"].endswith("0th3r")
    trail = list(owner.pages("/v1/events", params={"entity": "webhook_endpoint"}))
    assert [e["data"]["url"] for e in trail] == ["https://hooks.example.com"] * 2


def test_only_subscribed_kinds_and_the_one_client_are_told(fresh, sink):
    owner = fresh.owner()
    one, two = add_client(owner, "甲"), add_client(owner, "乙")
    endpoint(owner, sink, client_id=one["id"], event_kinds=["asset.*", "department.created"])
    for client in (one, two):
        asset = owner.post(f"/v1/clients/{client['id']}/assets", {"name": "PC"}, expect=201)
        owner.patch(asset.headers["location"], {"name": "ノートPC"}, if_match="*", expect=200)
        owner.post(f"/v1/clients/{client['id']}/sites", {"name": "本社", "kind": "head_office"})
    fresh.run_jobs()
    assert [r.json["type"] for r in sink.received] == ["asset.created", "asset.changed"]
    assert {r.json["data"]["client_id"] for r in sink.received} == {one["id"]}


def test_what_happened_before_the_endpoint_is_not_told(fresh, sink):
    owner = fresh.owner()
    add_client(owner)
    fresh.run_jobs()
    endpoint(owner, sink, event_kinds=["client.*"])
    fresh.run_jobs()
    assert sink.received == []


def test_another_consultancy_hears_nothing(fresh, sink):
    mine, other = fresh.owner(), fresh.owner()
    endpoint(mine, sink, event_kinds=["client.created"])
    add_client(other)
    fresh.run_jobs()
    assert sink.received == []


# ---- keys

def test_during_a_rotation_both_secrets_sign_and_afterwards_only_the_new_one(fresh, sink):
    owner = fresh.owner()
    old = endpoint(owner, sink, event_kinds=["client.created"])
    new = owner.post(f"/v1/webhook-endpoints/{old['id']}/rotate", {"overlap_hours": 1}, expect=200).json()
    add_client(owner)
    fresh.run_jobs()
    (during,) = sink.received
    assert len(signatures(old["secret"], during)) == len(signatures(new["secret"], during)) == 1
    assert len(during.headers["webhook-signature"].split()) == 4
    fresh.set_clock("2025-01-06T10:00:01+09:00")
    owner = fresh.sign_in(owner.consultancy["email"])
    add_client(owner)
    fresh.run_jobs()
    after = sink.received[-1]
    assert signatures(old["secret"], after) == [] and len(after.headers["webhook-signature"].split()) == 2
    assert len(signatures(new["secret"], after)) == 1


# ---- when it fails

def test_a_failure_is_tried_again_under_the_same_id_and_logged(fresh, sink):
    owner = fresh.owner()
    made = endpoint(owner, sink, event_kinds=["client.created"])
    sink.answers(500, "まだ準備中です".encode())
    add_client(owner)
    fresh.run_jobs()
    (failed,) = deliveries(owner, made)
    assert (failed["status"], failed["attempts"], failed["last_status"]) == ("failed", 1, 500)
    assert "まだ準備中です" in failed["last_error"]
    sink.answers(204)
    fresh.set_clock("2025-01-06T09:00:10+09:00")
    fresh.run_jobs()
    assert len({r.id for r in sink.received}) == 1 and len(sink.received) == 2 and sink.received[0].body == sink.received[1].body
    one = owner.get(f"/v1/webhook-endpoints/{made['id']}/deliveries/{failed['id']}", expect=200).json()
    assert one["status"] == "delivered" and one["id"] == sink.received[0].id
    assert [(a["outcome"], a["status"]) for a in one["attempt_log"]] == [("failed", 500), ("delivered", 204)]
    assert all(a["latency_ms"] >= 0 for a in one["attempt_log"])


def test_retry_after_is_honoured(fresh, sink):
    owner = fresh.owner()
    made = endpoint(owner, sink, event_kinds=["client.created"])
    sink.answers(503, retry_after="900")
    add_client(owner)
    fresh.run_jobs()
    (failed,) = deliveries(owner, made)
    assert failed["next_attempt_at"] == "2025-01-06T00:15:00+00:00"
    add_client(owner, "別の顧客")
    fresh.set_clock("2025-01-06T09:14:00+09:00")
    fresh.run_jobs()
    assert len(sink.received) == 1
    sink.answers(200)
    fresh.set_clock("2025-01-06T09:15:00+09:00")
    fresh.run_jobs()
    assert len(sink.received) == 3


def test_an_earlier_event_of_the_same_object_is_told_first(fresh, sink):
    owner = fresh.owner()
    endpoint(owner, sink, event_kinds=["client.*"])
    first = add_client(owner, "甲")
    sink.answer = lambda r: (500 if r.json["type"] == "client.created" and r.json["data"]["object"]["name"] == "甲" else 204, {}, b"")
    owner.patch(f"/v1/clients/{first['id']}", {"name": "甲社"}, if_match="*", expect=200)
    add_client(owner, "乙")
    fresh.run_jobs()
    told = [(r.json["type"], r.json["data"]["object"]["name"]) for r in sink.received]
    assert sorted(told) == [("client.created", "乙"), ("client.created", "甲")]
    sink.answers(204)
    fresh.set_clock("2025-01-06T09:00:10+09:00")
    fresh.run_jobs()
    assert [r.json["data"]["object"]["name"] for r in sink.received[2:]] == ["甲", "甲社"]


def test_the_schedule_ends_after_three_days_with_ten_tries_and_disables_with_a_mail(start_system, sink):
    system = start_system(clock=START, environment=LOCAL | {"MEGURI_JOB_THREADS": "0", "MEGURI_ACCESS_TOKEN_SECONDS": "86400"})
    owner = system.owner()
    made = endpoint(owner, sink, name="社内ポータル", event_kinds=["client.created"])
    sink.answers(500, b"broken")
    add_client(owner)
    system.run_jobs()
    for day, hour in [(6, "09:00:10"), (6, "09:07:00"), (6, "09:45:00"), (6, "12:10:00"), (6, "18:00:00"), (7, "06:00:00"), (7, "22:00:00"),
                      (8, "21:00:00")]:
        system.set_clock(f"2025-01-{day:02}T{hour}+09:00")
        system.run_jobs()
    assert len(sink.received) == 9
    assert system.sql("select enabled from notifications.webhook_endpoints where id = %s", made["id"]) == [(True,)]
    system.set_clock("2025-01-10T00:00:00+09:00")
    system.run_jobs()
    assert len(sink.received) == 10 and len({r.id for r in sink.received}) == 1
    assert system.sql("select status, attempts from notifications.webhook_deliveries where endpoint_id = %s", made["id"]) == [("dead", 10)]
    assert system.sql("select enabled, disabled_reason from notifications.webhook_endpoints where id = %s", made["id"]) == [(False, "failing")]
    system.run_jobs()
    (mail,) = [m for m in system.mails(owner.consultancy["email"]) if "社内ポータル" in m.subject]
    assert "broken" in mail.text and sink.url in mail.text and f"PATCH /v1/webhook-endpoints/{made['id']} " in mail.text


def test_410_disables_at_once_and_a_replay_after_enabling_sends_what_was_missed(fresh, sink):
    owner = fresh.owner()
    made = endpoint(owner, sink, event_kinds=["client.created"])
    sink.answers(410)
    add_client(owner, "甲")
    fresh.run_jobs()
    now = of(owner, made, expect=200).json()
    assert (now["enabled"], now["disabled_reason"]) == (False, "gone")
    add_client(owner, "乙")
    fresh.run_jobs()
    assert len(sink.received) == 1
    sink.answers(204)
    owner.patch(f"/v1/webhook-endpoints/{made['id']}", {"enabled": True}, if_match="*", expect=200)
    add_client(owner, "丙")
    fresh.run_jobs()
    assert [r.json["data"]["object"]["name"] for r in sink.received[1:]] == ["丙"]
    replayed = owner.post(f"/v1/webhook-endpoints/{made['id']}/replay", {"since": "2025-01-06T00:00:00+00:00", "only_failed": True}, expect=202)
    assert replayed.json() == {"queued": 2, "next_no": None}
    fresh.run_jobs()
    missed = {r.json["data"]["object"]["name"]: r.id for r in sink.received[2:]}  # in any order
    assert missed.keys() == {"甲", "乙"} and len(sink.received) == 4
    assert missed["甲"] == sink.received[0].id


def test_one_delivery_is_replayed_under_its_id(fresh, sink):
    owner = fresh.owner()
    made = endpoint(owner, sink, event_kinds=["client.created"])
    add_client(owner)
    fresh.run_jobs()
    (one,) = deliveries(owner, made, status="delivered")
    owner.post(f"/v1/webhook-endpoints/{made['id']}/deliveries/{one['id']}/replay", expect=202)
    fresh.run_jobs()
    assert [r.id for r in sink.received] == [one["id"]] * 2


def test_a_test_message_goes_out_and_its_delivery_tells(fresh, sink):
    owner = fresh.owner()
    made = endpoint(owner, sink, event_kinds=["asset.created"])
    sent = owner.post(f"/v1/webhook-endpoints/{made['id']}/test", expect=202).json()
    fresh.run_jobs()
    (received,) = sink.received
    assert received.json["type"] == "webhook.test" and received.id == sent["id"]
    assert signatures(made["secret"], received)


def test_a_test_does_not_wait_for_one_that_failed(fresh, sink):
    owner = fresh.owner()
    made = endpoint(owner, sink, event_kinds=["asset.created"])
    sink.answers(500)
    owner.post(f"/v1/webhook-endpoints/{made['id']}/test", expect=202)
    fresh.run_jobs()
    sink.answers(204)
    owner.post(f"/v1/webhook-endpoints/{made['id']}/test", expect=202)
    fresh.run_jobs()
    assert {d["status"] for d in deliveries(owner, made)} == {"failed", "delivered"}


def test_a_chat_is_told_of_a_reminder_that_was_mailed(start_system, sink):
    system = start_system(clock=START, environment=LOCAL | {"MEGURI_JOB_THREADS": "0", "MEGURI_ACCESS_TOKEN_SECONDS": "86400"})
    owner = system.owner()
    endpoint(owner, sink, kind="slack", event_kinds=["delivery.sent"])
    client = add_client(owner, "株式会社ミナト")
    system.sql("""insert into scheduling.deadlines (consultancy_id, id, client_id, kind, title_ja, title_en, due_on, raw_on, hardness, rule, created_at, updated_at)
                  values (%s, gen_random_uuid(), %s, 'surveillance_audit', '第1回サーベイランス審査', 'first surveillance audit', '2025-02-07', '2025-02-07', 'hard',
                          'SUR-02', now(), now()) returning id""", owner.consultancy["consultancy_id"], client["id"])
    system.run_jobs()
    for day in ("08", "09"):
        system.set_clock(f"2025-01-{day}T10:30:00+09:00")
        system.run_jobs()
    assert any("株式会社ミナト" in r.json["text"] and "第1回サーベイランス審査" in r.json["text"] for r in sink.received), [r.json for r in sink.received]


def test_a_disabled_endpoint_gets_nothing(fresh, sink):
    owner = fresh.owner()
    made = endpoint(owner, sink)
    changed = owner.patch(f"/v1/webhook-endpoints/{made['id']}", {"enabled": False}, if_match="*", expect=200).json()
    assert changed["disabled_reason"] == "by_hand"
    add_client(owner)
    fresh.run_jobs()
    assert sink.received == []


def test_the_mail_about_a_disabled_endpoint_waits_while_mail_is_paused(fresh, sink):
    owner = fresh.owner()
    endpoint(owner, sink)
    sink.answers(410)
    add_client(owner)
    fresh.admin("pause", "email", "--consultancy", owner.consultancy["consultancy_id"])
    fresh.run_jobs()
    assert fresh.mails(owner.consultancy["email"]) == []
    fresh.admin("resume", "email", "--consultancy", owner.consultancy["consultancy_id"])
    fresh.run_jobs()
    assert len(fresh.mails(owner.consultancy["email"])) == 1


def test_a_disabled_endpoint_is_not_tested(fresh, sink):
    owner = fresh.owner()
    made = endpoint(owner, sink, enabled=False)
    assert "enabled: true" in owner.post(f"/v1/webhook-endpoints/{made['id']}/test", expect=409).json()["detail"]


def test_the_mail_about_a_disabled_endpoint_is_tried_again_in_a_while(fresh, sink):
    owner = fresh.owner()
    address = owner.consultancy["email"]
    endpoint(owner, sink)
    sink.answers(410)
    add_client(owner)
    fresh.mail.misbehave(defer=[address])
    for _ in range(2):
        fresh.run_jobs()
    fresh.mail.misbehave()
    fresh.run_jobs()
    assert fresh.mails(address) == []
    fresh.set_clock("2025-01-06T09:16:00+09:00")
    fresh.run_jobs()
    assert len(fresh.mails(address)) == 1


# ---- a hostile world

@pytest.mark.parametrize("url", ["https://abc.de/hooks", "https://face.cafe", "http://0x.example/", "https://1.2.3.abc/"])
def test_a_name_of_hexadecimal_letters_is_a_name(fresh, url):
    assert fresh.owner().call("createWebhookEndpoint", {"name": "x", "url": url, "enabled": False}, expect=201).json()["url"] == url


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://[::1]/", "http://[::ffff:10.0.0.1]/",
                                 "http://2130706433/", "http://0x7f.1/", "http://[fd00::1]/", "http://192.168.1.1/", "http://8.8.8.8:22/",
                                 "http://[64:ff9b::a00:1]/", "http://[2002:a00:1::]/"])
def test_a_bare_address_inside_is_refused_when_it_is_entered(fresh, url):
    refused = fresh.owner().post("/v1/webhook-endpoints", {"name": "x", "url": url}, expect=422).json()
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/url", "address_not_allowed")]


@pytest.mark.parametrize("url", ["ftp://example.com/", "http://user:pw@example.com/", "//example.com/", "http:///x", "http://example.com:99999/",
                                 "http://exa mple.com/", "file:///etc/passwd", "http://example.com/#x", "http://[::1/", "http://example.com:/"])
def test_what_is_no_plain_http_address_is_refused(fresh, url):
    refused = fresh.owner().post("/v1/webhook-endpoints", {"name": "x", "url": url}, expect=422).json()
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/url", "bad_format")]


def test_every_wrong_field_is_named(fresh):
    body = {"name": "x", "url": "http://10.0.0.1/", "client_id": "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5a02"}
    refused = fresh.owner().post("/v1/webhook-endpoints", body, expect=422).json()
    assert {e["pointer"] for e in refused["errors"]} == {"/url", "/client_id"}
    unknown = fresh.owner().post("/v1/webhook-endpoints", {"name": "x", "url": "https://example.com/", "event_kinds": ["audit.eaten"]}, expect=422)
    assert [e["pointer"] for e in unknown.json()["errors"]] == ["/event_kinds/0"]


def test_a_name_that_leads_inside_is_not_connected(start_system):
    """localhost is a name whose address the guard sees only when it is connected, as with any name that changes its mind."""
    system = start_system(clock=START, environment={"MEGURI_JOB_THREADS": "0"})
    owner, sink = system.owner(), Sink()
    made = owner.call("createWebhookEndpoint", {"name": "x", "url": f"http://localhost:{sink.port}/"}, expect=201).json()
    owner.post(f"/v1/webhook-endpoints/{made['id']}/test", expect=202)
    system.run_jobs()
    assert sink.received == []
    assert "not allowed" in deliveries(owner, made)[0]["last_error"]
    sink.stop()


def test_a_redirect_is_not_followed(fresh, sink):
    owner, inside = fresh.owner(), Sink()
    made = endpoint(owner, sink, event_kinds=["client.created"])
    sink.answers(307, location=inside.url)
    add_client(owner)
    fresh.run_jobs()
    assert inside.received == [] and deliveries(owner, made)[0]["last_status"] == 307
    inside.stop()


def test_a_huge_reply_is_cut_off(fresh, sink):
    owner = fresh.owner()
    made = endpoint(owner, sink, event_kinds=["client.created"])
    sink.answers(500, b"x" * 5_000_000)
    add_client(owner)
    fresh.run_jobs()
    assert len(deliveries(owner, made)[0]["last_error"]) <= 1000


def test_huge_headers_are_a_failure(fresh, sink):
    owner = fresh.owner()
    made = endpoint(owner, sink, event_kinds=["client.created"])
    sink.answer = lambda r: (200, {f"x-{n}": "y" * 4000 for n in range(20)}, b"")
    add_client(owner)
    fresh.run_jobs()
    (one,) = deliveries(owner, made)
    assert one["status"] == "failed" and "header" in one["last_error"]


def test_a_reply_that_does_not_end_says_so_and_is_given_a_rest(fresh, sink):
    owner = fresh.owner()
    made = endpoint(owner, sink, event_kinds=["client.created"])
    sink.answers(200, b"5\r\nab", transfer_encoding="chunked", connection="close")
    add_client(owner)
    fresh.run_jobs()
    (one,) = deliveries(owner, made)
    assert (one["status"], one["last_status"]) == ("failed", 200) and "transfer" in one["last_error"]
    add_client(owner)
    fresh.run_jobs()
    assert len(sink.received) == 1


def test_a_proxy_of_the_environment_is_not_used(start_system, sink):
    system = start_system(clock=START, environment=LOCAL | {"http_proxy": "http://127.0.0.1:1", "all_proxy": "http://127.0.0.1:1",
                                                            "MEGURI_JOB_THREADS": "0"})
    owner = system.owner()
    made = endpoint(owner, sink)
    owner.post(f"/v1/webhook-endpoints/{made['id']}/test", expect=202)
    system.run_jobs()
    assert sink.received


def test_only_a_certificate_that_can_be_checked_is_trusted(start_system, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    for trusted, status in ((None, "failed"), (str(certificate), "delivered")):
        sink = Sink(tls=(certificate, key))
        system = start_system(environment=LOCAL | {"MEGURI_JOB_THREADS": "0", "MEGURI_WEBHOOK_CA_FILE": trusted})
        owner = system.owner()
        made = endpoint(owner, sink, event_kinds=["asset.created"])
        owner.post(f"/v1/webhook-endpoints/{made['id']}/test", expect=202)
        system.run_jobs()
        (one,) = deliveries(owner, made)
        assert one["status"] == status and len(sink.received) == (status == "delivered"), one
        assert status == "delivered" or "certificate" in one["last_error"]
        sink.stop()


# ---- chats

@pytest.mark.parametrize("kind", ["slack", "teams"])
def test_a_chat_gets_a_sentence_in_its_language(fresh, sink, kind):
    owner = fresh.owner()
    endpoint(owner, sink, kind=kind, language="ja", event_kinds=["asset.created"])
    client = add_client(owner, "青葉<精機>&")
    owner.post(f"/v1/clients/{client['id']}/assets", {"name": "顧客*名簿*"}, expect=201)
    fresh.run_jobs()
    (received,) = sink.received
    body = received.json
    assert "webhook-signature" not in received.headers
    if kind == "slack":
        assert body["text"] == "青葉&lt;精機&gt;&amp;：情報資産が登録されました：顧客*名簿*"
        assert body["blocks"][0]["text"]["text"] == "青葉<精機>&：情報資産が登録されました：顧客*名簿*"
    else:
        card = body["attachments"][0]
        assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
        assert card["content"]["body"][0]["text"] == "青葉<精機>&：情報資産が登録されました：顧客\\*名簿\\*"
        assert body["type"] == "message" and json.dumps(body)


def test_an_english_chat_reads_the_client_s_english_name(fresh, sink):
    owner = fresh.owner()
    endpoint(owner, sink, kind="slack", language="en", event_kinds=["asset.created"])
    client = owner.call("createClient", {"name": "青葉精機", "name_en": "Aoba Seiki"}, expect=201).json()
    owner.post(f"/v1/clients/{client['id']}/assets", {"name": "Ledger"}, expect=201)
    fresh.run_jobs()
    assert sink.received[0].json["text"].startswith("Aoba Seiki: ")
