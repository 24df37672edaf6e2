-- Webhook endpoints, and what was sent to them.

-- name: listWebhookEndpoints
-- key: e.id
-- sort: created_at e.created_at timestamptz
-- sort: name lower(e.name) text
select e.id, e.name, e.kind, e.url, e.client_id, e.event_kinds, e.language, e.enabled, e.disabled_reason, e.disabled_at, e.failing_since,
       e.last_delivered_at, e.last_error, e.public_key,
       case when e.previous_until > :now::timestamptz then e.previous_until end as previous_until, e.member_id, e.version, e.created_at,
       e.updated_at{key}
from notifications.webhook_endpoints e
where e.consultancy_id = :consultancy
  and (:client_id::uuid is null or e.client_id = :client_id::uuid)
  and (:enabled::boolean is null or e.enabled = :enabled::boolean)
{page}

-- name: getWebhookEndpoint
select e.id, e.name, e.kind, e.url, e.client_id, e.event_kinds, e.language, e.enabled, e.disabled_reason, e.disabled_at, e.failing_since,
       e.last_delivered_at, e.last_error, e.public_key,
       case when e.previous_until > :now::timestamptz then e.previous_until end as previous_until, e.member_id, e.version, e.created_at,
       e.updated_at,
       jsonb_build_object('enabled', e.enabled, 'failing_since', e.failing_since, 'last', e.last_delivered_at) as _volatile
from notifications.webhook_endpoints e
where e.consultancy_id = :consultancy and e.id = :endpoint_id::uuid

-- name: judgeWebhookEndpoint
select exists (select from tenants.clients c
               where c.consultancy_id = :consultancy and c.id = (:body::jsonb ->> 'client_id')::uuid) as client_known,
       m.locale
from tenants.members m
where m.consultancy_id = :consultancy and m.id = :member

-- What happened before is not told: the trail as it stands now is behind the endpoint. Addresses of chats are as good as passwords: the trail, which more
-- people read, has the host alone.
-- name: insertWebhookEndpoint
-- event: webhook_endpoint.created
insert into notifications.webhook_endpoints (consultancy_id, id, name, kind, url, client_id, event_kinds, language, enabled, disabled_reason,
                                             disabled_at, secret_sealed, public_key, queued_no, member_id, created_at, updated_at)
select :consultancy, :new_id, :name, coalesce(:kind, 'standard'), :url, :client_id::uuid, coalesce(:event_kinds::jsonb, '["*"]'),
       coalesce(:language_wanted, :member_language), coalesce(:enabled::boolean, true),
       case when not coalesce(:enabled::boolean, true) then 'by_hand' end,
       case when not coalesce(:enabled::boolean, true) then :now::timestamptz end, :secret_sealed, :public_key,
       coalesce((select max(v.chain_no) from platform.events v where v.consultancy_id = :consultancy), 0), :member, :now, :now
returning id, name, kind, regexp_replace(url, '^(https?://[^/?]+).*', '\1', 'i') as url,
          client_id, event_kinds, language, enabled, disabled_reason, disabled_at, public_key, member_id, version,
          created_at, updated_at

-- The only replies that show the secret.
-- name: showWebhookSecret
-- no-event: secrets are nobody's history
select e.id, e.name, e.kind, e.url, e.client_id, e.event_kinds, e.language, e.enabled, e.disabled_reason, e.disabled_at, e.failing_since,
       e.last_delivered_at, e.last_error, e.public_key,
       case when e.previous_until > :now::timestamptz then e.previous_until end as previous_until, e.member_id, e.version, e.created_at,
       e.updated_at, :secret::text as secret
from notifications.webhook_endpoints e
where e.consultancy_id = :consultancy and e.id = :endpoint::uuid

-- Enabled again by hand, it starts from now: what it missed comes by replay.
-- name: updateWebhookEndpoint
-- event: webhook_endpoint.changed
update notifications.webhook_endpoints e
set (name, url, client_id, event_kinds, language, enabled) =
    (select p.name, p.url, p.client_id, coalesce(p.event_kinds, '["*"]'), coalesce(p.language, e.language), p.enabled
     from jsonb_populate_record(e, :body::jsonb) p),
    disabled_reason = case when coalesce((:body::jsonb ->> 'enabled')::boolean, e.enabled) then null
                           else coalesce(e.disabled_reason, 'by_hand') end,
    disabled_at = case when coalesce((:body::jsonb ->> 'enabled')::boolean, e.enabled) then null else coalesce(e.disabled_at, :now) end,
    failing_since = case when (:body::jsonb ->> 'enabled')::boolean or :body::jsonb ? 'url' then null else e.failing_since end,
    failures = case when (:body::jsonb ->> 'enabled')::boolean or :body::jsonb ? 'url' then 0 else e.failures end,
    rest_until = case when (:body::jsonb ->> 'enabled')::boolean or :body::jsonb ? 'url' then null else e.rest_until end,
    notice_due = e.notice_due and not coalesce((:body::jsonb ->> 'enabled')::boolean, false),
    queued_no = case when not e.enabled and (:body::jsonb ->> 'enabled')::boolean
                     then coalesce((select max(v.chain_no) from platform.events v where v.consultancy_id = :consultancy), 0)
                     else e.queued_no end,
    version = e.version + 1, updated_at = :now
where e.consultancy_id = :consultancy and e.id = :endpoint_id::uuid and (:if_match::int is null or e.version = :if_match::int)
returning id, name, kind, regexp_replace(url, '^(https?://[^/?]+).*', '\1', 'i') as url,
          client_id, event_kinds, language, enabled, disabled_reason, disabled_at, failing_since, last_delivered_at,
          last_error, public_key, case when previous_until > :now::timestamptz then previous_until end as previous_until, member_id, version,
          created_at, updated_at

-- name: deleteWebhookEndpoint
-- event: webhook_endpoint.deleted
delete from notifications.webhook_endpoints e
where e.consultancy_id = :consultancy and e.id = :endpoint_id::uuid and (:if_match::int is null or e.version = :if_match::int)
returning id, name, kind, regexp_replace(url, '^(https?://[^/?]+).*', '\1', 'i') as url,
          client_id, event_kinds, language, enabled, disabled_reason, disabled_at, public_key, member_id,
          version + 1 as version, created_at, updated_at

-- Both keys sign until the older one ends.
-- name: rotateWebhookEndpoint
-- event: webhook_endpoint.rotated
update notifications.webhook_endpoints e
set previous_sealed = case when :overlap_hours::int > 0 then e.secret_sealed end,
    previous_until = case when :overlap_hours::int > 0 then :now::timestamptz + make_interval(hours => :overlap_hours::int) end,
    secret_sealed = :secret_sealed, public_key = :public_key, version = e.version + 1, updated_at = :now
where e.consultancy_id = :consultancy and e.id = :endpoint_id::uuid
returning id, name, kind, regexp_replace(url, '^(https?://[^/?]+).*', '\1', 'i') as url,
          client_id, event_kinds, language, enabled, disabled_reason, disabled_at, public_key, previous_until, member_id,
          version, created_at, updated_at

-- ---------------------------------------------------------------- deliveries

-- name: testWebhookEndpoint
-- no-event: the delivery is its own record
insert into notifications.webhook_deliveries (consultancy_id, id, endpoint_id, client_id, event_kind, object_id, next_attempt_at, created_at,
                                              updated_at)
select e.consultancy_id, :new_id, e.id, e.client_id, 'webhook.test', :new_id, :now, :now, :now
from notifications.webhook_endpoints e
where e.consultancy_id = :consultancy and e.id = :endpoint_id::uuid
returning id, endpoint_id, client_id, event_id, event_no, event_kind, status, attempts, next_attempt_at, last_status, last_error, delivered_at,
          version, created_at, updated_at

-- name: listWebhookDeliveries
-- key: d.id
-- sort: created_at d.created_at timestamptz
select d.id, d.endpoint_id, d.client_id, d.event_id, d.event_no, d.event_kind, d.status, d.attempts, d.next_attempt_at, d.last_status,
       d.last_error, d.delivered_at, d.version, d.created_at, d.updated_at{key}
from notifications.webhook_deliveries d
where d.consultancy_id = :consultancy and d.endpoint_id = :endpoint_id::uuid
  and (:status::text is null or d.status = :status)
  and (:event_kind::text is null or d.event_kind = :event_kind)
{page}

-- name: getWebhookDelivery
select d.id, d.endpoint_id, d.client_id, d.event_id, d.event_no, d.event_kind, d.status, d.attempts, d.next_attempt_at, d.last_status,
       d.last_error, d.delivered_at, d.version, d.created_at, d.updated_at,
       coalesce((select jsonb_agg(jsonb_build_object('no', a.no, 'at', a.at, 'outcome', a.outcome, 'status', a.status,
                                                     'latency_ms', a.latency_ms, 'detail', a.detail) order by a.no)
                 from notifications.webhook_attempts a
                 where a.consultancy_id = d.consultancy_id and a.delivery_id = d.id), '[]') as attempt_log
from notifications.webhook_deliveries d
where d.consultancy_id = :consultancy and d.endpoint_id = :endpoint_id::uuid and d.id = :webhook_delivery_id::uuid

-- name: judgeWebhookReplay
select d.status
from notifications.webhook_deliveries d
where d.consultancy_id = :consultancy and d.endpoint_id = :endpoint_id::uuid and d.id = :webhook_delivery_id::uuid

-- The same webhook-id again, with a whole new schedule.
-- name: replayWebhookDelivery
-- no-event: the delivery is its own record
update notifications.webhook_deliveries d
set status = 'pending', attempts = 0, next_attempt_at = :now, delivered_at = null, version = d.version + 1, updated_at = :now
where d.consultancy_id = :consultancy and d.endpoint_id = :endpoint_id::uuid and d.id = :webhook_delivery_id::uuid and d.status <> 'sending'
returning id, endpoint_id, client_id, event_id, event_no, event_kind, status, attempts, next_attempt_at, last_status, last_error, delivered_at,
          version, created_at, updated_at

-- Everything the endpoint subscribes to since then, in the order of the trail: known deliveries go again under their ids, missed events are added.
-- name: replayWebhookEvents
-- no-event: the deliveries are their own record
with picked as materialized (
    select e.id as endpoint_id, v.id as event_id, v.client_id, v.chain_no, v.kind, coalesce(v.entity_id, v.id) as object_id, v.at
    from notifications.webhook_endpoints e
    join platform.events v on v.consultancy_id = e.consultancy_id
    where e.consultancy_id = :consultancy and e.id = :endpoint_id::uuid and v.at >= :since::timestamptz
      and v.chain_no > :after_no::bigint and v.chain_no <= e.queued_no
      and (e.client_id is null or v.client_id = e.client_id)
      and e.event_kinds ?| array['*', v.kind, v.entity || '.*']
      and (:only_failed::boolean is not true
           or not exists (select from notifications.webhook_deliveries d
                          where d.consultancy_id = e.consultancy_id and d.endpoint_id = e.id and d.event_id = v.id and d.status = 'delivered'))
    order by v.chain_no
    limit 10000
), made as (
    insert into notifications.webhook_deliveries as d (consultancy_id, id, endpoint_id, client_id, event_id, event_no, event_kind, object_id,
                                                       next_attempt_at, created_at, updated_at)
    select :consultancy, gen_random_uuid(), p.endpoint_id, p.client_id, p.event_id, p.chain_no, p.kind, p.object_id, :now, :now, :now
    from picked p
    on conflict (consultancy_id, endpoint_id, event_id) do update
    set status = 'pending', attempts = 0, next_attempt_at = excluded.next_attempt_at, delivered_at = null, version = d.version + 1,
        updated_at = excluded.updated_at
    where d.status <> 'sending'
    returning d.event_no)
select (select count(*) from made)::int as queued,
       case when (select count(*) from picked) = 10000 then (select max(p.chain_no) from picked p) end as next_no
from notifications.webhook_endpoints e
where e.consultancy_id = :consultancy and e.id = :endpoint_id::uuid
