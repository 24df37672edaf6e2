"""The audit trail: sealed into a chain that shows tampering; kept replies and ended sessions are swept."""
import hashlib

import pytest

ROW = ("select chain_no, encode(hash, 'hex'), jsonb_build_array(id, at, actor_id, actor_kind, operation, kind, entity, entity_id, client_id, version, "
       "data, request_id)::text from platform.events where consultancy_id = %s and chain_no is not null order by chain_no")


@pytest.fixture
def system(start_system):
    return start_system()


def test_every_event_is_sealed_and_the_chain_can_be_recomputed_by_anyone(system):
    owner = system.owner()
    for n in range(3):
        owner.call("createClient", {"name": f"記録{n}"}, expect=201)
    system.run_jobs()
    consultancy = owner.consultancy["consultancy_id"]
    with system.cluster.connect(system.database) as connection:
        connection.execute("set timezone = 'UTC'")
        rows = connection.execute(ROW, (consultancy,)).fetchall()
    unsealed = system.sql("select count(*) from platform.events where consultancy_id = %s and chain_no is null", consultancy)
    assert unsealed[0][0] == 0 and [r[0] for r in rows] == list(range(1, len(rows) + 1)) and len(rows) >= 6
    before = ""
    for _, sealed, content in rows:
        before = hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()
        assert sealed == before


def test_a_changed_event_is_reported_by_its_number(system):
    owner = system.owner()
    owner.call("createClient", {"name": "改ざん"}, expect=201)
    system.run_jobs()
    assert "trail_broken" not in system.log()
    system.sql("update platform.events set data = data || '{\"name\": \"別\"}' where consultancy_id = %s and kind = 'client.created' returning id",
               owner.consultancy["consultancy_id"])
    assert "trail_broken" in system.admin_run("run-jobs").stderr


def test_kept_replies_are_forgotten_after_two_days(start_system):
    system = start_system(clock="2025-01-06T09:00:00+09:00")
    owner = system.owner()
    owner.post("/v1/clients", {"name": "一度"}, key="sweep-me", expect=201)
    system.run_jobs()
    assert system.sql("select count(*) from platform.idempotency")[0][0] == 1
    system.set_clock("2025-01-09T09:00:00+09:00")
    system.run_jobs()
    assert system.sql("select count(*) from platform.idempotency")[0][0] == 0


def test_the_trail_lists_what_happened_and_filters_it(system):
    owner = system.owner()
    client = owner.call("createClient", {"name": "青葉精機"}, expect=201).json()["id"]
    asset = owner.post(f"/v1/clients/{client}/assets", {"name": "PC"}, expect=201).json()["id"]
    kinds = lambda **params: [e["kind"] for e in owner.pages("/v1/events", params=params)]
    assert {"client.created", "asset.created"} <= set(kinds())
    assert kinds(entity="asset") == ["asset.created"] and kinds(entity_id=asset) == ["asset.created"]
    assert "client.created" in kinds(client_id=client) and kinds(entity="risk") == []
