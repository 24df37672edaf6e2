-- What was planned and what became of it.

-- name: listReminders
-- key: r.id
-- sort: send_at r.send_at timestamptz
select r.id, r.client_id, r.policy_id, r.deadline_id, r.deadline_due_on, r.offset_days, r.channel,
       case r.receiver_kind when 'member' then r.member_id end as member_id, r.receiver_kind, r.member_id as receiver_id, r.receiver_email,
       r.language, r.send_on, r.send_at, r.status, r.reason, r.version, r.created_at, r.updated_at{key}
from notifications.reminders r
where r.consultancy_id = :consultancy
  and (:client_id::uuid is null or r.client_id = :client_id)
  and (:deadline_id::uuid is null or r.deadline_id = :deadline_id)
  and (:status::text is null or r.status = :status)
  and (:send_before::timestamptz is null or r.send_at < :send_before)
{page}

-- name: getReminder
select r.id, r.client_id, r.policy_id, r.deadline_id, r.deadline_due_on, r.offset_days, r.channel,
       case r.receiver_kind when 'member' then r.member_id end as member_id, r.receiver_kind, r.member_id as receiver_id, r.receiver_email,
       r.language, r.send_on, r.send_at, r.status, r.reason, r.version, r.created_at, r.updated_at
from notifications.reminders r
where r.consultancy_id = :consultancy and r.id = :reminder_id

-- name: listDeliveries
-- key: d.id
-- sort: created_at d.created_at timestamptz
select d.id, d.client_id, d.reminder_id, d.channel, d.address, d.subject, d.status, d.attempts, d.next_attempt_at, d.last_error,
       d.sent_at, d.version, d.created_at, d.updated_at{key}
from notifications.deliveries d
where d.consultancy_id = :consultancy
  and (:client_id::uuid is null or d.client_id = :client_id)
  and (:reminder_id::uuid is null or d.reminder_id = :reminder_id)
  and (:status::text is null or d.status = :status)
{page}

-- name: getDelivery
select d.id, d.client_id, d.reminder_id, d.channel, d.address, d.subject, d.status, d.attempts, d.next_attempt_at, d.last_error,
       d.sent_at, d.version, d.created_at, d.updated_at,
       coalesce((select jsonb_agg(jsonb_build_object('no', a.no, 'at', a.at, 'outcome', a.outcome, 'detail', a.detail) order by a.no)
                 from notifications.delivery_attempts a
                 where a.consultancy_id = d.consultancy_id and a.delivery_id = d.id), '[]') as attempt_log
from notifications.deliveries d
where d.consultancy_id = :consultancy and d.id = :delivery_id

-- name: judgeReplay
select d.status, exists (select from notifications.reminders r
                         join scheduling.deadlines l on l.consultancy_id = r.consultancy_id and l.id = r.deadline_id
                             and l.status = 'open' and l.due_on = r.deadline_due_on
                         where r.consultancy_id = d.consultancy_id and r.id = d.reminder_id) as is_true
from notifications.deliveries d
where d.consultancy_id = :consultancy and d.id = :delivery_id

-- Ten more tries from now on; the reminder is on its way again.
-- name: replayDelivery
-- event: delivery.replayed
with reminder as (
    update notifications.reminders r
    set status = 'queued', reason = null, version = r.version + 1, updated_at = :now
    from notifications.deliveries d
    where d.consultancy_id = :consultancy and d.id = :delivery_id and d.status = 'dead'
      and r.consultancy_id = d.consultancy_id and r.id = d.reminder_id
    returning r.id)
update notifications.deliveries d
set status = 'pending', attempts = 0, next_attempt_at = :now, version = d.version + 1, updated_at = :now
where d.consultancy_id = :consultancy and d.id = :delivery_id and d.status = 'dead'
returning id, client_id, reminder_id, channel, address, subject, status, attempts, next_attempt_at, last_error, sent_at, version,
          created_at, updated_at
