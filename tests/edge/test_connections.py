"""The life of a connection: order, back-pressure, deadlines, caps, ends. Only edge_server shows these on demand."""
import json
import resource
import signal
import socket
import ssl
import subprocess
import time

import pytest
from meguri_test.wait import until

from raw import Raw, chunked, post, request


def statuses(replies):
    return [reply.status for reply in replies]


# -- replies


def test_replies_come_in_the_order_of_requests_even_when_later_ones_are_ready_first(edge):
    delays = [200, 0, 120, 5, 60, 0]
    with edge.connect() as raw:
        raw.send(b"".join(request(target=f"/slow?{ms}") for ms in delays))
        assert [json.loads(raw.reply().body) for _ in delays] == [str(ms) for ms in delays]


def test_a_reply_to_head_has_the_length_and_no_body(edge):
    with edge.connect() as raw:
        raw.send(request("HEAD", "/big?5000") + request(target="/big?3"))
        head, after = raw.reply(head=True), raw.reply()
    assert head.header("Content-Length") == "5000" and after.body == b"\0\0\0"


@pytest.mark.parametrize("status", [204, 304])
def test_these_statuses_have_no_body(edge, status):
    with edge.connect() as raw:
        first = raw.send(request(target=f"/status?{status}")).reply()
        assert raw.send(request(target="/big?2")).reply().body == b"\0\0"
    assert first.status == status and first.header("Content-Length") is None


def test_every_reply_has_a_date_and_no_server_name(edge):
    with edge.connect() as raw:
        reply = raw.send(request()).reply()
    assert reply.header("Date").endswith(" GMT") and reply.header("Server") is None


def test_connection_close_is_honoured(anywhere):
    with anywhere() as raw:
        found = raw.send(request(headers=[("Connection", "close")]) + request()).replies_until_end()
    assert statuses(found) == [404] and found[0].header("Connection") == "close"


def test_http_1_0_closes_after_the_reply(anywhere):
    with anywhere() as raw:
        found = raw.send(request(version="HTTP/1.0")).replies_until_end()
    assert statuses(found) == [404] and found[0].header("Connection") == "close"


def test_http_1_0_may_keep_the_connection(anywhere):
    with anywhere() as raw:
        for _ in range(2):
            reply = raw.send(request(version="HTTP/1.0", headers=[("Connection", "keep-alive")])).reply()
            assert reply.header("Connection") == "keep-alive"


def test_a_reply_that_closes_drops_the_requests_behind_it(edge):
    with edge.connect() as raw:
        found = raw.send(request(target="/close") + request(target="/slow?50") * 3).replies_until_end()
    assert statuses(found) == [200]


def test_a_request_that_may_change_something_runs_alone(edge):
    slow_post = request("POST", "/slow?250", [("Content-Length", 0)])
    for first, second in ((slow_post, request()), (request(target="/slow?250"), slow_post), (slow_post, slow_post)):
        before = edge.count()["requests"]
        with edge.connect() as raw:
            raw.send(first + second + request())
            time.sleep(0.1)
            assert edge.count()["requests"] == before + 2, "the first request and this count"
            assert len([raw.reply() for _ in range(3)]) == 3


def test_a_half_closed_client_gets_the_replies_of_requests_that_had_to_wait(edge):
    slow_post = request("POST", "/slow?60", [("Content-Length", 2)], b"{}")
    with edge.connect() as raw:
        found = raw.send(slow_post * 3 + request() + slow_post[:-1]).half_close().replies_until_end()
    assert statuses(found) == [200, 200, 200, 404]


def test_a_flood_behind_a_slow_request_waits_in_the_kernel(start_edge, plain_program):
    edge = start_edge(plain_program)
    before = edge.count()["kb"]
    with edge.connect(timeout=0.3) as raw:
        raw.send(request("POST", "/slow?1500", [("Content-Length", 0)]))
        with pytest.raises(OSError):
            for _ in range(100):
                raw.send(request() * 20000)
        assert edge.count()["kb"] - before < 2048


# -- bodies


def test_a_body_of_known_length_arrives_whole(edge):
    body = bytes(range(32, 127)) * 5000
    with edge.connect() as raw:
        assert json.loads(raw.send(post("/echo", body)).reply().body)["body"].encode() == body


def test_a_chunked_body_arrives_whole_in_any_pieces(edge):
    message = chunked(b"5\r\nhello\r\n1;a=b\r\n \r\n0000a\r\n0123456789\r\n0\r\n\r\n", "/echo")
    for send in (Raw.send, Raw.send_slowly):
        with edge.connect() as raw:
            send(raw, message + request())
            assert json.loads(raw.reply().body)["body"] == "hello 0123456789"
            assert raw.reply().status == 404


def test_a_body_up_to_the_limit_of_its_path_is_accepted(edge):
    with edge.connect() as raw:
        assert raw.send(post("/limited", b"x" * 1000)).reply().status == 200


def test_a_longer_body_than_the_limit_of_its_path_is_refused_before_it_is_sent(edge):
    with edge.connect() as raw:
        found = raw.send(request("POST", "/limited", [("Content-Length", 1001)])).replies_until_end()
    assert statuses(found) == [413]


def test_a_chunked_body_is_refused_as_it_grows_past_the_limit(edge):
    with edge.connect() as raw:
        raw.send(chunked(b"1f4\r\n" + b"x" * 500 + b"\r\n", "/limited"))
        raw.send(b"1f5\r\n" + b"x" * 501 + b"\r\n")
        assert statuses(raw.replies_until_end()) == [413]


def test_a_client_that_expects_100_gets_it_and_then_the_reply(edge):
    with edge.connect() as raw:
        raw.send(request("POST", "/echo", [("Content-Length", 5), ("Expect", "100-Continue")]))
        assert raw.reply().status == 100
        assert json.loads(raw.send(b"hello").reply().body)["body"] == "hello"


def test_100_is_not_sent_when_the_body_would_be_too_large(edge):
    with edge.connect() as raw:
        raw.send(request("POST", "/limited", [("Content-Length", 2000), ("Expect", "100-continue")]))
        assert statuses(raw.replies_until_end()) == [413]


def test_100_waits_for_the_replies_of_earlier_requests(edge):
    with edge.connect() as raw:
        raw.send(request(target="/slow?100"))
        raw.send(request("POST", "/echo", [("Content-Length", 2), ("Expect", "100-continue")]))
        assert [raw.reply().status, raw.reply().status] == [200, 100]
        assert raw.send(b"ok").reply().status == 200


def test_a_request_without_body_gets_no_100(edge):
    with edge.connect() as raw:
        assert raw.send(request(headers=[("Expect", "100-continue")])).reply().status == 404


# -- deadlines


def test_a_head_that_drips_is_ended_by_its_absolute_deadline(start_edge):
    started = time.monotonic()
    with start_edge(request_ms=500).connect() as raw:
        raw.send_slowly(request()[:20], pause=0.1)
        assert statuses(raw.replies_until_end()) == [408]
    assert time.monotonic() - started < 5


def test_a_body_that_drips_is_ended_by_its_absolute_deadline(start_edge):
    with start_edge(request_ms=500).connect() as raw:
        raw.send(request("POST", "/echo", [("Content-Length", 1000)])).send_slowly(b"x" * 20, pause=0.1)
        assert statuses(raw.replies_until_end()) == [408]


def test_time_for_a_reply_is_not_time_of_the_client(start_edge):
    with start_edge(request_ms=300, idle_ms=300).connect() as raw:
        assert raw.send(request(target="/slow?1000")).reply().status == 200


def test_each_request_of_a_connection_has_its_own_deadline(start_edge):
    with start_edge(request_ms=600).connect() as raw:
        for _ in range(4):
            raw.send(request()[:10])
            time.sleep(0.25)
            assert raw.send(request()[10:]).reply().status == 404


def test_a_quiet_connection_is_closed_without_a_word(start_edge):
    with start_edge(idle_ms=300).connect() as raw:
        raw.send(request()).reply()
        assert raw.ended()


def test_a_connection_that_never_says_a_word_is_closed(start_edge):
    with start_edge(idle_ms=300).connect() as raw:
        assert raw.ended()


# -- back-pressure


def test_a_client_that_never_reads_cannot_grow_the_server_and_is_closed(start_edge, plain_program):
    edge = start_edge(plain_program, write_ms=1500)
    before = edge.count()
    flood = request(target="/big?100000") * 50
    with edge.connect(receive_buffer=4096, timeout=0.3) as raw:
        sent = 0
        with pytest.raises(OSError):
            while sent < 50_000_000:
                sent += raw.socket.send(flood)
        stuck = edge.count()
        assert stuck["kb"] - before["kb"] < 8 * 1024
        assert stuck["requests"] - before["requests"] < 200
        until(lambda: edge.count()["connections"] == 1, what="the end of the stuck connection")


def test_a_client_that_reads_late_gets_everything_in_order(edge):
    sizes = [100_000 + n for n in range(200)]
    with edge.connect(receive_buffer=4096) as raw:
        raw.send(b"".join(request(target=f"/big?{size}") for size in sizes))
        time.sleep(0.3)
        assert [len(raw.reply().body) for _ in sizes] == sizes


def test_no_more_than_64_requests_of_a_connection_wait_for_their_replies(edge):
    before = edge.count()["requests"]
    with edge.connect() as raw:
        raw.send(request(target="/slow?700") + request(target="/slow?1") * 199)
        time.sleep(0.3)
        assert edge.count()["requests"] - before == 1 + 64
        assert statuses([raw.reply() for _ in range(200)]) == [200] * 200


# -- caps


def test_a_connection_above_the_cap_is_told_503(start_edge):
    edge = start_edge(max_connections=3)
    held = [edge.connect() for _ in range(3)]
    with edge.connect() as raw:
        reply = raw.replies_until_end()[0]
    assert reply.status == 503 and reply.header("Retry-After")
    held.pop().close()

    def served():
        with edge.connect() as again:
            return again.send(request()).reply().status == 404

    until(served, what="room for another connection")
    for raw in held:
        raw.close()


def test_one_peer_cannot_take_all_connections(start_edge):
    edge = start_edge(max_per_peer=2)
    with edge.connect() as one, edge.connect() as two, edge.connect() as three:
        assert statuses(three.replies_until_end()) == [503]
        assert [raw.send(request()).reply().status for raw in (one, two)] == [404, 404]


def test_ten_thousand_idle_connections_cost_at_most_16_mib(start_edge, plain_program):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wanted = min(10_000, hard - 500)
    edge = start_edge(plain_program)
    before = edge.count()["kb"]
    held = []
    for _ in range(wanted):
        made = socket.create_connection(edge.address)
        made.sendall(request())
        held.append(made)
    for made in held:
        made.recv(1000)
    after = edge.count()
    for made in held:
        made.close()
    assert after["connections"] == wanted + 1
    assert (after["kb"] - before) * 10_000 / wanted <= 16 * 1024


# -- ends


def test_a_half_closed_client_still_gets_its_reply(edge):
    with edge.connect() as raw:
        found = raw.send(request(target="/slow?100") + request()).half_close().replies_until_end()
    assert statuses(found) == [200, 404]


def test_half_a_request_and_the_end_get_nothing(edge):
    with edge.connect() as raw:
        assert raw.send(request()[:-3]).half_close().ended()


def test_a_peer_may_reset_at_any_time(start_edge):
    edge = start_edge()
    messages = [b"", request()[:9], request(target="/slow?50"), request(target="/slow?50") * 70, post()[:-1],
                request(target="/big?3000000"), request(host=None), request("POST", headers=[("Content-Length", 9)])]
    for message in messages * 3:
        edge.connect().send(message).reset()
    until(lambda: edge.count()["connections"] == 1, what="the end of all connections")
    edge.stop()


def test_the_layer_above_hears_of_a_peer_that_went_away(start_edge):
    edge = start_edge()
    edge.connect().send(request(target="/slow?300")).reset()
    until(lambda: edge.count()["abandoned"] == 1, what="the word about the abandoned exchange")


def test_draining_finishes_what_is_busy_and_closes_what_is_idle(start_edge):
    edge = start_edge()
    with edge.connect() as busy, edge.connect() as idle:
        idle.send(request()).reply()
        busy.send(request(target="/slow?400"))
        until(lambda: edge.count()["requests"] >= 2, what="the busy request")
        edge.process.terminate()
        assert idle.ended()
        with pytest.raises(OSError):
            until(lambda: not edge.connect().close(), seconds=0.2)
            edge.connect()
        found = busy.replies_until_end()
    assert statuses(found) == [200] and found[0].header("Connection") == "close"
    edge.stop()


def test_draining_answers_what_had_reached_the_machine_before(start_edge):
    """A request on a connection nobody accepted yet, and one in the socket of an idle connection."""
    edge = start_edge()
    with edge.connect() as known:
        known.send(request()).reply()
        edge.process.send_signal(signal.SIGSTOP)
        with edge.connect() as unaccepted:
            unaccepted.send(request())
            known.send(request())
            edge.process.terminate()
            edge.process.send_signal(signal.SIGCONT)
            assert statuses(unaccepted.replies_until_end()) == [404]
            assert statuses(known.replies_until_end()) == [404]
    edge.stop()


# -- addresses


def test_an_address_where_another_program_listens_is_refused(edge, sanitized_program):
    done = subprocess.run([sanitized_program], env={"EDGE_LISTEN": "127.0.0.1:%d" % edge.address[1]},
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "taken" in done.stderr


@pytest.mark.parametrize("text", ["", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:80",
                                  "[::1:80", "127.0.0.1:-1"])
def test_a_malformed_address_is_refused(sanitized_program, text):
    done = subprocess.run([sanitized_program], env={"EDGE_LISTEN": text}, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "must look like" in done.stderr


def test_ipv6_is_spoken(start_edge):
    edge = start_edge(listen="[::1]:0")
    edge.address = ("::1", edge.address[1])
    with edge.connect() as raw:
        assert json.loads(raw.send(request(target="/echo")).reply().body)["peer"] == "::1"


# -- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
                   check=True, capture_output=True)
    return folder


@pytest.fixture
def tls_edge(start_edge, certificate):
    return start_edge(certificate=certificate / "cert.pem", key=certificate / "key.pem", idle_ms=2000, request_ms=700)


def wrap(raw, **versions):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for name, value in versions.items():
        setattr(context, name, value)
    raw.socket = context.wrap_socket(raw.socket)
    return raw


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_requests_of_every_size_work_over_tls(tls_edge, version):
    body = b"x" * 300_000
    with tls_edge.connect() as plain:
        raw = wrap(plain, minimum_version=version, maximum_version=version)
        assert len(json.loads(raw.send(post("/echo", body)).reply().body)["body"]) == len(body)
        raw.send(b"".join(request(target=f"/big?{n}") for n in (1, 3_000_000, 20_000, 0)))
        assert [len(raw.reply().body) for _ in range(4)] == [1, 3_000_000, 20_000, 0]


def test_a_refusal_over_tls_ends_with_a_proper_goodbye(tls_edge):
    with tls_edge.connect() as plain:
        assert statuses(wrap(plain).send(request(host=None)).replies_until_end()) == [400]


def test_tls_1_1_is_refused(tls_edge):
    with tls_edge.connect() as plain, pytest.raises((ssl.SSLError, ConnectionResetError)):
        wrap(plain, minimum_version=ssl.TLSVersion.TLSv1_1, maximum_version=ssl.TLSVersion.TLSv1_1)


def test_a_handshake_that_does_not_come_is_ended(tls_edge):
    with tls_edge.connect() as raw:
        assert raw.ended()


def test_plain_http_at_a_tls_address_ends_the_connection(tls_edge):
    with tls_edge.connect() as raw:
        raw.send(request())
        try:
            while raw.socket.recv(100):
                pass
        except ConnectionResetError:
            pass
    until(lambda: wrap(tls_edge.connect()).send(request()).reply().status == 404, what="the next client")
