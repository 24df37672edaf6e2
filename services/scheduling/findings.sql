-- name: listFindings
-- key: f.id
-- sort: created_at f.created_at timestamptz
select f.id, f.client_id, f.certification_id, f.audit_id, f.grade, f.reference, f.statement, f.plan_accepted_on, f.verified_on,
       f.closed_on, f.version, f.created_at, f.updated_at{key}
from scheduling.findings f
where f.consultancy_id = :consultancy and f.client_id = :client_id
  and (:audit_id::uuid is null or f.audit_id = :audit_id::uuid)
  and (:certification_id::uuid is null or f.certification_id = :certification_id::uuid)
  and (:grade::text is null or f.grade = :grade)
{page}

-- name: getFinding
select f.id, f.client_id, f.certification_id, f.audit_id, f.grade, f.reference, f.statement, f.plan_accepted_on, f.verified_on,
       f.closed_on, f.version, f.created_at, f.updated_at
from scheduling.findings f
where f.consultancy_id = :consultancy and f.client_id = :client_id and f.id = :finding_id::uuid

-- name: judgeFinding
select a.certification_id
from scheduling.audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid

-- name: insertFinding
-- event: finding.created
insert into scheduling.findings (consultancy_id, id, client_id, certification_id, audit_id, grade, reference, statement,
                                 plan_accepted_on, verified_on, closed_on, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :finding_certification::uuid, :audit_id::uuid, :grade, :reference, :statement,
        :plan_accepted_on::date, :verified_on::date, :closed_on::date, :now, :now)
returning id, client_id, certification_id, audit_id, grade, reference, statement, plan_accepted_on, verified_on, closed_on, version,
          created_at, updated_at

-- name: changeFinding
-- event: finding.changed
update scheduling.findings f
set (grade, reference, statement, plan_accepted_on, verified_on, closed_on) =
    (select p.grade, p.reference, p.statement, p.plan_accepted_on, p.verified_on, p.closed_on
     from jsonb_populate_record(f, :body::jsonb) p),
    version = f.version + 1, updated_at = :now
where f.consultancy_id = :consultancy and f.client_id = :client_id and f.id = :finding_id::uuid
  and (:if_match::int is null or f.version = :if_match::int)
returning id, client_id, certification_id, audit_id, grade, reference, statement, plan_accepted_on, verified_on, closed_on, version,
          created_at, updated_at

-- Its deadlines go with it; they are derived from it and stay readable as events.
-- name: dropFindingDeadlines
-- event: deadline.deleted
delete from scheduling.deadlines d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.finding_id = :finding_id::uuid and d.origin = 'derived'
returning d.id, d.client_id, d.kind, d.due_on, d.status, d.version + 1 as version

-- name: removeFinding
-- event: finding.deleted
delete from scheduling.findings f
where f.consultancy_id = :consultancy and f.client_id = :client_id and f.id = :finding_id::uuid
  and (:if_match::int is null or f.version = :if_match::int)
returning id, client_id, certification_id, audit_id, grade, reference, statement, plan_accepted_on, verified_on, closed_on,
          version + 1 as version, created_at, updated_at
