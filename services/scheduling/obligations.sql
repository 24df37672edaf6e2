-- Recurring work of a client (SUR-08, PMK-03). Its days are deadlines; the derivation places them.

-- name: listObligations
-- key: o.id
-- sort: created_at o.created_at timestamptz
-- sort: next_due_on coalesce(n.next_due_on, 'infinity'::date) date
select o.id, o.client_id, o.certification_id, o.kind, o.title, o.interval_months, o.preferred_month, o.buffer_days, o.owner_person_id,
       o.owner_member_id, o.starts_on, o.active, o.note, n.next_due_on, n.next_due_on - :today::date as days_left, n.next_deadline_id,
       (select max(u.done_on) from scheduling.obligation_fulfilments u
        where u.consultancy_id = o.consultancy_id and u.client_id = o.client_id and u.obligation_id = o.id) as last_done_on,
       o.version, o.created_at, o.updated_at{key}
from scheduling.obligations o
left join lateral (
    select d.due_on as next_due_on, d.id as next_deadline_id from scheduling.deadlines d
    where d.consultancy_id = o.consultancy_id and d.client_id = o.client_id and d.obligation_id = o.id and d.status = 'open'
    order by d.due_on, d.id limit 1) n on true
where o.consultancy_id = :consultancy and o.client_id = :client_id
  and (:certification_id::uuid is null or o.certification_id = :certification_id::uuid)
  and (:kind::text is null or o.kind = :kind)
  and (:active::boolean is null or o.active = :active::boolean)
  and (:owner_person_id::uuid is null or o.owner_person_id = :owner_person_id::uuid)
  and (:owner_member_id::uuid is null or o.owner_member_id = :owner_member_id::uuid)
  and (:overdue::boolean is null or coalesce(n.next_due_on < :today::date, false) = :overdue::boolean)
{page}

-- name: getObligation
select o.id, o.client_id, o.certification_id, o.kind, o.title, o.interval_months, o.preferred_month, o.buffer_days, o.owner_person_id,
       o.owner_member_id, o.starts_on, o.active, o.note, n.next_due_on, n.next_due_on - :today::date as days_left, n.next_deadline_id,
       (select max(u.done_on) from scheduling.obligation_fulfilments u
        where u.consultancy_id = o.consultancy_id and u.client_id = o.client_id and u.obligation_id = o.id) as last_done_on,
       o.version, o.created_at, o.updated_at
from scheduling.obligations o
left join lateral (
    select d.due_on as next_due_on, d.id as next_deadline_id from scheduling.deadlines d
    where d.consultancy_id = o.consultancy_id and d.client_id = o.client_id and d.obligation_id = o.id and d.status = 'open'
    order by d.due_on, d.id limit 1) n on true
where o.consultancy_id = :consultancy and o.client_id = :client_id and o.id = :obligation_id::uuid

-- Whether the body's certification is one of this client's.
-- name: judgeNewObligation
select c.id, c.scheme
from scheduling.certifications c
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :certification_id::uuid

-- name: judgeObligation
select o.id, o.kind, o.title, o.starts_on
from scheduling.obligations o
where o.consultancy_id = :consultancy and o.client_id = :client_id and o.id = :obligation_id::uuid

-- name: insertObligation
-- event: obligation.created
insert into scheduling.obligations (consultancy_id, id, client_id, certification_id, kind, title, interval_months, preferred_month,
                                    buffer_days, owner_person_id, owner_member_id, starts_on, active, note, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :certification_id::uuid, :kind, :title, :kind_interval::int, :preferred_month::int,
        :buffer_days::int, :owner_person_id::uuid, :owner_member_id::uuid, coalesce(:starts_on::date, :today::date),
        coalesce(:active::boolean, true), :note, :now, :now)
returning id, client_id, certification_id, kind, title, interval_months, preferred_month, buffer_days, owner_person_id, owner_member_id,
          starts_on, active, note, version, created_at, updated_at

-- name: changeObligation
-- event: obligation.changed
update scheduling.obligations o
set (title, interval_months, preferred_month, buffer_days, owner_person_id, owner_member_id, starts_on, active, note) =
    (select p.title, p.interval_months, p.preferred_month, p.buffer_days, p.owner_person_id, p.owner_member_id, p.starts_on, p.active, p.note
     from jsonb_populate_record(o, :body::jsonb) p),
    version = o.version + 1, updated_at = :now
where o.consultancy_id = :consultancy and o.client_id = :client_id and o.id = :obligation_id::uuid
  and (:if_match::int is null or o.version = :if_match::int)
returning id, client_id, certification_id, kind, title, interval_months, preferred_month, buffer_days, owner_person_id, owner_member_id,
          starts_on, active, note, version, created_at, updated_at

-- The internal audit and the review before an audit stay without it; its other days go.
-- name: releaseObligationDeadlines
-- event: deadline.planned
update scheduling.deadlines d
set obligation_id = null, version = d.version + 1, updated_at = :now
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.obligation_id = :obligation_id::uuid
  and d.kind in ('internal_audit', 'management_review')
returning d.id, d.client_id, d.certification_id, d.audit_id, d.change_id, d.finding_id, d.obligation_id, d.kind, d.title_ja, d.title_en,
          d.due_on, d.raw_on, d.hardness, d.rule, d.why, d.origin, d.status, d.fulfilled_on, d.moved_from, d.note, d.version, d.created_at,
          d.updated_at

-- name: dropObligationFulfilments
-- event: obligation_fulfilment.deleted
delete from scheduling.obligation_fulfilments u
where u.consultancy_id = :consultancy and u.client_id = :client_id and u.obligation_id = :obligation_id::uuid
returning u.id, u.client_id, u.obligation_id, u.done_on, u.note, u.version + 1 as version

-- name: dropObligationDeadlines
-- event: deadline.deleted
delete from scheduling.deadlines d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.obligation_id = :obligation_id::uuid and d.origin = 'derived'
returning d.id, d.client_id, d.kind, d.due_on, d.status, d.version + 1 as version

-- name: removeObligation
-- event: obligation.deleted
delete from scheduling.obligations o
where o.consultancy_id = :consultancy and o.client_id = :client_id and o.id = :obligation_id::uuid
  and (:if_match::int is null or o.version = :if_match::int)
returning id, client_id, certification_id, kind, title, interval_months, preferred_month, buffer_days, owner_person_id, owner_member_id,
          starts_on, active, note, version + 1 as version, created_at, updated_at

-- ---- the default set of a scheme ----

-- What the certification has already is left alone.
-- name: insertDefaultObligations
-- event: obligation.created
insert into scheduling.obligations (consultancy_id, id, client_id, certification_id, kind, interval_months, owner_person_id, owner_member_id,
                                    starts_on, created_at, updated_at)
select :consultancy, w.id, :client_id, :certification_id::uuid, w.kind, w.interval_months, :owner_person_id::uuid, :owner_member_id::uuid,
       coalesce(:starts_on::date, :today::date), :now, :now
from jsonb_to_recordset(:default_obligations::jsonb) as w(id uuid, kind text, interval_months int)
on conflict do nothing
returning id, client_id, certification_id, kind, title, interval_months, preferred_month, buffer_days, owner_person_id, owner_member_id,
          starts_on, active, note, version, created_at, updated_at

-- name: getObligationsOfCertification
select coalesce(jsonb_agg(to_jsonb(v) order by v.created_at, v.id), '[]') as data
from (
    select o.id, o.client_id, o.certification_id, o.kind, o.title, o.interval_months, o.preferred_month, o.buffer_days, o.owner_person_id,
           o.owner_member_id, o.starts_on, o.active, o.note, n.next_due_on, n.next_due_on - :today::date as days_left, n.next_deadline_id,
           (select max(u.done_on) from scheduling.obligation_fulfilments u
            where u.consultancy_id = o.consultancy_id and u.client_id = o.client_id and u.obligation_id = o.id) as last_done_on,
           o.version, o.created_at, o.updated_at
    from scheduling.obligations o
    left join lateral (
        select d.due_on as next_due_on, d.id as next_deadline_id from scheduling.deadlines d
        where d.consultancy_id = o.consultancy_id and d.client_id = o.client_id and d.obligation_id = o.id and d.status = 'open'
        order by d.due_on, d.id limit 1) n on true
    where o.consultancy_id = :consultancy and o.client_id = :client_id and o.certification_id = :certification_id::uuid) v

-- ---- fulfilments ----

-- name: judgeFulfilment
select exists (select from scheduling.obligation_fulfilments u
               where u.consultancy_id = o.consultancy_id and u.client_id = o.client_id and u.obligation_id = o.id
                 and u.done_on = :done_on::date) as recorded
from scheduling.obligations o
where o.consultancy_id = :consultancy and o.client_id = :client_id and o.id = :obligation_id::uuid

-- name: listObligationFulfilments
-- key: u.id
-- sort: done_on u.done_on date
-- sort: created_at u.created_at timestamptz
select u.id, u.client_id, u.obligation_id, u.done_on, u.note, u.deadline_id, u.member_id, u.version, u.created_at, u.updated_at{key}
from scheduling.obligation_fulfilments u
where u.consultancy_id = :consultancy and u.client_id = :client_id and u.obligation_id = :obligation_id::uuid
{page}

-- name: getObligationFulfilment
select u.id, u.client_id, u.obligation_id, u.done_on, u.note, u.deadline_id, u.member_id, u.version, u.created_at, u.updated_at
from scheduling.obligation_fulfilments u
where u.consultancy_id = :consultancy and u.client_id = :client_id and u.obligation_id = :obligation_id::uuid
  and u.id = :fulfilment_id::uuid

-- name: insertObligationFulfilment
-- event: obligation_fulfilment.created
insert into scheduling.obligation_fulfilments (consultancy_id, id, client_id, obligation_id, done_on, note, member_id, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :obligation_id::uuid, :done_on::date, :note, :member::uuid, :now, :now)
returning id, client_id, obligation_id, done_on, note, deadline_id, member_id, version, created_at, updated_at

-- name: removeObligationFulfilment
-- event: obligation_fulfilment.deleted
delete from scheduling.obligation_fulfilments u
where u.consultancy_id = :consultancy and u.client_id = :client_id and u.obligation_id = :obligation_id::uuid
  and u.id = :fulfilment_id::uuid and (:if_match::int is null or u.version = :if_match::int)
returning id, client_id, obligation_id, done_on, note, deadline_id, member_id, version + 1 as version, created_at, updated_at

-- A deadline of recurring work that somebody fulfils is a record of it, and opened again takes the record back; the programme is derived again
-- by the job.
-- name: takeBackFulfilment
-- event: obligation_fulfilment.deleted
delete from scheduling.obligation_fulfilments u
using scheduling.deadlines d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.id = :deadline_id::uuid
  and u.consultancy_id = d.consultancy_id and u.client_id = d.client_id and u.deadline_id = d.id
  and (d.status <> 'fulfilled' or u.done_on <> d.fulfilled_on)
returning u.id, u.client_id, u.obligation_id, u.done_on, u.note, u.deadline_id, u.member_id, u.version + 1 as version, u.created_at,
          u.updated_at

-- name: recordDeadlineFulfilled
-- event: obligation_fulfilment.created
with changed as materialized (
    select d.client_id, d.obligation_id, d.certification_id, d.id, d.status, d.fulfilled_on, d.note
    from scheduling.deadlines d
    where d.consultancy_id = :consultancy and d.client_id = :client_id and d.id = :deadline_id::uuid and d.obligation_id is not null),
stale as (
    update scheduling.certifications c
    set plan_stale = true
    from changed h
    where c.consultancy_id = :consultancy and c.client_id = h.client_id and c.id = h.certification_id
    returning c.id)
insert into scheduling.obligation_fulfilments (consultancy_id, id, client_id, obligation_id, done_on, note, deadline_id, member_id, created_at,
                                               updated_at)
select :consultancy, :fulfilment_new_id::uuid, h.client_id, h.obligation_id, h.fulfilled_on, h.note, h.id, :member::uuid, :now, :now
from changed h
where h.status = 'fulfilled' and h.fulfilled_on is not null
  and not exists (select from scheduling.obligation_fulfilments u
                  where u.consultancy_id = :consultancy and u.client_id = h.client_id and u.obligation_id = h.obligation_id
                    and u.done_on = h.fulfilled_on)
returning id, client_id, obligation_id, done_on, note, deadline_id, member_id, version, created_at, updated_at
