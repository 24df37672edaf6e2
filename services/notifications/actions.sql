-- What receivers say to their reminders.

-- A receiver who is gone says nothing any more.
-- name: judgeReminder
select r.id, r.client_id, r.deadline_id, r.deadline_due_on, r.member_id as receiver_id, r.receiver_kind, r.language,
       case r.language when 'en' then coalesce(c.name_en, c.name) else c.name end as client_name,
       case r.language when 'en' then d.title_en else d.title_ja end as title,
       d.status = 'open' and d.due_on = r.deadline_due_on as open,
       r.receiver_kind <> 'member' or m.client_id is not null as by_client,
       d.hardness in ('hard', 'law') and (r.receiver_kind <> 'member' or m.client_id is not null) as protected,
       (:now::timestamptz at time zone coalesce(m.time_zone, c.time_zone))::date as today,
       k.acknowledged_at, to_jsonb(k.acknowledged_at) #>> '{}' as acknowledged_instant, k.snoozed_until
from notifications.reminders r
join scheduling.deadlines d on d.consultancy_id = r.consultancy_id and d.id = r.deadline_id
join tenants.clients c on c.consultancy_id = r.consultancy_id and c.id = r.client_id and c.status <> 'left'
left join tenants.members m on r.receiver_kind = 'member' and m.consultancy_id = r.consultancy_id and m.id = r.member_id
    and m.status in ('invited', 'active') and (m.expires_at is null or m.expires_at > :now::timestamptz)
left join tenants.people e on r.receiver_kind = 'person' and e.consultancy_id = r.consultancy_id and e.id = r.member_id
    and (e.left_on is null or e.left_on > (:now::timestamptz at time zone c.time_zone)::date)
left join notifications.reminder_marks k on k.consultancy_id = r.consultancy_id and k.deadline_id = r.deadline_id
    and k.deadline_due_on = r.deadline_due_on and k.receiver_id = r.member_id
where r.consultancy_id = :consultancy and r.id = :reminder_id::uuid
  and (m.id is not null or e.id is not null or r.receiver_kind = 'client_contact')

-- The same word again changes nothing.
-- name: markReminder
-- event: reminder_mark.changed
insert into notifications.reminder_marks as k
    (consultancy_id, id, client_id, deadline_id, deadline_due_on, receiver_id, acknowledged_at, snoozed_until, by_client, through,
     created_at, updated_at)
select :consultancy, gen_random_uuid(), r.client_id, r.deadline_id, r.deadline_due_on, r.member_id,
       case when :snoozed_until::date is null then :now::timestamptz end, :snoozed_until::date, :by_client::boolean, :through, :now, :now
from notifications.reminders r
where r.consultancy_id = :consultancy and r.id = :reminder_id::uuid
on conflict (consultancy_id, deadline_id, deadline_due_on, receiver_id) do update
set acknowledged_at = excluded.acknowledged_at, snoozed_until = excluded.snoozed_until, by_client = excluded.by_client,
    through = excluded.through, version = k.version + 1, updated_at = excluded.updated_at
where (k.acknowledged_at is null, k.snoozed_until) is distinct from (excluded.acknowledged_at is null, excluded.snoozed_until)
returning id, client_id, deadline_id, deadline_due_on, receiver_id, acknowledged_at, snoozed_until, by_client, through, version, created_at,
          updated_at

-- name: readReminderMark
select k.id, k.client_id, k.deadline_id, k.deadline_due_on, k.receiver_id, k.acknowledged_at, k.snoozed_until,
       k.by_client and exists (select from scheduling.deadlines d
                               where d.consultancy_id = k.consultancy_id and d.id = k.deadline_id and d.hardness in ('hard', 'law')) as protected,
       k.through, k.version, k.created_at, k.updated_at
from notifications.reminder_marks k
join notifications.reminders r on r.consultancy_id = k.consultancy_id and r.deadline_id = k.deadline_id
    and r.deadline_due_on = k.deadline_due_on and r.member_id = k.receiver_id
where k.consultancy_id = :consultancy and r.id = :reminder_id::uuid
