-- From planned reminders to mail on its way, and what became of it.

-- Who ended his mails gets only what a standard or a law demands; the inbox has the rest.
-- name: withdrawUnsubscribed
-- no-event: the reminder keeps its own reason
update notifications.reminders r
set status = 'withdrawn', reason = 'unsubscribed', version = r.version + 1, updated_at = :now
from scheduling.deadlines d
where r.consultancy_id = :consultancy and r.status = 'planned' and r.send_at <= :now::timestamptz and r.channel = 'email'
  and d.consultancy_id = r.consultancy_id and d.id = r.deadline_id and d.hardness not in ('hard', 'law')
  and r.member_id in (select u.receiver_id from notifications.unsubscriptions u where u.consultancy_id = :consultancy)
returning r.id

-- Programs and chats are told by an event.
-- name: announceReminders
-- event: reminder.due
with due as materialized (
    select r.id, d.title_ja, d.title_en, d.kind, d.hardness, d.rule
    from notifications.reminders r
    join scheduling.deadlines d on d.consultancy_id = r.consultancy_id and d.id = r.deadline_id
    where r.consultancy_id = :consultancy and r.status = 'planned' and r.send_at <= :now::timestamptz and r.channel = 'webhook'
      and d.status = 'open' and d.due_on = r.deadline_due_on
    order by r.send_at, r.id
    limit :batch::int
    for update of r skip locked)
update notifications.reminders r
set status = 'sent', version = r.version + 1, updated_at = :now
from due
where r.consultancy_id = :consultancy and r.id = due.id
returning r.id, r.client_id, r.policy_id, r.deadline_id, due.kind as deadline_kind, due.title_ja, due.title_en, r.deadline_due_on as due_on, r.offset_days,
          due.hardness, due.rule, r.send_at, r.version, r.created_at, r.updated_at

-- What is due now and still true becomes a delivery, or lies in the inbox at once. A deadline that moved meanwhile is the planner's matter.
-- name: queueReminders
-- no-event: the delivery tells when it is sent
with due as materialized (
    select r.id, r.client_id, r.channel, r.receiver_email, r.member_id, r.deadline_id, d.title_ja, d.title_en, d.due_on
    from notifications.reminders r
    join scheduling.deadlines d on d.consultancy_id = r.consultancy_id and d.id = r.deadline_id
    where r.consultancy_id = :consultancy and r.status = 'planned' and r.send_at <= :now::timestamptz and r.channel <> 'webhook'
      and d.status = 'open' and d.due_on = r.deadline_due_on
    order by r.send_at, r.id
    limit :batch::int
    for update of r skip locked
), made as (
    insert into notifications.deliveries as o
        (consultancy_id, id, client_id, reminder_id, channel, address, next_attempt_at, created_at, updated_at)
    select :consultancy, gen_random_uuid(), due.client_id, due.id, due.channel, due.receiver_email, :now, :now, :now
    from due
    where due.channel <> 'inbox'
    on conflict (consultancy_id, reminder_id) do update
    set status = 'pending', address = excluded.address, attempts = 0, next_attempt_at = excluded.next_attempt_at,
        version = o.version + 1, updated_at = excluded.updated_at
    where o.status not in ('sending', 'sent')
    returning o.id
), told as (
    insert into notifications.inbox_items (consultancy_id, id, client_id, member_id, reminder_id, deadline_id, title_ja, title_en, due_on,
                                           created_at, updated_at)
    select :consultancy, gen_random_uuid(), due.client_id, due.member_id, due.id, due.deadline_id, due.title_ja, due.title_en, due.due_on, :now, :now
    from due
    where due.channel = 'inbox'
    on conflict (consultancy_id, reminder_id) do nothing)
update notifications.reminders r
set status = case due.channel when 'inbox' then 'sent' else 'queued' end, version = r.version + 1, updated_at = :now
from due
where r.consultancy_id = :consultancy and r.id = due.id
returning r.id

-- Nobody is sending these, and nobody shall.
-- name: withdrawDeliveries
-- no-event: the reminder keeps its own reason
update notifications.deliveries o
set status = 'withdrawn', next_attempt_at = null, version = o.version + 1, updated_at = :now
from notifications.reminders r
where o.consultancy_id = :consultancy and r.consultancy_id = o.consultancy_id and r.id = o.reminder_id
  and r.status = 'withdrawn'
  and (o.status in ('pending', 'failed') or o.status = 'sending' and o.lease_until < clock_timestamp())

-- Mail to an address that bounced for good is not tried; it can be sent again when the address is cleared.
-- name: refuseBouncedDeliveries
-- event: delivery.dead
with refused as materialized (
    select o.id, 'the address does not take mail since ' || to_char(b.bounced_at at time zone 'UTC', 'YYYY-MM-DD') || ': '
                 || coalesce(b.diagnostic, b.status_code) as reason
    from notifications.deliveries o
    join notifications.mail_addresses b on b.consultancy_id = o.consultancy_id and b.address = lower(o.address)
    where o.consultancy_id = :consultancy and o.channel = 'email' and o.status in ('pending', 'failed') and o.next_attempt_at <= :now::timestamptz
    limit :batch::int
), reminder as (
    update notifications.reminders r
    set status = 'dead', reason = left(refused.reason, 500), version = r.version + 1, updated_at = :now
    from refused
    join notifications.deliveries o on o.consultancy_id = :consultancy and o.id = refused.id
    where r.consultancy_id = :consultancy and r.id = o.reminder_id
)
update notifications.deliveries o
set status = 'dead', last_error = left(refused.reason, 1000), next_attempt_at = null, version = o.version + 1, updated_at = :now
from refused
where o.consultancy_id = :consultancy and o.id = refused.id
returning o.id, o.client_id, o.reminder_id, o.channel, o.address, o.subject, o.status, o.attempts, o.next_attempt_at, o.last_error, o.sent_at,
          o.version, o.created_at, o.updated_at

-- Takes a batch under a lease in real time, with everything the mail tells.
-- name: claimDeliveries
-- no-event: the outcome tells
with due as materialized (
    select o.id
    from notifications.deliveries o
    join notifications.reminders r on r.consultancy_id = o.consultancy_id and r.id = o.reminder_id and r.status = 'queued'
    where o.consultancy_id = :consultancy
      and (o.status in ('pending', 'failed') and o.next_attempt_at <= :now::timestamptz
           or o.status = 'sending' and o.lease_until < clock_timestamp())
    order by o.next_attempt_at, o.id
    limit :batch::int
    for update of o skip locked
), claimed as (
    update notifications.deliveries o
    set status = 'sending', attempts = o.attempts + 1, holder = pg_backend_pid()::text, fence = :fence::bigint,
        lease_until = clock_timestamp() + make_interval(secs => :lease_seconds::int), version = o.version + 1, updated_at = :now
    from due
    where o.consultancy_id = :consultancy and o.id = due.id
    returning o.id, o.reminder_id, o.address, o.attempts, o.next_attempt_at)
select k.id, k.address, k.attempts, k.reminder_id, r.language, r.deadline_due_on as due_on, d.raw_on,
       (:now::timestamptz at time zone coalesce(m.time_zone, c.time_zone, t.time_zone))::date as today,
       case r.language when 'en' then coalesce(c.name_en, c.name) else c.name end as client_name,
       case r.language when 'en' then d.title_en else d.title_ja end as title,
       d.rule, d.hardness,
       coalesce(m.name, e.name, case r.receiver_kind when 'client_contact' then c.contact_name end, k.address) as receiver_name,
       r.member_id as receiver_id,
       greatest(0, extract(epoch from :now::timestamptz - r.send_at) * 1000000)::bigint as lag_us
from claimed k
join notifications.reminders r on r.consultancy_id = :consultancy and r.id = k.reminder_id
join scheduling.deadlines d on d.consultancy_id = :consultancy and d.id = r.deadline_id
join tenants.clients c on c.consultancy_id = :consultancy and c.id = r.client_id
join tenants.consultancies t on t.consultancy_id = :consultancy
left join tenants.members m on m.consultancy_id = :consultancy and m.id = r.member_id
left join tenants.people e on e.consultancy_id = :consultancy and e.id = r.member_id
order by k.next_attempt_at, k.id

-- name: recordSent
-- event: delivery.sent
with attempt as (
    insert into notifications.delivery_attempts (consultancy_id, delivery_id, no, client_id, at, outcome, detail)
    select o.consultancy_id, o.id,
           1 + coalesce((select max(a.no) from notifications.delivery_attempts a
                         where a.consultancy_id = o.consultancy_id and a.delivery_id = o.id), 0),
           o.client_id, :now, 'sent', :detail
    from notifications.deliveries o
    where o.consultancy_id = :consultancy and o.id = :delivery_id and o.status = 'sending' and o.fence = :fence::bigint
), reminder as (
    update notifications.reminders r
    set status = 'sent', reason = null, version = r.version + 1, updated_at = :now
    from notifications.deliveries o
    where o.consultancy_id = :consultancy and o.id = :delivery_id and o.status = 'sending' and o.fence = :fence::bigint
      and r.consultancy_id = o.consultancy_id and r.id = o.reminder_id
)
update notifications.deliveries o
set status = 'sent', subject = left(:subject, 500), sent_at = :now, next_attempt_at = null, last_error = null, holder = null,
    lease_until = null, version = o.version + 1, updated_at = :now
where o.consultancy_id = :consultancy and o.id = :delivery_id and o.status = 'sending' and o.fence = :fence::bigint
returning id, client_id, reminder_id, channel, address, subject, status, attempts, next_attempt_at, last_error, sent_at, version,
          created_at, updated_at

-- name: recordRetry
-- no-event: delivery.sent or delivery.dead will tell
with attempt as (
    insert into notifications.delivery_attempts (consultancy_id, delivery_id, no, client_id, at, outcome, detail)
    select o.consultancy_id, o.id,
           1 + coalesce((select max(a.no) from notifications.delivery_attempts a
                         where a.consultancy_id = o.consultancy_id and a.delivery_id = o.id), 0),
           o.client_id, :now, 'temporary_failure', :detail
    from notifications.deliveries o
    where o.consultancy_id = :consultancy and o.id = :delivery_id and o.status = 'sending' and o.fence = :fence::bigint
)
update notifications.deliveries o
set status = 'failed', subject = left(:subject, 500), last_error = left(:detail, 1000), holder = null, lease_until = null,
    next_attempt_at = :now::timestamptz + make_interval(secs => :delay_seconds::int), version = o.version + 1, updated_at = :now
where o.consultancy_id = :consultancy and o.id = :delivery_id and o.status = 'sending' and o.fence = :fence::bigint
returning o.id

-- name: recordDead
-- event: delivery.dead
with attempt as (
    insert into notifications.delivery_attempts (consultancy_id, delivery_id, no, client_id, at, outcome, detail)
    select o.consultancy_id, o.id,
           1 + coalesce((select max(a.no) from notifications.delivery_attempts a
                         where a.consultancy_id = o.consultancy_id and a.delivery_id = o.id), 0),
           o.client_id, :now, :outcome, :detail
    from notifications.deliveries o
    where o.consultancy_id = :consultancy and o.id = :delivery_id and o.status = 'sending' and o.fence = :fence::bigint
), reminder as (
    update notifications.reminders r
    set status = 'dead', reason = left(:detail, 500), version = r.version + 1, updated_at = :now
    from notifications.deliveries o
    where o.consultancy_id = :consultancy and o.id = :delivery_id and o.status = 'sending' and o.fence = :fence::bigint
      and r.consultancy_id = o.consultancy_id and r.id = o.reminder_id
)
update notifications.deliveries o
set status = 'dead', subject = left(:subject, 500), last_error = left(:detail, 1000), next_attempt_at = null, holder = null, lease_until = null,
    version = o.version + 1, updated_at = :now
where o.consultancy_id = :consultancy and o.id = :delivery_id and o.status = 'sending' and o.fence = :fence::bigint
returning id, client_id, reminder_id, channel, address, subject, status, attempts, next_attempt_at, last_error, sent_at, version,
          created_at, updated_at

-- The part of a batch that was not tried: as if it had never been taken.
-- name: releaseDeliveries
-- no-event: nothing happened
update notifications.deliveries o
set status = case when o.attempts > 1 then 'failed' else 'pending' end, attempts = o.attempts - 1, holder = null,
    lease_until = null, version = o.version + 1, updated_at = :now
where o.consultancy_id = :consultancy and o.id = any (:delivery_ids::uuid[]) and o.status = 'sending'
  and o.fence = :fence::bigint
