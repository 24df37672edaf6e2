-- The audit trail as a chain: every event gets the next number and the SHA-256 of (hash before it, its content).

-- name: loadSealTip
select e.chain_no, encode(e.hash, 'hex') as hash
from platform.events e
where e.consultancy_id = :consultancy and e.chain_no is not null
order by e.chain_no desc
limit 1

-- Of one instant, an object's versions in their order.
-- name: loadUnsealedEvents
select e.id,
       jsonb_build_array(e.id, e.at, e.actor_id, e.actor_kind, e.operation, e.kind, e.entity, e.entity_id, e.client_id, e.version,
                         e.data, e.request_id)::text as content
from platform.events e
where e.consultancy_id = :consultancy and e.chain_no is null
order by e.at, e.version nulls first, e.id
limit 500

-- name: sealEvents
-- no-event: sealing changes nothing that an event tells
update platform.events e
set chain_no = s.chain_no, hash = decode(s.hash, 'hex')
from jsonb_to_recordset(:sealed::jsonb) s(id uuid, chain_no bigint, hash text)
where e.consultancy_id = :consultancy and e.id = s.id and e.chain_no is null
returning e.chain_no

-- name: loadSealedEvents
select e.chain_no, encode(e.hash, 'hex') as hash,
       jsonb_build_array(e.id, e.at, e.actor_id, e.actor_kind, e.operation, e.kind, e.entity, e.entity_id, e.client_id, e.version,
                         e.data, e.request_id)::text as content
from platform.events e
where e.consultancy_id = :consultancy and e.chain_no > :after_no::bigint
order by e.chain_no
limit 500

-- name: sweepIdempotency
-- no-event: kept replies are nobody's history
delete from platform.idempotency i
where i.consultancy_id = :consultancy and i.created_at < :now::timestamptz - interval '2 days'
returning i.key

-- name: sweepSessions
-- no-event: ended sessions are nobody's history
select auth.sweep(:now::timestamptz - interval '30 days') as swept

-- name: listEvents
-- key: e.id
-- sort: at e.at timestamptz
select e.id, e.at, e.kind, e.entity, e.entity_id, e.client_id, e.version, e.operation, e.actor_id, e.actor_kind, e.request_id, e.data,
       e.chain_no, encode(e.hash, 'hex') as hash{key}
from platform.events e
where e.consultancy_id = :consultancy
  and (:entity::text is null or e.entity = :entity)
  and (:entity_id::uuid is null or e.entity_id = :entity_id::uuid)
  and (:client_id::uuid is null or e.client_id = :client_id::uuid)
  and (:kind::text is null or e.kind = :kind)
{page}

-- The trail in the order in which it was sealed: numbers without gaps, given out one after the other, so that whoever has seen one has seen all before it.
-- name: followEvents
-- key: e.id
-- sort: chain_no e.chain_no bigint
select e.id, e.at, e.kind, e.entity, e.entity_id, e.client_id, e.version, e.operation, e.actor_id, e.actor_kind, e.request_id, e.data,
       e.chain_no, encode(e.hash, 'hex') as hash{key}
from platform.events e
where e.consultancy_id = :consultancy and e.chain_no is not null
  and (:entity::text is null or e.entity = :entity)
  and (:entity_id::uuid is null or e.entity_id = :entity_id::uuid)
  and (:client_id::uuid is null or e.client_id = :client_id::uuid)
  and (:kind::text is null or e.kind = :kind)
{page}
