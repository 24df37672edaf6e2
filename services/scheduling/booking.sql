-- Who, where and when is taken. The rows that ask for a booking are written first; then everybody who is asked for is locked, in one order for all,
-- so that two bookings of the same person come one after the other; then the second one sees the first.

-- Persons, sites ... that a body names by lists and that are not there for the caller: [{pointer, kind, id}] -> the pointers.
-- name: findStrangers
select r.pointer
from jsonb_to_recordset(:named::jsonb) as r(pointer text, kind text, id uuid)
where not case r.kind
    when 'site' then exists (select from tenants.sites s
                             where s.consultancy_id = :consultancy and s.client_id = :client_id::uuid and s.id = r.id)
    when 'person' then exists (select from tenants.people p
                               where p.consultancy_id = :consultancy and p.id = r.id
                                 and (:client_id::uuid is null or p.client_id = :client_id::uuid))
    when 'audit' then exists (select from scheduling.audits a
                              where a.consultancy_id = :consultancy and a.client_id = :client_id::uuid and a.id = r.id)
    when 'department' then exists (select from tenants.departments d
                                   where d.consultancy_id = :consultancy and d.client_id = :client_id::uuid and d.id = r.id)
    when 'room' then exists (select from scheduling.rooms o
                             where o.consultancy_id = :consultancy and o.id = r.id
                               and (:client_id::uuid is null or o.client_id = :client_id::uuid))
    when 'auditor' then exists (select from scheduling.auditors o where o.consultancy_id = :consultancy and o.id = r.id)
    when 'active_auditor' then exists (select from scheduling.auditors o
                                       where o.consultancy_id = :consultancy and o.id = r.id and o.active)
    else exists (select from tenants.members m
                 where m.consultancy_id = :consultancy and m.id = r.id and m.status <> 'removed'
                   and (m.client_id is null or m.client_id = :client_id::uuid))
    end
order by r.pointer

-- name: lockBookings
-- no-event: takes locks, for this transaction
with keys as materialized (
    select distinct hashtextextended(w.consultancy_id::text || w.resource_id::text, 0) as key
    from scheduling.wanted_bookings w
    where w.consultancy_id = :consultancy and w.client_id = :client_id and w.audit_id = :audit_id::uuid
    order by 1)
select k.key, pg_advisory_xact_lock(k.key)::text as locked from keys k

-- A statement of its own behind the locks, so that it sees what was booked while it waited. An absence told after the booking stops nothing that
-- already stands: the audit warns of it.
-- name: findClashes
with wanted as materialized (
    select w.*
    from scheduling.wanted_bookings w
    where w.consultancy_id = :consultancy and w.client_id = :client_id and w.audit_id = :audit_id::uuid),
taken as materialized (
    select x.*
    from (select array_agg(distinct w.resource_id) as resources, min(lower(w.during))::date as first, max(upper(w.during))::date as last
          from wanted w) r
    cross join lateral scheduling.busy(r.resources, r.first, r.last) x
    where r.resources is not null),
clashes as (
    select w.kind, w.resource_id, w.slot_id, w.team_id, t.during, t.absent, t.client_id, t.audit_id, t.slot_id as other_slot_id
    from wanted w
    join taken t on t.resource_id = w.resource_id and t.during && w.during
                and (not t.absent or w.slot_id is not null or upper(t.during) - lower(t.during) >= interval '1 day')
    where t.audit_id is distinct from :audit_id::uuid
      and not (t.absent and exists (select from scheduling.bookings b
                                    where b.consultancy_id = :consultancy and b.client_id = :client_id and b.audit_id = :audit_id::uuid
                                      and b.resource_id = w.resource_id and b.during = w.during
                                      and b.slot_id is not distinct from w.slot_id and b.team_id is not distinct from w.team_id))
    union all
    select w.kind, w.resource_id, w.slot_id, null, o.during, false, o.client_id, o.audit_id, o.slot_id
    from wanted w
    join wanted o on o.resource_id = w.resource_id and o.during && w.during and o.slot_id < w.slot_id)
select c.kind, c.resource_id, c.slot_id, c.team_id, c.absent, c.audit_id, c.other_slot_id, a.kind as audit_kind, n.name as client_name,
       coalesce(o.name, m.name, p.name, r.name) as name, coalesce(s.topic, d.name) as topic,
       case when upper(c.during) - lower(c.during) < interval '1 day'
            then to_char(lower(c.during), 'YYYY-MM-DD HH24:MI') || '-' || to_char(upper(c.during), 'HH24:MI')
            when upper(c.during) - lower(c.during) = interval '1 day' then to_char(lower(c.during), 'YYYY-MM-DD')
            else to_char(lower(c.during), 'YYYY-MM-DD') || '/' || to_char(upper(c.during) - interval '1 day', 'YYYY-MM-DD') end as at
from clashes c
left join scheduling.audits a on a.consultancy_id = :consultancy and a.id = c.audit_id
left join tenants.clients n on n.consultancy_id = :consultancy and n.id = c.client_id
left join scheduling.audit_slots s on s.consultancy_id = :consultancy and s.id = c.other_slot_id
left join tenants.departments d on d.consultancy_id = :consultancy and d.id = s.department_id
left join scheduling.auditors o on o.consultancy_id = :consultancy and o.id = c.resource_id
left join tenants.members m on m.consultancy_id = :consultancy and m.id = c.resource_id
left join tenants.people p on p.consultancy_id = :consultancy and p.id = c.resource_id
left join scheduling.rooms r on r.consultancy_id = :consultancy and r.id = c.resource_id
order by c.absent, lower(c.during), c.resource_id, c.slot_id
limit 20

-- name: dropBookings
-- no-event: the slots and the team tell
delete from scheduling.bookings b
where b.consultancy_id = :consultancy and b.client_id = :client_id and b.audit_id = :audit_id::uuid
returning b.id

-- name: storeBookings
-- no-event: the slots and the team tell
insert into scheduling.bookings (consultancy_id, id, client_id, audit_id, slot_id, team_id, auditor_id, member_id, person_id, room_id, during)
select w.consultancy_id, gen_random_uuid(), w.client_id, w.audit_id, w.slot_id, w.team_id,
       case when w.kind = 'auditor' then w.resource_id end, case when w.kind = 'member' then w.resource_id end,
       case when w.kind = 'person' then w.resource_id end, case when w.kind = 'room' then w.resource_id end, w.during
from scheduling.wanted_bookings w
where w.consultancy_id = :consultancy and w.client_id = :client_id and w.audit_id = :audit_id::uuid
returning id
