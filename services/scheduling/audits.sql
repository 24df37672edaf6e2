-- name: listAudits
-- key: a.id
-- sort: nominal_date coalesce(a.nominal_date, a.planned_first_day, 'infinity'::date) date
-- sort: created_at a.created_at timestamptz
select a.id, a.client_id, a.certification_id, a.kind, a.cycle_no, a.ordinal, a.origin, a.nominal_date, a.window_start, a.window_end,
       a.hard_limit, a.planned_first_day, a.planned_last_day, a.held_first_day, a.held_last_day, a.status, a.site_ids, a.location,
       a.remote_justification, a.reported_on, a.recommendation, a.outcome, a.note, a.why, a.ics_sequence, a.version, a.created_at,
       a.updated_at{key}
from scheduling.audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id
  and (:certification_id::uuid is null or a.certification_id = :certification_id::uuid)
  and (:kind::text is null or a.kind = :kind)
  and (:status::text is null or a.status = :status)
{page}

-- What a new audit is judged by: its certification.
-- name: judgeNewAudit
select c.cycle_no, c.state
from scheduling.certifications c
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :certification_id::uuid

-- What a change of an audit is judged by: the audit as it is.
-- name: judgeAudit
select a.id, a.cycle_no, a.kind, a.origin, a.status, a.planned_first_day, a.planned_last_day, a.held_first_day, a.held_last_day,
       a.reported_on, a.recommendation, a.certification_id, a.version,
       (select string_agg(coalesce(o.name, m.name, p.name), ', ' order by t.id)
        from scheduling.audit_team t
        left join scheduling.auditors o on o.consultancy_id = t.consultancy_id and o.id = t.auditor_id
        left join tenants.members m on m.consultancy_id = t.consultancy_id and m.id = t.member_id
        left join tenants.people p on p.consultancy_id = t.consultancy_id and p.id = t.person_id
        where t.consultancy_id = a.consultancy_id and t.client_id = a.client_id and t.audit_id = a.id and t.objection_status = 'open')
           as objected
from scheduling.audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid

-- name: insertAudit
-- event: audit.created
insert into scheduling.audits (consultancy_id, id, client_id, certification_id, kind, cycle_no, planned_first_day, planned_last_day,
                               held_first_day, held_last_day, status, site_ids, location, remote_justification, reported_on, recommendation,
                               outcome, note, created_at, updated_at)
select :consultancy, :new_id, :client_id, :certification_id::uuid, :kind, :cycle_no::int, p.planned_first_day, p.planned_last_day,
       p.held_first_day, p.held_last_day, coalesce(p.status, 'planned'), coalesce(p.site_ids, '[]'), p.location, p.remote_justification,
       p.reported_on, p.recommendation, p.outcome, p.note, :now, :now
from jsonb_populate_record(null::scheduling.audits, :audit_changes::jsonb) p
returning id, client_id, certification_id, kind, cycle_no, ordinal, origin, nominal_date, window_start, window_end, hard_limit,
          planned_first_day, planned_last_day, held_first_day, held_last_day, status, site_ids, location, remote_justification, reported_on,
          recommendation, outcome, note, why, ics_sequence, version, created_at, updated_at

-- name: changeAudit
-- event: audit.changed
update scheduling.audits a
set (planned_first_day, planned_last_day, held_first_day, held_last_day, status, site_ids, location, remote_justification, reported_on,
     recommendation, outcome, note, ics_sequence) =
    (select p.planned_first_day, p.planned_last_day, p.held_first_day, p.held_last_day, p.status, p.site_ids, p.location,
            p.remote_justification, p.reported_on, p.recommendation, p.outcome, p.note,
            a.ics_sequence + case when (a.planned_first_day, a.planned_last_day, a.held_first_day, a.held_last_day, a.status, a.site_ids,
                                        a.location)
                                       is distinct from (p.planned_first_day, p.planned_last_day, p.held_first_day, p.held_last_day,
                                                         p.status, p.site_ids, p.location) then 1 else 0 end
     from jsonb_populate_record(a, :audit_changes::jsonb) p),
    version = a.version + 1, updated_at = :now
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid
  and (:if_match::int is null or a.version = :if_match::int)
returning id, client_id, certification_id, kind, cycle_no, ordinal, origin, nominal_date, window_start, window_end, hard_limit,
          planned_first_day, planned_last_day, held_first_day, held_last_day, status, site_ids, location, remote_justification, reported_on,
          recommendation, outcome, note, why, ics_sequence, version, created_at, updated_at

-- Team and plan are part of what participants were told.
-- name: touchAudit
-- event: audit.changed
update scheduling.audits a
set ics_sequence = a.ics_sequence + 1, version = a.version + 1, updated_at = :now
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid
returning id, client_id, certification_id, kind, cycle_no, ordinal, origin, nominal_date, window_start, window_end, hard_limit,
          planned_first_day, planned_last_day, held_first_day, held_last_day, status, site_ids, location, remote_justification, reported_on,
          recommendation, outcome, note, why, ics_sequence, version, created_at, updated_at

-- name: dropAuditSites
-- no-event: site_ids of the audit tells
delete from scheduling.audit_sites s
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.audit_id = :audit_id::uuid
returning s.site_id

-- name: storeAuditSites
-- no-event: site_ids of the audit tells
insert into scheduling.audit_sites (consultancy_id, id, client_id, audit_id, site_id)
select a.consultancy_id, gen_random_uuid(), a.client_id, a.id, s.id::uuid
from scheduling.audits a
cross join jsonb_array_elements_text(a.site_ids) s(id)
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid
returning site_id

-- What the warnings of an audit are made of, beside the programme's facts.
-- name: loadAuditState
select a.certification_id, a.kind, a.status, a.nominal_date, a.window_start, a.window_end, a.hard_limit, a.planned_first_day,
       a.planned_last_day, a.held_last_day, a.reported_on, a.recommendation, a.remote_justification,
       exists (select from scheduling.audit_team t
               where t.consultancy_id = a.consultancy_id and t.client_id = a.client_id and t.audit_id = a.id
                 and t.role = 'lead_auditor') as has_lead,
       exists (select from scheduling.audit_team t
               where t.consultancy_id = a.consultancy_id and t.client_id = a.client_id and t.audit_id = a.id
                 and t.objection_status = 'open') as has_objection,
       (select string_agg(o.name, ', ' order by o.name)
        from scheduling.audit_team t
        join scheduling.auditors o on o.consultancy_id = t.consultancy_id and o.id = t.auditor_id
        where t.consultancy_id = a.consultancy_id and t.client_id = a.client_id and t.audit_id = a.id and o.body_id <> c.body_id) as of_other_body,
       p.slots, p.has_top_management, p.remote_minutes, p.minutes, p.small_room,
       (select string_agg(d.name, '、' order by d.name)
        from tenants.departments d
        where d.consultancy_id = a.consultancy_id and d.client_id = a.client_id and d.in_scope
          and not exists (select from scheduling.audit_slots s
                          where s.consultancy_id = a.consultancy_id and s.client_id = a.client_id and s.audit_id = a.id
                            and s.department_id = d.id)) as departments_left,
       exists (select from scheduling.wanted_bookings w
               where w.consultancy_id = a.consultancy_id and w.client_id = a.client_id and w.audit_id = a.id
                 and not exists (select from scheduling.bookings b
                                 where b.consultancy_id = w.consultancy_id and b.client_id = w.client_id
                                   and b.resource_id = w.resource_id and b.during = w.during
                                   and b.slot_id is not distinct from w.slot_id and b.team_id is not distinct from w.team_id)) as has_unbooked,
       (select string_agg(distinct coalesce(o.name, m.name, e.name), ', ')
        from scheduling.bookings b
        join scheduling.absences n on n.consultancy_id = b.consultancy_id
                                  and b.resource_id in (n.auditor_id, n.member_id, n.person_id)
                                  and lower(b.during)::date <= n.last_day and n.first_day <= lower(b.during)::date
                                  and (n.start_time is null
                                       or b.during && tsrange(lower(b.during)::date + n.start_time::time, lower(b.during)::date + n.end_time::time))
        left join scheduling.auditors o on o.consultancy_id = b.consultancy_id and o.id = b.auditor_id
        left join tenants.members m on m.consultancy_id = b.consultancy_id and m.id = b.member_id
        left join tenants.people e on e.consultancy_id = b.consultancy_id and e.id = b.person_id
        where b.consultancy_id = a.consultancy_id and b.client_id = a.client_id and b.audit_id = a.id and b.slot_id is not null) as absent,
       exists (select from scheduling.findings f
               where f.consultancy_id = a.consultancy_id and f.client_id = a.client_id and f.audit_id = a.id and f.grade = 'major'
                 and f.verified_on is null and f.closed_on is null) as has_open_major
from scheduling.audits a
join scheduling.certifications c on c.consultancy_id = a.consultancy_id and c.client_id = a.client_id and c.id = a.certification_id
left join lateral (
    select count(*) as slots, bool_or(s.kind = 'top_management_interview') as has_top_management,
           sum(extract(epoch from s.end_time::time - s.start_time::time) / 60) filter (where s.remote)::int as remote_minutes,
           sum(extract(epoch from s.end_time::time - s.start_time::time) / 60)::int as minutes,
           string_agg(distinct r.name, '、') filter (where r.capacity < jsonb_array_length(s.people) + jsonb_array_length(s.auditors)
                                                              + jsonb_array_length(s.members)) as small_room
    from scheduling.audit_slots s
    left join scheduling.rooms r on r.consultancy_id = s.consultancy_id and r.client_id = s.client_id and r.id = s.room_id
    where s.consultancy_id = a.consultancy_id and s.client_id = a.client_id and s.audit_id = a.id) p on true
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid

-- name: getAudit
select a.id, a.client_id, a.certification_id, a.kind, a.cycle_no, a.ordinal, a.origin, a.nominal_date, a.window_start, a.window_end,
       a.hard_limit, a.planned_first_day, a.planned_last_day, a.held_first_day, a.held_last_day, a.status, a.site_ids, a.location,
       a.remote_justification, a.reported_on, a.recommendation, a.outcome, a.note, a.why, a.ics_sequence,
       coalesce((select jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name, 'address', s.address) order by s.name, s.id)
                 from scheduling.audit_sites v
                 join tenants.sites s on s.consultancy_id = v.consultancy_id and s.client_id = v.client_id and s.id = v.site_id
                 where v.consultancy_id = a.consultancy_id and v.client_id = a.client_id and v.audit_id = a.id), '[]') as sites,
       coalesce((select jsonb_agg(jsonb_build_object(
                            'id', t.id, 'role', t.role, 'auditor_id', t.auditor_id, 'member_id', t.member_id, 'person_id', t.person_id,
                            'name', coalesce(o.name, m.name, p.name), 'email', coalesce(o.email, m.email, p.email), 'partial', t.partial,
                            'objection_status', t.objection_status) order by t.role <> 'lead_auditor', t.created_at, t.id)
                 from scheduling.audit_team t
                 left join scheduling.auditors o on o.consultancy_id = t.consultancy_id and o.id = t.auditor_id
                 left join tenants.members m on m.consultancy_id = t.consultancy_id and m.id = t.member_id
                 left join tenants.people p on p.consultancy_id = t.consultancy_id and p.client_id = t.client_id and p.id = t.person_id
                 where t.consultancy_id = a.consultancy_id and t.client_id = a.client_id and t.audit_id = a.id), '[]') as team,
       (select count(*) from scheduling.audit_slots s
        where s.consultancy_id = a.consultancy_id and s.client_id = a.client_id and s.audit_id = a.id)::int as slot_count,
       (select jsonb_build_object(
                   'major', count(*) filter (where f.grade = 'major'), 'minor', count(*) filter (where f.grade = 'minor'),
                   'observation', count(*) filter (where f.grade = 'observation'),
                   'opportunity', count(*) filter (where f.grade = 'opportunity'),
                   'strength', count(*) filter (where f.grade = 'strength'),
                   'stage1_concern', count(*) filter (where f.grade = 'stage1_concern'))
        from scheduling.findings f
        where f.consultancy_id = a.consultancy_id and f.client_id = a.client_id and f.audit_id = a.id) as findings_by_grade,
       :transition_proposal::jsonb as transition_proposal, :allowed_statuses::jsonb as allowed_statuses, :warnings::jsonb as warnings,
       a.version, a.created_at, a.updated_at, true as _volatile
from scheduling.audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid

-- name: removeAudit
-- event: audit.deleted
delete from scheduling.audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid
  and (:if_match::int is null or a.version = :if_match::int)
returning id, client_id, certification_id, kind, cycle_no, ordinal, origin, nominal_date, window_start, window_end, hard_limit,
          planned_first_day, planned_last_day, held_first_day, held_last_day, status, site_ids, location, remote_justification, reported_on,
          recommendation, outcome, note, why, ics_sequence, version + 1 as version, created_at, updated_at
