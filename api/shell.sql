-- The shell's own statements: who asks, what was answered before, how things stood.

-- name: findMembership
select m.role, m.client_id, m.all_clients, m.status, m.expires_at, m.locale, m.time_zone,
       m.status = 'active' and (m.expires_at is null or m.expires_at > :now::timestamptz) and c.status = 'active'
         and auth.session_active(:session::uuid, :now::timestamptz) as active
from tenants.members m
join platform.consultancies c on c.id = m.consultancy_id
where m.consultancy_id = :consultancy::uuid and m.id = :member::uuid;

-- name: findClient
select c.id
from tenants.clients c
where c.consultancy_id = :consultancy::uuid and c.id = :client_id::uuid;

-- Where a feed begins that wants only what comes.
-- name: findTrailTip
select coalesce(max(e.chain_no), 0) as chain_no
from platform.events e
where e.consultancy_id = :consultancy::uuid;

-- The foreign keys of the violated one's table that what was given does not meet.
-- name: findUnknownReferences
select r.violated as name
from platform.unknown_references(:violated, :given::jsonb) as r (violated);

-- A key is the caller's for a day; after that it may mean something new. No row: somebody has it, see findIdempotency.
-- name: claimIdempotency
-- no-event: says nothing about the consultancy's data
insert into platform.idempotency as i (consultancy_id, member_id, key, operation, body_hash, created_at)
values (:consultancy::uuid, :member::uuid, :idempotency_key, :operation, :body_hash, :now::timestamptz)
on conflict (consultancy_id, member_id, key) do update
set operation = excluded.operation, body_hash = excluded.body_hash, created_at = excluded.created_at,
    status = null, reply = null, headers = null
where i.created_at < excluded.created_at - interval '24 hours'
returning i.key;

-- name: findIdempotency
select i.operation, i.body_hash, i.status, i.reply, i.headers
from platform.idempotency i
where i.consultancy_id = :consultancy::uuid and i.member_id = :member::uuid and i.key = :idempotency_key;

-- name: storeIdempotency
-- no-event: says nothing about the consultancy's data
update platform.idempotency
set status = :status::int, reply = :reply, headers = :headers::jsonb
where consultancy_id = :consultancy::uuid and member_id = :member::uuid and key = :idempotency_key
returning key;

-- The row as the newest event not later than as_of left it. Events of one instant: the higher version is the newer, and a deletion tells of
-- version + 1 (here it also comes last with the same version; in the list that would cost a sort).
-- name: readAsOf
select newest.data as _raw
from (select e.kind, e.data
      from platform.events e
      where e.consultancy_id = :consultancy::uuid and e.entity = :x_entity and e.entity_id = :entity_id::uuid
        and e.at <= :as_of::timestamptz
      order by e.at desc, e.version desc nulls last, e.kind like '%.deleted' desc
      limit 1) newest
where newest.kind not like '%.deleted';

-- Two branches of which one never runs: each has the index that fits it.
-- name: listAsOf
select newest.data as _raw, newest.entity_id as _id
from ((select distinct on (e.entity_id) e.entity_id, e.kind, e.data
       from platform.events e
       where :client_id::uuid is not null
         and e.consultancy_id = :consultancy::uuid and e.entity = :x_entity and e.client_id = :client_id::uuid
         and e.at <= :as_of::timestamptz and (:after_id::uuid is null or e.entity_id > :after_id::uuid)
       order by e.entity_id, e.at desc, e.version desc nulls last)
      union all
      (select distinct on (e.entity_id) e.entity_id, e.kind, e.data
       from platform.events e
       where :client_id::uuid is null
         and e.consultancy_id = :consultancy::uuid and e.entity = :x_entity
         and e.at <= :as_of::timestamptz and (:after_id::uuid is null or e.entity_id > :after_id::uuid)
       order by e.entity_id, e.at desc, e.version desc nulls last)) newest
where newest.kind not like '%.deleted' and newest.data @> coalesce(:filters::jsonb, '{}')
order by newest.entity_id
limit :limit::int + 1;

-- name: loadSigningKeys
select k.kid, k.public_pem, k.private_sealed, extract(epoch from k.signs_from)::bigint as signs_from_s,
       coalesce(extract(epoch from k.verifies_until)::bigint, 0) as verifies_until_s
from auth.keys(:now::timestamptz) k;
