-- From the sealed trail to deliveries, and what became of them.

-- The trail has no gaps and no second thoughts once it is sealed: each endpoint walks along its numbers.
-- name: queueWebhooks
-- no-event: deliveries are their own record
with walking as materialized (
    select e.id, e.client_id, e.event_kinds, e.queued_no, e.created_at
    from notifications.webhook_endpoints e
    where e.consultancy_id = :consultancy and e.enabled
      and e.queued_no < (select max(v.chain_no) from platform.events v where v.consultancy_id = :consultancy)
    for update skip locked
), steps as materialized (
    select w.id as endpoint_id, v.id as event_id, v.client_id, v.chain_no, v.kind, coalesce(v.entity_id, v.id) as object_id,
           (w.client_id is null or v.client_id = w.client_id) and w.event_kinds ?| array['*', v.kind, v.entity || '.*']
           and v.at >= w.created_at as wanted
    from walking w
    cross join lateral (
        select v.id, v.client_id, v.chain_no, v.kind, v.entity, v.entity_id, v.at
        from platform.events v
        where v.consultancy_id = :consultancy and v.chain_no > w.queued_no
        order by v.chain_no
        limit :batch::int) v
), made as (
    insert into notifications.webhook_deliveries (consultancy_id, id, endpoint_id, client_id, event_id, event_no, event_kind, object_id,
                                                  next_attempt_at, created_at, updated_at)
    select :consultancy, gen_random_uuid(), s.endpoint_id, s.client_id, s.event_id, s.chain_no, s.kind, s.object_id, :now, :now, :now
    from steps s
    where s.wanted
    on conflict do nothing)
update notifications.webhook_endpoints e
set queued_no = s.last
from (select endpoint_id, max(chain_no) as last from steps group by endpoint_id) s
where e.consultancy_id = :consultancy and e.id = s.endpoint_id
returning e.id

-- A batch under a lease in real time. What is due again soon holds back whatever else is told of the same object, until it was tried
-- four times. `not in`, because it is looked up in a hash whatever PostgreSQL believes of the number of rows.
-- name: claimWebhooks
-- no-event: the outcome tells
with held as materialized (
    select d.endpoint_id, d.object_id
    from notifications.webhook_deliveries d
    where d.consultancy_id = :consultancy
      and (d.status = 'failed' and d.next_attempt_at > :now::timestamptz and d.attempts < 4
           or d.status = 'sending' and d.lease_until >= clock_timestamp())
), due as materialized (
    select d.id
    from notifications.webhook_endpoints e
    cross join lateral (
        select d.id
        from notifications.webhook_deliveries d
        where d.consultancy_id = :consultancy and d.endpoint_id = e.id
          and (d.status in ('pending', 'failed') and d.next_attempt_at <= :now::timestamptz
               or d.status = 'sending' and d.lease_until < clock_timestamp())
          and (d.endpoint_id, d.object_id) not in (select h.endpoint_id, h.object_id from held h)
        order by d.event_no nulls first, d.id
        limit :batch::int / 2
        for update of d skip locked) d
    where e.consultancy_id = :consultancy and e.enabled and (e.rest_until is null or e.rest_until <= :now::timestamptz)
    limit :batch::int
), claimed as (
    update notifications.webhook_deliveries d
    set status = 'sending', attempts = d.attempts + 1, fence = :fence::bigint,
        lease_until = clock_timestamp() + make_interval(secs => :lease_seconds::int)
    from due
    where d.consultancy_id = :consultancy and d.id = due.id
    returning d.id, d.endpoint_id, d.event_id, d.event_no, d.event_kind, d.object_id, d.attempts)
select c.id, c.endpoint_id, c.attempts, e.kind, e.url, e.language, e.secret_sealed, e.failures,
       case when e.previous_until > :now::timestamptz then e.previous_sealed end as previous_sealed,
       row_number() over (partition by c.endpoint_id, c.object_id order by c.event_no nulls first, c.id) as place,
       c.object_id, c.event_kind, coalesce(v.entity, 'webhook') as entity,
       case e.language when 'en' then coalesce(cl.name_en, cl.name) else cl.name end as client_name,
       coalesce(v.data ->> ('title_' || e.language), v.data ->> 'title', v.data ->> 'name', v.data ->> 'subject', v.data ->> 'number') as title,
       coalesce(v.data ->> 'due_on', v.data ->> 'planned_first_day') as day, v.data ->> 'status' as state,
       jsonb_build_object(
           'type', c.event_kind, 'timestamp', coalesce(v.at, :now::timestamptz),
           'data', case when v.id is null then jsonb_build_object('endpoint_id', c.endpoint_id)
                   else jsonb_build_object('id', v.id, 'chain_no', v.chain_no, 'entity', v.entity, 'entity_id', v.entity_id,
                                           'client_id', v.client_id, 'version', v.version, 'operation', v.operation, 'actor_id', v.actor_id,
                                           'actor_kind', v.actor_kind, 'request_id', v.request_id, 'object', v.data) end)::text as payload
from claimed c
join notifications.webhook_endpoints e on e.consultancy_id = :consultancy and e.id = c.endpoint_id
left join platform.events v on v.consultancy_id = :consultancy and v.id = c.event_id
left join tenants.clients cl on cl.consultancy_id = :consultancy and cl.id = v.client_id
order by c.endpoint_id, c.event_no nulls first, c.id

-- Whoever lost the lease records nothing. `status || ''` keeps PostgreSQL to the primary key: the index of open deliveries looks cheap to it and is not.
-- name: recordWebhooks
-- no-event: deliveries are their own record
with told as materialized (
    select o.id, o.outcome, o.status, o.latency, o.detail, o.delay
    from json_to_recordset(:outcomes::json) as o (id uuid, outcome text, status int, latency int, detail text, delay int)
), mine as materialized (
    select d.id, d.client_id
    from told t
    cross join lateral (
        select d.id, d.client_id
        from notifications.webhook_deliveries d
        where d.consultancy_id = :consultancy and d.id = t.id and d.status || '' = 'sending' and d.fence = :fence::bigint
        for update) d
), logged as (
    insert into notifications.webhook_attempts (consultancy_id, delivery_id, no, client_id, at, outcome, status, latency_ms, detail)
    select :consultancy, m.id, 1 + coalesce((select max(a.no) from notifications.webhook_attempts a
                                             where a.consultancy_id = :consultancy and a.delivery_id = m.id), 0),
           m.client_id, :now, t.outcome, t.status, t.latency, left(t.detail, 1000)
    from told t
    join mine m on m.id = t.id
    where t.outcome <> 'untried')
update notifications.webhook_deliveries d
set status = case t.outcome when 'untried' then case when d.attempts > 1 then 'failed' else 'pending' end else t.outcome end,
    attempts = case t.outcome when 'untried' then d.attempts - 1 else d.attempts end,
    next_attempt_at = case t.outcome when 'untried' then d.next_attempt_at
                                     when 'failed' then :now::timestamptz + make_interval(secs => t.delay) end,
    last_status = case t.outcome when 'untried' then d.last_status else t.status end,
    last_error = case t.outcome when 'untried' then d.last_error when 'delivered' then null else left(t.detail, 1000) end,
    delivered_at = case t.outcome when 'delivered' then :now::timestamptz else d.delivered_at end, lease_until = null,
    version = d.version + 1, updated_at = :now
from told t
join mine m on m.id = t.id
where d.consultancy_id = :consultancy and d.id = t.id
returning d.id

-- name: recordWebhookHealth
-- no-event: only its end is told: webhook_endpoint.disabled
update notifications.webhook_endpoints e
set failures = case when h.good then 0 else e.failures + 1 end,
    failing_since = case when h.good then null else coalesce(e.failing_since, :now::timestamptz) end,
    rest_until = case when h.rest > 0 then :now::timestamptz + make_interval(secs => h.rest) end,
    last_delivered_at = case when h.good then :now::timestamptz else e.last_delivered_at end,
    last_error = case when h.error is null then null else left(h.error, 1000) end
from json_to_recordset(:health::json) as h (id uuid, good boolean, rest int, error text)
where e.consultancy_id = :consultancy and e.id = h.id
returning e.id

-- Gone at once, failing after three days without one delivery.
-- name: disableWebhooks
-- event: webhook_endpoint.disabled
update notifications.webhook_endpoints e
set enabled = false, rest_until = null, disabled_at = :now,
    disabled_reason = case when e.id = any (:gone::uuid[]) then 'gone' else 'failing' end, notice_due = true, version = e.version + 1,
    updated_at = :now
where e.consultancy_id = :consultancy and e.enabled
  and (e.id = any (:gone::uuid[]) or e.id = any (:failing::uuid[]) and e.failing_since <= :now::timestamptz - interval '3 days')
returning id, name, kind, regexp_replace(url, '^(https?://[^/?]+).*', '\1', 'i') as url,
          client_id, event_kinds, language, enabled, disabled_reason, disabled_at, failing_since, last_delivered_at,
          last_error, public_key, member_id, version, created_at, updated_at

-- They are mails, so an operator's pause of the mail holds them too.
-- name: loadWebhookNotices
select e.id, e.name, e.url, e.disabled_reason, e.last_error, m.email, m.name as member_name, m.locale,
       coalesce(t.sender_name, t.name) as sender_name, extract(epoch from e.disabled_at)::bigint as disabled_s
from notifications.webhook_endpoints e
join tenants.consultancies t on t.consultancy_id = e.consultancy_id
join lateral (
    select m.email, m.name, m.locale
    from tenants.members m
    where m.consultancy_id = e.consultancy_id and m.status = 'active' and (m.id = e.member_id or m.role = 'owner')
    order by m.id = e.member_id desc, m.created_at, m.id
    limit 1) m on true
where e.consultancy_id = :consultancy and e.notice_due and (e.rest_until is null or e.rest_until <= :now::timestamptz)
  and not exists (select from platform.list_pauses() p where p.job = 'deliver' and (p.consultancy_id is null or p.consultancy_id = :consultancy))
order by e.id

-- name: settleWebhookNotice
-- no-event: a note of the sender to itself
update notifications.webhook_endpoints e
set notice_due = false
where e.consultancy_id = :consultancy and e.id = :endpoint::uuid and e.notice_due
returning e.id

-- name: putOffWebhookNotice
-- no-event: a note of the sender to itself
update notifications.webhook_endpoints e
set rest_until = :now::timestamptz + interval '15 minutes'
where e.consultancy_id = :consultancy and e.id = :endpoint::uuid and e.notice_due
returning e.id

-- name: sweepWebhooks
-- no-event: what was settled long ago is nobody's work
with old as materialized (
    select d.id
    from notifications.webhook_deliveries d
    where d.consultancy_id = :consultancy and d.status in ('delivered', 'dead') and d.updated_at < :now::timestamptz - interval '90 days'
    limit 5000)
delete from notifications.webhook_deliveries d
using old
where d.consultancy_id = :consultancy and d.id = old.id
returning d.id
