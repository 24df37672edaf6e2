"""Leases of background work: who runs what, one at a time, and nothing is forgotten."""
import concurrent.futures
import uuid

import psycopg
import pytest

from meguri_test.cluster import Cluster


@pytest.fixture
def offices(cluster, database):
    """Three consultancies, and no work but what the test makes."""
    cluster.execute("delete from platform.work", database=database)
    cluster.execute("delete from platform.consultancies", database=database)
    found = {uuid.uuid4() for _ in range(3)}
    for office in found:
        cluster.execute("insert into platform.consultancies (id, created_at) values (%s, now())", office, database=database)
    return found


@pytest.fixture
def program(cluster, database, offices):
    with psycopg.connect(cluster.conninfo(database, "meguri_notifications"), autocommit=True) as connection:
        connection.execute("select platform.ensure_work('{deliver}')")
        yield lambda text, *values: connection.execute(text, values).fetchall()


def claim(program, holder="one", seconds=60):
    rows = program("select consultancy_id, fence from platform.claim_work('deliver', %s, %s)", holder, seconds)
    return rows[0] if rows else None


def finish(program, claimed, holder="one", pause=0.0):
    return program("select platform.finish_work('deliver', %s, %s, %s, %s)", claimed[0], holder, claimed[1], pause)[0][0]


def expire_leases(cluster, database):
    cluster.execute("update platform.work set lease_until = clock_timestamp() - interval '1 second' "
                    "where lease_until is not null", database=database)


def test_every_consultancy_is_worked_on_once(program, offices):
    assert {claim(program)[0] for _ in range(3)} == offices
    assert claim(program) is None


def test_finished_work_is_due_after_its_pause(program):
    for _ in range(3):
        assert finish(program, claim(program), pause=3600)
    assert claim(program) is None
    program("select platform.make_work_due('{deliver}')")
    assert claim(program)


def test_work_that_says_more_is_due_at_once(program, offices):
    for office in range(3):
        assert finish(program, claim(program), pause=3600 if office else 0)
    assert claim(program)[0] in offices
    assert claim(program) is None


def test_an_expired_lease_goes_to_another_with_a_higher_fence(cluster, database, program):
    lost = claim(program)
    claim(program), claim(program)
    expire_leases(cluster, database)
    again = [claim(program, "two") for _ in range(3)]
    taken = next(work for work in again if work[0] == lost[0])
    assert taken[1] == lost[1] + 1
    assert not finish(program, lost), "who lost the lease must not end the other's"
    assert program("select platform.renew_work('deliver', %s, 'one', %s, 60)", *lost) == [(False,)]
    assert finish(program, taken, "two")


def test_a_renewed_lease_is_kept(cluster, database, program):
    kept = claim(program)
    claim(program), claim(program)
    expire_leases(cluster, database)
    assert program("select platform.renew_work('deliver', %s, 'one', %s, 60)", *kept) == [(True,)]
    assert kept[0] not in {claim(program, "two")[0] for _ in range(2)}
    assert claim(program, "two") is None


def test_a_suspended_consultancy_is_not_worked_on(cluster, database, program, offices):
    asleep = next(iter(offices))
    cluster.execute("update platform.consultancies set status = 'suspended' where id = %s", asleep, database=database)
    assert {claim(program)[0] for _ in range(2)} == offices - {asleep}
    assert claim(program) is None


def test_asking_for_work_twice_changes_nothing(program):
    claim(program)
    program("select platform.ensure_work('{deliver}')")
    claim(program), claim(program)
    assert claim(program) is None


def test_many_at_once_never_share_a_claim(cluster, database, offices, program):
    def worker(number):
        with psycopg.connect(cluster.conninfo(database, "meguri_notifications"), autocommit=True) as connection:
            rows = connection.execute("select consultancy_id, fence from platform.claim_work('deliver', %s, 60)",
                                      (f"worker {number}",)).fetchall()
            return rows
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        claimed = [row for rows in pool.map(worker, range(8)) for row in rows]
    assert len(claimed) == len({office for office, _ in claimed}) <= 3
    while (rest := claim(program)) is not None:
        claimed.append(rest)
    assert {office for office, _ in claimed} == offices and len(claimed) == 3


def test_two_databases_of_one_cluster_are_migrated_at_once():
    """Roles are the cluster's: whoever comes second finds them there."""
    cluster = Cluster()
    try:
        names = ["left", "right"]
        for name in names:
            cluster.create_database(name)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(cluster.migrate, names))
        for name in names:
            assert cluster.execute("select count(*) from tenants.clients", database=name) == [(0,)]
    finally:
        cluster.remove()
