-- From open deadlines to reminders: what changed, the facts, the difference.

-- Open deadlines whose reminders were planned from other facts than today's, or not at all. `basis` is the fingerprint of everything
-- the plan depends on; a client that has left gets no reminders. `not in`, here and below, because it is looked up in a hash whatever
-- PostgreSQL believes of the number of rows.
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
), caring as (
    select a.client_id, md5(string_agg(a.member_id::text, ',' order by a.member_id)) as mark
    from tenants.assignments a
    where a.consultancy_id = :consultancy
    group by a.client_id
), clients as (
    select c.id as client_id, concat_ws('/', (select mark from policies), (select mark from people where client_id is null),
                                        coalesce(own.mark, '-'), coalesce(caring.mark, '-')) as mark
    from tenants.clients c
    left join people own on own.client_id = c.id
    left join caring on caring.client_id = c.id
    where c.consultancy_id = :consultancy and c.status <> 'left'
), present as (
    select d.id, d.client_id, d.kind, d.due_on, md5(concat_ws('/', d.due_on, d.kind, clients.mark)) as basis
    from scheduling.deadlines d
    join clients on clients.client_id = d.client_id
    where d.consultancy_id = :consultancy and d.status = 'open'
)
select present.id, present.client_id, present.kind, present.due_on, present.basis
from present
where (present.id, present.basis) not in (
        select p.id, p.basis
        from notifications.reminder_plans p
        where p.consultancy_id = :consultancy and (p.replan_at is null or p.replan_at > :now::timestamptz))
order by present.client_id, present.id
limit :batch::int

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

-- name: loadReminderPolicies
select p.id, p.client_id, p.deadline_kind, array_to_string(p.offsets, ' ') as offsets, p.overdue_every_days, p.send_hour,
       p.business_days, p.channel, array_to_string(p.receiver_roles, ' ') as receiver_roles
from notifications.reminder_policies p
where p.consultancy_id = :consultancy and p.enabled
order by p.id

-- Somebody who has not signed in yet gets mail all the same.
-- name: loadReminderReceivers
select m.id, m.client_id, m.role, m.all_clients, m.email, m.locale, m.time_zone,
       (:now::timestamptz at time zone m.time_zone)::date as today,
       (extract(hour from :now::timestamptz at time zone m.time_zone) * 60
        + extract(minute from :now::timestamptz at time zone m.time_zone))::int as minute
from tenants.members m
where m.consultancy_id = :consultancy and m.status in ('invited', 'active')
  and (m.expires_at is null or m.expires_at > :now::timestamptz)
  and (m.client_id is null or m.client_id = any (:client_ids::uuid[]))
order by m.id

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
        when not exists (select from tenants.members m
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
     language, send_on, send_at, created_at, updated_at)
select :consultancy, w.id, w.client, w.policy, w.deadline, w.due, w.days, w.channel, w.member, w.email, w.language, w.send_on,
       (w.send_on + w.send_time) at time zone w.zone, :now, :now
from json_to_recordset(:wanted::json)
    as w (id uuid, client uuid, policy uuid, deadline uuid, due date, days int, channel text, member uuid, email text,
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
