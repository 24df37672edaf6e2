"""What is lost when something dies: nothing that was acknowledged, and nothing twice."""
import concurrent.futures
import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
import uuid

import httpx
import pytest
from meguri_test.cluster import Cluster
from meguri_test.system import System
from meguri_test.wait import until

WRITERS, READERS = 6, 2


@pytest.fixture(scope="module")
def durable():
    """A PostgreSQL that keeps what it has committed, to be killed."""
    made = Cluster(fast=False)
    yield made
    made.remove()


@pytest.fixture
def system(durable):
    made = System(durable, durable.clone("faults"), environment={"MEGURI_LOG_LEVEL": "warn"})
    yield made
    durable.start()
    made.close()


class Load:
    """Writers and readers in threads until stop(); every reply is kept. A writer retries with its key until it has a 201."""

    def __init__(self, system, owner):
        self.system, self.owner = system, owner
        self.client_id = owner.call("createClient", {"name": "青葉精機"}, expect=201).json()["id"]
        self.acknowledged, self.statuses, self.wrong, self.broken = {}, {}, [], 0
        self.ending = threading.Event()
        self.lock = threading.Lock()
        self.pool = concurrent.futures.ThreadPoolExecutor(WRITERS + READERS)
        self.tasks = [self.pool.submit(work) for work in [self.write] * WRITERS + [self.read] * READERS]

    def note(self, reply):
        with self.lock:
            self.statuses[reply.status_code] = self.statuses.get(reply.status_code, 0) + 1
            if reply.status_code == 503 and "retry-after" not in reply.headers:
                self.wrong.append("503 without Retry-After")
            elif reply.status_code not in (200, 201, 503):
                self.wrong.append(f"{reply.status_code} {reply.text}")

    def ask(self, http, *request, **rest):
        """The reply, or None when the connection ended without one."""
        try:
            reply = http.request(*request, headers={"Authorization": f"Bearer {self.owner.token}"} | rest.pop("headers", {}),
                                 **rest)
        except httpx.TransportError:
            self.broken += 1
            return None
        self.note(reply)
        return reply

    def write(self):
        with httpx.Client(base_url=self.system.url, timeout=30) as http:
            while not self.ending.is_set():
                key, name = uuid.uuid4().hex, uuid.uuid4().hex
                while True:
                    reply = self.ask(http, "POST", f"/v1/clients/{self.client_id}/sites", json={"name": name},
                                     headers={"Idempotency-Key": key})
                    if reply is not None and reply.status_code == 201:
                        self.acknowledged[name] = reply.json()["id"]
                        break
                    if self.ending.is_set():
                        return
                    time.sleep(0.02)

    def read(self):
        with httpx.Client(base_url=self.system.url, timeout=30) as http:
            while not self.ending.is_set():
                self.ask(http, "GET", f"/v1/clients/{self.client_id}")

    def written(self, more=1):
        """Waits until so many more writes are acknowledged."""
        wanted = len(self.acknowledged) + more
        until(lambda: len(self.acknowledged) >= wanted, 30, f"{more} more acknowledged writes; {self.statuses} {self.wrong}")

    def stop(self):
        self.ending.set()
        for task in self.tasks:
            task.result(60)
        self.pool.shutdown()


def stored_sites(system, client_id):
    return system.sql("select name, id::text from tenants.sites where client_id = %s", client_id)


def children(pid):
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout
    return [int(word) for word in found.split()]


def signal_all(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def crash(cluster):
    """Postmaster and all its backends at once, as when the machine loses its power."""
    postmaster = cluster.postmaster_pid()
    os.kill(postmaster, signal.SIGSTOP)  # else it may start one more while its children are counted
    signal_all([postmaster, *children(postmaster)], signal.SIGKILL)


@contextlib.contextmanager
def frozen(cluster):
    """Meanwhile the server answers nothing, and closes nothing."""
    postmaster = cluster.postmaster_pid()
    pids = [postmaster, *children(postmaster)]
    signal_all(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        signal_all(pids, signal.SIGCONT)


def check_nothing_lost_nothing_twice(system, load):
    rows = stored_sites(system, load.client_id)
    names = [name for name, _ in rows]
    assert len(names) == len(set(names)), "a retry under its Idempotency-Key made a second row"
    stored = dict(rows)
    lost = [name for name, site in load.acknowledged.items() if stored.get(name) != site]
    assert not lost, f"{len(lost)} of {len(load.acknowledged)} acknowledged writes are not there"
    events = system.sql("select count(*), count(distinct entity_id) from platform.events where kind = 'site.created' and client_id = %s",
                        load.client_id)[0]
    assert events == (len(rows), len(rows)), f"{len(rows)} sites, events and entities in them: {events}"


@pytest.mark.parametrize("how", ["crash", "immediate", "backends"])
def test_killing_postgresql_under_load_loses_no_acknowledged_write_and_makes_none_twice(system, durable, how):
    load = Load(system, system.owner())
    try:
        for _ in range(3):
            load.written(30)
            refused = load.statuses.get(503, 0)
            if how == "crash":
                crash(durable)
            elif how == "immediate":
                postmaster = durable.postmaster_pid()
                os.kill(postmaster, signal.SIGQUIT)
                until(lambda: not os.path.exists(f"/proc/{postmaster}"), 10, "the end of PostgreSQL")
            else:
                system.sql("select pg_terminate_backend(pid) from pg_stat_activity"
                           " where datname = current_database() and pid <> pg_backend_pid()")
            if how != "backends":
                until(lambda: load.statuses.get(503, 0) > refused, 10, "an answer while the database is away")
                durable_restart(durable)
        load.written(30)
    finally:
        load.stop()
    assert not load.wrong, load.wrong[:5]
    assert load.broken == 0, f"{load.broken} requests got no answer"
    check_nothing_lost_nothing_twice(system, load)


def durable_restart(cluster):
    """Comes back on the same socket; the programs know no other."""
    before = cluster.host, cluster.port
    cluster.start()
    assert (cluster.host, cluster.port) == before, "the cluster moved"


def test_readyz_says_503_while_the_database_is_away_and_200_when_it_is_back(system, durable):
    crash(durable)
    until(lambda: httpx.get(system.admin_url + "/readyz", timeout=5).status_code == 503, 10, "503 of /readyz")
    assert httpx.get(system.admin_url + "/livez", timeout=5).status_code == 200
    durable_restart(durable)
    system.wait_ready(15)


def stop_in(system, seconds):
    """SIGTERM; seconds until the end, with status 0."""
    process, begun = system.process, time.monotonic()
    process.send_signal(signal.SIGTERM)
    system.stop(seconds)
    return time.monotonic() - begun


def test_sigterm_under_load_finishes_every_request_that_was_taken(system):
    load = Load(system, system.owner())
    load.written(30)
    took = stop_in(system, 20)
    load.stop()
    assert took < 20
    assert not load.wrong, load.wrong[:5]
    assert 503 not in load.statuses, "a request that was taken was refused"
    check_nothing_lost_nothing_twice(system, load)
    assert len(stored_sites(system, load.client_id)) == len(load.acknowledged), "a write was done and not answered"


def test_after_sigterm_readyz_says_503_until_the_last_request_is_answered(system):
    """A half-sent request holds the drain open, so that there is time to look."""
    owner = system.owner()
    head = f"POST /v1/clients HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {owner.token}\r\nContent-Type: application/json\r\n"
    body = '{"name":"青葉精機"}'.encode()
    with socket.create_connection(("127.0.0.1", system.port)) as connection:
        connection.sendall(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body[:5])
        system.process.send_signal(signal.SIGTERM)
        until(lambda: httpx.get(system.admin_url + "/readyz", timeout=5).status_code == 503, 5, "503 of /readyz")
        with pytest.raises(OSError):
            until(lambda: socket.create_connection(("127.0.0.1", system.port)).close(), 5)
        connection.sendall(body[5:])
        assert connection.recv(65536).startswith(b"HTTP/1.1 201")
    system.stop(20)


def test_sigterm_ends_the_program_at_once_when_the_database_is_gone(system, durable):
    crash(durable)
    until(lambda: not system.is_ready(), 10, "/readyz to notice")
    assert stop_in(system, 20) < 10


def test_sigterm_ends_the_program_when_the_database_is_silent(system, durable):
    with frozen(durable):
        time.sleep(1.5)  # more than MEGURI_JOB_POLL_MS: every job thread sits in a call by now, which nothing shows
        assert stop_in(system, 20) < 15


def test_sigterm_under_load_ends_the_program_when_the_database_is_silent(system, durable):
    load = Load(system, system.owner())
    load.written(10)
    with frozen(durable):
        took = stop_in(system, 25)
        load.stop()
    assert took < 22
    assert not load.wrong, load.wrong[:5]


def test_a_silent_database_makes_calls_fail_and_the_program_recovers_by_itself(system, durable):
    owner = system.owner()
    with frozen(durable):
        reply = owner.http.get("/v1/clients", headers={"Authorization": f"Bearer {owner.token}"}, timeout=30)
        assert reply.status_code == 503 and reply.headers["Retry-After"]
    until(lambda: owner.call("listClients").status_code == 200, 20, "the program at work again")
    until(system.is_ready, 20, "/readyz")


def test_killing_the_program_under_load_loses_no_acknowledged_write_and_makes_none_twice(system):
    load = Load(system, system.owner())
    try:
        for _ in range(2):
            load.written(30)
            system.kill()
            system.start()
        load.written(30)
    finally:
        load.stop()
    assert not load.wrong, load.wrong[:5]
    check_nothing_lost_nothing_twice(system, load)


def test_writes_that_wait_for_a_lock_do_not_hold_up_reads(system, durable):
    owner = system.owner()
    client_id = owner.call("createClient", {"name": "青葉精機"}, expect=201).json()["id"]
    write = lambda _: system.client(owner.token).call("createSite", {"name": "本社"}, client_id=client_id).status_code
    with concurrent.futures.ThreadPoolExecutor(20) as pool, durable.connect(system.database, autocommit=False) as lock:
        lock.execute("lock table tenants.sites in exclusive mode")
        writes = [pool.submit(write, i) for i in range(20)]  # more than there are connections for writing
        until(lambda: system.sql("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")[0][0] >= 4, 10,
              "writes that wait")
        begun = time.monotonic()
        for _ in range(20):
            owner.call("getClient", client_id=client_id, expect=200)
        took = time.monotonic() - begun
        assert not any(task.done() for task in writes), "the writes did not wait"
        lock.rollback()
        assert {task.result() for task in writes} == {201}
    assert took < 2, f"20 reads took {took:.1f} s"
