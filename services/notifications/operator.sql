-- What an operator sees of a consultancy.

-- name: inspectQueues
select t.name,
       (select count(*) from notifications.reminders r
        where r.consultancy_id = :consultancy and r.status = 'planned' and r.send_at <= :now::timestamptz)::int as reminders_due,
       (select count(*) from notifications.deliveries o
        where o.consultancy_id = :consultancy and o.status in ('pending', 'sending', 'failed'))::int as mails_waiting,
       (select count(*) from notifications.deliveries o where o.consultancy_id = :consultancy and o.status = 'failed')::int as mails_retrying,
       (select count(*) from notifications.deliveries o where o.consultancy_id = :consultancy and o.status = 'dead')::int as mails_dead,
       coalesce((select extract(epoch from :now::timestamptz - min(r.send_at)) from notifications.reminders r
                 where r.consultancy_id = :consultancy and r.status in ('planned', 'queued') and r.send_at <= :now::timestamptz), 0)::int as lag_seconds,
       (select count(*) from notifications.webhook_deliveries d
        where d.consultancy_id = :consultancy and d.status in ('pending', 'sending', 'failed'))::int as webhooks_waiting,
       (select count(*) from notifications.webhook_deliveries d where d.consultancy_id = :consultancy and d.status = 'dead')::int as webhooks_dead,
       (select count(*) from notifications.webhook_endpoints e where e.consultancy_id = :consultancy and not e.enabled)::int as endpoints_disabled,
       (select count(*) from notifications.mail_addresses b where b.consultancy_id = :consultancy)::int as addresses_bounced,
       (select coalesce(jsonb_agg(jsonb_build_object('reason', x.last_error, 'count', x.n) order by x.n desc, x.last_error), '[]')
        from (select coalesce(o.last_error, '') as last_error, count(*) as n from notifications.deliveries o
              where o.consultancy_id = :consultancy and o.status = 'dead'
              group by 1 order by 2 desc limit 5) x) as dead_reasons
from tenants.consultancies t
where t.consultancy_id = :consultancy

-- name: requestMailTest
-- no-event: the operator asked, not somebody of the consultancy
insert into notifications.mail_tests (consultancy_id, id, kind, language, address, status, created_at, updated_at)
select :consultancy, gen_random_uuid(), null, t.locale, :address, 'pending', :now, :now
from tenants.consultancies t
where t.consultancy_id = :consultancy
returning id

-- name: readMailTest
select e.status, e.detail from notifications.mail_tests e where e.consultancy_id = :consultancy and e.id = :mail_test::uuid

-- name: listSealed
select 'webhook' as sort, e.id, e.secret_sealed as sealed, e.previous_sealed as sealed_too
from notifications.webhook_endpoints e
where e.consultancy_id = :consultancy
union all
select 'mail-server', v.id, v.password_sealed, null
from notifications.mail_servers v
where v.consultancy_id = :consultancy and v.password_sealed is not null

-- name: resealWebhook
-- no-event: the same secrets under another key
update notifications.webhook_endpoints e
set secret_sealed = :after, previous_sealed = :after_too
where e.consultancy_id = :consultancy and e.id = :sealed_id::uuid and e.secret_sealed = :before
returning e.id

-- name: resealMailServer
-- no-event: the same secret under another key
update notifications.mail_servers v
set password_sealed = :after
where v.consultancy_id = :consultancy and v.id = :sealed_id::uuid and v.password_sealed = :before
returning v.id
