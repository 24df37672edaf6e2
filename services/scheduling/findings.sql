-- What is open: not verified, not closed. What an audit looks at (for_audit_id): open findings and observations of the audits before it.
-- name: listFindings
-- key: f.id
-- sort: created_at f.created_at timestamptz
-- sort: next_due_on coalesce(n.next_due_on, 'infinity'::date) date
select f.id, f.client_id, f.certification_id, f.audit_id, f.grade, f.reference, f.department_id, f.owner_person_id, f.statement,
       f.evidence_seen, f.correction, f.correction_done_on, f.cause, f.corrective_action, f.corrective_action_due_on,
       f.corrective_action_done_on, f.plan_submitted_on, f.plan_accepted_on, f.evidence_submitted_on, f.evidence, f.evidence_links,
       f.verification, f.verified_on, f.verified_by, f.closed_on, f.follow_up_audit_id, f.state, f.version, f.created_at, f.updated_at,
       n.next_due_on, n.next_due_on - :today::date as days_left{key}
from scheduling.findings f
left join lateral (
    select min(d.due_on) as next_due_on from scheduling.deadlines d
    where d.consultancy_id = f.consultancy_id and d.client_id = f.client_id and d.finding_id = f.id and d.status = 'open') n on true
where f.consultancy_id = :consultancy and f.client_id = :client_id
  and (:audit_id::uuid is null or f.audit_id = :audit_id::uuid)
  and (:certification_id::uuid is null or f.certification_id = :certification_id::uuid)
  and (:grade::text is null or f.grade = :grade)
  and (:state::text is null or f.state = :state)
  and (:department_id::uuid is null or f.department_id = :department_id::uuid)
  and (:owner_person_id::uuid is null or f.owner_person_id = :owner_person_id::uuid)
  and (:follow_up_audit_id::uuid is null or f.follow_up_audit_id = :follow_up_audit_id::uuid)
  and (:open::boolean is null or (f.verified_on is null and f.closed_on is null) = :open::boolean)
  and (:overdue::boolean is null or coalesce(n.next_due_on < :today::date, false) = :overdue::boolean)
  and (:for_audit_id::uuid is null or exists (
       select from scheduling.audits a
       join scheduling.audits o on o.consultancy_id = a.consultancy_id and o.client_id = a.client_id and o.id = f.audit_id
       where a.consultancy_id = f.consultancy_id and a.client_id = f.client_id and a.id = :for_audit_id::uuid and a.id <> f.audit_id
         and a.certification_id = f.certification_id and f.grade <> 'strength' and f.verified_on is null and f.closed_on is null
         and (f.follow_up_audit_id = a.id
              or (a.kind <> 'follow_up' and coalesce(o.held_last_day, o.planned_last_day, o.nominal_date)
                                            <= coalesce(a.held_first_day, a.planned_first_day, a.nominal_date)))))
{page}

-- name: getFinding
select f.id, f.client_id, f.certification_id, f.audit_id, f.grade, f.reference, f.department_id, f.owner_person_id, f.statement,
       f.evidence_seen, f.correction, f.correction_done_on, f.cause, f.corrective_action, f.corrective_action_due_on,
       f.corrective_action_done_on, f.plan_submitted_on, f.plan_accepted_on, f.evidence_submitted_on, f.evidence, f.evidence_links,
       f.verification, f.verified_on, f.verified_by, f.closed_on, f.follow_up_audit_id, f.state, f.version, f.created_at, f.updated_at,
       n.next_due_on, n.next_due_on - :today::date as days_left
from scheduling.findings f
left join lateral (
    select min(d.due_on) as next_due_on from scheduling.deadlines d
    where d.consultancy_id = f.consultancy_id and d.client_id = f.client_id and d.finding_id = f.id and d.status = 'open') n on true
where f.consultancy_id = :consultancy and f.client_id = :client_id and f.id = :finding_id::uuid

-- What a new finding is judged by: its audit.
-- name: judgeNewFinding
select a.certification_id, a.kind, coalesce(a.held_first_day, a.held_last_day) as audit_day
from scheduling.audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid

-- name: judgeFinding
select f.certification_id, a.kind, coalesce(a.held_first_day, a.held_last_day) as audit_day, f.correction_done_on,
       f.corrective_action_due_on, f.corrective_action_done_on, f.plan_submitted_on, f.plan_accepted_on, f.evidence_submitted_on,
       f.verified_on, f.closed_on,
       :follow_up_audit_id::uuid is null or exists (
           select from scheduling.audits u
           where u.consultancy_id = f.consultancy_id and u.client_id = f.client_id and u.id = :follow_up_audit_id::uuid
             and u.certification_id = f.certification_id and u.kind = 'follow_up') as follow_up_fits
from scheduling.findings f
join scheduling.audits a on a.consultancy_id = f.consultancy_id and a.client_id = f.client_id and a.id = f.audit_id
where f.consultancy_id = :consultancy and f.client_id = :client_id and f.id = :finding_id::uuid

-- name: insertFinding
-- event: finding.created
insert into scheduling.findings (consultancy_id, id, client_id, certification_id, audit_id, starts_clock, grade, reference, department_id,
                                 owner_person_id, statement, evidence_seen, correction, correction_done_on, cause, corrective_action,
                                 corrective_action_due_on, corrective_action_done_on, plan_submitted_on, plan_accepted_on,
                                 evidence_submitted_on, evidence, verification, verified_on, verified_by, closed_on, follow_up_audit_id,
                                 evidence_links, created_at, updated_at)
select :consultancy, :new_id, :client_id, :finding_certification::uuid, :audit_id::uuid, :starts_clock::boolean, p.grade, p.reference,
       p.department_id, p.owner_person_id, p.statement, p.evidence_seen, p.correction, p.correction_done_on, p.cause, p.corrective_action,
       p.corrective_action_due_on, p.corrective_action_done_on, p.plan_submitted_on, p.plan_accepted_on, p.evidence_submitted_on,
       p.evidence, p.verification, p.verified_on, p.verified_by, p.closed_on, p.follow_up_audit_id, coalesce(p.evidence_links, '[]'),
       :now, :now
from jsonb_populate_record(null::scheduling.findings, :body::jsonb) p
returning id, client_id, certification_id, audit_id, grade, reference, department_id, owner_person_id, statement, evidence_seen,
          correction, correction_done_on, cause, corrective_action, corrective_action_due_on, corrective_action_done_on,
          plan_submitted_on, plan_accepted_on, evidence_submitted_on, evidence, evidence_links, verification, verified_on, verified_by,
          closed_on, follow_up_audit_id, state, version, created_at, updated_at

-- name: changeFinding
-- event: finding.changed
update scheduling.findings f
set (grade, reference, department_id, owner_person_id, statement, evidence_seen, correction, correction_done_on, cause, corrective_action,
     corrective_action_due_on, corrective_action_done_on, plan_submitted_on, plan_accepted_on, evidence_submitted_on, evidence,
     evidence_links, verification, verified_on, verified_by, closed_on, follow_up_audit_id) =
    (select p.grade, p.reference, p.department_id, p.owner_person_id, p.statement, p.evidence_seen, p.correction, p.correction_done_on,
            p.cause, p.corrective_action, p.corrective_action_due_on, p.corrective_action_done_on, p.plan_submitted_on,
            p.plan_accepted_on, p.evidence_submitted_on, p.evidence, p.evidence_links, p.verification, p.verified_on, p.verified_by,
            p.closed_on, p.follow_up_audit_id
     from jsonb_populate_record(f, :body::jsonb) p),
    version = f.version + 1, updated_at = :now
where f.consultancy_id = :consultancy and f.client_id = :client_id and f.id = :finding_id::uuid
  and (:if_match::int is null or f.version = :if_match::int)
returning id, client_id, certification_id, audit_id, grade, reference, department_id, owner_person_id, statement, evidence_seen,
          correction, correction_done_on, cause, corrective_action, corrective_action_due_on, corrective_action_done_on,
          plan_submitted_on, plan_accepted_on, evidence_submitted_on, evidence, evidence_links, verification, verified_on, verified_by,
          closed_on, follow_up_audit_id, state, version, created_at, updated_at

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
returning id, client_id, certification_id, audit_id, grade, reference, department_id, owner_person_id, statement, evidence_seen,
          correction, correction_done_on, cause, corrective_action, corrective_action_due_on, corrective_action_done_on,
          plan_submitted_on, plan_accepted_on, evidence_submitted_on, evidence, evidence_links, verification, verified_on, verified_by,
          closed_on, follow_up_audit_id, state, version + 1 as version, created_at, updated_at

-- ---- follow-up audits (NC-04) ----

-- The audit whose findings are followed up, of the path: an audit, or a finding's.
-- name: judgeFollowUp
select a.id, a.certification_id, a.cycle_no, a.kind, coalesce(a.held_last_day, a.held_first_day) as held_last_day, c.state
from scheduling.audits a
join scheduling.certifications c on c.consultancy_id = a.consultancy_id and c.client_id = a.client_id and c.id = a.certification_id
where a.consultancy_id = :consultancy and a.client_id = :client_id
  and a.id = coalesce(:audit_id::uuid, (select f.audit_id from scheduling.findings f
                                        where f.consultancy_id = :consultancy and f.client_id = :client_id and f.id = :finding_id::uuid))

-- Every finding that is asked for, or all that wait for verification.
-- name: loadFollowUpFindings
select f.id, f.grade, f.state
from scheduling.findings f
where f.consultancy_id = :consultancy and f.client_id = :client_id and f.audit_id = :followed_audit_id::uuid
  and (:wanted::jsonb is null or f.id in (select w.id::uuid from jsonb_array_elements_text(:wanted::jsonb) as w (id)))
  and (:wanted::jsonb is not null or (f.grade in ('major', 'minor') and f.verified_on is null and f.closed_on is null))
order by f.id

-- name: insertFollowUp
-- event: audit.created
insert into scheduling.audits (consultancy_id, id, client_id, certification_id, kind, cycle_no, planned_first_day, planned_last_day, status,
                               note, why, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :followed_certification::uuid, 'follow_up', :followed_cycle::int, :planned_first_day::date,
        :follow_up_last_day::date, 'planned', :note, :follow_up_why::jsonb, :now, :now)
returning id, client_id, certification_id, kind, cycle_no, ordinal, origin, nominal_date, window_start, window_end, hard_limit,
          planned_first_day, planned_last_day, held_first_day, held_last_day, status, site_ids, location, remote_justification, reported_on,
          recommendation, outcome, note, why, ics_sequence, version, created_at, updated_at

-- name: linkFollowUp
-- event: finding.changed
update scheduling.findings f
set follow_up_audit_id = :new_id, verification = :extent, version = f.version + 1, updated_at = :now
where f.consultancy_id = :consultancy and f.client_id = :client_id and f.id in (select w.id::uuid from jsonb_array_elements_text(:followed::jsonb) as w (id))
returning f.id, f.client_id, f.certification_id, f.audit_id, f.grade, f.reference, f.department_id, f.owner_person_id, f.statement,
          f.evidence_seen, f.correction, f.correction_done_on, f.cause, f.corrective_action, f.corrective_action_due_on,
          f.corrective_action_done_on, f.plan_submitted_on, f.plan_accepted_on, f.evidence_submitted_on, f.evidence, f.evidence_links,
          f.verification, f.verified_on, f.verified_by, f.closed_on, f.follow_up_audit_id, f.state, f.version, f.created_at, f.updated_at

-- name: getFollowUp
select a.id as audit_id, a.client_id, a.certification_id, :followed_audit_id::uuid as of_audit_id, a.kind, :extent as extent, a.status,
       a.planned_first_day, a.planned_last_day, a.note,
       (select jsonb_agg(f.id order by f.id) from scheduling.findings f
        where f.consultancy_id = a.consultancy_id and f.client_id = a.client_id and f.follow_up_audit_id = a.id) as finding_ids
from scheduling.audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :new_id

-- ---- verification by an audit ----

-- name: judgeVerification
select a.kind, a.status, a.certification_id, coalesce(a.held_first_day, a.held_last_day) as held_first_day,
       coalesce(a.held_last_day, a.held_first_day) as held_last_day
from scheduling.audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid

-- name: loadVerified
select f.id, f.grade, f.verified_on,
       greatest(f.plan_submitted_on, f.plan_accepted_on, f.evidence_submitted_on, f.correction_done_on, f.corrective_action_done_on,
                o.held_first_day) as not_before
from scheduling.findings f
join scheduling.audits o on o.consultancy_id = f.consultancy_id and o.client_id = f.client_id and o.id = f.audit_id
where f.consultancy_id = :consultancy and f.client_id = :client_id and f.certification_id = :verifying_certification::uuid
  and (:wanted::jsonb is null or f.id in (select w.id::uuid from jsonb_array_elements_text(:wanted::jsonb) as w (id)))
  and (:wanted::jsonb is not null or (f.follow_up_audit_id = :audit_id::uuid and f.verified_on is null and f.closed_on is null))
order by f.id

-- name: markVerified
-- event: finding.changed
update scheduling.findings f
set verified_on = :verified_day::date, verified_by = coalesce(:verified_by, f.verified_by),
    closed_on = case when :close::boolean then :verified_day::date else f.closed_on end, version = f.version + 1, updated_at = :now
where f.consultancy_id = :consultancy and f.client_id = :client_id and f.id in (select w.id::uuid from jsonb_array_elements_text(:verified::jsonb) as w (id))
returning f.id, f.client_id, f.certification_id, f.audit_id, f.grade, f.reference, f.department_id, f.owner_person_id, f.statement,
          f.evidence_seen, f.correction, f.correction_done_on, f.cause, f.corrective_action, f.corrective_action_due_on,
          f.corrective_action_done_on, f.plan_submitted_on, f.plan_accepted_on, f.evidence_submitted_on, f.evidence, f.evidence_links,
          f.verification, f.verified_on, f.verified_by, f.closed_on, f.follow_up_audit_id, f.state, f.version, f.created_at, f.updated_at

-- name: getVerified
select coalesce(jsonb_agg(to_jsonb(v) order by v.id), '[]') as data
from (
    select f.id, f.client_id, f.certification_id, f.audit_id, f.grade, f.reference, f.department_id, f.owner_person_id, f.statement,
           f.evidence_seen, f.correction, f.correction_done_on, f.cause, f.corrective_action, f.corrective_action_due_on,
           f.corrective_action_done_on, f.plan_submitted_on, f.plan_accepted_on, f.evidence_submitted_on, f.evidence, f.evidence_links,
           f.verification, f.verified_on, f.verified_by, f.closed_on, f.follow_up_audit_id, f.state, f.version, f.created_at, f.updated_at,
           n.next_due_on, n.next_due_on - :today::date as days_left
    from scheduling.findings f
    left join lateral (
        select min(d.due_on) as next_due_on from scheduling.deadlines d
        where d.consultancy_id = f.consultancy_id and d.client_id = f.client_id and d.finding_id = f.id and d.status = 'open') n on true
    where f.consultancy_id = :consultancy and f.client_id = :client_id and f.id in (select w.id::uuid from jsonb_array_elements_text(:verified::jsonb) as w (id))) v
