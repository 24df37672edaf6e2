-- What is coming and what is late, for whoever asks: the fences of the tables say which clients that is.

-- At most 100 of each list, the first in time; `counts` says how many there are.
-- name: getDigest
with asker as (
    select (:now::timestamptz at time zone m.time_zone)::date as today
    from tenants.members m
    where m.consultancy_id = :consultancy and m.id = :member::uuid
), days as (
    select a.today, a.today + 7 - extract(isodow from a.today)::int as sunday, coalesce(:since::date, a.today - 7) as since
    from asker a
), seen as materialized (
    select c.id, c.name, c.name_en
    from tenants.clients c
    where c.consultancy_id = :consultancy and c.status <> 'left' and (:client_id::uuid is null or c.id = :client_id::uuid)
), open as materialized (
    select case when d.due_on < days.today then 'overdue' when d.due_on <= days.sunday then 'this_week' else 'next_30_days' end as part,
           row_number() over (partition by d.due_on < days.today, d.due_on <= days.sunday order by d.due_on, d.id) as no,
           d.due_on, d.id,
           jsonb_build_object('deadline_id', d.id, 'client_id', c.id, 'client_name', c.name, 'client_name_en', c.name_en, 'kind', d.kind, 'title_ja', d.title_ja,
                              'title_en', d.title_en, 'due_on', d.due_on, 'hardness', d.hardness) as item
    from days
    join scheduling.deadlines d on d.consultancy_id = :consultancy and d.status = 'open' and d.due_on <= days.today + 30
    join seen c on c.id = d.client_id
), booked as materialized (
    select row_number() over (order by a.planned_first_day, a.id) as no, a.planned_first_day, a.id,
           jsonb_build_object('audit_id', a.id, 'client_id', c.id, 'client_name', c.name, 'client_name_en', c.name_en, 'kind', a.kind, 'status', a.status,
                              'first_day', a.planned_first_day, 'last_day', a.planned_last_day) as item
    from days
    join scheduling.audits a on a.consultancy_id = :consultancy and a.status in ('tentative', 'confirmed')
        and a.planned_first_day between days.today and days.today + 30
    join seen c on c.id = a.client_id
), fresh as materialized (
    select row_number() over (order by f.created_at, f.id) as no, f.created_at, f.id,
           jsonb_build_object('finding_id', f.id, 'client_id', c.id, 'client_name', c.name, 'client_name_en', c.name_en, 'audit_id', f.audit_id, 'grade', f.grade,
                              'statement', f.statement, 'created_at', f.created_at) as item
    from days
    join scheduling.findings f on f.consultancy_id = :consultancy and f.created_at >= days.since::timestamp at time zone 'Asia/Tokyo'
        and f.closed_on is null
    join seen c on c.id = f.client_id
), counts as (
    select (select count(*) from open where part = 'overdue')::int as overdue, (select count(*) from open where part = 'this_week')::int as this_week,
           (select count(*) from open where part = 'next_30_days')::int as next_30_days, (select count(*) from booked)::int as audits,
           (select count(*) from fresh)::int as findings
)
select days.today as "on", days.since, counts.overdue + counts.this_week + counts.next_30_days + counts.audits + counts.findings = 0 as empty,
       to_jsonb(counts) as counts,
       coalesce((select jsonb_agg(o.item order by o.due_on, o.id) from open o where o.part = 'overdue' and o.no <= 100), '[]') as overdue,
       coalesce((select jsonb_agg(o.item order by o.due_on, o.id) from open o where o.part = 'this_week' and o.no <= 100), '[]') as this_week,
       coalesce((select jsonb_agg(o.item order by o.due_on, o.id) from open o where o.part = 'next_30_days' and o.no <= 100), '[]') as next_30_days,
       coalesce((select jsonb_agg(b.item order by b.planned_first_day, b.id) from booked b where b.no <= 100), '[]') as audits,
       coalesce((select jsonb_agg(f.item order by f.created_at, f.id) from fresh f where f.no <= 100), '[]') as findings,
       true as _volatile
from days, counts

-- name: getDigestSettings
select coalesce(s.frequency, 'off') as frequency, coalesce(s.weekday, 1) as weekday, coalesce(s.send_hour, 8) as send_hour
from tenants.members m
left join notifications.digest_settings s on s.consultancy_id = m.consultancy_id and s.id = m.id
where m.consultancy_id = :consultancy and m.id = :member::uuid

-- What would have been due until now counts as settled.
-- name: setDigestSettings
-- no-event: when somebody wants his own mail is nobody's history
insert into notifications.digest_settings as s (consultancy_id, id, frequency, weekday, send_hour, last_on, created_at, updated_at)
select m.consultancy_id, m.id, :frequency, :weekday::int, :send_hour::int,
       (:now::timestamptz at time zone m.time_zone - make_interval(hours => :send_hour::int))::date, :now, :now
from tenants.members m
where m.consultancy_id = :consultancy and m.id = :member::uuid
on conflict (consultancy_id, id) do update
set frequency = excluded.frequency, weekday = excluded.weekday, send_hour = excluded.send_hour, last_on = greatest(s.last_on, excluded.last_on),
    next_try_at = null, version = s.version + 1, updated_at = excluded.updated_at
returning frequency, weekday, send_hour

-- Members whose day has come and whose address takes mail; period = that day, and a mail of the same period has the same Message-ID.
-- name: findDueDigests
with moments as (
    select s.id, s.frequency, s.last_on, m.email, m.name, m.locale, m.role, m.client_id, m.all_clients, s.weekday,
           (:now::timestamptz at time zone m.time_zone - make_interval(hours => s.send_hour))::date as day
    from notifications.digest_settings s
    join tenants.members m on m.consultancy_id = s.consultancy_id and m.id = s.id and m.status = 'active'
        and (m.expires_at is null or m.expires_at > :now::timestamptz)
    where s.consultancy_id = :consultancy and s.frequency <> 'off' and (s.next_try_at is null or s.next_try_at <= :now::timestamptz)
      and lower(m.email) not in (select b.address from notifications.mail_addresses b where b.consultancy_id = :consultancy)
      and s.id not in (select u.receiver_id from notifications.unsubscriptions u where u.consultancy_id = :consultancy)
), periods as (
    select o.*, case o.frequency when 'daily' then o.day else o.day - (extract(isodow from o.day)::int - o.weekday + 7) % 7 end as period
    from moments o
)
select p.id, p.email, p.name, p.locale, p.role, p.client_id, p.all_clients, p.period, t.name as consultancy_name,
       coalesce(t.sender_name, t.name) as sender_name
from periods p
join tenants.consultancies t on t.consultancy_id = :consultancy
where p.last_on < p.period
order by p.id
limit 50

-- name: settleDigest
-- no-event: the mail server's record tells
update notifications.digest_settings s
set last_on = :period::date, next_try_at = null, version = s.version + 1, updated_at = :now
where s.consultancy_id = :consultancy and s.id = :member::uuid and s.last_on < :period::date
returning s.id

-- The mail server did not take it now; everybody else's turn comes first.
-- name: putOffDigest
-- no-event: the mail server's record tells
update notifications.digest_settings s
set next_try_at = :now::timestamptz + interval '15 minutes', version = s.version + 1, updated_at = :now
where s.consultancy_id = :consultancy and s.id = :member::uuid and s.last_on < :period::date
returning s.id
