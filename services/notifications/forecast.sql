-- What the dry run of reminders needs beside the facts of planning.

-- name: loadForecast
select c.id as client_id, (:now::timestamptz at time zone c.time_zone)::date as today, '{' || c.id || '}' as client_ids,
       coalesce('{' || (select string_agg(d.id::text, ',') from scheduling.deadlines d
                        where d.consultancy_id = c.consultancy_id and d.client_id = c.id and d.status = 'open') || '}', '{}') as deadline_ids
from tenants.clients c
where c.consultancy_id = :consultancy and c.id = :client_id and c.status <> 'left'

-- name: loadForecastDeadlines
select d.id, d.client_id, d.kind, d.due_on, d.hardness, f.grade, d.title_ja, d.title_en, d.rule
from scheduling.deadlines d
left join scheduling.findings f on f.consultancy_id = d.consultancy_id and f.id = d.finding_id
where d.consultancy_id = :consultancy and d.id = any (:deadline_ids::uuid[])
order by d.due_on, d.id

-- What has come already comes no more.
-- name: loadForecastSent
select r.policy_id, r.deadline_id, r.offset_days, r.channel, r.member_id as receiver_id
from notifications.reminders r
join scheduling.deadlines d on d.consultancy_id = r.consultancy_id and d.id = r.deadline_id and d.due_on = r.deadline_due_on
where r.consultancy_id = :consultancy and r.deadline_id = any (:deadline_ids::uuid[])
  and (r.status in ('queued', 'sent', 'dead') or r.reason = 'unsubscribed')

-- name: loadForecastNames
select 'receiver' as sort, m.id, m.name from tenants.members m where m.consultancy_id = :consultancy
union all
select 'receiver', e.id, e.name from tenants.people e where e.consultancy_id = :consultancy and e.client_id = :client_id
union all
select 'receiver', c.id, c.contact_name from tenants.clients c where c.consultancy_id = :consultancy and c.id = :client_id
union all
select 'policy', p.id, p.name from notifications.reminder_policies p where p.consultancy_id = :consultancy
union all
select 'unsubscribed', u.receiver_id, u.address from notifications.unsubscriptions u where u.consultancy_id = :consultancy
union all
select 'bounced', b.id, b.address from notifications.mail_addresses b where b.consultancy_id = :consultancy
