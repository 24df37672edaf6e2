-- name: listAudits
-- key: a.id
-- sort: nominal_date coalesce(a.nominal_date, a.planned_first_day, 'infinity'::date) date
-- sort: created_at a.created_at timestamptz
select a.id, a.client_id, a.certification_id, a.kind, a.cycle_no, a.ordinal, a.origin, a.nominal_date, a.window_start, a.window_end,
       a.hard_limit, a.planned_first_day, a.planned_last_day, a.held_first_day, a.held_last_day, a.status, a.outcome, a.note, a.why,
       a.version, a.created_at, a.updated_at{key}
from scheduling.audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id
  and (:certification_id::uuid is null or a.certification_id = :certification_id::uuid)
  and (:kind::text is null or a.kind = :kind)
  and (:status::text is null or a.status = :status)
{page}

-- name: getAudit
select a.id, a.client_id, a.certification_id, a.kind, a.cycle_no, a.ordinal, a.origin, a.nominal_date, a.window_start, a.window_end,
       a.hard_limit, a.planned_first_day, a.planned_last_day, a.held_first_day, a.held_last_day, a.status, a.outcome, a.note, a.why,
       a.version, a.created_at, a.updated_at
from scheduling.audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid

-- What a change of an audit is judged by: its certification, and its present dates when it exists.
-- name: judgeAudit
select c.cycle_no, c.state, a.origin, a.status, a.planned_first_day, a.planned_last_day, a.held_first_day, a.held_last_day
from scheduling.certifications c
left join scheduling.audits a on a.consultancy_id = c.consultancy_id and a.client_id = c.client_id and a.certification_id = c.id
                             and a.id = :audit_id::uuid
where c.consultancy_id = :consultancy and c.client_id = :client_id
  and c.id = coalesce(:certification_id::uuid,
                      (select o.certification_id from scheduling.audits o
                       where o.consultancy_id = :consultancy and o.client_id = :client_id and o.id = :audit_id::uuid))

-- name: insertAudit
-- event: audit.created
insert into scheduling.audits (consultancy_id, id, client_id, certification_id, kind, cycle_no, planned_first_day, planned_last_day,
                               held_first_day, held_last_day, status, outcome, note, created_at, updated_at)
select :consultancy, :new_id, :client_id, :certification_id::uuid, :kind, :cycle_no::int, p.planned_first_day, p.planned_last_day,
       p.held_first_day, p.held_last_day, coalesce(p.status, 'planned'), p.outcome, p.note, :now, :now
from jsonb_populate_record(null::scheduling.audits, :audit_changes::jsonb) p
returning id, client_id, certification_id, kind, cycle_no, ordinal, origin, nominal_date, window_start, window_end, hard_limit,
          planned_first_day, planned_last_day, held_first_day, held_last_day, status, outcome, note, why, version, created_at, updated_at

-- name: changeAudit
-- event: audit.changed
update scheduling.audits a
set (planned_first_day, planned_last_day, held_first_day, held_last_day, status, outcome, note) =
    (select p.planned_first_day, p.planned_last_day, p.held_first_day, p.held_last_day, p.status, p.outcome, p.note
     from jsonb_populate_record(a, :audit_changes::jsonb) p),
    version = a.version + 1, updated_at = :now
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid
  and (:if_match::int is null or a.version = :if_match::int)
returning id, client_id, certification_id, kind, cycle_no, ordinal, origin, nominal_date, window_start, window_end, hard_limit,
          planned_first_day, planned_last_day, held_first_day, held_last_day, status, outcome, note, why, version, created_at, updated_at

-- name: removeAudit
-- event: audit.deleted
delete from scheduling.audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid
  and (:if_match::int is null or a.version = :if_match::int)
returning id, client_id, certification_id, kind, cycle_no, ordinal, origin, nominal_date, window_start, window_end, hard_limit,
          planned_first_day, planned_last_day, held_first_day, held_last_day, status, outcome, note, why, version + 1 as version,
          created_at, updated_at
