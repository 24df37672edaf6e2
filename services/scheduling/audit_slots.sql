-- name: listAuditSlots
-- key: s.id
-- sort: starts_at (s.day + s.start_time::time) timestamp
-- sort: created_at s.created_at timestamptz
select s.id, s.client_id, s.audit_id, s.day, s.start_time, s.end_time, s.kind, s.topic, s.department_id, s.site_id, s.room_id, s.remote,
       s.people, s.auditors, s.members, s.note, s.version, s.created_at, s.updated_at{key}
from scheduling.audit_slots s
join scheduling.audits a on a.consultancy_id = s.consultancy_id and a.client_id = s.client_id and a.id = s.audit_id
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.audit_id = :audit_id
  and (:day::date is null or s.day = :day::date)
  and (:kind::text is null or s.kind = :kind)
  and (:department_id::uuid is null or s.department_id = :department_id::uuid)
{page}

-- name: getAuditSlot
select s.id, s.client_id, s.audit_id, s.day, s.start_time, s.end_time, s.kind, s.topic, s.department_id, s.site_id, s.room_id, s.remote,
       s.people, s.auditors, s.members, s.note, s.version, s.created_at, s.updated_at
from scheduling.audit_slots s
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.audit_id = :audit_id and s.id = :slot_id::uuid

-- What a slot is judged by: the days of its audit, and the slot as it is when it exists.
-- name: judgeSlot
select a.status, coalesce(a.planned_first_day, a.held_first_day) as planned_first_day,
       coalesce(a.planned_last_day, a.planned_first_day, a.held_last_day) as planned_last_day, a.kind as audit_kind,
       s.id as slot_id, s.day, s.start_time, s.end_time, s.kind, s.department_id, s.site_id, s.room_id
from scheduling.audits a
left join scheduling.audit_slots s on s.consultancy_id = a.consultancy_id and s.client_id = a.client_id and s.audit_id = a.id
                                  and s.id = :slot_id::uuid
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid
  and (:slot_id::uuid is null or s.id is not null)

-- A slot in a room is at the room's site.
-- name: insertSlots
-- event: audit_slot.created
insert into scheduling.audit_slots (consultancy_id, id, client_id, audit_id, day, start_time, end_time, kind, topic, department_id, site_id,
                                    room_id, remote, people, auditors, members, note, created_at, updated_at)
select :consultancy, n.id, :client_id, :audit_id::uuid, n.day, n.start_time, n.end_time, n.kind, n.topic, n.department_id,
       coalesce(n.site_id, (select r.site_id from scheduling.rooms r
                            where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = n.room_id)),
       n.room_id, coalesce(n.remote, false), coalesce(n.people, '[]'), coalesce(n.auditors, '[]'), coalesce(n.members, '[]'), n.note, :now, :now
from jsonb_to_recordset(:slots::jsonb) as n(
    id uuid, day date, start_time text, end_time text, kind text, topic text, department_id uuid, site_id uuid, room_id uuid, remote boolean,
    people jsonb, auditors jsonb, members jsonb, note text)
returning id, client_id, audit_id, day, start_time, end_time, kind, topic, department_id, site_id, room_id, remote, people, auditors,
          members, note, version, created_at, updated_at

-- name: changeSlot
-- event: audit_slot.changed
update scheduling.audit_slots s
set (day, start_time, end_time, kind, topic, department_id, site_id, room_id, remote, people, auditors, members, note) =
    (select n.day, n.start_time, n.end_time, n.kind, n.topic, n.department_id,
            case when n.room_id is distinct from s.room_id and n.room_id is not null and not :has_site_id::boolean
                 then coalesce((select r.site_id from scheduling.rooms r
                                where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = n.room_id), n.site_id)
                 else n.site_id end,
            n.room_id, n.remote, n.people, n.auditors, n.members, n.note
     from jsonb_populate_record(s, :body::jsonb) n),
    version = s.version + 1, updated_at = :now
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.audit_id = :audit_id::uuid and s.id = :slot_id::uuid
  and (:if_match::int is null or s.version = :if_match::int)
returning id, client_id, audit_id, day, start_time, end_time, kind, topic, department_id, site_id, room_id, remote, people, auditors,
          members, note, version, created_at, updated_at

-- Slots whose room is at another site than they say.
-- name: findSlotFaults
select s.id
from scheduling.audit_slots s
join scheduling.rooms r on r.consultancy_id = s.consultancy_id and r.client_id = s.client_id and r.id = s.room_id
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.audit_id = :audit_id::uuid and s.site_id <> r.site_id
order by s.id

-- The plan moves with its audit.
-- name: moveSlots
-- event: audit_slot.changed
update scheduling.audit_slots s
set day = s.day + :shift_days::int, version = s.version + 1, updated_at = :now
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.audit_id = :audit_id::uuid and :shift_days::int <> 0
returning id, client_id, audit_id, day, start_time, end_time, kind, topic, department_id, site_id, room_id, remote, people, auditors,
          members, note, version, created_at, updated_at

-- name: findSlotsOutside
select s.id, to_char(s.day, 'YYYY-MM-DD') || ' ' || s.start_time as at
from scheduling.audit_slots s
join scheduling.audits a on a.consultancy_id = s.consultancy_id and a.client_id = s.client_id and a.id = s.audit_id
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.audit_id = :audit_id::uuid
  and a.status not in ('held', 'reported', 'cancelled')
  and (s.day between a.planned_first_day and coalesce(a.planned_last_day, a.planned_first_day)) is not true
order by s.day, s.start_time, s.id
limit 10

-- name: removeSlot
-- event: audit_slot.deleted
delete from scheduling.audit_slots s
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.audit_id = :audit_id::uuid and s.id = :slot_id::uuid
  and (:if_match::int is null or s.version = :if_match::int)
returning id, client_id, audit_id, day, start_time, end_time, kind, topic, department_id, site_id, room_id, remote, people, auditors,
          members, note, version + 1 as version, created_at, updated_at

-- name: dropSlots
-- event: audit_slot.deleted
delete from scheduling.audit_slots s
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.audit_id = :audit_id::uuid
returning id, client_id, audit_id, day, start_time, end_time, kind, topic, department_id, site_id, room_id, remote, people, auditors,
          members, note, version + 1 as version, created_at, updated_at

-- What was accepted, in the order of the plan.
-- name: getAcceptedSlots
select jsonb_build_object('data', coalesce(jsonb_agg(jsonb_build_object(
           'id', s.id, 'client_id', s.client_id, 'audit_id', s.audit_id, 'day', s.day, 'start_time', s.start_time, 'end_time', s.end_time,
           'kind', s.kind, 'topic', s.topic, 'department_id', s.department_id, 'site_id', s.site_id, 'room_id', s.room_id,
           'remote', s.remote, 'people', s.people, 'auditors', s.auditors, 'members', s.members, 'note', s.note, 'version', s.version,
           'created_at', s.created_at, 'updated_at', s.updated_at) order by s.day, s.start_time, s.id), '[]')) as _raw
from jsonb_to_recordset(:slots::jsonb) as n(id uuid)
join scheduling.audit_slots s on s.consultancy_id = :consultancy and s.client_id = :client_id and s.audit_id = :audit_id::uuid and s.id = n.id
