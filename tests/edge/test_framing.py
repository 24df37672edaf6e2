"""What must be refused, and what must not: each vector is a message and the statuses that may answer it."""
import json

import pytest

from raw import chunked, post, request

LONG = "a" * 9000
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: edge.example\r\n\r\n"


def te(value, body=b"0\r\n\r\n", more=()):
    return request("POST", headers=[("Transfer-Encoding", value), *more], body=body + SMUGGLED)


def cl(*values):
    return request("POST", headers=[("Content-Length", value) for value in values], body=b"12345" + SMUGGLED)


REFUSED = {
    # -- two ideas of where a message ends
    "two different Content-Length fields": (cl("5", "0"), {400}),
    "two equal Content-Length fields": (cl("5", "5"), {400}),
    "a list of lengths": (cl("5, 5"), {400}),
    "a signed length": (cl("+5"), {400}),
    "a negative length": (cl("-1"), {400}),
    "a hexadecimal length": (cl("0x5"), {400}),
    "a length with a fraction": (cl("5.0"), {400}),
    "an empty length": (cl(""), {400}),
    "a length with inner space": (cl("5 5"), {400}),
    "a length beyond 64 bits": (cl("18446744073709551621"), {400, 413}),
    "Content-Length before Transfer-Encoding": (
        request("POST", headers=[("Content-Length", 4), ("Transfer-Encoding", "chunked")], body=b"0\r\n\r\n" + SMUGGLED),
        {400}),
    "Transfer-Encoding before Content-Length": (
        request("POST", headers=[("Transfer-Encoding", "chunked"), ("Content-Length", 4)], body=b"0\r\n\r\n" + SMUGGLED),
        {400}),
    "an unknown transfer coding": (te("gzip"), {400, 501}),
    "a coding that begins with x": (te("xchunked"), {400, 501}),
    "a coding before chunked": (te("gzip, chunked"), {400, 501}),
    "a coding after chunked": (te("chunked, identity"), {400, 501}),
    "identity": (te("identity"), {400, 501}),
    "chunked twice in one field": (te("chunked, chunked"), {400, 501}),
    "chunked in two fields": (te("chunked", more=[("Transfer-Encoding", "chunked")]), {400, 501}),
    "chunked and identity in two fields": (te("chunked", more=[("Transfer-Encoding", "identity")]), {400, 501}),
    "an empty Transfer-Encoding": (te(""), {400, 501}),
    "chunked in quotes": (te('"chunked"'), {400, 501}),
    "chunked with a parameter": (te("chunked;q=1"), {400, 501}),
    "chunked after a vertical tab": (te("\x0bchunked"), {400, 501}),
    "a space before the colon of Transfer-Encoding": (
        request("POST", headers=["Transfer-Encoding : chunked"], body=b"0\r\n\r\n" + SMUGGLED), {400}),
    "a space before the colon of Content-Length": (
        request("POST", headers=["Content-Length : 5"], body=b"12345" + SMUGGLED), {400}),
    "chunked in HTTP/1.0": (
        request("POST", headers=[("Transfer-Encoding", "chunked")], body=b"0\r\n\r\n", version="HTTP/1.0"), {400, 501}),
    # -- chunks
    "a chunk size that is no number": (chunked(b"x\r\n\r\n"), {400}),
    "a chunk size with a sign": (chunked(b"+5\r\n12345\r\n0\r\n\r\n"), {400}),
    "a negative chunk size": (chunked(b"-5\r\n12345\r\n0\r\n\r\n"), {400}),
    "a chunk size with 0x": (chunked(b"0x5\r\n12345\r\n0\r\n\r\n"), {400}),
    "a chunk size that overflows": (chunked(b"10000000000000005\r\n12345\r\n0\r\n\r\n"), {400}),
    "an empty chunk size": (chunked(b"\r\n12345\r\n0\r\n\r\n"), {400}),
    "a space before a chunk size": (chunked(b" 5\r\n12345\r\n0\r\n\r\n"), {400}),
    "a space after a chunk size": (chunked(b"5 \r\n12345\r\n0\r\n\r\n"), {400}),
    "a chunk size line that ends with LF": (chunked(b"5\n12345\r\n0\r\n\r\n"), {400}),
    "chunk data that does not end with CR LF": (chunked(b"5\r\n12345XX0\r\n\r\n"), {400}),
    "chunk data that ends with LF": (chunked(b"5\r\n12345\n0\r\n\r\n"), {400}),
    "a bare CR after a chunk size": (chunked(b"5\r12345\r\n0\r\n\r\n"), {400}),
    "a chunk longer than it says": (chunked(b"3\r\n12345\r\n0\r\n\r\n"), {400}),
    "a long chunk extension": (chunked(b"5;" + b"e" * 5000 + b"\r\n12345\r\n0\r\n\r\n"), {400}),
    "endless small chunk extensions": (chunked(b"".join(b"1;" + b"e" * 200 + b"\r\nx\r\n" for _ in range(60))), {400}),
    "a NUL in a chunk extension": (chunked(b"5;a=\0\r\n12345\r\n0\r\n\r\n"), {400}),
    "a bare LF in a chunk extension": (chunked(b"5;a\nb\r\n12345\r\n0\r\n\r\n"), {400}),
    "a trailer with Content-Length": (chunked(b"0\r\nContent-Length: 5\r\n\r\n"), {400}),
    "the last chunk ended with LF LF": (chunked(b"0\n\n"), {400}),
    # -- request line
    "HTTP/0.9": (b"GET /\r\n\r\n", {400}),
    "HTTP/0.9 in its number": (request(version="HTTP/0.9"), {400, 505}),
    "HTTP/1.2": (request(version="HTTP/1.2"), {400, 505}),
    "HTTP/2.0": (request(version="HTTP/2.0"), {505}),
    "HTTP/11.1": (request(version="HTTP/11.1"), {400, 505}),
    "the HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    "a lower case protocol": (request(version="http/1.1"), {400}),
    "no version but a space": (b"GET / \r\nHost: a\r\n\r\n", {400}),
    "two spaces in the request line": (b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "a tab in the request line": (b"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "a space before the method": (b" GET / HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "something after the version": (b"GET / HTTP/1.1 x\r\nHost: a\r\n\r\n", {400}),
    "two empty lines before the request line": (b"\r\n\r\n" + request(), {400}),
    "an unknown method": (request("BREW"), {400, 405, 501}),
    "a lower case method": (request("get"), {400, 405, 501}),
    "a method with a separator": (request("GE(T"), {400, 501}),
    "CONNECT": (request("CONNECT", "edge.example:443"), {400, 405, 501}),
    "a TLS greeting": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64, {400}),
    # -- target
    "absolute-form": (request(target="http://edge.example/"), {400}),
    "authority-form": (request(target="edge.example:80"), {400}),
    "asterisk-form": (request("OPTIONS", "*"), {400}),
    "a relative path": (request(target="nothing"), {400}),
    "a fragment": (request(target="/a#b"), {400}),
    "a raw byte above 127 in the path": (request(target="/\xe9"), {400}),
    "an encoded NUL in the path": (request(target="/a%00b"), {400}),
    "an encoded LF in the path": (request(target="/a%0Ab"), {400}),
    "an encoded DEL in the path": (request(target="/a%7fb"), {400}),
    "an encoded NUL in the query": (request(target="/a?b=%00"), {400}),
    "half a percent-encoding": (request(target="/a%4"), {400}),
    "a percent sign alone": (request(target="/a%"), {400}),
    "a percent-encoding that is no hex": (request(target="/a%zz"), {400}),
    "an overlong UTF-8 slash": (request(target="/a%c0%af"), {400}),
    "a UTF-8 surrogate": (request(target="/a%ed%a0%80"), {400}),
    "UTF-8 that breaks off": (request(target="/a%e3%81"), {400}),
    "UTF-8 beyond U+10FFFF": (request(target="/a%f4%90%80%80"), {400}),
    "Latin-1 in the query": (request(target="/a?b=%e9"), {400}),
    "a backslash in the path": (request(target="/a\\b"), {400}),
    "a NUL in the target": (request(target="/a\0b"), {400}),
    "a target of more than 8 kB": (request(target="/" + LONG), {414}),
    "a query of more than 8 kB": (request(target="/?" + LONG), {414}),
    "a target without end": (b"GET /" + b"a" * 20000, {414}),
    # -- fields
    "no Host": (request(host=None), {400}),
    "two Host fields": (request(headers=[("Host", "other.example")]), {400}),
    "two equal Host fields": (request(headers=[("Host", "edge.example")]), {400}),
    "an empty Host": (request(host=""), {400}),
    "a Host with a path": (request(host="edge.example/x"), {400}),
    "a Host with a space": (request(host="edge.example x"), {400}),
    "a Host list": (request(host="edge.example,other.example"), {400}),
    "two Authorization fields": (request(headers=[("Authorization", "Bearer a"), ("Authorization", "Bearer b")]), {400}),
    "two Content-Type fields": (
        post(headers=[("Content-Type", "application/json"), ("Content-Type", "text/plain")]), {400}),
    "two Idempotency-Key fields": (post(headers=[("Idempotency-Key", "a"), ("idempotency-key", "b")]), {400}),
    "two If-Match fields": (request(headers=[("If-Match", '"a"'), ("If-Match", '"b"')]), {400}),
    "two If-None-Match fields": (request(headers=[("If-None-Match", '"a"'), ("IF-NONE-MATCH", '"b"')]), {400}),
    "a folded field": (request(headers=["A: b\r\n c"]), {400}),
    "a first field that is folded": (b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", {400}),
    "a field without colon": (request(headers=["nonsense"]), {400}),
    "a field without name": (request(headers=[": value"]), {400}),
    "a field name with a space": (request(headers=["A b: c"]), {400}),
    "a field name with a byte above 127": (request(headers=["\xe9: c"]), {400}),
    "a NUL in a field": (request(headers=["A: b\0c"]), {400}),
    "a NUL in a field name": (request(headers=["A\0: b"]), {400}),
    "an escape character in a field": (request(headers=["A: \x1b[31m"]), {400}),
    "a bare CR in a field": (request(headers=["A: b\rc"]), {400}),
    "a bare CR before the empty line": (b"GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", {400}),
    "bare LF as line end": (b"GET / HTTP/1.1\nHost: a\n\n", {400}),
    "one bare LF among fields": (b"GET / HTTP/1.1\r\nHost: a\nB: c\r\n\r\n", {400}),
    "a bare LF as empty line": (b"GET / HTTP/1.1\r\nHost: a\r\n\n", {400}),
    "only bare CR": (b"GET / HTTP/1.1\rHost: a\r\r", {400}),
    "one field of more than 8 kB": (request(headers=[("A", LONG)]), {431}),
    "fields of more than 8 kB together": (request(headers=[(f"A{n}", "b" * 400) for n in range(30)]), {431}),
    "more than 64 fields": (request(headers=[(f"A{n}", "b") for n in range(64)]), {431}),
    "fields without end": (b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"a" * 20000, {431}),
    "Upgrade to a web socket": (request(headers=[("Connection", "Upgrade"), ("Upgrade", "websocket")]), {400, 426, 501}),
    "Upgrade to h2c": (
        request(headers=[("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMA")]),
        {400, 426, 501}),
    "an unknown expectation": (post(headers=[("Expect", "200-maybe")]), {417}),
    "a length above every limit": (request("POST", headers=[("Content-Length", 10**12)]), {413}),
}

ACCEPTED = {
    "an empty line before the request line": b"\r\n" + request(),
    "HTTP/1.1 without a body": request(),
    "a field with spaces around its value": request(headers=["A: \t b \t"]),
    "an empty field value": request(headers=["A:"]),
    "64 fields": request(headers=[(f"A{n}", "b") for n in range(63)]),
    "a target of 8 kB": request(target="/?" + "a" * 8190),
    "fields of almost 8 kB": request(headers=[("A", "b" * 8100)]),
    "Japanese in the path, percent-encoded": request(target="/%E5%B7%A1%E3%82%8A"),
    "Japanese in the query, percent-encoded": request(target="/a?b=%E5%B7%A1%E3%82%8A%0A"),
    "an IPv6 Host": request(host="[::1]:8080"),
    "a field value above 127": request(headers=["A: \xe5\xb7\xa1"]),
}

ids = pytest.mark.parametrize


@ids("name", REFUSED)
def test_the_edge_refuses(anywhere, name):
    message, statuses = REFUSED[name]
    with anywhere() as raw:
        found = raw.send(message).replies_until_end()
    assert len(found) == 1, f"{len(found)} replies to one refused message: {found}"
    assert found[0].status in statuses, found[0]
    assert found[0].header("Content-Type") == "application/problem+json"
    assert json.loads(found[0].body)["status"] == found[0].status
    assert found[0].header("Connection") == "close"


@ids("name", [name for name, (message, _) in REFUSED.items() if len(message) < 1000])
def test_the_edge_refuses_byte_by_byte(edge, name):
    message, statuses = REFUSED[name]
    with edge.connect() as raw:
        found = raw.send_slowly(message).replies_until_end()
    assert [reply.status in statuses for reply in found] == [True], found


@ids("name", ACCEPTED)
def test_the_edge_accepts(anywhere, name):
    with anywhere() as raw:
        first = raw.send(ACCEPTED[name]).reply()
        second = raw.send(request()).reply()
    assert (first.status, second.status) == (404, 404), (first, second)


def test_a_refusal_says_why_in_japanese_when_asked(anywhere):
    with anywhere() as raw:
        reply = raw.send(request(headers=[("Host", "b"), ("Accept-Language", "ja")])).reply()
    assert "フィールド" in json.loads(reply.body)["detail"]


def test_a_refusal_comes_after_the_replies_of_earlier_requests(edge):
    with edge.connect() as raw:
        found = raw.send(request(target="/slow?100") + request(host=None)).replies_until_end()
    assert [reply.status for reply in found] == [200, 400]


def test_a_refused_head_request_gets_no_body(edge):
    for message in (request("HEAD", host=None), request("HEAD", "bad"), request("HEAD", headers=[": x"])):
        with edge.connect() as raw:
            reply = raw.send(message).reply(head=True)
            assert (reply.status, raw.ended()) == (400, True)


def test_nothing_behind_a_refused_message_is_handed_up(edge):
    before = edge.count()["requests"]
    with edge.connect() as raw:
        raw.send(cl("5", "0") + SMUGGLED * 5).replies_until_end()
    assert edge.count()["requests"] == before + 1, "only the count itself"


def test_a_client_can_read_the_refusal_of_a_body_it_is_still_sending(anywhere):
    with anywhere() as raw:
        raw.send(request("POST", headers=[("Content-Length", 12_000_000)]) + b"x" * 12_000_000)
        assert raw.reply().status == 413
