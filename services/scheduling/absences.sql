-- name: listAbsences
-- key: n.id
-- sort: first_day n.first_day date
-- sort: created_at n.created_at timestamptz
select n.id, n.client_id, n.auditor_id, n.member_id, n.person_id, n.first_day, n.last_day, n.start_time, n.end_time, n.reason, n.version,
       n.created_at, n.updated_at{key}
from scheduling.absences n
where n.consultancy_id = :consultancy
  and (:auditor_id::uuid is null or n.auditor_id = :auditor_id::uuid)
  and (:member_id::uuid is null or n.member_id = :member_id::uuid)
  and (:person_id::uuid is null or n.person_id = :person_id::uuid)
  and (:from::date is null or n.last_day >= :from::date)
  and (:until::date is null or n.first_day <= :until::date)
{page}

-- name: getAbsence
select n.id, n.client_id, n.auditor_id, n.member_id, n.person_id, n.first_day, n.last_day, n.start_time, n.end_time, n.reason, n.version,
       n.created_at, n.updated_at
from scheduling.absences n
where n.consultancy_id = :consultancy and n.id = :absence_id::uuid

-- Whose absence it is, as far as the caller sees them; a person's and a client's login belong to that client.
-- name: judgeAbsentee
select x.client_id
from (select o.id, null::uuid as client_id from scheduling.auditors o where o.consultancy_id = :consultancy and o.id = :auditor_id::uuid
      union all
      select m.id, m.client_id from tenants.members m where m.consultancy_id = :consultancy and m.id = :member_id::uuid and m.status <> 'removed'
      union all
      select p.id, p.client_id from tenants.people p where p.consultancy_id = :consultancy and p.id = :person_id::uuid) x

-- name: insertAbsence
-- event: absence.created
insert into scheduling.absences (consultancy_id, id, client_id, auditor_id, member_id, person_id, first_day, last_day, start_time, end_time,
                                 reason, created_at, updated_at)
values (:consultancy, :new_id, :absentee_client::uuid, :auditor_id::uuid, :member_id::uuid, :person_id::uuid, :first_day::date,
        coalesce(:last_day::date, :first_day::date), :start_time, :end_time, :reason, :now, :now)
returning id, client_id, auditor_id, member_id, person_id, first_day, last_day, start_time, end_time, reason, version, created_at,
          updated_at

-- name: judgeAbsence
select n.first_day, n.last_day, n.start_time, n.end_time
from scheduling.absences n
where n.consultancy_id = :consultancy and n.id = :absence_id::uuid

-- name: changeAbsence
-- event: absence.changed
update scheduling.absences n
set (first_day, last_day, start_time, end_time, reason) =
    (select x.first_day, x.last_day, x.start_time, x.end_time, x.reason from jsonb_populate_record(n, :body::jsonb) x),
    version = n.version + 1, updated_at = :now
where n.consultancy_id = :consultancy and n.id = :absence_id::uuid and (:if_match::int is null or n.version = :if_match::int)
returning id, client_id, auditor_id, member_id, person_id, first_day, last_day, start_time, end_time, reason, version, created_at,
          updated_at

-- name: deleteAbsence
-- event: absence.deleted
delete from scheduling.absences n
where n.consultancy_id = :consultancy and n.id = :absence_id::uuid and (:if_match::int is null or n.version = :if_match::int)
returning id, client_id, auditor_id, member_id, person_id, first_day, last_day, start_time, end_time, reason, version + 1 as version,
          created_at, updated_at
