-- From open deadlines to reminders: what changed, the facts, the difference.

-- Open deadlines whose reminders were planned from other facts than today's, or not at all. `basis` is the fingerprint of everything
-- the plan depends on; a client that has left gets no reminders. `not in`, here and below, because it is looked up in a hash whatever
-- PostgreSQL believes of the number of rows. The search ends with the batch, the sorting comes after it.
-- name: findStalePlans
with policies as (
    select md5(coalesce(string_agg(concat_ws(':', p.id, p.version), ',' order by p.id), '')) as mark
    from notifications.reminder_policies p
    where p.consultancy_id = :consultancy
), people as (
    select m.client_id, md5(string_agg(concat_ws(':', m.id, m.version, m.status, coalesce(m.expires_at <= :now::timestamptz, false)),
                                       ',' order by m.id)) as mark
    from tenants.members m
    where m.consultancy_id = :consultancy
    group by m.client_id
), named as (
    select e.client_id, md5(string_agg(concat_ws(':', e.id, e.version, coalesce(e.left_on <= (:now::timestamptz at time zone c.time_zone)::date, false)),
                                       ',' order by e.id)) as mark
    from tenants.people e
    join tenants.clients c on c.consultancy_id = e.consultancy_id and c.id = e.client_id
    where e.consultancy_id = :consultancy
      and e.id in (select x.id::uuid
                   from notifications.reminder_policies p, jsonb_array_elements_text(p.person_ids) x (id)
                   where p.consultancy_id = :consultancy and p.enabled)
    group by e.client_id
), quiet as (
    select q.client_id, md5(string_agg(concat_ws(':', q.id, q.version), ',' order by q.id)) as mark
    from notifications.quiet_days q
    where q.consultancy_id = :consultancy
    group by q.client_id
), marks as (
    select k.deadline_id, md5(string_agg(concat_ws(':', k.id, k.version), ',' order by k.id)) as mark
    from notifications.reminder_marks k
    where k.consultancy_id = :consultancy
    group by k.deadline_id
), caring as (
    select a.client_id, md5(string_agg(a.member_id::text, ',' order by a.member_id)) as mark
    from tenants.assignments a
    where a.consultancy_id = :consultancy
    group by a.client_id
), clients as (
    select c.id as client_id, concat_ws('/', (select mark from policies), (select mark from people where client_id is null),
                                        coalesce(own.mark, '-'), coalesce(caring.mark, '-'), coalesce(named.mark, '-'),
                                        coalesce((select mark from quiet where client_id is null), '-'), coalesce(quiet.mark, '-'),
                                        coalesce(md5(concat_ws(':', c.contact_name, c.contact_email, c.locale, c.time_zone)), '-')) as mark
    from tenants.clients c
    left join named on named.client_id = c.id
    left join quiet on quiet.client_id = c.id
    left join people own on own.client_id = c.id
    left join caring on caring.client_id = c.id
    where c.consultancy_id = :consultancy and c.status <> 'left'
), present as (
    select d.id, d.client_id, d.kind, d.due_on, d.hardness, f.grade,
           md5(concat_ws('/', d.due_on, d.kind, d.hardness, coalesce(f.grade, '-'), coalesce(marks.mark, '-'), clients.mark)) as basis
    from scheduling.deadlines d
    join clients on clients.client_id = d.client_id
    left join marks on marks.deadline_id = d.id
    left join scheduling.findings f on f.consultancy_id = d.consultancy_id and f.id = d.finding_id
    where d.consultancy_id = :consultancy and d.status = 'open'
)
select stale.*
from (select present.*
      from present
      where (present.id, present.basis) not in (
                select p.id, p.basis
                from notifications.reminder_plans p
                where p.consultancy_id = :consultancy and (p.replan_at is null or p.replan_at > :now::timestamptz))
      limit :batch::int) stale
order by stale.client_id, stale.id

-- Plans of deadlines that are fulfilled, withdrawn or gone.
-- name: findEndedPlans
select p.id
from notifications.reminder_plans p
where p.consultancy_id = :consultancy
  and p.id not in (select d.id
                   from scheduling.deadlines d
                   join tenants.clients c on c.consultancy_id = d.consultancy_id and c.id = d.client_id and c.status <> 'left'
                   where d.consultancy_id = :consultancy and d.status = 'open')
order by p.id
limit :batch::int

-- One row per channel.
-- name: loadReminderPolicies
select p.id, p.client_id, p.deadline_kind, p.grade, p.hardness, array_to_string(p.offsets, ' ') as offsets, p.overdue_every_days, p.send_hour,
       p.business_days, p.business_day_roll = 'after' as roll_after, k.channel, array_to_string(p.receiver_roles, ' ') as receiver_roles,
       p.language,
       (select string_agg(x.id, ' ') from jsonb_array_elements_text(p.member_ids || p.person_ids) x (id)) as named,
       coalesce((select string_agg((s ->> 'after_days') || ':' || (s ->> 'role'), ' ') from jsonb_array_elements(p.escalation) s), '') as steps
from notifications.reminder_policies p
cross join lateral (select p.channel union select jsonb_array_elements_text(p.also_channels)) k (channel)
where p.consultancy_id = :consultancy and p.enabled
order by p.id, k.channel

-- Somebody who has not signed in yet gets mail all the same. A person or a contact who is a member too is told as a member. `endpoints`
-- stands for the programs and chats that are told by webhook.
-- name: loadReminderReceivers
with receivers as (
    select m.id, m.client_id, 'member' as kind, m.role, m.all_clients, m.email, m.locale, m.time_zone
    from tenants.members m
    where m.consultancy_id = :consultancy and m.status in ('invited', 'active')
      and (m.expires_at is null or m.expires_at > :now::timestamptz)
      and (m.client_id is null or m.client_id = any (:client_ids::uuid[]))
    union all
    select e.id, e.client_id, 'person', '-', false, lower(e.email), c.locale, c.time_zone
    from tenants.people e
    join tenants.clients c on c.consultancy_id = e.consultancy_id and c.id = e.client_id
    where e.consultancy_id = :consultancy and e.client_id = any (:client_ids::uuid[]) and e.email like '_%@_%'
      and (e.left_on is null or e.left_on > (:now::timestamptz at time zone c.time_zone)::date)
      and e.id in (select x.id::uuid
                   from notifications.reminder_policies p, jsonb_array_elements_text(p.person_ids) x (id)
                   where p.consultancy_id = :consultancy and p.enabled)
    union all
    select c.id, c.id, 'client_contact', 'client_contact', false, lower(c.contact_email), c.locale, c.time_zone
    from tenants.clients c
    where c.consultancy_id = :consultancy and c.id = any (:client_ids::uuid[]) and c.contact_email like '_%@_%'
    union all
    select c.id, c.id, 'endpoints', '-', false, '', c.locale, c.time_zone
    from tenants.clients c
    where c.consultancy_id = :consultancy and c.id = any (:client_ids::uuid[])
      and exists (select from notifications.reminder_policies p
                  where p.consultancy_id = :consultancy and p.enabled and (p.channel = 'webhook' or p.also_channels ? 'webhook'))
)
select r.id, r.client_id, r.kind, r.role, r.all_clients, r.email, r.locale, r.time_zone,
       (:now::timestamptz at time zone r.time_zone)::date as today,
       (extract(hour from :now::timestamptz at time zone r.time_zone) * 60
        + extract(minute from :now::timestamptz at time zone r.time_zone))::int as minute
from receivers r
where r.kind = 'member'
   or not exists (select from receivers m where m.kind = 'member' and m.client_id = r.client_id and lower(m.email) = r.email)
order by r.id, r.kind

-- name: loadReminderMarks
select k.deadline_id, k.receiver_id, k.acknowledged_at is not null as acknowledged, k.by_client, k.snoozed_until
from notifications.reminder_marks k
join scheduling.deadlines d on d.consultancy_id = k.consultancy_id and d.id = k.deadline_id and d.due_on = k.deadline_due_on
where k.consultancy_id = :consultancy and k.deadline_id = any (:deadline_ids::uuid[])

-- What is long gone or far away closes nothing any more or yet.
-- name: loadReminderQuietDays
select q.client_id, day::date as day
from notifications.quiet_days q
cross join generate_series(q.first_day, q.last_day, '1 day') day
where q.consultancy_id = :consultancy and (q.client_id is null or q.client_id = any (:client_ids::uuid[]))
  and q.last_day >= (:now::timestamptz)::date - 400
order by 2

-- name: loadReminderAssignments
select a.member_id, a.client_id
from tenants.assignments a
where a.consultancy_id = :consultancy and a.client_id = any (:client_ids::uuid[])

-- Everything unsent of these deadlines that is not among the wanted ones.
-- name: withdrawReminders
-- no-event: the reminder keeps its own reason
update notifications.reminders r
set status = 'withdrawn', version = r.version + 1, updated_at = :now,
    reason = case
        when not exists (select from scheduling.deadlines d where d.consultancy_id = :consultancy and d.id = r.deadline_id)
            then 'deadline_deleted'
        when exists (select from scheduling.deadlines d
                     where d.consultancy_id = :consultancy and d.id = r.deadline_id and d.status <> 'open')
            then (select 'deadline_' || d.status from scheduling.deadlines d
                  where d.consultancy_id = :consultancy and d.id = r.deadline_id)
        when exists (select from scheduling.deadlines d
                     where d.consultancy_id = :consultancy and d.id = r.deadline_id and d.due_on <> r.deadline_due_on)
            then 'deadline_moved'
        when exists (select from tenants.clients c
                     where c.consultancy_id = :consultancy and c.id = r.client_id and c.status = 'left')
            then 'client_left'
        when exists (select from notifications.reminder_marks k
                     where k.consultancy_id = :consultancy and k.deadline_id = r.deadline_id and k.deadline_due_on = r.deadline_due_on
                       and (k.receiver_id = r.member_id and k.snoozed_until > r.send_on or k.acknowledged_at is not null))
            then (select case when bool_or(k.acknowledged_at is not null) then 'acknowledged' else 'snoozed' end
                  from notifications.reminder_marks k
                  where k.consultancy_id = :consultancy and k.deadline_id = r.deadline_id and k.deadline_due_on = r.deadline_due_on)
        when r.receiver_kind = 'member' and not exists (select from tenants.members m
                         where m.consultancy_id = :consultancy and m.id = r.member_id and m.status <> 'removed')
            then 'receiver_gone'
        else 'policy_changed' end
where r.consultancy_id = :consultancy and r.deadline_id = any (:deadline_ids::uuid[]) and r.status in ('planned', 'queued')
  and (r.deadline_id, r.policy_id, r.deadline_due_on, r.offset_days, r.channel, r.member_id) not in (
        select w.deadline, w.policy, w.due, w.days, w.channel, w.member
        from json_to_recordset(:wanted::json) as w (policy uuid, deadline uuid, due date, days int, channel text, member uuid))

-- Its place is kept for a reminder that was withdrawn and is wanted again, so that there is never a second one.
-- name: storeReminders
-- no-event: planned reminders are derived from deadline, policy and members, which have their own events
insert into notifications.reminders as r
    (consultancy_id, id, client_id, policy_id, deadline_id, deadline_due_on, offset_days, channel, member_id, receiver_email,
     receiver_kind, language, send_on, send_at, created_at, updated_at)
select :consultancy, w.id, w.client, w.policy, w.deadline, w.due, w.days, w.channel, w.member, w.email, w.kind, w.language, w.send_on,
       (w.send_on + w.send_time) at time zone w.zone, :now, :now
from json_to_recordset(:wanted::json)
    as w (id uuid, client uuid, policy uuid, deadline uuid, due date, days int, channel text, member uuid, email text, kind text,
          language text, send_on date, send_time time, zone text)
where w.id is not null
on conflict (consultancy_id, policy_id, deadline_id, deadline_due_on, offset_days, channel, member_id) do update
set status = 'planned', reason = null, receiver_email = excluded.receiver_email, language = excluded.language,
    send_on = excluded.send_on, send_at = excluded.send_at, version = r.version + 1, updated_at = excluded.updated_at
where r.status = 'withdrawn'
   or r.status = 'planned'
      and (r.send_at, r.receiver_email, r.language) is distinct from
          (excluded.send_at, excluded.receiver_email, excluded.language)

-- The next overdue reminder is planned when the one before has come.
-- name: storePlans
-- no-event: a note of the planner to itself
insert into notifications.reminder_plans as p (consultancy_id, id, client_id, basis, replan_at, created_at, updated_at)
select :consultancy, d.id, d.client, d.basis,
       (select min((o.send_on + o.send_time) at time zone o.zone)
        from json_to_recordset(d.overdue) as o (send_on date, send_time time, zone text)),
       :now, :now
from json_to_recordset(:plans::json) as d (id uuid, client uuid, basis text, overdue json)
on conflict (consultancy_id, id) do update
set basis = excluded.basis, replan_at = excluded.replan_at, version = p.version + 1, updated_at = excluded.updated_at

-- name: forgetPlans
-- no-event: a note of the planner to itself
delete from notifications.reminder_plans p
where p.consultancy_id = :consultancy and p.id = any (:deadline_ids::uuid[])
