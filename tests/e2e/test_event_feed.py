"""Following the trail: long poll and Server-Sent Events, without gaps, until the token or the role ends."""
import json
import threading
import time

import httpx
import pytest

from meguri_test import until


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(environment={"MEGURI_MEMBERSHIP_CACHE_MS": "0"})


def add(owner, name="青葉精機"):
    return owner.call("createClient", {"name": name}, expect=201).json()["id"]


def follow(owner, **params):
    return owner.get("/v1/events", params={"wait": 0} | params, expect=200).json()


def sealed(owner, count):
    """Until so many events of clients are in the feed."""
    return until(lambda: len(follow(owner, entity="client", limit=200)["data"]) >= count, 15, "sealed events")


class Stream:
    """Server-Sent Events, read by a thread."""

    def __init__(self, system, token, path="/v1/events", headers=None, params=None):
        self.events, self.comments, self.status, self.ended = [], [], None, threading.Event()
        self.arguments = (system.url + path, {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"} | (headers or {}), params)
        threading.Thread(target=self.read, daemon=True).start()
        until(lambda: self.status is not None, 10, "the stream's head")

    def read(self):
        url, headers, params = self.arguments
        with httpx.stream("GET", url, headers=headers, params=params, timeout=60) as reply:
            self.headers, current = reply.headers, {}
            self.status = reply.status_code
            for line in map(str.rstrip, reply.iter_lines()):
                if line.startswith(":"):
                    self.comments.append(line)
                elif line:
                    name, _, value = line.partition(": ")
                    current[name] = value
                elif "data" in current:
                    self.events.append(current)
                    current = {}
                else:
                    current = {}
        self.ended.set()

    def wait(self, count, seconds=15):
        return until(lambda: len(self.events) >= count and list(self.events), seconds, f"{count} events")


def test_a_feed_goes_on_where_it_stopped_and_misses_nothing(system):
    owner = system.owner()
    for n in range(7):
        add(owner, f"顧客{n}")
    sealed(owner, 7)
    seen, after = [], None
    while True:
        page = follow(owner, entity="client", limit=2, **({"after": after} if after else {}))
        after = page["next"]
        if not page["data"]:
            break
        seen += [e["data"]["name"] for e in page["data"]]
    assert sorted(seen) == [f"顧客{n}" for n in range(7)] and after
    add(owner, "あとから")
    page = follow(owner, entity="client", after=after, wait=20)
    assert [e["data"]["name"] for e in page["data"]] == ["あとから"]


def test_the_numbers_of_the_seal_have_no_gaps(system):
    owner = system.owner()
    threads = [threading.Thread(target=add, args=(owner.with_token(owner.token), f"同時{n}")) for n in range(12)]
    [t.start() for t in threads], [t.join() for t in threads]
    sealed(owner, 12)
    numbers = [e["chain_no"] for e in follow(owner, limit=200)["data"]]
    assert numbers == list(range(1, len(numbers) + 1))


def test_an_empty_feed_waits_as_long_as_it_was_told_and_answers_with_a_cursor(system):
    owner = system.owner()
    after = follow(owner, after="latest", entity="risk")["next"]
    start = time.monotonic()
    page = follow(owner, entity="risk", after=after, wait=2)
    assert 1.9 < time.monotonic() - start < 8
    assert page["data"] == [] and page["next"] == after


def test_a_waiting_reply_comes_as_soon_as_something_happens(system):
    owner = system.owner()
    client = add(owner)
    sealed(owner, 1)
    after = follow(owner, after="latest")["next"]
    threading.Timer(0.5, lambda: owner.with_token(owner.token).post(f"/v1/clients/{client}/assets", {"name": "PC"})).start()
    start = time.monotonic()
    page = follow(owner, entity="asset", after=after, wait=30)
    assert [e["kind"] for e in page["data"]] == ["asset.created"] and time.monotonic() - start < 10


def test_latest_begins_with_what_comes(system):
    owner = system.owner()
    add(owner, "前")
    sealed(owner, 1)
    after = follow(owner, after="latest")["next"]
    add(owner, "後")
    page = follow(owner, entity="client", after=after, wait=20)
    assert [e["data"]["name"] for e in page["data"]] == ["後"]


def test_a_list_without_wait_is_what_it_was(system):
    owner = system.owner()
    add(owner)
    sealed(owner, 1)
    plain = owner.get("/v1/events", params={"entity": "client"}, expect=200).json()
    assert plain["next"] is None and len(plain["data"]) == 1


def test_sort_and_wait_do_not_go_together_and_a_foreign_cursor_is_refused(system):
    owner = system.owner()
    refused = owner.get("/v1/events", params={"wait": 1, "sort": "at"}, expect=400).json()
    assert refused["errors"][0]["parameter"] == "sort" if "parameter" in refused["errors"][0] else refused["errors"]
    cursor = owner.get("/v1/events", params={"limit": 1}, expect=200).json()["next"]
    owner.get("/v1/events", params={"wait": 1, "after": cursor}, expect=400)
    owner.get("/v1/events", params={"wait": 61}, expect=400)


def test_another_consultancys_events_never_arrive(system):
    mine, other = system.owner(), system.owner()
    add(other, "他社の顧客")
    add(mine, "自社の顧客")
    sealed(mine, 1), sealed(other, 1)
    assert [e["data"]["name"] for e in follow(mine, entity="client")["data"]] == ["自社の顧客"]
    stream = Stream(system, mine.token, params={"entity": "client"})
    assert [json.loads(e["data"])["data"]["name"] for e in stream.wait(1)] == ["自社の顧客"]


def test_a_stream_brings_what_happened_and_what_happens(system):
    owner = system.owner()
    add(owner, "前")
    stream = Stream(system, owner.token, params={"entity": "client"})
    assert stream.status == 200 and stream.headers["content-type"].startswith("text/event-stream")
    stream.wait(1)
    add(owner, "後")
    events = stream.wait(2)
    assert [json.loads(e["data"])["data"]["name"] for e in events] == ["前", "後"]
    assert json.loads(events[0]["data"])["kind"] == "client.created"
    again = Stream(system, owner.token, params={"entity": "client"}, headers={"Last-Event-ID": events[0]["id"]})
    assert [json.loads(e["data"])["data"]["name"] for e in again.wait(1)] == ["後"]
    page = follow(owner, entity="client", after=events[0]["id"])
    assert [e["data"]["name"] for e in page["data"]] == ["後"]


def test_a_stream_ends_with_its_token(start_system):
    system = start_system(environment={"MEGURI_ACCESS_TOKEN_SECONDS": "10"})
    owner = system.owner()
    stream = Stream(system, owner.token)
    assert stream.ended.wait(25)
    last = stream.events[-1]
    assert last["event"] == "end" and json.loads(last["data"])["code"] == "token_expired"


def test_a_stream_ends_with_the_membership(system):
    owner = system.owner()
    email = "leaver@meguri.example"
    made = owner.call("createMember", {"email": email, "name": "x", "role": "admin"}, expect=201).json()
    system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": "a password that is long enough"}, expect=204)
    member = system.sign_in(email, "a password that is long enough")
    stream = Stream(system, member.token)
    owner.call("deleteMember", member_id=made["id"], if_match="*", expect=204)
    assert stream.ended.wait(15)
    assert json.loads(stream.events[-1]["data"])["code"] in ("unauthorized", "forbidden")


def test_too_many_feeds_are_refused_and_a_place_is_free_again_afterwards(start_system):
    system = start_system(environment={"MEGURI_FEEDS": "1"})
    owner = system.owner()
    waiting = threading.Thread(target=lambda: owner.with_token(owner.token).get("/v1/events", params={"wait": 4, "entity": "risk"}, expect=200))
    waiting.start()
    until(lambda: owner.get("/v1/events", params={"wait": 0}).status_code == 503, 3, "no place")
    waiting.join()
    follow(owner)


def test_the_program_stops_while_feeds_are_open(start_system):
    system = start_system()
    owner = system.owner()
    stream = Stream(system, owner.token)
    system.stop()
    assert stream.ended.wait(5) and stream.events[-1]["event"] == "end"
